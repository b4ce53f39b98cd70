/* Every operator and small whole nets: the reference against values worked out by hand and against
 * finite differences of its own loss; every other backend that can be had against the reference. */
#include "../suite.h"
#include "base/mem.h"
#include "base/rng.h"
#include "nets.h"
#include "rig.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 6, LAST = 5 }; /* images of a full batch, and of a smaller one */
enum { AHEAD = 5 };           /* passes alike that are begun before others end */
enum { SAMPLED = 500 };       /* parameters whose gradient is checked, at most */

/* ---- a trial: a net, weights, a batch and a step, all from one seed ---- */

struct trial {
    struct net *net;
    struct net_state state;
    float *pixels, *drop_scale;
    uint16_t *labels; /* (BATCH) */
    struct batch batch;
    struct step step;
};

static float *draw_pixels(const struct net *net, struct rng *rng)
{
    struct shape image = net->tensors[0];
    size_t count = (size_t)(BATCH * image.C * image.H * image.W);
    float *pixels = mem_alloc(count, sizeof(*pixels));
    for (size_t i = 0; i < count; i++)
        pixels[i] = (float)rng_normal(rng);
    return pixels;
}

static struct trial trial_make(const struct small_net *small)
{
    struct rng rng = rng_seed(7);
    struct trial trial = {.net = small->build()};
    trial.state = net_state_new(trial.net);
    net_initialise(trial.net, &trial.state, &rng);
    for (size_t i = 0; i < trial.net->param_size; i++) /* no gamma of 1, no beta of 0 */
        trial.state.params[i] += (float)(0.3 * (rng_unit(&rng) - 0.5));
    trial.pixels = draw_pixels(trial.net, &rng);
    trial.labels = mem_alloc(BATCH, sizeof(*trial.labels));
    for (size_t i = 0; i < BATCH; i++)
        trial.labels[i] = (uint16_t)rng_below(&rng, (size_t)trial.net->classes);
    trial.drop_scale = mem_alloc(trial.net->drop_count * BATCH, sizeof(*trial.drop_scale));
    for (size_t i = 0; i < trial.net->drop_count * BATCH; i++)
        trial.drop_scale[i] = rng_unit(&rng) < 0.3 ? 0.0F : (float)(1 / 0.7);
    trial.batch = (struct batch){.count = BATCH, .labels = trial.labels, .pixels = trial.pixels};
    trial.step = (struct step){.momentum = 0.9,
                               .weight_decay = 1e-3,
                               .label_smoothing = 0.1,
                               .auxiliary_weight = 0.4,
                               .drop_scale = trial.drop_scale};
    return trial;
}

static void trial_free(struct trial *trial)
{
    net_state_free(&trial->state);
    free(trial->pixels);
    free(trial->labels);
    free(trial->drop_scale);
    net_free(trial->net);
}

static void open_rig(struct rig *rig, const struct trial *trial, const char *backend)
{
    rig_open(rig, trial->net, backend, BATCH);
    rig_set(rig, &trial->state);
}

/* ---- finite differences ---- */

static double loss_with(struct rig *rig, struct trial *trial, size_t param, float value)
{
    float kept = trial->state.params[param];
    struct outcome outcome;
    struct err err = {0};
    trial->state.params[param] = value;
    rig_set(rig, &trial->state);
    ck_assert(rig->backend->type->train(rig->backend, &trial->batch, &trial->step, &err) &&
              rig->backend->type->outcome(rig->backend, &outcome, &err));
    trial->state.params[param] = kept;
    return outcome.loss;
}

/* Central, over about 2^-21 to both sides: so near that hardly a ReLU changes its mind. */
static double difference(struct rig *rig, struct trial *trial, size_t param)
{
    float above = trial->state.params[param] + 0x1p-21F;
    float below = trial->state.params[param] - 0x1p-21F;
    return (loss_with(rig, trial, param, above) - loss_with(rig, trial, param, below)) /
           ((double)above - (double)below);
}

/* Every how manieth parameter's gradient is checked: of large nets fewer. */
static size_t sparsity(const struct net *net)
{
    size_t sampled = (size_t)fmin(500, 2e7 / net_multiply_adds(net));
    return 1 + net->param_size / sampled;
}

