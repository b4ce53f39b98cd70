/* Trains one network by one recipe and evaluates it: the loop.
 *
 * It is blind to backends. All chance of a training comes from one struct rng, which the caller
 * forks from (experiment's seed, architecture, training seed); "init", "images" (order and
 * augmentation, named further in data/loader.h) and "drop path" are forked from that, the latter
 * two by epoch.
 *
 * An epoch begins from what the last one's state_get() gave, also where nothing was stopped: what a
 * backend keeps beyond that ends there. So a training that was stopped and goes on from its
 * checkpoint comes to the same bits, on the same machine. */
#ifndef TRAIN_FIT_H
#define TRAIN_FIT_H

#include "base/rng.h"
#include "data/split.h"
#include "train/backend.h"
#include "train/recipe.h"

struct fit_job {
    const char *name; /* begins the progress line: "421211, seed 777" */
    const struct net *net;
    const struct backend_type *backend;
    struct backend_setting setting; /* but for its batch, which is the recipe's */
    const json_t *recipe;           /* settings that hold RECIPE_OPTIONS */
    const struct dataset *dataset;
    const struct split *split;
    int data_threads; /* that make batches, at least 1 */
    struct rng rng;
    const char *checkpoint; /* file that is written after each epoch and read at the start where it
                               is there; the caller removes it once it has kept the result. NULL:
                               none */
};

/* One line of a learning curve. */
struct fit_epoch {
    double learning_rate;
    double train_loss, train_pct; /* means over the epoch's steps, of augmented images */
    double valid_pct;             /* after the epoch; NAN where there are no validation images */
    double train_s, evaluate_s;
};

/* Accuracies in percent, in [0, 100]; NAN where the split has no such images. */
struct fit_scores {
    int epoch; /* counted from 0 */
    double valid_pct, test_pct;
};

struct fit_result {
    struct fit_scores final;    /* of the last epoch */
    struct fit_scores best;     /* of the epoch with the highest validation accuracy, the first of
                                   equals; of the last epoch where there are no validation images. No
                                   test image has a say in it */
    double train_s, evaluate_s; /* seconds in epochs and in evaluation, of all parts of a training
                                   that was stopped; the former with all of the epoch in which it
                                   diverged */
    double images_per_s;        /* trained on, on average */
    char device[200];           /* what trained, as the backend describes itself */
    bool diverged;              /* all scores are then NAN */
    char reason[200];           /* "epoch 3, step 17: the loss is not finite"; "" */
    struct fit_epoch *curve;    /* of the epochs that ended; ours until fit_result_free() */
    size_t curve_count;
};

/* False and *err when the machine fails, the recipe weighs an auxiliary head that the net lacks, a
 * file cannot be read or written, the checkpoint is of another training, or (ERR_STOPPED) a signal
 * asks to stop: the next call with this job goes on from the last epoch that ended. A training that
 * diverges is a result. */
bool fit_run(const struct fit_job *job, struct fit_result *result, struct err *err) MUST_CHECK;
void fit_result_free(struct fit_result *result);

#endif
