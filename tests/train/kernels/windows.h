/* What a window sees, in the plainest terms: pixels are counted through all images. */
#ifndef TESTS_TRAIN_KERNELS_WINDOWS_H
#define TESTS_TRAIN_KERNELS_WINDOWS_H

#include "cases.h"

/* Fills in the sizes for images of that extent; false where there is no output. */
static inline bool window_fit(struct kernel_window *window, const struct extent *extent)
{
    int reach = window->dilation * (window->kernel - 1) + 1, padded = 2 * window->padding - reach;
    window->count = extent->count;
    window->blocks = extent->blocks;
    window->in_h = extent->H;
    window->in_w = extent->W;
    window->out_h = (extent->H + padded) / window->stride + 1;
    window->out_w = (extent->W + padded) / window->stride + 1;
    return extent->H + padded >= 0 && extent->W + padded >= 0;
}

static inline size_t windows_in(const struct kernel_window *window)
{
    return (size_t)(window->count * window->in_h * window->in_w);
}

static inline size_t windows_out(const struct kernel_window *window)
{
    return (size_t)(window->count * window->out_h * window->out_w);
}

/* Pixel of the input that one of the output sees by a tap; -1: none. */
static inline int window_seen(const struct kernel_window *window, int out, int tap)
{
    int image = out / (window->out_h * window->out_w);
    int y = out / window->out_w % window->out_h * window->stride - window->padding +
            tap / window->kernel * window->dilation;
    int x = out % window->out_w * window->stride - window->padding +
            tap % window->kernel * window->dilation;
    bool inside = y >= 0 && y < window->in_h && x >= 0 && x < window->in_w;
    return inside ? (image * window->in_h + y) * window->in_w + x : -1;
}

#endif
