#include "search/knowledge.h"

#include "base/mem.h"

#include <stdlib.h>

void knowledge_add(struct knowledge *knowledge, const struct arch *arch, double valid_score)
{
    MEM_GROW(knowledge->entries, knowledge->count, knowledge->capacity);
    size_t at = knowledge->count++;
    for (; at > 0 && knowledge->entries[at - 1].valid_score < valid_score; at--)
        knowledge->entries[at] = knowledge->entries[at - 1];
    knowledge->entries[at] = (struct knowledge_entry){*arch, valid_score};
}

void knowledge_free(struct knowledge *knowledge)
{
    free(knowledge->entries);
    *knowledge = (struct knowledge){0};
}

static int by_place_descending(const void *a, const void *b)
{
    const size_t *left = a, *right = b;
    return (*left < *right) - (*left > *right);
}

size_t knowledge_draw(const struct knowledge *knowledge, size_t k, size_t xi, struct rng *rng,
                      struct knowledge_entry *drawn)
{
    size_t pool = knowledge->count < k ? knowledge->count : k, count = pool < xi ? pool : xi;
    size_t *places = mem_alloc(count, sizeof(*places));
    rng_choose(rng, pool, places, count);
    qsort(places, count, sizeof(*places), by_place_descending);
    for (size_t i = 0; i < count; i++)
        drawn[i] = knowledge->entries[places[i]];
    free(places);
    return count;
}
