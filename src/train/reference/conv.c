#include "train/reference/reference.h"

#include <string.h>

/* What the loops of one convolution run over; the letters are those of its shapes. */
struct conv {
    size_t N, G, C, O; /* images, groups, input and output channels of a group */
    int H, W;          /* input (N, G * C, H, W) */
    int P, Q;          /* output (N, G * O, P, Q) */
    int K;             /* weight (G * O, C, K, K) */
    int stride, padding, dilation;
};

static struct conv conv_of(const struct reference *reference, const struct net_op *op)
{
    const struct net *net = reference->base.net;
    struct shape from = net->tensors[op->input], to = net->tensors[op->output];
    return (struct conv){
        .N = reference->N,
        .G = (size_t)op->groups,
        .C = (size_t)(from.C / op->groups),
        .H = from.H,
        .W = from.W,
        .O = (size_t)(to.C / op->groups),
        .P = to.H,
        .Q = to.W,
        .K = op->kernel,
        .stride = op->stride,
        .padding = op->padding,
        .dilation = op->dilation,
    };
}

/* Outputs p of count that read an input inside [0, size) by weight k: those of [first, end). */
struct range {
    int first, end;
};

static struct range range_of(const struct conv *conv, int k, int size, int count)
{
    int shift = k * conv->dilation - conv->padding; /* input = p * stride + shift */
    struct range range = {0, 0};
    while (range.first < count && range.first * conv->stride + shift < 0)
        range.first++;
    range.end = range.first;
    while (range.end < count && range.end * conv->stride + shift < size)
        range.end++;
    return range;
}

/* Place in the plane of x that y[p, q] reads at (i, j) of the kernel. */
static size_t place(const struct conv *conv, int p, int q, int i, int j)
{
    int y = p * conv->stride + i * conv->dilation - conv->padding;
    int x = q * conv->stride + j * conv->dilation - conv->padding;
    return (size_t)(y * conv->W + x);
}

/* What (i, j) of a kernel of value w does between one plane x (H, W) and one plane y (P, Q). */
static void forward(const struct conv *conv, int i, int j, double w, const double *x, double *y)
{
    struct range rows = range_of(conv, i, conv->H, conv->P);
    struct range columns = range_of(conv, j, conv->W, conv->Q);
    const size_t stride = (size_t)conv->stride;
    for (int p = rows.first; p < rows.end; p++) {
        size_t in = place(conv, p, columns.first, i, j), out = (size_t)(p * conv->Q);
        for (int q = columns.first; q < columns.end; q++, in += stride)
            y[out + (size_t)q] += w * x[in];
    }
}

/* Adds to the gradient dx, and returns the gradient of w. */
static double backward(const struct conv *conv, int i, int j, double w, const double *x,
                       const double *dy, double *dx)
{
    struct range rows = range_of(conv, i, conv->H, conv->P);
    struct range columns = range_of(conv, j, conv->W, conv->Q);
    const size_t stride = (size_t)conv->stride;
    double dw = 0;
    for (int p = rows.first; p < rows.end; p++) {
        size_t in = place(conv, p, columns.first, i, j), out = (size_t)(p * conv->Q);
        for (int q = columns.first; q < columns.end; q++, in += stride) {
            dw += dy[out + (size_t)q] * x[in];
            dx[in] += dy[out + (size_t)q] * w;
        }
    }
    return dw;
}

/* One pair of planes: image n, output channel o, channel c of its group. */
struct pair {
    size_t x, y, w; /* where they begin in input, output and weight */
};

static struct pair pair_of(const struct conv *conv, size_t n, size_t o, size_t c)
{
    size_t group = o / conv->O, C = conv->C, O = conv->O;
    return (struct pair){
        .x = ((n * conv->G + group) * C + c) * (size_t)(conv->H * conv->W),
        .y = (n * conv->G * O + o) * (size_t)(conv->P * conv->Q),
        .w = (o * C + c) * (size_t)(conv->K * conv->K),
    };
}

void reference_conv(struct reference *reference, const struct net_op *op)
{
    struct conv conv = conv_of(reference, op);
    const double *w = reference->params + reference->base.net->params[op->weight].offset;
    double *y = reference->values[op->output];
    memset(y, 0, reference_size(reference, op->output) * sizeof(*y));
    for (size_t n = 0; n < conv.N; n++)
        for (size_t o = 0; o < conv.G * conv.O; o++)
            for (size_t c = 0; c < conv.C; c++) {
                struct pair pair = pair_of(&conv, n, o, c);
                for (int k = 0; k < conv.K * conv.K; k++)
                    forward(&conv, k / conv.K, k % conv.K, w[pair.w + (size_t)k],
                            reference->input + pair.x, y + pair.y);
            }
}

void reference_conv_back(struct reference *reference, const struct net_op *op)
{
    struct conv conv = conv_of(reference, op);
    size_t offset = reference->base.net->params[op->weight].offset;
    const double *w = reference->params + offset, *dy = reference->gradients[op->output];
    double *dw = reference->gradient + offset;
    for (size_t n = 0; n < conv.N; n++)
        for (size_t o = 0; o < conv.G * conv.O; o++)
            for (size_t c = 0; c < conv.C; c++) {
                struct pair pair = pair_of(&conv, n, o, c);
                for (int k = 0; k < conv.K * conv.K; k++)
                    dw[pair.w + (size_t)k] += backward(
                        &conv, k / conv.K, k % conv.K, w[pair.w + (size_t)k],
                        reference->input + pair.x, dy + pair.y, reference->input_gradient + pair.x);
            }
}
