#include "train/cuda/engine.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- opening ---- */

static size_t value_size(const struct engine *engine)
{
    return engine->type == VALUE_BFLOAT16 ? sizeof(uint16_t) : sizeof(float);
}

struct tensor engine_tensor(const struct engine *engine, const struct slice *slice)
{
    const struct plan_buffer *buffer = &engine->plan->buffers[slice->buffer];
    size_t channel = slice->offset / (size_t)(slice->H * slice->W);
    size_t at = buffer->place * (size_t)engine->batch + channel;
    return (struct tensor){engine->memory + at * value_size(engine), buffer->blocks * KERNEL_LANES};
}

typedef void *memory_function(struct device *device, size_t count, size_t size, struct err *err);

/* All but pixels, which open_pixels() adds where the set is not on the device. */
static bool open_exchange(struct engine *engine, struct exchange *exchange, memory_function *memory,
                          struct err *err)
{
    struct device *device = &engine->device;
    size_t batch = (size_t)engine->batch, drops = engine->plan->net->drop_count * batch;
    return (exchange->views = memory(device, batch, sizeof(*exchange->views), err)) &&
           (exchange->labels = memory(device, batch, sizeof(*exchange->labels), err)) &&
           (exchange->drop_scale = memory(device, drops, sizeof(float), err)) &&
           (exchange->step = memory(device, 1, sizeof(*exchange->step), err)) &&
           (exchange->result = memory(device, 1, sizeof(*exchange->result), err));
}

static bool open_runs(struct engine *engine, struct err *err)
{
    bool ok = open_exchange(engine, &engine->here, device_memory, err);
    for (size_t i = 0; ok && i < ENGINE_RUNS; i++)
        ok = open_exchange(engine, &engine->runs[i].host, device_pinned, err) &&
             device_event(&engine->runs[i].done, err);
    return ok;
}

static bool open_memory(struct engine *engine, struct err *err)
{
    const struct plan *plan = engine->plan;
    struct device *device = &engine->device;
    size_t batch = (size_t)engine->batch, partial = 0, packed[2] = {0};
    for (int i = 0; i < plan->step_count; i++) {
        size_t size = steps_partial_size(plan, &plan->steps[i], engine->batch);
        partial = size > partial ? size : partial;
        convolving_packed_sizes(plan, &plan->steps[i], engine->batch, packed);
    }
    return (engine->memory =
                device_memory(device, batch * plan->batch_size, value_size(engine), err)) &&
           (engine->partial = device_memory(device, partial, sizeof(float), err)) &&
           (engine->packed[0] = device_memory(device, packed[0], value_size(engine), err)) &&
           (engine->packed[1] = device_memory(device, packed[1], value_size(engine), err)) &&
           (engine->losses = device_memory(device, batch, sizeof(float), err)) &&
           (engine->correct = device_memory(device, batch, sizeof(int), err));
}

bool engine_open(struct engine *engine, const struct plan *plan,
                 const struct backend_setting *setting, struct err *err)
{
    *engine =
        (struct engine){.plan = plan,
                        .type = setting->precision == PRECISION_BF16 ? VALUE_BFLOAT16 : VALUE_FLOAT,
                        .batch = setting->batch};
    struct device *device = &engine->device;
    device_lock();
    bool ok = device_open(device, setting->device, err) &&
              parameters_open(&engine->parameters, plan, engine->type, device, err) &&
              norms_open(&engine->norms, &engine->parameters, device, err) &&
              convolutions_open(&engine->convolutions, device, setting->precision,
                                setting->deterministic, err) &&
              open_runs(engine, err) && open_memory(engine, err) &&
              parameters_round(&engine->parameters, device, err) && /* so its kernel is loaded */
              device_wait(device, err);
    device_unlock();
    return ok;
}

