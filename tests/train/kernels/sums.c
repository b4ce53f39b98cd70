/* Sums of tensors, moves, and images. */
#include "base/mem.h"
#include "cases.h"
#include "data/augment.h"

#include <math.h>
#include <stdlib.h>

/* ---- sums of tensors ---- */

struct sum {
    struct field operands[PLAN_OPERANDS], scale[PLAN_OPERANDS], shift[PLAN_OPERANDS];
    struct field factor[PLAN_OPERANDS], targets[PLAN_TARGETS], mask;
    struct kernel_combine combine;
};

/* Which operands are scaled, and which have factors, goes by the bits of which. */
static void sum_open(struct sum *sum, struct rng *rng, enum value_type type,
                     const struct extent *extent, int operands, int masked, int targets, int which)
{
    size_t rows = rows_of(extent);
    int channels = extent->blocks * KERNEL_LANES;
    *sum = (struct sum){.mask = field_new(rng, type, rows, channels)};
    sum->combine = (struct kernel_combine){.mask = field_tensor(&sum->mask),
                                           .masked_count = masked,
                                           .operand_count = operands,
                                           .target_count = targets,
                                           .count = extent->count,
                                           .pixels = extent->H * extent->W,
                                           .blocks = extent->blocks};
    for (int i = 0; i < operands; i++) {
        sum->operands[i] = field_new(rng, type, rows, channels);
        sum->scale[i] = field_new(rng, VALUE_FLOAT, 1, channels);
        sum->shift[i] = field_new(rng, VALUE_FLOAT, 1, channels);
        sum->factor[i] = field_new(rng, VALUE_FLOAT, 1, extent->count);
        struct kernel_operand *operand = &sum->combine.operands[i];
        operand->tensor = field_tensor(&sum->operands[i]);
        operand->scale = which >> i & 1 ? field_data(&sum->scale[i]) : NULL;
        operand->shift = which >> i & 1 ? field_data(&sum->shift[i]) : NULL;
        operand->factor = which >> i & 2 ? field_data(&sum->factor[i]) : NULL;
    }
    for (int i = 0; i < targets; i++) {
        sum->targets[i] = field_new(rng, type, rows, channels);
        sum->combine.targets[i] =
            (struct kernel_target){field_tensor(&sum->targets[i]), (which + i) % 2};
    }
}

static void sum_close(struct sum *sum)
{
    field_free(&sum->mask);
    for (int i = 0; i < PLAN_OPERANDS; i++) {
        field_free(&sum->operands[i]);
        field_free(&sum->scale[i]);
        field_free(&sum->shift[i]);
        field_free(&sum->factor[i]);
    }
    for (int i = 0; i < PLAN_TARGETS; i++)
        field_free(&sum->targets[i]);
}

static double summand_at(const struct sum *sum, int i, size_t at)
{
    const struct kernel_operand *operand = &sum->combine.operands[i];
    size_t channels = (size_t)sum->mask.channels, c = at % channels;
    size_t image = at / channels / (size_t)sum->combine.pixels;
    double value = sum->operands[i].values[at];
    if (operand->scale)
        value = sum->scale[i].values[c] * value + sum->shift[i].values[c];
    return operand->factor ? value * sum->factor[i].values[image] : value;
}

static double *sum_expected(const struct sum *sum, bool relu)
{
    double *expected = field_like(&sum->mask);
    for (size_t at = 0; at < sum->mask.rows * (size_t)sum->mask.channels; at++) {
        for (int i = 0; i < sum->combine.operand_count; i++)
            if (i >= sum->combine.masked_count || sum->mask.values[at] > 0)
                expected[at] += summand_at(sum, i, at);
        expected[at] = relu ? fmax(expected[at], 0) : expected[at];
    }
    return expected;
}

static void sum_run(const struct sum *sum, enum value_type type)
{
    kernel_run(KERNEL_COMBINE, type, &sum->combine, sum->mask.rows * (size_t)sum->combine.blocks);
}

START_TEST(sums_are_of_any_operands_masked_scaled_and_dropped)
{
    struct rng rng = rng_seed((uint64_t)_i);
    for (int operands = 0; operands <= PLAN_OPERANDS; operands++)
        for (int masked = 0; masked <= operands; masked += 1 + operands / 3) {
            struct sum sum;
            int targets = 1 + (operands + masked) % PLAN_TARGETS;
            sum_open(&sum, &rng, type_of(_i), extent_of(_i), operands, masked, targets,
                     operands * 37 + masked * 11);
            sum_run(&sum, type_of(_i));
            for (int i = 0; i < targets; i++) {
                double *expected = sum_expected(&sum, sum.combine.targets[i].relu);
                field_check(&sum.targets[i], expected, "target");
                free(expected);
            }
            for (int i = 0; i < operands; i++)
                field_check_untouched(&sum.operands[i], "operand");
            field_check_untouched(&sum.mask, "mask");
            sum_close(&sum);
        }
}
END_TEST

START_TEST(a_target_may_be_an_operand_or_the_mask)
{
    struct rng rng = rng_seed((uint64_t)_i);
    struct sum sum;
    sum_open(&sum, &rng, type_of(_i), extent_of(_i), 3, 1, 2, 5);
    sum.combine.targets[0] = (struct kernel_target){sum.combine.operands[1].tensor, 0};
    sum.combine.targets[1] = (struct kernel_target){sum.combine.mask, 1};
    double *expected = sum_expected(&sum, false), *rectified = sum_expected(&sum, true);
    sum_run(&sum, type_of(_i));
    field_check(&sum.operands[1], expected, "operand and target");
    field_check(&sum.mask, rectified, "mask and target");
    free(expected);
    free(rectified);
    sum_close(&sum);
}
END_TEST

