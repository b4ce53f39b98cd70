/* Our statistics against what R printed: tests/report/statistics.R and its output beside it. */
#include "../suite.h"
#include "base/file.h"
#include "base/mem.h"
#include "report/bootstrap.h"
#include "report/wilcoxon.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 200, INPUTS = 3, ALL_RESAMPLES = 4096 };

struct numbers {
    double list[NUMBERS];
    size_t count;
};

struct line {
    char *name;
    struct numbers inputs[INPUTS], expected;
};

typedef struct numbers statistic(struct line *line);

static struct numbers one(double number)
{
    return (struct numbers){.list = {number}, .count = 1};
}

static struct numbers both(struct interval interval)
{
    return (struct numbers){.list = {interval.low, interval.high}, .count = 2};
}

static struct wilcoxon signed_rank(const struct line *line)
{
    const struct numbers *a = &line->inputs[0], *b = &line->inputs[1];
    return wilcoxon_signed_rank(a->list, b->list, a->count);
}

static struct wilcoxon rank_sum(const struct line *line)
{
    const struct numbers *a = &line->inputs[0], *b = &line->inputs[1];
    return wilcoxon_rank_sum(a->list, a->count, b->list, b->count);
}

static struct numbers signed_rank_p(struct line *line)
{
    return one(signed_rank(line).p);
}

static struct numbers rank_sum_p(struct line *line)
{
    return one(rank_sum(line).p);
}

static struct numbers rank_biserial(struct line *line)
{
    return one(signed_rank(line).effect);
}

static struct numbers cliffs_delta(struct line *line)
{
    return one(rank_sum(line).effect);
}

static struct numbers holm(struct line *line)
{
    struct numbers adjusted = {.count = line->inputs[0].count};
    stats_holm(line->inputs[0].list, adjusted.list, adjusted.count);
    return adjusted;
}

static struct numbers wilson(struct line *line)
{
    const double *counts = line->inputs[0].list;
    return both(stats_wilson((size_t)counts[0], (size_t)counts[1], line->inputs[1].list[0]));
}

static struct numbers quantile(struct line *line)
{
    struct numbers *values = &line->inputs[0];
    return one(stats_quantile(values->list, values->count, line->inputs[1].list[0]));
}

/* All count^count resamples of the values, and the acceleration, by its definition. */
static struct numbers bca_of_all(struct line *line)
{
    const struct numbers *values = &line->inputs[0];
    double resampled[ALL_RESAMPLES], squares = 0, cubes = 0;
    double mean = stats_summary(values->list, values->count).mean;
    size_t all = (size_t)pow((double)values->count, (double)values->count);
    for (size_t i = 0; i < all; i++) {
        resampled[i] = 0;
        for (size_t j = 0, rest = i; j < values->count; j++, rest /= values->count)
            resampled[i] += values->list[rest % values->count] / (double)values->count;
    }
    for (size_t i = 0; i < values->count; i++) {
        squares += pow(values->list[i] - mean, 2);
        cubes += pow(values->list[i] - mean, 3);
    }
    return both(bootstrap_bca(resampled, all, mean, cubes / (6 * pow(squares, 1.5)),
                              line->inputs[1].list[0]));
}

static struct numbers drawn_mean(struct line *line)
{
    struct bootstrap bootstrap = {rng_seed(1), 200000, line->inputs[1].list[0]};
    return both(bootstrap_mean(bootstrap, line->inputs[0].list, line->inputs[0].count));
}

static struct numbers drawn_difference(struct line *line)
{
    const struct numbers *a = &line->inputs[0], *b = &line->inputs[1];
    struct bootstrap bootstrap = {rng_seed(1), 200000, line->inputs[2].list[0]};
    return both(bootstrap_difference(bootstrap, a->list, a->count, b->list, b->count));
}

/* R and we draw other resamples; the bounds of so many differ by no more. */
static const double DRAWN = 0.01;

static const struct {
    const char *name;
    statistic *compute;
    double tolerance;
} statistics[] = {
    {"signed-rank p", signed_rank_p, 1e-10},
    {"rank-sum p", rank_sum_p, 1e-10},
    {"holm", holm, 1e-10},
    {"rank-biserial", rank_biserial, 1e-10},
    {"cliffs-delta", cliffs_delta, 1e-10},
    {"wilson", wilson, 1e-10},
    {"quantile", quantile, 1e-10},
    {"bca of all", bca_of_all, 1e-9},
    {"bootstrap", drawn_mean, DRAWN},
    {"bootstrap difference", drawn_difference, DRAWN},
};
enum { STATISTICS = sizeof(statistics) / sizeof(*statistics) };

