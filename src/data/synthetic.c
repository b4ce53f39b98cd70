/* Images drawn from a seed: each class is a coarse pattern of blots, each image its class's pattern
 * shifted, of another contrast, under noise. A small net learns it in an epoch or two; a mean of
 * all pixels does not tell classes apart. Whole numbers only: the same bytes on every machine. */
#include "data/dataset.h"

#include "base/mem.h"

#include <stdlib.h>

extern const struct dataset_type dataset_synthetic;

enum { GRID = 5, AMPLITUDE = 256, NOISE = 48 }; /* nodes a side; of the pattern; of a pixel */

/* Patterns, (classes, C, GRID, GRID), each channel's sum near 0. The caller frees. */
static int *draw_patterns(const struct images *images, const struct rng *rng)
{
    size_t nodes = (size_t)images->C * GRID * GRID, classes = (size_t)images->classes;
    int *patterns = mem_alloc(classes * nodes, sizeof(*patterns));
    for (size_t class = 0; class < classes; class ++) {
        struct rng own = rng_fork(rng, "pattern", class);
        for (size_t i = 0; i < nodes; i++)
            patterns[class * nodes + i] = (int)rng_below(&own, 2 * AMPLITUDE + 1) - AMPLITUDE;
    }
    return patterns;
}

/* The pattern of one channel at pixel (y, x) of a side by side image, between its nodes. */
static int pattern_at(const int *grid, int y, int x, int side)
{
    int down = y * (GRID - 1), right = x * (GRID - 1);
    int row = down / side, column = right / side, v = down % side, u = right % side;
    const int *node = grid + row * GRID + column;
    int above = node[0] * (side - u) + node[1] * u;
    int below = node[GRID] * (side - u) + node[GRID + 1] * u;
    return (above * (side - v) / side + below * v / side) / side;
}

static void draw_image(const struct images *images, const int *pattern, struct rng *rng,
                       uint8_t *pixels)
{
    const int side = images->H, slack = side / 8;
    int down = (int)rng_below(rng, (size_t)slack + 1),
        right = (int)rng_below(rng, (size_t)slack + 1);
    int contrast = 96 + (int)rng_below(rng, 65); /* of 512 */
    for (int c = 0; c < images->C; c++)
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++) {
                int value =
                    pattern_at(pattern + c * GRID * GRID, y + down < side ? y + down : side - 1,
                               x + right < side ? x + right : side - 1, side);
                value = 128 + value * contrast / 512 + (int)rng_below(rng, 2 * NOISE + 1) - NOISE;
                *pixels++ = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
            }
}

static bool take_shape(struct dataset *dataset, const json_t *settings, struct err *err)
{
    struct images *images = &dataset->images;
    images->H = images->W = dataset_number(settings, "image_size", 32);
    images->C = dataset_number(settings, "channels", 3);
    images->classes = dataset_number(settings, "classes", 10);
    dataset->train_count = (size_t)dataset_number(settings, "images", 4000);
    images->count = dataset->train_count + (dataset->train_count + 3) / 4;
    double bytes = (double)images->count * (double)images_size(images);
    if (bytes > mem_of_machine())
        return err_set(
            err, ERR_INPUT,
            "data set synthetic: %zu images of %d x %d x %d are %.1f GB, found %.1f GB in "
            "this machine",
            images->count, images->C, images->H, images->W, bytes * 1e-9, mem_of_machine() * 1e-9);
    images->pixels = mem_alloc_large(images->count, images_size(images));
    images->labels = mem_alloc(images->count, sizeof(*images->labels));
    return true;
}

static bool synthetic_read(struct dataset *dataset, const struct dataset_source *source,
                           struct err *err)
{
    struct images *images = &dataset->images;
    struct rng rng =
        rng_seed((uint64_t)json_integer_value(json_object_get(source->settings, "data_seed")));
    if (!take_shape(dataset, source->settings, err))
        return false;
    size_t size = images_size(images), nodes = (size_t)images->C * GRID * GRID;
    int *patterns = draw_patterns(images, &rng);
    for (size_t i = 0; i < images->count; i++) {
        struct rng own = rng_fork(&rng, "image", i);
        images->labels[i] = (uint16_t)(i % (size_t)images->classes);
        draw_image(images, patterns + images->labels[i] * nodes, &own, images->pixels + i * size);
    }
    hash_add(source->listing, images->pixels, images->count * size);
    free(patterns);
    return true;
}

const struct dataset_type dataset_synthetic = {
    .name = "synthetic",
    .summary = "blots under noise, drawn from a seed, of any shape: for tests and smoke runs",
    .images = {.mean = {0.5f, 0.5f, 0.5f}, .deviation = {0.25f, 0.25f, 0.25f}},
    .takes = "image_size|channels|classes|images|data_seed",
    .crop_padding = 4,
    .read = synthetic_read,
};
