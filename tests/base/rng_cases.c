#include "base/rng.h"

#include "suite.h"

#include <math.h>
#include <stdbool.h>

/* The reference outputs of splitmix64 (Vigna) for 1234567, of which a seed is made. */
START_TEST(a_seed_is_spread_by_splitmix64)
{
    static const uint64_t expected[4] = {
        UINT64_C(6457827717110365317), UINT64_C(3203168211198807973), UINT64_C(9817491932198370423),
        UINT64_C(4593380528125082431)};
    struct rng rng = rng_seed(1234567);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(rng.state[i], expected[i]);
}
END_TEST

/* The reference outputs of xoshiro256** from the state 1, 2, 3, 4. */
START_TEST(the_stream_is_xoshiro256starstar)
{
    static const uint64_t expected[] = {11520,
                                        0,
                                        1509978240,
                                        UINT64_C(1215971899390074240),
                                        UINT64_C(1216172134540287360),
                                        UINT64_C(607988272756665600),
                                        UINT64_C(16172922978634559625),
                                        UINT64_C(8476171486693032832),
                                        UINT64_C(10595114339597558777),
                                        UINT64_C(2904607092377533576)};
    struct rng rng = {{1, 2, 3, 4}};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        ck_assert_uint_eq(rng_next(&rng), expected[i]);
}
END_TEST

START_TEST(a_fork_depends_on_purpose_and_index_and_moves_nothing)
{
    struct rng rng = rng_seed(7), same = rng;
    struct rng a = rng_fork(&rng, "start", 0), again = rng_fork(&rng, "start", 0);
    struct rng b = rng_fork(&rng, "start", 1), c = rng_fork(&rng, "mutation", 0);
    uint64_t first = rng_next(&a);
    ck_assert_uint_eq(first, rng_next(&again));
    ck_assert_uint_ne(first, rng_next(&b));
    ck_assert_uint_ne(first, rng_next(&c));
    ck_assert_uint_eq(rng_next(&rng), rng_next(&same));
}
END_TEST

/* Chi-squared with bound - 1 degrees of freedom lies below mean + 5 deviations. */
START_TEST(below_is_uniform)
{
    static const size_t bounds[] = {1, 2, 3, 5, 7, 24, 100};
    enum { DRAWS = 100000 };
    struct rng rng = rng_seed((uint64_t)_i);
    size_t bound = bounds[_i], hits[100] = {0};
    for (int i = 0; i < DRAWS; i++) {
        size_t drawn = rng_below(&rng, bound);
        ck_assert_uint_lt(drawn, bound);
        hits[drawn]++;
    }
    double expected = (double)DRAWS / (double)bound, chi2 = 0, freedom = (double)bound - 1;
    for (size_t i = 0; i < bound; i++)
        chi2 += ((double)hits[i] - expected) * ((double)hits[i] - expected) / expected;
    ck_assert_double_le(chi2, freedom + 5 * sqrt(2 * freedom));
}
END_TEST

START_TEST(units_and_normals_have_their_moments)
{
    enum { DRAWS = 200000 };
    struct rng rng = rng_seed(3);
    double unit = 0, mean = 0, square = 0;
    for (int i = 0; i < DRAWS; i++) {
        double u = rng_unit(&rng), z = rng_normal(&rng);
        ck_assert(u >= 0 && u < 1);
        unit += u;
        mean += z;
        square += z * z;
    }
    ck_assert_double_eq_tol(unit / DRAWS, 0.5, 0.005);
    ck_assert_double_eq_tol(mean / DRAWS, 0, 0.01);
    ck_assert_double_eq_tol(square / DRAWS, 1, 0.02);
}
END_TEST

START_TEST(chosen_numbers_differ_and_a_shuffle_keeps_all)
{
    struct rng rng = rng_seed(11);
    size_t chosen[10], items[10], sum = 0;
    for (int round = 0; round < 1000; round++) {
        bool seen[12] = {0};
        rng_choose(&rng, 12, chosen, 10);
        for (int i = 0; i < 10; i++) {
            ck_assert(chosen[i] < 12 && !seen[chosen[i]]);
            seen[chosen[i]] = true;
        }
    }
    rng_choose(&rng, 10, items, 10);
    rng_shuffle(&rng, items, 10);
    for (int i = 0; i < 10; i++)
        sum += (size_t)1 << items[i];
    ck_assert_uint_eq(sum, 1023);
}
END_TEST

TCase *rng_cases(void)
{
    TCase *cases = tcase_create("rng");
    tcase_add_test(cases, a_seed_is_spread_by_splitmix64);
    tcase_add_test(cases, the_stream_is_xoshiro256starstar);
    tcase_add_test(cases, a_fork_depends_on_purpose_and_index_and_moves_nothing);
    tcase_add_loop_test(cases, below_is_uniform, 0, 7);
    tcase_add_test(cases, units_and_normals_have_their_moments);
    tcase_add_test(cases, chosen_numbers_differ_and_a_shuffle_keeps_all);
    return cases;
}
