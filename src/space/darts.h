/* The space of DARTS (Liu, Simonyan and Yang 2019): a normal and a reduction cell, (7^8 x 180)^2 of
 * them, 1.08e18.
 *
 * A cell has inputs 0 and 1, the outputs of the two cells before it, and nodes 2 to 5, whose
 * outputs are concatenated. A node is the sum of two operations, each on another of the inputs or
 * nodes before it. So a slot chooses the pair of those, and two slots an operation for each of the
 * pair, the lower one first: every combination is an architecture, and only one combination is it.
 */
#ifndef SPACE_DARTS_H
#define SPACE_DARTS_H

#include "space/arch.h"

/* In the order of upstream's PRIMITIVES, which begin with "none". */
enum darts_operation {
    DARTS_MAX_POOL_3X3,
    DARTS_AVG_POOL_3X3,
    DARTS_SKIP,
    DARTS_SEP_CONV_3X3,
    DARTS_SEP_CONV_5X5,
    DARTS_DIL_CONV_3X3,
    DARTS_DIL_CONV_5X5,
    DARTS_OPERATIONS
};

enum { DARTS_INPUTS = 2, DARTS_NODES = 4, DARTS_EDGES = 2 /* into a node */ };

struct darts_edge {
    int source; /* 0, 1: inputs; 2 to 4: nodes */
    enum darts_operation operation;
};

struct darts_cell {
    struct darts_edge edges[DARTS_NODES][DARTS_EDGES]; /* of a node by source, the lower first */
};

/* The normal cell of arch, or the reduction cell. */
struct darts_cell darts_cell(const struct arch *arch, bool reduction);

#endif
