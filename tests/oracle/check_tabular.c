/* The tabular oracle against published facts and against plain loops over its table. */
#include "../suite.h"
#include "oracle/oracle.h"
#include "table/table.h"
#include "table/writer.h"

#include "base/mem.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct space *space;

static void setup(void)
{
    space = space_find("nas-bench-201");
}

static struct oracle *open_with(const char *json, struct err *err)
{
    const struct oracle_type *type = oracle_find("table");
    struct faults faults = {0};
    json_t *given = json_loads(json, 0, NULL), *settings;
    settings = option_resolve(type->options, given, "", &faults);
    ck_assert_uint_eq(faults.count, 0);
    struct oracle *oracle = type->open(space, settings, NULL, err);
    json_decref(settings);
    json_decref(given);
    return oracle;
}

static struct oracle *open_good(const char *json)
{
    struct err err = {0};
    struct oracle *oracle = open_with(json, &err);
    ck_assert_msg(oracle != NULL, "%s", err.text);
    return oracle;
}

static const char *failure_of(const char *json)
{
    static struct err err;
    err = (struct err){0};
    ck_assert_ptr_null(open_with(json, &err));
    return err.text;
}

static struct arch cell(const char *digits)
{
    struct arch arch;
    ck_assert(space_read(space, digits, &arch, NULL));
    return arch;
}

START_TEST(cell_421211_scores_as_published)
{
    struct oracle *oracle =
        open_good("{\"dataset\":\"cifar10\",\"metric\":\"accuracy\",\"epochs\":200,\"at_epoch\":"
                  "\"final\",\"split\":\"valid\",\"training_seed\":\"mean\"}");
    struct arch arch = cell("421211");
    struct evaluation evaluation;
    struct verdict verdict;
    ck_assert(oracle->type->evaluate(oracle, &arch, NULL, &evaluation, NULL));
    ck_assert_double_eq_tol(evaluation.valid_score, (82.092 + 81.616 + 82.24) / 3, 1e-5);
    ck_assert_double_eq_tol(evaluation.test_score, 85.863333, 1e-5);
    ck_assert_double_eq_tol(evaluation.cost_s, 200 * 7.221092998981476, 1e-3);
    ck_assert(oracle->type->report(oracle, &arch, "imagenet16-120", 12, METRIC_FINAL_EPOCH,
                                   &verdict, NULL));
    ck_assert_double_eq_tol(verdict.valid_score, 18.466667, 1e-5);
    ck_assert_double_eq_tol(verdict.test_score, 17.0, 1e-5);
    ck_assert_uint_eq(strlen(oracle->type->identity(oracle)), 64);
    oracle->type->close(oracle);
}
END_TEST

START_TEST(the_best_of_each_data_set_is_as_published)
{
    static const struct {
        const char *dataset;
        double valid_score, test_score;
    } published[] = {{"cifar10", 91.6067, 94.3733},
                     {"cifar100", 73.4933, 73.5133},
                     {"imagenet16-120", 46.7333, 47.3111}};
    for (size_t i = 0; i < 3; i++) {
        char json[200];
        double search_score = 0;
        struct verdict best;
        snprintf(json, sizeof(json),
                 "{\"dataset\":\"%s\",\"metric\":\"accuracy\",\"epochs\":200,\"at_epoch\":"
                 "\"final\",\"split\":\"valid\",\"training_seed\":\"mean\"}",
                 published[i].dataset);
        struct oracle *oracle = open_good(json);
        ck_assert(oracle->type->optimum(oracle, published[i].dataset, 200, METRIC_FINAL_EPOCH,
                                        &search_score, &best));
        ck_assert_double_eq_tol(search_score, published[i].valid_score, 5e-5);
        ck_assert_double_eq_tol(best.valid_score, published[i].valid_score, 5e-5);
        ck_assert_double_eq_tol(best.test_score, published[i].test_score, 5e-5);
        size_t count;
        const double *ranked = oracle->type->ranked(oracle, &count);
        ck_assert(count == 15625 && ranked[0] == search_score);
        for (size_t rank = 1; rank < count; rank++)
            ck_assert_double_le(ranked[rank], ranked[rank - 1]);
        ck_assert_ptr_eq(oracle->type->ranked(oracle, &count), ranked);
        oracle->type->close(oracle);
    }
}
END_TEST

