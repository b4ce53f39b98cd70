#include "train/cpu/kernels.h"

#include "train/cpu/direct.h"
#include "train/cpu/winograd.h"

#include VALUES

#include <math.h>
#include <string.h>

/* x, but at least floor; a NaN stays one, so that the trainer sees it */
INLINE vec at_least(vec x, vec floor)
{
    mask below = x < floor;
    return (vec)(((mask)x & ~below) | ((mask)floor & below));
}

/* The larger; a NaN wins, as in PyTorch. */
INLINE vec larger(vec best, vec next)
{
    mask wins = (next > best) | (next != next);
    return (vec)(((mask)next & wins) | ((mask)best & ~wins));
}

static void pack(void *image, const float *from, size_t channels, size_t blocks, size_t pixels)
{
    value *to = image;
    memset(to, 0, blocks * pixels * LANES * sizeof(*to));
    for (size_t c = 0; c < channels; c++)
        for (size_t p = 0; p < pixels; p++)
            to[(c / LANES * pixels + p) * LANES + c % LANES] = narrow(from[c * pixels + p]);
}

static void to_floats(float *to, const void *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = widen(((const value *)values)[i]);
}

static void from_floats(void *values, const float *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ((value *)values)[i] = narrow(from[i]);
}

static void move(void *output, const void *input, const struct kernel_move *move)
{
    value *to = output;
    const value *from = input;
    size_t last = move->to + move->count, end = (last + LANES - 1) / LANES * LANES;
    for (size_t c = move->to; c < end; c++)
        for (size_t p = 0; p < move->pixels; p++) {
            size_t f = move->from + c - move->to;
            to[(c / LANES * move->pixels + p) * LANES + c % LANES] =
                c < last ? from[(f / LANES * move->pixels + p) * LANES + f % LANES] : 0;
        }
}

/* ---- sums ---- */

/* One block of channels. The counts are constants where this is inlined, so that all loops but
 * that over pixels unroll. The first operands are those that are masked. */
INLINE void combine_block(const struct kernel_combine *combine, size_t block, size_t masked,
                          size_t plain, size_t targets)
{
    size_t channel = block * LANES, start = block * combine->pixels * LANES;
    const value *data[PLAN_OPERANDS] = {NULL};
    const value *positive = masked ? (const value *)combine->mask + start : NULL;
    value *to[PLAN_TARGETS] = {NULL};
    vec scale[PLAN_OPERANDS] = {0}, floor[PLAN_TARGETS] = {0}, shift = all(0);
    UNROLLED (i, masked + plain) {
        const struct kernel_operand *operand = &combine->operands[i];
        data[i] = (const value *)operand->data + start;
        scale[i] = all(operand->factor);
        if (operand->scale) {
            shift += scale[i] * load(operand->shift + channel);
            scale[i] *= load(operand->scale + channel);
        }
    }
    UNROLLED (i, targets) {
        to[i] = (value *)combine->targets[i].data + start;
        floor[i] = all(combine->targets[i].relu ? 0 : -INFINITY);
    }
    for (size_t at = 0; at < combine->pixels * LANES; at += LANES) {
        vec sum = shift;
        if (masked) {
            vec covered = all(0);
            UNROLLED (i, masked)
                covered += scale[i] * load_values(data[i] + at);
            sum += keep(load_values(positive + at) > 0, covered);
        }
        UNROLLED (i, plain)
            sum += scale[masked + i] * load_values(data[masked + i] + at);
        UNROLLED (i, targets)
            store_values(to[i] + at, at_least(sum, floor[i]));
    }
}

static void combine(const struct kernel_combine *combine)
{
#define CASE(masked, plain, targets)                                                               \
    case 100 * (masked) + 10 * (plain) + (targets):                                                \
        combine_block(combine, block, masked, plain, targets);                                     \
        break;
    for (size_t block = 0; block < combine->blocks; block++)
        switch (100 * combine->masked_count + 10 * combine->plain_count + combine->target_count) {
            CASE(0, 1, 1)
            CASE(0, 2, 1)
            CASE(0, 3, 1)
            CASE(0, 2, 2)
            CASE(0, 3, 2)
            CASE(1, 0, 1)
            CASE(1, 1, 1)
            CASE(1, 2, 1)
        default:
            combine_block(combine, block, combine->masked_count, combine->plain_count,
                          combine->target_count);
        }
#undef CASE
}

static void add(float *to, const float *from, size_t size)
{
    for (size_t i = 0; i < size; i += LANES)
        store(to + i, load(to + i) + load(from + i));
}

/* ---- sums over pixels: four at a time, since one would wait for the other ---- */

