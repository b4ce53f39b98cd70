/* One convolution of one image: forward, and both gradients. Many threads do it at once, each for
 * images of its own.
 *
 * Three ways: winoconv.c for dense ones of 3 x 3 and stride 1, onednn.c for the other dense ones,
 * directconv.c for those of each channel by itself, which oneDNN 2.6 does by its reference, and for
 * the few dense ones for which it has nothing else. */
#ifndef TRAIN_CPU_CONVOLUTION_H
#define TRAIN_CPU_CONVOLUTION_H

#include "train/cpu/kernels.h"
#include "train/cpu/onednn.h"
#include "train/plan/plan.h"

#include <stddef.h>

/* What is common to all ways; each has more behind it. Tensors are of the values of kernels.h, the
 * weights that are trained, and their gradients, of floats. */
struct convolution {
    const struct convolution_type *type;
    struct plan_conv shape; /* of the plan */
    int lanes;
    size_t size;         /* values of the weights in the layout in which they are trained */
    size_t partial_size; /* values of what backward_weights() makes, see finish() */
    size_t copy_bytes;   /* of what prepare() makes of the weights */
    size_t scratch_size; /* floats of scratch that a thread gives to the functions below */
};

struct convolution_type {
    const char *name;
    /* Weights from and to OIHW: (out blocks * lanes, in blocks * lanes or 1 where depthwise,
     * kernel, kernel). */
    void (*set)(struct convolution *convolution, const float *plain, float *weights);
    void (*get)(struct convolution *convolution, const float *weights, float *plain);
    /* Makes ready for these weights, before a batch. NULL where nothing is to be done. */
    void (*prepare)(struct convolution *convolution, size_t thread, const float *weights,
                    bool training);
    /* For one image, by the given thread. What oneDNN refuses, here and above, onednn_ok() tells.
     */
    void (*forward)(struct convolution *convolution, size_t thread, float *scratch,
                    const void *from, const float *weights, void *to);
    void (*backward_data)(struct convolution *convolution, size_t thread, float *scratch,
                          const void *to_gradient, const float *weights, void *from_gradient);
    /* Sets the partial gradient for the first image, adds to it for others. */
    void (*backward_weights)(struct convolution *convolution, size_t thread, float *scratch,
                             const void *from, const void *to_gradient, float *partial, bool first);
    /* The gradient from the sum of all partial ones; NULL: it is that sum. */
    void (*finish)(struct convolution *convolution, const float *partial, float *weights_gradient);
    void (*close)(struct convolution *convolution);
};

/* By the first way that does it; onednn is borrowed. The caller gives it to its type's close(). */
struct convolution *convolution_open(struct onednn *onednn, const struct kernels *kernels,
                                     const struct plan_conv *conv);

/* The ways. NULL where one does not do this convolution; direct_convolution() does any. */
struct convolution *onednn_convolution(struct onednn *onednn, const struct kernels *kernels,
                                       const struct plan_conv *conv);
struct convolution *direct_convolution(const struct kernels *kernels, const struct plan_conv *conv);
struct convolution *winograd_convolution(const struct kernels *kernels,
                                         const struct plan_conv *conv);

/* set() and get() for weights in blocks, (out_blocks, kernel * kernel, in_blocks * lanes or 1,
 * lanes). */
void convolution_set_blocks(struct convolution *convolution, const float *plain, float *weights);
void convolution_get_blocks(struct convolution *convolution, const float *weights, float *plain);

#endif
