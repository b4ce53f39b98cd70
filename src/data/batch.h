/* What a network is shown in one step: which images, how each is augmented, and, where the backend
 * wants them from here, their pixels.
 *
 * All chance is in the views, but for the crop of an image that is read from a file (images.h).
 * Both are drawn from streams named by seed, epoch and image, so a batch is the same whichever
 * thread fills it and whichever backend reads it. */
#ifndef DATA_BATCH_H
#define DATA_BATCH_H

#include "data/images.h"

#include <stdbool.h>

/* One image as it is shown: shifted by (dx, dy) with black (bytes 0, then normalised) coming in,
 * then mirrored, then a square blanked out with zeros (after normalisation): upstream,
 * NAS-Bench-201's and DARTS', crops before it normalises and cuts out after. */
struct view {
    uint32_t index;       /* of the image in its set */
    int8_t dx, dy;        /* output[y, x] = input[y + dy, x + dx] */
    bool flip;            /* left to right, after the shift */
    int16_t cut_x, cut_y; /* centre of the blanked square, after the flip; cut_size 0: none */
    uint8_t cut_size;     /* rows [cut_y - cut_size / 2, cut_y + cut_size / 2), columns likewise */
};

struct batch {
    size_t count;
    const struct view *views; /* (count) */
    const uint16_t *labels;   /* (count) */
    const float *pixels;      /* (count, C, H, W), normalised; NULL where the backend has the set */
};

#endif
