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

struct interval {
    double low, high;
};

/* Values that are NaN are left out. */
struct summary stats_summary(const double *values, size_t count);

/* The value below which this share of the values lies, interpolated as R does by default (type 7).
 * Sorts the values; NaN of nothing. */
double stats_quantile(double *values, size_t count, double share);

/* Wilson's confidence interval (1927) of a probability of which hits of count were seen; NaN of
 * nothing. */
struct interval stats_wilson(size_t hits, size_t count, double level);

/* Spearman's rank correlation of count pairs, equal values sharing their mean rank; NaN where one
 * of the two does not vary. And its confidence interval by Fisher's transformation with the
 * variance of Bonett and Wright (2000), (1 + rho^2 / 2) / (count - 3); NaN of fewer than 4, and of
 * a rho of 1 or -1, which the transformation takes to no number. */
double stats_spearman(const double *a, const double *b, size_t count);
struct interval stats_spearman_interval(double rho, size_t count, double level);

/* Holm's step-down correction of count p values, each at most 1; adjusted may be p. */
void stats_holm(const double *p, double *adjusted, size_t count);

#endif
