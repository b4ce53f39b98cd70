/* Table files: what is written is read back, and each damaged or foreign file gets its sentence. */
#include "../suite.h"
#include "table/schema.h"
#include "table/table.h"
#include "table/userblock.h"
#include "table/writer.h"

#include "base/file.h"
#include "base/mem.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct space *space;
static char folder[] = "seki-table-XXXXXX";

static void add_column(struct table *table, const char *metric, const char *split, int epochs,
                       int seed)
{
    struct column *column = &table->columns[table->column_count];
    snprintf(column->metric, sizeof(column->metric), "%s", metric);
    snprintf(column->unit, sizeof(column->unit), "percent");
    snprintf(column->dataset, sizeof(column->dataset), "cifar10");
    snprintf(column->split, sizeof(column->split), "%s", split);
    snprintf(column->source, sizeof(column->source), "made up");
    snprintf(column->licence, sizeof(column->licence), "none");
    column->epochs = epochs;
    column->training_seed = seed;
    for (size_t row = 0; row < table->rows; row++)
        table->values[table->column_count * table->rows + row] =
            row % 5 == 4 && seed == 999 ? NAN : (float)(row % 89) + (float)seed / 1000;
    table->column_count++;
}

static struct table *make_table(void)
{
    struct table *table = mem_alloc(1, sizeof(*table));
    snprintf(table->benchmark, sizeof(table->benchmark), "made-up");
    table->space = space;
    table->rows = space_size(space);
    table->columns = mem_alloc(4, sizeof(*table->columns));
    table->values = mem_alloc(4 * table->rows, sizeof(*table->values));
    add_column(table, "accuracy", "valid", 200, 999);
    add_column(table, "accuracy", "valid", 200, 777);
    add_column(table, "accuracy", "test", 12, TABLE_SEED_MEAN);
    return table;
}

/* Every test runs in an empty folder of its own, with a good table "good.h5" in it. */
static void setup(void)
{
    struct err err = {0};
    space = space_find("nas-bench-201");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    struct table *table = make_table();
    ck_assert_msg(table_write(table, "good.h5", &err), "%s", err.text);
    table_close(table);
}

static void teardown(void)
{
    unlink("good.h5");
    unlink("again.h5");
    ck_assert_int_eq(chdir(".."), 0);
    rmdir(folder);
}

static struct table *open_good(const char *path)
{
    struct err err = {0};
    struct table *table = table_open(path, &err);
    ck_assert_msg(table != NULL, "%s", err.text);
    return table;
}

static const char *failure_of(const char *path)
{
    static struct err err;
    err = (struct err){0};
    ck_assert_ptr_null(table_open(path, &err));
    return err.text;
}

START_TEST(what_is_written_is_read_back_with_its_gaps)
{
    struct table *made = make_table(), *table = open_good("good.h5");
    ck_assert_str_eq(table->benchmark, "made-up");
    ck_assert_ptr_eq(table->space, space);
    ck_assert_uint_eq(table->column_count, 3);
    ck_assert_mem_eq(table->columns, made->columns, 3 * sizeof(*made->columns));
    ck_assert_mem_eq(table->values, made->values, 3 * made->rows * sizeof(*made->values));
    ck_assert(isnan(table->values[4]));
    table_close(made);
    table_close(table);
}
END_TEST

START_TEST(the_same_table_gives_the_same_bytes_a_second_later)
{
    struct table *table = make_table();
    size_t size = 0, again_size = 0;
    sleep(1);
    ck_assert(table_write(table, "again.h5", NULL));
    char *bytes = file_read("good.h5", FILE_CEILING, &size, NULL);
    char *again = file_read("again.h5", FILE_CEILING, &again_size, NULL);
    ck_assert_uint_eq(size, again_size);
    ck_assert_mem_eq(bytes, again, size);
    free(bytes);
    free(again);
    table_close(table);
}
END_TEST

START_TEST(a_mean_is_over_the_seeds_that_were_measured)
{
    struct table *table = open_good("good.h5");
    double *mean = mem_alloc(table->rows, sizeof(*mean));
    ck_assert(table_mean(table, "accuracy", "cifar10", 200, "valid", mean, NULL));
    ck_assert_double_eq_tol(mean[3], 3 + (.777 + .999) / 2, 1e-6);
    ck_assert_double_eq_tol(mean[4], 4.777, 1e-6);
    ck_assert(table_mean(table, "accuracy", "cifar10", 12, "test", mean, NULL));
    ck_assert_double_eq(mean[4], 4);
    free(mean);
    table_close(table);
}
END_TEST

START_TEST(columns_and_seeds_are_found_by_what_they_measure)
{
    struct table *table = open_good("good.h5");
    int seeds[4];
    ck_assert_uint_eq(table_seeds(table, "accuracy", "cifar10", 200, "valid", seeds, 4), 2);
    ck_assert_int_eq(seeds[0], 777);
    ck_assert_int_eq(seeds[1], 999);
    ck_assert_uint_eq(table_seeds(table, "accuracy", "cifar10", 12, "test", seeds, 4), 0);
    ck_assert_ptr_eq(table_column(table, "accuracy", "cifar10", 200, "valid", 777),
                     table->values + table->rows);
    ck_assert_ptr_null(table_column(table, "accuracy", "cifar10", 200, "valid", 888));
    table_close(table);
}
END_TEST

