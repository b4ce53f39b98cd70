#include "train/cpu/plan.h"

#include "base/mem.h"

#include <assert.h>

static const struct slice no_slice = {.buffer = -1};

/* Where the values of a tensor are, as they are and through ReLU. */
struct value {
    struct slice slice[2]; /* by relu */
    bool wanted[2];        /* somebody reads it so */
    int home, home_block;  /* concatenation that it is written into; -1: none */
    int producer;          /* operator; -1: the images */
};

/* What the gradient of a tensor is the sum of. */
struct gradient {
    struct plan_operand *operands;
    bool *masked; /* by the tensor, since it was read through ReLU */
    int count, room, masked_room;
};

struct planner {
    const struct net *net;
    struct plan *plan;
    struct value *values;
    struct gradient *gradients;
    int *conv_of;       /* each operator's; -1: none */
    int *moments_phase; /* of each norm: the phase in which its statistics are gathered; */
    int *products_phase;
    int phase; /* of the next step */
};

/* ---- layouts ---- */

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

/* Is a concatenation's layout that of its parts, block after block? */
static bool is_of_blocks(const struct plan *plan, const struct net_op *op)
{
    int blocks = 0;
    for (int t = 0; t < op->term_count; t++)
        blocks += plan->layouts[plan->net->terms[op->first_term + t].tensor].blocks;
    return blocks == plan->layouts[op->output].blocks;
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

/* ---- steps ---- */

static struct slice new_slice(struct planner *p, int blocks, int H, int W)
{
    struct plan *plan = p->plan;
    MEM_GROW(plan->buffers, plan->buffer_count, plan->buffer_room);
    plan->buffers[plan->buffer_count] =
        (struct plan_buffer){.image_size = (size_t)(blocks * H * W * plan->lanes), .first = -1};
    return (struct slice){.buffer = plan->buffer_count++, .blocks = blocks, .H = H, .W = W};
}

static struct slice new_slice_like(struct planner *p, struct slice slice)
{
    return new_slice(p, slice.blocks, slice.H, slice.W);
}

static struct slice slice_part(const struct planner *p, struct slice whole, int block, int blocks)
{
    whole.offset += (size_t)(block * whole.H * whole.W * p->plan->lanes);
    whole.blocks = blocks;
    return whole;
}

static struct slice value_slice(struct planner *p, int tensor, bool relu)
{
    struct value *value = &p->values[tensor];
    struct slice *slice = &value->slice[relu];
    int blocks = p->plan->layouts[tensor].blocks;
    struct shape shape = p->net->tensors[tensor];
    if (slice->buffer >= 0)
        return *slice;
    if (value->home >= 0 && p->values[value->home].wanted[relu])
        *slice = slice_part(p, value_slice(p, value->home, relu), value->home_block, blocks);
    else
        *slice = new_slice(p, blocks, shape.H, shape.W);
    return *slice;
}

/* The step is the plan's and may move when the next one is added. */
static struct plan_step *add_step(struct planner *p, enum plan_kind kind, int op)
{
    struct plan *plan = p->plan;
    MEM_GROW(plan->steps, plan->step_count, plan->step_room);
    struct plan_step *step = &plan->steps[plan->step_count++];
    *step = (struct plan_step){.kind = kind,
                               .phase = p->phase,
                               .op = op,
                               .auxiliary = op >= 0 && p->net->ops[op].auxiliary,
                               .mask = no_slice};
    return step;
}

static void step_read(struct plan_step *step, struct slice slice)
{
    assert(step->operand_count < KERNEL_OPERANDS);
    step->operands[step->operand_count++] = (struct plan_operand){slice, AS_IS, -1, -1};
}

static void step_write(struct plan_step *step, struct slice slice, bool relu)
{
    assert(step->target_count < KERNEL_TARGETS);
    step->targets[step->target_count++] = (struct plan_target){slice, relu};
}

static void add_simple(struct planner *p, enum plan_kind kind, int op, struct slice from,
                       struct slice to)
{
    struct plan_step *step = add_step(p, kind, op);
    step_read(step, from);
    step_write(step, to, false);
}

/* What the operand is scaled by must be there: it is from the end of the phase that gathers it. */
static void await(struct planner *p, const struct plan_operand *operand)
{
    int ready = -1;
    if (operand->coefficient == NORMALISED)
        ready = p->moments_phase[operand->norm];
    else if (operand->coefficient != AS_IS)
        ready = p->products_phase[operand->norm];
    if (p->phase <= ready)
        p->phase = ready + 1;
}

/* The first operands are those that are masked. */
static void add_combine(struct planner *p, int op, const struct plan_operand *operands, int masked,
                        int count, struct slice mask, const struct plan_target *targets,
                        int target_count)
{
    int here = count > KERNEL_OPERANDS ? KERNEL_OPERANDS : count;
    struct plan_target so_far = {.slice =
                                     here < count ? new_slice_like(p, targets[0].slice) : no_slice};
    for (int i = 0; i < here; i++)
        await(p, &operands[i]);
    struct plan_step *step = add_step(p, PLAN_COMBINE, op);
    for (int i = 0; i < here; i++)
        step->operands[step->operand_count++] = operands[i];
    step->masked_count = masked < here ? masked : here;
    step->mask = step->masked_count ? mask : no_slice;
    if (here == count) {
        for (int i = 0; i < target_count; i++)
            step_write(step, targets[i].slice, targets[i].relu);
        return;
    }
    step_write(step, so_far.slice, false);
    struct plan_operand *rest = mem_alloc((size_t)(count - here + 1), sizeof(*rest));
    for (int i = here; i < count; i++)
        rest[i - here] = operands[i];
    rest[count - here] = (struct plan_operand){so_far.slice, AS_IS, -1, -1};
    add_combine(p, op, rest, masked > here ? masked - here : 0, count - here + 1, mask, targets,
                target_count);
    free(rest);
}

static void add_copy(struct planner *p, int op, struct slice from, struct slice to, bool relu)
{
    add_combine(p, op, &(struct plan_operand){from, AS_IS, -1, -1}, 0, 1, no_slice,
                &(struct plan_target){to, relu}, 1);
}

/* ---- forward ---- */

/* A tensor is whole: its statistics, while it is in the cache. */
static void add_moments(struct planner *p, int tensor)
{
    for (size_t i = 0; i < p->net->op_count; i++)
        for (int t = 0; p->net->ops[i].live && t < p->net->ops[i].term_count; t++) {
            const struct net_term *term = &p->net->terms[p->net->ops[i].first_term + t];
            if (term->tensor != tensor || term->norm < 0)
                continue;
            struct plan_step *step = add_step(p, PLAN_MOMENTS, (int)i);
            step->index = term->norm;
            step_read(step, p->values[tensor].slice[false]);
            p->moments_phase[term->norm] = p->phase;
        }
}

static void finish_value(struct planner *p, int op, int tensor)
{
    if (p->values[tensor].wanted[true])
        add_copy(p, op, value_slice(p, tensor, false), value_slice(p, tensor, true), true);
    add_moments(p, tensor);
}

static void forward_conv(struct planner *p, int op)
{
    int index = p->conv_of[op], block = 0;
    const struct plan_conv *conv = &p->plan->convs[index];
    const struct net_op *first = &p->net->ops[op];
    if (conv->ops[0] != op)
        return;
    struct slice to = conv->op_count == 1
                          ? value_slice(p, first->output, false)
                          : new_slice(p, conv->out_blocks, conv->out_h, conv->out_w);
    add_simple(p, PLAN_CONV, op, value_slice(p, first->input, first->relu), to);
    p->plan->steps[p->plan->step_count - 1].index = index;
    for (int i = 0; i < conv->op_count; i++) {
        int tensor = p->net->ops[conv->ops[i]].output;
        int blocks = p->plan->layouts[tensor].blocks;
        p->values[tensor].slice[false] = slice_part(p, to, block, blocks);
        block += blocks;
        finish_value(p, conv->ops[i], tensor);
    }
}

static struct plan_operand term_operand(struct planner *p, const struct net_term *term)
{
    return (struct plan_operand){value_slice(p, term->tensor, false),
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
            targets[count++] = (struct plan_target){value_slice(p, op->output, relu), relu};
    add_combine(p, index, operands, 0, op->term_count, no_slice, targets, count);
    free(operands);
    add_moments(p, op->output);
}

static void add_move(struct planner *p, int op, struct slice from, int from_channel,
                     struct slice to, int to_channel, int count)
{
    add_simple(p, PLAN_MOVE, op, from, to);
    struct plan_step *step = &p->plan->steps[p->plan->step_count - 1];
    step->from = from_channel;
    step->to = to_channel;
    step->count = count;
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
            struct slice from = value_slice(p, part, relu), to = value_slice(p, op->output, relu);
            if (is_of_blocks(p->plan, op))
                add_copy(p, index, from, slice_part(p, to, block, blocks), false);
            else
                add_move(p, index, from, 0, to, channel, layouts[part].channels);
        }
        block += blocks;
        channel += layouts[part].channels;
    }
    add_moments(p, op->output);
}

