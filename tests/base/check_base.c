#include "../suite.h"
#include "suite.h"

int main(void)
{
    Suite *suite = suite_create("base");
    suite_add_tcase(suite, err_cases());
    suite_add_tcase(suite, file_cases());
    suite_add_tcase(suite, hash_cases());
    suite_add_tcase(suite, jsonl_cases());
    suite_add_tcase(suite, option_cases());
    suite_add_tcase(suite, rng_cases());
    suite_add_tcase(suite, sort_cases());
    suite_add_tcase(suite, str_cases());
    return suite_run(suite);
}
