/* The loop of a training, on a backend that follows a script: what it is handed step by step, and
 * what comes of what it says. And on the reference, that something is learned. */
#include "../suite.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "lesson.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PASSES = 3 };
enum { TRAIN = 72, VALID = 24, TEST = 24, STEPS = 4, EPOCHS = 4 }; /* of the usual lesson */

/* ---- a backend that learns nothing: its first parameter counts the steps ---- */

static struct script {
    int correct[EPOCHS + 1]; /* of a full batch of validation images, after so many epochs; of
                                test images one more */
    size_t bad_loss, bad_gradient, bad_evaluation, fails; /* after so many steps; 0: never */
    bool attaches;
    double step_s; /* that the clock moves in a step; 0: it runs as it does */
    int passes;    /* that may be begun before one is ended; 0: PASSES */
} script;

static struct seen {
    size_t steps, with_pixels, dropped, kept;
    bool drops[EPOCHS * STEPS]; /* of the first image of each step */
    struct step step[EPOCHS * STEPS];
    size_t images[EPOCHS * STEPS];
    const struct images *attached;
    int batch;
} seen;

struct scripted {
    struct backend base;
    struct net_state state;
    struct outcome outcomes[PASSES]; /* of the last passes, in turn */
    size_t begun, ended;
};

static struct backend_type scripted_type;

static struct backend *scripted_open(const struct net *net, const struct backend_setting *setting,
                                     struct err *err)
{
    (void)err;
    struct scripted *backend = mem_alloc(1, sizeof(*backend));
    backend->base = (struct backend){&scripted_type, net};
    backend->state = net_state_new(net);
    seen.batch = setting->batch;
    return &backend->base;
}

static void scripted_close(struct backend *backend)
{
    if (backend)
        net_state_free(&((struct scripted *)backend)->state);
    free(backend);
}

static const char *scripted_describe(const struct backend *backend)
{
    (void)backend;
    return "a script";
}

static void copy_state(const struct net *net, struct net_state *to, const struct net_state *from)
{
    memcpy(to->params, from->params, net->param_size * sizeof(float));
    memcpy(to->momentum, from->momentum, net->param_size * sizeof(float));
    memcpy(to->stats, from->stats, net->stat_size * sizeof(float));
}

static bool scripted_set(struct backend *backend, const struct net_state *state, struct err *err)
{
    struct scripted *scripted = (struct scripted *)backend;
    (void)err;
    ck_assert_uint_eq(scripted->begun, scripted->ended);
    copy_state(backend->net, &scripted->state, state);
    return true;
}

static bool scripted_get(struct backend *backend, struct net_state *state, struct err *err)
{
    struct scripted *scripted = (struct scripted *)backend;
    (void)err;
    ck_assert_uint_eq(scripted->begun, scripted->ended);
    copy_state(backend->net, state, &scripted->state);
    return true;
}

static bool scripted_attach(struct backend *backend, const struct images *images, struct err *err)
{
    (void)backend, (void)err;
    seen.attached = images;
    return true;
}

/* A place for the outcome of a pass that begins. */
static struct outcome *begin(struct backend *backend)
{
    struct scripted *scripted = (struct scripted *)backend;
    ck_assert_uint_lt(scripted->begun - scripted->ended, (size_t)backend->type->passes);
    return &scripted->outcomes[scripted->begun++ % PASSES];
}

static bool scripted_outcome(struct backend *backend, struct outcome *outcome, struct err *err)
{
    struct scripted *scripted = (struct scripted *)backend;
    (void)err;
    ck_assert_uint_lt(scripted->ended, scripted->begun);
    *outcome = scripted->outcomes[scripted->ended++ % PASSES];
    return true;
}