static enum plan_kind forward_kind(enum net_kind kind)
{
    return kind == NET_SUBSAMPLE ? PLAN_SUBSAMPLE
           : kind == NET_MEAN    ? PLAN_MEAN
           : kind == NET_LINEAR  ? PLAN_LINEAR
                                 : PLAN_POOL;
}

static void forward(struct planner *p, int index)
{
    const struct net_op *op = &p->net->ops[index];
    if (op->kind == NET_CONV)
        forward_conv(p, index);
    else if (op->kind == NET_SUM)
        forward_sum(p, index);
    else if (op->kind == NET_CONCAT)
        forward_concat(p, index);
    else {
        struct slice to = value_slice(p, op->output, false);
        add_simple(p, forward_kind(op->kind), index, value_slice(p, op->input, op->relu), to);
        finish_value(p, index, op->output);
    }
}

/* ---- backward ---- */

/* The images have no gradient. */
static void add_gradient(struct planner *p, int tensor, struct plan_operand operand, bool masked)
{
    struct gradient *gradient = &p->gradients[tensor];
    if (tensor == 0)
        return;
    MEM_GROW(gradient->masked, gradient->count, gradient->masked_room);
    MEM_GROW(gradient->operands, gradient->count, gradient->room);
    gradient->masked[gradient->count] = masked;
    gradient->operands[gradient->count++] = operand;
}

