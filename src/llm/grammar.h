/* JSON Schema to GBNF, for servers that take grammars (llama.cpp): the reply is then compact JSON
 * with the schema's keys in the schema's order. Knows what our schemas use: object (every property
 * required), string with enum or with minLength and maxLength, const, anyOf, array with items. */
#ifndef LLM_GRAMMAR_H
#define LLM_GRAMMAR_H

#include <jansson.h>

char *grammar_of(const json_t *schema); /* the caller frees; asserts that the schema is ours */

#endif
