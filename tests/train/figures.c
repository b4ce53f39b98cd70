#include "figures.h"

#include "base/mem.h"

#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 64 };

static void demand(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s: not there, or not as expected\n", what);
    exit(99);
}

/* Values of a data set of numbers. */
static struct column read_column(hid_t group, const char *name)
{
    struct column column = {0};
    hid_t data = H5Dopen2(group, name, H5P_DEFAULT);
    demand(data >= 0, name);
    hid_t space = H5Dget_space(data);
    column.count = (size_t)H5Sget_simple_extent_npoints(space);
    column.values = mem_alloc(column.count, sizeof(*column.values));
    demand(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, column.values) >= 0,
           name);
    H5Sclose(space);
    H5Dclose(data);
    return column;
}

static struct pair read_pair(hid_t group, const char *name)
{
    char *exact = mem_printf("%s_fp64", name), *single = mem_printf("%s_fp32", name);
    struct pair pair = {read_column(group, exact), read_column(group, single)};
    demand(pair.exact.count == pair.single.count, name);
    free(exact);
    free(single);
    return pair;
}

static double read_number(hid_t group, const char *name)
{
    double value = 0;
    hid_t attribute = H5Aopen(group, name, H5P_DEFAULT);
    demand(attribute >= 0 && H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) >= 0, name);
    H5Aclose(attribute);
    return value;
}

/* An attribute of variable length. */
static char *read_text(hid_t group, const char *name)
{
    char *value = NULL;
    hid_t attribute = H5Aopen(group, name, H5P_DEFAULT);
    demand(attribute >= 0, name);
    hid_t type = H5Aget_type(attribute);
    demand(H5Tis_variable_str(type) > 0 && H5Aread(attribute, type, &value) >= 0, name);
    char *text = mem_strdup(value);
    H5free_memory(value);
    H5Tclose(type);
    H5Aclose(attribute);
    return text;
}

static char *read_names(hid_t group, size_t count)
{
    hid_t data = H5Dopen2(group, "tensors/name", H5P_DEFAULT);
    demand(data >= 0, "tensors/name");
    hid_t type = H5Dget_type(data);
    demand(H5Tget_size(type) == NAME_BYTES, "tensors/name");
    char *names = mem_alloc(count, NAME_BYTES);
    demand(H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names) >= 0, "tensors/name");
    H5Tclose(type);
    H5Dclose(data);
    return names;
}

static struct figures read_cell(hid_t file, const char *name)
{
    hid_t group = H5Gopen2(file, name, H5P_DEFAULT);
    demand(group >= 0, name);
    struct figures cell = {
        .cell = mem_strdup(name),
        .arch = read_text(group, "arch"),
        .cells = (int)read_number(group, "N"),
        .weights = read_column(group, "weights"),
        .logits = read_pair(group, "logits"),
        .eval_logits = read_pair(group, "eval_logits"),
        .fast_loss = read_pair(group, "loss_lr0.1"),
        .slow_loss = read_pair(group, "loss_lr0.01"),
        .stats = read_column(group, "running_stats_after_1_fp64"),
        .offset = read_column(group, "tensors/offset"),
        .numel = read_column(group, "tensors/numel"),
        .grad_norm = read_column(group, "tensors/grad_norm"),
        .grad_first = read_column(group, "tensors/grad_first"),
        .grad_signsum = read_column(group, "tensors/grad_signsum"),
        .weight_signsum = read_column(group, "tensors/weight_after1_signsum"),
        .tol_logits = read_number(group, "tol_logits"),
        .tol_grad = read_number(group, "tol_grad"),
        .tol_loss = read_number(group, "tol_loss"),
        .tol_eval_logits = read_number(group, "tol_eval_logits"),
    };
    cell.names = read_names(group, cell.offset.count);
    H5Gclose(group);
    return cell;
}

static herr_t add_cell(hid_t root, const char *name, const H5L_info_t *info, void *context)
{
    struct figures_file *file = context;
    H5O_info_t object;
    (void)info;
    demand(H5Oget_info_by_name(root, name, &object, H5P_DEFAULT) >= 0, name);
    if (object.type != H5O_TYPE_GROUP)
        return 0;
    file->cells = mem_resize(file->cells, file->cell_count + 1, sizeof(*file->cells));
    file->cells[file->cell_count++] = read_cell(root, name);
    return 0;
}

static void read_images(hid_t root, struct figures_file *file)
{
    struct column pixels = read_column(root, "images_u8"), labels = read_column(root, "labels");
    file->count = labels.count;
    file->pixels = mem_alloc(pixels.count, sizeof(*file->pixels));
    file->labels = mem_alloc(labels.count, sizeof(*file->labels));
    for (size_t i = 0; i < pixels.count; i++)
        file->pixels[i] = (float)((pixels.values[i] - 128) / 64);
    for (size_t i = 0; i < labels.count; i++)
        file->labels[i] = (uint16_t)labels.values[i];
    free(pixels.values);
    free(labels.values);
}

struct figures_file figures_read(const char *path)
{
    struct figures_file file = {0};
    hid_t root = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    demand(root >= 0, path);
    read_images(root, &file);
    demand(H5Literate(root, H5_INDEX_NAME, H5_ITER_INC, NULL, add_cell, &file) >= 0, path);
    demand(file.cell_count > 0, path);
    H5Fclose(root);
    return file;
}

static void free_pair(struct pair *pair)
{
    free(pair->exact.values);
    free(pair->single.values);
}

void figures_free(struct figures_file *file)
{
    for (size_t i = 0; i < file->cell_count; i++) {
        struct figures *cell = &file->cells[i];
        struct column *const columns[] = {
            &cell->weights,   &cell->stats,      &cell->offset,       &cell->numel,
            &cell->grad_norm, &cell->grad_first, &cell->grad_signsum, &cell->weight_signsum};
        struct pair *const pairs[] = {&cell->logits, &cell->eval_logits, &cell->fast_loss,
                                      &cell->slow_loss};
        for (size_t j = 0; j < sizeof(columns) / sizeof(*columns); j++)
            free(columns[j]->values);
        for (size_t j = 0; j < sizeof(pairs) / sizeof(*pairs); j++)
            free_pair(pairs[j]);
        free(cell->cell);
        free(cell->arch);
        free(cell->names);
    }
    free(file->cells);
    free(file->pixels);
    free(file->labels);
}
