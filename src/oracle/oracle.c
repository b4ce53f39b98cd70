#include "oracle/oracle.h"

#include <string.h>

extern const struct oracle_type oracle_table, oracle_training;

static const struct oracle_type *const oracle_types[] = {&oracle_table, &oracle_training, NULL};

const struct oracle_type *oracle_at(size_t index)
{
    return index < sizeof(oracle_types) / sizeof(oracle_types[0]) ? oracle_types[index] : NULL;
}

const struct oracle_type *oracle_find(const char *name)
{
    for (size_t i = 0; oracle_types[i]; i++)
        if (strcmp(oracle_types[i]->name, name) == 0)
            return oracle_types[i];
    return NULL;
}
