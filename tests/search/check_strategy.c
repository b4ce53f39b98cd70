#include "../suite.h"
#include "space/archmap.h"
#include "trial.h"

#include <check.h>
#include <stdlib.h>

/* A space small enough to be searched to its end; a third of it is not allowed. */
static const struct choice letters[] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
static const struct slot small_slots[] = {
    {"0->1", 1, letters, 3}, {"0->2", 2, letters, 2}, {"1->2", 2, letters, 3}};

static bool small_allowed(const struct arch *arch)
{
    return arch->choice[0] != 1;
}

static const struct space small = {
    .name = "small", .slots = small_slots, .slot_count = 3, .allowed = small_allowed};

static const struct space *space; /* NAS-Bench-201 */

static void setup(void)
{
    space = space_find("nas-bench-201");
}

static size_t changed_slots(const struct arch *a, const struct arch *b)
{
    size_t changed = 0;
    for (size_t i = 0; i < ARCH_SLOTS; i++)
        changed += a->choice[i] != b->choice[i];
    return changed;
}

/* The first evaluation of arch, counted from 0; end when it is none of those before end. */
static size_t first_of(const struct trial *trial, const struct arch *arch, size_t end)
{
    for (size_t i = 0; i < end; i++)
        if (arch_equal(&trial->steps[i].arch, arch))
            return i;
    return end;
}

START_TEST(every_strategy_is_found_by_its_name_and_no_other)
{
    size_t count = 0;
    for (; strategy_at(count); count++)
        ck_assert_ptr_eq(strategy_find(strategy_at(count)->name), strategy_at(count));
    ck_assert_uint_ge(count, 4);
    ck_assert_ptr_null(strategy_find("evolutio"));
    ck_assert_ptr_null(strategy_at(count + 1));
}
END_TEST

static const char *const blind[] = {"random", "evolution", "local", "reinforce"};

enum { BLIND = sizeof(blind) / sizeof(*blind) };

START_TEST(the_same_seed_gives_the_same_run_and_another_seed_another)
{
    const char *name = blind[_i];
    struct trial a = trial_run(name, "{}", space, trial_noise, 7, 200);
    struct trial b = trial_run(name, "{}", space, trial_noise, 7, 200);
    struct trial other = trial_run(name, "{}", space, trial_noise, 8, 200);
    size_t equal = 0;
    ck_assert_uint_eq(a.count, 200);
    for (size_t i = 0; i < 200; i++) {
        ck_assert(arch_equal(&a.steps[i].arch, &b.steps[i].arch));
        equal += arch_equal(&a.steps[i].arch, &other.steps[i].arch);
    }
    ck_assert_uint_lt(equal, 10);
    trial_free(&a);
    trial_free(&b);
    trial_free(&other);
}
END_TEST

START_TEST(only_what_the_space_allows_is_evaluated)
{
    struct trial trial = trial_run(blind[_i], "{}", &small, trial_noise, 3, 100);
    ck_assert_uint_gt(trial.count, 0);
    for (size_t i = 0; i < trial.count; i++)
        ck_assert(small_allowed(&trial.steps[i].arch));
    trial_free(&trial);
}
END_TEST

/* 20000 draws of 5 choices a slot; the statistic has 4 degrees of freedom: above 23.5 once in
 * 10 000 slots. */
START_TEST(random_draws_every_choice_equally_often)
{
    enum { DRAWS = 20000, CHOICES = 5 };
    struct trial trial = trial_run("random", "{}", space, trial_noise, 11, DRAWS);
    double hits[6][CHOICES] = {{0}};
    for (size_t i = 0; i < DRAWS; i++)
        for (size_t slot = 0; slot < 6; slot++)
            hits[slot][trial.steps[i].arch.choice[slot]]++;
    for (size_t slot = 0; slot < 6; slot++) {
        double statistic = 0, expected = (double)DRAWS / CHOICES;
        for (size_t c = 0; c < CHOICES; c++)
            statistic += (hits[slot][c] - expected) * (hits[slot][c] - expected) / expected;
        ck_assert_double_lt(statistic, 23.5);
    }
    trial_free(&trial);
}
END_TEST

