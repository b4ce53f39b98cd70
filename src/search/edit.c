/* SEKI's operators as edits: the LLM rates every edge, says what to do, and changes one edge among
 * those that it rated weakest, to something not evaluated yet. Small models cannot write a better
 * cell whole, but can do this. */
#include "search/operators.h"

#include "base/mem.h"
#include "search/ask.h"
#include "search/reply.h"
#include "search/words.h"

#include <stdlib.h>

enum { SENTENCE_MOST = 110 };                           /* characters of a strategy or an insight */
enum { TOKENS_C = 200, TOKENS_D = 60, TOKENS_E = 220 }; /* of a reply about six edges */

/* One proposal in the making. */
struct edit {
    struct search *search;
    struct vocabulary words;
    const struct knowledge_entry *base; /* the architecture that is edited */
    const struct knowledge_entry *good; /* what inspiration reads, best last; NULL in evolution */
    size_t good_count;
    size_t order[ARCH_SLOTS];              /* in which the edges are listed */
    enum reply_rating ratings[ARCH_SLOTS]; /* by slot */
    const char *sentence_key;              /* "strategy" or "common" */
    char *sentence;
    struct arch result;
};

static void begin(struct edit *edit)
{
    const struct search *search = edit->search;
    telling_words(search, &edit->words);
    struct rng rng = rng_fork(&search->rng, "order", meter_iteration(search->meter));
    for (size_t i = 0; i < search->space->slot_count; i++)
        edit->order[i] = i;
    rng_shuffle(&rng, edit->order, search->space->slot_count);
}

static const struct choice *present(const struct edit *edit, size_t slot)
{
    return &edit->words.slots[slot].choices[edit->base->arch.choice[slot]];
}

static size_t count_alike(const struct edit *edit, size_t slot)
{
    size_t alike = 0;
    for (size_t i = 0; i < edit->good_count; i++)
        alike += edit->good[i].arch.choice[slot] == edit->base->arch.choice[slot];
    return alike;
}

/* " (learns spatial patterns; in 4 of 5)": what is said of an edge's operation, if anything, and in
 * inspiration how many of the good ones have it there. */
static void add_remark(const struct edit *edit, size_t slot, struct str *out)
{
    const char *note = present(edit, slot)->note;
    bool count = edit->good && telling_history(edit->search);
    if (!*note && !count)
        return;
    str_addf(out, " (%s", note);
    if (count)
        str_addf(out, "%sin %zu of %zu", *note ? "; " : "", count_alike(edit, slot),
                 edit->good_count);
    str_add_char(out, ')');
}

/* A line an edge, "0->2: conv3x3 (learns spatial patterns)". */
static char *edge_lines(const struct edit *edit)
{
    const struct space *space = edit->search->space;
    struct str out = {0};
    for (size_t i = 0; i < space->slot_count; i++) {
        size_t slot = edit->order[i];
        str_addf(&out, "%s%s: %s", i ? "\n" : "", space->slots[slot].name,
                 present(edit, slot)->name);
        add_remark(edit, slot, &out);
    }
    return str_steal(&out);
}

static json_t *rating_schema(const struct edit *edit)
{
    const struct space *space = edit->search->space;
    json_t *properties = json_object();
    for (size_t i = 0; i < space->slot_count; i++) {
        size_t slot = edit->order[i];
        char *key = mem_printf("%s %s", space->slots[slot].name, present(edit, slot)->name);
        json_object_set_new(
            properties, key,
            json_pack("{s:s, s:[s,s,s]}", "type", "string", "enum", "weak", "fair", "strong"));
        free(key);
    }
    return words_object_schema(properties);
}

/* Whether an edit may lead to arch: not evaluated yet, unless that is kept from the model. */
static bool is_offered(const struct edit *edit, const struct arch *arch)
{
    const struct search *search = edit->search;
    return (!telling_history(search) || !meter_knows(search->meter, arch, NULL)) &&
           space_allows(search->space, arch);
}

