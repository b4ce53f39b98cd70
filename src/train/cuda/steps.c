/* Each kind of a plan's steps as launches. */
#include "train/cuda/engine.h"

#include <assert.h>

/* Parts that sums over the batch are made in: enough to fill a large GPU, each with some work. */
enum { MOST_PARTS = 512, ROWS_OF_PART = 128, MOST_WINDOW_PARTS = 128, ROWS_OF_WINDOW_PART = 256 };

/* ---- what a launch needs ---- */

struct launch {
    struct engine *engine;
    const struct pass *pass;
    const struct plan_step *step;
    struct tensor first, second, target; /* operands 0 and 1, target 0, where there are any */
    const struct slice *from, *to;       /* operand 0 and target 0 */
};

static bool launch(const struct launch *l, enum kernel_kind kind, const void *arguments,
                   size_t items, struct err *err)
{
    return device_launch(&l->engine->device, kind, l->engine->type, arguments, items, err);
}

static int pixels_of(const struct slice *slice)
{
    return slice->H * slice->W;
}

/* Blocks of all pixels of all images. */
static size_t items_of(const struct launch *l, const struct slice *slice)
{
    return (size_t)l->pass->images * (size_t)pixels_of(slice) * (size_t)slice->blocks;
}

static int parts_of(int rows, int rows_of_part, int most)
{
    int parts = rows / rows_of_part;
    return parts < 1 ? 1 : parts > most ? most : parts;
}

static const float *factor_of(const struct launch *l, int drop)
{
    if (drop < 0 || !l->pass->dropping)
        return NULL;
    return l->engine->here.drop_scale + (size_t)drop * (size_t)l->pass->images;
}

static struct kernel_window window_of(const struct launch *l, const struct slice *in,
                                      const struct slice *out, const struct net_op *op)
{
    return (struct kernel_window){.count = l->pass->images,
                                  .blocks = in->blocks,
                                  .in_h = in->H,
                                  .in_w = in->W,
                                  .out_h = out->H,
                                  .out_w = out->W,
                                  .kernel = op->kernel,
                                  .stride = op->stride,
                                  .padding = op->padding,
                                  .dilation = op->dilation ? op->dilation : 1};
}

/* ---- images ---- */

static bool issue_images(const struct launch *l, struct err *err)
{
    const struct engine *engine = l->engine;
    struct shape shape = engine->plan->net->tensors[0];
    const struct kernel_images images = {
        .set = engine->set,
        .views = engine->here.views,
        .scale = {engine->scale[0], engine->scale[1], engine->scale[2]},
        .shift = {engine->shift[0], engine->shift[1], engine->shift[2]},
        .to = l->target,
        .count = l->pass->images,
        .C = shape.C,
        .H = shape.H,
        .W = shape.W};
    const struct kernel_pixels pixels = {.pixels = engine->here.pixels,
                                         .to = l->target,
                                         .count = l->pass->images,
                                         .C = shape.C,
                                         .H = shape.H,
                                         .W = shape.W};
    if (l->pass->with_pixels)
        return launch(l, KERNEL_PIXELS, &pixels, items_of(l, l->to), err);
    return launch(l, KERNEL_IMAGES, &images, items_of(l, l->to), err);
}

/* ---- sums ---- */

static bool issue_combine(const struct launch *l, struct err *err)
{
    const struct plan_step *step = l->step;
    struct kernel_combine combine = {.masked_count = step->masked_count,
                                     .operand_count = step->operand_count,
                                     .target_count = step->target_count,
                                     .count = l->pass->images,
                                     .pixels = pixels_of(l->to),
                                     .blocks = l->to->blocks};
    for (int i = 0; i < step->operand_count; i++) {
        const struct plan_operand *operand = &step->operands[i];
        combine.operands[i] =
            (struct kernel_operand){.tensor = engine_tensor(l->engine, &operand->slice),
                                    .factor = factor_of(l, operand->drop)};
        if (operand->coefficient == AS_IS)
            continue;
        const struct kernel_norm *norm = &l->engine->norms.norms[operand->norm];
        combine.operands[i].scale = norm->scale[operand->coefficient - 1];
        combine.operands[i].shift = norm->shift[operand->coefficient - 1];
    }
    for (int i = 0; i < step->target_count; i++)
        combine.targets[i] = (struct kernel_target){
            engine_tensor(l->engine, &step->targets[i].slice), step->targets[i].relu};
    if (step->masked_count)
        combine.mask = engine_tensor(l->engine, &step->mask);
    return launch(l, KERNEL_COMBINE, &combine, items_of(l, l->to), err);
}

