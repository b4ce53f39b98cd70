/* What cuDNN's objects are here, and convolutions of NHWC tensors on the CPU as it defines them. */
#ifndef TESTS_TRAIN_FAKE_CONVOLVE_H
#define TESTS_TRAIN_FAKE_CONVOLVE_H

#include <cudnn.h>

struct cudnnContext {
    cudaStream_t stream;
};

struct cudnnTensorStruct {
    cudnnDataType_t type;
    int N, C, H, W;
    int stride[4]; /* of each of them, values; of channels 1 */
};

struct cudnnFilterStruct { /* (K, R, S, C), one behind the other */
    cudnnDataType_t type;
    int K, C, R, S;
};

struct cudnnConvolutionStruct {
    int pad[2], stride[2], dilation[2]; /* of rows, of columns */
    cudnnMathType_t math;
};

enum direction { FORWARD, BACKWARD_DATA, BACKWARD_FILTER };

/* y = x * w; of the three one is written, and its gradient is meant by BACKWARD_DATA (x) and
 * BACKWARD_FILTER (w), whose other two are read: written = alpha * sum + beta * written. */
struct convolve {
    enum direction direction;
    struct cudnnTensorStruct x_desc, y_desc;
    struct cudnnFilterStruct w_desc;
    struct cudnnConvolutionStruct convolution;
    void *x, *w, *y;
    void *workspace;
    size_t workspace_size;
    float alpha, beta;
};

/* Sums in double. Factors of float are rounded to TF32 first unless CUDNN_FMA_MATH is asked for. */
void convolve(const struct convolve *c);

/* Ends a call of cuDNN: lets go of the device's lock. Returns the status. */
cudnnStatus_t dnn_leave(cudnnStatus_t status);

#endif
