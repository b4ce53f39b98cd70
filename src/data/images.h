/* Pictures as bytes with their labels: in memory, what every small data set becomes, or read from
 * files one by one. */
#ifndef DATA_IMAGES_H
#define DATA_IMAGES_H

#include "base/err.h"
#include "base/rng.h"

#include <stddef.h>
#include <stdint.h>

enum { IMAGES_CHANNELS = 3 };

/* Gets one image of a set that is too large for memory, cropped and scaled to the set's shape. */
struct image_reader {
    /* pixels: (C, H, W). crop: stream that a random crop is drawn from; NULL: the middle. Safe to
     * call from several threads at once. */
    bool (*read)(const struct image_reader *reader, size_t index, struct rng *crop, uint8_t *pixels,
                 struct err *err);
};

struct images {
    size_t count;
    int C, H, W;
    uint8_t *pixels; /* (count, C, H, W); NULL where they are read when asked for, by: */
    const struct image_reader *reader;
    uint16_t *labels; /* (count), each below classes */
    int classes;
    float mean[IMAGES_CHANNELS], deviation[IMAGES_CHANNELS]; /* a pixel p enters a network as
                                                                 (p / 255 - mean) / deviation */
};

/* Bytes of one image. */
static inline size_t images_size(const struct images *images)
{
    return (size_t)images->C * (size_t)images->H * (size_t)images->W;
}

#endif
