#include "../suite.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"
#include "llm/chat.h"
#include "loopback.h"
#include "talk.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HELLO "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"Hello\"}}]}"

static const struct chat_message question = {"user", "question"};
static const struct loopback_reply hello = {.status = 200, .body = HELLO};
static const double start_s = 1000;

/* What came of one chat_ask(). */
struct outcome {
    struct err err;
    struct chat_reply reply;
    struct str attempts;    /* a line each: status, and problem or "answer" */
    char finish_reason[16]; /* of the last attempt; "": not said */
    double waited_s;
};

static struct outcome outcome;

static void note_attempt(void *context, const struct chat_attempt *attempt)
{
    (void)context;
    str_addf(&outcome.attempts, "%zu: %d %s\n", attempt->attempt, attempt->status,
             attempt->problem ? attempt->problem : "answer");
    snprintf(outcome.finish_reason, sizeof(outcome.finish_reason), "%s",
             attempt->finish_reason ? attempt->finish_reason : "");
}

static void clear_outcome(void)
{
    chat_reply_free(&outcome.reply);
    str_free(&outcome.attempts);
    outcome = (struct outcome){0};
}

/* given is JSON without its braces. */
static bool ask_url(const char *url, const char *given)
{
    char *text = mem_printf("{\"url\":\"%s\"%s%s}", url, given[0] ? "," : "", given);
    json_t *settings = talk_settings("http", text);
    struct chat_request request = talk_request(&question, NULL);
    clear_outcome();
    clock_hold(start_s);
    struct llm *llm = llm_find("http")->open(settings, &outcome.err);
    struct chat *chat = llm ? chat_open(llm, settings, note_attempt, NULL, &outcome.err) : NULL;
    bool ok = chat && chat_ask(chat, &request, &outcome.reply, &outcome.err);
    outcome.waited_s = clock_now_s() - start_s;
    chat_close(chat);
    json_decref(settings);
    free(text);
    return ok;
}

static bool ask(const struct loopback_reply *replies, size_t count, const char *given)
{
    struct loopback *server = loopback_start(replies, count);
    bool ok = ask_url(loopback_url(server), given);
    loopback_stop(server);
    return ok;
}

/* Asks a server that always fails in this way, and gives what chat_ask() says. */
static const char *failure_of(const struct loopback_reply *reply, const char *given)
{
    ck_assert(!ask(reply, 1, given));
    ck_assert_int_eq(outcome.err.code, ERR_NETWORK);
    return outcome.err.text;
}

static void teardown(void)
{
    clear_outcome();
}

