#include "train/plan/planner.h"

#include "base/mem.h"

#include <stdlib.h>

/* ---- layouts ---- */

size_t plan_channels(const struct plan *plan, int tensor)
{
    return (size_t)(plan->layouts[tensor].blocks * plan->lanes);
}

static bool is_full(const struct plan *plan, int tensor)
{
    return plan->layouts[tensor].channels == plan->layouts[tensor].blocks * plan->lanes;
}

static bool is_depthwise(const struct net *net, const struct net_op *op)
{
    return op->kind == NET_CONV && op->groups > 1 && op->groups == net->tensors[op->input].C &&
           op->groups == net->tensors[op->output].C;
}

/* May the channels of a tensor lie with gaps between them? Convolutions do not mind. */
static bool allows_gaps(const struct net *net, int tensor)
{
    bool allows = true;
    for (size_t i = 0; allows && i < net->op_count; i++) {
        const struct net_op *op = &net->ops[i];
        if (!op->live)
            continue;
        for (int t = 0; t < op->term_count; t++)
            allows = allows && net->terms[op->first_term + t].tensor != tensor;
        if (op->input == tensor && op->kind == NET_CONV)
            allows = !is_depthwise(net, op);
        else if (op->input == tensor && op->kind != NET_LINEAR)
            allows = allows_gaps(net, op->output);
    }
    return allows;
}

static void lay_densely(struct plan *plan, int tensor)
{
    struct plan_layout *layout = &plan->layouts[tensor];
    layout->channels = plan->net->tensors[tensor].C;
    layout->blocks = (layout->channels + plan->lanes - 1) / plan->lanes;
    layout->place = mem_alloc((size_t)layout->channels, sizeof(*layout->place));
    for (int c = 0; c < layout->channels; c++)
        layout->place[c] = c;
}

static void lay_like(struct plan *plan, int tensor, int model)
{
    lay_densely(plan, tensor);
    plan->layouts[tensor].blocks = plan->layouts[model].blocks;
    for (int c = 0; c < plan->layouts[tensor].channels; c++)
        plan->layouts[tensor].place[c] = plan->layouts[model].place[c];
}

/* Whole blocks of the parts, one part after the other, and each part written in place if it has
 * no other home; or densely, by moving channels, where neither is the other. */
static void lay_concat(struct planner *p, const struct net_op *op)
{
    struct plan *plan = p->plan;
    const struct net_term *terms = &p->net->terms[op->first_term];
    bool whole = true;
    for (int t = 0; t + 1 < op->term_count; t++)
        whole = whole && is_full(plan, terms[t].tensor);
    lay_densely(plan, op->output);
    if (!whole && !allows_gaps(p->net, op->output))
        return;
    struct plan_layout *layout = &plan->layouts[op->output];
    layout->blocks = 0;
    for (int t = 0, c = 0; t < op->term_count; t++) {
        const struct plan_layout *part = &plan->layouts[terms[t].tensor];
        struct value *value = &p->values[terms[t].tensor];
        for (int i = 0; i < part->channels; i++)
            layout->place[c++] = layout->blocks * plan->lanes + part->place[i];
        if (value->home < 0 && value->producer >= 0 &&
            p->net->ops[value->producer].kind != NET_CONCAT) {
            value->home = op->output;
            value->home_block = layout->blocks;
        }
        layout->blocks += part->blocks;
    }
}

static void lay_all(struct planner *p)
{
    lay_densely(p->plan, 0);
    for (size_t i = 0; i < p->net->op_count; i++) {
        const struct net_op *op = &p->net->ops[i];
        bool keeps = op->kind == NET_MAX_POOL || op->kind == NET_AVG_POOL ||
                     op->kind == NET_SUBSAMPLE || op->kind == NET_MEAN;
        if (op->kind == NET_CONCAT && op->live)
            lay_concat(p, op);
        else if (keeps || is_depthwise(p->net, op))
            lay_like(p->plan, op->output, op->input);
        else
            lay_densely(p->plan, op->output);
    }
}

/* ---- who reads what ---- */

static void want_all(struct planner *p)
{
    for (size_t i = p->net->op_count; i-- > 0;) {
        const struct net_op *op = &p->net->ops[i];
        if (!op->live)
            continue;
        if (op->input >= 0)
            p->values[op->input].wanted[op->relu] = true;
        for (int t = 0; t < op->term_count; t++) {
            bool *wanted = p->values[p->net->terms[op->first_term + t].tensor].wanted;
            bool concat = op->kind == NET_CONCAT;
            wanted[false] |= !concat || p->values[op->output].wanted[false];
            wanted[true] |= concat && p->values[op->output].wanted[true];
        }
    }
}

/* ---- convolutions ---- */

static bool is_alike(const struct plan_conv *conv, const struct net_op *op)
{
    return conv->input == op->input && conv->relu == op->relu && conv->auxiliary == op->auxiliary &&
           conv->kernel == op->kernel && conv->stride == op->stride &&
           conv->padding == op->padding && conv->dilation == op->dilation && !conv->depthwise &&
           op->groups == 1;
}

