/* Backend "cuda" on the stand-in of CUDA and cuDNN (fake/fake.h): what check_operators, which sees
 * it as one backend among others, cannot ask for. */
#include "../suite.h"
#include "fake/fake.h"
#include "trial.h"

#include "base/mem.h"
#include "train/cuda/device.h"
#include "train/module.h"

#include <check.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct module seki_module;
extern const struct backend_type backend_reference;

/* ---- on a backend ---- */

/* With the trial's state. */
static struct backend *open_on(const struct backend_type *type, const struct trial *trial,
                               enum precision precision, bool deterministic, struct err *err)
{
    const struct backend_setting setting = {
        .batch = BATCH, .threads = 1, .precision = precision, .deterministic = deterministic};
    struct backend *backend = type->open(trial->net, &setting, err);
    if (backend && !type->state_set(backend, &trial->state, err)) {
        type->close(backend);
        return NULL;
    }
    return backend;
}

static struct backend *must_open(const struct backend_type *type, const struct trial *trial,
                                 enum precision precision, bool deterministic)
{
    struct err err = {0};
    struct backend *backend = open_on(type, trial, precision, deterministic, &err);
    ck_assert_msg(backend != NULL, "%s", err.text);
    return backend;
}

static struct outcome must_train(struct backend *backend, const struct trial *trial)
{
    struct outcome outcome;
    struct err err = {0};
    ck_assert_msg(backend->type->train(backend, &trial->batch, &trial->step, &err) &&
                      backend->type->outcome(backend, &outcome, &err),
                  "%s", err.text);
    return outcome;
}

static struct outcome must_evaluate(struct backend *backend, const struct batch *batch)
{
    struct outcome outcome;
    struct err err = {0};
    ck_assert_msg(backend->type->evaluate(backend, batch, &err) &&
                      backend->type->outcome(backend, &outcome, &err),
                  "%s", err.text);
    return outcome;
}

static float *gradient_of(struct backend *backend)
{
    float *gradient = mem_alloc(backend->net->param_size, sizeof(*gradient));
    backend->type->gradient(backend, gradient);
    return gradient;
}

static float *logits_of(struct backend *backend)
{
    float *logits = mem_alloc(BATCH * (size_t)backend->net->classes, sizeof(*logits));
    backend->type->logits(backend, logits);
    return logits;
}

/* |a - b| / |b|. */
static double distance(const float *a, const float *b, size_t count)
{
    double apart = 0, whole = 0;
    for (size_t i = 0; i < count; i++) {
        apart += pow((double)a[i] - (double)b[i], 2);
        whole += pow((double)b[i], 2);
    }
    return sqrt(apart) / fmax(sqrt(whole), 1e-12);
}

/* Loss, logits and gradient of one step beside the reference's. */
static void compare_step(const struct small_net *small, enum precision precision,
                         bool deterministic, double tolerance)
{
    struct trial trial = trial_make(small);
    struct backend *cuda = must_open(seki_module.backend, &trial, precision, deterministic);
    struct backend *reference = must_open(&backend_reference, &trial, PRECISION_FP32, true);
    struct outcome found = must_train(cuda, &trial), expected = must_train(reference, &trial);
    float *found_gradient = gradient_of(cuda), *gradient = gradient_of(reference);
    float *found_logits = logits_of(cuda), *logits = logits_of(reference);
    size_t classes = (size_t)trial.net->classes;
    double apart = distance(found_gradient, gradient, trial.net->param_size);
    ck_assert_double_eq_tol(found.loss, expected.loss, tolerance * expected.loss);
    ck_assert_msg(apart < tolerance, "%s: gradients are off by %.2g", small->name, apart);
    apart = distance(found_logits, logits, BATCH * classes);
    ck_assert_msg(apart < tolerance, "%s: logits are off by %.2g", small->name, apart);
    free(found_gradient);
    free(gradient);
    free(found_logits);
    free(logits);
    cuda->type->close(cuda);
    reference->type->close(reference);
    trial_free(&trial);
}

/* ---- precision and algorithms ---- */

/* Its weights are rounded, too, so that even an operator's gradient moves by up to 6 %. */
START_TEST(bfloat16_is_near_the_reference)
{
    compare_step(&small_nets[_i], PRECISION_BF16, true, fmax(small_nets[_i].rounding, 0.06));
}
END_TEST

