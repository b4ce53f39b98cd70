/* Trains one network by one recipe and evaluates it: the loop.
 *
 * It is blind to backends. All chance of a training comes from one struct rng, which the caller
 * forks from (experiment's seed, architecture, training seed); streams "init", "order", "augment"
 * and "drop path" are forked from that by epoch and image, so that a training that was stopped goes
 * on with the same numbers.
 *
 * An epoch begins from what the last one's state_get() gave, also where nothing was stopped: what
 * a backend keeps beyond that ends there, so going on from a checkpoint gives the same bits. */
#ifndef TRAIN_FIT_H
#define TRAIN_FIT_H

#include "base/rng.h"
#include "train/backend.h"
#include "train/recipe.h"

struct dataset;

struct fit_job {
    const char *name; /* before the progress line: "421211, seed 777" */
    const struct net *net;
    const struct backend_type *backend;
    struct backend_setting setting; /* its batch is the recipe's, whatever it says here */
    const json_t *recipe;           /* settings of recipe_options[] */
    const struct dataset *data;     /* splits train, valid and test */
    struct rng rng;
    const char *checkpoint; /* a file, written after each epoch and read at the start where it is
                               there; NULL: none */
};

/* One line of a learning curve. */
struct fit_epoch {
    double learning_rate;
    double train_loss, train_pct; /* means over the epoch's steps, of augmented images */
    double valid_pct;             /* after the epoch */
    double train_s, evaluate_s;
};

/* Accuracies in percent, in [0, 100]. */
struct fit_scores {
    int epoch; /* counted from 0 */
    double valid_pct, test_pct;
};

struct fit_result {
    struct fit_scores final;    /* of the last epoch */
    struct fit_scores best;     /* of the epoch with the highest validation accuracy, the first of
                                   equals: its test score is a fair one, since no test image chose it */
    double train_s, evaluate_s; /* seconds in steps, and in evaluation; of stopped parts too */
    double images_per_s;        /* trained, on average */
    bool diverged;              /* all four scores are then the recipe's diverged_score */
    char reason[200];           /* "epoch 3, step 17: the loss is not finite"; "" */
    struct fit_epoch *curve;    /* of the epochs that ended; ours until fit_result_free() */
    size_t curve_count;
};

/* False and *err when the machine fails, a file cannot be written or the checkpoint is of another
 * training, and (ERR_STOPPED) when a signal asks to stop: the next call with this job goes on from
 * the last epoch that ended. A training that diverges is a result. */
bool fit_run(const struct fit_job *job, struct fit_result *result, struct err *err) MUST_CHECK;
void fit_result_free(struct fit_result *result);

#endif
