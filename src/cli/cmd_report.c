/* seki report: draws the tables and figures of experiments from their run logs. */
#include "cli/command.h"
#include "cli/place.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "experiment/experiment.h"
#include "report/document.h"
#include "report/report.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const struct flag flags[] = {
    {"--document", NULL, "also write all of it to RESULTS/report.html and report.tex"},
    PLACE_FLAGS,
    {0},
};

/* The lists that a request borrows; what they hold is the experiment's. */
struct lists {
    const char **ids;
    const json_t **resolved;
    size_t *planned;
};

static struct lists list_cells(const struct experiment *experiment)
{
    struct lists lists = {mem_alloc(experiment->cell_count + 1, sizeof(*lists.ids)),
                          mem_alloc(experiment->cell_count + 1, sizeof(*lists.resolved)),
                          mem_alloc(experiment->cell_count + 1, sizeof(*lists.planned))};
    for (size_t i = 0; i < experiment->cell_count; i++) {
        lists.ids[i] = experiment->cells[i].id;
        lists.resolved[i] = experiment->cells[i].resolved;
        lists.planned[i] = experiment->cells[i].seed_count;
    }
    return lists;
}

static bool write_report(const struct experiment *experiment, const struct run_place *place,
                         struct document *document, struct err *err)
{
    struct lists lists = list_cells(experiment);
    char *logs = file_join(place->results, experiment->name);
    char *tables = file_join(place->results, "tables");
    char *figures = file_join(place->results, "figures");
    struct report_request request = {
        .experiment = experiment->name,
        .title = experiment->title,
        .logs = logs,
        .transcripts = place->transcripts,
        .cells = lists.ids,
        .resolved = lists.resolved,
        .planned = lists.planned,
        .cell_count = experiment->cell_count,
        .tables = experiment->tables,
        .figures = experiment->figures,
        .table_folder = tables,
        .figure_folder = figures,
        .document = document,
    };
    bool ok = report_write(&request, err);
    free(lists.ids);
    free(lists.resolved);
    free(lists.planned);
    free(logs);
    free(tables);
    free(figures);
    return ok;
}

/* A file that is no experiment has no name of its own. */
static void add_unread(struct document *document, size_t number, const char *path,
                       const struct err *err)
{
    char *name = mem_printf("file-%zu", number + 1);
    document_study(document, name, path);
    document_fault(document, err->text);
    free(name);
}

static bool report_file(const struct arguments *arguments, size_t number, struct document *document,
                        struct err *err)
{
    const char *path = arguments->operands[number];
    struct experiment *experiment = experiment_open(path, err);
    if (!experiment) {
        if (document)
            add_unread(document, number, path, err);
        return false;
    }
    if (!json_array_size(experiment->tables) && !json_array_size(experiment->figures))
        log_warn("%s: names no tables and no figures, so there is nothing to draw",
                 experiment->path);
    struct run_place place = {0};
    char *transcripts = NULL;
    place_read(arguments, experiment->name, &place, &transcripts);
    bool ok = write_report(experiment, &place, document, err);
    free(transcripts);
    experiment_close(experiment);
    return ok;
}

/* One file that cannot be reported keeps no other from it; the status is that of the first. */
static int run(const struct arguments *arguments)
{
    struct document *document = arguments_has(arguments, "--document") ? document_begin() : NULL;
    const char *results = arguments_value(arguments, "--results");
    int status = EXIT_DONE;
    for (size_t i = 0; i < arguments->operand_count; i++) {
        struct err err = {0};
        if (report_file(arguments, i, document, &err))
            continue;
        int failure = command_fail(&err);
        status = status == EXIT_DONE ? failure : status;
    }
    struct err err = {0};
    if (document && !document_write(document, results ? results : "results", &err))
        status = command_fail(&err);
    document_free(document);
    return status;
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
    .operands = "FILE...",
    .summary = "draw the tables and figures of experiment files from their run logs",
    .text =
        "Tables go to RESULTS/tables as .md, .tex and .csv, figures to RESULTS/figures as .svg,\n"
        ".pdf, .png, the .csv that they are drawn from, and .md with what they say. Each file is\n"
        "named on stdout. What cannot be drawn is left out, and the exit status then not 0.",
    .flags = flags,
    .operands_min = 1,
    .operands_max = SIZE_MAX,
    .run = run,
    .more_help = more_help,
};
