/* The controls: what the model reads under each of them, word for word, and that what is withheld
 * is in no request of a whole run. */
#include "../suite.h"
#include "search/telling.h"

#include "base/mem.h"
#include "golden.h"
#include "search/operators.h"
#include "trial.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct space *space;
static struct trial trial;
static struct proposal proposal;

static void setup(void)
{
    space = space_find("nas-bench-201");
    proposal = (struct proposal){0};
}

static void begin(const char *settings, size_t limit, struct llm *behind, fake_script script)
{
    trial_open(&trial, &(struct trial_setting){.strategy = "seki",
                                               .settings = settings,
                                               .space = space,
                                               .score = trial_noise,
                                               .seed = 1,
                                               .limit = limit,
                                               .llm = "{\"model\": \"a\", \"constraint\": "
                                                      "\"grammar\"}",
                                               .script = script});
    trial.model.behind = behind;
}

static void end(void)
{
    free(proposal.strategy);
    free(proposal.reason);
    trial_end(&trial);
    trial_free(&trial);
}

static struct arch cell(const char *digits)
{
    struct arch arch;
    ck_assert(space_read(space, digits, &arch, NULL));
    return arch;
}

/* -- word for word -- */

/* What the model rates, and what it says with it, under plain names: all edges fair. */
#define FAIR                                                                                       \
    "\"rating\":{\"0->1\":\"fair\",\"0->2\":\"fair\",\"1->2\":\"fair\",\"0->3\":\"fair\","         \
    "\"1->3\":\"fair\",\"2->3\":\"fair\"}"
#define RATED "{\"common\":\"All is fair.\",\"strategy\":\"All is fair.\"," FAIR "}"
#define TEXTS "{\"common\":\"All is fair.\",\"strategy\":\"All is fair.\",\"cell\":\"333333\"}"

static void ask_evolve(const struct operators *operators)
{
    const struct knowledge_entry parent = {cell("421211"), 90.34};
    ck_assert(operators->evolve(&trial.search, &parent, &proposal, NULL));
}

static void ask_inspire(const struct operators *operators)
{
    const struct knowledge_entry good[3] = {
        {cell("333101"), 89.5}, {cell("421211"), 90.34}, {cell("321333"), 91.005}};
    ck_assert(operators->inspire(&trial.search, good, 3, &proposal, NULL));
}

/* With other scores than they have: the last is still the one that is edited. */
static void ask_inspire_wrongly(const struct operators *operators)
{
    const struct knowledge_entry good[3] = {
        {cell("333101"), 91.005}, {cell("421211"), 89.5}, {cell("321333"), 90.34}};
    ck_assert(operators->inspire(&trial.search, good, 3, &proposal, NULL));
}

static const struct {
    const char *settings;
    const struct operators *operators;
    void (*ask)(const struct operators *operators);
    const char *first, *golden; /* what is said first; the last request */
} requests[] = {
    {"{\"names\": \"benchmark\"}", &operators_edit, ask_evolve, RATED, "names-benchmark-edit-D"},
    {"{\"names\": \"anonymous\"}", &operators_edit, ask_evolve, NULL, "names-anonymous-edit-C"},
    {"{\"names\": \"anonymous\"}", &operators_edit, ask_inspire, RATED,
     "names-anonymous-edit-E-change"},
    {"{\"names\": \"anonymous\"}", &operators_whole, ask_inspire, NULL, "names-anonymous-whole-E"},
    {"{\"benchmark\": \"named\"}", &operators_edit, ask_evolve, NULL, "benchmark-named-edit-C"},
    {"{\"scores\": \"withheld\"}", &operators_edit, ask_evolve, RATED, "scores-withheld-edit-D"},
    {"{\"scores\": \"withheld\"}", &operators_edit, ask_inspire, NULL, "scores-withheld-edit-E"},
    {"{\"scores\": \"withheld\"}", &operators_edit, ask_inspire, RATED,
     "scores-withheld-edit-E-change"},
    {"{\"scores\": \"withheld\"}", &operators_whole, ask_evolve, NULL, "scores-withheld-whole-C"},
    {"{\"scores\": \"withheld\"}", &operators_whole, ask_inspire, NULL, "scores-withheld-whole-E"},
    {"{\"scores\": \"shuffled\"}", &operators_edit, ask_inspire_wrongly, NULL,
     "scores-shuffled-edit-E"},
    {"{\"scores\": \"shuffled\"}", &operators_edit, ask_inspire_wrongly, RATED,
     "scores-shuffled-edit-E-change"},
    {"{\"history\": \"withheld\"}", &operators_edit, ask_inspire, RATED,
     "history-withheld-edit-E-change"},
};
enum { REQUESTS = sizeof(requests) / sizeof(*requests) };

