/* What the tests of llm/ share: settings as an experiment would give them, one request, and cases
 * in text files. */
#ifndef TESTS_LLM_TALK_H
#define TESTS_LLM_TALK_H

#include "llm/chat.h"

/* The resolved settings of type: given is JSON text with what differs from the defaults. */
json_t *talk_settings(const char *type, const char *given);

/* A request of role C that asks for "question", free in form unless schema is given. */
struct chat_request talk_request(const struct chat_message *question, const json_t *schema);

char *talk_temporary(const char *name);       /* a path in a new folder; the caller frees */
void talk_remove_temporary(const char *path); /* with its folder and all that is in it */

/* A file of cases: "== name", input lines, a blank line, expected lines, a blank line. */
typedef void talk_case(const char *name, char *input, const char *expected);
void talk_each_case(const char *file, talk_case *check);

#endif