START_TEST(evolution_begins_with_its_population_and_then_mutates)
{
    struct trial trial = trial_run("evolution", "{}", space, trial_noise, 1, 100);
    for (size_t i = 0; i < 100; i++) {
        const struct trial_step *at = &trial.steps[i];
        ck_assert_str_eq(at->stage, i < 10 ? "start" : "mutation");
        ck_assert(at->has_parent == (i >= 10));
        if (i >= 10)
            ck_assert_uint_eq(changed_slots(&at->arch, &at->parent), 1);
    }
    trial_free(&trial);
}
END_TEST

/* Ageing: the parent is one of the ten newest, even where an older one is better. */
START_TEST(evolution_forgets_the_oldest)
{
    struct trial trial = trial_run("evolution", "{}", space, trial_noise, 2, 400);
    for (size_t i = 10; i < 400; i++) {
        size_t age = 1;
        while (age <= i && !arch_equal(&trial.steps[i - age].arch, &trial.steps[i].parent))
            age++;
        ck_assert_uint_le(age, 10);
    }
    trial_free(&trial);
}
END_TEST

/* With replacement a tournament of 3 in a population of 10 has the best as its winner with
 * probability 1 - 0.9^3 = 0.271 (without replacement: 0.3), the worst with 0.001. */
START_TEST(a_tournament_draws_with_replacement_and_takes_the_best)
{
    enum { STEPS = 20000 };
    struct trial trial = trial_run("evolution", "{}", space, trial_noise, 3, STEPS);
    double best_won = 0, counted = 0;
    for (size_t i = 10; i < STEPS; i++) {
        size_t best = i - 10;
        bool tied = false;
        for (size_t j = i - 9; j < i; j++)
            if (trial.steps[j].valid_score > trial.steps[best].valid_score)
                best = j;
        for (size_t j = i - 10; j < i; j++)
            tied |= j != best && arch_equal(&trial.steps[j].arch, &trial.steps[best].arch);
        counted += !tied;
        best_won += !tied && arch_equal(&trial.steps[i].parent, &trial.steps[best].arch);
    }
    ck_assert_double_gt(counted, STEPS / 2);
    ck_assert_double_eq_tol(best_won / counted, 0.271, 0.015);
    trial_free(&trial);
}
END_TEST

/* Node 1 of NAS-Bench-201 has one edge of the six: 1/6 of uniform mutations, 1/3 of node-first. */
START_TEST(evolution_mutates_as_its_option_says)
{
    static const char *const settings[] = {"{}", "{\"mutation\": \"node-first\"}"};
    static const double expected[] = {1 / 6., 1 / 3.};
    struct trial trial = trial_run("evolution", settings[_i], space, trial_noise, 4, 20010);
    double first_edge = 0;
    for (size_t i = 10; i < 20010; i++)
        first_edge += trial.steps[i].arch.choice[0] != trial.steps[i].parent.choice[0];
    ck_assert_double_eq_tol(first_edge / 20000, expected[_i], 0.012);
    trial_free(&trial);
}
END_TEST

START_TEST(a_tournament_larger_than_the_population_is_a_fault)
{
    const struct strategy_type *type = strategy_find("evolution");
    struct faults faults = {0};
    json_t *settings =
        json_pack("{s:i, s:i, s:s}", "population", 5, "tournament", 6, "mutation", "uniform");
    type->check(settings, space, 100, "/strategy", &faults);
    ck_assert_uint_eq(faults.count, 1);
    ck_assert_str_eq(faults.list[0],
                     "/strategy/tournament: found 6, expected at most the population, 5");
    json_object_set_new(settings, "tournament", json_integer(5));
    type->check(settings, space, 100, "/strategy", &faults);
    ck_assert_uint_eq(faults.count, 1);
    json_decref(settings);
    fault_free(&faults);
}
END_TEST

START_TEST(a_list_is_evaluated_in_its_order_and_then_the_run_is_over)
{
    static const char settings[] = "{\"architectures\": [\"421211\", \"333132\", \"421211\"]}";
    static const char *const expected[] = {"421211", "333132", "421211"};
    size_t limit = _i ? 2 : 9, count = _i ? 2 : 3;
    struct trial trial = trial_run("list", settings, space, trial_noise, 1, limit);
    ck_assert_uint_eq(trial.count, count);
    for (size_t i = 0; i < count; i++) {
        char digits[ARCH_SLOTS + 1];
        space_digits(space, &trial.steps[i].arch, digits);
        ck_assert_str_eq(digits, expected[i]);
    }
    trial_free(&trial);
}
END_TEST

