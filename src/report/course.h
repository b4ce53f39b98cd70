/* The best score of each run of a cell along the search, over evaluations or simulated seconds. */
#ifndef REPORT_COURSE_H
#define REPORT_COURSE_H

#include "report/cells.h"

/* Points at which all runs of a cell have a score; one row of scores a run. */
struct course {
    double *x;
    size_t count;
    double *scores; /* (runs, count) */
};

/* Ends where the first of the runs ends, so that every point is of all runs. The cell has runs. The
 * points over seconds are evenly spaced, or, where log_x, evenly on a logarithmic axis. */
struct course course_follow(const struct cell_runs *cell, bool seconds, bool log_x);
void course_free(struct course *course);

double course_end(const struct cell_runs *cell, bool seconds); /* where the first run ends */

/* The best score of each run when x is spent, NaN before the first evaluation is over; the caller
 * frees. */
double *course_scores_at(const struct cell_runs *cell, bool seconds, double x);

#endif
