/* The meter over an oracle whose every answer is written here. */
#include "../suite.h"
#include "oracle/metering.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct choice letters[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}};
static const struct slot slots[] = {{"0->1", 1, letters, 4}, {"0->2", 2, letters, 4}};
static const struct space small = {.name = "small", .slots = slots, .slot_count = 2};

/* Each call scores a point more than the one before, so that a repeat that is evaluated again is
 * told from one that is looked up. */
struct counting_oracle {
    struct oracle base;
    double cost_s;     /* of every answer */
    size_t calls;      /* so far */
    size_t fails_from; /* the call, counted from 0, that is the first to fail */
};

static bool counting_evaluate(struct oracle *oracle, const struct arch *arch, struct rng *rng,
                              struct evaluation *evaluation, struct err *err)
{
    struct counting_oracle *counting = (struct counting_oracle *)oracle;
    (void)arch;
    (void)rng;
    if (counting->calls >= counting->fails_from)
        return err_set(err, ERR_IO, "the oracle broke at call %zu", counting->calls);
    double valid_score = 50 + (double)counting->calls++;
    *evaluation = (struct evaluation){
        .valid_score = valid_score, .test_score = valid_score + 0.5, .cost_s = counting->cost_s};
    return true;
}

static const struct oracle_type counting_type = {.name = "counting", .evaluate = counting_evaluate};

enum { SEEN_MOST = 20 };

static struct counting_oracle oracle;
static struct observation seen[SEEN_MOST]; /* what the observer was told; pointers are not kept */
static size_t seen_count, deaf_from;       /* the observation, counted from 1, that ends the run */
static char last_stage[20], last_reason[40];
static struct meter *meter;

static bool keep(void *context, const struct observation *observation)
{
    ck_assert_ptr_eq(context, seen);
    ck_assert_uint_lt(seen_count, SEEN_MOST);
    seen[seen_count++] = *observation;
    snprintf(last_stage, sizeof(last_stage), "%s",
             observation->origin ? observation->origin->stage : "none");
    snprintf(last_reason, sizeof(last_reason), "%s",
             observation->invalid_reason ? observation->invalid_reason : "none");
    return seen_count < deaf_from;
}

/* A meter round an oracle whose answers cost 10 s each; the settings lack oracle and observer. */
static void begin(struct meter_settings settings)
{
    oracle = (struct counting_oracle){{&counting_type, &small, {0}}, 10, 0, SIZE_MAX};
    seen_count = 0;
    deaf_from = SIZE_MAX;
    settings.oracle = &oracle.base;
    settings.observer = keep;
    settings.context = seen;
    settings.rng = rng_seed(1);
    meter = meter_make(&settings);
}

static void end(void)
{
    meter_free(meter);
    meter = NULL;
}

static bool evaluate(size_t index, struct score *score)
{
    struct arch arch = space_nth(&small, index);
    return meter_evaluate(meter, &arch, &(struct origin){.stage = "test"}, score);
}

static void check_score(size_t index, double valid_score, double cost_s, bool repeat)
{
    struct score score = {0};
    ck_assert(evaluate(index, &score));
    ck_assert_double_eq(score.valid_score, valid_score);
    ck_assert_double_eq(score.cost_s, cost_s);
    ck_assert_int_eq(score.repeat, repeat);
}

static void check_over(size_t index)
{
    struct score score;
    size_t told = seen_count;
    ck_assert(!evaluate(index, &score));
    ck_assert(!meter_open(meter));
    ck_assert_uint_eq(seen_count, told);
    ck_assert(!meter_waste(meter, &(struct origin){.stage = "test"}, "too late"));
    ck_assert_uint_eq(seen_count, told);
}

static void check_unfinished(enum err_code code, const char *text)
{
    struct err err = {0};
    ck_assert(!meter_finished(meter, &err));
    ck_assert_int_eq(err.code, code);
    ck_assert_str_eq(err.text, text);
}

START_TEST(a_budget_of_evaluations_ends_after_so_many)
{
    begin((struct meter_settings){.limit = 3, .limit_s = INFINITY});
    ck_assert_uint_eq(meter_limit(meter), 3);
    for (size_t i = 0; i < 3; i++) {
        ck_assert(meter_open(meter));
        ck_assert_uint_eq(meter_iteration(meter), i);
        check_score(i, 50 + (double)i, 10, false);
    }
    check_over(3);
    ck_assert_uint_eq(oracle.calls, 3);
    ck_assert_double_eq(meter_spent_s(meter), 30);
    ck_assert(meter_finished(meter, NULL));
    end();
}
END_TEST

START_TEST(an_evaluation_that_would_pass_the_seconds_is_refused)
{
    begin((struct meter_settings){.limit_s = 25});
    ck_assert_uint_eq(meter_limit(meter), 0);
    check_score(0, 50, 10, false);
    check_score(1, 51, 10, false);
    ck_assert(meter_open(meter));
    check_over(2);
    ck_assert(!meter_knows(meter, &(struct arch){{0, 2}}, NULL));
    ck_assert_double_eq(meter_spent_s(meter), 20);
    ck_assert(meter_finished(meter, NULL));
    end();
}
END_TEST

