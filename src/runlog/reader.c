#include "runlog/reader.h"

#include "base/file.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "base/str.h"
#include "runlog/event.h"
#include "runlog/field.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Texts that outlive the JSON they were read from. Neighbours in a log say the same stage and the
 * same architectures, so a text is first looked for among the newest. */
struct texts {
    char **list;
    size_t count, capacity;
};

enum { TEXTS_LOOK_BACK = 8 };

/* A log while it is read. */
struct reading {
    struct runlog *log;
    struct field_place place;
    const struct score_keys *keys;
    struct err *err;
};

#define FIELD(type, member) offsetof(struct type, member)

enum { STEP_FIELDS = 10 };

/* The fields that hold scores, or stand beside them, where keys of scores end in suffix. "arch"
 * stands first in steps: an iteration without it needs no other field. */
struct score_keys {
    struct field start[5], steps[STEP_FIELDS + 1], answer[5], scores[4];
};

#define SCORE_KEYS(suffix)                                                                         \
    {                                                                                              \
        .start = {{"cell", FIELD_TEXT, true, FIELD(runlog, cell)},                                 \
                  {"strategy", FIELD_TEXT, true, FIELD(runlog, strategy)},                         \
                  {"dataset", FIELD_TEXT, true, FIELD(runlog, dataset)},                           \
                  {"search_optimum" suffix, FIELD_NUMBER, false, FIELD(runlog, search_optimum)}},  \
        .steps = {{"arch", FIELD_TEXT, true, FIELD(logged_evaluation, arch)},                      \
                  {"valid" suffix, FIELD_NUMBER, true, FIELD(logged_evaluation, valid_score)},     \
                  {"test" suffix, FIELD_NUMBER, false, FIELD(logged_evaluation, test_score)},      \
                  {"cost_s", FIELD_NUMBER, true, FIELD(logged_evaluation, cost_s)},                \
                  {"repeat", FIELD_FLAG, false, FIELD(logged_evaluation, repeat)},                 \
                  {"stage", FIELD_TEXT, false, FIELD(logged_evaluation, stage)},                   \
                  {"parent", FIELD_TEXT, false, FIELD(logged_evaluation, parent)},                 \
                  {"parent" suffix, FIELD_NUMBER, false, FIELD(logged_evaluation, parent_score)},  \
                  {"mutation_better", FIELD_NUMBER, false,                                         \
                   FIELD(logged_evaluation, mutation_better)},                                     \
                  {"mutation_gain" suffix, FIELD_NUMBER, false,                                    \
                   FIELD(logged_evaluation, mutation_gain)}},                                      \
        .answer = {{"at", FIELD_COUNT, true, FIELD(logged_answer, at)},                            \
                   {"arch", FIELD_TEXT, false, FIELD(logged_answer, arch)},                        \
                   {"search" suffix, FIELD_NUMBER, false, FIELD(logged_answer, search_score)},     \
                   {"simulated_s", FIELD_NUMBER, false, FIELD(logged_answer, simulated_s)}},       \
        .scores = {                                                                                \
            {"dataset", FIELD_TEXT, true, FIELD(logged_score, dataset)},                           \
            {"valid" suffix, FIELD_NUMBER, false, FIELD(logged_score, valid_score)},               \
            {"test" suffix, FIELD_NUMBER, false, FIELD(logged_score, test_score)}                  \
        }                                                                                          \
    }

static const struct score_keys percent_keys = SCORE_KEYS(EVENT_SUFFIX_PERCENT),
                               plain_keys = SCORE_KEYS(EVENT_SUFFIX_PLAIN);

static const struct field run_fields[] = {{"seed", FIELD_COUNT, true, FIELD(logged_run, seed)},
                                          {0}};

static const struct field total_fields[] = {
    {"evaluations", FIELD_COUNT, true, FIELD(logged_run, evaluations)},
    {"unique", FIELD_COUNT, true, FIELD(logged_run, unique)},
    {"simulated_s", FIELD_NUMBER, true, FIELD(logged_run, simulated_s)},
    {"calls", FIELD_COUNT, false, FIELD(logged_run, calls)},
    {"repairs", FIELD_COUNT, false, FIELD(logged_run, repairs)},
    {"tokens_in", FIELD_NUMBER, false, FIELD(logged_run, tokens_in)},
    {"tokens_out", FIELD_NUMBER, false, FIELD(logged_run, tokens_out)},
    {"price", FIELD_NUMBER, false, FIELD(logged_run, price)},
    {"llm_ms", FIELD_NUMBER, false, FIELD(logged_run, llm_ms)},
    {"reason", FIELD_TEXT, false, FIELD(logged_run, end_reason)},
    {0},
};

