/* A small training to test with: settings, synthetic images, their split, a net and a job. */
#ifndef TESTS_TRAIN_LESSON_H
#define TESTS_TRAIN_LESSON_H

#include "data/dataset.h"
#include "train/fit.h"

struct lesson {
    json_t *settings;
    struct dataset *dataset;
    struct split split;
    struct net *net;
    struct fit_job job; /* of the above, on the reference, without a checkpoint */
};

/* more: members of a JSON object that are added to, or put in place of, the usual settings; "" is
 * none. */
void lesson_make(struct lesson *lesson, const char *more);
void lesson_free(struct lesson *lesson);

#endif
