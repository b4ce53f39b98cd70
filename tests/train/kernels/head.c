/* Mean over the pixels, classifier, loss. */
#include "base/mem.h"
#include "cases.h"

#include <math.h>
#include <stdlib.h>

START_TEST(the_mean_over_pixels_and_its_gradient)
{
    struct rng rng = rng_seed((uint64_t)_i);
    const struct extent *extent = extent_of(_i);
    int channels = extent->blocks * KERNEL_LANES, pixels = extent->H * extent->W;
    struct field wide = field_new(&rng, type_of(_i), rows_of(extent), channels);
    struct field pooled = field_new(&rng, type_of(_i), (size_t)extent->count, channels);
    double *mean = field_like(&pooled), *back = field_like(&wide);
    for (int i = 0; i < (int)wide.rows * channels; i++) {
        int image = i / channels / pixels;
        mean[image * channels + i % channels] += wide.values[i] / pixels;
        back[i] = pooled.values[image * channels + i % channels] / pixels;
    }
    struct kernel_mean kernel = {field_tensor(&wide), field_tensor(&pooled), extent->count, pixels,
                                 extent->blocks};
    kernel_run(KERNEL_MEAN_BACK, type_of(_i), &kernel, wide.rows * (size_t)extent->blocks);
    field_check(&wide, back, "gradient");
    field_check_untouched(&pooled, "pooled");
    field_set(&wide, wide.values);
    kernel_run(KERNEL_MEAN, type_of(_i), &kernel, pooled.rows * (size_t)extent->blocks);
    field_check(&pooled, mean, "mean");
    field_check_untouched(&wide, "wide");
    free(mean);
    free(back);
    field_free(&wide);
    field_free(&pooled);
}
END_TEST

/* ---- the classifier ---- */

/* Images, classes, blocks of channels. */
static const int classifiers[][3] = {{1, 2, 1}, {5, 10, 2}, {17, 8, 3}, {3, 100, 9}};
enum { CLASSIFIERS = sizeof(classifiers) / sizeof(*classifiers) };

struct classifier {
    int count, classes, channels, lanes;
    struct field input, output, input_gradient, output_gradient;
    struct field weight, bias, weight_gradient, bias_gradient;
    double *logits, *back, *of_weight, *of_bias; /* expected */
};

static void classifier_open(struct classifier *it, struct rng *rng, enum value_type type,
                            const int *sizes)
{
    *it = (struct classifier){.count = sizes[0], .classes = sizes[1], .channels = 8 * sizes[2]};
    it->lanes = (it->classes + 7) / 8 * 8;
    it->input = field_new(rng, type, (size_t)it->count, it->channels);
    it->output = field_new(rng, type, (size_t)it->count, it->lanes);
    it->input_gradient = field_new(rng, type, (size_t)it->count, it->channels);
    it->output_gradient = field_new(rng, type, (size_t)it->count, it->lanes);
    it->weight = field_new(rng, VALUE_FLOAT, 1, it->classes * it->channels);
    it->bias = field_new(rng, VALUE_FLOAT, 1, it->classes);
    it->weight_gradient = field_new(rng, VALUE_FLOAT, 1, it->classes * it->channels);
    it->bias_gradient = field_new(rng, VALUE_FLOAT, 1, it->classes);
    it->logits = field_like(&it->output);
    it->back = field_like(&it->input_gradient);
    it->of_weight = field_like(&it->weight);
    it->of_bias = field_like(&it->bias);
    for (int n = 0; n < it->count; n++)
        for (int k = 0; k < it->classes; k++) {
            double gradient = it->output_gradient.values[n * it->lanes + k];
            it->logits[n * it->lanes + k] = it->bias.values[k];
            it->of_bias[k] += gradient;
            for (int c = 0; c < it->channels; c++) {
                double weight = it->weight.values[k * it->channels + c];
                double input = it->input.values[n * it->channels + c];
                it->logits[n * it->lanes + k] += weight * input;
                it->back[n * it->channels + c] += weight * gradient;
                it->of_weight[k * it->channels + c] += gradient * input;
            }
        }
}

