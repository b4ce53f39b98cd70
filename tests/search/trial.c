#include "trial.h"

#include "base/mem.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

struct trial_oracle {
    struct oracle base;
    trial_score *score;
};

static bool made_up_evaluate(struct oracle *oracle, const struct arch *arch, struct rng *rng,
                             struct evaluation *evaluation, struct err *err)
{
    (void)rng;
    (void)err;
    double valid_score = ((struct trial_oracle *)oracle)->score(oracle->space, arch);
    *evaluation = (struct evaluation){.valid_score = valid_score, .test_score = NAN, .cost_s = 1};
    return true;
}

static const struct oracle_type made_up = {.name = "made-up", .evaluate = made_up_evaluate};

static char *copy(const char *text)
{
    return text ? mem_strdup(text) : NULL;
}

static bool keep(void *context, const struct observation *seen)
{
    struct trial *trial = context;
    MEM_GROW(trial->steps, trial->count, trial->capacity);
    struct trial_step *step = &trial->steps[trial->count++];
    *step = (struct trial_step){.valid = seen->arch != NULL,
                                .stage = seen->origin->stage,
                                .has_parent = seen->origin->parent != NULL,
                                .valid_score = seen->evaluation.valid_score,
                                .reason = copy(seen->invalid_reason),
                                .strategy = copy(seen->origin->strategy)};
    if (step->valid)
        step->arch = *seen->arch;
    if (step->has_parent)
        step->parent = *seen->origin->parent;
    return true;
}

static void keep_note(void *context, const struct search_note *note)
{
    struct trial *trial = context;
    str_addf(&trial->notes, "%s %s: %s\n", note->event, note->role ? note->role : "-",
             note->reason ? note->reason : "-");
}

void trial_open(struct trial *trial, const struct trial_setting *setting)
{
    struct faults faults = {0};
    json_t *given = json_loads(setting->settings, 0, NULL);
    *trial = (struct trial){.oracle = mem_alloc(1, sizeof(*trial->oracle))};
    *trial->oracle = (struct trial_oracle){{&made_up, setting->space, {0}}, setting->score};
    trial->settings =
        option_resolve(strategy_find(setting->strategy)->options, given, "/strategy", &faults);
    ck_assert_uint_eq(faults.count, 0);
    json_decref(given);
    ck_assert(metric_find("accuracy", "final", &trial->metric));
    if (setting->space->task)
        trial->task = space_task(setting->space, "cifar10", &trial->metric, NULL);
    struct meter_settings budget = {.oracle = &trial->oracle->base,
                                    .limit = setting->limit,
                                    .limit_s = INFINITY,
                                    .observer = keep,
                                    .context = trial};
    trial->search = (struct search){.space = setting->space,
                                    .metric = &trial->metric,
                                    .dataset = "cifar10",
                                    .task = trial->task,
                                    .meter = meter_make(&budget),
                                    .rng = rng_seed(setting->seed),
                                    .settings = trial->settings,
                                    .observer = keep_note,
                                    .context = trial};
    const char *llm = setting->llm ? setting->llm : "{\"model\": \"fake\"}";
    if (setting->script)
        trial->search.chat = fake_llm_open(&trial->model, llm, setting->script);
}

void trial_end(struct trial *trial)
{
    chat_close(trial->search.chat);
    meter_free(trial->search.meter);
    json_decref(trial->settings);
    free(trial->task);
    free(trial->oracle);
    trial->search = (struct search){0};
    trial->settings = NULL;
    trial->oracle = NULL;
    trial->task = NULL;
}

void trial_free(struct trial *trial)
{
    for (size_t i = 0; i < trial->count; i++) {
        free(trial->steps[i].reason);
        free(trial->steps[i].strategy);
    }
    free(trial->steps);
    str_free(&trial->notes);
    fake_llm_free(&trial->model);
    *trial = (struct trial){0};
}

struct trial trial_run(const char *strategy, const char *settings, const struct space *space,
                       trial_score *score, uint64_t seed, size_t limit)
{
    struct trial trial;
    trial_open(&trial,
               &(struct trial_setting){strategy, settings, space, score, seed, limit, NULL, NULL});
    ck_assert(strategy_find(strategy)->run(&trial.search, NULL));
    trial_end(&trial);
    return trial;
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
