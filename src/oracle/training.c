/* The oracle that trains: an architecture becomes a network, which is trained on images and
 * validated; what it costs are the seconds that took.
 *
 * It may train in two ways: what the search asks for, and, where "final" says so, the answer of a
 * run once more and longer, as papers do for the accuracy that they print. */
#include "oracle/regime.h"

#include "base/mem.h"

#include <stdlib.h>

extern const struct oracle_type oracle_training;

static const struct option options[] = {
    {"metric", OPTION_CHOICE, NULL, 0, 0, "accuracy", "what a score is; higher is better"},
    {"at_epoch", OPTION_CHOICE, NULL, 0, 0, METRIC_EPOCHS,
     "whether a score is that of the last epoch, or of the epoch that validates best"},
    REGIME_OPTIONS,
    {"final", OPTION_OBJECT, "null", 0, 0, NULL,
     "how a run's answer is trained for the scores that are reported: what differs of the above, "
     "from dataset on; null: not once more"},
    {0},
};

struct training_oracle {
    struct oracle base;
    struct regime *regime, *final;     /* the same where answers are not trained once more */
    json_t *settings, *final_settings; /* of the two; the latter NULL where it is no other */
};

/* -- settings -- */

/* The regime of answers: that of the search, with what "final" changes. NULL where it says nothing.
 * The caller owns it. */
static json_t *settings_of_final(const json_t *settings, struct faults *faults, const char *path)
{
    const json_t *changes = json_object_get(settings, "final");
    if (!json_is_object(changes))
        return NULL;
    json_t *merged = json_object();
    for (const struct option *row = regime_options; row->key; row++)
        json_object_set(merged, row->key, json_object_get(settings, row->key));
    json_object_update(merged, (json_t *)(uintptr_t)changes);
    char *place = mem_printf("%s/final", path);
    json_t *final = option_resolve(regime_options, merged, place, faults);
    json_decref(merged);
    free(place);
    return final;
}

static void training_check(const json_t *settings, const struct space *space, const char *path,
                           struct faults *faults)
{
    size_t before = faults->count;
    if (option_is(settings, "valid_from", "none")) {
        char *place = mem_printf("%s/valid_from", path);
        fault_add(faults, place,
                  "found \"none\", expected train or test: a search is guided by "
                  "validation (\"final\" may do without)");
        free(place);
    }
    json_t *final = settings_of_final(settings, faults, path);
    if (space && faults->count == before)
        regime_check(space, settings, path, faults);
    if (space && final && faults->count == before) {
        char *place = mem_printf("%s/final", path);
        regime_check(space, final, place, faults);
        free(place);
    }
    json_decref(final);
}

/* -- opening -- */

static void training_close(struct oracle *oracle)
{
    struct training_oracle *training = (struct training_oracle *)oracle;
    if (!training)
        return;
    if (training->final != training->regime)
        regime_close(training->final);
    regime_close(training->regime);
    json_decref(training->settings);
    json_decref(training->final_settings);
    free(training);
}

static struct oracle *training_open(const struct space *space, const json_t *settings,
                                    const struct oracle_place *place, struct err *err)
{
    struct training_oracle *training = mem_alloc(1, sizeof(*training));
    struct faults faults = {0};
    training->base = (struct oracle){.type = &oracle_training, .space = space};
    training->settings = json_incref((json_t *)(uintptr_t)settings);
    training->final_settings = settings_of_final(settings, &faults, "/oracle");
    bool ok = fault_report(&faults, "experiment", err);
    (void)!metric_find(option_text(settings, "metric"), option_text(settings, "at_epoch"),
                       &training->base.metric); /* they are choices */
    training->regime = ok ? regime_open(space, settings, place, err) : NULL;
    training->final = training->regime;
    if (training->regime && training->final_settings)
        training->final = regime_open(space, training->final_settings, place, err);
    fault_free(&faults);
    if (training->final)
        return &training->base;
    training_close(&training->base);
    return NULL;
}

