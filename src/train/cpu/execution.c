#include "train/cpu/execution.h"

#include "base/mem.h"
#include "train/cpu/head.h"

#include <assert.h>
#include <omp.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* One image on its way through a phase. */
struct passage {
    struct execution *execution;
    const struct batch *batch;
    const struct step *step; /* NULL: evaluation */
    struct worker *worker;
    size_t thread, image;
    size_t seen; /* images that the thread has had before */
};

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---- memory ---- */

static void open_partials(struct execution *execution)
{
    const struct plan *plan = execution->plan;
    size_t at = 0;
    execution->partial_at = mem_alloc((size_t)plan->conv_count, sizeof(size_t));
    for (int i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        if (i && step->phase != plan->steps[i - 1].phase)
            at = 0;
        if (step->kind != PLAN_CONV_WEIGHTS)
            continue;
        size_t size = execution->convolutions[step->index]->size;
        execution->partial_at[step->index] = at;
        at += size;
        if (at > execution->partial_size)
            execution->partial_size = at;
    }
}

static void open_workers(struct execution *execution)
{
    execution->workers = mem_alloc(execution->threads, sizeof(*execution->workers));
    for (size_t i = 0; i < execution->threads; i++)
        execution->workers[i] = (struct worker){
            .local = mem_alloc_large(execution->plan->thread_size, sizeof(float)),
            .scratch = mem_alloc_large(execution->scratch_size, sizeof(float)),
            .partial = mem_alloc_large(execution->partial_size, sizeof(float)),
            .seconds = mem_alloc((size_t)execution->plan->step_count, sizeof(double))};
}

size_t execution_bytes(const struct execution *execution)
{
    size_t thread =
        execution->plan->thread_size + execution->partial_size + execution->scratch_size;
    return sizeof(float) * (execution->batch_images * execution->plan->batch_size +
                            execution->threads * thread + 3 * execution->parameters.size);
}

/* What is planned must fit the machine: the system itself says so only when it is too late. */
static bool fits(const struct execution *execution, struct err *err)
{
    double bytes = (double)execution_bytes(execution);
    double machine = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    return bytes < machine ||
           err_set(
               err, ERR_INPUT,
               "device cpu: the network needs %.1f GB for a batch of %zu, found %.1f GB in this "
               "machine",
               bytes * 1e-9, execution->batch_images, machine * 1e-9);
}

