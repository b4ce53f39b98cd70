/* SEKI as a whole: how it divides its budget, what it goes on from, what its ablations leave out.
 */
#include "../suite.h"
#include "trial.h"

#include "base/mem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define WITHOUT_LLM "\"operators\": \"untried-mutation\""
#define STRATEGY    "{\"strategy\":\"Replace the pooling on edge 0->1.\"}"
#define CELL(c)     "{\"cell\":\"" c "\"}"

static const struct space *space;

static void setup(void)
{
    space = space_find("nas-bench-201");
}

/* The settings, JSON members, completed with those that need no LLM. The caller frees. */
static char *without_llm(const char *settings)
{
    return mem_printf("{" WITHOUT_LLM "%s%s}", settings[0] ? ", " : "", settings);
}

static struct trial run_without_llm(const char *settings, uint64_t seed, size_t budget)
{
    char *all = without_llm(settings);
    struct trial trial = trial_run("seki", all, space, trial_noise, seed, budget);
    free(all);
    return trial;
}

/* Runs with a model that says the script. */
static struct trial run_with_llm(const char *settings, const char *const *script, size_t budget)
{
    struct trial trial;
    trial_open(&trial, &(struct trial_setting){"seki", settings, space, trial_noise, 1, budget,
                                               NULL, script});
    ck_assert(strategy_find("seki")->run(&trial.search, NULL));
    ck_assert(meter_finished(trial.search.meter, NULL));
    trial_end(&trial);
    return trial;
}

/* How many of the steps from *at on are of this stage; *at is then behind them. */
static size_t pass(const struct trial *trial, const char *stage, size_t *at)
{
    size_t begin = *at;
    while (*at < trial->count && strcmp(trial->steps[*at].stage, stage) == 0)
        ++*at;
    return *at - begin;
}

/* -- how a budget is divided -- */

static const struct division {
    const char *settings;
    size_t budget, start, lambda, gamma;
} divisions[] = {
    {"", 10, 1, 4, 5},
    {"", 11, 1, 5, 5},
    {"", 1, 1, 0, 0},
    {"", 2, 1, 0, 1},
    {"\"lambda\": 3", 10, 1, 3, 6},
    {"\"lambda\": 9", 10, 1, 9, 0},
    {"\"gamma\": 3", 10, 1, 6, 3},
    {"\"gamma\": 9", 10, 1, 0, 9},
    {"\"lambda\": 4, \"gamma\": 5", 10, 1, 4, 5},
    {"\"gamma\": 0", 10, 1, 9, 0},
    {"\"lambda\": 9, \"gamma\": 0", 10, 1, 9, 0},
    {"\"lambda\": 0", 30, 10, 0, 20},
    {"\"lambda\": 0", 10, 10, 0, 0},
    {"\"lambda\": 0, \"k\": 6", 10, 6, 0, 4},
    {"\"lambda\": 0, \"gamma\": 4, \"k\": 6", 10, 6, 0, 4},
    {"\"lambda\": 0, \"gamma\": 0", 10, 10, 0, 0},
};
enum { DIVISIONS = sizeof(divisions) / sizeof(*divisions) };

START_TEST(a_budget_is_divided_and_its_stages_come_in_order)
{
    const struct division *division = &divisions[_i];
    struct trial trial = run_without_llm(division->settings, 1, division->budget);
    size_t at = 0;
    ck_assert_uint_eq(pass(&trial, "start", &at), division->start);
    ck_assert_uint_eq(pass(&trial, "self-evolution", &at), division->lambda);
    ck_assert_uint_eq(pass(&trial, "knowledge-inspiration", &at), division->gamma);
    ck_assert_uint_eq(at, division->budget);
    ck_assert_uint_eq(trial.count, division->budget);
    trial_free(&trial);
}
END_TEST