static bool scripted_train(struct backend *backend, const struct batch *batch,
                           const struct step *step, struct err *err)
{
    float *steps = ((struct scripted *)backend)->state.params;
    *steps = seen.steps ? *steps + 1 : 1;
    for (size_t i = 0; step->drop_scale && i < backend->net->drop_count * batch->count; i++) {
        seen.dropped += step->drop_scale[i] == 0;
        seen.kept += step->drop_scale[i] > 1;
    }
    seen.drops[seen.steps] = step->drop_scale && step->drop_scale[0] == 0;
    seen.step[seen.steps] = *step;
    seen.images[seen.steps++] = batch->count;
    seen.with_pixels += batch->pixels != NULL;
    if (script.step_s > 0)
        clock_hold((double)seen.steps * script.step_s);
    *begin(backend) =
        (struct outcome){.images = batch->count,
                         .loss = seen.steps == script.bad_loss ? (double)NAN : 1,
                         .gradient_norm = seen.steps == script.bad_gradient ? (double)INFINITY : 1,
                         .correct = batch->count / 2};
    return seen.steps != script.fails || err_set(err, ERR_TOOL, "the device is lost");
}

static bool scripted_evaluate(struct backend *backend, const struct batch *batch, struct err *err)
{
    (void)err;
    float steps = *((struct scripted *)backend)->state.params;
    bool test = batch->views[0].index >= TRAIN + VALID, whole = batch->count == (size_t)seen.batch;
    int correct = whole ? script.correct[(int)steps / STEPS] + test : 0;
    *begin(backend) = (struct outcome){
        .images = batch->count,
        .loss = script.bad_evaluation && steps >= (float)script.bad_evaluation ? (double)NAN : 1,
        .correct = (size_t)correct};
    return true;
}

static struct backend_type scripted_type = {
    .name = "scripted",
    .open = scripted_open,
    .describe = scripted_describe,
    .state_set = scripted_set,
    .state_get = scripted_get,
    .train = scripted_train,
    .evaluate = scripted_evaluate,
    .outcome = scripted_outcome,
    .close = scripted_close,
};

static void follow_script(const char *settings, struct lesson *lesson)
{
    seen = (struct seen){0};
    lesson_make(lesson, settings);
    lesson->job.backend = &scripted_type;
    scripted_type.attach = script.attaches ? scripted_attach : NULL;
    scripted_type.passes = script.passes ? script.passes : PASSES;
}

static struct fit_result run_script(const char *settings, struct lesson *lesson)
{
    struct fit_result result;
    struct err err = {0};
    follow_script(settings, lesson);
    ck_assert_msg(fit_run(&lesson->job, &result, &err), "%s", err.text);
    return result;
}

/* ---- what it hands down ---- */

START_TEST(steps_are_the_recipes)
{
    struct lesson lesson;
    script = (struct script){0};
    struct fit_result result = run_script(
        "\"weight_decay\": 0.25, \"nesterov\": false, \"clip_norm\": 5, \"momentum\": 0.5, "
        "\"label_smoothing\": 0.125, \"learning_rate\": 0.4, \"min_learning_rate\": 0.2",
        &lesson);
    static const double rates[EPOCHS] = {0.4, 0.370710678, 0.3, 0.229289322};
    ck_assert_uint_eq(seen.steps, EPOCHS * STEPS);
    for (size_t i = 0; i < seen.steps; i++) {
        const struct step *step = &seen.step[i];
        ck_assert_double_eq_tol(step->learning_rate, rates[i / STEPS], 1e-9);
        ck_assert(step->weight_decay == 0.25 && !step->nesterov && step->clip_norm == 5);
        ck_assert(step->momentum == 0.5 && step->label_smoothing == 0.125 && !step->drop_scale);
        ck_assert_uint_eq(seen.images[i], i % STEPS == STEPS - 1 ? TRAIN % 20 : 20);
    }
    ck_assert_int_eq(seen.batch, 20);
    ck_assert_uint_eq(seen.with_pixels, seen.steps);
    for (size_t i = 0; i < EPOCHS; i++) {
        ck_assert_double_eq_tol(result.curve[i].learning_rate, rates[i], 1e-9);
        ck_assert_double_eq(result.curve[i].train_loss, 1);
        ck_assert_double_eq(result.curve[i].train_pct, 50);
    }
    fit_result_free(&result);
    lesson_free(&lesson);
}
END_TEST

