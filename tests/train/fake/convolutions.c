/* cuDNN's convolutions: checks here, arithmetic in convolve.c. */
#include "convolve.h"
#include "device.h"

#include <string.h>

/* ---- shapes ---- */

static int output_size(int input, int kernel, const struct cudnnConvolutionStruct *c, int axis)
{
    int reach = (kernel - 1) * c->dilation[axis] + 1;
    return (input + 2 * c->pad[axis] - reach) / c->stride[axis] + 1;
}

static bool shapes_agree(const struct convolve *c)
{
    const struct cudnnTensorStruct *x = &c->x_desc, *y = &c->y_desc;
    const struct cudnnFilterStruct *w = &c->w_desc;
    return x->N == y->N && x->C == w->C && y->C == w->K && x->type == y->type &&
           x->type == w->type && y->H == output_size(x->H, w->R, &c->convolution, 0) &&
           y->W == output_size(x->W, w->S, &c->convolution, 1);
}

/* Channels innermost, and one pixel, row and image behind the other: all that cuDNN's tables
 * promise of channels-last tensors. */
static bool is_layout(const struct cudnnTensorStruct *t)
{
    int pixel = t->stride[3], row = t->stride[2], image = t->stride[0];
    return t->stride[1] == 1 && pixel == t->C && row == pixel * t->W && image == row * t->H;
}

static cudnnStatus_t describe(struct convolve *c, cudnnTensorDescriptor_t x,
                              cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t convolution,
                              cudnnTensorDescriptor_t y)
{
    if (!thing_is(THING_TENSOR, x) || !thing_is(THING_TENSOR, y) || !thing_is(THING_FILTER, w) ||
        !thing_is(THING_CONVOLUTION, convolution))
        return CUDNN_STATUS_BAD_PARAM;
    c->x_desc = *x;
    c->y_desc = *y;
    c->w_desc = *w;
    c->convolution = *convolution;
    if (!shapes_agree(c))
        return CUDNN_STATUS_BAD_PARAM;
    return is_layout(x) && is_layout(y) ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_NOT_SUPPORTED;
}

/* ---- algorithms: two for each direction, the faster one first ---- */

static const struct algorithm {
    int algo;
    bool deterministic;
    float time;          /* ms */
    int workspace_bytes; /* for each weight */
} algorithms[][2] = {
    [FORWARD] = {{CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_PRECOMP_GEMM, true, 1, 4},
                 {CUDNN_CONVOLUTION_FWD_ALGO_IMPLICIT_GEMM, true, 2, 0}},
    [BACKWARD_DATA] = {{CUDNN_CONVOLUTION_BWD_DATA_ALGO_0, false, 1, 0},
                       {CUDNN_CONVOLUTION_BWD_DATA_ALGO_1, true, 2, 8}},
    [BACKWARD_FILTER] = {{CUDNN_CONVOLUTION_BWD_FILTER_ALGO_0, false, 1, 0},
                         {CUDNN_CONVOLUTION_BWD_FILTER_ALGO_1, true, 2, 12}},
};

/* Exists, but not for these types. */
static const int unsupported[] = {
    [FORWARD] = CUDNN_CONVOLUTION_FWD_ALGO_WINOGRAD,
    [BACKWARD_DATA] = CUDNN_CONVOLUTION_BWD_DATA_ALGO_WINOGRAD,
    [BACKWARD_FILTER] = CUDNN_CONVOLUTION_BWD_FILTER_ALGO_WINOGRAD,
};

static const struct algorithm *find_algorithm(enum direction direction, int algo)
{
    for (size_t i = 0; i < 2; i++)
        if (algorithms[direction][i].algo == algo)
            return &algorithms[direction][i];
    return NULL;
}

static size_t workspace_of(const struct convolve *c, const struct algorithm *algorithm)
{
    const struct cudnnFilterStruct *w = &c->w_desc;
    return (size_t)algorithm->workspace_bytes * (size_t)w->K * (size_t)w->C * (size_t)w->R *
               (size_t)w->S +
           (size_t)fake_settings.workspace;
}