/* The faults that are found, a line each. The caller frees. */
static char *faults_of(const char *settings, size_t budget)
{
    const struct strategy_type *seki = strategy_find("seki");
    struct faults faults = {0};
    struct str lines = {0};
    char *all = without_llm(settings);
    json_t *given = json_loads(all, 0, NULL);
    json_t *resolved = option_resolve(seki->options, given, "/strategy", &faults);
    ck_assert_uint_eq(faults.count, 0);
    seki->check(resolved, NULL, budget, "/strategy", &faults);
    str_add(&lines, "");
    for (size_t i = 0; i < faults.count; i++)
        str_addf(&lines, "%s%s", i ? "\n" : "", faults.list[i]);
    fault_free(&faults);
    json_decref(resolved);
    json_decref(given);
    free(all);
    return str_steal(&lines);
}

START_TEST(what_can_be_divided_is_no_fault)
{
    char *found = faults_of(divisions[_i].settings, divisions[_i].budget);
    ck_assert_str_eq(found, "");
    free(found);
}
END_TEST

#define SUM(start, lambda, gamma, budget)                                                          \
    "/strategy: found " start ", lambda " lambda " and gamma " gamma                               \
    ", expected them to add up to the budget of " budget " evaluations"

static const struct fault_case {
    const char *settings;
    size_t budget;
    const char *fault;
} fault_cases[] = {
    {"\"k\": 4", 10, "/strategy: xi is 5 and k is 4, expected xi <= k"},
    {"", 0,
     "/strategy: seki divides a budget of evaluations between its stages; expected "
     "budget/evaluations"},
    {"\"k\": 4", 0,
     "/strategy: xi is 5 and k is 4, expected xi <= k\n"
     "/strategy: seki divides a budget of evaluations between its stages; expected "
     "budget/evaluations"},
    {"\"history\": \"withheld\", \"on_duplicate\": \"ask-again\"", 10,
     "/strategy: found history withheld and on_duplicate ask-again, which tells what was tried; "
     "expected on_duplicate keep"},
    {"\"lambda\": 5, \"gamma\": 5", 10, SUM("1 random start", "5", "5", "10")},
    {"\"lambda\": 4, \"gamma\": 4", 10, SUM("1 random start", "4", "4", "10")},
    {"\"lambda\": 10", 10, SUM("1 random start", "10", "0", "10")},
    {"\"lambda\": 1000000", 10, SUM("1 random start", "1000000", "0", "10")},
    {"\"gamma\": 10", 10, SUM("1 random start", "0", "10", "10")},
    {"\"gamma\": 1000000", 10, SUM("1 random start", "0", "1000000", "10")},
    {"\"lambda\": 1000000, \"gamma\": 1000000", 10,
     SUM("1 random start", "1000000", "1000000", "10")},
    {"\"lambda\": 0", 9, SUM("10 random starts", "0", "0", "9")},
    {"\"lambda\": 0, \"gamma\": 21", 30, SUM("10 random starts", "0", "21", "30")},
    {"\"lambda\": 0, \"gamma\": 1000000", 5, SUM("10 random starts", "0", "1000000", "5")},
};
enum { FAULT_CASES = sizeof(fault_cases) / sizeof(*fault_cases) };

START_TEST(what_cannot_be_divided_is_told)
{
    char *found = faults_of(fault_cases[_i].settings, fault_cases[_i].budget);
    ck_assert_str_eq(found, fault_cases[_i].fault);
    free(found);
}
END_TEST

/* -- what a stage goes on from -- */

START_TEST(self_evolution_goes_on_from_the_newest)
{
    struct trial trial = run_without_llm("\"gamma\": 0", 5, 30);
    ck_assert(!trial.steps[0].has_parent);
    for (size_t i = 1; i < trial.count; i++)
        ck_assert(arch_equal(&trial.steps[i].parent, &trial.steps[i - 1].arch));
    trial_free(&trial);
}
END_TEST

/* The best of the first count steps, the first of equal ones. */
static const struct arch *best_of(const struct trial *trial, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (trial->steps[i].valid_score > trial->steps[best].valid_score)
            best = i;
    return &trial->steps[best].arch;
}

START_TEST(self_evolution_goes_on_from_the_best_if_asked)
{
    struct trial trial = run_without_llm("\"gamma\": 0, \"parent\": \"best\"", 5, 30);
    for (size_t i = 1; i < trial.count; i++)
        ck_assert(arch_equal(&trial.steps[i].parent, best_of(&trial, i)));
    trial_free(&trial);
}
END_TEST

