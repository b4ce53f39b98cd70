#include "base/jsonl.h"

#include "base/file.h"
#include "base/str.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *text;
    size_t count, whole_bytes;
    bool torn;
    const char *error; /* NULL: it is read */
} texts[] = {
    {"", 0, 0, false, NULL},
    {"{}\n", 1, 3, false, NULL},
    {"{\"a\":1}\n{\"b\":2}\n", 2, 16, false, NULL},
    {"{\"a\":1}\n{\"b\":2}", 1, 8, true, NULL},
    {"{\"a\":1}\n{\"b\":", 1, 8, true, NULL},
    {"{\"a\":1}\n{\"b\":\n", 1, 8, true, NULL},
    {"{", 0, 0, true, NULL},
    {"\n", 0, 0, true, NULL},
    {"[1]\n{}\n", 0, 0, false, "x:1: found another JSON value, expected one JSON object"},
    {"{}\n\n{}\n", 0, 0, false,
     "x:2: found '[' or '{' expected near end of file, expected one JSON object"},
    {"{}\n{\"a\":1,\"a\":2}\n{}\n", 0, 0, false,
     "x:2: found duplicate object key near '\"a\"', expected one JSON object"},
};

START_TEST(whole_lines_are_read_and_a_torn_last_one_is_left)
{
    struct jsonl jsonl;
    struct err err = {0};
    bool ok = jsonl_parse("x", texts[_i].text, strlen(texts[_i].text), &jsonl, &err);
    ck_assert_str_eq(err.text, texts[_i].error ? texts[_i].error : "");
    ck_assert(ok == !texts[_i].error);
    ck_assert_uint_eq(jsonl.count, texts[_i].count);
    ck_assert_uint_eq(jsonl.whole_bytes, texts[_i].whole_bytes);
    ck_assert(jsonl.torn == texts[_i].torn);
    jsonl_free(&jsonl);
}
END_TEST

/* A long text is parsed by two threads: it must read as a short one does, wherever it is broken. */
START_TEST(a_long_text_reads_as_a_short_one)
{
    enum { LINES = 9000, BYTES = 9 }; /* 80 kB of {"n":12}\n */
    struct str text = {0};
    for (int i = 0; i < LINES; i++)
        str_addf(&text, "{\"n\":%d}\n", 10 + i % 90);
    for (size_t broken = 0; broken < LINES; broken += 499) {
        struct jsonl jsonl;
        struct err err = {0};
        char expected[100], kept = text.text[broken * BYTES];
        text.text[broken * BYTES] = '[';
        snprintf(expected, sizeof(expected),
                 "x:%zu: found ']' expected near ':', expected one JSON object", broken + 1);
        ck_assert(!jsonl_parse("x", text.text, text.length, &jsonl, &err));
        ck_assert_str_eq(err.text, expected);
        text.text[broken * BYTES] = kept;
        size_t cut = (broken + 1) * BYTES - 1;
        ck_assert(jsonl_parse("x", text.text, cut, &jsonl, NULL));
        ck_assert(jsonl.torn);
        ck_assert_uint_eq(jsonl.count, broken);
        ck_assert_uint_eq(jsonl.whole_bytes, broken * BYTES);
        jsonl_free(&jsonl);
        ck_assert(jsonl_parse("x", text.text, cut + 1, &jsonl, NULL));
        ck_assert(!jsonl.torn);
        ck_assert_uint_eq(jsonl.count, broken + 1);
        for (size_t i = 0; i < jsonl.count; i++)
            ck_assert_int_eq(json_integer_value(json_object_get(jsonl.lines[i], "n")),
                             10 + (int)i % 90);
        jsonl_free(&jsonl);
    }
    str_free(&text);
}
END_TEST

/* What a killed program leaves is continued after its last whole line. */
START_TEST(writing_goes_on_after_what_is_whole)
{
    char folder[] = "check_jsonl.XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    char *path = file_join(folder, "run.jsonl");
    struct jsonl jsonl;
    struct err err = {0};
    ck_assert(file_write(path, "{\"a\":1}\n{\"b\":", 13, NULL));
    struct jsonl_writer *writer = jsonl_open(path, NULL);
    ck_assert(writer && jsonl_read(path, &jsonl, NULL) && jsonl.torn);
    ck_assert_ptr_null(jsonl_open(path, &err));
    ck_assert_msg(strstr(err.text, "run.jsonl: another process is writing it"), "%s", err.text);
    ck_assert(jsonl_cut(writer, jsonl.whole_bytes, NULL));
    jsonl_free(&jsonl);
    json_t *line = json_pack("{s:f}", "c", 0.1);
    ck_assert(jsonl_write(writer, line, NULL) && jsonl_write_text(writer, "{}", NULL));
    ck_assert(jsonl_close(writer, NULL));
    char *text = file_read(path, 1000, NULL, NULL);
    ck_assert_str_eq(text, "{\"a\":1}\n{\"c\":0.1}\n{}\n");
    json_decref(line);
    free(text);
    unlink(path);
    rmdir(folder);
    free(path);
}
END_TEST

START_TEST(a_file_that_is_missing_is_named)
{
    struct jsonl jsonl;
    struct err err = {0};
    ck_assert(!jsonl_read("no/such.jsonl", &jsonl, &err));
    ck_assert_str_eq(err.text, "no/such.jsonl: No such file or directory");
    ck_assert(jsonl_close(NULL, NULL));
}
END_TEST

TCase *jsonl_cases(void)
{
    TCase *cases = tcase_create("jsonl");
    tcase_add_loop_test(cases, whole_lines_are_read_and_a_torn_last_one_is_left, 0,
                        sizeof(texts) / sizeof(texts[0]));
    tcase_add_test(cases, a_long_text_reads_as_a_short_one);
    tcase_add_test(cases, writing_goes_on_after_what_is_whole);
    tcase_add_test(cases, a_file_that_is_missing_is_named);
    return cases;
}
