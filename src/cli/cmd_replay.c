/* seki replay: makes a run again from its log and transcript, and compares the two logs. */
#include "cli/command.h"
#include "cli/place.h"

#include "base/file.h"
#include "base/jsonl.h"
#include "runlog/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct flag flags[] = {
    {"--transcripts", "DIR", "where recorded transcripts are (default: benchdata/transcripts)"},
    {.name = NULL},
};

/* Compares two logs line by line, times aside; says the first difference. */
static bool compare(const struct jsonl *was, const struct jsonl *is, const char *path,
                    struct err *err)
{
    size_t both = was->count < is->count ? was->count : is->count;
    for (size_t i = 0; i < both; i++) {
        if (event_same(was->lines[i], is->lines[i]))
            continue;
        char *left = json_dumps(was->lines[i], JSON_COMPACT);
        char *right = json_dumps(is->lines[i], JSON_COMPACT);
        size_t at = 0;
        while (left[at] && left[at] == right[at])
            at++;
        at = at > 20 ? at - 20 : 0;
        err_set(err, ERR_REPLAY,
                "%s:%zu: differs: the log has \"...%.80s\", the replay \"...%.80s\"", path, i + 1,
                left + at, right + at);
        free(left);
        free(right);
        return false;
    }
    if (was->count == is->count)
        return true;
    return err_set(err, ERR_REPLAY, "%s: the log has %zu lines, the replay %zu", path, was->count,
                   is->count);
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
    place->experiment = experiment->name;
    record.with_parents = option_boolean(json_object_get(cell->resolved, "report"), "parents");
    record.oracle = cell->oracle->open(cell->space, cell->oracle_settings, err);
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
    if (!jsonl_read(path, log, err))
        return false;
    const char *event = log->count ? option_text(log->lines[0], "event") : NULL;
    if (event && strcmp(event, "start") == 0 && json_object_get(log->lines[0], "run"))
        return true;
    return err_set(err, ERR_INPUT, "%s:1: found %s, expected the start event of a run", path,
                   log->count ? "another line" : "nothing");
}

static int run(const struct arguments *arguments)
{
    struct err err = {0};
    struct jsonl log = {0};
    struct run_place place = {.mode = RUN_REPLAY};
    char *found = NULL;
    char *path = file_join(arguments->operands[0], "run.jsonl");
    char *own = file_join(arguments->operands[0], "transcript.jsonl");
    place_read(arguments, "", &place, &found);
    bool ok = read_log(path, &log, &err) &&
              replay(&log, path, file_exists(own) ? own : NULL, &place, &err);
    jsonl_free(&log);
    free(found);
    free(path);
    free(own);
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