static size_t better_than(const struct trial *trial, size_t count, const struct arch *arch)
{
    size_t better = 0;
    for (size_t i = 0; i < count; i++)
        better += trial->steps[i].valid_score > trial_noise(space, arch);
    return better;
}

START_TEST(inspiration_draws_from_the_k_best)
{
    enum { K = 4, XI = 2, BUDGET = 60 };
    struct trial trial = run_without_llm("\"k\": 4, \"xi\": 2", 2, BUDGET);
    size_t at = 0, met[K] = {0};
    pass(&trial, "start", &at);
    pass(&trial, "self-evolution", &at);
    for (; at < trial.count; at++) {
        size_t place = better_than(&trial, at, &trial.steps[at].parent);
        ck_assert_uint_le(place, K - XI); /* the best of XI different ones */
        met[place]++;
    }
    for (size_t place = 0; place <= K - XI; place++)
        ck_assert_uint_gt(met[place], 0);
    trial_free(&trial);
}
END_TEST

START_TEST(inspiration_alone_starts_from_k_random_ones)
{
    struct trial trial = run_without_llm("\"lambda\": 0, \"k\": 8", 3, 20);
    for (size_t i = 0; i < 8; i++) {
        ck_assert_str_eq(trial.steps[i].stage, "start");
        ck_assert(!trial.steps[i].has_parent);
        for (size_t j = 0; j < i; j++)
            ck_assert(!arch_equal(&trial.steps[i].arch, &trial.steps[j].arch));
    }
    ck_assert_str_eq(trial.steps[8].stage, "knowledge-inspiration");
    ck_assert_uint_le(better_than(&trial, 8, &trial.steps[8].parent), 3); /* k - xi */
    trial_free(&trial);
}
END_TEST

/* -- iterations without an architecture -- */

static void check_digits(const struct arch *arch, const char *digits)
{
    char found[ARCH_SLOTS + 1];
    space_digits(space, arch, found);
    ck_assert_str_eq(found, digits);
}

START_TEST(an_invalid_iteration_spends_its_evaluation_and_the_next_goes_on_from_the_same)
{
    struct trial trial = run_with_llm(
        "{\"form\": \"whole\", \"repairs\": 0, \"gamma\": 0}",
        (fake_script){STRATEGY, CELL("421211"), STRATEGY, "prose", STRATEGY, CELL("321211"), NULL},
        4);
    ck_assert_uint_eq(trial.count, 4);
    check_digits(&trial.steps[1].arch, "421211");
    ck_assert(!trial.steps[2].valid);
    ck_assert_str_eq(trial.steps[2].stage, "self-evolution");
    ck_assert_str_eq(trial.steps[2].reason, "D: it holds no JSON object (there is none)");
    ck_assert_str_eq(trial.steps[2].strategy, "Replace the pooling on edge 0->1.");
    check_digits(&trial.steps[2].parent, "421211");
    check_digits(&trial.steps[3].parent, "421211");
    check_digits(&trial.steps[3].arch, "321211");
    trial_free(&trial);
}
END_TEST

START_TEST(an_invalid_inspiration_spends_its_evaluation_too)
{
    struct trial trial = run_with_llm(
        "{\"form\": \"whole\", \"repairs\": 0, \"lambda\": 0, \"k\": 2, \"xi\": 2}",
        (fake_script){"prose",
                      "{\"common\":\"They have convolutions on 0->2.\",\"cell\":\"333333\"}", NULL},
        4);
    ck_assert_uint_eq(trial.count, 4);
    ck_assert(!trial.steps[2].valid);
    ck_assert_str_eq(trial.steps[2].stage, "knowledge-inspiration");
    check_digits(&trial.steps[3].arch, "333333");
    trial_free(&trial);
}
END_TEST

