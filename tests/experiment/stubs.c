/* Stand-ins for registries, for as long as oracle/ and llm/ have none to link. */
#include "llm/chat.h"
#include "oracle/oracle.h"

#include <string.h>

static const struct option table_options[] = {
    {"table", OPTION_TEXT, NULL, 0, 0, NULL, "name of the table"},
    {"dataset", OPTION_TEXT, NULL, 0, 0, NULL, "data set"},
    {"epochs", OPTION_INTEGER, NULL, 1, 1e6, NULL, "epochs of training"},
    {"training_seed", OPTION_CHOICE, NULL, 0, 0, "mean|drawn", "which training seed"},
    {0},
};
static const struct oracle_type oracle_table = {.name = "table", .options = table_options};

const struct oracle_type *oracle_at(size_t index)
{
    return index ? NULL : &oracle_table;
}

const struct oracle_type *oracle_find(const char *name)
{
    return strcmp(name, "table") == 0 ? &oracle_table : NULL;
}

static const struct option http_options[] = {
    {"url", OPTION_TEXT, NULL, 0, 0, NULL, "address of the server"},
    {0},
};
static const struct llm_type llm_http = {.name = "http", .options = http_options};

const struct option chat_options[] = {
    {"model", OPTION_TEXT, NULL, 0, 0, NULL, "name of the model"},
    {0},
};

const struct llm_type *llm_at(size_t index)
{
    return index ? NULL : &llm_http;
}

const struct llm_type *llm_find(const char *name)
{
    return strcmp(name, "http") == 0 ? &llm_http : NULL;
}
