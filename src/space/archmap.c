#include "space/archmap.h"

#include "base/mem.h"

#include <stdlib.h>

enum { CAPACITY_MIN = 64 }; /* places; always a power of two, and at most half of them taken */

/* The place of arch, or the empty place where it would go. */
static size_t place(const struct archmap *map, const struct arch *arch)
{
    size_t at = arch_hash(arch) & (map->capacity - 1);
    while (map->values[at] && !arch_equal(&map->keys[at], arch))
        at = (at + 1) & (map->capacity - 1);
    return at;
}

bool archmap_find(const struct archmap *map, const struct arch *arch, size_t *value)
{
    if (!map->count)
        return false;
    size_t at = place(map, arch);
    if (map->values[at] && value)
        *value = map->values[at] - 1;
    return map->values[at] != 0;
}

static void resize(struct archmap *map, size_t capacity)
{
    struct archmap old = *map;
    map->capacity = capacity;
    map->keys = mem_alloc(map->capacity, sizeof(*map->keys));
    map->values = mem_alloc(map->capacity, sizeof(*map->values));
    for (size_t i = 0; i < old.capacity; i++) {
        if (!old.values[i])
            continue;
        size_t at = place(map, &old.keys[i]);
        map->keys[at] = old.keys[i];
        map->values[at] = old.values[i];
    }
    free(old.keys);
    free(old.values);
}

void archmap_expect(struct archmap *map, size_t count)
{
    size_t capacity = map->capacity ? map->capacity : CAPACITY_MIN;
    while (2 * count >= capacity)
        capacity *= 2;
    if (capacity > map->capacity)
        resize(map, capacity);
}

bool archmap_add(struct archmap *map, const struct arch *arch, size_t value)
{
    archmap_expect(map, map->count);
    size_t at = place(map, arch);
    if (map->values[at])
        return false;
    map->keys[at] = *arch;
    map->values[at] = value + 1;
    map->count++;
    return true;
}

void archmap_free(struct archmap *map)
{
    free(map->keys);
    free(map->values);
    *map = (struct archmap){0};
}
