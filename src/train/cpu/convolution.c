#include "train/cpu/convolution.h"

struct convolution *convolution_open(struct onednn *onednn, const struct kernels *kernels,
                                     const struct plan_conv *conv)
{
    struct convolution *convolution = NULL;
    if (!conv->depthwise)
        convolution = onednn_convolution(onednn, kernels, conv);
    if (!convolution)
        convolution = block_convolution(kernels, conv);
    return convolution;
}
