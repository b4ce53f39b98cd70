/* What a server of chat completions really does, found out by asking it a dozen short questions. */
#ifndef CLI_PROBE_H
#define CLI_PROBE_H

#include "base/err.h"

#include <jansson.h>

/* The settings of an llm of type "http", all but url and model by default. The caller owns them;
 * NULL and *err where url or model cannot be one. */
json_t *probe_settings(const char *url, const char *model, struct err *err) MUST_CHECK;

/* A line on stdout: what, and then the rest, which a server may have said. */
void probe_say(const char *what, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Asks, prints a line for each thing, and returns an exit status: whether it answers at all. */
int probe_server(const char *url, const char *model);

#endif
