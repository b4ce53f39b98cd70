/* What else http.c knows of servers than one chat completion. */
#ifndef LLM_HTTP_H
#define LLM_HTTP_H

#include "llm/llm.h"

/* Requests that are at servers now, of all threads. */
size_t http_in_flight(void);

/* GET of a path ("/v1/models") at the server of an llm of type "http": an exchange like any other.
 * The caller frees it. False and *err only when a signal stopped it. */
bool http_get(struct llm *llm, const char *path, double timeout_s, struct llm_exchange *exchange,
              struct err *err) MUST_CHECK;

#endif
