#include "../suite.h"
#include "base/str.h"
#include "runlog/ranks.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum { COUNT = 15625 };

static double scores[COUNT];
static struct ranks ranks;

/* A space with a long tail of poor architectures, as a log has it. */
static void write_and_read(void)
{
    struct str line = {0};
    struct field_place place = {"log", 1};
    for (size_t i = 0; i < COUNT; i++)
        scores[i] = round(1e4 * (91.6 - 60 * pow((double)i / COUNT, 4) - 1e-3 * (double)i)) / 1e4;
    ranks_add(&line, scores, COUNT, 4);
    json_t *value = json_loads(line.text, 0, NULL);
    ck_assert_ptr_nonnull(value);
    ck_assert(ranks_read(&place, "search_space", value, &ranks, NULL));
    json_decref(value);
    str_free(&line);
}

static void clean_up(void)
{
    ranks_free(&ranks);
}

START_TEST(a_line_of_a_log_has_room_for_them)
{
    ck_assert_uint_eq(ranks.count, COUNT);
    ck_assert_uint_lt(ranks.point_count, 400);
    ck_assert(ranks.rank[0] == 1 && ranks.rank[ranks.point_count - 1] == COUNT);
}
END_TEST

START_TEST(the_first_fifty_are_exact_and_others_within_two_percent)
{
    for (size_t i = 0; i < COUNT; i++) {
        bool exact;
        double rank = ranks_of(&ranks, scores[i], &exact), true_rank = (double)(i + 1);
        ck_assert(exact ? rank == true_rank : i >= 50);
        ck_assert_double_le(fabs(rank - true_rank), i < 50 ? 0 : 0.02 * true_rank);
        ck_assert_double_le(fabs(ranks_score(&ranks, true_rank) - scores[i]), i < 50 ? 0 : 0.5);
    }
}
END_TEST

START_TEST(scores_of_no_architecture_have_the_rank_of_the_next_worse)
{
    ck_assert_double_eq(ranks_of(&ranks, 100, NULL), 1);
    ck_assert_double_eq(ranks_of(&ranks, (scores[6] + scores[7]) / 2, NULL), 8);
    ck_assert_double_eq(ranks_of(&ranks, 0, NULL), COUNT);
}
END_TEST

START_TEST(a_space_of_one_has_one_rank)
{
    static const double one = 50;
    struct str line = {0};
    ranks_add(&line, &one, 1, 2);
    ck_assert_str_eq(line.text, "{\"count\":1,\"ranks\":[1],\"scores\":[50.00]}");
    str_free(&line);
}
END_TEST

START_TEST(nothing_known_is_no_fault)
{
    struct ranks none;
    struct field_place place = {"log", 1};
    ck_assert(ranks_read(&place, "search_space", NULL, &none, NULL) && none.count == 0);
    ck_assert(!ranks_same(&none, &ranks) && ranks_same(&ranks, &ranks));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ranks");
    TCase *reading = tcase_create("reading");
    tcase_add_checked_fixture(reading, write_and_read, clean_up);
    tcase_add_test(reading, a_line_of_a_log_has_room_for_them);
    tcase_add_test(reading, the_first_fifty_are_exact_and_others_within_two_percent);
    tcase_add_test(reading, scores_of_no_architecture_have_the_rank_of_the_next_worse);
    tcase_add_test(reading, a_space_of_one_has_one_rank);
    tcase_add_test(reading, nothing_known_is_no_fault);
    suite_add_tcase(suite, reading);
    return suite_run(suite);
}
