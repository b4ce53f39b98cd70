/* The table of finished trainings, as a file that several programs write and any may damage. */
#include "../suite.h"
#include "base/file.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "oracle/trainings.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64]; /* of this test, empty at its start */
static const struct space *space;
static json_t *setting, *curve;

static void setup(void)
{
    snprintf(folder, sizeof(folder), "/tmp/seki-trainings-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(setenv("SEKI_DATA", folder, 1), 0);
    space = space_find("nas-bench-201");
    setting =
        json_pack("{s:s, s:i, s:s}", "dataset", "synthetic", "epochs", 3, "valid_from", "train");
    curve = json_pack("[{s:f}, {s:f}]", "valid_pct", 50.5, "valid_pct", 60.25);
}

static void teardown(void)
{
    char *command = mem_printf("rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
    free(command);
    json_decref(setting);
    json_decref(curve);
}

static struct trainings *open_at(const char *results)
{
    struct err err = {0};
    struct trainings *trainings = trainings_open(space, setting, results, &err);
    ck_assert_msg(trainings != NULL, "%s", err.text);
    return trainings;
}

/* The path of the table in the folder; the caller frees. */
static char *path_of(const struct trainings *trainings)
{
    return mem_printf("%s/trainings/%s.jsonl", folder, trainings_name(trainings));
}

static struct training example(size_t index, uint64_t seed)
{
    return (struct training){.arch = space_nth(space, index),
                             .seed = seed,
                             .valid_pct = {61.0 / 7, 62},
                             .test_pct = {63, 64},
                             .best_epoch = 2,
                             .train_s = 21.5,
                             .evaluate_s = 2.25,
                             .images_per_s = 1234.5,
                             .parameters = 73306,
                             .multiply_adds = 7782400,
                             .device = "one thread of a test",
                             .data = "0123",
                             .curve = curve};
}

static const struct training *add(struct trainings *trainings, size_t index, uint64_t seed)
{
    struct err err = {0};
    struct training training = example(index, seed);
    const struct training *kept = trainings_add(trainings, &training, &err);
    ck_assert_msg(kept != NULL, "%s", err.text);
    return kept;
}

static void check_same(const struct training *a, const struct training *b)
{
    ck_assert(arch_equal(&a->arch, &b->arch));
    ck_assert_uint_eq(a->seed, b->seed);
    for (int epoch = 0; epoch < 2; epoch++) {
        ck_assert_double_eq(a->valid_pct[epoch], b->valid_pct[epoch]);
        ck_assert_double_eq(a->test_pct[epoch], b->test_pct[epoch]);
    }
    ck_assert_int_eq(a->best_epoch, b->best_epoch);
    ck_assert_double_eq(a->train_s, b->train_s);
    ck_assert_double_eq(a->evaluate_s, b->evaluate_s);
    ck_assert_double_eq(a->images_per_s, b->images_per_s);
    ck_assert_double_eq(a->parameters, b->parameters);
    ck_assert_double_eq(a->multiply_adds, b->multiply_adds);
    ck_assert_str_eq(a->device, b->device);
    ck_assert_str_eq(a->data, b->data);
    ck_assert(json_equal(a->curve, b->curve));
}

START_TEST(what_was_added_is_there_when_opened_again)
{
    struct trainings *first = open_at(folder);
    const struct training *kept = add(first, 1234, 7);
    struct trainings *second = open_at(folder);
    const struct training *found = trainings_find(second, &kept->arch, 7, NULL);
    ck_assert_ptr_nonnull(found);
    check_same(found, kept);
    ck_assert_double_eq_tol(found->valid_pct[METRIC_FINAL_EPOCH], 61.0 / 7, 1e-12);
    ck_assert(!found->shipped);
    ck_assert_ptr_null(found->diverged);
    ck_assert_ptr_null(trainings_find(second, &kept->arch, 8, NULL));
    ck_assert_ptr_eq(trainings_at(second, 0), found);
    ck_assert_ptr_null(trainings_at(second, 1));
    trainings_close(first);
    trainings_close(second);
}
END_TEST

START_TEST(a_training_that_diverged_has_a_reason_and_no_scores)
{
    struct err err = {0};
    struct trainings *trainings = open_at(folder);
    struct training training = example(5, 1);
    training.diverged = "epoch 1, step 2: the loss is not finite";
    const struct training *kept = trainings_add(trainings, &training, &err);
    ck_assert_msg(kept != NULL, "%s", err.text);
    ck_assert_str_eq(kept->diverged, training.diverged);
    ck_assert(isnan(kept->valid_pct[0]) && isnan(kept->test_pct[1]));
    trainings_close(trainings);
}
END_TEST

START_TEST(another_setting_is_another_table_and_another_order_of_keys_is_not)
{
    struct trainings *trainings = open_at(folder);
    char *name = mem_strdup(trainings_name(trainings));
    add(trainings, 1, 1);
    trainings_close(trainings);
    json_decref(setting);
    setting =
        json_pack("{s:i, s:s, s:s}", "epochs", 3, "valid_from", "train", "dataset", "synthetic");
    trainings = open_at(folder);
    ck_assert_str_eq(trainings_name(trainings), name);
    ck_assert_ptr_nonnull(trainings_at(trainings, 0));
    trainings_close(trainings);
    json_object_set_new(setting, "epochs", json_integer(4));
    trainings = open_at(folder);
    ck_assert_str_ne(trainings_name(trainings), name);
    ck_assert_ptr_null(trainings_at(trainings, 0));
    trainings_close(trainings);
    free(name);
}
END_TEST

/* Cuts the table off in its last line, at each of a few places. */
START_TEST(a_torn_last_line_is_cut_off_by_the_next)
{
    struct err err = {0};
    size_t size;
    struct trainings *trainings = open_at(folder);
    char *path = path_of(trainings);
    add(trainings, 1, 1);
    add(trainings, 2, 1);
    trainings_close(trainings);
    char *whole = file_read(path, FILE_CEILING, &size, &err);
    size_t cuts[] = {1, 2, 100, size - (size_t)(strchr(strchr(whole, '\n') + 1, '\n') + 2 - whole)};
    ck_assert(file_write(path, whole, size - cuts[_i], &err));
    trainings = open_at(folder);
    ck_assert_ptr_nonnull(trainings_at(trainings, 0));
    ck_assert_ptr_null(trainings_at(trainings, 1));
    add(trainings, 3, 1);
    trainings_close(trainings);
    struct jsonl lines;
    ck_assert(jsonl_read(path, &lines, &err));
    ck_assert_uint_eq(lines.count, 3);
    ck_assert(!lines.torn);
    jsonl_free(&lines);
    free(whole);
    free(path);
}
END_TEST

/* What is put in the place of what, and what is said of it. */
static const struct {
    const char *from, *to, *said;
} damages[] = {
    {"{\"arch\"", "{\"arch", ":2: found"},
    {"\"valid_final_pct\":8.", "\"valid_final_pct\":801.",
     ":2: /valid_final_pct: found 801.71429, expected a number from 0 to 100"},
    {"\"seki\":", "\"sake\":", ":2: /sake: unknown key, expected one of "},
    {"\"digits\":\"000001\"", "\"digits\":\"000002\"",
     ":2: /digits: found \"000002\", expected those of /arch"},
    {"\"diverged\":null", "\"diverged\":\"x\"",
     ":2: /valid_final_pct: found 8.71429, expected null, since the training diverged"},
    {"none~0", "nine~0", ":2: "},
    {"\"valid_best_pct\":62.0", "\"valid_best_pct\":null",
     ":2: /valid_best_pct: found null, expected a number, since the setting validates"},
    {"\"train_s\":21.5", "\"train_s\":1e308", ":2: /train_s: found 1e308, expected a number from "},
    {"[{\"valid_pct\":50.5}", "[50.5", ":2: /curve/0: found no object, expected one"},
    {"\"epochs\":3", "\"epochs\":4", ":1: found a setting whose SHA-256 begins with "},
};

START_TEST(damage_is_bad_input_with_its_line)
{
    struct err err = {0};
    size_t size;
    struct trainings *trainings = open_at(folder);
    char *path = path_of(trainings);
    add(trainings, 1, 1);
    add(trainings, 4, 1);
    trainings_close(trainings);
    char *whole = file_read(path, FILE_CEILING, &size, &err);
    char *at = strstr(whole, damages[_i].from);
    ck_assert_ptr_nonnull(at);
    char *damaged = mem_printf("%.*s%s%s", (int)(at - whole), whole, damages[_i].to,
                               at + strlen(damages[_i].from));
    ck_assert(file_write(path, damaged, strlen(damaged), &err));
    ck_assert_ptr_null(trainings_open(space, setting, folder, &err));
    ck_assert_int_eq(err.code, ERR_INPUT);
    char *expected = mem_printf("%s%s", path, damages[_i].said);
    ck_assert_msg(strncmp(err.text, expected, strlen(expected)) == 0, "%s\n%s", err.text, expected);
    free(expected);
    free(damaged);
    free(whole);
    free(path);
}
END_TEST

enum { WRITERS = 6, EACH = 12 };

/* Process number w adds its own trainings and, between them, one that all others add too. */
static void write_many(int w)
{
    struct trainings *trainings = open_at(folder);
    for (int i = 0; i < EACH; i++) {
        struct training shared = example((size_t)i, 99);
        shared.train_s = w;
        if (!trainings_add(trainings, &shared, NULL))
            _exit(1);
        add(trainings, (size_t)(100 * w + i), 1);
    }
    trainings_close(trainings);
    _exit(0);
}

START_TEST(several_processes_add_to_one_table)
{
    struct err err = {0};
    for (int w = 0; w < WRITERS; w++)
        if (fork() == 0)
            write_many(w);
    for (int w = 0, status; w < WRITERS; w++) {
        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    struct trainings *trainings = open_at(folder);
    char *path = path_of(trainings);
    struct jsonl lines;
    ck_assert_msg(jsonl_read(path, &lines, &err), "%s", err.text);
    ck_assert(!lines.torn);
    ck_assert_uint_eq(lines.count, 1 + WRITERS * EACH + EACH);
    jsonl_free(&lines);
    trainings_close(trainings);
    free(path);
}
END_TEST

START_TEST(of_two_results_the_first_is_kept)
{
    struct err err = {0};
    struct trainings *one = open_at(folder), *other = open_at(folder);
    struct training mine = example(3, 1), theirs = mine;
    theirs.valid_pct[0] = 12;
    ck_assert_ptr_nonnull(trainings_add(one, &mine, &err));
    const struct training *kept = trainings_add(other, &theirs, &err);
    ck_assert_msg(kept != NULL, "%s", err.text);
    check_same(kept, trainings_find(one, &mine.arch, 1, NULL));
    trainings_close(one);
    trainings_close(other);
}
END_TEST

START_TEST(the_same_training_on_other_images_is_another)
{
    struct err err = {0};
    struct trainings *trainings = open_at(folder);
    struct training mine = example(3, 1), theirs = mine;
    theirs.data = "4567";
    ck_assert_ptr_nonnull(trainings_add(trainings, &mine, &err));
    ck_assert_ptr_nonnull(trainings_add(trainings, &theirs, &err));
    trainings_close(trainings);
    trainings = open_at(folder);
    ck_assert_str_eq(trainings_find(trainings, &mine.arch, 1, "0123")->data, "0123");
    ck_assert_str_eq(trainings_find(trainings, &mine.arch, 1, "4567")->data, "4567");
    ck_assert_ptr_null(trainings_find(trainings, &mine.arch, 1, "89ab"));
    ck_assert_ptr_eq(trainings_find(trainings, &mine.arch, 1, NULL), trainings_at(trainings, 0));
    trainings_close(trainings);
}
END_TEST

/* Moves the table to where those of the project are. */
static void ship(const struct trainings *trainings, size_t left_out)
{
    struct err err = {0};
    size_t size;
    char *path = path_of(trainings);
    char *to = mem_printf("%s/benchdata/trainings/%s.jsonl.zst", folder, trainings_name(trainings));
    char *text = file_read(path, FILE_CEILING, &size, &err);
    ck_assert(file_write(to, text, size - left_out, &err));
    ck_assert_int_eq(unlink(path), 0);
    free(text);
    free(to);
    free(path);
}

START_TEST(what_comes_with_the_project_is_found_and_not_written)
{
    struct trainings *trainings = open_at(folder);
    const struct arch arch = add(trainings, 3, 1)->arch;
    ship(trainings, 0);
    trainings_close(trainings);
    trainings = open_at(NULL);
    ck_assert_ptr_nonnull(trainings_find(trainings, &arch, 1, NULL));
    ck_assert(trainings_find(trainings, &arch, 1, NULL)->shipped);
    trainings_close(trainings);

    trainings = open_at(folder);
    ck_assert(add(trainings, 3, 1)->shipped);
    ck_assert(!add(trainings, 4, 1)->shipped);
    trainings_close(trainings);
}
END_TEST

START_TEST(what_comes_with_the_project_must_be_whole)
{
    struct err err = {0};
    struct trainings *trainings = open_at(folder);
    add(trainings, 3, 1);
    ship(trainings, 5);
    trainings_close(trainings);
    ck_assert_ptr_null(trainings_open(space, setting, NULL, &err));
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_msg(strstr(err.text, ".jsonl.zst:2: found a line that breaks off") != NULL, "%s",
                  err.text);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_told)
{
    struct err err = {0};
    char *file = file_join(folder, "file");
    ck_assert(file_write(file, "", 0, &err));
    struct trainings *trainings = open_at(file);
    struct training training = example(1, 1);
    ck_assert_ptr_null(trainings_add(trainings, &training, &err));
    ck_assert_int_eq(err.code, ERR_IO);
    trainings_close(trainings);
    free(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trainings");
    TCase *all = tcase_create("trainings");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, what_was_added_is_there_when_opened_again);
    tcase_add_test(all, a_training_that_diverged_has_a_reason_and_no_scores);
    tcase_add_test(all, another_setting_is_another_table_and_another_order_of_keys_is_not);
    tcase_add_loop_test(all, a_torn_last_line_is_cut_off_by_the_next, 0, 4);
    tcase_add_loop_test(all, damage_is_bad_input_with_its_line, 0,
                        sizeof(damages) / sizeof(damages[0]));
    tcase_add_test(all, several_processes_add_to_one_table);
    tcase_add_test(all, of_two_results_the_first_is_kept);
    tcase_add_test(all, the_same_training_on_other_images_is_another);
    tcase_add_test(all, what_comes_with_the_project_is_found_and_not_written);
    tcase_add_test(all, what_comes_with_the_project_must_be_whole);
    tcase_add_test(all, a_folder_that_cannot_be_written_is_told);
    suite_add_tcase(suite, all);
    return suite_run(suite);
}
