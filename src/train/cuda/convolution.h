/* Convolutions of all channels with all, by cuDNN: the one place that knows it. Its calls of the
 * years before its graphs are used; they are the same in cuDNN 8 and 9. */
#ifndef TRAIN_CUDA_CONVOLUTION_H
#define TRAIN_CUDA_CONVOLUTION_H

#include "train/backend.h"
#include "train/cuda/device.h"

enum direction { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS, DIRECTIONS };

/* A tensor that a convolution reads or writes. */
struct convolution_side {
    struct tensor tensor;
    int channels, H, W;
};

/* Which algorithm, for one number of images. */
struct convolution_choice {
    int algorithm;
    cudnnMathType_t math;
    bool made;
};

struct convolutions {
    struct device *device;
    enum value_type type;
    cudnnMathType_t math; /* the most that the precision allows */
    bool deterministic;
    cudnnTensorDescriptor_t input, output; /* set anew for each call */
    cudnnFilterDescriptor_t filter;
    cudnnConvolutionDescriptor_t how;
    void *workspace;
    size_t workspace_bytes;
};

/* One call. */
struct convolution_call {
    enum direction direction;
    const struct plan_conv *conv;
    struct convolution_side input, output; /* or their gradients: of input for BACKWARD_DATA, of
                                              output for both backward ones */
    void *weights;                         /* or their gradient, for BACKWARD_WEIGHTS */
    int images;
};

bool convolutions_open(struct convolutions *convolutions, struct device *device,
                       enum precision precision, bool deterministic, struct err *err) MUST_CHECK;
void convolutions_close(struct convolutions *convolutions);

/* Chooses an algorithm: the fastest of those measured on this very call, which it does several
 * times; or, where it is to be deterministic, the likely fastest of those that are. One that wants
 * much workspace is taken where no other runs. */
bool convolutions_choose(struct convolutions *convolutions, const struct convolution_call *call,
                         struct convolution_choice *choice, struct err *err) MUST_CHECK;

/* Overwrites what it makes. */
bool convolutions_run(struct convolutions *convolutions, const struct convolution_call *call,
                      const struct convolution_choice *choice, struct err *err) MUST_CHECK;

#endif
