#include "trial.h"

#include "base/mem.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

struct made_up {
    struct oracle base;
    trial_score *score;
};

static bool made_up_evaluate(struct oracle *oracle, const struct arch *arch, struct rng *rng,
                             struct evaluation *evaluation, struct err *err)
{
    (void)rng;
    (void)err;
    double valid_pct = ((struct made_up *)oracle)->score(oracle->space, arch);
    *evaluation = (struct evaluation){.valid_pct = valid_pct, .test_pct = NAN, .cost_s = 1};
    return true;
}

static const struct oracle_type made_up = {.name = "made-up", .evaluate = made_up_evaluate};

static void keep(void *context, const struct observation *seen)
{
    struct trial *trial = context;
    MEM_GROW(trial->steps, trial->count, trial->capacity);
    struct trial_step *step = &trial->steps[trial->count++];
    *step = (struct trial_step){.arch = *seen->arch,
                                .stage = seen->origin->stage,
                                .has_parent = seen->origin->parent != NULL,
                                .valid_pct = seen->evaluation.valid_pct};
    if (step->has_parent)
        step->parent = *seen->origin->parent;
}

struct trial trial_run(const char *strategy, const char *settings, const struct space *space,
                       trial_score *score, uint64_t seed, size_t limit)
{
    const struct strategy_type *type = strategy_find(strategy);
    struct made_up oracle = {{&made_up, space}, score};
    struct trial trial = {0};
    struct faults faults = {0};
    json_t *given = json_loads(settings, 0, NULL);
    json_t *resolved = option_resolve(type->options, given, "/strategy", &faults);
    struct meter_settings budget = {.oracle = &oracle.base,
                                    .limit = limit,
                                    .limit_s = INFINITY,
                                    .observer = keep,
                                    .context = &trial};
    struct search search = {
        .space = space, .meter = meter_make(&budget), .rng = rng_seed(seed), .settings = resolved};
    ck_assert_uint_eq(faults.count, 0);
    ck_assert(type->run(&search, NULL));
    meter_free(search.meter);
    json_decref(given);
    json_decref(resolved);
    return trial;
}

void trial_free(struct trial *trial)
{
    free(trial->steps);
    *trial = (struct trial){0};
}

double trial_noise(const struct space *space, const struct arch *arch)
{
    (void)space;
    return (double)(arch_hash(arch) % 100000) / 1000;
}

double trial_hill(const struct space *space, const struct arch *arch)
{
    size_t sum = 0;
    for (size_t i = 0; i < space->slot_count; i++)
        sum += arch->choice[i];
    return (double)sum;
}
