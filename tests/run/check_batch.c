#include "../suite.h"
#include "base/file.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "run/batch.h"
#include "runlog/event.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

static char folder[64]; /* of this test, empty at its start */

/* Random search without folders, SEKI with the scripted LLM with folders. */
static const char study[] =
    "{\"seki\": 1, \"name\": \"study\", \"title\": \"t\", \"space\": \"nas-bench-201\","
    " \"oracle\": {\"type\": \"table\", \"dataset\": \"cifar10\", \"metric\": \"accuracy\", "
    "\"epochs\": 200,"
    " \"at_epoch\": \"final\","
    "              \"split\": \"valid\", \"training_seed\": \"draw\", \"repeat\": \"free\"},"
    " \"llm\": {\"type\": \"scripted\", \"model\": \"scripted\", \"invalid_share\": 0.3},"
    " \"budget\": {\"evaluations\": 12}, \"seeds\": {\"count\": @},"
    " \"report\": {\"at\": [6], \"parents\": true},"
    " \"matrix\": {\"method\": [{\"label\": \"random\", \"strategy\": {\"type\": \"random\"}},"
    "   {\"label\": \"edit\", \"strategy\": {\"type\": \"seki\"}},"
    "   {\"label\": \"whole\", \"strategy\": {\"type\": \"seki\", \"form\": \"whole\"}}]}}";