START_TEST(gradients_of_the_reference_are_differences_of_its_loss)
{
    struct trial trial = trial_make(&small_nets[_i]);
    struct rig rig;
    open_rig(&rig, &trial, "reference");
    double norm = rig_train(&rig, &trial.batch, &trial.step).gradient_norm, squares = 0;
    ck_assert_double_gt(norm, 1e-3);
    for (size_t i = 0; i < trial.net->param_size; i++)
        squares += pow((double)rig.gradient[i], 2);
    for (size_t i = 0; i < trial.net->param_size; i += sparsity(trial.net)) {
        double found = (double)rig.gradient[i], expected = difference(&rig, &trial, i);
        ck_assert_msg(fabs(found - expected) <= 1e-6 * norm,
                      "%s: gradient of parameter %zu is %.9g, expected %.9g", small_nets[_i].name,
                      i, found, expected);
    }
    ck_assert_double_eq_tol(sqrt(squares), norm, 1e-6 * norm);
    rig_close(&rig);
    trial_free(&trial);
}
END_TEST

/* ---- one backend against another ---- */

/* |found - expected| / |expected|, of whole vectors. */
static double error_of(const float *found, const float *expected, size_t count)
{
    double apart = 0, whole = 0;
    for (size_t i = 0; i < count; i++) {
        apart += pow((double)found[i] - (double)expected[i], 2);
        whole += pow((double)expected[i], 2);
    }
    return sqrt(apart) / fmax(sqrt(whole), 1e-12);
}

static void check_error(const char *net, const char *what, const float *found,
                        const float *expected, size_t count)
{
    double error = error_of(found, expected, count);
    ck_assert_msg(error < 2e-5, "%s: %s are off by %.2g of their norm", net, what, error);
}

/* Statistics of batch norms that some live sum reads; others may or may not move. */
static void keep_live_statistics(const struct net *net, float *stats)
{
    for (size_t i = 0; i < net->op_count; i++)
        for (int t = 0; t < net->ops[i].term_count && !net->ops[i].live; t++) {
            int norm = net->terms[net->ops[i].first_term + t].norm;
            if (norm >= 0)
                memset(stats + net->norms[norm].stat, 0,
                       2 * (size_t)net->norms[norm].channels * sizeof(*stats));
        }
}

static void compare(const struct trial *trial, struct rig *rig, struct rig *reference,
                    const char *name)
{
    const struct net *net = trial->net;
    keep_live_statistics(net, rig->state.stats);
    keep_live_statistics(net, reference->state.stats);
    check_error(name, "logits", rig->logits, reference->logits,
                trial->batch.count * (size_t)net->classes);
    check_error(name, "gradients", rig->gradient, reference->gradient, net->param_size);
    check_error(name, "parameters", rig->state.params, reference->state.params, net->param_size);
    check_error(name, "momenta", rig->state.momentum, reference->state.momentum, net->param_size);
    check_error(name, "statistics", rig->state.stats, reference->state.stats, net->stat_size);
}

/* Three steps, the second of fewer images and clipped, the third without drop path or Nesterov;
 * then an evaluation. */
static void walk(struct trial *trial, struct rig *rig, struct rig *reference, const char *name)
{
    for (int i = 0; i < 3; i++) {
        /* At 0.05 an activation of DARTS' third step is 0 but for a float's rounding, and there its
         * gradient jumps. */
        trial->step.learning_rate = 0.03;
        trial->step.nesterov = i < 2;
        trial->step.clip_norm = i == 1 ? 0.1 : 0;
        trial->step.drop_scale = i < 2 ? trial->drop_scale : NULL;
        trial->batch.count = i == 1 ? LAST : BATCH;
        struct outcome found = rig_train(rig, &trial->batch, &trial->step);
        struct outcome expected = rig_train(reference, &trial->batch, &trial->step);
        ck_assert_double_eq_tol(found.loss, expected.loss, 1e-5 * expected.loss);
        ck_assert_uint_eq(found.correct, expected.correct);
        ck_assert_double_eq_tol(found.gradient_norm, expected.gradient_norm,
                                1e-5 * expected.gradient_norm);
        compare(trial, rig, reference, name);
    }
    struct outcome found = rig_evaluate(rig, &trial->batch);
    struct outcome expected = rig_evaluate(reference, &trial->batch);
    ck_assert_double_eq_tol(found.loss, expected.loss, 1e-5 * expected.loss);
    ck_assert_uint_eq(found.correct, expected.correct);
    check_error(name, "logits of the evaluation", rig->logits, reference->logits,
                trial->batch.count * (size_t)trial->net->classes);
}