static bool training_ready(struct oracle *oracle, struct err *err)
{
    struct training_oracle *training = (struct training_oracle *)oracle;
    return regime_ready(training->regime, err) && regime_ready(training->final, err);
}

/* -- answers -- */

/* What came of an architecture's trainings. */
struct sum {
    double valid_pct, test_pct;   /* means */
    double cost_s;                /* of all */
    const struct training *shown; /* one that diverged, else the first */
};

static void add(const struct training *one, enum metric_epoch epoch, double diverged_pct,
                struct sum *sum)
{
    sum->valid_pct += one->diverged ? diverged_pct : one->valid_pct[epoch];
    sum->test_pct += one->diverged ? diverged_pct : one->test_pct[epoch];
    sum->cost_s += one->train_s + one->evaluate_s;
    if (!sum->shown || (one->diverged && !sum->shown->diverged))
        sum->shown = one;
}

/* Trains arch by each training seed of the settings. */
static bool train(struct regime *regime, const json_t *settings, const struct arch *arch,
                  enum metric_epoch epoch, struct sum *sum, struct err *err)
{
    int64_t first = option_integer(settings, "training_seed");
    int64_t count = option_integer(settings, "training_seeds");
    *sum = (struct sum){0};
    for (int64_t seed = first; seed < first + count; seed++) {
        const struct training *one = regime_train(regime, arch, (uint64_t)seed, err);
        if (!one)
            return false;
        add(one, epoch, option_real(settings, "diverged_score"), sum);
    }
    sum->valid_pct /= (double)count;
    sum->test_pct /= (double)count;
    return true;
}

static bool training_evaluate(struct oracle *oracle, const struct arch *arch, struct rng *rng,
                              struct evaluation *evaluation, struct err *err)
{
    struct training_oracle *training = (struct training_oracle *)oracle;
    struct sum sum;
    (void)rng; /* all chance of a training is its seed's */
    if (!train(training->regime, training->settings, arch, oracle->metric.epoch, &sum, err))
        return false;
    *evaluation = (struct evaluation){.valid_score = sum.valid_pct,
                                      .test_score = sum.test_pct,
                                      .cost_s = sum.cost_s,
                                      .training = sum.shown};
    return true;
}

static const json_t *reported(const struct training_oracle *training)
{
    return training->final_settings ? training->final_settings : training->settings;
}

static bool training_reports(struct oracle *oracle, const char *dataset, int epochs,
                             enum metric_epoch epoch, struct err *err)
{
    const json_t *settings = reported((const struct training_oracle *)oracle);
    (void)epoch; /* both are kept */
    return (option_is(settings, "dataset", dataset) &&
            option_integer(settings, "epochs") == epochs) ||
           err_set(err, ERR_INPUT,
                   "/report: found %s after %d epochs, expected %s after %lld: answers are trained "
                   "on nothing else (\"final\" of the oracle says how)",
                   dataset, epochs, option_text(settings, "dataset"),
                   (long long)option_integer(settings, "epochs"));
}

static bool training_report(struct oracle *oracle, const struct arch *arch, const char *dataset,
                            int epochs, enum metric_epoch epoch, struct verdict *verdict,
                            struct err *err)
{
    struct training_oracle *training = (struct training_oracle *)oracle;
    const json_t *settings = reported(training);
    struct sum sum;
    if (!training_reports(oracle, dataset, epochs, epoch, err) ||
        !train(training->final, settings, arch, epoch, &sum, err))
        return false;
    *verdict = (struct verdict){sum.valid_pct, sum.test_pct};
    return true;
}

static const char *training_identity(const struct oracle *oracle)
{
    return regime_identity(((const struct training_oracle *)oracle)->regime);
}

const struct oracle_type oracle_training = {
    .name = "training",
    .summary = "trains the network on images and validates it; what was trained once is kept",
    .options = options,
    .trains = true,
    .check = training_check,
    .open = training_open,
    .ready = training_ready,
    .evaluate = training_evaluate,
    .reports = training_reports,
    .report = training_report,
    .identity = training_identity,
    .close = training_close,
};
