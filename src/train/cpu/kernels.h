/* What lies between convolutions, for one image of one tensor at a time, vectorised over channels.
 *
 * A tensor of one image is (blocks, H * W, lanes): its channels in blocks of as many as a vector
 * has lanes, the last block filled up with zeros, which is also what oneDNN's convolutions want.
 * Any run of whole blocks is so a dense tensor of its own: parts of a concatenation, and the
 * outputs of convolutions that are done as one, are written in place.
 *
 * Its values are floats or bfloat16, as the table of kernels says; all else, weights and statistics
 * among it, is of floats. kernels.c is compiled once for each instruction set and type of values;
 * VALUES names the header of the latter. */
#ifndef TRAIN_CPU_KERNELS_H
#define TRAIN_CPU_KERNELS_H

#include "train/backend.h"
#include "train/plan/plan.h"

#include <stdbool.h>
#include <stddef.h>

struct winograd;

/* A summand: factor * (scale[c] * data + shift[c]). */
struct kernel_operand {
    const void *data;
    const float *scale, *shift; /* (blocks * lanes); NULL: 1 and 0 */
    float factor;
};

struct kernel_target {
    void *data;
    bool relu;
};

struct kernel_combine {
    struct kernel_operand operands[PLAN_OPERANDS];
    struct kernel_target targets[PLAN_TARGETS];
    size_t masked_count, plain_count, target_count; /* the first operands count only where */
    const void *mask;                               /* this is positive; NULL where there is none */
    size_t blocks, pixels;
};

/* Of a pool or a convolution. */
struct kernel_window {
    size_t blocks; /* of the input, and, unless a dense convolution, of the output */
    int in_h, in_w, out_h, out_w, kernel, stride, padding, dilation;
    size_t out_blocks; /* of a dense convolution */
};

/* Of count channels from channel from on to channel to on. */
struct kernel_move {
    size_t from, to, count, pixels;
};

struct kernels {
    int lanes;
    const char *name; /* of the instruction set */
    enum precision precision;
    size_t value_size; /* bytes */
    const struct winograd *winograd;
    /* (C, H * W), plain, to blocks */
    void (*pack)(void *to, const float *from, size_t channels, size_t blocks, size_t pixels);
    void (*to_floats)(float *to, const void *values, size_t count);
    void (*from_floats)(void *values, const float *from, size_t count);
    /* Lanes of the last block behind the moved channels become zero. */
    void (*move)(void *to, const void *from, const struct kernel_move *move);
    /* Every target = the sum of the operands. A target may be an operand or the mask. */
    void (*combine)(const struct kernel_combine *combine);
    /* mean[c] and squares[c], the sum of squared differences from it, over the pixels. */
    void (*moments)(const void *data, size_t blocks, size_t pixels, float *mean, float *squares);
    /* sum[c] of gradient and product[c] of gradient * (data - mean[c]), over the pixels. */
    void (*products)(const void *gradient, const void *data, const float *mean, size_t blocks,
                     size_t pixels, float *sum, float *product);
    void (*average)(void *to, const void *from, const struct kernel_window *window);
    void (*average_back)(void *from_gradient, const void *to_gradient,
                         const struct kernel_window *window);
    void (*maximum)(void *to, const void *from, const struct kernel_window *window);
    /* The gradient goes to the first of the largest, as in PyTorch. */
    void (*maximum_back)(void *from_gradient, const void *to_gradient, const void *from,
                         const struct kernel_window *window);
    /* to[c] = the mean over the pixels; and back */
    void (*mean)(void *to, const void *from, size_t blocks, size_t pixels);
    void (*mean_back)(void *from_gradient, const void *to_gradient, size_t blocks, size_t pixels);
    /* Convolutions, each channel by itself: weight (blocks, kernel * kernel, lanes); */
    void (*depthwise)(void *to, const void *from, const float *weight,
                      const struct kernel_window *window);
    void (*depthwise_back)(void *from_gradient, const void *to_gradient, const float *weight,
                           const struct kernel_window *window);
    void (*depthwise_weights)(float *weight_gradient, const void *from, const void *to_gradient,
                              const struct kernel_window *window);
    /* and all channels with all: weight (out_blocks, kernel * kernel, blocks * lanes, lanes). Short
     * rather than fast, for the few that oneDNN has nothing for. */
    void (*dense)(void *to, const void *from, const float *weight,
                  const struct kernel_window *window);
    void (*dense_back)(void *from_gradient, const void *to_gradient, const float *weight,
                       const struct kernel_window *window);
    void (*dense_weights)(float *weight_gradient, const void *from, const void *to_gradient,
                          const struct kernel_window *window);
    /* to += from, floats; size is a multiple of lanes */
    void (*add)(float *to, const float *from, size_t size);
};

extern const struct kernels kernels_avx2, kernels_avx512, kernels_avx512_bf16;

#endif
