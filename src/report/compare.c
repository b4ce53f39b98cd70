#include "report/compare.h"

#include "base/mem.h"
#include "report/stats.h"

#include <math.h>
#include <stdlib.h>

/* The runs of the one and of the other, in step where they are paired. */
struct samples {
    double *a, *b;
    size_t a_count, b_count;
};

/* Keeps the scores of the seeds that both cells have. */
static void keep_pairs(const struct comparison *comparison, struct samples *samples)
{
    const struct cell_runs *a = comparison->a, *b = comparison->b;
    struct samples pairs = {.a = mem_alloc(a->run_count + 1, sizeof(*pairs.a)),
                            .b = mem_alloc(a->run_count + 1, sizeof(*pairs.b))};
    for (size_t i = 0; i < a->run_count; i++)
        for (size_t j = 0; j < b->run_count; j++) {
            if (a->runs[i]->seed != b->runs[j]->seed || isnan(samples->a[i]) ||
                isnan(samples->b[j]))
                continue;
            pairs.a[pairs.a_count++] = samples->a[i];
            pairs.b[pairs.b_count++] = samples->b[j];
        }
    free(samples->a);
    free(samples->b);
    *samples = pairs;
}

/* Moves the values that are not NaN to the front and says how many they are. */
static size_t without_nan(double *values, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            values[kept++] = values[i];
    return kept;
}

static struct bootstrap bootstrap_of(const struct comparison *comparison, const json_t *settings)
{
    char *purpose = mem_printf("bootstrap %s against %s", comparison->a->id, comparison->b->id);
    struct rng root = rng_seed(0);
    struct bootstrap bootstrap = {
        .rng = rng_fork(&root, purpose, comparison->at),
        .resamples = (size_t)option_integer(settings, "resamples"),
        .level = 1 - option_real(settings, "alpha"),
    };
    free(purpose);
    return bootstrap;
}

static void test_pairs(struct comparison *comparison, const struct samples *pairs,
                       const struct bootstrap *bootstrap)
{
    size_t count = pairs->a_count;
    double *differences = mem_alloc(count + 1, sizeof(*differences));
    for (size_t i = 0; i < count; i++)
        differences[i] = pairs->a[i] - pairs->b[i];
    comparison->test = wilcoxon_signed_rank(pairs->a, pairs->b, count);
    comparison->mean_difference = stats_summary(differences, count).mean;
    if (bootstrap_suffices(count, bootstrap->level))
        comparison->interval = bootstrap_mean(*bootstrap, differences, count);
    free(differences);
}

static void test_samples(struct comparison *comparison, const struct samples *samples,
                         const struct bootstrap *bootstrap)
{
    const double *a = samples->a, *b = samples->b;
    size_t a_count = samples->a_count, b_count = samples->b_count;
    comparison->test = wilcoxon_rank_sum(a, a_count, b, b_count);
    comparison->mean_difference = stats_summary(a, a_count).mean - stats_summary(b, b_count).mean;
    if (bootstrap_suffices(a_count < b_count ? a_count : b_count, bootstrap->level))
        comparison->interval = bootstrap_difference(*bootstrap, a, a_count, b, b_count);
}

bool compare_cells(struct comparison *comparison, const json_t *settings, struct err *err)
{
    const struct cell_runs *a = comparison->a, *b = comparison->b;
    const char *split = option_text(settings, "split");
    struct bootstrap bootstrap = bootstrap_of(comparison, settings);
    struct samples samples = {.a = cells_scores(a, a->dataset, split, comparison->at, err)};
    samples.b = samples.a ? cells_scores(b, b->dataset, split, comparison->at, err) : NULL;
    bool ok = samples.b != NULL;
    comparison->interval = (struct interval){NAN, NAN};
    if (ok && option_is(settings, "test", "signed-rank")) {
        keep_pairs(comparison, &samples);
        test_pairs(comparison, &samples, &bootstrap);
    } else if (ok) {
        samples.a_count = without_nan(samples.a, a->run_count);
        samples.b_count = without_nan(samples.b, b->run_count);
        test_samples(comparison, &samples, &bootstrap);
    }
    free(samples.a);
    free(samples.b);
    return ok;
}