static bool issue_move(const struct launch *l, struct err *err)
{
    const struct plan_step *step = l->step;
    const struct kernel_move move = {.source = l->first,
                                     .target = l->target,
                                     .rows = l->pass->images * pixels_of(l->to),
                                     .from = step->from,
                                     .to = step->to,
                                     .count = step->count};
    int blocks = (step->to + step->count - 1) / KERNEL_LANES - step->to / KERNEL_LANES + 1;
    return launch(l, KERNEL_MOVE, &move, (size_t)move.rows * (size_t)blocks, err);
}

/* ---- batch norm ---- */

static bool issue_moments(const struct launch *l, struct err *err)
{
    int rows = l->pass->images * pixels_of(l->from), blocks = l->from->blocks;
    int parts = parts_of(rows, ROWS_OF_PART, MOST_PARTS);
    const struct kernel_moments moments = {l->first, rows, blocks, parts, l->engine->partial};
    const struct kernel_join_moments join = {l->engine->partial, rows, blocks, parts,
                                             l->engine->norms.norms[l->step->index]};
    return launch(l, KERNEL_MOMENTS, &moments, (size_t)parts, err) &&
           launch(l, KERNEL_JOIN_MOMENTS, &join, (size_t)blocks, err);
}

static bool issue_products(const struct launch *l, struct err *err)
{
    const struct kernel_norm *norm = &l->engine->norms.norms[l->step->index];
    int pixels = pixels_of(l->from), rows = l->pass->images * pixels, blocks = l->from->blocks;
    int parts = parts_of(rows, ROWS_OF_PART, MOST_PARTS);
    const struct kernel_products products = {.gradient = l->first,
                                             .data = l->second,
                                             .mean = norm->mean,
                                             .factor = factor_of(l, l->step->operands[0].drop),
                                             .rows = rows,
                                             .pixels = pixels,
                                             .blocks = blocks,
                                             .parts = parts,
                                             .partial = l->engine->partial};
    const struct kernel_join_products join = {l->engine->partial, rows, blocks, parts, *norm};
    return launch(l, KERNEL_PRODUCTS, &products, (size_t)parts, err) &&
           launch(l, KERNEL_JOIN_PRODUCTS, &join, (size_t)blocks, err);
}

/* ---- windows ---- */

static bool issue_pool(const struct launch *l, struct err *err)
{
    const struct net_op *op = &l->engine->plan->net->ops[l->step->op];
    bool average = op->kind == NET_AVG_POOL;
    const struct kernel_pool pool = {
        .input = l->first, .output = l->target, .window = window_of(l, l->from, l->to, op)};
    const struct kernel_pool back = {.input = l->second,
                                     .input_gradient = l->target,
                                     .output_gradient = l->first,
                                     .window = window_of(l, l->to, l->from, op)};
    if (l->step->kind == PLAN_POOL)
        return launch(l, average ? KERNEL_AVERAGE : KERNEL_MAXIMUM, &pool, items_of(l, l->to), err);
    return launch(l, average ? KERNEL_AVERAGE_BACK : KERNEL_MAXIMUM_BACK, &back, items_of(l, l->to),
                  err);
}

static int window_parts(int images, const struct slice *out)
{
    return parts_of(images * pixels_of(out), ROWS_OF_WINDOW_PART, MOST_WINDOW_PARTS);
}

