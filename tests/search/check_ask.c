/* Questions to a model that says what is written here: what is asked again, and in which words. */
#include "../suite.h"
#include "search/ask.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "search/prompt.h"
#include "trial.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEM    "system: You are an expert in neural architecture design."
#define AGAIN     "Reply again with JSON only, in the form that was asked for."
#define REPAIR(x) "user: That reply cannot be used: " x ". " AGAIN
#define NO_OBJECT "it holds no JSON object (there is none)"

static struct trial trial;
static char *reason;
static struct err err;
static char *word; /* what was read */

static void setup(void)
{
    reason = word = NULL;
    err = (struct err){0};
}

static void begin(const char *settings, const char *const *script)
{
    trial_open(&trial, &(struct trial_setting){.strategy = "seki",
                                               .settings = settings,
                                               .space = space_find("nas-bench-201"),
                                               .score = trial_noise,
                                               .seed = 1,
                                               .script = script});
}

static void end(void)
{
    trial_end(&trial);
    trial_free(&trial);
    free(reason);
    free(word);
}

static bool read_word(void *context, const json_t *reply, struct str *why)
{
    ck_assert_ptr_eq(context, &word);
    free(word);
    word = NULL;
    if (!json_is_string(json_object_get(reply, "word"))) {
        str_add(why, "it has no \"word\"");
        return false;
    }
    word = mem_strdup(json_string_value(json_object_get(reply, "word")));
    return true;
}

static char *object_to_old(void *context)
{
    ck_assert_ptr_eq(context, &word);
    return strcmp(word, "old") == 0 ? mem_strdup("That word is old.") : NULL;
}

static bool put(void)
{
    struct question question = {.role = "C",
                                .prompt = mem_strdup("A word?"),
                                .schema = json_pack("{s:s}", "type", "object"),
                                .max_tokens = 50,
                                .read = read_word,
                                .object_to = object_to_old,
                                .context = &word};
    return ask(&trial.search, &question, &reason, &err);
}

static const json_t *asked(size_t i)
{
    return json_object_get(json_array_get(trial.model.asked, i), "body");
}

static size_t asked_count(void)
{
    return json_array_size(trial.model.asked);
}

/* The messages of request i must be these, up to a NULL. */
static void check_talk(size_t i, const char *const *expected)
{
    size_t m = 0;
    for (; expected[m]; m++) {
        char *message = fake_llm_message(&trial.model, i, m);
        ck_assert_pstr_eq(message, expected[m]);
        free(message);
    }
    ck_assert_uint_eq(json_array_size(json_object_get(asked(i), "messages")), m);
}

#define CHECK_TALK(i, ...) check_talk(i, (const char *const[]){__VA_ARGS__, NULL})

START_TEST(a_good_reply_needs_no_second_request)
{
    begin("{}", (fake_script){"{\"word\": \"new\"}", NULL});
    ck_assert(put());
    ck_assert_ptr_null(reason);
    ck_assert_str_eq(word, "new");
    ck_assert_uint_eq(asked_count(), 1);
    CHECK_TALK(0, SYSTEM, "user: A word?");
    ck_assert_ptr_null(trial.notes.text);
    end();
}
END_TEST

START_TEST(a_bad_reply_is_asked_for_again_with_the_reason)
{
    begin("{}",
          (fake_script){"Hm.", "{\"sentence\": \"A new word.\"}", "{\"word\": \"new\"}", NULL});
    ck_assert(put());
    ck_assert_ptr_null(reason);
    ck_assert_str_eq(word, "new");
    CHECK_TALK(1, SYSTEM, "user: A word?", "assistant: Hm.", REPAIR(NO_OBJECT));
    CHECK_TALK(2, SYSTEM, "user: A word?", "assistant: Hm.", REPAIR(NO_OBJECT),
               "assistant: {\"sentence\": \"A new word.\"}", REPAIR("it has no \"word\""));
    ck_assert_str_eq(trial.notes.text, "repair C: " NO_OBJECT "\nrepair C: it has no \"word\"\n");
    end();
}
END_TEST

START_TEST(an_empty_reply_gets_no_turn_in_the_talk)
{
    begin("{}", (fake_script){"", "{\"word\": \"new\"}", NULL});
    ck_assert(put());
    ck_assert_ptr_null(reason);
    CHECK_TALK(1, SYSTEM, "user: A word?\n\nThat reply cannot be used: it is empty. " AGAIN);
    end();
}
END_TEST

START_TEST(users_and_assistants_take_turns_whatever_is_empty)
{
    begin("{\"repairs\": 3}", (fake_script){"", "Hm.", "", "{\"word\": \"new\"}", NULL});
    ck_assert(put());
    CHECK_TALK(3, SYSTEM, "user: A word?\n\nThat reply cannot be used: it is empty. " AGAIN,
               "assistant: Hm.",
               REPAIR(NO_OBJECT) "\n\nThat reply cannot be used: it is empty. " AGAIN);
    end();
}
END_TEST

