/* A small network in its first state, with a few images of noise, and what to train it with: a
 * batch of them as pixels, the views that these pixels are of, and a step. */
#ifndef TESTS_TRAIN_TRIAL_H
#define TESTS_TRAIN_TRIAL_H

#include "data/batch.h"
#include "nets.h"
#include "train/backend.h"

enum { BATCH = 6 };

struct trial {
    struct net *net;
    struct net_state state;
    struct images images;
    struct view views[BATCH];
    float *pixels, *drop_scale;
    struct batch batch;
    struct step step;
};

struct trial trial_make(const struct small_net *small); /* the same each time */
void trial_free(struct trial *trial);

#endif