START_TEST(other_backends_agree_with_the_reference)
{
    for (int b = 1; b < rig_backend_count; b++) {
        struct trial trial = trial_make(&small_nets[_i]);
        struct rig rig, reference;
        open_rig(&rig, &trial, rig_backends[b]);
        open_rig(&reference, &trial, "reference");
        walk(&trial, &rig, &reference, small_nets[_i].name);
        rig_close(&rig);
        rig_close(&reference);
        trial_free(&trial);
    }
}
END_TEST

/* The same batch with other labels, and a step of its own. */
static void turn(struct trial *trial, int number)
{
    trial->step.learning_rate = 0.005 / (1 + number);
    for (size_t i = 0; i < BATCH; i++)
        trial->labels[i] = (uint16_t)((i + (size_t)number) % (size_t)trial->net->classes);
}

static void begin(struct rig *rig, const struct trial *trial, bool learn)
{
    const struct backend_type *type = rig->backend->type;
    struct err err = {0};
    ck_assert_msg(learn ? type->train(rig->backend, &trial->batch, &trial->step, &err)
                        : type->evaluate(rig->backend, &trial->batch, &err),
                  "%s", err.text);
}

/* So many passes alike, of which as many are begun at once as the backend takes: it may keep what
 * it does in one for the next ones. */
static void walk_ahead(struct trial *trial, struct rig *rig, struct rig *reference, bool learn)
{
    for (int begun = 0, ended = 0; ended < AHEAD; ended++) {
        struct outcome found, expected;
        struct err err = {0};
        for (; begun < AHEAD && begun - ended < rig->backend->type->passes; begun++) {
            turn(trial, begun);
            begin(rig, trial, learn);
        }
        ck_assert_msg(rig->backend->type->outcome(rig->backend, &found, &err), "%s", err.text);
        turn(trial, ended);
        expected = learn ? rig_train(reference, &trial->batch, &trial->step)
                         : rig_evaluate(reference, &trial->batch);
        rig_check_near(found.loss, expected.loss, 1e-5 * expected.loss, "loss", (size_t)ended);
        rig_check_near(found.gradient_norm, expected.gradient_norm, 1e-4 * expected.gradient_norm,
                       "norm of the gradient", (size_t)ended);
        ck_assert_uint_eq(found.correct, expected.correct);
    }
}

/* Every second net by the fastest algorithms. */
START_TEST(passes_begun_ahead_agree_with_the_reference)
{
    for (int b = 1; b < rig_backend_count; b++) {
        struct trial trial = trial_make(&small_nets[_i]);
        struct rig rig, reference;
        (_i % 2 ? rig_open_fastest : rig_open)(&rig, trial.net, rig_backends[b], BATCH);
        rig_set(&rig, &trial.state);
        open_rig(&reference, &trial, "reference");
        walk_ahead(&trial, &rig, &reference, true);
        walk_ahead(&trial, &rig, &reference, false);
        rig_get(&rig);
        check_error(small_nets[_i].name, "parameters", rig.state.params, reference.state.params,
                    trial.net->param_size);
        rig_close(&rig);
        rig_close(&reference);
        trial_free(&trial);
    }
}
END_TEST

/* Logits and loss stay near even where the gradient does not (nets.c says why). */
START_TEST(bfloat16_is_near_the_reference)
{
    const struct small_net *small = &small_nets[_i];
    for (int b = 0; b < rig_bf16_count; b++) {
        struct trial trial = trial_make(small);
        struct rig rig, reference;
        rig_open_bf16(&rig, trial.net, rig_bf16_backends[b], BATCH);
        rig_set(&rig, &trial.state);
        open_rig(&reference, &trial, "reference");
        struct outcome found = rig_train(&rig, &trial.batch, &trial.step);
        struct outcome expected = rig_train(&reference, &trial.batch, &trial.step);
        double gradients = error_of(rig.gradient, reference.gradient, trial.net->param_size);
        double logits = error_of(rig.logits, reference.logits, BATCH * (size_t)trial.net->classes);
        ck_assert_double_eq_tol(found.loss, expected.loss, 0.01 * expected.loss);
        ck_assert_msg(gradients < small->rounding, "%s: gradients are off by %.2g", small->name,
                      gradients);
        ck_assert_msg(logits < 0.03, "%s: logits are off by %.2g", small->name, logits);
        ck_assert_msg(logits > 1e-5, "%s: logits are off by %.2g: is it bf16?", small->name,
                      logits);
        rig_close(&rig);
        rig_close(&reference);
        trial_free(&trial);
    }
}
END_TEST

