#include "report/counts.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SECONDS_A_DAY = 86400, SECONDS_AN_HOUR = 3600;

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

static double diverged(const struct logged_run *run, size_t at)
{
    return whole(run, at, run->trained ? (double)run->diverged : NAN);
}

static double seconds(const struct logged_run *run, size_t at)
{
    double sum = 0;
    for (size_t i = 0; i < run->step_count && (!at || i < at); i++)
        sum += run->steps[i].arch ? run->steps[i].cost_s : 0;
    return sum;
}

static double gpu_days(const struct logged_run *run, size_t at)
{
    return seconds(run, at) / SECONDS_A_DAY;
}

static double hours(const struct logged_run *run, size_t at)
{
    return seconds(run, at) / SECONDS_AN_HOUR;
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

static double of_answers(const struct logged_run *run, size_t at, double sum)
{
    return whole(run, at, run->answered ? sum : NAN);
}

static double tokens_cached(const struct logged_run *run, size_t at)
{
    return of_answers(run, at, run->tokens_cached);
}

static double tokens_reasoning(const struct logged_run *run, size_t at)
{
    return of_answers(run, at, run->tokens_reasoning);
}

static double in_flight(const struct logged_run *run, size_t at)
{
    return of_answers(run, at, run->in_flight / (double)run->answered);
}

static double tokens(const struct logged_run *run, size_t at)
{
    return tokens_in(run, at) + tokens_out(run, at);
}

static double cost(const struct logged_run *run, size_t at)
{
    return whole(run, at, run->price);
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

static const char per_point_note[] =
    "Per point: what all runs of a row used, divided by the points by which their regret (the "
    "optimum of the space minus the best so far, as the search sees them) fell from the first "
    "valid evaluation of each to its end.";

static const struct {
    const char *head, *metric;
    int decimals;
    enum counts_detail detail;
    bool llm;       /* of runs that asked one */
    bool known;     /* shown only where a run says it */
    bool per_point; /* divided by the points by which regret fell, over all runs of the row */
    run_count *count;
    const char *note; /* what it is, where the head does not say it */
} table[COUNTS_COLUMNS] = {
    {"evaluations", "evaluations", 1, COUNTS_SPENT, .count = evaluations},
    {"unique", "unique_evaluations", 1, COUNTS_SPENT, .count = unique},
    {"calls", "llm_calls", 1, COUNTS_SPENT, .llm = true, .count = calls},
    {"tokens in", "llm_tokens_in", 0, COUNTS_SPENT, .llm = true, .count = tokens_in},
    {"cached", "llm_tokens_cached", 0, COUNTS_ALL, true, true, .count = tokens_cached,
     .note = "Cached: of tokens in, those that a cache of the server held."},
    {"tokens out", "llm_tokens_out", 0, COUNTS_SPENT, .llm = true, .count = tokens_out},
    {"reasoning", "llm_tokens_reasoning", 0, COUNTS_ALL, true, true, .count = tokens_reasoning,
     .note = "Reasoning: of tokens out, those that are no part of an answer."},
    {"tokens/point", "llm_tokens_per_point", 0, COUNTS_ALL, true, true, true, tokens,
     per_point_note},
    {"cost", "llm_cost", 4, COUNTS_ALL, true, true, .count = cost},
    {"cost/point", "llm_cost_per_point", 4, COUNTS_ALL, true, true, true, cost, per_point_note},
    {"diverged", "diverged", 1, COUNTS_SPENT, .known = true, .count = diverged,
     .note = "Diverged: trainings whose loss was not finite, and that count as the score that the "
             "experiment names."},
    {"invalid %", "invalid_pct", 1, COUNTS_SPENT, .llm = true, .count = invalid_pct,
     .note = "Calls: every request sent, repairs among them. Invalid: of iterations, those without "
             "a valid architecture."},
    {"duplicate %", "duplicate_pct", 1, COUNTS_SPENT, .count = duplicate_pct},
    {"repairs %", "repair_pct", 1, COUNTS_ALL, .llm = true, .count = repair_pct,
     .note = "Repairs: of calls, those that asked again. LLM s: seconds a run waited for the LLM, "
             "when it was recorded."},
    {"LLM s", "llm_seconds", 0, COUNTS_ALL, .llm = true, .count = llm_s},
    {"in flight", "llm_in_flight", 1, COUNTS_ALL, true, true, .count = in_flight,
     .note = "In flight: requests that were at the server at once, on average over calls, when the "
             "runs were recorded."},
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
    const char *unit = counts->trained ? "training h" : "GPU-days";
    for (size_t i = 0; i < counts->dataset_count; i++) {
        size_t column = sheet_column(
            sheet, &(struct sheet_column){
                       .head = several ? cells_title(counts->datasets[i]) : unit,
                       .group = several ? unit : NULL,
                       .decimals = counts->trained ? 3 : 2,
                       .metric = counts->trained ? "training_hours" : "simulated_gpu_days",
                   });
        if (i == 0)
            counts->first_day = column;
    }
}

/* By how much the regret of a run fell from its first valid evaluation to its end: the optimum
 * cancels. NaN where there is no valid one. */
static double points_won(const struct logged_run *run)
{
    double *best = cells_best_so_far(run), won = NAN;
    for (size_t i = 0; i < run->step_count && isnan(won); i++)
        won = best[run->step_count - 1] - best[i];
    free(best);
    return won;
}

static struct summary summarise_per_point(const struct cell_runs *const *cells, size_t count,
                                          run_count *of, size_t at)
{
    double spent = 0, won = 0;
    struct summary summary = {0, NAN, NAN, NAN};
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < cells[i]->run_count; j++, summary.count++) {
            spent += of(cells[i]->runs[j], at);
            won += points_won(cells[i]->runs[j]);
        }
    if (won > 0)
        summary.mean = spent / won;
    return summary;
}

/* Whether any run has a value for the column. */
static bool is_known(const struct cell_runs *const *cells, run_count *count)
{
    for (; *cells; cells++)
        for (size_t i = 0; i < (*cells)->run_count; i++)
            if (!isnan(count((*cells)->runs[i], 0)))
                return true;
    return false;
}

struct counts counts_add(struct sheet *sheet, const struct cell_runs *const *cells,
                         enum counts_detail detail)
{
    struct counts counts = {0};
    bool llm = false, tabulated = false;
    for (size_t i = 0; cells[i]; i++) {
        llm = llm || cells[i]->asks_llm;
        tabulated = tabulated || (cells[i]->run_count && !cells[i]->runs[0]->trained);
        counts.trained = counts.trained || cells[i]->run_count;
    }
    counts.trained = counts.trained && !tabulated;
    counts.runs = sheet_column(sheet, &(struct sheet_column){.head = "runs"});
    if (detail != COUNTS_RUNS)
        find_datasets(&counts, cells);
    for (size_t i = 0; i < COUNTS_COLUMNS && table[i].head; i++) {
        if (table[i].detail <= detail && (llm || !table[i].llm) &&
            (!table[i].known || is_known(cells, table[i].count)))
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
    char *budget = cells_spent(cells[0], at);
    struct sheet_origin origin = {.searched_on = count == 1 ? cells[0]->dataset : "each",
                                  .budget = budget,
                                  .source = cells[0]->source};
    bool llm = any_asks_llm(cells, count);
    sheet_value(row, counts->runs, (double)fewest_runs(cells, count), 0, &origin);
    for (size_t i = 0; i < COUNTS_COLUMNS; i++) {
        if (!counts->columns[i] || (table[i].llm && !llm))
            continue;
        struct summary summary = table[i].per_point
                                     ? summarise_per_point(cells, count, table[i].count, at)
                                     : summarise(cells, count, NULL, table[i].count, at);
        sheet_measure(row, counts->columns[i], &summary, &origin);
    }
    for (size_t i = 0; i < counts->dataset_count; i++) {
        struct summary days =
            summarise(cells, count, counts->datasets[i], counts->trained ? hours : gpu_days, at);
        origin.dataset = origin.searched_on = counts->datasets[i];
        sheet_measure(row, counts->first_day + i, &days, &origin);
    }
    sheet_text(row, counts->source, cells[0]->source);
    free(budget);
}

static void note_columns(const struct counts *counts, struct sheet *sheet)
{
    if (counts->dataset_count)
        sheet_note(sheet,
                   "Evaluations, calls and tokens are means over runs. %s. Duplicate: of "
                   "iterations, those whose proposal had been evaluated before.",
                   counts->trained ? "Training h: hours that training and evaluation took, as "
                                     "measured"
                                   : "GPU-days: simulated, the tabulated training time of what "
                                     "was evaluated");
    for (size_t i = 0; i < COUNTS_COLUMNS; i++)
        if (counts->columns[i] && table[i].note)
            sheet_note(sheet, "%s", table[i].note);
}

/* Which runs the LLM's budget ended, and what then stays empty. */
static void note_ends(struct sheet *sheet, const struct cell_runs *cell)
{
    size_t ended = 0, fewest = SIZE_MAX, most = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct logged_run *run = cell->runs[i];
        if (!cells_ends_with_llm_budget(run))
            continue;
        ended++;
        fewest = run->step_count < fewest ? run->step_count : fewest;
        most = run->step_count > most ? run->step_count : most;
    }
    char *range = fewest == most ? mem_printf("%zu", most) : mem_printf("%zu to %zu", fewest, most);
    if (ended)
        sheet_note(sheet,
                   "%s: what the LLM may use was spent after %s iterations in %zu of %zu runs; "
                   "nothing is said of the cell after more.",
                   cell->id, range, ended, cell->run_count);
    free(range);
}

/* A price has a currency, and a run that no seed went to cannot be had again from the server. */
static void note_llm(struct sheet *sheet, const struct counts *counts, const struct cell_runs *cell)
{
    const json_t *llm = json_object_get(cell->logs[0].experiment, "llm");
    if (json_is_false(json_object_get(llm, "send_seed")))
        sheet_note(sheet, "%s: no seed; its LLM was sent none.", cell->id);
    for (size_t i = 0; i < COUNTS_COLUMNS; i++)
        if (counts->columns[i] && table[i].count == cost && !table[i].per_point &&
            json_is_number(json_object_get(llm, "price_in")))
            sheet_note(sheet, "%s: cost in %s, by %.15g a million tokens in and %.15g out.",
                       cell->id, option_text(llm, "currency"), option_real(llm, "price_in"),
                       option_real(llm, "price_out"));
}

/* What was trained on; and, of replayed runs too, that nothing was. */
static void note_training(struct sheet *sheet, const struct cell_runs *cell)
{
    const struct logged_run *run = cell->runs[0];
    if (run->trained)
        sheet_note(sheet, "%s: trained on %s%s.", cell->id, run->device,
                   run->stored ? ", before; the results come with the project" : "");
}

static void note_cell(struct sheet *sheet, const struct counts *counts,
                      const struct cell_runs *cell)
{
    if (!cell->run_count)
        return;
    note_ends(sheet, cell);
    note_training(sheet, cell);
    note_llm(sheet, counts, cell);
    if (cell->scripted && cell->asks_llm)
        sheet_note(sheet, "scripted: no LLM, a set of rules answered.");
    if (strcmp(cell->source, "measured") == 0)
        sheet_note(sheet, "measured: run here.");
    else if (strcmp(cell->source, "stored") == 0)
        sheet_note(sheet, "stored: run here on the results of trainings that were made before.");
    else
        sheet_note(sheet, "replayed: run here on recorded replies of the LLM.");
}

void counts_note(const struct counts *counts, struct sheet *sheet,
                 const struct cell_runs *const *cells)
{
    note_columns(counts, sheet);
    for (; *cells; cells++)
        note_cell(sheet, counts, *cells);
}
