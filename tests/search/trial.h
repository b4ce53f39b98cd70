/* A run of a strategy over made-up scores: the real meter round an oracle that is a function, and
 * everything that was evaluated, for the test to look at. */
#ifndef TESTS_TRIAL_H
#define TESTS_TRIAL_H

#include "oracle/metering.h"
#include "search/strategy.h"

struct trial_step {
    struct arch arch, parent;
    const char *stage; /* NULL: none was said */
    bool has_parent;
    double valid_pct;
};

struct trial {
    struct trial_step *steps;
    size_t count, capacity;
};

typedef double trial_score(const struct space *space, const struct arch *arch);

/* Runs the strategy with these settings (JSON text, completed with defaults) until limit
 * evaluations are made or it stops by itself. The caller gives the result to trial_free(). */
struct trial trial_run(const char *strategy, const char *settings, const struct space *space,
                       trial_score *score, uint64_t seed, size_t limit);
void trial_free(struct trial *trial);

/* A score that differs from cell to cell without a pattern, percent. */
double trial_noise(const struct space *space, const struct arch *arch);
/* A score with one peak, where every slot holds its last choice, percent. */
double trial_hill(const struct space *space, const struct arch *arch);

#endif
