#include "report/scoring.h"

#include "base/mem.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* Always false. */
static bool differ(const char *name, const struct cell_runs *a, const struct cell_runs *b,
                   bool searched, struct err *err)
{
    char *one = words(metric_of(a, searched)), *other = words(metric_of(b, searched));
    err_set(err, ERR_INPUT,
            "%s: found the scores of %s in %s, and of %s in %s, expected one metric", name, a->id,
            one, b->id, other);
    free(one);
    free(other);
    return false;
}

/* The metric that all cells have which report on dataset (NULL: all with runs). */
static bool find(const struct cell_runs *const *cells, const char *name, const char *dataset,
                 bool searched, struct metric *metric, struct err *err)
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
        return differ(name, first, *cells, searched, err);
    }
    return true;
}

bool scoring_of_all(const struct cell_runs *const *cells, const char *name, bool searched,
                    struct metric *metric, struct err *err)
{
    return find(cells, name, NULL, searched, metric, err);
}

const struct cell_runs **scoring_select(const struct report *report, const json_t *settings,
                                        bool searched, struct metric *metric, struct err *err)
{
    const struct cell_runs **cells = cells_select(report, settings, err);
    if (cells && scoring_of_all(cells, option_text(settings, "name"), searched, metric, err))
        return cells;
    free(cells);
    return NULL;
}

/* Unless it is there already. */
static void add_dataset(struct scoring *scoring, const char *dataset)
{
    for (size_t i = 0; i < scoring->count; i++)
        if (strcmp(scoring->datasets[i], dataset) == 0)
            return;
    MEM_GROW(scoring->datasets, scoring->count, scoring->capacity);
    scoring->datasets[scoring->count++] = dataset;
}

static void add_datasets(struct scoring *scoring, const struct cell_runs *cell)
{
    const struct logged_answer *answer = cell->run_count ? reader_answer(cell->runs[0], 0) : NULL;
    for (size_t i = 0; answer && i < answer->score_count; i++)
        add_dataset(scoring, answer->scores[i].dataset);
}

/* Data sets that a cell without runs would report on. */
static const json_t *planned_datasets(const struct cell_runs *cell)
{
    const json_t *experiment = cell->log_count ? cell->logs[0].experiment : NULL;
    return json_object_get(json_object_get(experiment, "report"), "datasets");
}

bool scoring_expect(const struct cell_runs *const *cells, const char *name, struct scoring *scoring,
                    struct err *err)
{
    const struct cell_runs *first = NULL;
    *scoring = (struct scoring){.one_metric = true};
    for (; *cells; cells++) {
        const json_t *dataset;
        size_t i;
        json_array_foreach(planned_datasets(*cells), i, dataset)
        {
            if (first && !metric_equal(&first->report_metric, &(*cells)->report_metric))
                return differ(name, first, *cells, false, err);
            first = *cells;
            add_dataset(scoring, json_string_value(dataset));
        }
    }
    scoring->metrics = mem_alloc(scoring->count + 1, sizeof(*scoring->metrics));
    for (size_t i = 0; i < scoring->count; i++)
        scoring->metrics[i] = first->report_metric;
    return true;
}

bool scoring_collect(const struct cell_runs *const *cells, const char *name,
                     struct scoring *scoring, struct err *err)
{
    *scoring = (struct scoring){.one_metric = true};
    for (size_t i = 0; cells[i]; i++)
        add_datasets(scoring, cells[i]);
    scoring->metrics = mem_alloc(scoring->count + 1, sizeof(*scoring->metrics));
    for (size_t i = 0; i < scoring->count; i++) {
        if (!find(cells, name, scoring->datasets[i], false, &scoring->metrics[i], err))
            return false;
        scoring->one_metric =
            scoring->one_metric && metric_equal(&scoring->metrics[i], &scoring->metrics[0]);
    }
    return true;
}

void scoring_free(struct scoring *scoring)
{
    free(scoring->datasets);
    free(scoring->metrics);
    *scoring = (struct scoring){0};
}

double scoring_optimum(const struct cell_runs *const *cells, const char *dataset, const char *split)
{
    double best = NAN;
    for (; isnan(best) && *cells; cells++)
        best = cells_optimum(*cells, dataset, split);
    return best;
}

char *scoring_head(const struct scoring *scoring, size_t dataset, const char *split)
{
    const char *name = strcmp(split, "valid") == 0 ? "validation" : "test";
    return scoring->one_metric ? mem_strdup(name)
                               : mem_printf("%s %s", name, scoring->metrics[dataset].title);
}

/* What the search saw, where that is not what is shown, and what the best epoch means. */
static void note_epochs(struct sheet *sheet, const struct cell_runs *const *cells,
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

void scoring_note(const struct scoring *scoring, struct sheet *sheet,
                  const struct cell_runs *const *cells)
{
    static const char rest[] =
        "of the architecture that was best by the search's own validation score: mean ± standard "
        "deviation over runs (of a sample, n − 1; NATS-Bench's papers divide by n)";
    for (size_t i = 0; i < scoring->count; i++) {
        char *what = words(&scoring->metrics[i]);
        if (scoring->one_metric)
            sheet_note(sheet, "%c%s, %s.", toupper((unsigned char)what[0]), what + 1, rest);
        else
            sheet_note(sheet, "%s: %s.", cells_title(scoring->datasets[i]), what);
        free(what);
    }
    if (!scoring->one_metric)
        sheet_note(sheet, "Scores are %s. Higher is better in every column.", rest);
    for (size_t i = 0; i < scoring->count; i++)
        note_epochs(sheet, cells, &scoring->metrics[i]);
}

char *scoring_difference(const struct metric *metric)
{
    return mem_printf("%s%s", metric->percent ? "points of " : "", metric->title);
}
