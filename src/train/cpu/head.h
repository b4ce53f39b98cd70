/* The end of a network, for one image: linear layer and loss. Small, so in plain code. */
#ifndef TRAIN_CPU_HEAD_H
#define TRAIN_CPU_HEAD_H

#include <stddef.h>

/* weight: (classes, lanes), then bias (classes); from and its gradient: (lanes), to: (classes). */
void head_linear(const float *weight, size_t classes, size_t lanes, const float *from, float *to);
void head_linear_back(const float *weight, size_t classes, size_t lanes, const float *to_gradient,
                      float *from_gradient);
/* Adds the image's part of the gradient of weight and bias. */
void head_linear_weights(size_t classes, size_t lanes, const float *from, const float *to_gradient,
                         float *weight_gradient);

struct head_loss {
    size_t classes, label;
    double smoothing, weight;
    size_t images; /* of the batch: the loss is their mean */
};

/* weight * cross entropy of the image (not divided by images), and the gradient of the logits of
 * the batch's mean. */
double head_loss(const struct head_loss *loss, const float *logits, float *gradient);
size_t head_largest(const float *logits, size_t classes); /* the first of equals */

#endif
