#include "base/rng.h"
#include "base/sort.h"

#include "suite.h"

#include <math.h>

START_TEST(numbers_of_all_kinds_come_highest_first)
{
    double values[] = {-1.5, 0, 91.6067, -INFINITY, 5e-324, -2, INFINITY, 91.6066, -0.25, 91.6067};
    const double expected[] = {INFINITY, 91.6067, 91.6067, 91.6066, 5e-324,
                               0,        -0.25,   -1.5,    -2,      -INFINITY};
    sort_descending(values, 10);
    for (int i = 0; i < 10; i++)
        ck_assert_double_eq(values[i], expected[i]);
    sort_descending(values, 0);
    ck_assert_double_eq(values[0], INFINITY);
}
END_TEST

START_TEST(nothing_is_lost_among_many)
{
    enum { COUNT = 15625 };
    static double values[COUNT];
    struct rng rng = rng_seed(1);
    double sum = 0, sorted_sum = 0;
    for (int i = 0; i < COUNT; i++) {
        values[i] = (double)rng_below(&rng, 100000) / 64 - 700;
        sum += values[i];
    }
    sort_descending(values, COUNT);
    for (int i = 0; i < COUNT; i++) {
        ck_assert(i == 0 || values[i - 1] >= values[i]);
        sorted_sum += values[i];
    }
    ck_assert_double_eq(sum, sorted_sum); /* 64ths add up without rounding */
}
END_TEST

TCase *sort_cases(void)
{
    TCase *cases = tcase_create("sort");
    tcase_add_test(cases, numbers_of_all_kinds_come_highest_first);
    tcase_add_test(cases, nothing_is_lost_among_many);
    return cases;
}
