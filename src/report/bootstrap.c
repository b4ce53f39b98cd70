#include "report/bootstrap.h"

#include "base/mem.h"

#define MATHLIB_STANDALONE
#include <Rmath.h>
#include <math.h>
#include <stdlib.h>

/* Estimates that differ by less are equal but for rounding. */
static const double GRAIN = 1e-9;

bool bootstrap_suffices(size_t count, double level)
{
    return count > 1 && 1 - pow(2, 1 - (double)count) >= level;
}

static double mean_of(const double *values, size_t count)
{
    return stats_summary(values, count).mean;
}

static double draw_mean(struct rng *rng, const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[rng_below(rng, count)];
    return sum / (double)count;
}

/* Sums of powers of what each value contributes to the mean's deviation. */
struct influence {
    double squares, cubes;
};

static void add_influence(struct influence *influence, const double *values, size_t count)
{
    double mean = mean_of(values, count);
    for (size_t i = 0; i < count; i++) {
        double share = (values[i] - mean) / (double)count;
        influence->squares += pow(share, 2);
        influence->cubes += pow(share, 3);
    }
}

/* Where the estimate stands among the resampled ones, as a normal quantile; equal ones count half.
 */
static double bias_of(const double *resampled, size_t count, double estimate)
{
    double below = 0, all = (double)count;
    for (size_t i = 0; i < count; i++)
        below += resampled[i] < estimate - GRAIN ? 1 : resampled[i] <= estimate + GRAIN ? 0.5 : 0;
    return qnorm(fmin(fmax(below, 0.5), all - 0.5) / all, 0, 1, 1, 0);
}

struct interval bootstrap_bca(double *resampled, size_t count, double estimate, double acceleration,
                              double level)
{
    double bias = bias_of(resampled, count, estimate), bounds[2];
    for (int side = 0; side < 2; side++) {
        double z = bias + qnorm((1 - level) / 2, 0, 1, side == 0, 0);
        double corrected = bias + z / (1 - acceleration * z);
        bounds[side] = stats_quantile(resampled, count, pnorm(corrected, 0, 1, 1, 0));
    }
    return (struct interval){bounds[0], bounds[1]};
}

struct interval bootstrap_difference(struct bootstrap bootstrap, const double *a, size_t a_count,
                                     const double *b, size_t b_count)
{
    double *resampled = mem_alloc(bootstrap.resamples, sizeof(*resampled));
    struct influence influence = {0};
    add_influence(&influence, a, a_count);
    add_influence(&influence, b, b_count);
    for (size_t i = 0; i < bootstrap.resamples; i++)
        resampled[i] =
            draw_mean(&bootstrap.rng, a, a_count) - draw_mean(&bootstrap.rng, b, b_count);
    double acceleration =
        influence.squares > 0 ? influence.cubes / (6 * pow(influence.squares, 1.5)) : 0;
    struct interval interval =
        bootstrap_bca(resampled, bootstrap.resamples, mean_of(a, a_count) - mean_of(b, b_count),
                      acceleration, bootstrap.level);
    free(resampled);
    return interval;
}

struct interval bootstrap_mean(struct bootstrap bootstrap, const double *values, size_t count)
{
    static const double zero = 0;
    return bootstrap_difference(bootstrap, values, count, &zero, 1);
}