START_TEST(when_the_repairs_are_used_up_the_last_reason_is_told)
{
    begin("{\"repairs\": 1}", (fake_script){"Hm.", "{}", "{\"word\": \"new\"}", NULL});
    ck_assert(put());
    ck_assert_str_eq(reason, "C: it has no \"word\"");
    ck_assert_uint_eq(asked_count(), 2);
    ck_assert_str_eq(trial.notes.text, "repair C: " NO_OBJECT "\n");
    end();
}
END_TEST

START_TEST(without_repairs_one_bad_reply_is_the_end)
{
    begin("{\"repairs\": 0}", (fake_script){"Hm.", "{\"word\": \"new\"}", NULL});
    ck_assert(put());
    ck_assert_str_eq(reason, "C: " NO_OBJECT);
    ck_assert_uint_eq(asked_count(), 1);
    ck_assert_ptr_null(trial.notes.text);
    end();
}
END_TEST

START_TEST(as_many_repairs_as_can_be_set_fit_into_the_talk)
{
    const char *script[22] = {NULL};
    for (size_t i = 0; i < 21; i++)
        script[i] = "Hm.";
    begin("{\"repairs\": 20}", script);
    ck_assert(put());
    ck_assert_str_eq(reason, "C: " NO_OBJECT);
    ck_assert_uint_eq(asked_count(), 21);
    end();
}
END_TEST

START_TEST(a_reply_cut_off_at_the_token_limit_is_told_so)
{
    begin("{\"repairs\": 1}",
          (fake_script){FAKE_CUT "{\"word\": \"ne", FAKE_CUT, "{\"word\": \"new\"}", NULL});
    ck_assert(put());
    CHECK_TALK(1, SYSTEM, "user: A word?", "assistant: {\"word\": \"ne",
               REPAIR(NO_OBJECT "; it was cut off at the token limit"));
    ck_assert_str_eq(reason, "C: it is empty; it was cut off at the token limit");
    end();
}
END_TEST

START_TEST(a_reply_cut_off_after_its_object_is_taken)
{
    begin("{}", (fake_script){FAKE_CUT "{\"word\": \"new\"} and that is wh", NULL});
    ck_assert(put());
    ck_assert_ptr_null(reason);
    ck_assert_str_eq(word, "new");
    end();
}
END_TEST

START_TEST(a_duplicate_is_kept_or_asked_again_as_the_option_says)
{
    static const char *const settings[] = {"{}", "{\"on_duplicate\": \"ask-again\"}"};
    begin(settings[_i], (fake_script){"{\"word\": \"old\"}", "{\"word\": \"new\"}", NULL});
    ck_assert(put());
    ck_assert_ptr_null(reason);
    ck_assert_str_eq(word, _i ? "new" : "old");
    ck_assert_uint_eq(asked_count(), _i ? 2 : 1);
    if (_i) {
        CHECK_TALK(1, SYSTEM, "user: A word?", "assistant: {\"word\": \"old\"}",
                   "user: That word is old.");
        ck_assert_str_eq(trial.notes.text, "duplicate C: -\n");
    }
    end();
}
END_TEST

START_TEST(a_duplicate_is_kept_when_the_repairs_are_used_up)
{
    begin("{\"on_duplicate\": \"ask-again\", \"repairs\": 1}",
          (fake_script){"{\"word\": \"old\"}", "{\"word\": \"old\"}", "{\"word\": \"new\"}", NULL});
    ck_assert(put());
    ck_assert_ptr_null(reason);
    ck_assert_str_eq(word, "old");
    ck_assert_uint_eq(asked_count(), 2);
    ck_assert_str_eq(trial.notes.text, "duplicate C: -\n");
    end();
}
END_TEST

START_TEST(a_duplicate_that_came_before_a_bad_reply_is_told)
{
    begin("{\"on_duplicate\": \"ask-again\", \"repairs\": 2}",
          (fake_script){"{\"word\": \"old\"}", "Hm.", "", NULL});
    ck_assert(put());
    ck_assert_str_eq(reason, "C: it is empty; a reply before it repeated what had been evaluated");
    ck_assert_str_eq(trial.notes.text, "duplicate C: -\nrepair C: " NO_OBJECT "\n");
    end();
}
END_TEST

START_TEST(a_server_that_refuses_ends_the_run_with_its_error)
{
    begin("{}", (const char *const[]){_i ? "Hm." : NULL, NULL});
    ck_assert(!put());
    ck_assert_ptr_null(reason);
    ck_assert_int_eq(err.code, ERR_NETWORK);
    ck_assert_str_eq(err.text, "model \"fake\" gave no answer: HTTP 400; another attempt would not "
                               "change that");
    end();
}
END_TEST

static json_int_t sent(size_t i, const char *key)
{
    return json_integer_value(json_object_get(asked(i), key));
}

START_TEST(the_token_limit_is_that_of_the_form_or_of_the_settings)
{
    static const char *const settings[] = {"{}", "{\"max_tokens\": 4000}"};
    begin(settings[_i], (fake_script){"{\"word\": \"new\"}", NULL});
    ck_assert(put());
    ck_assert_int_eq(sent(0, "max_tokens"), _i ? 4000 : 50);
    end();
}
END_TEST

