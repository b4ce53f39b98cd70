#include "base/str.h"

#include "base/rng.h"
#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    double value;
    int decimals;
    const char *text;
} fixed[] = {
    {0, 0, "0"},
    {0, 3, "0.000"},
    {1.5, 0, "2"},
    {2.5, 0, "3"},
    {-2.5, 0, "-3"},
    {0.125, 2, "0.13"},
    {-0.125, 2, "-0.13"},
    {-0.001, 2, "0.00"},
    {82.14666748046875, 4, "82.1467"},
    {99.99995, 4, "100.0000"},
    {7, 6, "7.000000"},
    {1e11, 6, "100000000000.000000"},
    {1e17, 3, "100000000000000000.000"},
    {-1e300 * 1e10, 3, "null"},
    {(double)NAN, 1, "null"},
};

START_TEST(fixed_decimals_round_half_away_from_zero)
{
    struct str str = {0};
    str_add_fixed(&str, fixed[_i].value, fixed[_i].decimals);
    ck_assert_str_eq(str.text, fixed[_i].text);
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
        if (strtod(expected, NULL) == 0) /* never "-0.00" */
            snprintf(expected, sizeof(expected), "%.*f", decimals, 0.0);
        str_clear(&str);
        str_add_fixed(&str, value, decimals);
        ck_assert_str_eq(str.text, expected);
    }
    str_free(&str);
}
END_TEST

START_TEST(pieces_are_added_in_order)
{
    struct str str = {0};
    str_add(&str, "a");
    str_add_char(&str, 'b');
    str_addf(&str, "%d%s", 12, "c");
    str_add_bytes(&str, "def", 2);
    str_add_uint(&str, 0);
    str_add_uint(&str, UINT64_MAX);
    ck_assert_str_eq(str.text, "ab12cde018446744073709551615");
    ck_assert_uint_eq(str.length, strlen(str.text));
    str_clear(&str);
    ck_assert_str_eq(str.text, "");
    str_free(&str);
}
END_TEST

START_TEST(past_the_ceiling_nothing_more_is_added)
{
    struct str str = {.ceiling = 4};
    str_add(&str, "abcd");
    ck_assert(!str.overflow);
    str_add_char(&str, 'e');
    ck_assert(str.overflow);
    str_addf(&str, "%s", "");
    ck_assert_str_eq(str.text, "abcd");
    str_clear(&str);
    str_addf(&str, "%s", "12345");
    ck_assert(str.overflow);
    ck_assert_uint_eq(str.length, 0);
    str_free(&str);
    ck_assert_uint_eq(str.ceiling, 4);
}
END_TEST

START_TEST(a_stolen_text_is_never_null)
{
    struct str str = {0};
    char *text = str_steal(&str);
    ck_assert_str_eq(text, "");
    free(text);
    str_add(&str, "x");
    text = str_steal(&str);
    ck_assert_str_eq(text, "x");
    ck_assert_ptr_null(str.text);
    free(text);
    str_free(NULL);
}
END_TEST

START_TEST(it_grows_as_far_as_needed)
{
    struct str str = {0};
    for (int i = 0; i < 100000; i++)
        str_addf(&str, "%d", i % 10);
    ck_assert_uint_eq(str.length, 100000);
    for (int i = 0; i < 100000; i++)
        ck_assert_int_eq(str.text[i], '0' + i % 10);
    str_free(&str);
}
END_TEST

START_TEST(a_number_is_decimal_and_finite)
{
    double number;
    ck_assert(str_is_number("-1.5e3", &number) && number == -1500);
    ck_assert(str_is_number(".25", &number) && number == 0.25);
    static const char *const others[] = {"",    " 1",     "1 ", "0x10", "inf", "nan",
                                         "1,5", "1e9999", "e",  "--1",  "1-"};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        ck_assert_msg(!str_is_number(others[i], &number), "\"%s\"", others[i]);
}
END_TEST

START_TEST(a_name_has_letters_digits_and_marks_alone)
{
    static const char *const good[] = {"a", "9", "k-1_x.5", "Z"};
    static const char *const bad[] = {"", ".", "-a", "_a", "../a", "a/b", "a b", "a\n", "\xc3\xa9"};
    char longest[STR_NAME_MAX + 2];
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        ck_assert_msg(str_is_name(good[i], "-_."), "%s", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        ck_assert_msg(!str_is_name(bad[i], "-_."), "%s", bad[i]);
    ck_assert(!str_is_name("a.b", "-_"));
    memset(longest, 'a', sizeof(longest));
    longest[STR_NAME_MAX + 1] = '\0';
    ck_assert(!str_is_name(longest, ""));
    longest[STR_NAME_MAX] = '\0';
    ck_assert(str_is_name(longest, ""));
}
END_TEST

TCase *str_cases(void)
{
    TCase *cases = tcase_create("str");
    tcase_add_loop_test(cases, fixed_decimals_round_half_away_from_zero, 0,
                        sizeof(fixed) / sizeof(fixed[0]));
    tcase_add_test(cases, numbers_are_written_as_printf_writes_them);
    tcase_add_test(cases, pieces_are_added_in_order);
    tcase_add_test(cases, past_the_ceiling_nothing_more_is_added);
    tcase_add_test(cases, a_stolen_text_is_never_null);
    tcase_add_test(cases, it_grows_as_far_as_needed);
    tcase_add_test(cases, a_number_is_decimal_and_finite);
    tcase_add_test(cases, a_name_has_letters_digits_and_marks_alone);
    return cases;
}