START_TEST(paths_are_dropped_ever_more_often)
{
    struct lesson lesson;
    script = (struct script){0};
    struct fit_result result = run_script("\"drop_path\": 0.8", &lesson);
    for (size_t i = 0; i < seen.steps; i++)
        ck_assert_int_eq(seen.step[i].drop_scale != NULL, i >= STEPS);
    ck_assert_uint_eq(seen.dropped + seen.kept, (EPOCHS - 1) * TRAIN);
    /* 0.2, 0.4, 0.6: of 216 draws 86 are expected, with a deviation of 7. */
    ck_assert_uint_gt(seen.dropped, 60);
    ck_assert_uint_lt(seen.dropped, 112);
    /* With one stream for all epochs, what is dropped once would be ever after. */
    bool again = true;
    for (size_t i = 0; i + STEPS < seen.steps; i++)
        again = again && seen.drops[i] <= seen.drops[i + STEPS];
    ck_assert(!again);
    fit_result_free(&result);
    lesson_free(&lesson);
}
END_TEST

START_TEST(a_backend_that_takes_the_images_gets_no_pixels)
{
    struct lesson lesson;
    script = (struct script){.attaches = true};
    struct fit_result result = run_script("", &lesson);
    ck_assert_ptr_eq(seen.attached, &lesson.dataset->images);
    ck_assert_uint_eq(seen.with_pixels, 0);
    fit_result_free(&result);
    lesson_free(&lesson);
}
END_TEST

/* A file that a line goes to every half minute, as where stderr is no terminal. */
START_TEST(progress_is_a_line_every_half_minute)
{
    struct lesson lesson;
    size_t size;
    char path[] = "seki-fit-XXXXXX";
    int file = mkstemp(path), kept = dup(STDERR_FILENO);
    script = (struct script){.step_s = 20, .passes = 1};
    clock_hold(0);
    log_set_level(LOG_INFO);
    ck_assert(file >= 0 && kept >= 0 && dup2(file, STDERR_FILENO) >= 0);
    struct fit_result result = run_script("\"epochs\": 2", &lesson);
    ck_assert_int_ge(dup2(kept, STDERR_FILENO), 0);
    char *text = file_read(path, 1 << 20, &size, NULL);
    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(text, "lesson: epoch 1 of 2, 1.0 images/s, loss 1.000, 104 s left\n"
                           "lesson: epoch 1 of 2, 0.9 images/s, loss 1.000, 80 s left\n"
                           "lesson: epoch 2 of 2, 0.9 images/s, loss 1.000, 34 s left\n"
                           "lesson: epoch 2 of 2, 0.9 images/s, loss 1.000, 0 s left\n");
    close(file);
    close(kept);
    unlink(path);
    free(text);
    fit_result_free(&result);
    lesson_free(&lesson);
}
END_TEST

/* ---- what it makes of what comes back ---- */

START_TEST(the_best_epoch_is_chosen_by_validation_and_tested_with_its_own_state)
{
    struct lesson lesson;
    script = (struct script){.correct = {0, 5, 9, 9, 3}};
    struct fit_result result = run_script("", &lesson);
    ck_assert_uint_eq(result.curve_count, EPOCHS);
    for (size_t i = 0; i < EPOCHS; i++)
        ck_assert_double_eq(result.curve[i].valid_pct, 100.0 * script.correct[i + 1] / VALID);
    ck_assert_int_eq(result.final.epoch, 3);
    ck_assert_double_eq(result.final.valid_pct, 100.0 * 3 / VALID);
    ck_assert_double_eq(result.final.test_pct, 100.0 * 4 / TEST);
    ck_assert_int_eq(result.best.epoch, 1);
    ck_assert_double_eq(result.best.valid_pct, 100.0 * 9 / VALID);
    ck_assert_double_eq(result.best.test_pct, 100.0 * 10 / TEST);
    ck_assert(!result.diverged && !result.reason[0]);
    ck_assert_str_eq(result.device, "a script");
    fit_result_free(&result);
    lesson_free(&lesson);
}
END_TEST

START_TEST(without_validation_images_the_last_epoch_counts)
{
    struct lesson lesson;
    script = (struct script){.correct = {0, 9, 3}};
    struct fit_result result = run_script("\"valid_from\": \"none\", \"epochs\": 2", &lesson);
    ck_assert_double_nan(result.final.valid_pct);
    ck_assert_double_nan(result.best.valid_pct);
    ck_assert_int_eq(result.best.epoch, 1);
    ck_assert_double_eq(result.final.test_pct, 100.0 * 4 / TEST);
    ck_assert_double_eq(result.best.test_pct, result.final.test_pct);
    fit_result_free(&result);
    lesson_free(&lesson);
}
END_TEST

