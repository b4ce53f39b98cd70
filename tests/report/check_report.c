/* Logs written by hand, drawn by tests/report/study.json, against the whole of what must come out
 * (tests/report/expected). */
#include "drawing.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "report/report.h"
#include "space/space.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void same_as_expected(const char *results, const char *name, const char *ending)
{
    char *expected_name = mem_printf("expected/%s.%s", name, ending);
    char *expected = read_source(expected_name), *found = written(results, name, ending);
    ck_assert_msg(found && strcmp(found, expected) == 0, "%s.%s is not as expected:\n%s", name,
                  ending, found ? found : "(not there)");
    free(expected_name);
    free(expected);
    free(found);
}

static void drawn_in_three_forms(const char *name)
{
    char *svg = written("figures", name, "svg"), *pdf = written("figures", name, "pdf");
    char *png = written("figures", name, "png");
    ck_assert(svg && pdf && png);
    ck_assert_ptr_nonnull(strstr(svg, "</svg>"));
    ck_assert_int_eq(strncmp(pdf, "%PDF", 4), 0);
    ck_assert_int_eq(strncmp(png, "\x89PNG", 4), 0);
    free(svg);
    free(pdf);
    free(png);
}

/* Compares every file that was drawn into results with this ending; how many they are. */
static size_t all_as_expected(const char *results, const char *ending)
{
    char *pattern = mem_printf("%s/%s/*.%s", folder, results, ending);
    glob_t files;
    ck_assert_int_eq(glob(pattern, 0, NULL, &files), 0);
    size_t count = files.gl_pathc;
    for (size_t i = 0; i < count; i++) {
        char *name = strrchr(files.gl_pathv[i], '/') + 1;
        *strrchr(name, '.') = '\0';
        same_as_expected(results, name, ending);
        if (strcmp(results, "figures") == 0)
            drawn_in_three_forms(name);
    }
    globfree(&files);
    free(pattern);
    return count;
}

START_TEST(tables_are_as_expected)
{
    struct err err = {0};
    json_object_set_new(study, "figures", json_array());
    ck_assert_msg(draw(&err), "%s", err.text);
    size_t count = json_array_size(json_object_get(study, "tables"));
    ck_assert_uint_eq(all_as_expected("tables", "md"), count);
    ck_assert_uint_eq(all_as_expected("tables", "csv"), count);
    same_as_expected("tables", "rows", "tex");
    same_as_expected("tables", "tests", "tex");
}
END_TEST

START_TEST(data_of_figures_are_as_expected_and_drawn_in_three_forms)
{
    struct err err = {0};
    json_object_set_new(study, "tables", json_array());
    ck_assert_msg(draw(&err), "%s", err.text);
    size_t count = json_array_size(json_object_get(study, "figures")) + 1; /* two panels of one */
    ck_assert_uint_eq(all_as_expected("figures", "md"), count);
    ck_assert_uint_eq(all_as_expected("figures", "csv") + all_as_expected("figures", "dot"), count);
}
END_TEST

/* A log of one evaluation of a method on a data set, and what it scored in this metric. */
static void place_score(const char *method, const char *dataset, const char *metric,
                        const char *epochs[2], double score)
{
    bool percent = strcmp(metric, "accuracy") == 0;
    const char *suffix = percent ? "pct" : "score";
    char *place = mem_printf("study/%s+%s/runs.jsonl.zst", method, dataset);
    char *log = mem_printf(
        "{\"event\":\"start\",\"version\":2,\"seeds\":{\"first\":1,\"count\":1},\"cell\":\"%s+%s\","
        "\"labels\":{\"method\":\"%s\",\"dataset\":\"%s\"},\"strategy\":\"random\",\"dataset\":"
        "\"%s\",\"metric\":{\"name\":\"%s\",\"epoch\":\"%s\"},\"report_metric\":{\"name\":\"%s\","
        "\"epoch\":\"%s\"},\"experiment\":{\"space\":\"s\",\"budget\":{\"evaluations\":1},"
        "\"seeds\":{\"count\":1}},\"optimum\":[{\"dataset\":\"%s\",\"valid_%s\":%s}]}\n"
        "{\"event\":\"run\",\"seed\":1,\"arch\":[\"0\"],\"valid_%s\":[%g],\"cost_s\":[1],"
        "\"evaluations\":1,\"unique\":1,\"simulated_s\":1,\"answers\":[{\"at\":1,\"arch\":\"0\","
        "\"search_%s\":%g,\"results\":[{\"dataset\":\"%s\",\"valid_%s\":%g}]}]}\n",
        method, dataset, method, dataset, dataset, metric, epochs[0], metric, epochs[1], dataset,
        suffix, percent ? "99.5" : "0.95", suffix, score, suffix, score, dataset, suffix, score);
    place_text(log, place);
    free(place);
    free(log);
}

