#include "../suite.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "llm/chat.h"
#include "llm/transcript.h"
#include "loopback.h"
#include "talk.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELLO "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"Hello\"}}]}"

static const struct loopback_reply hello = {.status = 200, .body = HELLO};

static json_t *header;
static char *path;

static void setup(void)
{
    header = json_pack("{s:s, s:i, s:s}", "event", "transcript", "version", 1, "run", "seki.s1");
    path = talk_temporary("run.transcript.jsonl");
    clock_hold(1000);
}

static void teardown(void)
{
    json_decref(header);
    talk_remove_temporary(path);
    free(path);
}

static void note_attempt(void *context, const struct chat_attempt *attempt)
{
    str_addf(context, "%s %zu.%zu: %d %s, %.3f ms\n", attempt->request->role, attempt->attempt,
             attempt->request->ordinal, attempt->status,
             attempt->problem ? attempt->problem : "answer", attempt->elapsed_ms);
}

/* Asks each question in turn and writes down attempts and replies, up to the first failure, which
 * is *err. Closes llm. */
static char *converse(struct llm *llm, const json_t *settings, const char *const *questions,
                      struct err *err)
{
    struct str out = {0};
    ck_assert_ptr_nonnull(llm);
    struct chat *chat = chat_open(llm, settings, note_attempt, &out, err);
    for (size_t i = 0; questions[i]; i++) {
        struct chat_message message = {"user", questions[i]};
        struct chat_request request = talk_request(&message, NULL);
        struct chat_reply reply;
        if (!chat_ask(chat, &request, &reply, err))
            break;
        str_addf(&out, "\"%s\"\n", reply.content);
        chat_reply_free(&reply);
    }
    chat_close(chat);
    return str_steal(&out);
}

static json_t *server_settings(const struct loopback *server, const char *more)
{
    char *text = mem_printf("{\"url\":\"%s\"%s}", loopback_url(server), more);
    json_t *settings = talk_settings("http", text);
    free(text);
    return settings;
}

static struct llm *record(const char *type, const json_t *settings)
{
    struct err err = {0};
    struct llm *inner = llm_find(type)->open(settings, &err);
    struct llm *llm = inner ? recorder_open(inner, path, header, &err) : NULL;
    ck_assert_msg(llm != NULL, "%s", err.text);
    return llm;
}

static struct llm *replay(void)
{
    struct err err = {0};
    struct llm *llm = replay_open(path, &err);
    ck_assert_msg(llm != NULL, "%s", err.text);
    return llm;
}

static void expect_miss(const struct err *err, const char *expected)
{
    ck_assert_int_eq(err->code, ERR_REPLAY);
    ck_assert(strncmp(err->text, path, strlen(path)) == 0);
    ck_assert_str_eq(err->text + strlen(path), expected);
}

START_TEST(what_was_recorded_is_replayed_attempt_by_attempt)
{
    static char deep[2001 * 2 + 1];
    memset(deep, '[', 2001);
    memset(deep + 2001, ']', 2001);
    const struct loopback_reply replies[] = {
        {.status = 429, .headers = "Retry-After: 7\r\n", .body = "{\"error\":\"slow down\"}"},
        hello,
        {.status = 200, .body = HELLO, .manner = LOOPBACK_CUT},
        {.status = 200, .body = "not \xff UTF-8"},
        {.status = 200, .body = "<html>"},
        {.status = 500, .body = ""},
        {.body = "", .manner = LOOPBACK_CLOSE},
        {.status = 200, .body = deep},
        {.status = 200, .body = HELLO, .manner = LOOPBACK_HUGE},
        hello,
    };
    static const char *const questions[] = {"one", "two", "one", NULL};
    struct err err = {0};
    struct loopback *server = loopback_start(replies, sizeof(replies) / sizeof(*replies));
    json_t *settings = server_settings(server, ",\"attempts\":20");
    char *live = converse(record("http", settings), settings, questions, &err);
    loopback_stop(server);
    double now_s = clock_now_s();
    char *again = converse(replay(), settings, questions, &err);
    ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
    ck_assert_str_eq(live, again);
    ck_assert_msg(strstr(live, "C 5.5: 200 an answer without choices: [[[") != NULL, "%s", live);
    ck_assert_ptr_nonnull(strstr(live, "C 1.3: 200 answer, 0.000 ms\n\"Hello\"\n"));
    ck_assert_double_eq(now_s, clock_now_s()); /* nobody waits for a record */
    free(live);
    free(again);
    json_decref(settings);
}
END_TEST

