#include "train/cpu/winograd.h"

#include "train/cpu/vector.h"

#include <string.h>

enum { TILES_FORWARD = 16, TILES_WEIGHTS = 64 }; /* at a time, so that all stays in the cache */
enum { ROWS = 4 };                               /* of the products that registers hold */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Blocks of output channels that are done together, of those left: 3, unless 1 would be left. */
static size_t group_of(size_t left)
{
    return left == 4 || left == 2 ? 2 : left == 1 ? 1 : 3;
}

static size_t tile_count(const struct winograd_shape *shape)
{
    return shape->H / 2 * (shape->W / 2);
}

/* From one frequency's (tiles, width) to the next: not by whole pages, which would all want the
 * same lines of the cache. */
static size_t step_of(size_t tiles, size_t width)
{
    return tiles * width + 16;
}

static size_t scratch_size(const struct winograd_shape *shape)
{
    size_t tiles = least(tile_count(shape), TILES_WEIGHTS), widest = shape->in_blocks + 3;
    return WINOGRAD_FREQUENCIES *
               (step_of(tiles, shape->in_blocks * LANES) + step_of(tiles, 3 * LANES)) +
           ROWS * widest * LANES;
}

/* ---- to frequencies and back ---- */

/* B' applied to four values. */
INLINE void input_line(const vec in[4], vec out[4])
{
    out[0] = in[0] - in[2];
    out[1] = in[1] + in[2];
    out[2] = in[2] - in[1];
    out[3] = in[1] - in[3];
}

/* One tile of one block; row: its four rows from the column left of the tile; those at the
 * picture's edges see zeros. to: frequencies, step apart. */
INLINE void input_tile(const float *const row[4], bool left, bool right, float *to, size_t step)
{
    vec lines[4][4], column[4], out[4];
    UNROLLED (v, 4) {
        const vec in[4] = {left ? all(0) : load(row[v]), load(row[v] + LANES),
                           load(row[v] + 2 * LANES), right ? all(0) : load(row[v] + 3 * LANES)};
        input_line(in, lines[v]);
    }
    UNROLLED (u, 4) {
        UNROLLED (v, 4)
            column[v] = lines[v][u];
        input_line(column, out);
        UNROLLED (v, 4)
            store(to + (size_t)(v * 4 + u) * step, out[v]);
    }
}

/* Tiles first to end of all blocks: to (16, tiles, channels). */
static void input_tiles(const struct winograd_shape *shape, const float *from, size_t first,
                        size_t end, float *to)
{
    static const float zeros[4 * LANES];
    size_t wide = shape->W / 2, channels = shape->in_blocks * LANES;
    size_t step = step_of(end - first, channels), line = shape->W * LANES;
    for (size_t block = 0; block < shape->in_blocks; block++) {
        const float *image = from + block * shape->H * line;
        for (size_t tile = first; tile < end; tile++) {
            size_t y = 2 * (tile / wide), x = tile % wide;
            const float *row[4];
            float *at = to + (tile - first) * channels + block * LANES;
            UNROLLED (v, 4) {
                bool outside = (y == 0 && v == 0) || y + v > shape->H;
                row[v] = outside ? zeros : image + (y + v - 1) * line + 2 * x * LANES - LANES;
            }
            if (x > 0 && x + 1 < wide)
                input_tile(row, false, false, at, step);
            else
                input_tile(row, x == 0, x + 1 == wide, at, step);
        }
    }
}

/* A' from four values to two. */
INLINE void output_line(const vec in[4], vec out[2])
{
    out[0] = in[0] + in[1] + in[2];
    out[1] = in[1] - in[2] - in[3];
}