/* Of a, b and c on two data sets; d has the best score of one, and none of the other. */
static void place_scores(const char *one[2], const char *two[2])
{
    json_object_set_new(study, "cells",
                        json_pack("[ssssssss]", "a+one", "a+two", "b+one", "b+two", "c+one",
                                  "c+two", "d+one", "e+one"));
    place_score("a", "one", "accuracy", one, 90);
    place_score("b", "one", "accuracy", one, 90);
    place_score("c", "one", "accuracy", one, 80);
    place_score("d", "one", "accuracy", one, 95);
    place_score("a", "two", "ssim", two, 0.5);
    place_score("b", "two", "ssim", two, 0.4);
    place_score("c", "two", "ssim", two, 0.6);
}

/* On one data set a and b share the first two ranks and c has the third; on the other c is first,
 * then a, then b. */
START_TEST(ranks_are_shared_and_their_mean_is_of_those_with_all_scores)
{
    struct err err = {0};
    place_scores((const char *[]){"final", "final"}, (const char *[]){"final", "final"});
    ask_for("tables", "{\"type\": \"ranking\", \"name\": \"ranking\", \"label\": \"method\"}");
    ck_assert_msg(draw(&err), "%s", err.text);
    same_as_expected("tables", "ranking", "md");
    same_as_expected("tables", "ranking", "csv");
}
END_TEST

START_TEST(another_epoch_than_the_searchs_is_told_under_the_table)
{
    struct err err = {0};
    place_scores((const char *[]){"final", "best"}, (const char *[]){"final", "best"});
    ask_for("tables", "{\"type\": \"accuracy\", \"name\": \"epochs\", \"label\": \"method\"}");
    ck_assert_msg(draw(&err), "%s", err.text);
    char *table = written("tables", "epochs", "md");
    ck_assert_ptr_nonnull(strstr(table, "\n- one: accuracy in percent, best epoch.\n"));
    ck_assert_ptr_nonnull(strstr(table, "\n- two: SSIM, best epoch.\n"));
    ck_assert_ptr_nonnull(strstr(table, "\n- What the search saw was SSIM, final epoch.\n"));
    ck_assert_ptr_nonnull(strstr(table, "a test score so chosen has seen the test set.\n"));
    free(table);
}
END_TEST

START_TEST(scores_in_two_metrics_share_no_column)
{
    place_scores((const char *[]){"final", "final"}, (const char *[]){"final", "final"});
    place_score("b", "one", "accuracy", (const char *[]){"best", "best"}, 91);
    refuses_drawing(
        "tables", "{\"type\": \"ranking\", \"name\": \"x\"}",
        "x: found the scores of a+one in accuracy in percent, final epoch, and of b+one in "
        "accuracy in percent, best epoch, expected one metric");
    refuses_drawing(
        "tables", "{\"type\": \"steps\", \"name\": \"x\", \"cells\": \"c+*\"}",
        "x: found the scores of c+one in accuracy in percent, final epoch, and of c+two in "
        "SSIM, final epoch, expected one metric");
}
END_TEST

