/* seki replay: makes a run again from its log and transcript, and compares the two logs. */
#include "cli/command.h"
#include "cli/place.h"

#include "base/file.h"
#include "base/jsonl.h"
#include "runlog/event.h"

#include <stdio.h>
#include <stdlib.h>

static const struct flag flags[] = {
    PLACE_TRANSCRIPTS,
    {0},
};

enum { SHOWN_BEFORE = 20, SHOWN_BYTES = 80 }; /* of two lines, round the place where they part */

/* Says where two lines part, times and build aside. Always false. */
static bool differ(const json_t *was, const json_t *is, const char *path, size_t number,
                   struct err *err)
{
    json_t *old = event_compared(was), *new = event_compared(is);
    char *left = json_dumps(old, JSON_COMPACT | JSON_REAL_PRECISION(15));
    char *right = json_dumps(new, JSON_COMPACT | JSON_REAL_PRECISION(15));
    size_t at = 0;
    while (left[at] && left[at] == right[at])
        at++;
    at -= at < SHOWN_BEFORE ? at : SHOWN_BEFORE;
    at = (size_t)str_cut(left, (int)at);
    err_set(err, ERR_REPLAY, "%s:%zu: differs: the log has \"...%.*s\", the replay \"...%.*s\"",
            path, number, str_cut(left + at, SHOWN_BYTES), left + at,
            str_cut(right + at, SHOWN_BYTES), right + at);
    free(left);
    free(right);
    json_decref(old);
    json_decref(new);
    return false;
}

/* Compares two logs line by line; says the first difference. */
static bool compare(const struct jsonl *was, const struct jsonl *is, const char *path,
                    struct err *err)
{
    size_t both = was->count < is->count ? was->count : is->count;
    for (size_t i = 0; i < both; i++)
        if (!event_same(was->lines[i], is->lines[i]))
            return differ(was->lines[i], is->lines[i], path, i + 1, err);
    if (was->count == is->count)
        return true;
    return err_set(err, ERR_REPLAY, "%s: the log has %zu lines%s, the replay %zu", path, was->count,
                   was->torn ? " and a torn one" : "", is->count);
}

/* Makes the run of the log once more and compares. */
static bool replay(const struct jsonl *log, const char *path, const char *transcript,
                   struct run_place *place, struct err *err)
{
    struct experiment *experiment = experiment_of_log(log->lines[0], path, err);
    if (!experiment)
        return false;
    const struct cell *cell = &experiment->cells[0];
    struct record record = {.cell = cell};
    struct str text = {0};
    struct jsonl again = {0};
    const struct oracle_place known = {.results = place->results}; /* trainings are kept there */
    place->experiment = experiment->name;
    record.with_parents = option_boolean(json_object_get(cell->resolved, "report"), "parents");
    record.oracle = cell->oracle->open(cell->space, cell->oracle_settings, &known, err);
    bool ok =
        record.oracle && run_again(&record, place, cell->first_seed, transcript, &text, err) &&
        jsonl_parse(path, text.text, text.length, &again, err) && compare(log, &again, path, err);
    if (ok)
        printf("%s: %zu lines, the same\n", path, again.count);
    jsonl_free(&again);
    str_free(&text);
    record_free(&record);
    cell->oracle->close(record.oracle);
    experiment_close(experiment);
    return ok;
}

static bool read_log(const char *path, struct jsonl *log, struct err *err)
{
    if (!file_exists(path))
        return err_set(err, ERR_INPUT,
                       "%s: not there; expected the folder of one run that asks an LLM, as in "
                       "results/nb201-ablation/seki.s1",
                       path);
    if (!jsonl_read(path, log, err))
        return false;
    if (!log->count || !option_is(log->lines[0], "event", "start") ||
        !json_object_get(log->lines[0], "run"))
        return err_set(err, ERR_INPUT, "%s:1: found %s, expected the start event of a run", path,
                       log->count ? "another line" : "nothing");
    const json_t *version = json_object_get(log->lines[0], "version");
    if (json_is_integer(version) && json_integer_value(version) == EVENT_VERSION)
        return true;
    char *found = option_shown(version);
    err_set(err, ERR_INPUT,
            "%s:1: version: found %s, expected %d, the version that this program "
            "replays",
            path, found, EVENT_VERSION);
    free(found);
    return false;
}

static int run(const struct arguments *arguments)
{
    struct err err = {0};
    struct jsonl log = {0};
    struct run_place place = {.mode = RUN_REPLAY};
    char *found = NULL;
    char *path = file_join(arguments->operands[0], "run.jsonl");
    char *own = file_join(arguments->operands[0], "transcript.jsonl");
    char *results = file_join(arguments->operands[0], "../..");
    place_read(arguments, "", &place, &found);
    place.results = results;
    bool ok = read_log(path, &log, &err) &&
              replay(&log, path, file_exists(own) ? own : NULL, &place, &err);
    jsonl_free(&log);
    free(found);
    free(path);
    free(own);
    free(results);
    return ok ? EXIT_DONE : command_fail(&err);
}

const struct command command_replay = {
    .name = "replay",
    .operands = "RUN-FOLDER",
    .summary = "make a run again from its transcript, and compare the logs",
    .text = "Exit status 1 where a line differs, times and build aside.",
    .flags = flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