/* from: (16, tiles, group * LANES); to: the group's first block. */
static void output_tiles(const struct winograd_shape *shape, const float *from, size_t first,
                         size_t end, size_t group, float *to)
{
    size_t wide = shape->W / 2, width = group * LANES, step = step_of(end - first, width);
    for (size_t block = 0; block < group; block++, to += shape->H * shape->W * LANES)
        for (size_t tile = first; tile < end; tile++) {
            const float *at = from + (tile - first) * width + block * LANES;
            float *pixel = to + (2 * (tile / wide) * shape->W + 2 * (tile % wide)) * LANES;
            vec lines[4][2], column[4], out[2];
            UNROLLED (v, 4) {
                const vec in[4] = {load(at + v * 4 * step), load(at + (v * 4 + 1) * step),
                                   load(at + (v * 4 + 2) * step), load(at + (v * 4 + 3) * step)};
                output_line(in, lines[v]);
            }
            UNROLLED (u, 2) {
                UNROLLED (v, 4)
                    column[v] = lines[v][u];
                output_line(column, out);
                store(pixel + u * LANES, out[0]);
                store(pixel + (shape->W + u) * LANES, out[1]);
            }
        }
}

/* A from two values to four: the gradient of output_line(). */
INLINE void gradient_line(vec a, vec b, vec out[4])
{
    out[0] = a;
    out[1] = a + b;
    out[2] = a - b;
    out[3] = -b;
}

/* The gradient of output_tiles(). */
static void gradient_tiles(const struct winograd_shape *shape, const float *from, size_t first,
                           size_t end, size_t group, float *to)
{
    size_t wide = shape->W / 2, width = group * LANES, step = step_of(end - first, width);
    for (size_t block = 0; block < group; block++, from += shape->H * shape->W * LANES)
        for (size_t tile = first; tile < end; tile++) {
            float *at = to + (tile - first) * width + block * LANES;
            const float *pixel = from + (2 * (tile / wide) * shape->W + 2 * (tile % wide)) * LANES;
            const float *below = pixel + shape->W * LANES;
            vec lines[2][4], out[4];
            gradient_line(load(pixel), load(below), lines[0]);
            gradient_line(load(pixel + LANES), load(below + LANES), lines[1]);
            UNROLLED (v, 4) {
                gradient_line(lines[0][v], lines[1][v], out);
                UNROLLED (u, 4)
                    store(at + (v * 4 + u) * step, out[u]);
            }
        }
}

/* ---- products ---- */

/* to (ROWS, group) = sum over c of from (ROWS, channels) * weight (channels, group). */
INLINE void multiply(const float *from, size_t channels, const float *weight, size_t group,
                     float *to)
{
    vec sum[ROWS][3];
    UNROLLED (i, ROWS)
        UNROLLED (j, group)
            sum[i][j] = all(0);
    for (size_t c = 0; c < channels; c++, weight += group * LANES) {
        vec w[3];
        UNROLLED (j, group)
            w[j] = load(weight + j * LANES);
        UNROLLED (i, ROWS) {
            vec x = all(from[i * channels + c]);
            UNROLLED (j, group)
                sum[i][j] += w[j] * x;
        }
    }
    UNROLLED (i, ROWS)
        UNROLLED (j, group)
            store(to + (i * group + j) * LANES, sum[i][j]);
}

/* to (ROWS, group), rows apart, += sum over tiles of from (tiles, ROWS) * gradient (tiles, group).
 */
INLINE void accumulate(const float *from, size_t channels, const float *gradient, size_t tiles,
                       size_t group, float *to, size_t apart, bool add)
{
    vec sum[ROWS][3];
    UNROLLED (i, ROWS)
        UNROLLED (j, group)
            sum[i][j] = add ? load(to + i * apart + j * LANES) : all(0);
    for (size_t t = 0; t < tiles; t++, from += channels, gradient += group * LANES) {
        vec g[3];
        UNROLLED (j, group)
            g[j] = load(gradient + j * LANES);
        UNROLLED (i, ROWS) {
            vec x = all(from[i]);
            UNROLLED (j, group)
                sum[i][j] += g[j] * x;
        }
    }
    UNROLLED (i, ROWS)
        UNROLLED (j, group)
            store(to + i * apart + j * LANES, sum[i][j]);
}

/* The rows of all tiles of one frequency; where they are no multiple of ROWS, those behind them
 * hold nothing and their products are overwritten or never read. */
