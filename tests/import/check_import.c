/* Import: good rows make a table, each bad row gets its sentence with file and line. */
#include "../suite.h"
#include "import/import.h"

#include "base/file.h"
#include "base/str.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROWS    "arch,metric,dataset,split,epochs,training_seed,device,value\n"
#define COLUMNS "metric,dataset,split,epochs,training_seed,device,unit,source,licence\n"
#define ANY     "accuracy,,,,,,percent,made up,none\n"

static const struct space *space;
static char folder[] = "seki-import-XXXXXX";

static void setup(void)
{
    space = space_find("nas-bench-201");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void teardown(void)
{
    unlink("rows.csv");
    unlink("columns.csv");
    ck_assert_int_eq(chdir(".."), 0);
    rmdir(folder);
}

static struct table *import(const char *columns, const char *rows, struct err *err)
{
    ck_assert(file_write("columns.csv", columns, strlen(columns), NULL));
    ck_assert(file_write("rows.csv", rows, strlen(rows), NULL));
    return import_read(space, "made-up", "columns.csv", "rows.csv", err);
}

static struct table *import_good(const char *columns, const char *rows)
{
    struct err err = {0};
    struct table *table = import(columns, rows, &err);
    ck_assert_msg(table != NULL, "%s", err.text);
    return table;
}

START_TEST(rows_become_cells_and_what_has_no_row_is_nan)
{
    struct table *table = import_good(
        COLUMNS "epoch_time,,,,,,s,\"timed, \"\"twice\"\"\",none\r\n" ANY,
        ROWS "421211,accuracy,cifar10,valid,200,777,,82.25\n\n"
             "|none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|,accuracy,cifar10,valid,200,"
             "777,,9.5\n"
             "421211,accuracy,cifar10,valid,200,777,,82.25\r\n"
             "421211,epoch_time,cifar10,,,mean,gpu,7.5");
    ck_assert_uint_eq(table->column_count, 2);
    ck_assert_str_eq(table->columns[0].metric, "epoch_time");
    ck_assert_str_eq(table->columns[0].source, "timed, \"twice\"");
    ck_assert_str_eq(table->columns[0].device, "gpu");
    ck_assert_int_eq(table->columns[0].epochs, 0);
    ck_assert_int_eq(table->columns[0].training_seed, TABLE_SEED_MEAN);
    ck_assert_int_eq(table->columns[1].training_seed, 777);
    ck_assert_str_eq(table->columns[1].unit, "percent");
    struct arch arch;
    ck_assert(space_read(space, "421211", &arch, NULL));
    const float *accuracy = table->values + table->rows;
    ck_assert_float_eq(accuracy[space_index(space, &arch)], 82.25F);
    ck_assert_float_eq(accuracy[1], 9.5F);
    ck_assert(isnan(accuracy[0]));
    table_close(table);
}
END_TEST

START_TEST(the_order_of_the_rows_does_not_matter)
{
    static const char columns[] = COLUMNS "accuracy,,valid,,,,percent,first,none\n"
                                          "accuracy,cifar10,,,,,percent,second,none\n" ANY;
    struct table *one = import_good(columns, ROWS "000000,accuracy,cifar100,test,12,mean,,5\n"
                                                  "000000,accuracy,cifar10,test,12,888,,4\n"
                                                  "000000,accuracy,cifar10,test,12,777,,3\n"
                                                  "000000,accuracy,cifar10,valid,200,777,,2\n"
                                                  "000000,accuracy,cifar10,valid,12,777,,1\n");
    struct table *other = import_good(columns, ROWS "000000,accuracy,cifar10,test,12,777,,3\n"
                                                    "000000,accuracy,cifar10,valid,12,777,,1\n"
                                                    "000000,accuracy,cifar10,valid,200,777,,2\n"
                                                    "000000,accuracy,cifar100,test,12,mean,,5\n"
                                                    "000000,accuracy,cifar10,test,12,888,,4\n");
    for (size_t i = 0; i < 5; i++) {
        ck_assert_float_eq(one->values[i * one->rows], (float)(i + 1));
        ck_assert_mem_eq(&one->columns[i], &other->columns[i], sizeof(one->columns[i]));
    }
    ck_assert_mem_eq(one->values, other->values, 5 * one->rows * sizeof(*one->values));
    ck_assert_str_eq(one->columns[4].source, "made up");
    table_close(one);
    table_close(other);
}
END_TEST

static const struct {
    const char *columns, *rows, *sentence;
} bad[] = {
    {COLUMNS ANY, "",
     "rows.csv:1: the header is \"\", expected "
     "\"arch,metric,dataset,split,epochs,training_seed,device,value\""},
    {COLUMNS ANY, "arch,value\n",
     "rows.csv:1: the header is \"arch,value\", expected "
     "\"arch,metric,dataset,split,epochs,training_seed,device,value\""},
    {COLUMNS ANY, ROWS, "rows.csv: no measurements after the header"},
    {COLUMNS ANY, ROWS "421211,accuracy,cifar10,valid,200,777,82.25\n",
     "rows.csv:2: 7 fields, expected 8"},
    {COLUMNS ANY, ROWS "421211,accuracy,cifar10,valid,200,777,,82.25,\n",
     "rows.csv:2: 9 fields, expected 8"},
    {COLUMNS ANY,
     ROWS "421211,accuracy,cifar10,valid,200,777,,1\n"
          "421215,accuracy,cifar10,valid,200,777,,1\n",
     "rows.csv:3: 421215: digit 6 is '5', expected 0 to 4"},
    {COLUMNS ANY, ROWS "421211,accuracy,cifar10,valid,zwei,777,,1\n",
     "rows.csv:2: epochs is \"zwei\", expected a whole number from 1, or nothing"},
    {COLUMNS ANY, ROWS "421211,accuracy,cifar10,valid,200,0,,1\n",
     "rows.csv:2: training_seed is \"0\", expected a whole number from 1, or \"mean\""},
    {COLUMNS ANY, ROWS "421211,accuracy,cifar10,valid,200,99999999999999999999,,1\n",
     "rows.csv:2: training_seed is \"99999999999999999999\", expected a whole number from 1, or "
     "\"mean\""},
    {COLUMNS ANY, ROWS "421211,accuracy,cifar10,valid,200,777,,8o\n",
     "rows.csv:2: value is \"8o\", expected a finite number (what was not measured has no row)"},
    {COLUMNS ANY, ROWS "421211,accuracy,cifar10,valid,200,777,,\n",
     "rows.csv:2: value is \"\", expected a finite number (what was not measured has no row)"},
    {COLUMNS ANY, ROWS "421211,accuracy,cifar10,valid,200,777,,nan\n",
     "rows.csv:2: value is \"nan\", expected a finite number (what was not measured has no row)"},
    {COLUMNS ANY, ROWS "421211,accuracy,cifar10,valid,200,777,,1e39\n",
     "rows.csv:2: value is \"1e39\", expected a finite number (what was not measured has no row)"},
    {COLUMNS ANY, ROWS "421211,accuracy,cifar10,valid,200,777,,100.5\n",
     "rows.csv:2: value is 100.5, expected percent from 0 to 100"},
    {COLUMNS ANY, ROWS "421211,accuracy,cifar10,valid,200,777,,-1\n",
     "rows.csv:2: value is -1, expected percent from 0 to 100"},
    {COLUMNS ANY,
     ROWS "421211,accuracy,cifar10,valid,200,777,,82\n"
          "421211,accuracy,cifar10,valid,200,777,,82.5\n",
     "rows.csv:3: value is 82.5, an earlier row for it said 82"},
    {COLUMNS ANY, ROWS "421211,\"accuracy,cifar10,valid,200,777,,82\n",
     "rows.csv:2: field 2: a quote that does not end the field"},
    {COLUMNS ANY, ROWS "421211,\"accuracy\"x,cifar10,valid,200,777,,82\n",
     "rows.csv:2: field 2: a quote that does not end the field"},
    {COLUMNS ANY,
     ROWS "421211,0123456789012345678901234567890123456789012345678901234567890123,,,,,,1\n",
     "rows.csv:2: metric has 64 bytes, expected at most 63"},
    {COLUMNS ANY, ROWS "421211,accuracy,caf\xe9,valid,200,777,,82\n",
     "rows.csv:2: dataset is \"caf?\", expected one line of UTF-8"},
    {COLUMNS "accuracy,,,,,,percent,\033[2J,none\n", ROWS,
     "columns.csv:2: source is \"?[2J\", expected one line of UTF-8"},
    {COLUMNS ANY, ROWS "421211,acuracy,cifar10,valid,200,777,,82\n",
     "rows.csv:2: metric \"acuracy\", dataset \"cifar10\", split \"valid\", epochs 200, "
     "training_seed 777, device \"\": columns.csv declares no such column"},
    {COLUMNS ANY "loss,,,,,,,made up,none\n", ROWS "421211,accuracy,cifar10,valid,200,777,,82\n",
     "columns.csv:3: no measurement belongs to this declaration"},
    {COLUMNS "accuracy,,,,,,percent,,none\n", ROWS,
     "columns.csv:2: field 8 is empty, expected metric, source and licence"},
    {COLUMNS "accuracy,,,,,,percent\n", ROWS, "columns.csv:2: 7 fields, expected 9"},
    {COLUMNS "accuracy,,,0,,,percent,made up,none\n", ROWS,
     "columns.csv:2: epochs is \"0\", expected a whole number from 1, or nothing"},
};

START_TEST(a_bad_row_is_told_with_file_and_line)
{
    struct err err = {0};
    ck_assert_ptr_null(import(bad[_i].columns, bad[_i].rows, &err));
    ck_assert_str_eq(err.text, bad[_i].sentence);
}
END_TEST

START_TEST(a_missing_file_and_a_zero_byte_are_told)
{
    static const char zero[] = ROWS "421211,accuracy\0,cifar10,valid,200,777,,1\n";
    struct err err = {0};
    ck_assert_ptr_null(import_read(space, "made-up", "columns.csv", "rows.csv", &err));
    ck_assert_str_eq(err.text, "columns.csv: No such file or directory");
    ck_assert(file_write("columns.csv", COLUMNS ANY, strlen(COLUMNS ANY), NULL));
    ck_assert(file_write("rows.csv", zero, sizeof(zero) - 1, NULL));
    err = (struct err){0};
    ck_assert_ptr_null(import_read(space, "made-up", "columns.csv", "rows.csv", &err));
    ck_assert_str_eq(err.text, "rows.csv: holds a zero byte, expected text");
    err = (struct err){0};
    ck_assert_ptr_null(import_read(space, "", "columns.csv", "rows.csv", &err));
    ck_assert_str_eq(err.text, "the benchmark's name \"\" must have 1 to 63 bytes");
    err = (struct err){0};
    ck_assert_ptr_null(import_read(space, "a\nb", "columns.csv", "rows.csv", &err));
    ck_assert_str_eq(err.text, "the benchmark's name \"a\nb\" must be one line of UTF-8");
}
END_TEST

START_TEST(more_columns_than_a_table_may_have_are_told)
{
    struct err err = {0};
    struct str rows = {0};
    space = space_find("transnas-bench-101"); /* it is small, and so are columns */
    str_add(&rows, ROWS);
    for (int i = 1; i <= TABLE_COLUMNS_MAX + 1; i++)
        str_addf(&rows, "000000,accuracy,cifar10,valid,%d,777,,82\n", i);
    ck_assert_ptr_null(import(COLUMNS ANY, rows.text, &err));
    ck_assert_str_eq(err.text, "rows.csv:4098: found one more column, expected at most 4096");
    str_free(&rows);
}
END_TEST

START_TEST(a_space_too_large_for_a_table_is_told)
{
    struct err err = {0};
    const struct space *darts = space_find("darts");
    ck_assert_ptr_null(import_read(darts, "made-up", "columns.csv", "rows.csv", &err));
    ck_assert_str_eq(err.text, "darts has 1076746950455072400 architectures, expected at most "
                               "4194304 for a table");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("import");
    TCase *csv = tcase_create("csv");
    tcase_add_checked_fixture(csv, setup, teardown);
    tcase_add_test(csv, rows_become_cells_and_what_has_no_row_is_nan);
    tcase_add_test(csv, the_order_of_the_rows_does_not_matter);
    tcase_add_loop_test(csv, a_bad_row_is_told_with_file_and_line, 0, sizeof(bad) / sizeof(bad[0]));
    tcase_add_test(csv, a_missing_file_and_a_zero_byte_are_told);
    tcase_add_test(csv, a_space_too_large_for_a_table_is_told);
    suite_add_tcase(suite, csv);
    TCase *large = tcase_create("large");
    tcase_set_timeout(large, 60);
    tcase_add_checked_fixture(large, setup, teardown);
    tcase_add_test(large, more_columns_than_a_table_may_have_are_told);
    suite_add_tcase(suite, large);
    return suite_run(suite);
}