START_TEST(what_is_not_there_is_told_with_what_is)
{
    struct table *table = open_good("good.h5");
    struct err err = {0};
    ck_assert(!table_mean(table, "accuracy", "cifar10", 12, "valid", NULL, &err));
    ck_assert_str_eq(err.text, "made-up has no valid accuracy on \"cifar10\" at 12 epochs; it has: "
                               "cifar10 at 200 epochs");
    err = (struct err){0};
    ck_assert(!table_mean(table, "epoch_time", "cifar10", 0, "", NULL, &err));
    ck_assert_str_eq(err.text, "made-up has no epoch_time on \"cifar10\"; it has: none");
    table_close(table);
}
END_TEST

/* Puts one byte into good.h5. */
static void put_byte(off_t at, int byte)
{
    FILE *file = fopen("good.h5", "r+b");
    ck_assert_int_eq(fseek(file, (long)at, at < 0 ? SEEK_END : SEEK_SET), 0);
    fputc(byte, file);
    fclose(file);
}

START_TEST(a_file_that_is_no_table_is_refused)
{
    ck_assert_str_eq(failure_of("missing.h5"), "missing.h5: No such file or directory");
    ck_assert(file_write("again.h5", "digits,arch\n", 12, NULL));
    ck_assert_str_eq(failure_of("again.h5"),
                     "again.h5: not a table: it does not begin with \"seki-table\"");
    ck_assert_str_eq(failure_of("."), ".: cannot be read: Is a directory");
}
END_TEST

START_TEST(another_version_is_refused)
{
    put_byte(sizeof(SCHEMA_NAME), '2');
    ck_assert_str_eq(failure_of("good.h5"),
                     "good.h5: a table of version 2, this program reads version 1");
}
END_TEST

START_TEST(a_truncated_table_is_refused)
{
    ck_assert_int_eq(truncate("good.h5", 200000), 0);
    ck_assert_str_eq(failure_of("good.h5"), "good.h5: truncated or grown: 199488 bytes after its "
                                            "seal, expected 287098");
    ck_assert_int_eq(truncate("good.h5", 100), 0);
    ck_assert_str_eq(failure_of("good.h5"), "good.h5: truncated within its seal");
}
END_TEST

START_TEST(an_altered_table_is_refused_wherever_it_was_altered)
{
    static const off_t places[] = {60, 300, 511, 512, 1000, 50000, 250000, -1};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        put_byte(places[i], 'x');
        ck_assert_str_eq(failure_of("good.h5"), places[i] == 511
                                                    ? "good.h5: its seal has no end"
                                                    : "good.h5: altered after it was sealed");
        struct table *table = make_table();
        ck_assert(table_write(table, "good.h5", NULL));
        table_close(table);
    }
}
END_TEST

/* Lets change() loose on the HDF5 in good.h5, and seals the file again. */
static void reseal(void (*change)(hid_t file))
{
    hid_t file = H5Fopen("good.h5", H5F_ACC_RDWR, H5P_DEFAULT);
    ck_assert_int_ge(file, 0);
    change(file);
    H5Fclose(file);
    ck_assert(userblock_write("good.h5", NULL));
}

static void forget_values(hid_t file)
{
    H5Ldelete(file, SCHEMA_VALUES, H5P_DEFAULT);
}

static void forget_benchmark(hid_t file)
{
    H5Adelete(file, "benchmark");
}

static void put_text(hid_t file, const char *name, char fill, size_t size)
{
    char text[TABLE_TEXT];
    memset(text, fill, sizeof(text));
    hid_t type = schema_text_type(size), scalar = H5Screate(H5S_SCALAR);
    H5Adelete(file, name);
    hid_t attribute = H5Acreate2(file, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT);
    if (fill)
        H5Awrite(attribute, type, text);
    H5Aclose(attribute);
    H5Sclose(scalar);
    H5Tclose(type);
}

static void forget_the_end_of_benchmark(hid_t file)
{
    put_text(file, "benchmark", 'x', TABLE_TEXT);
}

static void shorten_space(hid_t file)
{
    put_text(file, "space", 'x', 5);
}

static void blank_space(hid_t file)
{
    put_text(file, "space", '\0', TABLE_TEXT);
}

/* In place of name: a dataset of this type and shape, chunked where chunk is not NULL. */
static void replace(hid_t file, const char *name, hid_t type, int rank, const hsize_t *shape,
                    const hsize_t *chunk)
{
    hid_t plist = H5Pcreate(H5P_DATASET_CREATE), extent = H5Screate_simple(rank, shape, NULL);
    if (chunk) {
        H5Pset_chunk(plist, rank, chunk);
        H5Pset_deflate(plist, 9);
    }
    H5Ldelete(file, name, H5P_DEFAULT);
    hid_t data = H5Dcreate2(file, name, type, extent, H5P_DEFAULT, plist, H5P_DEFAULT);
    ck_assert_int_ge(data, 0);
    H5Dclose(data);
    H5Sclose(extent);
    H5Pclose(plist);
}

