/* Best score so far, or the regret of it, along the search, or at its end along an axis of the
 * matrix: one line a method, with a band. */
#include "report/kinds.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "report/course.h"
#include "report/figure.h"
#include "report/methods.h"
#include "report/say.h"
#include "report/scoring.h"
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
    {"against", OPTION_CHOICE, "\"evaluations\"", 0, 0, "evaluations|seconds|axis",
     "horizontal axis: evaluations, simulated seconds of training, or the axis named by \"axis\""},
    {"axis", OPTION_TEXT, "null", 0, 0, NULL,
     "axis of the matrix, its labels numbers, along which the values at the end of runs are drawn"},
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

static void check_bounds(const json_t *settings, const char *low, const char *high,
                         const char *path, struct faults *faults)
{
    const json_t *from = json_object_get(settings, low), *to = json_object_get(settings, high);
    char *place = mem_printf("%s/%s", path, high);
    if (json_is_number(from) && json_is_number(to) &&
        json_number_value(to) <= json_number_value(from))
        fault_add(faults, place, "found %.15g, expected more than %s, %.15g", json_number_value(to),
                  low, json_number_value(from));
    free(place);
}

static void check(const json_t *settings, const char *path, struct faults *faults)
{
    check_bounds(settings, "x_min", "x_max", path, faults);
    check_bounds(settings, "y_min", "y_max", path, faults);
    bool named = option_text(settings, "axis"), wanted = option_is(settings, "against", "axis");
    if (named == wanted)
        return;
    char *place = mem_printf("%s/%s", path, named ? "against" : "axis");
    if (named)
        fault_add(faults, place, "found \"%s\", expected \"axis\" beside an axis",
                  option_text(settings, "against"));
    else
        fault_add(faults, place, "found nothing, expected an axis of the matrix to draw against");
    free(place);
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

/* A point of a line: of the best scores of a cell's runs at x, which it changes. Nothing where one
 * of them has none yet. */
static void add_point(struct figure *figure, const char *label, double x, double *values,
                      const struct cell_runs *cell, const json_t *settings)
{
    double low, high;
    for (size_t i = 0; i < cell->run_count && option_is(settings, "value", "regret"); i++)
        values[i] = cell->search_optimum - values[i];
    struct summary summary = stats_summary(values, cell->run_count);
    if (summary.count < cell->run_count)
        return;
    band_of(values, cell->run_count, &summary, option_text(settings, "band"), &low, &high);
    figure_add_text(figure, label);
    figure_add_number(figure, x);
    figure_add_number(figure, summary.mean);
    figure_add_number(figure, low);
    figure_add_number(figure, high);
    figure_add_number(figure, (double)summary.count);
    figure_end_line(figure);
}

static void add_line(struct figure *figure, const struct cell_runs *cell, const char *label,
                     const json_t *settings)
{
    struct course course = course_follow(cell, option_is(settings, "against", "seconds"),
                                         option_boolean(settings, "log_x"));
    double *values = mem_alloc(cell->run_count, sizeof(*values));
    for (size_t at = 0; at < course.count; at++) {
        for (size_t i = 0; i < cell->run_count; i++)
            values[i] = course.scores[i * course.count + at];
        add_point(figure, label, course.x[at], values, cell, settings);
    }
    free(values);
    course_free(&course);
}

/* A cell on the axis. */
struct stop {
    double x;
    const struct cell_runs *cell;
};

static int by_x(const void *a, const void *b)
{
    double x = ((const struct stop *)a)->x, y = ((const struct stop *)b)->x;
    return (x > y) - (x < y);
}

static bool read_x(const struct cell_runs *cell, const json_t *settings, double *x, struct err *err)
{
    const char *axis = option_text(settings, "axis"), *label = option_text(cell->labels, axis);
    return (label && str_is_number(label, x)) ||
           err_set(err, ERR_INPUT, "%s: %s: found \"%s\" on axis %s, expected a number",
                   option_text(settings, "name"), cell->id, label ? label : "", axis);
}

/* The line of a method along the axis: a point for each of its cells. */
static bool add_axis_line(struct figure *figure, const struct method *method,
                          const json_t *settings, struct err *err)
{
    struct stop *stops = mem_alloc(method->run_count + 1, sizeof(*stops));
    bool ok = true;
    for (size_t i = 0; ok && i < method->run_count; i++) {
        stops[i].cell = method->run[i];
        ok = read_x(stops[i].cell, settings, &stops[i].x, err);
    }
    if (ok)
        qsort(stops, method->run_count, sizeof(*stops), by_x);
    for (size_t i = 0; ok && i < method->run_count; i++) {
        const struct cell_runs *cell = stops[i].cell;
        double *values = mem_alloc(cell->run_count, sizeof(*values));
        for (size_t j = 0; j < cell->run_count; j++) {
            double *best = cells_best_so_far(cell->runs[j]);
            size_t steps = cell->runs[j]->step_count;
            values[j] = steps ? best[steps - 1] : (double)NAN;
            free(best);
        }
        add_point(figure, method->name, stops[i].x, values, cell, settings);
        free(values);
    }
    free(stops);
    return ok;
}

/* One line for all cells that agree on the other axes. */
static bool add_axis_lines(struct figure *figure, const struct cell_runs *const *cells,
                           struct str *names, const json_t *settings, struct err *err)
{
    struct methods methods =
        methods_group(cells, option_text(settings, "axis"), option_text(settings, "label"));
    bool ok = true;
    for (size_t i = 0; ok && i < methods.count; i++) {
        str_addf(names, "%s\"%s\"", names->length ? " " : "", methods.list[i].name);
        ok = add_axis_line(figure, &methods.list[i], settings, err);
    }
    methods_free(&methods);
    return ok;
}

/* One line a cell. */
static void add_lines(struct figure *figure, const struct cell_runs *const *cells,
                      struct str *names, const json_t *settings)
{
    for (; *cells; cells++) {
        char *label =
            cells_label(*cells, option_text(settings, "label"), option_text(settings, "panel"));
        str_addf(names, "%s\"%s\"", names->length ? " " : "", label);
        add_line(figure, *cells, label, settings);
        free(label);
    }
}

/* Where regret is drawn that is smaller, 0 among it: a log scale has no 0. */
static double smallest_regret(const struct metric *metric)
{
    return pow(10, -metric->decimals);
}

/* -- what it shows -- */

/* The value of each run when x is spent; the caller frees. */
static double *values_at(const struct cell_runs *cell, double x, const json_t *settings)
{
    double *values = course_scores_at(cell, option_is(settings, "against", "seconds"), x);
    for (size_t i = 0; i < cell->run_count && option_is(settings, "value", "regret"); i++)
        values[i] = cell->search_optimum - values[i];
    return values;
}

/* What the time of a cell's runs is. */
static const char *clock_of(const struct cell_runs *cell)
{
    return cell->run_count && cell->runs[0]->trained ? "measured seconds" : "simulated seconds";
}

/* Who leads where the first line ends, of the cells that searched on the data set of first. */
static void say_end(struct str *says, const struct cell_runs *const *cells,
                    const struct cell_runs *first, const json_t *settings, struct contest contest)
{
    bool seconds = option_is(settings, "against", "seconds");
    struct contender *contenders = NULL;
    size_t count = 0, capacity = 0;
    double end = INFINITY;
    for (size_t i = 0; cells[i]; i++)
        if (strcmp(cells[i]->dataset, first->dataset) == 0)
            end = fmin(end, course_end(cells[i], seconds));
    for (size_t i = 0; cells[i]; i++) {
        if (strcmp(cells[i]->dataset, first->dataset) != 0)
            continue;
        MEM_GROW(contenders, count, capacity);
        contenders[count++] = (struct contender){
            cells_label(cells[i], option_text(settings, "label"), option_text(settings, "panel")),
            values_at(cells[i], end, settings), cells[i]->run_count};
    }
    char *where =
        mem_printf("At %.0f %s on %s, where the first line ends,", floor(end),
                   seconds ? clock_of(first) : "evaluations", cells_title(first->dataset));
    contest.where = where;
    say_leader(says, &contest, contenders, count);
    free(where);
    contenders_free(contenders, count);
}

static void say_ends(struct str *says, const struct cell_runs *const *cells, const json_t *settings,
                     struct contest contest)
{
    for (size_t i = 0; cells[i]; i++) {
        size_t before = 0;
        while (before < i && strcmp(cells[before]->dataset, cells[i]->dataset) != 0)
            before++;
        if (before == i)
            say_end(says, cells, cells[i], settings, contest);
    }
}

/* Where along the axis each method is best. */
static void say_axis(struct str *says, const struct cell_runs *const *cells, const json_t *settings,
                     struct contest contest)
{
    const char *axis = option_text(settings, "axis");
    struct methods methods = methods_group(cells, axis, option_text(settings, "label"));
    for (size_t i = 0; i < methods.count; i++) {
        const struct method *method = &methods.list[i];
        struct contender *contenders = mem_alloc(method->run_count + 1, sizeof(*contenders));
        for (size_t j = 0; j < method->run_count; j++)
            contenders[j] = (struct contender){
                mem_printf("%s %s", axis, option_text(method->run[j]->labels, axis)),
                values_at(method->run[j], INFINITY, settings), method->run[j]->run_count};
        char *where = mem_printf("%s: at the end of runs", method->name);
        contest.where = where;
        say_leader(says, &contest, contenders, method->run_count);
        free(where);
        contenders_free(contenders, method->run_count);
    }
    methods_free(&methods);
}

static void say_all(struct str *says, const struct cell_runs *const *cells, const json_t *settings,
                    const struct metric *metric)
{
    static const char *const bands[][2] = {
        {"std", "a standard deviation of the runs to each side, and no interval of their mean"},
        {"sem", "the standard error of the mean to each side, which is no 95 % interval"},
        {"quartiles", "the middle half of the runs, and no interval of their mean"}};
    bool regret = option_is(settings, "value", "regret");
    char *score = mem_printf("validation %s", regret ? "regret" : metric->title);
    struct contest contest = {
        .score = score, .decimals = metric->decimals, .lowest = regret, .bound = NAN};
    if (option_is(settings, "against", "axis"))
        say_axis(says, cells, settings, contest);
    else
        say_ends(says, cells, settings, contest);
    for (size_t i = 0; i < sizeof(bands) / sizeof(*bands); i++)
        if (option_is(settings, "band", bands[i][0]))
            say(says, "The band is %s.", bands[i][1]);
    if (regret)
        say(says, "Regret of %g or less is drawn at %g.", smallest_regret(metric),
            smallest_regret(metric));
    say(says, "No test is made along the lines.");
    free(score);
}

/* What is on the horizontal axis. */
static const char *horizontal(const json_t *settings)
{
    return option_is(settings, "against", "axis") ? option_text(settings, "axis")
                                                  : option_text(settings, "against");
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

static void set_variables(struct figure *figure, const json_t *settings, const char *methods,
                          const struct metric *metric)
{
    figure_set_text(figure, "methods", methods);
    figure_set_text(figure, "against", horizontal(settings));
    figure_set_number(figure, "along_axis", option_is(settings, "against", "axis"));
    figure_set_text(figure, "key_place", option_text(settings, "key"));
    figure_set_number(figure, "regret", option_is(settings, "value", "regret"));
    figure_set_metric(figure, metric);
    figure_set_number(figure, "smallest", smallest_regret(metric));
    figure_set_number(figure, "band", !option_is(settings, "band", "none"));
    figure_set_number(figure, "log_x", option_boolean(settings, "log_x"));
    set_bound(figure, settings, "x_min");
    set_bound(figure, settings, "x_max");
    set_bound(figure, settings, "y_min");
    set_bound(figure, settings, "y_max");
}

/* The cells, at most room, whose label on the panel's axis is panel_label (all, where that is
 * NULL): a list that ends in NULL and that the caller frees. */
static const struct cell_runs **cells_of_panel(const struct cell_runs *const *cells, size_t room,
                                               const char *panel_label, const json_t *settings)
{
    const char *panel = option_text(settings, "panel");
    const struct cell_runs **chosen = mem_alloc(room + 1, sizeof(*chosen));
    for (size_t count = 0; *cells; cells++)
        if (!panel_label || option_is((*cells)->labels, panel, panel_label))
            chosen[count++] = *cells;
    return chosen;
}

/* Those of them that have runs; the same of the list. */
static const struct cell_runs **cells_with_runs(const struct cell_runs *const *cells, size_t room,
                                                const char *file)
{
    const struct cell_runs **chosen = mem_alloc(room + 1, sizeof(*chosen));
    for (size_t count = 0; *cells; cells++)
        if ((*cells)->run_count)
            chosen[count++] = *cells;
        else
            log_warn("%s: %s has no finished run and no line", file, (*cells)->id);
    return chosen;
}

static bool draw_panel(const struct report *report, const struct cell_runs *const *cells,
                       const char *panel_label, const json_t *settings, struct err *err)
{
    const char *name = option_text(settings, "name");
    char *file = panel_label ? mem_printf("%s-%s", name, panel_label) : mem_strdup(name);
    char *head = mem_printf("method,%s,mean,low,high,runs", horizontal(settings));
    const struct cell_runs **all = cells_of_panel(cells, report->cell_count, panel_label, settings);
    const struct cell_runs **chosen = cells_with_runs(all, report->cell_count, file);
    struct figure figure = figure_begin(file, head);
    struct str names = {0};
    struct metric metric;
    bool ok = scoring_of_all(chosen, name, true, &metric, err);
    for (size_t i = 0; ok && chosen[i] && option_is(settings, "value", "regret"); i++)
        ok = cells_need_optimum(chosen[i], name, err);
    if (ok && option_is(settings, "against", "axis"))
        ok = add_axis_lines(&figure, chosen, &names, settings, err);
    else if (ok)
        add_lines(&figure, chosen, &names, settings);
    if (ok) {
        set_variables(&figure, settings, names.length ? names.text : "", &metric);
        figure_set_text(&figure, "clock", chosen[0] ? clock_of(chosen[0]) : "");
        say_all(&figure.says, chosen, settings, &metric);
    }
    say_cells(&figure.says, all, option_text(settings, "label"), option_text(settings, "panel"));
    ok = ok && report_put_figure(report, settings, &figure, "curve", err);
    str_free(&names);
    figure_free(&figure);
    free(all);
    free(chosen);
    free(file);
    free(head);
    return ok;
}

/* Whether a cell before this one has the same label on the axis. */
static bool seen_before(const struct cell_runs *const *cells, size_t place, const char *axis)
{
    const char *label = option_text(cells[place]->labels, axis);
    for (size_t i = 0; i < place; i++)
        if (option_is(cells[i]->labels, axis, label))
            return true;
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
    .summary = "best score so far, or regret, against evaluations, simulated seconds or an axis of "
               "the matrix",
    .options = options,
    .check = check,
    .draw = draw,
};
