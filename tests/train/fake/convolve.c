#include "convolve.h"

#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

static float from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* The nearest number whose lower bits are zero; of two equally near the even one. */
static float rounded(float value, int bits)
{
    uint32_t word, half = UINT32_C(1) << (bits - 1);
    memcpy(&word, &value, sizeof(word));
    if ((word & 0x7f800000) == 0x7f800000)
        return value;
    return from_bits((word + half - 1 + (word >> bits & 1)) >> bits << bits);
}

enum { BFLOAT16_BITS = 16, TF32_BITS = 13 }; /* of a float, that are zero */

static float load(const void *data, cudnnDataType_t type, size_t index)
{
    return type == CUDNN_DATA_FLOAT ? ((const float *)data)[index]
                                    : from_bits((uint32_t)((const uint16_t *)data)[index] << 16);
}

static void store(void *data, cudnnDataType_t type, size_t index, float value)
{
    if (type == CUDNN_DATA_FLOAT) {
        ((float *)data)[index] = value;
        return;
    }
    uint32_t word;
    value = rounded(value, BFLOAT16_BITS);
    memcpy(&word, &value, sizeof(word));
    ((uint16_t *)data)[index] = (uint16_t)(word >> 16);
}

/* ---- tensors one behind the other ---- */

static size_t tensor_count(const struct cudnnTensorStruct *t)
{
    return (size_t)t->N * (size_t)t->H * (size_t)t->W * (size_t)t->C;
}

static size_t filter_count(const struct cudnnFilterStruct *f)
{
    return (size_t)f->K * (size_t)f->R * (size_t)f->S * (size_t)f->C;
}

/* Where value i of (N, H, W, C) lies. */
static size_t place(const struct cudnnTensorStruct *t, size_t i)
{
    size_t C = (size_t)t->C, W = (size_t)t->W, H = (size_t)t->H;
    return i % C * (size_t)t->stride[1] + i / C % W * (size_t)t->stride[3] +
           i / C / W % H * (size_t)t->stride[2] + i / C / W / H * (size_t)t->stride[0];
}

static float as_factor(const struct convolve *c, float value)
{
    return c->convolution.math == CUDNN_FMA_MATH ? value : rounded(value, TF32_BITS);
}

static float *read_tensor(const struct convolve *c, const struct cudnnTensorStruct *t,
                          const void *data)
{
    size_t count = tensor_count(t);
    float *values = mem_alloc(count, sizeof(*values));
    for (size_t i = 0; i < count; i++)
        values[i] = as_factor(c, load(data, t->type, place(t, i)));
    return values;
}

/* (R, S, K, C), or forward (R, S, C, K), so that what is written is innermost. */
static float *read_filter(const struct convolve *c)
{
    const struct cudnnFilterStruct *f = &c->w_desc;
    size_t K = (size_t)f->K, C = (size_t)f->C, taps = (size_t)(f->R * f->S);
    float *values = mem_alloc(filter_count(f), sizeof(*values));
    for (size_t k = 0; k < K; k++)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t i = 0; i < C; i++)
                values[c->direction == FORWARD ? (tap * C + i) * K + k : (tap * K + k) * C + i] =
                    as_factor(c, load(c->w, f->type, (k * taps + tap) * C + i));
    return values;
}

static void write_value(const struct convolve *c, void *data, cudnnDataType_t type, size_t index,
                        double sum)
{
    double value = (double)c->alpha * sum;
    if (c->beta != 0)
        value += (double)c->beta * (double)load(data, type, index);
    store(data, type, index, (float)value);
}

static void write_tensor(const struct convolve *c, const struct cudnnTensorStruct *t, void *data,
                         const double *sums)
{
    for (size_t i = 0; i < tensor_count(t); i++)
        write_value(c, data, t->type, place(t, i), sums[i]);
}

