/* Batches made ahead on threads, so that the trainer does not wait: a ring of buffers allocated
 * once, filled piece by piece by whichever thread is free.
 *
 * Batches form an endless sequence, epoch after epoch, the last of an epoch smaller where it must
 * be; the reader counts. What is in a batch depends on its epoch, its place and the streams alone:
 * the same at any number of threads, and from any epoch where reading begins. Streams: "shuffle"
 * and "views" by epoch; from the latter "image" (a view) and "crop" (of an image read from a file)
 * by image. */
#ifndef DATA_LOADER_H
#define DATA_LOADER_H

#include "data/augment.h"
#include "data/split.h"

struct loader_setting {
    size_t batch;   /* images of a full batch */
    int threads;    /* that fill batches, at least 1 */
    bool pixels;    /* false: views and labels alone, for a backend that holds the images */
    uint64_t epoch; /* where to begin: counted from 0 */
    const struct augment
        *augment; /* shuffled and augmented by it; NULL: in order and as they are */
};

struct loader;

/* images, subset and the augmentation are borrowed and outlive the loader; rng is copied. The
 * caller gives the result to loader_close(). NULL and *err when a thread cannot be started. */
struct loader *loader_open(const struct images *images, const struct subset *subset,
                           const struct loader_setting *setting, const struct rng *rng,
                           struct err *err) MUST_CHECK;
/* At any moment: threads end after the few images that each is at. NULL is allowed. */
void loader_close(struct loader *loader);

size_t loader_batches(const struct loader *loader); /* of an epoch */

/* The next batch, the loader's memory until the next call. NULL and *err when an image of it could
 * not be read: of several the first; and again at every call after that. */
const struct batch *loader_next(struct loader *loader, struct err *err) MUST_CHECK;

#endif
