#include "../suite.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "runlog/reader.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char start_line[] =
    "{\"event\":\"start\",\"version\":1,\"run\":\"seki.s7\",\"cell\":\"seki\",\"labels\":"
    "{\"method\":\"seki\"},\"seed\":7,\"strategy\":\"seki\",\"dataset\":\"cifar10\","
    "\"experiment\":{\"space\":\"nas-bench-201\"},\"search_optimum_pct\":91.6067,\"optimum\":"
    "[{\"dataset\":\"cifar10\",\"valid_pct\":91.6067,\"test_pct\":94.3733}]}\n";
static const char starts_line[] =
    "{\"event\":\"start\",\"version\":1,\"cell\":\"rules\",\"labels\":{\"method\":\"rules\"},"
    "\"seeds\":{\"first\":1,\"count\":3},\"strategy\":\"seki\",\"dataset\":\"cifar10\","
    "\"experiment\":{\"space\":\"nas-bench-201\"},\"search_optimum_pct\":null}\n";
static const char end_line[] =
    "{\"event\":\"end\",\"reason\":\"budget\",\"iterations\":1,\"evaluations\":1,\"unique\":1,"
    "\"simulated_s\":1.0,\"answers\":[{\"at\":1}]}\n";

static const char evaluations[] =
    "{\"event\":\"evaluation\",\"index\":0,\"arch\":\"421211\",\"valid_pct\":82.1467,"
    "\"test_pct\":85.8633,\"cost_s\":1444.219,\"repeat\":false,\"stage\":\"start\"}\n"
    "{\"event\":\"call\",\"index\":1,\"tokens_in\":475}\n"
    "{\"event\":\"duplicate\",\"iteration\":1,\"role\":\"D\",\"reason\":\"421211\"}\n"
    "{\"event\":\"evaluation\",\"index\":1,\"arch\":\"421211\",\"valid_pct\":82.1467,"
    "\"test_pct\":null,\"cost_s\":0.0,\"repeat\":true,\"stage\":\"self-evolution\",\"parent\":"
    "\"421211\",\"parent_pct\":82.1467,\"mutation_better\":0.4167,\"mutation_gain_pct\":-1.2924}\n"
    "{\"event\":\"invalid\",\"index\":2,\"stage\":\"self-evolution\",\"parent\":\"421211\","
    "\"reason\":\"no JSON\"}\n";

static char folder[16];
static char *path;

