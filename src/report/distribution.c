/* Where proposals fall among all architectures of the space: a row for each method and stage. */
#include "report/kinds.h"

#include "base/log.h"
#include "base/mem.h"
#include "report/cells.h"
#include "report/figure.h"
#include "report/say.h"
#include "report/scoring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    {"stages", OPTION_TEXT, "\"*\"", 0, 0, NULL,
     "stages to show, as in cells; \"proposals\" are those of methods without stages"},
    {.key = NULL}};

static const char WITHOUT_STAGE[] = "proposals";

/* The horizontal axis is the rank as a share of the space, on a log scale: what matters happens
 * among the best few per cent. Bins to each factor of ten of it: no more, since the best ranks are
 * whole numbers and would leave finer ones empty. */
enum { BINS_A_DECADE = 4 };

struct bins {
    double *shares; /* of what was counted, in each bin, from the worst ranks to the best */
    size_t count;
};

static size_t bin_of(const struct ranks *space, double rank)
{
    return (size_t)floor(BINS_A_DECADE * log10((double)space->count / rank));
}

static struct bins bins_begin(const struct ranks *space)
{
    struct bins bins = {.count = bin_of(space, 1) + 1};
    bins.shares = mem_alloc(bins.count, sizeof(*bins.shares));
    return bins;
}

static void bins_scale(struct bins *bins, double total)
{
    for (size_t i = 0; i < bins->count; i++)
        bins->shares[i] /= total;
}

/* The first rank past those that share a bin with this one: found by halving, since how large a
 * space is, only its log says. */
