/* A run of a strategy over made-up scores: the real meter round an oracle that is a function, a
 * model that says what the test has written down, and all that happened, for the test to look at.
 */
#ifndef TESTS_TRIAL_H
#define TESTS_TRIAL_H

#include "fake_llm.h"
#include "oracle/metering.h"
#include "search/strategy.h"

typedef double trial_score(const struct space *space, const struct arch *arch);

struct trial_setting {
    const char *strategy, *settings; /* JSON text, completed with defaults */
    const struct space *space;
    trial_score *score;
    uint64_t seed;
    size_t limit;              /* evaluations; 0: no end */
    const char *llm;           /* settings of the model; NULL: the defaults */
    const char *const *script; /* what the model says; NULL: there is no model */
};

struct trial_step {
    bool valid; /* arch was evaluated; else reason says why there was none */
    struct arch arch, parent;
    const char *stage; /* NULL: none was said */
    bool has_parent;
    double valid_score;
    char *reason, *strategy; /* NULL: none was said */
};

struct trial {
    struct trial_step *steps;
    size_t count, capacity;
    struct str notes; /* what the strategy noted, a line each: "repair D: it is empty" */
    struct fake_llm model;

    struct search search; /* all below is gone after trial_end() */
    struct metric metric; /* accuracy */
    char *task;
    struct trial_oracle *oracle;
    json_t *settings;
};

/* Sets up all that the strategy needs, in place. */
void trial_open(struct trial *trial, const struct trial_setting *setting);
void trial_end(struct trial *trial);  /* what happened stays */
void trial_free(struct trial *trial); /* after trial_end() */

/* Runs the strategy, without a model, until limit evaluations are made or it stops by itself. The
 * caller gives the result to trial_free(). */
struct trial trial_run(const char *strategy, const char *settings, const struct space *space,
                       trial_score *score, uint64_t seed, size_t limit);

/* A score that differs from cell to cell without a pattern, percent. */
double trial_noise(const struct space *space, const struct arch *arch);
/* A score with one peak, where every slot holds its last choice, percent. */
double trial_hill(const struct space *space, const struct arch *arch);

#endif
