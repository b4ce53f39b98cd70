/* Convolutions by the kernels. */
#include "train/cpu/convolution.h"

#include "base/mem.h"

struct block {
    struct convolution base;
    const struct kernels *kernels;
    struct kernel_window window;
};

static struct block *block_of(struct convolution *convolution)
{
    return (struct block *)convolution; /* its first member */
}

/* Calls for each weight: its place here and in OIHW. */
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

static void set(struct convolution *convolution, const float *plain, float *weights)
{
    copy(convolution, weights, (float *)(uintptr_t)plain, true);
}

static void get(struct convolution *convolution, const float *weights, float *plain)
{
    copy(convolution, (float *)(uintptr_t)weights, plain, false);
}

static void prepare(struct convolution *convolution, const float *weights, bool training)
{
    (void)convolution;
    (void)weights;
    (void)training;
}

static bool forward(struct convolution *convolution, size_t thread, float *scratch,
                    const float *from, const float *weights, float *to)
{
    const struct block *block = block_of(convolution);
    (void)thread;
    (void)scratch;
    (convolution->shape.depthwise ? block->kernels->depthwise
                                  : block->kernels->dense)(to, from, weights, &block->window);
    return true;
}

static bool backward_data(struct convolution *convolution, size_t thread, float *scratch,
                          const float *to_gradient, const float *weights, float *from_gradient)
{
    const struct block *block = block_of(convolution);
    (void)thread;
    (void)scratch;
    (convolution->shape.depthwise ? block->kernels->depthwise_back : block->kernels->dense_back)(
        from_gradient, to_gradient, weights, &block->window);
    return true;
}

static bool backward_weights(struct convolution *convolution, size_t thread, float *scratch,
                             const float *from, const float *to_gradient, float *weights_gradient,
                             bool first)
{
    const struct block *block = block_of(convolution);
    (void)thread;
    (convolution->shape.depthwise ? block->kernels->depthwise_weights
                                  : block->kernels->dense_weights)(
        first ? weights_gradient : scratch, from, to_gradient, &block->window);
    if (!first)
        block->kernels->add(weights_gradient, scratch, convolution->size);
    return true;
}

static void block_close(struct convolution *convolution)
{
    free(convolution);
}

static const struct convolution_type type = {.name = "own",
                                             .set = set,
                                             .get = get,
                                             .prepare = prepare,
                                             .forward = forward,
                                             .backward_data = backward_data,
                                             .backward_weights = backward_weights,
                                             .close = block_close};

struct convolution *block_convolution(const struct kernels *kernels, const struct plan_conv *conv)
{
    struct block *block = mem_alloc(1, sizeof(*block));
    size_t lanes = (size_t)kernels->lanes, taps = (size_t)(conv->kernel * conv->kernel);
    size_t channels = conv->depthwise ? 1 : (size_t)conv->in_blocks * lanes;
    size_t size = (size_t)conv->out_blocks * taps * channels * lanes;
    block->base = (struct convolution){&type, *conv, kernels->lanes, size, size};
    block->kernels = kernels;
    block->window = (struct kernel_window){.blocks = (size_t)conv->in_blocks,
                                           .in_h = conv->in_h,
                                           .in_w = conv->in_w,
                                           .out_h = conv->out_h,
                                           .out_w = conv->out_w,
                                           .kernel = conv->kernel,
                                           .stride = conv->stride,
                                           .padding = conv->padding,
                                           .dilation = conv->dilation,
                                           .out_blocks = (size_t)conv->out_blocks};
    return &block->base;
}
