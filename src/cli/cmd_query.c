/* seki query: what a benchmark table, or a file of trainings, says of one architecture, or all of
 * it as CSV. */
#include "cli/command.h"

#include "base/mem.h"
#include "cli/query.h"

#include <stdio.h>
#include <stdlib.h>

static const struct flag flags[] = {
    {"--json", NULL, "one JSON object"},
    {"--all", NULL, "the whole table as CSV, a row for each architecture; no CELL then"},
    {0},
};

static struct table *open_table(const char *name, struct err *err)
{
    char *path = table_find(name, err);
    struct table *table = path ? table_open(path, err) : NULL;
    free(path);
    return table;
}

static void add_json(const struct table *table, const struct arch *arch, struct str *out)
{
    json_t *root = query_json(table, arch);
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(QUERY_DIGITS));
    str_addf(out, "%s\n", text);
    free(text);
    json_decref(root);
}

static bool query_table(const char *name, const char *cell, bool as_json, struct str *out,
                        struct err *err)
{
    struct arch arch;
    struct table *table = open_table(name, err);
    bool ok = table && (!cell || space_read(table->space, cell, &arch, err));
    if (ok && !cell)
        query_csv(table, out);
    else if (ok && as_json)
        add_json(table, &arch, out);
    else if (ok)
        query_text(table, &arch, out);
    table_close(table);
    return ok;
}

static int run(const struct arguments *arguments)
{
    struct err err = {0};
    bool all = arguments_has(arguments, "--all");
    if (all != (arguments->operand_count == 1)) {
        err_set(&err, ERR_INPUT, "query: expected either a CELL or --all");
        return command_fail(&err);
    }
    const char *name = arguments->operands[0], *cell = all ? NULL : arguments->operands[1];
    bool as_json = arguments_has(arguments, "--json");
    struct str out = {0};
    bool ok = query_is_trainings(name) ? query_trainings(name, cell, as_json, &out, &err)
                                       : query_table(name, cell, as_json, &out, &err);
    if (ok)
        fputs(out.text, stdout);
    str_free(&out);
    return ok ? EXIT_DONE : command_fail(&err);
}

const struct command command_query = {
    .name = "query",
    .operands = "TABLE [CELL]",
    .summary = "print what a benchmark table says of an architecture",
    .text = "TABLE is a name in benchdata/ (nas-bench-201, transnas-bench-101), the path of a .h5\n"
            "file, or that of a file of trainings, .jsonl or .jsonl.zst (benchdata/trainings,\n"
            "results/trainings). CELL is the digits or the benchmark's text form; it, or --all,\n"
            "must be given.",
    .flags = flags,
    .operands_min = 1,
    .operands_max = 2,
    .run = run,
};