static const struct {
    struct script script;
    const char *reason;
    size_t epochs;
} divergences[] = {
    {{.bad_loss = 1}, "epoch 1, step 1: the loss is not finite", 0},
    {{.bad_loss = 7}, "epoch 2, step 3: the loss is not finite", 1},
    {{.bad_gradient = 16}, "epoch 4, step 4: the gradient is not finite", 3},
    {{.bad_evaluation = 8}, "evaluation after epoch 2: the loss is not finite", 1},
};

START_TEST(what_diverges_ends_with_a_reason_and_without_scores)
{
    struct lesson lesson;
    script = divergences[_i].script;
    script.step_s = 2;
    clock_hold(0);
    struct fit_result result = run_script("", &lesson);
    ck_assert(result.diverged);
    ck_assert_str_eq(result.reason, divergences[_i].reason);
    ck_assert_uint_eq(result.curve_count, divergences[_i].epochs);
    ck_assert_double_eq(result.train_s, 2 * (double)seen.steps);
    ck_assert(isnan(result.final.valid_pct) && isnan(result.final.test_pct));
    ck_assert(isnan(result.best.valid_pct) && isnan(result.best.test_pct));
    fit_result_free(&result);
    lesson_free(&lesson);
}
END_TEST

static void check_refused(struct lesson *lesson, const char *expected)
{
    struct fit_result result;
    struct err err = {0};
    ck_assert(!fit_run(&lesson->job, &result, &err));
    ck_assert_str_eq(err.text, expected);
    lesson_free(lesson);
}

START_TEST(a_device_that_fails_is_an_error)
{
    struct lesson lesson;
    script = (struct script){.fails = 6};
    follow_script("", &lesson);
    check_refused(&lesson, "the device is lost");
}
END_TEST

START_TEST(a_weight_of_no_auxiliary_head_is_refused)
{
    struct lesson lesson;
    lesson_make(&lesson, "\"auxiliary_weight\": 0.4");
    check_refused(&lesson,
                  "lesson: auxiliary_weight is 0.4, but the network has no auxiliary head");
}
END_TEST

/* ---- the reference ---- */

START_TEST(a_small_net_learns)
{
    struct lesson lesson;
    struct fit_result result;
    struct err err = {0};
    lesson_make(&lesson, "\"images\": 400, \"epochs\": 6, \"drop_path\": 0.1");
    ck_assert_msg(fit_run(&lesson.job, &result, &err), "%s", err.text);
    ck_assert_double_gt(result.final.valid_pct, 75);
    ck_assert_double_gt(result.final.test_pct, 75);
    ck_assert_double_lt(result.curve[5].train_loss, result.curve[0].train_loss / 2);
    ck_assert_double_gt(result.train_s, 0);
    ck_assert_double_gt(result.evaluate_s, 0);
    ck_assert_double_eq_tol(result.images_per_s, 6 * 300 / result.train_s, 1e-6);
    fit_result_free(&result);
    lesson_free(&lesson);
}
END_TEST

int main(void)
{
    log_set_level(LOG_WARN);
    Suite *suite = suite_create("fit");
    TCase *down = tcase_create("steps"), *back = tcase_create("results"),
          *reference = tcase_create("reference");
    tcase_add_test(down, steps_are_the_recipes);
    tcase_add_test(down, paths_are_dropped_ever_more_often);
    tcase_add_test(down, a_backend_that_takes_the_images_gets_no_pixels);
    tcase_add_test(down, progress_is_a_line_every_half_minute);
    tcase_add_test(back, the_best_epoch_is_chosen_by_validation_and_tested_with_its_own_state);
    tcase_add_test(back, without_validation_images_the_last_epoch_counts);
    tcase_add_loop_test(back, what_diverges_ends_with_a_reason_and_without_scores, 0,
                        sizeof(divergences) / sizeof(*divergences));
    tcase_add_test(back, a_device_that_fails_is_an_error);
    tcase_add_test(back, a_weight_of_no_auxiliary_head_is_refused);
    tcase_add_test(reference, a_small_net_learns);
    suite_add_tcase(suite, down);
    suite_add_tcase(suite, back);
    suite_add_tcase(suite, reference);
    return suite_run(suite);
}
