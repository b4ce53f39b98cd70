/* Pools and subsampling. */
#include "windows.h"
#include "cases.h"

#include <math.h>
#include <stdlib.h>

/* The cells' pools; with stride; and others of no special size, as the auxiliary head's. */
static const struct kernel_window pools[] = {
    {.kernel = 3, .stride = 1, .padding = 1, .dilation = 1},
    {.kernel = 3, .stride = 2, .padding = 1, .dilation = 1},
    {.kernel = 2, .stride = 2, .padding = 0, .dilation = 1},
    {.kernel = 5, .stride = 3, .padding = 0, .dilation = 1},
    {.kernel = 1, .stride = 1, .padding = 0, .dilation = 1},
};
enum { POOLS = sizeof(pools) / sizeof(*pools) };

struct pool {
    struct kernel_window window;
    struct field input, output, input_gradient, output_gradient;
    struct kernel_pool kernel;
};

static void pool_open(struct pool *pool, struct rng *rng, enum value_type type,
                      struct kernel_window window)
{
    int channels = window.blocks * KERNEL_LANES;
    *pool = (struct pool){.window = window,
                          .input = field_new(rng, type, windows_in(&window), channels),
                          .output = field_new(rng, type, windows_out(&window), channels),
                          .input_gradient = field_new(rng, type, windows_in(&window), channels),
                          .output_gradient = field_new(rng, type, windows_out(&window), channels)};
    pool->kernel = (struct kernel_pool){field_tensor(&pool->input), field_tensor(&pool->output),
                                        field_tensor(&pool->input_gradient),
                                        field_tensor(&pool->output_gradient), window};
}

static void pool_close(struct pool *pool)
{
    field_free(&pool->input);
    field_free(&pool->output);
    field_free(&pool->input_gradient);
    field_free(&pool->output_gradient);
}

/* Runs forward or back, whose result must be as expected, and all else untouched. */
static void pool_check(const struct pool *pool, enum kernel_kind kind, const double *expected)
{
    bool back = kind == KERNEL_AVERAGE_BACK || kind == KERNEL_MAXIMUM_BACK;
    const struct field *target = back ? &pool->input_gradient : &pool->output;
    kernel_run(kind, pool->input.type, &pool->kernel, target->rows * (size_t)pool->window.blocks);
    field_check(target, expected, kernels[kind].name);
    field_check_untouched(&pool->input, "input");
    field_check_untouched(&pool->output_gradient, "gradient of the output");
}

static void check_average(struct pool *pool)
{
    int channels = pool->input.channels, taps = pool->window.kernel * pool->window.kernel;
    double *forward = field_like(&pool->output), *back = field_like(&pool->input_gradient);
    for (int out = 0; out < (int)pool->output.rows; out++) {
        double count = 0;
        for (int tap = 0; tap < taps; tap++)
            count += window_seen(&pool->window, out, tap) >= 0;
        for (int tap = 0; tap < taps; tap++)
            for (int c = 0, in = window_seen(&pool->window, out, tap); in >= 0 && c < channels;
                 c++) {
                forward[out * channels + c] += pool->input.values[in * channels + c] / count;
                back[in * channels + c] += pool->output_gradient.values[out * channels + c] / count;
            }
    }
    pool_check(pool, KERNEL_AVERAGE, forward);
    pool_check(pool, KERNEL_AVERAGE_BACK, back);
    free(forward);
    free(back);
}

/* The input that the output takes: the first of the largest, or the last NaN. */
static int largest(const struct pool *pool, int out, int c)
{
    int best = -1, channels = pool->input.channels;
    for (int tap = 0; tap < pool->window.kernel * pool->window.kernel; tap++) {
        int in = window_seen(&pool->window, out, tap);
        if (in < 0)
            continue;
        double value = pool->input.values[in * channels + c];
        if (best < 0 || value > pool->input.values[best * channels + c] || isnan(value))
            best = in;
    }
    return best;
}

static void check_maximum(struct pool *pool)
{
    int channels = pool->input.channels;
    double *forward = field_like(&pool->output), *back = field_like(&pool->input_gradient);
    for (int out = 0; out < (int)pool->output.rows; out++)
        for (int c = 0; c < channels; c++) {
            int in = largest(pool, out, c);
            forward[out * channels + c] = pool->input.values[in * channels + c];
            back[in * channels + c] += pool->output_gradient.values[out * channels + c];
        }
    pool_check(pool, KERNEL_MAXIMUM, forward);
    pool_check(pool, KERNEL_MAXIMUM_BACK, back);
    free(forward);
    free(back);
}

