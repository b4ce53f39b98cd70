#include "train/cuda/parameters.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- order ---- */

size_t parameters_channels(const struct plan *plan, int tensor)
{
    return (size_t)(plan->layouts[tensor].blocks * plan->lanes);
}

static ptrdiff_t *offsets_new(size_t count)
{
    ptrdiff_t *offsets = mem_alloc(count, sizeof(*offsets));
    for (size_t i = 0; i < count; i++)
        offsets[i] = PARAMETERS_NONE;
    return offsets;
}

/* The next count places, filled up to whole blocks. */
static ptrdiff_t reserve(struct parameters *parameters, size_t count)
{
    size_t first = parameters->size, lanes = (size_t)parameters->plan->lanes;
    parameters->size += (count + lanes - 1) / lanes * lanes;
    parameters->source =
        mem_resize(parameters->source, parameters->size, sizeof(*parameters->source));
    for (size_t i = first; i < parameters->size; i++)
        parameters->source[i] = PARAMETERS_NONE;
    return (ptrdiff_t)first;
}

/* Weights (O, I / groups, k, k) of one member, whose outputs begin at channel `from` of all. */
static void order_member(struct parameters *parameters, ptrdiff_t first, const struct net_op *op,
                         size_t from)
{
    const struct plan *plan = parameters->plan;
    const int *in_place = plan->layouts[op->input].place,
              *out_place = plan->layouts[op->output].place;
    size_t in = parameters_channels(plan, op->input), k2 = (size_t)(op->kernel * op->kernel);
    size_t O = (size_t)plan->net->tensors[op->output].C;
    size_t I = (size_t)(plan->net->tensors[op->input].C / op->groups);
    size_t offset = plan->net->params[op->weight].offset;
    for (size_t o = 0; o < O; o++)
        for (size_t i = 0; i < I; i++)
            for (size_t k = 0; k < k2; k++) {
                size_t input = o / (O / (size_t)op->groups) * I + i;
                size_t at = ((from + (size_t)out_place[o]) * k2 + k) * in + (size_t)in_place[input];
                parameters->source[first + (ptrdiff_t)at] =
                    (ptrdiff_t)(offset + (o * I + i) * k2 + k);
            }
}

/* Weights (C, 1, k, k) as (k * k, channels). */
static void order_depthwise(struct parameters *parameters, ptrdiff_t first, const struct net_op *op)
{
    const struct plan *plan = parameters->plan;
    size_t channels = parameters_channels(plan, op->input), k2 = (size_t)(op->kernel * op->kernel);
    size_t offset = plan->net->params[op->weight].offset;
    for (size_t c = 0; c < (size_t)plan->net->tensors[op->input].C; c++)
        for (size_t k = 0; k < k2; k++)
            parameters
                ->source[first + (ptrdiff_t)(k * channels) + plan->layouts[op->input].place[c]] =
                (ptrdiff_t)(offset + c * k2 + k);
}

static void order_conv(struct parameters *parameters, int index)
{
    const struct plan *plan = parameters->plan;
    const struct plan_conv *conv = &plan->convs[index];
    size_t k2 = (size_t)(conv->kernel * conv->kernel), lanes = (size_t)plan->lanes, from = 0;
    size_t in = (size_t)conv->in_blocks * lanes, out = (size_t)conv->out_blocks * lanes;
    ptrdiff_t first = reserve(parameters, k2 * in * (conv->depthwise ? 1 : out));
    parameters->conv[index] = first;
    if (conv->depthwise) {
        order_depthwise(parameters, first, &plan->net->ops[conv->ops[0]]);
        return;
    }
    for (int i = 0; i < conv->op_count; i++) {
        const struct net_op *op = &plan->net->ops[conv->ops[i]];
        order_member(parameters, first, op, from);
        from += parameters_channels(plan, op->output);
    }
}

static void order_plain(struct parameters *parameters, ptrdiff_t first, int param)
{
    const struct net_param *from = &parameters->plan->net->params[param];
    for (size_t i = 0; i < from->count; i++)
        parameters->source[first + (ptrdiff_t)i] = (ptrdiff_t)(from->offset + i);
}

/* By channel, of a tensor. */
static ptrdiff_t order_channels(struct parameters *parameters, int tensor, int param)
{
    const struct plan_layout *layout = &parameters->plan->layouts[tensor];
    ptrdiff_t first = reserve(parameters, parameters_channels(parameters->plan, tensor));
    for (int c = 0; c < layout->channels; c++)
        parameters->source[first + layout->place[c]] =
            (ptrdiff_t)parameters->plan->net->params[param].offset + c;
    return first;
}

