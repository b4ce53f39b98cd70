#include "experiment/expand.h"

#include "base/mem.h"
#include "base/str.h"
#include "experiment/fields.h"

#include <stdlib.h>
#include <string.h>

/* jansson's iteration takes no const, though it changes nothing. */
static json_t *iterable(const json_t *value)
{
    return (json_t *)(uintptr_t)value;
}

/* -- reading -- */

static void check_axis(const char *name, const json_t *axis, struct faults *faults)
{
    char *path = mem_printf("/matrix/%s", name);
    json_t *seen = json_object();
    field_check_name(name, FIELD_NAME_MARKS, path, faults);
    if (!json_is_array(axis))
        fault_add(faults, path, "found %s, expected a list of entries",
                  json_is_object(axis) ? "an object" : "a single value");
    else if (json_array_size(axis) == 0)
        fault_add(faults, path, "found an empty list, expected at least one entry");
    for (size_t i = 0; i < json_array_size(axis); i++) {
        const json_t *entry = json_array_get(axis, i);
        char *at = mem_printf("%s/%zu", path, i);
        json_decref(option_resolve(entry_fields, entry, at, faults));
        field_check_once(entry, "label", FIELD_LABEL_MARKS, at, seen, faults);
        free(at);
    }
    json_decref(seen);
    free(path);
}

static size_t json_bytes(const json_t *value)
{
    return json_dumpb(value, NULL, 0, JSON_COMPACT);
}

/* An id names files, so the longest must fit. */
static void check_id_length(const json_t *axes, struct faults *faults)
{
    size_t length = 0, i;
    const char *name;
    json_t *axis, *entry;
    json_object_foreach(iterable(axes), name, axis)
    {
        size_t longest = 0;
        json_array_foreach(axis, i, entry)
        {
            size_t size = json_string_length(json_object_get(entry, "label"));
            longest = size > longest ? size : longest;
        }
        length += longest + 1;
    }
    if (length > MATRIX_ID_MAX)
        fault_add(faults, "/matrix",
                  "found labels that make ids of %zu characters, expected at most %d", length - 1,
                  MATRIX_ID_MAX - 1);
}

/* How many cells the axes have, or 0 and a fault where they are too many or too large. */
static size_t count_cells(const json_t *axes, size_t base_bytes, struct faults *faults)
{
    size_t count = 1;
    const char *name;
    json_t *axis;
    json_object_foreach(iterable(axes), name, axis)
    {
        count *= json_array_size(axis);
        if (count > MATRIX_CELLS) {
            fault_add(faults, "/matrix", "found more than %d cells, expected at most %d",
                      MATRIX_CELLS, MATRIX_CELLS);
            return 0;
        }
    }
    size_t bytes = count * base_bytes;
    json_object_foreach(iterable(axes), name, axis) bytes +=
        count / json_array_size(axis) * json_bytes(axis);
    if (bytes <= MATRIX_BYTES)
        return count;
    fault_add(faults, "/matrix", "found %zu bytes in all cells, expected at most %d", bytes,
              MATRIX_BYTES);
    return 0;
}

static json_t *base_of(const json_t *file)
{
    json_t *base = json_object();
    for (const struct option *row = cell_fields; row->key; row++) {
        json_t *value = json_object_get(file, row->key);
        if (value)
            json_object_set_new(base, row->key, json_deep_copy(value));
    }
    return base;
}

struct matrix matrix_read(const json_t *file, struct faults *faults)
{
    struct matrix matrix = {.base = base_of(file), .axes = json_object_get(file, "matrix")};
    size_t before = faults->count;
    const char *name;
    json_t *axis;
    json_object_foreach(iterable(matrix.axes), name, axis) check_axis(name, axis, faults);
    check_id_length(matrix.axes, faults);
    matrix.sound = faults->count == before && (!matrix.axes || json_is_object(matrix.axes));
    if (matrix.sound)
        matrix.cell_count = count_cells(matrix.axes, json_bytes(matrix.base), faults);
    if (!matrix.cell_count) {
        matrix.sound = false;
        matrix.axes = NULL;
        matrix.cell_count = 1;
    }
    matrix.told = json_object();
    for (size_t i = 0; i < faults->count; i++)
        json_object_set_new(matrix.told, faults->list[i], json_true());
    return matrix;
}

void matrix_free(struct matrix *matrix)
{
    json_decref(matrix->base);
    json_decref(matrix->told);
    *matrix = (struct matrix){0};
}

/* -- merging -- */

/* From now on what is at place, and all below it, was written at source. */
static void set_origin(json_t *origins, const char *place, const char *source)
{
    size_t length = strlen(place);
    const char *key;
    json_t *value;
    void *next;
    json_object_foreach_safe(origins, next, key, value)
    {
        if (strncmp(key, place, length) == 0 && key[length] == '/')
            json_object_del(origins, key);
    }
    json_object_set_new(origins, place, json_string(source));
}

