#include "train/cpu/parameters.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { PART = 4096, LINE = 16 };

static ptrdiff_t reserve(struct parameters *parameters, size_t size)
{
    size_t at = parameters->size;
    parameters->size += (size + LINE - 1) / LINE * LINE;
    return (ptrdiff_t)at;
}

static size_t lanes_of(const struct plan *plan, int tensor)
{
    return (size_t)(plan->layouts[tensor].blocks * plan->lanes);
}

static void reserve_norms(struct parameters *parameters, const struct net_op *op)
{
    const struct plan *plan = parameters->plan;
    for (int t = 0; op->live && t < op->term_count; t++) {
        const struct net_term *term = &plan->net->terms[op->first_term + t];
        if (term->norm < 0 || plan->net->norms[term->norm].gamma < 0)
            continue;
        parameters->gamma[term->norm] = reserve(parameters, lanes_of(plan, term->tensor));
        parameters->beta[term->norm] = reserve(parameters, lanes_of(plan, term->tensor));
    }
}

/* What is dead takes part in weight decay alone. */
static void reserve_dead(struct parameters *parameters, const struct net_op *op)
{
    const struct net *net = parameters->plan->net;
    int params[2] = {op->weight, op->bias};
    for (int i = 0; i < 2; i++)
        if (params[i] >= 0)
            parameters->dead[params[i]] = reserve(parameters, net->params[params[i]].count);
    for (int t = 0; t < op->term_count; t++) {
        int norm = net->terms[op->first_term + t].norm;
        int gamma = norm >= 0 ? net->norms[norm].gamma : -1;
        if (gamma < 0)
            continue;
        int beta = net->norms[norm].beta;
        parameters->dead[gamma] = reserve(parameters, net->params[gamma].count);
        parameters->dead[beta] = reserve(parameters, net->params[beta].count);
    }
}

static ptrdiff_t *offsets_new(size_t count)
{
    ptrdiff_t *offsets = mem_alloc(count, sizeof(*offsets));
    for (size_t i = 0; i < count; i++)
        offsets[i] = PARAMETERS_NONE;
    return offsets;
}

/* ---- the net's order ---- */

/* Calls visit for each value that both orders have. Convolutions go by way of plain. */
typedef void copy_function(float *own, float *net_order);

static void copy_in(float *own, float *net_order)
{
    *own = *net_order;
}

static void copy_out(float *own, float *net_order)
{
    *net_order = *own;
}

static void copy_channels(const struct plan *plan, int tensor, float *own, float *net_order,
                          copy_function *copy)
{
    const struct plan_layout *layout = &plan->layouts[tensor];
    for (int c = 0; c < layout->channels; c++)
        copy(&own[layout->place[c]], &net_order[c]);
}

/* plain is the whole group's OIHW; block is the member's first. */
static void copy_member(const struct plan *plan, const struct plan_conv *conv,
                        const struct net_op *op, int block, float *plain, float *net_order,
                        copy_function *copy)
{
    const struct plan_layout *in = &plan->layouts[op->input], *out = &plan->layouts[op->output];
    size_t taps = (size_t)(conv->kernel * conv->kernel);
    size_t width = conv->depthwise ? 1 : (size_t)(conv->in_blocks * plan->lanes);
    int inputs = in->channels / op->groups;
    for (int o = 0; o < out->channels; o++)
        for (int i = 0; i < inputs; i++) {
            int first = o / (out->channels / op->groups) * inputs; /* of the group */
            size_t row = (size_t)(block * plan->lanes + out->place[o]);
            size_t column = conv->depthwise ? 0 : (size_t)in->place[first + i];
            for (size_t t = 0; t < taps; t++)
                copy(&plain[(row * width + column) * taps + t], net_order++);
        }
}

