#include "train/cpu/steps.h"

#include "train/cpu/head.h"

#include <assert.h>
#include <string.h>

static void *data_of(const struct passage *passage, const struct slice *slice)
{
    const struct plan_buffer *buffer = &passage->execution->plan->buffers[slice->buffer];
    if (buffer->batch)
        return execution_data(passage->execution, slice, passage->image);
    return (unsigned char *)passage->worker->local +
           (buffer->place + slice->offset) * passage->execution->kernels->value_size;
}

static float drop_factor(const struct passage *passage, int drop)
{
    if (drop < 0 || !passage->step || !passage->step->drop_scale)
        return 1;
    return passage->step->drop_scale[(size_t)drop * passage->batch->count + passage->image];
}

static void run_combine(const struct passage *passage, const struct plan_step *step)
{
    const struct slice *shape = &step->targets[0].slice;
    struct kernel_combine combine = {.masked_count = (size_t)step->masked_count,
                                     .plain_count =
                                         (size_t)(step->operand_count - step->masked_count),
                                     .target_count = (size_t)step->target_count,
                                     .blocks = (size_t)shape->blocks,
                                     .pixels = (size_t)(shape->H * shape->W)};
    for (int i = 0; i < step->operand_count; i++) {
        const struct plan_operand *operand = &step->operands[i];
        struct kernel_operand *to = &combine.operands[i];
        *to = (struct kernel_operand){.data = data_of(passage, &operand->slice),
                                      .factor = drop_factor(passage, operand->drop)};
        if (operand->coefficient == AS_IS)
            continue;
        const struct norm *norm = &passage->execution->norms.norms[operand->norm];
        to->scale = norm->scale[operand->coefficient - 1];
        to->shift = norm->shift[operand->coefficient - 1];
    }
    for (int i = 0; i < step->target_count; i++)
        combine.targets[i] = (struct kernel_target){data_of(passage, &step->targets[i].slice),
                                                    step->targets[i].relu};
    if (step->masked_count)
        combine.mask = data_of(passage, &step->mask);
    passage->execution->kernels->combine(&combine);
}

static void run_conv(const struct passage *passage, const struct plan_step *step, void *target,
                     const void *first, const void *second)
{
    const struct execution *execution = passage->execution;
    struct convolution *convolution = execution->convolutions[step->index];
    const float *weights = execution->parameters.values + execution->parameters.conv[step->index];
    float *scratch = passage->worker->scratch;
    if (step->kind == PLAN_CONV)
        convolution->type->forward(convolution, passage->thread, scratch, first, weights, target);
    else if (step->kind == PLAN_CONV_DATA)
        convolution->type->backward_data(convolution, passage->thread, scratch, first, weights,
                                         target);
    else
        convolution->type->backward_weights(
            convolution, passage->thread, scratch, first, second,
            passage->worker->partial + execution->partial_at[step->index], passage->seen == 0);
}

static void run_pool(const struct passage *passage, const struct plan_step *step, void *to,
                     const void *first, const void *second)
{
    const struct kernels *kernels = passage->execution->kernels;
    const struct net_op *op = &passage->execution->plan->net->ops[step->op];
    bool back = step->kind == PLAN_POOL_BACK;
    const struct slice *in = back ? &step->targets[0].slice : &step->operands[0].slice;
    const struct slice *out = back ? &step->operands[0].slice : &step->targets[0].slice;
    const struct kernel_window window = {.blocks = (size_t)in->blocks,
                                         .in_h = in->H,
                                         .in_w = in->W,
                                         .out_h = out->H,
                                         .out_w = out->W,
                                         .kernel = op->kernel,
                                         .stride = op->stride,
                                         .padding = op->padding};
    if (op->kind == NET_AVG_POOL)
        (back ? kernels->average_back : kernels->average)(to, first, &window);
    else if (back)
        kernels->maximum_back(to, first, second, &window);
    else
        kernels->maximum(to, first, &window);
}

/* Between large, (blocks, 2 H, 2 W), and small, (blocks, H, W). */
static void run_subsample(const struct passage *passage, const struct plan_step *step,
                          unsigned char *to, const unsigned char *from)
{
    bool back = step->kind == PLAN_SUBSAMPLE_BACK;
    const struct slice *large = back ? &step->targets[0].slice : &step->operands[0].slice;
    size_t pixel =
        (size_t)passage->execution->plan->lanes * passage->execution->kernels->value_size;
    size_t W = (size_t)large->W, rows = (size_t)(large->blocks * large->H / 2);
    size_t offset = (size_t)passage->execution->plan->net->ops[step->op].offset;
    if (back)
        memset(to, 0, 2 * rows * W * pixel);
    for (size_t row = 0; row < rows; row++)
        for (size_t x = 0; x < W / 2; x++) {
            size_t at = (row * W / 2 + x) * pixel;
            size_t far = ((2 * row + offset) * W + 2 * x + offset) * pixel;
            memcpy(&to[back ? far : at], &from[back ? at : far], pixel);
        }
}

