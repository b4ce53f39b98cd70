#include "oracle/regime.h"

#include "base/file.h"
#include "base/mem.h"
#include "train/fit.h"
#include "train/networks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_IMAGE = 32, LARGE_IMAGE = 224 }; /* sides that a network is tried with */

const struct option regime_options[] = {REGIME_OPTIONS, {0}};

/* What no result rests on: where data are, how many results are wanted, which of several equal
 * devices makes them, and what stands for one that diverged. */
static const char *const aside[] = {"path",          "training_seed",  "training_seeds",
                                    "device_number", "diverged_score", NULL};

/* A training that is being made by a thread, which has this on its stack. */
struct work {
    const struct arch *arch;
    uint64_t seed;
    struct work *next;
};

struct regime {
    const struct space *space;
    json_t *settings;
    struct trainings *trainings;
    bool train;              /* what is not in the table */
    struct devices *devices; /* borrowed; NULL: the first is its own */
    char *checkpoints;       /* how the paths of checkpoints begin */
    pthread_mutex_t lock;    /* of what follows, while it is opened */
    const struct backend_type *backend;
    struct dataset *dataset; /* NULL until the first answer, and where its files are not here */
    struct split split;
    const char *data;     /* identity of the images that answers are of; NULL: not known yet */
    struct work *works;   /* under lock, too */
    pthread_cond_t ended; /* one of them */
};

/* -- settings -- */

static bool is_aside(const char *key)
{
    size_t i = 0;
    while (aside[i] && strcmp(aside[i], key) != 0)
        i++;
    return aside[i] != NULL;
}

/* Numbers of an option that may be a fraction are fractions, so that 0 and 0.0 are one setting. */
static json_t *plain_value(const struct option *row, const json_t *value)
{
    if (row->type == OPTION_REAL && json_is_number(value))
        return json_real(json_number_value(value));
    return json_deep_copy(value);
}

/* What a result rests on, without what is as it is by default: an option that comes later, with a
 * default that changes nothing, leaves the table's name as it is. The caller owns it. */
static json_t *setting_of(const json_t *settings)
{
    json_t *setting = json_object();
    for (const struct option *row = regime_options; row->key; row++) {
        const json_t *given = json_object_get(settings, row->key);
        if (is_aside(row->key) || !given)
            continue;
        json_t *value = plain_value(row, given);
        json_t *fallback = row->fallback ? json_loads(row->fallback, JSON_DECODE_ANY, NULL) : NULL;
        json_t *usual = fallback ? plain_value(row, fallback) : NULL;
        if (!json_equal(value, usual))
            json_object_set(setting, row->key, value);
        json_decref(value);
        json_decref(fallback);
        json_decref(usual);
    }
    return setting;
}

static struct net_setting net_setting_of(const json_t *settings, struct shape image, int classes)
{
    return (struct net_setting){
        .image = image,
        .classes = classes,
        .cells = (int)option_integer(settings, "cells"),
        .channels = (int)option_integer(settings, "width"),
        .auxiliary = option_boolean(settings, "auxiliary"),
        .imagenet = option_boolean(settings, "large_images"),
        .affine = true,
    };
}

static void check_head(const json_t *settings, const char *path, struct faults *faults)
{
    double weight = option_real(settings, "auxiliary_weight");
    if (weight <= 0 || option_boolean(settings, "auxiliary"))
        return;
    char *place = mem_printf("%s/auxiliary_weight", path);
    fault_add(faults, place, "found %g, expected 0: the network has no auxiliary head", weight);
    free(place);
}

static enum precision precision_of(const json_t *settings)
{
    return precision_find(option_text(settings, "precision"));
}

static void check_precision(const json_t *settings, const char *path, struct faults *faults)
{
    const char *device = option_text(settings, "device");
    struct str expected = {0};
    if (backend_computes_in(device, precision_of(settings)))
        return;
    for (int i = PRECISION_FP32; i <= PRECISION_BF16; i++)
        if (backend_computes_in(device, (enum precision)i))
            str_addf(&expected, "%s%s", expected.length ? " or " : "",
                     precision_name((enum precision)i));
    char *place = mem_printf("%s/precision", path);
    fault_add(faults, place, "found %s, expected %s of device %s",
              option_text(settings, "precision"), expected.text, device);
    free(place);
    str_free(&expected);
}

