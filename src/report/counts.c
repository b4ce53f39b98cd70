#include "report/counts.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SECONDS_A_DAY = 86400;

/* What a run spent on its first at iterations; NaN where only the whole run is known. */
typedef double run_count(const struct logged_run *run, size_t at);

static bool is_whole(const struct logged_run *run, size_t at)
{
    return !at || at >= run->step_count;
}

static double whole(const struct logged_run *run, size_t at, double value)
{
    return is_whole(run, at) ? value : NAN;
}

static double evaluations(const struct logged_run *run, size_t at)
{
    size_t count = 0;
    for (size_t i = 0; i < run->step_count && (!at || i < at); i++)
        count += run->steps[i].arch != NULL;
    return (double)count;
}

static double unique(const struct logged_run *run, size_t at)
{
    size_t count = 0;
    for (size_t i = 0; i < run->step_count && (!at || i < at); i++)
        count += run->steps[i].arch && !run->steps[i].repeat;
    return (double)count;
}

static double gpu_days(const struct logged_run *run, size_t at)
{
    double seconds = 0;
    for (size_t i = 0; i < run->step_count && (!at || i < at); i++)
        seconds += run->steps[i].arch ? run->steps[i].cost_s : 0;
    return seconds / SECONDS_A_DAY;
}

static double calls(const struct logged_run *run, size_t at)
{
    return whole(run, at, (double)run->calls);
}

static double tokens_in(const struct logged_run *run, size_t at)
{
    return whole(run, at, run->tokens_in);
}

static double tokens_out(const struct logged_run *run, size_t at)
{
    return whole(run, at, run->tokens_out);
}

static double percent_of(const struct logged_run *run, size_t at, size_t part, size_t all)
{
    return whole(run, at, all ? 100 * (double)part / (double)all : NAN);
}

static double invalid_pct(const struct logged_run *run, size_t at)
{
    return percent_of(run, at, run->invalid, run->step_count);
}

static double duplicate_pct(const struct logged_run *run, size_t at)
{
    if (is_whole(run, at) || run->calls) /* when a reply was refused is not known */
        return percent_of(run, at, run->duplicates, run->step_count);
    return 100 * (evaluations(run, at) - unique(run, at)) / (double)at;
}

static double repair_pct(const struct logged_run *run, size_t at)
{
    return percent_of(run, at, run->repairs, run->calls);
}

static double llm_s(const struct logged_run *run, size_t at)
{
    return whole(run, at, run->llm_ms / 1000);
}

static const struct {
    const char *head, *metric;
    int decimals;
    enum counts_detail detail;
    bool llm; /* of runs that asked one */
    run_count *count;
} table[COUNTS_COLUMNS] = {
    {"evaluations", "evaluations", 1, COUNTS_SPENT, false, evaluations},
    {"unique", "unique_evaluations", 1, COUNTS_SPENT, false, unique},
    {"calls", "llm_calls", 1, COUNTS_SPENT, true, calls},
    {"tokens in", "llm_tokens_in", 0, COUNTS_SPENT, true, tokens_in},
    {"tokens out", "llm_tokens_out", 0, COUNTS_SPENT, true, tokens_out},
    {"invalid %", "invalid_pct", 1, COUNTS_SPENT, true, invalid_pct},
    {"duplicate %", "duplicate_pct", 1, COUNTS_SPENT, false, duplicate_pct},
    {"repairs %", "repair_pct", 1, COUNTS_ALL, true, repair_pct},
    {"LLM s", "llm_seconds", 0, COUNTS_ALL, true, llm_s},
};

static void find_datasets(struct counts *counts, const struct cell_runs *const *cells)
{
    size_t capacity = 0;
    for (; *cells; cells++) {
        size_t i = 0;
        if (!(*cells)->run_count)
            continue;
        while (i < counts->dataset_count && strcmp(counts->datasets[i], (*cells)->dataset) != 0)
            i++;
        if (i < counts->dataset_count)
            continue;
        MEM_GROW(counts->datasets, counts->dataset_count, capacity);
        counts->datasets[counts->dataset_count++] = (*cells)->dataset;
    }
}

/* Simulated time differs by an order of magnitude between data sets, so it is never pooled. */
static void add_days(struct counts *counts, struct sheet *sheet)
{
    bool several = counts->dataset_count > 1;
    for (size_t i = 0; i < counts->dataset_count; i++) {
        size_t column =
            sheet_column(sheet, &(struct sheet_column){
                                    .head = several ? cells_title(counts->datasets[i]) : "GPU-days",
                                    .group = several ? "GPU-days" : NULL,
                                    .decimals = 2,
                                    .metric = "simulated_gpu_days",
                                });
        if (i == 0)
            counts->first_day = column;
    }
}

