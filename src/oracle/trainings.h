/* Finished trainings, kept in a table of their own, so that none is made twice: an architecture
 * that is asked for again, by another run, study or program, is looked up.
 *
 * One file holds the trainings of one setting: space, data, network, recipe and device, all that a
 * result rests on but the architecture, the training seed and the images themselves: a line says
 * which those were, and a table may hold the same training of several. Its name is the first 16
 * digits of the setting's SHA-256:
 *
 *   <results>/trainings/<name>.jsonl        what was trained here
 *   benchdata/trainings/<name>.jsonl.zst    what comes with the project: looked up first, only read
 *
 * The first line is the setting, its digest the whole one; each further line is one training:
 *
 * {"trainings":1,"space":"nas-bench-201","setting":{"batch":256,...}}
 * {"arch":"|nor_conv_3x3~0|+...","digits":"421211","training_seed":1,"valid_final_pct":88.13,
 *  "test_final_pct":87.9,"valid_best_pct":88.13,"test_best_pct":87.9,"best_epoch":2,
 *  "diverged":null,"train_s":21.513,"evaluate_s":2.107,"images_per_s":1394.2,"parameters":73306,
 *  "multiply_adds":7782400.0,"device":"2 threads of ..., oneDNN 2.6.3, fp32","data":"<sha256>",
 *  "seki":"0.1.0","finished_at":"2026-01-31T12:00:00Z","curve":[{"learning_rate":0.1,...},...]}
 *
 * A line is appended by one write and synced, under a lock that other processes respect; of two
 * that trained the same, the first to write has its result kept, and both answer with it. A last
 * line that a killed process left torn is cut off by the next to write; damage before it is bad
 * input. Scores are null where the training diverged (what such a one counts as is no part of it)
 * or there were no images to validate or test on.
 *
 * Safe to call from several threads at once. */
#ifndef ORACLE_TRAININGS_H
#define ORACLE_TRAININGS_H

#include "base/err.h"
#include "space/metric.h"
#include "space/space.h"

#include <jansson.h>
#include <stdint.h>

enum { TRAININGS_VERSION = 1 };

struct training {
    struct arch arch;
    uint64_t seed;
    /* Percent, by enum metric_epoch; the best epoch is that of the highest validation accuracy, and
     * the test accuracy that of the same epoch. NaN where it diverged, and where there were no such
     * images. */
    double valid_pct[2], test_pct[2];
    int best_epoch;             /* counted from 0 */
    const char *diverged;       /* why it ended early; NULL: it did not */
    double train_s, evaluate_s; /* measured seconds */
    double images_per_s;
    double parameters, multiply_adds; /* of the network; the latter of one image */
    const char *device;               /* what trained it, in words */
    const char *data;                 /* SHA-256 of the data set's files */
    const json_t *curve;              /* a list with an object for each epoch */
    bool shipped; /* it came with the project, and was not made here; no part of a line */
};

struct trainings;

/* setting: an object of all that a result rests on, borrowed until trainings_close(). results: the
 * folder that holds trainings/; NULL: only what comes with the project is known, and nothing can be
 * added. NULL and *err when a file is there and damaged. */
struct trainings *trainings_open(const struct space *space, const json_t *setting,
                                 const char *results, struct err *err) MUST_CHECK;
/* The trainings of one file, whatever setting its first line names; nothing can be added. NULL and
 * *err when it is no such file, or has no training. */
struct trainings *trainings_read(const char *path, struct err *err) MUST_CHECK;
void trainings_close(struct trainings *trainings); /* NULL is allowed */

/* The training on the images of that identity (NULL: on any, the first), good until
 * trainings_close(); NULL where there is none yet. */
const struct training *trainings_find(struct trainings *trainings, const struct arch *arch,
                                      uint64_t seed, const char *data);

/* Takes what others wrote since. False and *err when they damaged it. */
bool trainings_refresh(struct trainings *trainings, struct err *err) MUST_CHECK;

/* Whether something can be added: the file is made where it is not there yet. False and *err. */
bool trainings_writable(struct trainings *trainings, struct err *err) MUST_CHECK;

/* Writes it down and gives what is kept, as a later trainings_open() would read it: the result of
 * another process that was faster, where there is one. NULL and *err when it cannot be written. */
const struct training *trainings_add(struct trainings *trainings, const struct training *training,
                                     struct err *err) MUST_CHECK;

/* SHA-256 of the setting; and the name of the file that it gives. */
const char *trainings_digest(const struct trainings *trainings);
const char *trainings_name(const struct trainings *trainings);

/* All of them, those of the project first, in the order of their files. NULL past the last. */
const struct training *trainings_at(struct trainings *trainings, size_t index);

/* For printing: the line of trainings_at(), and the first one of their files; both borrowed. */
json_t *trainings_line(struct trainings *trainings, size_t index);
json_t *trainings_head(const struct trainings *trainings);
const struct space *trainings_space(const struct trainings *trainings);

#endif
