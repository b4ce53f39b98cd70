/* cuDNN's handles and descriptors. */
#include "convolve.h"
#include "device.h"

#include <string.h>

cudnnStatus_t dnn_leave(cudnnStatus_t status)
{
    fake_leave(cudaSuccess);
    return status;
}

size_t cudnnGetVersion(void)
{
    return CUDNN_VERSION;
}

const char *cudnnGetErrorString(cudnnStatus_t status)
{
    switch (status) {
    case CUDNN_STATUS_SUCCESS:
        return "FAKE: CUDNN_STATUS_SUCCESS";
    case CUDNN_STATUS_NOT_INITIALIZED:
        return "FAKE: CUDNN_STATUS_NOT_INITIALIZED";
    case CUDNN_STATUS_BAD_PARAM:
        return "FAKE: CUDNN_STATUS_BAD_PARAM";
    case CUDNN_STATUS_NOT_SUPPORTED:
        return "FAKE: CUDNN_STATUS_NOT_SUPPORTED";
    case CUDNN_STATUS_INTERNAL_ERROR:
        return "FAKE: CUDNN_STATUS_INTERNAL_ERROR";
    case CUDNN_STATUS_EXECUTION_FAILED:
        return "FAKE: CUDNN_STATUS_EXECUTION_FAILED";
    case CUDNN_STATUS_EXECUTION_FAILED_CUDART:
        return "FAKE: CUDNN_STATUS_EXECUTION_FAILED_CUDART";
    }
    return "FAKE: CUDNN_UNKNOWN_STATUS";
}

/* ---- handles and descriptors ---- */

static cudnnStatus_t create(enum thing_kind kind, void *pointer, size_t size)
{
    fake_enter(CALL_QUERY);
    if (!pointer)
        return dnn_leave(CUDNN_STATUS_BAD_PARAM);
    void *thing = thing_new(kind, size);
    memcpy(pointer, &thing, sizeof(thing));
    return dnn_leave(CUDNN_STATUS_SUCCESS);
}

static cudnnStatus_t destroy(enum thing_kind kind, void *thing)
{
    fake_enter(CALL_QUERY);
    if (!thing_is(kind, thing))
        return dnn_leave(CUDNN_STATUS_BAD_PARAM);
    thing_free(thing);
    return dnn_leave(CUDNN_STATUS_SUCCESS);
}

cudnnStatus_t cudnnCreate(cudnnHandle_t *handle)
{
    cudaError_t error = fake_enter(CALL_UNSAFE);
    cudnnStatus_t status = error || !fake_settings.cudnn
                               ? CUDNN_STATUS_NOT_INITIALIZED
                               : create(THING_HANDLE, handle, sizeof(**handle));
    return dnn_leave(status);
}

/* The wait is for the device; what it comes to is not told. */
cudnnStatus_t cudnnDestroy(cudnnHandle_t handle)
{
    if (!fake_enter(CALL_WHOLE))
        stream_finish(NULL);
    return dnn_leave(destroy(THING_HANDLE, handle));
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream)
{
    fake_enter(CALL_QUERY);
    if (!thing_is(THING_HANDLE, handle) || !thing_is(THING_STREAM, stream))
        return dnn_leave(CUDNN_STATUS_BAD_PARAM);
    handle->stream = stream;
    return dnn_leave(CUDNN_STATUS_SUCCESS);
}

cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t *tensor)
{
    return create(THING_TENSOR, tensor, sizeof(**tensor));
}

cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t tensor)
{
    return destroy(THING_TENSOR, tensor);
}

cudnnStatus_t cudnnCreateFilterDescriptor(cudnnFilterDescriptor_t *filter)
{
    return create(THING_FILTER, filter, sizeof(**filter));
}

cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnFilterDescriptor_t filter)
{
    return destroy(THING_FILTER, filter);
}

cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnConvolutionDescriptor_t *convolution)
{
    return create(THING_CONVOLUTION, convolution, sizeof(**convolution));
}

cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnConvolutionDescriptor_t convolution)
{
    return destroy(THING_CONVOLUTION, convolution);
}

static bool is_type(cudnnDataType_t type)
{
    return type == CUDNN_DATA_FLOAT || type == CUDNN_DATA_BFLOAT16;
}

cudnnStatus_t cudnnSetTensor4dDescriptorEx(cudnnTensorDescriptor_t tensor, cudnnDataType_t type,
                                           int n, int c, int h, int w, int n_stride, int c_stride,
                                           int h_stride, int w_stride)
{
    fake_enter(CALL_QUERY);
    if (!thing_is(THING_TENSOR, tensor) || !is_type(type) || n < 1 || c < 1 || h < 1 || w < 1)
        return dnn_leave(CUDNN_STATUS_BAD_PARAM);
    *tensor =
        (struct cudnnTensorStruct){type, n, c, h, w, {n_stride, c_stride, h_stride, w_stride}};
    return dnn_leave(CUDNN_STATUS_SUCCESS);
}

cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t filter, cudnnDataType_t type,
                                         cudnnTensorFormat_t format, int k, int c, int h, int w)
{
    fake_enter(CALL_QUERY);
    if (!thing_is(THING_FILTER, filter) || !is_type(type) || k < 1 || c < 1 || h < 1 || w < 1)
        return dnn_leave(CUDNN_STATUS_BAD_PARAM);
    if (format != CUDNN_TENSOR_NHWC) /* the only one that is used */
        return dnn_leave(CUDNN_STATUS_NOT_SUPPORTED);
    *filter = (struct cudnnFilterStruct){type, k, c, h, w};
    return dnn_leave(CUDNN_STATUS_SUCCESS);
}

cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t convolution, int pad_h,
                                              int pad_w, int stride_h, int stride_w, int dilation_h,
                                              int dilation_w, cudnnConvolutionMode_t mode,
                                              cudnnDataType_t compute)
{
    fake_enter(CALL_QUERY);
    if (!thing_is(THING_CONVOLUTION, convolution) || pad_h < 0 || pad_w < 0 || stride_h < 1 ||
        stride_w < 1 || dilation_h < 1 || dilation_w < 1)
        return dnn_leave(CUDNN_STATUS_BAD_PARAM);
    if (mode != CUDNN_CROSS_CORRELATION || compute != CUDNN_DATA_FLOAT)
        return dnn_leave(CUDNN_STATUS_NOT_SUPPORTED);
    *convolution = (struct cudnnConvolutionStruct){
        {pad_h, pad_w}, {stride_h, stride_w}, {dilation_h, dilation_w}, CUDNN_DEFAULT_MATH};
    return dnn_leave(CUDNN_STATUS_SUCCESS);
}

cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t convolution,
                                          cudnnMathType_t math)
{
    fake_enter(CALL_QUERY);
    if (!thing_is(THING_CONVOLUTION, convolution) || math < CUDNN_DEFAULT_MATH ||
        math > CUDNN_FMA_MATH)
        return dnn_leave(CUDNN_STATUS_BAD_PARAM);
    convolution->math = math;
    return dnn_leave(CUDNN_STATUS_SUCCESS);
}
