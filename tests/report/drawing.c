#include "drawing.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "report/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char home[] = "report-XXXXXX"; /* what a failing test leaves in it goes with it */
char folder[64];
json_t *study;
const size_t *planned;

static char *source(const char *name)
{
    return mem_printf("%s/tests/report/%s", getenv("srcdir"), name);
}

char *read_source(const char *name)
{
    char *path = source(name), *text = file_read(path, FILE_CEILING, NULL, NULL);
    ck_assert_msg(text != NULL, "%s", path);
    free(path);
    return text;
}

void place_text(const char *text, const char *place)
{
    char *path = mem_printf("%s/%s", folder, place);
    ck_assert(file_write(path, text, strlen(text), NULL));
    free(path);
}

void place_log(const char *log, const char *place)
{
    char *name = mem_printf("logs/%s", log), *text = read_source(name);
    place_text(text, place);
    free(name);
    free(text);
}

char *exchange(char *text, const char *old, const char *new)
{
    char *at = strstr(text, old);
    ck_assert_msg(at != NULL, "%s", old);
    char *changed = mem_printf("%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    free(text);
    return changed;
}

void place_log_as(const char *log, const char *id, const char *labels)
{
    char *name = mem_printf("logs/%s.jsonl", log), *text = read_source(name);
    char *old = mem_printf("\"cell\":\"%s\",\"labels\":{\"method\":\"%s\"}", log, log);
    char *new = mem_printf("\"cell\":\"%s\",\"labels\":%s", id, labels);
    char *place = mem_printf("study/%s/runs.jsonl.zst", id);
    text = exchange(text, old, new);
    place_text(text, place);
    free(place);
    free(new);
    free(old);
    free(text);
    free(name);
}

static void make_folder(void)
{
    planned = NULL;
    char *path = source("study.json");
    snprintf(folder, sizeof(folder), "%s/XXXXXX", home);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    study = json_load_file(path, 0, NULL);
    ck_assert_ptr_nonnull(study);
    free(path);
    place_log("seki.s1.jsonl", "study/seki.s1/run.jsonl");
    place_log("seki.s2.jsonl", "study/seki.s2/run.jsonl");
    place_log("seki.s3.jsonl", "study/seki.s3/run.jsonl");
    place_log("rules.s1.jsonl", "study/rules.s1/run.jsonl");
    place_log("broken.s1.jsonl", "study/broken.s1/run.jsonl");
    place_log("random.jsonl", "study/random/runs.jsonl.zst");
    place_log("mutation.jsonl", "study/mutation/runs.jsonl.zst");
}

static void forget_study(void)
{
    json_decref(study);
}

static bool remove_home(void)
{
    char *command = mem_printf("rm -r '%s'", home);
    bool ok = system(command) == 0;
    free(command);
    return ok;
}

static json_t *resolve_one(const json_t *given, const struct report_type *type)
{
    struct faults faults = {0};
    json_t *own = json_copy((json_t *)(uintptr_t)given);
    for (const struct option *row = report_common_options; row->key; row++)
        json_object_del(own, row->key);
    json_t *settings = option_resolve(type->options, own, "", &faults);
    ck_assert_msg(!faults.count, "%s", faults.count ? faults.list[0] : "");
    json_object_update_missing(settings, (json_t *)(uintptr_t)given);
    json_decref(own);
    return settings;
}

static json_t *resolve(const char *key, const struct report_type *(*type_find)(const char *name))
{
    json_t *list = json_array(), *given;
    size_t i;
    json_array_foreach(json_object_get(study, key), i, given)
    {
        const struct report_type *type = type_find(option_text(given, "type"));
        ck_assert_ptr_nonnull(type);
        json_array_append_new(list, resolve_one(given, type));
    }
    return list;
}

bool draw_into(struct document *document, struct err *err)
{
    const json_t *cells = json_object_get(study, "cells"), *resolved[8];
    const char *ids[8];
    char *logs = mem_printf("%s/study", folder), *tables = mem_printf("%s/tables", folder);
    char *figures = mem_printf("%s/figures", folder);
    json_t *resolved_tables = resolve("tables", report_table_find);
    json_t *resolved_figures = resolve("figures", report_figure_find);
    for (size_t i = 0; i < json_array_size(cells); i++) {
        ids[i] = json_string_value(json_array_get(cells, i));
        resolved[i] = study;
    }
    struct report_request request = {
        .experiment = "study",
        .title = "100 % <of> \"R&D\", λ {_}",
        .logs = logs,
        .transcripts = folder,
        .resolved = resolved,
        .planned = planned,
        .cells = ids,
        .cell_count = json_array_size(cells),
        .tables = resolved_tables,
        .figures = resolved_figures,
        .table_folder = tables,
        .figure_folder = figures,
        .document = document,
    };
    bool ok = report_write(&request, err);
    json_decref(resolved_tables);
    json_decref(resolved_figures);
    free(logs);
    free(tables);
    free(figures);
    return ok;
}

bool draw(struct err *err)
{
    return draw_into(NULL, err);
}

TCase *drawing_case(const char *name)
{
    TCase *drawing = tcase_create(name);
    tcase_set_timeout(drawing, 60); /* gnuplot, six times three drawings */
    tcase_add_checked_fixture(drawing, make_folder, forget_study);
    return drawing;
}

int drawing_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    if (!mkdtemp(home))
        return EXIT_FAILURE;
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed || !remove_home() ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* text with the folder's name written as FOLDER. The caller frees. */
static char *without_folder(const char *text)
{
    struct str out = {0};
    for (const char *mark; (mark = strstr(text, folder)); text = mark + strlen(folder)) {
        str_add_bytes(&out, text, (size_t)(mark - text));
        str_add(&out, "FOLDER");
    }
    str_add(&out, text);
    return str_steal(&out);
}

void ask_for(const char *key, const char *drawing)
{
    json_t *settings = json_loads(drawing, 0, NULL);
    ck_assert_msg(settings != NULL, "%s", drawing);
    json_object_set_new(study, "tables", json_array());
    json_object_set_new(study, "figures", json_array());
    json_object_set_new(study, key, json_pack("[o]", settings));
}

void refuses_drawing(const char *key, const char *drawing, const char *expected)
{
    struct err err = {0};
    ask_for(key, drawing);
    ck_assert(!draw(&err));
    char *found = without_folder(err.text);
    ck_assert_str_eq(found, expected);
    free(found);
}

char *written(const char *results, const char *name, const char *ending)
{
    char *path = mem_printf("%s/%s/%s.%s", folder, results, name, ending);
    char *text = file_read(path, FILE_CEILING, NULL, NULL);
    free(path);
    return text;
}
