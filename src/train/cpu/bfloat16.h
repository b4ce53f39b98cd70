/* Tensors of bfloat16, the upper half of a float, rounded to nearest, ties to even; float32.h says
 * what the names mean. All sums are of floats. */
#ifndef TRAIN_CPU_BFLOAT16_H
#define TRAIN_CPU_BFLOAT16_H

#include "train/cpu/vector.h"

#include <immintrin.h>
#include <string.h>

typedef uint16_t value;

#define PRECISION PRECISION_BF16

enum { PACK = 2 };

INLINE float widen(value from)
{
    uint32_t bits = (uint32_t)from << 16;
    float to;
    memcpy(&to, &bits, sizeof(to));
    return to;
}

INLINE value narrow(float from)
{
    return (value)_mm_extract_epi16((__m128i)_mm_cvtneps_pbh(_mm_set_ss(from)), 0);
}

/* Each 16 bits in the lower half of 32. */
INLINE __m512i spread(__m256i halves)
{
    return _mm512_cvtepu16_epi32(halves);
}

INLINE vec load_values(const value *from)
{
    return (vec)_mm512_slli_epi32(spread(_mm256_loadu_si256((const __m256i_u *)from)), 16);
}

INLINE void store_values(value *to, vec from)
{
    _mm256_storeu_si256((__m256i_u *)to, (__m256i)_mm512_cvtneps_pbh((__m512)from));
}

INLINE void store_part(float *words, vec from, size_t part)
{
    __m512i halves = spread((__m256i)_mm512_cvtneps_pbh((__m512)from));
    if (part)
        halves = _mm512_or_si512(_mm512_loadu_si512(words), _mm512_slli_epi32(halves, 16));
    _mm512_storeu_si512(words, halves);
}

INLINE vec all_words(const float *word)
{
    int32_t bits;
    memcpy(&bits, word, sizeof(bits));
    return (vec)_mm512_set1_epi32(bits);
}

INLINE vec multiply_add(vec sum, vec a, vec b)
{
    return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

#endif
