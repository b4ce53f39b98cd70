/* What paragraphs say of numbers that are known: ties, single runs, differences that no test shows,
 * runs at the optimum, rows that were not run. The p values were counted over all ways to split the
 * ranks. */
#include "../suite.h"
#include "base/mem.h"
#include "report/say.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double high[] = {91.6, 91.5, 91.4, 91.6, 91.5, 91.4, 91.6, 91.5};
static const double low[] = {90.1, 90.2, 90.3, 90.1, 90.2, 90.3, 90.1, 90.2};
static const double mixed[] = {91.6, 91.3, 91.5, 91.4, 91.7, 91.2, 91.5, 91.4};
static const double one[] = {91.0};
static const double none[] = {NAN, NAN};

enum { EIGHT = 8 };

static const struct contest accuracy = {.where = "After 50 evaluations on CIFAR-10",
                                        .score = "validation accuracy",
                                        .decimals = 2,
                                        .tested = true,
                                        .bound = NAN};

/* The sentences of a contest; the caller frees. */
static char *told(struct contest contest, const struct contender *contenders, size_t count)
{
    struct str says = {0};
    say_leader(&says, &contest, contenders, count);
    return str_steal(&says);
}

#define SAYS(contest, expected, ...)                                                               \
    do {                                                                                           \
        const struct contender list[] = {__VA_ARGS__};                                             \
        char *found = told(contest, list, sizeof(list) / sizeof(*list));                           \
        ck_assert_str_eq(found, expected);                                                         \
        free(found);                                                                               \
    } while (0)

START_TEST(a_difference_that_a_test_shows_has_its_size_interval_and_p)
{
    SAYS(
        accuracy,
        "After 50 evaluations on CIFAR-10 the highest mean validation accuracy is that of a, 91.51 "
        "(8 runs), 1.32 above b, 90.19 (8 runs); 95 % interval of the difference 1.25 to 1.40.\n"
        "By rank-sum tests of a against the other, Holm-corrected at 0.05: it differs from b (p = "
        "0.0002).\n",
        {"b", low, EIGHT}, {"a", high, EIGHT});
}
END_TEST

START_TEST(a_difference_that_no_test_shows_is_said_to_be_none)
{
    SAYS(
        accuracy,
        "After 50 evaluations on CIFAR-10 the highest mean validation accuracy is that of a, 91.51 "
        "(8 runs), 0.06 above c, 91.45 (8 runs); 95 % interval of the difference -0.05 to 0.18.\n"
        "By rank-sum tests of a against each of the others, Holm-corrected at 0.05: it differs "
        "from b (p = 0.0003); no difference is shown to c (p = 0.4109).\n",
        {"a", high, EIGHT}, {"b", low, EIGHT}, {"c", mixed, EIGHT});
}
END_TEST

START_TEST(of_one_run_no_outcome_could_show_anything)
{
    SAYS(
        accuracy,
        "After 50 evaluations on CIFAR-10 the highest mean validation accuracy is that of a, 91.51 "
        "(8 runs), 0.51 above lone, 91.00 (1 run); there are too few runs for an interval of the "
        "difference.\n"
        "By rank-sum tests of a against the other, Holm-corrected at 0.05: so few runs are there "
        "that no outcome could show a difference to lone.\n",
        {"lone", one, 1}, {"a", high, EIGHT});
}
END_TEST

START_TEST(a_tie_has_no_leader)
{
    struct contest untested = accuracy;
    untested.tested = false;
    SAYS(untested,
         "After 50 evaluations on CIFAR-10 the highest mean validation accuracy, 91.51, is shared "
         "by "
         "a (8 runs) and d (8 runs).\n",
         {"a", high, EIGHT}, {"b", low, EIGHT}, {"d", high, EIGHT});
}
END_TEST

START_TEST(means_that_print_the_same_are_a_tie)
{
    static const double nearly[] = {91.512, 91.513}, close[] = {91.511, 91.510};
    struct contest untested = accuracy;
    untested.tested = false;
    SAYS(untested,
         "After 50 evaluations on CIFAR-10 the highest mean validation accuracy, 91.51, is shared "
         "by "
         "x (2 runs) and y (2 runs).\n",
         {"y", close, 2}, {"x", nearly, 2});
}
END_TEST

