/* SEKI's operators as in the paper: the LLM writes a strategy, and then the whole architecture. */
#include "search/operators.h"

#include "base/mem.h"
#include "search/ask.h"
#include "search/reply.h"
#include "search/words.h"

#include <stdlib.h>

enum { SENTENCES_MOST = 400 };                 /* characters of a strategy or an insight */
enum { TOKENS_TEXT = 150, TOKENS_CELL = 120 }; /* of a strategy, and of a cell of six edges */

struct whole {
    struct search *search;
    struct vocabulary words;
    const char *text_key; /* "strategy" or "common"; NULL: the request asks for none */
    bool wants_cell;
    char *text;
    struct arch result;
};

static bool read_reply(void *context, const json_t *reply, struct str *reason)
{
    struct whole *whole = context;
    if (whole->text_key) {
        free(whole->text);
        whole->text = NULL;
        if (!reply_text(reply, whole->text_key, &whole->text, reason))
            return false;
    }
    return !whole->wants_cell || reply_cell(reply, &whole->words, &whole->result, reason);
}

static char *object_to_duplicate(void *context)
{
    const struct whole *whole = context;
    return whole->wants_cell ? words_duplicate(whole->search, &whole->result) : NULL;
}

/* Asks for a text under text_key, for a cell, or for both, in that order. Takes over prompt. */
static bool put(struct whole *whole, const char *role, char *prompt, const char *text_key,
                bool wants_cell, char **reason, struct err *err)
{
    json_t *properties = json_object();
    if (text_key)
        json_object_set_new(properties, text_key, words_sentence_schema(SENTENCES_MOST));
    if (wants_cell)
        json_object_set_new(properties, "cell", words_cell_schema(&whole->words));
    whole->text_key = text_key;
    whole->wants_cell = wants_cell;
    struct question question = {.role = role,
                                .prompt = prompt,
                                .schema = words_object_schema(properties),
                                .max_tokens =
                                    (text_key ? TOKENS_TEXT : 0) + (wants_cell ? TOKENS_CELL : 0),
                                .read = read_reply,
                                .object_to = object_to_duplicate,
                                .context = whole};
    return ask(whole->search, &question, reason, err);
}

static char *render_evolve(const struct whole *whole, const char *prompt,
                           const struct knowledge_entry *parent)
{
    const struct search *search = whole->search;
    char *metric = words_metric(search), *score = words_score(search, parent->valid_score);
    char *cell = words_cell(&whole->words, &parent->arch);
    char *text = telling_prompt(search, prompt,
                                (struct str_value[]){{"task", whole->words.task},
                                                     {"metric", metric},
                                                     {"score", score},
                                                     {"cell", cell},
                                                     {"strategy", whole->text ? whole->text : ""},
                                                     {0}});
    free(metric);
    free(score);
    free(cell);
    return text;
}

static void finish(struct whole *whole, char *reason, struct proposal *proposal)
{
    *proposal = (struct proposal){whole->result, whole->text, reason};
    vocabulary_free(&whole->words);
}

static bool evolve(struct search *search, const struct knowledge_entry *parent,
                   struct proposal *proposal, struct err *err)
{
    struct whole whole = {.search = search};
    char *reason = NULL;
    telling_words(search, &whole.words);
    bool merged = option_boolean(search->settings, "merge_steps");
    char *prompt = render_evolve(&whole, merged ? "whole-CD" : "whole-C", parent);
    bool ok = put(&whole, merged ? "CD" : "C", prompt, "strategy", merged, &reason, err);
    if (ok && !merged && !reason) {
        prompt = render_evolve(&whole, "whole-D", parent);
        ok = put(&whole, "D", prompt, NULL, true, &reason, err);
    }
    finish(&whole, reason, proposal);
    return ok;
}

static bool inspire(struct search *search, const struct knowledge_entry *good, size_t count,
                    struct proposal *proposal, struct err *err)
{
    struct whole whole = {.search = search};
    char *reason = NULL;
    telling_words(search, &whole.words);
    char *cells = words_cells(search, &whole.words, good, count);
    const struct str_value values[] = {{"task", whole.words.task}, {"cells", cells}, {0}};
    char *prompt = telling_prompt(search, "whole-E", values);
    bool ok = put(&whole, "E", prompt, "common", true, &reason, err);
    free(cells);
    finish(&whole, reason, proposal);
    return ok;
}

const struct operators operators_whole = {"whole", evolve, inspire};
