/* What servers of "OpenAI-compatible" chat completions do each in its own way, as data: a row each.
 * Everything that differs between servers is in this table; no other file knows a provider's name.
 *
 * A row says what settings that an experiment leaves out become, and which are no use with it, so
 * that nothing is sent that a server would refuse, clip or ignore without a word: that is a fault
 * of the file. A server that is not as its row says is believed (dialect_learn()).
 *
 * To add a server: one row in dialect.c, above those that "auto" would take for it, its name in
 * DIALECT_NAMES, a case in tests/llm/dialects.cases. */
#ifndef LLM_DIALECT_H
#define LLM_DIALECT_H

#include "base/option.h"

#define DIALECT_NAMES                                                                              \
    "openai|openai-reasoning|anthropic|deepseek|deepseek-reasoning|ollama|vllm|sglang|llama.cpp|"  \
    "compatible"

/* How a server may be told what a reply must look like; request.c knows how each is written. */
#define DIALECT_CONSTRAINTS "json_schema|json_object|json_mode|guided_json|grammar|none"

/* Where an answer's "usage" says what, as paths "a.b", alternatives parted by "|"; NULL: nowhere.
 */
struct usage_names {
    const char *in, *out, *cached, *cache_write, *reasoning;
    bool cached_beside; /* the input does not hold what was read from a cache or written to it */
};

struct dialect {
    const char *name;
    /* Whom "auto" takes for it: shell patterns, parted by "|", of the URL's host (with its port, if
     * it has one) and of the model. host NULL: it must be named; model NULL: any. */
    const char *host, *model;
    const char *token_limit_field;
    const char *constraints; /* that it obeys; the first where an experiment names none */
    const char *thinking;    /* fields of a message that hold thoughts */
    struct usage_names usage;
    bool seeded;            /* it heeds a seed, if only at best */
    bool samples;           /* it takes a temperature and top_p */
    double temperature_max; /* a higher one is clipped or refused */
    const char *effort;     /* path in a request of how much to reason; NULL: there is none */
    const char *efforts;  /* values of the option: "none=disabled" where it is spelled otherwise */
    int reasoning_tokens; /* that a reply needs on top of its own, where a model reasons unseen */
};

const struct dialect *dialect_find(const char *name); /* NULL when there is none, or name is NULL */
const struct dialect *dialect_at(size_t index);       /* NULL past the last */

/* Replaces "auto" by the row's name and fills in what the settings of an llm leave to it; faults
 * are added for what is of no use with it. Settled settings stay as they are. */
void dialect_settle(json_t *settings, const char *path, struct faults *faults);

/* A server refuses this parameter of the request: changes settings so that it is spelled otherwise
 * or left out, once, and says so in a sentence that the caller frees. NULL: nothing is known that
 * could be changed. refused (an object) holds what was refused before. */
char *dialect_learn(json_t *settings, const char *parameter, json_t *refused);

/* Puts the effort into a request as the row spells it; effort is one of its efforts. */
void dialect_add_effort(const struct dialect *dialect, const char *effort, json_t *body);

/* The first value there is at one of the paths ("a.b|c"), or NULL. */
const json_t *dialect_value(const json_t *object, const char *paths);

#endif
