#include "space/cell.h"

const struct choice cell_operations[CELL_OPERATIONS] = {
    [CELL_NONE] = {"none", "none", "edge missing, path cut", -1},
    [CELL_SKIP] = {"skip", "skip_connect", "shortcut, helps the gradient, learns nothing", 0},
    [CELL_CONV_1X1] = {"conv1x1", "nor_conv_1x1", "learns channel mixing only", 0},
    [CELL_CONV_3X3] = {"conv3x3", "nor_conv_3x3", "learns spatial patterns", 1},
    [CELL_POOL_3X3] = {"pool3x3", "avg_pool_3x3", "blurs, nothing learned", -1},
};
