#include "cli/query.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_WIDTH = 16 };

static void add_value(struct str *out, float value, int width, const char *gap)
{
    if (isnan(value))
        str_addf(out, "%*s", width, gap);
    else
        str_addf(out, "%*.*g", width, QUERY_DIGITS, (double)value);
}

/* The parts of a column that are not empty, but for its data set, and its unit. */
static void add_label(struct str *out, const struct column *column)
{
    str_add(out, column->metric);
    if (column->split[0])
        str_addf(out, " %s", column->split);
    if (column->epochs)
        str_addf(out, " %d epochs", column->epochs);
    if (column->training_seed != TABLE_SEED_MEAN)
        str_addf(out, " seed %d", column->training_seed);
    else if (column->epochs)
        str_add(out, " mean");
    if (column->device[0])
        str_addf(out, " %s", column->device);
    if (column->unit[0])
        str_addf(out, ", %s", column->unit);
}

static bool same_but_for_dataset(const struct column *a, const struct column *b)
{
    return a->epochs == b->epochs && a->training_seed == b->training_seed &&
           strcmp(a->metric, b->metric) == 0 && strcmp(a->split, b->split) == 0 &&
           strcmp(a->device, b->device) == 0 && strcmp(a->unit, b->unit) == 0;
}

/* The data sets in the order of the columns, "" (of no data set) left out; the caller frees. */
static const char **list_datasets(const struct table *table, size_t *count)
{
    const char **datasets = mem_alloc(table->column_count, sizeof(*datasets));
    *count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        const char *dataset = table->columns[i].dataset;
        size_t known = 0;
        while (known < *count && strcmp(datasets[known], dataset) != 0)
            known++;
        if (dataset[0] && known == *count)
            datasets[(*count)++] = dataset;
    }
    return datasets;
}

/* True when an earlier column differs from this one by its data set alone: its line has both. */
static bool has_line(const struct table *table, size_t column)
{
    for (size_t i = 0; i < column; i++)
        if (same_but_for_dataset(&table->columns[i], &table->columns[column]) &&
            table->columns[i].dataset[0])
            return true;
    return false;
}

/* What is measured like column on dataset, or NaN. */
static float find_value(const struct table *table, const struct column *column, const char *dataset,
                        size_t row)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (same_but_for_dataset(&table->columns[i], column) &&
            strcmp(table->columns[i].dataset, dataset) == 0)
            return table->values[i * table->rows + row];
    return NAN;
}

/* Of the widest label that stands before several columns, and a blank. */
static int label_width(const struct table *table)
{
    int width = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        struct str label = {0};
        if (table->columns[i].dataset[0])
            add_label(&label, &table->columns[i]);
        width = (int)label.length >= width ? (int)label.length + 1 : width;
        str_free(&label);
    }
    return width;
}

static void add_line(struct str *out, const struct table *table, size_t column, size_t row,
                     int width, const char *const *datasets, size_t dataset_count)
{
    const struct column *about = &table->columns[column];
    struct str label = {0};
    add_label(&label, about);
    str_addf(out, "%-*s", width, label.text);
    if (!about->dataset[0])
        add_value(out, table->values[column * table->rows + row], CELL_WIDTH, "-");
    for (size_t i = 0; about->dataset[0] && i < dataset_count; i++)
        add_value(out, find_value(table, about, datasets[i], row), CELL_WIDTH, "-");
    str_add_char(out, '\n');
    str_free(&label);
}

void query_text(const struct table *table, const struct arch *arch, struct str *out)
{
    char digits[ARCH_SLOTS + 1];
    size_t dataset_count = 0, row = space_index(table->space, arch);
    const char **datasets = list_datasets(table, &dataset_count);
    int width = label_width(table);
    space_digits(table->space, arch, digits);
    str_addf(out, "%s  ", digits);
    table->space->encode(arch, out);
    str_addf(out, "\n\n%-*s", width, table->benchmark);
    for (size_t i = 0; i < dataset_count; i++)
        str_addf(out, "%*s", CELL_WIDTH, datasets[i]);
    str_add_char(out, '\n');
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].dataset[0] && !has_line(table, i))
            add_line(out, table, i, row, width, datasets, dataset_count);
    str_add_char(out, '\n');
    for (size_t i = 0; i < table->column_count; i++)
        if (!table->columns[i].dataset[0])
            add_line(out, table, i, row, width, datasets, dataset_count);
    free(datasets);
}

/* "accuracy_cifar10_valid_200_777": the parts that are not empty. */
static void add_name(struct str *out, const struct column *column)
{
    str_add(out, column->metric);
    if (column->dataset[0])
        str_addf(out, "_%s", column->dataset);
    if (column->split[0])
        str_addf(out, "_%s", column->split);
    if (column->epochs)
        str_addf(out, "_%d", column->epochs);
    if (column->training_seed != TABLE_SEED_MEAN)
        str_addf(out, "_%d", column->training_seed);
    else if (column->epochs)
        str_add(out, "_mean");
    if (column->device[0])
        str_addf(out, "_%s", column->device);
    if (column->unit[0])
        str_addf(out, "_%s", column->unit);
}

void query_csv(const struct table *table, struct str *out)
{
    str_add(out, "digits,arch");
    for (size_t i = 0; i < table->column_count; i++) {
        str_add_char(out, ',');
        add_name(out, &table->columns[i]);
    }
    str_add_char(out, '\n');
    for (size_t row = 0; row < table->rows; row++) {
        struct arch arch = space_nth(table->space, row);
        char digits[ARCH_SLOTS + 1];
        space_digits(table->space, &arch, digits);
        str_addf(out, "%s,", digits);
        table->space->encode(&arch, out);
        for (size_t i = 0; i < table->column_count; i++) {
            str_add_char(out, ',');
            add_value(out, table->values[i * table->rows + row], 0, "");
        }
        str_add_char(out, '\n');
    }
}
