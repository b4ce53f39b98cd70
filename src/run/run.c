#include "run/run.h"

#include "config.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/jsonl.h"
#include "base/log.h"
#include "base/mem.h"
#include "llm/transcript.h"
#include "run/commit.h"
#include "runlog/event.h"
#include "runlog/ranks.h"
#include "search/prompt.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool run_has_folder(const struct cell *cell)
{
    return cell->llm || cell->oracle->trains;
}

/* The optimum of the space on each data set that is reported. */
static void add_optimum(const struct cell *cell, struct oracle *oracle, struct str *line)
{
    const json_t *report = json_object_get(cell->resolved, "report");
    const json_t *datasets = json_object_get(report, "datasets");
    const struct metric metric = record_report_metric(cell, oracle);
    double search_score = NAN;
    struct verdict best;
    str_add(line, ",\"optimum\":[");
    for (size_t i = 0; oracle->type->optimum && i < json_array_size(datasets); i++) {
        const char *dataset = json_string_value(json_array_get(datasets, i));
        if (!oracle->type->optimum(oracle, dataset, (int)option_integer(report, "epochs"),
                                   metric.epoch, &search_score, &best))
            break;
        str_add(line, i ? ",{\"dataset\":" : "{\"dataset\":");
        event_quote(line, dataset);
        event_score(line, "valid", &metric, best.valid_score);
        event_score(line, "test", &metric, best.test_score);
        str_add_char(line, '}');
    }
    str_add_char(line, ']');
    event_score(line, "search_optimum", &oracle->metric, search_score);
}

/* How the scores of the whole space are distributed. */
static void add_space(struct oracle *oracle, struct str *line)
{
    size_t count = 0;
    const double *ranked = oracle->type->ranked ? oracle->type->ranked(oracle, &count) : NULL;
    if (!count)
        return;
    event_raw(line, "search_space", "");
    ranks_add(line, ranked, count, event_score_decimals(&oracle->metric));
}

void run_start_line(const struct cell *cell, struct oracle *oracle, const struct run_place *place,
                    uint64_t seed, struct str *line)
{
    struct clock_date today = clock_today();
    event_begin(line, "start");
    event_count(line, "version", EVENT_VERSION);
    event_text(line, "seki", PACKAGE_VERSION);
    event_text(line, "commit", build_commit);
    event_text(line, "started_at", today.text);
    if (run_has_folder(cell)) {
        char *name = mem_printf("%s.s%llu", cell->id, (unsigned long long)seed);
        event_text(line, "run", name);
        event_count(line, "seed", (int64_t)seed);
        free(name);
    } else {
        event_raw(line, "seeds", "");
        str_addf(line, "{\"first\":%llu,\"count\":%zu}", (unsigned long long)cell->first_seed,
                 cell->seed_count);
    }
    event_text(line, "study", place->experiment);
    event_text(line, "cell", cell->id);
    event_json(line, "labels", cell->labels);
    event_text(line, "strategy", cell->strategy->name);
    event_text(line, "dataset", option_text(cell->oracle_settings, "dataset"));
    const struct metric report_metric = record_report_metric(cell, oracle);
    event_metric(line, "metric", &oracle->metric);
    event_metric(line, "report_metric", &report_metric);
    event_json(line, "experiment", cell->resolved);
    event_text(line, "table", oracle->type->identity ? oracle->type->identity(oracle) : NULL);
    if (cell->llm) {
        json_t *hashes = prompt_hashes();
        event_json(line, "prompts", hashes);
        json_decref(hashes);
    }
    add_optimum(cell, oracle, line);
    add_space(oracle, line);
    event_end(line);
}

/* A run whose LLM may cost no more ends where it is: an iteration that needed another request is
 * none. False where not one is complete. */
static bool end_with_llm_budget(struct meter *meter, const struct chat *chat, struct err *err)
{
    const char *spent = chat_spent(chat);
    *err = (struct err){0};
    if (!meter_iteration(meter))
        return err_set(err, ERR_BUDGET, "the budget of %s was spent before the first evaluation",
                       spent);
    meter_end(meter, spent);
    return true;
}