START_TEST(a_request_says_what_the_settings_say)
{
    struct loopback *server = loopback_start(&hello, 1);
    ck_assert(ask_url(loopback_url(server),
                      "\"temperature\":0.5,\"top_p\":1,\"cache_prompt\":false,"
                      "\"token_limit_field\":\"max_completion_tokens\",\"extra\":{\"top_k\":40}"));
    char *request = loopback_last(server);
    ck_assert_ptr_nonnull(strstr(request, "POST /v1/chat/completions HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr(request, "Content-Type: application/json\r\n"));
    ck_assert_ptr_null(strstr(request, "Authorization"));
    ck_assert_str_eq(
        strstr(request, "\r\n\r\n") + 4,
        "{\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"question\"}],"
        "\"temperature\":0.5,\"top_p\":1.0,\"max_completion_tokens\":100,\"seed\":7,"
        "\"cache_prompt\":false,\"top_k\":40}");
    free(request);
    loopback_stop(server);
}
END_TEST

START_TEST(the_key_of_the_environment_is_sent)
{
    setenv("TINY_KEY", "secret-1", 1);
    struct loopback *server = loopback_start(&hello, 1);
    ck_assert(ask_url(loopback_url(server), "\"api_key_env\":\"TINY_KEY\""));
    char *request = loopback_last(server);
    ck_assert_ptr_nonnull(strstr(request, "Authorization: Bearer secret-1\r\n"));
    free(request);
    loopback_stop(server);
}
END_TEST

START_TEST(a_key_with_a_line_break_is_refused)
{
    setenv("TINY_KEY", "secret-1\r\nHost: elsewhere", 1);
    ck_assert(!ask(&hello, 1, "\"api_key_env\":\"TINY_KEY\""));
    ck_assert_str_eq(outcome.err.text,
                     "$TINY_KEY: found a key with a line break in it, expected one line");
}
END_TEST

/* As a server that refuses a key may do, and what it says goes to logs. */
START_TEST(a_key_that_the_server_says_back_is_hidden)
{
    static const struct loopback_reply replies[] = {
        {.status = 200,
         .body = "{\"choices\":[{\"message\":{\"content\":\"secret-1, secret-1\"}}]}"},
        {.status = 401, .body = "{\"error\":{\"message\":\"no such key: secret-1\"}}"},
        {.status = 200, .body = "{\"choices\":[{\"message\":{\"content\":\"none\"}}]}"},
    };
    setenv("TINY_KEY", "secret-1", 1);
    ck_assert(ask(&replies[0], 1, "\"api_key_env\":\"TINY_KEY\""));
    ck_assert_str_eq(outcome.reply.content, "********, ********");
    ck_assert(!ask(&replies[1], 1, "\"api_key_env\":\"TINY_KEY\""));
    ck_assert_str_eq(outcome.attempts.text, "1: 401 HTTP 401: no such key: ********\n");
    setenv("TINY_KEY", "none", 1); /* as local servers are given: a word */
    ck_assert(ask(&replies[2], 1, "\"api_key_env\":\"TINY_KEY\""));
    ck_assert_str_eq(outcome.reply.content, "none");
}
END_TEST

START_TEST(an_address_that_is_not_http_is_refused)
{
    ck_assert(!ask_url("file:///etc/passwd", ""));
    ck_assert_str_eq(outcome.err.text,
                     "/llm/url: found \"file:///etc/passwd\", expected http://... or https://...");
}
END_TEST

START_TEST(extra_fields_cannot_change_what_seki_writes)
{
    ck_assert(!ask(&hello, 1, "\"extra\":{\"stream\":true}"));
    ck_assert_str_eq(outcome.err.text, "/llm/extra/stream: found a field that is written or needed "
                                       "by seki itself, expected others");
}
END_TEST

START_TEST(an_answer_is_given_as_it_is)
{
    ck_assert(ask(&hello, 1, ""));
    ck_assert_str_eq(outcome.reply.content, "Hello");
    ck_assert_str_eq(outcome.finish_reason, "stop");
    ck_assert(!outcome.reply.cut);
    ck_assert_str_eq(outcome.attempts.text, "1: 200 answer\n");
}
END_TEST

START_TEST(an_empty_content_is_a_reply)
{
    static const struct loopback_reply empty = {
        .status = 200,
        .body = "{\"choices\":[{\"finish_reason\":\"length\",\"message\":{\"content\":null}}]}"};
    ck_assert(ask(&empty, 1, ""));
    ck_assert_str_eq(outcome.reply.content, "");
    ck_assert(outcome.reply.cut);
}
END_TEST

START_TEST(a_connection_is_used_again)
{
    struct loopback *server = loopback_start(&hello, 1);
    char *text = mem_printf("{\"url\":\"%s/\"}", loopback_url(server));
    json_t *settings = talk_settings("http", text);
    struct chat *chat =
        chat_open(llm_find("http")->open(settings, NULL), settings, NULL, NULL, NULL);
    for (int i = 0; i < 5; i++) {
        struct chat_request request = talk_request(&question, NULL);
        struct chat_reply reply;
        ck_assert(chat_ask(chat, &request, &reply, NULL));
        chat_reply_free(&reply);
    }
    ck_assert_uint_eq(loopback_requests(server), 5);
    ck_assert_uint_eq(loopback_connections(server), 1);
    chat_close(chat);
    loopback_stop(server);
    json_decref(settings);
    free(text);
}
END_TEST

START_TEST(a_429_is_tried_again_when_the_server_says)
{
    static const struct loopback_reply replies[] = {
        {.status = 429,
         .headers = "Retry-After: 7\r\n",
         .body = "{\"error\":{\"message\":\"slow down\"}}"},
        {.status = 200, .body = HELLO},
    };
    ck_assert(ask(replies, 2, ""));
    ck_assert_str_eq(outcome.attempts.text, "1: 429 HTTP 429: slow down\n2: 200 answer\n");
    ck_assert_double_ge(outcome.waited_s, 7);
    ck_assert_double_le(outcome.waited_s, 7.5);
}
END_TEST

START_TEST(a_429_without_end_ends_with_the_attempts)
{
    static const struct loopback_reply reply = {.status = 429,
                                                .body = "{\"error\":{\"message\":\"slow down\"}}"};
    ck_assert_str_eq(failure_of(&reply, ""),
                     "model \"tiny\" gave no answer in 5 attempts; the last: HTTP 429: slow down");
    ck_assert_double_ge(outcome.waited_s, (0.5 + 1 + 2 + 4) / 2);
    ck_assert_double_le(outcome.waited_s, 0.5 + 1 + 2 + 4);
}
END_TEST

START_TEST(a_retry_after_date_is_understood_and_an_hour_is_too_long)
{
    char headers[64];
    time_t later = time(NULL) + 3600;
    struct tm parts;
    strftime(headers, sizeof(headers), "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n",
             gmtime_r(&later, &parts));
    struct loopback_reply reply = {.status = 503, .headers = headers, .body = ""};
    const char *text = failure_of(&reply, "");
    const char *begin = "model \"tiny\" gave no answer: HTTP 503 (it asks to wait 3";
    const char *end = " s; more than 120 s is refused); another attempt would not change that";
    ck_assert_msg(strncmp(text, begin, strlen(begin)) == 0, "%s", text);
    ck_assert_str_eq(text + strlen(text) - strlen(end), end);
}
END_TEST

START_TEST(a_500_is_tried_again)
{
    static const struct loopback_reply replies[] = {
        {.status = 500, .body = "oops"},
        {.status = 200, .body = HELLO},
    };
    ck_assert(ask(replies, 2, ""));
    ck_assert_str_eq(outcome.attempts.text, "1: 500 HTTP 500: oops\n2: 200 answer\n");
}
END_TEST

START_TEST(a_500_without_end_ends_with_the_deadline)
{
    static const struct loopback_reply reply = {.status = 500, .body = "oops"};
    const char *text = failure_of(&reply, "\"attempts\":100,\"deadline_s\":0.1");
    ck_assert_str_eq(text, "model \"tiny\" gave no answer in 0.1 s and 1 attempts; the last: HTTP "
                           "500: oops");
    ck_assert_double_eq(outcome.waited_s, 0);
}
END_TEST

START_TEST(a_401_is_final)
{
    static const struct loopback_reply reply = {
        .status = 401, .body = "{\"error\":{\"message\":\"Incorrect API key\"}}"};
    ck_assert_str_eq(failure_of(&reply, ""), "model \"tiny\" gave no answer: HTTP 401: Incorrect "
                                             "API key; another attempt would not change that");
}
END_TEST

START_TEST(a_server_that_is_down_is_told)
{
    struct loopback *server = loopback_start(&hello, 1);
    char *url = mem_strdup(loopback_url(server));
    loopback_stop(server); /* nobody listens there now */
    ck_assert(!ask_url(url, "\"attempts\":2"));
    ck_assert_int_eq(outcome.err.code, ERR_NETWORK);
    ck_assert_str_eq(outcome.err.text, "model \"tiny\" gave no answer in 2 attempts; the last: "
                                       "cannot connect to the server: Connection refused");
    free(url);
}
END_TEST

START_TEST(a_name_without_an_address_is_told)
{
    ck_assert(!ask_url("http://no-such-host.invalid/v1", "\"attempts\":1"));
    ck_assert_str_eq(outcome.err.text, "model \"tiny\" gave no answer in 1 attempts; the last: the "
                                       "server's name has no address");
}
END_TEST

START_TEST(a_body_that_is_cut_is_tried_again_on_a_new_connection)
{
    static const struct loopback_reply replies[] = {
        {.status = 200, .body = HELLO, .manner = LOOPBACK_CUT},
        {.status = 200, .body = HELLO},
    };
    ck_assert(ask(replies, 2, ""));
    ck_assert_str_eq(outcome.attempts.text, "1: 200 the connection ended before the answer did\n"
                                            "2: 200 answer\n");
}
END_TEST

START_TEST(a_body_that_is_always_cut_is_told)
{
    static const struct loopback_reply reply = {
        .status = 200, .body = HELLO, .manner = LOOPBACK_CUT};
    ck_assert_str_eq(failure_of(&reply, "\"attempts\":2"),
                     "model \"tiny\" gave no answer in 2 attempts; the last: the connection ended "
                     "before the answer did");
}
END_TEST

START_TEST(a_server_that_hangs_up_is_told)
{
    static const struct loopback_reply reply = {.body = "", .manner = LOOPBACK_CLOSE};
    ck_assert_str_eq(failure_of(&reply, "\"attempts\":1"),
                     "model \"tiny\" gave no answer in 1 attempts; the last: the connection ended "
                     "before the answer did");
}
END_TEST

START_TEST(garbage_with_status_200_is_told)
{
    static const struct loopback_reply reply = {.status = 200, .body = "<html>Welcome</html>"};
    ck_assert_str_eq(failure_of(&reply, "\"attempts\":2"),
                     "model \"tiny\" gave no answer in 2 attempts; the last: an answer that is not "
                     "JSON: '[' or '{' expected near '<'");
}
END_TEST

START_TEST(what_is_not_http_is_told)
{
    static const struct loopback_reply other = {.status = 1000, .body = "220 mail.example\r\n"};
    ck_assert_str_eq(
        failure_of(&other, "\"attempts\":1"),
        "model \"tiny\" gave no answer in 1 attempts; the last: what came is not HTTP");
}
END_TEST

START_TEST(a_reply_of_50_megabytes_is_cut_off)
{
    static const struct loopback_reply reply = {
        .status = 200, .body = HELLO, .manner = LOOPBACK_HUGE};
    ck_assert_str_eq(failure_of(&reply, "\"attempts\":1"),
                     "model \"tiny\" gave no answer in 1 attempts; the last: the answer is longer "
                     "than 8 MiB");
}
END_TEST

START_TEST(a_server_that_hangs_is_left_after_the_time_out)
{
    static const struct loopback_reply reply = {.body = "", .manner = LOOPBACK_HANG};
    ck_assert_str_eq(
        failure_of(&reply, "\"attempts\":1,\"timeout_s\":0.1"),
        "model \"tiny\" gave no answer in 1 attempts; the last: timed out after 0.1 s");
}
END_TEST

START_TEST(a_signal_ends_the_waiting_for_a_server)
{
    static const struct loopback_reply reply = {.body = "", .manner = LOOPBACK_SIGNAL};
    stop_install();
    ck_assert(!ask(&reply, 1, ""));
    ck_assert_int_eq(outcome.err.code, ERR_STOPPED);
    ck_assert_str_eq(outcome.err.text, "stopped by a signal while a server was asked");
    ck_assert_uint_eq(outcome.attempts.length, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("http");
    TCase *request = tcase_create("request"), *answer = tcase_create("answer"),
          *failure = tcase_create("failure");
    TCase *all[] = {request, answer, failure};
    tcase_add_test(request, a_request_says_what_the_settings_say);
    tcase_add_test(request, the_key_of_the_environment_is_sent);
    tcase_add_test(request, a_key_with_a_line_break_is_refused);
    tcase_add_test(request, a_key_that_the_server_says_back_is_hidden);
    tcase_add_test(request, an_address_that_is_not_http_is_refused);
    tcase_add_test(request, extra_fields_cannot_change_what_seki_writes);
    tcase_add_test(answer, an_answer_is_given_as_it_is);
    tcase_add_test(answer, an_empty_content_is_a_reply);
    tcase_add_test(answer, a_connection_is_used_again);
    tcase_add_test(failure, a_429_is_tried_again_when_the_server_says);
    tcase_add_test(failure, a_429_without_end_ends_with_the_attempts);
    tcase_add_test(failure, a_retry_after_date_is_understood_and_an_hour_is_too_long);
    tcase_add_test(failure, a_500_is_tried_again);
    tcase_add_test(failure, a_500_without_end_ends_with_the_deadline);
    tcase_add_test(failure, a_401_is_final);
    tcase_add_test(failure, a_server_that_is_down_is_told);
    tcase_add_test(failure, a_name_without_an_address_is_told);
    tcase_add_test(failure, a_body_that_is_cut_is_tried_again_on_a_new_connection);
    tcase_add_test(failure, a_body_that_is_always_cut_is_told);
    tcase_add_test(failure, a_server_that_hangs_up_is_told);
    tcase_add_test(failure, garbage_with_status_200_is_told);
    tcase_add_test(failure, what_is_not_http_is_told);
    tcase_add_test(failure, a_reply_of_50_megabytes_is_cut_off);
    tcase_add_test(failure, a_server_that_hangs_is_left_after_the_time_out);
    tcase_add_test(failure, a_signal_ends_the_waiting_for_a_server);
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        tcase_add_checked_fixture(all[i], NULL, teardown);
        suite_add_tcase(suite, all[i]);
    }
    return suite_run(suite);
}
