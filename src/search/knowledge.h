/* SEKI's knowledge repository: every different architecture that was evaluated, with its score
 * (paper, section 4.2). The strategy that led to it is in the log alone: no prompt tells it again.
 */
#ifndef SEARCH_KNOWLEDGE_H
#define SEARCH_KNOWLEDGE_H

#include "base/rng.h"
#include "space/arch.h"

#include <stddef.h>

struct knowledge_entry {
    struct arch arch;
    double valid_score; /* higher is better */
};

struct knowledge {
    struct knowledge_entry *entries; /* best first; of equal ones, the older first */
    size_t count, capacity;
    struct knowledge_entry newest; /* what was evaluated last, if it was evaluated before, too */
};

/* For an architecture that is not in it yet. */
void knowledge_add(struct knowledge *knowledge, const struct arch *arch, double valid_score);
void knowledge_free(struct knowledge *knowledge);

/* Draws xi of the k best, at random and without replacement (all of them where there are fewer),
 * sorted by score, best last. Returns how many; drawn has room for xi. */
size_t knowledge_draw(const struct knowledge *knowledge, size_t k, size_t xi, struct rng *rng,
                      struct knowledge_entry *drawn);

#endif