/* Runs the strategy to the end of its budget. chat may be NULL. */
static bool search(struct record *record, uint64_t seed, struct chat *chat, struct err *err)
{
    const struct cell *cell = record->cell;
    struct rng rng = rng_seed(seed);
    struct meter_settings budget = {
        .oracle = record->oracle,
        .limit = cell->budget_evaluations,
        .limit_s = cell->budget_s,
        .overrun = cell->overrun,
        .repeats_pay = option_is(cell->oracle_settings, "repeat", "pay"),
        .parents = record->with_parents,
        .rng = rng_fork(&rng, "oracle", 0),
        .observer = record_observation,
        .context = record,
    };
    char *task = NULL;
    if (chat && !(task = space_task(cell->space, option_text(cell->oracle_settings, "dataset"),
                                    &record->oracle->metric, err)))
        return false;
    struct search strategy = {
        .space = cell->space,
        .metric = &record->oracle->metric,
        .dataset = option_text(cell->oracle_settings, "dataset"),
        .task = task,
        .meter = meter_make(&budget),
        .chat = chat,
        .rng = rng_fork(&rng, "strategy", 0),
        .settings = cell->strategy_settings,
        .observer = record_note,
        .context = record,
    };
    if (chat)
        chat_limit(chat, &cell->budget_llm);
    bool ok = cell->strategy->run(&strategy, err);
    if (!ok && err->code == ERR_BUDGET)
        ok = end_with_llm_budget(strategy.meter, chat, err);
    ok = ok && meter_finished(strategy.meter, err);
    record->end_reason = meter_end_reason(strategy.meter);
    if (record->err.code != ERR_NONE)
        ok = err_set(err, record->err.code, "%s", record->err.text);
    meter_free(strategy.meter);
    free(task);
    return ok;
}

bool run_in_memory(struct record *record, uint64_t seed, struct err *err)
{
    record_reset(record);
    return search(record, seed, NULL, err);
}

/* The paths and the mode of a run in a folder. */
struct folder {
    const struct run_place *place;
    char *name;     /* "seki.s1" */
    char *folder;   /* "results/nb201-ablation/seki.s1" */
    char *log;      /* its run.jsonl */
    char *live;     /* its transcript.jsonl */
    char *recorded; /* "benchdata/transcripts/nb201-ablation/seki.s1.jsonl.zst" */
};

static struct folder folder_of(const struct cell *cell, const struct run_place *place,
                               uint64_t seed)
{
    struct folder run = {.place = place};
    run.name = mem_printf("%s.s%llu", cell->id, (unsigned long long)seed);
    run.folder = mem_printf("%s/%s/%s", place->results, place->experiment, run.name);
    run.log = file_join(run.folder, "run.jsonl");
    run.live = file_join(run.folder, "transcript.jsonl");
    run.recorded =
        mem_printf("%s/%s/%s.jsonl.zst", place->transcripts, place->experiment, run.name);
    return run;
}

static void folder_free(struct folder *run)
{
    free(run->name);
    free(run->folder);
    free(run->log);
    free(run->live);
    free(run->recorded);
}

bool run_is_recorded(const struct cell *cell, const struct run_place *place, uint64_t seed)
{
    if (!cell->llm || !cell->llm->live)
        return true;
    struct folder run = folder_of(cell, place, seed);
    bool recorded = file_exists(run.recorded);
    folder_free(&run);
    return recorded;
}

static json_t *transcript_header(const struct cell *cell, const struct folder *run)
{
    struct clock_date today = clock_today();
    return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:s*, s:o}", "event", "transcript", "version",
                     1, "experiment", run->place->experiment, "run", run->name, "seki",
                     PACKAGE_VERSION, "recorded_at", today.text, "dialect",
                     option_text(cell->llm_settings, "dialect"), "prompts", prompt_hashes());
}

/* The model as the mode has it: replayed, or asked and recorded; one that is not live as it is. */
static struct llm *open_llm(const struct cell *cell, const struct folder *run, struct err *err)
{
    if (!cell->llm->live)
        return cell->llm->open(cell->llm_settings, err);
    if (run->place->mode == RUN_REPLAY && !file_exists(run->recorded)) {
        err_set(err, ERR_REPLAY,
                "no transcript of %s/%s is recorded (--live or --record asks the server)",
                run->place->experiment, run->name);
        return NULL;
    }
    if (run->place->mode == RUN_REPLAY)
        return replay_open(run->recorded, err);
    struct llm *server = cell->llm->open(cell->llm_settings, err);
    if (!server)
        return NULL;
    json_t *header = transcript_header(cell, run);
    struct llm *llm = recorder_open(server, run->live, header, err);
    json_decref(header);
    return llm;
}

static bool write_log(struct record *record, struct folder *run, const char *start, uint64_t seed,
                      struct err *err)
{
    double begun_s = clock_now_s();
    const struct cell *cell = record->cell;
    struct llm *llm = cell->llm ? open_llm(cell, run, err) : NULL;
    struct chat *chat =
        llm ? chat_open(llm, cell->llm_settings, record_attempt, record, err) : NULL;
    bool ok = runlog_add(record->log, start, err) && (chat || !cell->llm) &&
              search(record, seed, chat, err) &&
              record_end_line(record, clock_now_s() - begun_s, &record->line, err) &&
              runlog_add(record->log, record->line.text, err);
    chat_close(chat);
    return ok;
}

