/* Two cells set side by side: a test of whether their scores differ, how large the difference is,
 * and how well it is known. */
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "report/bootstrap.h"
#include "report/cells.h"
#include "report/wilcoxon.h"

struct comparison {
    const struct cell_runs *a, *b;
    size_t at; /* evaluations after which they are compared; 0: at the end */

    struct wilcoxon test;
    double holm_p;            /* the caller's, who knows the family */
    double mean_difference;   /* of a less b; NaN without runs */
    struct interval interval; /* of it; NaN where there are too few runs for one */
};

/* Fills in what follows from a, b, at and the settings "test" (signed-rank, over the seeds that
 * both have, or rank-sum, over all runs), "split", "alpha" and "resamples". The interval's draws
 * depend on a, b and at alone. False and *err when a run has no such score. */
bool compare_cells(struct comparison *comparison, const json_t *settings,
                   struct err *err) MUST_CHECK;

#endif
