/* What the tests of the stand-in share: a stream and some memory, new for each test, which also
 * finds whatever it left behind. */
#ifndef TESTS_TRAIN_FAKE_CASES_H
#define TESTS_TRAIN_FAKE_CASES_H

#include <check.h>
#include <cuda_runtime_api.h>

enum { SIZE = 6 };

extern cudaStream_t stream;
extern float *device, *pinned; /* (SIZE) */

void setup(void);
void teardown(void);

TCase *convolution_cases(void); /* fake_convolution_cases.c */

#endif
