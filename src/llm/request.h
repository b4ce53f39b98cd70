/* A chat completion request as JSON, as the settings and the server's dialect have it. */
#ifndef LLM_REQUEST_H
#define LLM_REQUEST_H

#include "llm/chat.h"
#include "llm/dialect.h"

/* What is sent: keys in a fixed order, since a schema's order is the reply's. settings are settled
 * (dialect.h). The caller owns it. */
json_t *request_body(const json_t *settings, const struct chat_request *request);

/* Adds a fault for a field of the settings' "extra" that is written here, or that would change what
 * an answer looks like. */
void request_check_extra(const json_t *settings, const char *path, struct faults *faults);

#endif