START_TEST(the_only_method_with_scores_leads_nobody)
{
    SAYS(
        accuracy,
        "After 50 evaluations on CIFAR-10 the only mean validation accuracy is that of lone, 91.00 "
        "(1 run).\n",
        {"none", none, 2}, {"lone", one, 1});
}
END_TEST

START_TEST(a_difference_that_rounds_to_nothing_is_bounded)
{
    static const double above[] = {91.0051}, below[] = {91.0049};
    char *found = told(accuracy, (const struct contender[]){{"b", below, 1}, {"a", above, 1}}, 2);
    ck_assert_ptr_nonnull(
        strstr(found, "that of a, 91.01 (1 run), less than 0.01 above b, 91.00 (1 run);"));
    free(found);
}
END_TEST

START_TEST(without_any_score_nothing_is_said)
{
    SAYS(accuracy, "", {"none", none, 2}, {"nobody", NULL, 0});
}
END_TEST

START_TEST(runs_at_the_optimum_are_counted)
{
    struct contest bounded = accuracy;
    bounded.tested = false;
    bounded.bound = 91.6;
    SAYS(
        bounded,
        "After 50 evaluations on CIFAR-10 the highest mean validation accuracy is that of a, 91.51 "
        "(8 runs), 1.32 above b, 90.19 (8 runs).\n"
        "Runs that end at the optimum of the space, 91.60: 3 of 8 of a; between those this score "
        "tells no difference.\n",
        {"a", high, EIGHT}, {"b", low, EIGHT});
}
END_TEST

START_TEST(the_lowest_leads_where_less_is_better)
{
    struct contest regret = accuracy;
    regret.lowest = true;
    regret.score = "regret";
    SAYS(regret,
         "After 50 evaluations on CIFAR-10 the lowest mean regret is that of b, 90.19 (8 runs), "
         "1.32 below a, 91.51 (8 runs); 95 % interval of the difference 1.25 to 1.40.\n"
         "By rank-sum tests of b against the other, Holm-corrected at 0.05: it differs from a (p = "
         "0.0002).\n",
         {"a", high, EIGHT}, {"b", low, EIGHT});
}
END_TEST

START_TEST(a_leader_by_mean_whose_runs_are_mostly_worse_is_told_apart)
{
    static const double few_high[] = {90, 90, 90, 90, 90, 90, 90, 90, 90, 100, 100, 100};
    static const double steady[] = {91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91, 91};
    char *found =
        told(accuracy, (const struct contender[]){{"s", steady, 12}, {"f", few_high, 12}}, 2);
    ck_assert_ptr_nonnull(strstr(found, "is that of f, 92.50 (12 runs), 1.50 above s"));
    ck_assert_ptr_nonnull(strstr(
        found, "it differs from s (p = 0.0291, though its runs are more often the better ones)"));
    free(found);
}
END_TEST

/* -- cells -- */

static struct logged_run runs[3];
static const struct logged_run *some_runs[] = {&runs[0], &runs[1], &runs[2]};

static struct cell_runs cell(const char *id, size_t run_count, size_t planned)
{
    return (struct cell_runs){.id = id,
                              .runs = some_runs,
                              .run_count = run_count,
                              .planned = planned,
                              .source = "measured"};
}

static void cells_say(const char *expected, const struct cell_runs *const *cells)
{
    struct str says = {0};
    say_cells(&says, cells, NULL, NULL);
    ck_assert_str_eq(says.text ? says.text : "", expected);
    str_free(&says);
}

START_TEST(equal_numbers_of_runs_are_said_once)
{
    struct cell_runs a = cell("a", 3, 3), b = cell("b", 3, 3);
    cells_say("Each method has 3 finished runs.\n", (const struct cell_runs *[]){&a, &b, NULL});
}
END_TEST