START_TEST(the_key_of_the_environment_is_in_no_transcript)
{
    static const char *const questions[] = {"one", NULL};
    struct err err = {0};
    setenv("TINY_KEY", "secret-1", 1);
    struct loopback *server = loopback_start(&hello, 1);
    json_t *settings = server_settings(server, ",\"api_key_env\":\"TINY_KEY\"");
    free(converse(record("http", settings), settings, questions, &err));
    loopback_stop(server);
    char *text = file_read(path, FILE_CEILING, NULL, &err);
    ck_assert_ptr_nonnull(strstr(text, "\"content\":\"Hello\""));
    ck_assert_ptr_null(strstr(text, "secret"));
    free(text);
    json_decref(settings);
}
END_TEST

START_TEST(a_compressed_transcript_is_replayed_too)
{
    static const char *const questions[] = {"one", "two", NULL};
    struct err err = {0};
    size_t size;
    json_t *settings = talk_settings("scripted", "{}");
    char *first = converse(record("scripted", settings), settings, questions, &err);
    char *text = file_read(path, FILE_CEILING, &size, &err);
    char *compressed = mem_printf("%s.zst", path);
    ck_assert(file_write(compressed, text, size, &err));
    char *again = converse(replay_open(compressed, &err), settings, questions, &err);
    ck_assert_str_eq(first, again);
    ck_assert_ptr_null(
        recorder_open(llm_find("scripted")->open(settings, &err), compressed, header, &err));
    ck_assert_str_eq(err.text + strlen(compressed),
                     ": found a compressed file's name, expected one that can be appended to");
    free(compressed);
    free(text);
    free(first);
    free(again);
    json_decref(settings);
}
END_TEST

/* Cuts the record after each byte of its last two lines, as a kill could, and goes on. */
START_TEST(a_run_that_was_killed_anywhere_goes_on_to_the_same_bytes)
{
    static const char *const questions[] = {"one", "two", "one", "three", NULL};
    struct err err = {0};
    size_t size;
    json_t *settings = talk_settings("scripted", "{}");
    char *whole = converse(record("scripted", settings), settings, questions, &err);
    char *text = file_read(path, FILE_CEILING, &size, &err);
    size_t begin = size - 1;
    for (int lines = 0; lines < 2; begin--)
        lines += text[begin - 1] == '\n';
    for (size_t keep = begin; keep <= size; keep++) {
        size_t size_again;
        ck_assert_int_eq(truncate(path, (off_t)keep), 0);
        char *resumed = converse(record("scripted", settings), settings, questions, &err);
        char *text_again = file_read(path, FILE_CEILING, &size_again, &err);
        ck_assert_msg(err.code == ERR_NONE, "cut at %zu: %s", keep, err.text);
        ck_assert_str_eq(resumed, whole);
        ck_assert_mem_eq(text_again, text, size + 1);
        free(text_again);
        free(resumed);
    }
    free(text);
    free(whole);
    json_decref(settings);
}
END_TEST

START_TEST(a_run_that_was_killed_in_its_header_begins_anew)
{
    static const char *const questions[] = {"one", NULL};
    struct err err = {0};
    json_t *settings = talk_settings("scripted", "{}");
    ck_assert(file_write(path, "{\"event\":", 9, &err));
    free(converse(record("scripted", settings), settings, questions, &err));
    free(converse(replay(), settings, questions, &err));
    ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
    json_decref(settings);
}
END_TEST

START_TEST(a_run_that_a_server_refused_goes_on_when_it_is_started_again)
{
    static const struct loopback_reply replies[] = {
        {.status = 401, .body = "{\"error\":\"bad key\"}"}, {.status = 200, .body = HELLO}};
    static const char *const questions[] = {"one", NULL};
    struct err refused = {0}, err = {0};
    struct loopback *server = loopback_start(replies, 2);
    json_t *settings = server_settings(server, "");
    free(converse(record("http", settings), settings, questions, &refused));
    ck_assert_int_eq(refused.code, ERR_NETWORK);
    char *resumed = converse(record("http", settings), settings, questions, &err);
    ck_assert_str_eq(resumed, "C 1.1: 401 HTTP 401: bad key, 0.000 ms\n"
                              "C 2.2: 200 answer, 0.000 ms\n\"Hello\"\n");
    ck_assert_uint_eq(loopback_requests(server), 2);
    char *again = converse(replay(), settings, questions, &err);
    ck_assert_str_eq(resumed, again);
    ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
    loopback_stop(server);
    free(resumed);
    free(again);
    json_decref(settings);
}
END_TEST

