/* Which differences between methods hold: Wilcoxon signed-rank over shared seeds, Holm-corrected.
 */
#include "report/kinds.h"

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    OPTION_AT,
    {"split", OPTION_CHOICE, "\"valid\"", 0, 0, "valid|test", "score that is compared"},
    {"against", OPTION_TEXT, "null", 0, 0, NULL,
     "ids of the cells that every other is compared with, as in cells; left out: all pairs"},
    {"alpha", OPTION_REAL, "0.05", 1e-6, 0.5, NULL, "level of the test"},
    {.key = NULL}};

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    (void)report, (void)settings;
    return err_set(err, ERR_INPUT, "tables of type significance cannot be drawn yet");
}

const struct report_type significance_table = {
    .name = "significance",
    .summary = "paired Wilcoxon signed-rank test of each two methods over seeds, Holm-corrected",
    .options = options,
    .check = report_check_at,
    .draw = draw,
};
