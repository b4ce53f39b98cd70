/* Values that a kernel reads or writes, and all that lies round them: a part of some channels of a
 * wider tensor, with a margin before and behind. Everything begins as random numbers, so that what
 * a kernel writes elsewhere is seen. */
#ifndef TESTS_TRAIN_FIELD_H
#define TESTS_TRAIN_FIELD_H

#include "base/rng.h"
#include "train/cuda/kernels.h"

struct field {
    enum value_type type;
    size_t rows;
    int channels, stride, first; /* the part: channels [first, first + channels) of stride */
    unsigned char *bytes, *before;
    size_t size;    /* bytes of all */
    double *values; /* (rows, channels), as they were at first */
};

/* Normally distributed. Of one row it serves as an array. */
struct field field_new(struct rng *rng, enum value_type type, size_t rows, int channels);
void field_free(struct field *field);

/* Gives the part other values, (rows, channels): what the type makes of them is put back. */
void field_set(struct field *field, double *values);
void field_clear(struct field *field); /* to zeros */

struct tensor field_tensor(const struct field *field);
void *field_data(const struct field *field);                            /* where the part begins */
double field_value(const struct field *field, size_t row, int channel); /* as it is now */

/* The part is what was expected, by normalised error (a NaN only where one was expected), and
 * nothing else was written. */
void field_check(const struct field *field, const double *expected, const char *what);
/* That a kernel only read it. */
void field_check_untouched(const struct field *field, const char *what);

/* The part's values: (rows, channels), zeroed, for what is expected; the caller frees. */
double *field_like(const struct field *field);

/* Runs one kernel for so many items, the last block first; of some blocks the threads take turns
 * (turns.h), of the others they are a loop. */
void kernel_run(enum kernel_kind kind, enum value_type type, const void *arguments, size_t items);

#endif
