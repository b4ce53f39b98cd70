/* One architecture: a fixed-size vector of choices, one for each slot of its space. A plain value:
 * copy it, compare it, keep it in arrays. */
#ifndef SPACE_ARCH_H
#define SPACE_ARCH_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { ARCH_SLOTS = 32 }; /* DARTS needs the most, 22 */

struct arch {
    uint8_t choice[ARCH_SLOTS]; /* choice[i] of slot i; 0 past the space's last slot */
};

static inline bool arch_equal(const struct arch *a, const struct arch *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

static inline uint64_t arch_hash(const struct arch *arch)
{
    uint64_t part[ARCH_SLOTS / 8], hash = UINT64_C(0x9e3779b97f4a7c15);
    memcpy(part, arch, sizeof(part));
    for (int i = 0; i < ARCH_SLOTS / 8; i++) {
        hash = (hash ^ part[i]) * UINT64_C(0xbf58476d1ce4e5b9);
        hash ^= hash >> 29;
    }
    return hash;
}

#endif
