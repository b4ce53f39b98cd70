/* A training that is killed or stopped goes on from its checkpoint to the same bits; a file that is
 * damaged or of another training gets its sentence. Time stands still, so that files can be
 * compared whole. */
#include "../suite.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "lesson.h"
#include "rig.h"

#include <check.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STEPS = 4, EPOCHS = 4 }; /* of the usual lesson */

static char folder[] = "seki-checkpoint-XXXXXX";

/* ---- a backend, but a signal comes after some steps ---- */

static const char *backend_name = "reference";
static struct backend_type signalled;
static int steps_left, signal_sent; /* 0: no signal */
static bool one_processor;          /* is all that a part of a training may use */

static struct backend *signalled_open(const struct net *net, const struct backend_setting *setting,
                                      struct err *err)
{
    struct backend *backend = backend_require(backend_name, err)->open(net, setting, err);
    backend->type = &signalled;
    return backend;
}

static bool signalled_train(struct backend *backend, const struct batch *batch,
                            const struct step *step, struct err *err)
{
    if (signal_sent && steps_left-- == 0)
        kill(getpid(), signal_sent);
    return backend_require(backend_name, err)->train(backend, batch, step, err);
}

static struct fit_result train(const char *settings, const char *checkpoint, bool *ok,
                               struct err *err)
{
    struct lesson lesson;
    struct fit_result result;
    signalled = *backend_require(backend_name, err);
    signalled.open = signalled_open;
    signalled.train = signalled_train;
    lesson_make(&lesson, settings);
    lesson.job.checkpoint = checkpoint;
    lesson.job.backend = &signalled;
    *ok = fit_run(&lesson.job, &result, err);
    lesson_free(&lesson);
    return result;
}

static void train_whole(const char *settings, const char *checkpoint)
{
    struct err err = {0};
    bool ok;
    signal_sent = 0;
    struct fit_result result = train(settings, checkpoint, &ok, &err);
    ck_assert_msg(ok, "%s", err.text);
    fit_result_free(&result);
}

static void use_one_processor(void)
{
    cpu_set_t processors;
    CPU_ZERO(&processors);
    CPU_SET(sched_getcpu(), &processors);
    if (sched_setaffinity(0, sizeof(processors), &processors) != 0)
        _exit(3);
}

/* Trains in a process of its own that gets a signal after some steps; its wait status. Its exit
 * status is 0 where the training ended, 1 where it was stopped, else 2. */
static int train_part(const char *settings, const char *checkpoint, int signal, int steps)
{
    int status;
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct err err = {0};
        bool ok;
        stop_install();
        signal_sent = signal;
        steps_left = steps;
        if (one_processor)
            use_one_processor();
        struct fit_result result = train(settings, checkpoint, &ok, &err);
        fit_result_free(&result);
        _exit(ok ? 0 : err.code == ERR_STOPPED ? 1 : 2);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    clock_hold(100);
}