static ptrdiff_t order_linear(struct parameters *parameters, const struct net_op *op)
{
    const struct plan *plan = parameters->plan;
    size_t channels = parameters_channels(plan, op->input);
    size_t classes = (size_t)plan->net->tensors[op->output].C;
    size_t C = (size_t)plan->net->tensors[op->input].C;
    ptrdiff_t first = reserve(parameters, classes * (channels + 1));
    for (size_t k = 0; k < classes; k++)
        for (size_t c = 0; c < C; c++)
            parameters
                ->source[first + (ptrdiff_t)(k * channels) + plan->layouts[op->input].place[c]] =
                (ptrdiff_t)(plan->net->params[op->weight].offset + k * C + c);
    order_plain(parameters, first + (ptrdiff_t)(classes * channels), op->bias);
    return first;
}

static void order_norms(struct parameters *parameters, const struct net_op *op)
{
    const struct net *net = parameters->plan->net;
    for (int t = 0; t < op->term_count; t++) {
        const struct net_term *term = &net->terms[op->first_term + t];
        if (term->norm < 0 || net->norms[term->norm].gamma < 0)
            continue;
        const struct net_norm *norm = &net->norms[term->norm];
        parameters->gamma[term->norm] = order_channels(parameters, term->tensor, norm->gamma);
        parameters->beta[term->norm] = order_channels(parameters, term->tensor, norm->beta);
    }
}

/* Parameters of what is dead only decay. */
static void order_dead(struct parameters *parameters, const struct net_op *op)
{
    const int params[] = {op->weight, op->bias};
    for (int i = 0; i < 2; i++)
        if (!op->live && params[i] >= 0)
            order_plain(parameters,
                        reserve(parameters, parameters->plan->net->params[params[i]].count),
                        params[i]);
}

static void order_all(struct parameters *parameters)
{
    const struct plan *plan = parameters->plan;
    const struct net *net = plan->net;
    for (int depthwise = 0; depthwise < 2; depthwise++) {
        for (int i = 0; i < plan->conv_count; i++)
            if (plan->convs[i].depthwise == depthwise)
                order_conv(parameters, i);
        *(depthwise ? &parameters->conv_size : &parameters->dense_size) = parameters->size;
    }
    for (size_t i = 0; i < net->op_count; i++) {
        const struct net_op *op = &net->ops[i];
        order_dead(parameters, op);
        order_norms(parameters, op);
        if (op->kind == NET_LINEAR && op->live)
            parameters->linear[i] = order_linear(parameters, op);
    }
}

/* ---- opening ---- */

static bool open_mask(struct parameters *parameters, struct device *device, struct err *err)
{
    bool grouped = false;
    for (int i = 0; i < parameters->plan->conv_count; i++)
        grouped = grouped || parameters->plan->convs[i].grouped;
    if (!grouped)
        return true;
    float *mask = mem_alloc(parameters->dense_size, sizeof(*mask));
    for (size_t i = 0; i < parameters->dense_size; i++)
        mask[i] = parameters->source[i] == PARAMETERS_NONE ? 0 : 1;
    parameters->mask = device_memory(device, parameters->dense_size, sizeof(*mask), err);
    bool ok = parameters->mask && device_set(device, parameters->mask, mask,
                                             parameters->dense_size * sizeof(*mask), err);
    free(mask);
    return ok;
}

bool parameters_open(struct parameters *parameters, const struct plan *plan, enum value_type type,
                     struct device *device, struct err *err)
{
    *parameters = (struct parameters){.plan = plan,
                                      .conv = offsets_new((size_t)plan->conv_count),
                                      .gamma = offsets_new(plan->net->norm_count),
                                      .beta = offsets_new(plan->net->norm_count),
                                      .linear = offsets_new(plan->net->op_count)};
    order_all(parameters);
    size_t size = parameters->size, half = sizeof(uint16_t);
    parameters->values = device_memory(device, size, sizeof(float), err);
    parameters->momentum = device_memory(device, size, sizeof(float), err);
    parameters->gradient = device_memory(device, size, sizeof(float), err);
    parameters->squares = device_memory(device, PARAMETERS_PARTS, sizeof(double), err);
    bool ok = parameters->values && parameters->momentum && parameters->gradient &&
              parameters->squares && open_mask(parameters, device, err);
    if (!ok || type == VALUE_FLOAT)
        return ok;
    parameters->rounded = device_memory(device, parameters->conv_size, half, err);
    parameters->rounded_gradient = device_memory(device, parameters->dense_size, half, err);
    return parameters->rounded && parameters->rounded_gradient;
}