/* A model of rules, which obeys any schema and, in this share of its replies, says nothing of use.
 * The caller closes it. */
static struct llm *open_rules(double invalid_share)
{
    struct err err = {0};
    json_t *settings = json_pack("{s:f}", "invalid_share", invalid_share);
    struct llm *rules = llm_find("scripted")->open(settings, &err);
    ck_assert_msg(rules != NULL, "%s", err.text);
    json_decref(settings);
    return rules;
}

START_TEST(each_control_changes_a_request_as_its_help_says)
{
    const char *script[] = {requests[_i].first, NULL};
    struct llm *scripted = open_rules(0);
    struct score score;
    begin(requests[_i].settings, 0, scripted, script);
    const struct arch tried = cell("321233");
    ck_assert(meter_evaluate(trial.search.meter, &tried, &(struct origin){0}, &score));
    requests[_i].ask(requests[_i].operators);
    golden_check(&trial.model, requests[_i].first ? 1 : 0, requests[_i].golden);
    end();
    scripted->type->close(scripted);
}
END_TEST

/* -- whole runs -- */

enum { BUDGET = 20 };

/* A run by rules, a third of whose replies are no use. */
static void run_by_rules(const char *settings)
{
    struct llm *rules = open_rules(0.33);
    begin(settings, BUDGET, rules, (fake_script){NULL});
    ck_assert(strategy_find("seki")->run(&trial.search, NULL));
    ck_assert(meter_finished(trial.search.meter, NULL));
    ck_assert_uint_eq(trial.count, BUDGET);
    rules->type->close(rules);
}

/* Everything that the model was sent as number i. The caller frees. */
static char *sent(size_t i)
{
    return json_dumps(json_object_get(json_array_get(trial.model.asked, i), "body"), 0);
}

/* How many requests hold the text. */
static size_t requests_with(const char *text)
{
    size_t found = 0;
    for (size_t i = 0; i < json_array_size(trial.model.asked); i++) {
        char *all = sent(i);
        found += strstr(all, text) != NULL;
        free(all);
    }
    return found;
}

/* How many requests hold the score of one that was evaluated before the run's end. */
static size_t requests_with_scores(void)
{
    size_t found = 0;
    for (size_t step = 0; step < trial.count; step++) {
        struct str score = {0};
        if (!trial.steps[step].valid)
            continue;
        metric_add_score(&trial.metric, trial.steps[step].valid_score, &score);
        score.text[score.length - 1] = '\0'; /* without its % */
        found += requests_with(score.text);
        str_free(&score);
    }
    return found;
}

static const char *const forms[] = {
    "",
    ", \"merge_steps\": true",
    ", \"form\": \"whole\"",
    ", \"form\": \"whole\", \"merge_steps\": true, \"on_duplicate\": \"ask-again\"",
    ", \"form\": \"whole\", \"on_duplicate\": \"ask-again\", \"lambda\": 0",
};
enum { FORMS = sizeof(forms) / sizeof(*forms) };

static void run_form(const char *control, const char *form)
{
    char *settings = mem_printf("{%s%s}", control, form);
    run_by_rules(settings);
    free(settings);
}

START_TEST(withheld_scores_are_in_no_request)
{
    run_form("\"scores\": \"withheld\"", forms[_i]);
    ck_assert_uint_eq(requests_with_scores(), 0);
    ck_assert_uint_eq(requests_with("%"), 0);
    ck_assert_uint_eq(requests_with("best"), 0);
    end();
    run_form("\"scores\": \"given\"", forms[_i]); /* so that the test could fail */
    ck_assert_uint_gt(requests_with_scores(), BUDGET / 2);
    end();
}
END_TEST

