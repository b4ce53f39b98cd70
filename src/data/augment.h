/* Augmentation as the papers say: random mirroring, a random crop out of a padded image, cutout
 * (DeVries and Taylor 2017). A view is drawn here, from a stream named by epoch and image, and
 * carried out here or by the backend: batch.h says what it means. */
#ifndef DATA_AUGMENT_H
#define DATA_AUGMENT_H

#include "base/option.h"
#include "data/batch.h"
#include "data/dataset.h"

/* Rows for the table of whatever trains. */
/* clang-format off */
#define AUGMENT_OPTIONS                                                                            \
    {"flip", OPTION_BOOLEAN, "true", 0, 0, NULL,                                                   \
     "whether training images are mirrored, half of them"},                                        \
    {"crop_padding", OPTION_INTEGER, "null", 0, 64, NULL,                                          \
     "pixels of black round a training image before a random crop; null: the data set's usual"},   \
    {"cutout", OPTION_INTEGER, "0", 0, 254, NULL,                                                  \
     "side of the square blanked out of a training image; 0: none; DARTS: 16"}
/* clang-format on */

struct augment {
    bool flip;
    int crop_padding;
    int cutout;
};

/* settings hold AUGMENT_OPTIONS. */
struct augment augment_of(const struct dataset *dataset, const json_t *settings);

/* The image as it is: for validation and test. */
struct view augment_nothing(uint32_t index);

/* epoch: the stream of views of one epoch, which is not moved; every view draws its numbers from a
 * fork of its own, in one order whatever is switched off. */
struct view augment_draw(const struct augment *augment, const struct images *images, uint32_t index,
                         const struct rng *epoch);

/* What each byte becomes, by channel. */
struct tones {
    float value[IMAGES_CHANNELS][256];
};
struct tones augment_tones(const struct images *images);

/* The view of one image as floats, (C, H, W). pixels: the image's bytes. */
void augment_fill(const struct images *images, const struct tones *tones, const struct view *view,
                  const uint8_t *pixels, float *out);

#endif
