/* Table files. A file whose first byte is that of a seal is tried as it is, and the seal keeps all
 * but whole tables from HDF5. Any other input is a recipe, which HDF5 itself makes into a file that
 * is then sealed, so that our own checks behind the seal are reached: byte by byte it says what is
 * out of order, and 0, or no byte, is "as it must be". Bytes that HDF5 did not write and that are
 * sealed all the same are not tried: HDF5 1.10 crashes on some of them. */
#include "base/mem.h"
#include "fuzz.h"
#include "table/schema.h"
#include "table/table.h"
#include "table/userblock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct recipe {
    const uint8_t *next, *end;
};

static uint8_t take(struct recipe *recipe)
{
    return recipe->next < recipe->end ? *recipe->next++ : 0;
}

enum text_form {
    TEXT_GOOD,
    TEXT_MISSING,
    TEXT_GIVEN, /* by the recipe */
    TEXT_WITHOUT_END,
    TEXT_OF_OTHER_SIZE,
    TEXT_OF_VARIABLE_SIZE,
    TEXT_TWICE,
    TEXT_NOWHERE, /* an attribute of no extent */
    TEXT_A_NUMBER,
    TEXT_FORMS
};

static hid_t text_space(enum text_form form)
{
    if (form == TEXT_TWICE)
        return H5Screate_simple(1, (hsize_t[]){2}, NULL);
    return H5Screate(form == TEXT_NOWHERE ? H5S_NULL : H5S_SCALAR);
}

static hid_t text_type(enum text_form form, size_t size, struct recipe *recipe)
{
    if (form == TEXT_A_NUMBER)
        return H5Tcopy(H5T_STD_I32LE);
    if (form == TEXT_OF_VARIABLE_SIZE)
        return schema_text_type(H5T_VARIABLE);
    return schema_text_type(form == TEXT_OF_OTHER_SIZE ? (size_t)take(recipe) + 1 : size);
}

static void add_text(hid_t file, const char *name, const char *good, size_t size,
                     struct recipe *recipe)
{
    enum text_form form = take(recipe) % TEXT_FORMS;
    char text[2 * UINT8_MAX] = {0};
    if (form == TEXT_MISSING)
        return;
    snprintf(text, sizeof(text), "%s", good);
    if (form == TEXT_WITHOUT_END)
        memset(text, 'x', sizeof(text));
    for (size_t i = 0; form == TEXT_GIVEN && i < size; i++)
        text[i] = (char)take(recipe);
    hid_t type = text_type(form, size, recipe), space = text_space(form);
    hid_t attribute = H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (form != TEXT_OF_VARIABLE_SIZE && form != TEXT_NOWHERE)
        H5Awrite(attribute, type, text);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
}

enum data_form {
    DATA_GOOD,
    DATA_MISSING,
    DATA_CHUNKED,
    DATA_COMPACT,
    DATA_EXTERNAL,
    DATA_A_GROUP,
    DATA_A_LINK_TO_ITSELF,
    DATA_A_LINK_ELSEWHERE,
    DATA_FORMS
};

enum { RANK_MOST = 3 };

/* A dataset as the schema wants it, then bent by the recipe. */
struct data {
    hid_t type;
    int rank;
    hsize_t shape[RANK_MOST];
    const void *values; /* NULL: left to be zeros */
};

static void bend_shape(struct data *data, struct recipe *recipe)
{
    for (int i = 0; i < data->rank; i++) {
        uint8_t by = take(recipe);
        if (by)
            data->values = NULL;
        data->shape[i] = by == UINT8_MAX ? (hsize_t)1 << 40 : data->shape[i] + by;
    }
}

static void bend_rank(struct data *data, struct recipe *recipe)
{
    uint8_t rank = take(recipe) % (RANK_MOST + 1);
    if (!rank)
        return;
    data->rank = rank;
    data->values = NULL;
}

/* The caller closes the result. */
static hid_t bent_type(struct data *data, struct recipe *recipe)
{
    const hid_t types[] = {data->type, H5T_STD_I8LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE, H5T_C_S1};
    size_t which = take(recipe) % (sizeof(types) / sizeof(types[0]));
    if (which)
        data->values = NULL;
    return H5Tcopy(types[which]);
}

static hid_t data_plist(enum data_form form, const struct data *data)
{
    static const hsize_t chunk[RANK_MOST] = {1, 1, 1};
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_layout(plist, H5D_CONTIGUOUS);
    if (form == DATA_CHUNKED) {
        H5Pset_chunk(plist, data->rank, chunk);
        H5Pset_deflate(plist, 1);
    }
    if (form == DATA_COMPACT)
        H5Pset_layout(plist, H5D_COMPACT);
    if (form == DATA_EXTERNAL)
        H5Pset_external(plist, "/dev/zero", 0, H5F_UNLIMITED);
    return plist;
}

static void create_data(hid_t file, const char *name, enum data_form form, struct data *data,
                        struct recipe *recipe)
{
    bend_rank(data, recipe);
    bend_shape(data, recipe);
    hid_t type = bent_type(data, recipe), plist = data_plist(form, data);
    hid_t space = H5Screate_simple(data->rank, data->shape, NULL);
    hid_t made = H5Dcreate2(file, name, type, space, H5P_DEFAULT, plist, H5P_DEFAULT);
    if (made >= 0 && data->values && (form == DATA_GOOD || form == DATA_COMPACT))
        H5Dwrite(made, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data->values);
    if (made >= 0)
        H5Dclose(made);
    H5Sclose(space);
    H5Pclose(plist);
    H5Tclose(type);
}

