/* Convolutions as convolution.h wants them, by the kernels of winograd.c. */
#include "train/cpu/convolution.h"
#include "train/cpu/winograd.h"

#include "base/mem.h"

struct wino {
    struct convolution base;
    const struct winograd *winograd;
    struct winograd_shape shape, back;
    float *frequencies, *turned; /* of the weights, in words; for the gradient of the input */
};

static struct wino *wino_of(struct convolution *convolution)
{
    return (struct wino *)convolution; /* its first member */
}

static void prepare(struct convolution *convolution, size_t thread, const float *weights,
                    bool training)
{
    const struct wino *wino = wino_of(convolution);
    (void)thread;
    wino->winograd->transform(&wino->shape, weights, wino->frequencies);
    if (training && wino->turned)
        wino->winograd->turn(&wino->shape, wino->frequencies, wino->turned);
}

static void forward(struct convolution *convolution, size_t thread, float *scratch,
                    const void *from, const float *weights, void *to)
{
    const struct wino *wino = wino_of(convolution);
    (void)thread;
    (void)weights; /* prepared */
    wino->winograd->forward(&wino->shape, from, wino->frequencies, to, scratch);
}

static void backward_data(struct convolution *convolution, size_t thread, float *scratch,
                          const void *to_gradient, const float *weights, void *from_gradient)
{
    const struct wino *wino = wino_of(convolution);
    (void)thread;
    (void)weights;
    wino->winograd->forward(&wino->back, to_gradient, wino->turned, from_gradient, scratch);
}

static void backward_weights(struct convolution *convolution, size_t thread, float *scratch,
                             const void *from, const void *to_gradient, float *partial, bool first)
{
    const struct wino *wino = wino_of(convolution);
    (void)thread;
    wino->winograd->weights(&wino->shape, from, to_gradient, partial, scratch, first);
}

static void finish(struct convolution *convolution, const float *partial, float *weights_gradient)
{
    const struct wino *wino = wino_of(convolution);
    wino->winograd->finish(&wino->shape, partial, weights_gradient);
}

static void wino_close(struct convolution *convolution)
{
    struct wino *wino = wino_of(convolution);
    free(wino->frequencies);
    free(wino->turned);
    free(wino);
}

static const struct convolution_type type = {.name = "Winograd",
                                             .set = convolution_set_blocks,
                                             .get = convolution_get_blocks,
                                             .prepare = prepare,
                                             .forward = forward,
                                             .backward_data = backward_data,
                                             .backward_weights = backward_weights,
                                             .finish = finish,
                                             .close = wino_close};

static bool is_fit(const struct plan_conv *conv)
{
    return conv->kernel == 3 && conv->stride == 1 && conv->padding == 1 && conv->dilation == 1 &&
           !conv->depthwise && !conv->grouped && conv->in_h % 2 == 0 && conv->in_w % 2 == 0 &&
           conv->in_h >= 4 && conv->in_w >= 4;
}

struct convolution *winograd_convolution(const struct kernels *kernels,
                                         const struct plan_conv *conv)
{
    if (!is_fit(conv))
        return NULL;
    struct wino *wino = mem_alloc(1, sizeof(*wino));
    size_t lanes = (size_t)kernels->lanes, in = (size_t)conv->in_blocks,
           out = (size_t)conv->out_blocks, pairs = in * out * lanes * lanes;
    size_t bytes = WINOGRAD_FREQUENCIES * pairs * kernels->value_size;
    wino->winograd = kernels->winograd;
    wino->shape = (struct winograd_shape){in, out, (size_t)conv->in_h, (size_t)conv->in_w};
    wino->back = (struct winograd_shape){out, in, (size_t)conv->in_h, (size_t)conv->in_w};
    size_t there = wino->winograd->scratch_size(&wino->shape);
    size_t back = wino->winograd->scratch_size(&wino->back);
    wino->base = (struct convolution){.type = &type,
                                      .shape = *conv,
                                      .lanes = kernels->lanes,
                                      .size = 9 * pairs,
                                      .partial_size = WINOGRAD_FREQUENCIES * pairs,
                                      .copy_bytes = conv->input != 0 ? 2 * bytes : bytes,
                                      .scratch_size = there > back ? there : back};
    wino->frequencies = mem_alloc_large(bytes, 1);
    if (conv->input != 0)
        wino->turned = mem_alloc_large(bytes, 1);
    return &wino->base;
}