INLINE void multiply_all(const float *from, size_t channels, size_t tiles, const float *weight,
                         size_t group, float *to)
{
    for (size_t tile = 0; tile < tiles; tile += ROWS)
        multiply(from + tile * channels, channels, weight, group, to + tile * group * LANES);
}

static void forward(const struct winograd_shape *shape, const float *from, const float *frequencies,
                    float *to, float *scratch)
{
    size_t channels = shape->in_blocks * LANES, plane = shape->H * shape->W * LANES;
    for (size_t first = 0, end; first < tile_count(shape); first = end) {
        end = least(first + TILES_FORWARD, tile_count(shape));
        size_t tiles = end - first;
        float *input = scratch, *output = scratch + WINOGRAD_FREQUENCIES * step_of(tiles, channels);
        input_tiles(shape, from, first, end, input);
        for (size_t block = 0, group; block < shape->out_blocks; block += group) {
            group = group_of(shape->out_blocks - block);
            for (size_t f = 0; f < WINOGRAD_FREQUENCIES; f++) {
                const float *in = input + f * step_of(tiles, channels);
                const float *weight =
                    frequencies + (f * shape->out_blocks + block) * LANES * channels;
                float *out = output + f * step_of(tiles, group * LANES);
                if (group == 3)
                    multiply_all(in, channels, tiles, weight, 3, out);
                else if (group == 2)
                    multiply_all(in, channels, tiles, weight, 2, out);
                else
                    multiply_all(in, channels, tiles, weight, 1, out);
            }
            output_tiles(shape, output, first, end, group, to + block * plane);
        }
    }
}

INLINE void accumulate_all(const float *from, size_t channels, const float *gradient, size_t tiles,
                           size_t group, float *to, size_t apart, bool add)
{
    for (size_t c = 0; c < channels; c += ROWS)
        accumulate(from + c, channels, gradient, tiles, group, to + c * apart, apart, add);
}

static void weights(const struct winograd_shape *shape, const float *from, const float *to_gradient,
                    float *frequencies, float *scratch, bool first_image)
{
    size_t channels = shape->in_blocks * LANES, plane = shape->H * shape->W * LANES;
    size_t outputs = shape->out_blocks * LANES;
    for (size_t first = 0, end; first < tile_count(shape); first = end) {
        end = least(first + TILES_WEIGHTS, tile_count(shape));
        size_t tiles = end - first;
        float *input = scratch, *output = scratch + WINOGRAD_FREQUENCIES * step_of(tiles, channels);
        bool add = first > 0 || !first_image;
        input_tiles(shape, from, first, end, input);
        for (size_t block = 0, group; block < shape->out_blocks; block += group) {
            group = group_of(shape->out_blocks - block);
            gradient_tiles(shape, to_gradient + block * plane, first, end, group, output);
            for (size_t f = 0; f < WINOGRAD_FREQUENCIES; f++) {
                const float *in = input + f * step_of(tiles, channels);
                const float *gradient = output + f * step_of(tiles, group * LANES);
                float *to = frequencies + f * channels * outputs + block * LANES;
                if (group == 3)
                    accumulate_all(in, channels, gradient, tiles, 3, to, outputs, add);
                else if (group == 2)
                    accumulate_all(in, channels, gradient, tiles, 2, to, outputs, add);
                else
                    accumulate_all(in, channels, gradient, tiles, 1, to, outputs, add);
            }
        }
    }
}

/* ---- weights ---- */

/* G applied to three values. */
INLINE void weight_line(const vec in[3], vec out[4])
{
    const vec half = all(0.5F);
    out[0] = in[0];
    out[1] = (in[0] + in[1] + in[2]) * half;
    out[2] = (in[0] - in[1] + in[2]) * half;
    out[3] = in[2];
}

/* Values of one frequency: groups of output blocks one after the other, each (channels, group). */
static size_t frequency_at(size_t out_blocks, size_t channels, size_t block, size_t c)
{
    size_t start = 0, group = 0;
    for (; start + (group = group_of(out_blocks - start)) <= block; start += group)
        ;
    return (start * channels + c * group + block - start) * LANES;
}