static struct numbers read_numbers(const char *text)
{
    struct numbers numbers = {0};
    char *end;
    for (double number = strtod(text, &end); end != text; number = strtod(text, &end)) {
        ck_assert_uint_lt(numbers.count, NUMBERS);
        numbers.list[numbers.count++] = number;
        text = end;
    }
    ck_assert_msg(!*text || strspn(text, " ") == strlen(text), "\"%s\" is no number", text);
    return numbers;
}

/* "name: inputs ; inputs = expected" */
static struct line read_line(char *text)
{
    struct line line = {.name = text};
    char *inputs = strchr(text, ':'), *expected = strchr(text, '=');
    ck_assert_msg(inputs && expected, "%s", text);
    *inputs++ = *expected++ = '\0';
    for (size_t i = 0; inputs; i++) {
        char *next = strchr(inputs, ';');
        ck_assert_uint_lt(i, INPUTS);
        if (next)
            *next++ = '\0';
        line.inputs[i] = read_numbers(inputs);
        inputs = next;
    }
    line.expected = read_numbers(expected);
    ck_assert_uint_gt(line.expected.count, 0);
    return line;
}

START_TEST(they_are_what_r_printed)
{
    char *path = mem_printf("%s/tests/report/statistics.cases", getenv("srcdir"));
    char *text = file_read(path, FILE_CEILING, NULL, NULL), *rest = text;
    size_t lines = 0;
    ck_assert_msg(text != NULL, "%s", path);
    for (char *at = strsep(&rest, "\n"); at; at = strsep(&rest, "\n")) {
        if (!*at || *at == '#')
            continue;
        struct line line = read_line(at);
        size_t i = 0;
        while (i < STATISTICS && strcmp(statistics[i].name, line.name) != 0)
            i++;
        ck_assert_msg(i < STATISTICS, "%s", line.name);
        lines += (size_t)_i == i;
        if (i != (size_t)_i)
            continue;
        struct numbers found = statistics[i].compute(&line);
        ck_assert_uint_eq(found.count, line.expected.count);
        for (size_t j = 0; j < found.count; j++)
            ck_assert_double_eq_tol(found.list[j], line.expected.list[j], statistics[i].tolerance);
    }
    ck_assert_msg(lines > 0, "no case of %s", statistics[_i].name);
    free(text);
    free(path);
}
END_TEST

START_TEST(a_bootstrap_draws_what_its_rng_says)
{
    const double values[] = {0.1, 0.3, 0.2, 2.5, 0.4, 0.7};
    struct bootstrap first = {rng_seed(1), 500, 0.95}, other = {rng_seed(2), 500, 0.95};
    struct interval a = bootstrap_mean(first, values, 6), b = bootstrap_mean(first, values, 6);
    struct interval c = bootstrap_mean(other, values, 6);
    ck_assert(a.low == b.low && a.high == b.high);
    ck_assert(a.low != c.low || a.high != c.high);
}
END_TEST

START_TEST(equal_values_have_an_interval_without_width)
{
    const double values[] = {0.3, 0.3, 0.3, 0.3, 0.3, 0.3};
    struct interval interval =
        bootstrap_mean((struct bootstrap){rng_seed(1), 100, 0.95}, values, 6);
    ck_assert_double_eq_tol(interval.low, 0.3, 1e-12);
    ck_assert_double_eq_tol(interval.high, 0.3, 1e-12);
}
END_TEST

START_TEST(six_values_are_enough_for_95_percent)
{
    ck_assert(!bootstrap_suffices(5, 0.95) && bootstrap_suffices(6, 0.95));
    ck_assert(!bootstrap_suffices(4, 0.9) && bootstrap_suffices(5, 0.9));
    ck_assert(!bootstrap_suffices(0, 0.5) && !bootstrap_suffices(1, 0.5));
}
END_TEST

START_TEST(no_run_has_no_share)
{
    ck_assert(isnan(stats_wilson(0, 0, 0.95).low) && isnan(stats_wilson(0, 0, 0.95).high));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("statistics");
    TCase *cases = tcase_create("cases");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, they_are_what_r_printed, 0, STATISTICS);
    suite_add_tcase(suite, cases);
    TCase *intervals = tcase_create("intervals");
    tcase_add_test(intervals, a_bootstrap_draws_what_its_rng_says);
    tcase_add_test(intervals, equal_values_have_an_interval_without_width);
    tcase_add_test(intervals, six_values_are_enough_for_95_percent);
    tcase_add_test(intervals, no_run_has_no_share);
    suite_add_tcase(suite, intervals);
    return suite_run(suite);
}
