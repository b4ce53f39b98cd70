#include "fuzz.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fuzz_broken(const char *file, int line, const char *promise)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, promise);
    abort();
}

void fuzz_require_reason(const struct err *err)
{
    FUZZ_REQUIRE(err->code != ERR_NONE);
    FUZZ_REQUIRE(err->text[0]);
    for (const char *c = err->text; *c; c++)
        FUZZ_REQUIRE(*c == '\n' || !iscntrl((unsigned char)*c));
}

/* In memory where there is /dev/shm, since it is written thousands of times a second. */
static char path[] = "/dev/shm/seki-fuzz-XXXXXX";
static const size_t folder_length = sizeof("/dev/shm/") - 1;

static void remove_file(void)
{
    unlink(path);
}

static int open_file(void)
{
    if (access("/dev/shm", W_OK) != 0)
        memmove(path, path + folder_length, sizeof(path) - folder_length);
    int file = mkstemp(path);
    FUZZ_REQUIRE(file >= 0);
    atexit(remove_file);
    return file;
}

const char *fuzz_file(const void *data, size_t size)
{
    static int file = -1;
    if (file < 0)
        file = open_file();
    FUZZ_REQUIRE(ftruncate(file, 0) == 0);
    FUZZ_REQUIRE(pwrite(file, data, size, 0) == (ssize_t)size);
    return path;
}
