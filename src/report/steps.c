/* How good single proposals are: better than their parent, beside a random one-slot mutation. */
#include "report/kinds.h"

#include "base/mem.h"
#include "report/cells.h"
#include "report/figure.h"
#include "report/say.h"
#include "report/scoring.h"
#include "report/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option table_options[] = {
    OPTION_CELLS,
    OPTION_LABEL,
    {"bins", OPTION_ARRAY, "[]", 0, 0, NULL,
     "bounds in rising order that part the proposals by the score of their parent"},
    {.key = NULL}};

static const struct option figure_options[] = {OPTION_CELLS, OPTION_LABEL, {.key = NULL}};

static void check_bins(const json_t *settings, const char *path, struct faults *faults)
{
    const json_t *list = json_object_get(settings, "bins"), *entry;
    size_t i;
    double last = -INFINITY;
    json_array_foreach(list, i, entry)
    {
        if (!json_is_number(entry) || json_number_value(entry) <= last) {
            char *at = mem_printf("%s/bins/%zu", path, i);
            fault_add(faults, at, "expected a number above %g", last);
            free(at);
            return;
        }
        last = json_number_value(entry);
    }
}

/* Which proposals of a cell: of one stage, or of all (NULL), from parents in [low, high). */
struct part {
    const char *stage;
    double low, high;
};

static const struct part all_of_it = {NULL, -INFINITY, INFINITY};

/* Over proposals that have a parent. Shares are in percent. */
struct tally {
    struct summary better;   /* of the proposals: new and strictly better than the parent */
    struct summary mutation; /* the same of a uniform one-slot mutation, expected exactly */
    struct summary difference;
    struct summary gain, mutation_gain; /* on the parent, in the metric */
};

static bool is_in(const struct logged_evaluation *step, const struct part *part)
{
    return step->parent && !isnan(step->mutation_better) && step->parent_score >= part->low &&
           step->parent_score < part->high &&
           (!part->stage || (step->stage && strcmp(step->stage, part->stage) == 0));
}

static struct tally tally_of(const struct cell_runs *cell, const struct part *part)
{
    size_t room = 1, count = 0;
    for (size_t i = 0; i < cell->run_count; i++)
        room += cell->runs[i]->step_count;
    double *better = mem_alloc(room, 5 * sizeof(*better)), *mutation = better + room;
    double *difference = mutation + room, *gain = difference + room, *mutation_gain = gain + room;
    for (size_t i = 0; i < cell->run_count; i++)
        for (size_t j = 0; j < cell->runs[i]->step_count; j++) {
            const struct logged_evaluation *step = &cell->runs[i]->steps[j];
            if (!is_in(step, part))
                continue;
            bool above = step->arch && !step->repeat && step->valid_score > step->parent_score;
            better[count] = above ? 100 : 0;
            mutation[count] = 100 * step->mutation_better;
            difference[count] = better[count] - mutation[count];
            gain[count] = step->arch ? step->valid_score - step->parent_score : (double)NAN;
            mutation_gain[count] = step->mutation_gain;
            count++;
        }
    struct tally tally = {stats_summary(better, count), stats_summary(mutation, count),
                          stats_summary(difference, count), stats_summary(gain, count),
                          stats_summary(mutation_gain, count)};
    free(better);
    return tally;
}

static bool has_parent_and_stage(const struct logged_evaluation *step)
{
    return step->stage && is_in(step, &all_of_it);
}

enum { METHOD, PART, N, BETTER, MUTATION, DIFFERENCE, ERROR, GAIN, MUTATION_GAIN, SOURCE, COLUMNS };

static void add_columns(struct sheet *sheet, const struct metric *metric)
{
    bool percent = metric->percent;
    struct sheet_column columns[COLUMNS] = {
        [METHOD] = {.head = "method", .text = true},
        [PART] = {.head = "proposals", .text = true},
        [N] = {.head = "n", .metric = "proposals"},
        [BETTER] = {.head = "better %", .decimals = 1, .metric = "better_than_parent_pct"},
        [MUTATION] = {.head = "mutation %", .decimals = 1, .metric = "mutation_better_pct"},
        [DIFFERENCE] = {.head = "difference", .decimals = 1, .metric = "better_difference_pct"},
        [ERROR] = {.head = "± s.e.", .decimals = 1},
        [GAIN] = {.head = "mean gain",
                  .decimals = metric->decimals,
                  .metric = percent ? "gain_on_parent_pct" : "gain_on_parent"},
        [MUTATION_GAIN] = {.head = "mutation's gain",
                           .decimals = metric->decimals,
                           .metric = percent ? "mutation_gain_pct" : "mutation_gain"},
        [SOURCE] = {.head = "source", .text = true},
    };
    for (size_t i = N; i <= MUTATION_GAIN; i++)
        columns[i].split = "valid";
    sheet_columns(sheet, columns, COLUMNS);
}

