/* How soon each method came near the optimum of the space, and how near it was on the way. */
#include "report/kinds.h"

#include "base/mem.h"
#include "report/say.h"
#include "report/scoring.h"
#include "report/sheet.h"

#include <math.h>
#include <stdlib.h>

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    OPTION_AT,
    {"within", OPTION_REAL, "0.1", 0, 1e6, NULL,
     "regret, in the unit of the search's score, up to which a run has come near the optimum"},
    {"level", OPTION_REAL, "0.95", 0.5, 0.999999, NULL, "of the interval about the share of runs"},
    {.key = NULL}};

/* Scores have few decimals; what is left of rounding is no regret. */
static const double GRAIN = 1e-9;

/* In place of the iteration that never came: above any, and finite, since it is interpolated with.
 */
static const double NEVER = 1e300;

/* A run up to its n-th iteration. */
struct passage {
    double area;   /* mean regret over the n iterations; NaN: the first gave no architecture */
    double near;   /* the iteration from which on regret is within the bound, or NEVER */
    size_t length; /* n */
};

enum { METHOD, SEARCHED, BUDGET, AREA, SHARE, LOW, HIGH, MEDIAN, RUNS, SOURCE, COLUMNS };

/* Regret only falls, so its mean over iterations is the area under its step curve, divided by n. */
static struct passage follow(const struct logged_run *run, double optimum, size_t length,
                             double within)
{
    struct passage passage = {.near = NEVER, .length = length};
    double *best = cells_best_so_far(run), sum = 0;
    for (size_t i = 0; i < length; i++) {
        double regret = optimum - best[i];
        sum += regret; /* NaN stays */
        if (passage.near == NEVER && regret <= within + GRAIN)
            passage.near = (double)(i + 1);
    }
    passage.area = sum / (double)length;
    free(best);
    return passage;
}

/* The passages of a cell's runs up to at (0: each to its end); the caller frees. */
static struct passage *follow_all(const struct cell_runs *cell, size_t at, double within,
                                  struct err *err)
{
    struct passage *passages = mem_alloc(cell->run_count + 1, sizeof(*passages));
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct logged_run *run = cell->runs[i];
        if (at > run->step_count) {
            err_set(err, ERR_INPUT,
                    "%s, seed %zu: %zu iterations in its log, expected at least %zu", cell->id,
                    run->seed, run->step_count, at);
            free(passages);
            return NULL;
        }
        passages[i] = follow(run, cell->search_optimum, at ? at : run->step_count, within);
    }
    return passages;
}

/* Of the iterations that it took to come near. Runs that did not are censored: all that is known of
 * them is that they take longer than they lasted. NaN where the median lies past the end of one. */
static double censored_median(const struct passage *passages, size_t count)
{
    double *near = mem_alloc(count + 1, sizeof(*near));
    for (size_t i = 0; i < count; i++)
        near[i] = passages[i].near;
    double median = stats_quantile(near, count, 0.5);
    for (size_t i = 0; i < count; i++)
        if (passages[i].near == NEVER && (double)passages[i].length < median)
            median = (double)NAN;
    free(near);
    return median;
}

static void add_columns(struct sheet *sheet, const struct metric *metric, const json_t *settings)
{
    char *near = mem_printf("within %g", option_real(settings, "within"));
    struct sheet_column columns[COLUMNS] = {
        [METHOD] = {.head = "method", .text = true},
        [SEARCHED] = {.head = "searched on", .text = true},
        [BUDGET] = {.head = "budget", .text = true},
        [AREA] = {.head = "mean regret on the way", .deviation = true, .metric = "regret_area"},
        [SHARE] = {.head = "share %", .group = near, .decimals = 1, .metric = "near_pct"},
        [LOW] = {.head = "from", .group = near, .decimals = 1, .metric = "near_pct_low"},
        [HIGH] = {.head = "to", .group = near, .decimals = 1, .metric = "near_pct_high"},
        [MEDIAN] = {.head = "median", .group = near, .decimals = 1, .metric = "near_median"},
        [RUNS] = {.head = "runs"},
        [SOURCE] = {.head = "source", .text = true},
    };
    columns[AREA].decimals = metric->decimals + 1;
    for (size_t i = AREA; i <= MEDIAN; i++)
        columns[i].split = "valid";
    sheet_columns(sheet, columns, COLUMNS);
    free(near);
}

static void fill(struct sheet_row *row, const struct passage *passages, size_t count, double level,
                 const struct sheet_origin *origin)
{
    double *areas = mem_alloc(count + 1, sizeof(*areas));
    size_t near = 0;
    for (size_t i = 0; i < count; i++) {
        areas[i] = passages[i].area;
        near += passages[i].near != NEVER;
    }
    struct summary area = stats_summary(areas, count);
    struct interval share = stats_wilson(near, count, level);
    sheet_measure(row, AREA, &area, origin);
    sheet_value(row, SHARE, 100 * (double)near / (double)count, count, origin);
    sheet_value(row, LOW, 100 * share.low, count, origin);
    sheet_value(row, HIGH, 100 * share.high, count, origin);
    sheet_value(row, MEDIAN, censored_median(passages, count), count, origin);
    sheet_value(row, RUNS, (double)count, count, origin);
    free(areas);
}

