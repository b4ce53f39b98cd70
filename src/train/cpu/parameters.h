/* All that training changes as flat vectors in this backend's own order (plan/order.h): weights of
 * convolutions first, each in the layout in which its way trains them. */
#ifndef TRAIN_CPU_PARAMETERS_H
#define TRAIN_CPU_PARAMETERS_H

#include "train/backend.h"
#include "train/cpu/convolution.h"
#include "train/plan/order.h"

struct parameters {
    struct order order;                  /* of all that is behind convolutions */
    struct convolution **convolutions;   /* of the plan's; borrowed */
    size_t *conv;                        /* where the weights of each of them begin */
    float *values, *momentum, *gradient; /* (order.size) */
    float **mask;    /* of each grouped convolution: 1, and 0 between groups; else NULL */
    double *squares; /* of parts of the gradient, so that their sum has one order */
};

/* Borrows plan and convolutions. All values are 0. */
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
