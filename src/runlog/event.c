#include "runlog/event.h"

#include <stdlib.h>

static const char *const volatile_fields[] = {"started_at",   "wall_s", "commit",
                                              "search_space", "stored", NULL};

void event_quote(struct str *line, const char *text)
{
    json_t *value = json_string(text);
    char *quoted = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    str_add(line, quoted ? quoted : "null");
    free(quoted);
    json_decref(value);
}

static void add_key(struct str *line, const char *key)
{
    str_add(line, ",\"");
    str_add(line, key);
    str_add(line, "\":");
}

void event_begin(struct str *line, const char *event)
{
    str_clear(line);
    str_add(line, "{\"event\":\"");
    str_add(line, event);
    str_add_char(line, '"');
}

void event_text(struct str *line, const char *key, const char *text)
{
    add_key(line, key);
    if (text)
        event_quote(line, text);
    else
        str_add(line, "null");
}

void event_count(struct str *line, const char *key, int64_t count)
{
    add_key(line, key);
    if (count < 0)
        str_add(line, "null");
    else
        str_add_uint(line, (uint64_t)count);
}

void event_fixed(struct str *line, const char *key, double value, int decimals)
{
    add_key(line, key);
    str_add_fixed(line, value, decimals);
}

int event_score_decimals(const struct metric *metric)
{
    return metric->decimals + 2;
}

void event_score_key(struct str *line, const char *name, const struct metric *metric)
{
    str_add(line, ",\"");
    str_add(line, name);
    str_add(line, metric->percent ? EVENT_SUFFIX_PERCENT : EVENT_SUFFIX_PLAIN);
    str_add(line, "\":");
}

void event_score(struct str *line, const char *name, const struct metric *metric, double score)
{
    event_score_key(line, name, metric);
    str_add_fixed(line, score, event_score_decimals(metric));
}

void event_metric(struct str *line, const char *key, const struct metric *metric)
{
    add_key(line, key);
    str_addf(line, "{\"name\":\"%s\",\"unit\":\"%s\",\"better\":\"higher\",\"epoch\":\"%s\"}",
             metric->name, metric_unit(metric), metric_epoch_name(metric));
}

void event_flag(struct str *line, const char *key, bool value)
{
    event_raw(line, key, value ? "true" : "false");
}

void event_json(struct str *line, const char *key, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    event_raw(line, key, text ? text : "null");
    free(text);
}

void event_raw(struct str *line, const char *key, const char *json)
{
    add_key(line, key);
    str_add(line, json);
}

void event_end(struct str *line)
{
    str_add_char(line, '}');
}

json_t *event_compared(const json_t *line)
{
    json_t *copy = json_copy((json_t *)(uintptr_t)line);
    for (const char *const *field = volatile_fields; *field; field++)
        json_object_del(copy, *field);
    return copy;
}

bool event_same(const json_t *a, const json_t *b)
{
    json_t *left = event_compared(a), *right = event_compared(b);
    bool same = json_equal(left, right);
    json_decref(left);
    json_decref(right);
    return same;
}

bool event_says(const char *line, const json_t *same)
{
    json_t *value = json_loads(line, 0, NULL);
    bool says = value && event_same(value, same);
    json_decref(value);
    return says;
}
