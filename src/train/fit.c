#include "train/fit.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "train/checkpoint.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct training {
    const struct fit_job *job;
    struct recipe recipe;
    struct augment augment;
    struct backend *backend;
    bool has_images;        /* the backend, so that batches need no pixels */
    int begun;              /* passes whose outcome was not asked for yet */
    float *drop_scale;      /* of one step; NULL where the net drops no path */
    struct checkpoint done; /* what stands after the last epoch that ended */
    char reason[200];       /* why it diverged; "": it did not */
    double said_s;          /* when progress was shown */
    double begun_s;         /* when this process began to train */
    double lost_s;          /* seconds in the epoch in which it diverged */
    size_t trained;         /* images since then */
};

/* Sums over the images of an epoch, or of an evaluation. */
struct sums {
    double loss;
    size_t images, correct;
};

static void sums_add(struct sums *sums, const struct outcome *outcome)
{
    sums->loss += outcome->loss * (double)outcome->images;
    sums->images += outcome->images;
    sums->correct += outcome->correct;
}

static double sums_pct(const struct sums *sums)
{
    return 100 * (double)sums->correct / (double)sums->images;
}

/* ---- what is said on the way: images/s of all time so far, evaluation too ---- */

static void show_progress(struct training *training, const struct sums *sums)
{
    const struct fit_job *job = training->job;
    double now_s = clock_now_s();
    if (!log_progress_due(now_s, &training->said_s))
        return;
    double rate = (double)training->trained / (now_s - training->begun_s);
    size_t epochs = (size_t)training->recipe.epochs - training->done.epochs;
    size_t left = epochs * job->split->train.count - sums->images;
    struct str line = {0};
    str_addf(&line, "%s: epoch %zu of %d, %.*f images/s, loss %.3f, ", job->name,
             training->done.epochs + 1, training->recipe.epochs, rate < 10 ? 1 : 0, rate,
             sums->loss / (double)sums->images);
    str_add_span(&line, (double)left / rate);
    log_progress("%s left", line.text);
    str_free(&line);
}

static bool diverged(struct training *training, size_t step, const char *what)
{
    snprintf(training->reason, sizeof(training->reason), "epoch %zu, step %zu: %s is not finite",
             training->done.epochs + 1, step + 1, what);
    return true;
}

/* ---- passes: the next may be begun before the outcome of one is known ---- */

/* step NULL: an evaluation. */
static bool begin_pass(struct training *training, const struct batch *batch,
                       const struct step *step, struct err *err)
{
    struct backend *backend = training->backend;
    training->begun++;
    return step ? backend->type->train(backend, batch, step, err)
                : backend->type->evaluate(backend, batch, err);
}

static bool end_pass(struct training *training, struct outcome *outcome, struct err *err)
{
    training->begun--;
    return training->backend->type->outcome(training->backend, outcome, err);
}

/* ---- one epoch ---- */

static bool may_go_on(struct err *err)
{
    return !stop_requested() ||
           err_set(err, ERR_STOPPED, "stopped by a signal; run it again to go on");
}

static struct loader *open_loader(struct training *training, const struct subset *subset,
                                  bool learn, struct err *err)
{
    const struct fit_job *job = training->job;
    struct rng images = rng_fork(&job->rng, "images", 0);
    const struct loader_setting setting = {
        .batch = (size_t)training->recipe.batch,
        .threads = job->data_threads,
        .pixels = !training->has_images,
        .augment = learn ? &training->augment : NULL,
        .epoch = training->done.epochs,
    };
    return loader_open(&job->dataset->images, subset, &setting, &images, err);
}

/* DARTS' drop path: of each image, with a probability, what a term gives is left out; else it is
 * made so much larger. */
static void draw_drops(struct training *training, double probability, size_t images,
                       struct rng *rng)
{
    float kept = (float)(1 / (1 - probability));
    for (size_t i = 0; i < training->job->net->drop_count * images; i++)
        training->drop_scale[i] = rng_unit(rng) < probability ? 0 : kept;
}

/* Ends steps until no more than so many are begun; sums gets their outcomes. */
static bool end_steps(struct training *training, int begun, struct sums *sums, struct err *err)
{
    while (training->begun > begun && !training->reason[0]) {
        struct outcome outcome;
        size_t number = sums->images / (size_t)training->recipe.batch;
        if (!end_pass(training, &outcome, err))
            return false;
        if (!isfinite(outcome.loss))
            return diverged(training, number, "the loss");
        if (!isfinite(outcome.gradient_norm))
            return diverged(training, number, "the gradient");
        sums_add(sums, &outcome);
        training->trained += outcome.images;
        show_progress(training, sums);
    }
    return true;
}

