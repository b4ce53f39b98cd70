#include "suite.h"

#include <stdlib.h>

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
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