static bool replaces(const json_t *patch, const json_t *below)
{
    const char *new_type = option_text(patch, "type"), *old_type = option_text(below, "type");
    return !json_is_object(below) || (new_type && old_type && strcmp(new_type, old_type) != 0);
}

/* Merges patch, written at source in the file, into what is at place of the merged cell. */
static void merge(json_t *below, const json_t *patch, const char *place, const char *source,
                  json_t *origins)
{
    const char *key;
    json_t *value;
    json_object_foreach(iterable(patch), key, value)
    {
        char *new_place = mem_printf("%s/%s", place, key);
        char *new_source = mem_printf("%s/%s", source, key);
        json_t *old = json_object_get(below, key);
        bool fresh = !json_is_object(value) || replaces(value, old);
        if (fresh)
            set_origin(origins, new_place, new_source);
        if (json_is_null(value))
            json_object_del(below, key);
        else if (!json_is_object(value))
            json_object_set_new(below, key, json_deep_copy(value));
        else {
            if (fresh)
                json_object_set_new(below, key, json_object());
            merge(json_object_get(below, key), value, new_place, new_source, origins);
        }
        free(new_place);
        free(new_source);
    }
}

static void add_entry(struct combination *combination, const char *axis, const json_t *entry,
                      size_t number, struct str *id)
{
    const char *label = option_text(entry, "label");
    char *source = mem_printf("/matrix/%s/%zu", axis, number);
    json_t *patch = json_copy(iterable(entry));
    json_object_del(patch, "label");
    merge(combination->document, patch, "", source, combination->origins);
    json_object_set_new(combination->labels, axis, json_string(label));
    str_addf(id, "%s%s", id->length ? "+" : "", label);
    json_decref(patch);
    free(source);
}

struct combination matrix_combine(const struct matrix *matrix, size_t index)
{
    struct combination combination = {.labels = json_object(),
                                      .document = json_deep_copy(matrix->base),
                                      .origins = json_object()};
    struct str id = {0};
    size_t left = matrix->cell_count;
    const char *name;
    json_t *axis;
    json_object_foreach(iterable(matrix->axes), name, axis)
    {
        left /= json_array_size(axis);
        size_t number = index / left;
        index %= left;
        add_entry(&combination, name, json_array_get(axis, number), number, &id);
    }
    if (!id.length)
        str_add(&id, "all");
    combination.id = str_steal(&id);
    return combination;
}

void combination_free(struct combination *combination)
{
    free(combination->id);
    json_decref(combination->labels);
    json_decref(combination->document);
    json_decref(combination->origins);
    *combination = (struct combination){0};
}

/* -- telling -- */

/* The fault with its path in the file: the longest origin that its path begins with decides. *own:
 * whether there is one, so that the fault is of what an entry says. */
static char *in_file(const json_t *origins, const char *fault, bool *own)
{
    size_t longest = 0;
    const char *place, *source = "";
    json_t *value;
    json_object_foreach(iterable(origins), place, value)
    {
        size_t length = strlen(place);
        bool begins = strncmp(fault, place, length) == 0;
        if (begins && length > longest && (fault[length] == '/' || fault[length] == ':')) {
            longest = length;
            source = json_string_value(value);
        }
    }
    *own = longest > 0;
    return mem_printf("%s%s", source, fault + longest);
}

static void count_cell(json_t *told)
{
    json_object_set_new(told, "cells", json_integer(1 + option_integer(told, "cells")));
}

void combination_tell(const struct combination *combination, const struct matrix *matrix,
                      struct faults *found, struct faults *all)
{
    for (size_t i = 0; i < found->count; i++) {
        bool own;
        char *fault = in_file(combination->origins, found->list[i], &own);
        json_t *told = json_object_get(matrix->told, fault);
        if (told || all->count >= FAULTS_TOLD) {
            if (json_is_object(told))
                count_cell(told);
            free(fault);
            continue;
        }
        told = own ? json_true()
                   : json_pack("{s:s, s:i, s:I}", "first", combination->id, "cells", 1, "place",
                               (json_int_t)all->count);
        json_object_set_new(matrix->told, fault, told);
        MEM_GROW(all->list, all->count, all->capacity);
        all->list[all->count++] = fault;
    }
    fault_free(found);
}

void matrix_name_cells(const struct matrix *matrix, struct faults *all)
{
    const char *fault;
    json_t *told;
    json_object_foreach(matrix->told, fault, told)
    {
        size_t cells = json_is_object(told) ? (size_t)option_integer(told, "cells") : 0;
        if (!cells || cells == matrix->cell_count)
            continue;
        char **place = &all->list[option_integer(told, "place")];
        char *others = cells > 1 ? mem_printf(" and %zu more", cells - 1) : mem_strdup("");
        free(*place);
        *place = mem_printf("%s, in cell %s%s", fault, option_text(told, "first"), others);
        free(others);
    }
}
