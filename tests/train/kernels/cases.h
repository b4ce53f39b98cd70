/* The tests of the kernels, by theme; check_kernels.c runs them all. */
#ifndef TESTS_TRAIN_KERNELS_CASES_H
#define TESTS_TRAIN_KERNELS_CASES_H

#include "field.h"

#include <check.h>

TCase *cases_of_sums(void);
TCase *cases_of_norms(void);
TCase *cases_of_windows(void);
TCase *cases_of_depthwise(void);
TCase *cases_of_head(void);
TCase *cases_of_parameters(void);

/* Most tests run for each type and each of these: one image and odd counts, more blocks of channels
 * than there are threads, more threads than rows, and rows that no number of parts divides. */
struct extent {
    int count, H, W, blocks;
};
static const struct extent extents[] = {
    {1, 1, 1, 1}, {3, 5, 7, 2}, {2, 8, 8, 5}, {7, 3, 11, 1}, {2, 1, 3, 300}};
enum { EXTENTS = sizeof(extents) / sizeof(*extents), CASES = VALUE_TYPES * EXTENTS };

/* Of case _i. */
static inline enum value_type type_of(int index)
{
    return index % 2 ? VALUE_BFLOAT16 : VALUE_FLOAT;
}

static inline const struct extent *extent_of(int index)
{
    return &extents[index / 2];
}

static inline size_t rows_of(const struct extent *extent)
{
    return (size_t)(extent->count * extent->H * extent->W);
}

/* Into how many parts so many rows are cut: one, some that do not divide them, more than there are.
 */
enum { CUTS = 3 };
static inline int parts_of(size_t rows, int cut)
{
    return cut == 0 ? 1 : cut == 1 ? 3 : (int)rows + 2;
}

/* First row of a part, by kernels.h: the first rows % parts have one more. */
static inline size_t part_begin(size_t rows, int parts, int part)
{
    size_t each = rows / (size_t)parts, more = rows % (size_t)parts, index = (size_t)part;
    return index * each + (index < more ? index : more);
}

#endif
