/* Convolutions of each channel by itself. */
#include "cases.h"
#include "windows.h"

#include <stdlib.h>

/* Those of DARTS, and others of no special size. */
static const struct kernel_window windows[] = {
    {.kernel = 3, .stride = 1, .padding = 1, .dilation = 1},
    {.kernel = 3, .stride = 2, .padding = 1, .dilation = 1},
    {.kernel = 3, .stride = 1, .padding = 2, .dilation = 2},
    {.kernel = 3, .stride = 2, .padding = 2, .dilation = 2},
    {.kernel = 5, .stride = 1, .padding = 2, .dilation = 1},
    {.kernel = 5, .stride = 2, .padding = 2, .dilation = 1},
    {.kernel = 5, .stride = 1, .padding = 4, .dilation = 2},
    {.kernel = 5, .stride = 2, .padding = 4, .dilation = 2},
    {.kernel = 1, .stride = 1, .padding = 0, .dilation = 1},
    {.kernel = 2, .stride = 1, .padding = 0, .dilation = 2},
    {.kernel = 7, .stride = 3, .padding = 3, .dilation = 1},
};
enum { WINDOWS = sizeof(windows) / sizeof(*windows) };

struct trial {
    struct kernel_window window;
    struct field input, output, input_gradient, output_gradient, weight;
    double *forward, *back; /* expected */
};

/* index counts through types, extents and windows; false where there is no output. */
static bool trial_open(struct trial *trial, struct rng *rng, int index)
{
    struct kernel_window window = windows[index / CASES];
    enum value_type type = type_of(index);
    if (!window_fit(&window, extent_of(index % CASES)))
        return false;
    int channels = window.blocks * KERNEL_LANES;
    *trial =
        (struct trial){.window = window,
                       .input = field_new(rng, type, windows_in(&window), channels),
                       .output = field_new(rng, type, windows_out(&window), channels),
                       .input_gradient = field_new(rng, type, windows_in(&window), channels),
                       .output_gradient = field_new(rng, type, windows_out(&window), channels),
                       .weight = field_new(rng, type, 1, window.kernel * window.kernel * channels)};
    trial->forward = field_like(&trial->output);
    trial->back = field_like(&trial->input_gradient);
    return true;
}

static void trial_close(struct trial *trial)
{
    field_free(&trial->input);
    field_free(&trial->output);
    field_free(&trial->input_gradient);
    field_free(&trial->output_gradient);
    field_free(&trial->weight);
    free(trial->forward);
    free(trial->back);
}

/* Input and output pixel of each tap that sees one: in, out and tap are new names. */
#define FOR_EACH_SIGHT(window, rows, out, tap, in)                                                 \
    for (int out = 0; out < (int)(rows); out++)                                                    \
        for (int tap = 0, in; tap < (window)->kernel * (window)->kernel; tap++)                    \
            if ((in = window_seen((window), out, tap)) >= 0)

static void check_trial(struct trial *trial)
{
    const struct kernel_window *window = &trial->window;
    int channels = trial->input.channels;
    const double *weight = trial->weight.values;
    struct kernel_depthwise kernel = {
        field_tensor(&trial->input),          field_tensor(&trial->output),
        field_tensor(&trial->input_gradient), field_tensor(&trial->output_gradient),
        field_data(&trial->weight),           *window};
    FOR_EACH_SIGHT (window, trial->output.rows, out, tap, in)
        for (int c = 0; c < channels; c++) {
            trial->forward[out * channels + c] +=
                weight[tap * channels + c] * trial->input.values[in * channels + c];
            trial->back[in * channels + c] +=
                weight[tap * channels + c] * trial->output_gradient.values[out * channels + c];
        }
    kernel_run(KERNEL_DEPTHWISE, trial->input.type, &kernel,
               trial->output.rows * (size_t)window->blocks);
    field_check(&trial->output, trial->forward, "output");
    kernel_run(KERNEL_DEPTHWISE_BACK, trial->input.type, &kernel,
               trial->input.rows * (size_t)window->blocks);
    field_check(&trial->input_gradient, trial->back, "gradient of the input");
    field_check_untouched(&trial->input, "input");
    field_check_untouched(&trial->output_gradient, "gradient of the output");
    field_check_untouched(&trial->weight, "weight");
}

START_TEST(each_channel_is_convolved_by_itself)
{
    struct rng rng = rng_seed((uint64_t)_i);
    struct trial trial;
    if (!trial_open(&trial, &rng, _i))
        return;
    check_trial(&trial);
    trial_close(&trial);
}
END_TEST

static void check_weights(struct trial *trial, struct rng *rng, int parts)
{
    const struct kernel_window *window = &trial->window;
    int channels = trial->input.channels, size = trial->weight.channels;
    struct field partial = field_new(rng, VALUE_FLOAT, 1, parts * size),
                 joined = field_new(rng, VALUE_FLOAT, 1, size);
    double *expected = field_like(&partial), *sum = field_like(&joined);
    struct kernel_depthwise_weights kernel = {field_tensor(&trial->input),
                                              field_tensor(&trial->output_gradient), *window, parts,
                                              field_data(&partial)};
    struct kernel_join join = {field_data(&partial), field_data(&joined), parts, size};
    int part = 0;
    FOR_EACH_SIGHT (window, trial->output.rows, out, tap, in) {
        while ((size_t)out >= part_begin(trial->output.rows, parts, part + 1))
            part++;
        for (int c = 0; c < channels; c++) {
            double product = trial->input.values[in * channels + c] *
                             trial->output_gradient.values[out * channels + c];
            expected[part * size + tap * channels + c] += product;
            sum[tap * channels + c] += product;
        }
    }
    kernel_run(KERNEL_DEPTHWISE_WEIGHTS, trial->input.type, &kernel, (size_t)parts);
    field_check(&partial, expected, "gradient of the weights, in parts");
    kernel_run(KERNEL_JOIN, trial->input.type, &join, (size_t)size / KERNEL_LANES);
    field_check(&joined, sum, "gradient of the weights");
    free(expected);
    free(sum);
    field_free(&partial);
    field_free(&joined);
}

START_TEST(weights_have_the_gradient_of_all_pixels)
{
    struct rng rng = rng_seed((uint64_t)_i);
    struct trial trial;
    if (!trial_open(&trial, &rng, _i))
        return;
    for (int cut = 0; cut < CUTS; cut++)
        check_weights(&trial, &rng, parts_of(trial.output.rows, cut));
    trial_close(&trial);
}
END_TEST

TCase *cases_of_depthwise(void)
{
    TCase *depthwise = tcase_create("depthwise");
    tcase_add_loop_test(depthwise, each_channel_is_convolved_by_itself, 0, CASES * WINDOWS);
    tcase_add_loop_test(depthwise, weights_have_the_gradient_of_all_pixels, 0, CASES * WINDOWS);
    return depthwise;
}
