/* The convolutions of kernels.h, for its tables. */
#ifndef TRAIN_CPU_DIRECT_H
#define TRAIN_CPU_DIRECT_H

#include "train/cpu/kernels.h"

/* Of each table under one name in the source. */
#define DIRECT_NAME(name, table) DIRECT_JOIN(name, table)
#define DIRECT_JOIN(name, table) name##_of_##table
#define direct_depthwise         DIRECT_NAME(direct_depthwise, KERNELS)
#define direct_depthwise_back    DIRECT_NAME(direct_depthwise_back, KERNELS)
#define direct_depthwise_weights DIRECT_NAME(direct_depthwise_weights, KERNELS)
#define direct_dense             DIRECT_NAME(direct_dense, KERNELS)
#define direct_dense_back        DIRECT_NAME(direct_dense_back, KERNELS)
#define direct_dense_weights     DIRECT_NAME(direct_dense_weights, KERNELS)

void direct_depthwise(void *to, const void *from, const float *weight,
                      const struct kernel_window *window);
void direct_depthwise_back(void *from_gradient, const void *to_gradient, const float *weight,
                           const struct kernel_window *window);
void direct_depthwise_weights(float *weight_gradient, const void *from, const void *to_gradient,
                              const struct kernel_window *window);
void direct_dense(void *to, const void *from, const float *weight,
                  const struct kernel_window *window);
void direct_dense_back(void *from_gradient, const void *to_gradient, const float *weight,
                       const struct kernel_window *window);
void direct_dense_weights(float *weight_gradient, const void *from, const void *to_gradient,
                          const struct kernel_window *window);

#endif
