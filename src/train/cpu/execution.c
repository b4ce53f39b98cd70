#include "train/cpu/execution.h"

#include "base/mem.h"
#include "train/cpu/head.h"
#include "train/cpu/steps.h"

#include <assert.h>
#include <omp.h>
#include <string.h>
#include <time.h>

/* Of this thread's work: what else the machine does is not in it. */
static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
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
        size_t size = execution->convolutions[step->index]->partial_size;
        execution->partial_at[step->index] = at;
        at += size;
        if (at > execution->partial_size)
            execution->partial_size = at;
    }
}

/* Widest tensor that a linear layer reads or writes. */
static size_t head_size(const struct plan *plan)
{
    size_t widest = 0;
    for (size_t i = 0; i < plan->net->op_count; i++) {
        const struct net_op *op = &plan->net->ops[i];
        for (int end = 0; op->kind == NET_LINEAR && end < 2; end++) {
            int tensor = end ? op->output : op->input;
            size_t lanes = plan_channels(plan, tensor);
            widest = lanes > widest ? lanes : widest;
        }
    }
    return widest;
}

static void open_workers(struct execution *execution)
{
    execution->head_size = head_size(execution->plan);
    execution->workers = mem_alloc(execution->threads, sizeof(*execution->workers));
    for (size_t i = 0; i < execution->threads; i++)
        execution->workers[i] = (struct worker){
            .local = mem_alloc_large(execution->plan->thread_size, execution->kernels->value_size),
            .scratch = mem_alloc_large(execution->scratch_size, sizeof(float)),
            .partial = mem_alloc_large(execution->partial_size, sizeof(float)),
            .head = mem_alloc(2 * execution->head_size, sizeof(float)),
            .seconds = mem_alloc((size_t)execution->plan->step_count, sizeof(double))};
}

size_t execution_bytes(const struct execution *execution)
{
    const struct plan *plan = execution->plan;
    size_t values =
        execution->batch_images * plan->batch_size + execution->threads * plan->thread_size;
    size_t floats = execution->threads * (execution->partial_size + execution->scratch_size) +
                    3 * execution->parameters.order.size;
    size_t copies = 0;
    for (int i = 0; i < plan->conv_count; i++)
        copies += execution->convolutions[i]->copy_bytes;
    return execution->kernels->value_size * values + sizeof(float) * floats + copies;
}

/* What is planned must fit the machine: the system itself says so only when it is too late. */
static bool fits(const struct execution *execution, struct err *err)
{
    double bytes = (double)execution_bytes(execution);
    double machine = mem_of_machine();
    return bytes < machine ||
           err_set(
               err, ERR_INPUT,
               "device cpu: the network needs %.1f GB for a batch of %zu, found %.1f GB in this "
               "machine",
               bytes * 1e-9, execution->batch_images, machine * 1e-9);
}

