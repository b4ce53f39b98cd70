/* The methods on a space of another kind than NAS-Bench-201: DARTS has 22 slots of 3 to 10 choices,
 * operations and wiring, more architectures than can be listed, and no choice that leaves an edge
 * out. */
#include "../suite.h"
#include "golden.h"
#include "search/operators.h"
#include "trial.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 200, LLM_LIMIT = 24 };

static const struct space *space;

static void setup(void)
{
    space = space_find("darts");
}

static size_t changed_slots(const struct arch *a, const struct arch *b)
{
    size_t changed = 0;
    for (size_t i = 0; i < ARCH_SLOTS; i++)
        changed += a->choice[i] != b->choice[i];
    return changed;
}

static double best_of(const struct trial *trial)
{
    double best = 0;
    for (size_t i = 0; i < trial->count; i++)
        if (trial->steps[i].valid && trial->steps[i].valid_score > best)
            best = trial->steps[i].valid_score;
    return best;
}

/* Every architecture is one of the space, under its number. */
static void check_steps(const struct trial *trial)
{
    for (size_t i = 0; i < trial->count; i++) {
        const struct arch *arch = &trial->steps[i].arch;
        if (!trial->steps[i].valid)
            continue;
        for (size_t slot = 0; slot < ARCH_SLOTS; slot++)
            ck_assert_uint_lt(arch->choice[slot],
                              slot < space->slot_count ? space->slots[slot].choice_count : 1);
        struct arch again = space_nth(space, space_index(space, arch));
        ck_assert(arch_equal(&again, arch));
    }
}

/* On a hill, what climbs gets above the best of as many random draws. */
static const struct {
    const char *strategy, *settings;
    bool climbs;
    size_t changes; /* slots that differ from the parent's, at most */
} blind[] = {
    {"random", "{}", false, 0},
    {"reinforce", "{\"learning_rate\": 0.1}", false, 0},
    {"evolution", "{}", true, 1},
    {"evolution", "{\"mutation\": \"node-first\"}", true, 1},
    {"local", "{}", true, 1},
    {"seki", "{\"operators\": \"untried-mutation\", \"parent\": \"best\"}", true, 1},
    {"seki", "{\"operators\": \"prior\"}", false, 1},
    {"seki", "{\"operators\": \"mutation-crossover\", \"parent\": \"best\"}", true, 22},
};

START_TEST(a_method_without_a_model_goes_through_the_space)
{
    struct trial chance = trial_run("random", "{}", space, trial_hill, 5, LIMIT);
    struct trial trial =
        trial_run(blind[_i].strategy, blind[_i].settings, space, trial_hill, 5, LIMIT);
    ck_assert_uint_eq(trial.count, LIMIT);
    check_steps(&trial);
    for (size_t i = 0; i < trial.count; i++)
        if (trial.steps[i].has_parent)
            ck_assert_uint_le(changed_slots(&trial.steps[i].arch, &trial.steps[i].parent),
                              blind[_i].changes);
    ck_assert(!blind[_i].climbs || best_of(&trial) > best_of(&chance));
    trial_free(&trial);
    trial_free(&chance);
}
END_TEST

/* The rule replaces pools by separable 3x3 convolutions while there are any to replace. */
START_TEST(the_prior_replaces_pools_first)
{
    const char *settings = "{\"operators\": \"prior\", \"gamma\": 0}";
    struct trial trial = trial_run("seki", settings, space, trial_noise, 1, 20);
    size_t replaced = 0;
    for (size_t i = 1; i < trial.count; i++) {
        const struct arch *parent = &trial.steps[i].parent, *arch = &trial.steps[i].arch;
        bool pools = false;
        for (size_t slot = 0; slot < space->slot_count; slot++)
            pools = pools || space->slots[slot].choices[parent->choice[slot]].prior < 0;
        for (size_t slot = 0; pools && slot < space->slot_count; slot++)
            if (arch->choice[slot] != parent->choice[slot])
                ck_assert_str_eq(space->slots[slot].choices[arch->choice[slot]].name, "sepconv3x3");
        replaced += pools;
    }
    ck_assert_uint_gt(replaced, 0);
    trial_free(&trial);
}
END_TEST

static const char *const told[] = {
    "{}",
    "{\"form\": \"whole\"}",
    "{\"merge_steps\": true}",
    "{\"names\": \"benchmark\"}",
    "{\"names\": \"anonymous\"}",
    "{\"names\": \"anonymous\", \"form\": \"whole\"}",
    "{\"scores\": \"withheld\"}",
    "{\"history\": \"withheld\"}",
};

/* A model that obeys the schema of each request, so its replies are all of use. */
START_TEST(seki_asks_a_model_that_obeys_and_wastes_nothing)
{
    struct err err = {0};
    struct trial trial;
    json_t *settings = json_pack("{s:f}", "invalid_share", 0.0);
    struct llm *scripted = llm_find("scripted")->open(settings, &err);
    trial_open(&trial, &(struct trial_setting){.strategy = "seki",
                                               .settings = told[_i],
                                               .space = space,
                                               .score = trial_noise,
                                               .seed = 2,
                                               .limit = LLM_LIMIT,
                                               .script = (fake_script){NULL}});
    trial.model.behind = scripted;
    ck_assert_msg(strategy_find("seki")->run(&trial.search, &err), "%s", err.text);
    ck_assert_uint_eq(trial.count, LLM_LIMIT);
    for (size_t i = 0; i < trial.count; i++)
        ck_assert_msg(trial.steps[i].valid, "%s", trial.steps[i].reason);
    check_steps(&trial);
    trial_end(&trial);
    trial_free(&trial);
    scripted->type->close(scripted);
    json_decref(settings);
}
END_TEST

static struct arch read_arch(const char *digits)
{
    struct arch arch;
    ck_assert(space_read(space, digits, &arch, NULL));
    return arch;
}

/* What a model is asked of DARTS V2, word for word, by both forms. */
static const struct {
    const char *settings, *golden;
    const struct operators *operators;
} requests[] = {{"{}", "darts-edit-C", &operators_edit},
                {"{\"form\": \"whole\"}", "darts-whole-C", &operators_whole}};

START_TEST(the_requests_about_a_genotype_are_as_they_were)
{
    const struct knowledge_entry parent = {read_arch("3303302312500202102202"), 97.24};
    struct proposal proposal = {0};
    struct trial trial;
    trial_open(&trial, &(struct trial_setting){.strategy = "seki",
                                               .settings = requests[_i].settings,
                                               .space = space,
                                               .score = trial_noise,
                                               .seed = 1,
                                               .script = (fake_script){"no", "no", "no", NULL}});
    ck_assert(requests[_i].operators->evolve(&trial.search, &parent, &proposal, NULL));
    golden_check(&trial.model, 0, requests[_i].golden);
    free(proposal.strategy);
    free(proposal.reason);
    trial_end(&trial);
    trial_free(&trial);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("darts search");
    TCase *darts = tcase_create("darts");
    tcase_add_checked_fixture(darts, setup, NULL);
    tcase_add_loop_test(darts, a_method_without_a_model_goes_through_the_space, 0,
                        sizeof(blind) / sizeof(blind[0]));
    tcase_add_test(darts, the_prior_replaces_pools_first);
    tcase_add_loop_test(darts, seki_asks_a_model_that_obeys_and_wastes_nothing, 0,
                        sizeof(told) / sizeof(told[0]));
    tcase_add_loop_test(darts, the_requests_about_a_genotype_are_as_they_were, 0,
                        sizeof(requests) / sizeof(requests[0]));
    suite_add_tcase(suite, darts);
    return suite_run(suite);
}
