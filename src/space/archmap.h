/* A set of architectures, each with a number: what was seen before, and where. Open addressing. */
#ifndef SPACE_ARCHMAP_H
#define SPACE_ARCHMAP_H

#include "space/arch.h"

#include <stddef.h>

struct archmap {
    struct arch *keys;
    size_t *values; /* value + 1; 0 is an empty place */
    size_t count, capacity;
};

/* True when arch is there; *value (may be NULL) is then its number. */
bool archmap_find(const struct archmap *map, const struct arch *arch, size_t *value);
/* Adds arch with value; false, and nothing changed, when it is there already. */
bool archmap_add(struct archmap *map, const struct arch *arch, size_t value);
/* Makes room for count architectures in all, so that adding them moves nothing. */
void archmap_expect(struct archmap *map, size_t count);
void archmap_free(struct archmap *map);

#endif
