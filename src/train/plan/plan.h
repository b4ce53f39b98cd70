/* A network's training step as a list of small pieces of work, made once, for backends that do not
 * take the operators one by one. A piece is done for one image by a processor's thread, and for all
 * images of the batch at once by a GPU.
 *
 * By image: between batch norms nothing of one image depends on another, so a thread takes one
 * image through many pieces while its tensors are still in the cache; such a run of pieces is a
 * phase. Where a batch norm needs the statistics of the whole batch, a phase ends. A tensor that
 * only lives within one phase is never held for the whole batch: each thread has room for one image
 * of it. By batch, phases mean nothing: every tensor is held whole, and lives from its first step
 * to its last.
 *
 * What is fused: convolutions that read the same tensor in the same way are one convolution with
 * all their outputs; a node of a cell is one sum, batch norms, drop path and ReLU included; the
 * gradient of a node is one sum over all who read it, and a batch norm's backward pass two of its
 * summands. */
#ifndef TRAIN_PLAN_PLAN_H
#define TRAIN_PLAN_PLAN_H

#include "train/net.h"

enum { PLAN_OPERANDS = 8, PLAN_TARGETS = 2 }; /* of one step, at most */

/* Whole blocks of channels of a buffer: each image's share of a buffer is (its blocks, H * W,
 * lanes), or, where a backend likes it better, (H * W, its blocks, lanes), as offset / (H * W *
 * lanes) is the first block. The last block of a tensor is filled up with zeros, and they stay
 * zeros. */
struct slice {
    int buffer;    /* in plan.buffers; -1: none */
    size_t offset; /* values from the start of the image's share */
    int blocks, H, W;
};

struct plan_buffer {
    int blocks;        /* of all that it holds */
    size_t image_size; /* values of one image, rounded up */
    bool batch;        /* held for each image of the batch; else for one image of each thread */
    int first, last;   /* steps that use it; first -1: none does */
    int alias;         /* lies in this buffer's place; -1: in its own */
    size_t place;      /* in the memory of the batch or of a thread, values */
};

/* How an operand enters a sum: which two numbers for each channel it is scaled and shifted by. */
enum coefficient {
    AS_IS,
    NORMALISED,    /* batch norm's forward pass */
    SUM_GRADIENT,  /* its backward pass: the gradient of the sum that it is a term of, */
    INPUT_GRADIENT /* and its input, each for its part */
};

struct plan_operand {
    struct slice slice;
    enum coefficient coefficient;
    int norm; /* in net.norms */
    int drop; /* of the net's drop paths; -1: none */
};

struct plan_target {
    struct slice slice;
    bool relu;
};

/* What each does with operands and targets: */
enum plan_kind {
    PLAN_IMAGES,       /* target = the image */
    PLAN_COMBINE,      /* targets = the sum of the operands, the first of which are masked */
    PLAN_MOMENTS,      /* statistics of the norm's input, operand 0 */
    PLAN_PRODUCTS,     /* sums of gradient 0, and of it times the norm's input, 1 */
    PLAN_CONV,         /* target = convolution of 0 */
    PLAN_CONV_DATA,    /* target = gradient of its input from that of its output, 0 */
    PLAN_CONV_WEIGHTS, /* input 0 and gradient of output 1 */
    PLAN_POOL,         /* target = pool of 0 */
    PLAN_POOL_BACK,    /* target = gradient of the input from that of the output, 0; input 1 */
    PLAN_SUBSAMPLE,
    PLAN_SUBSAMPLE_BACK,
    PLAN_MEAN,
    PLAN_MEAN_BACK,
    PLAN_LINEAR,
    PLAN_LINEAR_BACK, /* as PLAN_CONV_DATA; the weights' gradient is left to the phase's end */
    PLAN_MOVE,        /* count channels of 0 from channel from on to the target's, to on */
    PLAN_LOSS,        /* target = gradient of the logits, 0 */
    PLAN_KINDS
};

struct plan_step {
    enum plan_kind kind;
    int phase;
    int op;    /* in net.ops; -1: none */
    int index; /* of the convolution or the norm */
    bool auxiliary;
    int from, to, count; /* PLAN_MOVE */
    struct plan_operand operands[PLAN_OPERANDS];
    struct plan_target targets[PLAN_TARGETS];
    int masked_count, operand_count, target_count;
    struct slice mask;
};

/* One or several NET_CONV that are done as one. */
struct plan_conv {
    int input; /* tensor */
    bool relu, auxiliary;
    int kernel, stride, padding, dilation;
    bool depthwise; /* each channel by itself */
    bool grouped;   /* else in several groups: done as dense, with zeros between groups */
    int *ops;       /* members, in the order of their outputs */
    int op_count, op_room;
    int in_blocks, out_blocks, in_h, in_w, out_h, out_w;
};

/* Where the channels of a tensor lie: lane place[c] of all its blocks' lanes. */
struct plan_layout {
    int *place;
    int channels, blocks;
};

struct plan {
    const struct net *net;
    int lanes;     /* channels of a block */
    bool by_image; /* else by batch */
    struct plan_step *steps;
    struct plan_buffer *buffers;
    struct plan_conv *convs;
    struct plan_layout *layouts; /* of each of the net's tensors */
    int *phase_end;              /* first step after each phase */
    int step_count, step_room, buffer_count, buffer_room, conv_count, conv_room, phase_count;
    int forward_end; /* steps up to here are evaluation */
    struct slice logits;
    size_t batch_size;  /* values of batch buffers, for each image */
    size_t thread_size; /* values that a thread needs */
};

struct plan *plan_new(const struct net *net, int lanes, bool by_image); /* the net outlives it */
void plan_free(struct plan *plan);

size_t plan_channels(const struct plan *plan, int tensor); /* filled up to whole blocks */

#endif
