/* Pictures in memory as bytes, with their labels: what every small data set becomes. */
#ifndef DATA_IMAGES_H
#define DATA_IMAGES_H

#include <stddef.h>
#include <stdint.h>

enum { IMAGES_CHANNELS = 3 };

struct images {
    size_t count;
    int C, H, W;
    uint8_t *pixels;  /* (count, C, H, W); NULL where they are read from files when asked for */
    uint16_t *labels; /* (count), each below classes */
    int classes;
    float mean[IMAGES_CHANNELS], deviation[IMAGES_CHANNELS]; /* a pixel p enters a network as
                                                                 (p / 255 - mean) / deviation */
};

#endif
