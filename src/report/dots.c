/* Best score after given numbers of evaluations: a row of dots a method. */
#include "report/kinds.h"

#include "base/mem.h"
#include "report/cells.h"
#include "report/figure.h"
#include "report/say.h"
#include "report/scoring.h"
#include "report/stats.h"

#include <stdlib.h>

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    OPTION_AT,
    {"split", OPTION_CHOICE, "\"valid\"", 0, 0, "valid|test", "score that is shown"},
    {.key = NULL}};

/* The line of a cell after at evaluations; at 0 is the end of its runs. Adds to *scored how many of
 * them have a score. */
static bool add_dot(struct figure *figure, const struct cell_runs *cell, size_t at,
                    const json_t *settings, size_t *scored, struct err *err)
{
    double *scores = cells_scores(cell, cell->dataset, option_text(settings, "split"), at, err);
    if (!scores)
        return false;
    char *label = cells_label(cell, option_text(settings, "label"), NULL);
    struct summary summary = stats_summary(scores, cell->run_count);
    figure_add_label(figure, label);
    figure_add_number(figure, (double)at);
    figure_add_number(figure, summary.mean);
    figure_add_number(figure, summary.std);
    figure_add_number(figure, (double)summary.count);
    figure_end_line(figure);
    *scored += summary.count;
    free(label);
    free(scores);
    return true;
}

static bool add_cell(struct figure *figure, const struct cell_runs *cell, const json_t *settings,
                     size_t *scored, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && cell->run_count && i < report_at_count(settings); i++)
        ok = add_dot(figure, cell, report_at(settings, i), settings, scored, err);
    return ok;
}

/* The numbers of evaluations, as words; "0": the end of the run. */
static void set_at(struct figure *figure, const json_t *settings)
{
    struct str words = {0};
    for (size_t i = 0; i < report_at_count(settings); i++)
        str_addf(&words, "%s%zu", i ? " " : "", report_at(settings, i));
    figure_set_text(figure, "at", words.text);
    str_free(&words);
}

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    struct metric metric;
    const struct cell_runs **cells = scoring_select(report, settings, false, &metric, err);
    if (!cells)
        return false;
    struct figure figure =
        figure_begin(option_text(settings, "name"), "method,evaluations,mean,std,runs");
    size_t scored = 0;
    bool ok = true;
    for (size_t i = 0; ok && cells[i]; i++)
        ok = add_cell(&figure, cells[i], settings, &scored, err);
    if (!scored)
        figure.line_count = 0; /* gnuplot has no plot without points */
    set_at(&figure, settings);
    figure_set_text(&figure, "split", option_text(settings, "split"));
    figure_set_metric(&figure, &metric);
    ok = ok && say_scores(&figure.says, cells, settings, option_text(settings, "split"),
                          SCORES_LEADER, err);
    say(&figure.says, "Bars are standard deviations over runs, and no intervals of the mean.");
    say_cells(&figure.says, cells, option_text(settings, "label"), NULL);
    ok = ok && report_put_figure(report, settings, &figure, "dots", err);
    figure_free(&figure);
    free(cells);
    return ok;
}

const struct report_type dots_figure = {
    .name = "dots",
    .summary = "mean and deviation of the best score after given numbers of evaluations",
    .options = options,
    .check = report_check_at,
    .draw = draw,
};
