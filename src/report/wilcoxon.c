#include "report/wilcoxon.h"

#include "base/mem.h"
#include "report/stats.h"

#define MATHLIB_STANDALONE
#include <Rmath.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Signed ranks are counted below so many pairs (R's limit), rank sums up to so many additions. */
static const size_t PAIRS_COUNTED = 50;
static const double SUMS_COUNTED = 1e8;

/* What is ranked, by size. The ranks of the marked items are added up: those of the positive
 * differences, or of the first sample. */
struct item {
    double size;
    bool marked;
    size_t twice_rank; /* so that ranks that several items share are whole */
};

struct ranking {
    struct item *items;
    size_t count;
    size_t twice_sum; /* of the marked items */
    bool ties;
    double tie_term; /* sum of t^3 - t over groups of t equal sizes */
};

/* Scores have few decimals; what is left of rounding is no difference. */
static double grained(double value)
{
    static const double grain = 1e-9;
    return round(value / grain) * grain;
}

static int by_size(const void *a, const void *b)
{
    double x = ((const struct item *)a)->size, y = ((const struct item *)b)->size;
    return (x > y) - (x < y);
}

static void rank(struct ranking *ranking)
{
    struct item *items = ranking->items;
    qsort(items, ranking->count, sizeof(*items), by_size);
    for (size_t i = 0, end; i < ranking->count; i = end) {
        for (end = i; end < ranking->count && items[end].size == items[i].size;)
            end++;
        for (size_t j = i; j < end; j++) {
            items[j].twice_rank = i + 1 + end;
            ranking->twice_sum += items[j].marked ? items[j].twice_rank : 0;
        }
        double t = (double)(end - i);
        ranking->ties = ranking->ties || end - i > 1;
        ranking->tie_term += t * t * t - t;
    }
}

/* The smaller share of outcomes at or past the sum on one side; ways[s] outcomes have the sum s. */
static double tail_of(const double *ways, size_t sums, size_t sum)
{
    double below = 0, above = 0, all = 0;
    for (size_t s = 0; s < sums; s++) {
        below += s <= sum ? ways[s] : 0;
        above += s >= sum ? ways[s] : 0;
        all += ways[s];
    }
    return fmin(below, above) / all;
}

/* Every item is marked or not, by a fair coin. */
static double counted_signed_tail(const struct ranking *ranking)
{
    size_t total = ranking->count * (ranking->count + 1);
    double *ways = mem_alloc(total + 1, sizeof(*ways));
    ways[0] = 1;
    for (size_t i = 0; i < ranking->count; i++)
        for (size_t sum = total; sum >= ranking->items[i].twice_rank; sum--)
            ways[sum] += ways[sum - ranking->items[i].twice_rank];
    double tail = tail_of(ways, total + 1, ranking->twice_sum);
    free(ways);
    return tail;
}

static double untied_signed_tail(const struct ranking *ranking)
{
    double n = (double)ranking->count, sum = (double)ranking->twice_sum / 2;
    double tail = sum > n * (n + 1) / 4 ? psignrank(sum - 1, n, 0, 0) : psignrank(sum, n, 1, 0);
    signrank_free();
    return tail;
}

/* With a correction for continuity. */
static double normal_tail(double away, double sigma)
{
    return sigma > 0 ? pnorm(-fmax(fabs(away) - 0.5, 0) / sigma, 0, 1, 1, 0) : 0.5;
}

static double signed_tail(const struct ranking *ranking)
{
    double n = (double)ranking->count;
    if (ranking->count < PAIRS_COUNTED)
        return ranking->ties ? counted_signed_tail(ranking) : untied_signed_tail(ranking);
    return normal_tail((double)ranking->twice_sum / 2 - n * (n + 1) / 4,
                       sqrt(n * (n + 1) * (2 * n + 1) / 24 - ranking->tie_term / 48));
}

/* Of the ranks of all items, those of the marked ones less the others. */
static double rank_biserial(const struct ranking *ranking)
{
    double all = (double)(ranking->count * (ranking->count + 1));
    return all > 0 ? 2 * (double)ranking->twice_sum / all - 1 : 0;
}

