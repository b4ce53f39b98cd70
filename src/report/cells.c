#include "report/cells.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#include <ctype.h>
#include <dirent.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add_limit(struct str *text, const json_t *experiment, const char *key, const char *unit,
                      const char *plural)
{
    double limit = option_real(json_object_get(experiment, "budget"), key);
    if (limit > 0)
        str_addf(text, "%s%.15g %s%s", text->length ? " or " : "", limit, unit,
                 limit == 1 ? "" : plural);
}

static char *budget_text(const json_t *experiment)
{
    struct str text = {0};
    const char *currency = option_text(json_object_get(experiment, "llm"), "currency");
    add_limit(&text, experiment, "evaluations", "evaluation", "s");
    add_limit(&text, experiment, "seconds", "s", "");
    if (json_object_get(experiment, "llm")) {
        add_limit(&text, experiment, "max_tokens_total", "token", "s");
        add_limit(&text, experiment, "max_cost", currency ? currency : "", "");
    }
    return str_steal(&text);
}

/* What all logs of a cell say alike is taken from the first. */
static void describe(struct cell_runs *cell, const struct runlog *log)
{
    cell->strategy = log->strategy;
    cell->space = option_text(log->experiment, "space");
    cell->dataset = log->dataset;
    cell->labels = log->labels;
    cell->budget = budget_text(log->experiment);
    cell->source = "measured";
    cell->metric = log->metric;
    cell->report_metric = log->report_metric;
    cell->search_optimum = log->search_optimum;
    cell->planned = (size_t)option_integer(json_object_get(log->experiment, "seeds"), "count");
    cell->scripted = option_is(json_object_get(log->experiment, "llm"), "type", "scripted");
}

/* Runs may be added to a study later, so the seeds may differ; nothing else. */
static bool same_experiment(const json_t *a, const json_t *b)
{
    json_t *left = json_copy((json_t *)(uintptr_t)a), *right = json_copy((json_t *)(uintptr_t)b);
    json_object_del(left, "seeds");
    json_object_del(right, "seeds");
    bool same = json_equal(left, right);
    json_decref(left);
    json_decref(right);
    return same;
}

static bool check_log(const struct cell_runs *cell, const struct runlog *log, struct err *err)
{
    if (strcmp(log->cell, cell->id) != 0)
        return err_set(err, ERR_INPUT, "%s:1: cell: found \"%s\", expected \"%s\"", log->path,
                       log->cell, cell->id);
    if (cell->log_count && !same_experiment(log->experiment, cell->logs[0].experiment))
        return err_set(err, ERR_INPUT,
                       "%s:1: experiment: found another than that of %s, expected all runs of a "
                       "cell to be of one experiment",
                       log->path, cell->logs[0].path);
    return true;
}

/* No seed may count twice. */
static bool check_seeds(const struct cell_runs *cell, const struct runlog *log, struct err *err)
{
    for (size_t i = 0; i < log->run_count; i++)
        for (size_t j = 0; j < cell->run_count; j++)
            if (log->runs[i].seed == cell->runs[j]->seed)
                return err_set(err, ERR_INPUT, "%s: seed %zu of %s has another log beside this one",
                               log->path, log->runs[i].seed, cell->id);
    return true;
}

static void take_runs(struct cell_runs *cell, const struct runlog *log)
{
    for (size_t i = 0; i < log->run_count; i++) {
        const struct logged_run *run = &log->runs[i];
        if (run->failure && !cell->failure)
            cell->failure = run->failure;
        if (!run->finished)
            continue;
        MEM_GROW(cell->runs, cell->run_count, cell->run_capacity);
        cell->runs[cell->run_count++] = run;
        cell->asks_llm = cell->asks_llm || run->calls;
        if (run->calls && !cell->scripted && !log->transcript)
            cell->source = "replayed";
        else if (run->stored && strcmp(cell->source, "measured") == 0)
            cell->source = "stored";
    }
}

/* Reads the log at path, which it frees, if there is one. */
static bool read_log(struct cell_runs *cell, char *path, struct err *err)
{
    struct runlog log;
    bool there = file_exists(path), ok = !there || reader_read(path, &log, err);
    free(path);
    if (!there || !ok)
        return ok;
    if (!check_log(cell, &log, err) || !check_seeds(cell, &log, err)) {
        reader_free(&log);
        return false;
    }
    if (!cell->log_count)
        describe(cell, &log);
    MEM_GROW(cell->logs, cell->log_count, cell->log_capacity);
    cell->logs[cell->log_count++] = log;
    take_runs(cell, &log); /* the runs stay where they are when logs move */
    return true;
}