static cudnnStatus_t get_workspace(struct convolve *c, cudnnHandle_t handle,
                                   cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w,
                                   cudnnConvolutionDescriptor_t convolution,
                                   cudnnTensorDescriptor_t y, int algo, size_t *size)
{
    fake_enter(CALL_QUERY);
    const struct algorithm *algorithm = find_algorithm(c->direction, algo);
    cudnnStatus_t status =
        thing_is(THING_HANDLE, handle) ? describe(c, x, w, convolution, y) : CUDNN_STATUS_BAD_PARAM;
    if (!status && !size)
        status = CUDNN_STATUS_BAD_PARAM;
    if (!status && !algorithm)
        status = CUDNN_STATUS_NOT_SUPPORTED;
    if (!status)
        *size = workspace_of(c, algorithm);
    return dnn_leave(status);
}

/* The three structures of results are one but for the type of algo. A search with too little
 * workspace cannot try an algorithm, and what was not tried is not said to need any. Which math was
 * asked for is forgotten. */
static void answer(const struct convolve *c, bool tried, int requested, int *returned, void *found)
{
    *returned = requested < 3 ? requested : 3;
    for (int i = 0; i < *returned; i++) {
        const struct algorithm *algorithm = i < 2 ? &algorithms[c->direction][i] : NULL;
        cudnnConvolutionFwdAlgoPerf_t row = {
            .status = CUDNN_STATUS_NOT_SUPPORTED, .time = -1, .mathType = CUDNN_DEFAULT_MATH};
        row.algo =
            (cudnnConvolutionFwdAlgo_t)(algorithm ? algorithm->algo : unsupported[c->direction]);
        if (algorithm) {
            size_t needed = workspace_of(c, algorithm);
            row.memory = tried ? needed : 0;
            row.status = !tried || needed <= c->workspace_size ? CUDNN_STATUS_SUCCESS
                                                               : CUDNN_STATUS_INTERNAL_ERROR;
            row.time = algorithm->time;
            row.determinism =
                algorithm->deterministic ? CUDNN_DETERMINISTIC : CUDNN_NON_DETERMINISTIC;
        }
        memcpy((char *)found + (size_t)i * sizeof(row), &row, sizeof(row));
    }
}

static cudnnStatus_t get_algorithms(struct convolve *c, cudnnHandle_t handle,
                                    cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w,
                                    cudnnConvolutionDescriptor_t convolution,
                                    cudnnTensorDescriptor_t y, int requested, int *returned,
                                    void *found)
{
    fake_enter(CALL_QUERY);
    cudnnStatus_t status =
        thing_is(THING_HANDLE, handle) ? describe(c, x, w, convolution, y) : CUDNN_STATUS_BAD_PARAM;
    if (!status && (requested < 1 || !returned || !found))
        status = CUDNN_STATUS_BAD_PARAM;
    if (!status)
        answer(c, false, requested, returned, found);
    return dnn_leave(status);
}

/* ---- work ---- */

static size_t value_bytes(cudnnDataType_t type)
{
    return type == CUDNN_DATA_FLOAT ? 4 : 2;
}

static bool holds_tensor(const struct cudnnTensorStruct *t, const void *data)
{
    size_t last = (size_t)(t->N - 1) * (size_t)t->stride[0] +
                  (size_t)(t->H - 1) * (size_t)t->stride[2] +
                  (size_t)(t->W - 1) * (size_t)t->stride[3] + (size_t)t->C;
    return thing_holds(THING_DEVICE_MEMORY, data, last * value_bytes(t->type));
}

static bool is_on_device(const struct convolve *c)
{
    const struct cudnnFilterStruct *w = &c->w_desc;
    size_t weights = (size_t)w->K * (size_t)w->C * (size_t)w->R * (size_t)w->S;
    return holds_tensor(&c->x_desc, c->x) && holds_tensor(&c->y_desc, c->y) &&
           thing_holds(THING_DEVICE_MEMORY, c->w, weights * value_bytes(w->type)) &&
           (!c->workspace_size ||
            thing_holds(THING_DEVICE_MEMORY, c->workspace, c->workspace_size));
}