struct wilcoxon wilcoxon_signed_rank(const double *a, const double *b, size_t count)
{
    double *differences = mem_alloc(count + 1, sizeof(*differences));
    struct ranking ranking = {.items = mem_alloc(count + 1, sizeof(*ranking.items))};
    for (size_t i = 0; i < count; i++) {
        differences[i] = grained(a[i] - b[i]);
        if (differences[i] != 0)
            ranking.items[ranking.count++] =
                (struct item){.size = fabs(differences[i]), .marked = differences[i] > 0};
    }
    rank(&ranking);
    struct wilcoxon test = {.counts = {count, ranking.count},
                            .difference = stats_quantile(differences, count, 0.5),
                            .effect = rank_biserial(&ranking),
                            .p = ranking.count ? fmin(1, 2 * signed_tail(&ranking)) : 1,
                            .smallest_p = fmin(1, pow(2, 1 - (double)ranking.count))};
    free(differences);
    free(ranking.items);
    return test;
}

/* Which `marked` of the items are marked is drawn at random: ways[k][s] of k items with the sum s
 * of twice their ranks. */
static double counted_sum_tail(const struct ranking *ranking, size_t marked)
{
    size_t sums = 2 * ranking->count * marked + 1;
    double *ways = mem_alloc((marked + 1) * sums, sizeof(*ways));
    ways[0] = 1;
    for (size_t i = 0; i < ranking->count; i++) {
        size_t twice_rank = ranking->items[i].twice_rank;
        for (size_t k = marked; k > 0; k--)
            for (size_t sum = sums - 1; sum >= twice_rank; sum--)
                ways[k * sums + sum] += ways[(k - 1) * sums + sum - twice_rank];
    }
    double tail = tail_of(ways + marked * sums, sums, ranking->twice_sum);
    free(ways);
    return tail;
}

static double sum_tail(const struct ranking *ranking, size_t marked)
{
    double m = (double)marked, all = (double)ranking->count, n = all - m;
    if (2 * all * all * m * m <= SUMS_COUNTED)
        return counted_sum_tail(ranking, marked);
    double ties = ranking->tie_term / (all * (all - 1));
    return normal_tail((double)ranking->twice_sum / 2 - m * (all + 1) / 2,
                       sqrt(m * n / 12 * (all + 1 - ties)));
}

/* Of the marked items against the others. */
static double cliffs_delta(const struct ranking *ranking, size_t marked)
{
    double pairs = (double)marked * (double)(ranking->count - marked);
    double wins = ((double)ranking->twice_sum - (double)(marked * (marked + 1))) / 2;
    return pairs > 0 ? 2 * wins / pairs - 1 : 0;
}

/* Adds a sample to what is ranked, and returns its median. */
static double add_sample(struct ranking *ranking, const double *values, size_t count, bool marked)
{
    double *sorted = mem_alloc(count + 1, sizeof(*sorted));
    for (size_t i = 0; i < count; i++) {
        sorted[i] = grained(values[i]);
        ranking->items[ranking->count++] = (struct item){.size = sorted[i], .marked = marked};
    }
    double median = stats_quantile(sorted, count, 0.5);
    free(sorted);
    return median;
}

struct wilcoxon wilcoxon_rank_sum(const double *a, size_t a_count, const double *b, size_t b_count)
{
    struct ranking ranking = {.items = mem_alloc(a_count + b_count + 1, sizeof(*ranking.items))};
    bool a_is_smaller = a_count <= b_count; /* the smaller sample is the quicker one to count */
    double a_median = add_sample(&ranking, a, a_count, a_is_smaller);
    double b_median = add_sample(&ranking, b, b_count, !a_is_smaller);
    size_t marked = a_is_smaller ? a_count : b_count;
    rank(&ranking);
    struct wilcoxon test = {
        .counts = {a_count, b_count},
        .difference = a_median - b_median,
        .effect = (a_is_smaller ? 1 : -1) * cliffs_delta(&ranking, marked),
        .p = marked ? fmin(1, 2 * sum_tail(&ranking, marked)) : 1,
        .smallest_p = fmin(1, 2 / choose((double)ranking.count, (double)marked)),
    };
    free(ranking.items);
    return test;
}