START_TEST(anonymous_operations_are_named_in_no_request)
{
    static const char *const known[] = {"conv3x3",  "conv1x1",  "pool3x3", "skip",   "\\\"none\\\"",
                                        "nor_conv", "avg_pool", "none:",   " none,", "spatial",
                                        "shortcut", "blurs",    "path cut"};
    run_form("\"names\": \"anonymous\"", forms[_i]);
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        ck_assert_msg(requests_with(known[i]) == 0, "a request holds %s", known[i]);
    ck_assert_uint_eq(requests_with("op_a"), json_array_size(trial.model.asked));
    end();
}
END_TEST

START_TEST(only_a_named_benchmark_is_named)
{
    run_form("\"names\": \"benchmark\"", forms[_i]);
    ck_assert_uint_eq(requests_with("NAS-Bench"), 0);
    ck_assert_uint_eq(requests_with("cifar"), 0);
    end();
    run_form("\"benchmark\": \"named\"", forms[_i]);
    ck_assert_uint_eq(requests_with("benchmark NAS-Bench-201, trained on its data set cifar10"),
                      json_array_size(trial.model.asked));
    end();
}
END_TEST

/* Labels that were decoded wrongly would change more than the one edge that was named, or leave it.
 */
START_TEST(an_edit_in_labels_changes_one_edge_to_something_new)
{
    run_by_rules("{\"names\": \"anonymous\"}");
    size_t edits = 0;
    for (size_t i = 1; i < trial.count; i++) {
        size_t changed = 0;
        for (size_t slot = 0; trial.steps[i].valid && slot < space->slot_count; slot++)
            changed += trial.steps[i].arch.choice[slot] != trial.steps[i].parent.choice[slot];
        ck_assert_uint_eq(changed, trial.steps[i].valid ? 1 : 0);
        for (size_t j = 0; j < i && trial.steps[i].valid; j++)
            ck_assert(!trial.steps[j].valid ||
                      !arch_equal(&trial.steps[i].arch, &trial.steps[j].arch));
        edits += trial.steps[i].valid;
    }
    ck_assert_uint_gt(edits, BUDGET / 2);
    end();
}
END_TEST

START_TEST(what_labels_stand_for_is_noted_once_and_first)
{
    struct vocabulary words;
    run_by_rules("{\"names\": \"anonymous\"}");
    telling_words(&trial.search, &words);
    char *key = vocabulary_key(&words), *note = mem_printf("names -: %s\n", key);
    ck_assert_int_eq(strncmp(trial.notes.text, note, strlen(note)), 0);
    ck_assert_ptr_null(strstr(trial.notes.text + 1, "names -"));
    free(note);
    free(key);
    vocabulary_free(&words);
    end();
    run_by_rules("{}");
    ck_assert_ptr_null(strstr(trial.notes.text, "names -"));
    end();
}
END_TEST

/* -- shuffled scores -- */

enum { KNOWN = 12 };

/* The first KNOWN architectures of the space, by their made-up scores. */
static struct knowledge known_ones(void)
{
    struct knowledge knowledge = {0};
    for (size_t i = 0; i < KNOWN; i++) {
        struct arch arch = space_nth(space, i);
        knowledge_add(&knowledge, &arch, trial_noise(space, &arch));
    }
    return knowledge;
}

static int by_score(const void *a, const void *b)
{
    const struct knowledge_entry *left = a, *right = b;
    return (left->valid_score < right->valid_score) - (left->valid_score > right->valid_score);
}