/* What is summed over the calls that gave an answer. */
static const struct field call_fields[] = {
    {"tokens_cached", FIELD_NUMBER, false, FIELD(logged_run, tokens_cached)},
    {"tokens_reasoning", FIELD_NUMBER, false, FIELD(logged_run, tokens_reasoning)},
    {"in_flight", FIELD_NUMBER, false, FIELD(logged_run, in_flight)},
    {0},
};

/* What an evaluation says where a training stands behind it. */
struct trained {
    const char *device, *diverged;
    bool stored;
};

static const struct field trained_fields[] = {
    {"device", FIELD_TEXT, false, FIELD(trained, device)},
    {"diverged", FIELD_TEXT, false, FIELD(trained, diverged)},
    {"stored", FIELD_FLAG, false, FIELD(trained, stored)},
    {0},
};

static const char *keep(struct texts *texts, const char *text)
{
    if (!text)
        return NULL;
    for (size_t i = texts->count; i > 0 && i + TEXTS_LOOK_BACK > texts->count; i--)
        if (strcmp(texts->list[i - 1], text) == 0)
            return texts->list[i - 1];
    MEM_GROW(texts->list, texts->count, texts->capacity);
    texts->list[texts->count] = mem_strdup(text);
    return texts->list[texts->count++];
}

/* What was expected is a format and its arguments. Always false. */
static bool __attribute__((format(printf, 4, 5)))
refuse(const struct reading *reading, const char *key, const json_t *value, const char *expected,
       ...)
{
    char text[200];
    va_list args;
    va_start(args, expected);
    vsnprintf(text, sizeof(text), expected, args);
    va_end(args);
    return field_refuse(&reading->place, key, value, text, reading->err);
}

/* The list under key, or an empty one where it is absent; NULL and the error for anything else. */
static const json_t *list_of(const struct reading *reading, const json_t *object, const char *key,
                             bool required)
{
    const json_t *list = json_object_get(object, key);
    if (json_is_array(list) || (!list && !required))
        return list ? list : json_null();
    refuse(reading, key, list, "a list");
    return NULL;
}

/* The objects of a list of scores; *scores is the caller's. */
static bool read_scores(const struct reading *reading, const json_t *object, const char *key,
                        struct logged_score **scores, size_t *count)
{
    const json_t *list = list_of(reading, object, key, false), *entry;
    size_t i;
    if (!list)
        return false;
    *scores = mem_alloc(json_array_size(list) + 1, sizeof(**scores));
    json_array_foreach(list, i, entry)
    {
        struct logged_score *score = &(*scores)[i];
        if (!json_is_object(entry))
            return refuse(reading, key, entry, "a list of objects");
        if (!field_read_all(&reading->place, reading->keys->scores, entry, score, reading->err))
            return false;
        score->dataset = keep(reading->log->texts, score->dataset);
        *count = i + 1;
    }
    return true;
}

static bool read_answer(const struct reading *reading, const json_t *entry, struct logged_run *run)
{
    struct logged_answer *answer = &run->answers[run->answer_count++];
    size_t before = run->answer_count > 1 ? answer[-1].at : 0;
    if (!json_is_object(entry))
        return refuse(reading, "answers", entry, "a list of objects");
    if (!field_read_all(&reading->place, reading->keys->answer, entry, answer, reading->err))
        return false;
    if (answer->at <= before)
        return refuse(reading, "answers", json_object_get(entry, "at"),
                      "\"at\" above that of the answer before");
    answer->arch = keep(reading->log->texts, answer->arch);
    return read_scores(reading, entry, "results", &answer->scores, &answer->score_count);
}

/* What a run came to: the fields of "end", which are also those of "run". */
static bool read_totals(const struct reading *reading, const json_t *line, struct logged_run *run)
{
    const json_t *list = list_of(reading, line, "answers", true), *entry;
    size_t i;
    if (!list || !field_read_all(&reading->place, total_fields, line, run, reading->err))
        return false;
    run->end_reason = keep(reading->log->texts, run->end_reason);
    run->answers = mem_alloc(json_array_size(list) + 1, sizeof(*run->answers));
    json_array_foreach(list, i, entry)
    {
        if (!read_answer(reading, entry, run))
            return false;
    }
    if (!run->answer_count)
        return refuse(reading, "answers", list, "at least the answer of the run's end");
    run->finished = true;
    return true;
}

