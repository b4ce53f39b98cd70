/* The cell that NAS-Bench-201 and TransNAS-Bench-101 have in common: node 0 is its input, node 3
 * its output, and an edge with an operation leads from every node to each later one. */
#ifndef SPACE_CELL_H
#define SPACE_CELL_H

#include "space/space.h"

enum cell_operation { CELL_NONE, CELL_SKIP, CELL_CONV_1X1, CELL_CONV_3X3, CELL_POOL_3X3 };
enum { CELL_EDGES = 6, CELL_OPERATIONS = 5 };

/* Of NAS-Bench-201, in its order; TransNAS-Bench-101 has the first four. */
extern const struct choice cell_operations[CELL_OPERATIONS];

/* The slots, with the first count of the operations to choose from. */
#define CELL_SLOTS(count)                                                                          \
    {                                                                                              \
        {"0->1", 1, cell_operations, count}, {"0->2", 2, cell_operations, count},                  \
            {"1->2", 2, cell_operations, count}, {"0->3", 3, cell_operations, count},              \
            {"1->3", 3, cell_operations, count}, {"2->3", 3, cell_operations, count},              \
    }

/* Edge i is slot i, whatever is on it. */
size_t cell_edges(const struct arch *arch, struct space_edge *edges);

/* Bytes of a bad text that messages show: of the whole, and of what cannot be read. */
enum { CELL_WHOLE_SHOWN = 200, CELL_REST_SHOWN = 10 };

#endif
