/* The names that a model reads: that they hold for every space, and that labels give nothing away
 * and are understood under any order of dealing. */
#include "../suite.h"
#include "search/vocabulary.h"

#include "base/mem.h"
#include "search/reply.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 200 };

/* Two kinds of slots, as in a space where an edge has an operation and a source. */
static const struct choice operations[] = {{"wide", "sep_conv", "much", 1},
                                           {"thin", "dil_conv", "little", 0}};
static const struct choice sources[] = {
    {"first", "0", "", 0}, {"second", "1", "", 0}, {"third", "2", "", 0}};
static const struct slot mixed_slots[] = {{"operation 1", 1, operations, 2},
                                          {"source 1", 1, sources, 3},
                                          {"operation 2", 2, operations, 2}};
static const struct space mixed = {.name = "mixed", .slots = mixed_slots, .slot_count = 3};
static const char mixed_task[] =
    "A choice:\n- wide: much of it\n- thin: little\n- fast: no choice\n"
    "or:\n- second: b\n- first: a\n- third: c\nThat is all.\n";

static struct vocabulary words;

static void open_mixed(enum vocabulary_names names, uint64_t seed)
{
    struct rng rng = rng_seed(seed);
    vocabulary_open(&words, &mixed, mixed_task, names, &rng);
}

static void open_space(const struct space *space, enum vocabulary_names names, uint64_t seed)
{
    struct rng rng = rng_seed(seed);
    vocabulary_open(&words, space, space->task, names, &rng);
}

START_TEST(plain_names_are_those_of_the_space)
{
    open_mixed(NAMES_PLAIN, 1);
    ck_assert_str_eq(words.task, mixed_task);
    ck_assert_str_eq(words.slots[2].choices[1].name, "thin");
    ck_assert_uint_eq(vocabulary_choice(&words, 2, "DIL_CONV"), 1);
    ck_assert_uint_eq(vocabulary_choice(&words, 2, "second"), 2);
    ck_assert_ptr_null(vocabulary_key(&words));
    vocabulary_free(&words);
}
END_TEST

START_TEST(the_benchmarks_names_stand_everywhere_and_both_are_understood)
{
    open_mixed(NAMES_BENCHMARK, 1);
    ck_assert_str_eq(words.task, "A choice:\n- sep_conv: much of it\n- dil_conv: little\n"
                                 "- fast: no choice\nor:\n- 1: b\n- 0: a\n- 2: c\nThat is all.\n");
    ck_assert_str_eq(words.slots[2].choices[1].name, "dil_conv");
    ck_assert_str_eq(words.slots[2].choices[1].note, "little");
    ck_assert_uint_eq(vocabulary_choice(&words, 0, "dil_conv"), 1);
    ck_assert_uint_eq(vocabulary_choice(&words, 0, "thin"), 1);
    ck_assert_ptr_null(vocabulary_key(&words));
    vocabulary_free(&words);
}
END_TEST

START_TEST(labels_say_nothing_of_what_they_stand_for)
{
    open_mixed(NAMES_ANONYMOUS, 1);
    ck_assert_str_eq(words.task, "A choice:\n- op_a\n- op_b\n- fast: no choice\nor:\n"
                                 "- op_c\n- op_d\n- op_e\nThat is all.\n");
    for (size_t slot = 0; slot < 3; slot++)
        for (size_t c = 0; c < words.slots[slot].choice_count; c++) {
            const struct choice *choice = &words.slots[slot].choices[c];
            ck_assert_int_eq(strncmp(choice->name, "op_", 3), 0);
            ck_assert_str_eq(choice->benchmark, choice->name);
            ck_assert_str_eq(choice->note, "");
        }
    ck_assert_uint_eq(vocabulary_choice(&words, 0, "wide"), 2);
    vocabulary_free(&words);
}
END_TEST

START_TEST(labels_are_listed_in_their_own_order_and_slots_share_them)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        static const char *const labels[][3] = {
            {"op_a", "op_b", NULL}, {"op_c", "op_d", "op_e"}, {"op_a", "op_b", NULL}};
        open_mixed(NAMES_ANONYMOUS, seed);
        for (size_t slot = 0; slot < 3; slot++)
            for (size_t i = 0; i < words.slots[slot].choice_count; i++) {
                size_t choice = words.listed[slot][i];
                ck_assert_str_eq(words.slots[slot].choices[choice].name, labels[slot][i]);
                ck_assert_uint_eq(vocabulary_choice(&words, slot, labels[slot][i]), choice);
            }
        ck_assert_mem_eq(words.listed[0], words.listed[2], 2);
        vocabulary_free(&words);
    }
}
END_TEST

/* Of the 120 orders that five operations can be listed in, 200 seeds must meet many, each operation
 * must be found in each place, and a seed must always give the same. */
START_TEST(each_run_deals_labels_in_an_order_of_its_own)
{
    const struct space *space = space_find("nas-bench-201");
    size_t at[5][5] = {{0}};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        open_space(space, NAMES_ANONYMOUS, seed);
        struct vocabulary first = words;
        open_space(space, NAMES_ANONYMOUS, seed);
        ck_assert_mem_eq(first.listed, words.listed, sizeof(words.listed));
        for (size_t i = 0; i < 5; i++)
            at[i][words.listed[0][i]]++;
        vocabulary_free(&first);
        vocabulary_free(&words);
    }
    for (size_t place = 0; place < 5; place++)
        for (size_t operation = 0; operation < 5; operation++)
            ck_assert_uint_gt(at[place][operation], SEEDS / 10); /* expected: a fifth */
}
END_TEST

