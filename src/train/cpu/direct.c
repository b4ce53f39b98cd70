#include "train/cpu/direct.h"

#include "train/cpu/vector.h"

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

void direct_depthwise(float *to, const float *from, const float *weight,
                      const struct kernel_window *window)
{
    int k = window->kernel;
    for (size_t block = 0; block < window->blocks; block++, from += in_size(window)) {
        for (int y = 0; y < window->out_h; y++)
            for (int x = 0; x < window->out_w; x++, to += LANES) {
                vec sum = all(0);
                for (int v = 0; v < k; v++) {
                    int row = seen_from(window, y, v);
                    for (int u = 0; u < k && is_inside(row, window->in_h); u++) {
                        int column = seen_from(window, x, u);
                        if (is_inside(column, window->in_w))
                            sum += load(weight + (v * k + u) * LANES) *
                                   load(from + (row * window->in_w + column) * LANES);
                    }
                }
                store(to, sum);
            }
        weight += k * k * LANES;
    }
}

void direct_depthwise_back(float *from_gradient, const float *to_gradient, const float *weight,
                           const struct kernel_window *window)
{
    int k = window->kernel;
    for (size_t block = 0; block < window->blocks; block++, to_gradient += out_size(window)) {
        for (int y = 0; y < window->in_h; y++)
            for (int x = 0; x < window->in_w; x++, from_gradient += LANES) {
                vec sum = all(0);
                for (int v = 0; v < k; v++) {
                    int row = sees(window, y, v, window->out_h);
                    for (int u = 0; u < k && row >= 0; u++) {
                        int column = sees(window, x, u, window->out_w);
                        if (column >= 0)
                            sum += load(weight + (v * k + u) * LANES) *
                                   load(to_gradient + (row * window->out_w + column) * LANES);
                    }
                }
                store(from_gradient, sum);
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

void direct_depthwise_weights(float *weight_gradient, const float *from, const float *to_gradient,
                              const struct kernel_window *window)
{
    int k = window->kernel;
    for (size_t block = 0; block < window->blocks; block++) {
        for (int tap = 0; tap < k * k; tap++, weight_gradient += LANES) {
            struct span rows = span_of(window, tap / k, window->in_h, window->out_h);
            struct span columns = span_of(window, tap % k, window->in_w, window->out_w);
            vec sum[4] = {all(0), all(0), all(0), all(0)};
            for (int y = rows.first; y < rows.end; y++) {
                int row = seen_from(window, y, tap / k) * window->in_w;
                for (int x = columns.first; x < columns.end; x++)
                    sum[x % 4] += load(to_gradient + (y * window->out_w + x) * LANES) *
                                  load(from + (row + seen_from(window, x, tap % k)) * LANES);
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

void direct_dense(float *to, const float *from, const float *weight,
                  const struct kernel_window *window)
{
    size_t channels = window->blocks * LANES, taps = (size_t)(window->kernel * window->kernel);
    memset(to, 0, window->out_blocks * out_size(window) * sizeof(*to));
    for (size_t block = 0; block < window->out_blocks; block++, to += out_size(window))
        FOR_EACH_SIGHT(window)
        {
            float *at = to + (y * window->out_w + x) * LANES;
            const float *w = weight + (block * taps + (size_t)tap) * channels * LANES;
            vec sum = load(at);
            for (size_t c = 0; c < channels; c++)
                sum += load(w + c * LANES) * all(from[channel_at(window, c, row, column)]);
            store(at, sum);
        }
}

void direct_dense_back(float *from_gradient, const float *to_gradient, const float *weight,
                       const struct kernel_window *window)
{
    size_t channels = window->blocks * LANES, taps = (size_t)(window->kernel * window->kernel);
    memset(from_gradient, 0, window->blocks * in_size(window) * sizeof(*from_gradient));
    for (size_t block = 0; block < window->out_blocks; block++, to_gradient += out_size(window))
        FOR_EACH_SIGHT(window)
        {
            vec gradient = load(to_gradient + (y * window->out_w + x) * LANES);
            const float *w = weight + (block * taps + (size_t)tap) * channels * LANES;
            for (size_t c = 0; c < channels; c++) {
                vec product = load(w + c * LANES) * gradient;
                float sum = 0;
                for (int lane = 0; lane < LANES; lane++)
                    sum += product[lane];
                from_gradient[channel_at(window, c, row, column)] += sum;
            }
        }
}

void direct_dense_weights(float *weight_gradient, const float *from, const float *to_gradient,
                          const struct kernel_window *window)
{
    size_t channels = window->blocks * LANES, taps = (size_t)(window->kernel * window->kernel);
    memset(weight_gradient, 0,
           window->out_blocks * taps * channels * LANES * sizeof(*weight_gradient));
    for (size_t block = 0; block < window->out_blocks; block++, to_gradient += out_size(window))
        FOR_EACH_SIGHT(window)
        {
            vec gradient = load(to_gradient + (y * window->out_w + x) * LANES);
            float *w = weight_gradient + (block * taps + (size_t)tap) * channels * LANES;
            for (size_t c = 0; c < channels; c++)
                store(w + c * LANES, load(w + c * LANES) +
                                         gradient * all(from[channel_at(window, c, row, column)]));
        }
}
