/* Wilcoxon's two tests of whether one method's scores are higher than another's, two-sided, each
 * with the effect size that belongs to it.
 *
 * The tests are exact wherever the outcomes can be counted in a moment, shared ranks included. R
 * approximates where ranks are shared or one sample is large; of five pairs the approximation can
 * promise a smaller p than five pairs can give. */
#ifndef REPORT_WILCOXON_H
#define REPORT_WILCOXON_H

#include <stddef.h>

struct wilcoxon {
    size_t
        counts[2]; /* signed rank: pairs, and unequal ones among them; rank sum: values of each */
    double difference; /* signed rank: the median of a - b; rank sum: of a less that of b */
    /* How large the difference is, whatever the counts: from -1 (b is always higher) to 1 (a is).
     * Signed rank: matched-pairs rank-biserial correlation, the ranks of the pairs where a is
     * higher less those where b is, as a share of all ranks (Kerby 2014). Rank sum: Cliff's delta,
     * the share of pairs (a, b) where a is higher less where b is; A12 is (delta + 1) / 2. */
    double effect;
    double p;          /* 1 where nothing differs */
    double smallest_p; /* that so many values can give */
};

/* Of pairs (a[i], b[i]). Equal ones say nothing and are left out, as R does. */
struct wilcoxon wilcoxon_signed_rank(const double *a, const double *b, size_t count);

/* Of two samples that have nothing to do with each other (Mann and Whitney's test). */
struct wilcoxon wilcoxon_rank_sum(const double *a, size_t a_count, const double *b, size_t b_count);

#endif
