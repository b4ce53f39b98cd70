#include "train/reference/reference.h"

#include <math.h>
#include <string.h>

/* One term (N, C, H, W) of a sum, with its batch norm and its drop path. */
struct term {
    const struct net_norm *norm; /* NULL: none */
    const double *x;
    size_t N, C, area;    /* area: H * W */
    const float *drop;    /* (N); NULL: never dropped */
    double *mean, *scale; /* (C) of the norm */
};

static struct term term_of(const struct reference *reference, const struct net_term *term)
{
    const struct net *net = reference->base.net;
    const struct net_norm *norm = term->norm < 0 ? NULL : &net->norms[term->norm];
    struct shape shape = net->tensors[term->tensor];
    bool drops = reference->training && reference->drop_scale && term->drop >= 0;
    return (struct term){
        .norm = norm,
        .x = reference->values[term->tensor],
        .N = reference->N,
        .C = (size_t)shape.C,
        .area = (size_t)(shape.H * shape.W),
        .drop = drops ? reference->drop_scale + (size_t)term->drop * reference->N : NULL,
        .mean = norm ? reference->norm_mean + norm->stat / 2 : NULL,
        .scale = norm ? reference->norm_scale + norm->stat / 2 : NULL,
    };
}

static double drop_of(const struct term *term, size_t n)
{
    return term->drop ? (double)term->drop[n] : 1;
}

/* gamma or beta of channel c; other where the norm is not affine. */
static double affine(const struct reference *reference, int param, size_t c, double other)
{
    return param < 0 ? other : reference->params[reference->base.net->params[param].offset + c];
}

/* Statistics of channel c over (N, H, W). */
static void batch_statistics(const struct term *term, size_t c, double *mean, double *variance)
{
    double sum = 0, squares = 0, count = (double)(term->N * term->area);
    for (size_t n = 0; n < term->N; n++)
        for (size_t i = 0; i < term->area; i++)
            sum += term->x[(n * term->C + c) * term->area + i];
    *mean = sum / count;
    for (size_t n = 0; n < term->N; n++)
        for (size_t i = 0; i < term->area; i++) {
            double apart = term->x[(n * term->C + c) * term->area + i] - *mean;
            squares += apart * apart;
        }
    *variance = squares / count;
}

/* Mean and scale that the batch norm is done with; in training its running statistics move. Of a
 * single value there is no unbiased variance, so the biased one goes in. */
static void find_statistics(struct reference *reference, const struct term *term)
{
    double *running_mean = reference->stats + term->norm->stat;
    double *running_variance = running_mean + term->C;
    double count = (double)(term->N * term->area), unbias = count > 1 ? count / (count - 1) : 1;
    for (size_t c = 0; c < term->C; c++) {
        double mean = running_mean[c], variance = running_variance[c];
        if (reference->training) {
            batch_statistics(term, c, &mean, &variance);
            running_mean[c] += NET_NORM_MOMENTUM * (mean - running_mean[c]);
            running_variance[c] += NET_NORM_MOMENTUM * (variance * unbias - running_variance[c]);
        }
        term->mean[c] = mean;
        term->scale[c] = 1 / sqrt(variance + NET_NORM_EPS);
    }
}

static void add_term(struct reference *reference, const struct term *term, double *y)
{
    if (term->norm)
        find_statistics(reference, term);
    for (size_t n = 0; n < term->N; n++)
        for (size_t c = 0; c < term->C; c++) {
            double times = 1, plus = 0;
            if (term->norm) {
                times = affine(reference, term->norm->gamma, c, 1) * term->scale[c];
                plus = affine(reference, term->norm->beta, c, 0) - term->mean[c] * times;
            }
            for (size_t i = 0; i < term->area; i++) {
                size_t at = (n * term->C + c) * term->area + i;
                y[at] += (term->x[at] * times + plus) * drop_of(term, n);
            }
        }
}

void reference_sum(struct reference *reference, const struct net_op *op)
{
    double *y = reference->values[op->output];
    memset(y, 0, reference_size(reference, op->output) * sizeof(*y));
    for (int t = 0; t < op->term_count; t++) {
        struct term term = term_of(reference, &reference->base.net->terms[op->first_term + t]);
        add_term(reference, &term, y);
    }
}

/* Of a term without batch norm. */
static void plain_back(const struct term *term, const double *dy, double *dx)
{
    for (size_t n = 0; n < term->N; n++)
        for (size_t i = 0; i < term->C * term->area; i++)
            dx[n * term->C * term->area + i] += dy[n * term->C * term->area + i] * drop_of(term, n);
}

/* Of channel c: with x' = (x - mean) scale, dx = gamma scale (dy - mean(dy) - x' mean(dy x')). */
static void norm_back(struct reference *reference, const struct term *term, size_t c,
                      const double *dy, double *dx)
{
    double sum = 0, with_x = 0, count = (double)(term->N * term->area);
    double times = affine(reference, term->norm->gamma, c, 1) * term->scale[c];
    for (size_t n = 0; n < term->N; n++)
        for (size_t i = 0; i < term->area; i++) {
            size_t at = (n * term->C + c) * term->area + i;
            sum += dy[at] * drop_of(term, n);
            with_x += dy[at] * drop_of(term, n) * (term->x[at] - term->mean[c]) * term->scale[c];
        }
    for (size_t n = 0; n < term->N; n++)
        for (size_t i = 0; i < term->area; i++) {
            size_t at = (n * term->C + c) * term->area + i;
            double x = (term->x[at] - term->mean[c]) * term->scale[c];
            dx[at] += times * (dy[at] * drop_of(term, n) - sum / count - x * with_x / count);
        }
    const struct net *net = reference->base.net;
    if (term->norm->gamma >= 0)
        reference->gradient[net->params[term->norm->gamma].offset + c] += with_x;
    if (term->norm->beta >= 0)
        reference->gradient[net->params[term->norm->beta].offset + c] += sum;
}

void reference_sum_back(struct reference *reference, const struct net_op *op)
{
    const double *dy = reference->gradients[op->output];
    for (int t = 0; t < op->term_count; t++) {
        const struct net_term *from = &reference->base.net->terms[op->first_term + t];
        struct term term = term_of(reference, from);
        double *dx = reference->gradients[from->tensor];
        if (!term.norm)
            plain_back(&term, dy, dx);
        for (size_t c = 0; term.norm && c < term.C; c++)
            norm_back(reference, &term, c, dy, dx);
    }
}

void reference_concat(struct reference *reference, const struct net_op *op)
{
    double *y = reference->values[op->output];
    for (size_t n = 0; n < reference->N; n++)
        for (int t = 0; t < op->term_count; t++) {
            struct term term = term_of(reference, &reference->base.net->terms[op->first_term + t]);
            for (size_t i = 0; i < term.C * term.area; i++)
                *y++ = term.x[n * term.C * term.area + i];
        }
}

void reference_concat_back(struct reference *reference, const struct net_op *op)
{
    const double *dy = reference->gradients[op->output];
    for (size_t n = 0; n < reference->N; n++)
        for (int t = 0; t < op->term_count; t++) {
            const struct net_term *from = &reference->base.net->terms[op->first_term + t];
            struct term term = term_of(reference, from);
            for (size_t i = 0; i < term.C * term.area; i++)
                reference->gradients[from->tensor][n * term.C * term.area + i] += *dy++;
        }
}