static void write_filter(const struct convolve *c, const double *sums)
{
    const struct cudnnFilterStruct *f = &c->w_desc;
    size_t K = (size_t)f->K, C = (size_t)f->C, taps = (size_t)(f->R * f->S);
    for (size_t k = 0; k < K; k++)
        for (size_t tap = 0; tap < taps; tap++)
            for (size_t i = 0; i < C; i++)
                write_value(c, c->w, f->type, (k * taps + tap) * C + i,
                            sums[(tap * K + k) * C + i]);
}

/* ---- sums ---- */

/* target[j] += factors[i] * matrix (rows, columns) for all i and j */
static void add_product(double *target, const float *factors, const float *matrix, size_t rows,
                        size_t columns)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            target[j] += (double)(factors[i] * matrix[i * columns + j]);
}

/* target (rows, columns) += factors[i] * values[j] */
static void add_outer(double *target, const float *factors, const float *values, size_t rows,
                      size_t columns)
{
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            target[i * columns + j] += (double)(factors[i] * values[j]);
}

/* The three, one behind the other, of which the written one is in sums. */
struct buffers {
    float *x, *w, *y;
    double *sums;
};

/* One pixel of x and of y that one tap joins. */
static void add_tap(const struct convolve *c, const struct buffers *b, size_t x, size_t tap,
                    size_t y)
{
    size_t K = (size_t)c->w_desc.K, C = (size_t)c->w_desc.C;
    if (c->direction == FORWARD)
        add_product(b->sums + y * K, b->x + x * C, b->w + tap * K * C, C, K);
    else if (c->direction == BACKWARD_DATA)
        add_product(b->sums + x * C, b->y + y * K, b->w + tap * K * C, K, C);
    else
        add_outer(b->sums + tap * K * C, b->y + y * K, b->x + x * C, K, C);
}

/* The row or column of x that a tap sees, or -1 in the padding. */
static int seen(const struct convolve *c, int axis, int at, int tap, int size)
{
    int found = at * c->convolution.stride[axis] - c->convolution.pad[axis] +
                tap * c->convolution.dilation[axis];
    return found < 0 || found >= size ? -1 : found;
}

static void add_pixel(const struct convolve *c, const struct buffers *b, int n, int row, int column)
{
    const struct cudnnTensorStruct *x = &c->x_desc, *y = &c->y_desc;
    size_t at_y = ((size_t)n * (size_t)y->H + (size_t)row) * (size_t)y->W + (size_t)column;
    for (int tap = 0; tap < c->w_desc.R * c->w_desc.S; tap++) {
        int h = seen(c, 0, row, tap / c->w_desc.S, x->H);
        int w = seen(c, 1, column, tap % c->w_desc.S, x->W);
        if (h >= 0 && w >= 0)
            add_tap(c, b, ((size_t)n * (size_t)x->H + (size_t)h) * (size_t)x->W + (size_t)w,
                    (size_t)tap, at_y);
    }
}

static size_t written_count(const struct convolve *c)
{
    return c->direction == FORWARD         ? tensor_count(&c->y_desc)
           : c->direction == BACKWARD_DATA ? tensor_count(&c->x_desc)
                                           : filter_count(&c->w_desc);
}

void convolve(const struct convolve *c)
{
    struct buffers b = {.sums = mem_alloc(written_count(c), sizeof(*b.sums))};
    if (c->direction != BACKWARD_DATA)
        b.x = read_tensor(c, &c->x_desc, c->x);
    if (c->direction != BACKWARD_FILTER)
        b.w = read_filter(c);
    if (c->direction != FORWARD)
        b.y = read_tensor(c, &c->y_desc, c->y);
    if (c->workspace)
        memset(c->workspace, 0xff, c->workspace_size);
    for (int n = 0; n < c->y_desc.N; n++)
        for (int row = 0; row < c->y_desc.H; row++)
            for (int column = 0; column < c->y_desc.W; column++)
                add_pixel(c, &b, n, row, column);
    if (c->direction == FORWARD)
        write_tensor(c, &c->y_desc, c->y, b.sums);
    else if (c->direction == BACKWARD_DATA)
        write_tensor(c, &c->x_desc, c->x, b.sums);
    else
        write_filter(c, b.sums);
    free(b.x);
    free(b.w);
    free(b.y);
    free(b.sums);
}
