/* Backend "cpu": convolutions by oneDNN, winograd.c or direct.c (convolution.h says which), what
 * lies between them by kernels.c, in the order of plan.h. */
#include "config.h"

#include "base/mem.h"
#include "base/str.h"
#include "train/cpu/cpu.h"
#include "train/module.h"

#include <dnnl.h>
#include <omp.h>
#include <string.h>

extern const struct module seki_module __attribute__((visibility("default")));

static void cpu_close(struct backend *backend)
{
    struct cpu *cpu = cpu_of(backend);
    if (!cpu)
        return;
    execution_close(&cpu->execution);
    plan_free(cpu->plan);
    free(cpu->description);
    free(cpu);
}

static const struct kernels *find_kernels(enum precision precision, struct err *err)
{
    bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                  __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
    if (precision == PRECISION_TF32) {
        err_set(err, ERR_INPUT, "device cpu trains in fp32 or bf16, found tf32");
        return NULL;
    }
    if (precision == PRECISION_BF16) {
        if (avx512 && __builtin_cpu_supports("avx512bf16"))
            return &kernels_avx512_bf16;
        err_set(err, ERR_TOOL, "device cpu: this processor has no AVX-512 BF16, which bf16 takes");
        return NULL;
    }
    if (avx512)
        return &kernels_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &kernels_avx2;
    err_set(err, ERR_TOOL, "device cpu: this processor has no AVX2");
    return NULL;
}

/* "AMD EPYC 7763": from what Linux says of the first processor. */
static char *processor_name(void)
{
    char line[200];
    FILE *file = fopen("/proc/cpuinfo", "r");
    char *name = NULL;
    while (!name && file && fgets(line, sizeof(line), file))
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':'))
            name = mem_strndup(strchr(line, ':') + 2, strcspn(strchr(line, ':') + 2, "\n"));
    if (file)
        fclose(file);
    return name ? name : mem_strdup("an unnamed processor");
}

/* "AMD EPYC 7763, AVX2, oneDNN 2.6.3"; the caller frees. */
static char *equipment(const struct kernels *kernels)
{
    const dnnl_version_t *version = dnnl_version();
    char *processor = processor_name();
    char *text = mem_printf("%s, %s, oneDNN %d.%d.%d", processor, kernels->name, version->major,
                            version->minor, version->patch);
    free(processor);
    return text;
}

static char *describe(const struct kernels *kernels, size_t threads)
{
    char *found = equipment(kernels);
    char *text = mem_printf("%zu thread%s of %s, %s", threads, threads == 1 ? "" : "s", found,
                            precision_name(kernels->precision));
    free(found);
    return text;
}

static bool cpu_survey(struct str *text, struct err *err)
{
    const struct kernels *kernels = find_kernels(PRECISION_FP32, err);
    if (!kernels)
        return false;
    if (find_kernels(PRECISION_BF16, &(struct err){0}))
        kernels = &kernels_avx512_bf16;
    char *found = equipment(kernels);
    str_addf(text, "%s, %d processors", found, omp_get_num_procs());
    free(found);
    return true;
}

static struct backend *cpu_open(const struct net *net, const struct backend_setting *setting,
                                struct err *err)
{
    const struct kernels *kernels = find_kernels(setting->precision, err);
    if (!kernels)
        return NULL;
    struct cpu *cpu = mem_alloc(1, sizeof(*cpu));
    size_t threads = (size_t)setting->threads;
    int before = omp_get_max_threads();
    cpu->base = (struct backend){seki_module.backend, net};
    cpu->plan = plan_new(net, kernels->lanes, true);
    /* oneDNN's primitives are each run by one thread. */
    omp_set_num_threads(1);
    bool ok =
        execution_open(&cpu->execution, cpu->plan, kernels, threads, (size_t)setting->batch, err);
    omp_set_num_threads(before);
    if (ok) {
        cpu->description = describe(kernels, threads);
        return &cpu->base;
    }
    cpu_close(&cpu->base);
    return NULL;
}

static const char *cpu_describe(const struct backend *backend)
{
    return ((const struct cpu *)backend)->description;
}