START_TEST(an_evaluation_that_uses_the_seconds_up_is_made)
{
    begin((struct meter_settings){.limit_s = 20});
    check_score(0, 50, 10, false);
    check_score(1, 51, 10, false);
    ck_assert(!meter_open(meter));
    check_over(2);
    ck_assert_uint_eq(oracle.calls, 2);
    end();
}
END_TEST

START_TEST(an_evaluation_that_passes_the_seconds_is_made_where_overrun_is_allowed)
{
    begin((struct meter_settings){.limit_s = 25, .overrun = true});
    for (size_t i = 0; i < 3; i++)
        check_score(i, 50 + (double)i, 10, false);
    check_over(3);
    ck_assert_double_eq(meter_spent_s(meter), 30);
    ck_assert(meter_finished(meter, NULL));
    end();
}
END_TEST

START_TEST(of_two_budgets_the_one_that_is_spent_first_ends_the_run)
{
    begin((struct meter_settings){.limit = 2, .limit_s = 1000});
    check_score(0, 50, 10, false);
    check_score(1, 51, 10, false);
    check_over(2);
    end();
    begin((struct meter_settings){.limit = 100, .limit_s = 15});
    check_score(0, 50, 10, false);
    check_over(1);
    end();
}
END_TEST

START_TEST(a_repeat_is_looked_up_for_nothing_and_counts)
{
    begin((struct meter_settings){.limit = 3, .limit_s = INFINITY});
    check_score(5, 50, 10, false);
    check_score(5, 50, 0, true);
    check_score(5, 50, 0, true);
    ck_assert_uint_eq(oracle.calls, 1);
    ck_assert_double_eq(meter_spent_s(meter), 10);
    ck_assert_double_eq(seen[2].evaluation.valid_score, 50);
    ck_assert_double_eq(seen[2].evaluation.test_score, 50.5);
    ck_assert_double_eq(seen[2].evaluation.cost_s, 0);
    ck_assert(seen[2].repeat);
    check_over(6);
    end();
}
END_TEST

START_TEST(a_repeat_that_pays_is_evaluated_and_charged_again)
{
    begin((struct meter_settings){.limit_s = 25, .repeats_pay = true});
    double first_pct;
    check_score(5, 50, 10, false);
    check_score(5, 51, 10, true);
    ck_assert(meter_knows(meter, &(struct arch){{1, 1}}, &first_pct));
    ck_assert_double_eq(first_pct, 50); /* what it scored first */
    check_over(5);
    end();
}
END_TEST

START_TEST(a_wasted_iteration_counts_and_costs_no_time)
{
    begin((struct meter_settings){.limit = 2, .limit_s = INFINITY});
    ck_assert(meter_waste(meter, &(struct origin){.stage = "test"}, "no cell in it"));
    ck_assert_str_eq(last_reason, "no cell in it");
    ck_assert_str_eq(last_stage, "test");
    ck_assert_ptr_null(seen[0].arch);
    ck_assert_uint_eq(meter_iteration(meter), 1);
    ck_assert(!meter_waste(meter, &(struct origin){.stage = "test"}, "again")); /* the last */
    ck_assert_uint_eq(seen_count, 2);
    ck_assert_uint_eq(seen[1].index, 1);
    check_over(0);
    ck_assert_double_eq(meter_spent_s(meter), 0);
    ck_assert_uint_eq(oracle.calls, 0);
    ck_assert(meter_finished(meter, NULL));
    end();
}
END_TEST

START_TEST(an_oracle_that_fails_ends_the_run_and_says_why)
{
    begin((struct meter_settings){.limit = 5, .limit_s = INFINITY});
    oracle.fails_from = 1;
    check_score(0, 50, 10, false);
    check_over(1);
    ck_assert(!meter_knows(meter, &(struct arch){{0, 1}}, NULL));
    check_unfinished(ERR_IO, "the oracle broke at call 1");
    end();
}
END_TEST

START_TEST(an_observer_that_cannot_go_on_ends_the_run)
{
    struct score score;
    begin((struct meter_settings){.limit = 5, .limit_s = INFINITY});
    deaf_from = 2;
    check_score(0, 50, 10, false);
    ck_assert(!evaluate(1, &score));
    check_over(2);
    end();
    begin((struct meter_settings){.limit = 5, .limit_s = INFINITY});
    deaf_from = 1;
    ck_assert(!meter_waste(meter, NULL, "no cell in it"));
    check_over(0);
    end();
}
END_TEST

START_TEST(a_strategy_that_leaves_budget_is_told)
{
    begin((struct meter_settings){.limit = 2, .limit_s = INFINITY});
    check_score(0, 50, 10, false);
    check_unfinished(ERR_INPUT, "the strategy stopped with budget left");
    check_score(1, 51, 10, false);
    ck_assert(meter_finished(meter, NULL));
    end();
}
END_TEST

