#include "space/archmap.h"

#include "base/mem.h"

#include <stdlib.h>

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

static void grow(struct archmap *map)
{
    struct archmap old = *map;
    map->capacity = old.capacity ? 2 * old.capacity : 64;
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

bool archmap_add(struct archmap *map, const struct arch *arch, size_t value)
{
    if (2 * map->count >= map->capacity)
        grow(map);
    size_t at = place(map, arch);
    if (map->values[at])
        return false;
    map->keys[at] = *arch;
    map->values[at] = value + 1;
    map->count++;
    return true;
}

void archmap_clear(struct archmap *map)
{
    if (map->count)
        memset(map->values, 0, map->capacity * sizeof(*map->values));
    map->count = 0;
}

void archmap_free(struct archmap *map)
{
    free(map->keys);
    free(map->values);
    *map = (struct archmap){0};
}
