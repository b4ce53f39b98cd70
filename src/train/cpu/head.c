#include "train/cpu/head.h"

#include <math.h>
#include <string.h>

void head_linear(const float *weight, size_t classes, size_t lanes, const float *from, float *to)
{
    for (size_t i = 0; i < classes; i++) {
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t c = 0; c < lanes; c++)
            sum += weight[i * lanes + c] * from[c];
        to[i] = sum + weight[classes * lanes + i];
    }
}

void head_linear_back(const float *weight, size_t classes, size_t lanes, const float *to_gradient,
                      float *from_gradient)
{
    memset(from_gradient, 0, lanes * sizeof(*from_gradient));
    for (size_t i = 0; i < classes; i++)
#pragma omp simd
        for (size_t c = 0; c < lanes; c++)
            from_gradient[c] += weight[i * lanes + c] * to_gradient[i];
}

void head_linear_weights(size_t classes, size_t lanes, const float *from, const float *to_gradient,
                         float *weight_gradient)
{
    for (size_t i = 0; i < classes; i++) {
#pragma omp simd
        for (size_t c = 0; c < lanes; c++)
            weight_gradient[i * lanes + c] += to_gradient[i] * from[c];
        weight_gradient[classes * lanes + i] += to_gradient[i];
    }
}

size_t head_largest(const float *logits, size_t classes)
{
    size_t best = 0;
    for (size_t i = 1; i < classes; i++)
        if (logits[i] > logits[best])
            best = i;
    return best;
}

/* -sum q log p with q = smoothing / classes, and 1 - smoothing more for the label. */
double head_loss(const struct head_loss *loss, const float *logits, float *gradient)
{
    double largest = (double)logits[head_largest(logits, loss->classes)], sum = 0, total = 0;
    double even = loss->smoothing / (double)loss->classes,
           scale = loss->weight / (double)loss->images;
    for (size_t i = 0; i < loss->classes; i++)
        sum += exp((double)logits[i] - largest);
    for (size_t i = 0; i < loss->classes; i++) {
        double log_p = (double)logits[i] - largest - log(sum);
        double q = even + (i == loss->label ? 1 - loss->smoothing : 0);
        total -= q > 0 ? q * log_p : 0;
        gradient[i] = (float)((exp(log_p) - q) * scale);
    }
    return loss->weight * total;
}
