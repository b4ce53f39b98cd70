/* Which differences between methods hold, and how large they are: Wilcoxon's tests over runs, their
 * effect sizes, bootstrap intervals of the mean difference. */
#include "report/kinds.h"

#include "base/mem.h"
#include "report/compare.h"
#include "report/say.h"
#include "report/scoring.h"
#include "report/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    OPTION_AT,
    {"test", OPTION_CHOICE, "\"signed-rank\"", 0, 0, "signed-rank|rank-sum",
     "paired by the seeds that two methods share, or between all runs of each"},
    {"split", OPTION_CHOICE, "\"valid\"", 0, 0, "valid|test", "score that is compared"},
    {"against", OPTION_TEXT, "null", 0, 0, NULL,
     "ids of the cells that every other is compared with, as in cells; left out: all pairs"},
    {"alpha", OPTION_REAL, "0.05", 1e-6, 0.5, NULL,
     "level of the test; intervals hold the true difference with a probability of 1 - alpha"},
    {"resamples", OPTION_INTEGER, "10000", 100, 1e6, NULL,
     "draws that a bootstrap interval is made from"},
    {.key = NULL}};

/* What the tests call what they count and compare. */
struct form {
    const char *name;
    const char *count_heads[2], *count_metrics[2], *difference_head, *difference_metric;
    const char *effect_head, *effect_metric;
    const char *sentence; /* about it, begun by "Wilcoxon's" and the name */
    const char *exact;    /* when p is */
    const char *effect;   /* what it is */
    const char *resampled;
    const char *few; /* what must be many for a small p */
};

static const struct form forms[] = {
    {
        .name = "signed-rank",
        .count_heads = {"pairs", "unequal"},
        .count_metrics = {"pairs", "unequal_pairs"},
        .difference_head = "median difference",
        .difference_metric = "median_difference",
        .effect_head = "rank-biserial",
        .effect_metric = "rank_biserial",
        .sentence = "paired by seed; equal pairs are left out of it",
        .exact = "below 50 unequal pairs",
        .effect = "Rank-biserial: the effect size of matched pairs, from -1 to 1: the ranks of the "
                  "pairs where the method is higher, less the ranks of those where it is lower, as "
                  "a share of all ranks.",
        .resampled = "pairs",
        .few = "pairs are unequal",
    },
    {
        .name = "rank-sum",
        .count_heads = {"runs", "runs against"},
        .count_metrics = {"runs", "runs_against"},
        .difference_head = "difference of medians",
        .difference_metric = "difference_of_medians",
        .effect_head = "Cliff's delta",
        .effect_metric = "cliffs_delta",
        .sentence = "between all runs of the one and of the other",
        .exact = "unless both have many runs",
        .effect = "Cliff's delta: the effect size of unpaired runs, from -1 to 1: how likely a run "
                  "of the method is higher, less how likely it is lower, than one of the other. "
                  "Vargha and Delaney's A12 is (delta + 1) / 2.",
        .resampled = "the runs of each",
        .few = "runs were made",
    },
};

struct pairs {
    struct comparison *list;
    size_t count, capacity;
};

/* Columns of the table. */
enum {
    METHOD,
    AGAINST,
    BUDGET,
    COUNT,
    OTHER_COUNT,
    DIFFERENCE,
    MEAN,
    LOW,
    HIGH,
    EFFECT,
    P,
    HOLM,
    SMALLEST,
    VERDICT,
    COLUMNS
};

static const struct form *form_of(const json_t *settings)
{
    return &forms[option_is(settings, "test", "rank-sum")];
}

static bool are_compared(const struct cell_runs *a, const struct cell_runs *b, const char *against)
{
    if (!a->run_count || !b->run_count || strcmp(a->dataset, b->dataset) != 0)
        return false;
    return !against || (!cells_fit(a->id, against) && cells_fit(b->id, against));
}

static bool add_pairs(struct pairs *pairs, const struct cell_runs *const *cells, size_t at,
                      const json_t *settings, struct err *err)
{
    const char *against = option_text(settings, "against");
    for (size_t i = 0; cells[i]; i++)
        for (size_t j = against ? 0 : i + 1; cells[j]; j++) {
            if (!are_compared(cells[i], cells[j], against))
                continue;
            MEM_GROW(pairs->list, pairs->count, pairs->capacity);
            struct comparison *pair = &pairs->list[pairs->count++];
            *pair = (struct comparison){.a = cells[i], .b = cells[j], .at = at};
            if (!compare_cells(pair, settings, err))
                return false;
        }
    return true;
}

/* All comparisons of the table are one family. */
static void correct(struct pairs *pairs)
{
    double *p = mem_alloc(pairs->count + 1, sizeof(*p));
    for (size_t i = 0; i < pairs->count; i++)
        p[i] = pairs->list[i].test.p;
    stats_holm(p, p, pairs->count);
    for (size_t i = 0; i < pairs->count; i++)
        pairs->list[i].holm_p = p[i];
    free(p);
}

