#include "train/cuda/convolution.h"

#include <assert.h>

/* What algorithms may use, where some can do with so much: more helps few of them. Candidates are
 * up to eight algorithms, some of them in two maths. */
enum { WORKSPACE_BYTES = 64 << 20, CANDIDATES = 16 };

static const char *const names[DIRECTIONS] = {"cuDNN's convolution", "cuDNN's backward convolution",
                                              "cuDNN's gradient of weights"};

/* ---- opening ---- */

bool convolutions_open(struct convolutions *convolutions, struct device *device,
                       enum precision precision, bool deterministic, struct err *err)
{
    static const cudnnMathType_t maths[] = {[PRECISION_FP32] = CUDNN_FMA_MATH,
                                            [PRECISION_TF32] = CUDNN_DEFAULT_MATH,
                                            [PRECISION_BF16] = CUDNN_TENSOR_OP_MATH};
    *convolutions = (struct convolutions){
        .device = device,
        .type = precision == PRECISION_BF16 ? VALUE_BFLOAT16 : VALUE_FLOAT,
        .math = maths[precision],
        .deterministic = deterministic,
    };
    return device_dnn_ok(cudnnCreateTensorDescriptor(&convolutions->input), "cudnnCreate", err) &&
           device_dnn_ok(cudnnCreateTensorDescriptor(&convolutions->output), "cudnnCreate", err) &&
           device_dnn_ok(cudnnCreateFilterDescriptor(&convolutions->filter), "cudnnCreate", err) &&
           device_dnn_ok(cudnnCreateConvolutionDescriptor(&convolutions->how), "cudnnCreate", err);
}

void convolutions_close(struct convolutions *convolutions)
{
    if (convolutions->input)
        cudnnDestroyTensorDescriptor(convolutions->input);
    if (convolutions->output)
        cudnnDestroyTensorDescriptor(convolutions->output);
    if (convolutions->filter)
        cudnnDestroyFilterDescriptor(convolutions->filter);
    if (convolutions->how)
        cudnnDestroyConvolutionDescriptor(convolutions->how);
    *convolutions = (struct convolutions){0};
}

/* ---- descriptions ---- */

static cudnnStatus_t describe_side(cudnnTensorDescriptor_t descriptor, cudnnDataType_t type,
                                   int images, const struct convolution_side *side)
{
    int stride = side->tensor.stride;
    return cudnnSetTensor4dDescriptorEx(descriptor, type, images, side->channels, side->H, side->W,
                                        side->H * side->W * stride, 1, side->W * stride, stride);
}

static bool describe(struct convolutions *c, const struct convolution_call *call,
                     cudnnMathType_t math, struct err *err)
{
    const struct plan_conv *conv = call->conv;
    cudnnDataType_t type = c->type == VALUE_BFLOAT16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
    return device_dnn_ok(describe_side(c->input, type, call->images, &call->input),
                         "cudnnSetTensor4dDescriptorEx", err) &&
           device_dnn_ok(describe_side(c->output, type, call->images, &call->output),
                         "cudnnSetTensor4dDescriptorEx", err) &&
           device_dnn_ok(cudnnSetFilter4dDescriptor(c->filter, type, CUDNN_TENSOR_NHWC,
                                                    call->output.channels, call->input.channels,
                                                    conv->kernel, conv->kernel),
                         "cudnnSetFilter4dDescriptor", err) &&
           device_dnn_ok(cudnnSetConvolution2dDescriptor(c->how, conv->padding, conv->padding,
                                                         conv->stride, conv->stride, conv->dilation,
                                                         conv->dilation, CUDNN_CROSS_CORRELATION,
                                                         CUDNN_DATA_FLOAT),
                         "cudnnSetConvolution2dDescriptor", err) &&
           device_dnn_ok(cudnnSetConvolutionMathType(c->how, math), "cudnnSetConvolutionMathType",
                         err);
}

/* ---- choosing ---- */

/* The directions' answers differ in type alone. */
struct candidate {
    int algorithm;
    cudnnStatus_t status;
    cudnnDeterminism_t determinism;
    cudnnMathType_t math;
};

#define COPY_CANDIDATES(from)                                                                      \
    for (int i = 0; i < *count; i++)                                                               \
        candidates[i] = (struct candidate)                                                         \
        {                                                                                          \
            (int)(from)[i].algo, (from)[i].status, (from)[i].determinism, (from)[i].mathType       \
        }

