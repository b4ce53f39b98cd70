/* What lies between convolutions, for one image of one tensor at a time, vectorised over channels.
 *
 * A tensor of one image is (blocks, H * W, lanes): its channels in blocks of as many as a vector
 * has lanes, the last block filled up with zeros, which is also what oneDNN's convolutions want.
 * Any run of whole blocks is so a dense tensor of its own: parts of a concatenation, and the
 * outputs of convolutions that are done as one, are written in place.
 *
 * kernels.c is compiled once for each instruction set. */
#ifndef TRAIN_CPU_KERNELS_H
#define TRAIN_CPU_KERNELS_H

#include "train/plan/plan.h"

#include <stdbool.h>
#include <stddef.h>

struct winograd;

/* A summand: factor * (scale[c] * data + shift[c]). */
struct kernel_operand {
    const float *data;
    const float *scale, *shift; /* (blocks * lanes); NULL: 1 and 0 */
    float factor;
};

struct kernel_target {
    float *data;
    bool relu;
};

struct kernel_combine {
    struct kernel_operand operands[PLAN_OPERANDS];
    struct kernel_target targets[PLAN_TARGETS];
    size_t masked_count, plain_count, target_count; /* the first operands count only where */
    const float *mask;                              /* this is positive; NULL where there is none */
    size_t blocks, pixels;
};

/* Of a pool or a convolution. */
struct kernel_window {
    size_t blocks; /* of the input, and, unless a dense convolution, of the output */
    int in_h, in_w, out_h, out_w, kernel, stride, padding, dilation;
    size_t out_blocks; /* of a dense convolution */
};

struct kernels {
    int lanes;
    const char *name; /* of the instruction set */
    const struct winograd *winograd;
    /* (C, H * W), plain, to blocks */
    void (*pack)(float *to, const float *from, size_t channels, size_t blocks, size_t pixels);
    /* Every target = the sum of the operands. A target may be an operand or the mask. */
    void (*combine)(const struct kernel_combine *combine);
    /* mean[c] and squares[c], the sum of squared differences from it, over the pixels. */
    void (*moments)(const float *data, size_t blocks, size_t pixels, float *mean, float *squares);
    /* sum[c] of gradient and product[c] of gradient * (data - mean[c]), over the pixels. */
    void (*products)(const float *gradient, const float *data, const float *mean, size_t blocks,
                     size_t pixels, float *sum, float *product);
    void (*average)(float *to, const float *from, const struct kernel_window *window);
    void (*average_back)(float *from_gradient, const float *to_gradient,
                         const struct kernel_window *window);
    void (*maximum)(float *to, const float *from, const struct kernel_window *window);
    /* The gradient goes to the first of the largest, as in PyTorch. */
    void (*maximum_back)(float *from_gradient, const float *to_gradient, const float *from,
                         const struct kernel_window *window);
    /* to[c] = the mean over the pixels; and back */
    void (*mean)(float *to, const float *from, size_t blocks, size_t pixels);
    void (*mean_back)(float *from_gradient, const float *to_gradient, size_t blocks, size_t pixels);
    /* Convolutions, each channel by itself: weight (blocks, kernel * kernel, lanes); */
    void (*depthwise)(float *to, const float *from, const float *weight,
                      const struct kernel_window *window);
    void (*depthwise_back)(float *from_gradient, const float *to_gradient, const float *weight,
                           const struct kernel_window *window);
    void (*depthwise_weights)(float *weight_gradient, const float *from, const float *to_gradient,
                              const struct kernel_window *window);
    /* and all channels with all: weight (out_blocks, kernel * kernel, blocks * lanes, lanes). Short
     * rather than fast, for the few that oneDNN has nothing for. */
    void (*dense)(float *to, const float *from, const float *weight,
                  const struct kernel_window *window);
    void (*dense_back)(float *from_gradient, const float *to_gradient, const float *weight,
                       const struct kernel_window *window);
    void (*dense_weights)(float *weight_gradient, const float *from, const float *to_gradient,
                          const struct kernel_window *window);
    /* to += from; size is a multiple of lanes */
    void (*add)(float *to, const float *from, size_t size);
};

extern const struct kernels kernels_avx2, kernels_avx512;

#endif
