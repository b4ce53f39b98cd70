#include "../suite.h"
#include "report/stats.h"

#include <check.h>
#include <math.h>

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

/* cor(x, y, method = "spearman") in R: 0.8333333, 0.9486833 */
START_TEST(rank_correlations_are_those_of_r)
{
    static const double x[] = {1, 2, 3, 4, 5, 6, 7, 8}, y[] = {20, 10, 40, 30, 70, 50, 80, 60};
    static const double tied[] = {1, 2, 2, 3}, rising[] = {-1, 0, 5, 9}, flat[] = {3, 3, 3, 3};
    ck_assert_double_eq_tol(stats_spearman(x, y, 8), 5. / 6, 1e-12);
    ck_assert_double_eq_tol(stats_spearman(tied, rising, 4), sqrt(0.9), 1e-12);
    ck_assert(isnan(stats_spearman(flat, rising, 4)));
    ck_assert(isnan(stats_spearman(flat, rising, 0)));
}
END_TEST

START_TEST(the_interval_of_a_rank_correlation_is_that_of_bonett_and_wright)
{
    struct interval interval = stats_spearman_interval(0.8, 20, 0.95);
    ck_assert_double_eq_tol(interval.low, 0.502364632616, 1e-9);
    ck_assert_double_eq_tol(interval.high, 0.928135143239, 1e-9);
    ck_assert(isnan(stats_spearman_interval(1, 20, 0.95).low));
    ck_assert(isnan(stats_spearman_interval(-1, 20, 0.95).high));
    ck_assert(isnan(stats_spearman_interval(0.8, 3, 0.95).low));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stats");
    TCase *describing = tcase_create("describing");
    tcase_add_test(describing, deviation_is_that_of_a_sample);
    tcase_add_test(describing, quantiles_are_those_of_r);
    tcase_add_test(describing, rank_correlations_are_those_of_r);
    tcase_add_test(describing, the_interval_of_a_rank_correlation_is_that_of_bonett_and_wright);
    suite_add_tcase(suite, describing);
    TCase *correcting = tcase_create("correcting");
    tcase_add_test(correcting, holm_corrects_as_r_does);
    suite_add_tcase(suite, correcting);
    return suite_run(suite);
}