/* More threads than processors would only wait for each other. */
static size_t team_of(size_t threads)
{
    size_t processors = (size_t)omp_get_num_procs();
    return threads < processors ? threads : processors;
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
                                    .team = team_of(threads),
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
    if (!fits(execution, err))
        return false;
    open_workers(execution);
    execution->memory = mem_alloc_large(batch_images * plan->batch_size, kernels->value_size);
    execution->images = mem_alloc(threads, sizeof(size_t));
    execution->losses = mem_alloc(batch_images, sizeof(double));
    execution->correct = mem_alloc(batch_images, sizeof(bool));
    return onednn_ok(&execution->onednn, err);
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
        free(execution->workers[i].head);
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

void *execution_data(const struct execution *execution, const struct slice *slice, size_t image)
{
    const struct plan_buffer *buffer = &execution->plan->buffers[slice->buffer];
    assert(buffer->batch);
    size_t at =
        buffer->place * execution->batch_images + image * buffer->image_size + slice->offset;
    return (unsigned char *)execution->memory + at * execution->kernels->value_size;
}

/* ---- images ---- */

static bool is_left_out(const struct passage *passage, const struct plan_step *step)
{
    return !passage->step && (step->auxiliary || step->kind == PLAN_MOMENTS);
}

static void run_image(const struct passage *passage, int first, int end)
{
    const struct plan_step *steps = passage->execution->plan->steps;
    bool timed = passage->execution->timed;
    double before_s = timed ? now_s() : 0;
    for (int i = first; i < end; i++) {
        if (is_left_out(passage, &steps[i]))
            continue;
        steps_run(passage, &steps[i]);
        double after_s = timed ? now_s() : 0;
        passage->worker->seconds[i] += after_s - before_s;
        before_s = after_s;
    }
}

/* ---- phases ---- */

/* The sum of what the threads have, in their order. */
static void reduce_conv(const struct execution *execution, int index)
{
    struct convolution *convolution = execution->convolutions[index];
    size_t at = execution->partial_at[index], threads = execution->threads;
    float *gradient = execution->parameters.gradient + execution->parameters.conv[index];
    float *sums = convolution->type->finish ? execution->workers[0].partial + at : gradient;
#pragma omp parallel for simd schedule(static)
    for (size_t i = 0; i < convolution->partial_size; i++) {
        float sum = execution->workers[0].partial[at + i];
        for (size_t thread = 1; thread < threads && execution->images[thread]; thread++)
            sum += execution->workers[thread].partial[at + i];
        sums[i] = sum;
    }
    if (convolution->type->finish)
        convolution->type->finish(convolution, sums, gradient);
    parameters_mask_gradient(&execution->parameters, index);
}

static void finish_linear(const struct execution *execution, const struct plan_step *step,
                          size_t count)
{
    const struct net *net = execution->plan->net;
    const struct net_op *op = &net->ops[step->op];
    size_t classes = (size_t)net->tensors[op->output].C;
    size_t lanes = plan_channels(execution->plan, op->input);
    float *weight = execution->parameters.gradient + execution->parameters.order.linear[step->op];
    memset(weight, 0, classes * (lanes + 1) * sizeof(*weight));
    float *from = execution->workers[0].head, *to_gradient = from + execution->head_size;
    for (size_t image = 0; image < count; image++) {
        execution->kernels->to_floats(
            from, execution_data(execution, &step->operands[1].slice, image), lanes);
        execution->kernels->to_floats(
            to_gradient, execution_data(execution, &step->operands[0].slice, image), classes);
        head_linear_weights(classes, lanes, from, to_gradient, weight);
    }
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

/* What is one thread's, whichever of them, or of fewer, does it: so the sums are the same. */
static void run_share(struct execution *execution, const struct batch *batch,
                      const struct step *step, size_t thread, int first, int end)
{
    struct passage passage = {.execution = execution,
                              .batch = batch,
                              .step = step,
                              .worker = &execution->workers[thread],
                              .thread = thread};
    for (size_t i = 0; i < thread; i++)
        passage.image += execution->images[i];
    for (; passage.seen < execution->images[thread]; passage.seen++, passage.image++)
        run_image(&passage, first, end);
}

static void run_phase(struct execution *execution, const struct batch *batch,
                      const struct step *step, int first, int end)
{
#pragma omp parallel for num_threads((int)execution->team) schedule(static)
    for (size_t thread = 0; thread < execution->threads; thread++)
        run_share(execution, batch, step, thread, first, end);
}

static void prepare(struct execution *execution, const struct step *step, size_t count)
{
    memset(execution->losses, 0, execution->batch_images * sizeof(double));
    share_out(execution, count);
    if (!step)
        norms_use_running(&execution->norms);
#pragma omp parallel for schedule(dynamic)
    for (int i = execution->plan->conv_count - 1; i >= 0; i--) { /* the last are the largest */
        struct convolution *convolution = execution->convolutions[i];
        const float *weights = execution->parameters.values + execution->parameters.conv[i];
        if (convolution->type->prepare)
            convolution->type->prepare(convolution, (size_t)omp_get_thread_num(), weights,
                                       step != NULL);
    }
}

bool execution_run(struct execution *execution, const struct batch *batch, const struct step *step,
                   struct err *err)
{
    const struct plan *plan = execution->plan;
    int end = step ? plan->step_count : plan->forward_end;
    double start = execution->timed ? now_s() : 0;
    prepare(execution, step, batch->count);
    execution->weights_s += execution->timed ? now_s() - start : 0;
    execution->timed_images += execution->timed ? (double)batch->count : 0;
    for (int phase = 0, first = 0; first < end; phase++) {
        int last = plan->phase_end[phase] < end ? plan->phase_end[phase] : end;
        run_phase(execution, batch, step, first, last);
        if (step)
            finish_phase(execution, batch, first, last);
        first = last;
    }
    return onednn_ok(&execution->onednn, err);
}