/* A run that failed for good says why in its log, so that tables can; one that a signal stopped, or
 * whose LLM is live, is left as it is and goes on the next time. */
static bool close_log(struct record *record, bool live, bool ok, struct err *err)
{
    bool say_why = !ok && !live && err->code != ERR_STOPPED;
    if (say_why) {
        event_begin(&record->line, "failed");
        event_text(&record->line, "reason", err->text);
        event_end(&record->line);
        (void)!runlog_add(record->log, record->line.text, NULL);
    }
    return runlog_finish(record->log, ok || say_why, ok ? err : NULL) && ok;
}

/* Copies the transcript of a finished run to where recorded ones are, compressed. */
static bool publish(const struct folder *run, struct err *err)
{
    size_t size;
    char *text = file_read(run->live, FILE_CEILING, &size, err);
    bool ok = text && file_write(run->recorded, text, size, err);
    free(text);
    return ok;
}

bool run_again(struct record *record, const struct run_place *place, uint64_t seed,
               const char *transcript, struct str *log, struct err *err)
{
    struct run_place from = *place;
    from.mode = RUN_REPLAY;
    struct folder run = folder_of(record->cell, &from, seed);
    struct str start = {0};
    if (transcript) {
        free(run.recorded);
        run.recorded = mem_strdup(transcript);
    }
    record_reset(record);
    run_start_line(record->cell, record->oracle, &from, seed, &start);
    record->log = runlog_create(run.log, false, err);
    bool ok = record->log && write_log(record, &run, start.text, seed, err);
    if (record->log)
        *log = runlog_take(record->log);
    record->log = NULL;
    str_free(&start);
    folder_free(&run);
    return ok;
}

/* "path.old", or "path.old.2" and so on: what was moved aside before stays. */
static char *place_aside(const char *path)
{
    char *aside = mem_printf("%s.old", path);
    for (size_t i = 2; file_exists(aside); i++) {
        free(aside);
        aside = mem_printf("%s.old.%zu", path, i);
    }
    return aside;
}

static bool move_aside(const char *path, struct err *err)
{
    if (!file_exists(path))
        return true;
    char *aside = place_aside(path);
    bool ok = rename(path, aside) == 0 ||
              err_set(err, ERR_IO, "%s: cannot be moved aside: %s", path, strerror(errno));
    if (ok)
        log_warn("%s is of another experiment or build of prompts and table; moved to %s", path,
                 aside);
    free(aside);
    return ok;
}

static bool ends_in(const struct jsonl *log, const char *event)
{
    return log->count && option_is(log->lines[log->count - 1], "event", event);
}

/* Looks at the log that is there: *done when it is this run's and finished. The log of another
 * experiment is moved aside with its transcript; that of a replay that failed gives way. */
static bool look_at_old(const struct folder *run, const char *start, bool *done, struct err *err)
{
    struct jsonl old;
    *done = false;
    if (!file_exists(run->log))
        return true;
    if (!jsonl_read(run->log, &old, err))
        return false;
    bool ours = old.count > 0 && event_says(start, old.lines[0]);
    *done = ours && ends_in(&old, "end");
    bool ok = true;
    if (ours && ends_in(&old, "failed")) {
        ok = remove(run->log) == 0 ||
             err_set(err, ERR_IO, "%s: cannot be removed: %s", run->log, strerror(errno));
    } else if (!ours && old.count) {
        ok = move_aside(run->log, err) && move_aside(run->live, err);
    }
    jsonl_free(&old);
    return ok;
}

bool run_in_folder(struct record *record, const struct run_place *place, uint64_t seed, bool *done,
                   struct err *err)
{
    struct folder run = folder_of(record->cell, place, seed);
    struct str start = {0};
    const struct cell *cell = record->cell;
    bool live = place->mode != RUN_REPLAY && cell->llm && cell->llm->live;
    file_sweep(run.folder);
    record_reset(record);
    run_start_line(record->cell, record->oracle, place, seed, &start);
    bool ok = look_at_old(&run, start.text, done, err);
    if (ok && !*done) {
        record->log = runlog_create(run.log, live || cell->oracle->trains, err);
        ok = record->log && write_log(record, &run, start.text, seed, err);
        if (record->log)
            ok = close_log(record, live, ok, err);
        record->log = NULL;
    }
    if (ok && place->mode == RUN_RECORD && file_exists(run.live) &&
        !(*done && file_exists(run.recorded)))
        ok = publish(&run, err);
    str_free(&start);
    folder_free(&run);
    return ok;
}