/* Whether a folder is that of a run of the cell: "<id>.s<seed>". */
static bool is_run_of(const char *folder, const char *id)
{
    size_t length = strlen(id);
    if (strncmp(folder, id, length) != 0 || strncmp(folder + length, ".s", 2) != 0)
        return false;
    const char *seed = folder + length + 2;
    return *seed && strspn(seed, "0123456789") == strlen(seed);
}

static bool read_cell(const char *logs, struct dirent *const *folders, int folder_count,
                      struct cell_runs *cell, struct err *err)
{
    if (!read_log(cell, mem_printf("%s/%s/runs.jsonl.zst", logs, cell->id), err))
        return false;
    for (int i = 0; i < folder_count; i++)
        if (is_run_of(folders[i]->d_name, cell->id) &&
            !read_log(cell, mem_printf("%s/%s/run.jsonl", logs, folders[i]->d_name), err))
            return false;
    return true;
}

bool cells_read(const struct report_request *request, struct report *report, struct err *err)
{
    struct dirent **folders = NULL;
    int count = scandir(request->logs, &folders, NULL, versionsort); /* seeds as numbers */
    bool ok = true;
    *report = (struct report){.request = request, .cell_count = request->cell_count};
    report->cells = mem_alloc(request->cell_count + 1, sizeof(*report->cells));
    for (size_t i = 0; i < request->cell_count; i++) {
        report->cells[i].id = request->cells[i];
        report->cells[i].search_optimum = NAN;
        ok = ok && read_cell(request->logs, folders, count, &report->cells[i], err);
        if (request->planned)
            report->cells[i].planned = request->planned[i];
    }
    for (int i = 0; i < count; i++)
        free(folders[i]);
    free(folders);
    if (!ok)
        cells_free(report);
    return ok;
}

void cells_free(struct report *report)
{
    for (size_t i = 0; i < report->cell_count; i++) {
        struct cell_runs *cell = &report->cells[i];
        for (size_t j = 0; j < cell->log_count; j++)
            reader_free(&cell->logs[j]);
        free(cell->logs);
        free(cell->runs);
        free(cell->budget);
    }
    free(report->cells);
    *report = (struct report){0};
}

bool cells_fit(const char *id, const char *patterns)
{
    bool fits = false;
    for (const char *at = patterns; !fits; at++) {
        size_t length = strcspn(at, "|");
        char *pattern = mem_strndup(at, length);
        fits = fnmatch(pattern, id, 0) == 0;
        free(pattern);
        at += length;
        if (!*at)
            break;
    }
    return fits;
}

const struct cell_runs **cells_select(const struct report *report, const json_t *settings,
                                      struct err *err)
{
    const char *patterns = option_text(settings, "cells");
    const struct cell_runs **chosen = mem_alloc(report->cell_count + 1, sizeof(struct cell_runs *));
    size_t count = 0;
    for (size_t i = 0; i < report->cell_count; i++)
        if (cells_fit(report->cells[i].id, patterns))
            chosen[count++] = &report->cells[i];
    if (count)
        return chosen;
    err_set(err, ERR_INPUT, "%s: cells: found \"%s\", which fits no cell; the first is \"%s\"",
            option_text(settings, "name"), patterns, report->cell_count ? report->cells[0].id : "");
    free(chosen);
    return NULL;
}

char *cells_label(const struct cell_runs *cell, const char *axis, const char *left_out)
{
    struct str text = {0};
    const char *key, *at_axis = axis ? option_text(cell->labels, axis) : NULL;
    json_t *label;
    if (at_axis)
        str_add(&text, at_axis);
    else
        json_object_foreach((json_t *)(uintptr_t)cell->labels, key, label)
        {
            if (!left_out || strcmp(key, left_out) != 0)
                str_addf(&text, "%s%s", text.length ? "+" : "", json_string_value(label));
        }
    if (!text.length)
        str_add(&text, cell->strategy ? cell->strategy : cell->id);
    if (cell->scripted && cell->asks_llm)
        str_add(&text, " (scripted)");
    return str_steal(&text);
}

char *cells_spent(const struct cell_runs *cell, size_t at)
{
    return at ? mem_printf("%zu evaluation%s", at, at == 1 ? "" : "s") : mem_strdup(cell->budget);
}

const char *cells_model(const struct cell_runs *cell)
{
    return cell->asks_llm ? option_text(json_object_get(cell->logs[0].experiment, "llm"), "model")
                          : NULL;
}

char *cells_reason(const struct cell_runs *cell)
{
    if (!cell->log_count)
        return mem_strdup("no run log; seki run makes it");
    return mem_printf("0 of %zu runs finished%s%s", cell->planned, cell->failure ? ": " : "",
                      cell->failure ? cell->failure : "");
}

