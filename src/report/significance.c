/* Which differences between methods hold: Wilcoxon signed-rank over shared seeds, Holm-corrected.
 */
#include "report/kinds.h"

#include "base/mem.h"
#include "report/cells.h"
#include "report/sheet.h"
#include "report/wilcoxon.h"

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
    {"alpha", OPTION_REAL, "0.05", 1e-6, 0.5, NULL, "level of the test"},
    {.key = NULL}};

/* What the tests call what they count and compare. */
struct form {
    const char *name;
    const char *count_heads[2], *count_metrics[2], *difference_head, *difference_metric;
    const char *sentence; /* about it, begun by "Wilcoxon's" and the name */
    const char *exact;    /* when p is */
};

static const struct form forms[] = {
    {
        .name = "signed-rank",
        .count_heads = {"pairs", "unequal"},
        .count_metrics = {"pairs", "unequal_pairs"},
        .difference_head = "median difference",
        .difference_metric = "median_difference",
        .sentence = "paired by seed; equal pairs are left out of it",
        .exact = "below 50 unequal pairs",
    },
    {
        .name = "rank-sum",
        .count_heads = {"runs", "runs against"},
        .count_metrics = {"runs", "runs_against"},
        .difference_head = "difference of medians",
        .difference_metric = "difference_of_medians",
        .sentence = "between all runs of the one and of the other",
        .exact = "unless both have many runs",
    },
};

/* Two cells that are compared, after at evaluations (0: at the end). */
struct pair {
    const struct cell_runs *a, *b;
    size_t at;
    struct wilcoxon test;
    double holm_p;
};

struct pairs {
    struct pair *list;
    size_t count, capacity;
};

struct columns {
    size_t method, against, budget, counts[2], difference, p, holm, smallest, verdict;
};

static const struct form *form_of(const json_t *settings)
{
    return &forms[option_is(settings, "test", "rank-sum")];
}

