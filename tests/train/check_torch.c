/* Every backend against figures that PyTorch computed for the same weights and images:
 *
 *     check_torch [FILE.h5]      # torch-light.h5 where none is given
 *
 * Tolerances are the file's own. It has none for what is chaotic: all-convolution nets at learning
 * rate 0.1, where PyTorch's own float and double part by far more than tol_loss and tol_eval_logits
 * within ten steps. There a backend in float may be as far off as PyTorch's float, times CHAOS.
 *
 * Nor has it one for a ReLU whose input is 0 but for a float's rounding: the gradient jumps there.
 * So a backend in float that is outside the file's tolerances may be farther off by as much as the
 * reference, in double, when each weight is moved to the next float; what is chaotic, by CHAOS
 * times that. */
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

/* ---- what a float's rounding of the weights is worth ---- */

enum { NORM, FIRST, SIGNED_SUM, STEPPED, MEASURES };
static const char *const measure_names[MEASURES] = {"norm of gradient", "first of gradient",
                                                    "signed sum of gradient",
                                                    "signed sum of stepped weights"};

/* Of the gradient of each tensor: (param_count, MEASURES), to be freed. */
static double *measure(const struct rig *rig)
{
    double *found = mem_alloc(rig->net->param_count * MEASURES, sizeof(*found));
    for (size_t i = 0; i < rig->net->param_count; i++) {
        const struct net_param *param = &rig->net->params[i];
        const float *gradient = rig->gradient + param->offset;
        double *of = found + i * MEASURES;
        of[NORM] = rig_norm(gradient, param->count);
        of[FIRST] = (double)gradient[0];
        of[SIGNED_SUM] = rig_signed_sum(gradient, param->count);
        of[STEPPED] = rig_signed_sum(rig->state.params + param->offset, param->count);
    }
    return found;
}

static double expected_of(const struct figures *cell, size_t i, int what)
{
    const struct column *const columns[MEASURES] = {&cell->grad_norm, &cell->grad_first,
                                                    &cell->grad_signsum, &cell->weight_signsum};
    return columns[what]->values[i];
}

enum { NUDGES = 8 };

/* The reference with each weight moved to the next float, up or down, in ways that differ. */
static void open_nudged(const struct figures *cell, struct rig *rig, int way)
{
    rig_open(rig, build(cell), "reference", file.count);
    for (size_t i = 0; i < rig->net->param_size; i++)
        rig->state.params[i] = nextafterf(
            (float)cell->weights.values[i],
            (uint32_t)(i * UINT32_C(2654435761)) >> (31 - way) & 1 ? -INFINITY : INFINITY);
    rig_set(rig, &rig->state);
}

/* How far a nudge takes the measures of the first step: (param_count, MEASURES), to be freed. */
static double *nudged_measures(const struct figures *cell)
{
    size_t count = cell->grad_norm.count * MEASURES;
    double *apart = mem_alloc(count, sizeof(*apart));
    struct batch batch = whole_batch();
    for (int way = 0; way < NUDGES; way++) {
        struct rig rig;
        open_nudged(cell, &rig, way);
        rig_train(&rig, &batch, &fast);
        double *found = measure(&rig);
        for (size_t i = 0; i < count; i++)
            apart[i] = fmax(apart[i],
                            fabs(found[i] - expected_of(cell, i / MEASURES, (int)(i % MEASURES))));
        free(found);
        end(&rig);
    }
    return apart;
}

/* Of tensor i: the gradient is compared with its whole norm, since some tensors' is 0. A step goes
 * at most (1 + momentum) times as far as the gradient; the rest is a float's rounding of weights
 * near 1. */
static double tolerance_of(const struct figures *cell, size_t i, int what)
{
    double whole = 0, root = sqrt(cell->numel.values[i]);
    for (size_t j = 0; j < cell->grad_norm.count; j++)
        whole += cell->grad_norm.values[j] * cell->grad_norm.values[j];
    double tolerance = cell->tol_grad * sqrt(whole);
    if (what == STEPPED)
        return fast.learning_rate * (1 + fast.momentum) * tolerance * root + 1e-7 * root;
    return what == SIGNED_SUM ? tolerance * root : tolerance;
}

static void check_gradient(const struct figures *cell, const struct rig *rig, bool exact)
{
    size_t count = rig->net->param_count * MEASURES;
    double *found = measure(rig), *apart = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t tensor = i / MEASURES;
        int what = (int)(i % MEASURES);
        double expected = expected_of(cell, tensor, what);
        double tolerance = tolerance_of(cell, tensor, what);
        if (!exact && !apart && fabs(found[i] - expected) > tolerance)
            apart = nudged_measures(cell);
        rig_check_near(found[i], expected, tolerance + (apart ? apart[i] : 0), measure_names[what],
                       tensor);
    }
    free(apart);
    free(found);
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
    check_gradient(cell, &rig, exact);
    ck_assert_uint_eq(rig.net->stat_size, cell->stats.count);
    for (size_t i = 0; i < cell->stats.count; i++)
        rig_check_near((double)rig.state.stats[i], cell->stats.values[i],
                       cell->tol_logits * (1 + fabs(cell->stats.values[i])), "running statistics",
                       i);
    end(&rig);
}
END_TEST

