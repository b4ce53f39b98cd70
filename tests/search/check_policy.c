#include "../suite.h"
#include "search/policy.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

/* Slots with different numbers of choices. */
static const struct choice letters[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
static const struct slot slots[] = {
    {"0->1", 1, letters, 2}, {"0->2", 2, letters, 3}, {"1->2", 2, letters, 3}};
static const struct space uneven = {.name = "uneven", .slots = slots, .slot_count = 3};

/* log p(arch) as a function of the logits, written once more. */
static double log_probability_of(const double *logits, const struct arch *arch)
{
    double sum = 0;
    for (size_t slot = 0; slot < uneven.slot_count; slot++) {
        double all = 0;
        for (size_t c = 0; c < slots[slot].choice_count; c++)
            all += exp(logits[c]);
        sum += logits[arch->choice[slot]] - log(all);
        logits += slots[slot].choice_count;
    }
    return sum;
}

START_TEST(its_gradient_is_that_of_finite_differences)
{
    const double step = 1e-6;
    struct rng rng = rng_seed(1);
    struct policy policy = policy_new(&uneven, 1, &rng);
    ck_assert_uint_eq(policy.size, 8);
    for (size_t i = 0; i < space_size(&uneven); i++) {
        struct arch arch = space_nth(&uneven, i);
        double gradient[8], moved[8];
        policy_gradient(&policy, &arch, gradient);
        for (size_t j = 0; j < 8; j++) {
            memcpy(moved, policy.logits, sizeof(moved));
            moved[j] += step;
            double above = log_probability_of(moved, &arch);
            moved[j] -= 2 * step;
            double below = log_probability_of(moved, &arch);
            ck_assert_double_eq_tol(gradient[j], (above - below) / (2 * step), 1e-7);
        }
    }
    policy_free(&policy);
}
END_TEST

START_TEST(its_probabilities_add_up_to_one_and_are_drawn_so)
{
    enum { DRAWS = 50000 };
    struct rng rng = rng_seed(2);
    struct policy policy = policy_new(&uneven, 1, &rng);
    double hits[18] = {0}, total = 0;
    for (int i = 0; i < DRAWS; i++) {
        struct arch arch = policy_sample(&policy, &rng);
        hits[space_index(&uneven, &arch)]++;
    }
    for (size_t i = 0; i < 18; i++) {
        struct arch arch = space_nth(&uneven, i);
        double probability = exp(log_probability_of(policy.logits, &arch));
        total += probability;
        ck_assert_double_eq_tol(hits[i] / DRAWS, probability, 0.01);
    }
    ck_assert_double_eq_tol(total, 1, 1e-12);
    policy_free(&policy);
}
END_TEST

/* The first step of Adam moves each logit by the learning rate against the sign of its slope. */
START_TEST(a_step_makes_the_rewarded_more_likely_and_the_punished_less)
{
    for (double advantage = -1; advantage <= 1; advantage += 2) {
        struct rng rng = rng_seed(3);
        struct policy policy = policy_new(&uneven, 1e-3, &rng);
        struct arch arch = space_nth(&uneven, 11);
        double before[8];
        memcpy(before, policy.logits, sizeof(before));
        policy_step(&policy, &arch, advantage, 0.01);
        for (size_t slot = 0, at = 0; slot < 3; slot++)
            for (size_t c = 0; c < slots[slot].choice_count; c++, at++)
                ck_assert_double_eq_tol(
                    policy.logits[at] - before[at],
                    c == arch.choice[slot] ? 0.01 * advantage : -0.01 * advantage, 1e-6);
        policy_free(&policy);
    }
}
END_TEST

/* Three steps written out for one slot of two choices, where the second logit mirrors the first. */
START_TEST(its_steps_are_those_of_adam)
{
    static const struct space one = {.name = "one", .slots = slots, .slot_count = 1};
    static const double advantages[] = {2, -0.5, 1};
    struct rng rng = rng_seed(4);
    struct policy policy = policy_new(&one, 0, &rng);
    struct arch arch = {0};
    double logit = 0, m = 0, v = 0;
    for (int t = 1; t <= 3; t++) {
        double slope = -advantages[t - 1] * (1 - 1 / (1 + exp(-2 * logit)));
        m = 0.9 * m + 0.1 * slope;
        v = 0.999 * v + 0.001 * slope * slope;
        logit -= 0.1 * (m / (1 - pow(0.9, t))) / (sqrt(v / (1 - pow(0.999, t))) + 1e-8);
        policy_step(&policy, &arch, advantages[t - 1], 0.1);
        ck_assert_double_eq_tol(policy.logits[0], logit, 1e-12);
        ck_assert_double_eq_tol(policy.logits[1], -logit, 1e-12);
    }
    policy_free(&policy);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("policy");
    TCase *softmax = tcase_create("softmax");
    tcase_add_test(softmax, its_gradient_is_that_of_finite_differences);
    tcase_add_test(softmax, its_probabilities_add_up_to_one_and_are_drawn_so);
    tcase_add_test(softmax, a_step_makes_the_rewarded_more_likely_and_the_punished_less);
    tcase_add_test(softmax, its_steps_are_those_of_adam);
    suite_add_tcase(suite, softmax);
    return suite_run(suite);
}