START_TEST(a_single_run_is_said_to_say_little)
{
    struct cell_runs a = cell("a", 1, 1), b = cell("b", 3, 3);
    cells_say("Each method has 1 finished run, so nothing is known of how much a run differs from "
              "another.\n",
              (const struct cell_runs *[]){&a, NULL});
    cells_say("The fewest finished runs, 1, are those of a; the most are 3. One run has no "
              "deviation.\n",
              (const struct cell_runs *[]){&a, &b, NULL});
}
END_TEST

START_TEST(what_is_not_run_and_what_is_not_finished_is_named)
{
    struct cell_runs a = cell("a", 2, 3), b = cell("b", 0, 3);
    cells_say("Each method that is run has 2 finished runs.\n"
              "a: 2 of 3 runs finished; the others are left out.\n"
              "b is not run (no run log; seki run makes it), so nothing is known of it.\n",
              (const struct cell_runs *[]){&a, &b, NULL});
}
END_TEST

START_TEST(of_nothing_that_is_run_only_that_is_said)
{
    struct cell_runs b = cell("b", 0, 3);
    cells_say("b is not run (no run log; seki run makes it), so nothing is known of it.\n",
              (const struct cell_runs *[]){&b, NULL});
}
END_TEST

START_TEST(many_that_are_not_run_are_named_together)
{
    struct cell_runs b = cell("b", 0, 3), c = cell("c", 0, 3), d = cell("d", 0, 3),
                     e = cell("e", 0, 3);
    cells_say("Not run, so nothing is known of them: b, c, d and e. The reason of b: no run log; "
              "seki run makes it.\n",
              (const struct cell_runs *[]){&b, &c, &d, &e, NULL});
}
END_TEST

START_TEST(replayed_and_scripted_methods_are_named)
{
    struct runlog log = {.experiment = json_pack("{s:{s:s}}", "llm", "model", "small-1b")};
    struct cell_runs a = cell("a", 3, 3), b = cell("b", 3, 3), c = cell("c", 3, 3);
    a.logs = b.logs = c.logs = &log;
    a.log_count = b.log_count = c.log_count = 1;
    a.asks_llm = b.asks_llm = c.asks_llm = b.scripted = true;
    a.source = c.source = "replayed";
    cells_say(
        "Each method has 3 finished runs.\n"
        "The runs of a and c are answered by recorded replies of small-1b: they show that "
        "recording, and no other model or draw.\n"
        "In b (scripted) a set of rules answered in place of an LLM: this says nothing of any "
        "LLM.\n",
        (const struct cell_runs *[]){&a, &b, &c, NULL});
    json_decref((json_t *)(uintptr_t)log.experiment);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("say");
    TCase *leader = tcase_create("leader");
    tcase_add_test(leader, a_difference_that_a_test_shows_has_its_size_interval_and_p);
    tcase_add_test(leader, a_difference_that_no_test_shows_is_said_to_be_none);
    tcase_add_test(leader, of_one_run_no_outcome_could_show_anything);
    tcase_add_test(leader, a_tie_has_no_leader);
    tcase_add_test(leader, means_that_print_the_same_are_a_tie);
    tcase_add_test(leader, the_only_method_with_scores_leads_nobody);
    tcase_add_test(leader, a_difference_that_rounds_to_nothing_is_bounded);
    tcase_add_test(leader, without_any_score_nothing_is_said);
    tcase_add_test(leader, runs_at_the_optimum_are_counted);
    tcase_add_test(leader, the_lowest_leads_where_less_is_better);
    tcase_add_test(leader, a_leader_by_mean_whose_runs_are_mostly_worse_is_told_apart);
    suite_add_tcase(suite, leader);
    TCase *cells = tcase_create("cells");
    tcase_add_test(cells, equal_numbers_of_runs_are_said_once);
    tcase_add_test(cells, a_single_run_is_said_to_say_little);
    tcase_add_test(cells, what_is_not_run_and_what_is_not_finished_is_named);
    tcase_add_test(cells, of_nothing_that_is_run_only_that_is_said);
    tcase_add_test(cells, many_that_are_not_run_are_named_together);
    tcase_add_test(cells, replayed_and_scripted_methods_are_named);
    suite_add_tcase(suite, cells);
    return suite_run(suite);
}
