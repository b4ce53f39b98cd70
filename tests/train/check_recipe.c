/* The learning rates and drop path probabilities of published trainers, epoch by epoch. */
#include "../suite.h"
#include "train/recipe.h"

#include <check.h>
#include <math.h>

static struct recipe read_recipe(const char *text)
{
    struct faults faults = {0};
    json_t *given = json_loads(text, 0, NULL);
    json_t *settings = option_resolve(recipe_options, given, "/recipe", &faults);
    struct err err = {0};
    ck_assert_msg(fault_report(&faults, "test", &err), "%s", err.text);
    struct recipe recipe = recipe_read(settings);
    json_decref(settings);
    json_decref(given);
    return recipe;
}

START_TEST(defaults_are_those_of_nas_bench_201)
{
    struct recipe recipe = read_recipe("{\"epochs\": 200}");
    ck_assert_int_eq(recipe.batch, 256);
    ck_assert(recipe.nesterov && !recipe.linear);
    ck_assert_double_eq(recipe.weight_decay, 5e-4);
    ck_assert_double_eq(recipe_learning_rate(&recipe, 0), 0.1);
    ck_assert_double_eq_tol(recipe_learning_rate(&recipe, 100), 0.05, 1e-12);
    ck_assert_double_eq_tol(recipe_learning_rate(&recipe, 199), 6.1685e-6, 1e-9);
    ck_assert_double_eq(recipe_drop_path(&recipe, 199), 0);
}
END_TEST

START_TEST(darts_anneals_and_ramps_drop_path_by_epoch)
{
    struct recipe recipe =
        read_recipe("{\"epochs\": 600, \"learning_rate\": 0.025, \"min_learning_rate\": 0.001, "
                    "\"nesterov\": false, \"drop_path\": 0.2}");
    ck_assert(!recipe.nesterov);
    ck_assert_double_eq_tol(recipe_learning_rate(&recipe, 300), 0.013, 1e-12);
    ck_assert_double_eq(recipe_drop_path(&recipe, 0), 0);
    ck_assert_double_eq_tol(recipe_drop_path(&recipe, 450), 0.15, 1e-12);
}
END_TEST

/* What PC-DARTS' train_imagenet.py prints at --epochs 250 --batch_size 1024 --learning_rate 0.5. */
START_TEST(pc_darts_warms_up_and_falls_linearly)
{
    static const struct {
        int epoch;
        double rate;
    } cases[] = {{0, 0.1},         {4, 0.5 * 241 / 245}, {5, 0.5 * 240 / 245},
                 {244, 0.5 / 245}, {245, 0.5 / 245},     {249, 0.5 / 1225}};
    struct recipe recipe = read_recipe("{\"epochs\": 250, \"batch\": 1024, \"learning_rate\": 0.5, "
                                       "\"schedule\": \"linear\", \"warmup_epochs\": 5}");
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        ck_assert_double_eq_tol(recipe_learning_rate(&recipe, cases[i].epoch), cases[i].rate,
                                1e-12);
}
END_TEST

START_TEST(a_short_linear_schedule_stays_above_zero)
{
    struct recipe recipe =
        read_recipe("{\"epochs\": 3, \"schedule\": \"linear\", \"learning_rate\": 0.3}");
    for (int epoch = 0; epoch < 3; epoch++)
        ck_assert_double_eq_tol(recipe_learning_rate(&recipe, epoch), 0.1 * (3 - epoch), 1e-12);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("recipe");
    TCase *schedules = tcase_create("schedules");
    tcase_add_test(schedules, defaults_are_those_of_nas_bench_201);
    tcase_add_test(schedules, darts_anneals_and_ramps_drop_path_by_epoch);
    tcase_add_test(schedules, pc_darts_warms_up_and_falls_linearly);
    tcase_add_test(schedules, a_short_linear_schedule_stays_above_zero);
    suite_add_tcase(suite, schedules);
    return suite_run(suite);
}
