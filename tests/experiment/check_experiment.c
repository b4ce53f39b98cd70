#include "experiment/experiment.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *folder; /* tests/experiment in the source tree */

static void setup(void)
{
    const char *source = getenv("srcdir");
    folder = file_join(source ? source : ".", "tests/experiment");
}

static void teardown(void)
{
    free(folder);
}

static struct experiment *open_good(const char *name)
{
    struct err err = {0};
    char *path = file_join(folder, name);
    struct experiment *experiment = experiment_open(path, &err);
    ck_assert_msg(experiment, "%s", err.text);
    free(path);
    return experiment;
}

static const struct cell *find_cell(const struct experiment *experiment, const char *id)
{
    for (size_t i = 0; i < experiment->cell_count; i++)
        if (strcmp(experiment->cells[i].id, id) == 0)
            return &experiment->cells[i];
    ck_abort_msg("no cell %s", id);
}

START_TEST(a_matrix_entry_is_merged_over_the_file)
{
    struct experiment *experiment = open_good("example.json");
    ck_assert_str_eq(experiment->name, "nb201-ablation");
    ck_assert_uint_eq(experiment->cell_count, 2);
    const struct cell *evolution = find_cell(experiment, "evolution");
    const struct cell *random = find_cell(experiment, "random");
    ck_assert_str_eq(evolution->strategy->name, "evolution");
    ck_assert_uint_eq(evolution->seed_count, 5);
    ck_assert_uint_eq(evolution->budget_evaluations, 50);
    ck_assert(isinf(evolution->budget_s) && !evolution->overrun);
    ck_assert_str_eq(random->strategy->name, "random");
    ck_assert_ptr_null(random->llm);
    ck_assert_ptr_null(json_object_get(random->resolved, "llm"));
    ck_assert_uint_eq(random->first_seed, 1);
    ck_assert_uint_eq(random->seed_count, 500);
    experiment_close(experiment);
}
END_TEST

/* Lines of text, with every mention of the folder taken out. */
static char *without_folder(const char *text)
{
    struct str out = {0};
    size_t length = strlen(folder);
    while (*text)
        if (strncmp(text, folder, length) == 0)
            text += length + 1;
        else
            str_add_char(&out, *text++);
    return str_steal(&out);
}

static void check_bad(const char *name)
{
    struct err err = {0};
    char *input = mem_printf("%s/bad/%s/input.json", folder, name);
    char *error = mem_printf("%s/bad/%s/error", folder, name);
    char *expected = file_read(error, 1 << 20, NULL, NULL);
    struct experiment *experiment = experiment_open(input, &err);
    ck_assert_msg(!experiment, "%s: was taken", name);
    char *found = without_folder(err.text);
    if (!expected || strncmp(found, expected, strlen(found)) != 0 ||
        strcmp(expected + strlen(found), "\n") != 0)
        ck_abort_msg("%s: found\n%s\nexpected\n%s", name, found, expected ? expected : "(no file)");
    free(found);
    free(expected);
    free(error);
    free(input);
}

START_TEST(each_bad_file_is_refused_with_its_exact_message)
{
    char *path = file_join(folder, "bad");
    DIR *bad = opendir(path);
    size_t count = 0;
    ck_assert_ptr_nonnull(bad);
    for (struct dirent *entry; (entry = readdir(bad));)
        if (entry->d_name[0] != '.') {
            check_bad(entry->d_name);
            count++;
        }
    ck_assert_uint_gt(count, 0);
    closedir(bad);
    free(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("experiment");
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_test(files, a_matrix_entry_is_merged_over_the_file);
    tcase_add_test(files, each_bad_file_is_refused_with_its_exact_message);
    suite_add_tcase(suite, files);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