static bool cpu_state_set(struct backend *backend, const struct net_state *state, struct err *err)
{
    struct execution *execution = &cpu_of(backend)->execution;
    parameters_import(&execution->parameters, state->params, execution->parameters.values);
    parameters_import(&execution->parameters, state->momentum, execution->parameters.momentum);
    norms_import(&execution->norms, state->stats);
    return onednn_ok(&execution->onednn, err);
}

static bool cpu_state_get(struct backend *backend, struct net_state *state, struct err *err)
{
    struct execution *execution = &cpu_of(backend)->execution;
    parameters_export(&execution->parameters, execution->parameters.values, state->params);
    parameters_export(&execution->parameters, execution->parameters.momentum, state->momentum);
    norms_export(&execution->norms, state->stats);
    return onednn_ok(&execution->onednn, err);
}

/* The batch's steps, with as many threads as the backend uses. */
static bool run(struct cpu *cpu, const struct batch *batch, const struct step *step,
                struct err *err)
{
    struct execution *execution = &cpu->execution;
    struct outcome *outcome = &cpu->outcome;
    *outcome = (struct outcome){.images = batch->count};
    if (!execution_run(execution, batch, step, err))
        return false;
    for (size_t i = 0; i < batch->count; i++) {
        outcome->loss += execution->losses[i];
        outcome->correct += execution->correct[i];
    }
    outcome->loss /= (double)batch->count;
    if (step) {
        outcome->gradient_norm = parameters_gradient_norm(&execution->parameters);
        parameters_update(&execution->parameters, step, outcome->gradient_norm);
    }
    return true;
}

static bool with_threads(struct cpu *cpu, const struct batch *batch, const struct step *step,
                         struct err *err)
{
    int before = omp_get_max_threads();
    omp_set_num_threads((int)cpu->execution.team);
    bool ok = run(cpu, batch, step, err);
    omp_set_num_threads(before);
    return ok;
}

static bool cpu_train(struct backend *backend, const struct batch *batch, const struct step *step,
                      struct err *err)
{
    return with_threads(cpu_of(backend), batch, step, err);
}

static bool cpu_evaluate(struct backend *backend, const struct batch *batch, struct err *err)
{
    return with_threads(cpu_of(backend), batch, NULL, err);
}

static bool cpu_outcome(struct backend *backend, struct outcome *outcome, struct err *err)
{
    (void)err;
    *outcome = cpu_of(backend)->outcome;
    return true;
}

static void cpu_logits(struct backend *backend, float *logits)
{
    const struct cpu *cpu = cpu_of(backend);
    size_t classes = (size_t)backend->net->classes;
    const struct execution *execution = &cpu->execution;
    for (size_t i = 0; i < cpu->outcome.images; i++)
        execution->kernels->to_floats(logits + i * classes,
                                      execution_data(execution, &cpu->plan->logits, i), classes);
}

static void cpu_gradient(struct backend *backend, float *gradient)
{
    const struct parameters *parameters = &cpu_of(backend)->execution.parameters;
    memset(gradient, 0, backend->net->param_size * sizeof(*gradient));
    parameters_export(parameters, parameters->gradient, gradient);
}

static size_t cpu_memory_bytes(const struct backend *backend)
{
    return execution_bytes(&((const struct cpu *)backend)->execution);
}

static const struct backend_type cpu_type = {
    .name = "cpu",
    .summary = "x86-64 processors with AVX2 or AVX-512, by oneDNN",
    .survey = cpu_survey,
    .open = cpu_open,
    .describe = cpu_describe,
    .state_set = cpu_state_set,
    .state_get = cpu_state_get,
    .passes = 1,
    .train = cpu_train,
    .evaluate = cpu_evaluate,
    .outcome = cpu_outcome,
    .logits = cpu_logits,
    .gradient = cpu_gradient,
    .memory_bytes = cpu_memory_bytes,
    .close = cpu_close,
};

const struct module seki_module = {PACKAGE_VERSION, MODULE_SIZES, &cpu_type};
