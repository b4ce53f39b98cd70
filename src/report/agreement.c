/* Whether two ways to score architectures agree: a dot for each architecture that two cells
 * evaluated, and the rank correlation of the two scores. */
#include "report/kinds.h"

#include "base/mem.h"
#include "report/cells.h"
#include "report/figure.h"
#include "report/say.h"
#include "report/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double LEVEL = 0.95;

static const struct option options[] = {
    {"x", OPTION_TEXT, NULL, 0, 0, NULL, "id of the cell whose scores go to the right"},
    {"x_split", OPTION_CHOICE, "\"valid\"", 0, 0, "valid|test", "which of its scores"},
    {"y", OPTION_TEXT, NULL, 0, 0, NULL, "id of the cell whose scores go up"},
    {"y_split", OPTION_CHOICE, "\"valid\"", 0, 0, "valid|test", "which of its scores"},
    {.key = NULL}};

/* One of the two ways. */
struct side {
    const struct cell_runs *cell;
    bool test;
};

/* An architecture that both sides scored. */
struct pair {
    const char *arch;
    double x, y;
};

struct pairs {
    struct pair *list;
    size_t count, capacity;
};

static bool choose(const struct report *report, const json_t *settings, const char *axis,
                   struct side *side, struct err *err)
{
    const char *id = option_text(settings, axis);
    char *split = mem_printf("%s_split", axis);
    side->test = option_is(settings, split, "test");
    free(split);
    for (size_t i = 0; i < report->cell_count; i++)
        if (strcmp(report->cells[i].id, id) == 0)
            side->cell = &report->cells[i];
    return side->cell || err_set(err, ERR_INPUT, "%s: %s: found \"%s\", which is no cell",
                                 option_text(settings, "name"), axis, id);
}

/* Mean score of arch over all evaluations of the side; NaN where there is none. */
static double score_of(const struct side *side, const char *arch)
{
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i < side->cell->run_count; i++)
        for (size_t j = 0; j < side->cell->runs[i]->step_count; j++) {
            const struct logged_evaluation *step = &side->cell->runs[i]->steps[j];
            double score = side->test ? step->test_score : step->valid_score;
            if (!step->arch || strcmp(step->arch, arch) != 0 || isnan(score))
                continue;
            sum += score;
            count++;
        }
    return count ? sum / (double)count : (double)NAN;
}

static bool is_paired(const struct pairs *pairs, const char *arch)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (strcmp(pairs->list[i].arch, arch) == 0)
            return true;
    return false;
}

/* Of all architectures, in the order in which the first side evaluated them. */
static struct pairs pair_up(const struct side *x, const struct side *y)
{
    struct pairs pairs = {0};
    for (size_t i = 0; i < x->cell->run_count; i++)
        for (size_t j = 0; j < x->cell->runs[i]->step_count; j++) {
            const char *arch = x->cell->runs[i]->steps[j].arch;
            if (!arch || is_paired(&pairs, arch))
                continue;
            struct pair pair = {arch, score_of(x, arch), score_of(y, arch)};
            if (isnan(pair.x) || isnan(pair.y))
                continue;
            MEM_GROW(pairs.list, pairs.count, pairs.capacity);
            pairs.list[pairs.count++] = pair;
        }
    return pairs;
}

/* "validation accuracy on Fashion-MNIST (training, 3 epochs)". The caller frees. */
static char *describe(const struct side *side)
{
    const struct cell_runs *cell = side->cell;
    const json_t *oracle = json_object_get(cell->logs[0].experiment, "oracle");
    long long epochs = (long long)option_integer(oracle, "epochs");
    return mem_printf("%s %s on %s (%s, %lld epoch%s)", side->test ? "test" : "validation",
                      cell->metric.title, cells_title(cell->dataset), option_text(oracle, "type"),
                      epochs, epochs == 1 ? "" : "s");
}

/* "Fashion-MNIST validation accuracy, %" */
static void set_axis(struct figure *figure, const char *variable, const struct side *side)
{
    const struct metric *metric = &side->cell->metric;
    char *title =
        mem_printf("%s %s %s%s", cells_title(side->cell->dataset),
                   side->test ? "test" : "validation", metric->title, metric->percent ? ", %" : "");
    figure_set_text(figure, variable, title);
    free(title);
}

static void say_correlation(struct figure *figure, const struct pairs *pairs, const struct side *x,
                            const struct side *y)
{
    double *a = mem_alloc(pairs->count + 1, sizeof(*a)),
           *b = mem_alloc(pairs->count + 1, sizeof(*b));
    for (size_t i = 0; i < pairs->count; i++) {
        a[i] = pairs->list[i].x;
        b[i] = pairs->list[i].y;
    }
    double rho = stats_spearman(a, b, pairs->count);
    struct interval interval = stats_spearman_interval(rho, pairs->count, LEVEL);
    char *right = describe(x), *up = describe(y);
    char *number = say_number(rho, 2), *low = say_number(interval.low, 2),
         *high = say_number(interval.high, 2);
    if (isnan(rho))
        say(&figure->says, "No rank correlation can be said: %zu architecture%s compared.",
            pairs->count, pairs->count == 1 ? " is" : "s are");
    else if (isnan(interval.low))
        say(&figure->says, "Spearman's rho of %s and %s is %s over %zu architectures.", up, right,
            number, pairs->count);
    else
        say(&figure->says,
            "Spearman's rho of %s and %s is %s over %zu architectures (%g %% interval %s to %s: "
            "Fisher's transformation, variance of Bonett and Wright 2000).",
            up, right, number, pairs->count, 100 * LEVEL, low, high);
    char *shown = isnan(rho) ? mem_strdup("") : mem_printf("ρ = %s", number);
    figure_set_text(figure, "rho", shown);
    free(shown);
    free(number);
    free(low);
    free(high);
    free(right);
    free(up);
    free(a);
    free(b);
}

static void say_diverged(struct figure *figure, const struct side *side)
{
    size_t diverged = 0;
    for (size_t i = 0; i < side->cell->run_count; i++)
        diverged += side->cell->runs[i]->diverged;
    if (diverged)
        say(&figure->says,
            "Trainings of %s that diverged, and count as the score that the experiment names: %zu.",
            side->cell->id, diverged);
}

static void fill(struct figure *figure, const struct side *x, const struct side *y)
{
    struct pairs pairs = pair_up(x, y);
    for (size_t i = 0; i < pairs.count; i++) {
        figure_add_text(figure, pairs.list[i].arch);
        figure_add_number(figure, pairs.list[i].x);
        figure_add_number(figure, pairs.list[i].y);
        figure_end_line(figure);
    }
    set_axis(figure, "across", x);
    set_axis(figure, "upward", y);
    say_correlation(figure, &pairs, x, y);
    say_diverged(figure, x);
    say_diverged(figure, y);
    free(pairs.list);
}

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    struct side x = {0}, y = {0};
    if (!choose(report, settings, "x", &x, err) || !choose(report, settings, "y", &y, err))
        return false;
    struct figure figure = figure_begin(option_text(settings, "name"), "arch,x,y");
    const struct cell_runs *const cells[] = {x.cell, y.cell, NULL};
    if (x.cell->run_count && y.cell->run_count)
        fill(&figure, &x, &y);
    say_cells(&figure.says, cells, NULL, NULL);
    bool ok = report_put_figure(report, settings, &figure, "agreement", err);
    figure_free(&figure);
    return ok;
}

const struct report_type agreement_figure = {
    .name = "agreement",
    .summary = "the scores of the same architectures in two cells, and their rank correlation",
    .options = options,
    .draw = draw,
};
