/* Does the steps of a plan for the images of one batch. */
#ifndef TRAIN_CPU_EXECUTION_H
#define TRAIN_CPU_EXECUTION_H

#include "train/backend.h"
#include "train/cpu/convolution.h"
#include "train/cpu/norms.h"
#include "train/cpu/parameters.h"
#include "train/plan/plan.h"

/* What one thread has for itself. */
struct worker {
    void *local; /* plan->thread_size values: one image of the buffers that live within a phase */
    float *scratch;  /* of oneDNN */
    float *partial;  /* gradients of the phase's convolutions, of the thread's images */
    float *head;     /* (2, widest) that the end of the network reads, or writes, as floats */
    double *seconds; /* spent so far on each of the plan's steps, where it is timed */
};

struct execution {
    const struct plan *plan;
    const struct kernels *kernels;
    struct onednn onednn;
    struct convolution **convolutions; /* of the plan's */
    struct parameters parameters;
    struct norms norms;
    size_t threads; /* that a batch's images are shared out to; sums are joined in their order */
    size_t team;    /* threads that there really are; no bit depends on how many */
    size_t batch_images;                          /* largest batch */
    struct worker *workers;                       /* (threads) */
    size_t *images;                               /* (threads) of this batch */
    void *memory;                                 /* (batch_images, plan->batch_size) values */
    size_t *partial_at;                           /* of each convolution in worker.partial */
    size_t partial_size, scratch_size, head_size; /* floats of each thread */
    double *losses; /* (batch_images) of the last batch; auxiliary loss included */
    bool *correct;  /* (batch_images) */
    bool timed;
    double timed_images; /* so far */
    double weights_s;    /* spent so far by one thread on making weights ready, */
    double joining_s;    /* and on joining what the threads have, where it is timed */
};

/* Borrows plan and kernels. False and *err when oneDNN gives no engine or the machine has not the
 * memory; execution_close() is then to be called, too. */
bool execution_open(struct execution *execution, const struct plan *plan,
                    const struct kernels *kernels, size_t threads, size_t batch_images,
                    struct err *err) MUST_CHECK;
void execution_close(struct execution *execution);
size_t execution_bytes(const struct execution *execution); /* planned, parameters too */

/* All steps, or with step NULL those of evaluation. Leaves losses, correct and, in training, the
 * gradient. */
bool execution_run(struct execution *execution, const struct batch *batch, const struct step *step,
                   struct err *err) MUST_CHECK;

/* The share of one image of what must be held for the whole batch. */
void *execution_data(const struct execution *execution, const struct slice *slice, size_t image);

#endif
