/* In which metric the scores of a table or figure are, and how it says so. */
#ifndef REPORT_SCORING_H
#define REPORT_SCORING_H

#include "report/cells.h"
#include "report/sheet.h"

/* The metric of the scores that cells (a list that ends in NULL) report on a data set. False and
 * *err when two of them differ: what is in one column must be comparable. */
bool scoring_on(const struct cell_runs *const *cells, const char *dataset, struct metric *metric,
                struct err *err) MUST_CHECK;

/* The metric of the scores that the searches of all cells saw (searched) or report. False and *err
 * when two differ. */
bool scoring_of_all(const struct cell_runs *const *cells, bool searched, struct metric *metric,
                    struct err *err) MUST_CHECK;

/* Says under the table what else must be known of scores in this metric: what the search saw, where
 * that is another epoch's, and that the best epoch of a test score is a look at the test set. */
void scoring_note(struct sheet *sheet, const struct cell_runs *const *cells,
                  const struct metric *metric);

/* "points of accuracy", "SSIM": the unit of a difference of two scores; the caller frees. */
char *scoring_difference(const struct metric *metric);

#endif