START_TEST(a_space_of_more_slots_gets_more_tokens)
{
    static const struct choice letters[] = {{.name = "a"}};
    static struct slot slots[13];
    static const struct space wide = {.name = "wide", .slots = slots, .slot_count = 13};
    for (size_t i = 0; i < 13; i++)
        slots[i] = (struct slot){"a", 1, letters, 1};
    begin("{}", (fake_script){"{\"word\": \"new\"}", NULL});
    trial.search.space = &wide;
    ck_assert(put());
    ck_assert_int_eq(sent(0, "max_tokens"), 3 * 50);
    end();
}
END_TEST

/* A turn's seed depends on the run, the role, the iteration and the turn, and on nothing else. */
START_TEST(each_turn_has_a_seed_of_its_own_and_the_same_in_each_run)
{
    json_int_t seeds[2][3];
    for (int run = 0; run < 2; run++) {
        begin("{}", (fake_script){"Hm.", "Hm, hm.", "{\"word\": \"new\"}", NULL});
        ck_assert(put());
        for (size_t i = 0; i < 3; i++)
            seeds[run][i] = sent(i, "seed");
        end();
        setup();
    }
    ck_assert_mem_eq(seeds[0], seeds[1], sizeof(seeds[0]));
    ck_assert(seeds[0][0] != seeds[0][1] && seeds[0][0] != seeds[0][2] &&
              seeds[0][1] != seeds[0][2]);
    ck_assert_int_ge(seeds[0][0], 0);
    ck_assert_int_lt(seeds[0][0], INT64_C(1) << 31);
}
END_TEST

/* What recordings were made with: a prompt that is changed voids them. */
START_TEST(the_prompts_hashes_are_those_of_their_files)
{
    json_t *hashes = prompt_hashes();
    const char *name;
    json_t *hash;
    json_object_foreach(hashes, name, hash)
    {
        char *path = mem_printf("%s/src/search/prompts/%s.txt", getenv("srcdir"), name);
        size_t size;
        char *text = file_read(path, 1 << 20, &size, NULL);
        ck_assert_msg(text != NULL, "%s is nowhere", path);
        ck_assert_str_eq(hash_bytes(text, size).hex, json_string_value(hash));
        free(text);
        free(path);
    }
    ck_assert_uint_eq(json_object_size(hashes), 13);
    json_decref(hashes);
}
END_TEST

START_TEST(a_prompt_is_filled_in_and_loses_its_last_line_break)
{
    char *text = prompt_render(
        "duplicate",
        (struct str_value[]){{"metric", "validation accuracy"}, {"score", "90.00%"}, {0}});
    ck_assert_str_eq(text, "That cell was evaluated before; its validation accuracy is 90.00%. "
                           "Reply again with JSON only, in the form that was asked for, with "
                           "another cell.");
    free(text);
    text = prompt_render("repair", (struct str_value[]){{"reason", "{{reason}}\n"}, {0}});
    ck_assert_str_eq(text, "That reply cannot be used: {{reason}}. " AGAIN);
    free(text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ask");
    TCase *turns = tcase_create("turns");
    tcase_add_checked_fixture(turns, setup, NULL);
    tcase_add_test(turns, a_good_reply_needs_no_second_request);
    tcase_add_test(turns, a_bad_reply_is_asked_for_again_with_the_reason);
    tcase_add_test(turns, an_empty_reply_gets_no_turn_in_the_talk);
    tcase_add_test(turns, users_and_assistants_take_turns_whatever_is_empty);
    tcase_add_test(turns, when_the_repairs_are_used_up_the_last_reason_is_told);
    tcase_add_test(turns, without_repairs_one_bad_reply_is_the_end);
    tcase_add_test(turns, as_many_repairs_as_can_be_set_fit_into_the_talk);
    tcase_add_test(turns, a_reply_cut_off_at_the_token_limit_is_told_so);
    tcase_add_test(turns, a_reply_cut_off_after_its_object_is_taken);
    tcase_add_loop_test(turns, a_duplicate_is_kept_or_asked_again_as_the_option_says, 0, 2);
    tcase_add_test(turns, a_duplicate_is_kept_when_the_repairs_are_used_up);
    tcase_add_test(turns, a_duplicate_that_came_before_a_bad_reply_is_told);
    tcase_add_loop_test(turns, a_server_that_refuses_ends_the_run_with_its_error, 0, 2);
    tcase_add_loop_test(turns, the_token_limit_is_that_of_the_form_or_of_the_settings, 0, 2);
    tcase_add_test(turns, a_space_of_more_slots_gets_more_tokens);
    tcase_add_test(turns, each_turn_has_a_seed_of_its_own_and_the_same_in_each_run);
    suite_add_tcase(suite, turns);
    TCase *prompts = tcase_create("prompts");
    tcase_add_test(prompts, the_prompts_hashes_are_those_of_their_files);
    tcase_add_test(prompts, a_prompt_is_filled_in_and_loses_its_last_line_break);
    suite_add_tcase(suite, prompts);
    return suite_run(suite);
}
