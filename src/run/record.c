#include "run/record.h"

#include "base/mem.h"
#include "oracle/trainings.h"
#include "runlog/event.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void record_reset(struct record *record)
{
    record->step_count = 0;
    record->unique = record->invalid = record->duplicates = record->repairs = record->calls = 0;
    record->live_calls = 0;
    record->tokens_in = record->tokens_out = -1;
    record->price = -1;
    record->llm_ms = record->simulated_s = 0;
    record->err = (struct err){0};
}

void record_free(struct record *record)
{
    free(record->steps);
    str_free(&record->line);
}

/* The first failure stays in record->err, and the next observation ends the run. */
static void write_line(struct record *record)
{
    event_end(&record->line);
    (void)!runlog_add(record->log, record->line.text, &record->err);
}

static void add_arch(struct str *line, const char *key, const struct space *space,
                     const struct arch *arch)
{
    char digits[ARCH_SLOTS + 1];
    space_digits(space, arch, digits);
    event_text(line, key, digits);
}

static void write_origin(struct record *record, const struct step *step, const char *strategy)
{
    const struct metric *metric = &record->oracle->metric;
    struct str *line = &record->line;
    if (step->stage)
        event_text(line, "stage", step->stage);
    if (step->has_parent) {
        add_arch(line, "parent", record->cell->space, &step->parent);
        event_score(line, "parent", metric, step->parent_score);
    }
    if (!isnan(step->mutation_better)) {
        event_fixed(line, "mutation_better", step->mutation_better, EVENT_SHARE_DECIMALS);
        event_score(line, "mutation_gain", metric, step->mutation_gain);
    }
    if (strategy)
        event_text(line, "strategy", strategy);
}

/* Of an oracle that trains; training may be NULL. */
static void write_training(struct str *line, const struct training *training)
{
    if (!training)
        return;
    event_text(line, "device", training->device);
    event_text(line, "diverged", training->diverged);
    event_flag(line, "stored", training->shipped);
}

static void write_step(struct record *record, const struct step *step,
                       const struct observation *seen)
{
    const struct metric *metric = &record->oracle->metric;
    struct str *line = &record->line;
    event_begin(line, step->valid ? "evaluation" : "invalid");
    event_count(line, "index", (int64_t)seen->index);
    if (step->valid) {
        add_arch(line, "arch", record->cell->space, &step->arch);
        event_score(line, "valid", metric, step->evaluation.valid_score);
        event_score(line, "test", metric, step->evaluation.test_score);
        event_fixed(line, "cost_s", step->evaluation.cost_s, EVENT_SECONDS_DECIMALS);
        event_flag(line, "repeat", step->repeat);
        write_training(line, step->evaluation.training);
    } else {
        event_text(line, "reason", seen->invalid_reason);
    }
    write_origin(record, step, seen->origin ? seen->origin->strategy : NULL);
    write_line(record);
}

static void note_origin(struct record *record, struct step *step, const struct observation *seen)
{
    const struct oracle_type *type = record->oracle->type;
    step->stage = seen->origin ? seen->origin->stage : NULL;
    step->has_parent = seen->origin && seen->origin->parent;
    step->parent_score = seen->parent_score;
    step->mutation_better = step->mutation_gain = NAN;
    if (!step->has_parent)
        return;
    step->parent = *seen->origin->parent;
    if (record->with_parents && type->mutation)
        type->mutation(record->oracle, &step->parent, &step->mutation_better, &step->mutation_gain);
}

bool record_observation(void *context, const struct observation *seen)
{
    struct record *record = context;
    MEM_GROW(record->steps, record->step_count, record->step_capacity);
    struct step *step = &record->steps[record->step_count++];
    step->valid = seen->arch != NULL;
    step->repeat = seen->repeat;
    step->evaluation = seen->evaluation;
    if (step->valid)
        step->arch = *seen->arch;
    note_origin(record, step, seen);
    record->invalid += !step->valid;
    record->unique += step->valid && !step->repeat;
    record->duplicates += step->valid && step->repeat;
    record->simulated_s += step->valid ? seen->evaluation.cost_s : 0;
    if (record->log)
        write_step(record, step, seen);
    if (record->told)
        record->told(record->context, record->step_count);
    return record->err.code == ERR_NONE;
}

