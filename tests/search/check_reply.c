/* What is read of replies, and the exact reason where nothing is: tests/search/reply.cases. */
#include "../suite.h"
#include "search/reply.h"

#include "base/file.h"
#include "base/mem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct space *space;
static struct vocabulary words;
static struct arch cell; /* what the replies are about */

static void setup(void)
{
    struct rng rng = rng_seed(1);
    space = space_find("nas-bench-201");
    ck_assert(space_read(space, "421211", &cell, NULL));
    vocabulary_open(&words, space, space->task, NAMES_PLAIN, &rng);
}

static void teardown(void)
{
    vocabulary_free(&words);
}

/* Each reads the reply, and adds what it read to found. */

static bool read_object(const json_t *reply, struct str *found, struct str *reason)
{
    (void)reason;
    char *text = json_dumps(reply, JSON_COMPACT);
    str_add(found, text);
    free(text);
    return true;
}

static bool read_text(const json_t *reply, struct str *found, struct str *reason)
{
    char *text;
    if (!reply_text(reply, "strategy", &text, reason))
        return false;
    str_add(found, text);
    free(text);
    return true;
}

static bool read_rating(const json_t *reply, struct str *found, struct str *reason)
{
    enum reply_rating ratings[ARCH_SLOTS];
    if (!reply_rating(reply, &words, &cell, ratings, reason))
        return false;
    for (size_t i = 0; i < space->slot_count; i++)
        str_addf(found, "%s%s", i ? " " : "", reply_rating_names[ratings[i]]);
    return true;
}

static bool read_change(const json_t *reply, struct str *found, struct str *reason)
{
    struct arch changed;
    if (!reply_change(reply, &words, &cell, &changed, reason))
        return false;
    for (size_t i = 0; i < space->slot_count; i++)
        if (changed.choice[i] != cell.choice[i])
            str_addf(found, "%s %s", space->slots[i].name,
                     space->slots[i].choices[changed.choice[i]].name);
    return true;
}

static bool read_cell(const json_t *reply, struct str *found, struct str *reason)
{
    struct arch arch;
    char digits[ARCH_SLOTS + 1];
    if (!reply_cell(reply, &words, &arch, reason))
        return false;
    space_digits(space, &arch, digits);
    str_add(found, digits);
    return true;
}

static const struct reader {
    const char *name;
    bool (*read)(const json_t *reply, struct str *found, struct str *reason);
} readers[] = {
    {"object", read_object}, {"text", read_text}, {"rating", read_rating},
    {"change", read_change}, {"cell", read_cell},
};

static const struct reader *find_reader(const char *line)
{
    size_t length = strcspn(line, "=:");
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
        if (strlen(readers[i].name) == length && strncmp(readers[i].name, line, length) == 0)
            return &readers[i];
    ck_abort_msg("no reader for %s", line);
}

/* "reader= what was read" or "reader: why not". The caller frees. */
static char *read_reply(const struct reader *reader, const char *text)
{
    struct str found = {0}, reason = {0};
    json_t *reply = reply_object(text, &reason);
    bool ok = reply && reader->read(reply, &found, &reason);
    char *line = mem_printf("%s%s %s", reader->name, ok ? "=" : ":", ok ? found.text : reason.text);
    json_decref(reply);
    str_free(&found);
    str_free(&reason);
    return line;
}

START_TEST(each_reply_is_read_or_refused_with_its_exact_reason)
{
    char *path = mem_printf("%s/tests/search/reply.cases", getenv("srcdir"));
    char *cases = file_read(path, 1 << 20, NULL, NULL), *rest = cases, *line;
    ck_assert_ptr_nonnull(cases);
    while ((line = strsep(&rest, "\n"))) {
        if (!*line || *line == '#')
            continue;
        const char *what = line, *expected = strsep(&rest, "\n");
        struct str reply = {0};
        while ((line = strsep(&rest, "\n")) && *line)
            str_addf(&reply, "%s%s", reply.length ? "\n" : "", line);
        char *found = read_reply(find_reader(expected), reply.text);
        ck_assert_msg(strcmp(found, expected) == 0, "%s:\n  found    %s\n  expected %s", what,
                      found, expected);
        free(found);
        str_free(&reply);
    }
    free(cases);
    free(path);
}
END_TEST

