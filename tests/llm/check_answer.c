#include "../suite.h"
#include "base/mem.h"
#include "base/str.h"
#include "llm/answer.h"
#include "talk.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static char *describe(const struct answer *answer)
{
    struct str out = {0};
    if (answer->problem) {
        str_addf(&out, "problem, %s: %s\n", answer->final ? "final" : "another attempt may help",
                 answer->problem);
        return str_steal(&out);
    }
    str_addf(&out, "content \"%s\", finish %s, model %s, fingerprint %s%s\n", answer->content,
             answer->finish_reason ? answer->finish_reason : "-",
             answer->model ? answer->model : "-", answer->fingerprint ? answer->fingerprint : "-",
             answer->cut ? ", cut" : "");
    if (answer->empty)
        str_addf(&out, "empty: %s\n", answer->empty);
    str_addf(&out, "tokens %d in, %d out, %d cached, %d reasoning\n", (int)answer->usage.in,
             (int)answer->usage.out, (int)answer->usage.cached, (int)answer->usage.reasoning);
    return str_steal(&out);
}

static void check_answer(const char *name, char *input, const char *expected)
{
    char *body = strchr(input, '\n') + 1;
    body[strcspn(body, "\n")] = '\0';
    struct llm_exchange exchange = {.status = (int)strtol(input, NULL, 10), .retry_after_s = -1};
    if (body[0]) {
        exchange.body = body;
        exchange.body_size = strlen(body);
    }
    struct answer answer = answer_read(&exchange, dialect_find("compatible"));
    char *found = describe(&answer);
    ck_assert_msg(strcmp(found, expected) == 0, "%s: found\n%sexpected\n%s", name, found, expected);
    free(found);
    answer_free(&answer);
}

START_TEST(an_answer_is_read_with_suspicion)
{
    talk_each_case("answers.cases", check_answer);
}
END_TEST

START_TEST(a_wait_of_more_than_two_minutes_is_refused)
{
    struct llm_exchange exchange = {.status = 429, .retry_after_s = 121};
    struct answer answer = answer_read(&exchange, dialect_find("compatible"));
    ck_assert(answer.final);
    ck_assert_str_eq(answer.problem,
                     "HTTP 429 (it asks to wait 121 s; more than 120 s is refused)");
    answer_free(&answer);
}
END_TEST

START_TEST(bytes_that_are_no_text_reach_no_log)
{
    char body[] = "\xff\x01 no \x80";
    struct llm_exchange exchange = {.status = 502, .body = body, .body_size = strlen(body)};
    struct answer answer = answer_read(&exchange, dialect_find("compatible"));
    ck_assert_str_eq(answer.problem, "HTTP 502: ?  no ?");
    answer_free(&answer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("answer");
    TCase *answers = tcase_create("answers");
    tcase_add_test(answers, an_answer_is_read_with_suspicion);
    tcase_add_test(answers, a_wait_of_more_than_two_minutes_is_refused);
    tcase_add_test(answers, bytes_that_are_no_text_reach_no_log);
    suite_add_tcase(suite, answers);
    return suite_run(suite);
}
