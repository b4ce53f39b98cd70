#include "report/stats.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static const double zeros[64];

/* The test of differences alone. */
static struct wilcoxon test_of(const double *differences, size_t count)
{
    return stats_wilcoxon(differences, zeros, count);
}

START_TEST(deviation_is_that_of_a_sample)
{
    const double values[] = {2, 4, 4, 4, 5, 5, 7, 9};
    struct summary all = stats_summary(values, 8), one = stats_summary(values, 1);
    ck_assert_double_eq_tol(all.mean, 5, 1e-12);
    ck_assert_double_eq_tol(all.std, sqrt(32. / 7), 1e-12);
    ck_assert_double_eq_tol(all.sem, sqrt(32. / 7 / 8), 1e-12);
    ck_assert(one.mean == 2 && isnan(one.std) && isnan(one.sem));
    ck_assert(isnan(stats_summary(values, 0).mean));
}
END_TEST

/* quantile(c(9, 1, 5, 3)) in R: 1.0 2.5 4.0 6.0 9.0 */
START_TEST(quantiles_are_those_of_r)
{
    double values[] = {9, 1, 5, 3};
    ck_assert_double_eq_tol(stats_quantile(values, 4, 0.25), 2.5, 1e-12);
    ck_assert_double_eq_tol(stats_quantile(values, 4, 0.5), 4, 1e-12);
    ck_assert_double_eq_tol(stats_quantile(values, 4, 0.75), 6, 1e-12);
    ck_assert_double_eq_tol(stats_quantile(values, 4, 1), 9, 1e-12);
    ck_assert(isnan(stats_quantile(values, 0, 0.5)));
}
END_TEST

/* The example of R's ?wilcox.test, depression scale (Hollander and Wolfe 1973): V = 40, and
 * p = 0.01953 one-sided. */
START_TEST(the_depression_example_gives_what_r_prints)
{
    const double before[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
    const double after[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
    struct wilcoxon test = stats_wilcoxon(before, after, 9);
    ck_assert(test.pairs == 9 && test.unequal == 9);
    ck_assert_double_eq_tol(test.p, 0.0390625, 1e-10);
    ck_assert_double_eq_tol(test.median_difference, 0.49, 1e-9);
    ck_assert_double_eq_tol(stats_wilcoxon(after, before, 9).p, 0.0390625, 1e-10);
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
    ck_assert_uint_eq(test_of(mixed, 7).unequal, 6);
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
    ck_assert(test.pairs == 5 && test.unequal == 0 && test.p == 1 && test.smallest_p == 1);
    ck_assert(test_of(zeros, 0).p == 1);
}
END_TEST

/* 0.1 + 0.2 against 0.3: no difference but of rounding. */
START_TEST(rounding_makes_no_difference)
{
    const double a[] = {0.1 + 0.2}, b[] = {0.3};
    ck_assert_uint_eq(stats_wilcoxon(a, b, 1).unequal, 0);
}
END_TEST

/* p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") in R: 0.03 0.06 0.06 0.02 */
START_TEST(holm_corrects_as_r_does)
{
    double p[] = {0.01, 0.04, 0.03, 0.005};
    static const double expected[] = {0.03, 0.06, 0.06, 0.02};
    stats_holm(p, p, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_double_eq_tol(p[i], expected[i], 1e-12);
    double large[] = {0.6, 0.7};
    stats_holm(large, large, 2);
    ck_assert(large[0] == 1 && large[1] == 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stats");
    TCase *describing = tcase_create("describing");
    tcase_add_test(describing, deviation_is_that_of_a_sample);
    tcase_add_test(describing, quantiles_are_those_of_r);
    suite_add_tcase(suite, describing);
    TCase *testing = tcase_create("testing");
    tcase_add_test(testing, the_depression_example_gives_what_r_prints);
    tcase_add_test(testing, untied_differences_are_tested_exactly);
    tcase_add_test(testing, few_tied_differences_are_tested_exactly);
    tcase_add_test(testing, many_differences_are_tested_by_the_normal_distribution);
    tcase_add_test(testing, five_pairs_cannot_give_less_than_a_sixteenth);
    tcase_add_test(testing, equal_pairs_show_nothing);
    tcase_add_test(testing, rounding_makes_no_difference);
    tcase_add_test(testing, holm_corrects_as_r_does);
    suite_add_tcase(suite, testing);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
