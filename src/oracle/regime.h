/* One way to train: the settings of an oracle that trains, the table of what was trained by them,
 * and what it takes to add to it. Data, device and networks are opened when the first training
 * needs them, so what is in the table is told on a machine that has none of them.
 *
 * What is told is of one set of images: those that are here or, where none are, those of the
 * table's first training. One of others (another folder of JPEG files; files of another version) is
 * not told: it is made again where that is allowed, and kept beside the other.
 *
 * A training that was stopped goes on from its checkpoint, which lies beside the table. */
#ifndef ORACLE_REGIME_H
#define ORACLE_REGIME_H

#include "data/dataset.h"
#include "data/split.h"
#include "oracle/devices.h"
#include "oracle/oracle.h"
#include "oracle/trainings.h"
#include "train/backend.h"
#include "train/recipe.h"

/* Rows for the table of an oracle. */
/* clang-format off */
#define REGIME_OPTIONS                                                                             \
    DATASET_OPTIONS,                                                                               \
    SPLIT_OPTIONS,                                                                                 \
    {"training_seed", OPTION_INTEGER, NULL, 0, 1e12, NULL,                                         \
     "seed of all chance in a training; the first of several"},                                    \
    {"training_seeds", OPTION_INTEGER, "1", 1, 1000, NULL,                                         \
     "trainings that a score is the mean of: by that seed and those that follow it"},              \
    {"cells", OPTION_INTEGER, NULL, 1, 100, NULL,                                                  \
     "NAS-Bench-201: N of each of the three stages (5 there); DARTS: in all (20; ImageNet 14)"}, \
    {"width", OPTION_INTEGER, NULL, 1, 1024, NULL,                                                 \
     "C, channels of the first stage (NAS-Bench-201: 16; DARTS: 36; ImageNet 48)"},             \
    {"auxiliary", OPTION_BOOLEAN, "false", 0, 0, NULL,                                             \
     "whether the network has DARTS's auxiliary head, at two thirds of its depth"},                \
    {"large_images", OPTION_BOOLEAN, "false", 0, 0, NULL,                                          \
     "whether it has DARTS's stem and head of ImageNet's mobile setting"},                         \
    RECIPE_OPTIONS,                                                                                \
    {"diverged_score", OPTION_REAL, NULL, 0, 100, NULL,                                            \
     "accuracy in percent that a training counts as when its loss or gradient is not finite"},     \
    {"device", OPTION_CHOICE, NULL, 0, 0, "reference|cpu|cuda",                                    \
     "what trains: plain loops in double (slow, for tests), oneDNN, or a GPU"},                    \
    {"device_number", OPTION_INTEGER, "null", 0, DEVICES_MAX - 1, NULL,                             \
     "which GPU trains; null: of several, the one with the fewest trainings at work (--jobs)"},    \
    {"threads", OPTION_INTEGER, "2", 1, 1024, NULL,                                                \
     "of the CPU, that the images of a batch are shared out to; a result's last bits rest on it"}, \
    {"precision", OPTION_CHOICE, "\"fp32\"", 0, 0, PRECISION_NAMES, "of the arithmetic"},          \
    {"deterministic", OPTION_BOOLEAN, "true", 0, 0, NULL,                                          \
     "the same bits on the same machine, whatever it costs"}
/* clang-format on */

extern const struct option regime_options[]; /* these alone */

struct regime;

/* settings: of regime_options, complete (more does not matter), kept until regime_close(). NULL and
 * *err when the table is damaged. */
struct regime *regime_open(const struct space *space, const json_t *settings,
                           const struct oracle_place *place, struct err *err) MUST_CHECK;
void regime_close(struct regime *regime); /* NULL is allowed */

/* Adds faults where the data set does not take its options, or no network of the space is like the
 * settings say. */
void regime_check(const struct space *space, const json_t *settings, const char *path,
                  struct faults *faults);

/* Opens what a training takes; false and *err say what is not to be had here. */
bool regime_ready(struct regime *regime, struct err *err) MUST_CHECK;

/* The training of arch by this seed: looked up or, where the place allows it, made now and kept.
 * Good until regime_close(). NULL and *err, ERR_UNTRAINED where it is not allowed; also where the
 * images that are here cannot be read. Safe to call from several threads at once. */
const struct training *regime_train(struct regime *regime, const struct arch *arch, uint64_t seed,
                                    struct err *err) MUST_CHECK;

const char *regime_identity(const struct regime *regime); /* SHA-256 of the table's setting */

#endif