void parameters_close(struct parameters *parameters)
{
    free(parameters->source);
    free(parameters->conv);
    free(parameters->gamma);
    free(parameters->beta);
    free(parameters->linear);
    *parameters = (struct parameters){0};
}

/* ---- in and out ---- */

bool parameters_import(const struct parameters *parameters, struct device *device,
                       const float *net_order, float *own, struct err *err)
{
    float *host = mem_alloc(parameters->size, sizeof(*host));
    for (size_t i = 0; i < parameters->size; i++)
        if (parameters->source[i] != PARAMETERS_NONE)
            host[i] = net_order[parameters->source[i]];
    bool ok = device_set(device, own, host, parameters->size * sizeof(*host), err);
    free(host);
    return ok;
}

bool parameters_export(const struct parameters *parameters, struct device *device, const float *own,
                       float *net_order, struct err *err)
{
    float *host = mem_alloc(parameters->size, sizeof(*host));
    bool ok = device_get(device, host, own, parameters->size * sizeof(*host), err);
    for (size_t i = 0; ok && i < parameters->size; i++)
        if (parameters->source[i] != PARAMETERS_NONE)
            net_order[parameters->source[i]] = host[i];
    free(host);
    return ok;
}

bool parameters_round(const struct parameters *parameters, struct device *device, struct err *err)
{
    const struct kernel_round round = {parameters->values, parameters->rounded,
                                       parameters->conv_size};
    return !parameters->rounded ||
           device_launch(device, KERNEL_ROUND, VALUE_BFLOAT16, &round, round.size, err);
}

const void *parameters_weights(const struct parameters *parameters, int conv)
{
    ptrdiff_t offset = parameters->conv[conv];
    if (parameters->rounded)
        return (const uint16_t *)parameters->rounded + offset;
    return parameters->values + offset;
}

void *parameters_weights_gradient(const struct parameters *parameters, int conv)
{
    ptrdiff_t offset = parameters->conv[conv];
    if (parameters->rounded_gradient)
        return (uint16_t *)parameters->rounded_gradient + offset;
    return parameters->gradient + offset;
}

/* ---- the update ---- */

/* What cuDNN left: as float, and zeros between groups. */
static bool gather_dense(const struct parameters *parameters, struct device *device,
                         struct err *err)
{
    const struct kernel_widen widen = {parameters->rounded_gradient, parameters->gradient,
                                       parameters->dense_size};
    const struct tensor gradient = {parameters->gradient, KERNEL_LANES};
    const struct kernel_combine masked = {.operands = {{.tensor = gradient}},
                                          .targets = {{.tensor = gradient}},
                                          .mask = {parameters->mask, KERNEL_LANES},
                                          .masked_count = 1,
                                          .operand_count = 1,
                                          .target_count = 1,
                                          .count = 1,
                                          .pixels = (int)(parameters->dense_size / KERNEL_LANES),
                                          .blocks = 1};
    if (widen.from && !device_launch(device, KERNEL_WIDEN, VALUE_BFLOAT16, &widen, widen.size, err))
        return false;
    return !parameters->mask ||
           device_launch(device, KERNEL_COMBINE, VALUE_FLOAT, &masked, (size_t)masked.pixels, err);
}

bool parameters_update(const struct parameters *parameters, struct device *device,
                       const struct kernel_step *step, struct kernel_result *result,
                       struct err *err)
{
    const struct kernel_squares squares = {parameters->gradient, parameters->squares,
                                           parameters->size, PARAMETERS_PARTS};
    const struct kernel_clip clip = {parameters->squares, step, result, PARAMETERS_PARTS};
    const struct kernel_update update = {.values = parameters->values,
                                         .momentum = parameters->momentum,
                                         .gradient = parameters->gradient,
                                         .rounded = parameters->rounded,
                                         .rounded_size =
                                             parameters->rounded ? parameters->conv_size : 0,
                                         .step = step,
                                         .result = result,
                                         .size = parameters->size};
    return gather_dense(parameters, device, err) &&
           device_launch(device, KERNEL_SQUARES, VALUE_FLOAT, &squares, PARAMETERS_PARTS, err) &&
           device_launch(device, KERNEL_CLIP, VALUE_FLOAT, &clip, 1, err) &&
           device_launch(device, KERNEL_UPDATE, VALUE_FLOAT, &update, update.size, err);
}
