/* What happens in one run, kept in memory and, where a log is given, written event by event. This
 * is the observer behind the meter, the chat and the strategy; it alone sees test accuracies. */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "experiment/experiment.h"
#include "llm/chat.h"
#include "oracle/metering.h"
#include "runlog/writer.h"

/* One iteration. */
struct step {
    bool valid; /* an architecture came of it */
    bool repeat;
    bool has_parent;
    struct arch arch, parent;
    struct evaluation evaluation;
    const char *stage; /* a constant of the strategy's, or NULL */
    double parent_score;
    double mutation_better, mutation_gain; /* NaN where not asked for or not known */
};

struct record {
    const struct cell *cell;
    struct oracle *oracle;
    bool with_parents;         /* the experiment's report.parents */
    struct runlog_writer *log; /* NULL: steps are kept, nothing is written on the way */
    void (*told)(void *context, size_t steps); /* after each step, for progress; may be NULL */
    void *context;

    struct step *steps;
    size_t step_count, step_capacity;
    size_t unique, invalid, duplicates, repairs, calls;
    size_t live_calls;             /* of the calls, those that a server answered now */
    int64_t tokens_in, tokens_out; /* of the calls that said so; -1: none did */
    double price;                  /* likewise */
    double llm_ms, simulated_s;
    const char *end_reason; /* why the run ended with budget left, or NULL */
    struct str line;
    struct err err; /* why the log could not be written; the run ends with the iteration then */
};

void record_reset(struct record *record); /* ready for another run of the same cell; memory kept */
void record_free(struct record *record);

/* The three observers; context is the record. */
bool record_observation(void *context, const struct observation *observation);
void record_attempt(void *context, const struct chat_attempt *attempt);
void record_note(void *context, const struct search_note *note);

/* What the scores of answers are: the search's metric, but of the experiment's report.at_epoch. */
struct metric record_report_metric(const struct cell *cell, const struct oracle *oracle);
/* Whether the oracle reports all that the experiment's report asks for. */
bool record_can_report(const struct cell *cell, struct oracle *oracle, struct err *err) MUST_CHECK;

/* Adds "key":[...] with the best architecture after each of the experiment's report.at iterations
 * and after the last. False and *err when the oracle cannot report. */
bool record_add_answers(const struct record *record, struct str *line, struct err *err) MUST_CHECK;

/* The line of a whole run, for runs.jsonl.zst, and the last line of run.jsonl. */
bool record_run_line(const struct record *record, uint64_t seed, struct str *line,
                     struct err *err) MUST_CHECK;
bool record_end_line(const struct record *record, double wall_s, struct str *line,
                     struct err *err) MUST_CHECK;

#endif