static cudnnStatus_t list_forward(struct convolutions *c, const struct convolution_call *call,
                                  bool measured, struct candidate *candidates, int *count)
{
    cudnnConvolutionFwdAlgoPerf_t found[CANDIDATES];
    cudnnHandle_t cudnn = c->device->cudnn;
    cudnnStatus_t status =
        measured
            ? cudnnFindConvolutionForwardAlgorithmEx(cudnn, c->input, call->input.tensor.data,
                                                     c->filter, call->weights, c->how, c->output,
                                                     call->output.tensor.data, CANDIDATES, count,
                                                     found, c->workspace, c->workspace_bytes)
            : cudnnGetConvolutionForwardAlgorithm_v7(cudnn, c->input, c->filter, c->how, c->output,
                                                     CANDIDATES, count, found);
    if (status == CUDNN_STATUS_SUCCESS)
        COPY_CANDIDATES(found);
    return status;
}

static cudnnStatus_t list_data(struct convolutions *c, const struct convolution_call *call,
                               bool measured, struct candidate *candidates, int *count)
{
    cudnnConvolutionBwdDataAlgoPerf_t found[CANDIDATES];
    cudnnHandle_t cudnn = c->device->cudnn;
    cudnnStatus_t status =
        measured ? cudnnFindConvolutionBackwardDataAlgorithmEx(
                       cudnn, c->filter, call->weights, c->output, call->output.tensor.data, c->how,
                       c->input, call->input.tensor.data, CANDIDATES, count, found, c->workspace,
                       c->workspace_bytes)
                 : cudnnGetConvolutionBackwardDataAlgorithm_v7(cudnn, c->filter, c->output, c->how,
                                                               c->input, CANDIDATES, count, found);
    if (status == CUDNN_STATUS_SUCCESS)
        COPY_CANDIDATES(found);
    return status;
}

static cudnnStatus_t list_weights(struct convolutions *c, const struct convolution_call *call,
                                  bool measured, struct candidate *candidates, int *count)
{
    cudnnConvolutionBwdFilterAlgoPerf_t found[CANDIDATES];
    cudnnHandle_t cudnn = c->device->cudnn;
    cudnnStatus_t status =
        measured ? cudnnFindConvolutionBackwardFilterAlgorithmEx(
                       cudnn, c->input, call->input.tensor.data, c->output,
                       call->output.tensor.data, c->how, c->filter, call->weights, CANDIDATES,
                       count, found, c->workspace, c->workspace_bytes)
                 : cudnnGetConvolutionBackwardFilterAlgorithm_v7(
                       cudnn, c->input, c->output, c->how, c->filter, CANDIDATES, count, found);
    if (status == CUDNN_STATUS_SUCCESS)
        COPY_CANDIDATES(found);
    return status;
}

/* Workspace that an algorithm needs in its math. What a list says of it may be of another math, or
 * nothing. */
static bool needed_workspace(struct convolutions *c, const struct convolution_call *call,
                             const struct convolution_choice *choice, size_t *bytes,
                             struct err *err)
{
    cudnnHandle_t cudnn = c->device->cudnn;
    cudnnStatus_t status = CUDNN_STATUS_SUCCESS;
    if (!describe(c, call, choice->math, err))
        return false;
    switch (call->direction) {
    case FORWARD:
        status = cudnnGetConvolutionForwardWorkspaceSize(
            cudnn, c->input, c->filter, c->how, c->output,
            (cudnnConvolutionFwdAlgo_t)choice->algorithm, bytes);
        break;
    case BACKWARD_DATA:
        status = cudnnGetConvolutionBackwardDataWorkspaceSize(
            cudnn, c->filter, c->output, c->how, c->input,
            (cudnnConvolutionBwdDataAlgo_t)choice->algorithm, bytes);
        break;
    case BACKWARD_WEIGHTS:
        status = cudnnGetConvolutionBackwardFilterWorkspaceSize(
            cudnn, c->input, c->output, c->how, c->filter,
            (cudnnConvolutionBwdFilterAlgo_t)choice->algorithm, bytes);
        break;
    case DIRECTIONS:
        assert(false);
    }
    return device_dnn_ok(status, names[call->direction], err);
}

