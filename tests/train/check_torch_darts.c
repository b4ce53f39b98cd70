/* A small DARTS network, with auxiliary head, drop path, label smoothing, clipping and plain
 * momentum, on every backend against the figures of torch-darts.json, which PyTorch computed in
 * double with upstream's own modules (torch-darts.py). PyTorch's float is off by 2e-7 of a loss and
 * by 3e-7 of a logit after the steps. */
#include "../suite.h"
#include "base/file.h"
#include "base/mem.h"
#include "rig.h"
#include "train/networks.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIZE = 32 };

static const double TOLERANCE = 1e-5; /* of logits, losses, and gradients by the whole's norm */

static json_t *figures;

static double number(const char *key)
{
    const json_t *value = json_object_get(figures, key);
    ck_assert_msg(json_is_number(value), "%s", key);
    return json_number_value(value);
}

static double place(const json_t *list, size_t i)
{
    ck_assert_uint_lt(i, json_array_size(list));
    return json_number_value(json_array_get(list, i));
}

/* ---- the formula that torch-darts.py draws by ---- */

static uint32_t mix(uint32_t x)
{
    x = (x ^ (x >> 16)) * UINT32_C(0x85EBCA6B);
    x = (x ^ (x >> 13)) * UINT32_C(0xC2B2AE35);
    return x ^ (x >> 16);
}

static double draw(uint32_t stream, size_t i)
{
    return (mix(mix(stream) + (uint32_t)i) >> 8) * 0x1p-24;
}

static void fill_params(const struct net *net, float *params)
{
    for (size_t p = 0; p < net->param_count; p++)
        for (size_t i = 0; i < net->params[p].count; i++) {
            size_t at = net->params[p].offset + i;
            double unit = 2 * draw(1, at) - 1;
            params[at] = (float)(net->params[p].init == NET_UNIFORM
                                     ? unit / sqrt(net->params[p].fan_in)
                                     : unit / 4 + (net->params[p].init == NET_ONES));
        }
}

/* ---- the trial ---- */

struct trial {
    struct net *net;
    struct batch batch;
    float *pixels, *drop_scale;
    uint16_t *labels;
    struct step step;
};

static void add_edges(struct str *out, const char *cell)
{
    const json_t *edges = json_object_get(figures, cell);
    str_addf(out, "%s=[", cell);
    for (size_t i = 0; i < json_array_size(edges); i++) {
        const json_t *edge = json_array_get(edges, i);
        str_addf(out, "%s('%s', %d)", i ? ", " : "", json_string_value(json_array_get(edge, 0)),
                 (int)place(edge, 1));
    }
    str_addf(out, "], %s_concat=[2, 3, 4, 5]", cell);
}

static struct net *build(void)
{
    const struct space *space = space_find("darts");
    const struct net_setting setting = {.image = {3, SIZE, SIZE},
                                        .classes = (int)number("classes"),
                                        .cells = (int)number("cells"),
                                        .channels = (int)number("channels"),
                                        .auxiliary = true,
                                        .affine = true};
    struct str genotype = {0};
    struct arch arch;
    struct err err = {0};
    str_add(&genotype, "Genotype(");
    add_edges(&genotype, "normal");
    str_add(&genotype, ", ");
    add_edges(&genotype, "reduce");
    str_add(&genotype, ")");
    ck_assert_msg(space_read(space, genotype.text, &arch, &err), "%s", err.text);
    struct net *net = network_build(space, &arch, &setting, &err);
    ck_assert_msg(net != NULL, "%s", err.text);
    str_free(&genotype);
    return net;
}

static struct trial trial_make(void)
{
    struct trial trial = {.net = build()};
    size_t count = (size_t)number("batch"), size = count * 3 * SIZE * SIZE;
    trial.pixels = mem_alloc(size, sizeof(*trial.pixels));
    trial.labels = mem_alloc(count, sizeof(*trial.labels));
    trial.drop_scale = mem_alloc(trial.net->drop_count * count, sizeof(*trial.drop_scale));
    for (size_t i = 0; i < size; i++)
        trial.pixels[i] = (float)(4 * draw(2, i) - 2);
    for (size_t i = 0; i < count; i++)
        trial.labels[i] = (uint16_t)(draw(3, i) * number("classes"));
    trial.batch = (struct batch){.count = count, .labels = trial.labels, .pixels = trial.pixels};
    trial.step = (struct step){.learning_rate = number("learning_rate"),
                               .momentum = number("momentum"),
                               .weight_decay = number("weight_decay"),
                               .clip_norm = number("clip_norm"),
                               .label_smoothing = number("label_smoothing"),
                               .auxiliary_weight = number("auxiliary_weight"),
                               .drop_scale = trial.drop_scale};
    return trial;
}

static void trial_free(struct trial *trial)
{
    free(trial->pixels);
    free(trial->labels);
    free(trial->drop_scale);
    net_free(trial->net);
}

