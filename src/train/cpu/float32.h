/* Tensors of floats; bfloat16.h has the same names. */
#ifndef TRAIN_CPU_FLOAT32_H
#define TRAIN_CPU_FLOAT32_H

#include "train/cpu/vector.h"

typedef float value;

#define PRECISION PRECISION_FP32

enum { PACK = 1 }; /* values in a word */

INLINE float widen(value from)
{
    return from;
}

INLINE value narrow(float from)
{
    return from;
}

INLINE vec load_values(const value *from)
{
    return load(from);
}

INLINE void store_values(value *to, vec from)
{
    store(to, from);
}

/* LANES words, of each the given part of PACK. The first part empties the others. */
INLINE void store_part(float *words, vec from, size_t part)
{
    (void)part;
    store(words, from);
}

/* One word in all lanes. */
INLINE vec all_words(const float *word)
{
    return all(*word);
}

/* sum + the sum over a word's values of a * b */
INLINE vec multiply_add(vec sum, vec a, vec b)
{
    return sum + a * b;
}

#endif
