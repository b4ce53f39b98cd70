#include "import/declare.h"

#include "base/csv.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char header[] = "metric,dataset,split,epochs,training_seed,device,unit,source,licence";

enum { UNIT = KEY_FIELDS, SOURCE, LICENCE, FIELDS };

static bool read_text(const struct csv *csv, const char *name, const char *field, char *text,
                      size_t size, struct err *err)
{
    size_t length = strlen(field);
    if (length >= size)
        return err_set(err, ERR_INPUT, "%s:%zu: %s has %zu bytes, expected at most %zu", csv->path,
                       csv->line, name, length, size - 1);
    if (!str_is_line(field))
        return err_set(err, ERR_INPUT, "%s:%zu: %s is \"%s\", expected one line of UTF-8",
                       csv->path, csv->line, name, field);
    memcpy(text, field, length + 1);
    return true;
}

static bool positive(const struct csv *csv, const char *name, const char *field,
                     const char *expected, int *number, struct err *err)
{
    char *end;
    errno = 0;
    intmax_t value = strtoimax(field, &end, 10);
    if (errno || end == field || *end || value < 1 || value > INT_MAX)
        return err_set(err, ERR_INPUT, "%s:%zu: %s is \"%.40s\", expected %s", csv->path, csv->line,
                       name, field, expected);
    *number = (int)value;
    return true;
}

static bool read_epochs(const struct csv *csv, const char *field, int *epochs, struct err *err)
{
    *epochs = 0;
    return !field[0] ||
           positive(csv, "epochs", field, "a whole number from 1, or nothing", epochs, err);
}

static bool read_seed(const struct csv *csv, const char *field, int *seed, struct err *err)
{
    *seed = TABLE_SEED_MEAN;
    return !field[0] || strcmp(field, "mean") == 0 ||
           positive(csv, "training_seed", field, "a whole number from 1, or \"mean\"", seed, err);
}

bool declare_key(const struct csv *csv, char *const fields[KEY_FIELDS], struct column *key,
                 struct err *err)
{
    return read_text(csv, "metric", fields[KEY_METRIC], key->metric, TABLE_TEXT, err) &&
           read_text(csv, "dataset", fields[KEY_DATASET], key->dataset, TABLE_TEXT, err) &&
           read_text(csv, "split", fields[KEY_SPLIT], key->split, TABLE_TEXT, err) &&
           read_text(csv, "device", fields[KEY_DEVICE], key->device, TABLE_TEXT, err) &&
           read_epochs(csv, fields[KEY_EPOCHS], &key->epochs, err) &&
           read_seed(csv, fields[KEY_SEED], &key->training_seed, err);
}

static bool read_row(const struct csv *csv, char **fields, struct declaration *row, struct err *err)
{
    *row = (struct declaration){.line = csv->line};
    row->epochs_any = !fields[KEY_EPOCHS][0];
    row->seed_any = !fields[KEY_SEED][0];
    for (int i = 0; i < FIELDS; i++)
        if (!fields[i][0] && (i == KEY_METRIC || i > UNIT))
            return err_set(err, ERR_INPUT,
                           "%s:%zu: field %d is empty, expected metric, source and licence",
                           csv->path, csv->line, i + 1);
    struct column *column = &row->pattern;
    return declare_key(csv, fields, column, err) &&
           read_text(csv, "unit", fields[UNIT], column->unit, TABLE_TEXT, err) &&
           read_text(csv, "source", fields[SOURCE], column->source, TABLE_NOTE, err) &&
           read_text(csv, "licence", fields[LICENCE], column->licence, TABLE_TEXT, err);
}

bool declare_read(const char *path, struct declarations *declarations, struct err *err)
{
    struct csv csv;
    char *fields[FIELDS];
    bool end = false;
    *declarations = (struct declarations){.path = path};
    bool ok = csv_open(&csv, path, header, err);
    while (ok && (ok = csv_next(&csv, fields, &end, err)) && !end) {
        MEM_GROW(declarations->list, declarations->count, declarations->capacity);
        ok = read_row(&csv, fields, &declarations->list[declarations->count], err);
        declarations->count += ok;
    }
    csv_close(&csv);
    return ok;
}

void declare_free(struct declarations *declarations)
{
    free(declarations->list);
    *declarations = (struct declarations){0};
}

static bool fits(const char *pattern, const char *text)
{
    return !pattern[0] || strcmp(pattern, text) == 0;
}

static bool matches(const struct declaration *row, const struct column *column)
{
    const struct column *pattern = &row->pattern;
    return fits(pattern->metric, column->metric) && fits(pattern->dataset, column->dataset) &&
           fits(pattern->split, column->split) && fits(pattern->device, column->device) &&
           (row->epochs_any || pattern->epochs == column->epochs) &&
           (row->seed_any || pattern->training_seed == column->training_seed);
}

size_t declare_match(struct declarations *declarations, struct column *column)
{
    for (size_t i = 0; i < declarations->count; i++) {
        struct declaration *row = &declarations->list[i];
        if (!matches(row, column))
            continue;
        memcpy(column->unit, row->pattern.unit, sizeof(column->unit));
        memcpy(column->source, row->pattern.source, sizeof(column->source));
        memcpy(column->licence, row->pattern.licence, sizeof(column->licence));
        row->used = true;
        return i;
    }
    return SIZE_MAX;
}

bool declare_all_used(const struct declarations *declarations, struct err *err)
{
    for (size_t i = 0; i < declarations->count; i++)
        if (!declarations->list[i].used)
            return err_set(err, ERR_INPUT, "%s:%zu: no measurement belongs to this declaration",
                           declarations->path, declarations->list[i].line);
    return true;
}
