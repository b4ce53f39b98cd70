/* Parameters: rounding, the gradient's norm, and the step. */
#include "base/mem.h"
#include "cases.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int sizes[] = {1, 256, 1003, 5000};
enum { SIZES = sizeof(sizes) / sizeof(*sizes) };

/* ---- bfloat16, bit by bit ---- */

static float float_from(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* A float's bits, and those of the nearest bfloat16. */
static const struct rounding {
    uint32_t from;
    uint16_t to;
} roundings[] = {
    {0x00000000, 0x0000}, {0x80000000, 0x8000}, {0x3f800000, 0x3f80},
    {0x3f807fff, 0x3f80}, {0x3f808000, 0x3f80}, /* half way, to the even one: down, */
    {0x3f808001, 0x3f81}, {0x3f818000, 0x3f82}, /* and up */
    {0xbf818000, 0xbf82}, {0x3fffffff, 0x4000}, /* into the next power of two */
    {0x00000001, 0x0000}, {0x00008001, 0x0001}, {0x007fffff, 0x0080}, /* below the normal */
    {0x7f7f7fff, 0x7f7f}, {0x7f7fffff, 0x7f80}, {0x7f800000, 0x7f80}, /* to infinity */
    {0xff800000, 0xff80},
};
enum { ROUNDINGS = sizeof(roundings) / sizeof(*roundings) };

START_TEST(values_round_to_the_nearest_and_ties_to_even)
{
    const struct rounding *rounding = &roundings[_i];
    float value = float_from(rounding->from), back[2] = {0, 5};
    uint16_t rounded[2] = {1, 0x1234};
    struct kernel_round kernel = {&value, rounded, 1};
    kernel_run(KERNEL_ROUND, type_of(_i), &kernel, 1);
    ck_assert_uint_eq(rounded[0], rounding->to);
    ck_assert_uint_eq(rounded[1], 0x1234);
    struct kernel_widen widen = {rounded, back, 1};
    kernel_run(KERNEL_WIDEN, type_of(_i), &widen, 1);
    ck_assert(back[0] == float_from((uint32_t)rounding->to << 16));
    ck_assert(back[1] == 5);
}
END_TEST

START_TEST(not_a_number_stays_so_when_it_is_rounded)
{
    const uint32_t bits[] = {0x7f800001, 0x7fffffff, 0xff800001, 0xffffffff, 0x7fc00000};
    for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
        uint16_t rounded = 0;
        struct kernel_round kernel = {(const float *)&bits[i], &rounded, 1};
        kernel_run(KERNEL_ROUND, VALUE_FLOAT, &kernel, 1);
        ck_assert_uint_gt(rounded & 0x7fff, 0x7f80);
        ck_assert_uint_eq(rounded >> 15, bits[i] >> 31);
    }
}
END_TEST

START_TEST(values_become_bfloat16_and_float_again)
{
    struct rng rng = rng_seed((uint64_t)_i);
    size_t size = (size_t)sizes[_i];
    struct field values = field_new(&rng, VALUE_FLOAT, 1, sizes[_i]),
                 rounded = field_new(&rng, VALUE_BFLOAT16, 1, sizes[_i]),
                 widened = field_new(&rng, VALUE_FLOAT, 1, sizes[_i]);
    struct kernel_round kernel = {field_data(&values), field_data(&rounded), size};
    kernel_run(KERNEL_ROUND, VALUE_FLOAT, &kernel, size);
    field_check(&rounded, values.values, "rounded");
    double *again = field_like(&widened);
    for (int i = 0; i < sizes[_i]; i++)
        again[i] = field_value(&rounded, 0, i);
    struct kernel_widen widen = {field_data(&rounded), field_data(&widened), size};
    kernel_run(KERNEL_WIDEN, VALUE_FLOAT, &widen, size);
    field_check(&widened, again, "widened");
    free(again);
    field_free(&values);
    field_free(&rounded);
    field_free(&widened);
}
END_TEST

/* ---- the norm of the gradient ---- */

START_TEST(squares_are_summed_in_parts)
{
    struct rng rng = rng_seed((uint64_t)_i);
    size_t size = (size_t)sizes[_i];
    struct field gradient = field_new(&rng, VALUE_FLOAT, 1, sizes[_i]);
    for (int cut = 0; cut < CUTS; cut++) {
        int parts = parts_of(size, cut);
        double *partial = mem_alloc((size_t)parts + 1, sizeof(*partial));
        partial[parts] = -1;
        struct kernel_squares squares = {field_data(&gradient), partial, size, parts};
        kernel_run(KERNEL_SQUARES, VALUE_FLOAT, &squares, (size_t)parts);
        for (int part = 0; part < parts; part++) {
            double expected = 0;
            for (size_t i = part_begin(size, parts, part); i < part_begin(size, parts, part + 1);
                 i++)
                expected += pow(gradient.values[i], 2);
            ck_assert_double_eq_tol(partial[part], expected, 1e-12 * fmax(expected, 1));
        }
        ck_assert_double_eq(partial[parts], -1);
        free(partial);
    }
    field_check_untouched(&gradient, "gradient");
    field_free(&gradient);
}
END_TEST

