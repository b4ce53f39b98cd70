/* Vectors of LANES floats, for the kernels. */
#ifndef TRAIN_CPU_VECTOR_H
#define TRAIN_CPU_VECTOR_H

#include <stddef.h>
#include <stdint.h>

typedef float vec __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t mask __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

/* A loop whose count is a constant: what it indexes lies in registers, at any level of
 * optimisation. */
#define UNROLLED(i, count) _Pragma("GCC unroll 16") for (size_t i = 0; i < (count); i++)

INLINE vec load(const float *from)
{
    return *(const vec *)from;
}

INLINE void store(float *to, vec value)
{
    *(vec *)to = value;
}

INLINE vec all(float value)
{
    return value - (vec){0};
}

/* value where the mask is set, else 0 */
INLINE vec keep(mask set, vec value)
{
    return (vec)((mask)value & set);
}

#endif
