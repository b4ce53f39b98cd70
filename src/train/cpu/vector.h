/* Vectors of LANES floats, for the kernels. */
#ifndef TRAIN_CPU_VECTOR_H
#define TRAIN_CPU_VECTOR_H

#include <stdint.h>

typedef float vec __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t mask __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

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