static cudaError_t run_convolve(const void *arguments)
{
    const struct convolve *c = arguments;
    if (!is_on_device(c)) /* given back since the call */
        return cudaErrorIllegalAddress;
    convolve(c);
    return cudaSuccess;
}

/* Where the operands are and what is done with them: c's pointers, direction and workspace are
 * set. As a library does, it asks after the launch for the last error, whoever made it. */
static cudnnStatus_t add(struct convolve *c, cudnnHandle_t handle,
                         const struct algorithm *algorithm)
{
    if (!c->x || !c->w || !c->y || workspace_of(c, algorithm) > c->workspace_size ||
        (workspace_of(c, algorithm) && !c->workspace))
        return CUDNN_STATUS_BAD_PARAM;
    c->workspace_size = workspace_of(c, algorithm);
    if (!c->workspace_size)
        c->workspace = NULL;
    if (!is_on_device(c))
        return CUDNN_STATUS_EXECUTION_FAILED;
    fake_done.nondeterministic += !algorithm->deterministic;
    cudaError_t error = stream_add(handle->stream, run_convolve, c, sizeof(*c)), last = fake_last;
    fake_last = cudaSuccess;
    return error || last ? CUDNN_STATUS_EXECUTION_FAILED_CUDART : CUDNN_STATUS_SUCCESS;
}

static cudnnStatus_t run(struct convolve *c, cudnnHandle_t handle, cudnnTensorDescriptor_t x,
                         cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t convolution,
                         cudnnTensorDescriptor_t y, int algo, const void *alpha, const void *beta)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    const struct algorithm *algorithm = find_algorithm(c->direction, algo);
    if (error)
        return dnn_leave(CUDNN_STATUS_EXECUTION_FAILED_CUDART);
    cudnnStatus_t status = thing_is(THING_HANDLE, handle) && alpha && beta
                               ? describe(c, x, w, convolution, y)
                               : CUDNN_STATUS_BAD_PARAM;
    if (!status && !algorithm)
        status = CUDNN_STATUS_NOT_SUPPORTED;
    if (!status && fake_settings.refused && algorithm == algorithms[c->direction]) {
        fake_last = cudaErrorInvalidConfiguration;
        status = CUDNN_STATUS_NOT_SUPPORTED;
    }
    if (!status) {
        c->alpha = *(const float *)alpha;
        c->beta = *(const float *)beta;
        status = add(c, handle, algorithm);
    }
    return dnn_leave(status);
}

/* A search overwrites its output, and waits for the device. */
static cudnnStatus_t search(struct convolve *c, cudnnHandle_t handle, cudnnTensorDescriptor_t x,
                            cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t convolution,
                            cudnnTensorDescriptor_t y, int requested, int *returned, void *found)
{
    size_t workspace = c->workspace_size;
    if (fake_enter(CALL_UNSAFE))
        return dnn_leave(CUDNN_STATUS_EXECUTION_FAILED_CUDART);
    fake_done.searches++;
    cudnnStatus_t status = thing_is(THING_HANDLE, handle) && requested >= 1 && returned && found
                               ? describe(c, x, w, convolution, y)
                               : CUDNN_STATUS_BAD_PARAM;
    for (size_t i = 0; !status && i < 2; i++) {
        struct convolve trial = *c;
        size_t nondeterministic = fake_done.nondeterministic;
        trial.alpha = 1;
        if (workspace_of(c, &algorithms[c->direction][i]) <= workspace)
            status = add(&trial, handle, &algorithms[c->direction][i]);
        fake_done.nondeterministic = nondeterministic;
    }
    if (!status && stream_finish(handle->stream))
        status = CUDNN_STATUS_EXECUTION_FAILED_CUDART;
    if (!status)
        answer(c, true, requested, returned, found);
    return dnn_leave(status);
}

/* ---- forward ---- */

/* What a call reads is not const in struct convolve, since another direction writes it. */
static void *operand(const void *data)
{
    void *pointer;
    memcpy(&pointer, &data, sizeof(pointer));
    return pointer;
}

cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(cudnnHandle_t handle,
                                                     const cudnnTensorDescriptor_t x_desc,
                                                     const cudnnFilterDescriptor_t w_desc,
                                                     const cudnnConvolutionDescriptor_t convolution,
                                                     const cudnnTensorDescriptor_t y_desc,
                                                     const int requested, int *returned,
                                                     cudnnConvolutionFwdAlgoPerf_t *found)
{
    struct convolve c = {.direction = FORWARD};
    return get_algorithms(&c, handle, x_desc, w_desc, convolution, y_desc, requested, returned,
                          found);
}

cudnnStatus_t cudnnFindConvolutionForwardAlgorithmEx(
    cudnnHandle_t handle, const cudnnTensorDescriptor_t x_desc, const void *x,
    const cudnnFilterDescriptor_t w_desc, const void *w,
    const cudnnConvolutionDescriptor_t convolution, const cudnnTensorDescriptor_t y_desc, void *y,
    const int requested, int *returned, cudnnConvolutionFwdAlgoPerf_t *found, void *workspace,
    size_t workspace_size)
{
    struct convolve c = {FORWARD, .x = operand(x),        .w = operand(w),
                         .y = y,  .workspace = workspace, .workspace_size = workspace_size};
    return search(&c, handle, x_desc, w_desc, convolution, y_desc, requested, returned, found);
}

cudnnStatus_t cudnnGetConvolutionForwardWorkspaceSize(
    cudnnHandle_t handle, const cudnnTensorDescriptor_t x_desc,
    const cudnnFilterDescriptor_t w_desc, const cudnnConvolutionDescriptor_t convolution,
    const cudnnTensorDescriptor_t y_desc, cudnnConvolutionFwdAlgo_t algo, size_t *size)
{
    struct convolve c = {.direction = FORWARD};
    return get_workspace(&c, handle, x_desc, w_desc, convolution, y_desc, (int)algo, size);
}

cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void *alpha,
                                      const cudnnTensorDescriptor_t x_desc, const void *x,
                                      const cudnnFilterDescriptor_t w_desc, const void *w,
                                      const cudnnConvolutionDescriptor_t convolution,
                                      cudnnConvolutionFwdAlgo_t algo, void *workspace,
                                      size_t workspace_size, const void *beta,
                                      const cudnnTensorDescriptor_t y_desc, void *y)
{
    struct convolve c = {FORWARD, .x = operand(x),        .w = operand(w),
                         .y = y,  .workspace = workspace, .workspace_size = workspace_size};
    return run(&c, handle, x_desc, w_desc, convolution, y_desc, (int)algo, alpha, beta);
}

/* ---- backward, data ---- */

cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(
    cudnnHandle_t handle, const cudnnFilterDescriptor_t w_desc,
    const cudnnTensorDescriptor_t dy_desc, const cudnnConvolutionDescriptor_t convolution,
    const cudnnTensorDescriptor_t dx_desc, const int requested, int *returned,
    cudnnConvolutionBwdDataAlgoPerf_t *found)
{
    struct convolve c = {.direction = BACKWARD_DATA};
    return get_algorithms(&c, handle, dx_desc, w_desc, convolution, dy_desc, requested, returned,
                          found);
}

cudnnStatus_t cudnnFindConvolutionBackwardDataAlgorithmEx(
    cudnnHandle_t handle, const cudnnFilterDescriptor_t w_desc, const void *w,
    const cudnnTensorDescriptor_t dy_desc, const void *dy,
    const cudnnConvolutionDescriptor_t convolution, const cudnnTensorDescriptor_t dx_desc, void *dx,
    const int requested, int *returned, cudnnConvolutionBwdDataAlgoPerf_t *found, void *workspace,
    size_t workspace_size)
{
    struct convolve c = {BACKWARD_DATA,          .x = dx,
                         .w = operand(w),        .y = operand(dy),
                         .workspace = workspace, .workspace_size = workspace_size};
    return search(&c, handle, dx_desc, w_desc, convolution, dy_desc, requested, returned, found);
}

