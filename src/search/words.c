#include "search/words.h"

#include "base/mem.h"
#include "base/str.h"
#include "search/telling.h"

#include <stdlib.h>

char *words_metric(const struct search *search)
{
    return mem_printf("validation %s", search->metric->title);
}

char *words_score(const struct search *search, double score)
{
    struct str out = {0};
    if (!telling_scores(search))
        return NULL;
    metric_add_score(search->metric, score, &out);
    return str_steal(&out);
}

char *words_duplicate(const struct search *search, const struct arch *arch)
{
    double score;
    if (!meter_knows(search->meter, arch, &score))
        return NULL;
    char *metric = words_metric(search), *shown = words_score(search, score);
    const struct str_value values[] = {{"metric", metric}, {"score", shown}, {0}};
    char *text = telling_prompt(search, "duplicate", values);
    free(metric);
    free(shown);
    return text;
}

static void add_cell(struct str *out, const struct vocabulary *words, const struct arch *arch)
{
    for (size_t i = 0; i < words->space->slot_count; i++)
        str_addf(out, "%s\"%s\":\"%s\"", i ? "," : "{", words->slots[i].name,
                 words->slots[i].choices[arch->choice[i]].name);
    str_add_char(out, '}');
}

char *words_cell(const struct vocabulary *words, const struct arch *arch)
{
    struct str out = {0};
    add_cell(&out, words, arch);
    return str_steal(&out);
}

static void add_row(struct str *out, const struct vocabulary *words, const struct arch *arch)
{
    for (size_t i = 0; i < words->space->slot_count; i++)
        str_addf(out, "%s%s", i ? ", " : "", words->slots[i].choices[arch->choice[i]].name);
}

/* Whether a is told before b: by the scores that are told, or else by the architectures alone. */
static bool comes_first(const struct search *search, const struct knowledge_entry *a,
                        const struct knowledge_entry *b)
{
    if (telling_scores(search))
        return a->valid_score < b->valid_score;
    return space_index(search->space, &a->arch) < space_index(search->space, &b->arch);
}

/* The entries in the order that they are told in; those that nothing orders stay as they are. The
 * caller frees. */
static struct knowledge_entry *in_order(const struct search *search,
                                        const struct knowledge_entry *entries, size_t count)
{
    struct knowledge_entry *sorted = mem_alloc(count, sizeof(*sorted));
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        for (; at > 0 && comes_first(search, &entries[i], &sorted[at - 1]); at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = entries[i];
    }
    return sorted;
}

typedef void add_arch(struct str *out, const struct vocabulary *words, const struct arch *arch);

static char *list(const struct search *search, const struct vocabulary *words,
                  const struct knowledge_entry *entries, size_t count, add_arch *add)
{
    struct knowledge_entry *sorted = in_order(search, entries, count);
    struct str out = {0};
    for (size_t i = 0; i < count; i++) {
        str_add(&out, i ? "\n" : "");
        if (telling_scores(search)) {
            metric_add_score(search->metric, sorted[i].valid_score, &out);
            str_add(&out, "  ");
        }
        add(&out, words, &sorted[i].arch);
    }
    free(sorted);
    return str_steal(&out);
}

char *words_cells(const struct search *search, const struct vocabulary *words,
                  const struct knowledge_entry *entries, size_t count)
{
    return list(search, words, entries, count, add_cell);
}

char *words_rows(const struct search *search, const struct vocabulary *words,
                 const struct knowledge_entry *entries, size_t count)
{
    return list(search, words, entries, count, add_row);
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

json_t *words_cell_schema(const struct vocabulary *words)
{
    json_t *properties = json_object();
    for (size_t i = 0; i < words->space->slot_count; i++) {
        const struct slot *slot = &words->slots[i];
        json_t *names = json_array();
        for (size_t c = 0; c < slot->choice_count; c++)
            json_array_append_new(names, json_string(slot->choices[words->listed[i][c]].name));
        json_object_set_new(properties, slot->name,
                            json_pack("{s:s, s:o}", "type", "string", "enum", names));
    }
    return words_object_schema(properties);
}
