#include "train/networks.h"

#include <string.h>

typedef struct net *build_fn(const struct space *space, const struct arch *arch,
                             const struct net_setting *setting, struct err *err);

static const struct network {
    const char *space;
    build_fn *build;
} networks[] = {
    {"nas-bench-201", cellnet_build},
    {"transnas-bench-101", cellnet_build},
};

struct net *network_build(const struct space *space, const struct arch *arch,
                          const struct net_setting *setting, struct err *err)
{
    for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
        if (strcmp(networks[i].space, space->name) == 0)
            return networks[i].build(space, arch, setting, err);
    err_set(err, ERR_INPUT, "%s has no network that could be trained", space->name);
    return NULL;
}