cudnnStatus_t cudnnGetConvolutionBackwardDataWorkspaceSize(
    cudnnHandle_t handle, const cudnnFilterDescriptor_t w_desc,
    const cudnnTensorDescriptor_t dy_desc, const cudnnConvolutionDescriptor_t convolution,
    const cudnnTensorDescriptor_t dx_desc, cudnnConvolutionBwdDataAlgo_t algo, size_t *size)
{
    struct convolve c = {.direction = BACKWARD_DATA};
    return get_workspace(&c, handle, dx_desc, w_desc, convolution, dy_desc, (int)algo, size);
}

cudnnStatus_t cudnnConvolutionBackwardData(cudnnHandle_t handle, const void *alpha,
                                           const cudnnFilterDescriptor_t w_desc, const void *w,
                                           const cudnnTensorDescriptor_t dy_desc, const void *dy,
                                           const cudnnConvolutionDescriptor_t convolution,
                                           cudnnConvolutionBwdDataAlgo_t algo, void *workspace,
                                           size_t workspace_size, const void *beta,
                                           const cudnnTensorDescriptor_t dx_desc, void *dx)
{
    struct convolve c = {BACKWARD_DATA,          .x = dx,
                         .w = operand(w),        .y = operand(dy),
                         .workspace = workspace, .workspace_size = workspace_size};
    return run(&c, handle, dx_desc, w_desc, convolution, dy_desc, (int)algo, alpha, beta);
}

/* ---- backward, filter ---- */

cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(
    cudnnHandle_t handle, const cudnnTensorDescriptor_t x_desc,
    const cudnnTensorDescriptor_t dy_desc, const cudnnConvolutionDescriptor_t convolution,
    const cudnnFilterDescriptor_t dw_desc, const int requested, int *returned,
    cudnnConvolutionBwdFilterAlgoPerf_t *found)
{
    struct convolve c = {.direction = BACKWARD_FILTER};
    return get_algorithms(&c, handle, x_desc, dw_desc, convolution, dy_desc, requested, returned,
                          found);
}

cudnnStatus_t cudnnFindConvolutionBackwardFilterAlgorithmEx(
    cudnnHandle_t handle, const cudnnTensorDescriptor_t x_desc, const void *x,
    const cudnnTensorDescriptor_t dy_desc, const void *dy,
    const cudnnConvolutionDescriptor_t convolution, const cudnnFilterDescriptor_t dw_desc, void *dw,
    const int requested, int *returned, cudnnConvolutionBwdFilterAlgoPerf_t *found, void *workspace,
    size_t workspace_size)
{
    struct convolve c = {
        BACKWARD_FILTER,  .x = operand(x),        .w = dw,
        .y = operand(dy), .workspace = workspace, .workspace_size = workspace_size};
    return search(&c, handle, x_desc, dw_desc, convolution, dy_desc, requested, returned, found);
}

cudnnStatus_t cudnnGetConvolutionBackwardFilterWorkspaceSize(
    cudnnHandle_t handle, const cudnnTensorDescriptor_t x_desc,
    const cudnnTensorDescriptor_t dy_desc, const cudnnConvolutionDescriptor_t convolution,
    const cudnnFilterDescriptor_t dw_desc, cudnnConvolutionBwdFilterAlgo_t algo, size_t *size)
{
    struct convolve c = {.direction = BACKWARD_FILTER};
    return get_workspace(&c, handle, x_desc, dw_desc, convolution, dy_desc, (int)algo, size);
}

cudnnStatus_t cudnnConvolutionBackwardFilter(cudnnHandle_t handle, const void *alpha,
                                             const cudnnTensorDescriptor_t x_desc, const void *x,
                                             const cudnnTensorDescriptor_t dy_desc, const void *dy,
                                             const cudnnConvolutionDescriptor_t convolution,
                                             cudnnConvolutionBwdFilterAlgo_t algo, void *workspace,
                                             size_t workspace_size, const void *beta,
                                             const cudnnFilterDescriptor_t dw_desc, void *dw)
{
    struct convolve c = {
        BACKWARD_FILTER,  .x = operand(x),        .w = dw,
        .y = operand(dy), .workspace = workspace, .workspace_size = workspace_size};
    return run(&c, handle, x_desc, dw_desc, convolution, dy_desc, (int)algo, alpha, beta);
}
