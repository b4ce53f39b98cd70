/* Steps of a plan that are convolutions of all channels with all. */
#include "train/cuda/engine.h"

bool convolving_is(const struct plan *plan, const struct plan_step *step)
{
    bool any =
        step->kind == PLAN_CONV || step->kind == PLAN_CONV_DATA || step->kind == PLAN_CONV_WEIGHTS;
    return any && !plan->convs[step->index].depthwise;
}

/* Of a step that is a convolution: where its input or its output, or their gradients, lie. */
static const struct slice *side_slice(const struct plan_step *step, int side)
{
    if (step->kind == PLAN_CONV_WEIGHTS)
        return &step->operands[side].slice;
    bool written = (step->kind == PLAN_CONV) == (side == 1);
    return written ? &step->targets[0].slice : &step->operands[0].slice;
}

static bool is_packed(const struct plan *plan, const struct slice *slice)
{
    return plan->buffers[slice->buffer].blocks == slice->blocks;
}

/* Into or out of engine.packed, where it is needed. */
static bool copy_side(struct engine *engine, const struct convolution_call *call,
                      const struct slice *slice, int side, bool in, struct err *err)
{
    const struct tensor packed = (side ? &call->output : &call->input)->tensor,
                        whole = engine_tensor(engine, slice);
    const struct kernel_combine copy = {.operands = {{.tensor = in ? whole : packed}},
                                        .targets = {{.tensor = in ? packed : whole}},
                                        .operand_count = 1,
                                        .target_count = 1,
                                        .count = call->images,
                                        .pixels = slice->H * slice->W,
                                        .blocks = slice->blocks};
    size_t items = (size_t)call->images * (size_t)copy.pixels * (size_t)copy.blocks;
    return is_packed(engine->plan, slice) ||
           device_launch(&engine->device, KERNEL_COMBINE, engine->type, &copy, items, err);
}

static struct convolution_side side_of(const struct engine *engine, const struct plan_step *step,
                                       int side)
{
    const struct slice *slice = side_slice(step, side);
    int channels = slice->blocks * KERNEL_LANES;
    struct tensor tensor = is_packed(engine->plan, slice)
                               ? engine_tensor(engine, slice)
                               : (struct tensor){engine->packed[side], channels};
    return (struct convolution_side){tensor, channels, slice->H, slice->W};
}

struct convolution_call convolving_call(const struct engine *engine, const struct pass *pass,
                                        const struct plan_step *step)
{
    const struct parameters *parameters = &engine->parameters;
    bool of_weights = step->kind == PLAN_CONV_WEIGHTS;
    return (struct convolution_call){
        .direction = of_weights                     ? BACKWARD_WEIGHTS
                     : step->kind == PLAN_CONV_DATA ? BACKWARD_DATA
                                                    : FORWARD,
        .conv = &engine->plan->convs[step->index],
        .input = side_of(engine, step, 0),
        .output = side_of(engine, step, 1),
        .weights = of_weights ? parameters_weights_gradient(parameters, step->index)
                              : (void *)(uintptr_t)parameters_weights(parameters, step->index),
        .images = pass->images};
}

void convolving_packed_sizes(const struct plan *plan, const struct plan_step *step, int images,
                             size_t sizes[2])
{
    for (int side = 0; side < 2 && convolving_is(plan, step); side++) {
        const struct slice *slice = side_slice(step, side);
        size_t size =
            (size_t)images * (size_t)(slice->H * slice->W) * (size_t)(slice->blocks * KERNEL_LANES);
        if (!is_packed(plan, slice) && size > sizes[side])
            sizes[side] = size;
    }
}

bool convolving_issue(struct engine *engine, const struct pass *pass, const struct plan_step *step,
                      struct err *err)
{
    const struct convolution_call call = convolving_call(engine, pass, step);
    const struct convolution_choice *choice =
        &pass->choices[step->index * DIRECTIONS + (int)call.direction];
    int written = call.direction == FORWARD ? 1 : call.direction == BACKWARD_DATA ? 0 : -1;
    for (int side = 0; side < 2; side++)
        if (side != written && !copy_side(engine, &call, side_slice(step, side), side, true, err))
            return false;
    return convolutions_run(&engine->convolutions, &call, choice, err) &&
           (written < 0 ||
            copy_side(engine, &call, side_slice(step, written), written, false, err));
}