static size_t bin_end(const struct ranks *space, size_t rank)
{
    size_t bin = bin_of(space, (double)rank), low = rank, high = space->count + 1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (bin_of(space, (double)middle) == bin)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* What the space itself has in each bin. */
static struct bins bins_of_space(const struct ranks *space)
{
    struct bins bins = bins_begin(space);
    for (size_t rank = 1, end; rank <= space->count; rank = end) {
        end = bin_end(space, rank);
        bins.shares[bin_of(space, (double)rank)] = (double)(end - rank);
    }
    bins_scale(&bins, (double)space->count);
    return bins;
}

/* The proposals of one stage (NULL: of none) of a cell. Ranks are those in the space. */
struct row {
    struct bins bins;
    size_t proposals, runs; /* runs that made one at least */
    double median, best;    /* of all proposals */
    double run_best;        /* the median over runs of each one's best rank */
};

static bool is_proposal(const struct logged_evaluation *step)
{
    return step->arch != NULL;
}

static bool is_of(const struct logged_evaluation *step, const char *stage)
{
    return is_proposal(step) &&
           (step->stage && stage ? strcmp(step->stage, stage) == 0 : step->stage == stage);
}

/* The ranks of a run's proposals of a stage, added to a list; returns the best of them. */
static double add_ranks(const struct cell_runs *cell, const struct logged_run *run,
                        const char *stage, double *ranks, size_t *count)
{
    double best = INFINITY;
    for (size_t i = 0; i < run->step_count; i++) {
        if (!is_of(&run->steps[i], stage))
            continue;
        ranks[*count] = round(ranks_of(&cell->logs[0].space, run->steps[i].valid_score, NULL));
        best = fmin(best, ranks[(*count)++]);
    }
    return best;
}

static struct row count_row(const struct cell_runs *cell, const char *stage)
{
    const struct ranks *space = &cell->logs[0].space;
    struct row row = {.bins = bins_begin(space)};
    size_t room = 1;
    for (size_t i = 0; i < cell->run_count; i++)
        room += cell->runs[i]->step_count;
    double *ranks = mem_alloc(room, sizeof(*ranks));
    double *bests = mem_alloc(cell->run_count, sizeof(*bests));
    for (size_t i = 0; i < cell->run_count; i++) {
        double best = add_ranks(cell, cell->runs[i], stage, ranks, &row.proposals);
        if (isfinite(best))
            bests[row.runs++] = best;
    }
    for (size_t i = 0; i < row.proposals; i++)
        row.bins.shares[bin_of(space, ranks[i])]++;
    bins_scale(&row.bins, (double)row.proposals);
    row.median = stats_quantile(ranks, row.proposals, 0.5);
    row.best = stats_quantile(ranks, row.proposals, 0);
    row.run_best = stats_quantile(bests, row.runs, 0.5);
    free(ranks);
    free(bests);
    return row;
}

/* A figure while it is filled. */
struct drawing {
    struct figure figure;
    const json_t *settings;
    struct bins backdrop; /* the space's */
    size_t rows;
    struct str heads;  /* what is written above the rows of each method */
    struct str firsts; /* the number of its first row */
};

static void add_row(struct drawing *drawing, const struct cell_runs *cell, const char *stage,
                    const char *label)
{
    struct figure *figure = &drawing->figure;
    struct row row = count_row(cell, stage);
    const char *name = stage ? stage : WITHOUT_STAGE;
    double pct = 100 / (double)cell->logs[0].space.count; /* that a rank is of the space */
    for (size_t i = 0; i < row.bins.count; i++) {
        figure_add_text(figure, label);
        figure_add_label(figure, name);
        figure_add_number(figure, 100 * pow(10, -(double)i / BINS_A_DECADE));
        figure_add_number(figure, 100 * pow(10, -(double)(i + 1) / BINS_A_DECADE));
        figure_add_number(figure, 100 * row.bins.shares[i]);
        figure_add_number(figure, 100 * drawing->backdrop.shares[i]);
        figure_add_number(figure, (double)row.proposals);
        figure_add_number(figure, pct * row.median);
        figure_add_number(figure, pct * row.run_best);
        figure_add_number(figure, pct * row.best);
        figure_end_line(figure);
    }
    say(&figure->says,
        "%s, %s: the median proposal of %zu is among the best %.2g %% of the space, the best of a "
        "run (median over %zu) among the best %.2g %%.",
        label, name, row.proposals, pct * row.median, row.runs, pct * row.run_best);
    drawing->rows++;
    free(row.bins.shares);
}

static void add_cell(struct drawing *drawing, const struct cell_runs *cell)
{
    size_t count, before = drawing->rows;
    const char **stages = cells_stages(cell, is_proposal, &count);
    const char *patterns = option_text(drawing->settings, "stages");
    char *label = cells_label(cell, option_text(drawing->settings, "label"), NULL);
    for (size_t i = 0; i < count; i++)
        if (cells_fit(stages[i] ? stages[i] : WITHOUT_STAGE, patterns))
            add_row(drawing, cell, stages[i], label);
    if (drawing->rows > before) {
        str_addf(&drawing->heads, "\"%s, %zu %s\" ", label, cell->run_count,
                 say_runs(cell->run_count));
        str_addf(&drawing->firsts, "%zu ", before + 1);
    }
    free(label);
    free(stages);
}

/* The scores that every tenth, hundredth, ... of the space reaches: "100 9.7 10 89.7 1 91.0".
 */
static void set_scores(struct figure *figure, const struct ranks *space, int decimals)
{
    struct str words = {0};
    for (double share = 1; share * (double)space->count >= 1; share /= 10)
        str_addf(&words, "%s%g %.*f", words.length ? " " : "", 100 * share, decimals,
                 ranks_score(space, share * (double)space->count));
    figure_set_text(figure, "scores", words.text);
    str_free(&words);
}

/* All cells must have been searched by the same scores, and their logs must say which those are. */
static bool check_space(const struct cell_runs *cell, const struct cell_runs *first,
                        const char *name, struct err *err)
{
    const struct ranks *space = &cell->logs[0].space;
    if (!space->count)
        return err_set(err, ERR_INPUT,
                       "%s: how the scores of the space are distributed is not in %s, expected "
                       "\"search_space\" in its first line",
                       name, cell->logs[0].path);
    return ranks_same(space, &first->logs[0].space) ||
           err_set(err, ERR_INPUT,
                   "%s: %s was searched by other scores than %s, expected cells of one data set",
                   name, cell->id, first->id);
}

static bool add_cells(struct drawing *drawing, const struct cell_runs *const *cells,
                      struct err *err)
{
    const struct cell_runs *first = NULL;
    for (; *cells; cells++) {
        if (!(*cells)->run_count) {
            log_warn("%s: %s has no finished run and no row", drawing->figure.name, (*cells)->id);
            continue;
        }
        if (!check_space(*cells, first ? first : *cells, drawing->figure.name, err))
            return false;
        if (!first) {
            first = *cells;
            drawing->backdrop = bins_of_space(&first->logs[0].space);
            set_scores(&drawing->figure, &first->logs[0].space, first->metric.decimals - 1);
        }
        add_cell(drawing, *cells);
    }
    return !first || drawing->rows > 0 ||
           err_set(err, ERR_INPUT, "%s: stages: found \"%s\", which fits no stage of any cell",
                   drawing->figure.name, option_text(drawing->settings, "stages"));
}

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    struct metric metric;
    const struct cell_runs **cells = scoring_select(report, settings, true, &metric, err);
    if (!cells)
        return false;
    struct drawing drawing = {.settings = settings};
    drawing.figure = figure_begin(option_text(settings, "name"),
                                  "method,stage,top_pct_from,top_pct_to,share_pct,space_pct,"
                                  "proposals,median_top_pct,best_of_a_run_top_pct,best_top_pct");
    bool ok = add_cells(&drawing, cells, err);
    figure_set_number(&drawing.figure, "bins", (double)drawing.backdrop.count);
    figure_set_text(&drawing.figure, "heads", drawing.rows ? drawing.heads.text : "");
    figure_set_text(&drawing.figure, "firsts", drawing.rows ? drawing.firsts.text : "");
    figure_set_metric(&drawing.figure, &metric);
    say(&drawing.figure.says, "Ranks are those of the scores that the search saw, and none of test "
                              "scores; uniform draws spread as the space itself does.");
    say_cells(&drawing.figure.says, cells, option_text(settings, "label"), NULL);
    ok = ok && report_put_figure(report, settings, &drawing.figure, "distribution", err);
    figure_free(&drawing.figure);
    str_free(&drawing.heads);
    str_free(&drawing.firsts);
    free(drawing.backdrop.shares);
    free(cells);
    return ok;
}

const struct report_type distribution_figure = {
    .name = "distribution",
    .summary = "where the proposals of each stage fall among all architectures of the space",
    .options = options,
    .draw = draw,
};