/* Steps on the one batch, and what they come to: a loss before each, and after the last one by a
 * forward pass that learns nothing; then logits in evaluation. */
struct course {
    double *losses;
    float *logits;
};

static void follow(struct course *course, struct rig *rig, const struct step *step, size_t steps)
{
    struct batch batch = whole_batch();
    size_t size = file.count * (size_t)rig->net->classes;
    course->losses = mem_alloc(steps + 1, sizeof(*course->losses));
    course->logits = mem_alloc(size, sizeof(*course->logits));
    for (size_t i = 0; i <= steps; i++) {
        struct step now = *step;
        if (i == steps)
            now.learning_rate = 0;
        course->losses[i] = rig_train(rig, &batch, &now).loss;
    }
    rig_evaluate(rig, &batch);
    memcpy(course->logits, rig->logits, size * sizeof(*course->logits));
}

static void free_course(struct course *course)
{
    free(course->losses);
    free(course->logits);
}

/* What may be off by the time of each step: relative, of the losses, and of logits in the end. */
struct chaos {
    double *losses;
    double logits;
};

/* That of PyTorch's float. */
static struct chaos chaos_of_float(const struct figures *cell)
{
    const struct pair *loss = &cell->fast_loss, *logits = &cell->eval_logits;
    struct chaos chaos = {mem_alloc(loss->exact.count, sizeof(*chaos.losses)), 0};
    double apart = 0;
    for (size_t i = 0; i < loss->exact.count; i++) {
        apart = fmax(apart, fabs(loss->single.values[i] / loss->exact.values[i] - 1));
        chaos.losses[i] = CHAOS * apart;
    }
    for (size_t i = 0; i < logits->exact.count; i++)
        chaos.logits =
            fmax(chaos.logits, CHAOS * fabs(logits->single.values[i] - logits->exact.values[i]));
    return chaos;
}

/* And that of nudges besides. */
static void add_nudges(struct chaos *chaos, const struct figures *cell)
{
    const struct column *loss = &cell->fast_loss.exact, *logits = &cell->eval_logits.exact;
    for (int way = 0; way < NUDGES; way++) {
        struct rig rig;
        struct course course;
        open_nudged(cell, &rig, way);
        follow(&course, &rig, &fast, loss->count - 1);
        double apart = 0;
        for (size_t i = 0; i < loss->count; i++) {
            apart = fmax(apart, CHAOS * fabs(course.losses[i] / loss->values[i] - 1));
            chaos->losses[i] = fmax(chaos->losses[i], apart);
        }
        for (size_t i = 0; i < logits->count; i++) {
            apart = CHAOS * fabs((double)course.logits[i] - logits->values[i]);
            chaos->logits = fmax(chaos->logits, apart);
        }
        free_course(&course);
        end(&rig);
    }
}

/* Which of the losses and logits of the fast course are off by more than they may be; NULL: none.
 */
static char *fault_of(const struct course *course, const struct figures *cell,
                      const struct chaos *chaos)
{
    const struct column *loss = &cell->fast_loss.exact, *logits = &cell->eval_logits.exact;
    for (size_t i = 0; i < loss->count; i++) {
        double apart = fabs(course->losses[i] / loss->values[i] - 1);
        double most = fmax(cell->tol_loss, chaos ? chaos->losses[i] : 0);
        if (!(apart <= most))
            return mem_printf("loss %zu is %.9g, expected %.9g to %.2g of it", i, course->losses[i],
                              loss->values[i], most);
    }
    for (size_t i = 0; i < logits->count; i++) {
        double apart = fabs((double)course->logits[i] - logits->values[i]);
        double most = fmax(cell->tol_eval_logits, chaos ? chaos->logits : 0);
        if (!(apart <= most))
            return mem_printf("logit %zu in evaluation is %.9g, expected %.9g to %.2g", i,
                              (double)course->logits[i], logits->values[i], most);
    }
    return NULL;
}

START_TEST(steps_at_a_hundredth_have_its_losses)
{
    struct rig rig;
    struct course course;
    bool exact;
    const struct figures *cell = begin(_i, &rig, &exact);
    const struct column *loss = &cell->slow_loss.exact;
    follow(&course, &rig, &slow, loss->count - 1);
    for (size_t i = 0; i < loss->count; i++)
        rig_check_near(course.losses[i], loss->values[i], cell->tol_loss * loss->values[i], "loss",
                       i);
    free_course(&course);
    end(&rig);
}
END_TEST

START_TEST(ten_steps_at_a_tenth_have_its_losses_and_evaluation)
{
    struct rig rig;
    struct course course;
    bool exact;
    const struct figures *cell = begin(_i, &rig, &exact);
    struct chaos chaos = chaos_of_float(cell);
    follow(&course, &rig, &fast, cell->fast_loss.exact.count - 1);
    char *fault = fault_of(&course, cell, exact ? NULL : &chaos);
    if (fault && !exact) {
        free(fault);
        add_nudges(&chaos, cell);
        fault = fault_of(&course, cell, &chaos);
    }
    ck_assert_msg(!fault, "%s", fault);
    free(chaos.losses);
    free_course(&course);
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