START_TEST(algorithms_that_are_measured_give_the_same)
{
    compare_step(&small_nets[_i], PRECISION_FP32, false, 2e-5);
}
END_TEST

/* cuDNN lists what it then refuses, or what needs a workspace larger than most. */
static const char *const unwilling[] = {"refused=1", "workspace=100000000"};

START_TEST(convolutions_get_an_algorithm_that_runs)
{
    fake_set(unwilling[_i / 2]);
    compare_step(&small_nets[0], PRECISION_FP32, _i % 2, 2e-5);
}
END_TEST

START_TEST(what_is_deterministic_uses_no_other_algorithm)
{
    struct trial trial = trial_make(&small_nets[_i]);
    fake_set("");
    struct backend *backend = must_open(seki_module.backend, &trial, PRECISION_FP32, true);
    for (int i = 0; i < 3; i++)
        must_train(backend, &trial);
    ck_assert_uint_eq(fake_counts().nondeterministic, 0);
    backend->type->close(backend);
    trial_free(&trial);
}
END_TEST

/* Of fewer images, or in evaluation: the algorithms are there already. */
START_TEST(passes_share_the_search_for_algorithms)
{
    struct trial trial = trial_make(&small_nets[_i]);
    struct batch part = trial.batch;
    part.count = BATCH - 2;
    fake_set("");
    struct backend *backend = must_open(seki_module.backend, &trial, PRECISION_FP32, false);
    must_train(backend, &trial);
    size_t searches = fake_counts().searches;
    must_evaluate(backend, &trial.batch);
    must_evaluate(backend, &part);
    ck_assert_uint_eq(fake_counts().searches, searches);
    backend->type->close(backend);
    trial_free(&trial);
}
END_TEST

/* ---- graphs ---- */

/* The first pass is made call by call, the next two captured, later ones launched: what comes out
 * is the same, and a step is then one launch. */
START_TEST(a_step_becomes_one_launch_of_the_same_bits)
{
    struct trial trial = trial_make(&small_nets[_i]);
    struct backend *backend = must_open(seki_module.backend, &trial, PRECISION_FP32, true);
    struct outcome first = must_train(backend, &trial);
    float *gradient = gradient_of(backend);
    for (int i = 0; i < 4; i++) {
        struct err err = {0};
        ck_assert_msg(backend->type->state_set(backend, &trial.state, &err), "%s", err.text);
        size_t launches = fake_counts().launches;
        struct outcome again = must_train(backend, &trial);
        float *same = gradient_of(backend);
        ck_assert_mem_eq(same, gradient, trial.net->param_size * sizeof(*gradient));
        ck_assert(again.loss == first.loss && again.gradient_norm == first.gradient_norm &&
                  again.correct == first.correct);
        if (i > 1)
            ck_assert_uint_eq(fake_counts().launches - launches, 1);
        free(same);
    }
    free(gradient);
    backend->type->close(backend);
    trial_free(&trial);
}
END_TEST

/* A pass whose labels and step are its own, and gone when it has begun. */
static void begin_step(struct backend *backend, const struct trial *trial, int number)
{
    struct err err = {0};
    struct step step = trial->step;
    struct batch batch = trial->batch;
    uint16_t labels[BATCH];
    for (size_t i = 0; i < BATCH; i++)
        labels[i] = trial->images.labels[(i + (size_t)number) % BATCH];
    batch.labels = labels;
    batch.count -= number % 3 == 2; /* as the last of an epoch is smaller */
    step.learning_rate /= 1 + number;
    ck_assert_msg(backend->type->train(backend, &batch, &step, &err), "%s", err.text);
    memset(labels, 0xff, sizeof(labels));
    memset(&step, 0xff, sizeof(step));
}

enum { OVERLAPPING = 9 };

static void train_ahead(const struct trial *trial, int most, struct outcome outcomes[OVERLAPPING])
{
    struct backend *backend = must_open(seki_module.backend, trial, PRECISION_FP32, true);
    struct err err = {0};
    for (int begun = 0, ended = 0; ended < OVERLAPPING; ended++) {
        for (; begun < OVERLAPPING && begun - ended < most; begun++)
            begin_step(backend, trial, begun);
        ck_assert_msg(backend->type->outcome(backend, &outcomes[ended], &err), "%s", err.text);
    }
    backend->type->close(backend);
}

