/* The prompts: plain text files in search/prompts/, compiled in, with {{name}} where a value goes.
 * Their hashes are in every run log. A changed prompt voids what was recorded with the old one.
 *
 * To add a prompt: write prompts/<name>.txt, and add its line to prompt.c and to local.mk. */
#ifndef SEARCH_PROMPT_H
#define SEARCH_PROMPT_H

#include "base/str.h"

#include <jansson.h>

const char *prompt_text(const char *prompt); /* as in its file; asserts that it exists */

/* The text of the prompt with its values filled in, without the last newline; the caller frees.
 * Asserts that the prompt exists and that every {{name}} in it has a value: both are ours. */
char *prompt_render(const char *prompt, const struct str_value *values);

/* {"edit-C": "<sha256>", ...} of every prompt, for the run log; the caller owns it. */
json_t *prompt_hashes(void);

#endif
