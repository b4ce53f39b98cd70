/* Best score so far, or the regret of it, along the search: one line a method, with a band. */
#include "report/kinds.h"

#include "base/log.h"
#include "base/mem.h"
#include "report/cells.h"
#include "report/figure.h"
#include "report/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    {"panel", OPTION_TEXT, "null", 0, 0, NULL,
     "axis of the matrix each of whose labels becomes a file of its own, <name>-<label>"},
    {"value", OPTION_CHOICE, "\"best\"", 0, 0, "best|regret",
     "best validation accuracy so far, or what it lacks to the space's optimum (log scale)"},
    {"against", OPTION_CHOICE, "\"evaluations\"", 0, 0, "evaluations|seconds",
     "horizontal axis: evaluations, or simulated seconds of training"},
    {"band", OPTION_CHOICE, "\"std\"", 0, 0, "none|std|sem|quartiles",
     "band about the mean: deviation over runs, error of the mean, or quartiles"},
    {"log_x", OPTION_BOOLEAN, "false", 0, 0, NULL, "logarithmic horizontal axis"},
    {"x_min", OPTION_REAL, "null", 0, 1e15, NULL, "where the horizontal axis begins"},
    {"x_max", OPTION_REAL, "null", 0, 1e15, NULL, "where it ends; left out: with the lines"},
    {"y_min", OPTION_REAL, "null", 0, 0, NULL,
     "where the vertical axis begins; left out: as the lines need after their first tenth"},
    {"y_max", OPTION_REAL, "null", 0, 0, NULL, "where it ends; left out: fitting"},
    {"key", OPTION_CHOICE, "\"below\"", 0, 0, "top left|top right|bottom left|bottom right|below",
     "where the names of the lines stand"},
    {.key = NULL}};

enum { GRID = 200 }; /* points of a line over seconds */

/* Where regret is drawn that is smaller, 0 among it: a log scale has no 0. */
static const double SMALLEST_REGRET = 0.01;

/* Points at which all runs of a cell have a score; one row of scores a run. */
struct course {
    double *x;
    size_t count;
    double *scores; /* (runs, count) */
};

static void course_free(struct course *course)
{
    free(course->x);
    free(course->scores);
}

/* What a run has spent after each step, in seconds; the caller frees. */
static double *spent_so_far(const struct logged_run *run)
{
    double *spent_s = mem_alloc(run->step_count + 1, sizeof(*spent_s)), seconds = 0;
    for (size_t i = 0; i < run->step_count; i++) {
        seconds += run->steps[i].arch ? run->steps[i].cost_s : 0;
        spent_s[i] = seconds;
    }
    return spent_s;
}

/* The best score when x is spent; NaN before the first evaluation is over. */
static double score_at(const double *spent, const double *best, size_t count, double x)
{
    double score = NAN;
    for (size_t i = 0; i < count && spent[i] <= x; i++)
        score = best[i];
    return score;
}

static double total_cost_s(const struct logged_run *run)
{
    double seconds = 0;
    for (size_t i = 0; i < run->step_count; i++)
        seconds += run->steps[i].arch ? run->steps[i].cost_s : 0;
    return seconds;
}

/* Lines end where the first of their runs ends, so that every point is of all runs. */
static void choose_x(const struct cell_runs *cell, bool seconds, bool log_x, struct course *course)
{
    size_t steps = SIZE_MAX;
    double end_s = INFINITY;
    for (size_t i = 0; i < cell->run_count; i++) {
        steps = cell->runs[i]->step_count < steps ? cell->runs[i]->step_count : steps;
        end_s = fmin(end_s, total_cost_s(cell->runs[i]));
    }
    course->count = seconds ? GRID : steps;
    course->x = mem_alloc(course->count + 1, sizeof(*course->x));
    for (size_t i = 0; i < course->count; i++) {
        double share = (double)(i + 1) / GRID;
        course->x[i] = !seconds ? (double)(i + 1)
                       : log_x  ? end_s * pow(GRID, share - 1)
                                : end_s * share;
    }
}

static struct course follow(const struct cell_runs *cell, bool seconds, bool log_x)
{
    struct course course = {0};
    choose_x(cell, seconds, log_x, &course);
    course.scores = mem_alloc(cell->run_count * course.count + 1, sizeof(*course.scores));
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct logged_run *run = cell->runs[i];
        double *spent = spent_so_far(run), *best = cells_best_so_far(run);
        for (size_t at = 0; at < course.count; at++)
            course.scores[i * course.count + at] =
                seconds ? score_at(spent, best, run->step_count, course.x[at]) : best[at];
        free(spent);
        free(best);
    }
    return course;
}

static void band_of(double *values, size_t count, const struct summary *summary, const char *band,
                    double *low, double *high)
{
    if (strcmp(band, "quartiles") == 0) {
        *low = stats_quantile(values, count, 0.25);
        *high = stats_quantile(values, count, 0.75);
        return;
    }
    double half = strcmp(band, "std") == 0 ? summary->std : summary->sem;
    if (strcmp(band, "none") == 0 || isnan(half))
        half = 0;
    *low = summary->mean - half;
    *high = summary->mean + half;
}

