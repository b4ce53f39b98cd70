/* Reads a table file. Its bytes are checked before HDF5 sees them; types and sizes are checked
 * before anything is allocated, since a seal can be made anew by anyone. */
#include "table/table.h"

#include "base/mem.h"
#include "base/str.h"
#include "table/schema.h"
#include "table/userblock.h"

#include <stdlib.h>
#include <string.h>

static bool read_attribute(hid_t file, const char *path, const char *name, hid_t type, void *value,
                           struct err *err)
{
    hid_t attribute = H5Aopen(file, name, H5P_DEFAULT);
    if (attribute < 0)
        return err_set(err, ERR_INPUT, "%s: no attribute \"%s\"", path, name);
    hid_t found = H5Aget_type(attribute), space = H5Aget_space(attribute);
    bool ok = H5Tequal(found, type) > 0 && H5Sget_simple_extent_npoints(space) == 1 &&
              H5Aread(attribute, type, value) >= 0;
    H5Sclose(space);
    H5Tclose(found);
    H5Aclose(attribute);
    return ok || err_set(err, ERR_INPUT, "%s: attribute \"%s\" is not of its type in version %d",
                         path, name, SCHEMA_VERSION);
}

/* What is wrong with a text of size bytes with its end; NULL: nothing. */
static const char *fault_of(const char *text, size_t size)
{
    if (!memchr(text, '\0', size))
        return "has no end";
    return str_is_line(text) ? NULL : "is not one line of UTF-8";
}

static bool read_text(hid_t file, const char *path, const char *name, char *text, size_t size,
                      struct err *err)
{
    hid_t type = schema_text_type(size);
    bool ok = read_attribute(file, path, name, type, text, err);
    H5Tclose(type);
    if (ok && fault_of(text, size))
        ok = err_set(err, ERR_INPUT, "%s: attribute \"%s\" %s", path, name, fault_of(text, size));
    return ok;
}

static bool read_header(hid_t file, const char *path, struct table *table, struct err *err)
{
    char space[TABLE_TEXT];
    if (!read_text(file, path, "benchmark", table->benchmark, sizeof(table->benchmark), err) ||
        !read_text(file, path, "space", space, sizeof(space), err) ||
        !read_text(file, path, "seal", table->seal, sizeof(table->seal), err))
        return false;
    struct err why = {0};
    table->space = space_require(space, &why);
    return table->space || err_set(err, ERR_INPUT, "%s: %s", path, why.text);
}

/* True when data is a contiguous dataset in this very file, of this type and rank. Compressed,
 * external and virtual ones are refused: they could grow past their size or read other files. */
static bool is_plain(hid_t data, hid_t type, int rank, hsize_t *shape)
{
    hid_t found = H5Dget_type(data), space = H5Dget_space(data);
    hid_t plist = H5Dget_create_plist(data);
    bool ok = H5Tequal(found, type) > 0 && H5Pget_layout(plist) == H5D_CONTIGUOUS &&
              H5Pget_external_count(plist) == 0 && H5Sget_simple_extent_ndims(space) == rank &&
              H5Sget_simple_extent_dims(space, shape, NULL) == rank;
    H5Pclose(plist);
    H5Sclose(space);
    H5Tclose(found);
    return ok;
}

/* The caller closes the result. Negative and *err when it is not what the schema says. */
static hid_t open_dataset(hid_t file, const char *path, const char *name, hid_t type, int rank,
                          hsize_t *shape, struct err *err)
{
    hid_t data = H5Dopen2(file, name, H5P_DEFAULT);
    if (data < 0) {
        err_set(err, ERR_INPUT, "%s: no dataset %s", path, name);
        return H5I_INVALID_HID;
    }
    if (is_plain(data, type, rank, shape))
        return data;
    err_set(err, ERR_INPUT, "%s: %s is not a contiguous dataset of its type and rank in version %d",
            path, name, SCHEMA_VERSION);
    H5Dclose(data);
    return H5I_INVALID_HID;
}

/* Reads all of data into values and closes data. */
static bool read_all(hid_t data, const char *path, const char *name, hid_t type, void *values,
                     struct err *err)
{
    bool ok = H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    H5Dclose(data);
    return ok || err_set(err, ERR_IO, "%s: %s cannot be read", path, name);
}

