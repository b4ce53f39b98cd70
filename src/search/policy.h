/* A distribution over the architectures of a space: for each slot a softmax over its choices, with
 * logits that gradient steps move. What REINFORCE trains (Zoph and Le 2017; NATS-Bench).
 *
 * Logits lie slot by slot, choice by choice. */
#ifndef SEARCH_POLICY_H
#define SEARCH_POLICY_H

#include "space/space.h"

struct policy {
    const struct space *space;
    size_t size;                          /* logits in all */
    double *logits;                       /* what is trained */
    double *probabilities;                /* softmax of the logits; policy_step() renews it */
    double *gradient, *momentum, *square; /* of the Adam step */
    size_t steps;
};

/* Logits begin as deviation times a standard normal. The caller gives it to policy_free(). */
struct policy policy_new(const struct space *space, double deviation, struct rng *rng);
void policy_free(struct policy *policy);

/* Drawn from the distribution, again where the space does not allow it. */
struct arch policy_sample(const struct policy *policy, struct rng *rng);
/* Derivative of the natural logarithm of the probability of arch by each logit, into gradient
 * (policy->size values). */
void policy_gradient(const struct policy *policy, const struct arch *arch, double *gradient);

/* One step of Adam (Kingma and Ba 2015, with its default betas) down the loss
 * -advantage * log p(arch). */
void policy_step(struct policy *policy, const struct arch *arch, double advantage,
                 double learning_rate);

#endif
