#include "base/str.h"

#include "base/rng.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    double value;
    int decimals;
    const char *text;
} fixed_cases[] = {
    {0, 4, "0.0000"},
    {-0.00001, 4, "0.0000"},
    {82.14671, 4, "82.1467"},
    {-1.5, 0, "-2"},
    {2.5, 0, "3"},
    {0.05, 1, "0.1"},
    {-12.3456789, 6, "-12.345679"},
    {999999999999.9996, 3, "1000000000000.000"},
    {1e17, 6, "100000000000000000.000000"},
    {NAN, 4, "null"},
    {INFINITY, 0, "null"},
    {-INFINITY, 2, "null"},
};

START_TEST(a_number_has_its_decimals_and_what_is_no_number_is_null)
{
    struct str str = {0};
    str_add_fixed(&str, fixed_cases[_i].value, fixed_cases[_i].decimals);
    ck_assert_str_eq(str.text, fixed_cases[_i].text);
    str_free(&str);
}
END_TEST

/* printf rounds the exact binary value, so it is the judge wherever that value is no tie. */
START_TEST(numbers_are_written_as_printf_writes_them)
{
    struct rng rng = rng_seed(1);
    struct str str = {0};
    for (int i = 0; i < 20000; i++) {
        int decimals = (int)rng_below(&rng, 7);
        double value = (rng_unit(&rng) - 0.5) * pow(10, (double)rng_below(&rng, 8));
        char expected[64];
        snprintf(expected, sizeof(expected), "%.*f", decimals, value);
        if (strtod(expected, NULL) == 0)
            snprintf(expected, sizeof(expected), "%.*f", decimals, 0.0);
        str_clear(&str);
        str_add_fixed(&str, value, decimals);
        ck_assert_str_eq(str.text, expected);
    }
    str_free(&str);
}
END_TEST

START_TEST(whole_numbers_of_every_length_are_written)
{
    struct str str = {0};
    for (uint64_t value = 1; value < UINT64_MAX / 10; value *= 10) {
        char expected[64];
        snprintf(expected, sizeof(expected), "%llu%llu", (unsigned long long)value,
                 (unsigned long long)(value - 1));
        str_clear(&str);
        str_add_uint(&str, value);
        str_add_uint(&str, value - 1);
        ck_assert_str_eq(str.text, expected);
    }
    str_free(&str);
}
END_TEST

START_TEST(nothing_is_added_past_the_ceiling)
{
    struct str str = {.ceiling = 5};
    str_add(&str, "four");
    str_add(&str, "and more");
    ck_assert(str.overflow);
    str_add_char(&str, '!');
    ck_assert_str_eq(str.text, "four");
    str_clear(&str);
    str_add_fixed(&str, 1.25, 2);
    str_add_char(&str, '!');
    ck_assert_str_eq(str.text, "1.25!");
    str_free(&str);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("str");
    TCase *numbers = tcase_create("numbers");
    tcase_add_loop_test(numbers, a_number_has_its_decimals_and_what_is_no_number_is_null, 0,
                        sizeof(fixed_cases) / sizeof(fixed_cases[0]));
    tcase_add_test(numbers, numbers_are_written_as_printf_writes_them);
    tcase_add_test(numbers, whole_numbers_of_every_length_are_written);
    suite_add_tcase(suite, numbers);
    TCase *ceiling = tcase_create("ceiling");
    tcase_add_test(ceiling, nothing_is_added_past_the_ceiling);
    suite_add_tcase(suite, ceiling);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
