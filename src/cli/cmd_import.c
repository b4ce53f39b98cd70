/* seki import: a table file out of measurements in CSV. */
#include "cli/command.h"

#include "base/log.h"
#include "import/import.h"
#include "table/writer.h"

#include <math.h>

static const char *value_at(const char *flag, size_t index)
{
    const struct space *space = strcmp(flag, "--space") == 0 ? space_at(index) : NULL;
    return space ? space->name : NULL;
}

static const struct flag flags[] = {
    {"--space", "NAME", "the space that the architectures are of"},
    {"--benchmark", "NAME", "what the table is to be called"},
    {"--columns", "CSV", "CSV with unit, source and licence of each column"},
    {0},
};

static size_t count_missing(const struct table *table)
{
    size_t missing = 0;
    for (size_t i = 0; i < table->column_count * table->rows; i++)
        missing += isnan(table->values[i]) != 0;
    return missing;
}

/* The three flags into values; false and *err when one is not given. */
static bool read_flags(const struct arguments *arguments, const char **values, struct err *err)
{
    for (size_t i = 0; flags[i].name; i++) {
        values[i] = arguments_value(arguments, flags[i].name);
        if (!values[i])
            return err_set(err, ERR_INPUT, "import: %s %s must be given: %s", flags[i].name,
                           flags[i].value, flags[i].help);
    }
    return true;
}

static int run(const struct arguments *arguments)
{
    struct err err = {0};
    const char *values[3], *out = arguments->operands[1];
    if (!read_flags(arguments, values, &err))
        return command_fail(&err);
    const struct space *space = space_require(values[0], &err);
    struct table *table =
        space ? import_read(space, values[1], values[2], arguments->operands[0], &err) : NULL;
    bool ok = table && table_write(table, out, &err);
    if (ok)
        log_info("%s: %zu columns by %zu architectures, %zu cells not measured, sealed %.12s...",
                 out, table->column_count, table->rows, count_missing(table), table->seal);
    table_close(table);
    return ok ? EXIT_DONE : command_fail(&err);
}

const struct command command_import = {
    .name = "import",
    .operands = "CSV TABLE",
    .summary = "make a table file out of measurements in CSV",
    .text = "CSV has one measurement a row: "
            "arch,metric,dataset,split,epochs,training_seed,device,value\n"
            "(\"-\" is stdin, \".zst\" is expanded). The columns file has\n"
            "metric,dataset,split,epochs,training_seed,device,unit,source,licence; an empty field\n"
            "matches anything. benchdata/README.md tells the rest. --space, --benchmark\n"
            "and --columns must be given.",
    .flags = flags,
    .operands_min = 2,
    .operands_max = 2,
    .run = run,
    .value_at = value_at,
};
