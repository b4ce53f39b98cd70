/* Plans the steps of the backward pass: each tensor's gradient is gathered when its operator's turn
 * comes, from all that read it. */
#include "train/plan/planner.h"

#include "base/mem.h"

#include <stdlib.h>

/* The images have no gradient. */
void planner_gradient(struct planner *p, int tensor, struct plan_operand operand, bool masked)
{
    struct gradient *gradient = &p->gradients[tensor];
    if (tensor == 0)
        return;
    MEM_GROW(gradient->summands, gradient->count, gradient->room);
    gradient->summands[gradient->count++] = (struct summand){operand, masked};
}

void planner_plain_gradient(struct planner *p, int tensor, struct slice slice, bool masked)
{
    planner_gradient(p, tensor, (struct plan_operand){slice, AS_IS, -1, -1}, masked);
}

static void gather_gradient(struct planner *p, int op, int tensor, struct slice to)
{
    struct gradient *gradient = &p->gradients[tensor];
    struct plan_operand *operands = mem_alloc((size_t)gradient->count, sizeof(*operands));
    int count = 0, masked_count = 0;
    for (int masked = 1; masked >= 0; masked--) {
        for (int i = 0; i < gradient->count; i++)
            if (gradient->summands[i].masked == masked)
                operands[count++] = gradient->summands[i].operand;
        masked_count = masked ? count : masked_count;
    }
    planner_combine(p, op, operands, masked_count, count,
                    p->values[tensor].slice[p->values[tensor].wanted[true]],
                    &(struct plan_target){to, false}, 1);
    free(operands);
}

/* Of the operator's output: one summand that is nothing else is taken as it lies. */
static struct slice take_gradient(struct planner *p, int op)
{
    int tensor = p->net->ops[op].output;
    const struct gradient *gradient = &p->gradients[tensor];
    const struct summand *only = gradient->summands;
    if (gradient->count == 1 && !only->masked && only->operand.coefficient == AS_IS &&
        only->operand.drop < 0)
        return only->operand.slice;
    struct shape shape = p->net->tensors[tensor];
    struct slice to = planner_slice(p, p->plan->layouts[tensor].blocks, shape.H, shape.W);
    gather_gradient(p, op, tensor, to);
    return to;
}

static struct slice conv_gradient(struct planner *p, const struct plan_conv *conv)
{
    if (conv->op_count == 1)
        return take_gradient(p, conv->ops[0]);
    struct slice whole = planner_slice(p, conv->out_blocks, conv->out_h, conv->out_w);
    for (int i = 0, block = 0; i < conv->op_count; i++) {
        int tensor = p->net->ops[conv->ops[i]].output, blocks = p->plan->layouts[tensor].blocks;
        gather_gradient(p, conv->ops[i], tensor, planner_part(p, whole, block, blocks));
        block += blocks;
    }
    return whole;
}

static void backward_conv(struct planner *p, int op)
{
    int index = p->conv_of[op], input = p->net->ops[op].input;
    bool relu = p->net->ops[op].relu;
    if (p->plan->convs[index].ops[0] != op)
        return;
    struct slice gradient = conv_gradient(p, &p->plan->convs[index]),
                 from = planner_value(p, input, relu);
    struct plan_step *step = planner_step(p, PLAN_CONV_WEIGHTS, op);
    step->index = index;
    planner_read(step, from);
    planner_read(step, gradient);
    if (input == 0)
        return;
    struct slice to = planner_slice_like(p, from);
    planner_simple(p, PLAN_CONV_DATA, op, gradient, to)->index = index;
    planner_plain_gradient(p, input, to, relu);
}

static void backward_sum(struct planner *p, int index)
{
    const struct net_op *op = &p->net->ops[index];
    const struct net_term *terms = &p->net->terms[op->first_term];
    struct slice gradient = take_gradient(p, index);
    for (int t = 0; t < op->term_count; t++) {
        if (terms[t].norm < 0)
            continue;
        struct plan_step *step = planner_step(p, PLAN_PRODUCTS, index);
        step->index = terms[t].norm;
        planner_read(step, gradient);
        planner_read(step, planner_value(p, terms[t].tensor, false));
        step->operands[0].drop = terms[t].drop;
        p->products_phase[terms[t].norm] = p->phase;
    }
    for (int t = 0; t < op->term_count; t++) {
        int norm = terms[t].norm;
        planner_gradient(
            p, terms[t].tensor,
            (struct plan_operand){gradient, norm >= 0 ? SUM_GRADIENT : AS_IS, norm, terms[t].drop},
            false);
        if (norm >= 0)
            planner_gradient(p, terms[t].tensor,
                             (struct plan_operand){planner_value(p, terms[t].tensor, false),
                                                   INPUT_GRADIENT, norm, -1},
                             false);
    }
}

static void backward_concat(struct planner *p, int index)
{
    const struct net_op *op = &p->net->ops[index];
    struct slice gradient = take_gradient(p, index);
    for (int t = 0, block = 0, channel = 0; t < op->term_count; t++) {
        int part = p->net->terms[op->first_term + t].tensor;
        const struct plan_layout *layout = &p->plan->layouts[part];
        struct slice of_part = planner_part(p, gradient, block, layout->blocks);
        if (!planner_is_of_blocks(p->plan, op)) {
            of_part = planner_slice(p, layout->blocks, gradient.H, gradient.W);
            planner_move(p, index, gradient, channel, of_part, 0, layout->channels);
        }
        planner_plain_gradient(p, part, of_part, false);
        block += layout->blocks;
        channel += layout->channels;
    }
}

static void backward_simple(struct planner *p, int index, enum plan_kind kind)
{
    const struct net_op *op = &p->net->ops[index];
    struct slice gradient = take_gradient(p, index), from = planner_value(p, op->input, op->relu);
    struct slice to = planner_slice_like(p, from);
    struct plan_step *step = planner_simple(p, kind, index, gradient, to);
    if (op->kind == NET_MAX_POOL || op->kind == NET_LINEAR)
        planner_read(step, from);
    /* The weights' gradient is made from the whole batch when the phase ends. */
    if (op->kind == NET_LINEAR)
        p->plan->buffers[from.buffer].batch = p->plan->buffers[gradient.buffer].batch = true;
    planner_plain_gradient(p, op->input, to, op->relu);
}

void planner_backward(struct planner *p, int index)
{
    switch (p->net->ops[index].kind) {
    case NET_CONV:
        backward_conv(p, index);
        break;
    case NET_SUM:
        backward_sum(p, index);
        break;
    case NET_CONCAT:
        backward_concat(p, index);
        break;
    case NET_MAX_POOL:
    case NET_AVG_POOL:
        backward_simple(p, index, PLAN_POOL_BACK);
        break;
    case NET_SUBSAMPLE:
        backward_simple(p, index, PLAN_SUBSAMPLE_BACK);
        break;
    case NET_MEAN:
        backward_simple(p, index, PLAN_MEAN_BACK);
        break;
    case NET_LINEAR:
        backward_simple(p, index, PLAN_LINEAR_BACK);
        break;
    }
}