static void setup(void)
{
    snprintf(folder, sizeof(folder), "/tmp/seki-batch-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void teardown(void)
{
    char *command = mem_printf("rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
    free(command);
}

static char *in_folder(const char *name)
{
    return file_join(folder, name);
}

/* The study with a number of seeds where its text has '@'. */
static struct experiment *open_study(const char *text, int seeds)
{
    struct err err = {0};
    struct str whole = {0};
    size_t at = strcspn(text, "@");
    str_add_bytes(&whole, text, at);
    str_addf(&whole, "%d%s", seeds, text + at + 1);
    char *path = in_folder("study.json");
    ck_assert(file_write(path, whole.text, whole.length, &err));
    str_free(&whole);
    struct experiment *experiment = experiment_open(path, &err);
    ck_assert_msg(experiment != NULL, "%s", err.text);
    free(path);
    return experiment;
}

static struct batch_result run(const struct experiment *experiment, const char *results,
                               size_t jobs, const char *only)
{
    struct err err = {0};
    char *at = in_folder(results);
    struct batch_settings settings = {.place = {.mode = RUN_REPLAY,
                                                .experiment = experiment->name,
                                                .results = at,
                                                .transcripts = "transcripts"},
                                      .jobs = jobs,
                                      .only = only};
    struct batch_result result;
    ck_assert_msg(batch_run(experiment, &settings, &result, &err), "%s", err.text);
    free(at);
    return result;
}

static struct jsonl read_log(const char *results, const char *run_name, const char *file)
{
    struct err err = {0};
    struct jsonl log;
    char *path = mem_printf("%s/%s/study/%s/%s", folder, results, run_name, file);
    ck_assert_msg(jsonl_read(path, &log, &err), "%s", err.text);
    ck_assert(!log.torn);
    free(path);
    return log;
}

static void same_logs(const char *a, const char *b, const char *run_name, const char *file)
{
    struct jsonl left = read_log(a, run_name, file), right = read_log(b, run_name, file);
    ck_assert_uint_eq(left.count, right.count);
    for (size_t i = 0; i < left.count; i++)
        ck_assert_msg(event_same(left.lines[i], right.lines[i]), "%s:%zu", run_name, i + 1);
    jsonl_free(&left);
    jsonl_free(&right);
}

START_TEST(the_number_of_jobs_changes_no_log)
{
    struct experiment *experiment = open_study(study, 40);
    struct batch_result one = run(experiment, "one", 1, NULL);
    struct batch_result four = run(experiment, "four", 4, NULL);
    ck_assert_uint_eq(one.made, 120);
    ck_assert_uint_eq(four.made, 120);
    same_logs("one", "four", "random", "runs.jsonl.zst");
    same_logs("one", "four", "edit.s7", "run.jsonl");
    same_logs("one", "four", "whole.s40", "run.jsonl");
    experiment_close(experiment);
}
END_TEST

START_TEST(a_finished_run_is_not_made_again)
{
    struct experiment *experiment = open_study(study, 3);
    (void)run(experiment, "results", 2, NULL);
    struct batch_result again = run(experiment, "results", 2, NULL);
    ck_assert_uint_eq(again.made, 0);
    ck_assert_uint_eq(again.skipped, 9);
    experiment_close(experiment);
}
END_TEST

static void flip_a_bit(char *log, size_t *size)
{
    log[*size / 2] ^= 1;
}

static void cut_the_end(char *log, size_t *size)
{
    (void)log;
    --*size;
}

/* Every run after the start line, which is a frame of its own. */
static void lose_the_runs(char *log, size_t *size)
{
    *size = ZSTD_findFrameCompressedSize(log, *size);
}

static void be_none(char *log, size_t *size)
{
    *size = (size_t)snprintf(log, *size, "not a log");
}

static void (*const damages[])(char *log, size_t *size) = {flip_a_bit, cut_the_end, lose_the_runs,
                                                           be_none};

START_TEST(a_log_of_many_runs_that_was_damaged_is_made_again)
{
    struct err err = {0};
    struct experiment *experiment = open_study(study, 3);
    (void)run(experiment, "whole", 1, "random");
    (void)run(experiment, "results", 1, "random");
    char *path = in_folder("results/study/random/runs.jsonl.zst");
    char *bare = in_folder("results/study/random/runs");
    ck_assert_int_eq(rename(path, bare), 0);
    size_t size;
    char *log = file_read(bare, FILE_CEILING, &size, &err);
    ck_assert_msg(log != NULL, "%s", err.text);
    damages[_i](log, &size);
    ck_assert(file_write(bare, log, size, &err));
    ck_assert_int_eq(rename(bare, path), 0);
    ck_assert_uint_eq(run(experiment, "results", 1, "random").made, 3);
    same_logs("whole", "results", "random", "runs.jsonl.zst");
    ck_assert_uint_eq(run(experiment, "results", 1, "random").made, 0);
    free(log);
    free(bare);
    free(path);
    experiment_close(experiment);
}
END_TEST

START_TEST(more_seeds_keep_the_runs_with_folders)
{
    struct experiment *experiment = open_study(study, 2);
    (void)run(experiment, "results", 1, NULL);
    experiment_close(experiment);
    experiment = open_study(study, 3);
    struct batch_result more = run(experiment, "results", 1, NULL);
    ck_assert_uint_eq(more.skipped, 4); /* edit and whole; random is one file a cell */
    ck_assert_uint_eq(more.made, 5);
    experiment_close(experiment);
}
END_TEST

static int64_t iterations_of(const struct jsonl *log)
{
    return option_integer(log->lines[log->count - 1], "iterations");
}

START_TEST(another_experiment_of_that_name_is_made_anew_and_every_old_log_kept)
{
    struct experiment *experiment = open_study(study, 2);
    (void)run(experiment, "results", 1, NULL);
    experiment_close(experiment);
    char *other = mem_strdup(study), *budget = strstr(other, "\"evaluations\": 12");
    memcpy(budget, "\"evaluations\": 14", 17);
    experiment = open_study(other, 2);
    struct batch_result result = run(experiment, "results", 1, NULL);
    ck_assert_uint_eq(result.made, 6);
    experiment_close(experiment);
    experiment = open_study(study, 2);
    (void)run(experiment, "results", 1, NULL);
    struct jsonl first = read_log("results", "edit.s1", "run.jsonl.old");
    struct jsonl second = read_log("results", "edit.s1", "run.jsonl.old.2");
    ck_assert_int_eq(iterations_of(&first), 12);
    ck_assert_int_eq(iterations_of(&second), 14);
    jsonl_free(&first);
    jsonl_free(&second);
    free(other);
    experiment_close(experiment);
}
END_TEST

START_TEST(only_what_was_asked_for_is_run)
{
    struct experiment *experiment = open_study(study, 3);
    ck_assert_uint_eq(run(experiment, "results", 1, "edit.s2").made, 1);
    ck_assert_uint_eq(run(experiment, "results", 1, "ra*").made, 3);
    experiment_close(experiment);
}
END_TEST

START_TEST(a_search_that_has_seen_the_whole_space_ends_and_says_so)
{
    static const char local[] =
        "{\"seki\": 1, \"name\": \"study\", \"title\": \"t\", \"space\": \"nas-bench-201\","
        " \"oracle\": {\"type\": \"table\", \"dataset\": \"cifar10\", \"metric\": "
        "\"accuracy\",\"epochs\": 200,\"at_epoch\": \"final\","
        "              \"split\": \"valid\", \"training_seed\": \"mean\", \"repeat\": \"free\"},"
        " \"strategy\": {\"type\": \"local\"},"
        " \"budget\": {\"evaluations\": 16000}, \"seeds\": {\"count\": @}}";
    struct experiment *experiment = open_study(local, 1);
    struct batch_result result = run(experiment, "results", 1, NULL);
    ck_assert_uint_eq(result.made, 1);
    struct jsonl log = read_log("results", "all", "runs.jsonl.zst");
    ck_assert_int_eq(option_integer(log.lines[1], "unique"), 15625);
    ck_assert_str_eq(option_text(log.lines[1], "reason"),
                     "a million random draws found no architecture that was not evaluated");
    jsonl_free(&log);
    experiment_close(experiment);
}
END_TEST

START_TEST(every_iteration_is_in_the_log_and_none_twice)
{
    struct experiment *experiment = open_study(study, 1);
    (void)run(experiment, "results", 1, NULL);
    struct jsonl log = read_log("results", "edit.s1", "run.jsonl");
    int64_t next = 0, repairs = 0, invalid = 0;
    for (size_t i = 0; i < log.count; i++) {
        const char *event = option_text(log.lines[i], "event");
        repairs += strcmp(event, "repair") == 0;
        invalid += strcmp(event, "invalid") == 0;
        if (strcmp(event, "evaluation") == 0 || strcmp(event, "invalid") == 0)
            ck_assert_int_eq(option_integer(log.lines[i], "index"), next++);
    }
    const json_t *end = log.lines[log.count - 1];
    ck_assert_int_eq(next, 12);
    ck_assert_int_gt(repairs, 0); /* 30 % of the replies are prose */
    ck_assert_int_eq(option_integer(end, "repairs"), repairs);
    ck_assert_int_eq(option_integer(end, "invalid"), invalid);
    ck_assert_int_eq(option_integer(end, "evaluations"), 12 - invalid);
    jsonl_free(&log);
    experiment_close(experiment);
}
END_TEST

/* SEKI with an LLM whose server is nowhere, and the same loop without one. */
static const char live[] =
    "{\"seki\": 1, \"name\": \"study\", \"title\": \"t\", \"space\": \"nas-bench-201\","
    " \"oracle\": {\"type\": \"table\", \"dataset\": \"cifar10\", \"metric\": "
    "\"accuracy\",\"epochs\": 200,\"at_epoch\": \"final\","
    "              \"split\": \"valid\", \"training_seed\": \"mean\", \"repeat\": \"free\"},"
    " \"llm\": {\"type\": \"http\", \"url\": \"http://127.0.0.1:1/v1\", \"model\": \"m\"},"
    " \"budget\": {\"evaluations\": 12}, \"seeds\": {\"count\": @},"
    " \"matrix\": {\"method\": ["
    "   {\"label\": \"edit\", \"strategy\": {\"type\": \"seki\"}},"
    "   {\"label\": \"rule\", \"strategy\": {\"type\": \"seki\", \"operators\": \"prior\"}},"
    "   {\"label\": \"whole\", \"strategy\": {\"type\": \"seki\", \"form\": \"whole\"}}]}}";

/* The run must have said in its log that there is no transcript of it. */
static void check_no_transcript(const char *run_name)
{
    char *why = mem_printf(
        "no transcript of study/%s is recorded (--live or --record asks the server)", run_name);
    struct jsonl log = read_log("results", run_name, "run.jsonl");
    ck_assert_str_eq(option_text(log.lines[log.count - 1], "event"), "failed");
    ck_assert_str_eq(option_text(log.lines[log.count - 1], "reason"), why);
    jsonl_free(&log);
    free(why);
}

START_TEST(cells_that_are_not_recorded_are_named_and_the_others_run)
{
    struct experiment *experiment = open_study(live, 2);
    struct batch_result result = run(experiment, "results", 2, NULL);
    ck_assert_uint_eq(result.made, 2);
    ck_assert_uint_eq(result.failed, 0);
    ck_assert_uint_eq(result.unrecorded.runs, 4);
    ck_assert_str_eq(result.unrecorded.cells, "edit, whole");
    check_no_transcript("edit.s1");
    check_no_transcript("whole.s2");
    free(result.unrecorded.cells);
    experiment_close(experiment);
}
END_TEST

START_TEST(a_run_that_was_asked_for_and_is_not_recorded_fails_by_name)
{
    struct experiment *experiment = open_study(live, 2);
    struct batch_result result = run(experiment, "results", 2, "edit");
    ck_assert_uint_eq(result.failed, 2);
    ck_assert_uint_eq(result.unrecorded.runs, 0);
    ck_assert_ptr_null(result.unrecorded.cells);
    ck_assert_ptr_nonnull(
        strstr(result.failure.text, "no transcript of study/edit.s1 is recorded"));
    check_no_transcript("edit.s1");
    free(result.unrecorded.cells);
    experiment_close(experiment);
}
END_TEST

START_TEST(a_cell_that_is_recorded_in_part_is_named_with_how_many_runs_it_lacks)
{
    struct err err = {0};
    char *transcripts = in_folder("transcripts");
    char *path = file_join(transcripts, "study/edit.s2.jsonl.zst");
    ck_assert_msg(file_write(path, "", 0, &err), "%s", err.text);
    struct experiment *experiment = open_study(live, 2);
    char *results = in_folder("results");
    struct batch_settings settings = {.place = {.mode = RUN_REPLAY,
                                                .experiment = "study",
                                                .results = results,
                                                .transcripts = transcripts},
                                      .jobs = 1};
    struct batch_result result;
    ck_assert(batch_run(experiment, &settings, &result, &err));
    ck_assert_uint_eq(result.failed, 1); /* of edit.s2, whose transcript is empty */
    ck_assert_ptr_nonnull(strstr(result.failure.text, "edit.s2"));
    ck_assert_uint_eq(result.unrecorded.runs, 3);
    ck_assert_str_eq(result.unrecorded.cells, "edit (1 of 2 runs), whole");
    check_no_transcript("edit.s1");
    free(result.unrecorded.cells);
    experiment_close(experiment);
    free(results);
    free(path);
    free(transcripts);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run");
    TCase *batch = tcase_create("batch");
    tcase_add_checked_fixture(batch, setup, teardown);
    tcase_set_timeout(batch, 60);
    tcase_add_test(batch, the_number_of_jobs_changes_no_log);
    tcase_add_test(batch, a_finished_run_is_not_made_again);
    tcase_add_loop_test(batch, a_log_of_many_runs_that_was_damaged_is_made_again, 0,
                        sizeof(damages) / sizeof(*damages));
    tcase_add_test(batch, more_seeds_keep_the_runs_with_folders);
    tcase_add_test(batch, another_experiment_of_that_name_is_made_anew_and_every_old_log_kept);
    tcase_add_test(batch, only_what_was_asked_for_is_run);
    tcase_add_test(batch, a_search_that_has_seen_the_whole_space_ends_and_says_so);
    tcase_add_test(batch, every_iteration_is_in_the_log_and_none_twice);
    tcase_add_test(batch, cells_that_are_not_recorded_are_named_and_the_others_run);
    tcase_add_test(batch, a_run_that_was_asked_for_and_is_not_recorded_fails_by_name);
    tcase_add_test(batch, a_cell_that_is_recorded_in_part_is_named_with_how_many_runs_it_lacks);
    suite_add_tcase(suite, batch);
    return suite_run(suite);
}
