#include "train/cuda/norms.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static void place_norm(struct kernel_norm *norm, const struct parameters *parameters, size_t index,
                       size_t channels, float *running, float *work)
{
    ptrdiff_t gamma = parameters->order.gamma[index], beta = parameters->order.beta[index];
    *norm = (struct kernel_norm){.running_mean = running,
                                 .running_variance = running + channels,
                                 .mean = work,
                                 .inverse = work + channels};
    for (size_t i = 0; i < 3; i++) {
        norm->scale[i] = work + (2 + 2 * i) * channels;
        norm->shift[i] = work + (3 + 2 * i) * channels;
    }
    if (gamma == ORDER_NONE)
        return;
    norm->gamma = parameters->values + gamma;
    norm->beta = parameters->values + beta;
    norm->gamma_gradient = parameters->gradient + gamma;
    norm->beta_gradient = parameters->gradient + beta;
}

bool norms_open(struct norms *norms, const struct parameters *parameters, struct device *device,
                struct err *err)
{
    const struct plan *plan = parameters->order.plan;
    const struct net *net = plan->net;
    *norms = (struct norms){.plan = plan,
                            .norms = mem_alloc(net->norm_count, sizeof(*norms->norms)),
                            .stats = mem_alloc(net->stat_size, sizeof(*norms->stats))};
    norms->source = order_stats(plan, &norms->running_size);
    float *work = device_memory(device, 4 * norms->running_size, sizeof(*work), err);
    norms->running = device_memory(device, norms->running_size, sizeof(float), err);
    if (!work || !norms->running)
        return false;
    for (size_t i = 0, first = 0; i < net->norm_count; i++) {
        size_t channels = order_norm_channels(plan, i);
        if (channels)
            place_norm(&norms->norms[i], parameters, i, channels, norms->running + 2 * first,
                       work + 8 * first);
        first += channels;
    }
    return true;
}

void norms_close(struct norms *norms)
{
    free(norms->norms);
    free(norms->source);
    free(norms->stats);
    *norms = (struct norms){0};
}

bool norms_import(struct norms *norms, struct device *device, const float *stats, struct err *err)
{
    float *host = mem_alloc(norms->running_size, sizeof(*host));
    memcpy(norms->stats, stats, norms->plan->net->stat_size * sizeof(*stats));
    order_import(norms->source, norms->running_size, stats, host);
    bool ok = device_set(device, norms->running, host, norms->running_size * sizeof(*host), err);
    free(host);
    return ok;
}

bool norms_export(const struct norms *norms, struct device *device, float *stats, struct err *err)
{
    float *host = mem_alloc(norms->running_size, sizeof(*host));
    bool ok = device_get(device, host, norms->running, norms->running_size * sizeof(*host), err);
    memcpy(stats, norms->stats, norms->plan->net->stat_size * sizeof(*stats));
    if (ok)
        order_export(norms->source, norms->running_size, host, stats);
    free(host);
    return ok;
}

bool norms_use_running(const struct norms *norms, struct device *device, struct err *err)
{
    for (size_t i = 0; i < norms->plan->net->norm_count; i++) {
        size_t channels = order_norm_channels(norms->plan, i);
        const struct kernel_use_running use = {norms->norms[i], (int)channels / KERNEL_LANES};
        if (!device_launch(device, KERNEL_USE_RUNNING, VALUE_FLOAT, &use, channels, err))
            return false;
    }
    return true;
}