/* Adds the iteration that has these values, in the order of the keys' steps. */
static bool add_step(const struct reading *reading, struct logged_run *run,
                     const json_t *const values[STEP_FIELDS])
{
    struct logged_evaluation *step = &run->steps[run->step_count];
    bool valid = values[0] && !json_is_null(values[0]);
    for (size_t i = 0; i < STEP_FIELDS; i++) {
        struct field field = reading->keys->steps[i];
        field.required = field.required && valid;
        if (!field_read(&reading->place, &field, values[i], step, reading->err))
            return false;
    }
    step->arch = keep(reading->log->texts, step->arch);
    step->stage = keep(reading->log->texts, step->stage);
    step->parent = keep(reading->log->texts, step->parent);
    run->invalid += !valid;
    run->duplicates += valid && step->repeat;
    run->step_count++;
    return true;
}

/* "evaluation" and "invalid" of run.jsonl. */
static bool read_step_line(const struct reading *reading, const json_t *line, bool valid,
                           struct logged_run *run)
{
    const json_t *values[STEP_FIELDS], *index = json_object_get(line, "index");
    if (!json_is_integer(index) || json_integer_value(index) != (json_int_t)run->step_count)
        return refuse(reading, "index", index, "%zu, the next iteration", run->step_count);
    for (size_t i = 0; i < STEP_FIELDS; i++)
        values[i] = json_object_get(line, reading->keys->steps[i].key);
    if (valid && !json_is_string(values[0]))
        return refuse(reading, "arch", values[0], "a text");
    if (!valid)
        values[0] = NULL;
    return add_step(reading, run, values);
}

static bool read_training(const struct reading *reading, const json_t *line, struct logged_run *run)
{
    struct trained trained = {0};
    if (!field_read_all(&reading->place, trained_fields, line, &trained, reading->err))
        return false;
    if (!trained.device)
        return true; /* tabulated */
    run->trained++;
    run->diverged += trained.diverged != NULL;
    run->stored += trained.stored;
    run->device = keep(reading->log->texts, trained.device);
    return true;
}

static bool check_count(const struct reading *reading, const json_t *line, const char *key,
                        size_t counted)
{
    const json_t *written = json_object_get(line, key);
    return (json_is_integer(written) && json_integer_value(written) == (json_int_t)counted) ||
           refuse(reading, key, written, "%zu, as many as the log holds", counted);
}

static bool read_failure(const struct reading *reading, const json_t *line, struct logged_run *run)
{
    const json_t *reason = json_object_get(line, "reason");
    if (!json_is_string(reason))
        return refuse(reading, "reason", reason, "a text");
    run->failure = keep(reading->log->texts, json_string_value(reason));
    return true;
}

/* Adds what a call says to the sums; NaN stays NaN. */
static bool read_call(const struct reading *reading, const json_t *line, struct logged_run *run)
{
    const json_t *problem = json_object_get(line, "problem");
    struct logged_run call;
    if (!json_is_null(problem))
        return true; /* no answer */
    if (!field_read_all(&reading->place, call_fields, line, &call, reading->err))
        return false;
    run->tokens_cached += call.tokens_cached;
    run->tokens_reasoning += call.tokens_reasoning;
    run->in_flight += call.in_flight;
    run->answered++;
    return true;
}

static bool read_run_event(struct reading *reading, const json_t *line, struct logged_run *run)
{
    const char *event = json_string_value(json_object_get(line, "event"));
    if (!event)
        return refuse(reading, "event", json_object_get(line, "event"), "a text");
    if (run->finished || run->failure)
        return refuse(reading, "event", json_object_get(line, "event"), "nothing after the end");
    if (strcmp(event, "evaluation") == 0)
        return read_step_line(reading, line, true, run) && read_training(reading, line, run);
    if (strcmp(event, "invalid") == 0)
        return read_step_line(reading, line, false, run);
    if (strcmp(event, "call") == 0)
        return read_call(reading, line, run);
    if (strcmp(event, "duplicate") == 0)
        run->duplicates++;
    if (strcmp(event, "failed") == 0)
        return read_failure(reading, line, run);
    if (strcmp(event, "start") == 0)
        return refuse(reading, "event", json_object_get(line, "event"),
                      "one start, the first line");
    if (strcmp(event, "end") == 0)
        return check_count(reading, line, "iterations", run->step_count) &&
               read_totals(reading, line, run);
    return true; /* remarks */
}

