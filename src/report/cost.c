/* What each method spent: evaluations, simulated time, LLM calls and tokens. */
#include "report/kinds.h"

#include "base/mem.h"
#include "report/counts.h"
#include "report/say.h"

#include <math.h>
#include <stdlib.h>

static const struct option options[] = {OPTION_CELLS, OPTION_LABEL, {.key = NULL}};

/* Of one run. */
typedef double spent(const struct cell_runs *cell, const struct logged_run *run);

static double tokens(const struct cell_runs *cell, const struct logged_run *run)
{
    return cell->asks_llm ? run->tokens_in + run->tokens_out : (double)NAN;
}

static double gpu_days(const struct cell_runs *cell, const struct logged_run *run)
{
    (void)cell;
    return run->simulated_s / 86400;
}

static double training_h(const struct cell_runs *cell, const struct logged_run *run)
{
    (void)cell;
    return run->simulated_s / 3600;
}

static double *spent_by_each(const struct cell_runs *cell, size_t at, const void *of,
                             struct err *err)
{
    double *values = mem_alloc(cell->run_count + 1, sizeof(*values));
    (void)at;
    (void)err;
    for (size_t i = 0; i < cell->run_count; i++)
        values[i] = (*(spent *const *)of)(cell, cell->runs[i]);
    return values;
}

/* trained: as in counts.h. */
static bool say_all(struct str *says, const struct cell_runs *const *cells, const json_t *settings,
                    bool trained, struct err *err)
{
    spent *const of_tokens = tokens, *const of_time = trained ? training_h : gpu_days;
    struct question token_count = {
        .contest = {.score = "number of tokens, in and out, of a run", .lowest = true},
        .scores = spent_by_each,
        .context = &of_tokens};
    struct question time = {.contest = {.score = trained
                                                     ? "measured training time of a run in hours"
                                                     : "simulated time of a run in GPU-days",
                                        .decimals = trained ? 3 : 2,
                                        .lowest = true},
                            .scores = spent_by_each,
                            .context = &of_time};
    bool ok = say_standings(says, cells, settings, &time, err) &&
              say_standings(says, cells, settings, &token_count, err);
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
    bool ok = say_all(&sheet.says, cells, settings, counts.trained, err) &&
              report_put_table(report, &sheet, err);
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
