/* REINFORCE (Williams 1992) on a softmax policy, as in the code of NAS-Bench-201 and NATS-Bench:
 *
 *     repeat
 *         draw an architecture from the policy; reward <- its validation accuracy, percent
 *         baseline <- exponential moving average of the rewards, this one included, bias-corrected
 *         step down the loss  -(reward - baseline) * log p(architecture)
 *
 * The answer of the run is the best seen, as for every strategy. */
#include "search/policy.h"
#include "search/strategy.h"

static const double LOGIT_DEVIATION = 1e-3, BASELINE_MOMENTUM = 0.9;

struct average {
    double sum, weight;
};

static double average_update(struct average *average, double value)
{
    average->sum = BASELINE_MOMENTUM * average->sum + (1 - BASELINE_MOMENTUM) * value;
    average->weight = BASELINE_MOMENTUM * average->weight + (1 - BASELINE_MOMENTUM);
    return average->sum / average->weight;
}

static bool run(struct search *search, struct err *err)
{
    (void)err; /* nothing here can fail */
    double learning_rate = option_real(search->settings, "learning_rate");
    struct policy policy = policy_new(search->space, LOGIT_DEVIATION, &search->rng);
    struct average rewards = {0};
    for (;;) {
        const struct origin policy_alone = {0};
        struct score score;
        struct arch arch = policy_sample(&policy, &search->rng);
        if (!meter_evaluate(search->meter, &arch, &policy_alone, &score))
            break;
        double baseline = average_update(&rewards, score.valid_score);
        policy_step(&policy, &arch, score.valid_score - baseline, learning_rate);
    }
    policy_free(&policy);
    return true;
}

static const struct option options[] = {{"learning_rate", OPTION_REAL, "0.01", 1e-9, 1e3, NULL,
                                         "of Adam, for each logit (NATS-Bench: 0.01)"},
                                        {0}};

const struct strategy_type strategy_reinforce = {
    .name = "reinforce",
    .summary = "policy gradient on a softmax for each slot, trained by Adam",
    .options = options,
    .run = run,
};
