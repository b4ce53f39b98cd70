#include "train/net.h"

#include "base/mem.h"
#include "base/rng.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int add_tensor(struct net *net, struct shape shape)
{
    assert(shape.C > 0 && shape.H > 0 && shape.W > 0);
    MEM_GROW(net->tensors, net->tensor_count, net->tensor_room);
    net->tensors[net->tensor_count] = shape;
    return (int)net->tensor_count++;
}

struct net *net_new(struct shape image, int classes)
{
    struct net *net = mem_alloc(1, sizeof(*net));
    net->classes = classes;
    net->logits = net->auxiliary_logits = -1;
    add_tensor(net, image);
    return net;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    for (size_t i = 0; i < net->param_count; i++)
        free(net->params[i].name);
    free(net->tensors);
    free(net->ops);
    free(net->terms);
    free(net->norms);
    free(net->params);
    free(net);
}

struct net_name net_name(const char *format, ...)
{
    struct net_name name;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(name.text, sizeof(name.text), format, arguments);
    va_end(arguments);
    assert(length > 0 && (size_t)length < sizeof(name.text));
    (void)length;
    return name;
}

/* shape's unused places are 0 or left out. */
static int add_param(struct net *net, const char *module, const char *part, enum net_init init,
                     int fan_in, const int shape[4])
{
    MEM_GROW(net->params, net->param_count, net->param_room);
    struct net_param *param = &net->params[net->param_count];
    *param = (struct net_param){.name = mem_printf("%s.%s", module, part),
                                .offset = net->param_size,
                                .count = 1,
                                .init = init,
                                .fan_in = fan_in};
    for (int i = 0; i < 4; i++) {
        param->shape[i] = shape[i] ? shape[i] : 1;
        param->count *= (size_t)param->shape[i];
    }
    net->param_size += param->count;
    return (int)net->param_count++;
}

/* Of an operator that makes a tensor of the given shape. */
static struct net_op *add_op(struct net *net, enum net_kind kind, int input, bool relu,
                             struct shape shape)
{
    MEM_GROW(net->ops, net->op_count, net->op_room);
    struct net_op *op = &net->ops[net->op_count++];
    *op = (struct net_op){.kind = kind, .input = input, .relu = relu, .weight = -1, .bias = -1};
    op->output = add_tensor(net, shape);
    return op;
}

