/* The batch norms of a plan on the device: what kernels need of each, and the running statistics in
 * and out. */
#ifndef TRAIN_CUDA_NORMS_H
#define TRAIN_CUDA_NORMS_H

#include "train/cuda/parameters.h"

struct norms {
    const struct plan *plan;
    struct kernel_norm *norms; /* of the net's; those that do not live are all zero */
    float *running;            /* (running_size) on the device: means and variances of all */
    size_t running_size;
    ptrdiff_t *source; /* (running_size) as plan/order.h says */
    float *stats;      /* as they came, in the net's order: those of dead norms stay */
};

bool norms_open(struct norms *norms, const struct parameters *parameters, struct device *device,
                struct err *err) MUST_CHECK;
void norms_close(struct norms *norms); /* what lies on the device is the device's */

/* Running statistics, in the net's order. */
bool norms_import(struct norms *norms, struct device *device, const float *stats,
                  struct err *err) MUST_CHECK;
bool norms_export(const struct norms *norms, struct device *device, float *stats,
                  struct err *err) MUST_CHECK;

/* For evaluation: scale and shift from the running statistics. */
bool norms_use_running(const struct norms *norms, struct device *device,
                       struct err *err) MUST_CHECK;

#endif
