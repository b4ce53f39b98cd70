/* In which metric the scores of a table or figure are, and how it says so. */
#ifndef REPORT_SCORING_H
#define REPORT_SCORING_H

#include "report/cells.h"
#include "report/sheet.h"

/* The data sets that scores are reported on, in order of appearance, and the metric of each. */
struct scoring {
    const char **datasets;
    struct metric *metrics;
    size_t count, capacity;
    bool one_metric; /* all are the same */
};

/* Of cells, a list that ends in NULL; name is that of the drawing, for sentences. False and *err
 * when two of them report on one data set in different metrics: what is in one column must be
 * comparable. The caller frees, after a failure too. */
bool scoring_collect(const struct cell_runs *const *cells, const char *name,
                     struct scoring *scoring, struct err *err) MUST_CHECK;
/* The same of what the cells would report, as their experiments say: where none has a run. */
bool scoring_expect(const struct cell_runs *const *cells, const char *name, struct scoring *scoring,
                    struct err *err) MUST_CHECK;
void scoring_free(struct scoring *scoring);

/* cells_optimum() of the first of the cells whose log says it, or NaN. */
double scoring_optimum(const struct cell_runs *const *cells, const char *dataset,
                       const char *split);

/* The head of a column of scores: "validation", or "validation SSIM" where metrics differ; the
 * caller frees. */
char *scoring_head(const struct scoring *scoring, size_t dataset, const char *split);

/* Says under the table what the scores are, of which epoch and architecture, and what else must be
 * known of them: what the search saw where that is another epoch's, and that the best epoch of a
 * test score has seen the test set. */
void scoring_note(const struct scoring *scoring, struct sheet *sheet,
                  const struct cell_runs *const *cells);

/* The metric of the scores that the searches of all cells saw (searched) or report. False and *err
 * when two differ. */
bool scoring_of_all(const struct cell_runs *const *cells, const char *name, bool searched,
                    struct metric *metric, struct err *err) MUST_CHECK;

/* cells_select() of cells whose scores are in one metric, as scoring_of_all() says. */
const struct cell_runs **scoring_select(const struct report *report, const json_t *settings,
                                        bool searched, struct metric *metric,
                                        struct err *err) MUST_CHECK;

/* "points of accuracy", "SSIM": the unit of a difference of two scores; the caller frees. */
char *scoring_difference(const struct metric *metric);

#endif
