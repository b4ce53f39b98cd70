/* Random numbers that come out the same on every machine: xoshiro256** seeded by splitmix64
 * (Blackman and Vigna 2018). No state is hidden: a struct rng is handed down, and each purpose
 * forks a stream of its own, so that a draw added in one place moves no draw in another. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t state[4];
};

struct rng rng_seed(uint64_t seed);

/* The stream of this purpose and index. Depends on rng's present state and does not move it. */
struct rng rng_fork(const struct rng *rng, const char *purpose, uint64_t index);

uint64_t rng_next(struct rng *rng);              /* all 64 bits */
size_t rng_below(struct rng *rng, size_t bound); /* uniform in [0, bound); bound > 0 */
double rng_unit(struct rng *rng);                /* uniform in [0, 1), 53 bits */
double rng_normal(struct rng *rng);              /* standard normal (polar method) */
void rng_shuffle(struct rng *rng, size_t *items, size_t count);

/* count different numbers of [0, bound), in random order; count <= bound. */
void rng_choose(struct rng *rng, size_t bound, size_t *chosen, size_t count);

#endif