START_TEST(a_step_that_is_begun_before_another_ends_has_the_same_bits)
{
    struct trial trial = trial_make(&small_nets[_i]);
    struct outcome alone[OVERLAPPING], ahead[OVERLAPPING];
    ck_assert_int_gt(seki_module.backend->passes, 1);
    train_ahead(&trial, 1, alone);
    train_ahead(&trial, seki_module.backend->passes, ahead);
    for (int i = 0; i < OVERLAPPING; i++) {
        ck_assert_uint_eq(ahead[i].images, BATCH - (i % 3 == 2));
        ck_assert(ahead[i].images == alone[i].images && ahead[i].loss == alone[i].loss &&
                  ahead[i].correct == alone[i].correct &&
                  ahead[i].gradient_norm == alone[i].gradient_norm);
        ck_assert(i == 0 || alone[i].loss != alone[i - 1].loss);
    }
    trial_free(&trial);
}
END_TEST

/* Work of the step that was begun later is left undone when the first one ends. */
START_TEST(who_ends_a_step_does_not_wait_for_the_next)
{
    struct trial trial = trial_make(&small_nets[0]);
    struct backend *backend = must_open(seki_module.backend, &trial, PRECISION_FP32, true);
    struct outcome outcome;
    struct err err = {0};
    for (int i = 0; i < 3; i++)
        must_train(backend, &trial);
    size_t before = fake_counts().work, each;
    must_train(backend, &trial);
    each = fake_counts().work - before;
    ck_assert(backend->type->train(backend, &trial.batch, &trial.step, &err));
    ck_assert(backend->type->train(backend, &trial.batch, &trial.step, &err));
    ck_assert(backend->type->outcome(backend, &outcome, &err));
    ck_assert_uint_eq(fake_counts().work, before + 2 * each);
    ck_assert(backend->type->outcome(backend, &outcome, &err));
    ck_assert_uint_eq(fake_counts().work, before + 3 * each);
    backend->type->close(backend);
    trial_free(&trial);
}
END_TEST

/* Graphs of other passes, made in between, leave each other alone. */
START_TEST(passes_of_other_sizes_do_not_disturb)
{
    struct trial trial = trial_make(&small_nets[_i]);
    struct batch part = trial.batch;
    part.count = BATCH - 2;
    struct backend *backend = must_open(seki_module.backend, &trial, PRECISION_FP32, true);
    double whole = must_evaluate(backend, &trial.batch).loss;
    double less = must_evaluate(backend, &part).loss;
    for (int i = 0; i < 3; i++) {
        ck_assert(must_evaluate(backend, &part).loss == less);
        ck_assert(must_evaluate(backend, &trial.batch).loss == whole);
    }
    backend->type->close(backend);
    trial_free(&trial);
}
END_TEST

/* ---- images on the device ---- */

START_TEST(images_on_the_device_are_augmented_as_those_from_the_host)
{
    struct trial trial = trial_make(&small_nets[_i]);
    const struct batch views = {
        .count = BATCH, .views = trial.views, .labels = trial.images.labels};
    struct backend *backend = must_open(seki_module.backend, &trial, PRECISION_FP32, true);
    struct err err = {0};
    must_evaluate(backend, &trial.batch);
    float *logits = logits_of(backend);
    ck_assert_msg(backend->type->attach(backend, &trial.images, &err), "%s", err.text);
    for (int i = 0; i < 2; i++) {
        must_evaluate(backend, &views);
        float *found = logits_of(backend);
        double apart = distance(found, logits, BATCH * (size_t)trial.net->classes);
        ck_assert_msg(apart < 1e-5, "%s: logits are off by %.2g", small_nets[_i].name, apart);
        free(found);
    }
    free(logits);
    backend->type->close(backend);
    trial_free(&trial);
}
END_TEST

/* ---- several at once ---- */

