/* Depthwise convolutions as convolution.h wants them, by the kernels of direct.c. */
#include "train/cpu/convolution.h"

#include "base/mem.h"

struct direct {
    struct convolution base;
    const struct kernels *kernels;
    struct kernel_window window;
};

static struct direct *direct_of(struct convolution *convolution)
{
    return (struct direct *)convolution; /* its first member */
}

static void forward(struct convolution *convolution, size_t thread, float *scratch,
                    const void *from, const float *weights, void *to)
{
    const struct direct *direct = direct_of(convolution);
    (void)thread;
    (void)scratch;
    (convolution->shape.depthwise ? direct->kernels->depthwise
                                  : direct->kernels->dense)(to, from, weights, &direct->window);
}

static void backward_data(struct convolution *convolution, size_t thread, float *scratch,
                          const void *to_gradient, const float *weights, void *from_gradient)
{
    const struct direct *direct = direct_of(convolution);
    (void)thread;
    (void)scratch;
    (convolution->shape.depthwise ? direct->kernels->depthwise_back : direct->kernels->dense_back)(
        from_gradient, to_gradient, weights, &direct->window);
}

static void backward_weights(struct convolution *convolution, size_t thread, float *scratch,
                             const void *from, const void *to_gradient, float *partial, bool first)
{
    const struct direct *direct = direct_of(convolution);
    (void)thread;
    (convolution->shape.depthwise ? direct->kernels->depthwise_weights
                                  : direct->kernels->dense_weights)(first ? partial : scratch, from,
                                                                    to_gradient, &direct->window);
    if (!first)
        direct->kernels->add(partial, scratch, convolution->size);
}

static void direct_close(struct convolution *convolution)
{
    free(convolution);
}

static const struct convolution_type type = {.name = "own",
                                             .set = convolution_set_blocks,
                                             .get = convolution_get_blocks,

                                             .forward = forward,
                                             .backward_data = backward_data,
                                             .backward_weights = backward_weights,
                                             .close = direct_close};

struct convolution *direct_convolution(const struct kernels *kernels, const struct plan_conv *conv)
{
    struct direct *direct = mem_alloc(1, sizeof(*direct));
    size_t lanes = (size_t)kernels->lanes, taps = (size_t)(conv->kernel * conv->kernel);
    size_t channels = conv->depthwise ? 1 : (size_t)conv->in_blocks * lanes;
    size_t size = (size_t)conv->out_blocks * taps * channels * lanes;
    direct->base = (struct convolution){.type = &type,
                                        .shape = *conv,
                                        .lanes = kernels->lanes,
                                        .size = size,
                                        .partial_size = size,
                                        .scratch_size = size};
    direct->kernels = kernels;
    direct->window = (struct kernel_window){.blocks = (size_t)conv->in_blocks,
                                            .in_h = conv->in_h,
                                            .in_w = conv->in_w,
                                            .out_h = conv->out_h,
                                            .out_w = conv->out_w,
                                            .kernel = conv->kernel,
                                            .stride = conv->stride,
                                            .padding = conv->padding,
                                            .dilation = conv->dilation,
                                            .out_blocks = (size_t)conv->out_blocks};
    return &direct->base;
}