START_TEST(a_list_says_what_in_it_is_no_architecture)
{
    const struct strategy_type *type = strategy_find("list");
    struct faults faults = {0};
    json_t *settings = json_pack("{s:[s, s, i]}", "architectures", "421211", "42121", 7);
    type->check(settings, space, 2, "/strategy", &faults);
    ck_assert_uint_eq(faults.count, 3);
    ck_assert_str_eq(faults.list[0], "/strategy/architectures: found 3 architectures, expected at "
                                     "most the 2 evaluations of the budget");
    ck_assert_str_eq(faults.list[1],
                     "/strategy/architectures/1: 42121: found \"42121\", expected six digits of 0 "
                     "to 4, or |op~0|+|op~0|op~1|+|op~0|op~1|op~2|");
    ck_assert_str_eq(faults.list[2],
                     "/strategy/architectures/2: found 7, expected the text of an architecture");
    json_decref(settings);
    fault_free(&faults);
}
END_TEST

static const char *const local_settings[] = {"{}", "{\"start\": 1}",
                                             "{\"at_minimum\": \"best-unvisited\"}"};

START_TEST(local_search_never_evaluates_twice)
{
    struct trial trial = trial_run("local", local_settings[_i], space, trial_noise, 5, 3000);
    struct archmap seen = {0};
    ck_assert_uint_eq(trial.count, 3000);
    for (size_t i = 0; i < trial.count; i++)
        ck_assert(archmap_add(&seen, &trial.steps[i].arch, i));
    archmap_free(&seen);
    trial_free(&trial);
}
END_TEST

/* A neighbour's parent is the place that was climbed to: the first new one that was better than
 * its own parent, or the best of the ten at a start. */
START_TEST(local_search_moves_to_the_first_better_neighbour)
{
    struct trial trial = trial_run("local", "{}", space, trial_noise, 6, 2000);
    const struct trial_step *all = trial.steps;
    size_t place = 0, in_start = 0;
    for (size_t i = 0; i < trial.count; i++) {
        if (!all[i].has_parent) {
            ck_assert_str_eq(all[i].stage, "start");
            in_start = in_start % 10 + 1;
            if (in_start == 1 || all[i].valid_score > all[place].valid_score)
                place = i;
            continue;
        }
        ck_assert_str_eq(all[i].stage, "neighbour");
        ck_assert_uint_eq(in_start, 10);
        ck_assert(arch_equal(&all[i].parent, &all[place].arch));
        ck_assert_uint_eq(changed_slots(&all[i].arch, &all[i].parent), 1);
        if (all[i].valid_score > all[place].valid_score)
            place = i;
    }
    trial_free(&trial);
}
END_TEST

/* Before a new start, all 24 neighbours of the last place were seen and none of the new was
 * better. */
START_TEST(local_search_starts_again_only_at_a_local_optimum)
{
    struct trial trial = trial_run("local", "{\"start\": 1}", space, trial_noise, 7, 2000);
    const struct trial_step *all = trial.steps;
    size_t place = 0, restarts = 0;
    for (size_t i = 1; i < trial.count; i++) {
        if (all[i].has_parent) {
            place = all[i].valid_score > all[place].valid_score ? i : place;
            continue;
        }
        for (size_t n = 0; n < space_neighbour_count(space); n++) {
            struct arch neighbour = space_neighbour(space, &all[place].arch, n);
            ck_assert_uint_lt(first_of(&trial, &neighbour, i), i);
        }
        place = i;
        restarts++;
    }
    ck_assert_uint_gt(restarts, 10);
    trial_free(&trial);
}
END_TEST

START_TEST(local_search_goes_on_from_the_best_place_not_visited)
{
    struct trial trial =
        trial_run("local", "{\"at_minimum\": \"best-unvisited\"}", space, trial_noise, 8, 1000);
    const struct trial_step *all = trial.steps;
    struct archmap visited = {0};
    for (size_t i = 10; i < trial.count; i++) {
        ck_assert(all[i].has_parent);
        if (!archmap_add(&visited, &all[i].parent, i))
            continue;
        double parent_score = all[first_of(&trial, &all[i].parent, i)].valid_score;
        for (size_t j = 0; j < i; j++)
            ck_assert(archmap_find(&visited, &all[j].arch, NULL) ||
                      all[j].valid_score <= parent_score);
    }
    archmap_free(&visited);
    trial_free(&trial);
}
END_TEST

