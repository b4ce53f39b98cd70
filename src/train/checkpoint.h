/* What a training has come to after an epoch, in a file: written beside and renamed, so that there
 * is always a whole one. It is for going on, on the same machine: numbers are as they lie in
 * memory.
 *
 * The file: a line that says what it is, the training's identity, counts of epochs, parameters and
 * statistics (text); the curve, the state and that of the best epoch (bytes); the SHA-256 of all
 * that (64 digits). */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "base/hash.h"
#include "train/fit.h"

struct checkpoint {
    struct digest identity;  /* of the training */
    struct fit_epoch *curve; /* (epochs), with room for all of the training */
    size_t epochs;           /* that ended */
    struct net_state state;  /* after the last of them */
    struct net_state best;   /* after the best of them: parameters and statistics */
};

/* Before the first epoch, with room for so many; the caller gives it to checkpoint_free(). device
 * is what the backend calls itself: its identity is the SHA-256 of all that a training's bits come
 * from, namely that, net, recipe, images, split and chance. */
struct checkpoint checkpoint_new(const struct fit_job *job, const char *device, size_t epochs);
void checkpoint_free(struct checkpoint *checkpoint);

bool checkpoint_write(const struct checkpoint *checkpoint, const struct net *net, const char *path,
                      struct err *err) MUST_CHECK;
/* Fills a checkpoint made for the same job and number of epochs. False and *err when the file is
 * damaged or of another training; the checkpoint is then as it was. */
bool checkpoint_read(struct checkpoint *checkpoint, const struct net *net, size_t epochs,
                     const char *path, struct err *err) MUST_CHECK;

#endif