static void classifier_close(struct classifier *it)
{
    field_free(&it->input);
    field_free(&it->output);
    field_free(&it->input_gradient);
    field_free(&it->output_gradient);
    field_free(&it->weight);
    field_free(&it->bias);
    field_free(&it->weight_gradient);
    field_free(&it->bias_gradient);
    free(it->logits);
    free(it->back);
    free(it->of_weight);
    free(it->of_bias);
}

START_TEST(the_classifier_and_its_gradients)
{
    struct rng rng = rng_seed((uint64_t)_i);
    struct classifier it;
    enum value_type type = type_of(_i);
    classifier_open(&it, &rng, type, classifiers[_i / 2]);
    struct kernel_linear linear = {.input = field_tensor(&it.input),
                                   .output = field_tensor(&it.output),
                                   .input_gradient = field_tensor(&it.input_gradient),
                                   .output_gradient = field_tensor(&it.output_gradient),
                                   .weight = field_data(&it.weight),
                                   .bias = field_data(&it.bias),
                                   .weight_gradient = field_data(&it.weight_gradient),
                                   .bias_gradient = field_data(&it.bias_gradient),
                                   .count = it.count,
                                   .classes = it.classes,
                                   .in_blocks = it.channels / KERNEL_LANES,
                                   .out_blocks = it.lanes / KERNEL_LANES};
    kernel_run(KERNEL_LINEAR, type, &linear, (size_t)(it.count * it.lanes));
    kernel_run(KERNEL_LINEAR_BACK, type, &linear, (size_t)(it.count * it.channels));
    kernel_run(KERNEL_LINEAR_WEIGHTS, type, &linear, (size_t)(it.classes * (it.channels + 1)));
    field_check(&it.output, it.logits, "logits");
    field_check(&it.input_gradient, it.back, "gradient of the input");
    field_check(&it.weight_gradient, it.of_weight, "gradient of the weights");
    field_check(&it.bias_gradient, it.of_bias, "gradient of the biases");
    field_check_untouched(&it.input, "input");
    field_check_untouched(&it.output_gradient, "gradient of the output");
    field_check_untouched(&it.weight, "weights");
    field_check_untouched(&it.bias, "biases");
    classifier_close(&it);
}
END_TEST

/* ---- the loss ---- */

enum { IMAGES = 37, UNTOUCHED = -7 };

static const struct lesson {
    int classes;
    float smoothing;
    bool evaluation, auxiliary;
} lessons[] = {{10, 0, false, false},
               {10, 0.1F, false, true},
               {1, 0.1F, false, false},
               {100, 0.2F, false, false},
               {16, 0, true, false}};
enum { LESSONS = sizeof(lessons) / sizeof(*lessons) };

struct expected_loss {
    double losses[IMAGES], *gradient;
    int correct[IMAGES];
};

/* Logits in halves, so that there are equal ones, and large enough to need care. */
static void draw_logits(struct rng *rng, struct field *logits)
{
    for (size_t i = 0; i < logits->rows * (size_t)logits->channels; i++)
        logits->values[i] = round(2 * logits->values[i]) / 2 + 200 * (double)(i % 5 == 0) +
                            100 * (double)rng_below(rng, 2);
    field_set(logits, logits->values);
}

static void expect_loss(struct expected_loss *expected, const struct lesson *lesson, int n,
                        const struct field *logits, int label, double weight)
{
    const double *z = logits->values + n * logits->channels;
    int best = 0;
    double sum = 0;
    for (int k = 1; k < lesson->classes; k++)
        best = z[k] > z[best] ? k : best;
    for (int k = 0; k < lesson->classes; k++)
        sum += exp(z[k] - z[best]);
    for (int k = 0; k < lesson->classes; k++) {
        double p = exp(z[k] - z[best]) / sum, smoothing = (double)lesson->smoothing;
        double q = smoothing / lesson->classes + (k == label ? 1 - smoothing : 0);
        expected->losses[n] -= weight * q * (z[k] - z[best] - log(sum));
        expected->gradient[n * logits->channels + k] = weight * (p - q) / IMAGES;
    }
    expected->correct[n] = lesson->auxiliary ? UNTOUCHED : best == label;
}

