/* seki query: what a benchmark table says of one architecture, or all of it as CSV. */
#include "cli/command.h"

#include "base/file.h"
#include "base/mem.h"
#include "cli/query.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JSON_DIGITS = 7 }; /* as many as a float32 holds */

static const struct flag flags[] = {
    {"--json", NULL, "one JSON object"},
    {"--all", NULL, "the whole table as CSV, a row for each architecture; no CELL then"},
    {NULL, NULL, NULL},
};

static struct table *open_table(const char *name, struct err *err)
{
    char *path = table_find(name, err);
    struct table *table = path ? table_open(path, err) : NULL;
    free(path);
    return table;
}

static void print_arch(const struct table *table, const struct arch *arch, bool as_json)
{
    if (!as_json) {
        struct str text = {0};
        query_text(table, arch, &text);
        fputs(text.text, stdout);
        str_free(&text);
        return;
    }
    json_t *root = query_json(table, arch);
    json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(JSON_DIGITS));
    putchar('\n');
    json_decref(root);
}

static bool query(const struct table *table, const char *cell, bool as_json, struct err *err)
{
    struct arch arch;
    if (cell) {
        if (!space_read(table->space, cell, &arch, err))
            return false;
        print_arch(table, &arch, as_json);
    } else {
        struct str csv = {0};
        query_csv(table, &csv);
        fputs(csv.text, stdout);
        str_free(&csv);
    }
    return true;
}

static int run(const struct arguments *arguments)
{
    struct err err = {0};
    bool all = arguments_has(arguments, "--all");
    if (all != (arguments->operand_count == 1)) {
        err_set(&err, ERR_INPUT, "query: expected either a CELL or --all");
        return command_fail(&err);
    }
    struct table *table = open_table(arguments->operands[0], &err);
    const char *cell = all ? NULL : arguments->operands[1];
    bool ok = table && query(table, cell, arguments_has(arguments, "--json"), &err);
    table_close(table);
    return ok ? EXIT_DONE : command_fail(&err);
}

const struct command command_query = {
    .name = "query",
    .operands = "TABLE [CELL]",
    .summary = "print what a benchmark table says of an architecture",
    .text = "TABLE is a name in benchdata/ (nas-bench-201, transnas-bench-101) or the path of a "
            ".h5 file; CELL is the\n"
            "digits or the benchmark's text form.",
    .flags = flags,
    .operands_min = 1,
    .operands_max = 2,
    .run = run,
};
