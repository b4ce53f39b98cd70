#include "run/batch.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/jsonl.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "runlog/event.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A cell in work: its oracle, and, where its runs have no folders, their lines until all are there.
 */
struct group {
    const struct cell *cell;
    struct oracle *oracle; /* shared by cells with the same settings */
    size_t oracle_owner;   /* the group that opened it */
    char *start;           /* the start line, of a group without folders */
    char **lines;          /* (seed_count) run lines, or NULL where cells have folders */
    size_t first_unit;     /* place of its first run among all runs */
    size_t left;           /* runs not made yet */
    bool finished;         /* was there already */
    bool failed;
};

struct batch {
    const struct experiment *experiment;
    const struct batch_settings *settings;
    struct batch_result *result;
    struct group *groups;
    size_t group_count, unit_count;
    pthread_mutex_t lock;
    size_t next_unit;       /* the next run to begin; under lock, as all that follows */
    size_t failed_unit;     /* the first in order that failed */
    bool stopping;          /* no new runs: a signal, or a failure that ends the batch */
    struct err err;         /* why */
    double begun_s, said_s; /* for progress */
    size_t running_at;      /* iterations of the newest run with a folder */
    char running[128];      /* its name */
};

static char *group_log(const struct batch *batch, const struct cell *cell)
{
    const struct run_place *place = &batch->settings->place;
    return mem_printf("%s/%s/%s/runs.jsonl.zst", place->results, place->experiment, cell->id);
}

/* Whether the runs in the log at path were made by this start line. */
static bool already_there(const char *path, const char *start)
{
    size_t size;
    if (!file_exists(path))
        return false;
    char *text = file_read(path, FILE_CEILING, &size, NULL);
    char *end = text ? memchr(text, '\n', size) : NULL;
    json_t *old = end ? json_loadb(text, (size_t)(end - text), 0, NULL) : NULL;
    json_t *now = json_loads(start, 0, NULL);
    bool same = old && now && event_same(old, now);
    json_decref(old);
    json_decref(now);
    free(text);
    return same;
}

static bool matches(const struct batch *batch, const char *name)
{
    return !batch->settings->only || fnmatch(batch->settings->only, name, 0) == 0;
}

static bool wanted(const struct batch *batch, const struct cell *cell, uint64_t seed)
{
    if (matches(batch, cell->id))
        return true;
    char *name = mem_printf("%s.s%llu", cell->id, (unsigned long long)seed);
    bool wanted = run_has_folder(cell) && matches(batch, name);
    free(name);
    return wanted;
}

static bool open_oracle(struct batch *batch, size_t at, struct err *err)
{
    struct group *group = &batch->groups[at];
    for (size_t i = 0; i < at; i++) {
        const struct group *other = &batch->groups[i];
        if (other->cell->space == group->cell->space &&
            other->cell->oracle == group->cell->oracle &&
            json_equal(other->cell->oracle_settings, group->cell->oracle_settings)) {
            group->oracle = other->oracle;
            group->oracle_owner = other->oracle_owner;
            return true;
        }
    }
    group->oracle_owner = at;
    group->oracle =
        group->cell->oracle->open(group->cell->space, group->cell->oracle_settings, err);
    return group->oracle != NULL;
}

/* Opens the oracle and finds out what is there already. */
static bool begin_group(struct batch *batch, size_t at, struct err *err)
{
    struct group *group = &batch->groups[at];
    group->cell = &batch->experiment->cells[at];
    group->first_unit = batch->unit_count;
    group->left = group->cell->seed_count;
    batch->unit_count += group->cell->seed_count;
    if (!open_oracle(batch, at, err))
        return false;
    if (run_has_folder(group->cell))
        return true;
    struct str start = {0};
    char *path = group_log(batch, group->cell);
    bool ok = run_start_line(group->cell, group->oracle, &batch->settings->place, 0, &start, err);
    group->start = str_steal(&start);
    group->finished = ok && already_there(path, group->start);
    group->lines = mem_alloc(group->cell->seed_count, sizeof(*group->lines));
    free(path);
    return ok;
}

static void show_progress(struct batch *batch, bool last)
{
    double now_s = clock_now_s();
    const struct batch_result *result = batch->result;
    size_t done = result->made + result->skipped + result->failed;
    if (last || now_s - batch->said_s < (log_is_terminal() ? 0.1 : 30))
        return;
    batch->said_s = now_s;
    double each_s = (now_s - batch->begun_s) / (double)(result->made ? result->made : 1);
    char left[48] = "";
    if (result->made)
        snprintf(left, sizeof(left), ", %.0f s left", each_s * (double)(batch->unit_count - done));
    if (batch->running[0])
        log_progress("%zu of %zu runs%s; %s at iteration %zu", done, batch->unit_count, left,
                     batch->running, batch->running_at);
    else
        log_progress("%zu of %zu runs, %.0f a second%s", done, batch->unit_count, 1 / each_s, left);
}

/* One thread's view of the batch. */
struct worker {
    struct batch *batch;
    struct record record;
    const struct group *record_group; /* whose cell the record is set up for */
};

static void told(void *context, size_t steps)
{
    struct worker *worker = context;
    struct batch *batch = worker->batch;
    pthread_mutex_lock(&batch->lock);
    batch->running_at = steps;
    show_progress(batch, false);
    pthread_mutex_unlock(&batch->lock);
}

static void set_up(struct worker *worker, const struct group *group)
{
    if (worker->record_group == group)
        return;
    struct record *record = &worker->record;
    const json_t *report = json_object_get(group->cell->resolved, "report");
    record->cell = group->cell;
    record->oracle = group->oracle;
    record->with_parents = option_boolean(report, "parents");
    record->told = run_has_folder(group->cell) ? told : NULL;
    record->context = worker;
    worker->record_group = group;
}

