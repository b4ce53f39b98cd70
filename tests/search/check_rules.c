/* The rules that stand in for the LLM: what they propose, and how evenly. */
#include "../suite.h"
#include "search/operators.h"

#include "trial.h"

#include <check.h>
#include <stdlib.h>

static const struct space *space;
static struct trial trial;

static void setup(void)
{
    space = space_find("nas-bench-201");
    trial_open(
        &trial,
        &(struct trial_setting){
            .strategy = "seki", .settings = "{}", .space = space, .score = trial_noise, .seed = 1});
}

static void teardown(void)
{
    trial_end(&trial);
    trial_free(&trial);
}

static struct arch cell(const char *digits)
{
    struct arch arch;
    ck_assert(space_read(space, digits, &arch, NULL));
    return arch;
}

static void evaluate(const struct arch *arch)
{
    struct score score;
    ck_assert(meter_evaluate(trial.search.meter, arch, &(struct origin){0}, &score));
}

static bool known(const struct arch *arch)
{
    return meter_knows(trial.search.meter, arch, NULL);
}

static struct proposal evolve(const struct operators *operators, const struct arch *parent)
{
    struct proposal proposal = {0};
    const struct knowledge_entry entry = {*parent, 50};
    ck_assert(operators->evolve(&trial.search, &entry, &proposal, NULL));
    return proposal;
}

/* The only slot that differs; fails where none or more than one does. */
static size_t changed_slot(const struct arch *a, const struct arch *b)
{
    size_t slot = ARCH_SLOTS, changed = 0;
    for (size_t i = 0; i < ARCH_SLOTS; i++)
        if (a->choice[i] != b->choice[i]) {
            slot = i;
            changed++;
        }
    ck_assert_uint_eq(changed, 1);
    return slot;
}

static const struct operators *const without_repeats[] = {&operators_untried_mutation,
                                                          &operators_prior};

START_TEST(what_was_evaluated_is_not_proposed_until_nothing_else_is_left)
{
    struct arch parent = cell("421211");
    for (int i = 0; i < 24; i++) {
        struct proposal proposal = evolve(without_repeats[_i], &parent);
        ck_assert(!proposal.reason && !known(&proposal.arch));
        changed_slot(&parent, &proposal.arch);
        evaluate(&proposal.arch);
    }
    struct proposal none = evolve(without_repeats[_i], &parent);
    ck_assert_pstr_eq(none.reason, "every architecture one change away was evaluated before");
    free(none.reason);
}
END_TEST

/* 421410 has pooling on 0->1 and 0->3, and nothing on 2->3. */
START_TEST(the_prior_first_puts_convolutions_where_there_is_pooling_or_nothing)
{
    struct arch parent = cell("421410");
    for (int i = 0; i < 24; i++) {
        struct proposal proposal = evolve(&operators_prior, &parent);
        size_t slot = changed_slot(&parent, &proposal.arch);
        bool improves = (slot == 0 || slot == 3 || slot == 5) && proposal.arch.choice[slot] == 3;
        ck_assert(improves == (i < 3));
        evaluate(&proposal.arch);
    }
}
END_TEST

START_TEST(inspiration_changes_the_best_of_those_that_inspire)
{
    const struct knowledge_entry good[2] = {{cell("000000"), 60}, {cell("421410"), 70}};
    for (int i = 0; i < 20; i++) {
        struct proposal proposal = {0};
        ck_assert(without_repeats[_i]->inspire(&trial.search, good, 2, &proposal, NULL));
        changed_slot(&good[1].arch, &proposal.arch);
        evaluate(&proposal.arch);
    }
}
END_TEST

/* 24 neighbours, each expected 500 times; above 61.1 once in 10 000 seeds (23 degrees of freedom).
 * The iteration moves the rule's stream on, so wasted ones stand for evaluations. */
static const struct operators *const even[] = {&operators_untried_mutation,
                                               &operators_mutation_crossover};

START_TEST(every_neighbour_is_proposed_equally_often)
{
    enum { DRAWS = 12000, NEIGHBOURS = 24 };
    struct arch parent = cell("421211");
    double hits[NEIGHBOURS] = {0}, statistic = 0;
    for (int i = 0; i < DRAWS; i++) {
        struct proposal proposal = evolve(even[_i], &parent);
        for (size_t n = 0; n < NEIGHBOURS; n++) {
            struct arch neighbour = space_neighbour(space, &parent, n);
            hits[n] += arch_equal(&neighbour, &proposal.arch);
        }
        ck_assert(meter_waste(trial.search.meter, &(struct origin){0}, "to move on"));
    }
    for (size_t n = 0; n < NEIGHBOURS; n++)
        statistic += (hits[n] - 500) * (hits[n] - 500) / 500;
    ck_assert_double_lt(statistic, 61.1);
}
END_TEST