static void run_move(const struct passage *passage, const struct plan_step *step, void *to,
                     const void *from)
{
    const struct slice *shape = &step->targets[0].slice;
    const struct kernel_move move = {.from = (size_t)step->from,
                                     .to = (size_t)step->to,
                                     .count = (size_t)step->count,
                                     .pixels = (size_t)(shape->H * shape->W)};
    passage->execution->kernels->move(to, from, &move);
}

/* The end of the network computes with floats. */
static void run_linear(const struct passage *passage, const struct plan_step *step, void *target,
                       const void *source)
{
    const struct execution *execution = passage->execution;
    const struct net *net = execution->plan->net;
    const struct net_op *op = &net->ops[step->op];
    const float *weight =
        execution->parameters.values + execution->parameters.order.linear[step->op];
    size_t classes = (size_t)net->tensors[op->output].C;
    size_t lanes = plan_channels(execution->plan, op->input);
    bool back = step->kind == PLAN_LINEAR_BACK;
    float *from = passage->worker->head, *to = from + execution->head_size;
    execution->kernels->to_floats(from, source, back ? classes : lanes);
    (back ? head_linear_back : head_linear)(weight, classes, lanes, from, to);
    execution->kernels->from_floats(target, to, back ? lanes : classes);
}

static void run_loss(const struct passage *passage, const struct plan_step *step, void *target,
                     const void *source)
{
    struct execution *execution = passage->execution;
    const struct step *setting = passage->step;
    size_t lanes = (size_t)(step->targets[0].slice.blocks * execution->plan->lanes);
    size_t image = passage->image, label = passage->batch->labels[image];
    struct head_loss loss = {.classes = (size_t)execution->plan->net->classes,
                             .label = label,
                             .smoothing = setting ? setting->label_smoothing : 0,
                             .weight = step->auxiliary ? setting->auxiliary_weight : 1,
                             .images = passage->batch->count};
    float *logits = passage->worker->head, *gradient = logits + execution->head_size;
    execution->kernels->to_floats(logits, source, loss.classes);
    memset(gradient, 0, lanes * sizeof(*gradient));
    execution->losses[image] += head_loss(&loss, logits, gradient);
    execution->kernels->from_floats(target, gradient, lanes);
    if (!step->auxiliary)
        execution->correct[image] = head_largest(logits, loss.classes) == label;
}

static void run_images(const struct passage *passage, const struct slice *to, void *target)
{
    struct shape shape = passage->execution->plan->net->tensors[0];
    size_t pixels = (size_t)(shape.H * shape.W), channels = (size_t)shape.C;
    passage->execution->kernels->pack(target,
                                      passage->batch->pixels + passage->image * channels * pixels,
                                      channels, (size_t)to->blocks, pixels);
}

void steps_run(const struct passage *passage, const struct plan_step *step)
{
    struct execution *execution = passage->execution;
    const struct kernels *kernels = execution->kernels;
    const struct slice *from = &step->operands[0].slice, *to = &step->targets[0].slice;
    void *target = step->target_count ? data_of(passage, to) : NULL;
    const void *first = step->operand_count ? data_of(passage, from) : NULL;
    const void *second =
        step->operand_count > 1 ? data_of(passage, &step->operands[1].slice) : NULL;
    switch (step->kind) {
    case PLAN_IMAGES:
        run_images(passage, to, target);
        break;
    case PLAN_COMBINE:
        run_combine(passage, step);
        break;
    case PLAN_MOMENTS:
        norms_gather_moments(&execution->norms, kernels, step->index, passage->thread,
                             passage->seen, first);
        break;
    case PLAN_PRODUCTS:
        norms_gather_products(&execution->norms, kernels, step->index, passage->thread,
                              passage->seen, drop_factor(passage, step->operands[0].drop), first,
                              second);
        break;
    case PLAN_CONV:
    case PLAN_CONV_DATA:
    case PLAN_CONV_WEIGHTS:
        run_conv(passage, step, target, first, second);
        break;
    case PLAN_POOL:
    case PLAN_POOL_BACK:
        run_pool(passage, step, target, first, second);
        break;
    case PLAN_SUBSAMPLE:
    case PLAN_SUBSAMPLE_BACK:
        run_subsample(passage, step, target, first);
        break;
    case PLAN_MEAN:
        kernels->mean(target, first, (size_t)from->blocks, (size_t)(from->H * from->W));
        break;
    case PLAN_MEAN_BACK:
        kernels->mean_back(target, first, (size_t)to->blocks, (size_t)(to->H * to->W));
        break;
    case PLAN_LINEAR:
    case PLAN_LINEAR_BACK:
        run_linear(passage, step, target, first);
        break;
    case PLAN_MOVE:
        run_move(passage, step, target, first);
        break;
    case PLAN_LOSS:
        run_loss(passage, step, target, first);
        break;
    case PLAN_KINDS:
        assert(false);
    }
}
