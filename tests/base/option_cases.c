#include "base/option.h"

#include "base/mem.h"
#include "base/str.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>

static const struct option table[] = {
    {"size", OPTION_INTEGER, NULL, 1, 9, NULL, "how large"},
    {"rate", OPTION_REAL, "0.5", 0, INFINITY, NULL, "how fast"},
    {"shift", OPTION_REAL, "0", 0, 0, NULL, "anything"},
    {"loud", OPTION_BOOLEAN, "false", 0, 0, NULL, "whether"},
    {"name", OPTION_TEXT, "null", 0, 0, NULL, "what it is called"},
    {"kind", OPTION_CHOICE, "\"red\"", 0, 0, "red|green|blue", "which colour"},
    {"part", OPTION_OBJECT, "null", 0, 0, NULL, "more of it"},
    {"list", OPTION_ARRAY, "[]", 0, 0, NULL, "several"},
    {0},
};

#define KEYS "size|rate|shift|loud|name|kind|part|list"
#define DEFAULTS                                                                                   \
    "\"shift\":0,\"loud\":false,\"name\":null,\"kind\":\"red\",\"part\":null,\"list\":[]}"

/* What is given, and what it resolves to; or, a line each, what is wrong with it. */
static const struct {
    const char *given, *settings, *faults;
} cases[] = {
    {"{\"size\":3}", "{\"size\":3,\"rate\":0.5," DEFAULTS, ""},
    {"{\"list\":[1],\"part\":{\"a\":1},\"kind\":\"blue\",\"name\":\"x\",\"loud\":true,"
     "\"shift\":-1e9,\"rate\":0,\"size\":9}",
     "{\"size\":9,\"rate\":0,\"shift\":-1000000000.0,\"loud\":true,\"name\":\"x\",\"kind\":"
     "\"blue\",\"part\":{\"a\":1},\"list\":[1]}",
     ""},
    {"{\"size\":1,\"name\":null,\"part\":null}", "{\"size\":1,\"rate\":0.5," DEFAULTS, ""},
    {"{}", NULL, "/p/size: missing, expected a whole number from 1 to 9 (how large)\n"},
    {"[]", NULL, "/p: found a list, expected an object\n"},
    {"{\"size\":0}", NULL, "/p/size: found 0, expected a whole number from 1 to 9\n"},
    {"{\"size\":10}", NULL, "/p/size: found 10, expected a whole number from 1 to 9\n"},
    {"{\"size\":3.5}", NULL, "/p/size: found 3.5, expected a whole number from 1 to 9\n"},
    {"{\"size\":\"3\"}", NULL, "/p/size: found \"3\", expected a whole number from 1 to 9\n"},
    {"{\"size\":null}", NULL, "/p/size: found null, expected a whole number from 1 to 9\n"},
    {"{\"size\":1,\"rate\":-0.1}", NULL, "/p/rate: found -0.1, expected a number of at least 0\n"},
    {"{\"size\":1,\"shift\":{}}", NULL, "/p/shift: found an object, expected a number\n"},
    {"{\"size\":1,\"loud\":1}", NULL, "/p/loud: found 1, expected true or false\n"},
    {"{\"size\":1,\"name\":\"two\\nlines\"}", NULL,
     "/p/name: found \"two\\nlines\", expected a text without control characters\n"},
    {"{\"size\":1,\"name\":[]}", NULL, "/p/name: found a list, expected a text\n"},
    {"{\"size\":1,\"kind\":\"gren\"}", NULL,
     "/p/kind: found \"gren\", expected one of red|green|blue; did you mean \"green\"?\n"},
    {"{\"size\":1,\"kind\":\"re\"}", NULL,
     "/p/kind: found \"re\", expected one of red|green|blue; did you mean \"red\"?\n"},
    {"{\"size\":1,\"kind\":\"x\"}", NULL, "/p/kind: found \"x\", expected one of red|green|blue\n"},
    {"{\"size\":1,\"kind\":true}", NULL, "/p/kind: found true, expected one of red|green|blue\n"},
    {"{\"size\":1,\"part\":[]}", NULL, "/p/part: found a list, expected an object\n"},
    {"{\"size\":1,\"list\":{}}", NULL, "/p/list: found an object, expected a list\n"},
    {"{\"size\":1,\"szie\":2,\"zzz\":3}", NULL,
     "/p/szie: unknown key, expected one of " KEYS "; did you mean \"size\"?\n"
     "/p/zzz: unknown key, expected one of " KEYS "\n"},
    {"{\"size\":\"a text that is much longer than anyone would want to read it again here\"}", NULL,
     "/p/size: found \"a text that is much longer than anyone would want to rea..., expected a "
     "whole number from 1 to 9\n"},
    {"{\"size\":1,\"\\u001b[2J\":2}", NULL, "/p/?[2J: unknown key, expected one of " KEYS "\n"},
};

