/* What an exchange used, and what that costs. Servers differ in names and in what holds what; here
 * the input is always the whole of it, what a cache served or took in included, and the output is
 * the whole of it, thoughts included. */
#ifndef LLM_USAGE_H
#define LLM_USAGE_H

#include "llm/dialect.h"

/* Tokens; -1: the server did not say, which is not 0. */
struct usage {
    int64_t in, out;
    int64_t cached, cache_write; /* parts of in */
    int64_t reasoning;           /* part of out */
};

/* From an answer's "usage" (NULL, or anything else than an object: nothing is said). Counts below 0
 * or above 1e12, and parts that are more than the whole, are none, and count as not said. */
struct usage usage_read(const json_t *usage, const struct dialect *dialect);

/* Prices of a million tokens, in the experiment's currency; negative: none is given. */
struct prices {
    double in, cached, cache_write, out, reasoning;
};

struct prices prices_of(const json_t *settings); /* of an llm */

/* What it costs; -1 where a price or a count of the whole is missing. A part is billed as the whole
 * is where it has no price of its own, or where the server does not tell it apart. */
double usage_price(const struct usage *usage, const struct prices *prices);

#endif