/* Shuffles all that is known, into told. */
static void shuffle(const char *settings, uint64_t seed, struct knowledge_entry told[KNOWN])
{
    struct knowledge knowledge = known_ones();
    begin(settings, 0, NULL, NULL);
    trial.search.rng = rng_seed(seed);
    memcpy(told, knowledge.entries, KNOWN * sizeof(*told));
    telling_shuffle(&trial.search, &knowledge, told, KNOWN);
    for (size_t i = 0; i < KNOWN; i++) {
        struct arch *arch = &knowledge.entries[i].arch;
        ck_assert(arch_equal(&told[i].arch, arch));
        ck_assert_double_eq(knowledge.entries[i].valid_score, trial_noise(space, arch));
    }
    knowledge_free(&knowledge);
    end();
}

START_TEST(shuffled_scores_are_those_of_the_repository_in_another_order)
{
    struct knowledge knowledge = known_ones();
    size_t moved = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct knowledge_entry told[KNOWN];
        shuffle("{\"scores\": \"shuffled\"}", seed, told);
        for (size_t i = 0; i < KNOWN; i++)
            moved += told[i].valid_score < knowledge.entries[i].valid_score ||
                     told[i].valid_score > knowledge.entries[i].valid_score;
        qsort(told, KNOWN, sizeof(*told), by_score);
        for (size_t i = 0; i < KNOWN; i++)
            ck_assert_double_eq(told[i].valid_score, knowledge.entries[i].valid_score);
    }
    ck_assert_uint_gt(moved, 100 * KNOWN * 8 / 10); /* expected: all but one in KNOWN */
    knowledge_free(&knowledge);
}
END_TEST

START_TEST(the_same_seed_shuffles_alike_and_another_otherwise)
{
    struct knowledge_entry one[KNOWN], again[KNOWN], other[KNOWN];
    shuffle("{\"scores\": \"shuffled\"}", 1, one);
    shuffle("{\"scores\": \"shuffled\"}", 1, again);
    shuffle("{\"scores\": \"shuffled\"}", 2, other);
    ck_assert_mem_eq(one, again, sizeof(one));
    ck_assert_mem_ne(one, other, sizeof(one));
}
END_TEST

START_TEST(scores_that_are_given_or_withheld_are_not_shuffled)
{
    static const char *const settings[] = {"{}", "{\"scores\": \"withheld\"}"};
    struct knowledge knowledge = known_ones();
    struct knowledge_entry told[KNOWN];
    shuffle(settings[_i], 1, told);
    ck_assert_mem_eq(told, knowledge.entries, sizeof(told));
    knowledge_free(&knowledge);
}
END_TEST

/* The note of an iteration names each cell of its request with the score that the request tells. */
START_TEST(the_scores_that_are_told_are_noted_and_the_search_keeps_the_real_ones)
{
    run_by_rules("{\"scores\": \"shuffled\"}");
    size_t notes = 0, wrong = 0;
    for (const char *note = trial.notes.text; (note = strstr(note, "scores -: ")); notes++) {
        char digits[7], told[16], real[16];
        note += strlen("scores -: ");
        ck_assert_int_eq(
            sscanf(note, "%6s is told %15[0-9.]%% for %15[0-9.]%%", digits, told, real), 3);
        const struct arch arch = cell(digits);
        char *expected = mem_printf("%.2f", trial_noise(space, &arch));
        ck_assert_str_eq(real, expected);
        ck_assert_uint_gt(requests_with(told), 0);
        wrong += strcmp(told, real) != 0;
        free(expected);
    }
    ck_assert_uint_eq(notes, BUDGET - 1); /* all but the start */
    ck_assert_uint_gt(wrong, BUDGET / 2);
    for (size_t i = 0; i < trial.count; i++)
        ck_assert(!trial.steps[i].valid ||
                  trial.steps[i].valid_score == trial_noise(space, &trial.steps[i].arch));
    end();
}
END_TEST

/* -- history -- */

