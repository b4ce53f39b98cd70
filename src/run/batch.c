#include "run/batch.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/jsonl.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/pack.h"
#include "base/stop.h"
#include "llm/http.h"
#include "oracle/devices.h"
#include "run/progress.h"
#include "runlog/event.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static const char STOPPED[] = "stopped by a signal; run it again to go on";

/* A thread takes one unit at a time. Where runs have a folder a unit is a run; else it is a block
 * of the cell's log, some runs that are compressed together, so that threads share that work too.
 * How a log is divided depends on the number of seeds alone, and so do its bytes. */
enum { BLOCK_RUNS_MAX = 25, BLOCKS_WANTED = 16 };

/* A cell in work: its oracle, and, where its runs have no folders, their blocks until all are
 * there. */
struct group {
    const struct cell *cell;
    struct oracle *oracle; /* shared by cells with the same settings */
    size_t oracle_owner;   /* the group that opened it */
    char *start;           /* the start line, of a group without folders */
    struct str *parts;     /* packed: the start line, then each unit's lines; NULL with folders */
    size_t first_unit;     /* place of its first unit among all units */
    size_t unit_count, unit_runs; /* the last unit may have fewer runs */
    size_t left;                  /* units not made yet */
    size_t made;                  /* runs */
    bool finished;                /* was there already */
    bool failed;
    size_t unrecorded,
        untrained; /* runs not made since a transcript, or a training, is not there */
};

struct batch {
    const struct experiment *experiment;
    const struct batch_settings *settings;
    struct batch_result *result;
    struct group *groups;
    size_t group_count, unit_count, run_count; /* runs: of those that are asked for */
    pthread_mutex_t lock;
    size_t next_unit;   /* the next to begin; under lock, as all that follows */
    size_t failed_unit; /* the first in order that failed */
    bool stopping;      /* no new runs: a signal, or a failure that ends the batch */
    struct err err;     /* why */
    double said_s;      /* when progress was shown */
    struct progress progress;
    struct str line;        /* of it */
    struct devices devices; /* that its oracles train on */
};

static char *group_folder(const struct batch *batch, const struct cell *cell)
{
    const struct run_place *place = &batch->settings->place;
    return mem_printf("%s/%s/%s", place->results, place->experiment, cell->id);
}

static char *group_log(const struct batch *batch, const struct cell *cell)
{
    char *folder = group_folder(batch, cell), *path = file_join(folder, "runs.jsonl.zst");
    free(folder);
    return path;
}

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; (text = strchr(text, '\n')); text++)
        count++;
    return count;
}

/* Whether the log at path has the runs of this start line. It was written whole, so one that is not
 * was damaged since; what it had can be made again. */
static bool already_there(const char *path, const char *start, size_t runs)
{
    struct err err = {0};
    if (!file_exists(path))
        return false;
    char *log = file_read(path, FILE_CEILING, NULL, &err);
    json_t *old = log ? json_loads(log, JSON_DISABLE_EOF_CHECK, NULL) : NULL;
    bool same = old && event_says(start, old);
    size_t lines = log ? count_lines(log) : 0;
    if (log && !old)
        (void)err_set(&err, ERR_INPUT, "%s: found no start of a log", path);
    if (same && lines != runs + 1)
        same = err_set(&err, ERR_INPUT, "%s: lines: found %zu, expected %zu, a start and the runs",
                       path, lines, runs + 1);
    if (err.code == ERR_INPUT) /* else the log cannot be written, either, and that is told */
        log_warn("%s; its runs are made again", err.text);
    json_decref(old);
    free(log);
    return same;
}

static bool matches(const struct batch *batch, const char *name)
{
    return !batch->settings->only || fnmatch(batch->settings->only, name, 0) == 0;
}

static bool wanted(const struct batch *batch, const struct cell *cell, uint64_t seed)
{
    bool wanted = matches(batch, cell->id);
    if (!wanted && run_has_folder(cell)) {
        char *name = mem_printf("%s.s%llu", cell->id, (unsigned long long)seed);
        wanted = matches(batch, name);
        free(name);
    }
    return wanted;
}

static bool any_wanted(const struct batch *batch, const struct cell *cell)
{
    for (size_t i = 0; i < cell->seed_count; i++)
        if (wanted(batch, cell, cell->first_seed + i))
            return true;
    return false;
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
    const struct run_place *place = &batch->settings->place;
    const struct oracle_place own = {place->results, place->train, &batch->devices};
    group->oracle =
        group->cell->oracle->open(group->cell->space, group->cell->oracle_settings, &own, err);
    return group->oracle != NULL;
}

