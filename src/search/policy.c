#include "search/policy.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

static const double BETA_1 = 0.9, BETA_2 = 0.999, EPSILON = 1e-8;

/* (size) logits -> (size) probabilities, slot by slot */
static void renew(struct policy *policy)
{
    const double *logit = policy->logits;
    double *probability = policy->probabilities;
    for (size_t slot = 0; slot < policy->space->slot_count; slot++) {
        size_t count = policy->space->slots[slot].choice_count;
        double highest = logit[0], sum = 0;
        for (size_t c = 1; c < count; c++)
            highest = fmax(highest, logit[c]);
        for (size_t c = 0; c < count; c++)
            sum += probability[c] = exp(logit[c] - highest);
        for (size_t c = 0; c < count; c++)
            probability[c] /= sum;
        logit += count;
        probability += count;
    }
}

struct policy policy_new(const struct space *space, double deviation, struct rng *rng)
{
    struct policy policy = {.space = space};
    for (size_t slot = 0; slot < space->slot_count; slot++)
        policy.size += space->slots[slot].choice_count;
    policy.logits = mem_alloc(policy.size, sizeof(double));
    policy.probabilities = mem_alloc(policy.size, sizeof(double));
    policy.gradient = mem_alloc(policy.size, sizeof(double));
    policy.momentum = mem_alloc(policy.size, sizeof(double));
    policy.square = mem_alloc(policy.size, sizeof(double));
    for (size_t i = 0; i < policy.size; i++)
        policy.logits[i] = deviation * rng_normal(rng);
    renew(&policy);
    return policy;
}

void policy_free(struct policy *policy)
{
    free(policy->logits);
    free(policy->probabilities);
    free(policy->gradient);
    free(policy->momentum);
    free(policy->square);
    *policy = (struct policy){0};
}

/* The choice whose part of [0, 1) holds a uniform draw; the last one if rounding leaves a gap. */
static size_t draw(const double *probability, size_t count, struct rng *rng)
{
    double left = rng_unit(rng);
    size_t choice = 0;
    while (choice + 1 < count && left >= probability[choice])
        left -= probability[choice++];
    return choice;
}

static struct arch sample_any(const struct policy *policy, struct rng *rng)
{
    struct arch arch = {0};
    const double *probability = policy->probabilities;
    for (size_t slot = 0; slot < policy->space->slot_count; slot++) {
        size_t count = policy->space->slots[slot].choice_count;
        arch.choice[slot] = (uint8_t)draw(probability, count, rng);
        probability += count;
    }
    return arch;
}

struct arch policy_sample(const struct policy *policy, struct rng *rng)
{
    struct arch arch;
    do {
        arch = sample_any(policy, rng);
    } while (!space_allows(policy->space, &arch));
    return arch;
}

void policy_gradient(const struct policy *policy, const struct arch *arch, double *gradient)
{
    for (size_t i = 0; i < policy->size; i++)
        gradient[i] = -policy->probabilities[i];
    for (size_t slot = 0; slot < policy->space->slot_count; slot++) {
        gradient[arch->choice[slot]] += 1;
        gradient += policy->space->slots[slot].choice_count;
    }
}

void policy_step(struct policy *policy, const struct arch *arch, double advantage,
                 double learning_rate)
{
    policy->steps++;
    double unbias_1 = 1 - pow(BETA_1, (double)policy->steps);
    double unbias_2 = 1 - pow(BETA_2, (double)policy->steps);
    policy_gradient(policy, arch, policy->gradient);
    for (size_t i = 0; i < policy->size; i++) {
        double slope = -advantage * policy->gradient[i];
        policy->momentum[i] = BETA_1 * policy->momentum[i] + (1 - BETA_1) * slope;
        policy->square[i] = BETA_2 * policy->square[i] + (1 - BETA_2) * slope * slope;
        policy->logits[i] -= learning_rate * (policy->momentum[i] / unbias_1) /
                             (sqrt(policy->square[i] / unbias_2) + EPSILON);
    }
    renew(policy);
}
