#include "train/cuda/parameters.h"

#include "base/mem.h"

#include <stdlib.h>

/* ---- order ---- */

/* (outputs, k, k, inputs), or of one that is depthwise (k, k, channels). */
static void place_conv(struct parameters *parameters, int index)
{
    struct order *order = &parameters->order;
    const struct plan_conv *conv = &order->plan->convs[index];
    size_t taps = (size_t)(conv->kernel * conv->kernel);
    size_t inputs = (size_t)conv->in_blocks * KERNEL_LANES,
           outputs = (size_t)conv->out_blocks * KERNEL_LANES;
    ptrdiff_t place = order_reserve(order, taps * inputs * (conv->depthwise ? 1 : outputs));
    const struct order_strides dense = {.output = taps * inputs, .input = 1, .tap = inputs},
                               depthwise = {.output = 1, .input = 0, .tap = inputs};
    order_conv(order->plan, conv, conv->depthwise ? depthwise : dense, order->source + place);
    parameters->conv[index] = place;
}

static void place_all(struct parameters *parameters)
{
    const struct plan *plan = parameters->order.plan;
    for (int depthwise = 0; depthwise < 2; depthwise++) {
        for (int i = 0; i < plan->conv_count; i++)
            if (plan->convs[i].depthwise == depthwise)
                place_conv(parameters, i);
        *(depthwise ? &parameters->conv_size : &parameters->dense_size) = parameters->order.size;
    }
    order_rest(&parameters->order);
}

/* ---- opening ---- */

static bool open_mask(struct parameters *parameters, struct device *device, struct err *err)
{
    bool grouped = false;
    for (int i = 0; i < parameters->order.plan->conv_count; i++)
        grouped = grouped || parameters->order.plan->convs[i].grouped;
    if (!grouped)
        return true;
    float *mask = mem_alloc(parameters->dense_size, sizeof(*mask));
    for (size_t i = 0; i < parameters->dense_size; i++)
        mask[i] = parameters->order.source[i] == ORDER_NONE ? 0 : 1;
    parameters->mask = device_memory(device, parameters->dense_size, sizeof(*mask), err);
    bool ok = parameters->mask && device_set(device, parameters->mask, mask,
                                             parameters->dense_size * sizeof(*mask), err);
    free(mask);
    return ok;
}

bool parameters_open(struct parameters *parameters, const struct plan *plan, enum value_type type,
                     struct device *device, struct err *err)
{
    *parameters =
        (struct parameters){.conv = mem_alloc((size_t)plan->conv_count, sizeof(*parameters->conv))};
    order_open(&parameters->order, plan, KERNEL_LANES, 0);
    place_all(parameters);
    size_t size = parameters->order.size, half = sizeof(uint16_t);
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
    order_close(&parameters->order);
    free(parameters->conv);
    *parameters = (struct parameters){0};
}

/* ---- in and out ---- */

bool parameters_import(const struct parameters *parameters, struct device *device,
                       const float *net_order, float *own, struct err *err)
{
    const struct order *order = &parameters->order;
    float *host = mem_alloc(order->size, sizeof(*host));
    order_import(order->source, order->size, net_order, host);
    bool ok = device_set(device, own, host, order->size * sizeof(*host), err);
    free(host);
    return ok;
}

bool parameters_export(const struct parameters *parameters, struct device *device, const float *own,
                       float *net_order, struct err *err)
{
    const struct order *order = &parameters->order;
    float *host = mem_alloc(order->size, sizeof(*host));
    bool ok = device_get(device, host, own, order->size * sizeof(*host), err);
    if (ok)
        order_export(order->source, order->size, host, net_order);
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
                                           parameters->order.size, PARAMETERS_PARTS};
    const struct kernel_clip clip = {parameters->squares, step, result, PARAMETERS_PARTS};
    const struct kernel_update update = {.values = parameters->values,
                                         .momentum = parameters->momentum,
                                         .gradient = parameters->gradient,
                                         .rounded = parameters->rounded,
                                         .rounded_size =
                                             parameters->rounded ? parameters->conv_size : 0,
                                         .step = step,
                                         .result = result,
                                         .size = parameters->order.size};
    return gather_dense(parameters, device, err) &&
           device_launch(device, KERNEL_SQUARES, VALUE_FLOAT, &squares, PARAMETERS_PARTS, err) &&
           device_launch(device, KERNEL_CLIP, VALUE_FLOAT, &clip, 1, err) &&
           device_launch(device, KERNEL_UPDATE, VALUE_FLOAT, &update, update.size, err);
}