START_TEST(networks_side_by_side_do_not_disturb)
{
    struct trial one = trial_make(&small_nets[0]), two = trial_make(&small_nets[1]);
    double alone[3];
    struct backend *backend = must_open(seki_module.backend, &one, PRECISION_FP32, true);
    for (int i = 0; i < 3; i++)
        alone[i] = must_train(backend, &one).loss;
    backend->type->close(backend);
    struct backend *first = must_open(seki_module.backend, &one, PRECISION_FP32, true);
    struct backend *second = must_open(seki_module.backend, &two, PRECISION_BF16, true);
    for (int i = 0; i < 3; i++) {
        ck_assert(must_train(first, &one).loss == alone[i]);
        must_train(second, &two);
    }
    first->type->close(first);
    second->type->close(second);
    trial_free(&one);
    trial_free(&two);
}
END_TEST

START_TEST(networks_on_two_gpus_do_the_same_in_one_thread)
{
    struct trial trial = trial_make(&small_nets[0]);
    struct backend *backends[2];
    struct err err = {0};
    fake_set("devices=2");
    for (int i = 0; i < 2; i++) {
        const struct backend_setting setting = {
            .batch = BATCH, .threads = 1, .device = i, .deterministic = true};
        backends[i] = seki_module.backend->open(trial.net, &setting, &err);
        ck_assert_msg(backends[i] != NULL, "%s", err.text);
    }
    for (int i = 0; i < 2; i++)
        ck_assert_msg(seki_module.backend->state_set(backends[i], &trial.state, &err), "%s",
                      err.text);
    for (int i = 0; i < 3; i++)
        ck_assert(must_train(backends[0], &trial).loss == must_train(backends[1], &trial).loss);
    for (int i = 0; i < 2; i++)
        seki_module.backend->close(backends[i]);
    trial_free(&trial);
}
END_TEST

/* One thread's networks, one after the other: as trainings that run at once come and go. */
struct sequel {
    struct trial trial;
    struct err err;
};

static void *open_train_and_close(void *context)
{
    struct sequel *sequel = context;
    bool ok = true;
    for (int i = 0; ok && i < 30; i++) {
        struct outcome outcome;
        struct backend *backend =
            open_on(seki_module.backend, &sequel->trial, PRECISION_FP32, true, &sequel->err);
        ok = backend != NULL;
        for (int j = 0; ok && j < 2; j++)
            ok = backend->type->train(backend, &sequel->trial.batch, &sequel->trial.step,
                                      &sequel->err) &&
                 backend->type->outcome(backend, &outcome, &sequel->err);
        seki_module.backend->close(backend);
    }
    return NULL;
}

START_TEST(networks_of_other_threads_come_and_go)
{
    struct sequel sequels[3];
    pthread_t threads[3];
    fake_set("");
    for (int i = 0; i < 3; i++) {
        sequels[i] = (struct sequel){.trial = trial_make(&small_nets[0])};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, open_train_and_close, &sequels[i]), 0);
    }
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_str_eq(sequels[i].err.text, "");
        trial_free(&sequels[i].trial);
    }
}
END_TEST

static void *set_state(void *context)
{
    struct backend *backend = context;
    struct net_state state = net_state_new(backend->net);
    struct err err = {0};
    ck_assert_msg(backend->type->state_set(backend, &state, &err), "%s", err.text);
    net_state_free(&state);
    return NULL;
}

/* Outside of device_lock(), where a kernel's first launch would. */
START_TEST(setting_a_state_spoils_no_capture_of_another_thread)
{
    const struct backend_setting setting = {
        .batch = BATCH, .threads = 1, .precision = PRECISION_BF16};
    struct trial trial = trial_make(&small_nets[0]);
    struct err err = {0};
    struct device device;
    cudaGraph_t graph;
    pthread_t other;
    fake_set("");
    struct backend *backend = seki_module.backend->open(trial.net, &setting, &err);
    ck_assert_msg(backend && device_open(&device, 0, &err), "%s", err.text);
    ck_assert_int_eq(cudaStreamBeginCapture(device.stream, cudaStreamCaptureModeThreadLocal), 0);
    ck_assert_int_eq(pthread_create(&other, NULL, set_state, backend), 0);
    ck_assert_int_eq(pthread_join(other, NULL), 0);
    ck_assert_int_eq(cudaStreamEndCapture(device.stream, &graph), 0);
    ck_assert_int_eq(cudaGraphDestroy(graph), 0);
    device_close(&device);
    backend->type->close(backend);
    trial_free(&trial);
}
END_TEST

