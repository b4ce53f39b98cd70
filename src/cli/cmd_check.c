/* seki check: reads an experiment file, says every fault or what would be run. */
#include "cli/command.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "experiment/experiment.h"
#include "llm/chat.h"
#include "run/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- what no table can say: whether data sets and servers' settings can be used -- */

/* Whether the space has words for what prompts say of the data set. */
static bool can_say_task(const struct cell *cell, const struct oracle *oracle, struct err *err)
{
    const char *dataset = option_text(cell->oracle_settings, "dataset");
    char *task = cell->llm ? space_task(cell->space, dataset, &oracle->metric, err) : NULL;
    bool ok = task || !cell->llm;
    free(task);
    return ok;
}

/* What keeps a training from being made here is no fault of the file. */
static void tell_of_obstacle(const struct cell *cell, struct oracle *oracle)
{
    struct err why = {0};
    if (cell->oracle->ready && !cell->oracle->ready(oracle, &why))
        log_warn("cell %s: cannot be trained here: %s", cell->id, why.text);
}

static bool can_open_oracle(const struct cell *cell, struct err *err)
{
    struct oracle *oracle = cell->oracle->open(cell->space, cell->oracle_settings, NULL, err);
    bool ok = oracle && record_can_report(cell, oracle, err) && can_say_task(cell, oracle, err);
    if (ok)
        tell_of_obstacle(cell, oracle);
    cell->oracle->close(oracle);
    return ok;
}

static bool can_open_llm(const struct cell *cell, struct err *err)
{
    struct llm *llm = cell->llm->open(cell->llm_settings, err);
    struct chat *chat = llm ? chat_open(llm, cell->llm_settings, NULL, NULL, err) : NULL;
    chat_close(chat);
    return chat != NULL;
}

/* Whether these settings were not met before; they are kept in seen. */
static bool is_new(const json_t *settings, json_t *seen)
{
    struct digest digest = hash_json(settings);
    if (json_object_get(seen, digest.hex))
        return false;
    json_object_set_new(seen, digest.hex, json_true());
    return true;
}

static bool tell_unless(bool ok, const struct experiment *experiment, const struct cell *cell,
                        const struct err *err)
{
    if (!ok)
        log_error("%s: cell %s: %s", experiment->path, cell->id, err->text);
    return ok;
}

/* Opens what the cells name, once for each distinct settings. */
static bool can_open_all(const struct experiment *experiment)
{
    json_t *oracles = json_object(), *llms = json_object();
    bool ok = true;
    for (size_t i = 0; i < experiment->cell_count; i++) {
        const struct cell *cell = &experiment->cells[i];
        json_t *key = json_pack(
            "{s:s, s:O, s:O, s:b}", "space", cell->space->name, "oracle", cell->oracle_settings,
            "report", json_object_get(cell->resolved, "report"), "asks_llm", cell->llm != NULL);
        struct err oracle_err = {0}, llm_err = {0};
        if (is_new(key, oracles))
            ok &= tell_unless(can_open_oracle(cell, &oracle_err), experiment, cell, &oracle_err);
        if (cell->llm && is_new(cell->llm_settings, llms))
            ok &= tell_unless(can_open_llm(cell, &llm_err), experiment, cell, &llm_err);
        json_decref(key);
    }
    json_decref(oracles);
    json_decref(llms);
    return ok;
}

/* -- what would be run -- */

static char *budget_text(const struct cell *cell)
{
    struct str text = {0};
    if (cell->budget_evaluations)
        str_addf(&text, "%zu evaluations", cell->budget_evaluations);
    if (isfinite(cell->budget_s))
        str_addf(&text, "%s%.15g s", text.length ? ", " : "", cell->budget_s);
    if (cell->llm && isfinite(cell->budget_llm.tokens))
        str_addf(&text, ", %.15g tokens", cell->budget_llm.tokens);
    if (cell->llm && isfinite(cell->budget_llm.cost))
        str_addf(&text, ", %.15g %s", cell->budget_llm.cost,
                 option_text(cell->llm_settings, "currency"));
    return str_steal(&text);
}

static void print_cell(const struct cell *cell, int id_width)
{
    char *budget = budget_text(cell);
    printf("%-*s  %-10s  %7zu  %-20s  %s\n", id_width, cell->id, cell->strategy->name,
           cell->seed_count, budget, cell->llm ? option_text(cell->llm_settings, "model") : "none");
    free(budget);
}

static void print_count(const char *before, size_t count, const char *what)
{
    printf("%s%zu %s%s", before, count, what, count == 1 ? "" : "s");
}

static void print_totals(const struct experiment *experiment)
{
    size_t runs = 0, asking = 0;
    for (size_t i = 0; i < experiment->cell_count; i++) {
        runs += experiment->cells[i].seed_count;
        asking += experiment->cells[i].llm ? experiment->cells[i].seed_count : 0;
    }
    print_count("\n", experiment->cell_count, "cell");
    print_count(", ", runs, "run");
    printf(" (%zu with an LLM)", asking);
    print_count(", ", json_array_size(experiment->tables), "table");
    print_count(", ", json_array_size(experiment->figures), "figure");
    puts("");
}

static void print_experiment(const struct experiment *experiment)
{
    int id_width = (int)strlen("cell");
    for (size_t i = 0; i < experiment->cell_count; i++) {
        int length = (int)strlen(experiment->cells[i].id);
        id_width = length > id_width ? length : id_width;
    }
    printf("%s: %s\n\n", experiment->name, experiment->title);
    printf("%-*s  %-10s  %7s  %-20s  %s\n", id_width, "cell", "strategy", "runs", "budget", "llm");
    for (size_t i = 0; i < experiment->cell_count; i++)
        print_cell(&experiment->cells[i], id_width);
    print_totals(experiment);
}

static int print_schema(void)
{
    json_t *schema = experiment_schema();
    char *text = json_dumps(schema, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    puts(text);
    free(text);
    json_decref(schema);
    return EXIT_DONE;
}

static int run(const struct arguments *arguments)
{
    struct err err = {0};
    bool schema = arguments_has(arguments, "--schema");
    if (schema == (arguments->operand_count == 1)) {
        err_set(&err, ERR_INPUT, "usage: seki check FILE, or seki check --schema");
        return command_fail(&err);
    }
    if (schema)
        return print_schema();
    struct experiment *experiment = experiment_open(arguments->operands[0], &err);
    if (!experiment)
        return command_fail(&err);
    bool ok = can_open_all(experiment);
    if (ok)
        print_experiment(experiment);
    experiment_close(experiment);
    return ok ? EXIT_DONE : EXIT_BAD_INPUT;
}

static void more_help(void)
{
    experiment_help(stdout);
}

static const struct flag flags[] = {
    {"--schema", NULL, "print a JSON Schema of experiment files, for editors"},
    {0},
};

const struct command command_check = {
    .name = "check",
    .operands = "FILE",
    .summary = "say what an experiment file would run, or all that is wrong with it",
    .text = "Opens the data that the file names, and asks no LLM. Exit status 2 where anything is "
            "wrong.",
    .flags = flags,
    .operands_max = 1,
    .run = run,
    .more_help = more_help,
};
