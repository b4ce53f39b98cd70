/* Architecture -> network, for every space that can be trained.
 *
 * To add a space: (1) write train/<name>net.c with one function like those below, (2) name it in
 * networks[] in networks.c, (3) add it to local.mk, (4) give it a case in tests/train/. */
#ifndef TRAIN_NETWORKS_H
#define TRAIN_NETWORKS_H

#include "base/err.h"
#include "space/space.h"
#include "train/net.h"

/* The parts of a network that are no part of the architecture. */
struct net_setting {
    struct shape image;
    int classes;
    int cells;      /* NAS-Bench-201: N of each of the three stages; DARTS: all of them, 20 or 14 */
    int channels;   /* C of the first stage: 16; DARTS 36 or 48 */
    bool auxiliary; /* with DARTS's auxiliary head, at two thirds of the depth */
    bool imagenet;  /* DARTS's stem and head for large images (mobile setting) */
    bool affine;    /* DARTS: batch norms of operations have parameters (NAS-Bench-301 counts
                       without) */
};

/* What the space's paper trains: for CIFAR-10, or for ImageNet's mobile setting. False and *err
 * where space has no such network. */
bool network_usual(const struct space *space, bool imagenet, struct net_setting *setting,
                   struct err *err) MUST_CHECK;

/* NULL and *err where space has no network or the setting makes none. The caller frees the net. */
struct net *network_build(const struct space *space, const struct arch *arch,
                          const struct net_setting *setting, struct err *err) MUST_CHECK;

/* The implementations. */
struct net *cellnet_build(const struct space *space, const struct arch *arch,
                          const struct net_setting *setting, struct err *err); /* NAS-Bench-201,
                                                                    TransNAS-Bench-101's cell */
struct net *dartsnet_build(const struct space *space, const struct arch *arch,
                           const struct net_setting *setting, struct err *err);

#endif
