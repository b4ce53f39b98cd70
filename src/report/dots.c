/* Best score after given numbers of evaluations: a row of dots a method. */
#include "report/kinds.h"

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    OPTION_AT,
    {"split", OPTION_CHOICE, "\"valid\"", 0, 0, "valid|test", "score that is shown"},
    {.key = NULL}};

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    (void)report, (void)settings;
    return err_set(err, ERR_INPUT, "figures of type dots cannot be drawn yet");
}

const struct report_type dots_figure = {
    .name = "dots",
    .summary = "mean and deviation of the best score after given numbers of evaluations",
    .options = options,
    .check = report_check_at,
    .draw = draw,
};