static void add_data(hid_t file, const char *name, struct data *data, struct recipe *recipe)
{
    enum data_form form = take(recipe) % DATA_FORMS;
    if (form == DATA_A_GROUP)
        H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    else if (form == DATA_A_LINK_TO_ITSELF)
        H5Lcreate_soft(name, file, name, H5P_DEFAULT, H5P_DEFAULT);
    else if (form == DATA_A_LINK_ELSEWHERE)
        H5Lcreate_external("/proc/self/exe", "/", file, name, H5P_DEFAULT, H5P_DEFAULT);
    else if (form != DATA_MISSING)
        create_data(file, name, form, data, recipe);
}

/* Puts bytes that the recipe gives at places that it gives. */
static void bend_bytes(void *bytes, size_t size, struct recipe *recipe)
{
    for (uint8_t left = take(recipe); left; left--) {
        size_t at = (size_t)take(recipe) << 8;
        at |= take(recipe);
        ((uint8_t *)bytes)[at % size] = take(recipe);
    }
}

enum { COLUMNS_MOST = 8 };

static size_t add_columns(hid_t file, struct recipe *recipe)
{
    struct column columns[COLUMNS_MOST] = {0};
    size_t count = take(recipe) % COLUMNS_MOST + 1;
    for (size_t i = 0; i < count; i++)
        columns[i] = (struct column){"accuracy", "percent", "cifar10", "valid", "",
                                     200,        (int)i,    "made up", "none"};
    bend_bytes(columns, count * sizeof(columns[0]), recipe);
    struct data data = {schema_column_type(), 1, {count}, columns};
    add_data(file, SCHEMA_COLUMNS, &data, recipe);
    H5Tclose(data.type);
    return count;
}

static void add_architectures(hid_t file, const struct space *space, struct recipe *recipe)
{
    static char *good; /* made once: it takes as long as all the rest */
    size_t rows = space_size(space), size = rows * space->slot_count;
    if (!good)
        good = schema_architectures(space, rows);
    char *digits = mem_alloc(size, 1);
    memcpy(digits, good, size);
    bend_bytes(digits, size, recipe);
    struct data data = {schema_text_type(space->slot_count), 1, {rows}, digits};
    add_data(file, SCHEMA_ARCHITECTURES, &data, recipe);
    H5Tclose(data.type);
    free(digits);
}

static void cook(const char *path, struct recipe recipe)
{
    const struct space *space = space_find("nas-bench-201");
    hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_userblock(creation, USERBLOCK_SIZE);
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, creation, H5P_DEFAULT);
    FUZZ_REQUIRE(file >= 0);
    add_text(file, "benchmark", "made-up", TABLE_TEXT, &recipe);
    add_text(file, "space", space->name, TABLE_TEXT, &recipe);
    add_text(file, "seal", "", sizeof(((struct table *)NULL)->seal), &recipe);
    size_t count = add_columns(file, &recipe);
    struct data values = {H5T_IEEE_F32LE, 2, {count, space_size(space)}, NULL};
    add_data(file, SCHEMA_VALUES, &values, &recipe);
    add_architectures(file, space, &recipe);
    H5Fclose(file);
    H5Pclose(creation);
    FUZZ_REQUIRE(userblock_write(path, NULL));
}

/* All that is open in HDF5. */
static hsize_t handles(void)
{
    static const H5I_type_t types[] = {H5I_FILE,    H5I_GROUP, H5I_DATATYPE,   H5I_DATASPACE,
                                       H5I_DATASET, H5I_ATTR,  H5I_GENPROP_LST};
    hsize_t all = 0;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        hsize_t some = 0;
        H5Inmembers(types[i], &some);
        all += some;
    }
    return all;
}

/* What "seki query" and the oracle ask of a table. */
static void use(const struct table *table)
{
    struct err err = {0};
    int seeds[COLUMNS_MOST];
    double *mean = mem_alloc(table->rows, sizeof(*mean));
    FUZZ_REQUIRE(table->rows == space_size(table->space));
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *c = &table->columns[i];
        FUZZ_REQUIRE(
            table_column(table, c->metric, c->dataset, c->epochs, c->split, c->training_seed));
        FUZZ_REQUIRE(table_mean(table, c->metric, c->dataset, c->epochs, c->split, mean, NULL));
        FUZZ_REQUIRE(table_seeds(table, c->metric, c->dataset, c->epochs, c->split, seeds,
                                 COLUMNS_MOST) <= COLUMNS_MOST);
        table_lacks(table, c->metric, c->source, c->epochs, c->split, &err);
    }
    free(mean);
}

static void try_table(const char *path)
{
    struct err err = {0};
    hsize_t before = handles();
    struct table *table = table_open(path, &err);
    FUZZ_REQUIRE(handles() == before);
    if (table)
        use(table);
    else
        fuzz_require_reason(&err);
    table_close(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    H5open();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    bool whole = size && data[0] == SCHEMA_NAME[0];
    const char *path = fuzz_file(data, whole ? size : 0);
    if (!whole)
        cook(path, (struct recipe){data, data + size});
    try_table(path);
    return 0;
}