static void copy_convs(const struct parameters *parameters, float *own, float *net_order,
                       copy_function *copy)
{
    const struct plan *plan = parameters->plan;
    for (int c = 0; c < plan->conv_count; c++) {
        const struct plan_conv *conv = &plan->convs[c];
        struct convolution *convolution = parameters->convolutions[c];
        float *weights = own + parameters->conv[c];
        float *plain = mem_alloc(convolution->size, sizeof(*plain));
        if (copy == copy_out)
            convolution->type->get(convolution, weights, plain);
        for (int i = 0, block = 0; i < conv->op_count; i++) {
            const struct net_op *op = &plan->net->ops[conv->ops[i]];
            copy_member(plan, conv, op, block, plain,
                        net_order + plan->net->params[op->weight].offset, copy);
            block += plan->layouts[op->output].blocks;
        }
        if (copy == copy_in)
            convolution->type->set(convolution, plain, weights);
        free(plain);
    }
}

static void copy_linear(const struct plan *plan, const struct net_op *op, float *own,
                        float *net_order, copy_function *copy)
{
    int classes = plan->net->tensors[op->output].C, channels = plan->net->tensors[op->input].C;
    float *weight = net_order + plan->net->params[op->weight].offset;
    for (int i = 0; i < classes; i++, own += lanes_of(plan, op->input))
        copy_channels(plan, op->input, own, weight + i * channels, copy);
    for (int i = 0; i < classes; i++)
        copy(&own[i], &net_order[plan->net->params[op->bias].offset + (size_t)i]);
}

static void copy_all(const struct parameters *parameters, float *own, float *net_order,
                     copy_function *copy)
{
    const struct plan *plan = parameters->plan;
    const struct net *net = plan->net;
    copy_convs(parameters, own, net_order, copy);
    for (size_t i = 0; i < net->param_count; i++)
        for (size_t j = 0; parameters->dead[i] >= 0 && j < net->params[i].count; j++)
            copy(&own[(size_t)parameters->dead[i] + j], &net_order[net->params[i].offset + j]);
    for (size_t i = 0; i < net->op_count; i++) {
        const struct net_op *op = &net->ops[i];
        if (parameters->linear[i] >= 0)
            copy_linear(plan, op, own + parameters->linear[i], net_order, copy);
        for (int t = 0; t < op->term_count; t++) {
            const struct net_term *term = &net->terms[op->first_term + t];
            if (term->norm < 0 || parameters->gamma[term->norm] < 0)
                continue;
            const struct net_norm *norm = &net->norms[term->norm];
            copy_channels(plan, term->tensor, own + parameters->gamma[term->norm],
                          net_order + net->params[norm->gamma].offset, copy);
            copy_channels(plan, term->tensor, own + parameters->beta[term->norm],
                          net_order + net->params[norm->beta].offset, copy);
        }
    }
}

void parameters_import(const struct parameters *parameters, const float *net_order, float *own)
{
    copy_all(parameters, own, (float *)(uintptr_t)net_order, copy_in);
}

void parameters_export(const struct parameters *parameters, const float *own, float *net_order)
{
    copy_all(parameters, (float *)(uintptr_t)own, net_order, copy_out);
}

/* The mask is what weights of 1 become. */
static void open_masks(struct parameters *parameters)
{
    const struct plan *plan = parameters->plan;
    for (int c = 0; c < plan->conv_count; c++) {
        const struct plan_conv *conv = &plan->convs[c];
        const struct net_op *op = &plan->net->ops[conv->ops[0]];
        size_t size = parameters->convolutions[c]->size,
               count = plan->net->params[op->weight].count;
        if (!conv->grouped)
            continue;
        float *plain = mem_alloc(size, sizeof(*plain)), *ones = mem_alloc(count, sizeof(*ones));
        for (size_t i = 0; i < count; i++)
            ones[i] = 1;
        copy_member(plan, conv, op, 0, plain, ones, copy_in);
        parameters->mask[c] = mem_alloc(size, sizeof(float));
        parameters->convolutions[c]->type->set(parameters->convolutions[c], plain,
                                               parameters->mask[c]);
        free(plain);
        free(ones);
    }
}

/* ---- opening ---- */

