/* Every backend against figures that PyTorch computed for the same weights and images:
 *
 *     check_torch [FILE.h5]      # torch-light.h5 where none is given
 *
 * Tolerances are the file's own. It has none for what is chaotic: all-convolution nets at learning
 * rate 0.1, where PyTorch's own float and double part by far more than tol_loss and tol_eval_logits
 * within ten steps. There a backend in float may be as far off as PyTorch's float, times CHAOS. */
#include "../suite.h"
#include "base/mem.h"
#include "figures.h"
#include "rig.h"
#include "train/networks.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double CHAOS = 5;

static struct figures_file file;
static const struct step fast = {
    .learning_rate = 0.1, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true};
static const struct step slow = {
    .learning_rate = 0.01, .momentum = 0.9, .weight_decay = 5e-4, .nesterov = true};

static struct net *build(const struct figures *cell)
{
    const struct space *space = space_find("nas-bench-201");
    const struct net_setting setting = {
        .image = {3, 32, 32}, .classes = 10, .cells = cell->cells, .channels = 16};
    struct arch arch;
    struct err err = {0};
    ck_assert_msg(space_read(space, cell->arch, &arch, &err), "%s", err.text);
    struct net *net = network_build(space, &arch, &setting, &err);
    ck_assert_msg(net != NULL, "%s", err.text);
    ck_assert_uint_eq(net->param_size, cell->weights.count);
    return net;
}

static struct batch whole_batch(void)
{
    return (struct batch){.count = file.count, .labels = file.labels, .pixels = file.pixels};
}

/* The test's number says which cell and which backend. exact: the backend computes in double. */
static const struct figures *begin(int number, struct rig *rig, bool *exact)
{
    const char *backend = rig_backends[number % rig_backend_count];
    const struct figures *cell = &file.cells[number / rig_backend_count];
    struct net *net = build(cell);
    *exact = strcmp(backend, "reference") == 0;
    rig_open(rig, net, backend, file.count);
    for (size_t i = 0; i < net->param_size; i++)
        rig->state.params[i] = (float)cell->weights.values[i];
    rig_set(rig, &rig->state);
    return cell;
}

static void end(struct rig *rig)
{
    struct net *net = (struct net *)(uintptr_t)rig->net;
    rig_close(rig);
    net_free(net);
}

static void check_gradient(const struct figures *cell, const struct rig *rig)
{
    double whole = 0;
    for (size_t i = 0; i < cell->grad_norm.count; i++)
        whole += cell->grad_norm.values[i] * cell->grad_norm.values[i];
    whole = sqrt(whole);
    for (size_t i = 0; i < rig->net->param_count; i++) {
        const struct net_param *param = &rig->net->params[i];
        const float *gradient = rig->gradient + param->offset;
        double tolerance = cell->tol_grad * whole, root = sqrt((double)param->count);
        rig_check_near(rig_norm(gradient, param->count), cell->grad_norm.values[i], tolerance,
                       "norm of gradient", i);
        rig_check_near((double)gradient[0], cell->grad_first.values[i], tolerance,
                       "first of gradient", i);
        rig_check_near(rig_signed_sum(gradient, param->count), cell->grad_signsum.values[i],
                       tolerance * root, "signed sum of gradient", i);
        /* A step goes at most (1 + momentum) times as far as the gradient; the rest is a float's
         * rounding of weights near 1. */
        rig_check_near(rig_signed_sum(rig->state.params + param->offset, param->count),
                       cell->weight_signsum.values[i],
                       fast.learning_rate * (1 + fast.momentum) * tolerance * root + 1e-7 * root,
                       "signed sum of stepped weights", i);
    }
}

START_TEST(tensors_have_the_order_and_names_of_pytorch)
{
    const struct figures *cell = &file.cells[_i];
    struct net *net = build(cell);
    ck_assert_uint_eq(net->param_count, cell->offset.count);
    for (size_t i = 0; i < net->param_count; i++) {
        ck_assert_uint_eq(net->params[i].offset, (size_t)cell->offset.values[i]);
        ck_assert_uint_eq(net->params[i].count, (size_t)cell->numel.values[i]);
        ck_assert_str_eq(net->params[i].name, cell->names + 64 * i);
    }
    net_free(net);
}
END_TEST

