/* One run: one cell of an experiment with one seed. This is the page that shows how all parts meet.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "run/record.h"

/* Where the answers of an LLM come from. */
enum run_mode {
    RUN_REPLAY, /* from its recorded transcript, and from nowhere else */
    RUN_LIVE,   /* from the server; the transcript stays with the results */
    RUN_RECORD  /* from the server; the finished transcript goes to the recorded ones */
};

struct run_place {
    enum run_mode mode;
    const char *experiment;  /* its name */
    const char *results;     /* folder: "results" */
    bool train;              /* what no stored training answers */
    const char *transcripts; /* folder: "benchdata/transcripts" */
};

/* A run whose LLM is asked or replayed, or that trains, has a folder of its own; the others share
 * their cell's. */
bool run_has_folder(const struct cell *cell);

/* Whether a replay of this run finds its transcript; always true where none is needed. */
bool run_is_recorded(const struct cell *cell, const struct run_place *place, uint64_t seed);

/* The "start" line of a run, or of all runs of a cell that has none of its own (seed is ignored).
 */
void run_start_line(const struct cell *cell, struct oracle *oracle, const struct run_place *place,
                    uint64_t seed, struct str *line);

/* Runs without a log; the steps are in record. */
bool run_in_memory(struct record *record, uint64_t seed, struct err *err) MUST_CHECK;

/* Runs in its folder, results/<experiment>/<cell>.s<seed>/: going on where it was stopped. *done is
 * set, and nothing run, when the log is there and finished. A log of another experiment (another
 * start line) is moved aside. */
bool run_in_folder(struct record *record, const struct run_place *place, uint64_t seed, bool *done,
                   struct err *err) MUST_CHECK;

/* Makes the run again, whatever logs there are, from a transcript (NULL: the recorded one) and
 * gives the text of its log; the caller frees it. */
bool run_again(struct record *record, const struct run_place *place, uint64_t seed,
               const char *transcript, struct str *log, struct err *err) MUST_CHECK;

#endif
