#include "lesson.h"

#include "base/mem.h"

#include <check.h>
#include <stdlib.h>

static const struct option table[] = {DATASET_OPTIONS, SPLIT_OPTIONS, RECIPE_OPTIONS, {0}};

static const char usual[] =
    "{\"dataset\": \"synthetic\", \"image_size\": 8, \"channels\": 1, \"classes\": 4, "
    "\"images\": 96, \"valid_from\": \"train\", \"valid_fraction\": 0.25, \"crop_padding\": 1, "
    "\"epochs\": 4, \"batch\": 20, \"learning_rate\": 0.1}";

static json_t *make_settings(const char *more)
{
    struct faults faults = {0};
    struct err err = {0};
    char *text = mem_printf("{%s}", more);
    json_t *given = json_loads(usual, 0, NULL), *changes = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(changes);
    json_object_update(given, changes);
    json_t *settings = option_resolve(table, given, "", &faults);
    ck_assert_msg(fault_report(&faults, "lesson", &err), "%s", err.text);
    json_decref(given);
    json_decref(changes);
    free(text);
    return settings;
}

/* 3x3 convolutions with batch norm, two stages; one path may be dropped. */
static struct net *make_net(const struct images *images)
{
    struct net *net = net_new((struct shape){images->C, images->H, images->W}, images->classes);
    struct net_conv conv = {.channels = 6, .kernel = 3, .padding = 1};
    struct net_term stem =
        net_normed(net, net_add_conv(net, 0, conv, "stem.conv"), true, "stem.norm");
    int first = net_add_alone(net, stem);
    conv.relu = true;
    struct net_term terms[] = {
        net_plain(first), net_dropped(net, net_normed(net, net_add_conv(net, first, conv, "conv"),
                                                      true, "conv.norm"))};
    int second = net_add_sum(net, net->tensors[first], terms, 2);
    net_finish(net,
               net_add_linear(net, net_add_mean(net, second, true), images->classes, "classifier"),
               -1);
    return net;
}

void lesson_make(struct lesson *lesson, const char *more)
{
    struct err err = {0};
    *lesson = (struct lesson){.settings = make_settings(more)};
    lesson->dataset = dataset_open(lesson->settings, &err);
    ck_assert_msg(lesson->dataset != NULL, "%s", err.text);
    ck_assert_msg(split_make(lesson->dataset, lesson->settings, &lesson->split, &err), "%s",
                  err.text);
    lesson->net = make_net(&lesson->dataset->images);
    lesson->job = (struct fit_job){.name = "lesson",
                                   .net = lesson->net,
                                   .backend = backend_require("reference", &err),
                                   .setting = {.threads = 3, .deterministic = true},
                                   .recipe = lesson->settings,
                                   .dataset = lesson->dataset,
                                   .split = &lesson->split,
                                   .data_threads = 1,
                                   .rng = rng_seed(3)};
}

void lesson_free(struct lesson *lesson)
{
    net_free(lesson->net);
    split_free(&lesson->split);
    dataset_close(lesson->dataset);
    json_decref(lesson->settings);
}
