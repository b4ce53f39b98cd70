#include "train/networks.h"

#include <assert.h>
#include <string.h>

typedef struct net *build_fn(const struct space *space, const struct arch *arch,
                             const struct net_setting *setting, struct err *err);

static const struct network {
    const char *space;
    build_fn *build;
    struct net_setting cifar, imagenet; /* of the papers; no channels: there is none */
} networks[] = {
    {"nas-bench-201",
     cellnet_build,
     {.image = {3, 32, 32}, .classes = 10, .cells = 5, .channels = 16, .affine = true},
     {.channels = 0}},
    {"transnas-bench-101",
     cellnet_build,
     {.image = {3, 32, 32}, .classes = 10, .cells = 5, .channels = 16, .affine = true},
     {.channels = 0}},
    {"darts",
     dartsnet_build,
     {.image = {3, 32, 32}, .classes = 10, .cells = 20, .channels = 36, .affine = true},
     {.image = {3, 224, 224},
      .classes = 1000,
      .cells = 14,
      .channels = 48,
      .imagenet = true,
      .affine = true}},
};

static const struct network *find(const struct space *space, struct err *err)
{
    for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
        if (strcmp(networks[i].space, space->name) == 0)
            return &networks[i];
    err_set(err, ERR_INPUT, "%s has no network that could be trained", space->name);
    return NULL;
}

bool network_usual(const struct space *space, bool imagenet, struct net_setting *setting,
                   struct err *err)
{
    const struct network *network = find(space, err);
    if (!network)
        return false;
    *setting = imagenet ? network->imagenet : network->cifar;
    return setting->channels ||
           err_set(err, ERR_INPUT, "%s has no network for ImageNet's mobile setting", space->name);
}

struct net *network_build(const struct space *space, const struct arch *arch,
                          const struct net_setting *setting, struct err *err)
{
    const struct network *network = find(space, err);
    assert(!network || (setting->classes > 0 && setting->cells > 0 && setting->channels > 0));
    return network ? network->build(space, arch, setting, err) : NULL;
}
