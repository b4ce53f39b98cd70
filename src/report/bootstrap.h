/* Bootstrap confidence intervals: bias-corrected and accelerated (BCa; Efron 1987; Davison and
 * Hinkley 1997, section 5.3.2), two-sided, of what is drawn from the rng that is given.
 *
 * A resample reaches no further than the smallest and the largest of the values, and n values hold
 * even the median between them with a probability of only 1 - 2^(1-n). bootstrap_suffices() says
 * whether that is the level that is asked for; of fewer values an interval would promise too much.
 */
#ifndef REPORT_BOOTSTRAP_H
#define REPORT_BOOTSTRAP_H

#include "base/rng.h"
#include "report/stats.h"

#include <stdbool.h>
#include <stddef.h>

struct bootstrap {
    struct rng rng;
    size_t resamples;
    double level; /* 0.95: it is to hold the true value with this probability */
};

bool bootstrap_suffices(size_t count, double level);

/* Of the mean of count values, at least one. */
struct interval bootstrap_mean(struct bootstrap bootstrap, const double *values, size_t count);

/* Of the mean of a less the mean of b, each resampled by itself; each has at least one value. */
struct interval bootstrap_difference(struct bootstrap bootstrap, const double *a, size_t a_count,
                                     const double *b, size_t b_count);

/* The last step alone: the interval that the resampled estimates (which it sorts) give about the
 * estimate, with this acceleration. */
struct interval bootstrap_bca(double *resampled, size_t count, double estimate, double acceleration,
                              double level);

#endif