START_TEST(the_key_says_what_every_label_stands_for)
{
    open_mixed(NAMES_ANONYMOUS, 3);
    char *key = vocabulary_key(&words);
    struct str expected = {0};
    for (size_t i = 0; i < 5; i++) {
        size_t slot = i < 2 ? 0 : 1;
        str_addf(&expected, "%sop_%c is %s", i ? ", " : "", (int)('a' + i),
                 mixed_slots[slot].choices[words.listed[slot][i - 2 * slot]].name);
    }
    ck_assert_str_eq(key, expected.text);
    str_free(&expected);
    free(key);
    vocabulary_free(&words);
}
END_TEST

/* {"cell": ...} of arch in these words; the caller owns it. */
static json_t *cell_in_words(const struct arch *arch)
{
    json_t *cell = json_object();
    for (size_t i = 0; i < words.space->slot_count; i++)
        json_object_set_new(cell, words.slots[i].name,
                            json_string(words.slots[i].choices[arch->choice[i]].name));
    return json_pack("{s:o}", "cell", cell);
}

static const enum vocabulary_names all_names[] = {NAMES_PLAIN, NAMES_BENCHMARK, NAMES_ANONYMOUS};

START_TEST(a_cell_in_any_names_is_read_back)
{
    struct rng rng = rng_seed(5);
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        for (size_t s = 0; space_at(s); s++) {
            struct arch arch = space_sample(space_at(s), &rng), read;
            open_space(space_at(s), all_names[_i], seed);
            json_t *reply = cell_in_words(&arch);
            ck_assert(reply_cell(reply, &words, &read, NULL));
            ck_assert(arch_equal(&arch, &read));
            json_decref(reply);
            vocabulary_free(&words);
        }
}
END_TEST

START_TEST(under_labels_a_cell_in_real_names_is_refused_and_no_name_is_told)
{
    const struct space *space = space_find("nas-bench-201");
    static const struct {
        const char *reply, *reason;
    } cases[] = {
        {"{\"cell\": \"333333\"}", "\"cell\" has no operation for edge 0->1"},
        {"{\"cell\": \"|x~0|\"}", "\"cell\" has no operation for edge 0->1"},
        {"{\"cell\": {\"0->1\": \"conv3x3\"}}",
         "\"conv3x3\" on edge 0->1 is none of op_a, op_b, op_c, op_d, op_e"},
    };
    open_space(space, NAMES_ANONYMOUS, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        json_t *reply = json_loads(cases[i].reply, 0, NULL);
        struct str reason = {0};
        struct arch arch;
        ck_assert(!reply_cell(reply, &words, &arch, &reason));
        ck_assert_str_eq(reason.text, cases[i].reason);
        str_free(&reason);
        json_decref(reply);
    }
    vocabulary_free(&words);
}
END_TEST

/* Which inputs a node has is no operation, and stays readable. */
START_TEST(wiring_keeps_its_names_under_every_vocabulary)
{
    const struct space *space = space_find("darts");
    struct arch arch = space_nth(space, space_size(space) - 1);
    open_space(space, all_names[_i], 1);
    for (size_t slot = 0; slot < space->slot_count; slot++) {
        const char *pair = space->slots[slot].choices[arch.choice[slot]].name;
        const char *name = words.slots[slot].choices[arch.choice[slot]].name;
        if (strcmp(space->slots[slot].choices[0].note, "") == 0)
            ck_assert_str_eq(name, pair);
        else
            ck_assert_int_eq(strcmp(name, pair) != 0, all_names[_i] != NAMES_PLAIN);
    }
    char *key = vocabulary_key(&words);
    ck_assert(!key || (strstr(key, "skip") && !strstr(key, "0,1")));
    free(key);
    vocabulary_free(&words);
}
END_TEST

/* Else a description would stay under labels, or an operation would have none in other names. */
START_TEST(the_task_of_each_space_describes_each_choice_once)
{
    for (size_t s = 0; space_at(s); s++) {
        const struct space *space = space_at(s);
        for (size_t slot = 0; slot < space->slot_count; slot++)
            for (size_t c = 0; c < space->slots[slot].choice_count; c++) {
                if (!space->slots[slot].choices[c].note[0])
                    continue;
                char *line = mem_printf("\n- %s: ", space->slots[slot].choices[c].name);
                const char *first = strstr(space->task, line);
                ck_assert_msg(first != NULL, "%s: no line%s", space->name, line);
                ck_assert_msg(!strstr(first + 1, line), "%s: two lines%s", space->name, line);
                open_space(space, NAMES_ANONYMOUS, 1);
                ck_assert_msg(!strstr(words.task, line), "%s: labels leave%s", space->name, line);
                vocabulary_free(&words);
                free(line);
            }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vocabulary");
    TCase *names = tcase_create("names");
    tcase_add_test(names, plain_names_are_those_of_the_space);
    tcase_add_test(names, the_benchmarks_names_stand_everywhere_and_both_are_understood);
    tcase_add_test(names, labels_say_nothing_of_what_they_stand_for);
    tcase_add_test(names, labels_are_listed_in_their_own_order_and_slots_share_them);
    tcase_add_test(names, each_run_deals_labels_in_an_order_of_its_own);
    tcase_add_test(names, the_key_says_what_every_label_stands_for);
    suite_add_tcase(suite, names);
    TCase *replies = tcase_create("replies");
    tcase_add_loop_test(replies, a_cell_in_any_names_is_read_back, 0, 3);
    tcase_add_test(replies, under_labels_a_cell_in_real_names_is_refused_and_no_name_is_told);
    tcase_add_loop_test(replies, wiring_keeps_its_names_under_every_vocabulary, 0, 3);
    suite_add_tcase(suite, replies);
    TCase *spaces = tcase_create("spaces");
    tcase_add_test(spaces, the_task_of_each_space_describes_each_choice_once);
    suite_add_tcase(suite, spaces);
    return suite_run(suite);
}
