/* What each method reached: mean and deviation over runs, with what it cost. */
#include "report/kinds.h"

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    {"merge", OPTION_TEXT, "\"dataset\"", 0, 0, NULL,
     "axis whose entries share a row, each filling the columns of the data set it searched on"},
    OPTION_AT,
    {"at_in", OPTION_CHOICE, "\"rows\"", 0, 0, "rows|columns",
     "whether each number of evaluations is a row or a group of columns"},
    {"split", OPTION_CHOICE, "\"both\"", 0, 0, "both|valid|test", "scores to show"},
    {"counts", OPTION_BOOLEAN, "true", 0, 0, NULL,
     "show evaluations, simulated GPU-days and, where an LLM was asked, calls and tokens"},
    {"reference", OPTION_TEXT, "null", 0, 0, NULL,
     "CSV file of rows from elsewhere to set beside ours, in the columns of results/tables/*.csv"},
    {.key = NULL}};

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    (void)report, (void)settings;
    return err_set(err, ERR_INPUT, "tables of type accuracy cannot be drawn yet");
}

const struct report_type accuracy_table = {
    .name = "accuracy",
    .summary = "scores of each method, mean and deviation over runs, beside the space's optimum",
    .options = options,
    .check = report_check_at,
    .draw = draw,
};