/* Parts, limit, and what the gradient of norm 10 is scaled by. */
static const struct clipping {
    int parts;
    float limit;
    double clip;
} clippings[] = {
    {1, 0, 1}, {3, 20, 1}, {300, 5, 5 / (10 + 1e-6)}, {256, 0.125F, 0.125 / (10 + 1e-6)}};
enum { CLIPPINGS = sizeof(clippings) / sizeof(*clippings) };

START_TEST(a_gradient_is_clipped_only_above_the_limit)
{
    const struct clipping *clipping = &clippings[_i];
    double *partial = mem_alloc((size_t)clipping->parts, sizeof(*partial));
    struct kernel_step step = {.clip_norm = clipping->limit};
    struct kernel_result result = {.loss = 3, .correct = 4};
    for (int i = 0; i < clipping->parts; i++)
        partial[i] = 100.0 / clipping->parts;
    struct kernel_clip clip = {partial, &step, &result, clipping->parts};
    kernel_run(KERNEL_CLIP, VALUE_FLOAT, &clip, 1);
    ck_assert_double_eq_tol(result.gradient_norm, 10, 1e-12);
    ck_assert_double_eq_tol((double)result.clip, clipping->clip, 1e-7);
    ck_assert(result.loss == 3 && result.correct == 4);
    free(partial);
}
END_TEST

/* ---- the step ---- */

START_TEST(a_step_is_that_of_pytorch)
{
    struct rng rng = rng_seed((uint64_t)_i);
    int size = sizes[_i / 2], rounded_size = _i % 2 ? size / 2 : 0;
    struct field values = field_new(&rng, VALUE_FLOAT, 1, size),
                 momentum = field_new(&rng, VALUE_FLOAT, 1, size),
                 gradient = field_new(&rng, VALUE_FLOAT, 1, size),
                 rounded = field_new(&rng, VALUE_BFLOAT16, 1, size);
    const struct kernel_step step = {
        .learning_rate = 0.1F, .momentum = 0.9F, .weight_decay = 0.05F, .nesterov = _i / 2 % 2};
    const struct kernel_result result = {.clip = 0.5F};
    double *p = field_like(&values), *b = field_like(&values), *low = field_like(&rounded);
    for (int i = 0; i < size; i++) {
        double g = 0.5 * gradient.values[i] + (double)step.weight_decay * values.values[i];
        b[i] = (double)step.momentum * momentum.values[i] + g;
        p[i] = values.values[i] - (double)step.learning_rate *
                                      (step.nesterov ? g + (double)step.momentum * b[i] : b[i]);
        low[i] = i < rounded_size ? p[i] : rounded.values[i];
    }
    struct kernel_update update = {.values = field_data(&values),
                                   .momentum = field_data(&momentum),
                                   .gradient = field_data(&gradient),
                                   .rounded = rounded_size ? field_data(&rounded) : NULL,
                                   .rounded_size = (size_t)rounded_size,
                                   .step = &step,
                                   .result = &result,
                                   .size = (size_t)size};
    kernel_run(KERNEL_UPDATE, VALUE_FLOAT, &update, (size_t)size);
    field_check(&values, p, "values");
    field_check(&momentum, b, "momentum");
    field_check(&rounded, low, "rounded values");
    field_check_untouched(&gradient, "gradient");
    free(p);
    free(b);
    free(low);
    field_free(&values);
    field_free(&momentum);
    field_free(&gradient);
    field_free(&rounded);
}
END_TEST

TCase *cases_of_parameters(void)
{
    TCase *parameters = tcase_create("parameters");
    tcase_add_loop_test(parameters, values_round_to_the_nearest_and_ties_to_even, 0, ROUNDINGS);
    tcase_add_test(parameters, not_a_number_stays_so_when_it_is_rounded);
    tcase_add_loop_test(parameters, values_become_bfloat16_and_float_again, 0, SIZES);
    tcase_add_loop_test(parameters, squares_are_summed_in_parts, 0, SIZES);
    tcase_add_loop_test(parameters, a_gradient_is_clipped_only_above_the_limit, 0, CLIPPINGS);
    tcase_add_loop_test(parameters, a_step_is_that_of_pytorch, 0, 2 * SIZES);
    return parameters;
}