static double score_on(const struct logged_score *score, const char *split)
{
    return strcmp(split, "valid") == 0 ? score->valid_score : score->test_score;
}

static bool read_score(const struct cell_runs *cell, const struct logged_run *run,
                       const char *dataset, const char *split, size_t at, double *score,
                       struct err *err)
{
    const struct logged_answer *answer = reader_answer(run, at);
    *score = NAN;
    if (!answer)
        return err_set(err, ERR_INPUT,
                       "%s, seed %zu: no answer after %zu evaluations in its log, which holds %zu; "
                       "expected one of the experiment's report.at",
                       cell->id, run->seed, at, run->step_count);
    if (!answer->arch)
        return true; /* not one valid architecture yet */
    const struct logged_score *found = reader_score(answer, dataset);
    if (!found)
        return err_set(err, ERR_INPUT,
                       "%s, seed %zu: no score on %s in its log, expected it among the "
                       "experiment's report.datasets",
                       cell->id, run->seed, dataset);
    *score = score_on(found, split);
    return true;
}

bool cells_ends_with_llm_budget(const struct logged_run *run)
{
    const char *reason = run->end_reason;
    return reason && (strcmp(reason, "tokens") == 0 || strcmp(reason, "cost") == 0);
}

bool cells_reach(const struct cell_runs *cell, size_t at)
{
    for (size_t i = 0; i < cell->run_count; i++)
        if (cells_ends_with_llm_budget(cell->runs[i]) && cell->runs[i]->step_count < at)
            return false;
    return true;
}

double *cells_no_scores(const struct cell_runs *cell)
{
    double *scores = mem_alloc(cell->run_count + 1, sizeof(*scores));
    for (size_t i = 0; i < cell->run_count; i++)
        scores[i] = (double)NAN;
    return scores;
}

double *cells_scores(const struct cell_runs *cell, const char *dataset, const char *split,
                     size_t at, struct err *err)
{
    if (!cells_reach(cell, at))
        return cells_no_scores(cell);
    double *scores = mem_alloc(cell->run_count + 1, sizeof(*scores));
    for (size_t i = 0; i < cell->run_count; i++)
        if (!read_score(cell, cell->runs[i], dataset, split, at, &scores[i], err)) {
            free(scores);
            return NULL;
        }
    return scores;
}

double *cells_best_so_far(const struct logged_run *run)
{
    double *best = mem_alloc(run->step_count + 1, sizeof(*best)), so_far = (double)NAN;
    for (size_t i = 0; i < run->step_count; i++) {
        if (run->steps[i].arch)
            so_far = fmax(so_far, run->steps[i].valid_score); /* fmax() passes over NaN */
        best[i] = so_far;
    }
    return best;
}

static bool same_stage(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const char **cells_stages(const struct cell_runs *cell, cells_counted *counted, size_t *count)
{
    const char **stages = NULL;
    size_t capacity = 0;
    *count = 0;
    for (size_t i = 0; i < cell->run_count; i++)
        for (size_t j = 0; j < cell->runs[i]->step_count; j++) {
            const struct logged_evaluation *step = &cell->runs[i]->steps[j];
            size_t known = 0;
            while (known < *count && !same_stage(stages[known], step->stage))
                known++;
            if (known < *count || !counted(step))
                continue;
            MEM_GROW(stages, *count, capacity);
            stages[(*count)++] = step->stage;
        }
    return stages;
}

bool cells_need_optimum(const struct cell_runs *cell, const char *name, struct err *err)
{
    return !isnan(cell->search_optimum) ||
           err_set(err, ERR_INPUT, "%s: the optimum of %s is not known, so it has no regret", name,
                   cell->id);
}

const char *cells_title(const char *dataset)
{
    static const char *const titles[][2] = {{"cifar10", "CIFAR-10"},
                                            {"cifar100", "CIFAR-100"},
                                            {"imagenet16-120", "ImageNet16-120"},
                                            {"fashion-mnist", "Fashion-MNIST"},
                                            {"imagenet", "ImageNet"},
                                            {"cifar10-subset", "CIFAR-10, first 4 000"},
                                            {"synthetic", "synthetic images"}};
    for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++)
        if (strcmp(titles[i][0], dataset) == 0)
            return titles[i][1];
    return dataset;
}

double cells_optimum(const struct cell_runs *cell, const char *dataset, const char *split)
{
    const struct runlog *log = cell->logs;
    for (size_t i = 0; log && i < log->optimum_count; i++)
        if (strcmp(log->optimum[i].dataset, dataset) == 0)
            return score_on(&log->optimum[i], split);
    return NAN;
}