START_TEST(local_search_ends_when_it_has_seen_the_whole_space)
{
    struct trial trial = trial_run("local", local_settings[_i], &small, trial_noise, 9, 1000);
    ck_assert_uint_eq(trial.count, 12);
    trial_free(&trial);
}
END_TEST

START_TEST(local_search_climbs_a_hill_to_its_top)
{
    struct trial trial = trial_run("local", "{}", space, trial_hill, 10, 200);
    double best = 0;
    for (size_t i = 0; i < trial.count; i++)
        best = trial.steps[i].valid_score > best ? trial.steps[i].valid_score : best;
    ck_assert_double_eq(best, 24);
    trial_free(&trial);
}
END_TEST

START_TEST(reinforce_comes_to_prefer_what_is_rewarded)
{
    struct trial trial =
        trial_run("reinforce", "{\"learning_rate\": 0.05}", space, trial_hill, 12, 3000);
    double early = 0, late = 0;
    for (size_t i = 0; i < 50; i++) {
        early += trial.steps[i].valid_score / 50;
        late += trial.steps[2950 + i].valid_score / 50;
    }
    ck_assert_double_gt(late, early + 6);
    trial_free(&trial);
}
END_TEST

static struct search_note seen_note;

static void keep_note(void *context, const struct search_note *note)
{
    ck_assert_ptr_eq(context, &seen_note);
    seen_note = *note;
}

START_TEST(a_note_reaches_the_observer_where_there_is_one)
{
    struct search deaf = {0}, search = {.observer = keep_note, .context = &seen_note};
    search_note(&deaf, "repair", "D", "no architecture");
    search_note(&search, "repair", "D", "no architecture");
    ck_assert_str_eq(seen_note.event, "repair");
    ck_assert_str_eq(seen_note.role, "D");
    ck_assert_str_eq(seen_note.reason, "no architecture");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("strategy");
    TCase *any = tcase_create("any strategy");
    tcase_add_checked_fixture(any, setup, NULL);
    tcase_add_test(any, every_strategy_is_found_by_its_name_and_no_other);
    tcase_add_loop_test(any, the_same_seed_gives_the_same_run_and_another_seed_another, 0, BLIND);
    tcase_add_loop_test(any, only_what_the_space_allows_is_evaluated, 0, BLIND);
    tcase_add_test(any, a_note_reaches_the_observer_where_there_is_one);
    tcase_add_test(any, random_draws_every_choice_equally_often);
    tcase_add_test(any, reinforce_comes_to_prefer_what_is_rewarded);
    suite_add_tcase(suite, any);

    TCase *evolution = tcase_create("evolution");
    tcase_add_checked_fixture(evolution, setup, NULL);
    tcase_add_test(evolution, evolution_begins_with_its_population_and_then_mutates);
    tcase_add_test(evolution, evolution_forgets_the_oldest);
    tcase_add_test(evolution, a_tournament_draws_with_replacement_and_takes_the_best);
    tcase_add_loop_test(evolution, evolution_mutates_as_its_option_says, 0, 2);
    tcase_add_test(evolution, a_tournament_larger_than_the_population_is_a_fault);
    suite_add_tcase(suite, evolution);

    TCase *list = tcase_create("list");
    tcase_add_checked_fixture(list, setup, NULL);
    tcase_add_loop_test(list, a_list_is_evaluated_in_its_order_and_then_the_run_is_over, 0, 2);
    tcase_add_test(list, a_list_says_what_in_it_is_no_architecture);
    suite_add_tcase(suite, list);

    TCase *local = tcase_create("local search");
    tcase_add_checked_fixture(local, setup, NULL);
    tcase_add_loop_test(local, local_search_never_evaluates_twice, 0, 3);
    tcase_add_test(local, local_search_moves_to_the_first_better_neighbour);
    tcase_add_test(local, local_search_starts_again_only_at_a_local_optimum);
    tcase_add_test(local, local_search_goes_on_from_the_best_place_not_visited);
    tcase_add_loop_test(local, local_search_ends_when_it_has_seen_the_whole_space, 0, 3);
    tcase_add_test(local, local_search_climbs_a_hill_to_its_top);
    suite_add_tcase(suite, local);

    return suite_run(suite);
}
