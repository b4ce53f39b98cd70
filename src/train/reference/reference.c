#include "train/reference/reference.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct backend_type backend_reference;

static const struct {
    reference_function *forward, *backward;
} operators[] = {
    [NET_CONV] = {reference_conv, reference_conv_back},
    [NET_MAX_POOL] = {reference_max_pool, reference_max_pool_back},
    [NET_AVG_POOL] = {reference_average_pool, reference_average_pool_back},
    [NET_SUBSAMPLE] = {reference_subsample, reference_subsample_back},
    [NET_SUM] = {reference_sum, reference_sum_back},
    [NET_CONCAT] = {reference_concat, reference_concat_back},
    [NET_MEAN] = {reference_mean, reference_mean_back},
    [NET_LINEAR] = {reference_linear, reference_linear_back},
};

static struct reference *reference_of(struct backend *backend)
{
    return (struct reference *)backend;
}

size_t reference_size(const struct reference *reference, int tensor)
{
    return reference->N * shape_size(reference->base.net->tensors[tensor]);
}

static size_t largest_size(const struct net *net)
{
    size_t largest = 0;
    for (size_t i = 0; i < net->tensor_count; i++)
        if (shape_size(net->tensors[i]) > largest)
            largest = shape_size(net->tensors[i]);
    return largest;
}

static double *make(size_t count)
{
    return mem_alloc(count, sizeof(double));
}

static void open_tensors(struct reference *reference, const struct net *net)
{
    reference->values = mem_alloc(net->tensor_count, sizeof(*reference->values));
    reference->gradients = mem_alloc(net->tensor_count, sizeof(*reference->gradients));
    for (size_t i = 0; i < net->tensor_count; i++) {
        reference->values[i] = make(reference->room * shape_size(net->tensors[i]));
        reference->gradients[i] = make(reference->room * shape_size(net->tensors[i]));
    }
    reference->input = make(reference->room * largest_size(net));
    reference->input_gradient = make(reference->room * largest_size(net));
}

static size_t reference_memory_bytes(const struct backend *backend)
{
    const struct net *net = backend->net;
    size_t room = ((const struct reference *)backend)->room, images = 2 * largest_size(net);
    for (size_t i = 0; i < net->tensor_count; i++)
        images += 2 * shape_size(net->tensors[i]);
    return (room * images + 3 * net->param_size + 2 * net->stat_size) * sizeof(double);
}

/* The system itself says so only when it is too late. */
static bool fits(const struct reference *reference, struct err *err)
{
    double bytes = (double)reference_memory_bytes(&reference->base), machine = mem_of_machine();
    return bytes < machine || err_set(err, ERR_INPUT,
                                      "device reference: the network needs %.1f GB for a batch of "
                                      "%zu, found %.1f GB in this machine",
                                      bytes * 1e-9, reference->room, machine * 1e-9);
}

static struct backend *reference_open(const struct net *net, const struct backend_setting *setting,
                                      struct err *err)
{
    if (setting->precision != PRECISION_FP32) {
        err_set(err, ERR_INPUT, "device reference computes in double, and rounds to no precision");
        return NULL;
    }
    struct reference *reference = mem_alloc(1, sizeof(*reference));
    reference->base = (struct backend){.type = &backend_reference, .net = net};
    reference->room = (size_t)setting->batch;
    if (!fits(reference, err)) {
        free(reference);
        return NULL;
    }
    reference->params = make(net->param_size);
    reference->momentum = make(net->param_size);
    reference->gradient = make(net->param_size);
    reference->stats = make(net->stat_size);
    reference->norm_mean = make(net->stat_size / 2);
    reference->norm_scale = make(net->stat_size / 2);
    open_tensors(reference, net);
    return &reference->base;
}

static void reference_close(struct backend *backend)
{
    if (!backend)
        return;
    struct reference *reference = reference_of(backend);
    for (size_t i = 0; i < backend->net->tensor_count; i++) {
        free(reference->values[i]);
        free(reference->gradients[i]);
    }
    double *const rest[] = {reference->params, reference->momentum,      reference->gradient,
                            reference->stats,  reference->norm_mean,     reference->norm_scale,
                            reference->input,  reference->input_gradient};
    for (size_t i = 0; i < sizeof(rest) / sizeof(*rest); i++)
        free(rest[i]);
    free(reference->values);
    free(reference->gradients);
    free(reference);
}

static const char *reference_describe(const struct backend *backend)
{
    (void)backend;
    return "plain loops in double on one thread, for tests";
}

static void widen(double *to, const float *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (double)from[i];
}