/* The row of a cell after at iterations (0: at the end of its runs). */
static bool add_row(struct sheet *sheet, const struct cell_runs *cell, size_t at,
                    const json_t *settings, struct err *err)
{
    struct passage *passages = follow_all(cell, at, option_real(settings, "within"), err);
    if (!passages)
        return false;
    char *label = cells_label(cell, option_text(settings, "label"), NULL);
    char *budget = cells_spent(cell, at);
    struct sheet_origin origin = {cell->dataset, cell->dataset, budget, cell->source};
    struct sheet_row *row = sheet_row(sheet, label, cell->space);
    sheet_text(row, METHOD, label);
    sheet_text(row, SEARCHED, cells_title(cell->dataset));
    sheet_text(row, BUDGET, budget);
    sheet_text(row, SOURCE, cell->source);
    fill(row, passages, cell->run_count, option_real(settings, "level"), &origin);
    for (size_t i = 0; i < cell->run_count; i++)
        if (isnan(passages[i].area))
            sheet_note(sheet,
                       "%s, seed %zu began without a valid architecture, and its mean "
                       "regret is left out.",
                       cell->id, cell->runs[i]->seed);
    free(label);
    free(budget);
    free(passages);
    return true;
}

/* A row without values. */
static void add_remark(struct sheet *sheet, const struct cell_runs *cell, const json_t *settings)
{
    char *label = cells_label(cell, option_text(settings, "label"), NULL);
    struct sheet_row *row = sheet_row(sheet, label, cell->space);
    sheet_text(row, METHOD, label);
    if (cell->run_count)
        sheet_remark(row, "what the LLM may use ended runs before");
    else
        report_not_run(row, cell);
    free(label);
}

static bool add_cell(struct sheet *sheet, const struct cell_runs *cell, const json_t *settings,
                     struct err *err)
{
    if (!cell->run_count || !cells_reach(cell, SIZE_MAX)) {
        add_remark(sheet, cell, settings);
        return true;
    }
    bool ok = cells_need_optimum(cell, sheet->name, err);
    for (size_t i = 0; ok && i < report_at_count(settings); i++)
        ok = add_row(sheet, cell, report_at(settings, i), settings, err);
    return ok;
}

static void add_notes(struct sheet *sheet, const struct metric *metric, const json_t *settings)
{
    char *unit = scoring_difference(metric);
    double within = option_real(settings, "within");
    sheet_note(sheet,
               "Regret: what the best validation %s (%s epoch) so far lacks to the highest of "
               "the space, in %s, as the search sees both. Mean regret on the way: the area "
               "under it from the first evaluation to the last of the budget, divided by "
               "their number: 0 where the first is the optimum.",
               metric->title, metric_epoch_name(metric), unit);
    sheet_note(sheet,
               "Within %g: runs whose regret came down to %g %s, with Wilson's %g %% interval "
               "of their share, and the median number of evaluations that this took. Runs that did "
               "not come so far count as taking longer than they lasted; where the median is "
               "among them it is not known, and left out.",
               within, within, unit, 100 * option_real(settings, "level"));
    free(unit);
}

/* -- what it shows -- */

/* Of each run; near: 100 for one that came near the optimum, 0 for another. */
static double *values_of(const struct cell_runs *cell, size_t at, const json_t *settings, bool near,
                         struct err *err)
{
    if (!cells_reach(cell, SIZE_MAX))
        return cells_no_scores(cell);
    struct passage *passages = follow_all(cell, at, option_real(settings, "within"), err);
    double *values = passages ? mem_alloc(cell->run_count + 1, sizeof(*values)) : NULL;
    for (size_t i = 0; values && i < cell->run_count; i++)
        values[i] = !near ? passages[i].area : passages[i].near == NEVER ? 0 : 100;
    free(passages);
    return values;
}

static double *areas_of(const struct cell_runs *cell, size_t at, const void *settings,
                        struct err *err)
{
    return values_of(cell, at, settings, false, err);
}

static double *near_of(const struct cell_runs *cell, size_t at, const void *settings,
                       struct err *err)
{
    return values_of(cell, at, settings, true, err);
}

static bool say_all(struct str *says, const struct cell_runs *const *cells, const json_t *settings,
                    const struct metric *metric, struct err *err)
{
    char *within = mem_printf("share (percent) of runs within %g", option_real(settings, "within"));
    struct question area = {.contest = {.score = "regret on the way",
                                        .decimals = metric->decimals + 1,
                                        .lowest = true,
                                        .tested = true},
                            .scores = areas_of,
                            .context = settings};
    struct question near = {.contest = {.score = within, .decimals = 1},
                            .scores = near_of,
                            .context = settings,
                            .last_only = true};
    bool ok = say_standings(says, cells, settings, &area, err) &&
              say_standings(says, cells, settings, &near, err);
    say_cells(says, cells, option_text(settings, "label"), NULL);
    free(within);
    return ok;
}

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    struct metric metric;
    const struct cell_runs **cells = scoring_select(report, settings, true, &metric, err);
    if (!cells)
        return false;
    struct sheet sheet = sheet_begin(settings);
    bool ok = true;
    add_columns(&sheet, &metric, settings);
    for (size_t i = 0; ok && cells[i]; i++)
        ok = add_cell(&sheet, cells[i], settings, err);
    add_notes(&sheet, &metric, settings);
    ok = ok && say_all(&sheet.says, cells, settings, &metric, err) &&
         report_put_table(report, &sheet, err);
    sheet_free(&sheet);
    free(cells);
    return ok;
}

const struct report_type anytime_table = {
    .name = "anytime",
    .summary = "mean regret along the search, and how many runs come near the optimum, and when",
    .options = options,
    .check = report_check_at,
    .draw = draw,
};
