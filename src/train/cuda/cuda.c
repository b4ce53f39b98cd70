/* Backend "cuda": NVIDIA GPUs. Convolutions by cuDNN, all else by kernels.cu, in the order of a
 * plan (plan.h) that holds every tensor for the whole batch, as one CUDA graph a step (engine.h).
 */
#include "config.h"

#include "base/mem.h"
#include "train/cuda/engine.h"
#include "train/module.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct module seki_module __attribute__((visibility("default")));

struct cuda {
    struct backend base;
    struct plan *plan;
    struct engine engine;
    char *description;
    size_t last_count; /* images of the last batch begun */
};

static struct cuda *cuda_of(struct backend *backend)
{
    return (struct cuda *)backend;
}

static void cuda_close(struct backend *backend)
{
    struct cuda *cuda = cuda_of(backend);
    if (!cuda)
        return;
    engine_close(&cuda->engine);
    plan_free(cuda->plan);
    free(cuda->description);
    free(cuda);
}

/* What results rest on: not which of several equal GPUs it was. */
static char *describe(const struct engine *engine, const struct backend_setting *setting)
{
    int runtime = 0;
    size_t version = cudnnGetVersion();
    cudaRuntimeGetVersion(&runtime);
    return mem_printf("%s, CUDA %d.%d, cuDNN %zu.%zu.%zu, %s%s", engine->device.name,
                      runtime / 1000, runtime % 1000 / 10, version / 10000, version % 10000 / 100,
                      version % 100, precision_name(setting->precision),
                      setting->deterministic ? ", deterministic" : "");
}

static struct backend *cuda_open(const struct net *net, const struct backend_setting *setting,
                                 struct err *err)
{
    struct cuda *cuda = mem_alloc(1, sizeof(*cuda));
    cuda->base = (struct backend){seki_module.backend, net};
    cuda->plan = plan_new(net, KERNEL_LANES, false);
    if (!engine_open(&cuda->engine, cuda->plan, setting, err)) {
        cuda_close(&cuda->base);
        return NULL;
    }
    cuda->description = describe(&cuda->engine, setting);
    return &cuda->base;
}

static const char *cuda_describe(const struct backend *backend)
{
    return ((const struct cuda *)backend)->description;
}

static bool cuda_attach(struct backend *backend, const struct images *images, struct err *err)
{
    struct engine *engine = &cuda_of(backend)->engine;
    return device_enter(&engine->device, err) && engine_attach(engine, images, err);
}

static bool cuda_state_set(struct backend *backend, const struct net_state *state, struct err *err)
{
    struct engine *engine = &cuda_of(backend)->engine;
    const struct parameters *parameters = &engine->parameters;
    struct device *device = &engine->device;
    return device_enter(device, err) &&
           parameters_import(parameters, device, state->params, parameters->values, err) &&
           parameters_import(parameters, device, state->momentum, parameters->momentum, err) &&
           parameters_round(parameters, device, err) &&
           norms_import(&engine->norms, device, state->stats, err);
}

static bool cuda_state_get(struct backend *backend, struct net_state *state, struct err *err)
{
    struct engine *engine = &cuda_of(backend)->engine;
    const struct parameters *parameters = &engine->parameters;
    struct device *device = &engine->device;
    return device_enter(device, err) &&
           parameters_export(parameters, device, parameters->values, state->params, err) &&
           parameters_export(parameters, device, parameters->momentum, state->momentum, err) &&
           norms_export(&engine->norms, device, state->stats, err);
}

static bool cuda_train(struct backend *backend, const struct batch *batch, const struct step *step,
                       struct err *err)
{
    cuda_of(backend)->last_count = batch->count;
    return engine_begin(&cuda_of(backend)->engine, batch, step, err);
}

static bool cuda_evaluate(struct backend *backend, const struct batch *batch, struct err *err)
{
    return cuda_train(backend, batch, NULL, err);
}

static bool cuda_outcome(struct backend *backend, struct outcome *outcome, struct err *err)
{
    return engine_end(&cuda_of(backend)->engine, outcome, err);
}

static float value_at(const struct engine *engine, const void *values, size_t index)
{
    if (engine->type == VALUE_FLOAT)
        return ((const float *)values)[index];
    uint32_t bits = (uint32_t)((const uint16_t *)values)[index] << 16;
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static void cuda_logits(struct backend *backend, float *logits)
{
    struct cuda *cuda = cuda_of(backend);
    struct engine *engine = &cuda->engine;
    const struct tensor from = engine_tensor(engine, &cuda->plan->logits);
    size_t classes = (size_t)backend->net->classes, stride = (size_t)from.stride;
    size_t size = engine->type == VALUE_FLOAT ? sizeof(float) : sizeof(uint16_t);
    void *host = mem_alloc(cuda->last_count * stride, size);
    struct err unused = {0};
    bool ok =
        device_enter(&engine->device, &unused) &&
        device_get(&engine->device, host, from.data, cuda->last_count * stride * size, &unused);
    for (size_t i = 0; i < cuda->last_count; i++)
        for (size_t k = 0; k < classes; k++)
            logits[i * classes + k] = ok ? value_at(engine, host, i * stride + k) : NAN;
    free(host);
}

static void cuda_gradient(struct backend *backend, float *gradient)
{
    struct engine *engine = &cuda_of(backend)->engine;
    struct err unused = {0};
    memset(gradient, 0, backend->net->param_size * sizeof(*gradient));
    if (!device_enter(&engine->device, &unused) ||
        !parameters_export(&engine->parameters, &engine->device, engine->parameters.gradient,
                           gradient, &unused))
        for (size_t i = 0; i < backend->net->param_size; i++)
            gradient[i] = NAN;
}

static size_t cuda_memory_bytes(const struct backend *backend)
{
    return ((const struct cuda *)backend)->engine.device.bytes;
}

static const struct backend_type cuda_type = {
    .name = "cuda",
    .summary = "NVIDIA GPUs, by cuDNN and kernels of our own",
    .device_count = device_count,
    .survey = device_survey,
    .open = cuda_open,
    .describe = cuda_describe,
    .attach = cuda_attach,
    .state_set = cuda_state_set,
    .state_get = cuda_state_get,
    .passes = ENGINE_RUNS,
    .train = cuda_train,
    .evaluate = cuda_evaluate,
    .outcome = cuda_outcome,
    .logits = cuda_logits,
    .gradient = cuda_gradient,
    .memory_bytes = cuda_memory_bytes,
    .close = cuda_close,
};

const struct module seki_module = {PACKAGE_VERSION, MODULE_SIZES, &cuda_type};