void regime_check(const struct space *space, const json_t *settings, const char *path,
                  struct faults *faults)
{
    struct err err = {0};
    dataset_check(settings, path, faults);
    check_head(settings, path, faults);
    check_precision(settings, path, faults);
    int side = option_boolean(settings, "large_images") ? LARGE_IMAGE : SMALL_IMAGE;
    struct net_setting setting =
        net_setting_of(settings, (struct shape){IMAGES_CHANNELS, side, side}, 10);
    struct rng rng = rng_seed(1);
    struct arch arch = space_sample(space, &rng);
    struct net *net = network_build(space, &arch, &setting, &err);
    if (!net)
        fault_add(faults, path, "%s", err.text);
    net_free(net);
}

/* -- opening -- */

/* Removes what killed trainings left half written. */
static void sweep(const char *results)
{
    char *folder = file_join(results, "trainings");
    file_sweep(folder);
    free(folder);
}

struct regime *regime_open(const struct space *space, const json_t *settings,
                           const struct oracle_place *place, struct err *err)
{
    struct regime *regime = mem_alloc(1, sizeof(*regime));
    json_t *setting = setting_of(settings);
    const char *results = place ? place->results : NULL;
    regime->space = space;
    regime->settings = json_incref((json_t *)(uintptr_t)settings);
    regime->train = place && place->train && results;
    regime->devices = place ? place->devices : NULL;
    pthread_mutex_init(&regime->lock, NULL);
    pthread_cond_init(&regime->ended, NULL);
    regime->trainings = trainings_open(space, setting, results, err);
    if (regime->trainings && regime->train)
        regime->checkpoints =
            mem_printf("%s/trainings/%s", results, trainings_name(regime->trainings));
    json_decref(setting);
    if (regime->train)
        sweep(results);
    if (regime->trainings)
        return regime;
    regime_close(regime);
    return NULL;
}

void regime_close(struct regime *regime)
{
    if (!regime)
        return;
    if (regime->dataset)
        split_free(&regime->split);
    dataset_close(regime->dataset);
    trainings_close(regime->trainings);
    pthread_cond_destroy(&regime->ended);
    pthread_mutex_destroy(&regime->lock);
    json_decref(regime->settings);
    free(regime->checkpoints);
    free(regime);
}

static bool open_data(struct regime *regime, struct err *err)
{
    struct dataset *dataset = dataset_open(regime->settings, err);
    if (dataset && split_make(dataset, regime->settings, &regime->split, err)) {
        regime->dataset = dataset;
        return true;
    }
    dataset_close(dataset);
    return false;
}

enum { STATES = 4 }; /* copies of parameters and momenta that a training holds at least */

static bool fits(const struct net *net, struct err *err)
{
    double bytes = 2. * STATES * sizeof(float) * (double)net->param_size;
    return bytes < mem_of_machine() ||
           err_set(err, ERR_INPUT,
                   "the network's %zu parameters need %.1f GB, found %.1f GB in this machine",
                   net->param_size, bytes * 1e-9, mem_of_machine() * 1e-9);
}

static struct net *build(const struct regime *regime, const struct arch *arch, struct err *err)
{
    const struct images *images = &regime->dataset->images;
    struct net_setting setting = net_setting_of(
        regime->settings, (struct shape){images->C, images->H, images->W}, images->classes);
    struct net *net = network_build(regime->space, arch, &setting, err);
    if (!net || fits(net, err))
        return net;
    net_free(net);
    return NULL;
}

/* Whether a network of this space is there for these images. */
static bool can_build(const struct regime *regime, struct err *err)
{
    struct rng rng = rng_seed(1);
    struct arch arch = space_sample(regime->space, &rng);
    struct net *net = build(regime, &arch, err);
    net_free(net);
    return net != NULL;
}

bool regime_ready(struct regime *regime, struct err *err)
{
    pthread_mutex_lock(&regime->lock);
    if (!regime->backend)
        regime->backend = backend_require(option_text(regime->settings, "device"), err);
    bool ok = regime->backend &&
              (regime->dataset || (open_data(regime, err) && can_build(regime, err))) &&
              (!regime->train || trainings_writable(regime->trainings, err));
    pthread_mutex_unlock(&regime->lock);
    return ok;
}

/* -- training -- */