/* Two methods at two splits each, the later split first. */
static void place_splits(void)
{
    json_object_set_new(study, "cells", json_pack("[ssss]", "a+9", "a+10", "b+9.5", "b+10"));
    place_log_as("mutation", "a+10", "{\"method\":\"a\",\"lambda\":\"10\"}");
    place_log_as("random", "a+9", "{\"method\":\"a\",\"lambda\":\"9\"}");
    place_log_as("mutation", "b+9.5", "{\"method\":\"b\",\"lambda\":\"9.5\"}");
    place_log_as("random", "b+10", "{\"method\":\"b\",\"lambda\":\"10\"}");
}

START_TEST(a_line_follows_an_axis_of_the_matrix)
{
    struct err err = {0};
    place_splits();
    ask_for("figures", "{\"type\": \"curve\", \"name\": \"splits\", \"against\": \"axis\", "
                       "\"axis\": \"lambda\", \"band\": \"sem\"}");
    ck_assert_msg(draw(&err), "%s", err.text);
    same_as_expected("figures", "splits", "csv");
}
END_TEST

START_TEST(an_axis_without_numbers_is_refused)
{
    place_splits();
    refuses_drawing("figures",
                    "{\"type\": \"curve\", \"name\": \"x\", \"against\": \"axis\", \"axis\": "
                    "\"method\"}",
                    "x: a+9: found \"a\" on axis method, expected a number");
    refuses_drawing("figures",
                    "{\"type\": \"curve\", \"name\": \"x\", \"against\": \"axis\", \"axis\": "
                    "\"gamma\"}",
                    "x: a+9: found \"\" on axis gamma, expected a number");
}
END_TEST

/* Lets the logs of seki, mutation and random say how the scores of a space of 1000 are distributed.
 */
static void place_space(void)
{
    static const char *const logs[][2] = {
        {"seki.s1.jsonl", "study/seki.s1/run.jsonl"},
        {"seki.s2.jsonl", "study/seki.s2/run.jsonl"},
        {"mutation.jsonl", "study/mutation/runs.jsonl.zst"},
        {"random.jsonl", "study/random/runs.jsonl.zst"},
    };
    static const char optimum[] = "\"search_optimum_pct\":";
    static const char space[] = "\"search_space\":{\"count\":1000,\"ranks\":[1,2,10,100,500,1000],"
                                "\"scores\":[91.6067,91,90,85,75,10]},\"search_optimum_pct\":";
    for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
        char *name = mem_printf("logs/%s", logs[i][0]);
        char *text = exchange(read_source(name), optimum, space);
        place_text(text, logs[i][1]);
        free(text);
        free(name);
    }
}

START_TEST(proposals_are_ranked_among_the_whole_space)
{
    struct err err = {0};
    place_space();
    ask_for("figures", "{\"type\": \"distribution\", \"name\": \"ranks\", \"cells\": "
                       "\"seki|mutation|random\", \"stages\": \"[!s]*|self-evolution\"}");
    ck_assert_msg(draw(&err), "%s", err.text);
    same_as_expected("figures", "ranks", "csv");
}
END_TEST

START_TEST(architectures_that_two_cells_scored_are_correlated)
{
    struct err err = {0};
    ask_for("figures", "{\"type\": \"agreement\", \"name\": \"agreement\", \"x\": \"random\", "
                       "\"y\": \"mutation\", \"y_split\": \"test\"}");
    ck_assert_msg(draw(&err), "%s", err.text);
    same_as_expected("figures", "agreement", "csv");
    same_as_expected("figures", "agreement", "md");
}
END_TEST

