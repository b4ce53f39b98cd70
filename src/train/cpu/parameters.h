/* All that training changes as flat vectors in this backend's own order: weights of convolutions as
 * oneDNN wants them, everything by channel filled up to whole blocks. What fills up is zero and
 * stays so, since its gradient is. */
#ifndef TRAIN_CPU_PARAMETERS_H
#define TRAIN_CPU_PARAMETERS_H

#include "train/backend.h"
#include "train/cpu/convolution.h"
#include "train/plan/plan.h"

enum { PARAMETERS_NONE = -1 };

struct parameters {
    const struct plan *plan;
    struct convolution **convolutions; /* of the plan's; borrowed */
    size_t size;
    float *values, *momentum, *gradient; /* (size) */
    ptrdiff_t *conv;         /* of each of the plan's convolutions: offset of its weights */
    ptrdiff_t *gamma, *beta; /* of each of the net's norms; PARAMETERS_NONE where not affine */
    ptrdiff_t *linear;       /* of each operator: (classes, blocks * lanes), then (classes) */
    ptrdiff_t *dead;         /* of each of the net's parameters that no live operator has */
    float **mask;            /* of each grouped convolution: 1, and 0 between groups; else NULL */
    double *squares;         /* of parts of the gradient, so that their sum has one order */
};

void parameters_open(struct parameters *parameters, const struct plan *plan,
                     struct convolution **convolutions);
void parameters_close(struct parameters *parameters);

/* Between a vector of the net's order and one of those above. */
void parameters_import(const struct parameters *parameters, const float *net_order, float *own);
void parameters_export(const struct parameters *parameters, const float *own, float *net_order);

/* Zeros between the groups of a convolution, once its gradient is there. */
void parameters_mask_gradient(const struct parameters *parameters, int conv);

double parameters_gradient_norm(struct parameters *parameters);
void parameters_update(struct parameters *parameters, const struct step *step, double norm);

#endif
