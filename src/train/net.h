/* A network as a list of operators with shapes: all that a backend needs to train it, and all that
 * it takes to count its parameters and multiply-adds. No arithmetic and no batch size in here.
 *
 * The networks of all our spaces are pre-activation (ReLU, convolution, batch norm, then a sum), so
 * three things are parts of an operator rather than operators of their own: ReLU is how an operator
 * reads its input, batch norm and drop path are how a sum reads a term. A backend can so fuse what
 * lies between convolutions without looking for it: a node of a cell is one NET_SUM, whatever edges
 * enter it.
 *
 * Operators stand in the order of a forward pass. Parameters stand in the order of upstream's
 * PyTorch modules, so that one flat vector is the same network here and there.
 *
 * To add a kind of operator: (1) name it in enum net_kind, with its function to add one; a weight
 * and a bias are counted by themselves, (2) write it for reference/, with its row in operators[],
 * (3) name its steps in plan/plan.h; in plan/plan.c, too, where each channel of its output lies as
 * in its input, and in planbackward.c, where its gradient needs its input, (4) write them for cpu/
 * and cuda/, in steps.c and the kernels there, (5) give it a small net in tests/train/nets.c, which
 * each backend runs. The compiler names every switch that it is not in yet. */
#ifndef TRAIN_NET_H
#define TRAIN_NET_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct shape {
    int C, H, W;
};

static inline size_t shape_size(struct shape shape) /* values of one image */
{
    return (size_t)shape.C * (size_t)shape.H * (size_t)shape.W;
}

enum net_kind {
    NET_CONV,      /* output = convolution of input, no bias; weight (out, in / groups, k, k) */
    NET_MAX_POOL,  /* padding never wins */
    NET_AVG_POOL,  /* padding is left out of the count */
    NET_SUBSAMPLE, /* output[y, x] = input[2 y + offset, 2 x + offset]; H and W are even */
    NET_SUM,       /* output = sum of its terms; no term at all: zeros */
    NET_CONCAT,    /* output = its terms' tensors one after the other, by channels */
    NET_MEAN,      /* global average pool: (C, 1, 1) */
    NET_LINEAR     /* output (classes, 1, 1) = weight (classes, C) input + bias */
};

/* One summand of NET_SUM: a tensor, through batch norm and drop path where it says so. Those of
 * NET_CONCAT have neither. */
struct net_term {
    int tensor;
    int norm; /* index of the batch norm that it goes through; -1: none */
    int drop; /* index among the net's drop paths; -1: never dropped */
};

struct net_op {
    enum net_kind kind;
    int input;  /* tensor; -1 for NET_SUM and NET_CONCAT, whose inputs are their terms */
    bool relu;  /* the input is read through ReLU */
    int output; /* tensor; each is the output of one operator, tensor 0 (the images) of none */
    int kernel, stride, padding, dilation, groups; /* NET_CONV; the first three: the pools too */
    int offset;                                    /* NET_SUBSAMPLE: 0 or 1 */
    int first_term, term_count;                    /* in net.terms */
    int weight, bias;                              /* in net.params; -1: none */
    bool live; /* some path leads on to logits; what is dead has gradient 0, and need not run */
    bool auxiliary; /* part of the auxiliary head alone: evaluation leaves it out */
};

#define NET_NORM_EPS      1e-5 /* PyTorch's defaults */
#define NET_NORM_MOMENTUM 0.1  /* of running statistics: the share of the newest */

/* Batch norm over (N, H, W) of one tensor; running statistics are of the unbiased variance, as in
 * PyTorch. */
struct net_norm {
    int tensor, channels;
    int gamma, beta; /* in net.params; -1: not affine */
    size_t stat;     /* offset of its running means, then variances, in struct net_state.stats */
    bool live;       /* the sum that reads through it is */
};

enum net_init {
    NET_UNIFORM, /* uniform in +-1 / sqrt(fan_in): PyTorch's default of convolution and linear */
    NET_ONES,
    NET_ZEROS
};