START_TEST(proposals_of_unknown_or_several_spaces_are_not_ranked)
{
    static const char both[] = "{\"type\": \"distribution\", \"name\": \"x\", \"cells\": "
                               "\"mutation|random\"}";
    refuses_drawing("figures", both,
                    "x: how the scores of the space are distributed is not in "
                    "FOLDER/study/mutation/runs.jsonl.zst, expected \"search_space\" in its first "
                    "line");
    place_space();
    refuses_drawing("figures",
                    "{\"type\": \"distribution\", \"name\": \"x\", \"cells\": \"random\", "
                    "\"stages\": \"begin\"}",
                    "x: stages: found \"begin\", which fits no stage of any cell");
    char *random = read_source("logs/random.jsonl");
    random = exchange(random, "\"search_optimum_pct\":",
                      "\"search_space\":{\"count\":1,\"ranks\":[1],\"scores\":[9]},"
                      "\"search_optimum_pct\":");
    place_text(random, "study/random/runs.jsonl.zst");
    refuses_drawing("figures", both,
                    "x: random was searched by other scores than mutation, expected cells of one "
                    "data set");
    free(random);
}
END_TEST

START_TEST(what_was_found_is_drawn_as_graphs)
{
    static const char *const whose[] = {"median", "best"};
    struct err err = {0};
    char *name = mem_printf("found-%s", whose[_i]);
    char *figure = mem_printf("{\"type\": \"cells\", \"name\": \"%s\", \"cells\": "
                              "\"seki|rules|%s|absent\", \"run\": \"%s\"}",
                              name, _i ? "" : "random", whose[_i]);
    place_space();
    ask_for("figures", figure);
    ck_assert_msg(draw(&err), "%s", err.text);
    same_as_expected("figures", name, "dot");
    same_as_expected("figures", name, "md");
    drawn_in_three_forms(name);
    free(figure);
    free(name);
}
END_TEST

START_TEST(without_graphviz_the_graphs_are_written_all_the_same)
{
    place_space();
    setenv("GRAPHVIZ_DOT", "/nonexistent/dot", 1);
    refuses_drawing("figures",
                    "{\"type\": \"cells\", \"name\": \"found-best\", \"cells\": "
                    "\"seki|rules|absent\", \"run\": \"best\"}",
                    "/nonexistent/dot cannot be run (No such file or directory): figures are not "
                    "drawn; install graphviz");
    same_as_expected("figures", "found-best", "dot");
}
END_TEST

START_TEST(what_is_no_architecture_of_the_space_is_not_drawn)
{
    static const char figure[] = "{\"type\": \"cells\", \"name\": \"x\", \"cells\": "
                                 "\"random\", \"run\": \"best\"}";
    refuses_drawing("figures", figure, "x: random: 640000: digit 1 is '6', expected 0 to 4");
    char *log = exchange(read_source("logs/random.jsonl"), "\"space\":\"nas-bench-201\"",
                         "\"space\":\"nas-bench-2\"");
    place_text(log, "study/random/runs.jsonl.zst");
    struct err unknown = {0};
    ck_assert_ptr_null(space_require("nas-bench-2", &unknown));
    char *expected = mem_printf("x: random: %s", unknown.text);
    refuses_drawing("figures", figure, expected);
    free(expected);
    free(log);
}
END_TEST

START_TEST(figures_come_out_the_same_again)
{
    ck_assert(draw(NULL));
    char *first = written("figures", "best", "svg");
    place_text("", "figures/.drawn/best");
    ck_assert(draw(NULL));
    char *second = written("figures", "best", "svg");
    ck_assert_str_eq(first, second);
    free(first);
    free(second);
}
END_TEST