static bool read_columns(hid_t file, const char *path, struct table *table, struct err *err)
{
    hid_t type = schema_column_type();
    hsize_t count = 0;
    hid_t data = open_dataset(file, path, SCHEMA_COLUMNS, type, 1, &count, err);
    bool ok = data >= 0;
    if (ok && (count == 0 || count > TABLE_COLUMNS_MAX)) {
        ok = err_set(err, ERR_INPUT, "%s: %s has %llu entries, expected 1 to %d", path,
                     SCHEMA_COLUMNS, (unsigned long long)count, TABLE_COLUMNS_MAX);
        H5Dclose(data);
    }
    if (ok) {
        table->column_count = (size_t)count;
        table->columns = mem_alloc(table->column_count, sizeof(*table->columns));
        ok = read_all(data, path, SCHEMA_COLUMNS, type, table->columns, err);
    }
    H5Tclose(type);
    return ok;
}

static bool read_values(hid_t file, const char *path, struct table *table, struct err *err)
{
    hsize_t shape[2] = {0};
    hid_t data = open_dataset(file, path, SCHEMA_VALUES, H5T_IEEE_F32LE, 2, shape, err);
    if (data < 0)
        return false;
    table->rows = space_size(table->space);
    if (shape[0] != table->column_count || shape[1] != table->rows) {
        H5Dclose(data);
        return err_set(err, ERR_INPUT, "%s: %s is %llu by %llu, expected %zu columns by %zu rows",
                       path, SCHEMA_VALUES, (unsigned long long)shape[0],
                       (unsigned long long)shape[1], table->column_count, table->rows);
    }
    if (table->rows > TABLE_ROWS_MAX || table->rows * table->column_count > TABLE_VALUES_MAX) {
        H5Dclose(data);
        return err_set(err, ERR_INPUT, "%s: %s holds more than %d values", path, SCHEMA_VALUES,
                       TABLE_VALUES_MAX);
    }
    table->values = mem_alloc_large(table->column_count * table->rows, sizeof(*table->values));
    return read_all(data, path, SCHEMA_VALUES, H5T_IEEE_F32LE, table->values, err);
}

/* The rows must be the architectures of the space, in its order. */
static bool check_architectures(hid_t file, const char *path, const struct table *table,
                                struct err *err)
{
    size_t size = table->rows * table->space->slot_count;
    hid_t type = schema_text_type(table->space->slot_count);
    hsize_t rows = 0;
    hid_t data = open_dataset(file, path, SCHEMA_ARCHITECTURES, type, 1, &rows, err);
    bool ok = data >= 0;
    if (ok && rows != table->rows) {
        ok = err_set(err, ERR_INPUT, "%s: %s has %llu rows, expected %zu", path,
                     SCHEMA_ARCHITECTURES, (unsigned long long)rows, table->rows);
        H5Dclose(data);
    }
    if (ok) {
        char *found = mem_alloc(size, 1), *expected = schema_architectures(table->space, rows);
        ok = read_all(data, path, SCHEMA_ARCHITECTURES, type, found, err);
        if (ok && memcmp(found, expected, size) != 0)
            ok = err_set(err, ERR_INPUT, "%s: %s is not in the order of %s", path,
                         SCHEMA_ARCHITECTURES, table->space->name);
        free(found);
        free(expected);
    }
    H5Tclose(type);
    return ok;
}

static bool check_column(const char *path, const struct column *column, size_t i, struct err *err)
{
    const char *const texts[] = {column->metric, column->unit,   column->dataset, column->split,
                                 column->device, column->source, column->licence};
    for (size_t t = 0; t < sizeof(texts) / sizeof(*texts); t++) {
        const char *fault =
            fault_of(texts[t], texts[t] == column->source ? TABLE_NOTE : TABLE_TEXT);
        if (fault)
            return err_set(err, ERR_INPUT, "%s: a text of column %zu %s", path, i, fault);
    }
    return true;
}

static bool check_columns(const char *path, const struct table *table, struct err *err)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (!check_column(path, &table->columns[i], i, err))
            return false;
    return true;
}

static bool read_table(hid_t file, const char *path, struct table *table, struct err *err)
{
    return read_header(file, path, table, err) && read_columns(file, path, table, err) &&
           read_values(file, path, table, err) && check_architectures(file, path, table, err) &&
           check_columns(path, table, err);
}

struct table *table_open(const char *path, struct err *err)
{
    if (!userblock_check(path, err))
        return NULL;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* the sentence is ours */
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) {
        err_set(err, ERR_INPUT, "%s: not an HDF5 file", path);
        return NULL;
    }
    struct table *table = mem_alloc(1, sizeof(*table));
    bool ok = read_table(file, path, table, err);
    H5Fclose(file);
    if (ok)
        return table;
    table_close(table);
    return NULL;
}