static void moments(const void *input, size_t blocks, size_t pixels, float *mean, float *squares)
{
    const value *data = input;
    for (size_t block = 0; block < blocks; block++, data += pixels * LANES) {
        vec sum[4] = {all(0), all(0), all(0), all(0)}, square[4] = {all(0), all(0), all(0), all(0)};
        for (size_t p = 0; p < pixels; p++)
            sum[p % 4] += load_values(data + p * LANES);
        vec centre = ((sum[0] + sum[1]) + (sum[2] + sum[3])) * all(1 / (float)pixels);
        for (size_t p = 0; p < pixels; p++) {
            vec difference = load_values(data + p * LANES) - centre;
            square[p % 4] += difference * difference;
        }
        store(mean + block * LANES, centre);
        store(squares + block * LANES, (square[0] + square[1]) + (square[2] + square[3]));
    }
}

static void products(const void *gradient, const void *input, const float *mean, size_t blocks,
                     size_t pixels, float *sum, float *product)
{
    for (size_t block = 0; block < blocks; block++) {
        const value *g = (const value *)gradient + block * pixels * LANES;
        const value *x = (const value *)input + block * pixels * LANES;
        vec centre = load(mean + block * LANES), s[2] = {all(0), all(0)}, t[2] = {all(0), all(0)};
        for (size_t p = 0; p < pixels; p++) {
            s[p % 2] += load_values(g + p * LANES);
            t[p % 2] += load_values(g + p * LANES) * (load_values(x + p * LANES) - centre);
        }
        store(sum + block * LANES, s[0] + s[1]);
        store(product + block * LANES, t[0] + t[1]);
    }
}

static void mean(void *output, const void *input, size_t blocks, size_t pixels)
{
    value *to = output;
    const value *from = input;
    for (size_t block = 0; block < blocks; block++, from += pixels * LANES) {
        vec sum = all(0);
        for (size_t p = 0; p < pixels; p++)
            sum += load_values(from + p * LANES);
        store_values(to + block * LANES, sum * all(1 / (float)pixels));
    }
}

static void mean_back(void *input_gradient, const void *output_gradient, size_t blocks,
                      size_t pixels)
{
    value *from_gradient = input_gradient;
    const value *to_gradient = output_gradient;
    for (size_t block = 0; block < blocks; block++, from_gradient += pixels * LANES) {
        vec share = load_values(to_gradient + block * LANES) * all(1 / (float)pixels);
        for (size_t p = 0; p < pixels; p++)
            store_values(from_gradient + p * LANES, share);
    }
}

/* ---- pools ---- */

/* The part of a window that lies within the picture. */
struct part {
    int y0, y1, x0, x1;
};

INLINE int least(int a, int b)
{
    return a < b ? a : b;
}

INLINE struct part window_part(const struct kernel_window *window, int y, int x)
{
    int top = y * window->stride - window->padding, left = x * window->stride - window->padding;
    return (struct part){.y0 = top > 0 ? top : 0,
                         .y1 = least(top + window->kernel, window->in_h),
                         .x0 = left > 0 ? left : 0,
                         .x1 = least(left + window->kernel, window->in_w)};
}

/* 1 / count, without dividing for the counts that there usually are. */
INLINE float inverse(int count)
{
    static const float usual[] = {0, 1, 1.0F / 2, 1.0F / 3, 1.0F / 4, 1.0F / 5};
    return count <= 5 ? usual[count] : 1 / (float)count;
}

INLINE vec part_share(struct part part)
{
    return all(inverse(part.y1 - part.y0) * inverse(part.x1 - part.x0));
}

/* For every block, output and pixel of its window: in, out are theirs. */
#define FOR_EACH_OUTPUT(window, in, out)                                                           \
    for (size_t block = 0; block < (window)->blocks;                                               \
         block++, (in) += (window)->in_h * (window)->in_w * LANES)                                 \
        for (int y = 0; y < (window)->out_h; y++)                                                  \
            for (int x = 0; x < (window)->out_w; x++, (out) += LANES)
#define FOR_EACH_IN(part)                                                                          \
    for (int v = (part).y0; v < (part).y1; v++)                                                    \
        for (int u = (part).x0; u < (part).x1; u++)

/* 3x3 without stride, as in every cell: without a look at the edges where there are none near. */
INLINE bool is_usual(const struct kernel_window *window)
{
    return window->kernel == 3 && window->stride == 1 && window->padding == 1;
}

INLINE bool is_within(const struct kernel_window *window, int y, int x, int margin)
{
    return y >= margin && y < window->in_h - margin && x >= margin && x < window->in_w - margin;
}

/* Of the 3x3 pixels round at, in pictures of the given width. */
INLINE vec mean_of_nine(const value *at, int width)
{
    const value *row[3] = {at - (width + 1) * LANES, at - LANES, at + (width - 1) * LANES};
    vec sum[3];
    UNROLLED (i, 3)
        sum[i] =
            load_values(row[i]) + load_values(row[i] + LANES) + load_values(row[i] + 2 * LANES);
    return (sum[0] + sum[1] + sum[2]) * all(1.0F / 9);
}