/* run.jsonl: a line an event. */
static bool read_events(struct reading *reading, const struct jsonl *lines)
{
    struct runlog *log = reading->log;
    struct logged_run *run = mem_alloc(1, sizeof(*run));
    log->runs = run;
    log->run_count = 1;
    run->steps = mem_alloc(lines->count, sizeof(*run->steps)); /* a line holds at most one */
    if (!field_read_all(&reading->place, run_fields, log->start, run, reading->err))
        return false;
    for (size_t i = 1; i < lines->count; i++) {
        reading->place.line = i + 1;
        if (!read_run_event(reading, lines->lines[i], run))
            return false;
    }
    return true;
}

/* The lists of a "run" line, each as long as "arch"; NULL where the line has none. */
static bool find_lists(const struct reading *reading, const json_t *line,
                       const json_t *lists[STEP_FIELDS])
{
    for (size_t i = 0; i < STEP_FIELDS; i++) {
        const struct field *field = &reading->keys->steps[i];
        lists[i] = json_object_get(line, field->key);
        if (!lists[i] && !field->required)
            continue;
        if (!json_is_array(lists[i]))
            return refuse(reading, field->key, lists[i], "a list");
        if (json_array_size(lists[i]) != json_array_size(lists[0]))
            return refuse(reading, field->key, lists[i], "%zu entries, as \"arch\" has",
                          json_array_size(lists[0]));
    }
    return true;
}

/* runs.jsonl.zst: a line a run. */
static bool read_run_line(const struct reading *reading, const json_t *line, struct logged_run *run)
{
    const json_t *lists[STEP_FIELDS], *values[STEP_FIELDS];
    const json_t *event = json_object_get(line, "event");
    if (!json_is_string(event) || strcmp(json_string_value(event), "run") != 0)
        return refuse(reading, "event", event, "\"run\"");
    if (!field_read_all(&reading->place, run_fields, line, run, reading->err) ||
        !find_lists(reading, line, lists))
        return false;
    run->steps = mem_alloc(json_array_size(lists[0]) + 1, sizeof(*run->steps));
    for (size_t at = 0; at < json_array_size(lists[0]); at++) {
        for (size_t i = 0; i < STEP_FIELDS; i++)
            values[i] = json_array_get(lists[i], at);
        if (!add_step(reading, run, values))
            return false;
    }
    return read_totals(reading, line, run);
}

static bool read_run_lines(struct reading *reading, const struct jsonl *lines)
{
    struct runlog *log = reading->log;
    const json_t *seeds = json_object_get(log->start, "seeds");
    const json_t *count = json_object_get(seeds, "count");
    if (!json_is_integer(count) || json_integer_value(count) < 0)
        return refuse(reading, "seeds", seeds, "an object with \"first\" and \"count\"");
    log->runs = mem_alloc(lines->count, sizeof(*log->runs));
    for (size_t i = 1; i < lines->count; i++) {
        struct logged_run *run = &log->runs[log->run_count++];
        reading->place.line = i + 1;
        if (!read_run_line(reading, lines->lines[i], run))
            return false;
        if (i > 1 && run->seed <= run[-1].seed)
            return refuse(reading, "seed", json_object_get(lines->lines[i], "seed"),
                          "a seed above that of the line before");
    }
    size_t planned = (size_t)json_integer_value(count);
    log->missing = planned > log->run_count ? planned - log->run_count : 0;
    return true;
}

/* Labels become parts of file names, and are what experiment files may call an entry. */
static bool check_labels(const struct reading *reading)
{
    const char *axis;
    json_t *label;
    if (!json_is_object(reading->log->labels))
        return refuse(reading, "labels", reading->log->labels, "an object");
    json_object_foreach((json_t *)(uintptr_t)reading->log->labels, axis, label)
    {
        if (!json_is_string(label))
            return refuse(reading, "labels", label, "texts in it");
        if (!str_is_name(json_string_value(label), "-_."))
            return refuse(reading, "labels", label, "letters, digits, -, _ and . in a label");
    }
    return true;
}

/* Version 1 did not say: all was accuracy of the final epoch. */
static bool read_metric(const struct reading *reading, const char *key, const json_t *version,
                        struct metric *metric)
{
    const json_t *said = json_object_get(reading->log->start, key);
    bool old = json_integer_value(version) == 1 && !said;
    const char *name = old ? "accuracy" : json_string_value(json_object_get(said, "name"));
    const char *epoch = old ? "final" : json_string_value(json_object_get(said, "epoch"));
    return metric_find(name, epoch, metric) ||
           refuse(reading, key, said,
                  "an object with \"name\", one of " METRIC_NAMES
                  ", and \"epoch\", one of " METRIC_EPOCHS);
}