static void divide(struct batch *batch, struct group *group)
{
    size_t runs = group->cell->seed_count, block = runs / BLOCKS_WANTED;
    block = block < BLOCK_RUNS_MAX ? block : BLOCK_RUNS_MAX;
    group->unit_runs = run_has_folder(group->cell) || !block ? 1 : block;
    group->unit_count = (runs + group->unit_runs - 1) / group->unit_runs;
    group->left = group->unit_count;
    group->first_unit = batch->unit_count;
    batch->unit_count += group->unit_count;
    for (size_t i = 0; i < runs; i++) {
        bool is_wanted = wanted(batch, group->cell, group->cell->first_seed + i);
        batch->run_count += is_wanted;
        if (is_wanted && run_has_folder(group->cell))
            batch->progress.iterations += group->cell->budget_evaluations;
    }
}

static size_t runs_of(const struct group *group, size_t unit)
{
    size_t left = group->cell->seed_count - unit * group->unit_runs;
    return left < group->unit_runs ? left : group->unit_runs;
}

/* Whether the run of this unit lacks what it would be replayed from. Who asks for runs by name
 * wants them, and is told of a failure. */
static bool is_unrecorded(const struct batch *batch, const struct group *group, size_t unit)
{
    const struct batch_settings *settings = batch->settings;
    uint64_t seed = group->cell->first_seed + unit - group->first_unit;
    return settings->place.mode == RUN_REPLAY && !settings->only &&
           !run_is_recorded(group->cell, &settings->place, seed);
}

/* Before hours go into runs that could not end. */
static bool can_report(const struct batch *batch, const struct group *group, struct err *err)
{
    struct err why = {0};
    return record_can_report(group->cell, group->oracle, &why) ||
           err_set(err, why.code, "%s: cell %s: %s", batch->experiment->path, group->cell->id,
                   why.text);
}

/* Opens the oracle and finds out what is there already. */
static bool begin_group(struct batch *batch, size_t at, struct err *err)
{
    struct group *group = &batch->groups[at];
    group->cell = &batch->experiment->cells[at];
    divide(batch, group);
    if (!open_oracle(batch, at, err) || !can_report(batch, group, err))
        return false;
    if (run_has_folder(group->cell) || !any_wanted(batch, group->cell))
        return true;
    struct str start = {0};
    char *path = group_log(batch, group->cell), *folder = group_folder(batch, group->cell);
    run_start_line(group->cell, group->oracle, &batch->settings->place, 0, &start);
    group->start = str_steal(&start);
    group->finished = already_there(path, group->start, group->cell->seed_count);
    file_sweep(folder);
    group->parts = mem_alloc(group->unit_count + 1, sizeof(*group->parts));
    free(folder);
    free(path);
    return true;
}

static void show_progress(struct batch *batch)
{
    double now_s = clock_now_s();
    const struct batch_result *result = batch->result;
    struct progress *progress = &batch->progress;
    if (!log_progress_due(now_s, &batch->said_s))
        return;
    progress->runs = batch->run_count;
    progress->runs_made = result->made;
    progress->runs_done = result->made + result->skipped + result->failed +
                          result->unrecorded.runs + result->untrained.runs;
    progress_line(progress, now_s, http_in_flight(), &batch->line);
    log_progress("%s", batch->line.text);
}

/* One thread's view of the batch. */
struct worker {
    struct batch *batch;
    struct record record;
    const struct group *record_group; /* whose cell the record is set up for */
    struct str line, block;           /* of a run, and of a unit of runs */
    struct packer *packer;            /* for blocks */
    size_t told, live_calls;          /* of the run at work: iterations and calls that count */
};

