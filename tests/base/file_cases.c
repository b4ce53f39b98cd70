#include "base/file.h"

#include "base/mem.h"
#include "suite.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char folder[] = "check_file.XXXXXX";
static char *path;

static void setup(void)
{
    memcpy(folder + strlen("check_file."), "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    path = NULL;
}

static void teardown(void)
{
    if (path)
        unlink(path);
    rmdir(folder);
    free(path);
}

static void put(const char *name, const void *bytes, size_t size)
{
    free(path);
    path = file_join(folder, name);
    ck_assert(file_write(path, bytes, size, NULL));
}

static const char *failure_of_reading(size_t ceiling)
{
    static struct err err;
    err = (struct err){0};
    ck_assert_ptr_null(file_read(path, ceiling, NULL, &err));
    ck_assert(strncmp(err.text, path, strlen(path)) == 0);
    return err.text + strlen(path);
}

static const char *const names[] = {"plain", "packed.zst"};

START_TEST(what_was_written_is_read)
{
    for (size_t size = 0; size < 1 << 20; size = 3 * size + 1) {
        char *bytes = mem_alloc(size, 1);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)(i * i >> 3);
        size_t found;
        put(names[_i], bytes, size);
        char *read = file_read(path, FILE_CEILING, &found, NULL);
        ck_assert(read && found == size && memcmp(read, bytes, size) == 0 && !read[size]);
        char *part = mem_printf("%s.%ld.part", path, (long)getpid());
        ck_assert(!file_exists(part));
        free(part);
        free(read);
        free(bytes);
    }
}
END_TEST

static bool put_often(char byte)
{
    enum { TIMES = 40, SIZE = 100000 };
    char *bytes = mem_alloc(SIZE, 1);
    bool ok = true;
    memset(bytes, byte, SIZE);
    for (int i = 0; ok && i < TIMES; i++)
        ok = file_write(path, bytes, SIZE, NULL);
    free(bytes);
    return ok;
}

START_TEST(two_processes_may_write_one_file_at_once)
{
    int status;
    size_t size;
    put("plain", "", 0);
    pid_t other = fork();
    if (other == 0)
        _exit(put_often('a') ? 0 : 1);
    ck_assert(put_often('b'));
    ck_assert(waitpid(other, &status, 0) == other && status == 0);
    char *text = file_read(path, FILE_CEILING, &size, NULL);
    ck_assert(text && strspn(text, text[0] == 'a' ? "a" : "b") == size && size > 0);
    free(text);
}
END_TEST

static void *put_often_aside(void *ok)
{
    *(bool *)ok = put_often('a');
    return NULL;
}

START_TEST(two_threads_may_write_one_file_at_once)
{
    pthread_t other;
    bool ok = false;
    put("plain", "", 0);
    ck_assert_int_eq(pthread_create(&other, NULL, put_often_aside, &ok), 0);
    ck_assert(put_often('b'));
    ck_assert(pthread_join(other, NULL) == 0 && ok);
}
END_TEST

START_TEST(more_than_the_ceiling_is_refused)
{
    char zeros[1000] = {0};
    put(names[_i], zeros, sizeof(zeros));
    ck_assert_str_eq(failure_of_reading(999),
                     _i ? ": expands to more than 999 bytes" : ": more than 999 bytes");
}
END_TEST

START_TEST(damaged_zstd_data_is_refused)
{
    char bytes[1000];
    for (int i = 0; i < 1000; i++)
        bytes[i] = (char)(i * i);
    put("packed.zst", bytes, sizeof(bytes));
    ck_assert_int_eq(truncate(path, 100), 0);
    ck_assert_str_eq(failure_of_reading(1000), ": damaged zstd data (it ends too early)");
    ck_assert_int_eq(truncate(path, 0), 0);
    ck_assert_str_eq(failure_of_reading(1000), ": damaged zstd data (it ends too early)");
    put("plain", "no zstd", 7);
    char *renamed = file_join(folder, "packed.zst");
    ck_assert_int_eq(rename(path, renamed), 0);
    free(path);
    path = renamed;
    ck_assert_str_eq(failure_of_reading(1000), ": damaged zstd data (Unknown frame descriptor)");
}
END_TEST

