/* What each method reached: mean and deviation over runs, with what it cost. */
#include "report/kinds.h"

#include "base/mem.h"
#include "report/counts.h"
#include "report/methods.h"
#include "report/reference.h"
#include "report/reported.h"
#include "report/say.h"
#include "report/scoring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    {"merge", OPTION_TEXT, "\"dataset\"", 0, 0, NULL,
     "axis whose entries share a row, each filling the columns of the data set it searched on"},
    OPTION_AT,
    {"at_in", OPTION_CHOICE, "\"rows\"", 0, 0, "rows|columns",
     "whether each number of evaluations is a row or a group of columns"},
    {"split", OPTION_CHOICE, "\"both\"", 0, 0, "both|valid|test", "scores to show"},
    {"counts", OPTION_BOOLEAN, "true", 0, 0, NULL,
     "show evaluations, simulated GPU-days and, where an LLM was asked, calls and tokens"},
    {"reference", OPTION_TEXT, "null", 0, 0, NULL,
     "CSV file of rows from elsewhere to set beside ours, in the columns of results/tables/*.csv"},
    OPTION_REPORTED,
    {.key = NULL}};

struct drawing {
    const struct report *report;
    const json_t *settings;
    const struct cell_runs **cells;
    struct methods methods;
    struct scoring scoring; /* the data sets that scores are reported on */
    bool at_in_columns;
    const char *splits[2];
    size_t split_count;
    struct sheet sheet;
    size_t searched, budget; /* columns; 0 where they are not shown */
    size_t first_score;      /* the columns of scores follow each other */
    struct counts counts;
    struct reference reference;
    struct reported reported;
    bool *used; /* reference values that stand in a row already */
};