/* Of the seeds that both cells have. */
static struct wilcoxon test_pairs(const struct pair *pair, const double *a, const double *b)
{
    double *x = mem_alloc(pair->a->run_count + 1, sizeof(*x));
    double *y = mem_alloc(pair->a->run_count + 1, sizeof(*y));
    size_t count = 0;
    for (size_t i = 0; i < pair->a->run_count; i++)
        for (size_t j = 0; j < pair->b->run_count; j++) {
            if (pair->a->runs[i]->seed != pair->b->runs[j]->seed || isnan(a[i]) || isnan(b[j]))
                continue;
            x[count] = a[i];
            y[count++] = b[j];
        }
    struct wilcoxon test = wilcoxon_signed_rank(x, y, count);
    free(x);
    free(y);
    return test;
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

static bool compare(struct pair *pair, const json_t *settings, struct err *err)
{
    const struct cell_runs *a = pair->a, *b = pair->b;
    const char *split = option_text(settings, "split");
    double *x = cells_scores(a, a->dataset, split, pair->at, err);
    double *y = x ? cells_scores(b, b->dataset, split, pair->at, err) : NULL;
    if (y && option_is(settings, "test", "signed-rank"))
        pair->test = test_pairs(pair, x, y);
    else if (y)
        pair->test =
            wilcoxon_rank_sum(x, without_nan(x, a->run_count), y, without_nan(y, b->run_count));
    bool ok = y != NULL;
    free(x);
    free(y);
    return ok;
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
            struct pair *pair = &pairs->list[pairs->count++];
            *pair = (struct pair){.a = cells[i], .b = cells[j], .at = at};
            if (!compare(pair, settings, err))
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

static size_t add_value_column(struct sheet *sheet, const char *head, int decimals, double least,
                               const char *metric, const char *split)
{
    return sheet_column(
        sheet,
        &(struct sheet_column){
            .head = head, .decimals = decimals, .least = least, .metric = metric, .split = split});
}

static struct columns add_columns(struct sheet *sheet, const struct form *form, const char *split)
{
    static const double least = 1e-4;
    return (struct columns){
        .method = sheet_text_column(sheet, "method"),
        .against = sheet_text_column(sheet, "against"),
        .budget = sheet_text_column(sheet, "budget"),
        .counts = {add_value_column(sheet, form->count_heads[0], 0, 0, form->count_metrics[0],
                                    split),
                   add_value_column(sheet, form->count_heads[1], 0, 0, form->count_metrics[1],
                                    split)},
        .difference =
            add_value_column(sheet, form->difference_head, 2, 0, form->difference_metric, split),
        .p = add_value_column(sheet, "p", 4, least, "wilcoxon_p", split),
        .holm = add_value_column(sheet, "p (Holm)", 4, least, "wilcoxon_p_holm", split),
        .smallest = add_value_column(sheet, "smallest p possible", 4, least, NULL, NULL),
        .verdict = sheet_text_column(sheet, "difference"),
    };
}

static void fill(struct sheet_row *row, size_t column, double value, size_t runs,
                 const struct sheet_origin *origin)
{
    sheet_measure(row, column, &(struct summary){runs, value, NAN, NAN}, origin);
}

static void add_row(struct sheet *sheet, const struct columns *columns, const struct pair *pair,
                    const json_t *settings)
{
    const char *axis = option_text(settings, "label");
    char *a = cells_label(pair->a, axis, NULL), *b = cells_label(pair->b, axis, NULL);
    char *budget = pair->at ? mem_printf("%zu evaluations", pair->at) : mem_strdup(pair->a->budget);
    char *strategy = mem_printf("%s against %s", a, b);
    bool measured = strcmp(pair->a->source, "measured") == 0;
    struct sheet_origin origin = {pair->a->dataset, pair->a->dataset, budget,
                                  measured ? pair->b->source : pair->a->source};
    struct sheet_row *row = sheet_row(sheet, strategy, pair->a->space);
    const struct wilcoxon *test = &pair->test;
    sheet_text(row, columns->method, a);
    sheet_text(row, columns->against, b);
    sheet_text(row, columns->budget, budget);
    for (size_t i = 0; i < 2; i++)
        fill(row, columns->counts[i], (double)test->counts[i], test->counts[0], &origin);
    fill(row, columns->difference, test->difference, test->counts[0], &origin);
    fill(row, columns->p, test->p, test->counts[0], &origin);
    fill(row, columns->holm, pair->holm_p, test->counts[0], &origin);
    fill(row, columns->smallest, test->smallest_p, test->counts[0], &origin);
    sheet_text(row, columns->verdict,
               pair->holm_p < option_real(settings, "alpha") ? "holds" : "not shown");
    free(a);
    free(b);
    free(budget);
    free(strategy);
}

static void add_notes(struct sheet *sheet, const struct pairs *pairs, const json_t *settings)
{
    const struct form *form = form_of(settings);
    double alpha = option_real(settings, "alpha");
    size_t hopeless = 0;
    for (size_t i = 0; i < pairs->count; i++)
        hopeless += pairs->list[i].test.smallest_p >= alpha;
    sheet_note(sheet,
               "Wilcoxon's %s test, two-sided, of %s accuracy, %s. Differences: method less the "
               "one that it is set against, in points of accuracy.",
               form->name, option_is(settings, "split", "valid") ? "validation" : "test",
               form->sentence);
    sheet_note(sheet,
               "p is exact %s, else by the normal distribution with corrections for ties and "
               "continuity. Holm's correction takes the %zu comparisons of this table as one "
               "family; a difference holds where the corrected p is below %g.",
               form->exact, pairs->count, alpha);
    if (hopeless)
        sheet_note(sheet,
                   "In %zu of the comparisons there are so few runs that no outcome could give a p "
                   "below %g: nothing follows from \"not shown\" there.",
                   hopeless, alpha);
}

static bool add_all_pairs(struct pairs *pairs, const struct cell_runs *const *cells,
                          const json_t *settings, struct err *err)
{
    const json_t *at = json_object_get(settings, "at"), *entry;
    size_t i;
    if (!json_array_size(at))
        return add_pairs(pairs, cells, 0, settings, err);
    json_array_foreach(at, i, entry)
    {
        if (!add_pairs(pairs, cells, (size_t)json_integer_value(entry), settings, err))
            return false;
    }
    return true;
}

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    struct pairs pairs = {0};
    const struct cell_runs **cells = cells_select(report, settings, err);
    bool ok = cells && add_all_pairs(&pairs, cells, settings, err);
    if (ok) {
        struct sheet sheet = sheet_begin(settings);
        struct columns columns =
            add_columns(&sheet, form_of(settings), option_text(settings, "split"));
        correct(&pairs);
        for (size_t i = 0; i < pairs.count; i++)
            add_row(&sheet, &columns, &pairs.list[i], settings);
        add_notes(&sheet, &pairs, settings);
        for (size_t i = 0; cells[i]; i++)
            if (!cells[i]->run_count) {
                char *reason = cells_reason(cells[i]);
                sheet_note(&sheet, "%s is not run: %s.", cells[i]->id, reason);
                free(reason);
            }
        ok = sheet_write(&sheet, report->request->table_folder, err);
        sheet_free(&sheet);
    }
    free(pairs.list);
    free(cells);
    return ok;
}

const struct report_type significance_table = {
    .name = "significance",
    .summary = "which differences between methods hold: Wilcoxon's tests over runs, Holm-corrected",
    .options = options,
    .check = report_check_at,
    .draw = draw,
};
