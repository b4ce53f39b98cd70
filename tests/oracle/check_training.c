/* The oracle that trains, on images drawn from a seed, by the plain loops of the reference. */
#include "base/file.h"
#include "base/mem.h"
#include "oracle/oracle.h"
#include "oracle/trainings.h"
#include "train/networks.h"

#include <check.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64]; /* of this test, empty at its start */
static const struct space *space;

static void setup(void)
{
    snprintf(folder, sizeof(folder), "/tmp/seki-training-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(unsetenv("SEKI_IMAGES"), 0);
    space = space_find("nas-bench-201");
}

static void teardown(void)
{
    char *command = mem_printf("rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
    free(command);
}

/* Settings that train in no time, with what the text (JSON) changes of them. */
static json_t *settings_with(const char *changes)
{
    struct faults faults = {0};
    json_t *given =
        json_loads("{\"dataset\": \"synthetic\", \"image_size\": 8, \"images\": 48, \"classes\": 3,"
                   " \"valid_from\": \"train\", \"metric\": \"accuracy\", \"at_epoch\": \"final\","
                   " \"training_seed\": 1, \"cells\": 1, \"width\": 2, \"epochs\": 3, \"batch\": 8,"
                   " \"learning_rate\": 0.05, \"diverged_score\": 7.5, \"device\": \"reference\"}",
                   0, NULL);
    json_t *patch = json_loads(changes, 0, NULL);
    ck_assert_ptr_nonnull(patch);
    json_object_update(given, patch);
    json_t *settings = option_resolve(oracle_find("training")->options, given, "", &faults);
    ck_assert_msg(faults.count == 0, "%s", faults.count ? faults.list[0] : "");
    json_decref(patch);
    json_decref(given);
    return settings;
}

static struct oracle *open_with(const char *changes, bool train)
{
    struct err err = {0};
    const struct oracle_place place = {.results = folder, .train = train};
    json_t *settings = settings_with(changes);
    struct oracle *oracle = oracle_find("training")->open(space, settings, &place, &err);
    ck_assert_msg(oracle != NULL, "%s", err.text);
    json_decref(settings);
    return oracle;
}

static void close_oracle(struct oracle *oracle)
{
    oracle->type->close(oracle);
}

static bool ask(struct oracle *oracle, const char *digits, struct evaluation *evaluation,
                struct err *err)
{
    struct rng rng = rng_seed(1);
    struct arch arch;
    ck_assert(space_read(space, digits, &arch, NULL));
    return oracle->type->evaluate(oracle, &arch, &rng, evaluation, err);
}

static struct evaluation evaluate(struct oracle *oracle, const char *digits)
{
    struct err err = {0};
    struct evaluation evaluation;
    ck_assert_msg(ask(oracle, digits, &evaluation, &err), "%s", err.text);
    return evaluation;
}

/* A training of 24 images validated on the other 24. */
START_TEST(an_architecture_is_trained_and_then_looked_up)
{
    struct oracle *oracle = open_with("{}", true);
    struct evaluation first = evaluate(oracle, "333132"), again = evaluate(oracle, "333132");
    ck_assert(first.valid_score >= 0 && first.valid_score <= 100);
    ck_assert_double_eq_tol(remainder(first.valid_score, 100. / 24), 0, 1e-9);
    ck_assert_double_eq_tol(remainder(first.test_score, 100. / 12), 0, 1e-9);
    ck_assert_double_gt(first.cost_s, 0);
    ck_assert_ptr_eq(first.training, again.training);
    ck_assert_double_eq(first.cost_s, first.training->train_s + first.training->evaluate_s);
    ck_assert_uint_eq(json_array_size(first.training->curve), 3);
    struct net *net = network_build(
        space, &first.training->arch,
        &(struct net_setting){.image = {3, 8, 8}, .classes = 3, .cells = 1, .channels = 2}, NULL);
    ck_assert_double_eq(first.training->parameters, (double)net_param_total(net, false));
    ck_assert_double_eq_tol(first.training->multiply_adds, net_multiply_adds(net), 1e-6);
    net_free(net);
    close_oracle(oracle);
    oracle = open_with("{}", false);
    again = evaluate(oracle, "333132");
    ck_assert_double_eq(first.valid_score, again.valid_score);
    ck_assert_double_eq(first.test_score, again.test_score);
    ck_assert_double_eq(first.cost_s, again.cost_s);
    close_oracle(oracle);
}
END_TEST

START_TEST(what_others_trained_since_is_not_trained_again)
{
    struct oracle *one = open_with("{}", true),
                  *other = open_with("{\"at_epoch\": \"best\"}", true);
    struct evaluation first = evaluate(one, "300000"), second = evaluate(other, "300000");
    ck_assert_double_eq(first.training->train_s, second.training->train_s);
    ck_assert(json_equal(first.training->curve, second.training->curve));
    close_oracle(one);
    close_oracle(other);
}
END_TEST

/* CIFAR-10's subset in the test's folder, all black, one of each file's labels as said. */
static void write_images(char label)
{
    enum { SIZE = 3073000 };
    struct err err = {0};
    char *bytes = mem_alloc(SIZE, 1), *home = file_join(folder, "cifar10-subset");
    bytes[0] = label;
    for (int i = 1; i <= 4; i++) {
        char *path = mem_printf("%s/data_batch_%d.bin", home, i);
        ck_assert_msg(file_write(path, bytes, SIZE, &err), "%s", err.text);
        free(path);
    }
    free(bytes);
    free(home);
}

static void remove_images(void)
{
    char *command = mem_printf("rm -r %s/cifar10-subset", folder);
    ck_assert_int_eq(system(command), 0);
    free(command);
}

static const char of_files[] =
    "{\"dataset\": \"cifar10-subset\", \"image_size\": null, \"images\": null, \"classes\": null, "
    "\"valid_fraction\": 0.002, \"fraction\": 0.002, \"epochs\": 1}";

/* By an oracle of its own; the identity of the images that the answer is of. */
static char *ask_anew(bool train, struct err *err)
{
    struct oracle *oracle = open_with(of_files, train);
    struct evaluation evaluation;
    *err = (struct err){0};
    char *data =
        ask(oracle, "000000", &evaluation, err) ? mem_strdup(evaluation.training->data) : NULL;
    close_oracle(oracle);
    return data;
}

START_TEST(a_training_of_other_images_than_those_here_is_not_told)
{
    struct err err;
    ck_assert_int_eq(setenv("SEKI_IMAGES", folder, 1), 0);
    write_images(1);
    char *first = ask_anew(true, &err);
    ck_assert_msg(first != NULL, "%s", err.text);
    write_images(2);
    ck_assert_ptr_null(ask_anew(false, &err));
    ck_assert_int_eq(err.code, ERR_UNTRAINED);
    ck_assert_ptr_nonnull(strstr(err.text, "the training of 000000 by seed 1 that is stored is of "
                                           "other images ("));
    char *second = ask_anew(true, &err), *again = ask_anew(false, &err);
    ck_assert(second && again);
    ck_assert_str_ne(first, second);
    ck_assert_str_eq(second, again);
    remove_images();
    char *without = ask_anew(false, &err);
    ck_assert_str_eq(without, first);
    free(first);
    free(second);
    free(again);
    free(without);
}
END_TEST

START_TEST(what_was_not_trained_is_not_known_where_none_may_be_trained)
{
    struct err err = {0};
    struct evaluation evaluation;
    struct oracle *oracle = open_with("{}", false);
    ck_assert(!ask(oracle, "333132", &evaluation, &err));
    ck_assert_int_eq(err.code, ERR_UNTRAINED);
    ck_assert_str_eq(err.text, "no training of 333132 by seed 1 is stored, for 3 epochs on "
                               "synthetic with device reference (seki run --train makes it)");
    close_oracle(oracle);
}
END_TEST

START_TEST(the_same_training_gives_the_same_scores_and_another_seed_other_weights)
{
    struct oracle *oracle = open_with("{}", true);
    struct evaluation one = evaluate(oracle, "421211");
    json_t *curve = json_deep_copy(one.training->curve);
    double valid_score = one.valid_score;
    close_oracle(oracle);
    teardown();
    setup();
    oracle = open_with("{}", true);
    struct evaluation other = evaluate(oracle, "421211");
    ck_assert_double_eq(valid_score, other.valid_score);
    for (size_t i = 0; i < 3; i++)
        ck_assert_double_eq(option_real(json_array_get(curve, i), "train_loss"),
                            option_real(json_array_get(other.training->curve, i), "train_loss"));
    close_oracle(oracle);
    oracle = open_with("{\"training_seed\": 2}", true);
    other = evaluate(oracle, "421211");
    ck_assert_double_ne(option_real(json_array_get(curve, 0), "train_loss"),
                        option_real(json_array_get(other.training->curve, 0), "train_loss"));
    json_decref(curve);
    close_oracle(oracle);
}
END_TEST

START_TEST(a_score_is_the_mean_over_training_seeds_and_costs_all_of_them)
{
    struct oracle *one = open_with("{}", true), *three;
    double scores = evaluate(one, "421211").valid_score, cost_s = evaluate(one, "421211").cost_s;
    close_oracle(one);
    for (int seed = 2; seed <= 3; seed++) {
        char changes[40];
        snprintf(changes, sizeof(changes), "{\"training_seed\": %d}", seed);
        one = open_with(changes, true);
        scores += evaluate(one, "421211").valid_score;
        cost_s += evaluate(one, "421211").cost_s;
        close_oracle(one);
    }
    three = open_with("{\"training_seeds\": 3}", false); /* all are there */
    ck_assert_double_eq_tol(evaluate(three, "421211").valid_score, scores / 3, 1e-9);
    ck_assert_double_eq_tol(evaluate(three, "421211").cost_s, cost_s, 1e-9);
    close_oracle(three);
}
END_TEST

START_TEST(one_that_diverges_scores_what_the_file_says)
{
    struct oracle *oracle = open_with("{\"learning_rate\": 100, \"momentum\": 1}", true);
    struct evaluation evaluation = evaluate(oracle, "333333");
    ck_assert_msg(evaluation.training->diverged != NULL, "it did not diverge");
    ck_assert_msg(strstr(evaluation.training->diverged, "is not finite") != NULL, "%s",
                  evaluation.training->diverged);
    ck_assert_double_eq(evaluation.valid_score, 7.5);
    ck_assert_double_eq(evaluation.test_score, 7.5);
    close_oracle(oracle);
    oracle = open_with("{\"learning_rate\": 100, \"momentum\": 1, \"diverged_score\": 1}", false);
    ck_assert_double_eq(evaluate(oracle, "333333").valid_score, 1);
    close_oracle(oracle);
}
END_TEST

START_TEST(a_killed_one_goes_on_whatever_one_that_diverges_scores)
{
    int status;
    struct oracle *oracle = open_with("{\"epochs\": 60, \"diverged_score\": 1}", true);
    char *checkpoint = mem_printf("%s/trainings/%.16s.333132.1.checkpoint", folder,
                                  oracle->type->identity(oracle));
    pid_t child = fork();
    if (child == 0) {
        (void)evaluate(open_with("{\"epochs\": 60}", true), "333132");
        _exit(0);
    }
    while (!file_exists(checkpoint) && waitpid(child, &status, WNOHANG) == 0)
        sched_yield();
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert(waitpid(child, &status, 0) == child && file_exists(checkpoint));
    ck_assert_uint_eq(json_array_size(evaluate(oracle, "333132").training->curve), 60);
    close_oracle(oracle);
    free(checkpoint);
}
END_TEST

/* What leaves a training as it is, and what makes it another. */
static const struct {
    const char *changes;
    bool same;
} settings_cases[] = {
    {"{\"threads\": 2}", true}, /* the default */
    {"{\"device_number\": 1}", true},
    {"{\"diverged_score\": 0}", true},
    {"{\"path\": \"/x\"}", true},
    {"{\"at_epoch\": \"best\"}", true},
    {"{\"weight_decay\": 0.0005}", true},
    {"{\"drop_path\": 0}", true},
    {"{\"fraction\": 1}", true},
    {"{\"final\": {\"epochs\": 9}}", true},
    {"{\"fraction\": 0.5}", false},
    {"{\"device\": \"cpu\"}", false},
    {"{\"width\": 3}", false},
    {"{\"threads\": 3}", false},
    {"{\"images\": 49}", false},
    {"{\"flip\": false}", false},
    {"{\"precision\": \"bf16\"}", false},
};

START_TEST(results_rest_on_what_they_are_made_by)
{
    struct oracle *oracle = open_with("{}", false);
    struct oracle *other = open_with(settings_cases[_i].changes, false);
    const char *a = oracle->type->identity(oracle), *b = other->type->identity(other);
    ck_assert_msg((strcmp(a, b) == 0) == settings_cases[_i].same, "%s", settings_cases[_i].changes);
    close_oracle(oracle);
    close_oracle(other);
}
END_TEST

START_TEST(answers_are_trained_as_final_says)
{
    struct err err = {0};
    struct verdict verdict;
    struct arch arch;
    struct oracle *oracle =
        open_with("{\"final\": {\"epochs\": 1, \"valid_from\": \"none\", \"width\": 3}}", true);
    ck_assert(space_read(space, "333132", &arch, NULL));
    ck_assert(oracle->type->reports(oracle, "synthetic", 1, METRIC_FINAL_EPOCH, &err));
    ck_assert_msg(
        oracle->type->report(oracle, &arch, "synthetic", 1, METRIC_FINAL_EPOCH, &verdict, &err),
        "%s", err.text);
    ck_assert(isnan(verdict.valid_score)); /* nothing was kept for it */
    ck_assert_double_eq_tol(remainder(verdict.test_score, 100. / 12), 0, 1e-9);
    ck_assert(!oracle->type->reports(oracle, "synthetic", 3, METRIC_FINAL_EPOCH, &err));
    ck_assert_str_eq(err.text, "/report: found synthetic after 3 epochs, expected synthetic after "
                               "1: answers are trained on nothing else (\"final\" of the oracle "
                               "says how)");
    struct evaluation evaluation = evaluate(oracle, "333132");
    ck_assert_uint_eq(json_array_size(evaluation.training->curve), 3);
    close_oracle(oracle);
}
END_TEST

START_TEST(the_best_epoch_is_that_of_the_highest_validation_score)
{
    struct oracle *last = open_with("{}", true),
                  *best = open_with("{\"at_epoch\": \"best\"}", true);
    double final = evaluate(last, "300000").valid_score, highest = 0;
    struct evaluation evaluation = evaluate(best, "300000");
    for (size_t i = 0; i < 3; i++)
        highest =
            fmax(highest, option_real(json_array_get(evaluation.training->curve, i), "valid_pct"));
    ck_assert_double_eq(evaluation.valid_score, highest);
    ck_assert_double_ge(highest, final);
    close_oracle(last);
    close_oracle(best);
}
END_TEST

/* Changes of the settings, and what is then missing here. */
static const char *const obstacles[][2] = {
    {"{\"dataset\": \"cifar10\", \"image_size\": null, \"images\": null, \"classes\": null,"
     " \"path\": \"/nowhere\"}",
     "cifar10: found no "},
    {"{\"valid_fraction\": 0.999}", ""},
};

START_TEST(what_is_missing_is_said_before_anything_is_trained)
{
    struct err err = {0};
    struct oracle *oracle = open_with(obstacles[_i][0], true);
    ck_assert(!oracle->type->ready(oracle, &err));
    ck_assert_msg(strncmp(err.text, obstacles[_i][1], strlen(obstacles[_i][1])) == 0, "%s",
                  err.text);
    ck_assert_str_ne(err.text, "");
    close_oracle(oracle);
}
END_TEST

/* Not after the hours that the first one takes. */
START_TEST(a_table_that_cannot_be_written_is_told_before_anything_is_trained)
{
    struct err err = {0};
    struct oracle *oracle = open_with("{}", true);
    char *path = file_join(folder, "trainings");
    ck_assert(file_write(path, "", 0, &err));
    ck_assert(!oracle->type->ready(oracle, &err));
    ck_assert_int_eq(err.code, ERR_IO);
    ck_assert_msg(strncmp(err.text, path, strlen(path)) == 0, "%s", err.text);
    close_oracle(oracle);
    free(path);
}
END_TEST

/* Settings whose images, or whose network, are too large, and what is said of them. */
static const char *const oversized[][2] = {
    {"{\"image_size\": 512, \"images\": 1000000}",
     "data set synthetic: 1250000 images of 3 x 512 x 512 are 983.0 GB, found "},
    {"{\"cells\": 100, \"width\": 1024}", "the network's "},
    {"{\"image_size\": 512, \"batch\": 65536}", "device reference: the network needs "},
};

START_TEST(what_no_memory_holds_is_told_before_it_is_asked_for)
{
    struct err err = {0};
    if (mem_of_machine() > 980e9) {
        fprintf(stderr, "NOT TESTED: too large for this machine's memory\n");
        return;
    }
    struct oracle *oracle = open_with(oversized[_i][0], true);
    struct evaluation evaluation;
    ck_assert(!ask(oracle, "444444", &evaluation, &err));
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_msg(strncmp(err.text, oversized[_i][1], strlen(oversized[_i][1])) == 0, "%s",
                  err.text);
    close_oracle(oracle);
}
END_TEST

/* Changes of the settings, and the fault that they are. */
static const char *const faulty[][2] = {
    {"{\"valid_from\": \"none\"}",
     "/oracle/valid_from: found \"none\", expected train or test: a search is guided by validation "
     "(\"final\" may do without)"},
    {"{\"final\": {\"width\": 0}}",
     "/oracle/final/width: found 0, expected a whole number from 1 "},
    {"{\"final\": {\"wdith\": 3}}", "/oracle/final/wdith: unknown key, expected one of "},
    {"{\"final\": {\"metric\": \"accuracy\"}}", "/oracle/final/metric: unknown key"},
    {"{\"auxiliary\": true}", "/oracle: "},
    {"{\"auxiliary_weight\": 0.4}",
     "/oracle/auxiliary_weight: found 0.4, expected 0: the network has no auxiliary head"},
    {"{\"precision\": \"bf16\"}",
     "/oracle/precision: found bf16, expected fp32 of device reference"},
    {"{\"device\": \"cpu\", \"precision\": \"tf32\"}",
     "/oracle/precision: found tf32, expected fp32 or bf16 of device cpu"},
    {"{\"dataset\": \"imagenet\", \"images\": null}",
     "/oracle/classes: not an option of data set imagenet, expected null"},
    {"{\"final\": {\"dataset\": \"imagenet\", \"images\": null}}",
     "/oracle/final/classes: not an option of data set imagenet, expected null"},
};

START_TEST(relations_between_options_are_checked)
{
    struct faults faults = {0};
    json_t *settings = settings_with(faulty[_i][0]);
    oracle_find("training")->check(settings, space, "/oracle", &faults);
    ck_assert_uint_eq(faults.count, 1);
    ck_assert_msg(strncmp(faults.list[0], faulty[_i][1], strlen(faulty[_i][1])) == 0, "%s",
                  faults.list[0]);
    json_decref(settings);
    fault_free(&faults);
}
END_TEST

START_TEST(a_damaged_table_is_told_when_the_oracle_is_opened)
{
    struct err err = {0};
    const struct oracle_place place = {.results = folder};
    struct oracle *oracle = open_with("{}", true);
    (void)evaluate(oracle, "000000");
    char *path = mem_printf("%s/trainings/%.16s.jsonl", folder, oracle->type->identity(oracle));
    close_oracle(oracle);
    ck_assert(file_write(path, "{}\n{}\n", 6, &err));
    json_t *settings = settings_with("{}");
    ck_assert_ptr_null(oracle_find("training")->open(space, settings, &place, &err));
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_ptr_nonnull(strstr(err.text, ".jsonl:1: found a setting whose SHA-256 begins with "));
    json_decref(settings);
    free(path);
}
END_TEST

#define CASES(list) (int)(sizeof(list) / sizeof(list[0]))

int main(void)
{
    Suite *suite = suite_create("training");
    TCase *all = tcase_create("training");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, an_architecture_is_trained_and_then_looked_up);
    tcase_add_test(all, what_others_trained_since_is_not_trained_again);
    tcase_add_test(all, a_training_of_other_images_than_those_here_is_not_told);
    tcase_add_test(all, what_was_not_trained_is_not_known_where_none_may_be_trained);
    tcase_add_test(all, the_same_training_gives_the_same_scores_and_another_seed_other_weights);
    tcase_add_test(all, a_score_is_the_mean_over_training_seeds_and_costs_all_of_them);
    tcase_add_test(all, one_that_diverges_scores_what_the_file_says);
    tcase_add_test(all, a_killed_one_goes_on_whatever_one_that_diverges_scores);
    tcase_add_loop_test(all, results_rest_on_what_they_are_made_by, 0, CASES(settings_cases));
    tcase_add_test(all, answers_are_trained_as_final_says);
    tcase_add_test(all, the_best_epoch_is_that_of_the_highest_validation_score);
    tcase_add_loop_test(all, what_is_missing_is_said_before_anything_is_trained, 0,
                        CASES(obstacles));
    tcase_add_test(all, a_table_that_cannot_be_written_is_told_before_anything_is_trained);
    tcase_add_loop_test(all, what_no_memory_holds_is_told_before_it_is_asked_for, 0,
                        CASES(oversized));
    tcase_add_loop_test(all, relations_between_options_are_checked, 0, CASES(faulty));
    tcase_add_test(all, a_damaged_table_is_told_when_the_oracle_is_opened);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
