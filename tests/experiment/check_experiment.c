#include "../suite.h"
#include "experiment/experiment.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "experiment/registry.h"

#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    const struct cell *seki = find_cell(experiment, "seki");
    const struct cell *random = find_cell(experiment, "random");
    ck_assert_str_eq(seki->strategy->name, "seki");
    ck_assert_str_eq(seki->llm->name, "http");
    ck_assert_uint_eq(seki->seed_count, 5);
    ck_assert_uint_eq(seki->budget_evaluations, 50);
    ck_assert(isinf(seki->budget_s) && !seki->overrun);
    ck_assert_str_eq(random->strategy->name, "random");
    ck_assert_ptr_null(random->llm);
    ck_assert_ptr_null(json_object_get(random->resolved, "llm"));
    ck_assert_uint_eq(random->first_seed, 1);
    ck_assert_uint_eq(random->seed_count, 500);
    experiment_close(experiment);
}
END_TEST

START_TEST(a_patch_merges_replaces_and_takes_away)
{
    struct experiment *experiment = open_good("merging.json");
    ck_assert_uint_eq(experiment->cell_count, 6);
    for (size_t i = 0; i < experiment->cell_count; i++) {
        static const char *const ids[] = {"kept+a",    "kept+b",  "changed+a",
                                          "changed+b", "other+a", "other+b"};
        ck_assert_str_eq(experiment->cells[i].id, ids[i]);
    }
    const struct cell *kept = find_cell(experiment, "kept+a");
    ck_assert_int_eq(option_integer(kept->strategy_settings, "population"), 20);
    ck_assert_int_eq(option_integer(kept->strategy_settings, "tournament"), 5);
    const struct cell *changed = find_cell(experiment, "changed+a");
    ck_assert_int_eq(option_integer(changed->strategy_settings, "population"), 30);
    ck_assert_int_eq(option_integer(changed->strategy_settings, "tournament"), 3); /* null */
    const struct cell *other = find_cell(experiment, "other+b");
    ck_assert_str_eq(other->strategy->name, "local");
    ck_assert_ptr_null(json_object_get(other->strategy_settings, "population"));
    ck_assert_uint_eq(other->budget_evaluations, 0);
    ck_assert_double_eq(other->budget_s, 12000);
    ck_assert(other->overrun);
    ck_assert_str_eq(option_text(other->labels, "method"), "other");
    ck_assert_str_eq(option_text(other->labels, "budget"), "b");
    experiment_close(experiment);
}
END_TEST

START_TEST(a_report_is_by_default_of_what_the_oracle_sees)
{
    struct experiment *experiment = open_good("merging.json");
    ck_assert_str_eq(find_cell(experiment, "kept+a")->oracle->name, "table");
    const json_t *report = json_object_get(experiment->cells[0].resolved, "report");
    json_t *expected = json_pack("{s:[], s:[s], s:i, s:s, s:b}", "at", "datasets", "cifar100",
                                 "epochs", 12, "at_epoch", "final", "parents", 0);
    ck_assert(json_equal(report, expected));
    json_decref(expected);
    experiment_close(experiment);
}
END_TEST

START_TEST(without_a_matrix_there_is_one_cell)
{
    struct experiment *experiment = open_good("single.json");
    ck_assert_uint_eq(experiment->cell_count, 1);
    ck_assert_str_eq(experiment->cells[0].id, "all");
    ck_assert_uint_eq(json_object_size(experiment->cells[0].labels), 0);
    experiment_close(experiment);
}
END_TEST

START_TEST(each_experiment_that_is_shipped_can_be_run)
{
    static const char *const names[] = {"nb201-ablation", "nb201-baselines",
                                        "nb201-paper-protocol"};
    char *name = mem_printf("../../experiments/%s.json", names[_i]);
    struct experiment *experiment = open_good(name);
    ck_assert_str_eq(experiment->name, names[_i]);
    experiment_close(experiment);
    free(name);
}
END_TEST