static void told(void *context, size_t steps)
{
    struct worker *worker = context;
    struct batch *batch = worker->batch;
    size_t live_calls = worker->record.live_calls - worker->live_calls;
    worker->live_calls += live_calls;
    worker->told++;
    pthread_mutex_lock(&batch->lock);
    batch->progress.running_at = steps;
    batch->progress.iterations_done++;
    batch->progress.live_iterations += live_calls > 0;
    batch->progress.live_calls += live_calls;
    show_progress(batch);
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

static void free_parts(struct group *group)
{
    for (size_t i = 0; group->parts && i <= group->unit_count; i++)
        str_free(&group->parts[i]);
    free(group->parts);
    group->parts = NULL;
}

static bool write_group(struct worker *worker, struct group *group, struct err *err)
{
    char *path = group_log(worker->batch, group->cell);
    char *start = mem_printf("%s\n", group->start);
    packer_add(worker->packer, start, strlen(start), &group->parts[0]);
    bool ok = file_write_parts(path, group->parts, group->unit_count + 1, err);
    free_parts(group);
    free(start);
    free(path);
    return ok;
}

/* Keeps the lines of a block; the last one writes the group's log. */
static bool keep_block(struct worker *worker, struct group *group, size_t block, struct err *err)
{
    struct batch *batch = worker->batch;
    struct str packed = {0};
    packer_add(worker->packer, worker->block.text, worker->block.length, &packed);
    pthread_mutex_lock(&batch->lock);
    group->parts[block + 1] = packed;
    bool last = --group->left == 0 && !group->failed;
    pthread_mutex_unlock(&batch->lock);
    return !last || write_group(worker, group, err);
}

/* What came of a unit. */
struct outcome {
    size_t made, skipped; /* runs */
    size_t untold;        /* iterations of its run that will not be made */
    bool ok;
    struct err err;
};

/* Makes the runs of a block, up to the first that fails. */
static bool run_block(struct worker *worker, struct group *group, size_t block,
                      struct outcome *outcome)
{
    size_t begin = block * group->unit_runs, end = begin + runs_of(group, block);
    str_clear(&worker->block);
    for (size_t i = begin; i < end; i++, outcome->made++) {
        uint64_t seed = group->cell->first_seed + i;
        if (stop_requested())
            return err_set(&outcome->err, ERR_STOPPED, "%s", STOPPED);
        if (!run_in_memory(&worker->record, seed, &outcome->err) ||
            !record_run_line(&worker->record, seed, &worker->line, &outcome->err))
            return false;
        str_add_bytes(&worker->block, worker->line.text, worker->line.length);
        str_add_char(&worker->block, '\n');
    }
    return keep_block(worker, group, block, &outcome->err);
}

static size_t less(size_t whole, size_t part)
{
    return whole > part ? whole - part : 0;
}

static struct outcome run_unit(struct worker *worker, struct group *group, size_t unit)
{
    struct outcome outcome = {0};
    uint64_t seed = group->cell->first_seed + unit;
    bool done = false;
    set_up(worker, group);
    if (!run_has_folder(group->cell)) {
        outcome.ok = run_block(worker, group, unit, &outcome);
        return outcome;
    }
    worker->told = worker->live_calls = 0;
    outcome.ok =
        run_in_folder(&worker->record, &worker->batch->settings->place, seed, &done, &outcome.err);
    outcome.made = outcome.ok && !done;
    outcome.skipped = outcome.ok && done;
    outcome.untold = less(group->cell->budget_evaluations, worker->told);
    return outcome;
}

/* Runs of a log that will not be written were not made. */
static void count_made(struct batch_result *result, struct group *group, size_t made)
{
    bool lost = group->failed && !run_has_folder(group->cell);
    result->made -= lost ? group->made : 0;
    group->made = lost ? 0 : group->made + made;
    result->made += lost ? 0 : made;
}

static void count(struct batch *batch, struct group *group, size_t unit,
                  const struct outcome *outcome)
{
    struct batch_result *result = batch->result;
    const struct err *err = &outcome->err;
    pthread_mutex_lock(&batch->lock);
    result->skipped += outcome->skipped;
    if (!outcome->ok && err->code == ERR_STOPPED) {
        batch->stopping = true;
        (void)err_set(&batch->err, err->code, "%s", err->text);
    } else if (!outcome->ok && err->code == ERR_REPLAY && is_unrecorded(batch, group, unit)) {
        group->unrecorded++;
        result->unrecorded.runs++;
    } else if (!outcome->ok && !batch->settings->only && err->code == ERR_UNTRAINED) {
        group->untrained++;
        result->untrained.runs++;
    } else if (!outcome->ok) {
        group->failed = true;
        result->failed++;
        if (unit < batch->failed_unit) {
            batch->failed_unit = unit;
            result->failure = *err;
        }
    }
    count_made(result, group, outcome->made);
    batch->progress.iterations_done += outcome->untold;
    show_progress(batch);
    pthread_mutex_unlock(&batch->lock);
}

/* The next unit to make, or false when there is none. */
static bool take_unit(struct batch *batch, struct group **group, size_t *unit)
{
    bool found = false;
    pthread_mutex_lock(&batch->lock);
    if (stop_requested() && !batch->stopping) {
        batch->stopping = true;
        (void)err_set(&batch->err, ERR_STOPPED, "%s", STOPPED);
    }
    size_t at = 0;
    while (!found && !batch->stopping && batch->next_unit < batch->unit_count) {
        *unit = batch->next_unit++;
        while (*unit >= batch->groups[at].first_unit + batch->groups[at].unit_count)
            at++;
        *group = &batch->groups[at];
        size_t in_group = *unit - (*group)->first_unit;
        if (!wanted(batch, (*group)->cell, (*group)->cell->first_seed + in_group))
            continue;
        found = !(*group)->finished;
        batch->result->skipped += found ? 0 : runs_of(*group, in_group);
    }
    if (found && run_has_folder((*group)->cell))
        snprintf(batch->progress.running, sizeof(batch->progress.running), "%s.s%llu",
                 (*group)->cell->id,
                 (unsigned long long)((*group)->cell->first_seed + *unit - (*group)->first_unit));
    pthread_mutex_unlock(&batch->lock);
    return found;
}

static void *work(void *context)
{
    struct worker worker = {.batch = context, .packer = packer_open()};
    struct group *group;
    size_t unit;
    while (take_unit(worker.batch, &group, &unit)) {
        struct outcome outcome = run_unit(&worker, group, unit - group->first_unit);
        count(worker.batch, group, unit, &outcome);
    }
    record_free(&worker.record);
    str_free(&worker.line);
    str_free(&worker.block);
    packer_close(worker.packer);
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

/* Whether devices and data of all that is to be trained are there. */
static bool can_train(const struct batch *batch, struct err *err)
{
    for (size_t i = 0; i < batch->group_count; i++) {
        const struct group *group = &batch->groups[i];
        const struct oracle_type *type = group->cell->oracle;
        struct err why = {0};
        if (type->ready && any_wanted(batch, group->cell) && !type->ready(group->oracle, &why))
            return err_set(err, why.code, "cell %s: cannot be trained here: %s", group->cell->id,
                           why.text);
    }
    return true;
}

/* Before any run is made: whether there is one to make, and a place for it. */
static bool can_begin(const struct batch *batch, struct err *err)
{
    const struct run_place *place = &batch->settings->place;
    if (!batch->run_count)
        return err_set(err, ERR_INPUT,
                       "found no cell and no run that is named like \"%s\"; seki check lists the "
                       "cells",
                       batch->settings->only);
    if (place->train && !can_train(batch, err))
        return false;
    char *folder = file_join(place->results, place->experiment);
    char *recorded = file_join(place->transcripts, place->experiment);
    bool ok = file_make_folder(folder, err);
    if (ok && place->mode == RUN_RECORD)
        file_sweep(recorded);
    free(recorded);
    free(folder);
    return ok;
}

/* "seki", or "seki (1 of 3 runs)" where the others were made. */
static void name_cell(const struct cell *cell, size_t lacking, struct str *names)
{
    if (!lacking)
        return;
    str_addf(names, "%s%s", names->length ? ", " : "", cell->id);
    if (lacking < cell->seed_count)
        str_addf(names, " (%zu of %zu runs)", lacking, cell->seed_count);
}

static void name_lacking(const struct batch *batch)
{
    struct str unrecorded = {0}, untrained = {0};
    for (size_t i = 0; i < batch->group_count; i++) {
        const struct group *group = &batch->groups[i];
        name_cell(group->cell, group->unrecorded, &unrecorded);
        name_cell(group->cell, group->untrained, &untrained);
    }
    batch->result->unrecorded.cells = unrecorded.text;
    batch->result->untrained.cells = untrained.text;
}

static void free_groups(struct batch *batch)
{
    for (size_t i = 0; i < batch->group_count; i++) {
        struct group *group = &batch->groups[i];
        free_parts(group);
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
                          .devices = DEVICES_IDLE,
                          .progress.begun_s = clock_now_s()};
    *result = (struct batch_result){0};
    batch.said_s = batch.progress.begun_s;
    batch.groups = mem_alloc(experiment->cell_count, sizeof(*batch.groups));
    bool ok = true;
    for (; ok && batch.group_count < experiment->cell_count; batch.group_count++)
        ok = begin_group(&batch, batch.group_count, err);
    ok = ok && can_begin(&batch, err);
    if (ok)
        run_workers(&batch);
    name_lacking(&batch);
    log_progress_end();
    str_free(&batch.line);
    free_groups(&batch);
    if (ok && batch.err.code != ERR_NONE)
        return err_set(err, batch.err.code, "%s", batch.err.text);
    return ok;
}