void engine_close(struct engine *engine)
{
    struct err unused = {0};
    device_lock();
    bool entered = engine->device.name && device_enter(&engine->device, &unused);
    for (size_t i = 0; i < engine->pass_count; i++) {
        for (size_t j = 0; j < ENGINE_RUNS; j++)
            if (entered && engine->passes[i].graphs[j])
                cudaGraphExecDestroy(engine->passes[i].graphs[j]);
        free(engine->passes[i].choices);
    }
    for (size_t i = 0; i < ENGINE_RUNS; i++)
        if (engine->runs[i].done)
            cudaEventDestroy(engine->runs[i].done);
    free(engine->passes);
    convolutions_close(&engine->convolutions);
    norms_close(&engine->norms);
    parameters_close(&engine->parameters);
    device_close(&engine->device);
    device_unlock();
}

bool engine_attach(struct engine *engine, const struct images *images, struct err *err)
{
    size_t bytes = images->count * images_size(images);
    uint8_t *set = device_memory(&engine->device, bytes, 1, err);
    if (!set || !device_set(&engine->device, set, images->pixels, bytes, err))
        return false;
    for (int c = 0; c < images->C; c++) {
        engine->scale[c] = 1 / (255 * images->deviation[c]);
        engine->shift[c] = -images->mean[c] / images->deviation[c];
    }
    engine->set = set;
    return true;
}

/* ---- one pass ---- */

static struct pass *find_pass(struct engine *engine, struct pass wanted)
{
    size_t convs = (size_t)engine->plan->conv_count;
    for (size_t i = 0; i < engine->pass_count; i++) {
        struct pass *pass = &engine->passes[i];
        if (pass->images == wanted.images && pass->training == wanted.training &&
            pass->dropping == wanted.dropping && pass->with_pixels == wanted.with_pixels)
            return pass;
    }
    MEM_GROW(engine->passes, engine->pass_count, engine->pass_room);
    struct pass *pass = &engine->passes[engine->pass_count++];
    *pass = wanted;
    pass->choices = mem_alloc(convs * DIRECTIONS, sizeof(*pass->choices));
    return pass;
}

static bool is_alike(const struct convolution_call *a, const struct convolution_call *b)
{
    return a->direction == b->direction && a->conv->kernel == b->conv->kernel &&
           a->conv->stride == b->conv->stride && a->conv->padding == b->conv->padding &&
           a->conv->dilation == b->conv->dilation && a->input.channels == b->input.channels &&
           a->output.channels == b->output.channels && a->input.H == b->input.H &&
           a->input.W == b->input.W && a->input.tensor.stride == b->input.tensor.stride &&
           a->output.tensor.stride == b->output.tensor.stride;
}

/* Does what another pass chose for the same convolution serve this one? Of more images only where
 * bits may differ: to search for the last batch of an epoch takes longer than it gains. */
static bool serves(const struct engine *engine, const struct pass *pass, const struct pass *other,
                   size_t at)
{
    bool fewer = pass->images < other->images && !engine->convolutions.deterministic;
    return other->choices[at].made && (pass->images == other->images || fewer);
}

static bool choose(struct engine *engine, struct pass *pass, const struct convolution_call *call,
                   size_t at, struct err *err)
{
    struct convolutions *convolutions = &engine->convolutions;
    struct convolution_choice *choice = &pass->choices[at];
    struct err unused = {0};
    bool ok = false;
    device_lock();
    for (size_t i = 0; !ok && i < engine->pass_count; i++)
        if (serves(engine, pass, &engine->passes[i], at)) {
            *choice = engine->passes[i].choices[at];
            ok = convolutions_run(convolutions, call, choice, &unused);
        }
    ok = ok || convolutions_choose(convolutions, call, choice, err);
    device_unlock();
    return ok;
}

