#include "train/cpu/convolution.h"

#include <stdint.h>

struct convolution *convolution_open(struct onednn *onednn, const struct kernels *kernels,
                                     const struct plan_conv *conv)
{
    struct convolution *convolution = winograd_convolution(kernels, conv);
    if (!convolution && !conv->depthwise)
        convolution = onednn_convolution(onednn, kernels, conv);
    return convolution ? convolution : direct_convolution(kernels, conv);
}

/* Each weight between its place here and in OIHW. */
static void copy(const struct convolution *convolution, float *weights, float *plain, bool in)
{
    const struct plan_conv *shape = &convolution->shape;
    size_t lanes = (size_t)convolution->lanes, taps = (size_t)(shape->kernel * shape->kernel);
    size_t channels = shape->depthwise ? 1 : (size_t)shape->in_blocks * lanes;
    for (size_t o = 0; o < (size_t)shape->out_blocks * lanes; o++)
        for (size_t c = 0; c < channels; c++)
            for (size_t tap = 0; tap < taps; tap++) {
                size_t row = (o / lanes * taps + tap) * channels + c;
                float *here = &weights[row * lanes + o % lanes];
                float *there = &plain[(o * channels + c) * taps + tap];
                *(in ? here : there) = *(in ? there : here);
            }
}

void convolution_set_blocks(struct convolution *convolution, const float *plain, float *weights)
{
    copy(convolution, weights, (float *)(uintptr_t)plain, true);
}

void convolution_get_blocks(struct convolution *convolution, const float *weights, float *plain)
{
    copy(convolution, (float *)(uintptr_t)weights, plain, false);
}