static void values_of_other_shape(hid_t file)
{
    replace(file, SCHEMA_VALUES, H5T_IEEE_F32LE, 2, (hsize_t[]){3, 15624}, NULL);
}

static void values_of_double(hid_t file)
{
    replace(file, SCHEMA_VALUES, H5T_IEEE_F64LE, 2, (hsize_t[]){3, 15625}, NULL);
}

static void values_compressed(hid_t file)
{
    replace(file, SCHEMA_VALUES, H5T_IEEE_F32LE, 2, (hsize_t[]){3, 15625}, (hsize_t[]){3, 15625});
}

static void values_of_one_rank(hid_t file)
{
    replace(file, SCHEMA_VALUES, H5T_IEEE_F32LE, 1, (hsize_t[]){46875}, NULL);
}

static void too_many_columns(hid_t file)
{
    hid_t type = schema_column_type();
    replace(file, SCHEMA_COLUMNS, type, 1, (hsize_t[]){100000}, NULL);
    H5Tclose(type);
}

static void put_columns(hid_t file, const struct column *columns)
{
    hid_t type = schema_column_type(), data = H5Dopen2(file, SCHEMA_COLUMNS, H5P_DEFAULT);
    H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, columns);
    H5Dclose(data);
    H5Tclose(type);
}

static void columns_without_end(hid_t file)
{
    struct column columns[3];
    memset(columns, 'x', sizeof(columns));
    put_columns(file, columns);
}

static void columns_of_latin_1(hid_t file)
{
    const struct column columns[3] = {{.dataset = "caf\xe9"}};
    put_columns(file, columns);
}

static void columns_that_steer_a_terminal(hid_t file)
{
    const struct column columns[3] = {{.dataset = "cifar10"}, {.source = "\033[2J"}};
    put_columns(file, columns);
}

static void architectures_in_no_order(hid_t file)
{
    hid_t type = schema_text_type(6);
    replace(file, SCHEMA_ARCHITECTURES, type, 1, (hsize_t[]){15625}, NULL);
    H5Tclose(type);
}

static void too_few_architectures(hid_t file)
{
    hid_t type = schema_text_type(6);
    replace(file, SCHEMA_ARCHITECTURES, type, 1, (hsize_t[]){15}, NULL);
    H5Tclose(type);
}

#define NOT_PLAIN " is not a contiguous dataset of its type and rank in version 1"

static const struct {
    void (*change)(hid_t file);
    const char *sentence;
} resealed[] = {
    {forget_values, "good.h5: no dataset /values"},
    {forget_benchmark, "good.h5: no attribute \"benchmark\""},
    {forget_the_end_of_benchmark, "good.h5: attribute \"benchmark\" has no end"},
    {shorten_space, "good.h5: attribute \"space\" is not of its type in version 1"},
    {blank_space, "good.h5: space \"\" is not known"}, /* and which are: another test's */
    {values_of_other_shape, "good.h5: /values is 3 by 15624, expected 3 columns by 15625 rows"},
    {values_of_double, "good.h5: /values" NOT_PLAIN},
    {values_compressed, "good.h5: /values" NOT_PLAIN},
    {values_of_one_rank, "good.h5: /values" NOT_PLAIN},
    {too_many_columns, "good.h5: /columns has 100000 entries, expected 1 to 4096"},
    {columns_without_end, "good.h5: a text of column 0 has no end"},
    {columns_of_latin_1, "good.h5: a text of column 0 is not one line of UTF-8"},
    {columns_that_steer_a_terminal, "good.h5: a text of column 1 is not one line of UTF-8"},
    {architectures_in_no_order, "good.h5: /architectures is not in the order of nas-bench-201"},
    {too_few_architectures, "good.h5: /architectures has 15 rows, expected 15625"},
};

START_TEST(a_sealed_file_that_is_no_good_table_is_refused)
{
    reseal(resealed[_i].change);
    const char *found = failure_of("good.h5"), *known = strstr(found, " (known: ");
    char *sentence = mem_strndup(found, known ? (size_t)(known - found) : strlen(found));
    ck_assert_str_eq(sentence, resealed[_i].sentence);
    free(sentence);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("table");
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_test(files, what_is_written_is_read_back_with_its_gaps);
    tcase_add_test(files, the_same_table_gives_the_same_bytes_a_second_later);
    tcase_add_test(files, a_mean_is_over_the_seeds_that_were_measured);
    tcase_add_test(files, columns_and_seeds_are_found_by_what_they_measure);
    tcase_add_test(files, what_is_not_there_is_told_with_what_is);
    tcase_add_test(files, a_file_that_is_no_table_is_refused);
    tcase_add_test(files, another_version_is_refused);
    tcase_add_test(files, a_truncated_table_is_refused);
    tcase_add_test(files, an_altered_table_is_refused_wherever_it_was_altered);
    tcase_add_loop_test(files, a_sealed_file_that_is_no_good_table_is_refused, 0,
                        sizeof(resealed) / sizeof(resealed[0]));
    suite_add_tcase(suite, files);
    return suite_run(suite);
}