bool execution_open(struct execution *execution, const struct plan *plan,
                    const struct kernels *kernels, size_t threads, size_t batch_images,
                    struct err *err)
{
    size_t count = (size_t)plan->conv_count;
    *execution = (struct execution){.plan = plan,
                                    .kernels = kernels,
                                    .convolutions = mem_alloc(count, sizeof(void *)),
                                    .threads = threads,
                                    .batch_images = batch_images};
    if (!onednn_open(&execution->onednn, (int)threads, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct convolution *convolution =
            convolution_open(&execution->onednn, kernels, &plan->convs[i]);
        execution->convolutions[i] = convolution;
        if (convolution->scratch_size > execution->scratch_size)
            execution->scratch_size = convolution->scratch_size;
    }
    parameters_open(&execution->parameters, plan, execution->convolutions);
    norms_open(&execution->norms, plan, &execution->parameters, threads);
    open_partials(execution);
    open_workers(execution);
    if (!fits(execution, err))
        return false;
    execution->memory = mem_alloc_large(batch_images * plan->batch_size, sizeof(float));
    execution->images = mem_alloc(threads, sizeof(size_t));
    execution->losses = mem_alloc(batch_images, sizeof(double));
    execution->correct = mem_alloc(batch_images, sizeof(bool));
    return true;
}

void execution_close(struct execution *execution)
{
    for (int i = 0; execution->convolutions && i < execution->plan->conv_count; i++)
        if (execution->convolutions[i])
            execution->convolutions[i]->type->close(execution->convolutions[i]);
    for (size_t i = 0; execution->workers && i < execution->threads; i++) {
        free(execution->workers[i].local);
        free(execution->workers[i].scratch);
        free(execution->workers[i].partial);
        free(execution->workers[i].seconds);
    }
    norms_close(&execution->norms);
    parameters_close(&execution->parameters);
    onednn_close(&execution->onednn);
    free(execution->convolutions);
    free(execution->workers);
    free(execution->images);
    free(execution->memory);
    free(execution->partial_at);
    free(execution->losses);
    free(execution->correct);
}

float *execution_data(const struct execution *execution, const struct slice *slice, size_t image)
{
    const struct plan_buffer *buffer = &execution->plan->buffers[slice->buffer];
    assert(buffer->batch);
    return execution->memory + buffer->place * execution->batch_images +
           image * buffer->image_size + slice->offset;
}

static float *data_of(const struct passage *passage, const struct slice *slice)
{
    const struct plan_buffer *buffer = &passage->execution->plan->buffers[slice->buffer];
    if (buffer->batch)
        return execution_data(passage->execution, slice, passage->image);
    return passage->worker->local + buffer->place + slice->offset;
}

/* ---- steps ---- */

static float drop_factor(const struct passage *passage, int drop)
{
    if (drop < 0 || !passage->step || !passage->step->drop_scale)
        return 1;
    return passage->step->drop_scale[(size_t)drop * passage->batch->count + passage->image];
}

static void run_combine(const struct passage *passage, const struct plan_step *step)
{
    const struct slice *shape = &step->targets[0].slice;
    struct kernel_combine combine = {.masked_count = step->masked_count,
                                     .plain_count = step->operand_count - step->masked_count,
                                     .target_count = step->target_count,
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

static void run_conv(const struct passage *passage, const struct plan_step *step, float *target,
                     const float *first, const float *second)
{
    const struct execution *execution = passage->execution;
    struct convolution *convolution = execution->convolutions[step->index];
    const float *weights = execution->parameters.values + execution->parameters.conv[step->index];
    float *scratch = passage->worker->scratch;
    bool ok;
    if (step->kind == PLAN_CONV)
        ok = convolution->type->forward(convolution, passage->thread, scratch, first, weights,
                                        target);
    else if (step->kind == PLAN_CONV_DATA)
        ok = convolution->type->backward_data(convolution, passage->thread, scratch, first, weights,
                                              target);
    else
        ok = convolution->type->backward_weights(
            convolution, passage->thread, scratch, first, second,
            passage->worker->partial + execution->partial_at[step->index], passage->seen == 0);
    passage->worker->failed |= !ok;
}

static void run_pool(const struct passage *passage, const struct plan_step *step, float *to,
                     const float *first, const float *second)
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
static void run_subsample(const struct passage *passage, const struct plan_step *step, float *to,
                          const float *from)
{
    bool back = step->kind == PLAN_SUBSAMPLE_BACK;
    const struct slice *large = back ? &step->targets[0].slice : &step->operands[0].slice;
    size_t lanes = (size_t)passage->execution->plan->lanes;
    size_t W = (size_t)large->W, rows = (size_t)(large->blocks * large->H / 2);
    size_t offset = (size_t)passage->execution->plan->net->ops[step->op].offset;
    if (back)
        memset(to, 0, 2 * rows * W * lanes * sizeof(*to));
    for (size_t row = 0; row < rows; row++)
        for (size_t x = 0; x < W / 2; x++) {
            size_t at = (row * W / 2 + x) * lanes;
            size_t far = ((2 * row + offset) * W + 2 * x + offset) * lanes;
            memcpy(&to[back ? far : at], &from[back ? at : far], lanes * sizeof(*to));
        }
}

/* Lanes of the last block behind the moved channels become zero. */
static void run_move(const struct passage *passage, const struct plan_step *step, float *to,
                     const float *from)
{
    size_t lanes = (size_t)passage->execution->plan->lanes;
    size_t pixels = (size_t)(step->targets[0].slice.H * step->targets[0].slice.W);
    size_t count = (size_t)step->count, first = (size_t)step->to, source = (size_t)step->from;
    size_t end = (first + count + lanes - 1) / lanes * lanes;
    for (size_t c = first; c < end; c++)
        for (size_t p = 0; p < pixels; p++) {
            size_t f = source + c - first;
            to[(c / lanes * pixels + p) * lanes + c % lanes] =
                c < first + count ? from[(f / lanes * pixels + p) * lanes + f % lanes] : 0;
        }
}

static void run_linear(const struct passage *passage, const struct plan_step *step, float *to,
                       const float *from)
{
    const struct execution *execution = passage->execution;
    const struct net *net = execution->plan->net;
    const struct net_op *op = &net->ops[step->op];
    const float *weight = execution->parameters.values + execution->parameters.linear[step->op];
    size_t classes = (size_t)net->tensors[op->output].C;
    size_t lanes = (size_t)(execution->plan->layouts[op->input].blocks * execution->plan->lanes);
    if (step->kind == PLAN_LINEAR)
        head_linear(weight, classes, lanes, from, to);
    else
        head_linear_back(weight, classes, lanes, from, to);
}

static void run_loss(const struct passage *passage, const struct plan_step *step, float *gradient,
                     const float *logits)
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
    memset(gradient, 0, lanes * sizeof(*gradient));
    execution->losses[image] += head_loss(&loss, logits, gradient);
    if (!step->auxiliary)
        execution->correct[image] = head_largest(logits, loss.classes) == label;
}

static void run_step(const struct passage *passage, const struct plan_step *step)
{
    struct execution *execution = passage->execution;
    const struct kernels *kernels = execution->kernels;
    const struct slice *from = &step->operands[0].slice, *to = &step->targets[0].slice;
    float *target = step->target_count ? data_of(passage, to) : NULL;
    const float *first = step->operand_count ? data_of(passage, from) : NULL;
    const float *second =
        step->operand_count > 1 ? data_of(passage, &step->operands[1].slice) : NULL;
    switch (step->kind) {
    case PLAN_IMAGES: {
        struct shape shape = execution->plan->net->tensors[0];
        size_t pixels = (size_t)(shape.H * shape.W), channels = (size_t)shape.C;
        kernels->pack(target, passage->batch->pixels + passage->image * channels * pixels, channels,
                      (size_t)to->blocks, pixels);
        break;
    }
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

static bool is_left_out(const struct passage *passage, const struct plan_step *step)
{
    return !passage->step && (step->auxiliary || step->kind == PLAN_MOMENTS);
}

static void run_image(const struct passage *passage, int first, int end)
{
    const struct plan_step *steps = passage->execution->plan->steps;
    for (int i = first; i < end; i++) {
        if (is_left_out(passage, &steps[i]))
            continue;
        double start = passage->execution->timed ? now_s() : 0;
        run_step(passage, &steps[i]);
        if (passage->execution->timed)
            passage->worker->seconds[i] += now_s() - start;
    }
}

/* ---- phases ---- */

/* The sum of what the threads have, in their order. */
static void reduce_conv(const struct execution *execution, int index)
{
    size_t size = execution->convolutions[index]->size;
    size_t at = execution->partial_at[index], threads = execution->threads;
    float *gradient = execution->parameters.gradient + execution->parameters.conv[index];
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < size; i++) {
        float sum = execution->workers[0].partial[at + i];
        for (size_t thread = 1; thread < threads && execution->images[thread]; thread++)
            sum += execution->workers[thread].partial[at + i];
        gradient[i] = sum;
    }
    parameters_mask_gradient(&execution->parameters, index);
}

static void finish_linear(const struct execution *execution, const struct plan_step *step,
                          size_t count)
{
    const struct net *net = execution->plan->net;
    const struct net_op *op = &net->ops[step->op];
    size_t classes = (size_t)net->tensors[op->output].C;
    size_t lanes = (size_t)(execution->plan->layouts[op->input].blocks * execution->plan->lanes);
    float *weight = execution->parameters.gradient + execution->parameters.linear[step->op];
    memset(weight, 0, classes * (lanes + 1) * sizeof(*weight));
    for (size_t image = 0; image < count; image++)
        head_linear_weights(classes, lanes,
                            execution_data(execution, &step->operands[1].slice, image),
                            execution_data(execution, &step->operands[0].slice, image), weight);
}

static void finish_phase(struct execution *execution, const struct batch *batch, int first, int end)
{
    double start = execution->timed ? now_s() : 0;
    for (int i = first; i < end; i++) {
        const struct plan_step *step = &execution->plan->steps[i];
        if (step->kind == PLAN_MOMENTS)
            norms_finish_moments(&execution->norms, step->index, execution->images);
        else if (step->kind == PLAN_PRODUCTS)
            norms_finish_products(&execution->norms, step->index, execution->images);
        else if (step->kind == PLAN_CONV_WEIGHTS)
            reduce_conv(execution, step->index);
        else if (step->kind == PLAN_LINEAR_BACK)
            finish_linear(execution, step, batch->count);
    }
    if (execution->timed)
        execution->joining_s += now_s() - start;
}

/* Thread by thread a run of images, the first threads one more. */
static void share_out(struct execution *execution, size_t count)
{
    for (size_t thread = 0; thread < execution->threads; thread++)
        execution->images[thread] =
            count / execution->threads + (thread < count % execution->threads);
}

static void run_phase(struct execution *execution, const struct batch *batch,
                      const struct step *step, int first, int end)
{
#pragma omp parallel num_threads((int)execution->threads)
    {
        size_t thread = (size_t)omp_get_thread_num(), start = 0;
        for (size_t i = 0; i < thread; i++)
            start += execution->images[i];
        struct passage passage = {.execution = execution,
                                  .batch = batch,
                                  .step = step,
                                  .worker = &execution->workers[thread],
                                  .thread = thread};
        for (; passage.seen < execution->images[thread]; passage.seen++) {
            passage.image = start + passage.seen;
            run_image(&passage, first, end);
        }
    }
}

static void prepare(struct execution *execution, const struct step *step, size_t count)
{
    memset(execution->losses, 0, execution->batch_images * sizeof(double));
    share_out(execution, count);
    if (!step)
        norms_use_running(&execution->norms);
    for (int i = 0; i < execution->plan->conv_count; i++)
        execution->convolutions[i]->type->prepare(
            execution->convolutions[i],
            execution->parameters.values + execution->parameters.conv[i], step != NULL);
}

bool execution_run(struct execution *execution, const struct batch *batch, const struct step *step,
                   struct err *err)
{
    const struct plan *plan = execution->plan;
    int end = step ? plan->step_count : plan->forward_end;
    bool failed = false;
    prepare(execution, step, batch->count);
    execution->timed_images += execution->timed ? (double)batch->count : 0;
    for (int phase = 0, first = 0; first < end; phase++) {
        int last = plan->phase_end[phase] < end ? plan->phase_end[phase] : end;
        run_phase(execution, batch, step, first, last);
        if (step)
            finish_phase(execution, batch, first, last);
        first = last;
    }
    for (size_t thread = 0; thread < execution->threads; thread++)
        failed |= execution->workers[thread].failed;
    return !failed || err_set(err, ERR_TOOL, "oneDNN refused to run a convolution");
}
