/* Questions of a method to the LLM: asked, read, and asked again with the reason where the reply
 * cannot be used. Every repair is a call of its own and is noted in the log. */
#ifndef SEARCH_ASK_H
#define SEARCH_ASK_H

#include "search/strategy.h"

struct question {
    const char *role; /* "C", "D", "CD", "E", "E-change": for logs */
    char *prompt;     /* the user's message; ask() frees it */
    json_t *schema;   /* what the reply must obey; ask() releases it */
    int max_tokens;   /* what the form needs, for a space of six slots */
    /* Reads the reply into context; false with a reason. */
    bool (*read)(void *context, const json_t *reply, struct str *reason);
    /* What to say to a reply that was read but is not wanted (a duplicate), or NULL; the caller of
     * it frees. Optional. */
    char *(*object_to)(void *context);
    void *context;
};

/* True with *reason NULL when the reply was read, or with why it was not when the repairs are used
 * up, and whether a duplicate came before (the caller frees). False and *err only when the run
 * cannot go on. In the talk users and assistants take turns: an empty reply gets none, and what
 * asks again then goes on in the user's. */
bool ask(struct search *search, const struct question *question, char **reason,
         struct err *err) MUST_CHECK;

#endif
