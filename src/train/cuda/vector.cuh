/* Eight channels at once, as float in registers and as float or bfloat16 in memory. */
#ifndef TRAIN_CUDA_VECTOR_CUH
#define TRAIN_CUDA_VECTOR_CUH

#include "train/cuda/kernels.h"
#include "train/cuda/portable.h"

struct bfloat16 {
    uint16_t bits; /* the upper half of a float's */
};

struct vec {
    float lane[KERNEL_LANES];
};

#define FOR_EACH_LANE(i) UNROLLED (i, KERNEL_LANES)

/* ---- one value ---- */

DEVICE float widen(float value)
{
    return value;
}

DEVICE float widen(bfloat16 value)
{
    return float_of((uint32_t)value.bits << 16);
}

DEVICE void narrow(float *to, float value)
{
    *to = value;
}

DEVICE void narrow(bfloat16 *to, float value)
{
    to->bits = bfloat16_bits(value);
}

/* ---- vectors in memory ---- */

DEVICE vec splat(float value)
{
    vec result;
    FOR_EACH_LANE (i)
        result.lane[i] = value;
    return result;
}

DEVICE vec load(const float *from)
{
    quad half[2] = {load16(from), load16(from + 4)};
    vec result;
    FOR_EACH_LANE (i)
        result.lane[i] = float_of(half[i / 4].word[i % 4]);
    return result;
}

DEVICE vec load(const bfloat16 *from)
{
    quad pairs = load16(from);
    vec result;
    FOR_EACH_LANE (i)
        result.lane[i] =
            float_of(i % 2 ? pairs.word[i / 2] & 0xffff0000U : pairs.word[i / 2] << 16);
    return result;
}

DEVICE void store(float *to, vec value)
{
    quad half[2];
    FOR_EACH_LANE (i)
        half[i / 4].word[i % 4] = bits_of(value.lane[i]);
    store16(to, half[0]);
    store16(to + 4, half[1]);
}

DEVICE void store(bfloat16 *to, vec value)
{
    quad pairs;
    UNROLLED (i, KERNEL_LANES / 2)
        pairs.word[i] = bfloat16_pair(value.lane[2 * i], value.lane[2 * i + 1]);
    store16(to, pairs);
}

/* Zeros where it is not to be read. */
template <typename T> DEVICE vec load_if(bool wanted, const T *from)
{
    return wanted ? load(from) : splat(0);
}

/* Eight channels of a pixel, pixels counted through all images. */
template <typename T> DEVICE T *at(tensor tensor, unsigned pixel, unsigned channel)
{
    return (T *)tensor.data + (size_t)pixel * (unsigned)tensor.stride + channel;
}

/* ---- arithmetic ---- */

DEVICE vec operator+(vec a, vec b)
{
    FOR_EACH_LANE (i)
        a.lane[i] += b.lane[i];
    return a;
}

DEVICE vec operator-(vec a, vec b)
{
    FOR_EACH_LANE (i)
        a.lane[i] -= b.lane[i];
    return a;
}

DEVICE vec operator*(vec a, vec b)
{
    FOR_EACH_LANE (i)
        a.lane[i] *= b.lane[i];
    return a;
}

DEVICE vec operator*(vec a, float b)
{
    FOR_EACH_LANE (i)
        a.lane[i] *= b;
    return a;
}

/* Negative lanes become zero; NaN stays. */
DEVICE vec rectified(vec a)
{
    FOR_EACH_LANE (i)
        a.lane[i] = a.lane[i] < 0 ? 0 : a.lane[i];
    return a;
}

/* a where b is positive, else 0 */
DEVICE vec where_positive(vec b, vec a)
{
    FOR_EACH_LANE (i)
        a.lane[i] = b.lane[i] > 0 ? a.lane[i] : 0;
    return a;
}

#endif
