/* SEKI's operators with a model that says what is written here: what it is asked, word for word,
 * and what comes of its answers. */
#include "../suite.h"
#include "search/operators.h"

#include "base/mem.h"
#include "golden.h"
#include "trial.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define RATED(a, b, c, d, e, f)                                                                    \
    "\"rating\":{\"0->1\":\"" a "\",\"0->2\":\"" b "\",\"1->2\":\"" c "\",\"0->3\":\"" d           \
    "\",\"1->3\":\"" e "\",\"2->3\":\"" f "\"}"
#define FIRST_WEAK    RATED("weak", "strong", "fair", "strong", "strong", "strong")
#define STRATEGY      "\"strategy\":\"Replace the pooling on edge 0->1.\""
#define COMMON        "\"common\":\"They have convolutions on 0->2.\""
#define CHANGE(e, to) "\"change\":{\"edge\":\"" e "\",\"to\":\"" to "\"}"

static const struct space *space;
static struct trial trial;
static struct proposal proposal;
static struct err err;

static void setup(void)
{
    space = space_find("nas-bench-201");
    proposal = (struct proposal){0};
    err = (struct err){0};
}

/* The settings of the model that recordings are made with. */
static void begin(const char *settings, const char *const *script)
{
    trial_open(&trial,
               &(struct trial_setting){.strategy = "seki",
                                       .settings = settings,
                                       .space = space,
                                       .score = trial_noise,
                                       .seed = 1,
                                       .llm = "{\"model\": \"qwen2.5-coder-1.5b-instruct\", "
                                              "\"constraint\": \"grammar\", "
                                              "\"cache_prompt\": true}",
                                       .script = script});
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

static void evaluate(struct arch arch)
{
    struct score score;
    ck_assert(meter_evaluate(trial.search.meter, &arch, &(struct origin){0}, &score));
}

static bool evolve(const struct operators *operators)
{
    struct knowledge_entry parent = {cell("421211"), 90.34};
    return operators->evolve(&trial.search, &parent, &proposal, &err);
}

static bool inspire(const struct operators *operators)
{
    struct knowledge_entry good[3] = {
        {cell("333101"), 89.5}, {cell("421211"), 90.34}, {cell("321333"), 91.005}};
    return operators->inspire(&trial.search, good, 3, &proposal, &err);
}

static void check_proposal(const char *digits, const char *strategy)
{
    char found[ARCH_SLOTS + 1];
    ck_assert_msg(!proposal.reason, "%s", proposal.reason);
    space_digits(space, &proposal.arch, found);
    ck_assert_str_eq(found, digits);
    ck_assert_pstr_eq(proposal.strategy, strategy);
}

static void check_refusal(const char *reason)
{
    ck_assert_pstr_eq(proposal.reason, reason);
}

static size_t asked_count(void)
{
    return json_array_size(trial.model.asked);
}

/* -- golden requests -- */

static void check_golden(size_t i, const char *name)
{
    golden_check(&trial.model, i, name);
}

START_TEST(the_requests_of_an_edit_are_those_that_recordings_were_made_with)
{
    begin("{}",
          (fake_script){"{" FIRST_WEAK "," STRATEGY "}", "{" CHANGE("0->1", "conv3x3") "}", NULL});
    ck_assert(evolve(&operators_edit));
    check_proposal("321211", "Replace the pooling on edge 0->1.");
    check_golden(0, "edit-C");
    check_golden(1, "edit-D");
    end();
}
END_TEST

START_TEST(the_requests_of_an_inspired_edit_are_those_that_recordings_were_made_with)
{
    begin("{}",
          (fake_script){"{" COMMON "," FIRST_WEAK "}", "{" CHANGE("0->1", "conv1x1") "}", NULL});
    evaluate(cell("421333"));
    ck_assert(inspire(&operators_edit));
    check_proposal("221333", "They have convolutions on 0->2.");
    check_golden(0, "edit-E");
    check_golden(1, "edit-E-change");
    end();
}
END_TEST

/* The same on a task of TransNAS-Bench-101, scored in another metric. */
static void begin_task(const char *dataset, const char *metric, const char *const *script)
{
    space = space_find("transnas-bench-101");
    begin("{}", script);
    ck_assert(metric_find(metric, "final", &trial.metric));
    trial.task = space_task(space, dataset, &trial.metric, &err);
    ck_assert_msg(trial.task != NULL, "%s", err.text);
    trial.search.task = trial.task;
    trial.search.dataset = dataset;
}

START_TEST(the_requests_of_a_task_say_its_goal_and_its_metric)
{
    struct knowledge_entry parent = {{{0}}, 0.55482}, good[2];
    begin_task(
        "normal", "ssim",
        (fake_script){"{" FIRST_WEAK "," STRATEGY "}", "{" CHANGE("0->1", "conv3x3") "}", NULL});
    parent.arch = cell("102333");
    ck_assert(operators_edit.evolve(&trial.search, &parent, &proposal, &err));
    check_golden(0, "task-edit-C");
    check_golden(1, "task-edit-D");
    end();

    setup();
    begin_task(
        "room_layout", "neg_loss",
        (fake_script){"{" COMMON "," FIRST_WEAK "}", "{" CHANGE("0->1", "conv1x1") "}", NULL});
    good[0] = (struct knowledge_entry){cell("300123"), -0.72124};
    good[1] = (struct knowledge_entry){cell("102333"), -0.62};
    ck_assert(operators_edit.inspire(&trial.search, good, 2, &proposal, &err));
    check_golden(0, "task-edit-E");
    end();
}
END_TEST

START_TEST(the_request_of_a_merged_edit_is_as_it_was)
{
    begin("{\"merge_steps\": true}",
          (fake_script){"{" FIRST_WEAK "," STRATEGY "," CHANGE("2->3", "none") "}", NULL});
    ck_assert(evolve(&operators_edit));
    check_proposal("421210", "Replace the pooling on edge 0->1.");
    ck_assert_uint_eq(asked_count(), 1);
    check_golden(0, "edit-CD");
    end();
}
END_TEST

START_TEST(the_requests_for_a_whole_cell_are_those_that_recordings_were_made_with)
{
    begin("{\"form\": \"whole\"}", (fake_script){"{" STRATEGY "}", "{\"cell\":\"321211\"}", NULL});
    ck_assert(evolve(&operators_whole));
    check_proposal("321211", "Replace the pooling on edge 0->1.");
    check_golden(0, "whole-C");
    check_golden(1, "whole-D");
    end();
}
END_TEST

START_TEST(the_request_for_an_inspired_whole_cell_is_that_which_recordings_were_made_with)
{
    begin("{\"form\": \"whole\"}", (fake_script){"{" COMMON ",\"cell\":\"333333\"}", NULL});
    ck_assert(inspire(&operators_whole));
    check_proposal("333333", "They have convolutions on 0->2.");
    ck_assert_uint_eq(asked_count(), 1);
    check_golden(0, "whole-E");
    end();
}
END_TEST

START_TEST(the_request_for_a_merged_whole_cell_is_as_it_was)
{
    begin("{\"form\": \"whole\", \"merge_steps\": true}",
          (fake_script){"{" STRATEGY ",\"cell\":\"333333\"}", NULL});
    ck_assert(evolve(&operators_whole));
    check_proposal("333333", "Replace the pooling on edge 0->1.");
    check_golden(0, "whole-CD");
    end();
}
END_TEST

/* -- what an edit may change -- */

/* "0->1: conv3x3 none; 0->2: ..." of the changes that request i allows. */
static void check_changes(size_t i, const char *expected)
{
    const json_t *schema = json_object_get(json_array_get(trial.model.asked, i), "schema");
    const json_t *change = json_object_get(json_object_get(schema, "properties"), "change");
    struct str found = {0};
    size_t n, m;
    const json_t *one, *name;
    json_array_foreach(json_object_get(change, "anyOf"), n, one)
    {
        const json_t *members = json_object_get(one, "properties");
        const json_t *edge = json_object_get(json_object_get(members, "edge"), "const");
        str_addf(&found, "%s%s:", n ? "; " : "", json_string_value(edge));
        json_array_foreach(json_object_get(json_object_get(members, "to"), "enum"), m, name)
            str_addf(&found, " %s", json_string_value(name));
    }
    ck_assert_pstr_eq(found.text, expected);
    str_free(&found);
}

/* Evaluates all neighbours of 421211 that differ on this edge, but those of choice except. */
static void try_edge(size_t slot, int except)
{
    for (int c = 0; c < 5; c++) {
        struct arch arch = cell("421211");
        if (c == arch.choice[slot] || c == except)
            continue;
        arch.choice[slot] = (uint8_t)c;
        evaluate(arch);
    }
}

static const struct {
    const char *ratings, *changes;
    int tried; /* edges, from the first on, of which every change was evaluated */
} offers[] = {
    {RATED("weak", "strong", "fair", "strong", "strong", "strong"),
     "0->1: none skip conv1x1 conv3x3", 0},
    {RATED("weak", "strong", "fair", "strong", "strong", "strong"),
     "1->2: none conv1x1 conv3x3 pool3x3", 1},
    {RATED("strong", "strong", "strong", "weak", "strong", "fair"),
     "0->3: none skip conv3x3 pool3x3", 2},
    {RATED("weak", "weak", "fair", "strong", "strong", "strong"),
     "0->3: none skip conv3x3 pool3x3; 2->3: none conv1x1 conv3x3 pool3x3; "
     "1->3: none conv1x1 conv3x3 pool3x3", /* in the order that the prompt lists edges in */
     3},
};

START_TEST(the_weakest_edges_that_leave_something_untried_may_be_changed)
{
    char *first = mem_printf("{%s,%s}", offers[_i].ratings, STRATEGY);
    begin("{}", (const char *const[]){first, "{" CHANGE("2->3", "conv3x3") "}", NULL});
    for (int slot = 0; slot < offers[_i].tried; slot++)
        try_edge((size_t)slot, -1);
    ck_assert(evolve(&operators_edit));
    check_changes(1, offers[_i].changes);
    end();
    free(first);
}
END_TEST

START_TEST(a_change_that_was_tried_is_not_offered)
{
    begin("{}",
          (fake_script){"{" FIRST_WEAK "," STRATEGY "}", "{" CHANGE("0->1", "skip") "}", NULL});
    try_edge(0, 1);
    ck_assert(evolve(&operators_edit));
    check_changes(1, "0->1: skip");
    check_proposal("121211", "Replace the pooling on edge 0->1.");
    end();
}
END_TEST

static const char *const steps[] = {"{}", "{\"merge_steps\": true}"};

START_TEST(when_all_was_tried_nothing_is_asked_and_the_reason_is_told)
{
    begin(steps[_i], (fake_script){"{" FIRST_WEAK "," STRATEGY "}", NULL});
    for (size_t slot = 0; slot < 6; slot++)
        try_edge(slot, -1);
    ck_assert(evolve(&operators_edit));
    check_refusal("every architecture one change away was evaluated before");
    ck_assert_uint_eq(asked_count(), _i ? 0 : 1);
    end();
}
END_TEST

/* -- replies that are no use -- */

START_TEST(a_rating_that_cannot_be_used_ends_the_edit)
{
    begin("{\"repairs\": 0}", (fake_script){"{" STRATEGY "}", NULL});
    ck_assert(evolve(&operators_edit));
    check_refusal("C: it has no object \"rating\"");
    ck_assert_uint_eq(asked_count(), 1);
    end();
}
END_TEST

START_TEST(a_change_that_cannot_be_used_ends_the_edit_and_its_strategy_stays)
{
    begin("{\"repairs\": 0}",
          (fake_script){"{" COMMON "," FIRST_WEAK "}", "{" CHANGE("0->1", "conv5x5") "}", NULL});
    ck_assert(inspire(&operators_edit));
    check_refusal("E-change: \"conv5x5\" on edge 0->1 is none of none, skip, conv1x1, conv3x3, "
                  "pool3x3");
    ck_assert_pstr_eq(proposal.strategy, "They have convolutions on 0->2.");
    end();
}
END_TEST

START_TEST(a_repaired_rating_counts)
{
    begin("{}", (fake_script){
                    "{" FIRST_WEAK ",\"strategy\":\"\"}",
                    "{" RATED("strong", "weak", "fair", "fair", "fair", "fair") "," STRATEGY "}",
                    "{" CHANGE("0->2", "conv3x3") "}", NULL});
    ck_assert(evolve(&operators_edit));
    check_changes(2, "0->2: none skip conv3x3 pool3x3");
    check_proposal("431211", "Replace the pooling on edge 0->1.");
    ck_assert_str_eq(trial.notes.text, "repair C: \"strategy\" holds no sentence\n");
    end();
}
END_TEST

START_TEST(a_change_to_what_was_evaluated_is_asked_again_with_its_score)
{
    begin("{\"on_duplicate\": \"ask-again\"}",
          (fake_script){"{" FIRST_WEAK "," STRATEGY "}", "{" CHANGE("0->1", "skip") "}",
                        "{" CHANGE("0->1", "conv3x3") "}", NULL});
    evaluate(cell("121211"));
    ck_assert(evolve(&operators_edit));
    check_proposal("321211", "Replace the pooling on edge 0->1.");
    char *message = fake_llm_message(&trial.model, 2, 3);
    char *expected = mem_printf("user: That cell was evaluated before; its validation accuracy is "
                                "%.2f%%. Reply again with JSON only, in the form that was asked "
                                "for, with another cell.",
                                trial.steps[0].valid_score);
    ck_assert_pstr_eq(message, expected);
    free(message);
    free(expected);
    end();
}
END_TEST

START_TEST(a_whole_cell_that_was_evaluated_is_asked_again_or_kept)
{
    static const char *const settings[] = {
        "{\"form\": \"whole\"}", "{\"form\": \"whole\", \"on_duplicate\": \"ask-again\"}"};
    begin(settings[_i],
          (fake_script){"{" STRATEGY "}", "{\"cell\":\"121211\"}", "{\"cell\":\"321211\"}", NULL});
    evaluate(cell("121211"));
    ck_assert(evolve(&operators_whole));
    check_proposal(_i ? "321211" : "121211", "Replace the pooling on edge 0->1.");
    end();
}
END_TEST

START_TEST(a_whole_cell_that_cannot_be_used_is_told_why)
{
    begin("{\"form\": \"whole\", \"repairs\": 0}",
          (fake_script){"{" STRATEGY "}", "{\"cell\":{\"0->1\":\"none\"}}", NULL});
    ck_assert(evolve(&operators_whole));
    check_refusal("D: \"cell\" has no operation for edge 0->2");
    ck_assert_pstr_eq(proposal.strategy, "Replace the pooling on edge 0->1.");
    end();
}
END_TEST

static const struct operators *const asking[] = {&operators_edit, &operators_whole};

START_TEST(a_server_that_refuses_ends_the_run)
{
    begin("{}", (fake_script){NULL});
    ck_assert(!evolve(asking[_i]));
    ck_assert_int_eq(err.code, ERR_NETWORK);
    err = (struct err){0};
    ck_assert(!inspire(asking[_i]));
    ck_assert_int_eq(err.code, ERR_NETWORK);
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("operators");
    TCase *requests = tcase_create("requests");
    tcase_add_checked_fixture(requests, setup, NULL);
    tcase_add_test(requests, the_requests_of_an_edit_are_those_that_recordings_were_made_with);
    tcase_add_test(requests,
                   the_requests_of_an_inspired_edit_are_those_that_recordings_were_made_with);
    tcase_add_test(requests, the_request_of_a_merged_edit_is_as_it_was);
    tcase_add_test(requests, the_requests_of_a_task_say_its_goal_and_its_metric);
    tcase_add_test(requests,
                   the_requests_for_a_whole_cell_are_those_that_recordings_were_made_with);
    tcase_add_test(requests,
                   the_request_for_an_inspired_whole_cell_is_that_which_recordings_were_made_with);
    tcase_add_test(requests, the_request_for_a_merged_whole_cell_is_as_it_was);
    suite_add_tcase(suite, requests);

    TCase *changes = tcase_create("changes");
    tcase_add_checked_fixture(changes, setup, NULL);
    tcase_add_loop_test(changes, the_weakest_edges_that_leave_something_untried_may_be_changed, 0,
                        sizeof(offers) / sizeof(offers[0]));
    tcase_add_test(changes, a_change_that_was_tried_is_not_offered);
    tcase_add_loop_test(changes, when_all_was_tried_nothing_is_asked_and_the_reason_is_told, 0, 2);
    suite_add_tcase(suite, changes);

    TCase *replies = tcase_create("replies");
    tcase_add_checked_fixture(replies, setup, NULL);
    tcase_add_test(replies, a_rating_that_cannot_be_used_ends_the_edit);
    tcase_add_test(replies, a_change_that_cannot_be_used_ends_the_edit_and_its_strategy_stays);
    tcase_add_test(replies, a_repaired_rating_counts);
    tcase_add_test(replies, a_change_to_what_was_evaluated_is_asked_again_with_its_score);
    tcase_add_loop_test(replies, a_whole_cell_that_was_evaluated_is_asked_again_or_kept, 0, 2);
    tcase_add_test(replies, a_whole_cell_that_cannot_be_used_is_told_why);
    tcase_add_loop_test(replies, a_server_that_refuses_ends_the_run, 0, 2);
    suite_add_tcase(suite, replies);

    return suite_run(suite);
}