START_TEST(a_drawn_seed_is_one_of_those_measured_and_each_comes_up)
{
    struct oracle *oracle =
        open_good("{\"dataset\":\"cifar10\",\"metric\":\"accuracy\",\"epochs\":200,\"at_epoch\":"
                  "\"final\",\"split\":\"valid\",\"training_seed\":\"draw\"}");
    static const double measured[3] = {82.092, 81.616, 82.24};
    struct arch arch = cell("421211");
    struct rng rng = rng_seed(3);
    int hits[3] = {0};
    for (int i = 0; i < 3000; i++) {
        struct evaluation evaluation;
        ck_assert(oracle->type->evaluate(oracle, &arch, &rng, &evaluation, NULL));
        int seed = 0;
        while (seed < 3 && fabs(evaluation.valid_score - measured[seed]) > 1e-4)
            seed++;
        ck_assert_int_lt(seed, 3);
        hits[seed]++;
    }
    for (int seed = 0; seed < 3; seed++)
        ck_assert_int_gt(hits[seed], 900);
    oracle->type->close(oracle);
}
END_TEST

START_TEST(mutation_is_the_exact_expectation_over_neighbours)
{
    struct oracle *oracle =
        open_good("{\"dataset\":\"cifar100\",\"metric\":\"accuracy\",\"epochs\":12,\"at_epoch\":"
                  "\"final\",\"split\":\"valid\",\"training_seed\":\"mean\"}");
    for (size_t i = 0; i < space_size(space); i += 613) {
        struct arch arch = space_nth(space, i);
        struct evaluation here, there;
        double better = 0, gain = 0, better_share = -1, mean_gain = -1;
        ck_assert(oracle->type->evaluate(oracle, &arch, NULL, &here, NULL));
        for (size_t n = 0; n < 24; n++) {
            struct arch other = space_neighbour(space, &arch, n);
            ck_assert(oracle->type->evaluate(oracle, &other, NULL, &there, NULL));
            better += there.valid_score > here.valid_score;
            gain += there.valid_score - here.valid_score;
        }
        oracle->type->mutation(oracle, &arch, &better_share, &mean_gain);
        ck_assert_double_eq(better_share, better / 24);
        ck_assert_double_eq_tol(mean_gain, gain / 24, 1e-12);
    }
    oracle->type->close(oracle);
}
END_TEST

static const char tnb101_options[] =
    "{\"dataset\":\"%s\",\"metric\":\"%s\",\"epochs\":%d,\"at_epoch\":\"%s\","
    "\"split\":\"valid\",\"training_seed\":\"%s\"}";

static void setup_tnb101(void)
{
    space = space_find("transnas-bench-101");
}

static struct oracle *open_tnb101(const char *dataset, const char *metric, int epochs,
                                  const char *at_epoch)
{
    char *json = mem_printf(tnb101_options, dataset, metric, epochs, at_epoch, "mean");
    struct oracle *oracle = open_good(json);
    free(json);
    return oracle;
}

