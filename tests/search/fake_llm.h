/* A model that says what the test has written down, and keeps what it was asked. */
#ifndef TESTS_FAKE_LLM_H
#define TESTS_FAKE_LLM_H

#include "llm/chat.h"

/* What it says, in turn, up to a NULL. Beginning with FAKE_CUT: cut off at the token limit. A
 * request past the end is refused for good, as by a server that is asked for too much. */
typedef const char *const fake_script[];
#define FAKE_CUT "<cut>"

struct fake_llm {
    struct llm llm;
    const char *const *script;
    struct llm *behind; /* answers in place of the script where that has ended; borrowed; or NULL */
    json_t *asked;      /* a list of {"role", "body", "schema"}, in order */
    json_t *settings;
};

/* The chat borrows fake, whose settings are these (JSON text, completed with defaults). */
struct chat *fake_llm_open(struct fake_llm *fake, const char *settings, const char *const *script);
void fake_llm_free(struct fake_llm *fake); /* after chat_close() */

/* The request that was made as number i, counted from 0: its message number m as "role: text" (the
 * caller frees), or NULL where it has none. */
char *fake_llm_message(const struct fake_llm *fake, size_t i, size_t m);

#endif
