/* What each method spent: evaluations, simulated time, LLM calls and tokens. */
#include "report/kinds.h"

static const struct option options[] = {OPTION_CELLS, OPTION_LABEL, {.key = NULL}};

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    (void)report, (void)settings;
    return err_set(err, ERR_INPUT, "tables of type cost cannot be drawn yet");
}

const struct report_type cost_table = {
    .name = "cost",
    .summary = "evaluations, simulated GPU-days, LLM calls, tokens and rates of bad replies",
    .options = options,
    .draw = draw,
};
