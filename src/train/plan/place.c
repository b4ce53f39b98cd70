/* Where the buffers of a plan lie: those that live at different times share memory. */
#include "train/plan/planner.h"

#include "base/mem.h"

#include <stdlib.h>

/* Values between buffers of one image: streams that are whole pages apart would wait for each
 * other. */
enum { SKEW = 80, LINE = 16 };

static void use(struct plan *plan, struct slice slice, int step)
{
    if (slice.buffer < 0)
        return;
    struct plan_buffer *buffer = &plan->buffers[slice.buffer];
    if (buffer->first < 0)
        buffer->first = step;
    buffer->last = step;
}

static void find_lives(struct plan *plan)
{
    for (int i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        for (int j = 0; j < step->operand_count; j++)
            use(plan, step->operands[j].slice, i);
        for (int j = 0; j < step->target_count; j++)
            use(plan, step->targets[j].slice, i);
        use(plan, step->mask, i);
    }
    plan->buffers[plan->logits.buffer].batch = true; /* read after the step */
    plan->buffers[plan->logits.buffer].last = plan->step_count - 1;
    for (int i = 0; i < plan->buffer_count; i++) {
        struct plan_buffer *buffer = &plan->buffers[i];
        buffer->alias = -1;
        buffer->image_size = (buffer->image_size + LINE - 1) / LINE * LINE;
        if (plan->by_image)
            buffer->image_size += SKEW;
        if (!plan->by_image || (buffer->first >= 0 && plan->steps[buffer->first].phase !=
                                                          plan->steps[buffer->last].phase))
            buffer->batch = true;
    }
}

/* A sum is written over an operand of which it is the last reader. */
static void share_in_place(struct plan *plan)
{
    for (int i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        int target = step->targets[0].slice.buffer;
        struct plan_buffer *to = &plan->buffers[target];
        if (step->kind != PLAN_COMBINE || to->first != i || to->alias >= 0)
            continue;
        for (int j = 0; j < step->operand_count; j++) {
            int source = step->operands[j].slice.buffer;
            while (plan->buffers[source].alias >= 0)
                source = plan->buffers[source].alias;
            struct plan_buffer *from = &plan->buffers[source];
            if (from->last != i || from->batch != to->batch || from->image_size != to->image_size ||
                step->operands[j].slice.offset != step->targets[0].slice.offset)
                continue;
            to->alias = source;
            from->last = to->last;
            break;
        }
    }
}

/* Image by image, those held for the batch are used by others of the same phase at any time. */
static bool overlap(const struct plan *plan, const struct plan_buffer *a,
                    const struct plan_buffer *b)
{
    if (a->batch && plan->by_image)
        return plan->steps[a->first].phase <= plan->steps[b->last].phase &&
               plan->steps[b->first].phase <= plan->steps[a->last].phase;
    return a->first <= b->last && b->first <= a->last;
}

/* Largest first, each at the lowest place that is free for its whole life. */
static size_t place_kind(struct plan *plan, bool batch, int *order, int *placed)
{
    size_t end = 0;
    int count = 0;
    for (int i = 0; i < plan->buffer_count; i++) {
        struct plan_buffer *buffer = &plan->buffers[order[i]];
        if (buffer->first < 0 || buffer->alias >= 0 || buffer->batch != batch)
            continue;
        size_t place = 0;
        for (int j = 0; j < count; j++) { /* in order of place */
            const struct plan_buffer *other = &plan->buffers[placed[j]];
            if (!overlap(plan, buffer, other))
                continue;
            if (place + buffer->image_size <= other->place)
                break;
            if (other->place + other->image_size > place)
                place = other->place + other->image_size;
        }
        buffer->place = place;
        int at = count++;
        for (; at > 0 && plan->buffers[placed[at - 1]].place > place; at--)
            placed[at] = placed[at - 1];
        placed[at] = order[i];
        if (place + buffer->image_size > end)
            end = place + buffer->image_size;
    }
    return end;
}

static void end_phases(struct plan *plan)
{
    plan->phase_count = plan->steps[plan->step_count - 1].phase + 1;
    plan->phase_end = mem_alloc((size_t)plan->phase_count, sizeof(*plan->phase_end));
    for (int i = 0; i < plan->step_count; i++)
        plan->phase_end[plan->steps[i].phase] = i + 1;
}

void planner_place(struct plan *plan)
{
    int *order = mem_alloc((size_t)plan->buffer_count, sizeof(*order));
    int *placed = mem_alloc((size_t)plan->buffer_count, sizeof(*placed));
    find_lives(plan);
    share_in_place(plan);
    for (int i = 0; i < plan->buffer_count; i++) {
        int at = i;
        for (; at > 0 && plan->buffers[order[at - 1]].image_size < plan->buffers[i].image_size;
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    plan->batch_size = place_kind(plan, true, order, placed);
    plan->thread_size = place_kind(plan, false, order, placed);
    for (int i = 0; i < plan->buffer_count; i++) {
        int root = i;
        while (plan->buffers[root].alias >= 0)
            root = plan->buffers[root].alias;
        plan->buffers[i].place = plan->buffers[root].place;
    }
    end_phases(plan);
    free(order);
    free(placed);
}