/* ---- values worked out by hand ---- */

/* The operator gives (2, 1, 1); the classifier is the identity, so that these are the logits. Every
 * weight of a convolution is its place, counted from 1. */
struct known {
    const char *name;
    struct shape image;
    struct net_conv conv; /* kernel 0: a pool instead */
    enum net_kind pool;
    int kernel, stride, padding;
    float pixels[18];
    double logits[2];
};

static const struct known knowns[] = {
    {"padding never wins",
     {2, 2, 2},
     .pool = NET_MAX_POOL,
     .kernel = 3,
     .stride = 2,
     .padding = 1,
     .pixels = {-4, -3, -2, -8, 5, 6, 7, -9},
     .logits = {-2, 7}},
    {"padding is left out of the average",
     {2, 2, 2},
     .pool = NET_AVG_POOL,
     .kernel = 3,
     .stride = 2,
     .padding = 1,
     .pixels = {-4, -3, -2, -7, 5, 6, 7, 6},
     .logits = {-4, 6}},
    {"groups read their own channels",
     {2, 1, 1},
     .conv = {.channels = 2, .kernel = 1, .groups = 2},
     .pixels = {10, 100},
     .logits = {10, 200}},
    {"a convolution is a correlation, and reads through ReLU",
     {1, 2, 2},
     .conv = {.channels = 2, .kernel = 2, .relu = true},
     .pixels = {1, -1, 10, 100},
     .logits = {1 + 30 + 400, 5 + 70 + 800}},
    {"dilation spreads the kernel",
     {2, 3, 3},
     .conv = {.channels = 2, .kernel = 2, .dilation = 2, .groups = 2},
     .pixels = {1, 9, 2, 9, 9, 9, 3, 9, 4, 1, 9, 1, 9, 9, 9, 1, 9, -1},
     .logits = {1 + 4 + 9 + 16, 5 + 6 + 7 - 8}},
};

enum { KNOWN_COUNT = sizeof(knowns) / sizeof(*knowns) };

static struct net *build_known(const struct known *known)
{
    struct net *net = net_new(known->image, 2);
    int output = known->conv.kernel ? net_add_conv(net, 0, known->conv, "conv")
                                    : net_add_pool(net, known->pool, 0, false, known->kernel,
                                                   known->stride, known->padding);
    net_finish(net, net_add_linear(net, net_add_mean(net, output, false), 2, "classifier"), -1);
    return net;
}

START_TEST(operators_give_what_is_known)
{
    const struct known *known = &knowns[_i / rig_backend_count];
    struct net *net = build_known(known);
    struct rig rig;
    uint16_t label = 1;
    const struct batch batch = {.count = 1, .labels = &label, .pixels = known->pixels};
    rig_open(&rig, net, rig_backends[_i % rig_backend_count], 1);
    size_t place = 0, classifier = net->param_size - 6;
    for (; place < classifier; place++)
        rig.state.params[place] = (float)(place + 1);
    rig.state.params[classifier] = rig.state.params[classifier + 3] = 1;
    rig_set(&rig, &rig.state);
    struct outcome outcome = rig_evaluate(&rig, &batch);
    for (int k = 0; k < 2; k++)
        ck_assert_msg((double)rig.logits[k] == known->logits[k], "%s: logit %d is %g, expected %g",
                      known->name, k, (double)rig.logits[k], known->logits[k]);
    ck_assert_uint_eq(outcome.correct, known->logits[1] > known->logits[0]);
    rig_close(&rig);
    net_free(net);
}
END_TEST

