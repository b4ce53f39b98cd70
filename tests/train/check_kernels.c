/* The kernels of backend "cuda", compiled for the CPU, against plain loops in double. */
#include "../suite.h"
#include "base/mem.h"
#include "field.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Tests run for each type and each of these: one image and odd counts, more blocks of channels than
 * there are threads, more threads than rows, and rows that no number of parts divides. */
static const struct extent {
    int count, H, W, blocks;
} extents[] = {{1, 1, 1, 1}, {3, 5, 7, 2}, {2, 8, 8, 5}, {7, 3, 11, 1}, {2, 1, 3, 300}};
enum { EXTENTS = sizeof(extents) / sizeof(*extents), CASES = VALUE_TYPES * EXTENTS };

static enum value_type type_of(int index)
{
    return index % 2 ? VALUE_BFLOAT16 : VALUE_FLOAT;
}

static size_t rows_of(const struct extent *extent)
{
    return (size_t)(extent->count * extent->H * extent->W);
}

static double *doubles(size_t count)
{
    return mem_alloc(count, sizeof(double));
}

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
    size_t size = sum->mask.rows * (size_t)sum->mask.channels;
    double *expected = doubles(size);
    for (size_t at = 0; at < size; at++) {
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
            sum_open(&sum, &rng, type_of(_i), &extents[_i / 2], operands, masked, targets,
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
    sum_open(&sum, &rng, type_of(_i), &extents[_i / 2], 3, 1, 2, 5);
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
    double *expected = doubles(ROWS * (size_t)end);
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

int main(void)
{
    Suite *suite = suite_create("kernels");
    TCase *sums = tcase_create("sums");
    tcase_add_loop_test(sums, sums_are_of_any_operands_masked_scaled_and_dropped, 0, CASES);
    tcase_add_loop_test(sums, a_target_may_be_an_operand_or_the_mask, 0, CASES);
    tcase_add_loop_test(sums, channels_move_to_any_lane, 0, 2 * MOVES);
    suite_add_tcase(suite, sums);
    return suite_run(suite);
}
