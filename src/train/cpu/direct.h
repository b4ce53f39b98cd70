/* The convolutions of kernels.h, for its tables. */
#ifndef TRAIN_CPU_DIRECT_H
#define TRAIN_CPU_DIRECT_H

#include "train/cpu/kernels.h"

/* Of both instruction sets under one name in the source. */
#define DIRECT_NAME(name, lanes) DIRECT_JOIN(name, lanes)
#define DIRECT_JOIN(name, lanes) name##_##lanes
#define direct_depthwise         DIRECT_NAME(direct_depthwise, LANES)
#define direct_depthwise_back    DIRECT_NAME(direct_depthwise_back, LANES)
#define direct_depthwise_weights DIRECT_NAME(direct_depthwise_weights, LANES)
#define direct_dense             DIRECT_NAME(direct_dense, LANES)
#define direct_dense_back        DIRECT_NAME(direct_dense_back, LANES)
#define direct_dense_weights     DIRECT_NAME(direct_dense_weights, LANES)

void direct_depthwise(float *to, const float *from, const float *weight,
                      const struct kernel_window *window);
void direct_depthwise_back(float *from_gradient, const float *to_gradient, const float *weight,
                           const struct kernel_window *window);
void direct_depthwise_weights(float *weight_gradient, const float *from, const float *to_gradient,
                              const struct kernel_window *window);
void direct_dense(float *to, const float *from, const float *weight,
                  const struct kernel_window *window);
void direct_dense_back(float *from_gradient, const float *to_gradient, const float *weight,
                       const struct kernel_window *window);
void direct_dense_weights(float *weight_gradient, const float *from, const float *to_gradient,
                          const struct kernel_window *window);

#endif