static void add_tokens(int64_t *sum, int64_t count)
{
    if (count >= 0)
        *sum = (*sum < 0 ? 0 : *sum) + count;
}

void record_attempt(void *context, const struct chat_attempt *attempt)
{
    struct record *record = context;
    struct str *line = &record->line;
    record->calls++;
    record->live_calls += attempt->live;
    add_tokens(&record->tokens_in, attempt->usage.in);
    add_tokens(&record->tokens_out, attempt->usage.out);
    if (attempt->price >= 0)
        record->price = fmax(record->price, 0) + attempt->price;
    record->llm_ms += attempt->elapsed_ms;
    event_begin(line, "call");
    event_count(line, "index", (int64_t)record->calls);
    event_count(line, "iteration", (int64_t)attempt->request->iteration);
    event_text(line, "role", attempt->request->role);
    event_count(line, "attempt", (int64_t)attempt->attempt);
    event_text(line, "key", attempt->request->key.hex);
    event_count(line, "ordinal", (int64_t)attempt->request->ordinal);
    event_count(line, "status", attempt->status);
    event_text(line, "problem", attempt->problem);
    if (attempt->learned)
        event_text(line, "learned", attempt->learned);
    if (attempt->empty)
        event_text(line, "empty", attempt->empty);
    event_text(line, "finish_reason", attempt->finish_reason);
    event_text(line, "model", attempt->model);
    event_text(line, "fingerprint", attempt->fingerprint);
    event_count(line, "tokens_in", attempt->usage.in);
    event_count(line, "tokens_out", attempt->usage.out);
    event_count(line, "tokens_cached", attempt->usage.cached);
    if (attempt->usage.cache_write >= 0)
        event_count(line, "tokens_cache_write", attempt->usage.cache_write);
    event_count(line, "tokens_reasoning", attempt->usage.reasoning);
    event_fixed(line, "price", attempt->price < 0 ? NAN : attempt->price, EVENT_PRICE_DECIMALS);
    if (attempt->in_flight)
        event_count(line, "in_flight", (int64_t)attempt->in_flight);
    event_fixed(line, "ms", attempt->elapsed_ms, EVENT_MS_DECIMALS);
    write_line(record);
}

void record_note(void *context, const struct search_note *note)
{
    struct record *record = context;
    record->repairs += strcmp(note->event, "repair") == 0;
    if (!record->log)
        return;
    event_begin(&record->line, note->event);
    event_count(&record->line, "iteration", (int64_t)record->step_count);
    if (note->role)
        event_text(&record->line, "role", note->role);
    event_text(&record->line, "reason", note->reason);
    write_line(record);
}

/* The best of the first count steps (the first of equal ones), or count when all are invalid. */
static size_t best_of(const struct record *record, size_t count)
{
    size_t best = count;
    for (size_t i = 0; i < count; i++)
        if (record->steps[i].valid &&
            (best == count ||
             record->steps[i].evaluation.valid_score > record->steps[best].evaluation.valid_score))
            best = i;
    return best;
}

struct metric record_report_metric(const struct cell *cell, const struct oracle *oracle)
{
    const json_t *report = json_object_get(cell->resolved, "report");
    struct metric metric = oracle->metric;
    (void)!metric_find(metric.name, option_text(report, "at_epoch"), &metric);
    return metric;
}

bool record_can_report(const struct cell *cell, struct oracle *oracle, struct err *err)
{
    const json_t *report = json_object_get(cell->resolved, "report"), *dataset;
    const struct metric metric = record_report_metric(cell, oracle);
    int epochs = (int)option_integer(report, "epochs");
    size_t i;
    json_array_foreach(json_object_get(report, "datasets"), i, dataset)
    {
        if (!oracle->type->reports(oracle, json_string_value(dataset), epochs, metric.epoch, err))
            return false;
    }
    return true;
}