/* ---- what is given back ---- */

START_TEST(closing_gives_everything_back)
{
    struct trial trial = trial_make(&small_nets[_i]);
    fake_set("");
    struct backend *backend = must_open(seki_module.backend, &trial, PRECISION_BF16, false);
    must_train(backend, &trial);
    must_train(backend, &trial);
    ck_assert_uint_gt(fake_counts().device_bytes, 0);
    backend->type->close(backend);
    struct fake_counts counts = fake_counts();
    ck_assert_uint_eq(counts.device_bytes, 0);
    ck_assert_uint_eq(counts.pinned_bytes, 0);
    ck_assert_uint_eq(counts.objects, 0);
    trial_free(&trial);
}
END_TEST

/* ---- trouble ---- */

static const struct {
    const char *device, *expected;
} troubles[] = {
    {"devices=0", "device cuda: this machine has no NVIDIA GPU"},
    {"driver=0", "device cuda: no NVIDIA driver is there"},
    {"driver=11040", "the NVIDIA driver is too old: it serves CUDA 11.4, expected 13.0 or later"},
    {"cudnn=0", "device cuda: cudnnCreate failed: "},
    {"memory=20000", "GB more do not fit into GPU 0 (FAKE"},
};

enum { TROUBLE_COUNT = sizeof(troubles) / sizeof(*troubles) };

START_TEST(a_device_that_cannot_be_used_says_why)
{
    struct trial trial = trial_make(&small_nets[0]);
    struct err err = {0};
    fake_set(troubles[_i].device);
    ck_assert_ptr_null(open_on(seki_module.backend, &trial, PRECISION_FP32, true, &err));
    ck_assert_msg(strstr(err.text, troubles[_i].expected), "%s: found \"%s\"", troubles[_i].device,
                  err.text);
    ck_assert_ptr_null(strchr(err.text, '\n'));
    struct fake_counts counts = fake_counts();
    ck_assert_uint_eq(counts.device_bytes + counts.pinned_bytes + counts.objects, 0);
    trial_free(&trial);
}
END_TEST

START_TEST(a_gpu_that_is_not_there_is_refused)
{
    struct trial trial = trial_make(&small_nets[0]);
    const struct backend_setting setting = {.batch = BATCH, .threads = 1, .device = 2};
    struct err err = {0};
    fake_set("devices=2");
    ck_assert_int_eq(seki_module.backend->device_count(), 2);
    ck_assert_ptr_null(seki_module.backend->open(trial.net, &setting, &err));
    ck_assert_str_eq(err.text,
                     "device cuda: there is no GPU 2, this machine has 2 (counted from 0)");
    trial_free(&trial);
}
END_TEST

/* cuDNN would find it after its next launch in this thread, and refuse an algorithm for it. */
START_TEST(an_error_that_was_told_is_not_left_behind)
{
    const struct device missing = {.number = 9};
    struct err err = {0};
    fake_set("");
    ck_assert(!device_enter(&missing, &err));
    ck_assert_int_eq(cudaGetLastError(), cudaSuccess);
}
END_TEST

/* At whatever point of its work, within a graph or not: one sentence, nothing given out as a
 * result, and everything can be closed. */
START_TEST(a_device_that_is_lost_ends_the_step)
{
    struct trial trial = trial_make(&small_nets[0]);
    struct err none = {0};
    fake_set("");
    struct backend *backend = must_open(seki_module.backend, &trial, PRECISION_FP32, true);
    for (int i = 0; i < 3; i++)
        must_train(backend, &trial);
    size_t work = fake_counts().work;
    backend->type->close(backend);
    for (size_t at = 1 + (size_t)_i; at <= work; at += 7) {
        char setting[64];
        struct err err = {0};
        struct outcome outcome;
        snprintf(setting, sizeof(setting), "lost_at=%zu", at);
        fake_set(setting);
        backend = open_on(seki_module.backend, &trial, PRECISION_FP32, true, &err);
        bool ok = backend != NULL;
        for (int i = 0; ok && i < 3; i++)
            ok = backend->type->train(backend, &trial.batch, &trial.step, &err) &&
                 backend->type->outcome(backend, &outcome, &err);
        ck_assert_msg(!ok, "lost at %zu of %zu pieces of work, and nobody noticed", at, work);
        ck_assert_msg(strstr(err.text, "device cuda: ") == err.text, "%s", err.text);
        if (backend) {
            ck_assert(!backend->type->state_get(backend, &trial.state, &none));
            backend->type->close(backend);
        }
    }
    trial_free(&trial);
}
END_TEST

