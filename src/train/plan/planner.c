#include "train/plan/planner.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

/* Values of so many blocks of one image. */
static size_t size_of(const struct planner *p, int blocks, int H, int W)
{
    return (size_t)blocks * (size_t)(H * W) * (size_t)p->plan->lanes;
}

struct slice planner_slice(struct planner *p, int blocks, int H, int W)
{
    struct plan *plan = p->plan;
    MEM_GROW(plan->buffers, plan->buffer_count, plan->buffer_room);
    plan->buffers[plan->buffer_count] =
        (struct plan_buffer){.blocks = blocks, .image_size = size_of(p, blocks, H, W), .first = -1};
    return (struct slice){.buffer = plan->buffer_count++, .blocks = blocks, .H = H, .W = W};
}

struct slice planner_slice_like(struct planner *p, struct slice slice)
{
    return planner_slice(p, slice.blocks, slice.H, slice.W);
}

struct slice planner_part(const struct planner *p, struct slice whole, int block, int blocks)
{
    whole.offset += size_of(p, block, whole.H, whole.W);
    whole.blocks = blocks;
    return whole;
}

struct slice planner_value(struct planner *p, int tensor, bool relu)
{
    struct value *value = &p->values[tensor];
    struct slice *slice = &value->slice[relu];
    int blocks = p->plan->layouts[tensor].blocks;
    struct shape shape = p->net->tensors[tensor];
    if (slice->buffer >= 0)
        return *slice;
    if (value->home >= 0 && p->values[value->home].wanted[relu])
        *slice = planner_part(p, planner_value(p, value->home, relu), value->home_block, blocks);
    else
        *slice = planner_slice(p, blocks, shape.H, shape.W);
    return *slice;
}

struct plan_step *planner_step(struct planner *p, enum plan_kind kind, int op)
{
    struct plan *plan = p->plan;
    MEM_GROW(plan->steps, plan->step_count, plan->step_room);
    struct plan_step *step = &plan->steps[plan->step_count++];
    *step = (struct plan_step){.kind = kind,
                               .phase = p->phase,
                               .op = op,
                               .auxiliary = op >= 0 && p->net->ops[op].auxiliary,
                               .mask = no_slice};
    return step;
}

void planner_read(struct plan_step *step, struct slice slice)
{
    assert(step->operand_count < PLAN_OPERANDS);
    step->operands[step->operand_count++] = (struct plan_operand){slice, AS_IS, -1, -1};
}

void planner_write(struct plan_step *step, struct slice slice, bool relu)
{
    assert(step->target_count < PLAN_TARGETS);
    step->targets[step->target_count++] = (struct plan_target){slice, relu};
}

struct plan_step *planner_simple(struct planner *p, enum plan_kind kind, int op, struct slice from,
                                 struct slice to)
{
    struct plan_step *step = planner_step(p, kind, op);
    planner_read(step, from);
    planner_write(step, to, false);
    return step;
}

/* What the operand is scaled by must be there: it is from the end of the phase that gathers it. */
static void await(struct planner *p, const struct plan_operand *operand)
{
    int ready = -1;
    if (operand->coefficient == NORMALISED)
        ready = p->moments_phase[operand->norm];
    else if (operand->coefficient != AS_IS)
        ready = p->products_phase[operand->norm];
    if (p->phase <= ready)
        p->phase = ready + 1;
}

void planner_combine(struct planner *p, int op, const struct plan_operand *operands, int masked,
                     int count, struct slice mask, const struct plan_target *targets,
                     int target_count)
{
    int here = count > PLAN_OPERANDS ? PLAN_OPERANDS : count;
    struct plan_target so_far = {.slice = here < count ? planner_slice_like(p, targets[0].slice)
                                                       : no_slice};
    for (int i = 0; i < here; i++)
        await(p, &operands[i]);
    struct plan_step *step = planner_step(p, PLAN_COMBINE, op);
    for (int i = 0; i < here; i++)
        step->operands[step->operand_count++] = operands[i];
    step->masked_count = masked < here ? masked : here;
    step->mask = step->masked_count ? mask : no_slice;
    if (here == count) {
        for (int i = 0; i < target_count; i++)
            planner_write(step, targets[i].slice, targets[i].relu);
        return;
    }
    planner_write(step, so_far.slice, false);
    struct plan_operand *rest = mem_alloc((size_t)(count - here + 1), sizeof(*rest));
    for (int i = here; i < count; i++)
        rest[i - here] = operands[i];
    rest[count - here] = (struct plan_operand){so_far.slice, AS_IS, -1, -1};
    planner_combine(p, op, rest, masked > here ? masked - here : 0, count - here + 1, mask, targets,
                    target_count);
    free(rest);
}

void planner_copy(struct planner *p, int op, struct slice from, struct slice to, bool relu)
{
    planner_combine(p, op, &(struct plan_operand){from, AS_IS, -1, -1}, 0, 1, no_slice,
                    &(struct plan_target){to, relu}, 1);
}

void planner_move(struct planner *p, int op, struct slice from, int from_channel, struct slice to,
                  int to_channel, int count)
{
    struct plan_step *step = planner_simple(p, PLAN_MOVE, op, from, to);
    step->from = from_channel;
    step->to = to_channel;
    step->count = count;
}

bool planner_is_of_blocks(const struct plan *plan, const struct net_op *op)
{
    int blocks = 0;
    for (int t = 0; t < op->term_count; t++)
        blocks += plan->layouts[plan->net->terms[op->first_term + t].tensor].blocks;
    return blocks == plan->layouts[op->output].blocks;
}