/* Records an answer to each question but asks others in the replay. */
static struct err miss_of(const char *const *recorded, const char *const *asked)
{
    struct err err = {0};
    json_t *settings = talk_settings("scripted", "{\"send_seed\":false}");
    free(converse(record("scripted", settings), settings, recorded, &err));
    ck_assert_msg(err.code == ERR_NONE, "%s", err.text);
    free(converse(replay(), settings, asked, &err));
    json_decref(settings);
    return err;
}

START_TEST(a_request_that_changed_is_shown_beside_the_nearest)
{
    static const char *const recorded[] = {"apple", "a question about pears and plums",
                                           "b question", NULL};
    static const char *const asked[] = {"apple", "a question about pears and grapes", NULL};
    struct err err = miss_of(recorded, asked);
    expect_miss(
        &err,
        ": request C of iteration 3, key 3367953afa8621b2, ordinal 1: the transcript has 3 "
        "exchanges, none with this request; "
        "the nearest, line 3 (request C of iteration 3), differs from byte 69 on: "
        "recorded <<ion about pears and plums\",\"role\":\"user\"}],\"model\":\"tiny\",\"t>>, "
        "now <<ion about pears and grapes\",\"role\":\"user\"}],\"model\":\"tiny\",\">>");
}
END_TEST

START_TEST(a_transcript_that_ends_early_is_told)
{
    static const char *const recorded[] = {"apple", NULL};
    static const char *const asked[] = {"apple", "apple", NULL};
    struct err err = miss_of(recorded, asked);
    expect_miss(
        &err,
        ": request C of iteration 3, key feb5c3fd0591a331, ordinal 2: the transcript ends early: "
        "it has 1 exchange, 1 with this request");
}
END_TEST

START_TEST(a_transcript_with_a_torn_end_is_told)
{
    static const char *const recorded[] = {"apple", "pear", NULL};
    struct err err = {0};
    size_t size;
    json_t *settings = talk_settings("scripted", "{}");
    free(converse(record("scripted", settings), settings, recorded, &err));
    char *text = file_read(path, FILE_CEILING, &size, &err);
    ck_assert(file_write(path, text, size - 10, &err));
    free(converse(replay(), settings, recorded, &err));
    expect_miss(
        &err,
        ": request C of iteration 3, key eec122f3867eebfa, ordinal 1: the transcript ends early, "
        "in a torn line: "
        "it has 1 exchange, none with this request; "
        "the nearest, line 2 (request C of iteration 3), differs from byte 42 on: "
        "recorded <<sages\":[{\"content\":\"apple\",\"role\":\"user\"}],\"model\":\"tiny\",\"s>>, "
        "now <<sages\":[{\"content\":\"pear\",\"role\":\"user\"}],\"model\":\"tiny\",\"se>>");
    free(text);
    json_decref(settings);
}
END_TEST

START_TEST(a_transcript_without_exchanges_is_told)
{
    static const char *const recorded[] = {NULL};
    static const char *const asked[] = {"apple", NULL};
    struct err err = miss_of(recorded, asked);
    expect_miss(
        &err,
        ": request C of iteration 3, key feb5c3fd0591a331, ordinal 1: the transcript ends early: "
        "it has 0 exchanges, none with this request");
}
END_TEST

START_TEST(a_transcript_of_a_run_that_was_refused_tells_so)
{
    static const struct loopback_reply refusal = {.status = 401, .body = "{\"error\":\"bad key\"}"};
    static const char *const questions[] = {"one", NULL};
    struct err refused = {0}, err = {0};
    struct loopback *server = loopback_start(&refusal, 1);
    json_t *settings = server_settings(server, "");
    free(converse(record("http", settings), settings, questions, &refused));
    loopback_stop(server);
    free(converse(replay(), settings, questions, &err));
    expect_miss(
        &err,
        ": request C of iteration 3, key cfb884b143eb627e, ordinal 2: the transcript ends early: "
        "it has 1 exchange, 1 with this request; the last of them failed: HTTP 401: bad key");
    json_decref(settings);
}
END_TEST