static void add_plain_gradient(struct planner *p, int tensor, struct slice slice, bool masked)
{
    add_gradient(p, tensor, (struct plan_operand){slice, AS_IS, -1, -1}, masked);
}

static void gather_gradient(struct planner *p, int op, int tensor, struct slice to)
{
    struct gradient *gradient = &p->gradients[tensor];
    struct plan_operand *operands = mem_alloc((size_t)gradient->count, sizeof(*operands));
    int count = 0, masked_count = 0;
    for (int masked = 1; masked >= 0; masked--) {
        for (int i = 0; i < gradient->count; i++)
            if (gradient->masked[i] == masked)
                operands[count++] = gradient->operands[i];
        masked_count = masked ? count : masked_count;
    }
    add_combine(p, op, operands, masked_count, count,
                p->values[tensor].slice[p->values[tensor].wanted[true]],
                &(struct plan_target){to, false}, 1);
    free(operands);
}

/* Of the operator's output: one summand that is nothing else is taken as it lies. */
static struct slice take_gradient(struct planner *p, int op)
{
    int tensor = p->net->ops[op].output;
    const struct gradient *gradient = &p->gradients[tensor];
    const struct plan_operand *only = gradient->operands;
    if (gradient->count == 1 && !gradient->masked[0] && only->coefficient == AS_IS &&
        only->drop < 0)
        return only->slice;
    struct shape shape = p->net->tensors[tensor];
    struct slice to = new_slice(p, p->plan->layouts[tensor].blocks, shape.H, shape.W);
    gather_gradient(p, op, tensor, to);
    return to;
}

