/* All that differs between the compilations of the kernels: by nvcc for the GPU, and as plain C++
 * for the CPU, where a block's threads are a loop, or take turns (KERNELS_IN_TURNS), as a test has
 * it that looks for what threads have from each other without a SYNC between.
 *
 * A kernel's body is a function of its arguments and of a grid. It consists of phases,
 *     THREADS(grid, t) { what thread t does }
 *     SYNC();
 * and what a thread knows in one phase it knows in the next only from SHARED arrays, since on the
 * CPU another thread's phase lies between. `continue` ends a thread's phase. A body whose items are
 * its threads' has one phase, ITEMS. */
#ifndef TRAIN_CUDA_PORTABLE_H
#define TRAIN_CUDA_PORTABLE_H

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { KERNEL_THREADS = 256 }; /* of a block, at most */

/* Where a body runs. */
struct grid {
    unsigned block_count, block, threads;
};

/* Sixteen bytes, which is what a thread reads and writes at once. */
struct quad {
    uint32_t word[4];
};

#ifdef __CUDACC__

#define DEVICE             static __device__ __forceinline__
#define SHARED             __shared__
#define SYNC()             __syncthreads()
#define UNROLLED(i, count) _Pragma("unroll") for (int i = 0; i < (count); i++)
#define PRAGMA(text)       _Pragma(#text)
#define UNROLL_BY(count)   PRAGMA(unroll count)
#define THREADS(grid, t)   for (unsigned t = threadIdx.x, t##_once = 1; t##_once; t##_once = 0)

/* What is launched: a body with arguments of type A. */
template <typename A, void body(const A &, grid)>
__global__ void __launch_bounds__(KERNEL_THREADS) run_body(const __grid_constant__ A arguments)
{
    body(arguments, grid{gridDim.x, blockIdx.x, blockDim.x});
}

DEVICE quad load16(const void *from)
{
    uint4 bits = *(const uint4 *)from;
    return quad{{bits.x, bits.y, bits.z, bits.w}};
}

DEVICE void store16(void *to, quad value)
{
    *(uint4 *)to = make_uint4(value.word[0], value.word[1], value.word[2], value.word[3]);
}

#if __CUDA_ARCH__ >= 800
#define HAS_BFLOAT16_PAIR
DEVICE uint32_t bfloat16_pair(float low, float high)
{
    uint32_t pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
}
#endif

#else

#define DEVICE             static inline
#define UNROLLED(i, count) for (int i = 0; i < (count); i++)
#define UNROLL_BY(count)

#ifdef KERNELS_IN_TURNS
extern "C" unsigned turns_thread(void); /* whose turn it is */
extern "C" void turns_sync(void);       /* ends it */
#define SHARED static
#define SYNC() turns_sync()
#define THREADS(grid, t)                                                                           \
    for (unsigned t = turns_thread(), t##_once = (grid).threads; t##_once; t##_once = 0)
#else
#define SHARED
#define SYNC()
#define THREADS(grid, t) for (unsigned t = 0; t < (grid).threads; t++)
#endif

/* A kernel_host_function; in turns, that of one thread. */
template <typename A, void body(const A &, grid)>
void run_body(const void *arguments, unsigned block_count, unsigned block, unsigned threads)
{
    body(*(const A *)arguments, grid{block_count, block, threads});
}

/* The GPU would stop at an address that is no multiple of 16, so the CPU does. */
static inline void require_aligned(const void *address)
{
    if ((uintptr_t)address % sizeof(quad))
        __builtin_trap();
}

DEVICE quad load16(const void *from)
{
    quad value;
    require_aligned(from);
    memcpy(&value, from, sizeof(value));
    return value;
}

DEVICE void store16(void *to, quad value)
{
    require_aligned(to);
    memcpy(to, &value, sizeof(value));
}

#endif

DEVICE float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

DEVICE uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

/* The upper half of a float, rounded to the nearest, of two to the even one; a NaN stays one. */
DEVICE uint16_t bfloat16_bits(float value)
{
    uint32_t bits = bits_of(value);
    return (uint16_t)(value != value ? bits >> 16 | 0x40
                                     : (bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

#ifndef HAS_BFLOAT16_PAIR /* by an instruction */
DEVICE uint32_t bfloat16_pair(float low, float high)
{
    return bfloat16_bits(low) | (uint32_t)bfloat16_bits(high) << 16;
}
#endif

/* The items [0, count) that fall to a block's threads, neighbours to neighbours. */
#define ITEMS(grid, item, count)                                                                   \
    THREADS (grid, item##_thread)                                                                  \
        for (unsigned item = (grid).block * (grid).threads + item##_thread;                        \
             item < (unsigned)(count); item += (grid).block_count * (grid).threads)

#endif