/* As upstream's files say of the cell of upstream's README. */
START_TEST(final_and_best_epoch_are_told_apart)
{
    struct oracle *oracle = open_tnb101("normal", "ssim", 30, "final");
    struct arch arch = cell("64-41414-1_02_333");
    struct evaluation evaluation;
    struct verdict verdict;
    ck_assert_str_eq(oracle->metric.name, "ssim");
    ck_assert(oracle->metric.epoch == METRIC_FINAL_EPOCH);
    ck_assert(oracle->type->evaluate(oracle, &arch, NULL, &evaluation, NULL));
    ck_assert_double_eq_tol(evaluation.valid_score, 0.5548264, 1e-6);
    ck_assert_double_nan(evaluation.test_score); /* not known of the final epoch */
    ck_assert_double_eq_tol(evaluation.cost_s, 21021, 1e-6);
    ck_assert(
        oracle->type->report(oracle, &arch, "autoencoder", 30, METRIC_BEST_EPOCH, &verdict, NULL));
    ck_assert_double_eq_tol(verdict.valid_score, 0.4321505, 1e-6);
    ck_assert_double_eq_tol(verdict.test_score, 0.4566885, 1e-6);
    oracle->type->close(oracle);
}
END_TEST

/* The best of the space by best epoch, as papers that use upstream's own API print them. */
START_TEST(the_best_of_each_task_is_as_published)
{
    static const struct {
        const char *dataset, *metric;
        int epochs;
        double best;
    } published[] = {
        {"class_scene", "accuracy", 25, 54.94},  {"class_object", "accuracy", 25, 46.32},
        {"room_layout", "neg_loss", 25, -.5938}, {"jigsaw", "accuracy", 10, 95.37},
        {"autoencoder", "ssim", 30, .5772},      {"normal", "ssim", 30, .5962},
        {"segmentsemantic", "miou", 30, 26.27}};
    for (size_t i = 0; i < sizeof(published) / sizeof(*published); i++) {
        double highest = NAN, grain = published[i].best > 1 ? 5e-3 : 5e-5;
        struct verdict best;
        struct oracle *oracle =
            open_tnb101(published[i].dataset, published[i].metric, published[i].epochs, "best");
        ck_assert(oracle->type->optimum(oracle, published[i].dataset, published[i].epochs,
                                        METRIC_BEST_EPOCH, &highest, &best));
        ck_assert_double_eq_tol(highest, published[i].best, grain);
        ck_assert_double_eq(best.valid_score, highest);
        oracle->type->close(oracle);
    }
}
END_TEST

static void refuses_tnb101(const char *dataset, const char *metric, int epochs,
                           const char *at_epoch, const char *seed, const char *expected)
{
    char *json = mem_printf(tnb101_options, dataset, metric, epochs, at_epoch, seed);
    ck_assert_str_eq(failure_of(json), expected);
    free(json);
}

START_TEST(a_metric_that_a_task_lacks_is_said_with_the_tasks_that_have_it)
{
    refuses_tnb101("jigsaw", "ssim", 10, "final", "mean",
                   "transnas-bench-101 has no valid ssim on \"jigsaw\" at 10 epochs; it has: "
                   "autoencoder at 30 epochs, normal at 30 epochs");
    refuses_tnb101("segmentsemantic", "miou", 30, "final", "mean",
                   "transnas-bench-101 has no valid miou on \"segmentsemantic\" at 30 epochs; it "
                   "has: none");
    refuses_tnb101("room_layout", "neg_loss", 30, "best", "mean",
                   "transnas-bench-101 has no valid neg_loss_best_epoch on \"room_layout\" at 30 "
                   "epochs; it has: room_layout at 25 epochs");
    refuses_tnb101("jigsaw", "accuracy", 10, "final", "draw",
                   "training_seed \"draw\": transnas-bench-101 has only the mean over training "
                   "seeds on jigsaw at 10 epochs, expected \"mean\"");
}
END_TEST

