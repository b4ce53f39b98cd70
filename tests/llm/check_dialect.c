#include "../suite.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "llm/answer.h"
#include "llm/request.h"
#include "llm/transcript.h"
#include "loopback.h"
#include "talk.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct chat_message question = {"user", "question"};

/* What settings of an llm become; faults are the caller's. */
static json_t *settle(const char *given, struct faults *faults)
{
    json_t *settings = talk_settings("http", given);
    chat_settle(settings, "/llm", faults);
    return settings;
}

/* -- requests and replies of each -- */

/* The request that settings make, but model and messages, which all make alike. */
static char *request_text(const json_t *settings)
{
    json_t *schema = json_pack("{s:s}", "type", "object");
    struct chat_request request = talk_request(&question, schema);
    json_t *body = request_body(settings, &request);
    ck_assert_str_eq(option_text(body, "model"), option_text(settings, "model"));
    ck_assert_uint_eq(json_array_size(json_object_get(body, "messages")), 1);
    json_object_del(body, "model");
    json_object_del(body, "messages");
    char *text = json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_decref(body);
    json_decref(schema);
    return text;
}

static void add_count(struct str *out, int64_t count, const char *what)
{
    if (count < 0)
        str_addf(out, "- %s", what);
    else
        str_addf(out, "%d %s", (int)count, what);
}

