/* All runs of an experiment: those that are finished are skipped, those that were stopped go on,
 * the others are made, several at once. Nothing that is written depends on how many. */
#ifndef RUN_BATCH_H
#define RUN_BATCH_H

#include "run/run.h"

struct batch_settings {
    struct run_place place;
    size_t jobs;      /* runs at once, at least 1 */
    const char *only; /* shell pattern of cell ids or run names ("seki*.s1"); NULL: all */
};

/* Runs that lack something, and the names of their cells, or NULL: "seki, prior (1 of 3 runs)",
 * where the other two of the latter were made. */
struct batch_lack {
    size_t runs;
    char *cells;
};

struct batch_result {
    size_t made, skipped, failed; /* runs */
    struct err failure;           /* of the first one that failed, in the order of runs */
    /* Runs that could not be made since their transcript is not there, and since an architecture
     * of theirs was never trained and may not be now: a study that is recorded in part gives what
     * it has, and its logs say what it lacks. With only, they are failures. */
    struct batch_lack unrecorded, untrained;
};

/* False and *err when the batch could not go on (stopped by a signal, an oracle that does not
 * open, one that is to train and cannot, no folder for results, nothing that is named like only); a
 * run that fails is counted and the others go on. The caller frees the names of cells. */
bool batch_run(const struct experiment *experiment, const struct batch_settings *settings,
               struct batch_result *result, struct err *err) MUST_CHECK;

#endif