START_TEST(a_resumed_run_that_asks_something_else_is_stopped)
{
    static const char *const recorded[] = {"apple", "pear", NULL}, *const asked[] = {"plum", NULL};
    struct err err = {0};
    json_t *settings = talk_settings("scripted", "{\"send_seed\":false}");
    free(converse(record("scripted", settings), settings, recorded, &err));
    free(converse(record("scripted", settings), settings, asked, &err));
    expect_miss(
        &err,
        ": request C of iteration 3, key ec810c0dbd846cc5, ordinal 1: the transcript has 2 "
        "exchanges, none with this request; "
        "the nearest, line 3 (request C of iteration 3), differs from byte 43 on: "
        "recorded <<ages\":[{\"content\":\"pear\",\"role\":\"user\"}],\"model\":\"tiny\",\"tem>>, "
        "now <<ages\":[{\"content\":\"plum\",\"role\":\"user\"}],\"model\":\"tiny\",\"tem>>");
    json_decref(settings);
}
END_TEST

START_TEST(a_transcript_that_is_missing_is_told)
{
    struct err err = {0};
    ck_assert_ptr_null(replay_open("no-such.jsonl", &err));
    ck_assert_str_eq(err.text, "no-such.jsonl: No such file or directory");
}
END_TEST

/* The sentence for tests/llm/bad/NAME/input, with "input" for its path. */
static void check_bad(const char *name)
{
    struct err err = {0};
    char *input = mem_printf("%s/tests/llm/bad/%s/input", getenv("srcdir"), name);
    char *error = mem_printf("%s/tests/llm/bad/%s/error", getenv("srcdir"), name);
    struct llm *llm = replay_open(input, &err);
    ck_assert_msg(llm == NULL, "%s is taken", name);
    char *expected = file_read(error, FILE_CEILING, NULL, &err);
    char *found = mem_printf("%s\n", err.text + strlen(input) - strlen("input"));
    ck_assert_msg(strcmp(found, expected) == 0, "%s: found\n%sexpected\n%s", name, found, expected);
    free(found);
    free(expected);
    free(error);
    free(input);
}

START_TEST(a_bad_transcript_is_refused_with_one_sentence)
{
    char *folder = mem_printf("%s/tests/llm/bad", getenv("srcdir"));
    DIR *names = opendir(folder);
    size_t count = 0;
    ck_assert_ptr_nonnull(names);
    for (struct dirent *entry; (entry = readdir(names));)
        if (entry->d_name[0] != '.') {
            check_bad(entry->d_name);
            count++;
        }
    ck_assert_uint_gt(count, 20);
    closedir(names);
    free(folder);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transcript");
    TCase *replayed = tcase_create("replay"), *resumed = tcase_create("resume"),
          *missed = tcase_create("miss"), *bad = tcase_create("bad input");
    TCase *all[] = {replayed, resumed, missed, bad};
    tcase_add_test(replayed, what_was_recorded_is_replayed_attempt_by_attempt);
    tcase_add_test(replayed, the_key_of_the_environment_is_in_no_transcript);
    tcase_add_test(replayed, a_compressed_transcript_is_replayed_too);
    tcase_add_test(resumed, a_run_that_was_killed_anywhere_goes_on_to_the_same_bytes);
    tcase_add_test(resumed, a_run_that_was_killed_in_its_header_begins_anew);
    tcase_add_test(resumed, a_run_that_a_server_refused_goes_on_when_it_is_started_again);
    tcase_add_test(resumed, a_resumed_run_that_asks_something_else_is_stopped);
    tcase_add_test(missed, a_request_that_changed_is_shown_beside_the_nearest);
    tcase_add_test(missed, a_transcript_that_ends_early_is_told);
    tcase_add_test(missed, a_transcript_with_a_torn_end_is_told);
    tcase_add_test(missed, a_transcript_without_exchanges_is_told);
    tcase_add_test(missed, a_transcript_of_a_run_that_was_refused_tells_so);
    tcase_add_test(bad, a_transcript_that_is_missing_is_told);
    tcase_add_test(bad, a_bad_transcript_is_refused_with_one_sentence);
    tcase_set_timeout(resumed, 60); /* every cut is followed by a sync */
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        tcase_add_checked_fixture(all[i], setup, teardown);
        suite_add_tcase(suite, all[i]);
    }
    return suite_run(suite);
}
