/* The test cases of base/, one for each of its files. */
#ifndef TESTS_BASE_SUITE_H
#define TESTS_BASE_SUITE_H

#include <check.h>

TCase *err_cases(void);
TCase *file_cases(void);
TCase *hash_cases(void);
TCase *jsonl_cases(void);
TCase *option_cases(void);
TCase *rng_cases(void);
TCase *sort_cases(void);
TCase *str_cases(void);

#endif
