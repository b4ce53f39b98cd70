/* Figures of a network computed elsewhere, by PyTorch: what one cell group of a file such as
 * torch-light.h5 holds. Arrays are as the file has them, floats widened. */
#ifndef TESTS_TRAIN_FIGURES_H
#define TESTS_TRAIN_FIGURES_H

#include "train/net.h"

#include <stdbool.h>

struct column {
    double *values;
    size_t count;
};

/* The same quantity as PyTorch has it in double, and in float. */
struct pair {
    struct column exact, single;
};

struct figures {
    char *cell; /* name of the group */
    char *arch;
    int cells; /* N */
    struct column weights;
    struct pair logits, eval_logits, fast_loss, slow_loss; /* at learning rates 0.1 and 0.01 */
    struct column stats;                                   /* running, after one step */
    struct column offset, numel, grad_norm, grad_first, grad_signsum, weight_signsum; /* tensors */
    char *names; /* of the tensors: (count, 64) bytes */
    double tol_logits, tol_grad, tol_loss, tol_eval_logits;
};

struct figures_file {
    float *pixels; /* (count, 3, 32, 32), as the network reads them */
    uint16_t *labels;
    size_t count;
    struct figures *cells;
    size_t cell_count;
};

/* Stops the program with a sentence when the file is not of that form. */
struct figures_file figures_read(const char *path);
void figures_free(struct figures_file *file);

#endif