static bool issue_depthwise_weights(const struct launch *l, struct err *err)
{
    const struct plan_operand *out = &l->step->operands[1];
    const struct kernel_depthwise_weights weights = {
        .input = l->first,
        .output_gradient = l->second,
        .window = window_of(l, l->from, &out->slice, &l->engine->plan->net->ops[l->step->op]),
        .parts = window_parts(l->pass->images, &out->slice),
        .partial = l->engine->partial};
    const struct parameters *parameters = &l->engine->parameters;
    const struct kernel_join join = {.partial = l->engine->partial,
                                     .to = parameters->gradient + parameters->conv[l->step->index],
                                     .parts = weights.parts,
                                     .size = weights.window.kernel * weights.window.kernel *
                                             l->from->blocks * KERNEL_LANES};
    return launch(l, KERNEL_DEPTHWISE_WEIGHTS, &weights, (size_t)weights.parts, err) &&
           launch(l, KERNEL_JOIN, &join, (size_t)join.size / KERNEL_LANES, err);
}

static bool issue_depthwise(const struct launch *l, struct err *err)
{
    const struct net_op *op = &l->engine->plan->net->ops[l->step->op];
    const void *weight = parameters_weights(&l->engine->parameters, l->step->index);
    const struct kernel_depthwise forward = {.input = l->first,
                                             .output = l->target,
                                             .weight = weight,
                                             .window = window_of(l, l->from, l->to, op)};
    const struct kernel_depthwise back = {.input_gradient = l->target,
                                          .output_gradient = l->first,
                                          .weight = weight,
                                          .window = window_of(l, l->to, l->from, op)};
    if (l->step->kind == PLAN_CONV_WEIGHTS)
        return issue_depthwise_weights(l, err);
    if (l->step->kind == PLAN_CONV)
        return launch(l, KERNEL_DEPTHWISE, &forward, items_of(l, l->to), err);
    return launch(l, KERNEL_DEPTHWISE_BACK, &back, items_of(l, l->to), err);
}

static bool issue_conv(const struct launch *l, struct err *err)
{
    if (l->engine->plan->convs[l->step->index].depthwise)
        return issue_depthwise(l, err);
    return convolving_issue(l->engine, l->pass, l->step, err);
}

static bool issue_subsample(const struct launch *l, struct err *err)
{
    bool back = l->step->kind == PLAN_SUBSAMPLE_BACK;
    const struct slice *small = back ? l->from : l->to;
    const struct kernel_subsample subsample = {.large = back ? l->target : l->first,
                                               .small = back ? l->first : l->target,
                                               .count = l->pass->images,
                                               .blocks = small->blocks,
                                               .H = small->H,
                                               .W = small->W,
                                               .offset =
                                                   l->engine->plan->net->ops[l->step->op].offset};
    return launch(l, back ? KERNEL_SUBSAMPLE_BACK : KERNEL_SUBSAMPLE, &subsample,
                  items_of(l, l->to), err);
}

/* ---- the head ---- */

static bool issue_mean(const struct launch *l, struct err *err)
{
    bool back = l->step->kind == PLAN_MEAN_BACK;
    const struct kernel_mean mean = {.wide = back ? l->target : l->first,
                                     .pooled = back ? l->first : l->target,
                                     .count = l->pass->images,
                                     .pixels = pixels_of(back ? l->to : l->from),
                                     .blocks = l->to->blocks};
    return launch(l, back ? KERNEL_MEAN_BACK : KERNEL_MEAN, &mean, items_of(l, l->to), err);
}

static bool issue_linear(const struct launch *l, struct err *err)
{
    const struct parameters *parameters = &l->engine->parameters;
    const struct plan *plan = l->engine->plan;
    const struct net_op *op = &plan->net->ops[l->step->op];
    size_t first = (size_t)parameters->order.linear[l->step->op];
    size_t channels = plan_channels(plan, op->input),
           classes = (size_t)plan->net->tensors[op->output].C, count = (size_t)l->pass->images;
    bool back = l->step->kind == PLAN_LINEAR_BACK;
    const struct kernel_linear linear = {.input = back ? l->second : l->first,
                                         .output = l->target,
                                         .input_gradient = l->target,
                                         .output_gradient = l->first,
                                         .weight = parameters->values + first,
                                         .bias = parameters->values + first + classes * channels,
                                         .weight_gradient = parameters->gradient + first,
                                         .bias_gradient =
                                             parameters->gradient + first + classes * channels,
                                         .count = l->pass->images,
                                         .classes = (int)classes,
                                         .in_blocks = (int)channels / KERNEL_LANES,
                                         .out_blocks = back ? l->from->blocks : l->to->blocks};
    if (!back)
        return launch(l, KERNEL_LINEAR, &linear, count * (size_t)linear.out_blocks * KERNEL_LANES,
                      err);
    return launch(l, KERNEL_LINEAR_BACK, &linear, count * channels, err) &&
           launch(l, KERNEL_LINEAR_WEIGHTS, &linear, classes * (channels + 1), err);
}