START_TEST(a_table_resolves_or_says_all_that_is_wrong)
{
    struct faults faults = {0};
    struct str text = {0};
    json_t *given = json_loads(cases[_i].given, 0, NULL);
    json_t *settings = option_resolve(table, given, "/p", &faults);
    for (size_t i = 0; i < faults.count; i++)
        str_addf(&text, "%s\n", faults.list[i]);
    ck_assert_str_eq(text.text ? text.text : "", cases[_i].faults);
    if (cases[_i].settings) {
        char *found = json_dumps(settings, JSON_COMPACT);
        ck_assert_str_eq(found, cases[_i].settings);
        free(found);
    }
    str_free(&text);
    fault_free(&faults);
    json_decref(settings);
    json_decref(given);
}
END_TEST

START_TEST(settings_are_read_by_their_type)
{
    struct faults faults = {0};
    json_t *given = json_pack("{s:i, s:s}", "size", 4, "name", "x");
    json_t *settings = option_resolve(table, given, "", &faults);
    ck_assert_int_eq(option_integer(settings, "size"), 4);
    ck_assert_double_eq(option_real(settings, "rate"), 0.5);
    ck_assert_double_eq(option_real(settings, "shift"), 0);
    ck_assert(!option_boolean(settings, "loud"));
    ck_assert_str_eq(option_text(settings, "name"), "x");
    ck_assert(option_is(settings, "kind", "red") && !option_is(settings, "kind", "blue"));
    ck_assert_ptr_null(option_text(settings, "part"));
    ck_assert(fault_report(&faults, "file", NULL));
    json_decref(settings);
    json_decref(given);
}
END_TEST

START_TEST(a_report_names_the_file_on_each_line_and_counts_what_it_leaves_out)
{
    struct faults faults = {0};
    struct err err = {0};
    fault_add(&faults, "", "found %d", 1);
    fault_add(&faults, "/a", "found %d", 2);
    ck_assert(!fault_report(&faults, "x.json", &err));
    ck_assert_str_eq(err.text, "x.json: /: found 1\nx.json: /a: found 2");
    for (int i = 0; i < 1000; i++)
        fault_add(&faults, "/b", "%0100d", i);
    err = (struct err){0};
    ck_assert(!fault_report(&faults, "x.json", &err));
    ck_assert_ptr_nonnull(strstr(err.text, "\n(and 9"));
    ck_assert_str_eq(err.text + strlen(err.text) - strlen(" more faults)"), " more faults)");
    fault_free(&faults);
}
END_TEST

START_TEST(a_long_path_is_cut_between_characters)
{
    struct faults faults = {0};
    struct str path = {0}, expected = {0};
    str_add(&path, "/x");
    str_add(&expected, "/x");
    for (int i = 0; i < 100000; i++)
        str_add(&path, "\xc3\xa4");
    for (int i = 0; i < 99; i++)
        str_add(&expected, "\xc3\xa4");
    str_add(&expected, "...: found");
    str_add(&path, "\xc3\xa4");
    fault_add(&faults, path.text, "found");
    ck_assert_str_eq(faults.list[0], expected.text);
    path.text[1] = 'y';
    fault_add(&faults, path.text + 1, "found"); /* now the limit falls within a character */
    ck_assert_uint_eq(strlen(faults.list[1]), strlen("y...: found") + 198);
    fault_free(&faults);
    str_free(&path);
    str_free(&expected);
}
END_TEST