struct net_param {
    char *name;   /* upstream's, "cells.0.layers.1.op.1.weight"; the net's own memory */
    int shape[4]; /* OIHW; unused places are 1 */
    size_t offset, count;
    enum net_init init;
    int fan_in;
};

struct net {
    struct shape *tensors;
    struct net_op *ops;
    struct net_term *terms;
    struct net_norm *norms;
    struct net_param *params;
    size_t tensor_count, op_count, term_count, norm_count, param_count;
    size_t tensor_room, op_room, term_room, norm_room, param_room; /* allocated */
    size_t drop_count; /* terms that drop path may zero */
    size_t param_size; /* values of all parameters: the sum of their counts */
    size_t stat_size;  /* values of all running statistics */
    int classes;
    int logits;           /* tensor (classes, 1, 1) */
    int auxiliary_logits; /* the auxiliary head's; -1: none */
};

/* What training changes: float vectors in the net's order, owned by whoever allocates them. */
struct net_state {
    float *params;   /* (param_size) */
    float *momentum; /* (param_size) of SGD */
    float *stats;    /* (stat_size) means start at 0, variances at 1 */
};

/* ---- building; each net_add_* returns the tensor that it makes. Names are of modules, as upstream
 * has them and copied: ".weight" and ".bias" are added here. Shapes that do not fit are the
 * builder's mistake, and asserted about. ---- */

struct net *net_new(struct shape image, int classes);
void net_free(struct net *net); /* NULL is allowed */

/* A module's name, for one call: net_name("cells.%d.conv_a", i).text */
struct net_name {
    char text[96];
};
struct net_name net_name(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct net_conv {
    int channels, kernel, stride, padding; /* channels: of the output; stride 0 means 1 */
    int dilation, groups;                  /* 0 means 1 */
    bool relu;
};
int net_add_conv(struct net *net, int input, struct net_conv conv, const char *name);
int net_add_pool(struct net *net, enum net_kind kind, int input, bool relu, int kernel, int stride,
                 int padding);
int net_add_subsample(struct net *net, int input, bool relu, int offset);
int net_add_sum(struct net *net, struct shape shape, const struct net_term *terms, int count);
int net_add_alone(struct net *net, struct net_term term); /* a sum of it alone */
int net_add_concat(struct net *net, const int *tensors, int count);
int net_add_mean(struct net *net, int input, bool relu);
int net_add_linear(struct net *net, int input, int outputs, const char *name);

/* Terms. net_normed() makes the batch norm's parameters, so call it where upstream's module list
 * has them. */
struct net_term net_plain(int tensor);
struct net_term net_normed(struct net *net, int tensor, bool affine, const char *name);
struct net_term net_dropped(struct net *net, struct net_term term); /* drop path may zero it */

/* After the last operator: names the logits and marks what is live. auxiliary: -1 where none. */
void net_finish(struct net *net, int logits, int auxiliary);

/* ---- counting ---- */

/* Parameters without those of the auxiliary head, as papers count them, and with them. */
size_t net_param_total(const struct net *net, bool with_auxiliary);
/* Multiply-adds of one image in a forward pass, without the auxiliary head: convolutions and linear
 * layers (with bias), as NAS-Bench-201 counts "FLOPs". Dead operators are counted, as they are
 * there. */
double net_multiply_adds(const struct net *net);

/* ---- state ---- */

struct net_state net_state_new(const struct net *net); /* zeros; variances 1 */
void net_state_free(struct net_state *state);
struct rng;
/* Parameters as PyTorch's layers begin: each by a stream of its own, named as it is. */
void net_initialise(const struct net *net, struct net_state *state, const struct rng *rng);

/* A table for people, a line for each operator: kind, shape, parameters (of a sum: those of its
 * batch norms), multiply-adds, the name of its weight; last the sums. */
void net_describe(const struct net *net, struct str *out);

#endif
