/* The backend that others are tested against: every operator in plain loops, in double.
 *
 * Tensors are (N, C, H, W), row-major, N the images of the batch. Before an operator runs, forward
 * or backward, its input lies in reference->input as it reads it, after ReLU. forward() writes its
 * output; backward() adds to the gradients of its parameters and to input_gradient, which then goes
 * through ReLU to the tensor; sums and concatenations see to their terms themselves. */
#ifndef TRAIN_REFERENCE_REFERENCE_H
#define TRAIN_REFERENCE_REFERENCE_H

#include "train/backend.h"

struct reference {
    struct backend base;
    size_t room;                          /* images that there is room for */
    size_t N;                             /* of the last batch */
    double *params, *momentum, *gradient; /* (param_size) */
    double *stats;                        /* (stat_size) */
    double **values, **gradients;         /* of each tensor (room, C, H, W) */
    double *input, *input_gradient;       /* as large as the largest tensor */
    double *norm_mean, *norm_scale;       /* mean and 1 / sqrt(variance + eps) of the channels of
                                             every batch norm, those of norm i from its stat / 2 */
    bool training;           /* batch norm by this batch's statistics; paths are dropped */
    const float *drop_scale; /* (drop_count, N); NULL: nothing is dropped */
    struct outcome outcome;  /* of the last pass */
};

/* Both run live operators only: what is dead keeps its running statistics. */
typedef void reference_function(struct reference *reference, const struct net_op *op);
reference_function reference_conv, reference_conv_back;
reference_function reference_max_pool, reference_max_pool_back;
reference_function reference_average_pool, reference_average_pool_back;
reference_function reference_subsample, reference_subsample_back;
reference_function reference_sum, reference_sum_back;
reference_function reference_concat, reference_concat_back;
reference_function reference_mean, reference_mean_back;
reference_function reference_linear, reference_linear_back;

/* Softmax cross entropy of a logits tensor: the mean over the batch. Its gradient, times weight, is
 * written to the tensor's. */
double reference_loss(struct reference *reference, int logits, const uint16_t *labels,
                      double label_smoothing, double weight);
/* Images whose largest logit is their label's. */
size_t reference_correct(const struct reference *reference, const uint16_t *labels);

/* Values of one tensor for the whole batch. */
size_t reference_size(const struct reference *reference, int tensor);

#endif
