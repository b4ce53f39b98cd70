/* All that training changes as flat vectors on the device, in this backend's own order: weights of
 * convolutions first, (outputs, k, k, inputs) with channels filled up to whole blocks, then what
 * batch norms and the head have. What fills up is zero and stays so, since its gradient is. */
#ifndef TRAIN_CUDA_PARAMETERS_H
#define TRAIN_CUDA_PARAMETERS_H

#include "train/backend.h"
#include "train/cuda/device.h"

enum { PARAMETERS_NONE = -1 };

struct parameters {
    const struct plan *plan;
    size_t size;
    size_t conv_size;        /* of which are convolutions' weights, */
    size_t dense_size;       /* and of those the ones that cuDNN works with */
    ptrdiff_t *source;       /* (size) place in the net's order; PARAMETERS_NONE: fills up */
    ptrdiff_t *conv;         /* of each of the plan's convolutions: offset of its weights */
    ptrdiff_t *gamma, *beta; /* of each of the net's norms; PARAMETERS_NONE where not affine */
    ptrdiff_t *linear;       /* of each operator: (classes, channels), then (classes) */
    float *values, *momentum, *gradient; /* (size) on the device */
    void *rounded, *rounded_gradient;    /* (conv_size), (dense_size) bfloat16; NULL in float */
    float *mask; /* (dense_size) 1, and 0 between the groups of a convolution; NULL: no groups */
    double *squares; /* (PARAMETERS_PARTS) */
};

enum { PARAMETERS_PARTS = 256 };

bool parameters_open(struct parameters *parameters, const struct plan *plan, enum value_type type,
                     struct device *device, struct err *err) MUST_CHECK;
void parameters_close(struct parameters *parameters); /* what lies on the device is the device's */

/* Between a vector of the net's order and one of those on the device. */
bool parameters_import(const struct parameters *parameters, struct device *device,
                       const float *net_order, float *own, struct err *err) MUST_CHECK;
bool parameters_export(const struct parameters *parameters, struct device *device, const float *own,
                       float *net_order, struct err *err) MUST_CHECK;

/* values have come from outside: what convolutions read follows. */
bool parameters_round(const struct parameters *parameters, struct device *device,
                      struct err *err) MUST_CHECK;

/* The end of a step: the gradient whole, its norm and clipping into *result, and the update. */
bool parameters_update(const struct parameters *parameters, struct device *device,
                       const struct kernel_step *step, struct kernel_result *result,
                       struct err *err) MUST_CHECK;

/* For cuDNN or a kernel: weights of one of the plan's convolutions, and where their gradient goes.
 */
const void *parameters_weights(const struct parameters *parameters, int conv);
void *parameters_weights_gradient(const struct parameters *parameters, int conv);

/* (blocks * 8): channels of a tensor, filled up. */
size_t parameters_channels(const struct plan *plan, int tensor);

#endif