START_TEST(without_history_what_was_tried_is_offered_again)
{
    static const char *const settings[] = {"{}", "{\"history\": \"withheld\"}"};
    static const char change[] = "{\"change\":{\"edge\":\"0->1\",\"to\":\"conv3x3\"}}";
    begin(settings[_i], 0, NULL, (fake_script){RATED, change, NULL});
    for (size_t n = 0; n < space_neighbour_count(space); n++) {
        const struct arch parent = cell("421211"), arch = space_neighbour(space, &parent, n);
        struct score score;
        ck_assert(meter_evaluate(trial.search.meter, &arch, &(struct origin){0}, &score));
    }
    ask_evolve(&operators_edit);
    ck_assert_int_eq(!proposal.reason, _i);
    if (_i)
        ck_assert(arch_equal(&proposal.arch, &(struct arch){{3, 2, 1, 2, 1, 1}}));
    else
        ck_assert_str_eq(proposal.reason,
                         "every architecture one change away was evaluated before");
    end();
}
END_TEST

START_TEST(without_history_no_good_cells_are_counted)
{
    run_by_rules("{}");
    ck_assert_uint_gt(requests_with("; in 1 of 5)"), 0);
    ck_assert_uint_gt(requests_with("how many of"), 0);
    end();
    run_by_rules("{\"history\": \"withheld\"}");
    ck_assert_uint_eq(requests_with(" of 5"), 0);
    ck_assert_uint_eq(requests_with("how many of"), 0);
    end();
}
END_TEST

/* -- all together -- */

START_TEST(controls_go_together)
{
    static const char *const names[] = {"plain", "benchmark", "anonymous"};
    static const char *const benchmark[] = {"named", "withheld"};
    static const char *const scores[] = {"given", "withheld", "shuffled"};
    static const char *const history[] = {"given", "withheld"};
    for (int i = 0; i < 36; i++) {
        char *settings =
            mem_printf("{\"names\": \"%s\", \"benchmark\": \"%s\", \"scores\": \"%s\", "
                       "\"history\": \"%s\", \"form\": \"%s\"}",
                       names[i % 3], benchmark[i / 3 % 2], scores[i / 6 % 3], history[i / 18],
                       _i ? "whole" : "edit");
        run_by_rules(settings);
        ck_assert_int_eq(requests_with("conv3x3") > 0, i % 3 == 0);
        ck_assert_int_eq(requests_with("NAS-Bench-201") > 0, i / 3 % 2 == 0);
        ck_assert_int_eq(requests_with("%") > 0, i / 6 % 3 != 1);
        end();
        free(settings);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("telling");
    TCase *words = tcase_create("word for word");
    tcase_add_checked_fixture(words, setup, NULL);
    tcase_add_loop_test(words, each_control_changes_a_request_as_its_help_says, 0, REQUESTS);
    suite_add_tcase(suite, words);
    TCase *runs = tcase_create("whole runs");
    tcase_add_checked_fixture(runs, setup, NULL);
    tcase_add_loop_test(runs, withheld_scores_are_in_no_request, 0, FORMS);
    tcase_add_loop_test(runs, anonymous_operations_are_named_in_no_request, 0, FORMS);
    tcase_add_loop_test(runs, only_a_named_benchmark_is_named, 0, FORMS);
    tcase_add_test(runs, an_edit_in_labels_changes_one_edge_to_something_new);
    tcase_add_test(runs, what_labels_stand_for_is_noted_once_and_first);
    tcase_add_loop_test(runs, controls_go_together, 0, 2);
    suite_add_tcase(suite, runs);
    TCase *shuffled = tcase_create("shuffled scores");
    tcase_add_checked_fixture(shuffled, setup, NULL);
    tcase_add_test(shuffled, shuffled_scores_are_those_of_the_repository_in_another_order);
    tcase_add_test(shuffled, the_same_seed_shuffles_alike_and_another_otherwise);
    tcase_add_loop_test(shuffled, scores_that_are_given_or_withheld_are_not_shuffled, 0, 2);
    tcase_add_test(shuffled, the_scores_that_are_told_are_noted_and_the_search_keeps_the_real_ones);
    suite_add_tcase(suite, shuffled);
    TCase *history = tcase_create("history");
    tcase_add_checked_fixture(history, setup, NULL);
    tcase_add_loop_test(history, without_history_what_was_tried_is_offered_again, 0, 2);
    tcase_add_test(history, without_history_no_good_cells_are_counted);
    suite_add_tcase(suite, history);
    return suite_run(suite);
}
