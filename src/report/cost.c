/* What each method spent: evaluations, simulated time, LLM calls and tokens. */
#include "report/kinds.h"

#include "base/mem.h"
#include "report/counts.h"
#include "report/say.h"

#include <math.h>
#include <stdlib.h>

static const struct option options[] = {OPTION_CELLS, OPTION_LABEL, {.key = NULL}};

/* In and out, of each run. */
static double *token_counts(const struct cell_runs *cell, size_t at, const void *context,
                            struct err *err)
{
    double *tokens = mem_alloc(cell->run_count + 1, sizeof(*tokens));
    (void)at;
    (void)context;
    (void)err;
    for (size_t i = 0; i < cell->run_count; i++)
        tokens[i] =
            cell->asks_llm ? cell->runs[i]->tokens_in + cell->runs[i]->tokens_out : (double)NAN;
    return tokens;
}

static double *gpu_days(const struct cell_runs *cell, size_t at, const void *context,
                        struct err *err)
{
    double *days = mem_alloc(cell->run_count + 1, sizeof(*days));
    (void)at;
    (void)context;
    (void)err;
    for (size_t i = 0; i < cell->run_count; i++)
        days[i] = cell->runs[i]->simulated_s / 86400;
    return days;
}

static bool say_all(struct str *says, const struct cell_runs *const *cells, const json_t *settings,
                    struct err *err)
{
    struct question tokens = {
        .contest = {.score = "number of tokens, in and out, of a run", .lowest = true},
        .scores = token_counts};
    struct question days = {
        .contest = {.score = "simulated time of a run in GPU-days", .decimals = 2, .lowest = true},
        .scores = gpu_days};
    bool ok = say_standings(says, cells, settings, &days, err) &&
              say_standings(says, cells, settings, &tokens, err);
    say(says, "What a run cost does not say what it found: that is in the tables of accuracy.");
    say_cells(says, cells, option_text(settings, "label"), NULL);
    return ok;
}

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    const struct cell_runs **cells = cells_select(report, settings, err);
    if (!cells)
        return false;
    struct sheet sheet = sheet_begin(settings);
    sheet_text_column(&sheet, "method");
    size_t searched = sheet_text_column(&sheet, "searched on");
    size_t budget = sheet_text_column(&sheet, "budget");
    struct counts counts = counts_add(&sheet, cells, COUNTS_ALL);
    for (size_t i = 0; cells[i]; i++) {
        char *label = cells_label(cells[i], option_text(settings, "label"), NULL);
        struct sheet_row *row = sheet_row(&sheet, label, cells[i]->space);
        sheet_text(row, 0, label);
        free(label);
        if (!cells[i]->run_count) {
            report_not_run(row, cells[i]);
            continue;
        }
        sheet_text(row, searched, cells_title(cells[i]->dataset));
        sheet_text(row, budget, cells[i]->budget);
        counts_fill(&counts, row, &cells[i], 1, 0);
    }
    counts_note(&counts, &sheet, cells);
    bool ok = say_all(&sheet.says, cells, settings, err) && report_put_table(report, &sheet, err);
    counts_free(&counts);
    sheet_free(&sheet);
    free(cells);
    return ok;
}

const struct report_type cost_table = {
    .name = "cost",
    .summary = "evaluations, simulated GPU-days, LLM calls, tokens and rates of bad replies",
    .options = options,
    .draw = draw,
};