static bool same(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static bool collect(struct drawing *drawing, struct err *err)
{
    const json_t *settings = drawing->settings;
    drawing->cells = cells_select(drawing->report, settings, err);
    if (!drawing->cells)
        return false;
    drawing->methods = methods_group(drawing->cells, option_text(settings, "merge"),
                                     option_text(settings, "label"));
    const char *name = option_text(settings, "name");
    if (!scoring_collect(drawing->cells, name, &drawing->scoring, err))
        return false;
    if (!drawing->scoring.count && option_text(settings, "reference")) {
        scoring_free(&drawing->scoring);
        if (!scoring_expect(drawing->cells, name, &drawing->scoring, err))
            return false;
    }
    drawing->at_in_columns = option_is(settings, "at_in", "columns");
    if (!option_is(settings, "split", "test"))
        drawing->splits[drawing->split_count++] = "valid";
    if (!option_is(settings, "split", "valid"))
        drawing->splits[drawing->split_count++] = "test";
    return true;
}

/* Groups of score columns that stand side by side for one data set. */
static size_t at_columns(const struct drawing *drawing)
{
    return drawing->at_in_columns ? report_at_count(drawing->settings) : 1;
}

static size_t score_column(const struct drawing *drawing, size_t dataset, size_t at, size_t split)
{
    return drawing->first_score + (dataset * at_columns(drawing) + at) * drawing->split_count +
           split;
}

static char *group_name(const struct drawing *drawing, size_t dataset, size_t place)
{
    const char *title = cells_title(drawing->scoring.datasets[dataset]);
    size_t at = report_at(drawing->settings, place);
    if (!drawing->at_in_columns || !at)
        return mem_strdup(title);
    if (drawing->scoring.count == 1)
        return mem_printf("at %zu", at);
    return mem_printf("%s at %zu", title, at);
}

static void add_score_column(struct drawing *drawing, size_t dataset, size_t at, size_t split)
{
    const struct metric *metric = &drawing->scoring.metrics[dataset];
    char *group = group_name(drawing, dataset, at);
    char *head = scoring_head(&drawing->scoring, dataset, drawing->splits[split]);
    sheet_column(&drawing->sheet, &(struct sheet_column){.head = head,
                                                         .group = group,
                                                         .decimals = metric->decimals,
                                                         .deviation = true,
                                                         .metric = metric->name,
                                                         .split = drawing->splits[split]});
    free(group);
    free(head);
}

static void add_score_columns(struct drawing *drawing)
{
    drawing->first_score = drawing->sheet.column_count;
    for (size_t dataset = 0; dataset < drawing->scoring.count; dataset++)
        for (size_t at = 0; at < at_columns(drawing); at++)
            for (size_t split = 0; split < drawing->split_count; split++)
                add_score_column(drawing, dataset, at, split);
}

static void add_columns(struct drawing *drawing)
{
    bool counted = option_boolean(drawing->settings, "counts");
    drawing->sheet = sheet_begin(drawing->settings);
    sheet_text_column(&drawing->sheet, "method");
    if (drawing->scoring.count > 1)
        drawing->searched = sheet_text_column(&drawing->sheet, "searched on");
    if (!drawing->at_in_columns)
        drawing->budget = sheet_text_column(&drawing->sheet, "budget");
    add_score_columns(drawing);
    drawing->reported = reported_add(&drawing->sheet, drawing->settings);
    drawing->counts =
        counts_add(&drawing->sheet, drawing->cells, counted ? COUNTS_SPENT : COUNTS_RUNS);
}

static bool measure(const struct drawing *drawing, struct sheet_row *row,
                    const struct cell_runs *cell, size_t dataset, size_t at_place, size_t at,
                    struct err *err)
{
    char *budget = cells_spent(cell, at);
    struct sheet_origin origin = {drawing->scoring.datasets[dataset], cell->dataset, budget,
                                  cell->source};
    bool ok = true;
    for (size_t split = 0; ok && split < drawing->split_count; split++) {
        double *scores =
            cells_scores(cell, drawing->scoring.datasets[dataset], drawing->splits[split], at, err);
        struct summary summary = stats_summary(scores, scores ? cell->run_count : 0);
        sheet_measure(row, score_column(drawing, dataset, at_place, split), &summary, &origin);
        ok = scores != NULL;
        free(scores);
    }
    free(budget);
    return ok;
}

/* Fills the row of a method; at 0 is the end of its runs. */
static bool fill_row(struct drawing *drawing, const struct method *method, struct sheet_row *row,
                     size_t at, struct err *err)
{
    bool ok = true;
    for (size_t dataset = 0; ok && dataset < drawing->scoring.count; dataset++) {
        const struct cell_runs *cell = methods_cell_for(method, drawing->scoring.datasets[dataset]);
        for (size_t i = 0; ok && cell && i < at_columns(drawing); i++)
            ok = measure(drawing, row, cell, dataset, i,
                         drawing->at_in_columns ? report_at(drawing->settings, i) : at, err);
    }
    if (drawing->searched)
        sheet_text(row, drawing->searched,
                   method->run_count > 1 ? "each" : cells_title(method->run[0]->dataset));
    if (ok)
        counts_fill(&drawing->counts, row, method->run, method->run_count,
                    drawing->at_in_columns ? 0 : at);
    return ok;
}

/* Puts a reference value in the column that it belongs to, if there is one. */
static void place_value(const struct drawing *drawing, struct sheet_row *row,
                        const struct reference_value *value)
{
    struct summary summary = {value->runs, value->mean, value->std, NAN};
    struct sheet_origin origin = {value->dataset, value->searched_on, value->budget, value->source};
    for (size_t dataset = 0; dataset < drawing->scoring.count; dataset++)
        for (size_t at = 0; at < at_columns(drawing); at++)
            for (size_t split = 0; split < drawing->split_count; split++) {
                char *budget = mem_printf("%zu evaluations", report_at(drawing->settings, at));
                if (same(value->dataset, drawing->scoring.datasets[dataset]) &&
                    same(value->metric, drawing->scoring.metrics[dataset].name) &&
                    same(value->split, drawing->splits[split]) &&
                    (!drawing->at_in_columns || same(value->budget, budget)))
                    sheet_measure(row, score_column(drawing, dataset, at, split), &summary,
                                  &origin);
                free(budget);
            }
}

/* One row of all unused values that say they are of the same rows as the one at first. */
static void add_reference_row(struct drawing *drawing, size_t first)
{
    const struct reference_value *head = &drawing->reference.values[first];
    struct sheet_row *row = sheet_row(&drawing->sheet, head->strategy, head->space);
    sheet_text(row, 0, head->strategy);
    if (drawing->searched)
        sheet_text(row, drawing->searched, cells_title(head->searched_on));
    if (drawing->budget)
        sheet_text(row, drawing->budget, head->budget);
    for (size_t i = first; i < drawing->reference.count; i++) {
        const struct reference_value *value = &drawing->reference.values[i];
        bool same_row = same(value->strategy, head->strategy) && same(value->space, head->space) &&
                        same(value->searched_on, head->searched_on) &&
                        (same(value->source, head->source) || same(value->source, "counted")) &&
                        (drawing->at_in_columns || same(value->budget, head->budget));
        if (drawing->used[i] || !same_row)
            continue;
        drawing->used[i] = true;
        place_value(drawing, row, value);
        reported_place(&drawing->reported, row, value);
    }
    if (head->runs)
        sheet_value(row, drawing->counts.runs, (double)head->runs, 0, &(struct sheet_origin){0});
    sheet_text(row, drawing->counts.source, head->source);
}

static bool is_shown(const struct drawing *drawing, const char *metric)
{
    for (size_t i = 0; i < drawing->scoring.count; i++)
        if (same(drawing->scoring.metrics[i].name, metric))
            return true;
    return false;
}

/* The rows of the reference that stand beside one of ours; all that are left where both are NULL.
 */
static void add_reference_rows(struct drawing *drawing, const char *strategy, const char *budget)
{
    for (size_t i = 0; i < drawing->reference.count; i++) {
        const struct reference_value *value = &drawing->reference.values[i];
        if (!drawing->used[i] && is_shown(drawing, value->metric) &&
            (!strategy || (same(value->strategy, strategy) && same(value->budget, budget))))
            add_reference_row(drawing, i);
    }
}

static bool add_method_row(struct drawing *drawing, const struct method *method, size_t at,
                           struct err *err)
{
    const struct cell_runs *first = method->run_count ? method->run[0] : method->first;
    struct sheet_row *row = sheet_row(&drawing->sheet, method->name, first->space);
    sheet_text(row, 0, method->name);
    if (!method->run_count) { /* of a method that has some the paragraph says what is missing */
        report_not_run(row, first);
        return true;
    }
    char *budget = cells_spent(first, at);
    if (drawing->budget)
        sheet_text(row, drawing->budget, budget);
    bool ok = fill_row(drawing, method, row, at, err);
    if (ok)
        add_reference_rows(drawing, method->name, budget);
    free(budget);
    return ok;
}

static struct sheet_row *begin_optimum(struct drawing *drawing)
{
    struct sheet_row *row = sheet_row(&drawing->sheet, "optimum", drawing->cells[0]->space);
    row->ruled = true;
    sheet_text(row, 0, "optimum of the space");
    sheet_note(&drawing->sheet, "Optimum: the highest score of any architecture, validation and "
                                "test each by itself.");
    return row;
}

static void add_optimum(struct drawing *drawing)
{
    struct sheet_row *row = NULL;
    for (size_t dataset = 0; dataset < drawing->scoring.count; dataset++)
        for (size_t i = 0; i < at_columns(drawing) * drawing->split_count; i++) {
            size_t at = i / drawing->split_count, split = i % drawing->split_count;
            const char *name = drawing->scoring.datasets[dataset];
            double best = scoring_optimum(drawing->cells, name, drawing->splits[split]);
            if (isnan(best))
                continue;
            row = row ? row : begin_optimum(drawing);
            sheet_value(row, score_column(drawing, dataset, at, split), best, 0,
                        &(struct sheet_origin){.dataset = name, .source = "measured"});
        }
}

static void add_notes(struct drawing *drawing)
{
    struct sheet *sheet = &drawing->sheet;
    scoring_note(&drawing->scoring, sheet, drawing->cells);
    if (drawing->at_in_columns && report_at(drawing->settings, 0))
        sheet_note(sheet, "at N: after N evaluations; counts are of whole runs.");
    counts_note(&drawing->counts, sheet, drawing->cells);
    for (size_t i = 0; i < drawing->reference.count; i++)
        if (drawing->used[i] && same(drawing->reference.values[i].source, "counted"))
            sheet_note(sheet, "Sizes of networks are this program's own count (seki network), "
                              "without the auxiliary head; multiply-adds are of one image, of "
                              "convolutions and linear layers.");
        else if (drawing->used[i])
            sheet_note(sheet, "%s: not run here, but taken from %s.",
                       drawing->reference.values[i].source,
                       option_text(drawing->settings, "reference"));
}

/* The rows of all methods after at evaluations (0: at the end of their runs). Those that did not
 * run are in the first block alone: once is enough. */
static bool add_block(struct drawing *drawing, size_t at, bool first, struct err *err)
{
    size_t begin = drawing->sheet.row_count;
    for (size_t i = 0; i < drawing->methods.count; i++) {
        const struct method *method = &drawing->methods.list[i];
        if ((first || method->run_count) && !add_method_row(drawing, method, at, err))
            return false;
    }
    if (!first && drawing->sheet.row_count > begin)
        drawing->sheet.rows[begin].ruled = true;
    return true;
}

static bool add_rows(struct drawing *drawing, struct err *err)
{
    size_t blocks = drawing->at_in_columns ? 1 : report_at_count(drawing->settings);
    for (size_t i = 0; i < blocks; i++)
        if (!add_block(drawing, drawing->at_in_columns ? 0 : report_at(drawing->settings, i),
                       i == 0, err))
            return false;
    size_t begin = drawing->sheet.row_count;
    add_reference_rows(drawing, NULL, NULL);
    if (drawing->sheet.row_count > begin)
        drawing->sheet.rows[begin].ruled = true;
    return true;
}

/* Tests are of what the search saw; what it did not see is said beside it. */
static bool say_all(struct drawing *drawing, struct err *err)
{
    struct str *says = &drawing->sheet.says;
    const json_t *settings = drawing->settings;
    bool ok = true;
    for (size_t i = 0; ok && i < drawing->split_count; i++)
        ok = say_scores(says, drawing->cells, settings, drawing->splits[i],
                        i == 0 ? SCORES_TESTED : SCORES_LAST, err);
    for (size_t i = 0; i < drawing->reference.count; i++)
        if (drawing->used[i]) {
            say(says,
                "Rows from elsewhere are compared with none: their single runs are not known.");
            break;
        }
    say_cells(says, drawing->cells, option_text(settings, "label"), option_text(settings, "merge"));
    return ok;
}

static void finish(struct drawing *drawing)
{
    methods_free(&drawing->methods);
    free(drawing->cells);
    scoring_free(&drawing->scoring);
    free(drawing->used);
    sheet_free(&drawing->sheet);
    counts_free(&drawing->counts);
    reference_free(&drawing->reference);
    reported_free(&drawing->reported);
}

static void check(const json_t *settings, const char *path, struct faults *faults)
{
    report_check_at(settings, path, faults);
    reported_check(settings, path, faults);
}

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    struct drawing drawing = {.report = report, .settings = settings};
    const char *reference = option_text(settings, "reference");
    bool ok = !reference || reference_read(reference, &drawing.reference, err);
    drawing.used = mem_alloc(drawing.reference.count + 1, sizeof(*drawing.used));
    ok = ok && collect(&drawing, err);
    if (ok) {
        add_columns(&drawing);
        ok = add_rows(&drawing, err);
    }
    if (ok) {
        add_notes(&drawing);
        add_optimum(&drawing);
        ok = say_all(&drawing, err) && report_put_table(report, &drawing.sheet, err);
    }
    finish(&drawing);
    return ok;
}

const struct report_type accuracy_table = {
    .name = "accuracy",
    .summary = "scores of each method, mean and deviation over runs, beside the space's optimum",
    .options = options,
    .check = check,
    .draw = draw,
};
