/* Convolutions of 3x3 with stride 1 and padding 1 by Winograd's F(2x2, 3x3): of a tile of 2x2
 * outputs, the 4x4 inputs that it sees and the 3x3 weights go to 16 frequencies, where each output
 * channel is a sum over input channels of products: 16 multiplications in place of 36 (Lavin and
 * Gray 2016, whose B, G and A are used here).
 *
 *     output = A' [sum over c of (G weight G') * (B' input B)] A
 *
 * Backward passes are those of this formula: its own gradients, frequency by frequency.
 *
 * Tensors are of the values that kernels.h speaks of. Frequencies that are multiplied are words of
 * 32 bits, here called floats: one float each, or two bfloat16 that the instruction set multiplies
 * and adds at once; sums are floats. */
#ifndef TRAIN_CPU_WINOGRAD_H
#define TRAIN_CPU_WINOGRAD_H

#include <stdbool.h>
#include <stddef.h>

enum { WINOGRAD_FREQUENCIES = 16 };

struct winograd_shape {
    size_t in_blocks, out_blocks; /* of channels */
    size_t H, W;                  /* even */
};

struct winograd {
    /* Floats of scratch that forward() and weights() need. */
    size_t (*scratch_size)(const struct winograd_shape *shape);
    /* (out_blocks, 3 * 3, in_blocks * lanes, lanes), as kernels.h has them, to frequencies: for
     * forward(), and back, for forward() from the gradient of the output to that of the input. */
    void (*transform)(const struct winograd_shape *shape, const float *weight, float *frequencies);
    void (*turn)(const struct winograd_shape *shape, const float *frequencies, float *back);
    void (*forward)(const struct winograd_shape *shape, const void *from, const float *frequencies,
                    void *to, float *scratch);
    /* Sets or, unless first, adds to the gradient of the frequencies,
     * (16, in_blocks * lanes, out_blocks * lanes). */
    void (*weights)(const struct winograd_shape *shape, const void *from, const void *to_gradient,
                    float *frequencies, float *scratch, bool first);
    /* From that to the gradient of the weights. */
    void (*finish)(const struct winograd_shape *shape, const float *frequencies, float *weight);
};

extern const struct winograd winograd_avx2, winograd_avx512, winograd_avx512_bf16;

#endif