/* A process id that was in use and is no more. */
static long gone(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    waitpid(child, NULL, 0);
    return (long)child;
}

/* Puts an empty file of that age into the folder, and says whether a sweep leaves it. */
static bool stays(const char *before, long process, const char *after, long age_s)
{
    char *file = mem_printf("%s%ld%s", before, process, after);
    put(file, "", 0);
    struct timespec times[2] = {{.tv_sec = time(NULL) - age_s}, {.tv_sec = time(NULL) - age_s}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
    file_sweep(folder);
    free(file);
    bool there = file_exists(path);
    unlink(path);
    return there;
}

START_TEST(what_killed_processes_left_is_swept_and_nothing_else)
{
    long dead = gone(), alive = (long)getpid();
    ck_assert(!stays("log.jsonl.", dead, ".part", 601));
    ck_assert(!stays("figure.", dead, ".part.svg", 601));
    ck_assert(stays("log.jsonl.", dead, ".part", 500));
    ck_assert(stays("log.jsonl.", alive, ".part", 601));
    ck_assert(stays("log.", dead, ".parts", 601));
    ck_assert(stays("log.x", dead, ".part", 601));
    ck_assert(stays("", dead, ".part", 601));
    ck_assert(stays("log.", 0, ".part", 601));
    file_sweep("no such folder");
}
END_TEST

START_TEST(a_missing_file_and_a_folder_are_no_files)
{
    path = file_join(folder, "none");
    ck_assert_str_eq(failure_of_reading(1), ": No such file or directory");
    free(path);
    path = mem_strdup(folder);
    ck_assert_str_eq(failure_of_reading(1), ": Is a directory");
}
END_TEST

START_TEST(folders_are_made_with_those_above_them)
{
    char *inner = file_join(folder, "a/b/"), *outer = file_join(folder, "a");
    ck_assert(file_make_folder(inner, NULL) && file_make_folder(inner, NULL));
    ck_assert(file_exists(inner));
    struct err err = {0};
    ck_assert(!file_make_folder("", &err));
    ck_assert_str_eq(err.text, ": cannot make the folder: No such file or directory");
    rmdir(inner);
    rmdir(outer);
    free(inner);
    free(outer);
}
END_TEST

static const struct {
    const char *path, *ending;
    bool ends;
} endings[] = {
    {"a.zst", ".zst", true},    {".zst", ".zst", true}, {"zst", ".zst", false},
    {"a.zst.x", ".zst", false}, {"", "", true},
};

START_TEST(endings_are_compared_at_the_end)
{
    ck_assert(file_ends_in(endings[_i].path, endings[_i].ending) == endings[_i].ends);
}
END_TEST

START_TEST(data_is_looked_for_below_the_named_folder)
{
    struct err err = {0};
    put("data", "x", 1);
    setenv("SEKI_DATA", folder, 1);
    char *found = file_find_data("data", NULL);
    ck_assert_str_eq(found, path);
    free(found);
    ck_assert_ptr_null(file_find_data("nothing", &err));
    char *expected = mem_printf("nothing: not found below %s nor " SEKI_DATADIR
                                " (set SEKI_DATA to the folder that holds it)",
                                folder);
    ck_assert_str_eq(err.text, expected);
    free(expected);
}
END_TEST

TCase *file_cases(void)
{
    TCase *cases = tcase_create("file");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, what_was_written_is_read, 0, 2);
    tcase_add_test(cases, two_processes_may_write_one_file_at_once);
    tcase_add_test(cases, two_threads_may_write_one_file_at_once);
    tcase_add_loop_test(cases, more_than_the_ceiling_is_refused, 0, 2);
    tcase_add_test(cases, damaged_zstd_data_is_refused);
    tcase_add_test(cases, what_killed_processes_left_is_swept_and_nothing_else);
    tcase_add_test(cases, a_missing_file_and_a_folder_are_no_files);
    tcase_add_test(cases, folders_are_made_with_those_above_them);
    tcase_add_loop_test(cases, endings_are_compared_at_the_end, 0, 5);
    tcase_add_test(cases, data_is_looked_for_below_the_named_folder);
    return cases;
}
