#include "base/rng.h"

#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

struct rng rng_seed(uint64_t seed)
{
    struct rng rng;
    for (int i = 0; i < 4; i++)
        rng.state[i] = splitmix(&seed);
    return rng;
}

struct rng rng_fork(const struct rng *rng, const char *purpose, uint64_t index)
{
    uint64_t mixed = UINT64_C(0xcbf29ce484222325); /* FNV-1a over the purpose */
    for (const char *c = purpose; *c; c++)
        mixed = (mixed ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    for (int i = 0; i < 4; i++) {
        mixed ^= rng->state[i];
        mixed = splitmix(&mixed);
    }
    mixed ^= index;
    return rng_seed(splitmix(&mixed));
}

static uint64_t rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

uint64_t rng_next(struct rng *rng)
{
    uint64_t *s = rng->state, result = rotate(s[1] * 5, 7) * 9, t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

/* Lemire 2019: multiply, and draw again in the few cases that would be biased. */
size_t rng_below(struct rng *rng, size_t bound)
{
    assert(bound > 0);
    for (;;) {
        unsigned __int128 product = (unsigned __int128)rng_next(rng) * bound;
        uint64_t low = (uint64_t)product;
        if (low >= bound || low >= -(uint64_t)bound % bound)
            return (size_t)(product >> 64);
    }
}

double rng_unit(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

double rng_normal(struct rng *rng)
{
    for (;;) {
        double x = 2 * rng_unit(rng) - 1, y = 2 * rng_unit(rng) - 1, r = x * x + y * y;
        if (r > 0 && r < 1)
            return x * sqrt(-2 * log(r) / r);
    }
}

void rng_shuffle(struct rng *rng, size_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = rng_below(rng, i), kept = items[i - 1];
        items[i - 1] = items[j];
        items[j] = kept;
    }
}

void rng_choose(struct rng *rng, size_t bound, size_t *chosen, size_t count)
{
    assert(count <= bound);
    size_t *all = mem_alloc(bound, sizeof(*all));
    for (size_t i = 0; i < bound; i++)
        all[i] = i;
    for (size_t i = 0; i < count; i++) {
        size_t j = i + rng_below(rng, bound - i), kept = all[i];
        chosen[i] = all[j];
        all[j] = kept;
    }
    free(all);
}
