#include "train/plan/order.h"

#include "base/mem.h"

#include <stdlib.h>

ptrdiff_t *order_nones(size_t count)
{
    ptrdiff_t *nones = mem_alloc(count, sizeof(*nones));
    for (size_t i = 0; i < count; i++)
        nones[i] = ORDER_NONE;
    return nones;
}

void order_open(struct order *order, const struct plan *plan, size_t align, size_t first)
{
    *order = (struct order){.plan = plan,
                            .align = align,
                            .first = first,
                            .size = first,
                            .gamma = order_nones(plan->net->norm_count),
                            .beta = order_nones(plan->net->norm_count),
                            .linear = order_nones(plan->net->op_count)};
}

void order_close(struct order *order)
{
    free(order->source);
    free(order->gamma);
    free(order->beta);
    free(order->linear);
    *order = (struct order){0};
}

ptrdiff_t order_reserve(struct order *order, size_t count)
{
    size_t begin = order->size;
    order->size += (count + order->align - 1) / order->align * order->align;
    order->source = mem_resize(order->source, order->size - order->first, sizeof(*order->source));
    for (size_t i = begin; i < order->size; i++)
        order->source[i - order->first] = ORDER_NONE;
    return (ptrdiff_t)begin;
}

/* Where the source of a place stands. */
static ptrdiff_t *source_at(const struct order *order, ptrdiff_t place)
{
    return order->source + place - order->first;
}

/* A parameter as it lies in the net's order, from that place on. */
static void place_plain(struct order *order, ptrdiff_t place, int param)
{
    const struct net_param *from = &order->plan->net->params[param];
    for (size_t i = 0; i < from->count; i++)
        source_at(order, place)[i] = (ptrdiff_t)(from->offset + i);
}

/* Values by channel of a tensor, in the net's order from offset on. */
static void place_channels(struct order *order, ptrdiff_t place, int tensor, size_t offset)
{
    const struct plan_layout *layout = &order->plan->layouts[tensor];
    for (int c = 0; c < layout->channels; c++)
        source_at(order, place)[layout->place[c]] = (ptrdiff_t)offset + c;
}

static ptrdiff_t reserve_channels(struct order *order, int tensor, int param)
{
    ptrdiff_t place = order_reserve(order, plan_channels(order->plan, tensor));
    place_channels(order, place, tensor, order->plan->net->params[param].offset);
    return place;
}

static void reserve_dead(struct order *order, int param)
{
    if (param >= 0)
        place_plain(order, order_reserve(order, order->plan->net->params[param].count), param);
}

static void reserve_norms(struct order *order, const struct net_op *op)
{
    const struct net *net = order->plan->net;
    for (int t = 0; t < op->term_count; t++) {
        int index = net->terms[op->first_term + t].norm;
        const struct net_norm *norm = index < 0 ? NULL : &net->norms[index];
        if (!norm || norm->gamma < 0)
            continue;
        if (norm->live) {
            order->gamma[index] = reserve_channels(order, norm->tensor, norm->gamma);
            order->beta[index] = reserve_channels(order, norm->tensor, norm->beta);
        } else {
            reserve_dead(order, norm->gamma);
            reserve_dead(order, norm->beta);
        }
    }
}

static ptrdiff_t reserve_linear(struct order *order, const struct net_op *op)
{
    const struct net *net = order->plan->net;
    size_t outputs = (size_t)net->tensors[op->output].C, inputs = (size_t)net->tensors[op->input].C;
    size_t channels = plan_channels(order->plan, op->input);
    ptrdiff_t place = order_reserve(order, outputs * (channels + 1));
    for (size_t k = 0; k < outputs; k++)
        place_channels(order, place + (ptrdiff_t)(k * channels), op->input,
                       net->params[op->weight].offset + k * inputs);
    place_plain(order, place + (ptrdiff_t)(outputs * channels), op->bias);
    return place;
}

void order_rest(struct order *order)
{
    const struct net *net = order->plan->net;
    for (size_t i = 0; i < net->op_count; i++) {
        const struct net_op *op = &net->ops[i];
        if (!op->live) {
            reserve_dead(order, op->weight);
            reserve_dead(order, op->bias);
        }
        reserve_norms(order, op);
        if (op->live && op->kind == NET_LINEAR)
            order->linear[i] = reserve_linear(order, op);
    }
}

/* Those of one member (O, I / groups, k, k), whose outputs begin at channel begin of all. */
static void place_member(const struct plan *plan, const struct net_op *op, size_t begin,
                         struct order_strides strides, ptrdiff_t *source)
{
    const struct plan_layout *in = &plan->layouts[op->input], *out = &plan->layouts[op->output];
    int inputs = in->channels / op->groups, outputs = out->channels / op->groups; /* of a group */
    size_t taps = (size_t)(op->kernel * op->kernel);
    ptrdiff_t from = (ptrdiff_t)plan->net->params[op->weight].offset;
    for (int o = 0; o < out->channels; o++)
        for (int i = 0; i < inputs; i++)
            for (size_t tap = 0; tap < taps; tap++) {
                size_t output = begin + (size_t)out->place[o];
                size_t input = (size_t)in->place[o / outputs * inputs + i];
                source[output * strides.output + input * strides.input + tap * strides.tap] =
                    from++;
            }
}

void order_conv(const struct plan *plan, const struct plan_conv *conv, struct order_strides strides,
                ptrdiff_t *source)
{
    size_t begin = 0;
    for (int i = 0; i < conv->op_count; i++) {
        const struct net_op *op = &plan->net->ops[conv->ops[i]];
        place_member(plan, op, begin, strides, source);
        begin += plan_channels(plan, op->output);
    }
}

size_t order_norm_channels(const struct plan *plan, size_t norm)
{
    const struct net_norm *of = &plan->net->norms[norm];
    return of->live ? plan_channels(plan, of->tensor) : 0;
}

ptrdiff_t *order_stats(const struct plan *plan, size_t *size)
{
    const struct net *net = plan->net;
    *size = 0;
    for (size_t i = 0; i < net->norm_count; i++)
        *size += 2 * order_norm_channels(plan, i);
    ptrdiff_t *source = order_nones(*size), *means = source;
    for (size_t i = 0; i < net->norm_count; i++) {
        const struct net_norm *norm = &net->norms[i];
        size_t channels = order_norm_channels(plan, i);
        for (int c = 0; norm->live && c < norm->channels; c++) {
            ptrdiff_t *mean = means + plan->layouts[norm->tensor].place[c];
            mean[0] = (ptrdiff_t)norm->stat + c;
            mean[channels] = (ptrdiff_t)norm->stat + norm->channels + c;
        }
        means += 2 * channels;
    }
    return source;
}

void order_import(const ptrdiff_t *source, size_t count, const float *net_order, float *own)
{
    for (size_t i = 0; i < count; i++)
        if (source[i] != ORDER_NONE)
            own[i] = net_order[source[i]];
}

void order_export(const ptrdiff_t *source, size_t count, const float *own, float *net_order)
{
    for (size_t i = 0; i < count; i++)
        if (source[i] != ORDER_NONE)
            net_order[source[i]] = own[i];
}
