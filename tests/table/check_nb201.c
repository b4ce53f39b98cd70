/* The embedded table of NAS-Bench-201 against what is known of every cell. */
#include "../suite.h"
#include "table/table.h"

#include "base/mem.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CONV1X1 = 2, CONV3X3 = 3 }; /* digits of the two operations that have weights */

static const char *const datasets[3] = {"cifar10", "cifar100", "imagenet16-120"};
static const int classes[3] = {10, 100, 120};
static struct table *table;

static void setup(void)
{
    struct err err = {0};
    char *path = table_find("nas-bench-201", &err);
    ck_assert_msg(path != NULL, "%s", err.text);
    table = table_open(path, &err);
    ck_assert_msg(table != NULL, "%s", err.text);
    free(path);
}

static void teardown(void)
{
    table_close(table);
}

static int count(const struct arch *arch, int operation)
{
    int edges = 0;
    for (size_t slot = 0; slot < table->space->slot_count; slot++)
        edges += arch->choice[slot] == operation;
    return edges;
}

static const float *column(const char *metric, size_t dataset)
{
    const float *values = table_column(table, metric, datasets[dataset], 0, "", TABLE_SEED_MEAN);
    ck_assert_ptr_nonnull(values);
    return values;
}

/* Stem, two residual blocks and head: base; each cell of 16, 32 and 64 channels, five of each:
 * 243 040 weights a 3x3 convolution, 28 000 a 1x1. */
START_TEST(parameters_follow_from_the_operations)
{
    static const int base[3] = {73306, 79156, 80456};
    const float *params = column("parameters", (size_t)_i);
    for (size_t row = 0; row < table->rows; row++) {
        struct arch arch = space_nth(table->space, row);
        int expected = base[_i] + 243040 * count(&arch, CONV3X3) + 28000 * count(&arch, CONV1X1);
        ck_assert_int_eq((int)params[row], expected);
    }
}
END_TEST

START_TEST(flops_follow_from_the_operations)
{
    const float *flops = column("flops", (size_t)_i);
    double scale = _i == 2 ? .25 : 1; /* images of 16 by 16 pixels */
    for (size_t row = 0; row < table->rows; row++) {
        struct arch arch = space_nth(table->space, row);
        double convolutions = 35.38944 * count(&arch, CONV3X3) + 3.93216 * count(&arch, CONV1X1);
        double expected = scale * (7.7824 + convolutions) + 65 * classes[_i] / 1e6;
        ck_assert_double_eq_tol((double)flops[row], expected, 1e-4);
    }
}
END_TEST

/* cifar10 means the 25 000 images of cifar10-valid; the others were derived from it upstream. */
START_TEST(epoch_times_stand_in_the_ratio_of_the_images)
{
    static const double ratio[3] = {1, 2, 6.068};
    const float *cifar10 = column("epoch_time", 0), *seconds = column("epoch_time", (size_t)_i);
    for (size_t row = 0; row < table->rows; row++)
        ck_assert_double_eq_tol((double)seconds[row] / (double)cifar10[row], ratio[_i], 1e-3);
}
END_TEST

START_TEST(arch_index_is_a_permutation_that_begins_with_421211)
{
    const float *index = table_column(table, "arch_index", "", 0, "", TABLE_SEED_MEAN);
    char *seen = mem_alloc(table->rows, 1), digits[ARCH_SLOTS + 1];
    for (size_t row = 0; row < table->rows; row++) {
        size_t at = (size_t)index[row];
        ck_assert_uint_lt(at, table->rows);
        ck_assert(!seen[at]);
        seen[at] = 1;
        struct arch arch = space_nth(table->space, row);
        space_digits(table->space, &arch, digits);
        ck_assert(at != 0 || strcmp(digits, "421211") == 0);
    }
    free(seen);
}
END_TEST

static size_t measured(const char *split, int epochs, int seed)
{
    const float *values = table_column(table, "accuracy", datasets[0], epochs, split, seed);
    size_t cells = 0;
    for (size_t row = 0; row < table->rows; row++)
        cells += !isnan(values[row]);
    return cells;
}

START_TEST(gaps_are_where_upstream_has_two_seeds)
{
    ck_assert_uint_eq(measured("valid", 200, 777), 15625);
    ck_assert_uint_eq(measured("valid", 200, 888), 15625);
    ck_assert_uint_eq(measured("valid", 200, 999), 8169);
    ck_assert_uint_eq(measured("test", 200, 888), 15622);
    ck_assert_uint_eq(measured("test", 200, 999), 8169);
    ck_assert_uint_eq(measured("test", 200, TABLE_SEED_MEAN), 15625);
    ck_assert_uint_eq(measured("valid", 12, TABLE_SEED_MEAN), 15625);
}
END_TEST

/* Two files of different origin: the seeds of one have the mean of the other. */
START_TEST(the_seeds_of_cifar10_test_have_the_mean_that_was_published)
{
    const float *mean = table_column(table, "accuracy", "cifar10", 200, "test", TABLE_SEED_MEAN);
    const float *seeds[3] = {table_column(table, "accuracy", "cifar10", 200, "test", 777),
                             table_column(table, "accuracy", "cifar10", 200, "test", 888),
                             table_column(table, "accuracy", "cifar10", 200, "test", 999)};
    for (size_t row = 0; row < table->rows; row++) {
        double sum = 0;
        int seen = 0;
        for (int i = 0; i < 3; i++) {
            if (isnan(seeds[i][row]))
                continue;
            sum += (double)seeds[i][row];
            seen++;
        }
        ck_assert(!seen || fabs(sum / seen - (double)mean[row]) < 2e-4);
    }
}
END_TEST

START_TEST(every_column_says_where_it_is_from)
{
    for (size_t i = 0; i < table->column_count; i++)
        ck_assert(table->columns[i].source[0] && table->columns[i].licence[0]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nas-bench-201.h5");
    TCase *facts = tcase_create("facts");
    tcase_add_unchecked_fixture(facts, setup, teardown);
    tcase_add_loop_test(facts, parameters_follow_from_the_operations, 0, 3);
    tcase_add_loop_test(facts, flops_follow_from_the_operations, 0, 3);
    tcase_add_loop_test(facts, epoch_times_stand_in_the_ratio_of_the_images, 0, 3);
    tcase_add_test(facts, arch_index_is_a_permutation_that_begins_with_421211);
    tcase_add_test(facts, gaps_are_where_upstream_has_two_seeds);
    tcase_add_test(facts, the_seeds_of_cifar10_test_have_the_mean_that_was_published);
    tcase_add_test(facts, every_column_says_where_it_is_from);
    suite_add_tcase(suite, facts);
    return suite_run(suite);
}
