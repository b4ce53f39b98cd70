/* The meter as run/ sees it: made round an oracle, with a budget and an observer. Strategies see
 * oracle/meter.h alone. */
#ifndef ORACLE_METERING_H
#define ORACLE_METERING_H

#include "oracle/meter.h"
#include "oracle/oracle.h"

/* One iteration, as the run log has it. Pointers are good until the observer returns. */
struct observation {
    size_t index;                 /* of the iteration, from 0 */
    const struct arch *arch;      /* NULL: the iteration gave no valid architecture ... */
    const char *invalid_reason;   /* ... for this reason */
    struct evaluation evaluation; /* cost_s is what was charged */
    bool repeat;                  /* evaluated before in this run */
    const struct origin *origin;
    double parent_score; /* what the parent scored; NaN where there is none, or nobody asked */
};

/* False ends the run: nobody can write down what comes next. */
typedef bool meter_observer(void *context, const struct observation *observation);

struct meter_settings {
    struct oracle *oracle; /* borrowed; may serve several meters at once */
    size_t limit;          /* evaluations; 0: no such limit */
    double limit_s;        /* simulated seconds; INFINITY: no such limit */
    bool overrun;          /* the evaluation that would pass limit_s is made all the same */
    bool repeats_pay;      /* a repeat is evaluated and charged again; else looked up, for 0 s */
    bool parents;          /* the observer wants parent_score */
    struct rng rng;        /* for an oracle that draws a training seed */
    meter_observer *observer;
    void *context;
};

/* settings are copied. The caller gives the result to meter_free(). */
struct meter *meter_make(const struct meter_settings *settings);
void meter_free(struct meter *meter); /* NULL is allowed */

/* True when the budget, the observer or meter_end() ended the run; else *err is why the oracle
 * failed, or says that the strategy returned with budget left. */
bool meter_finished(const struct meter *meter, struct err *err) MUST_CHECK;

/* What meter_end() said, or NULL where the run went on for as long as its budget did. */
const char *meter_end_reason(const struct meter *meter);

double meter_spent_s(const struct meter *meter); /* simulated seconds so far */

#endif
