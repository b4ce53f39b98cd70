/* The batch norms of a plan: statistics of the batch from those of its images, and what the sums
 * between convolutions are then scaled by. Threads gather for their own images; when the phase has
 * ended one thread joins them, in the threads' order. */
#ifndef TRAIN_CPU_NORMS_H
#define TRAIN_CPU_NORMS_H

#include "train/cpu/kernels.h"
#include "train/cpu/parameters.h"
#include "train/plan/plan.h"

struct norm {
    size_t lanes; /* channels, filled up */
    size_t pixels;
    double *first, *second;     /* (threads, lanes): mean and squares, or sum and product */
    float *mean, *inverse;      /* of the batch; inverse: 1 / sqrt(variance + eps) */
    float *running;             /* (2, lanes) mean and variance; norms' memory */
    float *scale[3], *shift[3]; /* by enum coefficient - 1 */
    ptrdiff_t gamma, beta;      /* in the parameters */
};

struct norms {
    const struct plan *plan;
    struct parameters *parameters;
    struct norm *norms; /* of the net's; those that do not live are all zero */
    float *running;     /* (running_size) means and variances of all */
    size_t running_size;
    ptrdiff_t *source; /* (running_size) as plan/order.h says */
    float *stats;      /* as they came, in the net's order: those of dead norms stay */
    size_t threads;
    float *room; /* (threads, 2, room_lanes) of one image */
    size_t room_lanes;
};

/* Borrows plan and parameters, whose gamma and beta it reads and whose gradients it writes. */
void norms_open(struct norms *norms, const struct plan *plan, struct parameters *parameters,
                size_t threads);
void norms_close(struct norms *norms);
void norms_import(struct norms *norms, const float *stats); /* running statistics, net's order */
void norms_export(const struct norms *norms, float *stats);

/* One image; seen: how many the thread has had before. */
void norms_gather_moments(struct norms *norms, const struct kernels *kernels, int norm,
                          size_t thread, size_t seen, const void *data);
void norms_gather_products(struct norms *norms, const struct kernels *kernels, int norm,
                           size_t thread, size_t seen, float factor, const void *gradient,
                           const void *data);

/* images (threads): how many each had. Updates the running statistics, too; writes the gradients
 * of gamma and beta. */
void norms_finish_moments(struct norms *norms, int norm, const size_t *images);
void norms_finish_products(struct norms *norms, int norm, const size_t *images);
void norms_use_running(struct norms *norms); /* for evaluation */

#endif
