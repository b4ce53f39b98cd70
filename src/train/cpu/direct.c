#include "train/cpu/direct.h"

#include VALUES

#include <string.h>

/* Input row or column that tap sees from output at; may lie outside. */
INLINE int seen_from(const struct kernel_window *window, int at, int tap)
{
    return at * window->stride - window->padding + tap * window->dilation;
}

/* Output row or column from which tap sees input at; -1 where none does. */
INLINE int sees(const struct kernel_window *window, int at, int tap, int count)
{
    int far = at + window->padding - tap * window->dilation;
    return far >= 0 && far % window->stride == 0 && far / window->stride < count
               ? far / window->stride
               : -1;
}

INLINE int is_inside(int at, int count)
{
    return at >= 0 && at < count;
}

static size_t in_size(const struct kernel_window *window)
{
    return (size_t)(window->in_h * window->in_w) * LANES;
}

static size_t out_size(const struct kernel_window *window)
{
    return (size_t)(window->out_h * window->out_w) * LANES;
}

/* ---- each channel by itself ---- */

/* One output: taps of the outside count nothing. last: of the taps, where weights are mirrored;
 * else 0. */
INLINE vec see(const value *from, const float *weight, const struct kernel_window *window, int top,
               int left, int k, int last)
{
    vec sum = all(0);
    for (int v = 0; v < k; v++)
        for (int u = 0; u < k; u++) {
            int row = top + v * window->dilation, column = left + u * window->dilation;
            int tap = last ? last - v * k - u : v * k + u;
            if (is_inside(row, window->in_h) && is_inside(column, window->in_w))
                sum += load(weight + tap * LANES) *
                       load_values(from + (row * window->in_w + column) * LANES);
        }
    return sum;
}

/* The same where all taps are inside, in three sums that do not wait for each other. */
INLINE vec see_all(const value *at, const float *weight, int line, int step, size_t k, int last)
{
    vec sum[3] = {all(0), all(0), all(0)};
    UNROLLED (v, k)
        UNROLLED (u, k) {
            size_t tap = v * k + u;
            sum[u % 3] += load(weight + (last ? (size_t)last - tap : tap) * LANES) *
                          load_values(at + v * (size_t)line + u * (size_t)step);
        }
    return sum[0] + sum[1] + sum[2];
}

/* k and last are constants where this is inlined. */
INLINE void pass(value *to, const value *from, const float *weight,
                 const struct kernel_window *window, int k, int last)
{
    int reach = (k - 1) * window->dilation, step = window->dilation * LANES;
    for (size_t block = 0; block < window->blocks; block++) {
        for (int y = 0; y < window->out_h; y++)
            for (int x = 0; x < window->out_w; x++, to += LANES) {
                int top = seen_from(window, y, 0), left = seen_from(window, x, 0);
                if (top >= 0 && left >= 0 && top + reach < window->in_h &&
                    left + reach < window->in_w)
                    store_values(to, see_all(from + (top * window->in_w + left) * LANES, weight,
                                             step * window->in_w, step, (size_t)k, last));
                else
                    store_values(to, see(from, weight, window, top, left, k, last));
            }
        from += in_size(window);
        weight += k * k * LANES;
    }
}

void direct_depthwise(void *to, const void *from, const float *weight,
                      const struct kernel_window *window)
{
    if (window->kernel == 3)
        pass(to, from, weight, window, 3, 0);
    else if (window->kernel == 5)
        pass(to, from, weight, window, 5, 0);
    else
        pass(to, from, weight, window, window->kernel, 0);
}

/* Without stride it is the convolution of the gradient with mirrored weights. */
static void back_without_stride(value *from_gradient, const value *to_gradient, const float *weight,
                                const struct kernel_window *window)
{
    int k = window->kernel;
    struct kernel_window turned = *window;
    turned.in_h = window->out_h;
    turned.in_w = window->out_w;
    turned.out_h = window->in_h;
    turned.out_w = window->in_w;
    turned.padding = window->dilation * (k - 1) - window->padding;
    if (k == 3)
        pass(from_gradient, to_gradient, weight, &turned, 3, 8);
    else if (k == 5)
        pass(from_gradient, to_gradient, weight, &turned, 5, 24);
    else
        pass(from_gradient, to_gradient, weight, &turned, k, k * k - 1);
}

void direct_depthwise_back(void *input_gradient, const void *output_gradient, const float *weight,
                           const struct kernel_window *window)
{
    value *from_gradient = input_gradient;
    const value *to_gradient = output_gradient;
    int k = window->kernel;
    if (window->stride == 1) {
        back_without_stride(from_gradient, to_gradient, weight, window);
        return;
    }
    for (size_t block = 0; block < window->blocks; block++, to_gradient += out_size(window)) {
        for (int y = 0; y < window->in_h; y++)
            for (int x = 0; x < window->in_w; x++, from_gradient += LANES) {
                vec sum = all(0);
                for (int v = 0; v < k; v++) {
                    int row = sees(window, y, v, window->out_h);
                    for (int u = 0; u < k && row >= 0; u++) {
                        int column = sees(window, x, u, window->out_w);
                        if (column >= 0)
                            sum +=
                                load(weight + (v * k + u) * LANES) *
                                load_values(to_gradient + (row * window->out_w + column) * LANES);
                    }
                }
                store_values(from_gradient, sum);
            }
        weight += k * k * LANES;
    }
}