static struct outcome take_step(struct trial *trial, struct rig *rig, size_t number_of_step)
{
    double drop_path = number("drop_path");
    for (size_t i = 0; i < trial->net->drop_count * trial->batch.count; i++)
        trial->drop_scale[i] =
            draw(4 + (uint32_t)number_of_step, i) < drop_path ? 0.0F : (float)(1 / (1 - drop_path));
    return rig_train(rig, &trial->batch, &trial->step);
}

/* ---- what is compared ---- */

static void check_logits(const struct rig *rig, const char *key)
{
    const json_t *logits = json_object_get(figures, key);
    for (size_t i = 0; i < json_array_size(logits); i++)
        rig_check_near((double)rig->logits[i], place(logits, i), TOLERANCE, key, i);
}

/* [name, count, norm of the gradient, signed sum of it, signed sum of the stepped weights] */
static void check_tensors(const struct rig *rig)
{
    const json_t *tensors = json_object_get(figures, "tensors");
    double whole = number("gradient_norm");
    ck_assert_uint_eq(json_array_size(tensors), rig->net->param_count);
    for (size_t i = 0; i < rig->net->param_count; i++) {
        const struct net_param *param = &rig->net->params[i];
        const json_t *tensor = json_array_get(tensors, i);
        const float *gradient = rig->gradient + param->offset;
        double root = sqrt((double)param->count);
        ck_assert_str_eq(param->name, json_string_value(json_array_get(tensor, 0)));
        ck_assert_uint_eq(param->count, (size_t)place(tensor, 1));
        rig_check_near(rig_norm(gradient, param->count), place(tensor, 2), TOLERANCE * whole,
                       "norm of gradient", i);
        rig_check_near(rig_signed_sum(gradient, param->count), place(tensor, 3),
                       TOLERANCE * whole * root, "signed sum of gradient", i);
        rig_check_near(rig_signed_sum(rig->state.params + param->offset, param->count),
                       place(tensor, 4), 1e-7 * root, "signed sum of stepped weights", i);
    }
}

/* [sum of running means, sum of running variances] of each batch norm */
static void check_statistics(const struct rig *rig)
{
    const json_t *statistics = json_object_get(figures, "statistics");
    ck_assert_uint_eq(json_array_size(statistics), rig->net->norm_count);
    for (size_t i = 0; i < rig->net->norm_count; i++) {
        const struct net_norm *norm = &rig->net->norms[i];
        const float *stats = rig->state.stats + norm->stat;
        for (size_t part = 0; part < 2; part++) {
            double sum = 0, expected = place(json_array_get(statistics, i), part);
            for (int c = 0; c < norm->channels; c++)
                sum += (double)stats[part * (size_t)norm->channels + (size_t)c];
            rig_check_near(sum, expected, TOLERANCE * (1 + fabs(expected)), "statistics", i);
        }
    }
}

START_TEST(a_darts_network_trains_as_upstreams_does)
{
    struct trial trial = trial_make();
    struct rig rig;
    const json_t *losses = json_object_get(figures, "loss");
    ck_assert_uint_eq(trial.net->drop_count, (size_t)number("paths"));
    rig_open(&rig, trial.net, rig_backends[_i], trial.batch.count);
    fill_params(trial.net, rig.state.params);
    rig_set(&rig, &rig.state);
    ck_assert_uint_gt(json_array_size(losses), 1);
    for (size_t i = 0; i < json_array_size(losses); i++) {
        struct outcome outcome = take_step(&trial, &rig, i);
        rig_check_near(outcome.loss, place(losses, i), TOLERANCE * place(losses, i), "loss", i);
        if (i > 0)
            continue;
        rig_check_near(outcome.gradient_norm, number("gradient_norm"),
                       TOLERANCE * number("gradient_norm"), "gradient norm", 0);
        check_logits(&rig, "logits");
        check_tensors(&rig);
        check_statistics(&rig);
    }
    rig_evaluate(&rig, &trial.batch);
    check_logits(&rig, "eval_logits");
    rig_close(&rig);
    trial_free(&trial);
}
END_TEST

int main(void)
{
    const char *source = getenv("srcdir");
    char *path = mem_printf("%s/tests/train/torch-darts.json", source ? source : ".");
    char *text = file_read(path, 1 << 20, NULL, NULL);
    figures = text ? json_loads(text, 0, NULL) : NULL;
    if (!figures) {
        fprintf(stderr, "%s: not there, or no JSON\n", path);
        return 99;
    }
    rig_find_backends();
    Suite *suite = suite_create("torch-darts");
    TCase *darts = tcase_create("darts");
    tcase_add_loop_test(darts, a_darts_network_trains_as_upstreams_does, 0, rig_backend_count);
    suite_add_tcase(suite, darts);
    int status = suite_run(suite);
    json_decref(figures);
    free(text);
    free(path);
    return status;
}