static struct slice conv_gradient(struct planner *p, const struct plan_conv *conv)
{
    if (conv->op_count == 1)
        return take_gradient(p, conv->ops[0]);
    struct slice whole = new_slice(p, conv->out_blocks, conv->out_h, conv->out_w);
    for (int i = 0, block = 0; i < conv->op_count; i++) {
        int tensor = p->net->ops[conv->ops[i]].output, blocks = p->plan->layouts[tensor].blocks;
        gather_gradient(p, conv->ops[i], tensor, slice_part(p, whole, block, blocks));
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
                 from = value_slice(p, input, relu);
    struct plan_step *step = add_step(p, PLAN_CONV_WEIGHTS, op);
    step->index = index;
    step_read(step, from);
    step_read(step, gradient);
    if (input == 0)
        return;
    struct slice to = new_slice_like(p, from);
    add_simple(p, PLAN_CONV_DATA, op, gradient, to);
    p->plan->steps[p->plan->step_count - 1].index = index;
    add_plain_gradient(p, input, to, relu);
}

static void backward_sum(struct planner *p, int index)
{
    const struct net_op *op = &p->net->ops[index];
    const struct net_term *terms = &p->net->terms[op->first_term];
    struct slice gradient = take_gradient(p, index);
    for (int t = 0; t < op->term_count; t++) {
        if (terms[t].norm < 0)
            continue;
        struct plan_step *step = add_step(p, PLAN_PRODUCTS, index);
        step->index = terms[t].norm;
        step_read(step, gradient);
        step_read(step, value_slice(p, terms[t].tensor, false));
        step->operands[0].drop = terms[t].drop;
        p->products_phase[terms[t].norm] = p->phase;
    }
    for (int t = 0; t < op->term_count; t++) {
        int norm = terms[t].norm;
        add_gradient(
            p, terms[t].tensor,
            (struct plan_operand){gradient, norm >= 0 ? SUM_GRADIENT : AS_IS, norm, terms[t].drop},
            false);
        if (norm >= 0)
            add_gradient(p, terms[t].tensor,
                         (struct plan_operand){value_slice(p, terms[t].tensor, false),
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
        struct slice of_part = slice_part(p, gradient, block, layout->blocks);
        if (!is_of_blocks(p->plan, op)) {
            of_part = new_slice(p, layout->blocks, gradient.H, gradient.W);
            add_move(p, index, gradient, channel, of_part, 0, layout->channels);
        }
        add_plain_gradient(p, part, of_part, false);
        block += layout->blocks;
        channel += layout->channels;
    }
}

static enum plan_kind backward_kind(enum net_kind kind)
{
    return kind == NET_SUBSAMPLE ? PLAN_SUBSAMPLE_BACK
           : kind == NET_MEAN    ? PLAN_MEAN_BACK
           : kind == NET_LINEAR  ? PLAN_LINEAR_BACK
                                 : PLAN_POOL_BACK;
}

static void backward(struct planner *p, int index)
{
    const struct net_op *op = &p->net->ops[index];
    if (op->kind == NET_CONV)
        backward_conv(p, index);
    else if (op->kind == NET_SUM)
        backward_sum(p, index);
    else if (op->kind == NET_CONCAT)
        backward_concat(p, index);
    else {
        struct slice gradient = take_gradient(p, index), from = value_slice(p, op->input, op->relu);
        struct slice to = new_slice_like(p, from);
        add_simple(p, backward_kind(op->kind), index, gradient, to);
        if (op->kind == NET_MAX_POOL || op->kind == NET_LINEAR)
            step_read(&p->plan->steps[p->plan->step_count - 1], from);
        /* The weights' gradient is made from the whole batch when the phase ends. */
        if (op->kind == NET_LINEAR)
            p->plan->buffers[from.buffer].batch = p->plan->buffers[gradient.buffer].batch = true;
        add_plain_gradient(p, op->input, to, op->relu);
    }
}

/* ---- all ---- */

static void add_loss(struct planner *p, int tensor)
{
    struct slice logits = value_slice(p, tensor, false), to = new_slice_like(p, logits);
    add_simple(p, PLAN_LOSS, p->values[tensor].producer, logits, to);
    add_plain_gradient(p, tensor, to, false);
}

static void add_all(struct planner *p)
{
    struct plan *plan = p->plan;
    step_write(add_step(p, PLAN_IMAGES, -1), value_slice(p, 0, false), false);
    if (p->values[0].wanted[true])
        add_copy(p, -1, value_slice(p, 0, false), value_slice(p, 0, true), true);
    for (size_t i = 0; i < p->net->op_count; i++)
        if (p->net->ops[i].live)
            forward(p, (int)i);
    if (p->net->auxiliary_logits >= 0)
        add_loss(p, p->net->auxiliary_logits);
    add_loss(p, p->net->logits);
    plan->logits = value_slice(p, p->net->logits, false);
    plan->forward_end = plan->step_count;
    for (size_t i = p->net->op_count; i-- > 0;)
        if (p->net->ops[i].live)
            backward(p, (int)i);
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
    for (size_t i = 0; i < p->net->tensor_count; i++) {
        free(p->gradients[i].operands);
        free(p->gradients[i].masked);
    }
    free(p->values);
    free(p->gradients);
    free(p->conv_of);
    free(p->moments_phase);
    free(p->products_phase);
}

struct plan *plan_new(const struct net *net, int lanes)
{
    struct plan *plan = mem_alloc(1, sizeof(*plan));
    struct planner planner;
    plan->net = net;
    plan->lanes = lanes;
    plan->layouts = mem_alloc(net->tensor_count, sizeof(*plan->layouts));
    planner_init(&planner, plan);
    lay_all(&planner);
    want_all(&planner);
    group_convs(&planner);
    add_all(&planner);
    plan_place(plan);
    planner_free(&planner);
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    for (int i = 0; i < plan->conv_count; i++)
        free(plan->convs[i].ops);
    for (size_t i = 0; plan->layouts && i < plan->net->tensor_count; i++)
        free(plan->layouts[i].place);
    free(plan->steps);
    free(plan->buffers);
    free(plan->convs);
    free(plan->layouts);
    free(plan->phase_end);
    free(plan);
}