static bool learn(struct training *training, struct loader *loader, double learning_rate,
                  struct sums *sums, struct err *err)
{
    const struct recipe *recipe = &training->recipe;
    size_t epoch = training->done.epochs;
    struct rng drops = rng_fork(&training->job->rng, "drop path", epoch);
    double drop_path = recipe_drop_path(recipe, (int)epoch);
    struct step how = {
        .learning_rate = learning_rate,
        .momentum = recipe->momentum,
        .weight_decay = recipe->weight_decay,
        .nesterov = recipe->nesterov,
        .clip_norm = recipe->clip_norm,
        .label_smoothing = recipe->label_smoothing,
        .auxiliary_weight = recipe->auxiliary_weight,
        .drop_scale = drop_path > 0 ? training->drop_scale : NULL,
    };
    for (size_t i = 0; i < loader_batches(loader) && !training->reason[0]; i++) {
        const struct batch *batch = may_go_on(err) ? loader_next(loader, err) : NULL;
        if (!batch)
            return false;
        if (how.drop_scale)
            draw_drops(training, drop_path, batch->count, &drops);
        if (!begin_pass(training, batch, &how, err) ||
            !end_steps(training, training->backend->type->passes - 1, sums, err))
            return false;
    }
    return end_steps(training, 0, sums, err);
}

static bool end_evaluations(struct training *training, int begun, struct sums *sums,
                            struct err *err)
{
    while (training->begun > begun) {
        struct outcome outcome;
        if (!end_pass(training, &outcome, err))
            return false;
        sums_add(sums, &outcome);
    }
    return true;
}

/* Accuracy on a subset with the backend's present state, which is that after an epoch; percent, NAN
 * of no images. */
static bool evaluate(struct training *training, const struct subset *subset, size_t epoch,
                     double *pct, struct err *err)
{
    struct sums sums = {0};
    *pct = NAN;
    if (!subset->count || training->reason[0])
        return true;
    struct loader *loader = open_loader(training, subset, false, err);
    bool ok = loader != NULL;
    for (size_t i = 0; ok && i < loader_batches(loader); i++) {
        const struct batch *batch = loader_next(loader, err);
        ok = batch && begin_pass(training, batch, NULL, err) &&
             end_evaluations(training, training->backend->type->passes - 1, &sums, err) &&
             may_go_on(err);
    }
    ok = ok && end_evaluations(training, 0, &sums, err);
    loader_close(loader);
    if (ok && !isfinite(sums.loss))
        snprintf(training->reason, sizeof(training->reason),
                 "evaluation after epoch %zu: the loss is not finite", epoch + 1);
    *pct = sums_pct(&sums);
    return ok;
}

/* The epoch with the highest validation accuracy, the first of equals; the last one without. */
static size_t best_epoch(const struct checkpoint *done)
{
    size_t best = 0;
    for (size_t i = 1; i < done->epochs; i++)
        if (!(done->curve[i].valid_pct <= done->curve[best].valid_pct))
            best = i;
    return best;
}

static void keep_best(struct checkpoint *done, const struct net *net)
{
    if (best_epoch(done) + 1 != done->epochs)
        return;
    memcpy(done->best.params, done->state.params, net->param_size * sizeof(*done->best.params));
    memcpy(done->best.stats, done->state.stats, net->stat_size * sizeof(*done->best.stats));
}

/* The epoch ends: what it came to is what the next one begins from. */
static bool end_epoch(struct training *training, const struct fit_epoch *epoch, struct err *err)
{
    const struct fit_job *job = training->job;
    training->done.curve[training->done.epochs++] = *epoch;
    keep_best(&training->done, job->net);
    return !job->checkpoint || checkpoint_write(&training->done, job->net, job->checkpoint, err);
}

static bool run_epoch(struct training *training, struct loader *loader, struct err *err)
{
    struct backend *backend = training->backend;
    struct fit_epoch epoch = {
        .learning_rate = recipe_learning_rate(&training->recipe, (int)training->done.epochs)};
    struct sums sums = {0};
    double begun_s = clock_now_s();
    if (!learn(training, loader, epoch.learning_rate, &sums, err))
        return false;
    if (training->reason[0])
        return true;
    if (!backend->type->state_get(backend, &training->done.state, err) ||
        !backend->type->state_set(backend, &training->done.state, err))
        return false;
    epoch.train_s = clock_now_s() - begun_s;
    epoch.train_loss = sums.loss / (double)sums.images;
    epoch.train_pct = sums_pct(&sums);
    begun_s = clock_now_s();
    if (!evaluate(training, &training->job->split->valid, training->done.epochs, &epoch.valid_pct,
                  err))
        return false;
    epoch.evaluate_s = clock_now_s() - begun_s;
    return training->reason[0] || end_epoch(training, &epoch, err);
}

/* ---- from the first epoch to the scores ---- */

static bool check_job(const struct fit_job *job, const struct recipe *recipe, struct err *err)
{
    const struct images *images = &job->dataset->images;
    struct shape shape = job->net->tensors[0];
    assert(shape.C == images->C && shape.H == images->H && shape.W == images->W);
    assert(job->net->classes == images->classes);
    (void)images, (void)shape;
    if (recipe->auxiliary_weight > 0 && job->net->auxiliary_logits < 0)
        return err_set(err, ERR_INPUT,
                       "%s: auxiliary_weight is %g, but the network has no auxiliary head",
                       job->name, recipe->auxiliary_weight);
    return true;
}

