/* Whole requests, word for word, as files that one can read. */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

#include "fake_llm.h"

/* The request that was made of the model as number i, counted from 0, must be what
 * tests/search/golden/<name>.txt says: a request that is changed voids what was recorded with it.
 * With GOLDEN_WRITE in the environment the file is written instead. */
void golden_check(const struct fake_llm *model, size_t i, const char *name);

#endif