/* Of proposals, but set beside the number of runs that made them. */
static void measure(struct sheet_row *row, size_t column, struct summary summary,
                    const struct cell_runs *cell)
{
    summary.count = cell->run_count;
    sheet_measure(row, column, &summary,
                  &(struct sheet_origin){cell->dataset, cell->dataset, cell->budget, cell->source});
}

static void add_row(struct sheet *sheet, const struct cell_runs *cell, const char *label,
                    const char *part_name, const struct part *part, bool ruled)
{
    struct tally tally = tally_of(cell, part);
    if (!tally.better.count)
        return;
    char *strategy = mem_printf("%s [%s]", label, part_name);
    struct sheet_row *row = sheet_row(sheet, strategy, cell->space);
    row->ruled = ruled;
    sheet_text(row, METHOD, label);
    sheet_text(row, PART, part_name);
    measure(row, N, (struct summary){.mean = (double)tally.better.count, .std = NAN}, cell);
    measure(row, BETTER, tally.better, cell);
    measure(row, MUTATION, tally.mutation, cell);
    measure(row, DIFFERENCE, tally.difference, cell);
    measure(row, ERROR, (struct summary){.mean = tally.difference.sem, .std = NAN}, cell);
    measure(row, GAIN, tally.gain, cell);
    measure(row, MUTATION_GAIN, tally.mutation_gain, cell);
    sheet_text(row, SOURCE, cell->source);
    free(strategy);
}

static void add_bins(struct sheet *sheet, const struct cell_runs *cell, const char *label,
                     const json_t *bins)
{
    size_t count = json_array_size(bins);
    for (size_t i = 0; count && i <= count; i++) {
        struct part part = all_of_it;
        struct str name = {0};
        if (i > 0)
            part.low = json_number_value(json_array_get(bins, i - 1));
        if (i < count)
            part.high = json_number_value(json_array_get(bins, i));
        if (i == 0)
            str_addf(&name, "parent below %g", part.high);
        else if (i == count)
            str_addf(&name, "parent from %g", part.low);
        else
            str_addf(&name, "parent %g to %g", part.low, part.high);
        add_row(sheet, cell, label, name.text, &part, false);
        str_free(&name);
    }
}

/* Why a cell with runs has no row. */
static const char *why_none(const struct cell_runs *cell)
{
    const json_t *report = json_object_get(cell->logs[0].experiment, "report");
    return option_boolean(report, "parents")
               ? "none of its proposals was made from a parent"
               : "no proposals beside their parents in its logs (they need report.parents)";
}

static void add_cell(struct sheet *sheet, const struct cell_runs *cell, const json_t *settings)
{
    size_t before = sheet->row_count, stage_count;
    char *label = cells_label(cell, option_text(settings, "label"), NULL);
    const char **stages = cells_stages(cell, has_parent_and_stage, &stage_count);
    add_row(sheet, cell, label, "all", &all_of_it, before > 0);
    for (size_t i = 0; stage_count > 1 && i < stage_count; i++) {
        struct part part = {stages[i], -INFINITY, INFINITY};
        add_row(sheet, cell, label, stages[i], &part, false);
    }
    add_bins(sheet, cell, label, json_object_get(settings, "bins"));
    if (sheet->row_count == before) {
        struct sheet_row *row = sheet_row(sheet, label, cell->space);
        sheet_text(row, METHOD, label);
        if (cell->run_count)
            sheet_remark(row, "%s", why_none(cell));
        else
            report_not_run(row, cell);
    }
    free(stages);
    free(label);
}

/* -- what it shows -- */

/* What is said of differences; of one proposal, or of some that all came out alike, the error is
 * not known. */
enum { MORE, LESS, WITHIN, UNKNOWN, LISTS };

static const char *const sentences[LISTS] = {
    [MORE] =
        "More often better than their parent than its one-slot mutation would be, by more than "
        "two standard errors",
    [LESS] = "Less often, by more than two standard errors",
    [WITHIN] = "Within two standard errors of it, so that no difference is shown",
    [UNKNOWN] =
        "Without a standard error, since there is one proposal or all came out alike, so that "
        "nothing is shown",
};

/* "seki (18.6 points, s.e. 4.0, of 98)" to the list that its difference belongs to. */
static void sort_out(struct names lists[LISTS], const char *name, const struct tally *tally)
{
    char *points = say_number(tally->difference.mean, 1);
    char *error = say_number(tally->difference.sem, 1);
    double bound = 2 * tally->difference.sem;
    bool known = bound > 0;
    size_t list = !known                                  ? UNKNOWN
                  : fabs(tally->difference.mean) <= bound ? WITHIN
                  : tally->difference.mean > 0            ? MORE
                                                          : LESS;
    names_add(&lists[list], "%s (%s points, s.e. %s, of %zu)", name, points,
              known ? error : "not known", tally->better.count);
    free(points);
    free(error);
}

