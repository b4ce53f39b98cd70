#include "space/archmap.h"
#include "space/space.h"

#include <check.h>
#include <stdlib.h>

static const struct space *space;

static void setup(void)
{
    space = space_find("nas-bench-201");
}

static const char *failure_of(const char *text)
{
    static struct err err;
    struct arch arch;
    err = (struct err){0};
    ck_assert(!space_read(space, text, &arch, &err));
    return err.text;
}

START_TEST(every_cell_survives_its_text_form_and_its_digits)
{
    for (size_t i = 0; i < space_size(space); i++) {
        struct arch arch = space_nth(space, i), again;
        struct str text = {0};
        char digits[ARCH_SLOTS + 1];
        space->encode(&arch, &text);
        space_digits(space, &arch, digits);
        ck_assert_uint_eq(space_index(space, &arch), i);
        ck_assert(space_read(space, text.text, &again, NULL) && arch_equal(&arch, &again));
        ck_assert(space_read(space, digits, &again, NULL) && arch_equal(&arch, &again));
        str_free(&text);
    }
}
END_TEST

START_TEST(the_first_cell_of_upstream_is_421211)
{
    struct arch arch;
    char digits[ARCH_SLOTS + 1];
    ck_assert(space_read(space,
                         "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|"
                         "skip_connect~1|skip_connect~2|",
                         &arch, NULL));
    space_digits(space, &arch, digits);
    ck_assert_str_eq(digits, "421211");
}
END_TEST

START_TEST(a_cell_has_24_neighbours_that_differ_in_one_edge)
{
    ck_assert_uint_eq(space_neighbour_count(space), 24);
    for (size_t i = 0; i < space_size(space); i += 7) {
        struct arch arch = space_nth(space, i);
        struct archmap seen = {0};
        for (size_t n = 0; n < 24; n++) {
            struct arch other = space_neighbour(space, &arch, n);
            int changed = 0;
            for (int slot = 0; slot < 6; slot++)
                changed += other.choice[slot] != arch.choice[slot];
            ck_assert_int_eq(changed, 1);
            ck_assert(archmap_add(&seen, &other, n));
        }
        archmap_free(&seen);
    }
}
END_TEST

/* Node 1 has one edge, node 2 two, node 3 three: 1/3, 1/6, 1/6, 1/9, 1/9, 1/9. */
START_TEST(mutation_by_node_prefers_the_edges_of_small_nodes)
{
    static const double expected[6] = {1 / 3., 1 / 6., 1 / 6., 1 / 9., 1 / 9., 1 / 9.};
    struct rng rng = rng_seed(1);
    struct arch arch = space_nth(space, 1234);
    int hits[6] = {0};
    for (int i = 0; i < 90000; i++) {
        struct arch other = space_mutate_node(space, &arch, &rng);
        for (int slot = 0; slot < 6; slot++)
            hits[slot] += other.choice[slot] != arch.choice[slot];
    }
    for (int slot = 0; slot < 6; slot++)
        ck_assert_double_eq_tol(hits[slot] / 90000., expected[slot], 0.006);
}
END_TEST

START_TEST(bad_text_is_told_what_was_found_and_expected)
{
    ck_assert_str_eq(failure_of("421215"), "421215: digit 6 is '5', expected 0 to 4");
    ck_assert_str_eq(failure_of("42121"),
                     "42121: found \"42121\", expected six digits of 0 to 4, or "
                     "|op~0|+|op~0|op~1|+|op~0|op~1|op~2|");
    ck_assert_str_eq(failure_of("|conv~0|"),
                     "|conv~0|: edge 0->1: found \"conv\", expected none, skip_connect, "
                     "nor_conv_1x1, nor_conv_3x3 or avg_pool_3x3");
    ck_assert_str_eq(failure_of("|none~1|"),
                     "|none~1|: found \"~1|\" after \"none\", expected \"~0|\"");
    ck_assert_str_eq(failure_of("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|x"),
                     "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|x: found \"x\" after the last "
                     "edge");
}
END_TEST

START_TEST(a_map_of_all_cells_finds_each_and_no_other)
{
    struct archmap map = {0};
    for (size_t i = 0; i < space_size(space); i += 2) {
        struct arch arch = space_nth(space, i);
        ck_assert(archmap_add(&map, &arch, i));
        ck_assert(!archmap_add(&map, &arch, 0));
    }
    for (size_t i = 0; i < space_size(space); i++) {
        struct arch arch = space_nth(space, i);
        size_t value = SIZE_MAX;
        ck_assert(archmap_find(&map, &arch, &value) == (i % 2 == 0));
        ck_assert(i % 2 || value == i);
    }
    archmap_free(&map);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("space");
    TCase *nb201 = tcase_create("nas-bench-201");
    tcase_add_checked_fixture(nb201, setup, NULL);
    tcase_add_test(nb201, every_cell_survives_its_text_form_and_its_digits);
    tcase_add_test(nb201, the_first_cell_of_upstream_is_421211);
    tcase_add_test(nb201, a_cell_has_24_neighbours_that_differ_in_one_edge);
    tcase_add_test(nb201, mutation_by_node_prefers_the_edges_of_small_nodes);
    tcase_add_test(nb201, bad_text_is_told_what_was_found_and_expected);
    tcase_add_test(nb201, a_map_of_all_cells_finds_each_and_no_other);
    suite_add_tcase(suite, nb201);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