static bool check_space(const struct reading *reading)
{
    const json_t *space = json_object_get(reading->log->experiment, "space");
    return json_is_string(space) || refuse(reading, "space of the experiment", space, "a text");
}

static bool read_start(struct reading *reading)
{
    struct runlog *log = reading->log;
    const json_t *event = json_object_get(log->start, "event");
    const json_t *version = json_object_get(log->start, "version");
    if (!json_is_string(event) || strcmp(json_string_value(event), "start") != 0)
        return refuse(reading, "event", event, "\"start\" in the first line");
    if (!json_is_integer(version) || json_integer_value(version) < 1 ||
        json_integer_value(version) > EVENT_VERSION)
        return refuse(reading, "version", version, "1 to %d, the versions that this program reads",
                      EVENT_VERSION);
    log->labels = json_object_get(log->start, "labels");
    log->experiment = json_object_get(log->start, "experiment");
    if (!check_labels(reading))
        return false;
    if (!json_is_object(log->experiment))
        return refuse(reading, "experiment", log->experiment, "an object");
    if (!read_metric(reading, "metric", version, &log->metric) ||
        !read_metric(reading, "report_metric", version, &log->report_metric))
        return false;
    if (log->metric.percent != log->report_metric.percent)
        return refuse(reading, "report_metric", json_object_get(log->start, "report_metric"),
                      "a metric of the same unit as \"metric\"");
    reading->keys = log->metric.percent ? &percent_keys : &plain_keys;
    return field_read_all(&reading->place, reading->keys->start, log->start, log, reading->err) &&
           check_space(reading) &&
           read_scores(reading, log->start, "optimum", &log->optimum, &log->optimum_count) &&
           ranks_read(&reading->place, "search_space", json_object_get(log->start, "search_space"),
                      &log->space, reading->err);
}

static bool transcript_lies_beside(const char *path)
{
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    char *plain = mem_printf("%.*stranscript.jsonl", folder, path);
    char *packed = mem_printf("%s.zst", plain);
    bool there = file_exists(plain) || file_exists(packed);
    free(plain);
    free(packed);
    return there;
}

bool reader_read(const char *path, struct runlog *log, struct err *err)
{
    struct jsonl lines;
    struct reading reading = {.log = log, .place = {path, 1}, .err = err};
    *log = (struct runlog){0};
    if (!jsonl_read(path, &lines, err))
        return false;
    log->texts = mem_alloc(1, sizeof(*log->texts));
    log->path = mem_strdup(path);
    log->transcript = transcript_lies_beside(path);
    log->start = lines.count ? json_incref(lines.lines[0]) : NULL;
    bool ok = log->start ||
              err_set(err, ERR_INPUT, "%s:1: found no whole line, expected a start event", path);
    ok = ok && read_start(&reading);
    if (ok && json_object_get(log->start, "seeds"))
        ok = read_run_lines(&reading, &lines);
    else if (ok)
        ok = read_events(&reading, &lines);
    jsonl_free(&lines);
    if (!ok)
        reader_free(log);
    return ok;
}

static void free_run(struct logged_run *run)
{
    for (size_t i = 0; i < run->answer_count; i++)
        free(run->answers[i].scores);
    free(run->answers);
    free(run->steps);
}

void reader_free(struct runlog *log)
{
    for (size_t i = 0; i < log->run_count; i++)
        free_run(&log->runs[i]);
    for (size_t i = 0; log->texts && i < log->texts->count; i++)
        free(log->texts->list[i]);
    if (log->texts)
        free(log->texts->list);
    free(log->texts);
    free(log->runs);
    ranks_free(&log->space);
    free(log->optimum);
    free(log->path);
    json_decref(log->start);
    *log = (struct runlog){0};
}

const struct logged_answer *reader_answer(const struct logged_run *run, size_t at)
{
    if (!at)
        return run->answer_count ? &run->answers[run->answer_count - 1] : NULL;
    for (size_t i = 0; i < run->answer_count; i++)
        if (run->answers[i].at == at)
            return &run->answers[i];
    return NULL;
}

const struct logged_score *reader_score(const struct logged_answer *answer, const char *dataset)
{
    for (size_t i = 0; i < answer->score_count; i++)
        if (strcmp(answer->scores[i].dataset, dataset) == 0)
            return &answer->scores[i];
    return NULL;
}
