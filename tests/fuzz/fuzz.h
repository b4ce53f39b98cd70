/* What the fuzz targets share. A target is one file with one LLVMFuzzerTestOneInput(); "make fuzz"
 * links it with libFuzzer, and "make check" with replay.c, which gives it its corpus. A crash, a
 * sanitizer's report or a promise that does not hold is a finding. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program when a promise of the code under test does not hold. */
#define FUZZ_REQUIRE(promise)                                                                      \
    do {                                                                                           \
        if (!(promise))                                                                            \
            fuzz_broken(__FILE__, __LINE__, #promise);                                             \
    } while (0)
void fuzz_broken(const char *file, int line, const char *promise) __attribute__((noreturn));

/* What failed says why, and in a sentence that a terminal can show. */
void fuzz_require_reason(const struct err *err);

/* The path of a file that holds these bytes until the next call, and goes with the program. */
const char *fuzz_file(const void *data, size_t size);

#endif
