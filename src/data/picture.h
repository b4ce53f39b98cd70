/* One picture out of a JPEG file, and a part of it scaled. The only place with libjpeg.
 *
 * Scaling gives the bytes that Pillow's BILINEAR gives after a crop, as torchvision has it: a
 * triangle as wide as what one output pixel covers, across and then down, rounded in between.
 * Decoded and scaled, 60 random pictures gave the same bytes as Pillow 9.5; Pillow 13 now and then
 * goes down first and differs by 1. */
#ifndef DATA_PICTURE_H
#define DATA_PICTURE_H

#include "base/err.h"

#include <stdint.h>

struct picture {
    int width, height;
    uint8_t *pixels; /* (height, width, 3): red, green, blue */
};

/* Grey and CMYK become red, green, blue. False and *err when the file is no JPEG or ends too early;
 * what libjpeg can repair is taken as it repairs it, as Pillow does. The caller frees. */
bool picture_read(const char *path, struct picture *picture, struct err *err) MUST_CHECK;
void picture_free(struct picture *picture);

/* A box of the picture, scaled to width by height, of which a square is looked at. */
struct cut {
    int x, y, box_width, box_height; /* within the picture */
    int width, height;
    int left, top, side; /* of the square, within those */
};

/* out: (3, side, side). */
void picture_scale(const struct picture *picture, const struct cut *cut, uint8_t *out);

#endif
