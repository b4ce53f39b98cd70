/* seki run: makes all runs of an experiment. */
#include "cli/command.h"
#include "cli/place.h"

#include "base/log.h"
#include "base/stop.h"
#include "run/batch.h"

#include <stdlib.h>
#include <unistd.h>

static const struct flag flags[] = {
    {"--jobs", "N", "runs at once (default: one a core; 1 where an LLM is asked or a net trained)"},
    PLACE_FLAGS,
    {"--live", NULL, "ask the LLM's server; the transcript stays with the results"},
    {"--record", NULL, "ask the LLM's server and keep the transcript for replays"},
    {"--train", NULL, "train the architectures that no stored training answers for"},
    {"--replay", NULL, "answer from recorded transcripts and nothing else (the default)"},
    {"--only", "PATTERN", "only cells or runs of this shell pattern: \"seki*\", \"seki.s1\""},
    {0},
};

/* One a core; a server that is asked and a network that is trained have the machine to themselves.
 */
static size_t usual_jobs(const struct experiment *experiment, const struct run_place *place)
{
    bool alone = place->mode != RUN_REPLAY;
    for (size_t i = 0; i < experiment->cell_count; i++)
        alone = alone || (place->train && experiment->cells[i].oracle->trains);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return alone || cores < 1 ? 1 : (size_t)cores;
}

static bool read_mode(const struct arguments *arguments, enum run_mode *mode)
{
    bool live = arguments_has(arguments, "--live"), record = arguments_has(arguments, "--record");
    bool replay = arguments_has(arguments, "--replay");
    *mode = live ? RUN_LIVE : record ? RUN_RECORD : RUN_REPLAY;
    if (live + record + replay <= 1)
        return true;
    log_error("run: found more than one of --live, --record and --replay, expected at most one");
    return false;
}

static const char *runs(size_t count)
{
    return count == 1 ? "run" : "runs";
}

static const char *were(size_t count)
{
    return count == 1 ? "was" : "were";
}

static int say_result(const struct batch_result *result, const struct run_place *place)
{
    if (result->failed)
        log_error("%zu %s failed; the first: %s", result->failed, runs(result->failed),
                  result->failure.text);
    if (!result->made && !result->failed && !result->unrecorded.runs && !result->untrained.runs)
        log_info("nothing to do: %zu %s %s there already", result->skipped, runs(result->skipped),
                 were(result->skipped));
    else if (result->skipped)
        log_info("%zu %s made, %zu %s there already", result->made, runs(result->made),
                 result->skipped, were(result->skipped));
    else
        log_info("%zu %s made", result->made, runs(result->made));
    if (result->unrecorded.runs)
        log_warn("%zu %s not made, since %s/%s has no transcript of these cells (--record asks "
                 "their LLM): %s",
                 result->unrecorded.runs, runs(result->unrecorded.runs), place->transcripts,
                 place->experiment, result->unrecorded.cells);
    if (result->untrained.runs)
        log_warn("%zu %s not made, since not all architectures of these cells were trained before "
                 "(--train does it): %s",
                 result->untrained.runs, runs(result->untrained.runs), result->untrained.cells);
    if (result->failed)
        return command_status(&result->failure);
    return result->unrecorded.runs || result->untrained.runs ? EXIT_UNRECORDED : EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
    struct err err = {0};
    struct batch_settings settings = {.only = arguments_value(arguments, "--only")};
    struct batch_result result = {0};
    settings.place.train = arguments_has(arguments, "--train");
    int jobs = 0;
    if (!read_mode(arguments, &settings.place.mode))
        return EXIT_BAD_INPUT;
    if (!arguments_number(arguments, "--jobs", 1, 1024, &jobs, &err))
        return command_fail(&err);
    struct experiment *experiment = experiment_open(arguments->operands[0], &err);
    if (!experiment)
        return command_fail(&err);
    char *transcripts = NULL;
    place_read(arguments, experiment->name, &settings.place, &transcripts);
    settings.jobs = jobs ? (size_t)jobs : usual_jobs(experiment, &settings.place);
    stop_install();
    bool ok = batch_run(experiment, &settings, &result, &err);
    int status = ok ? say_result(&result, &settings.place) : command_fail(&err);
    free(result.unrecorded.cells);
    free(result.untrained.cells);
    free(transcripts);
    experiment_close(experiment);
    return status;
}

const struct command command_run = {
    .name = "run",
    .operands = "FILE",
    .summary = "make all runs of an experiment file",
    .text =
        "Finished runs are not made again; stopped ones go on. Logs go to\n"
        "RESULTS/<experiment>/<run>/run.jsonl, and those of cells that ask no LLM and train\n"
        "nothing to RESULTS/<experiment>/<cell>/runs.jsonl.zst. A log that breaks off in its\n"
        "last line goes on; one that is damaged before it is bad input, status 2, as it is to\n"
        "seki report. Where several runs fail, the status is that of the first.\n"
        "Cells that ask an LLM and of which no transcript is recorded are named at the end; the\n"
        "status is then 3, as it is where an architecture was never trained and --train is not "
        "given.\n"
        "Trainings are kept in RESULTS/trainings and are made once; those of runs at once share "
        "the\n"
        "GPUs: each goes to the one with the fewest at work, where the file names none.",
    .flags = flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
};
