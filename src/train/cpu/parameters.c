#include "train/cpu/parameters.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

enum { PART = 4096, LINE = 16 };

/* ---- the net's order: weights of convolutions by way of a plain OIHW of theirs ---- */

/* Its source; the caller frees. */
static ptrdiff_t *plain_source(const struct parameters *parameters, int index)
{
    const struct plan *plan = parameters->order.plan;
    const struct plan_conv *conv = &plan->convs[index];
    size_t taps = (size_t)(conv->kernel * conv->kernel);
    size_t inputs = conv->depthwise ? 1 : (size_t)(conv->in_blocks * plan->lanes);
    ptrdiff_t *source = order_nones(parameters->convolutions[index]->size);
    const struct order_strides strides = {
        .output = inputs * taps, .input = conv->depthwise ? 0 : taps, .tap = 1};
    order_conv(plan, conv, strides, source);
    return source;
}

void parameters_import(const struct parameters *parameters, const float *net_order, float *own)
{
    const struct order *order = &parameters->order;
    for (int i = 0; i < order->plan->conv_count; i++) {
        struct convolution *convolution = parameters->convolutions[i];
        ptrdiff_t *source = plain_source(parameters, i);
        float *plain = mem_alloc(convolution->size, sizeof(*plain));
        order_import(source, convolution->size, net_order, plain);
        convolution->type->set(convolution, plain, own + parameters->conv[i]);
        free(source);
        free(plain);
    }
    order_import(order->source, order->size - order->first, net_order, own + order->first);
}

void parameters_export(const struct parameters *parameters, const float *own, float *net_order)
{
    const struct order *order = &parameters->order;
    for (int i = 0; i < order->plan->conv_count; i++) {
        struct convolution *convolution = parameters->convolutions[i];
        ptrdiff_t *source = plain_source(parameters, i);
        float *plain = mem_alloc(convolution->size, sizeof(*plain));
        convolution->type->get(convolution, own + parameters->conv[i], plain);
        order_export(source, convolution->size, plain, net_order);
        free(source);
        free(plain);
    }
    order_export(order->source, order->size - order->first, own + order->first, net_order);
}

/* The mask is what weights of 1 become. */
static void open_masks(struct parameters *parameters)
{
    const struct plan *plan = parameters->order.plan;
    for (int i = 0; i < plan->conv_count; i++) {
        struct convolution *convolution = parameters->convolutions[i];
        if (!plan->convs[i].grouped)
            continue;
        ptrdiff_t *source = plain_source(parameters, i);
        float *plain = mem_alloc(convolution->size, sizeof(*plain));
        for (size_t j = 0; j < convolution->size; j++)
            plain[j] = source[j] == ORDER_NONE ? 0 : 1;
        parameters->mask[i] = mem_alloc(convolution->size, sizeof(float));
        convolution->type->set(convolution, plain, parameters->mask[i]);
        free(source);
        free(plain);
    }
}

/* ---- opening ---- */

static float *zeros(size_t count)
{
    float *values = mem_alloc_large(count, sizeof(*values));
    memset(values, 0, count * sizeof(*values));
    return values;
}

void parameters_open(struct parameters *parameters, const struct plan *plan,
                     struct convolution **convolutions)
{
    size_t convs = (size_t)plan->conv_count, end = 0;
    *parameters = (struct parameters){.convolutions = convolutions,
                                      .conv = mem_alloc(convs, sizeof(*parameters->conv)),
                                      .mask = mem_alloc(convs, sizeof(*parameters->mask))};
    for (size_t i = 0; i < convs; i++) {
        parameters->conv[i] = end;
        end += (convolutions[i]->size + LINE - 1) / LINE * LINE;
    }
    order_open(&parameters->order, plan, LINE, end);
    order_rest(&parameters->order);
    size_t size = parameters->order.size;
    parameters->values = zeros(size);
    parameters->momentum = zeros(size);
    parameters->gradient = zeros(size);
    parameters->squares = mem_alloc(size / PART + 1, sizeof(double));
    open_masks(parameters);
}

void parameters_close(struct parameters *parameters)
{
    for (int i = 0; parameters->mask && i < parameters->order.plan->conv_count; i++)
        free(parameters->mask[i]);
    free(parameters->mask);
    free(parameters->values);
    free(parameters->momentum);
    free(parameters->gradient);
    free(parameters->conv);
    free(parameters->squares);
    order_close(&parameters->order);
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
    size_t parts = (parameters->order.size + PART - 1) / PART;
    double sum = 0;
#pragma omp parallel for schedule(static)
    for (size_t part = 0; part < parts; part++) {
        const float *gradient = parameters->gradient + part * PART;
        size_t left = parameters->order.size - part * PART, count = left < PART ? left : PART;
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
    for (size_t i = 0; i < parameters->order.size; i++) {
        float g = scale * gradient[i] + decay * values[i];
        velocity[i] = momentum * velocity[i] + g;
        values[i] -= rate * (now * g + ahead * velocity[i]);
    }
}
