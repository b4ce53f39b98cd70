#include "report/stats.h"

#include "base/mem.h"

#define MATHLIB_STANDALONE
#include <Rmath.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* R's own limit: above it the normal approximation is as good. */
enum { EXACT_BELOW = 50 };

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

/* The differences other than 0, by size; ranks[i] is twice the rank of differences[i], so that the
 * shared ranks of ties are whole. */
struct ranked {
    double *differences;
    size_t *twice_rank;
    size_t count;
    bool ties;
    double tie_term; /* sum of t^3 - t over groups of t equal sizes */
};

static int by_size(const void *a, const void *b)
{
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* Differences are of numbers with few decimals; what is left of rounding is no difference. */
static double difference(double a, double b)
{
    static const double grain = 1e-9;
    return round((a - b) / grain) * grain;
}

static void rank(struct ranked *ranked)
{
    qsort(ranked->differences, ranked->count, sizeof(*ranked->differences), by_size);
    for (size_t i = 0, end; i < ranked->count; i = end) {
        double size = fabs(ranked->differences[i]);
        for (end = i; end < ranked->count && fabs(ranked->differences[end]) == size;)
            end++;
        for (size_t j = i; j < end; j++)
            ranked->twice_rank[j] = i + 1 + end;
        double t = (double)(end - i);
        ranked->ties = ranked->ties || end - i > 1;
        ranked->tie_term += t * t * t - t;
    }
}

static size_t twice_positive_sum(const struct ranked *ranked)
{
    size_t sum = 0;
    for (size_t i = 0; i < ranked->count; i++)
        if (ranked->differences[i] > 0)
            sum += ranked->twice_rank[i];
    return sum;
}

/* The exact chance of a sum of positive ranks as far to one side, signs being fair coins: counted,
 * for the ranks that there are. R approximates where ranks are shared; with five pairs that can
 * promise a smaller p than any five pairs can give. */
static double counted_tail(const struct ranked *ranked, size_t twice_sum)
{
    size_t total = ranked->count * (ranked->count + 1);
    double *ways = mem_alloc(total + 1, sizeof(*ways)), below = 0, above = 0, all = 0;
    ways[0] = 1;
    for (size_t i = 0; i < ranked->count; i++)
        for (size_t sum = total; sum >= ranked->twice_rank[i]; sum--)
            ways[sum] += ways[sum - ranked->twice_rank[i]];
    for (size_t sum = 0; sum <= total; sum++) {
        below += sum <= twice_sum ? ways[sum] : 0;
        above += sum >= twice_sum ? ways[sum] : 0;
        all += ways[sum];
    }
    free(ways);
    return fmin(below, above) / all;
}

static double untied_tail(size_t count, double sum)
{
    double n = (double)count, middle = n * (n + 1) / 4;
    double tail = sum > middle ? psignrank(sum - 1, n, 0, 0) : psignrank(sum, n, 1, 0);
    signrank_free();
    return tail;
}

static double normal_tail(const struct ranked *ranked, double sum)
{
    double n = (double)ranked->count, away = fabs(sum - n * (n + 1) / 4);
    double sigma = sqrt(n * (n + 1) * (2 * n + 1) / 24 - ranked->tie_term / 48);
    return pnorm(-fmax(away - 0.5, 0) / sigma, 0, 1, 1, 0); /* 0.5: continuity */
}

static double two_sided_p(const struct ranked *ranked)
{
    size_t twice_sum = twice_positive_sum(ranked);
    double sum = (double)twice_sum / 2, tail;
    if (!ranked->count)
        return 1;
    if (ranked->count >= EXACT_BELOW)
        tail = normal_tail(ranked, sum);
    else if (ranked->ties)
        tail = counted_tail(ranked, twice_sum);
    else
        tail = untied_tail(ranked->count, sum);
    return fmin(1, 2 * tail);
}

struct wilcoxon stats_wilcoxon(const double *a, const double *b, size_t count)
{
    struct wilcoxon test = {.pairs = count};
    struct ranked ranked = {.differences = mem_alloc(count + 1, sizeof(double)),
                            .twice_rank = mem_alloc(count + 1, sizeof(size_t))};
    for (size_t i = 0; i < count; i++)
        ranked.differences[i] = difference(a[i], b[i]);
    test.median_difference = stats_quantile(ranked.differences, count, 0.5);
    for (size_t i = 0; i < count; i++)
        if (ranked.differences[i] != 0)
            ranked.differences[ranked.count++] = ranked.differences[i];
    rank(&ranked);
    test.unequal = ranked.count;
    test.p = two_sided_p(&ranked);
    test.smallest_p = fmin(1, pow(2, 1 - (double)ranked.count));
    free(ranked.differences);
    free(ranked.twice_rank);
    return test;
}

struct ordered {
    double p;
    size_t place;
};

void stats_holm(const double *p, double *adjusted, size_t count)
{
    struct ordered *order = mem_alloc(count + 1, sizeof(*order));
    for (size_t i = 0; i < count; i++)
        order[i] = (struct ordered){p[i], i};
    qsort(order, count, sizeof(*order), by_value); /* p comes first in the struct */
    double so_far = 0;
    for (size_t i = 0; i < count; i++) {
        so_far = fmax(so_far, fmin(1, (double)(count - i) * order[i].p));
        adjusted[order[i].place] = so_far;
    }
    free(order);
}
