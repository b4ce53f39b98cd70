#include "experiment/experiment.h"

#include "base/file.h"
#include "base/mem.h"
#include "experiment/drawings.h"
#include "experiment/expand.h"
#include "experiment/fields.h"
#include "experiment/resolve.h"

#include <stdlib.h>
#include <string.h>

enum { EXPERIMENT_CEILING = 4 << 20 }; /* bytes of a file */

static json_t *read_document(const char *path, struct err *err)
{
    size_t size;
    char *text = file_read(path, EXPERIMENT_CEILING, &size, err);
    if (!text)
        return NULL;
    json_error_t why;
    json_t *file = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    free(text);
    if (json_is_object(file))
        return file;
    char *found = option_shown(file);
    if (file)
        err_set(err, ERR_INPUT, "%s: found %s, expected an object", path, found);
    else
        err_set(err, ERR_INPUT, "%s:%d:%d: not JSON: %s", path, why.line, why.column, why.text);
    free(found);
    json_decref(file);
    return NULL;
}

static const char *const head_keys[] = {"seki", "name", "title"};
enum { HEAD_KEYS = sizeof(head_keys) / sizeof(head_keys[0]) };

/* Puts what all cells share before what is the cell's own. The seeds go: a study that is given more
 * of them keeps the runs that it has. */
static void add_head(struct cell *cell, const json_t *file)
{
    json_t *body = cell->resolved;
    cell->resolved = json_object();
    for (size_t i = 0; i < HEAD_KEYS; i++)
        json_object_set(cell->resolved, head_keys[i], json_object_get(file, head_keys[i]));
    json_object_update(cell->resolved, body);
    json_object_del(cell->resolved, "seeds");
    json_decref(body);
}

static void resolve_cells(struct experiment *experiment, const json_t *file, struct faults *faults)
{
    struct matrix matrix = matrix_read(file, faults);
    experiment->cell_count = matrix.cell_count;
    experiment->cells = mem_alloc(matrix.cell_count, sizeof(*experiment->cells));
    for (size_t i = 0; i < matrix.cell_count; i++) {
        struct combination combination = matrix_combine(&matrix, i);
        struct cell *cell = &experiment->cells[i];
        struct faults found = {0};
        resolve_cell(combination.document, matrix.sound, cell, &found);
        combination_tell(&combination, &matrix, &found, faults);
        add_head(cell, file);
        cell->id = mem_strdup(combination.id);
        cell->labels = json_incref(combination.labels);
        combination_free(&combination);
    }
    matrix_name_cells(&matrix, faults);
    matrix_free(&matrix);
}

/* Folders beside those of experiments. */
static const char *const taken_names[] = {"tables", "figures", "trainings"};

static void check_name(const char *name, struct faults *faults)
{
    if (!name || !field_check_name(name, FIELD_NAME_MARKS, "/name", faults))
        return;
    for (size_t i = 0; i < sizeof(taken_names) / sizeof(taken_names[0]); i++)
        if (strcmp(name, taken_names[i]) == 0)
            fault_add(faults, "/name", "found \"%s\", which is the folder of all experiments' %s",
                      name, name);
}

static struct experiment *resolve_file(const json_t *file, struct faults *faults)
{
    struct experiment *experiment = mem_alloc(1, sizeof(*experiment));
    json_t *head = option_resolve(file_fields, file, "", faults);
    const char *name = option_text(head, "name"), *title = option_text(head, "title");
    check_name(name, faults);
    experiment->name = mem_strdup(name ? name : "");
    experiment->title = mem_strdup(title ? title : "");
    resolve_cells(experiment, file, faults);
    experiment->tables = drawings_resolve_tables(file, faults);
    experiment->figures = drawings_resolve_figures(file, faults);
    if (!faults->count)
        drawings_check(experiment, file, faults);
    json_decref(head);
    return experiment;
}

/* The experiment, read from path; NULL and *err where there are faults. Takes over both. */
static struct experiment *unless_faulty(struct experiment *experiment, const char *path,
                                        struct faults *faults, struct err *err)
{
    experiment->path = mem_strdup(path);
    if (!fault_report(faults, path, err)) {
        experiment_close(experiment);
        experiment = NULL;
    }
    fault_free(faults);
    return experiment;
}

struct experiment *experiment_open(const char *path, struct err *err)
{
    json_t *file = read_document(path, err);
    if (!file)
        return NULL;
    struct faults faults = {0};
    struct experiment *experiment = resolve_file(file, &faults);
    json_decref(file);
    return unless_faulty(experiment, path, &faults, err);
}

struct experiment *experiment_of_log(const json_t *start, const char *path, struct err *err)
{
    const json_t *resolved = json_object_get(start, "experiment");
    const char *study = option_text(start, "study"), *id = option_text(start, "cell");
    if (!json_is_object(resolved) || !study || !id) {
        err_set(err, ERR_INPUT,
                "%s:1: found no \"experiment\", \"study\" and \"cell\", expected a start event",
                path);
        return NULL;
    }
    struct faults faults = {0};
    struct experiment *experiment = mem_alloc(1, sizeof(*experiment));
    json_t *document = json_copy((json_t *)(uintptr_t)resolved);
    for (size_t i = 0; i < HEAD_KEYS; i++)
        json_object_del(document, head_keys[i]);
    json_object_set_new(
        document, "seeds",
        json_pack("{s:O?, s:i}", "first", json_object_get(start, "seed"), "count", 1));
    experiment->name = mem_strdup(study);
    experiment->title = mem_strdup(study);
    experiment->cells = mem_alloc(1, sizeof(*experiment->cells));
    experiment->cell_count = 1;
    experiment->cells[0].id = mem_strdup(id);
    experiment->cells[0].labels = json_deep_copy(json_object_get(start, "labels"));
    resolve_cell(document, true, &experiment->cells[0], &faults);
    add_head(&experiment->cells[0], resolved);
    json_decref(document);
    return unless_faulty(experiment, path, &faults, err);
}

void experiment_close(struct experiment *experiment)
{
    if (!experiment)
        return;
    for (size_t i = 0; i < experiment->cell_count; i++)
        cell_free(&experiment->cells[i]);
    free(experiment->cells);
    json_decref(experiment->tables);
    json_decref(experiment->figures);
    free(experiment->path);
    free(experiment->name);
    free(experiment->title);
    free(experiment);
}