static int conv_add(struct planner *p, const struct net_op *op)
{
    struct plan *plan = p->plan;
    struct shape from = p->net->tensors[op->input], to = p->net->tensors[op->output];
    MEM_GROW(plan->convs, plan->conv_count, plan->conv_room);
    plan->convs[plan->conv_count] =
        (struct plan_conv){.input = op->input,
                           .relu = op->relu,
                           .auxiliary = op->auxiliary,
                           .kernel = op->kernel,
                           .stride = op->stride,
                           .padding = op->padding,
                           .dilation = op->dilation,
                           .depthwise = is_depthwise(p->net, op),
                           .grouped = op->groups > 1 && !is_depthwise(p->net, op),
                           .in_blocks = plan->layouts[op->input].blocks,
                           .in_h = from.H,
                           .in_w = from.W,
                           .out_h = to.H,
                           .out_w = to.W};
    return plan->conv_count++;
}

/* Convolutions of one input become one, but those that are written into a concatenation. */
static void group_convs(struct planner *p)
{
    struct plan *plan = p->plan;
    for (size_t i = 0; i < p->net->op_count; i++) {
        const struct net_op *op = &p->net->ops[i];
        int found = plan->conv_count;
        if (op->kind != NET_CONV || !op->live)
            continue;
        for (int c = 0; c < plan->conv_count && p->values[op->output].home < 0; c++)
            if (is_alike(&plan->convs[c], op) &&
                p->values[p->net->ops[plan->convs[c].ops[0]].output].home < 0)
                found = c;
        if (found == plan->conv_count)
            conv_add(p, op);
        struct plan_conv *conv = &plan->convs[found];
        MEM_GROW(conv->ops, conv->op_count, conv->op_room);
        conv->ops[conv->op_count++] = (int)i;
        conv->out_blocks += plan->layouts[op->output].blocks;
        p->conv_of[i] = found;
    }
}

/* ---- all ---- */

static void add_loss(struct planner *p, int tensor)
{
    struct slice logits = planner_value(p, tensor, false), to = planner_slice_like(p, logits);
    planner_simple(p, PLAN_LOSS, p->values[tensor].producer, logits, to);
    planner_plain_gradient(p, tensor, to, false);
}

static void add_all(struct planner *p)
{
    struct plan *plan = p->plan;
    planner_write(planner_step(p, PLAN_IMAGES, -1), planner_value(p, 0, false), false);
    if (p->values[0].wanted[true])
        planner_copy(p, -1, planner_value(p, 0, false), planner_value(p, 0, true), true);
    for (size_t i = 0; i < p->net->op_count; i++)
        if (p->net->ops[i].live)
            planner_forward(p, (int)i);
    if (p->net->auxiliary_logits >= 0)
        add_loss(p, p->net->auxiliary_logits);
    add_loss(p, p->net->logits);
    plan->logits = planner_value(p, p->net->logits, false);
    plan->forward_end = plan->step_count;
    for (size_t i = p->net->op_count; i-- > 0;)
        if (p->net->ops[i].live)
            planner_backward(p, (int)i);
}

static void planner_init(struct planner *p, struct plan *plan)
{
    const struct net *net = plan->net;
    *p = (struct planner){.net = net,
                          .plan = plan,
                          .values = mem_alloc(net->tensor_count, sizeof(*p->values)),
                          .gradients = mem_alloc(net->tensor_count, sizeof(*p->gradients)),
                          .conv_of = mem_alloc(net->op_count, sizeof(*p->conv_of)),
                          .moments_phase = mem_alloc(net->norm_count, sizeof(int)),
                          .products_phase = mem_alloc(net->norm_count, sizeof(int))};
    for (size_t i = 0; i < net->tensor_count; i++)
        p->values[i] = (struct value){.slice = {no_slice, no_slice}, .home = -1, .producer = -1};
    for (size_t i = 0; i < net->op_count; i++)
        p->values[net->ops[i].output].producer = (int)i;
}

static void planner_free(struct planner *p)
{
    for (size_t i = 0; i < p->net->tensor_count; i++)
        free(p->gradients[i].summands);
    free(p->values);
    free(p->gradients);
    free(p->conv_of);
    free(p->moments_phase);
    free(p->products_phase);
}

struct plan *plan_new(const struct net *net, int lanes, bool by_image)
{
    struct plan *plan = mem_alloc(1, sizeof(*plan));
    struct planner planner;
    plan->net = net;
    plan->lanes = lanes;
    plan->by_image = by_image;
    plan->layouts = mem_alloc(net->tensor_count, sizeof(*plan->layouts));
    planner_init(&planner, plan);
    lay_all(&planner);
    want_all(&planner);
    group_convs(&planner);
    add_all(&planner);
    planner_place(plan);
    planner_free(&planner);
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    for (int i = 0; i < plan->conv_count; i++)
        free(plan->convs[i].ops);
    for (size_t i = 0; i < plan->net->tensor_count; i++)
        free(plan->layouts[i].place);
    free(plan->steps);
    free(plan->buffers);
    free(plan->convs);
    free(plan->layouts);
    free(plan->phase_end);
    free(plan);
}
