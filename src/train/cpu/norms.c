#include "train/cpu/norms.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

static void norm_open(struct norms *norms, size_t index, size_t lanes, float *running)
{
    const struct net *net = norms->plan->net;
    struct norm *norm = &norms->norms[index];
    struct shape shape = net->tensors[net->norms[index].tensor];
    *norm = (struct norm){.lanes = lanes,
                          .pixels = (size_t)(shape.H * shape.W),
                          .first = mem_alloc(2 * norms->threads * lanes, sizeof(double)),
                          .mean = mem_alloc(8 * lanes, sizeof(float)),
                          .running = running,
                          .gamma = norms->parameters->order.gamma[index],
                          .beta = norms->parameters->order.beta[index]};
    norm->second = norm->first + norms->threads * lanes;
    norm->inverse = norm->mean + lanes;
    for (size_t i = 0; i < 3; i++) {
        norm->scale[i] = norm->mean + (2 + 2 * i) * lanes;
        norm->shift[i] = norm->scale[i] + lanes;
    }
    if (lanes > norms->room_lanes)
        norms->room_lanes = lanes;
}

void norms_open(struct norms *norms, const struct plan *plan, struct parameters *parameters,
                size_t threads)
{
    const struct net *net = plan->net;
    *norms = (struct norms){.plan = plan,
                            .parameters = parameters,
                            .norms = mem_alloc(net->norm_count, sizeof(*norms->norms)),
                            .stats = mem_alloc(net->stat_size, sizeof(float)),
                            .threads = threads};
    norms->source = order_stats(plan, &norms->running_size);
    norms->running = mem_alloc(norms->running_size, sizeof(*norms->running));
    for (size_t i = 0, first = 0; i < net->norm_count; i++) {
        size_t lanes = order_norm_channels(plan, i);
        if (lanes)
            norm_open(norms, i, lanes, norms->running + first);
        first += 2 * lanes;
    }
    norms->room = mem_alloc(threads * 2 * norms->room_lanes, sizeof(float));
}

void norms_close(struct norms *norms)
{
    for (size_t i = 0; norms->norms && i < norms->plan->net->norm_count; i++) {
        free(norms->norms[i].first);
        free(norms->norms[i].mean);
    }
    free(norms->norms);
    free(norms->stats);
    free(norms->source);
    free(norms->running);
    free(norms->room);
    *norms = (struct norms){0};
}

void norms_import(struct norms *norms, const float *stats)
{
    memcpy(norms->stats, stats, norms->plan->net->stat_size * sizeof(*stats));
    order_import(norms->source, norms->running_size, stats, norms->running);
}

void norms_export(const struct norms *norms, float *stats)
{
    memcpy(stats, norms->stats, norms->plan->net->stat_size * sizeof(*stats));
    order_export(norms->source, norms->running_size, norms->running, stats);
}

/* ---- forward ---- */

/* Mean and squares of the thread's images so far, joined with those of one more (Chan, Golub and
 * LeVeque): sums of squares themselves would lose digits. */
void norms_gather_moments(struct norms *norms, const struct kernels *kernels, int index,
                          size_t thread, size_t seen, const void *data)
{
    struct norm *norm = &norms->norms[index];
    double *mean = norm->first + thread * norm->lanes,
           *squares = norm->second + thread * norm->lanes;
    float *image_mean = norms->room + thread * 2 * norms->room_lanes;
    float *image_squares = image_mean + norms->room_lanes;
    double share = 1 / (double)(seen + 1);
    double weight = (double)norm->pixels * (double)seen * share;
    kernels->moments(data, norm->lanes / (size_t)kernels->lanes, norm->pixels, image_mean,
                     image_squares);
    for (size_t c = 0; c < norm->lanes; c++) {
        double difference = seen ? (double)image_mean[c] - mean[c] : 0;
        mean[c] = seen ? mean[c] + difference * share : (double)image_mean[c];
        squares[c] =
            (seen ? squares[c] : 0) + (double)image_squares[c] + difference * difference * weight;
    }
}

static void set_forward(struct norms *norms, struct norm *norm, const float *mean,
                        const float *inverse)
{
    const float *values = norms->parameters->values;
    float *scale = norm->scale[NORMALISED - 1], *shift = norm->shift[NORMALISED - 1];
    for (size_t c = 0; c < norm->lanes; c++) {
        scale[c] = inverse[c] * (norm->gamma >= 0 ? values[norm->gamma + (ptrdiff_t)c] : 1);
        shift[c] = (norm->beta >= 0 ? values[norm->beta + (ptrdiff_t)c] : 0) - mean[c] * scale[c];
    }
}