/* Two images of two classes, logits (1, 3) and (2, 2): with smoothing s, the loss of an image is
 * -(1 - s / 2) log p(label) - s / 2 log p(other). */
START_TEST(a_smoothed_loss_is_what_its_formula_says)
{
    struct net *net = net_new((struct shape){2, 1, 1}, 2);
    net_finish(net, net_add_linear(net, net_add_mean(net, 0, false), 2, "classifier"), -1);
    const float pixels[] = {1, 3, 2, 2};
    const uint16_t labels[] = {1, 0};
    const struct batch batch = {.count = 2, .labels = labels, .pixels = pixels};
    const struct step step = {.label_smoothing = 0.2};
    double right = log(1 + exp(-2)), wrong = log(1 + exp(2));
    struct rig rig;
    rig_open(&rig, net, rig_backends[_i], 2);
    rig.state.params[0] = rig.state.params[3] = 1;
    rig_set(&rig, &rig.state);
    struct outcome outcome = rig_train(&rig, &batch, &step);
    ck_assert_double_eq_tol(outcome.loss, (0.9 * right + 0.1 * wrong + log(2)) / 2, 1e-6);
    ck_assert_uint_eq(outcome.correct, 2); /* a tie goes to the lower class */
    ck_assert_double_eq_tol(rig_evaluate(&rig, &batch).loss, (right + log(2)) / 2, 1e-6);
    rig_close(&rig);
    net_free(net);
}
END_TEST

/* ---- what evaluation leaves out, and what training moves ---- */

START_TEST(evaluation_changes_nothing_and_drops_nothing)
{
    struct rig rig;
    struct trial trial = trial_make(&small_nets[_i]);
    open_rig(&rig, &trial, "reference");
    rig_evaluate(&rig, &trial.batch);
    rig_get(&rig);
    ck_assert_mem_eq(rig.state.params, trial.state.params,
                     trial.net->param_size * sizeof(*trial.state.params));
    ck_assert_mem_eq(rig.state.stats, trial.state.stats,
                     trial.net->stat_size * sizeof(*trial.state.stats));
    /* Running statistics are those of a new net: an image's logits depend on no other image. */
    size_t classes = (size_t)trial.net->classes;
    float *all = mem_alloc(BATCH * classes, sizeof(*all));
    memcpy(all, rig.logits, BATCH * classes * sizeof(*all));
    trial.batch.count = 1;
    rig_evaluate(&rig, &trial.batch);
    ck_assert_mem_eq(rig.logits, all, classes * sizeof(*all));
    free(all);
    rig_close(&rig);
    trial_free(&trial);
}
END_TEST

/* ---- backends by name ---- */

START_TEST(an_unknown_backend_is_refused_with_those_there_are)
{
    struct err err = {0};
    ck_assert_ptr_null(backend_require("tpu", &err));
    ck_assert_ptr_nonnull(strstr(err.text, "\"tpu\""));
    ck_assert_str_eq(backend_name_at(0), "reference");
    for (size_t i = 0; backend_name_at(i); i++)
        ck_assert_ptr_nonnull(strstr(err.text, backend_name_at(i)));
}
END_TEST

int main(void)
{
    rig_find_backends();
    Suite *suite = suite_create("operators");
    TCase *reference = tcase_create("reference"), *all = tcase_create("all backends");
    tcase_add_loop_test(reference, gradients_of_the_reference_are_differences_of_its_loss, 0,
                        small_net_count);
    tcase_add_loop_test(reference, evaluation_changes_nothing_and_drops_nothing, 0,
                        small_net_count);
    tcase_add_loop_test(all, operators_give_what_is_known, 0, KNOWN_COUNT * rig_backend_count);
    tcase_add_loop_test(all, a_smoothed_loss_is_what_its_formula_says, 0, rig_backend_count);
    tcase_add_loop_test(all, other_backends_agree_with_the_reference, 0, small_net_count);
    tcase_add_loop_test(all, passes_begun_ahead_agree_with_the_reference, 0, small_net_count);
    tcase_add_loop_test(all, bfloat16_is_near_the_reference, 0, small_net_count);
    tcase_add_test(all, an_unknown_backend_is_refused_with_those_there_are);
    suite_add_tcase(suite, reference);
    suite_add_tcase(suite, all);
    return suite_run(suite);
}