static bool add_results(const struct record *record, const struct arch *arch, struct str *line,
                        struct err *err)
{
    const json_t *report = json_object_get(record->cell->resolved, "report");
    const json_t *datasets = json_object_get(report, "datasets");
    const struct metric metric = record_report_metric(record->cell, record->oracle);
    int epochs = (int)option_integer(report, "epochs");
    str_add(line, ",\"results\":[");
    for (size_t i = 0; i < json_array_size(datasets); i++) {
        const char *dataset = json_string_value(json_array_get(datasets, i));
        struct verdict verdict;
        if (!record->oracle->type->report(record->oracle, arch, dataset, epochs, metric.epoch,
                                          &verdict, err))
            return false;
        str_add(line, i ? ",{\"dataset\":" : "{\"dataset\":");
        event_quote(line, dataset);
        event_score(line, "valid", &metric, verdict.valid_score);
        event_score(line, "test", &metric, verdict.test_score);
        str_add_char(line, '}');
    }
    str_add_char(line, ']');
    return true;
}

static bool add_answer(const struct record *record, size_t at, struct str *line, struct err *err)
{
    size_t best = best_of(record, at);
    double simulated_s = 0;
    for (size_t i = 0; i < at; i++)
        simulated_s += record->steps[i].valid ? record->steps[i].evaluation.cost_s : 0;
    str_addf(line, "{\"at\":%zu", at);
    event_fixed(line, "simulated_s", simulated_s, EVENT_SECONDS_DECIMALS);
    if (best < at) {
        const struct step *step = &record->steps[best];
        event_count(line, "index", (int64_t)best);
        add_arch(line, "arch", record->cell->space, &step->arch);
        event_score(line, "search", &record->oracle->metric, step->evaluation.valid_score);
        if (!add_results(record, &step->arch, line, err))
            return false;
    }
    str_add_char(line, '}');
    return true;
}

bool record_add_answers(const struct record *record, struct str *line, struct err *err)
{
    const json_t *report = json_object_get(record->cell->resolved, "report");
    const json_t *list = json_object_get(report, "at");
    size_t last = 0;
    bool ok = true;
    str_add(line, ",\"answers\":[");
    for (size_t i = 0; ok && i < json_array_size(list); i++) {
        size_t at = (size_t)json_integer_value(json_array_get(list, i));
        if (at > record->step_count)
            break;
        if (last)
            str_add_char(line, ',');
        ok = add_answer(record, at, line, err);
        last = at;
    }
    if (ok && last != record->step_count) {
        if (last)
            str_add_char(line, ',');
        ok = add_answer(record, record->step_count, line, err);
    }
    str_add_char(line, ']');
    return ok;
}

/* The list, after its key, of the numbers at offset in every step. */
static void add_fixed_list(struct str *line, const struct record *record, size_t offset,
                           int decimals)
{
    str_add_char(line, '[');
    for (size_t i = 0; i < record->step_count; i++) {
        const struct step *step = &record->steps[i];
        double value;
        memcpy(&value, (const char *)step + offset, sizeof(value));
        if (i)
            str_add_char(line, ',');
        str_add_fixed(line, step->valid ? value : NAN, decimals);
    }
    str_add_char(line, ']');
}

static void add_score_list(struct str *line, const char *name, const struct record *record,
                           size_t offset)
{
    event_score_key(line, name, &record->oracle->metric);
    add_fixed_list(line, record, offset, event_score_decimals(&record->oracle->metric));
}