static float running(float old, double value)
{
    return (float)((1 - NET_NORM_MOMENTUM) * (double)old + NET_NORM_MOMENTUM * value);
}

void norms_finish_moments(struct norms *norms, int index, const size_t *images)
{
    struct norm *norm = &norms->norms[index];
    size_t lanes = norm->lanes, total = images[0];
    double *mean = norm->first, *squares = norm->second;
    for (size_t thread = 1; thread < norms->threads && images[thread]; thread++) {
        double here = (double)images[thread], share = here / (double)(total + images[thread]);
        double weight = (double)norm->pixels * (double)total * share;
        for (size_t c = 0; c < lanes; c++) {
            double difference = norm->first[thread * lanes + c] - mean[c];
            mean[c] += difference * share;
            squares[c] += norm->second[thread * lanes + c] + difference * difference * weight;
        }
        total += images[thread];
    }
    double count = (double)(total * norm->pixels), unbiased = count > 1 ? count - 1 : 1;
    for (size_t c = 0; c < lanes; c++) {
        norm->mean[c] = (float)mean[c];
        norm->inverse[c] = (float)(1 / sqrt(squares[c] / count + NET_NORM_EPS));
        norm->running[c] = running(norm->running[c], mean[c]);
        norm->running[lanes + c] = running(norm->running[lanes + c], squares[c] / unbiased);
    }
    set_forward(norms, norm, norm->mean, norm->inverse);
}

void norms_use_running(struct norms *norms)
{
    for (size_t i = 0; i < norms->plan->net->norm_count; i++) {
        struct norm *norm = &norms->norms[i];
        for (size_t c = 0; c < norm->lanes; c++)
            norm->inverse[c] =
                (float)(1 / sqrt((double)norm->running[norm->lanes + c] + NET_NORM_EPS));
        set_forward(norms, norm, norm->running, norm->inverse);
    }
}

/* ---- backward ---- */

void norms_gather_products(struct norms *norms, const struct kernels *kernels, int index,
                           size_t thread, size_t seen, float factor, const void *gradient,
                           const void *data)
{
    struct norm *norm = &norms->norms[index];
    double *sum = norm->first + thread * norm->lanes,
           *product = norm->second + thread * norm->lanes;
    float *image_sum = norms->room + thread * 2 * norms->room_lanes;
    float *image_product = image_sum + norms->room_lanes;
    kernels->products(gradient, data, norm->mean, norm->lanes / (size_t)kernels->lanes,
                      norm->pixels, image_sum, image_product);
    for (size_t c = 0; c < norm->lanes; c++) {
        sum[c] = (seen ? sum[c] : 0) + (double)(factor * image_sum[c]);
        product[c] = (seen ? product[c] : 0) + (double)(factor * image_product[c]);
    }
}

/* With x' = (x - mean) * inverse and g the gradient of gamma x' + beta, that of x is
 * gamma * inverse * (g - mean(g) - x' mean(g x')). */
void norms_finish_products(struct norms *norms, int index, const size_t *images)
{
    struct norm *norm = &norms->norms[index];
    const struct parameters *parameters = norms->parameters;
    size_t lanes = norm->lanes, total = images[0];
    double *sum = norm->first, *product = norm->second;
    for (size_t thread = 1; thread < norms->threads && images[thread]; thread++) {
        for (size_t c = 0; c < lanes; c++) {
            sum[c] += norm->first[thread * lanes + c];
            product[c] += norm->second[thread * lanes + c];
        }
        total += images[thread];
    }
    double count = (double)(total * norm->pixels);
    for (size_t c = 0; c < lanes; c++) {
        double inverse = (double)norm->inverse[c], of_gamma = product[c] * inverse;
        double gamma =
            norm->gamma >= 0 ? (double)parameters->values[norm->gamma + (ptrdiff_t)c] : 1;
        double slope = -gamma * inverse * inverse * of_gamma / count;
        norm->scale[SUM_GRADIENT - 1][c] = (float)(gamma * inverse);
        norm->shift[SUM_GRADIENT - 1][c] = 0;
        norm->scale[INPUT_GRADIENT - 1][c] = (float)slope;
        norm->shift[INPUT_GRADIENT - 1][c] =
            (float)(-gamma * inverse * sum[c] / count - slope * (double)norm->mean[c]);
        if (norm->gamma < 0)
            continue;
        parameters->gradient[norm->gamma + (ptrdiff_t)c] = (float)of_gamma;
        parameters->gradient[norm->beta + (ptrdiff_t)c] = (float)sum[c];
    }
}
