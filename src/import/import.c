#include "import/import.h"

#include "base/csv.h"
#include "base/mem.h"
#include "base/str.h"
#include "import/declare.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char header[] = "arch,metric,dataset,split,epochs,training_seed,device,value";

enum { ARCH, KEY, VALUE = KEY + KEY_FIELDS, FIELDS };

/* A column while rows come in. */
struct filling {
    struct column column;
    size_t declaration; /* its place in the columns file */
    float *values;      /* (rows), NaN where no row has come */
};

struct import {
    const struct space *space;
    struct declarations declarations;
    size_t rows;
    struct filling *columns;
    size_t count, capacity;
    size_t last; /* the column of the last row: the next row's is mostly the one after it */
};

static bool same_key(const struct column *a, const struct column *b)
{
    return a->epochs == b->epochs && a->training_seed == b->training_seed &&
           strcmp(a->metric, b->metric) == 0 && strcmp(a->dataset, b->dataset) == 0 &&
           strcmp(a->split, b->split) == 0 && strcmp(a->device, b->device) == 0;
}

static struct filling *add_column(struct import *import, const struct csv *csv,
                                  const struct column *key, struct err *err)
{
    struct filling filling = {.column = *key};
    if (import->count == TABLE_COLUMNS_MAX || import->count >= TABLE_VALUES_MAX / import->rows) {
        err_set(err, ERR_INPUT, "%s:%zu: found one more column, expected at most %zu", csv->path,
                csv->line, import->count);
        return NULL;
    }
    filling.declaration = declare_match(&import->declarations, &filling.column);
    if (filling.declaration == SIZE_MAX) {
        err_set(err, ERR_INPUT,
                "%s:%zu: metric \"%s\", dataset \"%s\", split \"%s\", epochs %d, training_seed %d, "
                "device \"%s\": %s declares no such column",
                csv->path, csv->line, key->metric, key->dataset, key->split, key->epochs,
                key->training_seed, key->device, import->declarations.path);
        return NULL;
    }
    filling.values = mem_alloc(import->rows, sizeof(*filling.values));
    for (size_t row = 0; row < import->rows; row++)
        filling.values[row] = NAN;
    MEM_GROW(import->columns, import->count, import->capacity);
    import->last = import->count;
    import->columns[import->count] = filling;
    return &import->columns[import->count++];
}

static struct filling *find_column(struct import *import, const struct csv *csv, char **fields,
                                   struct err *err)
{
    struct column key = {0};
    if (!declare_key(csv, fields + KEY, &key, err))
        return NULL;
    for (size_t i = 0; i < import->count; i++) {
        size_t at = (import->last + i) % import->count;
        if (!same_key(&import->columns[at].column, &key))
            continue;
        import->last = at;
        return &import->columns[at];
    }
    return add_column(import, csv, &key, err);
}

static bool read_value(const struct csv *csv, const char *field, const char *unit, float *value,
                       struct err *err)
{
    double number;
    if (!str_is_number(field, &number) || !isfinite((float)number))
        return err_set(err, ERR_INPUT,
                       "%s:%zu: value is \"%.40s\", expected a finite number (what was not "
                       "measured has no row)",
                       csv->path, csv->line, field);
    if (strcmp(unit, "percent") == 0 && !(number >= 0 && number <= 100))
        return err_set(err, ERR_INPUT, "%s:%zu: value is %.40s, expected percent from 0 to 100",
                       csv->path, csv->line, field);
    *value = (float)number;
    return true;
}

static bool read_arch(const struct import *import, const struct csv *csv, const char *field,
                      size_t *row, struct err *err)
{
    struct arch arch;
    struct err why = {0};
    if (!space_read(import->space, field, &arch, &why))
        return err_set(err, ERR_INPUT, "%s:%zu: %s", csv->path, csv->line, why.text);
    *row = space_index(import->space, &arch);
    return true;
}

static bool read_row(struct import *import, const struct csv *csv, char **fields, struct err *err)
{
    size_t row = 0;
    float value = 0;
    if (!read_arch(import, csv, fields[ARCH], &row, err))
        return false;
    struct filling *filling = find_column(import, csv, fields, err);
    if (!filling || !read_value(csv, fields[VALUE], filling->column.unit, &value, err))
        return false;
    float *cell = &filling->values[row];
    if (!isnan(*cell) && *cell != value)
        return err_set(err, ERR_INPUT, "%s:%zu: value is %.9g, an earlier row for it said %.9g",
                       csv->path, csv->line, (double)value, (double)*cell);
    *cell = value;
    return true;
}

static bool read_rows(struct import *import, const char *path, struct err *err)
{
    struct csv csv;
    char *fields[FIELDS];
    bool end = false;
    bool ok = csv_open(&csv, path, header, err);
    while (ok && (ok = csv_next(&csv, fields, &end, err)) && !end)
        ok = read_row(import, &csv, fields, err);
    if (ok && !import->count)
        ok = err_set(err, ERR_INPUT, "%s: no measurements after the header", csv.path);
    csv_close(&csv);
    return ok && declare_all_used(&import->declarations, err);
}

static int by_place(const void *left, const void *right)
{
    const struct filling *a = left, *b = right;
    const struct column *x = &a->column, *y = &b->column;
    int order = (a->declaration > b->declaration) - (a->declaration < b->declaration);
    order = order ? order : strcmp(x->dataset, y->dataset);
    order = order ? order : (x->epochs > y->epochs) - (x->epochs < y->epochs);
    order = order ? order : strcmp(x->split, y->split);
    order = order ? order
                  : (x->training_seed > y->training_seed) - (x->training_seed < y->training_seed);
    return order ? order : strcmp(x->device, y->device);
}

static struct table *assemble(struct import *import, const char *benchmark)
{
    struct table *table = mem_alloc(1, sizeof(*table));
    qsort(import->columns, import->count, sizeof(*import->columns), by_place);
    snprintf(table->benchmark, sizeof(table->benchmark), "%s", benchmark);
    table->space = import->space;
    table->rows = import->rows;
    table->column_count = import->count;
    table->columns = mem_alloc(import->count, sizeof(*table->columns));
    table->values = mem_alloc(import->count * import->rows, sizeof(*table->values));
    for (size_t i = 0; i < import->count; i++) {
        table->columns[i] = import->columns[i].column;
        memcpy(table->values + i * import->rows, import->columns[i].values,
               import->rows * sizeof(*table->values));
    }
    return table;
}

struct table *import_read(const struct space *space, const char *benchmark,
                          const char *columns_path, const char *path, struct err *err)
{
    struct import import = {.space = space, .rows = space_size(space)};
    struct table *table = NULL;
    if (!benchmark[0] || strlen(benchmark) >= TABLE_TEXT)
        err_set(err, ERR_INPUT, "the benchmark's name \"%.80s\" must have 1 to %d bytes", benchmark,
                TABLE_TEXT - 1);
    else if (!str_is_line(benchmark))
        err_set(err, ERR_INPUT, "the benchmark's name \"%s\" must be one line of UTF-8", benchmark);
    else if (import.rows > TABLE_ROWS_MAX)
        err_set(err, ERR_INPUT, "%s has %zu architectures, expected at most %d for a table",
                space->name, import.rows, TABLE_ROWS_MAX);
    else if (declare_read(columns_path, &import.declarations, err) && read_rows(&import, path, err))
        table = assemble(&import, benchmark);
    for (size_t i = 0; i < import.count; i++)
        free(import.columns[i].values);
    free(import.columns);
    declare_free(&import.declarations);
    return table;
}
