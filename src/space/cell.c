#include "space/cell.h"

const struct choice cell_operations[CELL_OPERATIONS] = {
    {"none", "none", "edge missing, path cut", -1},
    {"skip", "skip_connect", "shortcut, helps the gradient, learns nothing", 0},
    {"conv1x1", "nor_conv_1x1", "learns channel mixing only", 0},
    {"conv3x3", "nor_conv_3x3", "learns spatial patterns", 1},
    {"pool3x3", "avg_pool_3x3", "blurs, nothing learned", -1},
};
