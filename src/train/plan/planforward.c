/* Plans the steps of the forward pass. */
#include "train/plan/planner.h"

#include "base/mem.h"

#include <stdlib.h>

/* A tensor is whole: its statistics, while it is in the cache. */
static void add_moments(struct planner *p, int op, int tensor)
{
    for (size_t i = 0; i < p->net->norm_count; i++) {
        if (p->net->norms[i].tensor != tensor || !p->net->norms[i].live)
            continue;
        struct plan_step *step = planner_step(p, PLAN_MOMENTS, op);
        step->index = (int)i;
        planner_read(step, p->values[tensor].slice[false]);
        p->moments_phase[i] = p->phase;
    }
}

static void finish_value(struct planner *p, int op, int tensor)
{
    if (p->values[tensor].wanted[true])
        planner_copy(p, op, planner_value(p, tensor, false), planner_value(p, tensor, true), true);
    add_moments(p, op, tensor);
}

static void forward_conv(struct planner *p, int op)
{
    int index = p->conv_of[op], block = 0;
    const struct plan_conv *conv = &p->plan->convs[index];
    const struct net_op *first = &p->net->ops[op];
    if (conv->ops[0] != op)
        return;
    struct slice to = conv->op_count == 1
                          ? planner_value(p, first->output, false)
                          : planner_slice(p, conv->out_blocks, conv->out_h, conv->out_w);
    struct slice from = planner_value(p, first->input, first->relu);
    planner_simple(p, PLAN_CONV, op, from, to)->index = index;
    for (int i = 0; i < conv->op_count; i++) {
        int tensor = p->net->ops[conv->ops[i]].output;
        int blocks = p->plan->layouts[tensor].blocks;
        p->values[tensor].slice[false] = planner_part(p, to, block, blocks);
        block += blocks;
        finish_value(p, conv->ops[i], tensor);
    }
}

static struct plan_operand term_operand(struct planner *p, const struct net_term *term)
{
    return (struct plan_operand){planner_value(p, term->tensor, false),
                                 term->norm >= 0 ? NORMALISED : AS_IS, term->norm, term->drop};
}

static void forward_sum(struct planner *p, int index)
{
    const struct net_op *op = &p->net->ops[index];
    struct plan_operand *operands = mem_alloc((size_t)op->term_count, sizeof(*operands));
    struct plan_target targets[2];
    int count = 0;
    for (int t = 0; t < op->term_count; t++)
        operands[t] = term_operand(p, &p->net->terms[op->first_term + t]);
    for (int relu = 0; relu < 2; relu++)
        if (p->values[op->output].wanted[relu])
            targets[count++] = (struct plan_target){planner_value(p, op->output, relu), relu};
    planner_combine(p, index, operands, 0, op->term_count, no_slice, targets, count);
    free(operands);
    add_moments(p, index, op->output);
}

static void forward_concat(struct planner *p, int index)
{
    const struct net_op *op = &p->net->ops[index];
    const struct plan_layout *layouts = p->plan->layouts;
    for (int t = 0, block = 0, channel = 0; t < op->term_count; t++) {
        int part = p->net->terms[op->first_term + t].tensor, blocks = layouts[part].blocks;
        bool in_place = p->values[part].home == op->output && p->values[part].home_block == block;
        for (int relu = 0; relu < 2; relu++) {
            if (!p->values[op->output].wanted[relu] || in_place)
                continue;
            struct slice from = planner_value(p, part, relu),
                         to = planner_value(p, op->output, relu);
            if (planner_is_of_blocks(p->plan, op))
                planner_copy(p, index, from, planner_part(p, to, block, blocks), false);
            else
                planner_move(p, index, from, 0, to, channel, layouts[part].channels);
        }
        block += blocks;
        channel += layouts[part].channels;
    }
    add_moments(p, index, op->output);
}

static void forward_simple(struct planner *p, int index, enum plan_kind kind)
{
    const struct net_op *op = &p->net->ops[index];
    struct slice to = planner_value(p, op->output, false);
    planner_simple(p, kind, index, planner_value(p, op->input, op->relu), to);
    finish_value(p, index, op->output);
}

void planner_forward(struct planner *p, int index)
{
    switch (p->net->ops[index].kind) {
    case NET_CONV:
        forward_conv(p, index);
        break;
    case NET_SUM:
        forward_sum(p, index);
        break;
    case NET_CONCAT:
        forward_concat(p, index);
        break;
    case NET_MAX_POOL:
    case NET_AVG_POOL:
        forward_simple(p, index, PLAN_POOL);
        break;
    case NET_SUBSAMPLE:
        forward_simple(p, index, PLAN_SUBSAMPLE);
        break;
    case NET_MEAN:
        forward_simple(p, index, PLAN_MEAN);
        break;
    case NET_LINEAR:
        forward_simple(p, index, PLAN_LINEAR);
        break;
    }
}