static void add_arch_list(struct str *line, const char *key, const struct record *record,
                          bool parents)
{
    event_raw(line, key, "[");
    char quoted[ARCH_SLOTS + 4] = ",\"";
    size_t slots = record->cell->space->slot_count;
    for (size_t i = 0; i < record->step_count; i++) {
        const struct step *step = &record->steps[i];
        if (parents ? !step->has_parent : !step->valid) {
            str_add(line, i ? ",null" : "null");
            continue;
        }
        space_digits(record->cell->space, parents ? &step->parent : &step->arch, quoted + 2);
        quoted[slots + 2] = '"';
        str_add_bytes(line, quoted + (i == 0), slots + 3 - (i == 0));
    }
    str_add_char(line, ']');
}

static void add_stage_list(struct str *line, const struct record *record)
{
    event_raw(line, "stage", "[");
    for (size_t i = 0; i < record->step_count; i++) {
        const char *stage = record->steps[i].stage;
        str_add(line, i ? "," : "");
        str_add(line, stage ? "\"" : "null");
        str_add(line, stage ? stage : "");
        str_add(line, stage ? "\"" : "");
    }
    str_add_char(line, ']');
}

static void add_steps(const struct record *record, struct str *line)
{
    add_arch_list(line, "arch", record, false);
    add_score_list(line, "valid", record, offsetof(struct step, evaluation.valid_score));
    add_score_list(line, "test", record, offsetof(struct step, evaluation.test_score));
    event_raw(line, "cost_s", "");
    add_fixed_list(line, record, offsetof(struct step, evaluation.cost_s), EVENT_SECONDS_DECIMALS);
    event_raw(line, "repeat", "[");
    for (size_t i = 0; i < record->step_count; i++) {
        if (i)
            str_add_char(line, ',');
        str_add_char(line, record->steps[i].repeat ? '1' : '0');
    }
    str_add_char(line, ']');
    if (!record->with_parents)
        return;
    add_stage_list(line, record);
    add_arch_list(line, "parent", record, true);
    add_score_list(line, "parent", record, offsetof(struct step, parent_score));
    event_raw(line, "mutation_better", "");
    add_fixed_list(line, record, offsetof(struct step, mutation_better), EVENT_SHARE_DECIMALS);
    add_score_list(line, "mutation_gain", record, offsetof(struct step, mutation_gain));
}

bool record_run_line(const struct record *record, uint64_t seed, struct str *line, struct err *err)
{
    event_begin(line, "run");
    event_count(line, "seed", (int64_t)seed);
    add_steps(record, line);
    event_count(line, "evaluations", (int64_t)(record->step_count - record->invalid));
    event_count(line, "unique", (int64_t)record->unique);
    event_count(line, "invalid", (int64_t)record->invalid);
    event_fixed(line, "simulated_s", record->simulated_s, EVENT_SECONDS_DECIMALS);
    if (record->end_reason)
        event_text(line, "reason", record->end_reason);
    bool ok = record_add_answers(record, line, err);
    event_end(line);
    return ok;
}

bool record_end_line(const struct record *record, double wall_s, struct str *line, struct err *err)
{
    event_begin(line, "end");
    event_text(line, "reason", record->end_reason ? record->end_reason : "budget");
    event_count(line, "iterations", (int64_t)record->step_count);
    event_count(line, "evaluations", (int64_t)(record->step_count - record->invalid));
    event_count(line, "unique", (int64_t)record->unique);
    event_count(line, "invalid", (int64_t)record->invalid);
    event_count(line, "duplicates", (int64_t)record->duplicates);
    event_count(line, "repairs", (int64_t)record->repairs);
    event_count(line, "calls", (int64_t)record->calls);
    event_count(line, "tokens_in", record->tokens_in);
    event_count(line, "tokens_out", record->tokens_out);
    event_fixed(line, "price", record->price < 0 ? NAN : record->price, EVENT_PRICE_DECIMALS);
    event_fixed(line, "simulated_s", record->simulated_s, EVENT_SECONDS_DECIMALS);
    event_fixed(line, "llm_ms", record->llm_ms, EVENT_MS_DECIMALS);
    bool ok = record_add_answers(record, line, err);
    event_fixed(line, "wall_s", wall_s, EVENT_SECONDS_DECIMALS);
    event_end(line);
    return ok;
}