/* Of 24 neighbours 12 are known: three draws are all of known ones once in 8. */
START_TEST(mutation_draws_three_times_to_find_something_new)
{
    enum { DRAWS = 8000 };
    struct arch parent = cell("421211");
    double repeats = 0;
    for (size_t n = 0; n < 24; n += 2) {
        struct arch neighbour = space_neighbour(space, &parent, n);
        evaluate(&neighbour);
    }
    for (int i = 0; i < DRAWS; i++) {
        struct proposal proposal = evolve(&operators_mutation_crossover, &parent);
        ck_assert_ptr_null(proposal.reason);
        repeats += known(&proposal.arch);
        ck_assert(meter_waste(trial.search.meter, &(struct origin){0}, "to move on"));
    }
    ck_assert_double_eq_tol(repeats / DRAWS, 0.125, 0.015);
}
END_TEST

START_TEST(crossover_takes_each_slot_from_one_of_the_good_equally_often)
{
    enum { DRAWS = 9000 };
    const struct knowledge_entry good[3] = {
        {cell("000000"), 60}, {cell("111111"), 70}, {cell("222222"), 80}};
    double hits[6][3] = {{0}};
    for (int i = 0; i < DRAWS; i++) {
        struct proposal proposal = {0};
        ck_assert(operators_mutation_crossover.inspire(&trial.search, good, 3, &proposal, NULL));
        ck_assert_ptr_null(proposal.reason);
        for (size_t slot = 0; slot < 6; slot++) {
            ck_assert_uint_lt(proposal.arch.choice[slot], 3);
            hits[slot][proposal.arch.choice[slot]]++;
        }
        ck_assert(meter_waste(trial.search.meter, &(struct origin){0}, "to move on"));
    }
    for (size_t slot = 0; slot < 6; slot++)
        for (size_t c = 0; c < 3; c++)
            ck_assert_double_eq_tol(hits[slot][c] / DRAWS, 1 / 3., 0.02);
}
END_TEST

static bool first_equals_last(const struct arch *arch)
{
    return arch->choice[0] == arch->choice[1];
}

START_TEST(a_crossover_that_the_space_does_not_allow_is_told)
{
    static const struct choice letters[] = {{.name = "a"}, {.name = "b"}};
    static const struct slot slots[] = {{"0->1", 1, letters, 2}, {"0->2", 2, letters, 2}};
    static const struct space pairs = {
        .name = "pairs", .slots = slots, .slot_count = 2, .allowed = first_equals_last};
    const struct knowledge_entry good[2] = {{{{0, 0}}, 60}, {{{1, 1}}, 70}};
    bool told = false;
    trial.search.space = &pairs;
    for (int i = 0; i < 50; i++) {
        struct proposal proposal = {0};
        ck_assert(operators_mutation_crossover.inspire(&trial.search, good, 2, &proposal, NULL));
        ck_assert_pstr_eq(proposal.reason,
                          first_equals_last(&proposal.arch)
                              ? NULL
                              : "the crossover is not an architecture of the space");
        told = told || proposal.reason;
        free(proposal.reason);
        ck_assert(meter_waste(trial.search.meter, &(struct origin){0}, "to move on"));
    }
    ck_assert(told);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules");
    TCase *rules = tcase_create("rules");
    tcase_add_checked_fixture(rules, setup, teardown);
    tcase_add_loop_test(rules, what_was_evaluated_is_not_proposed_until_nothing_else_is_left, 0, 2);
    tcase_add_test(rules, the_prior_first_puts_convolutions_where_there_is_pooling_or_nothing);
    tcase_add_loop_test(rules, inspiration_changes_the_best_of_those_that_inspire, 0, 2);
    tcase_add_loop_test(rules, every_neighbour_is_proposed_equally_often, 0, 2);
    tcase_add_test(rules, mutation_draws_three_times_to_find_something_new);
    tcase_add_test(rules, crossover_takes_each_slot_from_one_of_the_good_equally_often);
    tcase_add_test(rules, a_crossover_that_the_space_does_not_allow_is_told);
    suite_add_tcase(suite, rules);
    return suite_run(suite);
}
