#include "train/cpu/winograd.h"

#include VALUES

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

/* From one frequency's words to the next's: not by whole pages, which would all want the same lines
 * of the cache. */
static size_t step_of(size_t words)
{
    return words + 16;
}

/* Words of so many values, one for each tile; of the last one some may be empty. */
static size_t words_of(size_t values)
{
    return (values + PACK - 1) / PACK;
}

static size_t scratch_size(const struct winograd_shape *shape)
{
    size_t tiles = least(tile_count(shape), TILES_WEIGHTS), widest = shape->in_blocks + 3;
    return WINOGRAD_FREQUENCIES *
               (step_of(tiles * shape->in_blocks * LANES) + step_of(tiles * 3 * LANES)) +
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

/* What frequencies of the input are summed over, and so lies together in a word. */
enum sum { OVER_CHANNELS, OVER_TILES };

/* One tile of one block; row: its four rows from the column left of the tile; those at the
 * picture's edges see zeros. to: frequencies, step apart; part: of words of several tiles. */
INLINE void input_tile(const value *const row[4], bool left, bool right, float *to, size_t step,
                       enum sum sum, size_t part)
{
    vec lines[4][4], column[4], out[4];
    UNROLLED (v, 4) {
        const vec in[4] = {left ? all(0) : load_values(row[v]), load_values(row[v] + LANES),
                           load_values(row[v] + 2 * LANES),
                           right ? all(0) : load_values(row[v] + 3 * LANES)};
        input_line(in, lines[v]);
    }
    UNROLLED (u, 4) {
        UNROLLED (v, 4)
            column[v] = lines[v][u];
        input_line(column, out);
        UNROLLED (v, 4) {
            float *words = to + (v * 4 + u) * step;
            if (sum == OVER_CHANNELS)
                store_values((value *)words, out[v]);
            else
                store_part(words, out[v], part);
        }
    }
}

/* Tiles first to end of all blocks. to, in words: (16, tiles, channels / PACK), or, where the sum
 * is over tiles, (16, tiles / PACK, channels). */
INLINE void input_tiles(const struct winograd_shape *shape, const value *from, size_t first,
                        size_t end, enum sum sum, float *to)
{
    static const value zeros[4 * LANES];
    size_t wide = shape->W / 2, channels = shape->in_blocks * LANES, line = shape->W * LANES;
    size_t rows = sum == OVER_TILES ? words_of(end - first) : end - first;
    size_t words = sum == OVER_TILES ? channels : channels / PACK, step = step_of(rows * words);
    for (size_t block = 0; block < shape->in_blocks; block++) {
        const value *image = from + block * shape->H * line;
        float *first_row = to + block * (words / shape->in_blocks);
        for (size_t tile = first; tile < end; tile++) {
            size_t y = 2 * (tile / wide), x = tile % wide, i = tile - first;
            const value *row[4];
            float *at = first_row + (sum == OVER_TILES ? i / PACK : i) * words;
            UNROLLED (v, 4) {
                bool outside = (y == 0 && v == 0) || y + v > shape->H;
                row[v] = outside ? zeros : image + (y + v - 1) * line + 2 * x * LANES - LANES;
            }
            if (x > 0 && x + 1 < wide)
                input_tile(row, false, false, at, step, sum, i % PACK);
            else
                input_tile(row, x == 0, x + 1 == wide, at, step, sum, i % PACK);
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
                         size_t end, size_t group, value *to)
{
    size_t wide = shape->W / 2, width = group * LANES, step = step_of((end - first) * width);
    for (size_t block = 0; block < group; block++, to += shape->H * shape->W * LANES)
        for (size_t tile = first; tile < end; tile++) {
            const float *at = from + (tile - first) * width + block * LANES;
            value *pixel = to + (2 * (tile / wide) * shape->W + 2 * (tile % wide)) * LANES;
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
                store_values(pixel + u * LANES, out[0]);
                store_values(pixel + (shape->W + u) * LANES, out[1]);
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

/* The gradient of output_tiles(), to words (16, tiles / PACK, group * LANES). */
static void gradient_tiles(const struct winograd_shape *shape, const value *from, size_t first,
                           size_t end, size_t group, float *to)
{
    size_t wide = shape->W / 2, width = group * LANES;
    size_t step = step_of(words_of(end - first) * width);
    for (size_t block = 0; block < group; block++, from += shape->H * shape->W * LANES)
        for (size_t tile = first; tile < end; tile++) {
            float *at = to + (tile - first) / PACK * width + block * LANES;
            const value *pixel = from + (2 * (tile / wide) * shape->W + 2 * (tile % wide)) * LANES;
            const value *below = pixel + shape->W * LANES;
            vec lines[2][4], out[4];
            gradient_line(load_values(pixel), load_values(below), lines[0]);
            gradient_line(load_values(pixel + LANES), load_values(below + LANES), lines[1]);
            UNROLLED (v, 4) {
                gradient_line(lines[0][v], lines[1][v], out);
                UNROLLED (u, 4)
                    store_part(at + (v * 4 + u) * step, out[u], (tile - first) % PACK);
            }
        }
}

/* ---- products ---- */

/* to (ROWS, group) = sum over c of from (ROWS, words) * weight (words, group). */
INLINE void multiply(const float *from, size_t words, const float *weight, size_t group, float *to)
{
    vec sum[ROWS][3];
    UNROLLED (i, ROWS)
        UNROLLED (j, group)
            sum[i][j] = all(0);
    for (size_t c = 0; c < words; c++, weight += group * LANES) {
        vec w[3];
        UNROLLED (j, group)
            w[j] = load(weight + j * LANES);
        UNROLLED (i, ROWS) {
            vec x = all_words(&from[i * words + c]);
            UNROLLED (j, group)
                sum[i][j] = multiply_add(sum[i][j], w[j], x);
        }
    }
    UNROLLED (i, ROWS)
        UNROLLED (j, group)
            store(to + (i * group + j) * LANES, sum[i][j]);
}

/* to (ROWS, group), rows apart, += sum over words of from (words, ROWS) * gradient (words, group).
 */
INLINE void accumulate(const float *from, size_t channels, const float *gradient, size_t words,
                       size_t group, float *to, size_t apart, bool add)
{
    vec sum[ROWS][3];
    UNROLLED (i, ROWS)
        UNROLLED (j, group)
            sum[i][j] = add ? load(to + i * apart + j * LANES) : all(0);
    for (size_t t = 0; t < words; t++, from += channels, gradient += group * LANES) {
        vec g[3];
        UNROLLED (j, group)
            g[j] = load(gradient + j * LANES);
        UNROLLED (i, ROWS) {
            vec x = all_words(&from[i]);
            UNROLLED (j, group)
                sum[i][j] = multiply_add(sum[i][j], g[j], x);
        }
    }
    UNROLLED (i, ROWS)
        UNROLLED (j, group)
            store(to + i * apart + j * LANES, sum[i][j]);
}

/* The rows of all tiles of one frequency; where they are no multiple of ROWS, those behind them
 * hold nothing and their products are overwritten or never read. */
INLINE void multiply_all(const float *from, size_t words, size_t tiles, const float *weight,
                         size_t group, float *to)
{
    for (size_t tile = 0; tile < tiles; tile += ROWS)
        multiply(from + tile * words, words, weight, group, to + tile * group * LANES);
}

static void forward(const struct winograd_shape *shape, const void *from, const float *frequencies,
                    void *to, float *scratch)
{
    size_t words = shape->in_blocks * LANES / PACK, plane = shape->H * shape->W * LANES;
    for (size_t first = 0, end; first < tile_count(shape); first = end) {
        end = least(first + TILES_FORWARD, tile_count(shape));
        size_t tiles = end - first;
        size_t step = step_of(tiles * words);
        float *input = scratch, *output = scratch + WINOGRAD_FREQUENCIES * step;
        input_tiles(shape, from, first, end, OVER_CHANNELS, input);
        for (size_t block = 0, group; block < shape->out_blocks; block += group) {
            group = group_of(shape->out_blocks - block);
            for (size_t f = 0; f < WINOGRAD_FREQUENCIES; f++) {
                const float *in = input + f * step;
                const float *weight = frequencies + (f * shape->out_blocks + block) * LANES * words;
                float *out = output + f * step_of(tiles * group * LANES);
                if (group == 3)
                    multiply_all(in, words, tiles, weight, 3, out);
                else if (group == 2)
                    multiply_all(in, words, tiles, weight, 2, out);
                else
                    multiply_all(in, words, tiles, weight, 1, out);
            }
            output_tiles(shape, output, first, end, group, (value *)to + block * plane);
        }
    }
}

INLINE void accumulate_all(const float *from, size_t channels, const float *gradient, size_t words,
                           size_t group, float *to, size_t apart, bool add)
{
    for (size_t c = 0; c < channels; c += ROWS)
        accumulate(from + c, channels, gradient, words, group, to + c * apart, apart, add);
}

static void weights(const struct winograd_shape *shape, const void *from, const void *to_gradient,
                    float *frequencies, float *scratch, bool first_image)
{
    size_t channels = shape->in_blocks * LANES, plane = shape->H * shape->W * LANES;
    size_t outputs = shape->out_blocks * LANES;
    for (size_t first = 0, end; first < tile_count(shape); first = end) {
        end = least(first + TILES_WEIGHTS, tile_count(shape));
        size_t words = words_of(end - first), step = step_of(words * channels);
        float *input = scratch, *output = scratch + WINOGRAD_FREQUENCIES * step;
        bool add = first > 0 || !first_image;
        input_tiles(shape, from, first, end, OVER_TILES, input);
        for (size_t block = 0, group; block < shape->out_blocks; block += group) {
            group = group_of(shape->out_blocks - block);
            gradient_tiles(shape, (const value *)to_gradient + block * plane, first, end, group,
                           output);
            for (size_t f = 0; f < WINOGRAD_FREQUENCIES; f++) {
                const float *in = input + f * step;
                const float *gradient = output + f * step_of(words * group * LANES);
                float *to = frequencies + f * channels * outputs + block * LANES;
                if (group == 3)
                    accumulate_all(in, channels, gradient, words, 3, to, outputs, add);
                else if (group == 2)
                    accumulate_all(in, channels, gradient, words, 2, to, outputs, add);
                else
                    accumulate_all(in, channels, gradient, words, 1, to, outputs, add);
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

/* Words of one frequency: groups of output blocks one after the other, each (words, group). */
static size_t frequency_at(size_t out_blocks, size_t words, size_t block, size_t word)
{
    size_t start = 0, group = 0;
    for (; start + (group = group_of(out_blocks - start)) <= block; start += group)
        ;
    return (start * words + word * group + block - start) * LANES;
}

static void transform(const struct winograd_shape *shape, const float *weight, float *frequencies)
{
    size_t channels = shape->in_blocks * LANES, words = channels / PACK;
    size_t size = words * shape->out_blocks * LANES;
    for (size_t block = 0; block < shape->out_blocks; block++)
        for (size_t c = 0; c < channels; c++) {
            const float *from = weight + (block * 9 * channels + c) * LANES;
            float *to = frequencies + frequency_at(shape->out_blocks, words, block, c / PACK);
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
                    store_part(to + (v * 4 + u) * size, out[v], c % PACK);
            }
        }
}

/* Weights mirrored and transposed are, in frequencies, their first and last ones exchanged. */
static void turn(const struct winograd_shape *shape, const float *frequencies, float *back)
{
    static const size_t mirror[4] = {3, 1, 2, 0};
    size_t inputs = shape->in_blocks * LANES / PACK, outputs = shape->out_blocks * LANES / PACK;
    size_t size = inputs * shape->out_blocks * LANES; /* words of one frequency, of both */
    for (size_t block = 0; block < shape->out_blocks; block++)
        for (size_t in = 0; in < shape->in_blocks; in++) {
            size_t word = in * LANES / PACK, row = block * LANES / PACK;
            size_t from = frequency_at(shape->out_blocks, inputs, block, word);
            size_t next = frequency_at(shape->out_blocks, inputs, block, word + 1) - from;
            size_t to = frequency_at(shape->in_blocks, outputs, in, row);
            size_t far = frequency_at(shape->in_blocks, outputs, in, row + 1) - to;
            for (size_t f = 0; f < WINOGRAD_FREQUENCIES; f++) {
                const value *here = (const value *)(frequencies + f * size + from);
                value *there = (value *)(back + (mirror[f / 4] * 4 + mirror[f % 4]) * size + to);
                for (size_t o = 0; o < LANES; o++)
                    for (size_t c = 0; c < LANES; c++)
                        there[(o / PACK * far + c) * PACK + o % PACK] =
                            here[(c / PACK * next + o) * PACK + c % PACK];
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