/* A thousand cells that all have the same faults. */
START_TEST(many_cells_with_one_fault_say_it_once)
{
    struct str text = {0};
    struct err err = {0};
    char path[] = "check_experiment.XXXXXX";
    str_add(&text, "{\"seki\":1,\"name\":\"x\",\"title\":\"x\",\"strategy\":{\"type\":\"randm\"},"
                   "\"matrix\":{\"a\":[");
    for (int i = 0; i < 1000; i++)
        str_addf(&text, "%s{\"label\":\"%d\",\"seeds\":{\"first\":%d,%300s\"count\":5}}",
                 i ? "," : "", i, i, "");
    str_add(&text, "]}}");
    int file = mkstemp(path);
    ck_assert_int_eq(write(file, text.text, text.length), (ssize_t)text.length);
    ck_assert_ptr_null(experiment_open(path, &err));
    unlink(path);
    close(file);
    str_free(&text);
    size_t lines = 1;
    for (const char *c = err.text; *c; c++)
        lines += *c == '\n';
    ck_assert_uint_eq(lines, 4); /* space, oracle, strategy/type, budget */
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

/* "a|b|c"; the caller frees. */
static char *names_of(const struct registry *registry)
{
    struct str names = {0};
    struct registered type;
    for (size_t i = 0; registry->type_at(i, &type); i++)
        str_addf(&names, "%s%s", i ? "|" : "", type.name);
    return str_steal(&names);
}

static char *names_of_spaces(void)
{
    struct str names = {0};
    for (size_t i = 0; space_at(i); i++)
        str_addf(&names, "%s%s", i ? "|" : "", space_at(i)->name);
    return str_steal(&names);
}

/* The file "error" of a folder, with the names of all there are in place of {{spaces}} and the
 * like, so that one more changes no file; the caller frees. */
static char *expected_error(const char *name)
{
    char *path = mem_printf("%s/bad/%s/error", folder, name);
    char *text = file_read(path, 1 << 20, NULL, NULL);
    char *spaces = names_of_spaces(), *oracles = names_of(&registry_oracles);
    char *strategies = names_of(&registry_strategies), *tables = names_of(&registry_tables);
    char *figures = names_of(&registry_figures);
    const struct str_value values[] = {{"spaces", spaces},         {"oracles", oracles},
                                       {"strategies", strategies}, {"tables", tables},
                                       {"figures", figures},       {0}};
    struct str filled = {0};
    ck_assert_msg(text, "%s: not there", path);
    str_add_filled(&filled, text, values);
    free(figures);
    free(tables);
    free(strategies);
    free(oracles);
    free(spaces);
    free(text);
    free(path);
    return str_steal(&filled);
}

static void check_bad(const char *name)
{
    struct err err = {0};
    char *input = mem_printf("%s/bad/%s/input.json", folder, name);
    char *expected = expected_error(name);
    struct experiment *experiment = experiment_open(input, &err);
    ck_assert_msg(!experiment, "%s: was taken", name);
    char *found = without_folder(err.text);
    ck_assert_msg(strcmp(found, expected) == 0, "%s: found\n%s\nexpected\n%s", name, found,
                  expected);
    free(found);
    free(expected);
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

/* Logs, prompts and tables name it. */
START_TEST(each_oracle_says_which_data_set_it_answers_for)
{
    struct registered type;
    for (size_t i = 0; registry_oracles.type_at(i, &type); i++) {
        const struct option *row = type.options;
        while (row->key && strcmp(row->key, "dataset") != 0)
            row++;
        ck_assert_msg(row->key != NULL, "oracle %s has no option \"dataset\"", type.name);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("experiment");
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_test(files, a_matrix_entry_is_merged_over_the_file);
    tcase_add_test(files, a_patch_merges_replaces_and_takes_away);
    tcase_add_test(files, a_report_is_by_default_of_what_the_oracle_sees);
    tcase_add_test(files, without_a_matrix_there_is_one_cell);
    tcase_add_loop_test(files, each_experiment_that_is_shipped_can_be_run, 0, 3);
    tcase_add_test(files, many_cells_with_one_fault_say_it_once);
    tcase_add_test(files, each_bad_file_is_refused_with_its_exact_message);
    tcase_add_test(files, each_oracle_says_which_data_set_it_answers_for);
    suite_add_tcase(suite, files);
    return suite_run(suite);
}
