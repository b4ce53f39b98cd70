/* How methods stand on several data sets at once: their scores on each, and the mean of their ranks
 * over all. Scores in different metrics cannot be averaged; ranks can. */
#include "report/kinds.h"

#include "base/mem.h"
#include "report/counts.h"
#include "report/methods.h"
#include "report/say.h"
#include "report/scoring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    {"merge", OPTION_TEXT, "\"dataset\"", 0, 0, NULL,
     "axis whose entries share a row, each filling the column of the data set it searched on"},
    OPTION_AT,
    {"split", OPTION_CHOICE, "\"valid\"", 0, 0, "valid|test", "score that is shown and ranked"},
    {.key = NULL}};

struct drawing {
    const json_t *settings;
    const char *split;
    const struct cell_runs **cells;
    struct methods methods;
    struct scoring scoring;
    struct sheet sheet;
    size_t budget, first_score, mean_rank; /* columns; those of scores follow each other */
    struct counts counts;
};

/* Where the methods stand after so many evaluations (0: at the end of their runs). */
struct standing {
    size_t at;
    struct summary *scores; /* (methods, data sets) */
    double *mean_ranks;     /* (methods), NaN where a method lacks a score */
};

static void add_columns(struct drawing *drawing)
{
    const struct scoring *scoring = &drawing->scoring;
    struct sheet *sheet = &drawing->sheet;
    sheet_text_column(sheet, "method");
    drawing->budget = sheet_text_column(sheet, "budget");
    drawing->first_score = sheet->column_count;
    for (size_t i = 0; i < scoring->count; i++) {
        char *head = scoring_head(scoring, i, drawing->split);
        sheet_column(sheet, &(struct sheet_column){.head = head,
                                                   .group = cells_title(scoring->datasets[i]),
                                                   .decimals = scoring->metrics[i].decimals,
                                                   .deviation = true,
                                                   .metric = scoring->metrics[i].name,
                                                   .split = drawing->split});
        free(head);
    }
    drawing->mean_rank = sheet_column(sheet, &(struct sheet_column){.head = "mean rank",
                                                                    .decimals = 2,
                                                                    .metric = "mean_rank",
                                                                    .split = drawing->split});
    drawing->counts = counts_add(sheet, drawing->cells, COUNTS_RUNS);
}

static bool find_score(const struct drawing *drawing, const struct method *method,
                       const char *dataset, size_t at, struct summary *score, struct err *err)
{
    const struct cell_runs *cell = methods_cell_for(method, dataset);
    *score = (struct summary){.mean = NAN, .std = NAN};
    if (!cell)
        return true;
    double *scores = cells_scores(cell, dataset, drawing->split, at, err);
    if (!scores)
        return false;
    *score = stats_summary(scores, cell->run_count);
    free(scores);
    return true;
}

static bool find_scores(const struct drawing *drawing, struct standing *standing, struct err *err)
{
    const struct scoring *scoring = &drawing->scoring;
    for (size_t i = 0; i < drawing->methods.count; i++)
        for (size_t j = 0; j < scoring->count; j++)
            if (!find_score(drawing, &drawing->methods.list[i], scoring->datasets[j], standing->at,
                            &standing->scores[i * scoring->count + j], err))
                return false;
    return true;
}

static bool has_all(const struct drawing *drawing, const struct standing *standing, size_t method)
{
    size_t count = drawing->scoring.count, missing = 0;
    for (size_t i = 0; i < count; i++)
        missing += isnan(standing->scores[method * count + i].mean) != 0;
    return count && !missing;
}

/* Among the methods that have all scores: 1 is the highest mean, and equal ones share theirs. */
static double rank_on(const struct drawing *drawing, const struct standing *standing, size_t method,
                      size_t dataset)
{
    size_t count = drawing->scoring.count, above = 0, equal = 0;
    double own = standing->scores[method * count + dataset].mean;
    for (size_t i = 0; i < drawing->methods.count; i++) {
        double other = standing->scores[i * count + dataset].mean;
        if (!has_all(drawing, standing, i))
            continue;
        above += other > own;
        equal += !(other > own) && !(other < own);
    }
    return (double)above + ((double)equal + 1) / 2;
}

static void find_ranks(const struct drawing *drawing, struct standing *standing)
{
    for (size_t i = 0; i < drawing->methods.count; i++) {
        double sum = 0;
        for (size_t j = 0; j < drawing->scoring.count; j++)
            sum += rank_on(drawing, standing, i, j);
        standing->mean_ranks[i] =
            has_all(drawing, standing, i) ? sum / (double)drawing->scoring.count : (double)NAN;
    }
}

static void add_idle_row(struct drawing *drawing, const struct method *method)
{
    struct sheet_row *row = sheet_row(&drawing->sheet, method->name, method->first->space);
    sheet_text(row, 0, method->name);
    report_not_run(row, method->first);
}

static void add_row(struct drawing *drawing, const struct standing *standing, size_t place)
{
    const struct method *method = &drawing->methods.list[place];
    const struct cell_runs *first = method->run[0];
    const struct scoring *scoring = &drawing->scoring;
    struct sheet_row *row = sheet_row(&drawing->sheet, method->name, first->space);
    char *budget = cells_spent(first, standing->at);
    sheet_text(row, 0, method->name);
    sheet_text(row, drawing->budget, budget);
    for (size_t i = 0; i < scoring->count; i++) {
        const struct cell_runs *cell = methods_cell_for(method, scoring->datasets[i]);
        if (cell)
            sheet_measure(
                row, drawing->first_score + i, &standing->scores[place * scoring->count + i],
                &(struct sheet_origin){scoring->datasets[i], cell->dataset, budget, cell->source});
    }
    sheet_value(row, drawing->mean_rank, standing->mean_ranks[place], 0,
                &(struct sheet_origin){.budget = budget, .source = first->source});
    counts_fill(&drawing->counts, row, method->run, method->run_count, standing->at);
    free(budget);
}