static void transform(const struct winograd_shape *shape, const float *weight, float *frequencies)
{
    size_t channels = shape->in_blocks * LANES, size = channels * shape->out_blocks * LANES;
    for (size_t block = 0; block < shape->out_blocks; block++)
        for (size_t c = 0; c < channels; c++) {
            const float *from = weight + (block * 9 * channels + c) * LANES;
            float *to = frequencies + frequency_at(shape->out_blocks, channels, block, c);
            vec lines[3][4], out[4];
            UNROLLED (v, 3) {
                const vec in[3] = {load(from + (3 * v) * channels * LANES),
                                   load(from + (3 * v + 1) * channels * LANES),
                                   load(from + (3 * v + 2) * channels * LANES)};
                weight_line(in, lines[v]);
            }
            UNROLLED (u, 4) {
                const vec in[3] = {lines[0][u], lines[1][u], lines[2][u]};
                weight_line(in, out);
                UNROLLED (v, 4)
                    store(to + (v * 4 + u) * size, out[v]);
            }
        }
}

/* Weights mirrored and transposed are, in frequencies, their first and last ones exchanged. */
static void turn(const struct winograd_shape *shape, const float *frequencies, float *back)
{
    static const size_t mirror[4] = {3, 1, 2, 0};
    size_t inputs = shape->in_blocks * LANES, outputs = shape->out_blocks * LANES;
    for (size_t block = 0; block < shape->out_blocks; block++)
        for (size_t in = 0; in < shape->in_blocks; in++) {
            size_t from = frequency_at(shape->out_blocks, inputs, block, in * LANES);
            size_t next = frequency_at(shape->out_blocks, inputs, block, in * LANES + 1) - from;
            size_t to = frequency_at(shape->in_blocks, outputs, in, block * LANES);
            size_t far = frequency_at(shape->in_blocks, outputs, in, block * LANES + 1) - to;
            for (size_t f = 0; f < WINOGRAD_FREQUENCIES; f++) {
                const float *here = frequencies + f * inputs * outputs + from;
                float *there = back + (mirror[f / 4] * 4 + mirror[f % 4]) * inputs * outputs + to;
                for (size_t o = 0; o < LANES; o++)
                    for (size_t c = 0; c < LANES; c++)
                        there[o * far + c] = here[c * next + o];
            }
        }
}

/* G' applied to four values: the gradient of weight_line(). */
INLINE void weight_gradient_line(const vec in[4], vec out[3])
{
    const vec half = all(0.5F);
    out[0] = in[0] + (in[1] + in[2]) * half;
    out[1] = (in[1] - in[2]) * half;
    out[2] = (in[1] + in[2]) * half + in[3];
}

static void finish(const struct winograd_shape *shape, const float *frequencies, float *weight)
{
    size_t channels = shape->in_blocks * LANES, outputs = shape->out_blocks * LANES;
    for (size_t block = 0; block < shape->out_blocks; block++)
        for (size_t c = 0; c < channels; c++) {
            const float *from = frequencies + c * outputs + block * LANES;
            float *to = weight + (block * 9 * channels + c) * LANES;
            vec lines[4][3], out[3];
            UNROLLED (v, 4) {
                vec in[4];
                UNROLLED (u, 4)
                    in[u] = load(from + (v * 4 + u) * channels * outputs);
                weight_gradient_line(in, lines[v]);
            }
            UNROLLED (u, 3) {
                const vec in[4] = {lines[0][u], lines[1][u], lines[2][u], lines[3][u]};
                weight_gradient_line(in, out);
                UNROLLED (v, 3)
                    store(to + (3 * v + u) * channels * LANES, out[v]);
            }
        }
}

const struct winograd WINOGRAD = {.scratch_size = scratch_size,
                                  .transform = transform,
                                  .turn = turn,
                                  .forward = forward,
                                  .weights = weights,
                                  .finish = finish};
