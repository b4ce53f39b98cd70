/* Where the time of the steps goes: for the bench, which finds these two functions in the module by
 * their names. */
#ifndef TRAIN_CPU_PROFILE_H
#define TRAIN_CPU_PROFILE_H

#include "train/backend.h"

struct profile_row {
    char name[80];  /* "convolution 3x3, 16 to 48 x 32 x 32, forward" */
    double seconds; /* of work of all threads; waiting for each other is not in it */
    double gflop;   /* multiplications and additions times 1e-9 of one image; 0: not counted */
    double images;  /* that went through */
};

enum { PROFILE_ROWS = 200 };

typedef void profile_start_function(struct backend *backend);
/* Up to PROFILE_ROWS rows, largest first; how many. */
typedef size_t profile_read_function(const struct backend *backend, struct profile_row *rows);

profile_start_function cpu_profile_start;
profile_read_function cpu_profile_read;

#endif