/* Who has the best mean rank, and how far the next is. */
static void say_who_leads(struct drawing *drawing, const struct standing *standing)
{
    const double *ranks = standing->mean_ranks;
    double best = INFINITY, next = INFINITY;
    struct names leaders = {0};
    size_t ranked = 0;
    for (size_t i = 0; i < drawing->methods.count; i++)
        best = fmin(best, ranks[i]); /* fmin() passes over NaN */
    for (size_t i = 0; i < drawing->methods.count; i++) {
        ranked += !isnan(ranks[i]);
        if (ranks[i] > best)
            next = fmin(next, ranks[i]);
        else if (!isnan(ranks[i]))
            names_add(&leaders, "%s", drawing->methods.list[i].name);
    }
    char *when = standing->at ? mem_printf("After %zu evaluations", standing->at)
                              : mem_strdup("At the end of their runs");
    char *who = names_join(&leaders);
    if (ranked > 1)
        say(&drawing->sheet.says,
            "%s, of the %zu methods with a score on all %zu data sets, the best mean rank is that "
            "of %s, %.2f%s.",
            when, ranked, drawing->scoring.count, who, best,
            isfinite(next) ? "" : ", which all share");
    if (isfinite(next))
        say(&drawing->sheet.says, "The next best mean rank is %.2f.", next);
    free(when);
    free(who);
}

/* The rows of all methods; those that did not run are in the first block alone. */
static bool add_block(struct drawing *drawing, size_t at, bool first, struct err *err)
{
    size_t methods = drawing->methods.count, begin = drawing->sheet.row_count;
    struct standing standing = {.at = at};
    standing.scores = mem_alloc(methods * drawing->scoring.count + 1, sizeof(*standing.scores));
    standing.mean_ranks = mem_alloc(methods + 1, sizeof(*standing.mean_ranks));
    bool ok = find_scores(drawing, &standing, err);
    if (ok)
        find_ranks(drawing, &standing);
    for (size_t i = 0; ok && i < methods; i++)
        if (drawing->methods.list[i].run_count)
            add_row(drawing, &standing, i);
        else if (first)
            add_idle_row(drawing, &drawing->methods.list[i]);
    if (ok && !first && drawing->sheet.row_count > begin)
        drawing->sheet.rows[begin].ruled = true;
    if (ok)
        say_who_leads(drawing, &standing);
    free(standing.scores);
    free(standing.mean_ranks);
    return ok;
}

static bool add_blocks(struct drawing *drawing, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < report_at_count(drawing->settings); i++)
        ok = add_block(drawing, report_at(drawing->settings, i), i == 0, err);
    return ok;
}

static void add_optimum(struct drawing *drawing)
{
    struct sheet_row *row = NULL;
    for (size_t i = 0; i < drawing->scoring.count; i++) {
        const char *dataset = drawing->scoring.datasets[i];
        double best = scoring_optimum(drawing->cells, dataset, drawing->split);
        if (isnan(best))
            continue;
        if (!row) {
            row = sheet_row(&drawing->sheet, "optimum", drawing->cells[0]->space);
            row->ruled = true;
            sheet_text(row, 0, "optimum of the space");
        }
        sheet_value(row, drawing->first_score + i, best, 0,
                    &(struct sheet_origin){.dataset = dataset, .source = "measured"});
    }
}

static void add_words(struct drawing *drawing)
{
    struct sheet *sheet = &drawing->sheet;
    say(&sheet->says, "A rank says neither how large a difference is nor whether it holds.");
    say_cells(&sheet->says, drawing->cells, option_text(drawing->settings, "label"),
              option_text(drawing->settings, "merge"));
    scoring_note(&drawing->scoring, sheet, drawing->cells);
    sheet_note(sheet, "Mean rank: over the data sets, of a method's rank among those of its budget "
                      "by mean score; 1 is the highest, equal means share their ranks, and a "
                      "method that lacks a data set has none. The optimum is not ranked.");
    counts_note(&drawing->counts, sheet, drawing->cells);
}

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    struct drawing drawing = {.settings = settings, .split = option_text(settings, "split")};
    drawing.cells = cells_select(report, settings, err);
    bool ok = drawing.cells &&
              scoring_collect(drawing.cells, option_text(settings, "name"), &drawing.scoring, err);
    if (ok) {
        drawing.methods = methods_group(drawing.cells, option_text(settings, "merge"),
                                        option_text(settings, "label"));
        drawing.sheet = sheet_begin(settings);
        add_columns(&drawing);
        ok = add_blocks(&drawing, err);
    }
    if (ok) {
        add_optimum(&drawing);
        add_words(&drawing);
        ok = report_put_table(report, &drawing.sheet, err);
    }
    counts_free(&drawing.counts);
    sheet_free(&drawing.sheet);
    methods_free(&drawing.methods);
    scoring_free(&drawing.scoring);
    free(drawing.cells);
    return ok;
}

const struct report_type ranking_table = {
    .name = "ranking",
    .summary = "scores of each method on every data set, and the mean of its ranks over them",
    .options = options,
    .check = report_check_at,
    .draw = draw,
};
