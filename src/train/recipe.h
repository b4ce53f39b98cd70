/* How a network is trained: what is no part of it, nor of its data, nor of the machine.
 *
 * Defaults are NAS-Bench-201's (Dong and Yang 2020, appendix A), whose trainer sets the cosine once
 * an epoch, without warm-up; so does DARTS' (train.py). Both decay all parameters, those of batch
 * norm and biases too, so nothing is spared here either. */
#ifndef TRAIN_RECIPE_H
#define TRAIN_RECIPE_H

#include "data/augment.h"

#include <stdbool.h>

struct recipe {
    int epochs, batch;
    double learning_rate, min_learning_rate;
    bool linear; /* the schedule: linear, else cosine */
    int warmup_epochs;
    double momentum, weight_decay;
    bool nesterov;
    double clip_norm, label_smoothing, auxiliary_weight;
    double drop_path; /* probability that the last epoch comes near to */
};

/* Rows for the table of whatever trains, those of data/augment.h among them. */
/* clang-format off */
#define RECIPE_OPTIONS                                                                             \
    {"epochs", OPTION_INTEGER, NULL, 1, 100000, NULL, "passes over the training images"},          \
    {"batch", OPTION_INTEGER, "256", 1, 65536, NULL,                                               \
     "images of a step; the last of an epoch may have fewer (DARTS: 96)"},                         \
    {"learning_rate", OPTION_REAL, "0.1", 0, 100, NULL, "of the first epoch (DARTS: 0.025)"},      \
    {"min_learning_rate", OPTION_REAL, "0", 0, 100, NULL, "that the cosine ends in"},              \
    {"schedule", OPTION_CHOICE, "\"cosine\"", 0, 0, "cosine|linear",                               \
     "how the learning rate falls, epoch by epoch (P-DARTS, PC-DARTS on ImageNet: linear)"},       \
    {"warmup_epochs", OPTION_INTEGER, "0", 0, 100000, NULL,                                        \
     "epochs in which the learning rate grows to its schedule (PC-DARTS on ImageNet: 5)"},         \
    {"momentum", OPTION_REAL, "0.9", 0, 1, NULL, "of SGD"},                                        \
    {"nesterov", OPTION_BOOLEAN, "true", 0, 0, NULL,                                               \
     "whether the momentum is Nesterov's (DARTS: false)"},                                         \
    {"weight_decay", OPTION_REAL, "0.0005", 0, 1, NULL,                                            \
     "of all parameters (DARTS: 0.0003; on ImageNet 0.00003)"},                                    \
    {"clip_norm", OPTION_REAL, "0", 0, 1e6, NULL,                                                  \
     "norm that the whole gradient is clipped to; 0: none (DARTS: 5)"},                            \
    {"label_smoothing", OPTION_REAL, "0", 0, 0.999, NULL,                                          \
     "share of a label that goes to all classes (DARTS on ImageNet: 0.1)"},                        \
    {"auxiliary_weight", OPTION_REAL, "0", 0, 10, NULL,                                            \
     "of the auxiliary head's loss, where the network has that head (DARTS: 0.4)"},                \
    {"drop_path", OPTION_REAL, "0", 0, 0.999, NULL,                                                \
     "probability of dropping a path, reached linearly at the end (DARTS: 0.2)"},                  \
    AUGMENT_OPTIONS
/* clang-format on */

extern const struct option recipe_options[]; /* these alone */

/* settings: of recipe_options, complete. */
struct recipe recipe_read(const json_t *settings);

/* Of an epoch, counted from 0. cosine: from learning_rate towards min_learning_rate, which the
 * epoch after the last would have. linear: to 0, with a smaller slope in the last five epochs, as
 * P-DARTS and PC-DARTS train ImageNet. Of w warm-up epochs, epoch e has (e + 1) / w of that. */
double recipe_learning_rate(const struct recipe *recipe, int epoch);
/* drop_path * epoch / epochs, as DARTS. */
double recipe_drop_path(const struct recipe *recipe, int epoch);

#endif
