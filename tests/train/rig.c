#include "rig.h"

#include "base/mem.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKENDS_MAX = 8 };

const char *rig_backends[BACKENDS_MAX];
int rig_backend_count;
const char *rig_bf16_backends[BACKENDS_MAX];
int rig_bf16_count;

static struct backend *open_backend(const struct net *net, const char *name,
                                    enum precision precision, bool deterministic, size_t batch,
                                    struct err *err)
{
    const struct backend_setting setting = {
        .batch = (int)batch, .threads = 2, .precision = precision, .deterministic = deterministic};
    const struct backend_type *type = backend_require(name, err);
    return type ? type->open(net, &setting, err) : NULL;
}

/* In a process of its own, since a GPU that was used before a fork is lost to the child, and Check
 * runs each test in one. */
static bool can_open(const struct net *net, const char *name, enum precision precision)
{
    int status = 1;
    pid_t child = fork();
    if (child == 0) {
        struct err err = {0};
        struct backend *backend = open_backend(net, name, precision, true, 1, &err);
        if (backend)
            backend->type->close(backend);
        else
            fprintf(stderr, "NOT TESTED: backend %s%s: %s\n", name,
                    precision == PRECISION_BF16 ? " in bf16" : "", err.text);
        exit(!backend);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

void rig_find_backends(void)
{
    struct net *net = net_new((struct shape){1, 1, 1}, 2);
    net_finish(net, net_add_linear(net, net_add_mean(net, 0, false), 2, "classifier"), -1);
    const char *name;
    for (size_t i = 0; (name = backend_name_at(i)); i++) {
        if (rig_backend_count == BACKENDS_MAX || !can_open(net, name, PRECISION_FP32))
            continue;
        rig_backends[rig_backend_count++] = name;
        if (backend_computes_in(name, PRECISION_BF16) && can_open(net, name, PRECISION_BF16))
            rig_bf16_backends[rig_bf16_count++] = name;
    }
    net_free(net);
}

static void open_in(struct rig *rig, const struct net *net, const char *backend,
                    enum precision precision, bool deterministic, size_t batch)
{
    struct err err = {0};
    *rig = (struct rig){
        .net = net, .backend = open_backend(net, backend, precision, deterministic, batch, &err)};
    ck_assert_msg(rig->backend != NULL, "%s", err.text);
    rig->state = net_state_new(net);
    rig->gradient = mem_alloc(net->param_size, sizeof(*rig->gradient));
    rig->logits = mem_alloc(batch * (size_t)net->classes, sizeof(*rig->logits));
}

void rig_open(struct rig *rig, const struct net *net, const char *backend, size_t batch)
{
    open_in(rig, net, backend, PRECISION_FP32, true, batch);
}

void rig_open_fastest(struct rig *rig, const struct net *net, const char *backend, size_t batch)
{
    open_in(rig, net, backend, PRECISION_FP32, false, batch);
}

void rig_open_bf16(struct rig *rig, const struct net *net, const char *backend, size_t batch)
{
    open_in(rig, net, backend, PRECISION_BF16, true, batch);
}

void rig_close(struct rig *rig)
{
    rig->backend->type->close(rig->backend);
    net_state_free(&rig->state);
    free(rig->gradient);
    free(rig->logits);
}

void rig_set(struct rig *rig, const struct net_state *state)
{
    struct err err = {0};
    ck_assert_msg(rig->backend->type->state_set(rig->backend, state, &err), "%s", err.text);
}

void rig_get(struct rig *rig)
{
    struct err err = {0};
    ck_assert_msg(rig->backend->type->state_get(rig->backend, &rig->state, &err), "%s", err.text);
}

struct outcome rig_train(struct rig *rig, const struct batch *batch, const struct step *step)
{
    struct outcome outcome;
    struct err err = {0};
    const struct backend_type *type = rig->backend->type;
    ck_assert_msg(type->train(rig->backend, batch, step, &err) &&
                      type->outcome(rig->backend, &outcome, &err),
                  "%s", err.text);
    type->gradient(rig->backend, rig->gradient);
    type->logits(rig->backend, rig->logits);
    rig_get(rig);
    return outcome;
}

struct outcome rig_evaluate(struct rig *rig, const struct batch *batch)
{
    struct outcome outcome;
    struct err err = {0};
    const struct backend_type *type = rig->backend->type;
    ck_assert_msg(type->evaluate(rig->backend, batch, &err) &&
                      type->outcome(rig->backend, &outcome, &err),
                  "%s", err.text);
    type->logits(rig->backend, rig->logits);
    return outcome;
}

double rig_norm(const float *values, size_t count)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += (double)values[i] * (double)values[i];
    return sqrt(squares);
}

double rig_signed_sum(const float *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (uint32_t)(i * UINT32_C(2654435761)) >> 31 ? -(double)values[i] : (double)values[i];
    return sum;
}

void rig_check_near(double found, double expected, double tolerance, const char *what, size_t i)
{
    ck_assert_msg(fabs(found - expected) <= tolerance,
                  "%s[%zu]: found %.9g, expected %.9g, tolerance %.2g", what, i, found, expected,
                  tolerance);
}
