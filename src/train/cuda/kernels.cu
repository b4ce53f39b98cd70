/* The table of all kernels. Their bodies: */
#include "train/cuda/kernels.h"

#include "train/cuda/combine.cuh"
#include "train/cuda/depthwise.cuh"
#include "train/cuda/head.cuh"
#include "train/cuda/images.cuh"
#include "train/cuda/norms.cuh"
#include "train/cuda/parameters.cuh"
#include "train/cuda/windows.cuh"

/* By value type; or the same for both. */
#define BODY(arguments, body) (const void *)run_body<arguments, body>
#define TYPED(arguments, body)                                                                     \
    {                                                                                              \
        BODY(arguments, body<float>), BODY(arguments, body<bfloat16>)                              \
    }
#define PLAIN(arguments, body)                                                                     \
    {                                                                                              \
        BODY(arguments, body), BODY(arguments, body)                                               \
    }

/* In the order of enum kernel_kind. */
const struct kernel kernels[KERNEL_KINDS] = {
    {"images", TYPED(kernel_images, images), sizeof(kernel_images), 256, 0},
    {"pixels", TYPED(kernel_pixels, pixels), sizeof(kernel_pixels), 256, 0},
    {"combine", TYPED(kernel_combine, combine), sizeof(kernel_combine), 256, 0},
    {"move", TYPED(kernel_move, move), sizeof(kernel_move), 256, 0},
    {"moments", TYPED(kernel_moments, moments), sizeof(kernel_moments), 256, 1},
    {"join moments", PLAIN(kernel_join_moments, join_moments), sizeof(kernel_join_moments), 256, 1},
    {"use running", PLAIN(kernel_use_running, use_running), sizeof(kernel_use_running), 64, 0},
    {"products", TYPED(kernel_products, products), sizeof(kernel_products), 256, 1},
    {"join products", PLAIN(kernel_join_products, join_products), sizeof(kernel_join_products), 256,
     1},
    {"average", TYPED(kernel_pool, average), sizeof(kernel_pool), 256, 0},
    {"average back", TYPED(kernel_pool, average_back), sizeof(kernel_pool), 256, 0},
    {"maximum", TYPED(kernel_pool, maximum), sizeof(kernel_pool), 256, 0},
    {"maximum back", TYPED(kernel_pool, maximum_back), sizeof(kernel_pool), 256, 0},
    {"depthwise", TYPED(kernel_depthwise, depthwise), sizeof(kernel_depthwise), 256, 0},
    {"depthwise back", TYPED(kernel_depthwise, depthwise_back), sizeof(kernel_depthwise), 256, 0},
    {"depthwise weights", TYPED(kernel_depthwise_weights, depthwise_weights),
     sizeof(kernel_depthwise_weights), 256, 1},
    {"join", PLAIN(kernel_join, join), sizeof(kernel_join), 256, 1},
    {"subsample", TYPED(kernel_subsample, subsample), sizeof(kernel_subsample), 256, 0},
    {"subsample back", TYPED(kernel_subsample, subsample_back), sizeof(kernel_subsample), 256, 0},
    {"mean", TYPED(kernel_mean, mean), sizeof(kernel_mean), 64, 0},
    {"mean back", TYPED(kernel_mean, mean_back), sizeof(kernel_mean), 256, 0},
    {"linear", TYPED(kernel_linear, linear), sizeof(kernel_linear), 64, 0},
    {"linear back", TYPED(kernel_linear, linear_back), sizeof(kernel_linear), 64, 0},
    {"linear weights", TYPED(kernel_linear, linear_weights), sizeof(kernel_linear), 64, 0},
    {"loss", TYPED(kernel_loss, loss), sizeof(kernel_loss), 32, 0},
    {"outcome", PLAIN(kernel_outcome, outcome), sizeof(kernel_outcome), 256, 1},
    {"widen", PLAIN(kernel_widen, widen_values), sizeof(kernel_widen), 256, 0},
    {"squares", PLAIN(kernel_squares, squares), sizeof(kernel_squares), 256, 1},
    {"clip", PLAIN(kernel_clip, clip), sizeof(kernel_clip), 256, 1},
    {"update", PLAIN(kernel_update, update), sizeof(kernel_update), 256, 0},
    {"round", PLAIN(kernel_round, round_values), sizeof(kernel_round), 256, 0},
};
