#include "report/report.h"

#include "base/file.h"
#include "base/mem.h"
#include "report/cells.h"
#include "report/document.h"
#include "report/kinds.h"
#include "report/provenance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct report_type *const report_tables[] = {
    &accuracy_table, &ranking_table,      &anytime_table, &cost_table,
    &steps_table,    &significance_table, NULL,
};
static const struct report_type *const report_figures[] = {
    &curve_figure, &steps_figure,     &dots_figure, &distribution_figure,
    &cells_figure, &agreement_figure, NULL,
};

const char *const report_axis_options[] = {"label", "merge", "panel", "axis", NULL};

const char *const report_cell_options[] = {"x", "y", NULL};

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

void report_not_run(struct sheet_row *row, const struct cell_runs *cell)
{
    char *reason = cells_reason(cell);
    sheet_remark(row, "not run: %s", reason);
    free(reason);
}

size_t report_at_count(const json_t *settings)
{
    size_t count = json_array_size(json_object_get(settings, "at"));
    return count ? count : 1;
}

size_t report_at(const json_t *settings, size_t index)
{
    return (size_t)json_integer_value(json_array_get(json_object_get(settings, "at"), index));
}

/* -- where tables and figures go -- */

bool report_put_table(const struct report *report, const struct sheet *sheet, struct err *err)
{
    if (!sheet_write(sheet, report->request->table_folder, err))
        return false;
    if (report->request->document)
        document_table(report->request->document, sheet);
    return true;
}

/* The caption, the drawing and the paragraph, for who reads the folder of figures. */
static bool write_beside(const struct figure *figure, const char *folder, struct err *err)
{
    struct str out = {0};
    char *path = mem_printf("%s/%s.md", folder, figure->name);
    const char *caption = figure->caption ? figure->caption : figure->name;
    str_addf(&out, "# %s\n\n%s\n\n![%s](%s.svg)\n", figure->name, caption, caption, figure->name);
    if (figure->says.length)
        str_addf(&out, "\n%s", figure->says.text);
    bool ok = file_write(path, out.text, out.length, err);
    if (ok)
        puts(path);
    str_free(&out);
    free(path);
    return ok;
}

/* One of several panels is told from the others by the end of its name. */
static void set_caption(struct figure *figure, const json_t *settings)
{
    const char *caption = option_text(settings, "caption"), *name = option_text(settings, "name");
    const char *rest = figure->name + strlen(name);
    if (caption && *rest)
        figure->caption = mem_printf("%s: %s", caption, cells_title(rest + 1));
    else if (caption)
        figure->caption = mem_strdup(caption);
}

bool report_put_figure(const struct report *report, const json_t *settings, struct figure *figure,
                       const char *script, struct err *err)
{
    const struct report_request *request = report->request;
    set_caption(figure, settings);
    if (!figure_draw(figure, script, request->figure_folder, err))
        return false;
    if (!figure->line_count) {
        char *fault = mem_printf("%s: no finished run has what it shows", figure->name);
        if (request->document)
            document_fault(request->document, fault);
        free(fault);
        return true;
    }
    return write_beside(figure, request->figure_folder, err) &&
           (!request->document ||
            document_figure(request->document, figure, request->figure_folder, err));
}

/* -- all of an experiment -- */

/* Adds a sentence that is not there yet, as a line; the code is that of the first. */
static void add_fault(struct err *all, const struct err *err)
{
    char *before = mem_strdup(all->text);
    enum err_code code = all->code == ERR_NONE ? err->code : all->code;
    if (!strstr(before, err->text)) {
        *all = (struct err){0};
        err_set(all, code, "%s%s%s", before, *before ? "\n" : "", err->text);
    }
    free(before);
}

static void draw_all(const struct report *report, const json_t *list,
                     const struct report_type *const *types, struct err *all)
{
    const json_t *settings;
    size_t i;
    json_array_foreach(list, i, settings)
    {
        struct err err = {0};
        if (find(types, option_text(settings, "type"))->draw(report, settings, &err))
            continue;
        if (report->request->document)
            document_fault(report->request->document, err.text);
        add_fault(all, &err);
    }
}

static bool draw_report(const struct report *report, struct err *err)
{
    const struct report_request *request = report->request;
    struct err all = {0};
    draw_all(report, request->tables, report_tables, &all);
    draw_all(report, request->figures, report_figures, &all);
    if (request->document) {
        provenance_add(report, request->document);
        document_settings(request->document, request->cells, request->resolved,
                          request->cell_count);
    }
    return all.code == ERR_NONE || err_set(err, all.code, "%s", all.text);
}

bool report_write(const struct report_request *request, struct err *err)
{
    struct report report;
    struct err reading = {0};
    file_sweep(request->table_folder);
    file_sweep(request->figure_folder);
    if (request->document)
        document_study(request->document, request->experiment, request->title);
    if (!cells_read(request, &report, &reading)) {
        if (request->document)
            document_fault(request->document, reading.text);
        return err_set(err, reading.code, "%s", reading.text);
    }
    bool ok = draw_report(&report, err);
    cells_free(&report);
    return ok;
}
