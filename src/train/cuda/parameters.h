/* All that training changes as flat vectors on the device, in this backend's own order
 * (plan/order.h): weights of convolutions first, (outputs, k, k, inputs) with channels filled up to
 * whole blocks, then those of depthwise ones, (k, k, channels), then what batch norms and the head
 * have. */
#ifndef TRAIN_CUDA_PARAMETERS_H
#define TRAIN_CUDA_PARAMETERS_H

#include "train/backend.h"
#include "train/cuda/device.h"
#include "train/plan/order.h"

struct parameters {
    struct order order;
    size_t conv_size;  /* values that are convolutions' weights, */
    size_t dense_size; /* and of those the ones that cuDNN works with */
    ptrdiff_t *conv;   /* where the weights of each of the plan's convolutions begin */
    float *values, *momentum, *gradient; /* (order.size) on the device */
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

#endif
