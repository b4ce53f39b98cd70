/* seki report: draws the tables and figures of an experiment from its run logs. */
#include "cli/command.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "experiment/experiment.h"
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>

static const struct flag flags[] = {
    {"--results", "DIR", "where run logs are, and tables and figures go (default: results)"},
    {.name = NULL},
};

/* The ids of the cells; the caller frees the list, not what it holds. */
static const char **cell_ids(const struct experiment *experiment)
{
    const char **ids = mem_alloc(experiment->cell_count + 1, sizeof(*ids));
    for (size_t i = 0; i < experiment->cell_count; i++)
        ids[i] = experiment->cells[i].id;
    return ids;
}

static bool write_report(const struct experiment *experiment, const char *results, struct err *err)
{
    const char **ids = cell_ids(experiment);
    char *logs = file_join(results, experiment->name);
    char *tables = file_join(results, "tables"), *figures = file_join(results, "figures");
    struct report_request request = {
        .experiment = experiment->name,
        .logs = logs,
        .cells = ids,
        .cell_count = experiment->cell_count,
        .tables = experiment->tables,
        .figures = experiment->figures,
        .table_folder = tables,
        .figure_folder = figures,
    };
    bool ok = report_write(&request, err);
    free(ids);
    free(logs);
    free(tables);
    free(figures);
    return ok;
}

static int run(const struct arguments *arguments)
{
    struct err err = {0};
    const char *results = arguments_value(arguments, "--results");
    struct experiment *experiment = experiment_open(arguments->operands[0], &err);
    if (!experiment)
        return command_fail(&err);
    if (!json_array_size(experiment->tables) && !json_array_size(experiment->figures))
        log_warn("%s: names no tables and no figures, so there is nothing to draw",
                 experiment->path);
    bool ok = write_report(experiment, results ? results : "results", &err);
    experiment_close(experiment);
    return ok ? EXIT_DONE : command_fail(&err);
}

static void print_kinds(const char *what, const struct report_type *(*type_at)(size_t index))
{
    for (size_t i = 0; type_at(i); i++) {
        printf("\n%s \"%s\": %s\n", what, type_at(i)->name, type_at(i)->summary);
        option_help(type_at(i)->options, "  ", stdout);
    }
}

static void more_help(void)
{
    puts("\nEvery table and figure of an experiment file has:");
    option_help(report_common_options, "  ", stdout);
    print_kinds("Table", report_table_at);
    print_kinds("Figure", report_figure_at);
}

const struct command command_report = {
    .name = "report",
    .operands = "FILE",
    .summary = "draw the tables and figures of an experiment file from its run logs",
    .text =
        "Tables go to RESULTS/tables as .md, .tex and .csv, figures to RESULTS/figures as .svg,\n"
        ".pdf, .png and the .csv that they are drawn from. Each file is named on stdout.",
    .flags = flags,
    .operands_min = 1,
    .operands_max = 1,
    .run = run,
    .more_help = more_help,
};
