/* The kernels of backend "cuda": all that lies between convolutions, for the whole batch at once.
 *
 * A tensor is (images, H * W, stride) values, of whose stride channels a kernel uses some whole
 * blocks of eight: NHWC, and a part of a concatenation is a tensor like any other. Values are float
 * or bfloat16, as the type of the launch says; sums are made in float, sums of sums in double, each
 * in an order that rests on the shapes alone, without atomics: the same bits every time.
 *
 * A kernel is one function of one structure of arguments, and a work item of it is one thread's
 * (eight channels of a pixel, mostly), or, where a sum over many is made, one block's. There are
 * fewer than 2^31 items, and all that is read by eights begins at a multiple of 16 bytes. Sums over
 * the batch are made in parts of as many rows, of which the first rows % parts have one more, and a
 * second kernel joins the parts.
 *
 * kernels.cu holds them all. nvcc compiles it for the GPU; the tests compile the same file as plain
 * C++ for the CPU and run it under a stand-in of the CUDA calls, and where nvcc is they also run
 * what it made of it (tests/train/kernels/ptx.py).
 *
 * To add a kernel: (1) its kind and arguments here, with what an item is, (2) its body in the .cuh
 * of its theme, as portable.h says, and its row in kernels.cu, (3) a case in tests/train/kernels/.
 */
#ifndef TRAIN_CUDA_KERNELS_H
#define TRAIN_CUDA_KERNELS_H

#include "data/batch.h"
#include "train/plan/plan.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { KERNEL_LANES = 8 }; /* channels of a block: the plan's lanes */

enum value_type { VALUE_FLOAT, VALUE_BFLOAT16, VALUE_TYPES };

struct tensor {
    void *data;
    int stride; /* values from one pixel to the next; a multiple of KERNEL_LANES */
};

/* ---- images: an item is one pixel of one image, of which it writes all eight channels ---- */

/* From bytes (C, H, W) of a set that the device holds: as batch.h says of a view. */
struct kernel_images {
    const uint8_t *set;
    const struct view *views;                             /* (count) */
    float scale[IMAGES_CHANNELS], shift[IMAGES_CHANNELS]; /* value = scale * byte + shift */
    struct tensor to;
    int count, C, H, W;
};

/* From float (count, C, H, W), normalised already. */
struct kernel_pixels {
    const float *pixels;
    struct tensor to;
    int count, C, H, W;
};

/* ---- sums of tensors: an item is one block of one pixel ---- */

/* A summand: factor[image] * (scale[c] * data + shift[c]). */
struct kernel_operand {
    struct tensor tensor;
    const float *scale, *shift; /* (channels); NULL: 1 and 0 */
    const float *factor;        /* (count); NULL: 1 */
};

struct kernel_target {
    struct tensor tensor;
    int relu; /* the target is the sum through ReLU */
};

/* Every target = the sum of the operands, of which the first masked_count count only where mask is
 * positive. A target may be an operand or the mask: all are read before one is written. */
struct kernel_combine {
    struct kernel_operand operands[PLAN_OPERANDS];
    struct kernel_target targets[PLAN_TARGETS];
    struct tensor mask;
    int masked_count, operand_count, target_count;
    int count, pixels, blocks;
};

/* count channels from channel `from` of one to channel `to` of the other, for rows pixels; lanes of
 * the last written block behind them become zero, those of the first before them stay. An item is
 * one written block of one pixel: rows * ((to + count - 1) / 8 - to / 8 + 1). */
struct kernel_move {
    struct tensor source, target;
    int rows, from, to, count;
};

/* ---- batch norm ---- */

/* Of one norm, each (channels), channels a multiple of KERNEL_LANES. */
struct kernel_norm {
    float *mean, *inverse; /* of the batch; inverse: 1 / sqrt(variance + 1e-5) */
    float *running_mean, *running_variance;
    float *scale[3], *shift[3];            /* by enum coefficient - 1 */
    const float *gamma, *beta;             /* NULL: 1 and 0 */
    float *gamma_gradient, *beta_gradient; /* NULL where those are */
};

/* partial (parts, 2, channels): mean, and sum of squared differences from it, of each part's rows.
 * An item is one part, and a block's. */