/* First output that sees the inside by this tap, and the one after the last. */
struct span {
    int first, end;
};

INLINE struct span span_of(const struct kernel_window *window, int tap, int in, int out)
{
    struct span span = {0, out};
    while (span.first < out && seen_from(window, span.first, tap) < 0)
        span.first++;
    while (span.end > span.first && seen_from(window, span.end - 1, tap) >= in)
        span.end--;
    return span;
}

void direct_depthwise_weights(float *weight_gradient, const void *input,
                              const void *output_gradient, const struct kernel_window *window)
{
    const value *from = input, *to_gradient = output_gradient;
    int k = window->kernel;
    for (size_t block = 0; block < window->blocks; block++) {
        for (int tap = 0; tap < k * k; tap++, weight_gradient += LANES) {
            struct span rows = span_of(window, tap / k, window->in_h, window->out_h);
            struct span columns = span_of(window, tap % k, window->in_w, window->out_w);
            vec sum[4] = {all(0), all(0), all(0), all(0)};
            for (int y = rows.first; y < rows.end; y++) {
                int row = seen_from(window, y, tap / k) * window->in_w;
                for (int x = columns.first; x < columns.end; x++)
                    sum[x % 4] += load_values(to_gradient + (y * window->out_w + x) * LANES) *
                                  load_values(from + (row + seen_from(window, x, tap % k)) * LANES);
            }
            store(weight_gradient, (sum[0] + sum[1]) + (sum[2] + sum[3]));
        }
        from += in_size(window);
        to_gradient += out_size(window);
    }
}

/* ---- all channels with all ---- */

/* Calls for every output block, output pixel and tap that sees the inside; weights of one input
 * channel are one vector, of the output's lanes. */
#define FOR_EACH_SIGHT(window)                                                                     \
    for (int y = 0; y < (window)->out_h; y++)                                                      \
        for (int x = 0; x < (window)->out_w; x++)                                                  \
            for (int tap = 0, row, column; tap < (window)->kernel * (window)->kernel; tap++)       \
                if (row = seen_from(window, y, tap / (window)->kernel),                            \
                    column = seen_from(window, x, tap % (window)->kernel),                         \
                    is_inside(row, (window)->in_h) && is_inside(column, (window)->in_w))

static size_t channel_at(const struct kernel_window *window, size_t channel, int row, int column)
{
    return channel / LANES * in_size(window) + (size_t)(row * window->in_w + column) * LANES +
           channel % LANES;
}

void direct_dense(void *output, const void *input, const float *weight,
                  const struct kernel_window *window)
{
    value *to = output;
    const value *from = input;
    size_t channels = window->blocks * LANES, taps = (size_t)(window->kernel * window->kernel);
    memset(to, 0, window->out_blocks * out_size(window) * sizeof(*to));
    for (size_t block = 0; block < window->out_blocks; block++, to += out_size(window))
        FOR_EACH_SIGHT (window) {
            value *at = to + (y * window->out_w + x) * LANES;
            const float *w = weight + (block * taps + (size_t)tap) * channels * LANES;
            vec sum = load_values(at);
            for (size_t c = 0; c < channels; c++)
                sum += load(w + c * LANES) * all(widen(from[channel_at(window, c, row, column)]));
            store_values(at, sum);
        }
}

void direct_dense_back(void *input_gradient, const void *output_gradient, const float *weight,
                       const struct kernel_window *window)
{
    value *from_gradient = input_gradient;
    const value *to_gradient = output_gradient;
    size_t channels = window->blocks * LANES, taps = (size_t)(window->kernel * window->kernel);
    memset(from_gradient, 0, window->blocks * in_size(window) * sizeof(*from_gradient));
    for (size_t block = 0; block < window->out_blocks; block++, to_gradient += out_size(window))
        FOR_EACH_SIGHT (window) {
            vec gradient = load_values(to_gradient + (y * window->out_w + x) * LANES);
            const float *w = weight + (block * taps + (size_t)tap) * channels * LANES;
            for (size_t c = 0; c < channels; c++) {
                vec product = load(w + c * LANES) * gradient;
                float sum = 0;
                for (int lane = 0; lane < LANES; lane++)
                    sum += product[lane];
                value *at = &from_gradient[channel_at(window, c, row, column)];
                *at = narrow(widen(*at) + sum);
            }
        }
}

void direct_dense_weights(float *weight_gradient, const void *input, const void *output_gradient,
                          const struct kernel_window *window)
{
    const value *from = input, *to_gradient = output_gradient;
    size_t channels = window->blocks * LANES, taps = (size_t)(window->kernel * window->kernel);
    memset(weight_gradient, 0,
           window->out_blocks * taps * channels * LANES * sizeof(*weight_gradient));
    for (size_t block = 0; block < window->out_blocks; block++, to_gradient += out_size(window))
        FOR_EACH_SIGHT (window) {
            vec gradient = load_values(to_gradient + (y * window->out_w + x) * LANES);
            float *w = weight_gradient + (block * taps + (size_t)tap) * channels * LANES;
            for (size_t c = 0; c < channels; c++)
                store(w + c * LANES,
                      load(w + c * LANES) +
                          gradient * all(widen(from[channel_at(window, c, row, column)])));
        }
}
