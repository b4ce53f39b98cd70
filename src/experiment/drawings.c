#include "experiment/drawings.h"

#include "base/mem.h"
#include "base/str.h"
#include "experiment/fields.h"
#include "experiment/registry.h"
#include "report/cells.h"
#include "report/report.h"

#include <stdlib.h>

typedef const struct report_type *report_find(const char *name);

static json_t *resolve_one(const struct registry *registry, report_find *find, const json_t *given,
                           const char *path, struct faults *faults)
{
    size_t before = faults->count;
    json_t *drawing = registry_resolve(registry, given, path, faults);
    const struct report_type *type = drawing ? find(option_text(drawing, "type")) : NULL;
    if (type && type->check && faults->count == before)
        type->check(drawing, path, faults);
    return drawing;
}

static json_t *resolve_all(const struct registry *registry, report_find *find, const json_t *file,
                           const char *key, struct faults *faults)
{
    const json_t *list = json_object_get(file, key);
    json_t *resolved = json_array(), *seen = json_object();
    for (size_t i = 0; i < json_array_size(list); i++) {
        char *path = mem_printf("/%s/%zu", key, i);
        json_t *drawing = resolve_one(registry, find, json_array_get(list, i), path, faults);
        field_check_once(drawing, "name", FIELD_NAME_MARKS, path, seen, faults); /* names a file */
        if (drawing)
            json_array_append_new(resolved, drawing);
        free(path);
    }
    json_decref(seen);
    return resolved;
}

json_t *drawings_resolve_tables(const json_t *file, struct faults *faults)
{
    return resolve_all(&registry_tables, report_table_find, file, "tables", faults);
}

json_t *drawings_resolve_figures(const json_t *file, struct faults *faults)
{
    return resolve_all(&registry_figures, report_figure_find, file, "figures", faults);
}

/* -- what the study must have for them -- */

/* Whether any cell's log tells the best after so many evaluations. */
static bool is_reported(const struct experiment *experiment, json_int_t at)
{
    for (size_t i = 0; i < experiment->cell_count; i++) {
        const struct cell *cell = &experiment->cells[i];
        const json_t *report = json_object_get(cell->resolved, "report"), *value;
        size_t j;
        if ((json_int_t)cell->budget_evaluations == at)
            return true;
        json_array_foreach(json_object_get(report, "at"), j, value)
        {
            if (json_integer_value(value) == at)
                return true;
        }
    }
    return false;
}

static void check_at(const struct experiment *experiment, const json_t *at, const char *path,
                     struct faults *faults)
{
    const json_t *value;
    size_t i;
    json_array_foreach(at, i, value)
    {
        char *place = mem_printf("%s/at/%zu", path, i);
        if (!is_reported(experiment, json_integer_value(value)))
            fault_add(faults, place, "found %lld, expected a number that /report/at has",
                      (long long)json_integer_value(value));
        free(place);
    }
}

static void check_cells(const struct experiment *experiment, const char *patterns, const char *path,
                        struct faults *faults)
{
    for (size_t i = 0; i < experiment->cell_count; i++)
        if (cells_fit(experiment->cells[i].id, patterns))
            return;
    char *place = mem_printf("%s/cells", path);
    fault_add(faults, place, "found \"%s\", which no cell's id fits, expected e.g. %s", patterns,
              experiment->cells[0].id);
    free(place);
}

static void check_axis(const json_t *axes, const char *name, const char *path,
                       struct faults *faults)
{
    struct str names = {0};
    const char *axis;
    json_t *entries;
    if (json_object_get(axes, name))
        return;
    json_object_foreach((json_t *)(uintptr_t)axes, axis, entries)
        str_addf(&names, "%s%s", names.length ? "|" : "", axis);
    char *hint = option_hint(name, names.length ? names.text : "");
    fault_add(faults, path, "found \"%s\", expected an axis of the matrix, %s%s", name,
              names.length ? names.text : "which has none", hint);
    free(hint);
    str_free(&names);
}

/* Axes are looked for where they are written: a default may name one that a study lacks. */
static void check_axes(const json_t *given, const json_t *axes, const char *path,
                       struct faults *faults)
{
    for (size_t i = 0; report_axis_options[i]; i++) {
        const char *name = option_text(given, report_axis_options[i]);
        char *place = mem_printf("%s/%s", path, report_axis_options[i]);
        if (name)
            check_axis(axes, name, place, faults);
        free(place);
    }
}

/* Of a drawing of single cells, whether these are there. */
static void check_ids(const struct experiment *experiment, const json_t *drawing, const char *path,
                      struct faults *faults)
{
    for (size_t i = 0; report_cell_options[i]; i++) {
        const char *id = option_text(drawing, report_cell_options[i]);
        size_t cell = 0;
        while (id && cell < experiment->cell_count && strcmp(experiment->cells[cell].id, id) != 0)
            cell++;
        char *place = mem_printf("%s/%s", path, report_cell_options[i]);
        if (id && cell == experiment->cell_count)
            fault_add(faults, place, "found \"%s\", which is no cell's id, expected e.g. %s", id,
                      experiment->cells[0].id);
        free(place);
    }
}

static void check_list(const struct experiment *experiment, const json_t *file, const char *key,
                       const json_t *drawings, struct faults *faults)
{
    const json_t *drawing;
    size_t i;
    json_array_foreach(drawings, i, drawing)
    {
        const json_t *given = json_array_get(json_object_get(file, key), i);
        char *path = mem_printf("/%s/%zu", key, i);
        check_axes(given, json_object_get(file, "matrix"), path, faults);
        if (option_text(drawing, "cells"))
            check_cells(experiment, option_text(drawing, "cells"), path, faults);
        check_ids(experiment, drawing, path, faults);
        check_at(experiment, json_object_get(drawing, "at"), path, faults);
        free(path);
    }
}

void drawings_check(const struct experiment *experiment, const json_t *file, struct faults *faults)
{
    check_list(experiment, file, "tables", experiment->tables, faults);
    check_list(experiment, file, "figures", experiment->figures, faults);
}