static bool issue_loss(const struct launch *l, struct err *err)
{
    const struct engine *engine = l->engine;
    const struct kernel_loss loss = {.logits = l->first,
                                     .gradient = l->target,
                                     .labels = engine->here.labels,
                                     .step = l->pass->training ? engine->here.step : NULL,
                                     .losses = engine->losses,
                                     .correct = engine->correct,
                                     .count = l->pass->images,
                                     .classes = engine->plan->net->classes,
                                     .blocks = l->from->blocks,
                                     .auxiliary = l->step->auxiliary};
    return launch(l, KERNEL_LOSS, &loss, (size_t)l->pass->images, err);
}

/* ---- all ---- */

bool steps_is_of(const struct pass *pass, const struct plan_step *step)
{
    return pass->training || (!step->auxiliary && step->kind != PLAN_MOMENTS);
}

size_t steps_partial_size(const struct plan *plan, const struct plan_step *step, int images)
{
    const struct slice *from = &step->operands[0].slice;
    size_t channels = (size_t)(from->blocks * KERNEL_LANES);
    if (step->kind == PLAN_MOMENTS || step->kind == PLAN_PRODUCTS)
        return 2 * channels * (size_t)parts_of(images * pixels_of(from), ROWS_OF_PART, MOST_PARTS);
    if (step->kind != PLAN_CONV_WEIGHTS || !plan->convs[step->index].depthwise)
        return 0;
    int kernel = plan->convs[step->index].kernel;
    return channels * (size_t)(kernel * kernel) *
           (size_t)window_parts(images, &step->operands[1].slice);
}

bool steps_issue(struct engine *engine, const struct pass *pass, const struct plan_step *step,
                 struct err *err)
{
    static bool (*const issue[PLAN_KINDS])(const struct launch *, struct err *) = {
        [PLAN_IMAGES] = issue_images,
        [PLAN_COMBINE] = issue_combine,
        [PLAN_MOMENTS] = issue_moments,
        [PLAN_PRODUCTS] = issue_products,
        [PLAN_CONV] = issue_conv,
        [PLAN_CONV_DATA] = issue_conv,
        [PLAN_CONV_WEIGHTS] = issue_conv,
        [PLAN_POOL] = issue_pool,
        [PLAN_POOL_BACK] = issue_pool,
        [PLAN_SUBSAMPLE] = issue_subsample,
        [PLAN_SUBSAMPLE_BACK] = issue_subsample,
        [PLAN_MEAN] = issue_mean,
        [PLAN_MEAN_BACK] = issue_mean,
        [PLAN_LINEAR] = issue_linear,
        [PLAN_LINEAR_BACK] = issue_linear,
        [PLAN_MOVE] = issue_move,
        [PLAN_LOSS] = issue_loss,
    };
    struct launch l = {.engine = engine,
                       .pass = pass,
                       .step = step,
                       .from = &step->operands[0].slice,
                       .to = &step->targets[0].slice};
    if (step->operand_count > 0)
        l.first = engine_tensor(engine, &step->operands[0].slice);
    if (step->operand_count > 1)
        l.second = engine_tensor(engine, &step->operands[1].slice);
    if (step->target_count > 0)
        l.target = engine_tensor(engine, &step->targets[0].slice);
    assert(issue[step->kind]);
    return issue[step->kind](&l, err);
}