START_TEST(losses_are_smoothed_weighted_and_added)
{
    struct rng rng = rng_seed((uint64_t)_i);
    const struct lesson *lesson = &lessons[_i / 2];
    const struct kernel_step step = {.label_smoothing = lesson->smoothing,
                                     .auxiliary_weight = 0.4F};
    int lanes = (lesson->classes + 7) / 8 * 8, correct[IMAGES];
    struct field logits = field_new(&rng, type_of(_i), IMAGES, lanes),
                 gradient = field_new(&rng, type_of(_i), IMAGES, lanes),
                 losses = field_new(&rng, VALUE_FLOAT, 1, IMAGES);
    struct expected_loss expected = {.gradient = field_like(&gradient)};
    uint16_t labels[IMAGES];
    draw_logits(&rng, &logits);
    for (int n = 0; n < IMAGES; n++) {
        labels[n] = (uint16_t)rng_below(&rng, (size_t)lesson->classes);
        correct[n] = UNTOUCHED;
        expected.losses[n] = losses.values[n];
        expect_loss(&expected, lesson, n, &logits, labels[n],
                    lesson->auxiliary ? (double)step.auxiliary_weight : 1);
    }
    struct kernel_loss loss = {.logits = field_tensor(&logits),
                               .gradient = field_tensor(&gradient),
                               .labels = labels,
                               .step = lesson->evaluation ? NULL : &step,
                               .losses = field_data(&losses),
                               .correct = correct,
                               .count = IMAGES,
                               .classes = lesson->classes,
                               .blocks = lanes / KERNEL_LANES,
                               .auxiliary = lesson->auxiliary};
    kernel_run(KERNEL_LOSS, type_of(_i), &loss, IMAGES);
    field_check(&losses, expected.losses, "losses");
    ck_assert_mem_eq(correct, expected.correct, sizeof(correct));
    if (lesson->evaluation)
        field_check_untouched(&gradient, "gradient in evaluation");
    else
        field_check(&gradient, expected.gradient, "gradient");
    free(expected.gradient);
    field_free(&logits);
    field_free(&gradient);
    field_free(&losses);
}
END_TEST

START_TEST(the_outcome_is_that_of_all_images)
{
    static const int counts[] = {1, 255, 256, 1000};
    struct rng rng = rng_seed((uint64_t)_i);
    int count = counts[_i], right = 0;
    struct field losses = field_new(&rng, VALUE_FLOAT, 1, count);
    int *correct = mem_alloc((size_t)count, sizeof(*correct));
    struct kernel_result result = {.gradient_norm = 3, .clip = 5};
    double sum = 0;
    for (int i = 0; i < count; i++) {
        right += correct[i] = (int)rng_below(&rng, 2);
        sum += losses.values[i];
    }
    struct kernel_outcome outcome = {field_data(&losses), correct, &result, count};
    kernel_run(KERNEL_OUTCOME, VALUE_FLOAT, &outcome, 1);
    ck_assert_double_eq_tol(result.loss, sum / count, 1e-12);
    ck_assert_int_eq(result.correct, right);
    ck_assert(result.gradient_norm == 3 && result.clip == 5);
    free(correct);
    field_free(&losses);
}
END_TEST

TCase *cases_of_head(void)
{
    TCase *head = tcase_create("head");
    tcase_add_loop_test(head, the_mean_over_pixels_and_its_gradient, 0, CASES);
    tcase_add_loop_test(head, the_classifier_and_its_gradients, 0, VALUE_TYPES * CLASSIFIERS);
    tcase_add_loop_test(head, losses_are_smoothed_weighted_and_added, 0, VALUE_TYPES * LESSONS);
    tcase_add_loop_test(head, the_outcome_is_that_of_all_images, 0, 4);
    return head;
}