static int out_size(int size, int kernel, int stride, int padding, int dilation)
{
    return (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

int net_add_conv(struct net *net, int input, struct net_conv conv, const char *name)
{
    struct shape from = net->tensors[input];
    int k = conv.kernel, stride = conv.stride ? conv.stride : 1;
    int dilation = conv.dilation ? conv.dilation : 1, groups = conv.groups ? conv.groups : 1;
    assert(from.C % groups == 0 && conv.channels % groups == 0);
    struct net_op *op =
        add_op(net, NET_CONV, input, conv.relu,
               (struct shape){conv.channels, out_size(from.H, k, stride, conv.padding, dilation),
                              out_size(from.W, k, stride, conv.padding, dilation)});
    op->kernel = k;
    op->stride = stride;
    op->padding = conv.padding;
    op->dilation = dilation;
    op->groups = groups;
    int in = from.C / groups;
    op->weight =
        add_param(net, name, "weight", NET_UNIFORM, in * k * k, (int[]){conv.channels, in, k, k});
    return op->output;
}

int net_add_pool(struct net *net, enum net_kind kind, int input, bool relu, int kernel, int stride,
                 int padding)
{
    struct shape from = net->tensors[input];
    assert(kind == NET_MAX_POOL || kind == NET_AVG_POOL);
    struct net_op *op = add_op(net, kind, input, relu,
                               (struct shape){from.C, out_size(from.H, kernel, stride, padding, 1),
                                              out_size(from.W, kernel, stride, padding, 1)});
    op->kernel = kernel;
    op->stride = stride;
    op->padding = padding;
    return op->output;
}

int net_add_subsample(struct net *net, int input, bool relu, int offset)
{
    struct shape from = net->tensors[input];
    assert(from.H % 2 == 0 && from.W % 2 == 0 && (offset == 0 || offset == 1));
    struct net_op *op =
        add_op(net, NET_SUBSAMPLE, input, relu, (struct shape){from.C, from.H / 2, from.W / 2});
    op->offset = offset;
    return op->output;
}

static void add_term(struct net *net, struct net_op *op, struct net_term term)
{
    MEM_GROW(net->terms, net->term_count, net->term_room);
    if (op->term_count++ == 0)
        op->first_term = (int)net->term_count;
    net->terms[net->term_count++] = term;
}

int net_add_sum(struct net *net, struct shape shape, const struct net_term *terms, int count)
{
    struct net_op *op = add_op(net, NET_SUM, -1, false, shape);
    for (int i = 0; i < count; i++) {
        struct shape from = net->tensors[terms[i].tensor];
        assert(from.C == shape.C && from.H == shape.H && from.W == shape.W);
        (void)from;
        add_term(net, op, terms[i]);
    }
    return op->output;
}

int net_add_alone(struct net *net, struct net_term term)
{
    return net_add_sum(net, net->tensors[term.tensor], &term, 1);
}

int net_add_concat(struct net *net, const int *tensors, int count)
{
    struct shape shape = net->tensors[tensors[0]];
    for (int i = 1; i < count; i++) {
        struct shape from = net->tensors[tensors[i]];
        assert(from.H == shape.H && from.W == shape.W);
        shape.C += from.C;
    }
    struct net_op *op = add_op(net, NET_CONCAT, -1, false, shape);
    for (int i = 0; i < count; i++)
        add_term(net, op, net_plain(tensors[i]));
    return op->output;
}

int net_add_mean(struct net *net, int input, bool relu)
{
    return add_op(net, NET_MEAN, input, relu, (struct shape){net->tensors[input].C, 1, 1})->output;
}

int net_add_linear(struct net *net, int input, int outputs, const char *name)
{
    struct shape from = net->tensors[input];
    assert(from.H == 1 && from.W == 1);
    struct net_op *op = add_op(net, NET_LINEAR, input, false, (struct shape){outputs, 1, 1});
    op->weight = add_param(net, name, "weight", NET_UNIFORM, from.C, (int[4]){outputs, from.C});
    op->bias = add_param(net, name, "bias", NET_UNIFORM, from.C, (int[4]){outputs});
    return op->output;
}

struct net_term net_plain(int tensor)
{
    return (struct net_term){.tensor = tensor, .norm = -1, .drop = -1};
}

struct net_term net_normed(struct net *net, int tensor, bool affine, const char *name)
{
    struct net_term term = net_plain(tensor);
    int channels = net->tensors[tensor].C;
    MEM_GROW(net->norms, net->norm_count, net->norm_room);
    struct net_norm *norm = &net->norms[net->norm_count];
    *norm = (struct net_norm){
        .tensor = tensor, .channels = channels, .gamma = -1, .beta = -1, .stat = net->stat_size};
    if (affine) {
        norm->gamma = add_param(net, name, "weight", NET_ONES, 0, (int[4]){channels});
        norm->beta = add_param(net, name, "bias", NET_ZEROS, 0, (int[4]){channels});
    }
    net->stat_size += 2 * (size_t)channels;
    term.norm = (int)net->norm_count++;
    return term;
}

struct net_term net_dropped(struct net *net, struct net_term term)
{
    term.drop = (int)net->drop_count++;
    return term;
}

/* Which operators' outputs some path leads from to the tensor: leads (op_count), all false. */
static void trace(const struct net *net, int tensor, bool *leads)
{
    bool *needed = mem_alloc(net->tensor_count, sizeof(*needed));
    needed[tensor] = true;
    for (size_t i = net->op_count; i-- > 0;) {
        const struct net_op *op = &net->ops[i];
        leads[i] = needed[op->output];
        if (leads[i] && op->input >= 0)
            needed[op->input] = true;
        for (int t = 0; leads[i] && t < op->term_count; t++)
            needed[net->terms[op->first_term + t].tensor] = true;
    }
    free(needed);
}

void net_finish(struct net *net, int logits, int auxiliary)
{
    bool *leads = mem_alloc(2 * net->op_count, sizeof(*leads)), *aside = leads + net->op_count;
    net->logits = logits;
    net->auxiliary_logits = auxiliary;
    trace(net, logits, leads);
    if (auxiliary >= 0)
        trace(net, auxiliary, aside);
    for (size_t i = 0; i < net->op_count; i++) {
        struct net_op *op = &net->ops[i];
        op->live = leads[i] || aside[i];
        op->auxiliary = aside[i] && !leads[i];
        for (int t = 0; t < op->term_count; t++) {
            int norm = net->terms[op->first_term + t].norm;
            if (norm >= 0)
                net->norms[norm].live = op->live;
        }
    }
    free(leads);
}

static size_t param_size(const struct net *net, int param)
{
    return param < 0 ? 0 : net->params[param].count;
}

static size_t op_params(const struct net *net, const struct net_op *op)
{
    size_t size = param_size(net, op->weight) + param_size(net, op->bias);
    for (int t = 0; t < op->term_count; t++) {
        int norm = net->terms[op->first_term + t].norm;
        if (norm >= 0)
            size +=
                param_size(net, net->norms[norm].gamma) + param_size(net, net->norms[norm].beta);
    }
    return size;
}

static double op_multiply_adds(const struct net *net, const struct net_op *op)
{
    struct shape to = net->tensors[op->output];
    return (double)(param_size(net, op->weight) + param_size(net, op->bias)) * to.H * to.W;
}

size_t net_param_total(const struct net *net, bool with_auxiliary)
{
    size_t total = 0;
    for (size_t i = 0; i < net->op_count; i++)
        if (with_auxiliary || !net->ops[i].auxiliary)
            total += op_params(net, &net->ops[i]);
    return total;
}

double net_multiply_adds(const struct net *net)
{
    double total = 0;
    for (size_t i = 0; i < net->op_count; i++)
        if (!net->ops[i].auxiliary)
            total += op_multiply_adds(net, &net->ops[i]);
    return total;
}

struct net_state net_state_new(const struct net *net)
{
    struct net_state state = {.params = mem_alloc(net->param_size, sizeof(float)),
                              .momentum = mem_alloc(net->param_size, sizeof(float)),
                              .stats = mem_alloc(net->stat_size, sizeof(float))};
    for (size_t i = 0; i < net->norm_count; i++)
        for (int c = 0; c < net->norms[i].channels; c++)
            state.stats[net->norms[i].stat + (size_t)(net->norms[i].channels + c)] = 1;
    return state;
}

void net_state_free(struct net_state *state)
{
    if (!state)
        return;
    free(state->params);
    free(state->momentum);
    free(state->stats);
    *state = (struct net_state){0};
}

void net_initialise(const struct net *net, struct net_state *state, const struct rng *rng)
{
    for (size_t i = 0; i < net->param_count; i++) {
        const struct net_param *param = &net->params[i];
        struct rng stream = rng_fork(rng, param->name, 0);
        double bound = param->init == NET_UNIFORM ? 1 / sqrt(param->fan_in) : 0;
        for (size_t j = 0; j < param->count; j++)
            state->params[param->offset + j] = param->init == NET_UNIFORM
                                                   ? (float)((2 * rng_unit(&stream) - 1) * bound)
                                                   : (param->init == NET_ONES ? 1.0F : 0.0F);
    }
}

static void describe_sum(const struct net *net, const struct net_op *op, struct str *out)
{
    int normed = 0;
    for (int t = 0; t < op->term_count; t++)
        normed += net->terms[op->first_term + t].norm >= 0;
    if (op->term_count == 0)
        str_add(out, "zeros");
    else if (op->term_count == 1)
        str_add(out, normed ? "batch norm" : "copy");
    else
        str_addf(out, "sum of %d, %d through batch norm", op->term_count, normed);
}

static void describe_conv(const struct net_op *op, struct str *out)
{
    str_addf(out, "conv %dx%d", op->kernel, op->kernel);
    if (op->dilation > 1)
        str_addf(out, ", dilation %d", op->dilation);
    if (op->groups > 1)
        str_addf(out, ", %d groups", op->groups);
}

static void describe_kind(const struct net *net, const struct net_op *op, struct str *out)
{
    str_add(out, op->relu ? "ReLU, " : "");
    switch (op->kind) {
    case NET_CONV:
        describe_conv(op, out);
        break;
    case NET_MAX_POOL:
        str_addf(out, "max pool %dx%d", op->kernel, op->kernel);
        break;
    case NET_AVG_POOL:
        str_addf(out, "average pool %dx%d", op->kernel, op->kernel);
        break;
    case NET_SUBSAMPLE:
        str_addf(out, "every 2nd pixel from %d", op->offset);
        break;
    case NET_SUM:
        describe_sum(net, op, out);
        break;
    case NET_CONCAT:
        str_addf(out, "concatenation of %d", op->term_count);
        break;
    case NET_MEAN:
        str_add(out, "global average pool");
        break;
    case NET_LINEAR:
        str_add(out, "linear");
        break;
    }
    if (op->stride > 1)
        str_addf(out, ", stride %d", op->stride);
    str_add(out, !op->live ? " (dead)" : op->auxiliary ? " (auxiliary)" : "");
}

/* One line of net_describe(). */
static void add_line(struct str *out, const char *what, const char *shape, size_t params,
                     double multiply_adds, const char *name)
{
    str_addf(out, "%-42s %15s %10zu %13.0f%s%s\n", what, shape, params, multiply_adds,
             name[0] ? "  " : "", name);
}

static void describe_op(const struct net *net, const struct net_op *op, struct str *out)
{
    struct shape to = net->tensors[op->output];
    struct str kind = {0}, shape = {0};
    describe_kind(net, op, &kind);
    str_addf(&shape, "%d x %d x %d", to.C, to.H, to.W);
    add_line(out, kind.text, shape.text, op_params(net, op), op_multiply_adds(net, op),
             op->weight < 0 ? "" : net->params[op->weight].name);
    str_free(&kind);
    str_free(&shape);
}

void net_describe(const struct net *net, struct str *out)
{
    str_addf(out, "%-42s %15s %10s %13s\n", "operator", "output", "parameters", "multiply-adds");
    for (size_t i = 0; i < net->op_count; i++)
        describe_op(net, &net->ops[i], out);
    add_line(out, "in all", "", net_param_total(net, false), net_multiply_adds(net),
             net->auxiliary_logits < 0 ? "" : "without the auxiliary head");
}
