#include "space/cell.h"

#include <string.h>

const struct choice cell_operations[CELL_OPERATIONS] = {
    [CELL_NONE] = {"none", "none", "edge missing, path cut", -1},
    [CELL_SKIP] = {"skip", "skip_connect", "shortcut, helps the gradient, learns nothing", 0},
    [CELL_CONV_1X1] = {"conv1x1", "nor_conv_1x1", "learns channel mixing only", 0},
    [CELL_CONV_3X3] = {"conv3x3", "nor_conv_3x3", "learns spatial patterns", 1},
    [CELL_POOL_3X3] = {"pool3x3", "avg_pool_3x3", "blurs, nothing learned", -1},
};

size_t cell_edges(const struct arch *arch, struct space_edge *edges)
{
    static const struct space_edge all[CELL_EDGES] = {{"0", "1", 0}, {"0", "2", 1}, {"1", "2", 2},
                                                      {"0", "3", 3}, {"1", "3", 4}, {"2", "3", 5}};
    (void)arch;
    memcpy(edges, all, sizeof(all));
    return CELL_EDGES;
}