/* Algorithms for all convolutions; what was chosen for one serves all alike. */
static bool prepare(struct engine *engine, struct pass *pass, struct err *err)
{
    const struct plan *plan = engine->plan;
    int end = pass->training ? plan->step_count : plan->forward_end;
    for (int i = 0; i < end; i++) {
        const struct plan_step *step = &plan->steps[i];
        if (!convolving_is(plan, step) || !steps_is_of(pass, step))
            continue;
        const struct convolution_call call = convolving_call(engine, pass, step);
        size_t at = (size_t)(step->index * DIRECTIONS + (int)call.direction);
        struct convolution_choice *choice = &pass->choices[at];
        for (int j = 0; j < i && !choice->made; j++) {
            const struct plan_step *other = &plan->steps[j];
            if (!convolving_is(plan, other) || !steps_is_of(pass, other))
                continue;
            const struct convolution_call done = convolving_call(engine, pass, other);
            if (is_alike(&call, &done))
                *choice = pass->choices[other->index * DIRECTIONS + (int)done.direction];
        }
        if (!choice->made && !choose(engine, pass, &call, at, err))
            return false;
    }
    pass->prepared = true;
    return true;
}

static bool issue_inputs(struct engine *engine, const struct pass *pass,
                         const struct exchange *host, struct err *err)
{
    struct device *device = &engine->device;
    const struct exchange *here = &engine->here;
    const struct net *net = engine->plan->net;
    size_t count = (size_t)pass->images, size = shape_size(net->tensors[0]);
    bool ok = pass->with_pixels ? device_send(device, here->pixels, host->pixels,
                                              count * size * sizeof(*here->pixels), err)
                                : device_send(device, here->views, host->views,
                                              count * sizeof(*here->views), err);
    ok = ok && device_send(device, here->labels, host->labels, count * sizeof(*here->labels), err);
    if (pass->dropping)
        ok = ok && device_send(device, here->drop_scale, host->drop_scale,
                               net->drop_count * count * sizeof(float), err);
    if (pass->training)
        ok = ok && device_send(device, here->step, host->step, sizeof(*here->step), err);
    return ok && device_ok(cudaMemsetAsync(engine->losses, 0, count * sizeof(*engine->losses),
                                           device->stream),
                           "cudaMemset", err);
}

static bool issue_outcome(struct engine *engine, const struct pass *pass,
                          const struct exchange *host, struct err *err)
{
    struct device *device = &engine->device;
    const struct kernel_outcome outcome = {engine->losses, engine->correct, engine->here.result,
                                           pass->images};
    return device_launch(device, KERNEL_OUTCOME, VALUE_FLOAT, &outcome, 1, err) &&
           device_fetch(device, host->result, engine->here.result, sizeof(*host->result), err);
}

static bool issue(struct engine *engine, const struct pass *pass, const struct exchange *host,
                  struct err *err)
{
    const struct plan *plan = engine->plan;
    int end = pass->training ? plan->step_count : plan->forward_end;
    bool ok = issue_inputs(engine, pass, host, err);
    if (!pass->training)
        ok = ok && norms_use_running(&engine->norms, &engine->device, err);
    for (int i = 0; ok && i < end; i++)
        if (steps_is_of(pass, &plan->steps[i]))
            ok = steps_issue(engine, pass, &plan->steps[i], err);
    if (pass->training)
        ok = ok && parameters_update(&engine->parameters, &engine->device, engine->here.step,
                                     engine->here.result, err);
    return ok && issue_outcome(engine, pass, host, err);
}

static bool capture(struct engine *engine, const struct pass *pass, const struct exchange *host,
                    cudaGraphExec_t *exec, struct err *err)
{
    cudaStream_t stream = engine->device.stream;
    cudaGraph_t graph = NULL;
    device_lock();
    bool ok = device_ok(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal),
                        "cudaStreamBeginCapture", err);
    if (ok) {
        ok = issue(engine, pass, host, err);
        ok = device_ok(cudaStreamEndCapture(stream, &graph), "cudaStreamEndCapture", err) && ok;
    }
    device_unlock();
    ok = ok && device_ok(cudaGraphInstantiate(exec, graph, 0), "cudaGraphInstantiate", err);
    if (graph)
        cudaGraphDestroy(graph);
    return ok;
}