static struct timespec time_of(const char *name)
{
    struct stat status;
    char *path = mem_printf("%s/figures/%s.svg", folder, name);
    ck_assert_int_eq(stat(path, &status), 0);
    free(path);
    return status.st_mtim;
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

START_TEST(a_figure_is_drawn_again_only_where_something_changed)
{
    ck_assert(draw(NULL));
    struct timespec first = time_of("best"), dots = time_of("dots");
    char *drawn = written("figures", "best", "svg");
    ck_assert(draw(NULL));
    ck_assert(same_time(first, time_of("best")));
    place_text("no drawing", "figures/best.svg");
    ck_assert(draw(NULL));
    char *again = written("figures", "best", "svg");
    ck_assert_str_eq(drawn, again);
    place_text("x 1 2", "figures/.drawn/dots");
    ck_assert(draw(NULL));
    ck_assert(!same_time(dots, time_of("dots")));
    free(drawn);
    free(again);
}
END_TEST

START_TEST(without_gnuplot_tables_are_written_all_the_same)
{
    struct err err = {0};
    setenv("GNUPLOT", "/nonexistent/gnuplot", 1);
    ck_assert(!draw(&err));
    ck_assert_int_eq(err.code, ERR_TOOL);
    ck_assert_str_eq(err.text, "/nonexistent/gnuplot cannot be run (No such file or directory): "
                               "figures are not drawn; install gnuplot");
    same_as_expected("tables", "rows", "md");
    same_as_expected("figures", "best", "csv");
}
END_TEST

START_TEST(a_failing_gnuplot_is_quoted)
{
    struct err err = {0};
    char *script = mem_printf("%s/gnuplot", folder), *path = mem_printf("./%s", script);
    static const char text[] = "#!/bin/sh\necho 'no terminal' >&2\nexit 1\n";
    ck_assert(file_write(script, text, strlen(text), NULL));
    char *command = mem_printf("chmod +x '%s'", script);
    ck_assert_int_eq(system(command), 0);
    setenv("GNUPLOT", path, 1);
    ck_assert(!draw(&err));
    ck_assert_int_eq(err.code, ERR_TOOL);
    ck_assert_ptr_nonnull(strstr(err.text, "plots/curve.gp: gnuplot failed: no terminal"));
    free(script);
    free(path);
    free(command);
}
END_TEST

START_TEST(a_transcript_beside_the_log_makes_it_measured)
{
    char *path = mem_printf("%s/study/seki.s1/transcript.jsonl", folder);
    json_object_set_new(study, "figures", json_array());
    ck_assert(file_write(path, "{}\n", 3, NULL));
    ck_assert(draw(NULL));
    char *csv = written("tables", "columns", "csv");
    ck_assert_ptr_nonnull(strstr(csv, "replayed")); /* seed 2 has none */
    free(csv);
    free(path);
    path = mem_printf("%s/study/seki.s2/transcript.jsonl.zst", folder);
    ck_assert(file_write(path, "{}\n", 3, NULL));
    ck_assert(draw(NULL));
    csv = written("tables", "columns", "csv");
    ck_assert_ptr_null(strstr(csv, "replayed"));
    free(csv);
    free(path);
}
END_TEST

/* The log of a run says nothing of other runs. */
START_TEST(the_experiment_says_how_many_runs_were_asked_for)
{
    static const size_t runs[8] = {7, 7, 7, 7, 7, 7, 7, 7};
    struct err err = {0};
    planned = runs;
    ask_for("tables", "{\"type\": \"cost\", \"name\": \"x\"}");
    ck_assert_msg(draw(&err), "%s", err.text);
    char *table = written("tables", "x", "md");
    ck_assert_ptr_nonnull(strstr(table, "seki: 2 of 7 runs finished; the others are left out."));
    ck_assert_ptr_nonnull(strstr(table, "not run: 0 of 7 runs finished: transcript broken"));
    free(table);
}
END_TEST

/* Draws what a test asked for, which must succeed, from a log of mutation with old made new in its
 * every line. */
static void draw_from(const char *old, const char *new)
{
    struct err err = {0};
    char *log = read_source("logs/mutation.jsonl");
    while (strstr(log, old))
        log = exchange(log, old, new);
    place_text(log, "study/mutation/runs.jsonl.zst");
    ck_assert_msg(draw(&err), "%s", err.text);
    free(log);
}

START_TEST(without_any_test_score_there_are_no_dots)
{
    ask_for("figures", "{\"type\": \"dots\", \"name\": \"x\", \"split\": \"test\", "
                       "\"cells\": \"mutation\"}");
    draw_from("\"test_pct\":", "\"tset_pct\":");
    char *data = written("figures", "x", "svg");
    ck_assert_ptr_null(data);
}
END_TEST

START_TEST(a_stage_may_have_commas)
{
    ask_for("figures", "{\"type\": \"steps\", \"name\": \"x\", \"cells\": \"mutation\"}");
    draw_from("self-evolution", "one, \\\"two\\\"");
    char *data = written("figures", "x", "csv");
    ck_assert_ptr_nonnull(strstr(data, "mutation,\"one, \"\"two\"\"\","));
    free(data);
    drawn_in_three_forms("x");
}
END_TEST

START_TEST(scores_that_are_all_equal_are_drawn)
{
    ask_for("figures", "{\"type\": \"curve\", \"name\": \"x\", \"cells\": \"all-equal\"}");
    json_object_set_new(study, "cells", json_pack("[s]", "all-equal"));
    place_text(
        "{\"event\":\"start\",\"version\":1,\"cell\":\"all-equal\",\"labels\":{},"
        "\"seeds\":{\"first\":1,\"count\":1},\"strategy\":\"s\",\"dataset\":\"cifar10\","
        "\"experiment\":{\"space\":\"nas-bench-201\"}}\n"
        "{\"event\":\"run\",\"seed\":1,\"arch\":[\"000000\",\"000001\"],\"valid_pct\":[90,90],"
        "\"cost_s\":[1,1],\"evaluations\":2,\"unique\":2,\"simulated_s\":2,"
        "\"answers\":[{\"at\":2,\"arch\":\"000000\",\"search_pct\":90}]}\n",
        "study/all-equal/runs.jsonl.zst");
    struct err err = {0};
    ck_assert_msg(draw(&err), "%s", err.text);
    drawn_in_three_forms("x");
}
END_TEST

START_TEST(time_that_was_measured_is_told_in_hours)
{
    static const char cost[] = "\"cost_s\":8640.0,",
                      trained[] = "\"cost_s\":8640,\"device\":\"d\",";
    char *log = read_source("logs/rules.s1.jsonl");
    while (strstr(log, cost))
        log = exchange(log, cost, trained);
    place_text(log, "study/rules.s1/run.jsonl");
    ask_for("tables", "{\"type\": \"cost\", \"name\": \"x\", \"cells\": \"rules\"}");
    ck_assert(draw(NULL));
    char *table = written("tables", "x", "md");
    ck_assert_ptr_nonnull(strstr(table, "the only mean measured training time of a run in hours is "
                                        "that of rules (scripted), 12.000 (1 run).\n"));
    free(table);
    free(log);
}
END_TEST

START_TEST(where_there_is_nothing_to_compare_that_is_said)
{
    ask_for("tables", "{\"type\": \"significance\", \"name\": \"x\", \"cells\": \"seki|absent\"}");
    ck_assert(draw(NULL));
    char *table = written("tables", "x", "md");
    ck_assert_ptr_nonnull(strstr(table, "\nNo two methods have runs that could be compared.\n"));
    free(table);
}
END_TEST

/* The log of a method on a data set, a run of one evaluation for each of these scores. */
static void place_runs(const char *method, const double *scores, size_t count)
{
    struct str log = {0};
    char *place = mem_printf("study/%s/runs.jsonl.zst", method);
    str_addf(
        &log,
        "{\"event\":\"start\",\"version\":1,\"cell\":\"%s\",\"labels\":{},\"seeds\":{\"first\":1,"
        "\"count\":%zu},\"strategy\":\"%s\",\"dataset\":\"cifar10\",\"experiment\":{\"space\":"
        "\"s\",\"budget\":{\"evaluations\":1}}}\n",
        method, count, method);
    for (size_t i = 0; i < count; i++)
        str_addf(
            &log,
            "{\"event\":\"run\",\"seed\":%zu,\"arch\":[\"0\"],\"valid_pct\":[%g],\"cost_s\":[1],"
            "\"evaluations\":1,\"unique\":1,\"simulated_s\":1,\"answers\":[{\"at\":1,\"arch\":"
            "\"0\","
            "\"search_pct\":%g,\"results\":[{\"dataset\":\"cifar10\",\"valid_pct\":%g}]}]}\n",
            i + 1, scores[i], scores[i], scores[i]);
    place_text(log.text, place);
    str_free(&log);
    free(place);
}

START_TEST(a_largest_difference_of_runs_that_are_mostly_lower_is_told_apart)
{
    static const double few_high[] = {90, 90, 90, 90, 90, 90, 90, 90, 90, 100, 100, 100};
    static const double steady[] = {91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91};
    json_object_set_new(study, "cells", json_pack("[ss]", "steady", "few"));
    place_runs("few", few_high, 12);
    place_runs("steady", steady, 12);
    ask_for("tables", "{\"type\": \"significance\", \"name\": \"x\", \"test\": \"rank-sum\"}");
    ck_assert(draw(NULL));
    char *table = written("tables", "x", "md");
    ck_assert_ptr_nonnull(strstr(table, "Of 1 comparison 1 holds (p below 0.05"));
    ck_assert_ptr_nonnull(strstr(table, "holds: few above steady by 1.50 after 1 evaluation ("));
    ck_assert_ptr_nonnull(strstr(table, "), though its runs are more often the lower ones.\n"));
    free(table);
}
END_TEST

START_TEST(a_reason_breaks_no_table)
{
    char *log = exchange(read_source("logs/broken.s1.jsonl"), "transcript broken", "a | bar");
    place_text(log, "study/broken.s1/run.jsonl");
    ask_for("tables", "{\"type\": \"cost\", \"name\": \"x\"}");
    ck_assert(draw(NULL));
    char *table = written("tables", "x", "md");
    ck_assert_ptr_nonnull(strstr(table, "not run: 0 of 1 runs finished: a \\| bar.s1.jsonl"));
    free(table);
    free(log);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *drawing = drawing_case("drawing");
    tcase_add_test(drawing, tables_are_as_expected);
    tcase_add_test(drawing, ranks_are_shared_and_their_mean_is_of_those_with_all_scores);
    tcase_add_test(drawing, another_epoch_than_the_searchs_is_told_under_the_table);
    tcase_add_test(drawing, scores_in_two_metrics_share_no_column);
    tcase_add_test(drawing, data_of_figures_are_as_expected_and_drawn_in_three_forms);
    tcase_add_test(drawing, a_line_follows_an_axis_of_the_matrix);
    tcase_add_test(drawing, an_axis_without_numbers_is_refused);
    tcase_add_test(drawing, proposals_are_ranked_among_the_whole_space);
    tcase_add_test(drawing, architectures_that_two_cells_scored_are_correlated);
    tcase_add_test(drawing, proposals_of_unknown_or_several_spaces_are_not_ranked);
    tcase_add_loop_test(drawing, what_was_found_is_drawn_as_graphs, 0, 2);
    tcase_add_test(drawing, without_graphviz_the_graphs_are_written_all_the_same);
    tcase_add_test(drawing, what_is_no_architecture_of_the_space_is_not_drawn);
    tcase_add_test(drawing, figures_come_out_the_same_again);
    tcase_add_test(drawing, a_figure_is_drawn_again_only_where_something_changed);
    tcase_add_test(drawing, without_gnuplot_tables_are_written_all_the_same);
    tcase_add_test(drawing, a_failing_gnuplot_is_quoted);
    tcase_add_test(drawing, a_transcript_beside_the_log_makes_it_measured);
    tcase_add_test(drawing, the_experiment_says_how_many_runs_were_asked_for);
    tcase_add_test(drawing, time_that_was_measured_is_told_in_hours);
    tcase_add_test(drawing, where_there_is_nothing_to_compare_that_is_said);
    tcase_add_test(drawing, a_largest_difference_of_runs_that_are_mostly_lower_is_told_apart);
    tcase_add_test(drawing, a_reason_breaks_no_table);
    tcase_add_test(drawing, without_any_test_score_there_are_no_dots);
    tcase_add_test(drawing, a_stage_may_have_commas);
    tcase_add_test(drawing, scores_that_are_all_equal_are_drawn);
    suite_add_tcase(suite, drawing);
    return drawing_run(suite);
}