START_TEST(what_the_table_lacks_is_said_with_what_it_has)
{
    ck_assert_str_eq(failure_of("{\"dataset\":\"cifar\",\"metric\":\"accuracy\",\"epochs\":200,"
                                "\"at_epoch\":\"final\",\"split\":\"valid\","
                                "\"split\":\"valid\",\"training_seed\":\"mean\"}"),
                     "nas-bench-201 has no valid accuracy on \"cifar\" at 200 epochs; it has: "
                     "cifar10 at 200 epochs, cifar100 at 200 epochs, imagenet16-120 at 200 epochs, "
                     "cifar10 at 12 epochs, cifar100 at 12 epochs, imagenet16-120 at 12 epochs");
    ck_assert_str_eq(
        failure_of("{\"dataset\":\"cifar10\",\"metric\":\"accuracy\",\"epochs\":12,\"at_epoch\":"
                   "\"final\",\"split\":\"valid\",\"training_seed\":"
                   "\"draw\"}"),
        "training_seed \"draw\": nas-bench-201 has only the mean over training seeds on cifar10 at "
        "12 epochs, expected \"mean\"");
    ck_assert_str_eq(failure_of("{\"table\":\"no/such.h5\",\"dataset\":\"cifar10\",\"epochs\":12,"
                                "\"metric\":\"accuracy\",\"at_epoch\":\"final\",\"split\":"
                                "\"valid\",\"training_seed\":\"mean\"}"),
                     "no/such.h5: No such file or directory");
}
END_TEST

/* A table in which only the cells with an odd index were measured, one of them without a time. */
static void write_gaps(const char *path, bool with_time)
{
    struct table *table = mem_alloc(1, sizeof(*table));
    snprintf(table->benchmark, sizeof(table->benchmark), "gaps");
    table->space = space;
    table->rows = space_size(space);
    table->column_count = with_time ? 2 : 1;
    table->columns = mem_alloc(2, sizeof(*table->columns));
    table->values = mem_alloc(2 * table->rows, sizeof(*table->values));
    table->columns[0] = (struct column){
        .metric = "accuracy", .dataset = "toy", .split = "valid", .epochs = 5, .training_seed = 1};
    table->columns[1] = (struct column){.metric = "epoch_time", .dataset = "toy"};
    for (size_t row = 0; row < table->rows; row++) {
        table->values[row] = row % 2 ? (float)(row % 100) : NAN;
        table->values[table->rows + row] = row == 3 ? NAN : 2;
    }
    ck_assert(table_write(table, path, NULL));
    table_close(table);
}

static char folder[] = "seki-oracle-XXXXXX";
static const char gaps_options[] = "{\"table\":\"gaps.h5\",\"dataset\":\"toy\",\"epochs\":5,"
                                   "\"metric\":\"accuracy\",\"at_epoch\":\"final\","
                                   "\"split\":\"valid\",\"training_seed\":\"%s\"}";

static void enter_folder(void)
{
    setup();
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
    unlink("gaps.h5");
    ck_assert_int_eq(chdir(".."), 0);
    rmdir(folder);
}

static const char *evaluation_failure(struct oracle *oracle, size_t row)
{
    static struct err err;
    struct arch arch = space_nth(space, row);
    struct rng rng = rng_seed(1);
    struct evaluation evaluation;
    err = (struct err){0};
    ck_assert(!oracle->type->evaluate(oracle, &arch, &rng, &evaluation, &err));
    return err.text;
}

START_TEST(what_was_not_measured_is_an_error_and_never_zero)
{
    static const char *const rules[2] = {"mean", "draw"};
    char json[200];
    write_gaps("gaps.h5", true);
    snprintf(json, sizeof(json), gaps_options, rules[_i]);
    struct oracle *oracle = open_good(json);
    ck_assert_str_eq(evaluation_failure(oracle, 0),
                     "gaps: 000000 was not measured on toy at 5 epochs");
    ck_assert_str_eq(evaluation_failure(oracle, 3),
                     "gaps: 000003 was not measured on toy at 5 epochs");
    struct arch arch = space_nth(space, 7);
    struct rng rng = rng_seed(1);
    struct evaluation evaluation;
    ck_assert(oracle->type->evaluate(oracle, &arch, &rng, &evaluation, NULL));
    ck_assert_double_eq(evaluation.valid_score, 7);
    ck_assert_double_eq(evaluation.cost_s, 10);
    ck_assert(isnan(evaluation.test_score));
    oracle->type->close(oracle);
}
END_TEST

