/* The statistics of tables and figures. Nothing here knows of runs. */
#ifndef REPORT_STATS_H
#define REPORT_STATS_H

#include <stddef.h>

struct summary {
    size_t count;
    double mean; /* NaN of nothing */
    double std;  /* sample standard deviation (divided by count - 1); NaN of fewer than two */
    double sem;  /* std / sqrt(count) */
};

/* Values that are NaN are left out. */
struct summary stats_summary(const double *values, size_t count);

/* The value below which this share of the values lies, interpolated as R does by default (type 7).
 * Sorts the values; NaN of nothing. */
double stats_quantile(double *values, size_t count, double share);

/* Holm's step-down correction of count p values, each at most 1; adjusted may be p. */
void stats_holm(const double *p, double *adjusted, size_t count);

#endif