static void average(void *output, const void *input, const struct kernel_window *window)
{
    value *to = output;
    const value *from = input;
    bool usual = is_usual(window);
    FOR_EACH_OUTPUT (window, from, to) {
        if (usual && is_within(window, y, x, 1)) {
            store_values(to, mean_of_nine(from + (y * window->in_w + x) * LANES, window->in_w));
            continue;
        }
        struct part part = window_part(window, y, x);
        vec sum = all(0);
        FOR_EACH_IN (part)
            sum += load_values(from + (v * window->in_w + u) * LANES);
        store_values(to, sum * part_share(part));
    }
}

/* The outputs whose windows hold pixel at of a row or column: from first to end. */
struct reach {
    int first, end;
};

INLINE struct reach reach_of(const struct kernel_window *window, int at, int count)
{
    int last = (at + window->padding) / window->stride;
    int before = at + window->padding - window->kernel; /* the last one that ends too soon */
    return (struct reach){before < 0 ? 0 : before / window->stride + 1, least(last + 1, count)};
}

static void average_back(void *input_gradient, const void *output_gradient,
                         const struct kernel_window *window)
{
    value *from_gradient = input_gradient;
    const value *to_gradient = output_gradient;
    bool usual = is_usual(window);
    for (size_t block = 0; block < window->blocks; block++) {
        for (int v = 0; v < window->in_h; v++)
            for (int u = 0; u < window->in_w; u++, from_gradient += LANES) {
                if (usual && is_within(window, v, u, 2)) {
                    const value *at = to_gradient + (v * window->out_w + u) * LANES;
                    store_values(from_gradient, mean_of_nine(at, window->out_w));
                    continue;
                }
                struct reach rows = reach_of(window, v, window->out_h);
                struct reach columns = reach_of(window, u, window->out_w);
                vec sum = all(0);
                for (int y = rows.first; y < rows.end; y++)
                    for (int x = columns.first; x < columns.end; x++)
                        sum += load_values(to_gradient + (y * window->out_w + x) * LANES) *
                               part_share(window_part(window, y, x));
                store_values(from_gradient, sum);
            }
        to_gradient += window->out_h * window->out_w * LANES;
    }
}

static void maximum(void *output, const void *input, const struct kernel_window *window)
{
    value *to = output;
    const value *from = input;
    FOR_EACH_OUTPUT (window, from, to) {
        struct part part = window_part(window, y, x);
        vec best = load_values(from + (part.y0 * window->in_w + part.x0) * LANES);
        FOR_EACH_IN (part)
            best = larger(best, load_values(from + (v * window->in_w + u) * LANES));
        store_values(to, best);
    }
}

static void clear(value *data, const struct kernel_window *window)
{
    memset(data, 0, window->blocks * (size_t)(window->in_h * window->in_w) * LANES * sizeof(*data));
}

static void maximum_back(void *input_gradient, const void *output_gradient, const void *input,
                         const struct kernel_window *window)
{
    value *from_gradient = input_gradient;
    const value *to_gradient = output_gradient;
    const size_t image = (size_t)(window->in_h * window->in_w) * LANES;
    clear(from_gradient, window);
    FOR_EACH_OUTPUT (window, from_gradient, to_gradient) {
        struct part part = window_part(window, y, x);
        const value *values = (const value *)input + block * image;
        vec best = load_values(values + (part.y0 * window->in_w + part.x0) * LANES);
        FOR_EACH_IN (part)
            best = larger(best, load_values(values + (v * window->in_w + u) * LANES));
        mask open = best == best; /* lanes that have not found theirs; never those of a NaN */
        FOR_EACH_IN (part) {
            int at = (v * window->in_w + u) * LANES;
            mask here = open & (load_values(values + at) == best);
            store_values(from_gradient + at,
                         load_values(from_gradient + at) + keep(here, load_values(to_gradient)));
            open &= ~here;
        }
    }
}

const struct kernels KERNELS = {.lanes = LANES,
                                .name = KERNELS_NAME,
                                .precision = PRECISION,
                                .value_size = sizeof(value),
                                .winograd = &WINOGRAD,
                                .pack = pack,
                                .to_floats = to_floats,
                                .from_floats = from_floats,
                                .move = move,
                                .combine = combine,
                                .moments = moments,
                                .products = products,
                                .average = average,
                                .average_back = average_back,
                                .maximum = maximum,
                                .maximum_back = maximum_back,
                                .mean = mean,
                                .mean_back = mean_back,
                                .depthwise = direct_depthwise,
                                .depthwise_back = direct_depthwise_back,
                                .depthwise_weights = direct_depthwise_weights,
                                .dense = direct_dense,
                                .dense_back = direct_dense_back,
                                .dense_weights = direct_dense_weights,
                                .add = add};
