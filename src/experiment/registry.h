/* The objects of an experiment file that name a "type": which types there are, and the option
 * table of each. */
#ifndef EXPERIMENT_REGISTRY_H
#define EXPERIMENT_REGISTRY_H

#include "base/option.h"

/* The first three members of every struct x_type. */
struct registered {
    const char *name, *summary;
    const struct option *options;
};

struct registry {
    const struct option *shared; /* rows that every type has, beside "type" */
    /* The type at this place of the registry; false past the last. */
    bool (*type_at)(size_t index, struct registered *type);
};

extern const struct registry registry_oracles, registry_strategies, registry_llms, registry_tables,
    registry_figures;

/* The table of one type: "type" (one of names), the shared rows, its own rows. names must outlive
 * it. The caller frees the result with free(). */
struct option *registry_options(const struct registry *registry, const struct registered *type,
                                const char *names);

/* The settings of given by the table of its type; faults are added. NULL when the type is not
 * known, else the caller owns the result. */
json_t *registry_resolve(const struct registry *registry, const json_t *given, const char *path,
                         struct faults *faults);

#endif