void parameters_open(struct parameters *parameters, const struct plan *plan,
                     struct convolution **convolutions)
{
    const struct net *net = plan->net;
    *parameters = (struct parameters){.plan = plan,
                                      .convolutions = convolutions,
                                      .conv = offsets_new((size_t)plan->conv_count),
                                      .gamma = offsets_new(net->norm_count),
                                      .beta = offsets_new(net->norm_count),
                                      .linear = offsets_new(net->op_count),
                                      .dead = offsets_new(net->param_count)};
    for (int i = 0; i < plan->conv_count; i++)
        parameters->conv[i] = reserve(parameters, convolutions[i]->size);
    for (size_t i = 0; i < net->op_count; i++) {
        const struct net_op *op = &net->ops[i];
        if (!op->live)
            reserve_dead(parameters, op);
        reserve_norms(parameters, op);
        if (op->kind == NET_LINEAR && op->live)
            parameters->linear[i] = reserve(parameters, (size_t)net->tensors[op->output].C *
                                                            (lanes_of(plan, op->input) + 1));
    }
    parameters->values = mem_alloc_large(parameters->size, sizeof(float));
    parameters->momentum = mem_alloc_large(parameters->size, sizeof(float));
    parameters->gradient = mem_alloc_large(parameters->size, sizeof(float));
    parameters->squares = mem_alloc(parameters->size / PART + 1, sizeof(double));
    parameters->mask = mem_alloc((size_t)plan->conv_count, sizeof(*parameters->mask));
    memset(parameters->values, 0, parameters->size * sizeof(float));
    memset(parameters->momentum, 0, parameters->size * sizeof(float));
    memset(parameters->gradient, 0, parameters->size * sizeof(float));
    open_masks(parameters);
}

void parameters_close(struct parameters *parameters)
{
    for (int i = 0; parameters->mask && i < parameters->plan->conv_count; i++)
        free(parameters->mask[i]);
    free(parameters->mask);
    free(parameters->values);
    free(parameters->momentum);
    free(parameters->gradient);
    free(parameters->conv);
    free(parameters->gamma);
    free(parameters->beta);
    free(parameters->linear);
    free(parameters->dead);
    free(parameters->squares);
    *parameters = (struct parameters){0};
}

/* ---- the update ---- */

void parameters_mask_gradient(const struct parameters *parameters, int conv)
{
    float *gradient = parameters->gradient + parameters->conv[conv];
    const float *mask = parameters->mask[conv];
    for (size_t i = 0; mask && i < parameters->convolutions[conv]->size; i++)
        gradient[i] *= mask[i];
}

double parameters_gradient_norm(struct parameters *parameters)
{
    size_t parts = (parameters->size + PART - 1) / PART;
    double sum = 0;
#pragma omp parallel for schedule(static)
    for (size_t part = 0; part < parts; part++) {
        const float *gradient = parameters->gradient + part * PART;
        size_t left = parameters->size - part * PART, count = left < PART ? left : PART;
        double squares = 0;
#pragma omp simd reduction(+ : squares)
        for (size_t i = 0; i < count; i++)
            squares += (double)gradient[i] * (double)gradient[i];
        parameters->squares[part] = squares;
    }
    for (size_t part = 0; part < parts; part++)
        sum += parameters->squares[part];
    return sqrt(sum);
}

void parameters_update(struct parameters *parameters, const struct step *step, double norm)
{
    double clip = step->clip_norm > 0 ? step->clip_norm / (norm + 1e-6) : 1;
    const float scale = clip < 1 ? (float)clip : 1, decay = (float)step->weight_decay;
    const float momentum = (float)step->momentum, rate = (float)step->learning_rate;
    const float ahead = step->nesterov ? momentum : 1, now = step->nesterov ? 1 : 0;
    float *values = parameters->values, *velocity = parameters->momentum;
    const float *gradient = parameters->gradient;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < parameters->size; i++) {
        float g = scale * gradient[i] + decay * values[i];
        velocity[i] = momentum * velocity[i] + g;
        values[i] -= rate * (now * g + ahead * velocity[i]);
    }
}
