/* Any bytes as a run log: refused with a reason, or all that the report reads of it is there. */
#include "fuzz.h"
#include "runlog/reader.h"

#include <string.h>

/* Reads the text, so that a sanitizer sees one that is gone. */
static void require_text(const char *text)
{
    FUZZ_REQUIRE(strlen(text) < SIZE_MAX);
}

static void require_scores(const struct logged_score *scores, size_t count)
{
    for (size_t i = 0; i < count; i++)
        require_text(scores[i].dataset);
}

static void require_steps(const struct logged_run *run)
{
    size_t invalid = 0;
    for (size_t i = 0; i < run->step_count; i++) {
        const struct logged_evaluation *step = &run->steps[i];
        invalid += !step->arch;
        require_text(step->arch ? step->arch : "");
        require_text(step->stage ? step->stage : "");
        require_text(step->parent ? step->parent : "");
    }
    FUZZ_REQUIRE(invalid == run->invalid);
}

static void require_answers(const struct logged_run *run)
{
    const struct logged_answer *last = reader_answer(run, 0);
    FUZZ_REQUIRE(last || !run->finished);
    for (size_t i = 0; i < run->answer_count; i++) {
        const struct logged_answer *answer = &run->answers[i];
        FUZZ_REQUIRE(reader_answer(run, answer->at) == answer);
        require_text(answer->arch ? answer->arch : "");
        require_scores(answer->scores, answer->score_count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct runlog log;
    if (!reader_read(fuzz_file(data, size), &log, &err)) {
        fuzz_require_reason(&err);
        return 0;
    }
    require_text(log.cell);
    require_text(log.strategy);
    require_text(log.dataset);
    FUZZ_REQUIRE(json_is_object(log.labels) && json_is_object(log.experiment));
    require_scores(log.optimum, log.optimum_count);
    for (size_t i = 0; i < log.run_count; i++) {
        require_steps(&log.runs[i]);
        require_answers(&log.runs[i]);
        require_text(log.runs[i].failure ? log.runs[i].failure : "");
    }
    reader_free(&log);
    return 0;
}
