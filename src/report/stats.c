#include "report/stats.h"

#include "base/mem.h"

#define MATHLIB_STANDALONE
#include <Rmath.h>
#include <math.h>
#include <stdlib.h>

struct summary stats_summary(const double *values, size_t count)
{
    struct summary summary = {0, NAN, NAN, NAN};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < count; i++) {
        summary.count += !isnan(values[i]);
        sum += isnan(values[i]) ? 0 : values[i];
    }
    if (summary.count)
        summary.mean = sum / (double)summary.count;
    if (summary.count < 2)
        return summary;
    for (size_t i = 0; i < count; i++)
        squares += isnan(values[i]) ? 0 : pow(values[i] - summary.mean, 2);
    summary.std = sqrt(squares / (double)(summary.count - 1));
    summary.sem = summary.std / sqrt((double)summary.count);
    return summary;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double stats_quantile(double *values, size_t count, double share)
{
    if (!count)
        return NAN;
    qsort(values, count, sizeof(*values), by_value);
    double place = share * (double)(count - 1);
    size_t below = (size_t)place, above = below + 1 < count ? below + 1 : below;
    return values[below] + (place - (double)below) * (values[above] - values[below]);
}

struct interval stats_wilson(size_t hits, size_t count, double level)
{
    if (!count)
        return (struct interval){NAN, NAN};
    double n = (double)count, share = (double)hits / n;
    double z = qnorm((1 - level) / 2, 0, 1, 0, 0), grown = 1 + z * z / n;
    double middle = (share + z * z / (2 * n)) / grown;
    double half = z / grown * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    return (struct interval){fmax(middle - half, 0), fmin(middle + half, 1)};
}

struct ordered {
    double value;
    size_t place;
};

/* A rank for each value, from 1. The caller frees. */
static double *mean_ranks(const double *values, size_t count)
{
    struct ordered *order = mem_alloc(count + 1, sizeof(*order));
    double *ranks = mem_alloc(count + 1, sizeof(*ranks));
    for (size_t i = 0; i < count; i++)
        order[i] = (struct ordered){values[i], i};
    qsort(order, count, sizeof(*order), by_value); /* it comes first in the struct */
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && !(order[end].value > order[i].value);)
            end++;
        for (size_t j = i; j < end; j++)
            ranks[order[j].place] = (double)(i + 1 + end) / 2;
    }
    free(order);
    return ranks;
}

double stats_spearman(const double *a, const double *b, size_t count)
{
    double *x = mean_ranks(a, count), *y = mean_ranks(b, count), middle = (double)(count + 1) / 2;
    double xy = 0, xx = 0, yy = 0;
    for (size_t i = 0; i < count; i++) {
        xy += (x[i] - middle) * (y[i] - middle);
        xx += pow(x[i] - middle, 2);
        yy += pow(y[i] - middle, 2);
    }
    free(x);
    free(y);
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : (double)NAN;
}

struct interval stats_spearman_interval(double rho, size_t count, double level)
{
    if (count < 4 || fabs(rho) >= 1)
        return (struct interval){NAN, NAN};
    double half =
        qnorm((1 - level) / 2, 0, 1, 0, 0) * sqrt((1 + rho * rho / 2) / (double)(count - 3));
    return (struct interval){tanh(atanh(rho) - half), tanh(atanh(rho) + half)};
}

void stats_holm(const double *p, double *adjusted, size_t count)
{
    struct ordered *order = mem_alloc(count + 1, sizeof(*order));
    for (size_t i = 0; i < count; i++)
        order[i] = (struct ordered){p[i], i};
    qsort(order, count, sizeof(*order), by_value);
    double so_far = 0;
    for (size_t i = 0; i < count; i++) {
        so_far = fmax(so_far, fmin(1, (double)(count - i) * order[i].value));
        adjusted[order[i].place] = so_far;
    }
    free(order);
}