/* What was there before is kept for the graphs that know it. */
static bool grow_workspace(struct convolutions *c, size_t bytes, struct err *err)
{
    if (bytes <= c->workspace_bytes)
        return true;
    bytes = bytes > 2 * c->workspace_bytes ? bytes : 2 * c->workspace_bytes;
    void *workspace = device_memory(c->device, bytes, 1, err);
    if (!workspace)
        return false;
    c->workspace = workspace;
    c->workspace_bytes = bytes;
    return true;
}

static bool is_allowed(const struct convolutions *c, const struct candidate *candidate)
{
    return candidate->status == CUDNN_STATUS_SUCCESS &&
           (!c->deterministic || candidate->determinism == CUDNN_DETERMINISTIC);
}

/* The first of those listed, the fastest first, that runs: a list of what should be fast may hold
 * what is refused then. Fails without a word where none is allowed. */
static bool choose_of(struct convolutions *c, const struct convolution_call *call, bool measured,
                      size_t most_bytes, struct convolution_choice *choice, struct err *err)
{
    static cudnnStatus_t (*const lists[DIRECTIONS])(
        struct convolutions *, const struct convolution_call *, bool, struct candidate *,
        int *) = {list_forward, list_data, list_weights};
    struct candidate candidates[CANDIDATES];
    int count = 0;
    if (!describe(c, call, c->math, err) ||
        !device_dnn_ok(lists[call->direction](c, call, measured, candidates, &count),
                       names[call->direction], err))
        return false;
    for (int i = 0; i < count; i++) {
        size_t bytes = 0;
        if (!is_allowed(c, &candidates[i]))
            continue;
        choice->algorithm = candidates[i].algorithm;
        choice->math = c->math == CUDNN_FMA_MATH ? CUDNN_FMA_MATH : candidates[i].math;
        choice->made = true;
        if (needed_workspace(c, call, choice, &bytes, err) && bytes <= most_bytes &&
            grow_workspace(c, bytes, err) && convolutions_run(c, call, choice, err))
            return true;
    }
    choice->made = false;
    return false;
}

bool convolutions_choose(struct convolutions *c, const struct convolution_call *call,
                         struct convolution_choice *choice, struct err *err)
{
    struct err why = {0};
    if (!c->deterministic && !grow_workspace(c, WORKSPACE_BYTES, err))
        return false;
    if (choose_of(c, call, !c->deterministic, WORKSPACE_BYTES, choice, &why) ||
        choose_of(c, call, false, SIZE_MAX, choice, &why))
        return true;
    return err_set(err, ERR_TOOL,
                   "device cuda: %s has no %salgorithm for %d to %d channels of %d x %d, "
                   "kernel %d, stride %d, dilation %d%s%s",
                   names[call->direction], c->deterministic ? "deterministic " : "",
                   call->input.channels, call->output.channels, call->input.H, call->input.W,
                   call->conv->kernel, call->conv->stride, call->conv->dilation,
                   why.text[0] ? "; " : "", why.text);
}

/* ---- running ---- */

bool convolutions_run(struct convolutions *c, const struct convolution_call *call,
                      const struct convolution_choice *choice, struct err *err)
{
    const float one = 1, zero = 0;
    cudnnHandle_t cudnn = c->device->cudnn;
    void *input = call->input.tensor.data, *output = call->output.tensor.data;
    cudnnStatus_t status = CUDNN_STATUS_SUCCESS;
    assert(choice->made);
    if (!describe(c, call, choice->math, err))
        return false;
    switch (call->direction) {
    case FORWARD:
        status =
            cudnnConvolutionForward(cudnn, &one, c->input, input, c->filter, call->weights, c->how,
                                    (cudnnConvolutionFwdAlgo_t)choice->algorithm, c->workspace,
                                    c->workspace_bytes, &zero, c->output, output);
        break;
    case BACKWARD_DATA:
        status =
            cudnnConvolutionBackwardData(cudnn, &one, c->filter, call->weights, c->output, output,
                                         c->how, (cudnnConvolutionBwdDataAlgo_t)choice->algorithm,
                                         c->workspace, c->workspace_bytes, &zero, c->input, input);
        break;
    case BACKWARD_WEIGHTS:
        status = cudnnConvolutionBackwardFilter(
            cudnn, &one, c->input, input, c->output, output, c->how,
            (cudnnConvolutionBwdFilterAlgo_t)choice->algorithm, c->workspace, c->workspace_bytes,
            &zero, c->filter, call->weights);
        break;
    case DIRECTIONS:
        assert(false);
    }
    return device_dnn_ok(status, names[call->direction], err);
}
