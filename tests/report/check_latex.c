#include "../suite.h"
#include "report/latex.h"

#include <check.h>
#include <stdlib.h>

/* A text, and what LaTeX must be given so that it shows it and goes on. */
static const struct {
    const char *plain, *latex;
} cases[] = {
    {"50 % of $x_1$ & \\input{a}", "50 \\% of \\$x\\_1\\$ \\& \\textbackslash{}input\\{a\\}"},
    {"[a] and *", "{[}a] and {*}"}, /* after the end of a row */
    {"two\nlines\n", "two\nlines\n"},
    {"a\n\nparagraph\n \nmore", "a \nparagraph  \nmore"},
    {"a\tb\x01\x7f", "a b  "},
    {"Łódź, Ħ", "Łódź, {[}U+0126]"},
    {"λ α ☃ 𝔸", "$\\lambda$ {[}U+03B1] {[}U+2603] {[}U+1D538]"},
    {"cut \xc3", "cut {[}U+FFFD]"},
    {"\xff\x80g\xe2\x82", "{[}U+FFFD]g{[}U+FFFD]"},
    {"\xc0&", "{[}U+FFFD]\\&"},
};

START_TEST(what_latex_reads_otherwise_is_escaped)
{
    struct str out = {0};
    latex_add(&out, cases[_i].plain);
    ck_assert_str_eq(out.text, cases[_i].latex);
    str_free(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("latex");
    TCase *escaping = tcase_create("escaping");
    tcase_add_loop_test(escaping, what_latex_reads_otherwise_is_escaped, 0,
                        sizeof(cases) / sizeof(*cases));
    suite_add_tcase(suite, escaping);
    return suite_run(suite);
}
