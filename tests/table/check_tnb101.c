/* The embedded table of TransNAS-Bench-101 against what is known of every cell. */
#include "../suite.h"
#include "table/table.h"

#include "base/mem.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *dataset, *metric;
    int epochs;
} tasks[] = {
    {"class_scene", "accuracy", 25},
    {"class_object", "accuracy", 25},
    {"room_layout", "neg_loss", 25},
    {"jigsaw", "accuracy", 10},
    {"segmentsemantic", "accuracy", 30},
    {"autoencoder", "ssim", 30},
    {"normal", "ssim", 30},
};
enum { TASKS = sizeof(tasks) / sizeof(*tasks), DETERMINISTIC = 5 };

static struct table *table;

static void setup(void)
{
    struct err err = {0};
    char *path = table_find("transnas-bench-101", &err);
    ck_assert_msg(path != NULL, "%s", err.text);
    table = table_open(path, &err);
    ck_assert_msg(table != NULL, "%s", err.text);
    free(path);
}

static void teardown(void)
{
    table_close(table);
}

static const float *column(const char *metric, int task, const char *split)
{
    const float *values = table_column(table, metric, tasks[task].dataset, tasks[task].epochs,
                                       split, TABLE_SEED_MEAN);
    ck_assert_ptr_nonnull(values);
    return values;
}

static const float *best_column(int task, const char *split)
{
    char *name = mem_printf("%s_best_epoch", tasks[task].metric);
    const float *values = column(name, task, split);
    free(name);
    return values;
}

START_TEST(nothing_is_missing)
{
    ck_assert_uint_eq(table->rows, 4096);
    ck_assert_uint_eq(table->column_count, 48);
    for (size_t i = 0; i < table->column_count * table->rows; i++)
        ck_assert(isfinite(table->values[i]));
}
END_TEST

/* Two files of different origin: no final epoch is better than the best. */
START_TEST(the_best_epoch_is_never_below_the_final_one)
{
    const float *final = column(tasks[_i].metric, _i, "valid"), *best = best_column(_i, "valid");
    size_t equal = 0;
    for (size_t row = 0; row < table->rows; row++) {
        double short_by = (double) final[row] - (double)best[row];
        ck_assert_double_le(short_by, 1e-6 * fabs((double) final[row]));
        equal += fabs(short_by) <= 1e-6 * fabs((double) final[row]);
    }
    ck_assert(equal > 0 && equal < table->rows);
}
END_TEST

/* They compute the same, and one seed trains them alike; not so the last two tasks, whose networks
 * are trained against a discriminator. */
START_TEST(cells_without_a_path_score_alike)
{
    struct arch empty = {0}, dead_end;
    ck_assert(space_read(table->space, "300000", &dead_end, NULL));
    const float *final = column(tasks[_i].metric, _i, "valid");
    ck_assert_float_eq(final[space_index(table->space, &empty)],
                       final[space_index(table->space, &dead_end)]);
}
END_TEST

START_TEST(trainings_take_between_ten_minutes_and_two_days)
{
    const float *seconds = column("training_time", _i, "");
    for (size_t row = 0; row < table->rows; row++)
        ck_assert(seconds[row] > 600 && seconds[row] < 2 * 86400);
}
END_TEST

/* Upstream numbers its 3 256 macro networks first. */
START_TEST(arch_index_is_a_permutation_that_begins_at_3256)
{
    const float *index = table_column(table, "arch_index", "", 0, "", TABLE_SEED_MEAN);
    char *seen = mem_alloc(table->rows, 1);
    for (size_t row = 0; row < table->rows; row++) {
        size_t at = (size_t)index[row] - 3256;
        ck_assert_uint_lt(at, table->rows);
        ck_assert(!seen[at]);
        seen[at] = 1;
    }
    free(seen);
}
END_TEST

START_TEST(every_column_says_where_it_is_from_and_which_epoch_it_is_of)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *about = &table->columns[i];
        bool best = strstr(about->metric, "_best_epoch") != NULL;
        bool score = about->split[0] != '\0';
        ck_assert(about->source[0] && about->licence[0]);
        ck_assert_int_eq(score && best, strstr(about->source, "highest of all epochs") != NULL);
        ck_assert_int_eq(score && !best, strstr(about->source, "final epoch") != NULL);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transnas-bench-101.h5");
    TCase *facts = tcase_create("facts");
    tcase_add_unchecked_fixture(facts, setup, teardown);
    tcase_add_test(facts, nothing_is_missing);
    tcase_add_loop_test(facts, the_best_epoch_is_never_below_the_final_one, 0, TASKS);
    tcase_add_loop_test(facts, cells_without_a_path_score_alike, 0, DETERMINISTIC);
    tcase_add_loop_test(facts, trainings_take_between_ten_minutes_and_two_days, 0, TASKS);
    tcase_add_test(facts, arch_index_is_a_permutation_that_begins_at_3256);
    tcase_add_test(facts, every_column_says_where_it_is_from_and_which_epoch_it_is_of);
    suite_add_tcase(suite, facts);
    return suite_run(suite);
}
