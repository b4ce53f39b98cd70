#include "../suite.h"
#include "report/wilcoxon.h"

#include <check.h>
#include <math.h>

static const double zeros[64];

/* The test of differences alone. */
static struct wilcoxon test_of(const double *differences, size_t count)
{
    return wilcoxon_signed_rank(differences, zeros, count);
}

/* The example of R's ?wilcox.test, depression scale (Hollander and Wolfe 1973): V = 40, and
 * p = 0.01953 one-sided. */
START_TEST(the_depression_example_gives_what_r_prints)
{
    const double before[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    const double after[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    struct wilcoxon test = wilcoxon_signed_rank(before, after, 9);
    ck_assert(test.counts[0] == 9 && test.counts[1] == 9);
    ck_assert_double_eq_tol(test.p, 0.0390625, 1e-10);
    ck_assert_double_eq_tol(test.difference, 0.49, 1e-9);
    ck_assert_double_eq_tol(wilcoxon_signed_rank(after, before, 9).p, 0.0390625, 1e-10);
}
END_TEST

/* +1 +2 -3 +4 +5 -6 ...: scipy.stats.wilcoxon(d, method="exact"). */
START_TEST(untied_differences_are_tested_exactly)
{
    double differences[49];
    for (int i = 0; i < 49; i++)
        differences[i] = i % 3 ? i + 1 : -(i + 1);
    ck_assert_double_eq_tol(test_of(differences, 20).p, 0.202449798584, 1e-10);
    ck_assert_double_eq_tol(test_of(differences, 49).p, 0.0624854283676, 1e-10);
}
END_TEST

/* Against all 2^7 and 2^5 assignments of signs, listed by itertools.product in Python. */
START_TEST(few_tied_differences_are_tested_exactly)
{
    const double mixed[] = {1, 1, 1, 2, -1, 0, 3}, same[] = {1, 1, 1, 1, 1};
    const double balanced[] = {.5, -.5, 1, 2, 2, 3, -1};
    ck_assert_double_eq_tol(test_of(mixed, 7).p, 0.15625, 1e-12);
    ck_assert_uint_eq(test_of(mixed, 7).counts[1], 6);
    ck_assert_double_eq_tol(test_of(same, 5).p, 0.0625, 1e-12);
    ck_assert_double_eq_tol(test_of(balanced, 7).p, 0.15625, 1e-12);
}
END_TEST

/* scipy.stats.wilcoxon(d, method="asymptotic", correction=True), which is R's wilcox.test. */
START_TEST(many_differences_are_tested_by_the_normal_distribution)
{
    double tenths[60], halves[60];
    for (int i = 0; i < 60; i++) {
        tenths[i] = (i * 7919 % 61 - 25) / 10.;
        halves[i] = nearbyint(tenths[i] * 2) / 2;
    }
    ck_assert_double_eq_tol(test_of(tenths, 60).p, 0.0311515593079, 1e-10);
    ck_assert_double_eq_tol(test_of(halves, 60).p, 0.0279509738173, 1e-10);
}
END_TEST

START_TEST(five_pairs_cannot_give_less_than_a_sixteenth)
{
    const double differences[] = {1, 2, 3, 4, 5};
    struct wilcoxon test = test_of(differences, 5);
    ck_assert_double_eq_tol(test.p, 0.0625, 1e-12);
    ck_assert_double_eq_tol(test.smallest_p, 0.0625, 1e-12);
}
END_TEST

START_TEST(equal_pairs_show_nothing)
{
    struct wilcoxon test = test_of(zeros, 5);
    ck_assert(test.counts[0] == 5 && test.counts[1] == 0 && test.p == 1 && test.smallest_p == 1);
    ck_assert(test_of(zeros, 0).p == 1);
}
END_TEST

/* 0.1 + 0.2 against 0.3: no difference but of rounding. */
START_TEST(rounding_makes_no_difference)
{
    const double a[] = {0.1 + 0.2}, b[] = {0.3};
    ck_assert_uint_eq(wilcoxon_signed_rank(a, b, 1).counts[1], 0);
}
END_TEST

/* The other example of R's ?wilcox.test, permeability constants: W = 35, p = 0.1272 one-sided. */
START_TEST(the_permeability_example_gives_what_r_prints)
{
    const double at_term[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    const double earlier[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    struct wilcoxon test = wilcoxon_rank_sum(at_term, 10, earlier, 5);
    ck_assert(test.counts[0] == 10 && test.counts[1] == 5);
    ck_assert_double_eq_tol(test.p, 2 * 0.1272061272061272, 1e-12);
    ck_assert_double_eq_tol(test.difference, 1.415 - 0.90, 1e-9);
    ck_assert_double_eq_tol(wilcoxon_rank_sum(earlier, 5, at_term, 10).p, test.p, 1e-12);
}
END_TEST

/* Against all 252 ways to draw 5 of 10 ranks, listed by itertools.combinations in Python. */
START_TEST(tied_samples_are_tested_exactly)
{
    const double a[] = {3, 3, 5, 6, 7}, b[] = {1, 2, 3, 3, 5};
    ck_assert_double_eq_tol(wilcoxon_rank_sum(a, 5, b, 5).p, 0.1349206349206349, 1e-12);
    ck_assert_double_eq_tol(wilcoxon_rank_sum(a, 5, b, 5).smallest_p, 2. / 252, 1e-12);
}
END_TEST

/* scipy.stats.mannwhitneyu(a, b, method="exact"). */
START_TEST(few_runs_are_tested_exactly_against_many)
{
    const double few[] = {5.05, 7.05, 8.05, 9.05, 9.95};
    double many[97];
    for (int i = 0; i < 97; i++)
        many[i] = (i * 53 % 97) / 10.;
    ck_assert_double_eq_tol(wilcoxon_rank_sum(few, 5, many, 97).p, 0.0183280512925, 1e-12);
}
END_TEST

/* scipy.stats.mannwhitneyu(a, b, method="asymptotic", use_continuity=True), as R has it, of the
 * values rounded to 6 decimals, so that equal ones are. */
START_TEST(large_samples_are_tested_by_the_normal_distribution)
{
    double a[90], b[80];
    for (int i = 0; i < 90; i++)
        a[i] = (i * 37 % 101) / 10.;
    for (int i = 0; i < 80; i++)
        b[i] = (i * 53 % 97) / 10. + 0.7;
    ck_assert_double_eq_tol(wilcoxon_rank_sum(a, 90, b, 80).p, 0.355415610406, 1e-10);
}
END_TEST

START_TEST(equal_samples_show_nothing)
{
    static double many[600];
    ck_assert(wilcoxon_rank_sum(zeros, 5, zeros, 5).p == 1);
    ck_assert(wilcoxon_rank_sum(many, 600, many, 600).p == 1);
    ck_assert(wilcoxon_rank_sum(zeros, 0, zeros, 5).p == 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wilcoxon");
    TCase *pairs = tcase_create("signed-rank");
    tcase_add_test(pairs, the_depression_example_gives_what_r_prints);
    tcase_add_test(pairs, untied_differences_are_tested_exactly);
    tcase_add_test(pairs, few_tied_differences_are_tested_exactly);
    tcase_add_test(pairs, many_differences_are_tested_by_the_normal_distribution);
    tcase_add_test(pairs, five_pairs_cannot_give_less_than_a_sixteenth);
    tcase_add_test(pairs, equal_pairs_show_nothing);
    tcase_add_test(pairs, rounding_makes_no_difference);
    suite_add_tcase(suite, pairs);
    TCase *samples = tcase_create("rank-sum");
    tcase_add_test(samples, the_permeability_example_gives_what_r_prints);
    tcase_add_test(samples, tied_samples_are_tested_exactly);
    tcase_add_test(samples, few_runs_are_tested_exactly_against_many);
    tcase_add_test(samples, large_samples_are_tested_by_the_normal_distribution);
    tcase_add_test(samples, equal_samples_show_nothing);
    suite_add_tcase(suite, samples);
    return suite_run(suite);
}