struct counts counts_add(struct sheet *sheet, const struct cell_runs *const *cells,
                         enum counts_detail detail)
{
    struct counts counts = {0};
    bool llm = false;
    for (size_t i = 0; cells[i]; i++)
        llm = llm || cells[i]->asks_llm;
    counts.runs = sheet_column(sheet, &(struct sheet_column){.head = "runs"});
    if (detail != COUNTS_RUNS)
        find_datasets(&counts, cells);
    for (size_t i = 0; i < COUNTS_COLUMNS && table[i].head; i++) {
        if (table[i].detail <= detail && (llm || !table[i].llm))
            counts.columns[i] =
                sheet_column(sheet, &(struct sheet_column){.head = table[i].head,
                                                           .decimals = table[i].decimals,
                                                           .metric = table[i].metric});
        if (table[i].count == unique)
            add_days(&counts, sheet);
    }
    counts.source = sheet_text_column(sheet, "source");
    return counts;
}

void counts_free(struct counts *counts)
{
    free(counts->datasets);
    *counts = (struct counts){0};
}

/* Over the runs of the cells that searched on dataset (NULL: of all). */
static struct summary summarise(const struct cell_runs *const *cells, size_t count,
                                const char *dataset, run_count *of, size_t at)
{
    double *values = NULL;
    size_t value_count = 0, capacity = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < cells[i]->run_count; j++) {
            if (dataset && strcmp(cells[i]->dataset, dataset) != 0)
                continue;
            MEM_GROW(values, value_count, capacity);
            values[value_count++] = of(cells[i]->runs[j], at);
        }
    struct summary summary = stats_summary(values, value_count);
    free(values);
    return summary;
}

static bool any_asks_llm(const struct cell_runs *const *cells, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (cells[i]->asks_llm)
            return true;
    return false;
}

/* The fewest of any of the cells. */
static size_t fewest_runs(const struct cell_runs *const *cells, size_t count)
{
    size_t fewest = cells[0]->run_count;
    for (size_t i = 1; i < count; i++)
        fewest = cells[i]->run_count < fewest ? cells[i]->run_count : fewest;
    return fewest;
}

void counts_fill(const struct counts *counts, struct sheet_row *row,
                 const struct cell_runs *const *cells, size_t count, size_t at)
{
    struct str budget = {0};
    if (at)
        str_addf(&budget, "%zu evaluations", at);
    struct sheet_origin origin = {.searched_on = count == 1 ? cells[0]->dataset : "each",
                                  .budget = at ? budget.text : cells[0]->budget,
                                  .source = cells[0]->source};
    struct summary runs = {.mean = (double)fewest_runs(cells, count), .std = NAN};
    bool llm = any_asks_llm(cells, count);
    sheet_measure(row, counts->runs, &runs, &origin);
    for (size_t i = 0; i < COUNTS_COLUMNS; i++) {
        if (!counts->columns[i] || (table[i].llm && !llm))
            continue;
        struct summary summary = summarise(cells, count, NULL, table[i].count, at);
        sheet_measure(row, counts->columns[i], &summary, &origin);
    }
    for (size_t i = 0; i < counts->dataset_count; i++) {
        struct summary days = summarise(cells, count, counts->datasets[i], gpu_days, at);
        origin.dataset = origin.searched_on = counts->datasets[i];
        sheet_measure(row, counts->first_day + i, &days, &origin);
    }
    sheet_text(row, counts->source, cells[0]->source);
    str_free(&budget);
}

static void note_columns(const struct counts *counts, struct sheet *sheet)
{
    if (counts->dataset_count)
        sheet_note(sheet, "Evaluations, calls and tokens are means over runs. GPU-days: simulated, "
                          "the tabulated training time of what was evaluated. Duplicate: of "
                          "iterations, those whose proposal had been evaluated before.");
    for (size_t i = 0; i < COUNTS_COLUMNS; i++) {
        if (!counts->columns[i])
            continue;
        if (table[i].count == invalid_pct)
            sheet_note(sheet, "Calls: every request sent, repairs among them. Invalid: of "
                              "iterations, those without a valid architecture.");
        if (table[i].count == repair_pct)
            sheet_note(sheet, "Repairs: of calls, those that asked again. LLM s: seconds a run "
                              "waited for the LLM, when it was recorded.");
    }
}

static void note_cell(struct sheet *sheet, const struct cell_runs *cell)
{
    if (!cell->run_count)
        return;
    if (cell->scripted && cell->asks_llm)
        sheet_note(sheet, "scripted: no LLM, a set of rules answered.");
    if (strcmp(cell->source, "measured") == 0)
        sheet_note(sheet, "measured: run here.");
    else
        sheet_note(sheet, "replayed: run here on recorded replies of the LLM.");
}

void counts_note(const struct counts *counts, struct sheet *sheet,
                 const struct cell_runs *const *cells)
{
    note_columns(counts, sheet);
    for (; *cells; cells++)
        note_cell(sheet, *cells);
}
