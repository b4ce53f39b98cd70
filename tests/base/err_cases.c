#include "base/err.h"

#include "suite.h"

START_TEST(the_first_failure_stays)
{
    struct err err = {0};
    ck_assert(!err_set(&err, ERR_INPUT, "%s:%d: found %c", "x.json", 3, 'y'));
    ck_assert(!err_set(&err, ERR_IO, "later"));
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_str_eq(err.text, "x.json:3: found y");
}
END_TEST

START_TEST(a_long_sentence_is_cut_and_nobody_need_listen)
{
    struct err err = {0};
    ck_assert(!err_set(&err, ERR_IO, "%*s", (int)sizeof(err.text) + 10, ""));
    ck_assert_uint_eq(strlen(err.text), sizeof(err.text) - 1);
    ck_assert(!err_set(NULL, ERR_IO, "unheard"));
}
END_TEST

START_TEST(what_a_sentence_quotes_does_not_steer_a_terminal)
{
    struct err err = {0};
    ck_assert(!err_set(&err, ERR_INPUT, "found \x1b[2J\x7f\t\xc2\x9b, then\nthe é of a name"));
    ck_assert_str_eq(err.text, "found ?[2J????, then\nthe é of a name");
}
END_TEST

/* A log is JSON, which has no other bytes: what failed would be written down as null. */
START_TEST(what_a_sentence_quotes_is_utf8)
{
    struct err err = {0};
    ck_assert(!err_set(&err, ERR_INPUT, "caf\xe9/x.json: é"));
    ck_assert_str_eq(err.text, "caf?/x.json: ??");
}
END_TEST

TCase *err_cases(void)
{
    TCase *cases = tcase_create("err");
    tcase_add_test(cases, the_first_failure_stays);
    tcase_add_test(cases, a_long_sentence_is_cut_and_nobody_need_listen);
    tcase_add_test(cases, what_a_sentence_quotes_does_not_steer_a_terminal);
    tcase_add_test(cases, what_a_sentence_quotes_is_utf8);
    return cases;
}