START_TEST(gaps_are_left_out_of_the_best_and_of_mutation)
{
    char json[200];
    write_gaps("gaps.h5", true);
    snprintf(json, sizeof(json), gaps_options, "mean");
    struct oracle *oracle = open_good(json);
    struct arch arch = space_nth(space, 7), unmeasured = space_nth(space, 0);
    struct verdict best;
    double search_score = 0, better_share = 0, mean_gain = 0;
    ck_assert(oracle->type->optimum(oracle, "toy", 5, METRIC_FINAL_EPOCH, &search_score, &best));
    ck_assert_double_eq(search_score, 99);
    ck_assert_double_eq(best.valid_score, 99);
    ck_assert(isnan(best.test_score));
    size_t count;
    ck_assert(oracle->type->ranked(oracle, &count)[0] == 99 && count == 7812);
    /* All powers of five are odd: a neighbour is measured where the digit changes by an even step.
     */
    oracle->type->mutation(oracle, &arch, &better_share, &mean_gain);
    ck_assert(better_share > 0 && better_share < 1 && isfinite(mean_gain));
    oracle->type->mutation(oracle, &unmeasured, &better_share, &mean_gain);
    ck_assert(isnan(better_share) && isnan(mean_gain));
    oracle->type->close(oracle);
}
END_TEST

START_TEST(a_table_without_times_cannot_be_searched)
{
    char json[200];
    write_gaps("gaps.h5", false);
    snprintf(json, sizeof(json), gaps_options, "mean");
    ck_assert_str_eq(failure_of(json), "gaps has no epoch_time on \"toy\"; it has: none");
}
END_TEST

START_TEST(a_report_on_what_is_not_there_is_an_error)
{
    char json[200];
    struct err err = {0};
    struct verdict verdict;
    write_gaps("gaps.h5", true);
    snprintf(json, sizeof(json), gaps_options, "mean");
    struct oracle *oracle = open_good(json);
    struct arch arch = space_nth(space, 7);
    ck_assert(
        !oracle->type->report(oracle, &arch, "cifar10", 200, METRIC_FINAL_EPOCH, &verdict, &err));
    ck_assert_str_eq(err.text, "gaps has no valid accuracy on \"cifar10\" at 200 epochs; it has: "
                               "toy at 5 epochs");
    oracle->type->close(oracle);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tabular oracle");
    TCase *facts = tcase_create("nas-bench-201");
    tcase_add_checked_fixture(facts, setup, NULL);
    tcase_add_test(facts, cell_421211_scores_as_published);
    tcase_add_test(facts, the_best_of_each_data_set_is_as_published);
    tcase_add_test(facts, a_drawn_seed_is_one_of_those_measured_and_each_comes_up);
    tcase_add_test(facts, mutation_is_the_exact_expectation_over_neighbours);
    tcase_add_test(facts, what_the_table_lacks_is_said_with_what_it_has);
    suite_add_tcase(suite, facts);
    TCase *tasks = tcase_create("transnas-bench-101");
    tcase_add_checked_fixture(tasks, setup_tnb101, NULL);
    tcase_add_test(tasks, final_and_best_epoch_are_told_apart);
    tcase_add_test(tasks, the_best_of_each_task_is_as_published);
    tcase_add_test(tasks, a_metric_that_a_task_lacks_is_said_with_the_tasks_that_have_it);
    suite_add_tcase(suite, tasks);
    TCase *gaps = tcase_create("a table with gaps");
    tcase_add_checked_fixture(gaps, enter_folder, leave_folder);
    tcase_add_loop_test(gaps, what_was_not_measured_is_an_error_and_never_zero, 0, 2);
    tcase_add_test(gaps, gaps_are_left_out_of_the_best_and_of_mutation);
    tcase_add_test(gaps, a_table_without_times_cannot_be_searched);
    tcase_add_test(gaps, a_report_on_what_is_not_there_is_an_error);
    suite_add_tcase(suite, gaps);
    return suite_run(suite);
}