/* Kernels count their items in 32 bits. */
START_TEST(what_is_too_large_for_one_launch_is_refused)
{
    struct device device;
    struct err err = {0};
    const struct kernel_update update = {0};
    ck_assert_msg(device_open(&device, 0, &err), "%s", err.text);
    ck_assert(
        !device_launch(&device, KERNEL_UPDATE, VALUE_FLOAT, &update, (size_t)INT_MAX + 1, &err));
    ck_assert_str_eq(err.text,
                     "device cuda: 2147483648 items are too many for one launch of update, "
                     "expected at most 2147483647; a smaller batch has fewer");
    device_close(&device);
}
END_TEST

START_TEST(the_survey_names_what_there_is)
{
    struct str text = {0};
    struct err err = {0};
    fake_set("devices=2");
    ck_assert_msg(seki_module.backend->survey(&text, &err), "%s", err.text);
    ck_assert_ptr_nonnull(strstr(text.text, "cuDNN"));
    ck_assert_ptr_nonnull(strstr(text.text, "\nGPU 1: FAKE"));
    str_free(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cuda");
    TCase *arithmetic = tcase_create("arithmetic"), *troubled = tcase_create("trouble");
    tcase_set_timeout(arithmetic, 60);
    tcase_set_timeout(troubled, 60);
    tcase_add_loop_test(arithmetic, bfloat16_is_near_the_reference, 0, small_net_count);
    tcase_add_loop_test(arithmetic, algorithms_that_are_measured_give_the_same, 0, small_net_count);
    tcase_add_loop_test(arithmetic, convolutions_get_an_algorithm_that_runs, 0, 4);
    tcase_add_loop_test(arithmetic, what_is_deterministic_uses_no_other_algorithm, 0,
                        small_net_count);
    tcase_add_loop_test(arithmetic, passes_share_the_search_for_algorithms, 0, small_net_count);
    tcase_add_loop_test(arithmetic, a_step_becomes_one_launch_of_the_same_bits, 0, small_net_count);
    tcase_add_loop_test(arithmetic, a_step_that_is_begun_before_another_ends_has_the_same_bits, 0,
                        small_net_count);
    tcase_add_test(arithmetic, who_ends_a_step_does_not_wait_for_the_next);
    tcase_add_loop_test(arithmetic, passes_of_other_sizes_do_not_disturb, 0, small_net_count);
    tcase_add_loop_test(arithmetic, images_on_the_device_are_augmented_as_those_from_the_host, 0,
                        small_net_count);
    tcase_add_test(arithmetic, networks_side_by_side_do_not_disturb);
    tcase_add_test(arithmetic, networks_on_two_gpus_do_the_same_in_one_thread);
    tcase_add_test(arithmetic, networks_of_other_threads_come_and_go);
    tcase_add_test(arithmetic, setting_a_state_spoils_no_capture_of_another_thread);
    tcase_add_loop_test(troubled, closing_gives_everything_back, 0, small_net_count);
    tcase_add_loop_test(troubled, a_device_that_cannot_be_used_says_why, 0, TROUBLE_COUNT);
    tcase_add_test(troubled, a_gpu_that_is_not_there_is_refused);
    tcase_add_test(troubled, an_error_that_was_told_is_not_left_behind);
    tcase_add_loop_test(troubled, a_device_that_is_lost_ends_the_step, 0, 7);
    tcase_add_test(troubled, what_is_too_large_for_one_launch_is_refused);
    tcase_add_test(troubled, the_survey_names_what_there_is);
    suite_add_tcase(suite, arithmetic);
    suite_add_tcase(suite, troubled);
    return suite_run(suite);
}