static void describe(struct str *out, const struct answer *answer)
{
    ck_assert_msg(!answer->problem, "%s", answer->problem);
    str_addf(out, "content \"%s\", finish %s, fingerprint %s%s\n", answer->content,
             answer->finish_reason, answer->fingerprint ? answer->fingerprint : "-",
             answer->cut ? ", cut" : "");
    if (answer->empty)
        str_addf(out, "empty: %s\n", answer->empty);
    str_add(out, "tokens ");
    add_count(out, answer->usage.in, "in, ");
    add_count(out, answer->usage.out, "out, ");
    add_count(out, answer->usage.cached, "cached, ");
    add_count(out, answer->usage.cache_write, "cache write, ");
    add_count(out, answer->usage.reasoning, "reasoning\n");
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static void check_case(const char *name, char *input, const char *expected)
{
    char *origin = strchr(input, '\n') + 1, *reply = strchr(origin, '\n') + 1;
    origin[-1] = reply[-1] = '\0';
    reply[strcspn(reply, "\n")] = '\0';
    ck_assert_msg(begins(origin, "from documentation: ") || begins(origin, "recorded: "), "%s",
                  origin);
    struct faults faults = {0};
    json_t *settings = settle(input, &faults);
    ck_assert_msg(!faults.count, "%s: %s", name, faults.list ? faults.list[0] : "");
    ck_assert_str_eq(option_text(settings, "dialect"), name);
    char *request = request_text(settings);
    struct str found = {0};
    str_addf(&found, "%s\n", request);
    struct llm_exchange exchange = {
        .status = 200, .body = reply, .body_size = strlen(reply), .retry_after_s = -1};
    struct answer answer = answer_read(&exchange, dialect_find(name));
    describe(&found, &answer);
    size_t length = found.length; /* the last case of the file has a line end more */
    ck_assert_msg(strncmp(found.text, expected, length) == 0, "%s: found\n%sexpected\n%s", name,
                  found.text, expected);
    answer_free(&answer);
    str_free(&found);
    free(request);
    json_decref(settings);
}

START_TEST(each_server_is_asked_and_read_in_its_own_way)
{
    talk_each_case("dialects.cases", check_case);
}
END_TEST

static char *all_cases(void)
{
    char *path = mem_printf("%s/tests/llm/dialects.cases", getenv("srcdir"));
    char *text = file_read(path, FILE_CEILING, NULL, NULL);
    ck_assert_ptr_nonnull(text);
    free(path);
    return text;
}

START_TEST(every_dialect_can_be_named_and_has_a_case)
{
    struct str names = {0};
    char *cases = all_cases();
    for (size_t i = 0; dialect_at(i); i++) {
        char *head = mem_printf("\n== %s\n", dialect_at(i)->name);
        ck_assert_msg(strstr(cases, head) != NULL, "no case of %s", dialect_at(i)->name);
        free(head);
    }
    for (const char *name = DIALECT_NAMES; *name;) {
        size_t length = strcspn(name, "|");
        char *alone = mem_strndup(name, length);
        ck_assert_msg(dialect_find(alone) != NULL, "no row for %s", alone);
        str_addf(&names, "%s\n", alone);
        free(alone);
        name += length + (name[length] == '|');
    }
    for (size_t i = 0; dialect_at(i); i++)
        ck_assert_ptr_nonnull(strstr(names.text, dialect_at(i)->name));
    str_free(&names);
    free(cases);
}
END_TEST

START_TEST(settled_settings_stay_as_they_are)
{
    for (size_t i = 0; dialect_at(i); i++) {
        char *given =
            mem_printf("{\"url\":\"http://x/v1\",\"dialect\":\"%s\"}", dialect_at(i)->name);
        struct faults faults = {0};
        json_t *once = settle(given, &faults), *twice = json_deep_copy(once);
        chat_settle(twice, "/llm", &faults);
        ck_assert_msg(!faults.count, "%s", faults.list ? faults.list[0] : "");
        ck_assert(json_equal(once, twice));
        json_decref(once);
        json_decref(twice);
        free(given);
    }
}
END_TEST

/* -- what is of no use -- */

static void check_faults(const char *name, char *input, const char *expected)
{
    struct faults faults = {0};
    struct str found = {0};
    input[strcspn(input, "\n")] = '\0';
    json_t *given = json_loads(input, 0, NULL);
    ck_assert_msg(given != NULL, "%s", input);
    if (!json_object_get(given, "url"))
        json_object_set_new(given, "url", json_string("http://127.0.0.1:1/v1"));
    char *whole = json_dumps(given, 0);
    json_t *settings = settle(whole, &faults);
    for (size_t i = 0; i < faults.count; i++)
        str_addf(&found, "%s\n", faults.list[i]);
    ck_assert_msg(found.text && strncmp(found.text, expected, found.length) == 0 &&
                      strlen(expected) <= found.length + 1,
                  "%s: found\n%sexpected\n%s", name, found.text ? found.text : "", expected);
    str_free(&found);
    fault_free(&faults);
    json_decref(settings);
    json_decref(given);
    free(whole);
}

START_TEST(what_a_server_would_clip_or_ignore_is_a_fault)
{
    talk_each_case("dialect_faults.cases", check_faults);
}
END_TEST

/* -- learning -- */

#define HELLO "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"Hello\"}}]}"
#define REFUSAL(parameter, code)                                                                   \
    {                                                                                              \
        .status = 400, .body = "{\"error\":{\"message\":\"Unsupported parameter: '" parameter      \
                               "'\",\"type\":\"invalid_request_error\",\"param\":\"" parameter     \
                               "\",\"code\":\"" code "\"}}"                                        \
    }

static const struct loopback_reply hello = {.status = 200, .body = HELLO};

static void note_attempt(void *context, const struct chat_attempt *attempt)
{
    json_t *body = json_copy((json_t *)(uintptr_t)attempt->request->body);
    json_object_del(body, "model");
    json_object_del(body, "messages");
    char *sent = json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(15));
    str_addf(context, "%zu: %s: %s%s%s\n", attempt->attempt, sent,
             attempt->problem ? attempt->problem : "answer", attempt->learned ? "; " : "",
             attempt->learned ? attempt->learned : "");
    free(sent);
    json_decref(body);
}

/* Asks twice, and says what was sent and what came of it. Closes llm. */
static char *ask_twice(struct llm *llm, const json_t *settings, struct err *err)
{
    struct str said = {0};
    ck_assert_ptr_nonnull(llm);
    struct chat *chat = chat_open(llm, settings, note_attempt, &said, err);
    for (int i = 0; i < 2; i++) {
        struct chat_request request = talk_request(&question, NULL);
        struct chat_reply reply;
        if (chat_ask(chat, &request, &reply, err))
            chat_reply_free(&reply);
    }
    chat_close(chat);
    return str_steal(&said);
}

static char *learn(const struct loopback_reply *replies, size_t count, const char *more,
                   struct err *err)
{
    struct loopback *server = loopback_start(replies, count);
    char *given = mem_printf("{\"url\":\"%s\"%s}", loopback_url(server), more);
    json_t *settings = talk_settings("http", given);
    char *said = ask_twice(llm_find("http")->open(settings, err), settings, err);
    loopback_stop(server);
    json_decref(settings);
    free(given);
    return said;
}