static void teardown(void)
{
    static const char *const names[] = {"whole", "parts", "other"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        unlink(names[i]);
    ck_assert_int_eq(chdir(".."), 0);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void check_same(const char *a, const char *b, bool same)
{
    size_t a_size, b_size;
    char *a_text = file_read(a, 1 << 20, &a_size, NULL);
    char *b_text = file_read(b, 1 << 20, &b_size, NULL);
    ck_assert(a_text && b_text);
    ck_assert_uint_eq(a_size, b_size);
    ck_assert_int_eq(memcmp(a_text, b_text, a_size) == 0, same);
    free(a_text);
    free(b_text);
}

static const char all[] = "\"drop_path\": 0.3, \"cutout\": 3, \"clip_norm\": 1";

/* Both in processes of their own: a backend's threads do not outlive a fork. */
START_TEST(killed_again_and_again_it_comes_to_the_same_bits)
{
    int kills = 0, status;
    backend_name = rig_backends[_i];
    ck_assert_int_eq(train_part(all, "whole", 0, 0), 0);
    while ((status = train_part(all, "parts", SIGKILL, STEPS + 1)) != 0) {
        ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        ck_assert_int_lt(kills++, EPOCHS);
    }
    ck_assert_int_eq(kills, EPOCHS - 1);
    check_same("whole", "parts", true);
}
END_TEST

START_TEST(the_number_of_processors_changes_no_bit)
{
    backend_name = rig_backends[_i];
    ck_assert_int_eq(train_part(all, "whole", 0, 0), 0);
    one_processor = true;
    ck_assert_int_eq(train_part(all, "parts", 0, 0), 0);
    one_processor = false;
    check_same("whole", "parts", true);
}
END_TEST

START_TEST(stopped_by_a_signal_it_says_so_and_goes_on)
{
    int status = train_part(all, "parts", SIGTERM, 2 * STEPS + 1);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    ck_assert(file_exists("parts"));
    train_whole(all, "parts");
    train_whole(all, "whole");
    check_same("whole", "parts", true);
}
END_TEST

START_TEST(an_ended_training_is_not_trained_again)
{
    struct err err = {0};
    bool ok;
    train_whole(all, "whole");
    signal_sent = SIGKILL;
    steps_left = 0;
    struct fit_result result = train(all, "whole", &ok, &err);
    ck_assert_msg(ok, "%s", err.text);
    ck_assert_uint_eq(result.curve_count, EPOCHS);
    fit_result_free(&result);
}
END_TEST

START_TEST(another_drop_path_gives_other_bits)
{
    train_whole(all, "whole");
    train_whole("\"cutout\": 3, \"clip_norm\": 1", "other");
    check_same("whole", "other", false);
}
END_TEST

/* ---- files that are refused ---- */

static void check_refusal(const char *settings, const char *expected)
{
    struct err err = {0};
    bool ok;
    (void)train(settings, "parts", &ok, &err);
    ck_assert(!ok);
    ck_assert_int_eq(err.code, ERR_INPUT);
    ck_assert_msg(strstr(err.text, expected) != NULL, "found \"%s\", expected \"%s\"", err.text,
                  expected);
}

static const char *const others[] = {
    "\"learning_rate\": 0.2", "\"epochs\": 5", "\"data_seed\": 1",
    "\"split_seed\": 1",      "\"cutout\": 2", "\"fraction\": 0.9",
};

START_TEST(a_checkpoint_of_another_training_is_refused)
{
    train_whole("", "parts");
    train_whole("", "other");
    check_refusal(others[_i], "remove it to begin anew");
    check_same("parts", "other", true);
}
END_TEST

START_TEST(a_damaged_checkpoint_is_refused)
{
    size_t size;
    train_whole("", "parts");
    char *text = file_read("parts", 1 << 20, &size, NULL);
    const size_t places[] = {0, 30, size / 2, size - 1};
    text[places[_i]] ^= 1;
    ck_assert(file_write("parts", text, size, NULL));
    check_refusal("", "parts: no checkpoint, or a damaged one");
    text[places[_i]] ^= 1;
    ck_assert(file_write("parts", text, size - 1 - places[_i], NULL));
    check_refusal("", "parts: no checkpoint, or a damaged one");
    free(text);
}
END_TEST

/* Whole by its digest, but not by what its first line says. */
START_TEST(a_checkpoint_of_another_form_is_refused)
{
    size_t size;
    train_whole("", "parts");
    char *text = file_read("parts", 1 << 20, &size, NULL);
    text[strlen("seki checkpoint ")] = '2';
    char *forged = mem_printf("%.*s%s", (int)(strchr(text, '\n') + 1 - text), text,
                              hash_bytes(text, (size_t)(strchr(text, '\n') + 1 - text)).hex);
    ck_assert(file_write("parts", forged, strlen(forged), NULL));
    check_refusal("", "found \"seki checkpoint 2, training");
    free(forged);
    text[strlen("seki checkpoint ")] = '1';
    forged = mem_printf("%.*s%s", (int)(strchr(text, '\n') + 1 - text), text,
                        hash_bytes(text, (size_t)(strchr(text, '\n') + 1 - text)).hex);
    ck_assert(file_write("parts", forged, strlen(forged), NULL));
    check_refusal("", "parts: found 64 bytes after its first line, expected ");
    free(forged);
    free(text);
}
END_TEST

/* Whole by its digest and its first line, with other bytes at a place of what follows. */
START_TEST(a_checkpoint_with_an_impossible_curve_is_refused)
{
    size_t size;
    train_whole("", "parts");
    char *text = file_read("parts", 1 << 20, &size, NULL);
    struct fit_epoch *curve = (void *)(strchr(text, '\n') + 1), first;
    memcpy(&first, curve, sizeof(first));
    double *const fields[] = {&first.learning_rate, &first.train_loss, &first.train_pct,
                              &first.valid_pct,     &first.train_s,    &first.evaluate_s};
    *fields[_i] = fields[_i] == &first.valid_pct ? 101 : (double)NAN;
    memcpy(curve, &first, sizeof(first));
    memcpy(text + size - 64, hash_bytes(text, size - 64).hex, 64);
    ck_assert(file_write("parts", text, size, NULL));
    check_refusal("", "parts: its learning curve has what is no loss, accuracy or time");
    free(text);
}
END_TEST

/* Of this training by its identity, but of more epochs than it has. */
START_TEST(a_checkpoint_of_too_many_epochs_is_refused)
{
    size_t size;
    train_whole("", "parts");
    char *text = file_read("parts", 1 << 20, &size, NULL);
    *(strstr(text, " epochs") - 1) = '9';
    memcpy(text + size - 64, hash_bytes(text, size - 64).hex, 64);
    ck_assert(file_write("parts", text, size, NULL));
    check_refusal("", "parts: its first line does not tell of at most ");
    free(text);
}
END_TEST

int main(void)
{
    log_set_level(LOG_WARN);
    rig_find_backends();
    Suite *suite = suite_create("checkpoint");
    TCase *resumed = tcase_create("resumed"), *refused = tcase_create("refused");
    tcase_add_checked_fixture(resumed, setup, teardown);
    tcase_add_checked_fixture(refused, setup, teardown);
    tcase_add_loop_test(resumed, killed_again_and_again_it_comes_to_the_same_bits, 0,
                        rig_backend_count);
    tcase_add_loop_test(resumed, the_number_of_processors_changes_no_bit, 0, rig_backend_count);
    tcase_add_test(resumed, stopped_by_a_signal_it_says_so_and_goes_on);
    tcase_add_test(resumed, an_ended_training_is_not_trained_again);
    tcase_add_test(resumed, another_drop_path_gives_other_bits);
    tcase_add_loop_test(refused, a_checkpoint_of_another_training_is_refused, 0,
                        sizeof(others) / sizeof(*others));
    tcase_add_loop_test(refused, a_damaged_checkpoint_is_refused, 0, 4);
    tcase_add_test(refused, a_checkpoint_of_another_form_is_refused);
    tcase_add_loop_test(refused, a_checkpoint_with_an_impossible_curve_is_refused, 0, 6);
    tcase_add_test(refused, a_checkpoint_of_too_many_epochs_is_refused);
    suite_add_tcase(suite, resumed);
    suite_add_tcase(suite, refused);
    return suite_run(suite);
}