static void add_line(struct figure *figure, const struct cell_runs *cell, const char *label,
                     const json_t *settings)
{
    bool regret = option_is(settings, "value", "regret");
    struct course course =
        follow(cell, option_is(settings, "against", "seconds"), option_boolean(settings, "log_x"));
    double *values = mem_alloc(cell->run_count, sizeof(*values)), low, high;
    for (size_t at = 0; at < course.count; at++) {
        for (size_t i = 0; i < cell->run_count; i++) {
            double score = course.scores[i * course.count + at];
            values[i] = regret ? cell->search_optimum_pct - score : score;
        }
        struct summary summary = stats_summary(values, cell->run_count);
        if (summary.count < cell->run_count)
            continue;
        band_of(values, cell->run_count, &summary, option_text(settings, "band"), &low, &high);
        figure_add_text(figure, label);
        figure_add_number(figure, course.x[at]);
        figure_add_number(figure, summary.mean);
        figure_add_number(figure, low);
        figure_add_number(figure, high);
        figure_add_number(figure, (double)summary.count);
        figure_end_line(figure);
    }
    free(values);
    course_free(&course);
}

/* gnuplot's name for a bound of an axis: the number, or "*" where it is left to gnuplot. */
static void set_bound(struct figure *figure, const json_t *settings, const char *key)
{
    const json_t *bound = json_object_get(settings, key);
    char *text =
        json_is_number(bound) ? mem_printf("%.15g", json_number_value(bound)) : mem_strdup("*");
    figure_set_text(figure, key, text);
    free(text);
}

static void set_variables(struct figure *figure, const json_t *settings, const char *methods)
{
    figure_set_text(figure, "methods", methods);
    figure_set_text(figure, "against", option_text(settings, "against"));
    figure_set_text(figure, "key_place", option_text(settings, "key"));
    figure_set_number(figure, "regret", option_is(settings, "value", "regret"));
    figure_set_number(figure, "smallest", SMALLEST_REGRET);
    figure_set_number(figure, "band", !option_is(settings, "band", "none"));
    figure_set_number(figure, "log_x", option_boolean(settings, "log_x"));
    set_bound(figure, settings, "x_min");
    set_bound(figure, settings, "x_max");
    set_bound(figure, settings, "y_min");
    set_bound(figure, settings, "y_max");
}

/* Draws the cells whose label on the panel's axis is panel_label (all, where that is NULL). */
static bool draw_panel(const struct report *report, const struct cell_runs *const *cells,
                       const char *panel_label, const json_t *settings, struct err *err)
{
    const char *panel = option_text(settings, "panel"), *name = option_text(settings, "name");
    char *file = panel_label ? mem_printf("%s-%s", name, panel_label) : mem_strdup(name);
    char *head = mem_printf("method,%s,mean,low,high,runs", option_text(settings, "against"));
    struct figure figure = figure_begin(file, head);
    struct str methods = {0};
    bool ok = true;
    for (; ok && *cells; cells++) {
        if (panel_label && (!option_text((*cells)->labels, panel) ||
                            strcmp(option_text((*cells)->labels, panel), panel_label) != 0))
            continue;
        if (!(*cells)->run_count) {
            log_warn("%s: %s has no finished run and no line", file, (*cells)->id);
            continue;
        }
        if (option_is(settings, "value", "regret"))
            ok = cells_need_optimum(*cells, name, err);
        char *label = cells_label(*cells, option_text(settings, "label"), panel);
        str_addf(&methods, "%s\"%s\"", methods.length ? " " : "", label);
        add_line(&figure, *cells, label, settings);
        free(label);
    }
    set_variables(&figure, settings, methods.length ? methods.text : "");
    ok = ok && figure_draw(&figure, "curve", report->request->figure_folder, err);
    str_free(&methods);
    figure_free(&figure);
    free(file);
    free(head);
    return ok;
}

/* Whether a cell before this one has the same label on the axis. */
static bool seen_before(const struct cell_runs *const *cells, size_t place, const char *axis)
{
    const char *label = option_text(cells[place]->labels, axis);
    for (size_t i = 0; i < place; i++) {
        const char *other = option_text(cells[i]->labels, axis);
        if (other && strcmp(other, label) == 0)
            return true;
    }
    return false;
}

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    const char *panel = option_text(settings, "panel");
    const struct cell_runs **cells = cells_select(report, settings, err);
    bool ok = cells != NULL;
    if (ok && !panel)
        ok = draw_panel(report, cells, NULL, settings, err);
    for (size_t i = 0; ok && panel && cells[i]; i++) {
        const char *label = option_text(cells[i]->labels, panel);
        if (label && !seen_before(cells, i, panel))
            ok = draw_panel(report, cells, label, settings, err);
    }
    free(cells);
    return ok;
}

const struct report_type curve_figure = {
    .name = "curve",
    .summary = "best score so far, or regret, against evaluations or simulated seconds",
    .options = options,
    .draw = draw,
};