static bool write_group(const struct batch *batch, const struct group *group, struct err *err)
{
    struct str all = {0};
    str_add(&all, group->start);
    str_add_char(&all, '\n');
    for (size_t i = 0; i < group->cell->seed_count; i++) {
        str_add(&all, group->lines[i]);
        str_add_char(&all, '\n');
    }
    char *path = group_log(batch, group->cell);
    bool ok = file_write(path, all.text, all.length, err);
    free(path);
    str_free(&all);
    return ok;
}

/* Takes the line of a run; the last one writes the group's log. */
static bool keep_line(struct batch *batch, struct group *group, size_t seed_at, char *line,
                      struct err *err)
{
    pthread_mutex_lock(&batch->lock);
    group->lines[seed_at] = line;
    bool last = --group->left == 0 && !group->failed;
    pthread_mutex_unlock(&batch->lock);
    return !last || write_group(batch, group, err);
}

static bool run_unit(struct worker *worker, struct group *group, size_t seed_at, bool *done,
                     struct err *err)
{
    uint64_t seed = group->cell->first_seed + seed_at;
    const struct run_place *place = &worker->batch->settings->place;
    *done = false;
    set_up(worker, group);
    if (run_has_folder(group->cell))
        return run_in_folder(&worker->record, place, seed, done, err);
    struct str line = {0};
    bool ok = run_in_memory(&worker->record, seed, err) &&
              record_run_line(&worker->record, seed, &line, err);
    return keep_line(worker->batch, group, seed_at, str_steal(&line), err) && ok;
}

static void count(struct batch *batch, struct group *group, size_t unit, bool ok, bool done,
                  const struct err *err)
{
    struct batch_result *result = batch->result;
    pthread_mutex_lock(&batch->lock);
    result->made += ok && !done;
    result->skipped += ok && done;
    if (!ok && err->code == ERR_STOPPED) {
        batch->stopping = true;
        (void)err_set(&batch->err, err->code, "%s", err->text);
    } else if (!ok) {
        group->failed = true;
        result->failed++;
        if (unit < batch->failed_unit) {
            batch->failed_unit = unit;
            free(result->first_failure);
            result->first_failure = mem_strdup(err->text);
        }
    }
    show_progress(batch, false);
    pthread_mutex_unlock(&batch->lock);
}

/* The next run to make, or false when there is none. */
static bool take_unit(struct batch *batch, struct group **group, size_t *unit)
{
    bool found = false;
    pthread_mutex_lock(&batch->lock);
    if (stop_requested() && !batch->stopping) {
        batch->stopping = true;
        (void)err_set(&batch->err, ERR_STOPPED, "stopped by a signal; run it again to go on");
    }
    size_t at = 0;
    while (!found && !batch->stopping && batch->next_unit < batch->unit_count) {
        *unit = batch->next_unit++;
        while (*unit >= batch->groups[at].first_unit + batch->groups[at].cell->seed_count)
            at++;
        *group = &batch->groups[at];
        size_t seed_at = *unit - (*group)->first_unit;
        if ((*group)->finished)
            batch->result->skipped++;
        else
            found = wanted(batch, (*group)->cell, (*group)->cell->first_seed + seed_at);
    }
    if (found && run_has_folder((*group)->cell))
        snprintf(batch->running, sizeof(batch->running), "%s.s%llu", (*group)->cell->id,
                 (unsigned long long)((*group)->cell->first_seed + *unit - (*group)->first_unit));
    pthread_mutex_unlock(&batch->lock);
    return found;
}

static void *work(void *context)
{
    struct worker worker = {.batch = context};
    struct group *group;
    size_t unit;
    while (take_unit(worker.batch, &group, &unit)) {
        struct err err = {0};
        bool done, ok = run_unit(&worker, group, unit - group->first_unit, &done, &err);
        count(worker.batch, group, unit, ok, done, &err);
    }
    record_free(&worker.record);
    return NULL;
}

static void run_workers(struct batch *batch)
{
    size_t jobs =
        batch->settings->jobs < batch->unit_count ? batch->settings->jobs : batch->unit_count;
    pthread_t *threads = mem_alloc(jobs, sizeof(*threads));
    size_t started = 0;
    while (started + 1 < jobs && pthread_create(&threads[started], NULL, work, batch) == 0)
        started++;
    work(batch); /* this thread works too */
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
}

static void free_groups(struct batch *batch)
{
    for (size_t i = 0; i < batch->group_count; i++) {
        struct group *group = &batch->groups[i];
        for (size_t s = 0; group->lines && s < group->cell->seed_count; s++)
            free(group->lines[s]);
        free(group->lines);
        free(group->start);
        if (group->oracle && group->oracle_owner == i)
            group->cell->oracle->close(group->oracle);
    }
    free(batch->groups);
}

bool batch_run(const struct experiment *experiment, const struct batch_settings *settings,
               struct batch_result *result, struct err *err)
{
    struct batch batch = {.experiment = experiment,
                          .settings = settings,
                          .result = result,
                          .failed_unit = SIZE_MAX,
                          .lock = PTHREAD_MUTEX_INITIALIZER,
                          .begun_s = clock_now_s()};
    *result = (struct batch_result){0};
    batch.said_s = batch.begun_s;
    batch.groups = mem_alloc(experiment->cell_count, sizeof(*batch.groups));
    bool ok = true;
    for (; ok && batch.group_count < experiment->cell_count; batch.group_count++)
        ok = begin_group(&batch, batch.group_count, err);
    if (ok)
        run_workers(&batch);
    log_progress("%s", "");
    free_groups(&batch);
    if (ok && batch.err.code != ERR_NONE)
        return err_set(err, batch.err.code, "%s", batch.err.text);
    return ok;
}