static void make_folder(void)
{
    snprintf(folder, sizeof(folder), "reader-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    path = file_join(folder, "run.jsonl");
}

static void remove_folder(void)
{
    char *transcript = file_join(folder, "transcript.jsonl");
    unlink(path);
    unlink(transcript);
    rmdir(folder);
    free(transcript);
    free(path);
}

/* Writes the parts, up to the first NULL, as one log. */
static void write_log(const char *const *parts)
{
    struct str text = {0};
    for (; *parts; parts++)
        str_add(&text, *parts);
    ck_assert(file_write(path, text.text, text.length, NULL));
    str_free(&text);
}

static void read_log(struct runlog *log)
{
    struct err err = {0};
    ck_assert_msg(reader_read(path, log, &err), "%s", err.text);
}

START_TEST(a_run_comes_back_as_it_was_written)
{
    struct runlog log;
    write_log((const char *[]){
        start_line, evaluations,
        "{\"event\":\"end\",\"reason\":\"budget\",\"iterations\":3,\"evaluations\":2,\"unique\":1,"
        "\"invalid\":1,\"repairs\":2,\"calls\":6,\"tokens_in\":900,\"tokens_out\":null,"
        "\"simulated_s\":1444.219,\"llm_ms\":413.5,\"answers\":[{\"at\":3,\"index\":0,\"arch\":"
        "\"421211\",\"search_pct\":82.1467,\"simulated_s\":1444.219,\"results\":[{\"dataset\":"
        "\"cifar10\",\"valid_pct\":82.1467,\"test_pct\":85.8633}]}],\"wall_s\":4.2}\n",
        NULL});
    read_log(&log);
    ck_assert_str_eq(log.cell, "seki");
    ck_assert_str_eq(log.dataset, "cifar10");
    ck_assert_double_eq(log.search_optimum, 91.6067);
    ck_assert_double_eq(log.optimum[0].test_score, 94.3733);
    ck_assert_uint_eq(log.run_count, 1);

    const struct logged_run *run = log.runs;
    ck_assert(run->finished && run->seed == 7 && run->step_count == 3);
    ck_assert(run->evaluations == 2 && run->unique == 1 && run->invalid == 1);
    ck_assert(run->calls == 6 && run->repairs == 2);
    ck_assert_uint_eq(run->duplicates, 2); /* one asked again, one evaluated again */
    ck_assert(run->tokens_in == 900 && isnan(run->tokens_out) && run->llm_ms == 413.5);

    const struct logged_evaluation *again = &run->steps[1], *invalid = &run->steps[2];
    ck_assert(again->repeat && isnan(again->test_score) && again->mutation_better == 0.4167);
    ck_assert_str_eq(again->parent, "421211");
    ck_assert(!invalid->arch && isnan(invalid->valid_score) && isnan(invalid->parent_score));
    ck_assert_str_eq(invalid->stage, "self-evolution");

    const struct logged_answer *answer = reader_answer(run, 0);
    ck_assert(answer == reader_answer(run, 3) && !reader_answer(run, 2));
    ck_assert_double_eq(reader_score(answer, "cifar10")->test_score, 85.8633);
    ck_assert_ptr_null(reader_score(answer, "cifar100"));
    reader_free(&log);
}
END_TEST

static const char ssim_start[] =
    "{\"event\":\"start\",\"version\":2,\"cell\":\"a\",\"labels\":{},\"seed\":1,\"strategy\":"
    "\"random\","
    "\"dataset\":\"normal\",\"metric\":{\"name\":\"ssim\",\"epoch\":\"final\"},\"report_metric\":"
    "{\"name\":\"ssim\",\"epoch\":\"best\"},\"experiment\":{\"space\":\"s\"},\"search_optimum_"
    "score\":0.587287,"
    "\"optimum\":[{\"dataset\":\"normal\",\"valid_score\":0.596219,\"test_score\":0.618974}]}\n";

START_TEST(a_log_says_the_metric_of_its_scores)
{
    struct runlog log;
    write_log((const char *[]){
        ssim_start,
        "{\"event\":\"evaluation\",\"index\":0,\"arch\":\"102333\",\"valid_score\":0.554826,"
        "\"test_score\":null,\"cost_s\":21021,\"repeat\":false,\"parent\":\"102332\",\"parent_"
        "score\":"
        "0.55,\"mutation_better\":0.5,\"mutation_gain_score\":-0.01}\n",
        "{\"event\":\"end\",\"iterations\":1,\"evaluations\":1,\"unique\":1,\"simulated_s\":21021,"
        "\"answers\":[{\"at\":1,\"arch\":\"102333\",\"search_score\":0.554826,\"results\":[{"
        "\"dataset\":"
        "\"normal\",\"valid_score\":0.560565,\"test_score\":0.586605}]}]}\n",
        NULL});
    read_log(&log);
    ck_assert_str_eq(log.metric.name, "ssim");
    ck_assert(!log.metric.percent && log.metric.epoch == METRIC_FINAL_EPOCH);
    ck_assert(log.report_metric.epoch == METRIC_BEST_EPOCH);
    ck_assert_double_eq(log.search_optimum, 0.587287);
    ck_assert_double_eq(log.optimum[0].test_score, 0.618974);
    const struct logged_evaluation *step = &log.runs[0].steps[0];
    ck_assert(step->valid_score == 0.554826 && isnan(step->test_score));
    ck_assert(step->parent_score == 0.55 && step->mutation_gain == -0.01);
    const struct logged_answer *answer = reader_answer(log.runs, 0);
    ck_assert_double_eq(answer->search_score, 0.554826);
    ck_assert_double_eq(reader_score(answer, "normal")->valid_score, 0.560565);
    reader_free(&log);

    write_log((const char *[]){start_line, NULL}); /* of version 1 */
    read_log(&log);
    ck_assert_str_eq(log.metric.name, "accuracy");
    ck_assert(metric_equal(&log.metric, &log.report_metric));
    reader_free(&log);
}
END_TEST

START_TEST(runs_written_as_lists_come_back_the_same)
{
    struct runlog log;
    write_log((const char *[]){
        starts_line,
        "{\"event\":\"run\",\"seed\":1,\"arch\":[\"421211\",null,\"421211\"],\"valid_pct\":"
        "[82.1467,null,82.1467],\"test_pct\":[85.8,null,85.8],\"cost_s\":[1444.219,null,0],"
        "\"repeat\":[0,0,1],\"stage\":[\"start\",\"mutation\",\"mutation\"],\"parent\":[null,"
        "\"421211\",\"421211\"],\"evaluations\":2,\"unique\":1,\"simulated_s\":1444.219,"
        "\"answers\":[{\"at\":1,\"arch\":\"421211\"},{\"at\":3,\"arch\":\"421211\"}]}\n",
        "{\"event\":\"run\",\"seed\":2,\"arch\":[],\"valid_pct\":[],\"cost_s\":[],"
        "\"evaluations\":0,\"unique\":0,\"simulated_s\":0,\"answers\":[{\"at\":3}]}\n",
        NULL});
    read_log(&log);
    ck_assert(isnan(log.search_optimum) && log.optimum_count == 0);
    ck_assert(log.run_count == 2 && log.missing == 1);
    const struct logged_run *run = log.runs;
    ck_assert(run->finished && run->step_count == 3 && run->invalid == 1 && run->duplicates == 1);
    ck_assert(!run->steps[0].parent && !run->steps[1].arch && run->steps[2].repeat);
    ck_assert_str_eq(run->steps[2].stage, "mutation");
    ck_assert_uint_eq(run->answers[1].at, 3);
    reader_free(&log);
}
END_TEST

START_TEST(a_run_without_its_end_is_unfinished)
{
    struct runlog log;
    write_log((const char *[]){start_line, evaluations, NULL});
    read_log(&log);
    ck_assert(!log.runs[0].finished && log.runs[0].step_count == 3);
    reader_free(&log);
    write_log((const char *[]){start_line, evaluations, "{\"event\":\"end\",\"rea", NULL});
    read_log(&log);
    ck_assert(!log.runs[0].finished && log.runs[0].step_count == 3);
    reader_free(&log);
}
END_TEST

START_TEST(a_failed_run_says_why)
{
    struct runlog log;
    write_log((const char *[]){start_line, evaluations,
                               "{\"event\":\"failed\",\"reason\":\"no such request\"}\n", NULL});
    read_log(&log);
    ck_assert(!log.runs[0].finished);
    ck_assert_str_eq(log.runs[0].failure, "no such request");
    reader_free(&log);
}
END_TEST

START_TEST(a_transcript_beside_the_log_is_seen)
{
    struct runlog log;
    char *transcript = file_join(folder, "transcript.jsonl");
    write_log((const char *[]){start_line, NULL});
    read_log(&log);
    ck_assert(!log.transcript);
    reader_free(&log);
    ck_assert(file_write(transcript, "{}\n", 3, NULL));
    read_log(&log);
    ck_assert(log.transcript);
    reader_free(&log);
    free(transcript);
}
END_TEST

/* Adds a line of a case, with its "@" names written out. */
static void add_line(struct str *log, const char *line)
{
    if (strcmp(line, "@start") == 0)
        str_add(log, start_line);
    else if (strcmp(line, "@starts") == 0)
        str_add(log, starts_line);
    else if (strcmp(line, "@end") == 0)
        str_add(log, end_line);
    else
        str_addf(log, "%s\n", line);
}

static void check_refusal(const char *what, const char *error, const struct str *text)
{
    struct runlog log;
    struct err err = {0};
    char *expected = mem_printf("%s%s", path, error + strlen("LOG"));
    ck_assert(file_write(path, text->text, text->length, NULL));
    ck_assert_msg(!reader_read(path, &log, &err), "%s: was read", what);
    ck_assert_msg(strcmp(err.text, expected) == 0, "%s:\n  found %s\n  expected %s", what, err.text,
                  expected);
    free(expected);
}

START_TEST(what_is_wrong_is_told_with_file_and_line)
{
    char *cases = mem_printf("%s/tests/runlog/reader.cases", getenv("srcdir"));
    char *text = file_read(cases, 1 << 20, NULL, NULL), *line, *rest = text;
    ck_assert_ptr_nonnull(text);
    while ((line = strsep(&rest, "\n"))) {
        if (!*line || *line == '#')
            continue;
        const char *what = line, *error = strsep(&rest, "\n");
        struct str log = {0};
        while ((line = strsep(&rest, "\n")) && *line)
            add_line(&log, line);
        check_refusal(what, error, &log);
        str_free(&log);
    }
    free(text);
    free(cases);
}
END_TEST

START_TEST(an_empty_log_is_refused)
{
    struct runlog log;
    struct err err = {0};
    char expected[100];
    ck_assert(file_write(path, "", 0, NULL));
    ck_assert(!reader_read(path, &log, &err));
    snprintf(expected, sizeof(expected), "%s:1: found no whole line, expected a start event", path);
    ck_assert_str_eq(err.text, expected);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reader");
    TCase *logs = tcase_create("logs");
    tcase_add_checked_fixture(logs, make_folder, remove_folder);
    tcase_add_test(logs, a_run_comes_back_as_it_was_written);
    tcase_add_test(logs, a_log_says_the_metric_of_its_scores);
    tcase_add_test(logs, runs_written_as_lists_come_back_the_same);
    tcase_add_test(logs, a_run_without_its_end_is_unfinished);
    tcase_add_test(logs, a_failed_run_says_why);
    tcase_add_test(logs, a_transcript_beside_the_log_is_seen);
    tcase_add_test(logs, what_is_wrong_is_told_with_file_and_line);
    tcase_add_test(logs, an_empty_log_is_refused);
    suite_add_tcase(suite, logs);
    return suite_run(suite);
}
