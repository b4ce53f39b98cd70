/* How good an architecture is, and what it would have cost to find out.
 *
 * Only run/ holds an oracle; strategies see the meter round it (oracle/meter.h), whose types have
 * no test accuracy in them.
 *
 * To add an oracle: (1) write oracle/<name>.c with one const struct oracle_type, (2) name it in
 * oracle_types[] in oracle.c, (3) add it to local.mk, (4) give it a case in tests/oracle/. */
#ifndef ORACLE_ORACLE_H
#define ORACLE_ORACLE_H

#include "base/err.h"
#include "base/option.h"
#include "base/rng.h"
#include "space/metric.h"
#include "space/space.h"

struct devices;  /* oracle/devices.h */
struct training; /* oracle/trainings.h */

struct evaluation {
    double valid_score; /* validation score that the search is guided by; higher is better */
    double test_score;  /* the same on test data, NaN where not measured; no strategy sees it */
    double cost_s;      /* seconds of training that the answer stands for, measured or tabulated */
    /* Of an oracle that trains: what came of it, the one that diverged where several stand behind
     * the answer. The oracle's memory; NULL where the answer is tabulated. */
    const struct training *training;
};

/* What is printed of an answer, after the search is over: its scores on one data set, in the
 * oracle's metric but of the epoch that was asked for. */
struct verdict {
    double valid_score, test_score; /* mean over training seeds; NaN where not measured */
};

/* What an oracle may use beside its settings. */
struct oracle_place {
    /* The folder of results, in which one that trains keeps its trainings; NULL: it has none. */
    const char *results;
    bool train; /* whether it may train what it does not know yet */
    /* Shared with all that trains beside it, and outlives it; NULL: it has the first to itself. */
    struct devices *devices;
};

struct oracle {
    const struct oracle_type *type;
    const struct space *space;
    struct metric metric; /* what evaluate()'s scores are */
};

struct oracle_type {
    const char *name;    /* as written in experiment files */
    const char *summary; /* one line for --help */
    /* The last row's key is NULL. One is "dataset", which logs, prompts and tables name; that,
     * "epochs" and "at_epoch", where there are such rows, are what report() is asked for where the
     * experiment says nothing else (epochs 0, and the metric's own epoch, where there are none). */
    const struct option *options;
    bool trains; /* an answer may take minutes, and costs seconds that are measured */
    /* More than the table can say: relations between options, and what the space must be. Adds to
     * faults. Optional. */
    void (*check)(const json_t *settings, const struct space *space, const char *path,
                  struct faults *faults);
    /* place NULL: it may use nothing. NULL and *err; else the caller owns the result. */
    struct oracle *(*open)(const struct space *space, const json_t *settings,
                           const struct oracle_place *place, struct err *err);
    /* Whether it could find out here what it does not know: false and *err say what is missing, a
     * device or data. Optional: NULL where it knows all that it ever will. */
    bool (*ready)(struct oracle *oracle, struct err *err);
    /* Safe to call from several threads at once, each with its own rng. ERR_UNTRAINED where it may
     * not train and nobody did before. */
    bool (*evaluate)(struct oracle *oracle, const struct arch *arch, struct rng *rng,
                     struct evaluation *evaluation, struct err *err);
    /* Whether report() gives scores of this kind: false and *err say which there are. */
    bool (*reports)(struct oracle *oracle, const char *dataset, int epochs, enum metric_epoch epoch,
                    struct err *err);
    /* Scores of arch on a data set after a training of so many epochs, as tables print them. */
    bool (*report)(struct oracle *oracle, const struct arch *arch, const char *dataset, int epochs,
                   enum metric_epoch epoch, struct verdict *verdict, struct err *err);
    /* The best of the space: *search is the highest valid_score that evaluate() can give on average
     * over training seeds, *best the highest of each of report()'s two scores. False and no error
     * where the space is too large to know (best is then NaN). Optional. */
    bool (*optimum)(struct oracle *oracle, const char *dataset, int epochs, enum metric_epoch epoch,
                    double *search_score, struct verdict *best);
    /* Every valid_score of the space that evaluate() can give on average over training seeds,
     * highest first, and how many they are: the oracle's own memory. NULL where the space is too
     * large to know. Optional. */
    const double *(*ranked)(struct oracle *oracle, size_t *count);
    /* Exact expectation of a uniform one-slot mutation of arch, without spending anything: the
     * share of neighbours with a higher valid_score than arch (mean over training seeds), and their
     * mean gain. Optional: NULL where it would cost an evaluation. */
    void (*mutation)(struct oracle *oracle, const struct arch *arch, double *better_share,
                     double *mean_gain);
    /* SHA-256 of what the answers come from (a table's seal), or "". */
    const char *(*identity)(const struct oracle *oracle);
    void (*close)(struct oracle *oracle); /* NULL is allowed */
};

const struct oracle_type *oracle_find(const char *name); /* NULL when there is none */
const struct oracle_type *oracle_at(size_t index);       /* NULL past the last */

#endif