static void add_columns(struct sheet *sheet, const struct metric *metric, const json_t *settings)
{
    const struct form *form = form_of(settings);
    char *interval = mem_printf("%g %% interval", 100 * (1 - option_real(settings, "alpha")));
    struct sheet_column columns[COLUMNS] = {
        [METHOD] = {.head = "method", .text = true},
        [AGAINST] = {.head = "against", .text = true},
        [BUDGET] = {.head = "budget", .text = true},
        [COUNT] = {.head = form->count_heads[0], .metric = form->count_metrics[0]},
        [OTHER_COUNT] = {.head = form->count_heads[1], .metric = form->count_metrics[1]},
        [DIFFERENCE] = {.head = form->difference_head, .metric = form->difference_metric},
        [MEAN] = {.head = "mean difference", .metric = "mean_difference"},
        [LOW] = {.head = "from", .group = interval, .metric = "mean_difference_low"},
        [HIGH] = {.head = "to", .group = interval, .metric = "mean_difference_high"},
        [EFFECT] = {.head = form->effect_head, .decimals = 2, .metric = form->effect_metric},
        [P] = {.head = "p", .decimals = 4, .least = 1e-4, .metric = "wilcoxon_p"},
        [HOLM] = {.head = "p (Holm)", .decimals = 4, .least = 1e-4, .metric = "wilcoxon_p_holm"},
        [SMALLEST] = {.head = "smallest p possible", .decimals = 4, .least = 1e-4},
        [VERDICT] = {.head = "difference", .text = true},
    };
    for (size_t i = COUNT; i <= SMALLEST; i++)
        columns[i].split = option_text(settings, "split");
    for (size_t i = DIFFERENCE; i <= HIGH; i++)
        columns[i].decimals = metric->decimals;
    sheet_columns(sheet, columns, COLUMNS);
    free(interval);
}

static void add_row(struct sheet *sheet, const struct comparison *pair, const json_t *settings)
{
    const char *axis = option_text(settings, "label");
    char *a = cells_label(pair->a, axis, NULL), *b = cells_label(pair->b, axis, NULL);
    char *budget = cells_spent(pair->a, pair->at);
    char *strategy = mem_printf("%s against %s", a, b);
    bool measured = strcmp(pair->a->source, "measured") == 0;
    struct sheet_origin origin = {pair->a->dataset, pair->a->dataset, budget,
                                  measured ? pair->b->source : pair->a->source};
    struct sheet_row *row = sheet_row(sheet, strategy, pair->a->space);
    const struct wilcoxon *test = &pair->test;
    const double values[COLUMNS] = {
        [COUNT] = (double)test->counts[0],
        [OTHER_COUNT] = (double)test->counts[1],
        [DIFFERENCE] = test->difference,
        [MEAN] = pair->mean_difference,
        [LOW] = pair->interval.low,
        [HIGH] = pair->interval.high,
        [EFFECT] = test->effect,
        [P] = test->p,
        [HOLM] = pair->holm_p,
        [SMALLEST] = test->smallest_p,
    };
    sheet_text(row, METHOD, a);
    sheet_text(row, AGAINST, b);
    sheet_text(row, BUDGET, budget);
    for (size_t i = COUNT; i <= SMALLEST; i++)
        sheet_value(row, i, values[i], test->counts[0], &origin);
    sheet_text(row, VERDICT, pair->holm_p < option_real(settings, "alpha") ? "holds" : "not shown");
    free(a);
    free(b);
    free(budget);
    free(strategy);
}

static void add_notes(struct sheet *sheet, const struct pairs *pairs, const struct metric *metric,
                      const json_t *settings)
{
    const struct form *form = form_of(settings);
    double alpha = option_real(settings, "alpha");
    char *difference = scoring_difference(metric);
    size_t without_interval = 0;
    for (size_t i = 0; i < pairs->count; i++)
        without_interval += isnan(pairs->list[i].interval.low);
    sheet_note(
        sheet,
        "Wilcoxon's %s test, two-sided, of %s %s (%s epoch), %s. Differences: method less the "
        "one that it is set against, in %s.",
        form->name, option_is(settings, "split", "valid") ? "validation" : "test", metric->title,
        metric_epoch_name(metric), form->sentence, difference);
    free(difference);
    sheet_note(sheet,
               "p is exact %s, else by the normal distribution with corrections for ties and "
               "continuity. Holm's correction takes the %zu comparisons of this table as one "
               "family; a difference holds where the corrected p is below %g.",
               form->exact, pairs->count, alpha);
    sheet_note(sheet, "%s", form->effect);
    sheet_note(sheet,
               "Interval: of the mean difference, a bootstrap of %s (BCa, %lld resamples), not "
               "corrected for the number of comparisons.",
               form->resampled, (long long)option_integer(settings, "resamples"));
    if (without_interval)
        sheet_note(sheet,
                   "%zu of the comparisons have no interval: resamples reach no further than the "
                   "smallest and the largest of the runs, and of so few these hold even the median "
                   "between them with less than %g %% probability.",
                   without_interval, 100 * (1 - alpha));
}

