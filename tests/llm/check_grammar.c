#include "../suite.h"
#include "llm/grammar.h"
#include "talk.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void check_grammar(const char *name, char *input, const char *expected)
{
    json_t *schema = json_loads(input, 0, NULL);
    ck_assert_msg(schema != NULL, "%s", name);
    char *found = grammar_of(schema);
    ck_assert_msg(strcmp(found, expected) == 0, "%s: found\n%sexpected\n%s", name, found, expected);
    free(found);
    json_decref(schema);
}

START_TEST(a_schema_becomes_a_grammar_of_compact_json)
{
    talk_each_case("grammar.cases", check_grammar);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("grammar");
    TCase *cases = tcase_create("cases");
    tcase_add_test(cases, a_schema_becomes_a_grammar_of_compact_json);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