START_TEST(a_long_text_is_cut_at_a_whole_character)
{
    json_t *reply = json_object();
    struct str text = {0};
    char *read;
    while (text.length < 599)
        str_add_char(&text, 'a');
    str_add(&text, "é and more");
    json_object_set_new(reply, "strategy", json_string(text.text));
    ck_assert(reply_text(reply, "strategy", &read, NULL));
    ck_assert_uint_eq(strlen(read), 599);
    ck_assert_int_eq(read[598], 'a');
    free(read);
    str_free(&text);
    json_decref(reply);
}
END_TEST

/* Only node 0 to node 1 may be "a". */
static bool first_is_a(const struct arch *arch)
{
    return arch->choice[0] == 0;
}

START_TEST(a_cell_that_the_space_does_not_allow_is_refused)
{
    static const struct choice letters[] = {{.name = "a", .benchmark = "a"},
                                            {.name = "b", .benchmark = "b"}};
    static const struct slot slots[] = {{"0->1", 1, letters, 2}};
    static const struct space small = {
        .name = "small", .slots = slots, .slot_count = 1, .allowed = first_is_a};
    struct arch arch;
    struct str reason = {0};
    struct vocabulary letters_only;
    vocabulary_open(&letters_only, &small, "", NAMES_PLAIN, &(struct rng){{0}});
    json_t *good = json_pack("{s:{s:s}}", "cell", "0->1", "a");
    json_t *bad = json_pack("{s:{s:s}}", "cell", "0->1", "b");
    ck_assert(reply_cell(good, &letters_only, &arch, &reason));
    ck_assert(!reply_cell(bad, &letters_only, &arch, &reason));
    ck_assert_str_eq(reason.text, "that is not an architecture of the space");
    vocabulary_free(&letters_only);
    json_decref(good);
    json_decref(bad);
    str_free(&reason);
}
END_TEST

/* 8 MB, the most that a server may send, of a text that is repeated, is read in a time that grows
 * with its length alone: were it to grow with its square, this would take hours. */
static const struct {
    const char *text, *reason;
} floods[] = {
    {"{", "it holds no JSON object (there is none)"},
    {"{\"a\":", "it holds no JSON object (there is none)"},
    {"{\"\\", "it holds no JSON object (there is none)"},
    {"{a}", "it holds no JSON object (string or '}' expected near 'a')"},
    {"\"", "it holds no JSON object (there is none)"},
};

START_TEST(a_flood_of_braces_is_refused_at_once)
{
    enum { FLOOD_BYTES = 8 << 20 };
    struct str reply = {0}, reason = {0};
    while (reply.length < FLOOD_BYTES)
        str_add(&reply, floods[_i].text);
    ck_assert_ptr_null(reply_object(reply.text, &reason));
    ck_assert_str_eq(reason.text, floods[_i].reason);
    str_free(&reason);
    str_free(&reply);
}
END_TEST

START_TEST(an_object_nested_too_deeply_is_refused)
{
    enum { LEVELS = 100000 };
    struct str reply = {0}, reason = {0};
    for (int i = 0; i < LEVELS; i++)
        str_add(&reply, "{\"a\":");
    str_add(&reply, "1");
    for (int i = 0; i < LEVELS; i++)
        str_add_char(&reply, '}');
    ck_assert_ptr_null(reply_object(reply.text, &reason));
    ck_assert_str_eq(reason.text,
                     "it holds no JSON object (maximum parsing depth reached near '{')");
    str_free(&reason);
    str_free(&reply);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reply");
    TCase *replies = tcase_create("replies");
    tcase_add_checked_fixture(replies, setup, teardown);
    tcase_add_test(replies, each_reply_is_read_or_refused_with_its_exact_reason);
    tcase_add_test(replies, a_long_text_is_cut_at_a_whole_character);
    tcase_add_test(replies, a_cell_that_the_space_does_not_allow_is_refused);
    suite_add_tcase(suite, replies);
    TCase *large = tcase_create("large replies");
    tcase_set_timeout(large, 60); /* seconds, for a busy machine and a checked build */
    tcase_add_loop_test(large, a_flood_of_braces_is_refused_at_once, 0,
                        sizeof(floods) / sizeof(floods[0]));
    tcase_add_test(large, an_object_nested_too_deeply_is_refused);
    suite_add_tcase(suite, large);
    return suite_run(suite);
}