/* -- what it shows -- */

/* "seki against random (p = 0.0312)", with the budget where the table has several. */
static void name_pair(struct names *names, const struct comparison *pair, const json_t *settings)
{
    const char *axis = option_text(settings, "label");
    char *a = cells_label(pair->a, axis, NULL), *b = cells_label(pair->b, axis, NULL);
    char *p = say_p(pair->holm_p);
    char *budget =
        report_at_count(settings) > 1 ? mem_printf(" after %zu", pair->at) : mem_strdup("");
    names_add(names, "%s against %s%s (%s)", a, b, budget, p);
    free(a);
    free(b);
    free(p);
    free(budget);
}

/* The comparison that holds with the largest mean difference. */
static void say_largest(struct str *says, const struct comparison *pair, const json_t *settings,
                        int decimals)
{
    const char *axis = option_text(settings, "label");
    bool above = pair->mean_difference > 0;
    double effect = above ? pair->test.effect : -pair->test.effect;
    char *a = cells_label(above ? pair->a : pair->b, axis, NULL);
    char *b = cells_label(above ? pair->b : pair->a, axis, NULL);
    char *by = say_number(fabs(pair->mean_difference), decimals);
    char *low = say_number(above ? pair->interval.low : -pair->interval.high, decimals);
    char *high = say_number(above ? pair->interval.high : -pair->interval.low, decimals);
    char *interval = isnan(pair->interval.low)
                         ? mem_strdup("")
                         : mem_printf(" (%g %% interval %s to %s)",
                                      100 * (1 - option_real(settings, "alpha")), low, high);
    char *spent = cells_spent(pair->a, pair->at);
    say(says, "The largest mean difference that holds: %s above %s by %s after %s%s%s.", a, b, by,
        spent, interval, effect < 0 ? ", though its runs are more often the lower ones" : "");
    free(a);
    free(b);
    free(by);
    free(low);
    free(high);
    free(interval);
    free(spent);
}

static void say_all(struct str *says, const struct pairs *pairs,
                    const struct cell_runs *const *cells, const json_t *settings, int decimals)
{
    double alpha = option_real(settings, "alpha");
    const struct comparison *largest = NULL;
    struct names open = {0};
    size_t held = 0, hopeless = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        const struct comparison *pair = &pairs->list[i];
        bool holds = pair->holm_p < alpha;
        held += holds;
        if (!holds && pair->test.smallest_p >= alpha)
            hopeless++;
        else if (!holds)
            name_pair(&open, pair, settings);
        else if (!largest || fabs(pair->mean_difference) > fabs(largest->mean_difference))
            largest = pair;
    }
    if (pairs->count)
        say(says, "Of %zu comparison%s %zu hold%s (p below %g, Holm-corrected).", pairs->count,
            pairs->count == 1 ? "" : "s", held, held == 1 ? "s" : "", alpha);
    else
        say(says, "No two methods have runs that could be compared.");
    if (largest)
        say_largest(says, largest, settings, decimals);
    char *not_shown = names_join(&open);
    if (*not_shown)
        say(says, "No difference is shown for %s.", not_shown);
    if (hopeless)
        say(says,
            "In %zu so few %s that no outcome could give a p below %g: nothing follows from \"not "
            "shown\" there.",
            hopeless, form_of(settings)->few, alpha);
    free(not_shown);
    say_cells(says, cells, option_text(settings, "label"), NULL);
}

static bool add_all_pairs(struct pairs *pairs, const struct cell_runs *const *cells,
                          const json_t *settings, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < report_at_count(settings); i++)
        ok = add_pairs(pairs, cells, report_at(settings, i), settings, err);
    return ok;
}

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    struct pairs pairs = {0};
    struct metric metric;
    const struct cell_runs **cells = scoring_select(report, settings, false, &metric, err);
    bool ok = cells && add_all_pairs(&pairs, cells, settings, err);
    if (ok) {
        struct sheet sheet = sheet_begin(settings);
        add_columns(&sheet, &metric, settings);
        correct(&pairs);
        for (size_t i = 0; i < pairs.count; i++)
            add_row(&sheet, &pairs.list[i], settings);
        add_notes(&sheet, &pairs, &metric, settings);
        say_all(&sheet.says, &pairs, cells, settings, metric.decimals);
        ok = report_put_table(report, &sheet, err);
        sheet_free(&sheet);
    }
    free(pairs.list);
    free(cells);
    return ok;
}

const struct report_type significance_table = {
    .name = "significance",
    .summary = "which differences between methods hold, and how large they are: Wilcoxon's tests "
               "over runs, Holm-corrected, effect sizes, bootstrap intervals",
    .options = options,
    .check = report_check_at,
    .draw = draw,
};