/* The backend, with the images where it takes them. */
static bool open_backend(struct training *training, struct err *err)
{
    const struct fit_job *job = training->job;
    const struct images *images = &job->dataset->images;
    struct backend_setting setting = job->setting;
    setting.batch = training->recipe.batch;
    training->backend = job->backend->open(job->net, &setting, err);
    if (!training->backend)
        return false;
    training->has_images = job->backend->attach && images->pixels;
    return !training->has_images || job->backend->attach(training->backend, images, err);
}

/* The state that the first epoch to come begins from. */
static bool begin(struct training *training, struct err *err)
{
    const struct fit_job *job = training->job;
    struct checkpoint *done = &training->done;
    struct rng init = rng_fork(&job->rng, "init", 0);
    *done = checkpoint_new(job, job->backend->describe(training->backend),
                           (size_t)training->recipe.epochs);
    net_initialise(job->net, &done->state, &init);
    if (job->checkpoint && file_exists(job->checkpoint) &&
        !checkpoint_read(done, job->net, (size_t)training->recipe.epochs, job->checkpoint, err))
        return false;
    return job->backend->state_set(training->backend, &done->state, err);
}

static bool run_epochs(struct training *training, struct err *err)
{
    size_t epochs = (size_t)training->recipe.epochs;
    if (training->done.epochs == epochs)
        return true;
    struct loader *loader = open_loader(training, &training->job->split->train, true, err);
    bool ok = loader != NULL;
    training->begun_s = training->said_s = clock_now_s();
    while (ok && training->done.epochs < epochs && !training->reason[0]) {
        double epoch_begun_s = clock_now_s();
        ok = run_epoch(training, loader, err);
        training->lost_s = training->reason[0] ? clock_now_s() - epoch_begun_s : 0;
    }
    loader_close(loader);
    log_progress_end();
    return ok;
}

/* Scores of one epoch that ended, with its state in the backend. */
static bool score(struct training *training, size_t epoch, const struct net_state *state,
                  struct fit_scores *scores, struct err *err)
{
    if (!training->backend->type->state_set(training->backend, state, err))
        return false;
    scores->epoch = (int)epoch;
    scores->valid_pct = training->done.curve[epoch].valid_pct;
    return evaluate(training, &training->job->split->test, epoch, &scores->test_pct, err);
}

static bool score_all(struct training *training, struct fit_result *result, struct err *err)
{
    const struct checkpoint *done = &training->done;
    size_t last = done->epochs - 1, best = best_epoch(done);
    double begun_s = clock_now_s();
    if (!score(training, last, &done->state, &result->final, err))
        return false;
    result->best = result->final;
    if (best != last && !score(training, best, &done->best, &result->best, err))
        return false;
    result->evaluate_s = clock_now_s() - begun_s;
    return true;
}

/* Hands over the curve, and what follows from it. */
static void give(struct training *training, struct fit_result *result)
{
    struct checkpoint *done = &training->done;
    result->curve = done->curve;
    result->curve_count = done->epochs;
    done->curve = NULL;
    for (size_t i = 0; i < done->epochs; i++) {
        result->train_s += result->curve[i].train_s;
        result->evaluate_s += result->curve[i].evaluate_s;
    }
    if (result->train_s > 0)
        result->images_per_s =
            (double)(done->epochs * training->job->split->train.count) / result->train_s;
    result->train_s += training->lost_s;
    memcpy(result->reason, training->reason, sizeof(result->reason));
    snprintf(result->device, sizeof(result->device), "%s",
             training->backend->type->describe(training->backend));
    result->diverged = result->reason[0] != '\0';
    if (result->diverged)
        result->final = result->best = (struct fit_scores){(int)done->epochs, NAN, NAN};
}

bool fit_run(const struct fit_job *job, struct fit_result *result, struct err *err)
{
    struct training training = {.job = job, .recipe = recipe_read(job->recipe)};
    *result = (struct fit_result){0};
    training.augment = augment_of(job->dataset, job->recipe);
    if (job->net->drop_count)
        training.drop_scale = mem_alloc(job->net->drop_count * (size_t)training.recipe.batch,
                                        sizeof(*training.drop_scale));
    bool ok = check_job(job, &training.recipe, err) && open_backend(&training, err) &&
              begin(&training, err) && run_epochs(&training, err) &&
              (training.reason[0] || score_all(&training, result, err));
    if (ok)
        give(&training, result);
    job->backend->close(training.backend);
    checkpoint_free(&training.done);
    free(training.drop_scale);
    return ok;
}

void fit_result_free(struct fit_result *result)
{
    free(result->curve);
    *result = (struct fit_result){0};
}