static bool start(struct engine *engine, struct pass *pass, size_t number, struct err *err)
{
    const struct exchange *host = &engine->runs[number].host;
    cudaGraphExec_t *exec = &pass->graphs[number];
    if (!pass->prepared && !prepare(engine, pass, err))
        return false;
    if (!pass->warm) {
        device_lock(); /* to load a kernel may be to wait for the whole device */
        pass->warm = issue(engine, pass, host, err) && device_wait(&engine->device, err);
        device_unlock();
        return pass->warm;
    }
    if (!*exec && !capture(engine, pass, host, exec, err))
        return false;
    return device_ok(cudaGraphLaunch(*exec, engine->device.stream), "cudaGraphLaunch", err);
}

/* ---- a batch ---- */

static bool open_pixels(struct engine *engine, struct err *err)
{
    struct device *device = &engine->device;
    size_t count = (size_t)engine->batch * shape_size(engine->plan->net->tensors[0]);
    if (engine->here.pixels)
        return true;
    for (size_t i = 0; i < ENGINE_RUNS; i++)
        if (!(engine->runs[i].host.pixels = device_pinned(device, count, sizeof(float), err)))
            return false;
    return (engine->here.pixels = device_memory(device, count, sizeof(float), err)) &&
           device_wait(device, err);
}

static bool fill(struct engine *engine, struct exchange *host, const struct batch *batch,
                 const struct step *step, struct err *err)
{
    size_t size = shape_size(engine->plan->net->tensors[0]);
    memcpy(host->labels, batch->labels, batch->count * sizeof(*host->labels));
    if (batch->pixels && !open_pixels(engine, err))
        return false;
    if (batch->pixels)
        memcpy(host->pixels, batch->pixels, batch->count * size * sizeof(*host->pixels));
    else
        memcpy(host->views, batch->views, batch->count * sizeof(*host->views));
    if (!step)
        return true;
    if (step->drop_scale)
        memcpy(host->drop_scale, step->drop_scale,
               engine->plan->net->drop_count * batch->count * sizeof(float));
    *host->step = (struct kernel_step){.learning_rate = (float)step->learning_rate,
                                       .momentum = (float)step->momentum,
                                       .weight_decay = (float)step->weight_decay,
                                       .clip_norm = (float)step->clip_norm,
                                       .label_smoothing = (float)step->label_smoothing,
                                       .auxiliary_weight = (float)step->auxiliary_weight,
                                       .nesterov = step->nesterov};
    return true;
}

bool engine_begin(struct engine *engine, const struct batch *batch, const struct step *step,
                  struct err *err)
{
    const struct pass wanted = {.images = (int)batch->count,
                                .training = step != NULL,
                                .dropping = step && step->drop_scale,
                                .with_pixels = batch->pixels != NULL};
    assert(engine->begun - engine->ended < ENGINE_RUNS);
    size_t number = engine->begun++ % ENGINE_RUNS;
    struct run *run = &engine->runs[number];
    run->images = batch->count;
    run->training = step != NULL;
    return device_enter(&engine->device, err) && fill(engine, &run->host, batch, step, err) &&
           start(engine, find_pass(engine, wanted), number, err) &&
           device_ok(cudaEventRecord(run->done, engine->device.stream), "cudaEventRecord", err);
}

bool engine_end(struct engine *engine, struct outcome *outcome, struct err *err)
{
    assert(engine->ended < engine->begun);
    const struct run *run = &engine->runs[engine->ended++ % ENGINE_RUNS];
    if (!device_enter(&engine->device, err) ||
        !device_ok(cudaEventSynchronize(run->done), "the work on the GPU", err))
        return false;
    const struct kernel_result *result = run->host.result;
    *outcome = (struct outcome){.images = run->images,
                                .loss = result->loss,
                                .correct = (size_t)result->correct,
                                .gradient_norm = run->training ? result->gradient_norm : 0};
    return true;
}
