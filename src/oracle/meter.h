/* The only way from a strategy to an oracle. It counts evaluations and simulated seconds, knows
 * what was evaluated before, ends the run at the budget, and tells an observer (run/) everything,
 * including what the strategy must not see: no type in this header holds a test accuracy. */
#ifndef ORACLE_METER_H
#define ORACLE_METER_H

#include "base/err.h"
#include "space/space.h"

#include <stddef.h>

struct meter;

/* What a strategy learns of an architecture. */
struct score {
    double valid_score; /* on validation data; higher is better, whatever the metric */
    double cost_s;      /* simulated seconds that this evaluation cost */
    bool repeat;        /* this architecture was evaluated before in this run */
};

/* Where an architecture came from, for the log. The texts are copied by the observer if needed. */
struct origin {
    const char *stage; /* "start", "self-evolution", "mutation", ...; NULL: nothing to say */
    const struct arch *parent; /* what it was made from; NULL: nothing */
    const char *strategy;      /* the sentence that led to it; NULL: none */
};

/* Evaluates arch and takes it off the budget. False when the run is over: the budget is spent
 * (then arch was not evaluated), or the oracle or the log failed. The strategy just returns; run/
 * knows why. */
bool meter_evaluate(struct meter *meter, const struct arch *arch, const struct origin *origin,
                    struct score *score) MUST_CHECK;

/* Spends one evaluation of the budget on nothing: the iteration gave no valid architecture, for
 * this reason. False when the run is over. */
bool meter_waste(struct meter *meter, const struct origin *origin, const char *reason) MUST_CHECK;

/* Ends the run with budget left, since nothing is left to evaluate: reason, a constant, goes into
 * the log. */
void meter_end(struct meter *meter, const char *reason);

/* True while at least one more evaluation is in the budget (in seconds: before it is known). */
bool meter_open(const struct meter *meter);

size_t meter_iteration(const struct meter *meter); /* evaluations and wasted ones so far */
/* The budget in evaluations, or 0 where it is in seconds alone. */
size_t meter_limit(const struct meter *meter);

/* Whether arch was evaluated in this run; valid_score (may be NULL) is then what it scored. */
bool meter_knows(const struct meter *meter, const struct arch *arch, double *valid_score);

#endif
