#include "report/scoring.h"

#include "base/mem.h"

#include <stdlib.h>

static char *words(const struct metric *metric)
{
    struct str out = {0};
    metric_add_words(metric, &out);
    return str_steal(&out);
}

static const struct metric *metric_of(const struct cell_runs *cell, bool searched)
{
    return searched ? &cell->metric : &cell->report_metric;
}

static bool reports_on(const struct cell_runs *cell, const char *dataset)
{
    return cell->run_count &&
           (!dataset || reader_score(reader_answer(cell->runs[0], 0), dataset) != NULL);
}

/* The metric that all cells have which report on dataset (NULL: all with runs). */
static bool find(const struct cell_runs *const *cells, const char *dataset, bool searched,
                 struct metric *metric, struct err *err)
{
    const struct cell_runs *first = NULL;
    (void)metric_find("accuracy", "final", metric); /* of nothing */
    for (; *cells; cells++) {
        if (!reports_on(*cells, dataset))
            continue;
        if (!first) {
            first = *cells;
            *metric = *metric_of(first, searched);
        }
        if (metric_equal(metric, metric_of(*cells, searched)))
            continue;
        char *one = words(metric), *other = words(metric_of(*cells, searched));
        err_set(err, ERR_INPUT,
                "found the scores of %s in %s, and of %s in %s, expected one metric", first->id,
                one, (*cells)->id, other);
        free(one);
        free(other);
        return false;
    }
    return true;
}

bool scoring_on(const struct cell_runs *const *cells, const char *dataset, struct metric *metric,
                struct err *err)
{
    return find(cells, dataset, false, metric, err);
}

bool scoring_of_all(const struct cell_runs *const *cells, bool searched, struct metric *metric,
                    struct err *err)
{
    return find(cells, NULL, searched, metric, err);
}

void scoring_note(struct sheet *sheet, const struct cell_runs *const *cells,
                  const struct metric *metric)
{
    for (; *cells; cells++) {
        if (!(*cells)->run_count || metric_equal(&(*cells)->metric, &(*cells)->report_metric))
            continue;
        char *seen = words(&(*cells)->metric);
        sheet_note(sheet, "What the search saw was %s.", seen);
        free(seen);
    }
    if (metric->epoch == METRIC_BEST_EPOCH)
        sheet_note(sheet, "Best epoch: the highest of all epochs of a training, for validation and "
                          "for test each by itself; a test score so chosen has seen the test set.");
}

char *scoring_difference(const struct metric *metric)
{
    return mem_printf("%s%s", metric->percent ? "points of " : "", metric->title);
}
