#include "../suite.h"
#include "llm/chat.h"
#include "talk.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char schema_text[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"rating\":{\"type\":\"string\",\"enum\":[\"weak\",\"fair\",\"strong\"]},"
    "\"strategy\":{\"type\":\"string\",\"minLength\":20,\"maxLength\":110},"
    "\"word\":{\"type\":\"string\",\"maxLength\":8},"
    "\"edges\":{\"type\":\"array\",\"items\":{\"const\":1},\"minItems\":2},"
    "\"change\":{\"anyOf\":[{\"const\":\"a\"},{\"const\":\"b\"}]}}}";

static json_t *schema;

static void setup(void)
{
    schema = json_loads(schema_text, 0, NULL);
}

static void teardown(void)
{
    json_decref(schema);
}

/* The reply to the request with this seed. */
static char *reply_to(const char *given, int64_t seed)
{
    static const struct chat_message message = {"user", "question"};
    json_t *settings = talk_settings("scripted", given);
    struct llm *llm = llm_find("scripted")->open(settings, NULL);
    struct chat *chat = chat_open(llm, settings, NULL, NULL, NULL);
    struct chat_request request = talk_request(&message, schema);
    struct chat_reply reply;
    request.seed = seed;
    ck_assert(chat_ask(chat, &request, &reply, NULL));
    char *content = reply.content;
    reply.content = NULL;
    chat_reply_free(&reply);
    chat_close(chat);
    json_decref(settings);
    return content;
}

START_TEST(a_reply_obeys_its_schema)
{
    char *text = reply_to("{}", 7);
    json_t *reply = json_loads(text, 0, NULL);
    const char *rating, *strategy, *word, *change;
    int first, second;
    ck_assert_int_eq(json_unpack(reply, "{s:s, s:s, s:s, s:[i,i!], s:s !}", "rating", &rating,
                                 "strategy", &strategy, "word", &word, "edges", &first, &second,
                                 "change", &change),
                     0);
    ck_assert_ptr_nonnull(strstr("weak fair strong", rating));
    ck_assert_str_eq(strategy, "scripted reply......");
    ck_assert_str_eq(word, "scripted");
    ck_assert(change[0] == 'a' || change[0] == 'b');
    json_decref(reply);
    free(text);
}
END_TEST

START_TEST(choices_follow_the_request_alone)
{
    size_t different = 0;
    for (int64_t seed = 0; seed < 30; seed++) {
        char *first = reply_to("{}", seed), *again = reply_to("{}", seed);
        char *other = reply_to("{}", seed + 1);
        ck_assert_str_eq(first, again);
        different += strcmp(first, other) != 0;
        free(first);
        free(again);
        free(other);
    }
    ck_assert_uint_ge(different, 15);
}
END_TEST

START_TEST(a_share_of_replies_is_prose)
{
    size_t prose = 0;
    for (int64_t seed = 0; seed < 400; seed++) {
        char *text = reply_to("{\"invalid_share\":0.25}", seed);
        prose += text[0] != '{';
        free(text);
    }
    ck_assert_uint_ge(prose, 70);
    ck_assert_uint_le(prose, 130);
}
END_TEST

START_TEST(it_names_itself)
{
    json_t *settings = talk_settings("scripted", "{}");
    struct llm *llm = llm_find("scripted")->open(settings, NULL);
    struct llm_request request = {.key = hash_bytes("", 0), .ordinal = 1};
    struct llm_exchange exchange;
    ck_assert(llm->type->exchange(llm, &request, &exchange, NULL));
    ck_assert_str_eq(exchange.body,
                     "{\"object\":\"chat.completion\",\"model\":\"scripted (no LLM)\",\"choices\":["
                     "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"scripted "
                     "reply\"},\"finish_reason\":\"stop\"}],\"usage\":null}");
    llm_exchange_free(&exchange);
    llm->type->close(llm);
    json_decref(settings);
}
END_TEST

START_TEST(the_registry_knows_its_types_by_name)
{
    ck_assert_str_eq(llm_at(0)->name, "http");
    ck_assert_str_eq(llm_at(1)->name, "scripted");
    ck_assert_ptr_null(llm_at(2));
    ck_assert_ptr_null(llm_at(99));
    ck_assert_ptr_null(llm_find("telepathy"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scripted");
    TCase *scripted = tcase_create("scripted");
    tcase_add_checked_fixture(scripted, setup, teardown);
    tcase_add_test(scripted, a_reply_obeys_its_schema);
    tcase_add_test(scripted, choices_follow_the_request_alone);
    tcase_add_test(scripted, a_share_of_replies_is_prose);
    tcase_add_test(scripted, it_names_itself);
    tcase_add_test(scripted, the_registry_knows_its_types_by_name);
    suite_add_tcase(suite, scripted);
    return suite_run(suite);
}
