/* A plan in the making: what is known of each tensor, and the ways to add a step. planforward.c
 * and planbackward.c add those of the operators, plan.c the rest. */
#ifndef TRAIN_PLAN_PLANNER_H
#define TRAIN_PLAN_PLANNER_H

#include "train/plan/plan.h"

/* Where the values of a tensor are, as they are and through ReLU. */
struct value {
    struct slice slice[2]; /* by relu */
    bool wanted[2];        /* somebody reads it so */
    int home, home_block;  /* concatenation that it is written into; -1: none */
    int producer;          /* operator; -1: the images */
};

/* What the gradient of a tensor is the sum of. */
struct gradient {
    struct summand {
        struct plan_operand operand;
        bool masked; /* by the tensor, since it was read through ReLU */
    } * summands;
    int count, room;
};

struct planner {
    const struct net *net;
    struct plan *plan;
    struct value *values;
    struct gradient *gradients;
    int *conv_of;       /* of each operator that is a live convolution: which of the plan's */
    int *moments_phase; /* of each norm: the phase in which its statistics are gathered; */
    int *products_phase;
    int phase; /* of the next step */
};

static const struct slice no_slice = {.buffer = -1};

/* Of one operator, by its index. */
void planner_forward(struct planner *p, int op);
void planner_backward(struct planner *p, int op);
/* One more summand of a tensor's gradient. */
void planner_gradient(struct planner *p, int tensor, struct plan_operand operand, bool masked);
void planner_plain_gradient(struct planner *p, int tensor, struct slice slice, bool masked);

/* A new buffer, and one as large as another; some blocks of one. */
struct slice planner_slice(struct planner *p, int blocks, int H, int W);
struct slice planner_slice_like(struct planner *p, struct slice slice);
struct slice planner_part(const struct planner *p, struct slice whole, int block, int blocks);
/* Where a tensor lies, as it is or through ReLU; its place is made when it is first asked for. */
struct slice planner_value(struct planner *p, int tensor, bool relu);

/* A new last step, which may move when the next is added; what it reads and writes. */
struct plan_step *planner_step(struct planner *p, enum plan_kind kind, int op);
void planner_read(struct plan_step *step, struct slice slice);
void planner_write(struct plan_step *step, struct slice slice, bool relu);
/* With one of each. */
struct plan_step *planner_simple(struct planner *p, enum plan_kind kind, int op, struct slice from,
                                 struct slice to);
/* A sum. The first operands are those that are masked. It may be several steps. */
void planner_combine(struct planner *p, int op, const struct plan_operand *operands, int masked,
                     int count, struct slice mask, const struct plan_target *targets,
                     int target_count);
void planner_copy(struct planner *p, int op, struct slice from, struct slice to, bool relu);
void planner_move(struct planner *p, int op, struct slice from, int from_channel, struct slice to,
                  int to_channel, int count);
/* Finds out how long each buffer lives, and gives it a place: once all steps are there. */
void planner_place(struct plan *plan);
/* Is a concatenation's layout that of its parts, block after block? */
bool planner_is_of_blocks(const struct plan *plan, const struct net_op *op);

#endif
