/* Which differences between methods hold: Wilcoxon signed-rank over shared seeds, Holm-corrected.
 */
#include "report/kinds.h"

#include "base/mem.h"
#include "report/cells.h"
#include "report/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    OPTION_AT,
    {"split", OPTION_CHOICE, "\"valid\"", 0, 0, "valid|test", "score that is compared"},
    {"against", OPTION_TEXT, "null", 0, 0, NULL,
     "ids of the cells that every other is compared with, as in cells; left out: all pairs"},
    {"alpha", OPTION_REAL, "0.05", 1e-6, 0.5, NULL, "level of the test"},
    {.key = NULL}};

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
    size_t method, against, budget, pairs, unequal, median, p, holm, smallest, verdict;
};

/* Compares the scores of the seeds that both cells have. */
static bool compare(struct pair *pair, const char *split, struct err *err)
{
    const struct cell_runs *a = pair->a, *b = pair->b;
    double *scores_a = cells_scores(a, a->dataset, split, pair->at, err);
    double *scores_b = scores_a ? cells_scores(b, b->dataset, split, pair->at, err) : NULL;
    size_t count = 0;
    if (scores_b) {
        double *x = mem_alloc(a->run_count + 1, sizeof(*x));
        double *y = mem_alloc(a->run_count + 1, sizeof(*y));
        for (size_t i = 0; i < a->run_count; i++)
            for (size_t j = 0; j < b->run_count; j++)
                if (a->runs[i]->seed == b->runs[j]->seed && !isnan(scores_a[i]) &&
                    !isnan(scores_b[j])) {
                    x[count] = scores_a[i];
                    y[count++] = scores_b[j];
                }
        pair->test = stats_wilcoxon(x, y, count);
        free(x);
        free(y);
    }
    bool ok = scores_b != NULL;
    free(scores_a);
    free(scores_b);
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
            if (!compare(pair, option_text(settings, "split"), err))
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

static struct columns add_columns(struct sheet *sheet, const char *split)
{
    static const double least = 1e-4;
    return (struct columns){
        .method = sheet_text_column(sheet, "method"),
        .against = sheet_text_column(sheet, "against"),
        .budget = sheet_text_column(sheet, "budget"),
        .pairs = add_value_column(sheet, "pairs", 0, 0, "pairs", split),
        .unequal = add_value_column(sheet, "unequal", 0, 0, "unequal_pairs", split),
        .median = add_value_column(sheet, "median difference", 2, 0, "median_difference", split),
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
    fill(row, columns->pairs, (double)test->pairs, test->pairs, &origin);
    fill(row, columns->unequal, (double)test->unequal, test->pairs, &origin);
    fill(row, columns->median, test->median_difference, test->pairs, &origin);
    fill(row, columns->p, test->p, test->pairs, &origin);
    fill(row, columns->holm, pair->holm_p, test->pairs, &origin);
    fill(row, columns->smallest, test->smallest_p, test->pairs, &origin);
    sheet_text(row, columns->verdict,
               pair->holm_p < option_real(settings, "alpha") ? "holds" : "not shown");
    free(a);
    free(b);
    free(budget);
    free(strategy);
}

static void add_notes(struct sheet *sheet, const struct pairs *pairs, const json_t *settings)
{
    double alpha = option_real(settings, "alpha");
    size_t hopeless = 0;
    for (size_t i = 0; i < pairs->count; i++)
        hopeless += pairs->list[i].test.smallest_p >= alpha;
    sheet_note(sheet,
               "Wilcoxon's signed-rank test, two-sided, of %s accuracy paired by seed; equal pairs "
               "are left out of it. Difference: method less the one that it is set against, in "
               "points of accuracy.",
               option_is(settings, "split", "valid") ? "validation" : "test");
    sheet_note(sheet,
               "p is exact below 50 unequal pairs, else by the normal distribution with "
               "corrections for ties and continuity. Holm's correction takes the %zu comparisons "
               "of this table as one family; a difference holds where the corrected p is below "
               "%g.",
               pairs->count, alpha);
    if (hopeless)
        sheet_note(sheet,
                   "In %zu of the comparisons so few pairs are unequal that no outcome could give "
                   "a p below %g: \"not shown\" says nothing there.",
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
        struct columns columns = add_columns(&sheet, option_text(settings, "split"));
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
    .summary = "paired Wilcoxon signed-rank test of each two methods over seeds, Holm-corrected",
    .options = options,
    .check = report_check_at,
    .draw = draw,
};