START_TEST(a_strategy_that_has_nothing_left_ends_the_run_with_its_reason)
{
    begin((struct meter_settings){.limit = 2, .limit_s = INFINITY});
    check_score(0, 50, 10, false);
    ck_assert_ptr_null(meter_end_reason(meter));
    meter_end(meter, "all was evaluated");
    check_over(1);
    ck_assert(meter_finished(meter, NULL));
    ck_assert_str_eq(meter_end_reason(meter), "all was evaluated");
    end();
}
END_TEST

/* struct score has no member for it; were one added, it would hold what is looked for here. */
START_TEST(the_observer_sees_test_accuracy_and_a_score_has_none)
{
    begin((struct meter_settings){.limit = 1, .limit_s = INFINITY});
    struct score score;
    memset(&score, 0, sizeof(score));
    ck_assert(evaluate(0, &score));
    double test_score = seen[0].evaluation.test_score;
    ck_assert_double_eq(test_score, 50.5);
    for (size_t at = 0; at + sizeof(test_score) <= sizeof(score); at++)
        ck_assert(memcmp((const char *)&score + at, &test_score, sizeof(test_score)) != 0);
    end();
}
END_TEST

START_TEST(the_meter_knows_what_was_evaluated_and_nothing_else)
{
    begin((struct meter_settings){.limit = 20, .limit_s = INFINITY});
    const struct arch first = space_nth(&small, 3), other = space_nth(&small, 4);
    double valid_score = -1;
    ck_assert(!meter_knows(meter, &first, &valid_score));
    ck_assert_double_eq(valid_score, -1);
    check_score(9, 50, 10, false);
    check_score(3, 51, 10, false);
    ck_assert(meter_knows(meter, &first, &valid_score));
    ck_assert_double_eq(valid_score, 51);
    ck_assert(meter_knows(meter, &first, NULL));
    ck_assert(!meter_knows(meter, &other, NULL));
    end();
}
END_TEST

START_TEST(the_observer_is_told_what_the_parent_scored_where_it_asks)
{
    const struct arch parent = space_nth(&small, 3), child = space_nth(&small, 4);
    const struct arch stranger = space_nth(&small, 7);
    for (int asked = 0; asked < 2; asked++) {
        struct score score;
        begin((struct meter_settings){.limit = 9, .limit_s = INFINITY, .parents = asked});
        check_score(3, 50, 10, false);
        ck_assert(meter_evaluate(meter, &child, &(struct origin){"s", &parent, NULL}, &score));
        ck_assert(meter_evaluate(meter, &child, &(struct origin){"s", &stranger, NULL}, &score));
        ck_assert(meter_evaluate(meter, &child, NULL, &score));
        ck_assert(isnan(seen[0].parent_score));
        ck_assert(asked ? seen[1].parent_score == 50 : isnan(seen[1].parent_score) != 0);
        ck_assert(isnan(seen[2].parent_score));
        ck_assert(isnan(seen[3].parent_score));
        end();
    }
}
END_TEST

START_TEST(a_meter_without_an_observer_counts_all_the_same)
{
    struct meter_settings settings = {.limit = 1, .limit_s = INFINITY, .rng = rng_seed(1)};
    oracle = (struct counting_oracle){{&counting_type, &small, {0}}, 10, 0, SIZE_MAX};
    settings.oracle = &oracle.base;
    meter = meter_make(&settings);
    check_score(0, 50, 10, false);
    ck_assert(!meter_open(meter));
    end();
    meter_free(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("meter");
    TCase *budget = tcase_create("budget");
    tcase_add_test(budget, a_budget_of_evaluations_ends_after_so_many);
    tcase_add_test(budget, an_evaluation_that_would_pass_the_seconds_is_refused);
    tcase_add_test(budget, an_evaluation_that_uses_the_seconds_up_is_made);
    tcase_add_test(budget, an_evaluation_that_passes_the_seconds_is_made_where_overrun_is_allowed);
    tcase_add_test(budget, of_two_budgets_the_one_that_is_spent_first_ends_the_run);
    tcase_add_test(budget, a_repeat_is_looked_up_for_nothing_and_counts);
    tcase_add_test(budget, a_repeat_that_pays_is_evaluated_and_charged_again);
    tcase_add_test(budget, a_wasted_iteration_counts_and_costs_no_time);
    tcase_add_test(budget, an_oracle_that_fails_ends_the_run_and_says_why);
    tcase_add_test(budget, an_observer_that_cannot_go_on_ends_the_run);
    tcase_add_test(budget, a_strategy_that_leaves_budget_is_told);
    tcase_add_test(budget, a_strategy_that_has_nothing_left_ends_the_run_with_its_reason);
    suite_add_tcase(suite, budget);

    TCase *telling = tcase_create("who is told what");
    tcase_add_test(telling, the_observer_sees_test_accuracy_and_a_score_has_none);
    tcase_add_test(telling, the_meter_knows_what_was_evaluated_and_nothing_else);
    tcase_add_test(telling, the_observer_is_told_what_the_parent_scored_where_it_asks);
    tcase_add_test(telling, a_meter_without_an_observer_counts_all_the_same);
    suite_add_tcase(suite, telling);

    return suite_run(suite);
}