/* The names of what the slot may be changed to. */
static json_t *offers(const struct edit *edit, size_t slot)
{
    const struct slot *known = &edit->words.slots[slot];
    json_t *names = json_array();
    for (size_t i = 0; i < known->choice_count; i++) {
        struct arch changed = edit->base->arch;
        changed.choice[slot] = edit->words.listed[slot][i];
        if (changed.choice[slot] != edit->base->arch.choice[slot] && is_offered(edit, &changed))
            json_array_append_new(names, json_string(known->choices[changed.choice[slot]].name));
    }
    return names;
}

static void add_slot_change(const struct edit *edit, size_t slot, json_t *alternatives)
{
    json_t *names = offers(edit, slot);
    if (json_array_size(names) == 0) {
        json_decref(names);
        return;
    }
    json_t *properties =
        json_pack("{s:{s:s, s:s}, s:{s:s, s:s}, s:{s:s, s:o}}", "edge", "type", "string", "const",
                  edit->search->space->slots[slot].name, "from", "type", "string", "const",
                  present(edit, slot)->name, "to", "type", "string", "enum", names);
    json_array_append_new(alternatives, words_object_schema(properties));
}

/* One change of an edge with the lowest rating that leaves something to offer (any edge where the
 * rating is not known yet); NULL when nothing is left. */
static json_t *change_schema(const struct edit *edit, bool rated)
{
    const struct space *space = edit->search->space;
    json_t *alternatives = json_array();
    for (int rating = RATED_WEAK; rating < RATINGS && !json_array_size(alternatives); rating++)
        for (size_t i = 0; i < space->slot_count; i++)
            if (!rated || edit->ratings[edit->order[i]] == (enum reply_rating)rating)
                add_slot_change(edit, edit->order[i], alternatives);
    if (json_array_size(alternatives))
        return json_pack("{s:o}", "anyOf", alternatives);
    json_decref(alternatives);
    return NULL;
}

static bool read_rating(void *context, const json_t *reply, struct str *reason)
{
    struct edit *edit = context;
    free(edit->sentence);
    edit->sentence = NULL;
    return reply_rating(reply, &edit->words, &edit->base->arch, edit->ratings, reason) &&
           reply_text(reply, edit->sentence_key, &edit->sentence, reason);
}

static bool read_change(void *context, const json_t *reply, struct str *reason)
{
    struct edit *edit = context;
    return reply_change(reply, &edit->words, &edit->base->arch, &edit->result, reason);
}

static bool read_both(void *context, const json_t *reply, struct str *reason)
{
    return read_rating(context, reply, reason) && read_change(context, reply, reason);
}

static char *object_to_duplicate(void *context)
{
    const struct edit *edit = context;
    return words_duplicate(edit->search, &edit->result);
}

/* "weak: 0->1, 1->3; strong: 0->2", in the order of the lines. */
static char *rated_edges(const struct edit *edit)
{
    const struct space *space = edit->search->space;
    struct str out = {0};
    for (int rating = 0; rating < RATINGS; rating++) {
        bool any = false;
        for (size_t i = 0; i < space->slot_count; i++) {
            size_t slot = edit->order[i];
            if (edit->ratings[slot] != (enum reply_rating)rating)
                continue;
            if (any)
                str_addf(&out, ", %s", space->slots[slot].name);
            else
                str_addf(&out, "%s%s: %s", out.length ? "; " : "", reply_rating_names[rating],
                         space->slots[slot].name);
            any = true;
        }
    }
    return str_steal(&out);
}

/* Renders the prompt from what the edit knows so far; the sentence is NULL before the rating. */
static char *render(const struct edit *edit, const char *prompt)
{
    const struct space *space = edit->search->space;
    char *score = words_score(edit->search, edit->base->valid_score), *edges = edge_lines(edit);
    char *names = words_slot_names(space), *rated = rated_edges(edit);
    char *metric = words_metric(edit->search);
    char *cells = words_rows(edit->search, &edit->words, edit->good, edit->good_count);
    char *text =
        telling_prompt(edit->search, prompt,
                       (struct str_value[]){{"task", edit->words.task},
                                            {"metric", metric},
                                            {"score", score},
                                            {"edges", edges},
                                            {"names", names},
                                            {"cells", cells},
                                            {"rated", rated},
                                            {"sentence", edit->sentence ? edit->sentence : ""},
                                            {0}});
    free(metric);
    free(score);
    free(edges);
    free(names);
    free(rated);
    free(cells);
    return text;
}

