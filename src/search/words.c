#include "search/words.h"

#include "base/mem.h"
#include "base/str.h"
#include "search/prompt.h"

#include <stdlib.h>

char *words_metric(const struct search *search)
{
    return mem_printf("validation %s", search->metric->title);
}

char *words_score(const struct search *search, double score)
{
    struct str out = {0};
    metric_add_score(search->metric, score, &out);
    return str_steal(&out);
}

char *words_duplicate(const struct search *search, double score)
{
    char *metric = words_metric(search), *shown = words_score(search, score);
    const struct str_value values[] = {{"metric", metric}, {"score", shown}, {0}};
    char *text = prompt_render("duplicate", values);
    free(metric);
    free(shown);
    return text;
}

static void add_cell(struct str *out, const struct space *space, const struct arch *arch)
{
    for (size_t i = 0; i < space->slot_count; i++)
        str_addf(out, "%s\"%s\":\"%s\"", i ? "," : "{", space->slots[i].name,
                 space->slots[i].choices[arch->choice[i]].name);
    str_add_char(out, '}');
}

char *words_cell(const struct space *space, const struct arch *arch)
{
    struct str out = {0};
    add_cell(&out, space, arch);
    return str_steal(&out);
}

char *words_cells(const struct search *search, const struct knowledge_entry *entries, size_t count)
{
    struct str out = {0};
    for (size_t i = 0; i < count; i++) {
        if (i)
            str_add_char(&out, '\n');
        metric_add_score(search->metric, entries[i].valid_score, &out);
        str_add(&out, "  ");
        add_cell(&out, search->space, &entries[i].arch);
    }
    return str_steal(&out);
}

char *words_rows(const struct search *search, const struct knowledge_entry *entries, size_t count)
{
    const struct space *space = search->space;
    struct str out = {0};
    for (size_t i = 0; i < count; i++) {
        str_add(&out, i ? "\n" : "");
        metric_add_score(search->metric, entries[i].valid_score, &out);
        str_add_char(&out, ' ');
        for (size_t slot = 0; slot < space->slot_count; slot++)
            str_addf(&out, "%s %s", slot ? "," : "",
                     space->slots[slot].choices[entries[i].arch.choice[slot]].name);
    }
    return str_steal(&out);
}

char *words_slot_names(const struct space *space)
{
    struct str out = {0};
    for (size_t i = 0; i < space->slot_count; i++)
        str_addf(&out, "%s%s", i ? ", " : "", space->slots[i].name);
    return str_steal(&out);
}

json_t *words_object_schema(json_t *properties)
{
    json_t *required = json_array(), *value;
    const char *key;
    json_object_foreach(properties, key, value) json_array_append_new(required, json_string(key));
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required",
                     required, "additionalProperties", 0);
}

json_t *words_sentence_schema(int most)
{
    return json_pack("{s:s, s:i, s:i}", "type", "string", "minLength", 10, "maxLength", most);
}

json_t *words_cell_schema(const struct space *space)
{
    json_t *properties = json_object();
    for (size_t i = 0; i < space->slot_count; i++) {
        json_t *names = json_array();
        for (size_t c = 0; c < space->slots[i].choice_count; c++)
            json_array_append_new(names, json_string(space->slots[i].choices[c].name));
        json_object_set_new(properties, space->slots[i].name,
                            json_pack("{s:s, s:o}", "type", "string", "enum", names));
    }
    return words_object_schema(properties);
}
