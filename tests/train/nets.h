/* Small networks, each with one operator or one combination of them in the middle, and whole ones.
 * Before and after the operator is something that learns, so that its input's gradient counts. */
#ifndef TESTS_TRAIN_NETS_H
#define TESTS_TRAIN_NETS_H

#include "train/net.h"

struct small_net {
    const char *name;
    struct net *(*build)(void);
    double rounding; /* by how much of its norm bfloat16 may move the gradient of a step */
};

extern const struct small_net small_nets[];
extern const int small_net_count;

#endif
