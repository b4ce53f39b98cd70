/* What a score is: which quantity, in which unit, of which epoch of a training.
 *
 * Higher is always better. Strategies, the best so far, regret and ranks only ever maximise, so
 * that the direction is written down once, here, and asked for nowhere. A quantity of which less is
 * better is scored by its negation, under a name that says so, as TransNAS-Bench-101 does
 * (neg_loss); whoever writes the table's CSV negates it.
 *
 * To add a metric: a row in metrics[] in metric.c, and its name in METRIC_NAMES. */
#ifndef SPACE_METRIC_H
#define SPACE_METRIC_H

#include "base/str.h"

#define METRIC_NAMES  "accuracy|top5_accuracy|miou|ssim|neg_loss"
#define METRIC_EPOCHS "final|best"

/* Which epoch's value of a training is the score: the last one's; or the highest of all epochs,
 * which for a test metric is a look at the test set. */
enum metric_epoch { METRIC_FINAL_EPOCH, METRIC_BEST_EPOCH };

struct metric {
    const char *name;  /* as logs, tables and experiment files write it: "neg_loss" */
    const char *title; /* as people read it: "negative loss" */
    bool percent;      /* from 0 to 100, and shown with a %; else a plain number */
    int decimals;      /* that people are shown */
    enum metric_epoch epoch;
};

/* The metric with one of METRIC_NAMES and of METRIC_EPOCHS as its name and epoch; false, and
 * *metric untouched, when either is none of them (or NULL). */
bool metric_find(const char *name, const char *epoch, struct metric *metric);

/* The same quantity of the same epoch. */
bool metric_equal(const struct metric *a, const struct metric *b);

const char *metric_epoch_name(const struct metric *metric); /* "final" or "best" */
const char *metric_unit(const struct metric *metric);       /* "percent", or "" */

/* What a benchmark table calls it: "accuracy"; of the best epoch "accuracy_best_epoch". */
void metric_add_column(const struct metric *metric, struct str *out);

/* A score as people and prompts see it: "90.34%", "0.5632". */
void metric_add_score(const struct metric *metric, double score, struct str *out);

/* What it is, for under tables: "accuracy in percent, final epoch", "SSIM, best epoch". */
void metric_add_words(const struct metric *metric, struct str *out);

#endif
