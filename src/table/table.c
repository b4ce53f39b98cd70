#include "table/table.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

char *table_find(const char *name, struct err *err)
{
    if (strchr(name, '/') || file_ends_in(name, ".h5"))
        return mem_strdup(name);
    char *below = mem_printf("benchdata/%s.h5", name), *path = file_find_data(below, err);
    free(below);
    return path;
}

void table_close(struct table *table)
{
    if (!table)
        return;
    free(table->columns);
    free(table->values);
    free(table);
}

static bool fits(const struct column *column, const char *metric, const char *dataset, int epochs,
                 const char *split)
{
    return column->epochs == epochs && strcmp(column->metric, metric) == 0 &&
           strcmp(column->dataset, dataset) == 0 && strcmp(column->split, split) == 0;
}

const float *table_column(const struct table *table, const char *metric, const char *dataset,
                          int epochs, const char *split, int training_seed)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].training_seed == training_seed &&
            fits(&table->columns[i], metric, dataset, epochs, split))
            return table->values + i * table->rows;
    return NULL;
}

static int by_number(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;
    return (left > right) - (left < right);
}

size_t table_seeds(const struct table *table, const char *metric, const char *dataset, int epochs,
                   const char *split, int *seeds, size_t limit)
{
    size_t count = 0;
    for (size_t i = 0; i < table->column_count && count < limit; i++)
        if (table->columns[i].training_seed != TABLE_SEED_MEAN &&
            fits(&table->columns[i], metric, dataset, epochs, split))
            seeds[count++] = table->columns[i].training_seed;
    qsort(seeds, count, sizeof(*seeds), by_number);
    return count;
}

/* "cifar10 at 200 epochs", or "cifar10" where there are no epochs. */
static void add_place(struct str *out, const char *dataset, int epochs)
{
    str_add(out, dataset);
    if (epochs)
        str_addf(out, " at %d epochs", epochs);
}

/* All places of one metric and split, in the order of the columns. */
static void list_places(const struct table *table, const char *metric, const char *split,
                        struct str *out)
{
    const struct column *last = NULL;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (strcmp(column->metric, metric) != 0 || strcmp(column->split, split) != 0 ||
            (last && last->epochs == column->epochs && strcmp(last->dataset, column->dataset) == 0))
            continue;
        str_add(out, last ? ", " : "");
        add_place(out, column->dataset, column->epochs);
        last = column;
    }
}

bool table_lacks(const struct table *table, const char *metric, const char *dataset, int epochs,
                 const char *split, struct err *err)
{
    struct str wanted = {.ceiling = sizeof(err->text) / 4},
               places = {.ceiling = sizeof(err->text) / 2};
    char *quoted = mem_printf("\"%.100s\"", dataset);
    add_place(&wanted, quoted, epochs);
    list_places(table, metric, split, &places);
    err_set(err, ERR_INPUT, "%s has no %s%s%s on %s; it has: %s", table->benchmark, split,
            split[0] ? " " : "", metric, wanted.text, places.length ? places.text : "none");
    free(quoted);
    str_free(&wanted);
    str_free(&places);
    return false;
}

static void copy_column(const float *values, size_t rows, double *mean)
{
    for (size_t row = 0; row < rows; row++)
        mean[row] = (double)values[row];
}

/* The mean over count columns, row by row, NaN left out. */
static void average(const float *const *columns, size_t count, size_t rows, double *mean)
{
    for (size_t row = 0; row < rows; row++) {
        double sum = 0;
        int measured = 0;
        for (size_t i = 0; i < count; i++) {
            if (isnan(columns[i][row]))
                continue;
            sum += (double)columns[i][row];
            measured++;
        }
        mean[row] = measured ? sum / measured : (double)NAN;
    }
}

bool table_mean(const struct table *table, const char *metric, const char *dataset, int epochs,
                const char *split, double *mean, struct err *err)
{
    const float *whole = table_column(table, metric, dataset, epochs, split, TABLE_SEED_MEAN);
    if (whole) {
        copy_column(whole, table->rows, mean);
        return true;
    }
    const float **columns = mem_alloc(table->column_count, sizeof(*columns));
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        if (fits(&table->columns[i], metric, dataset, epochs, split))
            columns[count++] = table->values + i * table->rows;
    if (count)
        average(columns, count, table->rows, mean);
    free(columns);
    return count > 0 || table_lacks(table, metric, dataset, epochs, split, err);
}
