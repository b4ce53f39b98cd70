#include "report/report.h"

#include "base/file.h"
#include "base/mem.h"
#include "report/cells.h"
#include "report/kinds.h"

#include <stdlib.h>
#include <string.h>

static const struct report_type *const report_tables[] = {
    &accuracy_table, &anytime_table, &cost_table, &steps_table, &significance_table, NULL,
};
static const struct report_type *const report_figures[] = {
    &curve_figure,
    &steps_figure,
    &dots_figure,
    NULL,
};

const char *const report_axis_options[] = {"label", "merge", "panel", "axis", NULL};

const struct option report_common_options[] = {
    {"type", OPTION_TEXT, NULL, 0, 0, NULL, "kind of table or figure"},
    {"name", OPTION_TEXT, NULL, 0, 0, NULL, "name of its files, without ending"},
    {"caption", OPTION_TEXT, "null", 0, 0, NULL, "what it shows, in a sentence"},
    {.key = NULL},
};

static const struct report_type *find(const struct report_type *const *types, const char *name)
{
    for (; *types; types++)
        if (strcmp((*types)->name, name) == 0)
            return *types;
    return NULL;
}

const struct report_type *report_table_find(const char *name)
{
    return find(report_tables, name);
}

const struct report_type *report_figure_find(const char *name)
{
    return find(report_figures, name);
}

const struct report_type *report_table_at(size_t index)
{
    return index < sizeof(report_tables) / sizeof(*report_tables) ? report_tables[index] : NULL;
}

const struct report_type *report_figure_at(size_t index)
{
    return index < sizeof(report_figures) / sizeof(*report_figures) ? report_figures[index] : NULL;
}

void report_check_at(const json_t *settings, const char *path, struct faults *faults)
{
    const json_t *list = json_object_get(settings, "at"), *entry;
    size_t i;
    json_int_t last = 0;
    json_array_foreach(list, i, entry)
    {
        if (json_is_integer(entry) && json_integer_value(entry) > last) {
            last = json_integer_value(entry);
            continue;
        }
        char *at = mem_printf("%s/at/%zu", path, i);
        fault_add(faults, at, "expected a whole number above %lld", (long long)last);
        free(at);
    }
}

static bool draw_all(const struct report *report, const json_t *list,
                     const struct report_type *const *types, struct err *err)
{
    const json_t *settings;
    size_t i;
    json_array_foreach(list, i, settings)
    {
        if (!find(types, option_text(settings, "type"))->draw(report, settings, err))
            return false;
    }
    return true;
}

bool report_write(const struct report_request *request, struct err *err)
{
    struct report report;
    file_sweep(request->table_folder);
    file_sweep(request->figure_folder);
    if (!cells_read(request, &report, err))
        return false;
    bool ok = draw_all(&report, request->tables, report_tables, err) &&
              draw_all(&report, request->figures, report_figures, err);
    cells_free(&report);
    return ok;
}
