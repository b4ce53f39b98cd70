/* How a network is trained: what is no part of it, nor of its data, nor of the machine.
 *
 * Defaults are NAS-Bench-201's (Dong and Yang 2020, appendix A), whose trainer sets the cosine once
 * an epoch, without warm-up; so does DARTS' (train.py). Both decay all parameters, those of batch
 * norm and biases too, so nothing is spared here either. */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "base/option.h"

#include <stdbool.h>

struct recipe {
    int epochs, batch;
    double learning_rate, min_learning_rate;
    bool linear; /* the schedule: linear, else cosine */
    int warmup_epochs;
    double momentum, weight_decay;
    bool nesterov;
    double clip_norm, label_smoothing, auxiliary_weight;
    double drop_path;    /* probability that the last epoch comes near to */
    double diverged_pct; /* accuracy that a training which diverged counts as */
};

extern const struct option recipe_options[]; /* those of data/augment.h among them */

/* settings: of recipe_options, complete. */
struct recipe recipe_read(const json_t *settings);

/* Of an epoch, counted from 0. cosine: from learning_rate towards min_learning_rate, which the
 * epoch after the last would have. linear: to 0, with a smaller slope in the last five epochs, as
 * P-DARTS and PC-DARTS train ImageNet. Of w warm-up epochs, epoch e has (e + 1) / w of that. */
double recipe_learning_rate(const struct recipe *recipe, int epoch);
/* drop_path * epoch / epochs, as DARTS. */
double recipe_drop_path(const struct recipe *recipe, int epoch);

#endif
