/* What each method spent: evaluations, simulated time, LLM calls and tokens. */
#include "report/kinds.h"

#include "report/counts.h"

#include <stdlib.h>

static const struct option options[] = {OPTION_CELLS, OPTION_LABEL, {.key = NULL}};

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
            char *reason = cells_reason(cells[i]);
            sheet_remark(row, "not run: %s", reason);
            free(reason);
            continue;
        }
        sheet_text(row, searched, cells_title(cells[i]->dataset));
        sheet_text(row, budget, cells[i]->budget);
        counts_fill(&counts, row, &cells[i], 1, 0);
    }
    counts_note(&counts, &sheet, cells);
    bool ok = report_put_table(report, &sheet, err);
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
