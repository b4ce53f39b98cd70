#include "../suite.h"
#include "space/archmap.h"
#include "space/space.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct space *space;

static void setup(void)
{
    space = space_find("nas-bench-201");
}

static void setup_tnb101(void)
{
    space = space_find("transnas-bench-101");
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

/* Of upstream's README: skip; none and conv1x1; three times conv3x3. */
START_TEST(upstreams_example_is_102333)
{
    struct arch arch;
    char digits[ARCH_SLOTS + 1];
    ck_assert(space_read(space, "64-41414-1_02_333", &arch, NULL));
    space_digits(space, &arch, digits);
    ck_assert_str_eq(digits, "102333");
    ck_assert_uint_eq(space_size(space), 4096);
    ck_assert_uint_eq(space_neighbour_count(space), 18);
}
END_TEST

START_TEST(a_bad_form_is_told_from_where_it_is_bad)
{
#define EXPECTED ", expected six digits of 0 to 3, alone or in the places of 64-41414-#_##_###"
    ck_assert_str_eq(failure_of("102334"), "102334: digit 6 is '4', expected 0 to 3");
    ck_assert_str_eq(failure_of("64-2311-basic"), "64-2311-basic: found \"2311-basic\"" EXPECTED);
    ck_assert_str_eq(failure_of("64-41414-1_02_334"), "64-41414-1_02_334: found \"4\"" EXPECTED);
    ck_assert_str_eq(failure_of("64-41414-1_02"), "64-41414-1_02: found \"\"" EXPECTED);
    ck_assert_str_eq(failure_of("64-41414-1_02_333_"), "64-41414-1_02_333_: found \"_\"" EXPECTED);
    ck_assert_str_eq(failure_of(""), ": found \"\"" EXPECTED);
}
END_TEST

START_TEST(a_task_says_what_the_network_does_and_what_is_scored)
{
    struct metric metric;
    struct err err = {0};
    ck_assert(metric_find("ssim", "final", &metric));
    char *task = space_task(space, "normal", &metric, &err);
    ck_assert_msg(task != NULL, "%s", err.text);
    ck_assert_ptr_nonnull(strstr(task,
                                 "a convolutional network that predicts the surface normal at "
                                 "every pixel of a photograph of an interior. "));
    ck_assert_ptr_nonnull(strstr(task, "the goal is the highest validation SSIM.\n"));
    ck_assert_ptr_null(strstr(task, "{{"));
    free(task);
    ck_assert_ptr_null(space_task(space, "cifar10", &metric, &err));
    ck_assert_str_eq(err.text, "transnas-bench-101 has no words for what a network does on "
                               "\"cifar10\", which prompts need");
}
END_TEST

/* All names that options list, and all of the metrics, are the same. */
START_TEST(metrics_are_found_by_the_names_that_options_list)
{
    struct metric metric;
    char names[] = METRIC_NAMES, *rest = names, *name;
    while ((name = strsep(&rest, "|"))) {
        struct str column = {0}, words = {0};
        ck_assert(metric_find(name, "best", &metric));
        ck_assert_str_eq(metric.name, name);
        metric_add_column(&metric, &column);
        metric_add_words(&metric, &words);
        ck_assert_str_eq(column.text + strlen(name), "_best_epoch");
        ck_assert_ptr_nonnull(strstr(words.text, ", best epoch"));
        str_free(&column);
        str_free(&words);
    }
    ck_assert(!metric_find("loss", "final", &metric));
    ck_assert(!metric_find("ssim", "last", &metric));
    ck_assert(!metric_find(NULL, "final", &metric) && !metric_find("ssim", NULL, &metric));
}
END_TEST

START_TEST(a_score_is_shown_in_the_unit_of_its_metric)
{
    static const struct {
        const char *name;
        double score;
        const char *shown;
    } cases[] = {{"accuracy", 90.344, "90.34%"},
                 {"top5_accuracy", 100, "100.00%"},
                 {"miou", 26.27068, "26.27%"},
                 {"ssim", 0.56324, "0.5632"},
                 {"neg_loss", -0.60099, "-0.6010"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct metric metric;
        struct str shown = {0};
        ck_assert(metric_find(cases[i].name, "final", &metric));
        metric_add_score(&metric, cases[i].score, &shown);
        ck_assert_str_eq(shown.text, cases[i].shown);
        str_free(&shown);
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
    TCase *tnb101 = tcase_create("transnas-bench-101");
    tcase_add_checked_fixture(tnb101, setup_tnb101, NULL);
    tcase_add_test(tnb101, every_cell_survives_its_text_form_and_its_digits);
    tcase_add_test(tnb101, upstreams_example_is_102333);
    tcase_add_test(tnb101, a_bad_form_is_told_from_where_it_is_bad);
    tcase_add_test(tnb101, a_task_says_what_the_network_does_and_what_is_scored);
    suite_add_tcase(suite, tnb101);
    TCase *metrics = tcase_create("metrics");
    tcase_add_test(metrics, metrics_are_found_by_the_names_that_options_list);
    tcase_add_test(metrics, a_score_is_shown_in_the_unit_of_its_metric);
    suite_add_tcase(suite, metrics);
    return suite_run(suite);
}