static json_t *curve_of(const struct fit_result *result)
{
    json_t *curve = json_array();
    for (size_t i = 0; i < result->curve_count; i++) {
        const struct fit_epoch *epoch = &result->curve[i];
        json_t *line = json_pack("{s:f, s:f, s:f, s:f, s:f}", "learning_rate", epoch->learning_rate,
                                 "train_loss", epoch->train_loss, "train_pct", epoch->train_pct,
                                 "train_s", epoch->train_s, "evaluate_s", epoch->evaluate_s);
        json_object_set_new(line, "valid_pct", json_real(epoch->valid_pct)); /* not if NaN */
        json_array_append_new(curve, line);
    }
    return curve;
}

/* Writes down what came of a training, and gives what is kept of it. */
static const struct training *keep(struct regime *regime, const struct net *net,
                                   const struct fit_result *result, struct training *training,
                                   struct err *err)
{
    json_t *curve = curve_of(result);
    training->valid_pct[METRIC_FINAL_EPOCH] = result->final.valid_pct;
    training->test_pct[METRIC_FINAL_EPOCH] = result->final.test_pct;
    training->valid_pct[METRIC_BEST_EPOCH] = result->best.valid_pct;
    training->test_pct[METRIC_BEST_EPOCH] = result->best.test_pct;
    training->best_epoch = result->best.epoch;
    training->diverged = result->diverged ? result->reason : NULL;
    training->train_s = result->train_s;
    training->evaluate_s = result->evaluate_s;
    training->images_per_s = result->images_per_s;
    training->parameters = (double)net_param_total(net, false);
    training->multiply_adds = net_multiply_adds(net);
    training->device = result->device;
    training->data = regime->dataset->identity.hex;
    training->curve = curve;
    const struct training *kept = trainings_add(regime->trainings, training, err);
    json_decref(curve);
    return kept;
}

/* The caller frees. */
static char *checkpoint_of(const struct regime *regime, const char *digits, uint64_t seed)
{
    return mem_printf("%s.%s.%llu.checkpoint", regime->checkpoints, digits,
                      (unsigned long long)seed);
}

/* All that matters of it is in the table: also that of a program which was killed just then. */
static void drop_checkpoint(const struct regime *regime, const struct arch *arch, uint64_t seed)
{
    char digits[ARCH_SLOTS + 1];
    space_digits(regime->space, arch, digits);
    char *path = checkpoint_of(regime, digits, seed);
    (void)!remove(path);
    free(path);
}

/* The device that the settings name, or one of those that are there. */
static int take_device(struct regime *regime)
{
    const struct backend_type *backend = regime->backend;
    bool named = !json_is_null(json_object_get(regime->settings, "device_number"));
    int first = named ? (int)option_integer(regime->settings, "device_number") : 0;
    int count = named || !regime->devices || !backend->device_count ? 1 : backend->device_count();
    return regime->devices ? devices_take(regime->devices, first, count) : first;
}

static void give_device_back(struct regime *regime, int device)
{
    if (regime->devices)
        devices_give_back(regime->devices, device);
}

static const struct training *train(struct regime *regime, const struct arch *arch, uint64_t seed,
                                    int device, struct err *err)
{
    char digits[ARCH_SLOTS + 1];
    space_digits(regime->space, arch, digits);
    struct rng rng = rng_seed(seed);
    struct net *net = build(regime, arch, err);
    char *name = mem_printf("%s, seed %llu", digits, (unsigned long long)seed);
    char *checkpoint = checkpoint_of(regime, digits, seed);
    struct fit_job job = {
        .name = name,
        .net = net,
        .backend = regime->backend,
        .setting = {.threads = (int)option_integer(regime->settings, "threads"),
                    .device = device,
                    .precision = precision_of(regime->settings),
                    .deterministic = option_boolean(regime->settings, "deterministic")},
        .recipe = regime->settings,
        .dataset = regime->dataset,
        .split = &regime->split,
        .data_threads = 1,
        .rng = rng_fork(&rng, digits, 0),
        .checkpoint = checkpoint,
    };
    struct fit_result result = {0};
    struct training training = {.arch = *arch, .seed = seed};
    const struct training *kept = NULL;
    if (net && fit_run(&job, &result, err)) {
        kept = keep(regime, net, &result, &training, err);
        fit_result_free(&result);
    }
    net_free(net);
    free(checkpoint);
    free(name);
    return kept;
}

