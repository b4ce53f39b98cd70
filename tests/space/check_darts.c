/* The space of DARTS: slots, text form, and what is refused. */
#include "../suite.h"
#include "space/archmap.h"
#include "space/darts.h"
#include "space/space.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 2000 };

/* Published by Liu, Simonyan and Yang (quark0/darts, cnn/genotypes.py). */
#define V2_NORMAL                                                                                  \
    "normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), " \
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], "
#define V2_REDUCE                                                                                  \
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), " \
    "('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], "
#define V2                                                                                         \
    "Genotype(" V2_NORMAL "normal_concat=range(2, 6), " V2_REDUCE "reduce_concat=range(2, 6))"
#define V2_DIGITS "3303302312500202102202"

static const struct space *space;

static void setup(void)
{
    space = space_find("darts");
}

static void ck_digits(const char *text, const char *expected)
{
    struct arch arch;
    struct err err = {0};
    char digits[ARCH_SLOTS + 1];
    ck_assert_msg(space_read(space, text, &arch, &err), "%s", err.text);
    space_digits(space, &arch, digits);
    ck_assert_str_eq(digits, expected);
}

/* Per cell 7^8 operations and 3 x 6 x 10 pairs. */
START_TEST(there_are_as_many_as_the_slots_say)
{
    const size_t cell = (size_t)5764801 * 180;
    ck_assert_uint_eq(space->slot_count, 22);
    ck_assert_uint_eq(space_size(space), cell * cell);
    ck_assert_uint_eq(space_neighbour_count(space), 2 * (8 * 6 + 2 + 5 + 9));
}
END_TEST

START_TEST(every_architecture_survives_its_text_form_its_digits_and_its_number)
{
    struct rng rng = rng_seed(1);
    for (int i = 0; i < SAMPLES; i++) {
        struct arch arch = space_sample(space, &rng), again;
        struct str text = {0};
        char digits[ARCH_SLOTS + 1];
        space->encode(&arch, &text);
        space_digits(space, &arch, digits);
        ck_assert(space_read(space, text.text, &again, NULL) && arch_equal(&arch, &again));
        ck_assert(space_read(space, digits, &again, NULL) && arch_equal(&arch, &again));
        again = space_nth(space, space_index(space, &arch));
        ck_assert(arch_equal(&arch, &again));
        str_free(&text);
    }
}
END_TEST

/* The pairs of a node are all that there are, each once, the lower source first. */
START_TEST(a_node_reads_each_pair_of_what_is_before_it)
{
    for (size_t slot = 0; slot < space->slot_count; slot++) {
        bool reduction = slot >= 11;
        int node = (int)(slot % 11) / 3, lower = node + DARTS_INPUTS;
        bool seen[5][5] = {{false}};
        if (!strstr(space->slots[slot].name, ".inputs"))
            continue;
        node++;
        lower++;
        ck_assert_uint_eq(space->slots[slot].choice_count, (size_t)(lower * (lower - 1) / 2));
        for (size_t i = 0; i < space->slots[slot].choice_count; i++) {
            struct arch arch = {0};
            arch.choice[slot] = (uint8_t)i;
            struct darts_cell cell = darts_cell(&arch, reduction);
            int low = cell.edges[node][0].source, high = cell.edges[node][1].source;
            ck_assert(0 <= low && low < high && high < lower && !seen[low][high]);
            seen[low][high] = true;
        }
    }
}
END_TEST

START_TEST(a_published_genotype_is_read_and_written_by_source)
{
    struct arch arch;
    struct str text = {0};
    ck_digits(V2, V2_DIGITS);
    ck_digits(" Genotype ( normal = [ ('sep_conv_3x3',1),('sep_conv_3x3',0),\n('sep_conv_3x3', 1), "
              "('sep_conv_3x3', 0), ('skip_connect', 0), ('sep_conv_3x3', 1), ('dil_conv_3x3', 2), "
              "('skip_connect', 0)], normal_concat=[2, 3, 4, 5]," V2_REDUCE
              "reduce_concat=[2,3,4,5])\n",
              V2_DIGITS);
    ck_assert(space_read(space, V2_DIGITS, &arch, NULL));
    space->encode(&arch, &text);
    ck_assert_ptr_nonnull(strstr(text.text,
                                 "('skip_connect', 0), ('sep_conv_3x3', 1), ('skip_connect', 0), "
                                 "('dil_conv_3x3', 2)], normal_concat=range(2, 6), reduce=["));
    str_free(&text);
}
END_TEST

/* Of each cell two edges into each of four nodes, under the names of their slots. */
START_TEST(an_architecture_is_two_graphs)
{
    struct space_edge edges[ARCH_SLOTS];
    struct arch arch;
    struct str found = {0};
    ck_assert(space_read(space, V2_DIGITS, &arch, NULL));
    size_t count = space->edges(&arch, edges);
    for (size_t i = 0; i < count; i++)
        str_addf(&found, "%s %s%s %s", i ? "," : "", edges[i].from, edges[i].to,
                 space->slots[edges[i].slot].name);
    ck_assert_str_eq(found.text,
                     " n0n2 normal2.op1, n1n2 normal2.op2, n0n3 normal3.op1, n1n3 normal3.op2,"
                     " n0n4 normal4.op1, n1n4 normal4.op2, n0n5 normal5.op1, n2n5 normal5.op2,"
                     " r0r2 reduce2.op1, r1r2 reduce2.op2, r1r3 reduce3.op1, r2r3 reduce3.op2,"
                     " r0r4 reduce4.op1, r2r4 reduce4.op2, r1r5 reduce5.op1, r2r5 reduce5.op2");
    str_free(&found);
}
END_TEST

#define OPERATIONS                                                                                 \
    "max_pool_3x3, avg_pool_3x3, skip_connect, sep_conv_3x3, sep_conv_5x5, dil_conv_3x3, "         \
    "dil_conv_5x5"
#define NORMAL "Genotype(" V2_NORMAL "normal_concat="

static const struct {
    const char *text, *error;
} bad[] = {
    {"", "found \"\", expected 22 digits, or Genotype(normal=[('sep_conv_3x3', 0), ...], "
         "normal_concat=range(2, 6), reduce=[...], reduce_concat=range(2, 6))"},
    {"3303302310250020220227", "3303302310250020220227: digit 22 is '7', expected 0 to 6"},
    {"3333302310250020220220", "3333302310250020220220: digit 3 is '3', expected 0 to 2"},
    {"Genotype(reduce=[", "genotype, normal cell, node 2: found \"reduce=[\", expected normal = ["},
    {"Genotype(normal=[('sep_conv_7x7', 0)",
     "genotype, normal cell, node 2: found \"sep_conv_7x7', "
     "0)\", expected " OPERATIONS},
    {"Genotype(normal=[('none', 0)",
     "genotype, normal cell, node 2: found \"none', 0)\", expected " OPERATIONS},
    {"Genotype(normal=[('skip_connect', 0), ('skip_connect', 2)",
     "genotype, normal cell, node 2: found \"2)\", expected the number of an input or of a node "
     "below it"},
    {"Genotype(normal=[('skip_connect', 0), ('skip_connect', 10)",
     "genotype, normal cell, node 2: found \"10)\", expected the number of an input or of a node "
     "below it"},
    {"Genotype(normal=[('skip_connect', 1), ('max_pool_3x3', 1)",
     "genotype, normal cell, node 2: both operations are on 1, expected two different ones: that "
     "is outside the space"},
    {"Genotype(normal=[('skip_connect', 0)]",
     "genotype, normal cell, node 2: found \"]\", expected ,"},
    {NORMAL "range(2, 5), ",
     "genotype, normal cell, node 5: found \"range(2, 5), \", expected range ( 2 , 6 )"},
    {NORMAL "[4, 5, 6], ",
     "genotype, normal cell, node 5: found \"4, 5, 6], \", expected 2 , 3 , 4 , 5 ]"},
    {NORMAL "range(2, 6))", "genotype, reduction cell, node 5: found \")\", expected , reduce = ["},
    {V2 ")", "genotype, reduction cell, node 5: found \")\", expected the end"},
};

START_TEST(a_bad_genotype_is_told_from_where_it_is_bad)
{
    struct err err = {0};
    struct arch arch;
    ck_assert(!space_read(space, bad[_i].text, &arch, &err));
    ck_assert_str_eq(err.text, bad[_i].error);
}
END_TEST

/* Every beginning of a good text is refused, and none is read past its end. */
START_TEST(a_genotype_that_is_cut_off_is_refused)
{
    struct arch arch;
    for (size_t length = 0; length < strlen(V2); length++) {
        char *text = strndup(V2, length);
        struct err err = {0};
        ck_assert(!space_read(space, text, &arch, &err));
        ck_assert(err.text[0]);
        free(text);
    }
}
END_TEST

START_TEST(mutation_by_node_changes_a_slot_of_any_node)
{
    struct rng rng = rng_seed(2);
    struct arch arch = space_sample(space, &rng);
    bool hit[22] = {false};
    for (int i = 0; i < SAMPLES; i++) {
        struct arch other =
            i % 2 ? space_mutate(space, &arch, &rng) : space_mutate_node(space, &arch, &rng);
        size_t changed = 0;
        for (size_t slot = 0; slot < 22; slot++) {
            changed += other.choice[slot] != arch.choice[slot];
            hit[slot] = hit[slot] || other.choice[slot] != arch.choice[slot];
        }
        ck_assert_uint_eq(changed, 1);
        ck_assert_uint_lt(space_index(space, &other), space_size(space));
        arch = other;
    }
    for (size_t slot = 0; slot < 22; slot++)
        ck_assert(hit[slot]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("darts");
    TCase *darts = tcase_create("darts");
    tcase_add_checked_fixture(darts, setup, NULL);
    tcase_add_test(darts, there_are_as_many_as_the_slots_say);
    tcase_add_test(darts, every_architecture_survives_its_text_form_its_digits_and_its_number);
    tcase_add_test(darts, a_node_reads_each_pair_of_what_is_before_it);
    tcase_add_test(darts, a_published_genotype_is_read_and_written_by_source);
    tcase_add_loop_test(darts, a_bad_genotype_is_told_from_where_it_is_bad, 0,
                        sizeof(bad) / sizeof(bad[0]));
    tcase_add_test(darts, a_genotype_that_is_cut_off_is_refused);
    tcase_add_test(darts, an_architecture_is_two_graphs);
    tcase_add_test(darts, mutation_by_node_changes_a_slot_of_any_node);
    suite_add_tcase(suite, darts);
    return suite_run(suite);
}
