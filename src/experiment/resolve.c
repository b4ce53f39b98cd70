#include "experiment/resolve.h"

#include "base/mem.h"
#include "experiment/fields.h"
#include "experiment/registry.h"

#include <math.h>
#include <stdlib.h>

static char *space_names(void)
{
    struct str names = {0};
    for (size_t i = 0; space_at(i); i++)
        str_addf(&names, "%s%s", i ? "|" : "", space_at(i)->name);
    return str_steal(&names);
}

static const struct space *resolve_space(const char *name, struct faults *faults)
{
    const struct space *space = name ? space_find(name) : NULL;
    if (!name || space)
        return space;
    char *names = space_names(), *hint = option_hint(name, names);
    fault_add(faults, "/space", "found \"%.60s\", expected one of %s%s", name, names, hint);
    free(names);
    free(hint);
    return NULL;
}

/* The object at path, "/<key>", by its table; NULL where it is absent or no object (which was
 * told).
 */
static json_t *resolve_part(const struct option *table, const json_t *parts, const char *path,
                            struct faults *faults)
{
    const json_t *given = json_object_get(parts, path + 1);
    return json_is_object(given) ? option_resolve(table, given, path, faults) : NULL;
}

/* The same where "type" decides the table. */
static json_t *resolve_typed(const struct registry *registry, const json_t *parts, const char *path,
                             struct faults *faults)
{
    const json_t *given = json_object_get(parts, path + 1);
    return json_is_object(given) ? registry_resolve(registry, given, path, faults) : NULL;
}

static double limit_of(const json_t *budget, const char *key)
{
    const json_t *limit = json_object_get(budget, key);
    return json_is_number(limit) ? json_number_value(limit) : INFINITY;
}

static json_t *resolve_budget(const json_t *parts, bool whole, struct cell *cell,
                              struct faults *faults)
{
    size_t before = faults->count;
    json_t *budget = resolve_part(budget_fields, parts, "/budget", faults);
    cell->budget_evaluations = (size_t)option_integer(budget, "evaluations");
    cell->budget_s = limit_of(budget, "seconds");
    cell->overrun = option_is(budget, "overrun", "allow");
    cell->budget_llm.tokens = limit_of(budget, "max_tokens_total");
    cell->budget_llm.cost = limit_of(budget, "max_cost");
    bool limited = cell->budget_evaluations || isfinite(cell->budget_s);
    if (budget && whole && !limited && faults->count == before)
        fault_add(faults, "/budget", "found no limit, expected evaluations, seconds or both");
    return budget;
}

/* A strategy that has settled on one architecture repeats it: for nothing it does so for ever. */
static void check_end(const json_t *oracle, const struct cell *cell, struct faults *faults)
{
    if (!cell->budget_evaluations && isfinite(cell->budget_s) &&
        option_is(oracle, "repeat", "free"))
        fault_add(faults, "/oracle/repeat",
                  "found \"free\" with a budget of seconds alone, which repeats never spend; "
                  "expected \"pay\", or evaluations in /budget as well");
}

static json_t *resolve_seeds(const json_t *parts, struct cell *cell, struct faults *faults)
{
    json_t *seeds = resolve_part(seeds_fields, parts, "/seeds", faults);
    cell->first_seed = (uint64_t)option_integer(seeds, "first");
    cell->seed_count = (size_t)option_integer(seeds, "count");
    return seeds;
}

static void complain(const json_t *value, const char *expected, const char *path,
                     struct faults *faults)
{
    char *found = option_shown(value);
    fault_add(faults, path, "found %s, expected %s", found, expected);
    free(found);
}

/* report.at: whole numbers that rise, none past the budget. */
static void check_at(const json_t *at, size_t budget, struct faults *faults)
{
    json_int_t last = 0;
    for (size_t i = 0; i < json_array_size(at); i++) {
        const json_t *value = json_array_get(at, i);
        json_int_t number = json_integer_value(value);
        char *path = mem_printf("/report/at/%zu", i);
        if (!json_is_integer(value))
            complain(value, "a whole number of evaluations", path, faults);
        else if (number <= last)
            fault_add(faults, path, "found %lld, expected more than %lld", (long long)number,
                      (long long)last);
        else if (budget && (size_t)number > budget)
            fault_add(faults, path,
                      "found %lld, expected at most the %zu evaluations of the budget",
                      (long long)number, budget);
        free(path);
        last = number > last ? number : last;
    }
}

static void check_datasets(const json_t *datasets, struct faults *faults)
{
    for (size_t i = 0; i < json_array_size(datasets); i++) {
        char *path = mem_printf("/report/datasets/%zu", i);
        if (!json_is_string(json_array_get(datasets, i)))
            complain(json_array_get(datasets, i), "the name of a data set", path, faults);
        free(path);
    }
}

