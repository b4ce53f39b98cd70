/* Which images are trained on, validated on and tested on: lists of indices into a data set, with
 * no image in two of them.
 *
 * As upstream splits:
 *   NAS-Bench-201, cifar10                    valid_from train, valid_fraction 0.5 (25 000, 25 000)
 *   NAS-Bench-201, cifar100, imagenet16-120   valid_from test, valid_fraction 0.5: halves
 *   DARTS, final training                     valid_from none
 * Upstream's halves are lists of its own; ours are drawn from the stream "split" of split_seed, the
 * same for every network. */
#ifndef DATA_SPLIT_H
#define DATA_SPLIT_H

#include "data/dataset.h"

/* Rows for the table of whatever trains. */
/* clang-format off */
#define SPLIT_OPTIONS                                                                              \
    {"valid_from", OPTION_CHOICE, NULL, 0, 0, "train|test|none",                                   \
     "the part of the data set that validation images are taken out of"},                          \
    {"valid_fraction", OPTION_REAL, "0.5", 1e-6, 0.999999, NULL,                                   \
     "share of that part that is validated on; the rest stays what it was"},                       \
    {"fraction", OPTION_REAL, "1", 1e-6, 1, NULL,                                                  \
     "share of the training images, validation taken out, that is trained on"},                    \
    {"split_seed", OPTION_INTEGER, "0", 0, 1e12, NULL, "seed that both shares are drawn from"}
/* clang-format on */

struct subset {
    uint32_t *indices; /* ascending */
    size_t count;
};

struct split {
    struct subset train, valid, test;
};

/* settings hold SPLIT_OPTIONS. The caller frees. False and *err when nothing is left to train on,
 * or nothing is there to validate on that was asked for. */
bool split_make(const struct dataset *dataset, const json_t *settings, struct split *split,
                struct err *err) MUST_CHECK;
void split_free(struct split *split);

#endif
