#include "train/reference/reference.h"

#include <math.h>

/* One plane (H, W) read by windows, and the plane (P, Q) that they give. */
struct pool {
    size_t planes; /* N * C */
    int H, W, P, Q;
    int kernel, stride, padding;
};

static struct pool pool_of(const struct reference *reference, const struct net_op *op)
{
    const struct net *net = reference->base.net;
    struct shape from = net->tensors[op->input], to = net->tensors[op->output];
    return (struct pool){reference->N * (size_t)from.C,
                         from.H,
                         from.W,
                         to.H,
                         to.W,
                         op->kernel,
                         op->stride,
                         op->padding};
}

/* The part of a window that lies inside the plane. */
struct window {
    int top, bottom, left, right;
};

static struct window window_of(const struct pool *pool, int p, int q)
{
    int y = p * pool->stride - pool->padding, x = q * pool->stride - pool->padding;
    struct window window = {y, y + pool->kernel, x, x + pool->kernel};
    window.top = window.top < 0 ? 0 : window.top;
    window.left = window.left < 0 ? 0 : window.left;
    window.bottom = window.bottom > pool->H ? pool->H : window.bottom;
    window.right = window.right > pool->W ? pool->W : window.right;
    return window;
}

static int area(struct window window)
{
    return (window.bottom - window.top) * (window.right - window.left);
}

/* Place in the plane of the largest value: the first of equals, or the last NaN, as in PyTorch. */
static int largest(const struct pool *pool, struct window window, const double *x)
{
    int best = window.top * pool->W + window.left;
    for (int i = window.top; i < window.bottom; i++)
        for (int j = window.left; j < window.right; j++)
            if (x[i * pool->W + j] > x[best] || isnan(x[i * pool->W + j]))
                best = i * pool->W + j;
    return best;
}

void reference_max_pool(struct reference *reference, const struct net_op *op)
{
    struct pool pool = pool_of(reference, op);
    const double *x = reference->input;
    double *y = reference->values[op->output];
    for (size_t plane = 0; plane < pool.planes; plane++, x += pool.H * pool.W)
        for (int p = 0; p < pool.P; p++)
            for (int q = 0; q < pool.Q; q++)
                *y++ = x[largest(&pool, window_of(&pool, p, q), x)];
}

void reference_max_pool_back(struct reference *reference, const struct net_op *op)
{
    struct pool pool = pool_of(reference, op);
    const double *x = reference->input, *dy = reference->gradients[op->output];
    double *dx = reference->input_gradient;
    for (size_t plane = 0; plane < pool.planes;
         plane++, x += pool.H * pool.W, dx += pool.H * pool.W)
        for (int p = 0; p < pool.P; p++)
            for (int q = 0; q < pool.Q; q++)
                dx[largest(&pool, window_of(&pool, p, q), x)] += *dy++;
}

void reference_average_pool(struct reference *reference, const struct net_op *op)
{
    struct pool pool = pool_of(reference, op);
    const double *x = reference->input;
    double *y = reference->values[op->output];
    for (size_t plane = 0; plane < pool.planes; plane++, x += pool.H * pool.W)
        for (int p = 0; p < pool.P; p++)
            for (int q = 0; q < pool.Q; q++) {
                struct window window = window_of(&pool, p, q);
                double sum = 0;
                for (int i = window.top; i < window.bottom; i++)
                    for (int j = window.left; j < window.right; j++)
                        sum += x[i * pool.W + j];
                *y++ = sum / area(window);
            }
}

void reference_average_pool_back(struct reference *reference, const struct net_op *op)
{
    struct pool pool = pool_of(reference, op);
    const double *dy = reference->gradients[op->output];
    double *dx = reference->input_gradient;
    for (size_t plane = 0; plane < pool.planes; plane++, dx += pool.H * pool.W)
        for (int p = 0; p < pool.P; p++)
            for (int q = 0; q < pool.Q; q++, dy++) {
                struct window window = window_of(&pool, p, q);
                double share = *dy / area(window);
                for (int i = window.top; i < window.bottom; i++)
                    for (int j = window.left; j < window.right; j++)
                        dx[i * pool.W + j] += share;
            }
}

/* Place in the plane that output (p, q) of a subsample reads. */
static int sampled(const struct pool *pool, const struct net_op *op, int p, int q)
{
    return (2 * p + op->offset) * pool->W + 2 * q + op->offset;
}

void reference_subsample(struct reference *reference, const struct net_op *op)
{
    struct pool pool = pool_of(reference, op);
    const double *x = reference->input;
    double *y = reference->values[op->output];
    for (size_t plane = 0; plane < pool.planes; plane++, x += pool.H * pool.W)
        for (int p = 0; p < pool.P; p++)
            for (int q = 0; q < pool.Q; q++)
                *y++ = x[sampled(&pool, op, p, q)];
}

void reference_subsample_back(struct reference *reference, const struct net_op *op)
{
    struct pool pool = pool_of(reference, op);
    const double *dy = reference->gradients[op->output];
    double *dx = reference->input_gradient;
    for (size_t plane = 0; plane < pool.planes; plane++, dx += pool.H * pool.W)
        for (int p = 0; p < pool.P; p++)
            for (int q = 0; q < pool.Q; q++)
                dx[sampled(&pool, op, p, q)] += *dy++;
}