START_TEST(a_refused_parameter_is_learned_once_and_told)
{
    static const struct loopback_reply replies[] = {
        REFUSAL("max_tokens", "unsupported_parameter"), REFUSAL("temperature", "unsupported_value"),
        REFUSAL("top_p", "unsupported_parameter"), hello};
    struct err err = {0};
    char *said = learn(replies, 4, "", &err);
    ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
    ck_assert_str_eq(
        said,
        "1: {\"temperature\":0.8,\"top_p\":1.0,\"max_tokens\":100,\"seed\":7}: HTTP 400: "
        "Unsupported parameter: 'max_tokens'; the server refuses max_tokens: from here on "
        "max_completion_tokens is sent\n"
        "2: {\"temperature\":0.8,\"top_p\":1.0,\"max_completion_tokens\":100,\"seed\":7}: HTTP "
        "400: "
        "Unsupported parameter: 'temperature'; the server refuses temperature: from here on it is "
        "left out\n"
        "3: {\"top_p\":1.0,\"max_completion_tokens\":100,\"seed\":7}: HTTP 400: Unsupported "
        "parameter: 'top_p'; the server refuses top_p: from here on it is left out\n"
        "4: {\"max_completion_tokens\":100,\"seed\":7}: answer\n"
        "1: {\"max_completion_tokens\":100,\"seed\":7}: answer\n");
    free(said);
}
END_TEST

START_TEST(a_server_that_refuses_both_spellings_is_left)
{
    static const struct loopback_reply replies[] = {
        REFUSAL("max_tokens", "unsupported_parameter"),
        REFUSAL("max_completion_tokens", "unsupported_parameter")};
    struct err err = {0};
    char *said = learn(replies, 2, "", &err);
    ck_assert_str_eq(err.text, "model \"tiny\" gave no answer: HTTP 400: Unsupported parameter: "
                               "'max_completion_tokens'; another attempt would not change that");
    free(said);
}
END_TEST

START_TEST(nothing_is_learned_of_another_complaint)
{
    static const struct loopback_reply other[] = {REFUSAL("max_tokens", "invalid_value")};
    static const struct loopback_reply unknown[] = {REFUSAL("messages", "unsupported_value")};
    struct err first = {0}, second = {0};
    free(learn(other, 1, "", &first));
    ck_assert_str_eq(first.text, "model \"tiny\" gave no answer: HTTP 400: Unsupported parameter: "
                                 "'max_tokens'; another attempt would not change that");
    free(learn(unknown, 1, "", &second));
    ck_assert_str_eq(second.text, "model \"tiny\" gave no answer: HTTP 400: Unsupported parameter: "
                                  "'messages'; another attempt would not change that");
}
END_TEST

START_TEST(a_replay_learns_the_same)
{
    static const struct loopback_reply replies[] = {REFUSAL("seed", "unknown_parameter"), hello};
    struct err err = {0};
    char *path = talk_temporary("run.jsonl");
    struct loopback *server = loopback_start(replies, 2);
    char *given = mem_printf("{\"url\":\"%s\"}", loopback_url(server));
    json_t *settings = talk_settings("http", given), *header;
    header = json_pack("{s:s, s:i}", "event", "transcript", "version", 1);
    struct llm *inner = llm_find("http")->open(settings, &err);
    char *live = ask_twice(recorder_open(inner, path, header, &err), settings, &err);
    loopback_stop(server);
    char *replayed = ask_twice(replay_open(path, &err), settings, &err);
    ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
    ck_assert_ptr_nonnull(strstr(live, "the server refuses seed: from here on it is left out"));
    ck_assert_str_eq(live, replayed);
    talk_remove_temporary(path);
    json_decref(header);
    json_decref(settings);
    free(given);
    free(live);
    free(replayed);
    free(path);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dialect");
    TCase *rows = tcase_create("rows"), *learning = tcase_create("learning");
    tcase_add_test(rows, each_server_is_asked_and_read_in_its_own_way);
    tcase_add_test(rows, every_dialect_can_be_named_and_has_a_case);
    tcase_add_test(rows, settled_settings_stay_as_they_are);
    tcase_add_test(rows, what_a_server_would_clip_or_ignore_is_a_fault);
    tcase_add_test(learning, a_refused_parameter_is_learned_once_and_told);
    tcase_add_test(learning, a_server_that_refuses_both_spellings_is_left);
    tcase_add_test(learning, nothing_is_learned_of_another_complaint);
    tcase_add_test(learning, a_replay_learns_the_same);
    suite_add_tcase(suite, rows);
    suite_add_tcase(suite, learning);
    return suite_run(suite);
}
