#include "search/telling.h"

#include "base/mem.h"
#include "search/prompt.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* What becomes of the prompts' phrases under a control. Shuffled scores are told, but not which
 * cell is really the best: it is the one that is edited, and must not stand out. */
static const struct change {
    const char *option, *value, *phrase, *instead;
} changes[] = {
    {"scores", "withheld", ", {{metric}} {{score}}:", ":"},
    {"scores", "withheld", "Good cells, best last", "Good cells"},
    {"scores", "withheld", "The best of them, {{score}}, edge by edge",
     "One of them, edge by edge"},
    {"scores", "withheld", "what the best cells have", "what they have"},
    {"scores", "withheld", "each edge of the best cell", "each edge of that cell"},
    {"scores", "withheld", "take the best cell", "take that cell"},
    {"scores", "withheld", "; its {{metric}} is {{score}}", ""},
    {"scores", "shuffled", "The best of them, {{score}}", "One of them, {{score}}"},
    {"scores", "shuffled", "each edge of the best cell", "each edge of that cell"},
    {"scores", "shuffled", "take the best cell", "take that cell"},
    {"scores", "shuffled", "; its {{metric}} is {{score}}", ""},
    {"history", "withheld", ", and how many of the good cells have the same there", ""},
};

bool telling_scores(const struct search *search)
{
    return !option_is(search->settings, "scores", "withheld");
}

bool telling_history(const struct search *search)
{
    return !option_is(search->settings, "history", "withheld");
}

static enum vocabulary_names names_of(const struct search *search)
{
    if (option_is(search->settings, "names", "anonymous"))
        return NAMES_ANONYMOUS;
    return option_is(search->settings, "names", "benchmark") ? NAMES_BENCHMARK : NAMES_PLAIN;
}

void telling_words(const struct search *search, struct vocabulary *words)
{
    char *named = NULL;
    if (option_is(search->settings, "benchmark", "named"))
        named = prompt_render("benchmark", (struct str_value[]){{"benchmark", search->space->title},
                                                                {"dataset", search->dataset},
                                                                {"task", search->task},
                                                                {0}});
    vocabulary_open(words, search->space, named ? named : search->task, names_of(search),
                    &search->rng);
    free(named);
}

void telling_note_names(struct search *search)
{
    struct vocabulary words;
    telling_words(search, &words);
    char *key = vocabulary_key(&words);
    if (key)
        search_note(search, "names", NULL, key);
    free(key);
    vocabulary_free(&words);
}

/* Takes over text. */
static char *replace(char *text, const char *phrase, const char *instead)
{
    struct str out = {0};
    const char *rest = text, *found;
    while ((found = strstr(rest, phrase))) {
        str_add_bytes(&out, rest, (size_t)(found - rest));
        str_add(&out, instead);
        rest = found + strlen(phrase);
    }
    str_add(&out, rest);
    free(text);
    return str_steal(&out);
}

char *telling_prompt(const struct search *search, const char *prompt,
                     const struct str_value *values)
{
    char *text = mem_strdup(prompt_text(prompt));
    struct str out = {0};
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        if (option_is(search->settings, changes[i].option, changes[i].value))
            text = replace(text, changes[i].phrase, changes[i].instead);
    str_add_filled(&out, text, values);
    free(text);
    return str_steal(&out);
}

static size_t place_of(const struct knowledge *knowledge, const struct arch *arch)
{
    size_t place = 0;
    while (place < knowledge->count && !arch_equal(&knowledge->entries[place].arch, arch))
        place++;
    assert(place < knowledge->count);
    return place;
}

/* "421211 is told 82.15% for 90.34%" */
static void add_told(const struct search *search, const struct knowledge_entry *entry, double told,
                     struct str *out)
{
    char digits[ARCH_SLOTS + 1];
    space_digits(search->space, &entry->arch, digits);
    str_addf(out, "%s%s is told ", out->length ? ", " : "", digits);
    metric_add_score(search->metric, told, out);
    str_add(out, " for ");
    metric_add_score(search->metric, entry->valid_score, out);
}

void telling_shuffle(struct search *search, const struct knowledge *knowledge,
                     struct knowledge_entry *entries, size_t count)
{
    if (!option_is(search->settings, "scores", "shuffled"))
        return;
    struct rng rng = rng_fork(&search->rng, "scores", meter_iteration(search->meter));
    size_t *order = mem_alloc(knowledge->count, sizeof(*order));
    struct str told = {0};
    for (size_t i = 0; i < knowledge->count; i++)
        order[i] = i;
    rng_shuffle(&rng, order, knowledge->count);
    for (size_t i = 0; i < count; i++) {
        size_t place = place_of(knowledge, &entries[i].arch);
        double score = knowledge->entries[order[place]].valid_score;
        add_told(search, &entries[i], score, &told);
        entries[i].valid_score = score;
    }
    search_note(search, "scores", NULL, told.text);
    str_free(&told);
    free(order);
}