/* A name for the cell as a whole, or for each of its stages. */
static void sort_cell(struct names lists[LISTS], const struct cell_runs *cell, const char *axis,
                      bool by_stage)
{
    size_t count = 0;
    char *label = cells_label(cell, axis, NULL);
    const char **stages = by_stage ? cells_stages(cell, has_parent_and_stage, &count) : NULL;
    for (size_t i = 0; i < (by_stage ? count : 1); i++) {
        struct part part = {by_stage ? stages[i] : NULL, -INFINITY, INFINITY};
        struct tally tally = tally_of(cell, &part);
        char *name = by_stage ? mem_printf("%s in %s", label, stages[i]) : mem_strdup(label);
        if (tally.better.count)
            sort_out(lists, name, &tally);
        free(name);
    }
    free(stages);
    free(label);
}

static void say_all(struct str *says, const struct cell_runs *const *cells, const json_t *settings,
                    bool by_stage)
{
    const char *axis = option_text(settings, "label");
    struct names lists[LISTS] = {{0}};
    for (size_t i = 0; cells[i]; i++)
        sort_cell(lists, cells[i], axis, by_stage);
    for (size_t i = 0; i < LISTS; i++) {
        char *all = names_join(&lists[i]);
        if (*all)
            say(says, "%s: %s.", sentences[i], all);
        free(all);
    }
    say(says, "The steps of one run follow from each other and are here taken as independent, so "
              "the errors may be larger; and each method has parents of its own, so shares of "
              "two methods are not of the same parents.");
    say_cells(says, cells, axis, NULL);
}

static bool draw_table(const struct report *report, const json_t *settings, struct err *err)
{
    struct metric metric;
    const struct cell_runs **cells = scoring_select(report, settings, true, &metric, err);
    if (!cells)
        return false;
    struct sheet sheet = sheet_begin(settings);
    add_columns(&sheet, &metric);
    for (size_t i = 0; cells[i]; i++)
        add_cell(&sheet, cells[i], settings);
    say_all(&sheet.says, cells, settings, false);
    sheet_note(&sheet,
               "better: of the n proposals that were made from a parent, those that are new "
               "in their run and strictly better than the parent; repeats and replies "
               "without a valid architecture count as not better.");
    sheet_note(&sheet, "mutation: the exact expectation of the same share for a uniform one-slot "
                       "mutation of the same parents, those seen before among them.");
    char *difference = scoring_difference(&metric);
    sheet_note(&sheet,
               "difference: better less mutation, with the standard error of its mean over "
               "proposals, taken as independent. Gains are in %s (validation, %s epoch).",
               difference, metric_epoch_name(&metric));
    free(difference);
    bool ok = report_put_table(report, &sheet, err);
    sheet_free(&sheet);
    free(cells);
    return ok;
}

static void add_figure_lines(struct figure *figure, const struct cell_runs *cell, const char *label)
{
    size_t count;
    const char **stages = cells_stages(cell, has_parent_and_stage, &count);
    for (size_t i = 0; i < count; i++) {
        struct part part = {stages[i], -INFINITY, INFINITY};
        struct tally tally = tally_of(cell, &part);
        figure_add_label(figure, label);
        figure_add_label(figure, stages[i]);
        figure_add_number(figure, (double)tally.better.count);
        figure_add_number(figure, tally.better.mean);
        figure_add_number(figure, tally.better.sem);
        figure_add_number(figure, tally.mutation.mean);
        figure_end_line(figure);
    }
    free(stages);
}

static bool draw_figure(const struct report *report, const json_t *settings, struct err *err)
{
    const struct cell_runs **cells = cells_select(report, settings, err);
    if (!cells)
        return false;
    struct figure figure = figure_begin(option_text(settings, "name"),
                                        "method,stage,proposals,better_pct,sem_pct,mutation_pct");
    for (size_t i = 0; cells[i]; i++) {
        char *label = cells_label(cells[i], option_text(settings, "label"), NULL);
        add_figure_lines(&figure, cells[i], label);
        free(label);
    }
    say_all(&figure.says, cells, settings, true);
    bool ok = report_put_figure(report, settings, &figure, "steps", err);
    figure_free(&figure);
    free(cells);
    return ok;
}

const struct report_type steps_table = {
    .name = "steps",
    .summary = "share of proposals better than their parent, beside a one-slot mutation of it",
    .options = table_options,
    .check = check_bins,
    .draw = draw_table,
};

const struct report_type steps_figure = {
    .name = "steps",
    .summary = "share of proposals better than their parent, and the mutation's, by stage",
    .options = figure_options,
    .draw = draw_figure,
};
