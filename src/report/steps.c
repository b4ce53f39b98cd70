/* How good single proposals are: better than their parent, beside a random one-slot mutation. */
#include "report/kinds.h"

static const struct option table_options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    {"bins", OPTION_ARRAY, "[]", 0, 0, NULL,
     "bounds in rising order (percent) that part the proposals by the accuracy of their parent"},
    {.key = NULL}};

static const struct option figure_options[] = {OPTION_CELLS, OPTION_LABEL, {.key = NULL}};

static bool draw_table(const struct report *report, const json_t *settings, struct err *err)
{
    (void)report, (void)settings;
    return err_set(err, ERR_INPUT, "tables of type steps cannot be drawn yet");
}

static bool draw_figure(const struct report *report, const json_t *settings, struct err *err)
{
    (void)report, (void)settings;
    return err_set(err, ERR_INPUT, "figures of type steps cannot be drawn yet");
}

const struct report_type steps_table = {
    .name = "steps",
    .summary = "share of proposals better than their parent, beside a one-slot mutation of it",
    .options = table_options,
    .draw = draw_table,
};

const struct report_type steps_figure = {
    .name = "steps",
    .summary = "bars: share of proposals better than their parent, and the mutation's, by stage",
    .options = figure_options,
    .draw = draw_figure,
};
