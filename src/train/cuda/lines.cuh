/* How a block of threads makes a sum over rows, for several columns (blocks of channels) at once:
 * its threads stand in lines, neighbours at neighbouring columns, and of n lines each takes every
 * n-th row. Then the lines are joined, half of them to the other half, in an order that rests on
 * the shapes alone. */
#ifndef TRAIN_CUDA_LINES_CUH
#define TRAIN_CUDA_LINES_CUH

#include "train/cuda/portable.h"

struct lines {
    unsigned columns, count; /* columns of a line, lines */
};

DEVICE lines lines_of(grid grid, unsigned columns)
{
    columns = columns < grid.threads ? columns : grid.threads;
    return lines{columns, grid.threads / columns};
}

/* Rows [first, end) of one of so many parts. */
template <typename Size> struct part {
    Size first, end;
};

template <typename Size> DEVICE part<Size> part_of(Size rows, unsigned parts, unsigned index)
{
    Size each = rows / parts, more = rows % parts;
    Size first = index * each + (index < more ? index : more);
    return part<Size>{first, first + each + (index < more)};
}

/* After a phase in which every thread left its sum in shared memory: joins all lines to the first
 * by join(t, other), which adds thread other's sum to thread t's. What is joined lies with the
 * threads of the first line, and no other reads it: a next sum may follow without a SYNC. */
template <typename Join> DEVICE void join_lines(grid grid, lines lines, Join join)
{
    SYNC();
    for (unsigned left = lines.count, half; left > 1; left = half) {
        half = (left + 1) / 2;
        THREADS (grid, t)
            if (t / lines.columns < left - half)
                join(t, t + half * lines.columns);
        SYNC();
    }
}

/* The sum of all threads' values, at values[0]. */
DEVICE void join_threads(grid grid, double *values)
{
    join_lines(grid, lines{1, grid.threads},
               [=](unsigned t, unsigned other) { values[t] += values[other]; });
}

#endif