/* Each test's windows: those that have an output where the images are of that extent. */
static bool pool_opens(struct pool *pool, struct rng *rng, int index, int of)
{
    struct kernel_window window = pools[of];
    if (!window_fit(&window, extent_of(index)))
        return false;
    pool_open(pool, rng, type_of(index), window);
    return true;
}

START_TEST(averages_leave_padding_out)
{
    struct rng rng = rng_seed((uint64_t)_i);
    struct pool pool;
    for (int of = 0; of < POOLS; of++)
        if (pool_opens(&pool, &rng, _i, of)) {
            check_average(&pool);
            pool_close(&pool);
        }
}
END_TEST

START_TEST(the_first_of_equal_maxima_gets_the_gradient)
{
    struct rng rng = rng_seed((uint64_t)_i);
    struct pool pool;
    for (int of = 0; of < POOLS; of++)
        if (pool_opens(&pool, &rng, _i, of)) {
            for (size_t i = 0; i < pool.input.rows * (size_t)pool.input.channels; i++)
                pool.input.values[i] = round(pool.input.values[i]) - 5;
            field_set(&pool.input, pool.input.values);
            check_maximum(&pool);
            pool_close(&pool);
        }
}
END_TEST

START_TEST(not_a_number_is_the_largest)
{
    struct rng rng = rng_seed((uint64_t)_i);
    struct pool pool;
    for (int of = 0; of < POOLS; of++)
        if (pool_opens(&pool, &rng, _i, of)) {
            for (size_t i = 0; i < pool.input.rows * (size_t)pool.input.channels; i++)
                if (rng_below(&rng, 10) < 2)
                    pool.input.values[i] = rng_below(&rng, 2) ? (double)NAN : -(double)INFINITY;
            field_set(&pool.input, pool.input.values);
            check_maximum(&pool);
            pool_close(&pool);
        }
}
END_TEST

START_TEST(every_second_pixel_is_taken_and_given_back)
{
    struct rng rng = rng_seed((uint64_t)_i);
    const struct extent *extent = extent_of(_i);
    int channels = extent->blocks * KERNEL_LANES, H = extent->H, W = extent->W;
    for (int offset = 0; offset < 2; offset++) {
        struct field small = field_new(&rng, type_of(_i), rows_of(extent), channels),
                     large = field_new(&rng, type_of(_i), 4 * rows_of(extent), channels);
        struct kernel_subsample subsample = {.large = field_tensor(&large),
                                             .small = field_tensor(&small),
                                             .count = extent->count,
                                             .blocks = extent->blocks,
                                             .H = H,
                                             .W = W,
                                             .offset = offset};
        double *taken = field_like(&small), *given = field_like(&large);
        for (int i = 0; i < extent->count * H * W * channels; i++) {
            int c = i % channels, x = i / channels % W, y = i / channels / W % H;
            int image = i / channels / W / H;
            int far = ((image * 2 * H + 2 * y + offset) * 2 * W + 2 * x + offset) * channels + c;
            taken[i] = given[far] = large.values[far];
        }
        kernel_run(KERNEL_SUBSAMPLE, type_of(_i), &subsample, small.rows * (size_t)extent->blocks);
        field_check(&small, taken, "small");
        field_check_untouched(&large, "large");
        kernel_run(KERNEL_SUBSAMPLE_BACK, type_of(_i), &subsample,
                   large.rows * (size_t)extent->blocks);
        field_check(&large, given, "large");
        free(taken);
        free(given);
        field_free(&small);
        field_free(&large);
    }
}
END_TEST

TCase *cases_of_windows(void)
{
    TCase *windows = tcase_create("windows");
    tcase_add_loop_test(windows, averages_leave_padding_out, 0, CASES);
    tcase_add_loop_test(windows, the_first_of_equal_maxima_gets_the_gradient, 0, CASES);
    tcase_add_loop_test(windows, not_a_number_is_the_largest, 0, CASES);
    tcase_add_loop_test(windows, every_second_pixel_is_taken_and_given_back, 0, CASES);
    return windows;
}