static void narrow(float *to, const double *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

static bool reference_state_set(struct backend *backend, const struct net_state *state,
                                struct err *err)
{
    struct reference *reference = reference_of(backend);
    widen(reference->params, state->params, backend->net->param_size);
    widen(reference->momentum, state->momentum, backend->net->param_size);
    widen(reference->stats, state->stats, backend->net->stat_size);
    (void)err;
    return true;
}

static bool reference_state_get(struct backend *backend, struct net_state *state, struct err *err)
{
    struct reference *reference = reference_of(backend);
    narrow(state->params, reference->params, backend->net->param_size);
    narrow(state->momentum, reference->momentum, backend->net->param_size);
    narrow(state->stats, reference->stats, backend->net->stat_size);
    (void)err;
    return true;
}

static void reference_logits(struct backend *backend, float *logits)
{
    struct reference *reference = reference_of(backend);
    narrow(logits, reference->values[backend->net->logits],
           reference_size(reference, backend->net->logits));
}

static void reference_gradient(struct backend *backend, float *gradient)
{
    narrow(gradient, reference_of(backend)->gradient, backend->net->param_size);
}

/* Puts the operator's input, as it reads it, into reference->input. */
static void read_input(struct reference *reference, const struct net_op *op)
{
    if (op->input < 0)
        return;
    const double *x = reference->values[op->input];
    size_t size = reference_size(reference, op->input);
    for (size_t i = 0; i < size; i++)
        reference->input[i] = op->relu && x[i] < 0 ? 0 : x[i]; /* NaN stays NaN */
}

static void forward(struct reference *reference, const struct batch *batch)
{
    const struct net *net = reference->base.net;
    assert(batch->count <= reference->room && batch->pixels);
    reference->N = batch->count;
    widen(reference->values[0], batch->pixels, reference_size(reference, 0));
    for (size_t i = 0; i < net->op_count; i++) {
        const struct net_op *op = &net->ops[i];
        if (!op->live || (op->auxiliary && !reference->training))
            continue;
        read_input(reference, op);
        operators[op->kind].forward(reference, op);
    }
}

/* Through ReLU to the input's tensor. */
static void pass_input_gradient(struct reference *reference, const struct net_op *op)
{
    const double *x = reference->values[op->input];
    size_t size = reference_size(reference, op->input);
    for (size_t i = 0; i < size; i++)
        if (!op->relu || x[i] > 0)
            reference->gradients[op->input][i] += reference->input_gradient[i];
}

/* From the gradients of the logits. */
static void backward(struct reference *reference)
{
    const struct net *net = reference->base.net;
    for (size_t i = net->op_count; i-- > 0;) {
        const struct net_op *op = &net->ops[i];
        if (!op->live)
            continue;
        read_input(reference, op);
        if (op->input >= 0)
            memset(reference->input_gradient, 0,
                   reference_size(reference, op->input) * sizeof(double));
        operators[op->kind].backward(reference, op);
        if (op->input >= 0)
            pass_input_gradient(reference, op);
    }
}

static void clear_gradients(struct reference *reference)
{
    const struct net *net = reference->base.net;
    memset(reference->gradient, 0, net->param_size * sizeof(double));
    for (size_t i = 0; i < net->tensor_count; i++)
        memset(reference->gradients[i], 0, reference_size(reference, (int)i) * sizeof(double));
}

static double norm_of(const double *values, size_t count)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += values[i] * values[i];
    return sqrt(squares);
}

static void update(struct reference *reference, const struct step *step, double norm)
{
    double clip = step->clip_norm > 0 ? step->clip_norm / (norm + 1e-6) : 1;
    for (size_t i = 0; i < reference->base.net->param_size; i++) {
        double g = reference->gradient[i] * (clip < 1 ? clip : 1) +
                   step->weight_decay * reference->params[i];
        double b = step->momentum * reference->momentum[i] + g;
        reference->momentum[i] = b;
        reference->params[i] -= step->learning_rate * (step->nesterov ? g + step->momentum * b : b);
    }
}

static bool reference_train(struct backend *backend, const struct batch *batch,
                            const struct step *step, struct err *err)
{
    (void)err;
    struct reference *reference = reference_of(backend);
    struct outcome *outcome = &reference->outcome;
    const struct net *net = backend->net;
    outcome->images = batch->count;
    reference->training = true;
    reference->drop_scale = step->drop_scale;
    forward(reference, batch);
    clear_gradients(reference);
    outcome->loss = reference_loss(reference, net->logits, batch->labels, step->label_smoothing, 1);
    if (net->auxiliary_logits >= 0)
        outcome->loss +=
            step->auxiliary_weight * reference_loss(reference, net->auxiliary_logits, batch->labels,
                                                    step->label_smoothing, step->auxiliary_weight);
    outcome->correct = reference_correct(reference, batch->labels);
    backward(reference);
    outcome->gradient_norm = norm_of(reference->gradient, net->param_size);
    update(reference, step, outcome->gradient_norm);
    return true;
}

static bool reference_evaluate(struct backend *backend, const struct batch *batch, struct err *err)
{
    (void)err;
    struct reference *reference = reference_of(backend);
    reference->training = false;
    forward(reference, batch);
    reference->outcome = (struct outcome){
        .images = batch->count,
        .loss = reference_loss(reference, backend->net->logits, batch->labels, 0, 0),
        .correct = reference_correct(reference, batch->labels),
    };
    return true;
}

static bool reference_outcome(struct backend *backend, struct outcome *outcome, struct err *err)
{
    (void)err;
    *outcome = reference_of(backend)->outcome;
    return true;
}

const struct backend_type backend_reference = {
    .name = "reference",
    .summary = "plain loops in double, for tests: slow",
    .open = reference_open,
    .describe = reference_describe,
    .state_set = reference_state_set,
    .state_get = reference_state_get,
    .passes = 1,
    .train = reference_train,
    .evaluate = reference_evaluate,
    .outcome = reference_outcome,
    .logits = reference_logits,
    .gradient = reference_gradient,
    .memory_bytes = reference_memory_bytes,
    .close = reference_close,
};