static bool put(struct edit *edit, struct question *question, const char *prompt, char **reason,
                struct err *err)
{
    question->prompt = render(edit, prompt);
    question->context = edit;
    return ask(edit->search, question, reason, err);
}

/* The first request: rate every edge and say, in one sentence, what follows. */
static bool ask_rating(struct edit *edit, const char *role, const char *prompt, int tokens,
                       char **reason, struct err *err)
{
    json_t *properties = json_object(), *sentence = words_sentence_schema(SENTENCE_MOST);
    if (edit->good) /* insight first, as its prompt says */
        json_object_set(properties, edit->sentence_key, sentence);
    json_object_set_new(properties, "rating", rating_schema(edit));
    json_object_set(properties, edit->sentence_key, sentence);
    json_decref(sentence);
    struct question question = {.role = role,
                                .schema = words_object_schema(properties),
                                .max_tokens = tokens,
                                .read = read_rating};
    return put(edit, &question, prompt, reason, err);
}

/* The second request: one change. */
static bool ask_change(struct edit *edit, const char *role, const char *prompt, char **reason,
                       struct err *err)
{
    json_t *change = change_schema(edit, true);
    if (!change) {
        *reason = mem_strdup(OPERATORS_NONE_LEFT);
        return true;
    }
    struct question question = {.role = role,
                                .schema = words_object_schema(json_pack("{s:o}", "change", change)),
                                .max_tokens = TOKENS_D,
                                .read = read_change,
                                .object_to = object_to_duplicate};
    return put(edit, &question, prompt, reason, err);
}

/* Both in one request (merge_steps). */
static bool ask_both(struct edit *edit, char **reason, struct err *err)
{
    json_t *change = change_schema(edit, false);
    if (!change) {
        *reason = mem_strdup(OPERATORS_NONE_LEFT);
        return true;
    }
    json_t *properties = json_pack("{s:o, s:o, s:o}", "rating", rating_schema(edit), "strategy",
                                   words_sentence_schema(SENTENCE_MOST), "change", change);
    struct question question = {.role = "CD",
                                .schema = words_object_schema(properties),
                                .max_tokens = TOKENS_C + TOKENS_D,
                                .read = read_both,
                                .object_to = object_to_duplicate};
    return put(edit, &question, "edit-CD", reason, err);
}

static void finish(struct edit *edit, char *reason, struct proposal *proposal)
{
    *proposal = (struct proposal){edit->result, edit->sentence, reason};
    vocabulary_free(&edit->words);
}

static bool evolve(struct search *search, const struct knowledge_entry *parent,
                   struct proposal *proposal, struct err *err)
{
    struct edit edit = {.search = search, .base = parent, .sentence_key = "strategy"};
    char *reason = NULL;
    begin(&edit);
    bool ok = option_boolean(search->settings, "merge_steps")
                  ? ask_both(&edit, &reason, err)
                  : ask_rating(&edit, "C", "edit-C", TOKENS_C, &reason, err) &&
                        (reason || ask_change(&edit, "D", "edit-D", &reason, err));
    finish(&edit, reason, proposal);
    return ok;
}

static bool inspire(struct search *search, const struct knowledge_entry *good, size_t count,
                    struct proposal *proposal, struct err *err)
{
    struct edit edit = {.search = search,
                        .base = &good[count - 1],
                        .good = good,
                        .good_count = count,
                        .sentence_key = "common"};
    char *reason = NULL;
    begin(&edit);
    bool ok = ask_rating(&edit, "E", "edit-E", TOKENS_E, &reason, err) &&
              (reason || ask_change(&edit, "E-change", "edit-E-change", &reason, err));
    finish(&edit, reason, proposal);
    return ok;
}

const struct operators operators_edit = {"edit", evolve, inspire};
