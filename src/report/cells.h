/* The runs of an experiment, sorted into its cells. What kinds of table and figure draw from.
 *
 * Only finished runs count; a cell says how many are missing, and why it has none. */
#ifndef REPORT_CELLS_H
#define REPORT_CELLS_H

#include "report/report.h"
#include "runlog/reader.h"

struct cell_runs {
    const char *id;
    const struct logged_run **runs; /* finished ones, by seed */
    size_t run_count, run_capacity;
    size_t
        planned; /* runs that the experiment asked for, or, where it is not there, the logs say */
    const char *failure; /* why one of its runs could not go on, or NULL */

    /* Of its first log; NULL or NaN without one. */
    const char *strategy, *space, *dataset; /* dataset: the one that it searched on */
    const json_t *labels;
    char *budget;       /* "50 evaluations", "12000 s" */
    const char *source; /* "measured"; "replayed" where recorded replies stood in for an LLM; else
                           "stored" where trainings that come with the project answered */
    bool asks_llm, scripted;             /* scripted: the LLM was a set of rules */
    struct metric metric, report_metric; /* as in runlog/reader.h */
    double search_optimum;

    struct runlog *logs;
    size_t log_count, log_capacity;
};

struct report {
    const struct report_request *request;
    struct cell_runs *cells;
    size_t cell_count;
};

/* Reads the logs of every cell. False and *err when one is damaged, or when two runs of a cell were
 * made by different experiments. */
bool cells_read(const struct report_request *request, struct report *report,
                struct err *err) MUST_CHECK;
void cells_free(struct report *report);

/* The cells that settings' "cells" names, in order, with or without runs: a list that ends in NULL
 * and that the caller frees. NULL and *err when there are none. */
const struct cell_runs **cells_select(const struct report *report, const json_t *settings,
                                      struct err *err) MUST_CHECK;
/* Whether an id fits one of the patterns, which | separates. */
bool cells_fit(const char *id, const char *patterns);

/* What a cell is called: its label on the axis, or, where axis is NULL, its labels on all axes but
 * left_out (may be NULL), joined by "+". The caller frees. */
char *cells_label(const struct cell_runs *cell, const char *axis, const char *left_out);

/* "50 evaluations": what the cell spent after at evaluations (0: at its end). The caller frees. */
char *cells_spent(const struct cell_runs *cell, size_t at);

/* The model that the experiment names, or NULL where the cell asks none. */
const char *cells_model(const struct cell_runs *cell);

/* Why a cell without finished runs has none: "0 of 5 runs finished: ...". The caller frees. */
char *cells_reason(const struct cell_runs *cell);

/* The score of each run's answer after at evaluations (0: at its end) on a data set, split "valid"
 * or "test", in the order of runs; NaN where it was not measured, and for all where the LLM's
 * budget ended one of them before: the others are those that spent less. The caller frees. NULL and
 * *err when a run has no such answer. */
double *cells_scores(const struct cell_runs *cell, const char *dataset, const char *split,
                     size_t at, struct err *err) MUST_CHECK;

/* The best score that the search had seen after each iteration of a run, NaN before the first valid
 * architecture: a list as long as its steps, which the caller frees. */
double *cells_best_so_far(const struct logged_run *run);

/* The stages of those steps of a cell's runs that are counted, in order of appearance; NULL among
 * them for steps of none. The list is the caller's, who frees it. */
typedef bool cells_counted(const struct logged_evaluation *step);
const char **cells_stages(const struct cell_runs *cell, cells_counted *counted, size_t *count);

/* False and *err when the space's optimum, which the drawing called name needs, is not known. */
bool cells_need_optimum(const struct cell_runs *cell, const char *name, struct err *err) MUST_CHECK;

/* Whether the run ended since its LLM had used what it may: nobody knows what would have come. */
bool cells_ends_with_llm_budget(const struct logged_run *run);
/* Whether no run of the cell ended so before at iterations. */
bool cells_reach(const struct cell_runs *cell, size_t at);
double *cells_no_scores(const struct cell_runs *cell); /* NaN for each run; the caller frees */

/* How papers write the name of a data set: "CIFAR-10". */
const char *cells_title(const char *dataset);

/* The optimum of the space on a data set, split "valid" or "test"; NaN where no log says it. */
double cells_optimum(const struct cell_runs *cell, const char *dataset, const char *split);

#endif