/* What is left out is what the search itself looks at. */
static json_t *resolve_report(const json_t *parts, const json_t *oracle, size_t budget,
                              struct faults *faults)
{
    static const char *const same[] = {"epochs", "at_epoch"};
    json_t *report = resolve_part(report_fields, parts, "/report", faults);
    const char *dataset = option_text(oracle, "dataset");
    check_at(json_object_get(report, "at"), budget, faults);
    check_datasets(json_object_get(report, "datasets"), faults);
    if (json_is_null(json_object_get(report, "datasets")) && dataset)
        json_object_set_new(report, "datasets", json_pack("[s]", dataset));
    for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++)
        if (json_is_null(json_object_get(report, same[i])) && json_object_get(oracle, same[i]))
            json_object_set(report, same[i], json_object_get(oracle, same[i]));
    return report;
}

static json_t *resolve_strategy(const json_t *parts, struct cell *cell, struct faults *faults)
{
    size_t before = faults->count;
    json_t *strategy = resolve_typed(&registry_strategies, parts, "/strategy", faults);
    if (!strategy)
        return NULL;
    cell->strategy = strategy_find(option_text(strategy, "type"));
    /* Relations between values mean something only where each value is good by itself. */
    if (cell->strategy->check && faults->count == before)
        cell->strategy->check(strategy, cell->space, cell->budget_evaluations, "/strategy", faults);
    return strategy;
}

/* A limit in money needs prices. */
static void check_prices(const json_t *llm, const struct cell *cell, struct faults *faults)
{
    struct prices prices = prices_of(llm);
    if (isfinite(cell->budget_llm.cost) && (prices.in < 0 || prices.out < 0))
        fault_add(faults, "/budget/max_cost",
                  "found %.15g, expected /llm/price_in and /llm/price_out, which say what is spent",
                  cell->budget_llm.cost);
}

/* Checked even where nobody asks it; kept only where the strategy does, so that a change of the
 * model changes no log of a run without one. */
static json_t *resolve_llm(const json_t *parts, const json_t *strategy, bool whole,
                           struct cell *cell, struct faults *faults)
{
    size_t before = faults->count;
    json_t *llm = resolve_typed(&registry_llms, parts, "/llm", faults);
    bool asked = cell->strategy && cell->strategy->asks_llm && cell->strategy->asks_llm(strategy);
    if (llm && faults->count == before)
        chat_settle(llm, "/llm", faults);
    if (llm && asked) {
        check_prices(llm, cell, faults);
        cell->llm = llm_find(option_text(llm, "type"));
        return llm;
    }
    if (asked && whole && faults->count == before)
        fault_add(faults, "/llm", "missing, expected an object: the strategy %s asks a model",
                  cell->strategy->name);
    json_decref(llm);
    return NULL;
}

static void keep(struct cell *cell, const char *key, json_t *settings)
{
    if (settings)
        json_object_set_new(cell->resolved, key, settings);
}

static json_t *resolve_oracle(const json_t *parts, struct cell *cell, struct faults *faults)
{
    size_t before = faults->count;
    json_t *oracle = resolve_typed(&registry_oracles, parts, "/oracle", faults);
    cell->oracle = oracle ? oracle_find(option_text(oracle, "type")) : NULL;
    if (cell->oracle && cell->oracle->check && faults->count == before)
        cell->oracle->check(oracle, cell->space, "/oracle", faults);
    return oracle;
}

void resolve_cell(const json_t *document, bool whole, struct cell *cell, struct faults *faults)
{
    json_t *parts = option_resolve(whole ? cell_fields : part_fields, document, "", faults);
    const char *space = option_text(parts, "space");
    cell->resolved = json_object();
    cell->space = resolve_space(space, faults);
    json_t *oracle = resolve_oracle(parts, cell, faults);
    json_t *budget = resolve_budget(parts, whole, cell, faults);
    if (whole)
        check_end(oracle, cell, faults);
    json_t *strategy = resolve_strategy(parts, cell, faults);
    json_t *llm = resolve_llm(parts, strategy, whole, cell, faults);
    cell->oracle_settings = oracle;
    cell->strategy_settings = strategy;
    cell->llm_settings = llm;
    keep(cell, "space", space ? json_string(space) : NULL);
    keep(cell, "oracle", oracle);
    keep(cell, "strategy", strategy);
    keep(cell, "llm", llm);
    keep(cell, "budget", budget);
    keep(cell, "seeds", resolve_seeds(parts, cell, faults));
    keep(cell, "report", resolve_report(parts, oracle, cell->budget_evaluations, faults));
    json_decref(parts);
}

void cell_free(struct cell *cell)
{
    free(cell->id);
    json_decref(cell->labels);
    json_decref(cell->resolved);
    *cell = (struct cell){0};
}