START_TEST(the_first_step_has_its_loss_logits_gradients_and_statistics)
{
    struct rig rig;
    bool exact;
    const struct figures *cell = begin(_i, &rig, &exact);
    struct batch batch = whole_batch();
    struct outcome outcome = rig_train(&rig, &batch, &fast);
    double loss = cell->fast_loss.exact.values[0];
    rig_check_near(outcome.loss, loss, cell->tol_loss * loss, "loss", 0);
    ck_assert_uint_eq(cell->logits.exact.count, file.count * (size_t)rig.net->classes);
    for (size_t i = 0; i < cell->logits.exact.count; i++)
        rig_check_near((double)rig.logits[i], cell->logits.exact.values[i], cell->tol_logits,
                       "logits", i);
    check_gradient(cell, &rig);
    ck_assert_uint_eq(rig.net->stat_size, cell->stats.count);
    for (size_t i = 0; i < cell->stats.count; i++)
        rig_check_near((double)rig.state.stats[i], cell->stats.values[i],
                       cell->tol_logits * (1 + fabs(cell->stats.values[i])), "running statistics",
                       i);
    end(&rig);
}
END_TEST

/* How far PyTorch's float is off by the time of step i, relative. */
static double chaos(const struct pair *pair, size_t i)
{
    double apart = 0;
    for (size_t j = 0; j <= i; j++)
        apart = fmax(apart, fabs(pair->single.values[j] / pair->exact.values[j] - 1));
    return CHAOS * apart;
}

/* Before each step, and after the last by a forward pass that learns nothing. */
static void check_losses(const struct pair *loss, struct rig *rig, const struct step *step,
                         double tolerance, bool exact)
{
    struct batch batch = whole_batch();
    for (size_t i = 0; i < loss->exact.count; i++) {
        struct step now = *step;
        if (i + 1 == loss->exact.count)
            now.learning_rate = 0;
        double expected = loss->exact.values[i], found = rig_train(rig, &batch, &now).loss;
        rig_check_near(found, expected,
                       (exact ? tolerance : fmax(tolerance, chaos(loss, i))) * expected, "loss", i);
    }
}

START_TEST(steps_at_a_hundredth_have_its_losses)
{
    struct rig rig;
    bool exact;
    const struct figures *cell = begin(_i, &rig, &exact);
    check_losses(&cell->slow_loss, &rig, &slow, cell->tol_loss, true);
    end(&rig);
}
END_TEST

START_TEST(ten_steps_at_a_tenth_have_its_losses_and_evaluation)
{
    struct rig rig;
    bool exact;
    const struct figures *cell = begin(_i, &rig, &exact);
    struct batch batch = whole_batch();
    check_losses(&cell->fast_loss, &rig, &fast, cell->tol_loss, exact);
    rig_evaluate(&rig, &batch);
    const struct pair *logits = &cell->eval_logits;
    double apart = 0;
    for (size_t i = 0; i < logits->exact.count; i++)
        apart = fmax(apart, fabs(logits->single.values[i] - logits->exact.values[i]));
    for (size_t i = 0; i < logits->exact.count; i++)
        rig_check_near((double)rig.logits[i], logits->exact.values[i],
                       exact ? cell->tol_eval_logits : fmax(cell->tol_eval_logits, CHAOS * apart),
                       "logits in evaluation", i);
    end(&rig);
}
END_TEST

int main(int count, char **arguments)
{
    const char *source = getenv("srcdir");
    char *small = mem_printf("%s/tests/train/torch-light.h5", source ? source : ".");
    file = figures_read(count > 1 ? arguments[1] : small);
    rig_find_backends();
    int cells = (int)file.cell_count, trials = cells * rig_backend_count;
    Suite *suite = suite_create("torch");
    TCase *torch = tcase_create("pytorch");
    tcase_set_timeout(torch, 1200);
    tcase_add_loop_test(torch, tensors_have_the_order_and_names_of_pytorch, 0, cells);
    tcase_add_loop_test(torch, the_first_step_has_its_loss_logits_gradients_and_statistics, 0,
                        trials);
    tcase_add_loop_test(torch, steps_at_a_hundredth_have_its_losses, 0, trials);
    tcase_add_loop_test(torch, ten_steps_at_a_tenth_have_its_losses_and_evaluation, 0, trials);
    suite_add_tcase(suite, torch);
    int status = suite_run(suite);
    figures_free(&file);
    free(small);
    return status;
}