/* -- looking up -- */

/* Finds out which images answers are of: those that are here or, where none are, those of the first
 * training in the table. */
static bool settle_data(struct regime *regime, struct err *err)
{
    bool ok = true;
    pthread_mutex_lock(&regime->lock);
    if (!regime->data && !regime->dataset && dataset_is_here(regime->settings))
        ok = open_data(regime, err);
    if (regime->dataset)
        regime->data = regime->dataset->identity.hex;
    else if (ok && !regime->data)
        regime->data = trainings_at(regime->trainings, 0)->data;
    pthread_mutex_unlock(&regime->lock);
    return ok;
}

/* What is stored of these images, or NULL. False and *err when those that are here cannot be read.
 */
static bool look_up(struct regime *regime, const struct arch *arch, uint64_t seed,
                    const struct training **training, struct err *err)
{
    *training = trainings_find(regime->trainings, arch, seed, NULL);
    bool ok = !*training || settle_data(regime, err);
    *training =
        ok && *training ? trainings_find(regime->trainings, arch, seed, regime->data) : NULL;
    return ok;
}

static bool is_at_work(const struct regime *regime, const struct work *work)
{
    const struct work *other = regime->works;
    while (other && (other->seed != work->seed || !arch_equal(other->arch, work->arch)))
        other = other->next;
    return other != NULL;
}

/* Waits until no other thread makes that training. */
static void begin_work(struct regime *regime, struct work *work)
{
    pthread_mutex_lock(&regime->lock);
    while (is_at_work(regime, work))
        pthread_cond_wait(&regime->ended, &regime->lock);
    work->next = regime->works;
    regime->works = work;
    pthread_mutex_unlock(&regime->lock);
}

static void end_work(struct regime *regime, const struct work *work)
{
    pthread_mutex_lock(&regime->lock);
    struct work **place = &regime->works;
    while (*place != work)
        place = &(*place)->next;
    *place = work->next;
    pthread_cond_broadcast(&regime->ended);
    pthread_mutex_unlock(&regime->lock);
}

static const struct training *train_unless_others_did(struct regime *regime,
                                                      const struct arch *arch, uint64_t seed,
                                                      struct err *err)
{
    const struct training *training = NULL;
    struct work work = {.arch = arch, .seed = seed};
    begin_work(regime, &work);
    if (trainings_refresh(regime->trainings, err) && look_up(regime, arch, seed, &training, err) &&
        !training && regime_ready(regime, err)) {
        int device = take_device(regime);
        training = train(regime, arch, seed, device, err);
        give_device_back(regime, device);
    }
    end_work(regime, &work);
    return training;
}

/* Always NULL. */
static const struct training *refuse(const struct regime *regime, const struct arch *arch,
                                     uint64_t seed, struct err *err)
{
    char digits[ARCH_SLOTS + 1];
    space_digits(regime->space, arch, digits);
    int64_t epochs = option_integer(regime->settings, "epochs");
    const struct training *other = trainings_find(regime->trainings, arch, seed, NULL);
    if (other)
        err_set(err, ERR_UNTRAINED,
                "the training of %s by seed %llu that is stored is of other images (%.16s...) than "
                "%s (%.16s...; seki run --train makes one of these)",
                digits, (unsigned long long)seed, other->data,
                regime->dataset ? "those here" : "the first that is stored", regime->data);
    err_set(err, ERR_UNTRAINED,
            "no training of %s by seed %llu is stored, for %lld epoch%s on %s with device %s (seki "
            "run --train makes it)",
            digits, (unsigned long long)seed, (long long)epochs, epochs == 1 ? "" : "s",
            option_text(regime->settings, "dataset"), option_text(regime->settings, "device"));
    return NULL;
}

const struct training *regime_train(struct regime *regime, const struct arch *arch, uint64_t seed,
                                    struct err *err)
{
    const struct training *training;
    if (!look_up(regime, arch, seed, &training, err))
        return NULL;
    if (!training && !regime->train)
        return refuse(regime, arch, seed, err);
    if (!training)
        training = train_unless_others_did(regime, arch, seed, err);
    if (training && regime->train)
        drop_checkpoint(regime, arch, seed);
    return training;
}

const char *regime_identity(const struct regime *regime)
{
    return trainings_digest(regime->trainings);
}