/* from, to, count */
static const int moves[][3] = {{0, 0, 8},   {0, 0, 3}, {5, 0, 11}, {0, 6, 36},
                               {36, 0, 36}, {3, 9, 1}, {2, 7, 17}};
enum { MOVES = sizeof(moves) / sizeof(*moves) };

START_TEST(channels_move_to_any_lane)
{
    struct rng rng = rng_seed((uint64_t)_i);
    const int from = moves[_i / 2][0], to = moves[_i / 2][1], count = moves[_i / 2][2];
    const int end = (to + count + 7) / 8 * 8;
    enum { ROWS = 131 };
    struct field source = field_new(&rng, type_of(_i), ROWS, 72);
    struct field target = field_new(&rng, type_of(_i), ROWS, end);
    struct kernel_move move = {field_tensor(&source), field_tensor(&target), ROWS, from, to, count};
    double *expected = field_like(&target);
    for (int row = 0; row < ROWS; row++)
        for (int c = 0; c < end; c++)
            expected[row * end + c] = c < to           ? target.values[row * end + c]
                                      : c < to + count ? source.values[row * 72 + c - to + from]
                                                       : 0;
    kernel_run(KERNEL_MOVE, type_of(_i), &move, ROWS * (size_t)((to + count - 1) / 8 - to / 8 + 1));
    field_check(&target, expected, "moved");
    field_check_untouched(&source, "source");
    free(expected);
    field_free(&source);
    field_free(&target);
}
END_TEST

/* ---- images ---- */

/* Shifted out of sight, mirrored, and blanked out over an edge, in the middle, and not at all. */
static const struct view views[] = {
    {.index = 2},
    {.index = 0, .dx = -2, .dy = 1, .cut_x = 1, .cut_y = 0, .cut_size = 4},
    {.index = 3, .dx = 3, .dy = -4, .flip = true, .cut_x = 6, .cut_y = 3, .cut_size = 5},
    {.index = 1, .dx = 20, .cut_x = 3, .cut_y = 3, .cut_size = 2},
    {.index = 3, .flip = true, .cut_x = 3, .cut_y = 3, .cut_size = 100},
};
enum { SET = 4, VIEWS = sizeof(views) / sizeof(*views), PICTURE = 5 * 7 };

static struct images draw_images(struct rng *rng, int C)
{
    struct images images = {.count = SET, .C = C, .H = 5, .W = 7};
    images.pixels = mem_alloc(SET, images_size(&images));
    for (size_t i = 0; i < SET * images_size(&images); i++)
        images.pixels[i] = (uint8_t)rng_below(rng, 256);
    for (int c = 0; c < C; c++) {
        images.mean[c] = 0.4F + 0.1F * (float)c;
        images.deviation[c] = 0.2F + 0.03F * (float)c;
    }
    return images;
}

/* (VIEWS, C, H, W) as (VIEWS, H * W, 8), zeros behind the channels. */
static double *channels_last(const float *pixels, int C)
{
    double *result = mem_alloc(VIEWS * PICTURE * KERNEL_LANES, sizeof(*result));
    for (int i = 0; i < VIEWS * C * PICTURE; i++)
        result[(i / (C * PICTURE) * PICTURE + i % PICTURE) * KERNEL_LANES + i / PICTURE % C] =
            (double)pixels[i];
    return result;
}

/* As the other backends' batches are filled. */
static float *fill(const struct images *images)
{
    struct tones tones = augment_tones(images);
    float *pixels = mem_alloc(VIEWS * images_size(images), sizeof(*pixels));
    for (int i = 0; i < VIEWS; i++)
        augment_fill(images, &tones, &views[i],
                     images->pixels + views[i].index * images_size(images),
                     pixels + (size_t)i * images_size(images));
    return pixels;
}

START_TEST(images_are_augmented_as_on_other_backends)
{
    struct rng rng = rng_seed((uint64_t)_i);
    int C = 1 + _i / 2;
    struct images images = draw_images(&rng, C);
    struct field to = field_new(&rng, type_of(_i), VIEWS * PICTURE, KERNEL_LANES);
    float *pixels = fill(&images);
    double *expected = channels_last(pixels, C);
    struct kernel_images of_bytes = {.set = images.pixels,
                                     .views = views,
                                     .to = field_tensor(&to),
                                     .count = VIEWS,
                                     .C = C,
                                     .H = images.H,
                                     .W = images.W};
    for (int c = 0; c < C; c++) {
        of_bytes.scale[c] = 1 / (255 * images.deviation[c]);
        of_bytes.shift[c] = -images.mean[c] / images.deviation[c];
    }
    kernel_run(KERNEL_IMAGES, type_of(_i), &of_bytes, VIEWS * PICTURE);
    field_check(&to, expected, "bytes");
    field_clear(&to);
    struct kernel_pixels of_floats = {pixels, field_tensor(&to), VIEWS, C, images.H, images.W};
    kernel_run(KERNEL_PIXELS, type_of(_i), &of_floats, VIEWS * PICTURE);
    field_check(&to, expected, "pixels");
    free(expected);
    free(pixels);
    free(images.pixels);
    field_free(&to);
}
END_TEST

TCase *cases_of_sums(void)
{
    TCase *sums = tcase_create("sums");
    tcase_add_loop_test(sums, sums_are_of_any_operands_masked_scaled_and_dropped, 0, CASES);
    tcase_add_loop_test(sums, a_target_may_be_an_operand_or_the_mask, 0, CASES);
    tcase_add_loop_test(sums, channels_move_to_any_lane, 0, 2 * MOVES);
    tcase_add_loop_test(sums, images_are_augmented_as_on_other_backends, 0,
                        VALUE_TYPES * IMAGES_CHANNELS);
    return sums;
}