struct kernel_moments {
    struct tensor data;
    int rows, blocks, parts; /* rows: images * pixels */
    float *partial;
};

/* Joins them (Chan, Golub and LeVeque), in double: mean, inverse, running statistics
 * (momentum 0.1, unbiased variance), and scale[0], shift[0]. An item is one block of channels, and
 * a block's. */
struct kernel_join_moments {
    const float *partial;
    int rows, blocks, parts;
    struct kernel_norm norm;
};

/* scale[0], shift[0] from the running statistics. An item is one channel. */
struct kernel_use_running {
    struct kernel_norm norm;
    int blocks;
};

/* partial (parts, 2, channels): sums of factor * gradient and of it times (data - mean). An item is
 * one part, and a block's. */
struct kernel_products {
    struct tensor gradient, data;
    const float *mean;   /* (channels) */
    const float *factor; /* (images); NULL: 1 */
    int rows, pixels, blocks, parts;
    float *partial;
};

/* With x' = (x - mean) * inverse and g the gradient of gamma x' + beta, that of x is
 * gamma * inverse * (g - mean(g) - x' mean(g x')): scale[1] and shift[1] (0) for g, scale[2] and
 * shift[2] for x, and the gradients of gamma and beta. An item is one block of channels, and a
 * block's. */
struct kernel_join_products {
    const float *partial;
    int rows, blocks, parts;
    struct kernel_norm norm;
};

/* ---- windows: an item is one block of one pixel of what is written ---- */

struct kernel_window {
    int count, blocks, in_h, in_w, out_h, out_w, kernel, stride, padding, dilation;
};

/* Forward, input -> output; back, from the output's gradient to the input's. Padding is left out of
 * an average, and never the largest; the gradient of a maximum goes to the first of the largest, in
 * the order of rows, or to the last NaN, as in PyTorch. */
struct kernel_pool {
    struct tensor input, output, input_gradient, output_gradient; /* those that the kernel needs */
    struct kernel_window window;
};

/* Each channel by itself. weight: (kernel * kernel, blocks * 8) values of the launch's type. */
struct kernel_depthwise {
    struct tensor input, output, input_gradient, output_gradient;
    const void *weight;
    struct kernel_window window;
};

/* partial (parts, kernel * kernel, channels) of the weights' gradient, rows being those of the
 * output: images * out_h * out_w. An item is one part, and a block's. */
struct kernel_depthwise_weights {
    struct tensor input, output_gradient;
    struct kernel_window window;
    int parts;
    float *partial;
};

/* to[i] = the sum over the parts of partial (parts, size), size a multiple of KERNEL_LANES. An item
 * is eight i, and a block's. */
struct kernel_join {
    const float *partial;
    float *to;
    int parts, size;
};

/* Between large (2 H, 2 W) and small (H, W): small[y, x] = large[2 y + offset, 2 x + offset]; back,
 * zeros elsewhere. An item is one block of one pixel of what is written. */
struct kernel_subsample {
    struct tensor large, small;
    int count, blocks, H, W, offset; /* H, W: of the small one */
};

/* ---- the head. Here a tensor's pixels are the batch's images ---- */

/* pooled[image] = the mean over the pixels of wide; back, from pooled to wide. An item is one block
 * of one image, or, back, of one pixel. */
struct kernel_mean {
    struct tensor wide, pooled;
    int count, pixels, blocks;
};

/* output = weight input + bias. weight (classes, channels), bias (classes): float. Forward an item
 * is one class of one image (lanes of the last block behind the classes are written as zeros: items
 * count * out_blocks * 8); back, one channel of one image; of the gradient, one weight, then one
 * bias (items classes * (channels + 1)), summed over the images in order. */
struct kernel_linear {
    struct tensor input, output, input_gradient, output_gradient;
    const float *weight, *bias;
    float *weight_gradient, *bias_gradient;
    int count, classes, in_blocks, out_blocks;
};

/* What struct step says, as the device reads it: written before each step. */
struct kernel_step {
    float learning_rate, momentum, weight_decay, clip_norm, label_smoothing, auxiliary_weight;
    int nesterov;
};

