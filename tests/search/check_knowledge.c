#include "../suite.h"
#include "search/knowledge.h"
#include "search/words.h"

#include <check.h>
#include <stdlib.h>

static struct knowledge knowledge;

static struct arch numbered(size_t number)
{
    return (struct arch){{(uint8_t)number}};
}

static void setup(void)
{
    static const double pct[] = {80, 90, 70, 90, 85, 80, 95, 90};
    knowledge = (struct knowledge){0};
    for (size_t i = 0; i < sizeof(pct) / sizeof(pct[0]); i++) {
        struct arch arch = numbered(i);
        knowledge_add(&knowledge, &arch, pct[i]);
    }
}

static void teardown(void)
{
    knowledge_free(&knowledge);
}

START_TEST(entries_are_in_order_of_score_and_of_equal_ones_the_older_is_first)
{
    static const size_t order[] = {6, 1, 3, 7, 4, 0, 5, 2};
    ck_assert_uint_eq(knowledge.count, 8);
    for (size_t i = 0; i < knowledge.count; i++)
        ck_assert_uint_eq(knowledge.entries[i].arch.choice[0], order[i]);
}
END_TEST

START_TEST(what_is_drawn_is_different_of_the_best_and_the_best_last)
{
    struct rng rng = rng_seed(1);
    for (int i = 0; i < 1000; i++) {
        struct knowledge_entry drawn[3];
        size_t place[3];
        ck_assert_uint_eq(knowledge_draw(&knowledge, 5, 3, &rng, drawn), 3);
        for (size_t d = 0; d < 3; d++)
            for (place[d] = 0; !arch_equal(&knowledge.entries[place[d]].arch, &drawn[d].arch);)
                place[d]++;
        ck_assert_uint_lt(place[0], 5);
        ck_assert_uint_gt(place[0], place[1]);
        ck_assert_uint_gt(place[1], place[2]);
        ck_assert_double_eq(drawn[2].valid_score, knowledge.entries[place[2]].valid_score);
    }
}
END_TEST

/* Each of the 10 sets of 3 of 5, expected 2000 times; the statistic has 9 degrees of freedom: above
 * 33.7 once in 10 000 seeds. */
START_TEST(every_set_is_drawn_equally_often)
{
    enum { DRAWS = 20000, SETS = 1 << 5 };
    double hits[SETS] = {0}, statistic = 0;
    struct rng rng = rng_seed(2);
    for (int i = 0; i < DRAWS; i++) {
        struct knowledge_entry drawn[3];
        size_t set = 0;
        ck_assert_uint_eq(knowledge_draw(&knowledge, 5, 3, &rng, drawn), 3);
        for (size_t d = 0; d < 3; d++)
            for (size_t place = 0; place < 5; place++)
                if (arch_equal(&knowledge.entries[place].arch, &drawn[d].arch))
                    set |= (size_t)1 << place;
        hits[set]++;
    }
    for (size_t set = 0; set < SETS; set++)
        if (hits[set] > 0)
            statistic += (hits[set] - DRAWS / 10.) * (hits[set] - DRAWS / 10.) / (DRAWS / 10.);
    ck_assert_double_lt(statistic, 33.7);
}
END_TEST

START_TEST(where_there_are_fewer_all_are_drawn)
{
    struct rng rng = rng_seed(3);
    struct knowledge_entry drawn[20];
    ck_assert_uint_eq(knowledge_draw(&knowledge, 20, 20, &rng, drawn), 8);
    for (size_t i = 0; i < 8; i++)
        ck_assert(arch_equal(&drawn[i].arch, &knowledge.entries[7 - i].arch));
    ck_assert_uint_eq(knowledge_draw(&knowledge, 2, 5, &rng, drawn), 2);
    ck_assert_uint_eq(drawn[1].arch.choice[0], 6);
}
END_TEST

static void check_text(char *found, const char *expected)
{
    ck_assert_str_eq(found, expected);
    free(found);
}

START_TEST(cells_are_put_in_words)
{
    const struct space *space = space_find("nas-bench-201");
    struct metric accuracy, ssim;
    ck_assert(metric_find("accuracy", "final", &accuracy) && metric_find("ssim", "best", &ssim));
    const struct search search = {.space = space, .metric = &accuracy};
    const struct search other = {.space = space, .metric = &ssim};
    struct knowledge_entry cells[2] = {{.valid_score = 89.995}, {.valid_score = 90.654}};
    ck_assert(space_read(space, "012343", &cells[0].arch, NULL));
    ck_assert(space_read(space, "333333", &cells[1].arch, NULL));
    check_text(words_score(&search, 7), "7.00%");
    check_text(words_metric(&search), "validation accuracy");
    check_text(words_score(&other, 0.56324), "0.5632");
    check_text(words_metric(&other), "validation SSIM");
    struct vocabulary words;
    vocabulary_open(&words, space, "", NAMES_PLAIN, &search.rng);
    check_text(words_cell(&words, &cells[0].arch),
               "{\"0->1\":\"none\",\"0->2\":\"skip\",\"1->2\":\"conv1x1\",\"0->3\":\"conv3x3\","
               "\"1->3\":\"pool3x3\",\"2->3\":\"conv3x3\"}");
    check_text(words_rows(&search, &words, cells, 2),
               "90.00%  none, skip, conv1x1, conv3x3, pool3x3, conv3x3\n"
               "90.65%  conv3x3, conv3x3, conv3x3, conv3x3, conv3x3, conv3x3");
    check_text(words_slot_names(space), "0->1, 0->2, 1->2, 0->3, 1->3, 2->3");
    check_text(words_cells(&search, &words, cells, 0), "");
    vocabulary_free(&words);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("knowledge");
    TCase *repository = tcase_create("repository");
    tcase_add_checked_fixture(repository, setup, teardown);
    tcase_add_test(repository, entries_are_in_order_of_score_and_of_equal_ones_the_older_is_first);
    tcase_add_test(repository, what_is_drawn_is_different_of_the_best_and_the_best_last);
    tcase_add_test(repository, every_set_is_drawn_equally_often);
    tcase_add_test(repository, where_there_are_fewer_all_are_drawn);
    suite_add_tcase(suite, repository);
    TCase *words = tcase_create("words");
    tcase_add_test(words, cells_are_put_in_words);
    suite_add_tcase(suite, words);
    return suite_run(suite);
}