START_TEST(a_run_of_invalid_iterations_ends_with_its_budget)
{
    struct trial trial =
        run_with_llm("{\"form\": \"whole\", \"repairs\": 0}",
                     (fake_script){"prose", "prose", "prose", "prose", "prose", "prose", NULL}, 7);
    ck_assert_uint_eq(trial.count, 7);
    for (size_t i = 1; i < 7; i++)
        ck_assert(!trial.steps[i].valid);
    trial_free(&trial);
}
END_TEST

START_TEST(a_repeat_is_gone_on_from_and_spends_an_evaluation)
{
    struct trial trial =
        run_with_llm("{\"form\": \"whole\", \"gamma\": 0}",
                     (fake_script){STRATEGY, CELL("421211"), STRATEGY, CELL("321211"), STRATEGY,
                                   CELL("421211"), STRATEGY, CELL("333333"), NULL},
                     5);
    ck_assert_uint_eq(trial.count, 5);
    check_digits(&trial.steps[3].arch, "421211");
    check_digits(&trial.steps[4].parent, "421211");
    trial_free(&trial);
}
END_TEST

START_TEST(a_server_that_refuses_ends_the_run_with_its_reason)
{
    struct trial trial;
    struct err err = {0};
    trial_open(&trial, &(struct trial_setting){"seki", "{\"form\": \"whole\"}", space, trial_noise,
                                               1, 5, NULL, (fake_script){NULL}});
    ck_assert(!strategy_find("seki")->run(&trial.search, &err));
    ck_assert_int_eq(err.code, ERR_NETWORK);
    trial_end(&trial);
    ck_assert_uint_eq(trial.count, 1); /* the start */
    trial_free(&trial);
}
END_TEST

/* -- seeds -- */

static const char *const controls[] = {"untried-mutation", "mutation-crossover", "prior"};

START_TEST(the_same_seed_gives_the_same_run_and_another_seed_another)
{
    char *settings = mem_printf("{\"operators\": \"%s\"}", controls[_i]);
    struct trial a = trial_run("seki", settings, space, trial_noise, 7, 60);
    struct trial b = trial_run("seki", settings, space, trial_noise, 7, 60);
    struct trial other = trial_run("seki", settings, space, trial_noise, 8, 60);
    size_t equal = 0;
    for (size_t i = 0; i < 60; i++) {
        ck_assert(arch_equal(&a.steps[i].arch, &b.steps[i].arch));
        equal += arch_equal(&a.steps[i].arch, &other.steps[i].arch);
    }
    ck_assert_uint_lt(equal, 10);
    trial_free(&a);
    trial_free(&b);
    trial_free(&other);
    free(settings);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("seki");
    TCase *budget = tcase_create("budget");
    tcase_add_checked_fixture(budget, setup, NULL);
    tcase_add_loop_test(budget, a_budget_is_divided_and_its_stages_come_in_order, 0, DIVISIONS);
    tcase_add_loop_test(budget, what_can_be_divided_is_no_fault, 0, DIVISIONS);
    tcase_add_loop_test(budget, what_cannot_be_divided_is_told, 0, FAULT_CASES);
    suite_add_tcase(suite, budget);

    TCase *stages = tcase_create("stages");
    tcase_add_checked_fixture(stages, setup, NULL);
    tcase_add_test(stages, self_evolution_goes_on_from_the_newest);
    tcase_add_test(stages, self_evolution_goes_on_from_the_best_if_asked);
    tcase_add_test(stages, inspiration_draws_from_the_k_best);
    tcase_add_test(stages, inspiration_alone_starts_from_k_random_ones);
    tcase_add_test(stages,
                   an_invalid_iteration_spends_its_evaluation_and_the_next_goes_on_from_the_same);
    tcase_add_test(stages, an_invalid_inspiration_spends_its_evaluation_too);
    tcase_add_test(stages, a_run_of_invalid_iterations_ends_with_its_budget);
    tcase_add_test(stages, a_repeat_is_gone_on_from_and_spends_an_evaluation);
    tcase_add_test(stages, a_server_that_refuses_ends_the_run_with_its_reason);
    tcase_add_loop_test(stages, the_same_seed_gives_the_same_run_and_another_seed_another, 0, 3);
    suite_add_tcase(suite, stages);

    return suite_run(suite);
}
