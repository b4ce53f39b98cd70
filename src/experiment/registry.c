#include "experiment/registry.h"

#include "base/mem.h"
#include "base/str.h"
#include "llm/chat.h"
#include "oracle/oracle.h"
#include "report/report.h"
#include "search/strategy.h"

#include <stdlib.h>
#include <string.h>

#define TYPE_AT(function, entry, registry_at)                                                      \
    static bool function(size_t index, struct registered *type)                                    \
    {                                                                                              \
        const struct entry *found = registry_at(index);                                            \
        if (found)                                                                                 \
            *type = (struct registered){found->name, found->summary, found->options};              \
        return found != NULL;                                                                      \
    }

TYPE_AT(oracle_type_at, oracle_type, oracle_at)
TYPE_AT(strategy_type_at, strategy_type, strategy_at)
TYPE_AT(llm_type_at, llm_type, llm_at)
TYPE_AT(table_type_at, report_type, report_table_at)
TYPE_AT(figure_type_at, report_type, report_figure_at)

static const struct option none[] = {{0}};

static const struct option repeat[] = {
    {"repeat", OPTION_CHOICE, NULL, 0, 0, "pay|free",
     "simulated seconds of a cell evaluated before: its own again, or none"},
    {0},
};

const struct registry registry_oracles = {repeat, oracle_type_at};
const struct registry registry_strategies = {none, strategy_type_at};
const struct registry registry_llms = {chat_options, llm_type_at};
const struct registry registry_tables = {report_common_options, table_type_at};
const struct registry registry_figures = {report_common_options, figure_type_at};

static size_t row_count(const struct option *rows)
{
    size_t count = 0;
    while (rows[count].key)
        count++;
    return count;
}

/* Appends rows to table, which has room for them; a row for "type" is there already. */
static void append(struct option *table, const struct option *rows)
{
    size_t count = row_count(table);
    for (; rows->key; rows++)
        if (strcmp(rows->key, "type") != 0)
            table[count++] = *rows;
}

struct option *registry_options(const struct registry *registry, const struct registered *type,
                                const char *names)
{
    size_t rows = 1 + row_count(registry->shared) + row_count(type->options);
    struct option *table = mem_alloc(rows + 1, sizeof(*table));
    table[0] = (struct option){"type", OPTION_CHOICE, NULL, 0, 0, names, "which one"};
    append(table, registry->shared);
    append(table, type->options);
    return table;
}

/* "a|b|c"; the caller frees. */
static char *names_of(const struct registry *registry)
{
    struct str names = {0};
    struct registered type;
    for (size_t i = 0; registry->type_at(i, &type); i++)
        str_addf(&names, "%s%s", i ? "|" : "", type.name);
    return str_steal(&names);
}

static bool find_type(const struct registry *registry, const char *name, struct registered *type)
{
    for (size_t i = 0; name && registry->type_at(i, type); i++)
        if (strcmp(type->name, name) == 0)
            return true;
    return false;
}

/* Says what is wrong with a type that was not found: what else given may hold is then unknown. */
static void refuse_type(const char *names, const json_t *given, const char *path,
                        struct faults *faults)
{
    const struct option rows[] = {{"type", OPTION_CHOICE, NULL, 0, 0, names, "which one"}, {0}};
    json_t *written = json_object_get(given, "type");
    json_t *alone = json_is_object(given) ? json_pack("{s:O*}", "type", written) : NULL;
    json_decref(option_resolve(rows, alone ? alone : given, path, faults));
    json_decref(alone);
}

json_t *registry_resolve(const struct registry *registry, const json_t *given, const char *path,
                         struct faults *faults)
{
    struct registered type;
    char *names = names_of(registry);
    json_t *settings = NULL;
    if (find_type(registry, option_text(given, "type"), &type)) {
        struct option *table = registry_options(registry, &type, names);
        settings = option_resolve(table, given, path, faults);
        free(table);
    } else {
        refuse_type(names, given, path, faults);
    }
    free(names);
    return settings;
}
