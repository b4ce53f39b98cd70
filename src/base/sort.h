/* Many numbers in order. */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include <stddef.h>

/* Highest first. There must be no NaN among them; -0 comes after 0. */
void sort_descending(double *values, size_t count);

#endif