/* losses[image] += weight * cross entropy; gradient of the mean over the batch; correct[image]: is
 * the largest logit (the first of equals) the label's? weight is 1, or step->auxiliary_weight for
 * the auxiliary head, which leaves correct alone. An item is one image. */
struct kernel_loss {
    struct tensor logits, gradient; /* lanes behind the classes become zero */
    const uint16_t *labels;
    const struct kernel_step *step; /* NULL: evaluation, neither smoothing nor gradient */
    float *losses;
    int *correct;
    int count, classes, blocks, auxiliary;
};

struct kernel_result {
    double loss, gradient_norm;
    float clip; /* that the gradient is scaled by */
    int correct;
};

/* The mean of the losses, and the sum of correct. One item, a block's. */
struct kernel_outcome {
    const float *losses;
    const int *correct;
    struct kernel_result *result;
    int count;
};

/* ---- parameters ---- */

/* Gradients that a convolution left as bfloat16. An item is one value. */
struct kernel_widen {
    const void *from;
    float *to;
    size_t size;
};

/* partial (parts) in double: sums of squares of equal parts of the gradient. An item is one part,
 * and a block's. */
struct kernel_squares {
    const float *gradient;
    double *partial;
    size_t size;
    int parts;
};

/* result->gradient_norm, and clip = clip_norm / (norm + 1e-6) where that is below 1 and clip_norm
 * above 0. One item, a block's. */
struct kernel_clip {
    const double *partial;
    const struct kernel_step *step;
    struct kernel_result *result;
    int parts;
};

/* As struct step says. An item is one value. */
struct kernel_update {
    float *values, *momentum;
    const float *gradient;
    void *rounded;       /* the first values as bfloat16, for convolutions; NULL in float */
    size_t rounded_size; /* so many of them; 0 in float */
    const struct kernel_step *step;
    const struct kernel_result *result;
    size_t size;
};

/* As update does, alone: what is read from a file. An item is one value. */
struct kernel_round {
    const float *values;
    void *rounded;
    size_t size;
};

enum kernel_kind {
    KERNEL_IMAGES,
    KERNEL_PIXELS,
    KERNEL_COMBINE,
    KERNEL_MOVE,
    KERNEL_MOMENTS,
    KERNEL_JOIN_MOMENTS,
    KERNEL_USE_RUNNING,
    KERNEL_PRODUCTS,
    KERNEL_JOIN_PRODUCTS,
    KERNEL_AVERAGE, /* kernel_pool */
    KERNEL_AVERAGE_BACK,
    KERNEL_MAXIMUM,
    KERNEL_MAXIMUM_BACK,
    KERNEL_DEPTHWISE, /* kernel_depthwise */
    KERNEL_DEPTHWISE_BACK,
    KERNEL_DEPTHWISE_WEIGHTS,
    KERNEL_JOIN,
    KERNEL_SUBSAMPLE, /* kernel_subsample */
    KERNEL_SUBSAMPLE_BACK,
    KERNEL_MEAN, /* kernel_mean */
    KERNEL_MEAN_BACK,
    KERNEL_LINEAR, /* kernel_linear */
    KERNEL_LINEAR_BACK,
    KERNEL_LINEAR_WEIGHTS,
    KERNEL_LOSS,
    KERNEL_OUTCOME,
    KERNEL_WIDEN,
    KERNEL_SQUARES,
    KERNEL_CLIP,
    KERNEL_UPDATE,
    KERNEL_ROUND,
    KERNEL_KINDS
};

/* What a function is where kernels.cu was compiled for the CPU: it does the work of one block. */
typedef void kernel_host_function(const void *arguments, unsigned block_count, unsigned block,
                                  unsigned threads);

struct kernel {
    const char *name;
    const void *functions[VALUE_TYPES]; /* for cudaLaunchKernel, or kernel_host_functions; of those
                                           that touch no tensor, both are the same */
    size_t size;                        /* of its arguments */
    int threads;                        /* of a block */
    int by_block;                       /* an item is a block's; else a thread's */
};

extern const struct kernel kernels[KERNEL_KINDS];

#ifdef __cplusplus
}
#endif

#endif
