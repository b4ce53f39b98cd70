/* Best score so far, or the regret of it, along the search: one line a method, with a band. */
#include "report/kinds.h"

#include <math.h>

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    {"panel", OPTION_TEXT, "null", 0, 0, NULL,
     "axis of the matrix each of whose labels becomes a file of its own, <name>-<label>"},
    {"value", OPTION_CHOICE, "\"best\"", 0, 0, "best|regret",
     "best validation accuracy so far, or what it lacks to the space's optimum (log scale)"},
    {"against", OPTION_CHOICE, "\"evaluations\"", 0, 0, "evaluations|seconds",
     "horizontal axis: evaluations, or simulated seconds of training"},
    {"band", OPTION_CHOICE, "\"std\"", 0, 0, "none|std|sem|quartiles",
     "band about the mean: deviation over runs, error of the mean, or quartiles"},
    {"log_x", OPTION_BOOLEAN, "false", 0, 0, NULL, "logarithmic horizontal axis"},
    {"x_min", OPTION_REAL, "0", 0, INFINITY, NULL, "where the horizontal axis begins"},
    {"x_max", OPTION_REAL, "0", 0, INFINITY, NULL, "where it ends; 0: where the lines end"},
    {"y_min", OPTION_REAL, "null", 0, 0, NULL, "where the vertical axis begins; left out: fitting"},
    {"y_max", OPTION_REAL, "null", 0, 0, NULL, "where it ends; left out: fitting"},
    {.key = NULL}};

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    (void)report, (void)settings;
    return err_set(err, ERR_INPUT, "figures of type curve cannot be drawn yet");
}

const struct report_type curve_figure = {
    .name = "curve",
    .summary = "best score so far, or regret, against evaluations or simulated seconds",
    .options = options,
    .draw = draw,
};
