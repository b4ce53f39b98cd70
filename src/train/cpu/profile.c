#include "train/cpu/profile.h"

#include "train/cpu/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[PLAN_KINDS] = {
    [PLAN_IMAGES] = "images",
    [PLAN_COMBINE] = "sums with batch norm, ReLU, drop path",
    [PLAN_MOMENTS] = "batch norm statistics",
    [PLAN_PRODUCTS] = "batch norm backward sums",
    [PLAN_CONV] = "forward",
    [PLAN_CONV_DATA] = "backward data",
    [PLAN_CONV_WEIGHTS] = "backward weights",
    [PLAN_POOL] = "pools",
    [PLAN_POOL_BACK] = "pools backward",
    [PLAN_SUBSAMPLE] = "subsampling",
    [PLAN_SUBSAMPLE_BACK] = "subsampling backward",
    [PLAN_MEAN] = "head",
    [PLAN_MEAN_BACK] = "head",
    [PLAN_LINEAR] = "head",
    [PLAN_LINEAR_BACK] = "head",
    [PLAN_MOVE] = "concatenation",
    [PLAN_LOSS] = "head",
};

__attribute__((visibility("default"))) void cpu_profile_start(struct backend *backend)
{
    struct execution *execution = &cpu_of(backend)->execution;
    execution->timed = true;
    execution->joining_s = execution->weights_s = execution->timed_images = 0;
    for (size_t i = 0; i < execution->threads; i++)
        memset(execution->workers[i].seconds, 0,
               (size_t)execution->plan->step_count * sizeof(double));
}

static double conv_gflop(const struct plan *plan, const struct plan_conv *conv)
{
    double sum = 0;
    for (int i = 0; i < conv->op_count; i++) {
        const struct net_op *op = &plan->net->ops[conv->ops[i]];
        sum += 2e-9 * (double)plan->net->params[op->weight].count * conv->out_h * conv->out_w;
    }
    return sum;
}

static void name_step(const struct execution *execution, const struct plan_step *step,
                      struct profile_row *row)
{
    const struct plan *plan = execution->plan;
    if (step->kind != PLAN_CONV && step->kind != PLAN_CONV_DATA &&
        step->kind != PLAN_CONV_WEIGHTS) {
        snprintf(row->name, sizeof(row->name), "%s", kind_names[step->kind]);
        return;
    }
    const struct plan_conv *conv = &plan->convs[step->index];
    snprintf(row->name, sizeof(row->name), "%dx%d%s, %d to %d x %d x %d, %s, %s", conv->kernel,
             conv->kernel, conv->depthwise ? " depthwise" : "", conv->in_blocks * plan->lanes,
             conv->out_blocks * plan->lanes, conv->out_h, conv->out_w,
             execution->convolutions[step->index]->type->name, kind_names[step->kind]);
    row->gflop = conv_gflop(plan, conv);
}

static size_t add_row(struct profile_row *rows, size_t count, const struct profile_row *row)
{
    size_t at = 0;
    while (at < count && strcmp(rows[at].name, row->name) != 0)
        at++;
    if (at == PROFILE_ROWS)
        return count;
    if (at == count)
        rows[count++] = (struct profile_row){.images = row->images};
    memcpy(rows[at].name, row->name, sizeof(row->name));
    rows[at].seconds += row->seconds;
    rows[at].gflop += row->gflop;
    return count;
}

static int by_seconds(const void *a, const void *b)
{
    double x = ((const struct profile_row *)a)->seconds,
           y = ((const struct profile_row *)b)->seconds;
    return (x < y) - (x > y);
}

__attribute__((visibility("default"))) size_t cpu_profile_read(const struct backend *backend,
                                                               struct profile_row *rows)
{
    const struct execution *execution = &((const struct cpu *)backend)->execution;
    double images = execution->timed_images;
    rows[0] = (struct profile_row){"joining what threads have", execution->joining_s, 0, images};
    rows[1] = (struct profile_row){"making weights ready", execution->weights_s, 0, images};
    struct profile_row row;
    size_t count = 2;
    for (int i = 0; i < execution->plan->step_count; i++) {
        row = (struct profile_row){.images = images};
        name_step(execution, &execution->plan->steps[i], &row);
        for (size_t thread = 0; thread < execution->threads; thread++)
            row.seconds += execution->workers[thread].seconds[i];
        count = add_row(rows, count, &row);
    }
    qsort(rows, count, sizeof(*rows), by_seconds);
    return count;
}