static const struct {
    const char *written, *names, *nearest;
} near[] = {
    {"evolutoin", "random|evolution|local", "evolution"},
    {"Random", "random|evolution", "random"},
    {"evolution", "random", NULL},
    {"k", "xi|k_best", NULL},
    {"ab", "k", NULL},
    {"", "a|b", NULL},
    {"abc", "", NULL},
    {"sead", "seed", "seed"},
    {"oracle", "table", NULL},
};

START_TEST(the_nearest_name_is_found_if_one_is_near)
{
    char *found = option_nearest(near[_i].written, near[_i].names);
    if (near[_i].nearest)
        ck_assert_pstr_eq(found, near[_i].nearest);
    else
        ck_assert_ptr_null(found);
    free(found);
}
END_TEST

START_TEST(the_schema_says_what_the_table_says)
{
    json_t *schema = option_schema(table);
    json_t *expected = json_loads(
        "{\"type\":\"object\",\"properties\":{"
        "\"size\":{\"description\":\"how large\",\"type\":\"integer\",\"minimum\":1.0,"
        "\"maximum\":9.0},"
        "\"rate\":{\"description\":\"how fast\",\"type\":\"number\",\"minimum\":0.0,"
        "\"default\":0.5},"
        "\"shift\":{\"description\":\"anything\",\"type\":\"number\",\"default\":0},"
        "\"loud\":{\"description\":\"whether\",\"type\":\"boolean\",\"default\":false},"
        "\"name\":{\"description\":\"what it is called\",\"type\":[\"string\",\"null\"]},"
        "\"kind\":{\"description\":\"which colour\",\"enum\":[\"red\",\"green\",\"blue\"],"
        "\"default\":\"red\"},"
        "\"part\":{\"description\":\"more of it\",\"type\":[\"object\",\"null\"]},"
        "\"list\":{\"description\":\"several\",\"type\":\"array\",\"default\":[]}},"
        "\"required\":[\"size\"],\"additionalProperties\":false}",
        0, NULL);
    char *text = json_dumps(schema, JSON_COMPACT);
    ck_assert_msg(json_equal(schema, expected), "%s", text);
    free(text);
    json_decref(expected);
    json_decref(schema);
}
END_TEST

START_TEST(help_has_a_line_for_each_row)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    option_help(table, "  ", out);
    fclose(out);
    ck_assert_str_eq(text,
                     "  size               how large (a whole number from 1 to 9; must be given)\n"
                     "  rate               how fast (a number of at least 0; default 0.5)\n"
                     "  shift              anything (a number; default 0)\n"
                     "  loud               whether (true or false; default false)\n"
                     "  name               what it is called (a text; may be left out)\n"
                     "  kind               which colour (one of red|green|blue; default \"red\")\n"
                     "  part               more of it (an object; may be left out)\n"
                     "  list               several (a list; default [])\n");
    free(text);
}
END_TEST

TCase *option_cases(void)
{
    TCase *tests = tcase_create("option");
    tcase_add_loop_test(tests, a_table_resolves_or_says_all_that_is_wrong, 0,
                        sizeof(cases) / sizeof(cases[0]));
    tcase_add_test(tests, settings_are_read_by_their_type);
    tcase_add_test(tests, a_report_names_the_file_on_each_line_and_counts_what_it_leaves_out);
    tcase_add_test(tests, a_long_path_is_cut_between_characters);
    tcase_add_loop_test(tests, the_nearest_name_is_found_if_one_is_near, 0,
                        sizeof(near) / sizeof(near[0]));
    tcase_add_test(tests, the_schema_says_what_the_table_says);
    tcase_add_test(tests, help_has_a_line_for_each_row);
    return tests;
}
