#include "table/schema.h"

#include "base/mem.h"

#include <stdio.h>

hid_t schema_text_type(size_t size)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    return type;
}

static void insert_text(hid_t compound, const char *name, size_t offset, size_t size)
{
    hid_t type = schema_text_type(size);
    H5Tinsert(compound, name, offset, type);
    H5Tclose(type);
}

#define INSERT_TEXT(compound, member)                                                              \
    insert_text(compound, #member, offsetof(struct column, member),                                \
                sizeof(((struct column *)NULL)->member))
#define INSERT_INT(compound, member)                                                               \
    H5Tinsert(compound, #member, offsetof(struct column, member), H5T_STD_I32LE)

hid_t schema_column_type(void)
{
    hid_t compound = H5Tcreate(H5T_COMPOUND, sizeof(struct column));
    INSERT_TEXT(compound, metric);
    INSERT_TEXT(compound, unit);
    INSERT_TEXT(compound, dataset);
    INSERT_TEXT(compound, split);
    INSERT_TEXT(compound, device);
    INSERT_INT(compound, epochs);
    INSERT_INT(compound, training_seed);
    INSERT_TEXT(compound, source);
    INSERT_TEXT(compound, licence);
    return compound;
}

/* The architecture after arch in the order of space_index(); the first one after the last. */
static void step(const struct space *space, struct arch *arch)
{
    size_t slot = space->slot_count;
    while (slot-- > 0 && ++arch->choice[slot] == space->slots[slot].choice_count)
        arch->choice[slot] = 0;
}

char *schema_architectures(const struct space *space, size_t rows)
{
    char *all = mem_alloc(rows * space->slot_count + 1, 1);
    struct arch arch = space_nth(space, 0);
    for (size_t row = 0; row < rows; row++, step(space, &arch))
        space_digits(space, &arch, all + row * space->slot_count);
    return all;
}

static void add_text(struct hash *hash, const char *text)
{
    char padded[TABLE_TEXT] = {0};
    snprintf(padded, sizeof(padded), "%s", text);
    hash_add(hash, padded, sizeof(padded));
}

struct digest schema_seal(const struct table *table, const char *architectures)
{
    struct hash *hash = hash_begin();
    uint64_t counts[2] = {table->column_count, table->rows};
    add_text(hash, table->benchmark);
    add_text(hash, table->space->name);
    hash_add(hash, counts, sizeof(counts));
    hash_add(hash, table->columns, table->column_count * sizeof(*table->columns));
    hash_add(hash, architectures, table->rows * table->space->slot_count);
    hash_add(hash, table->values, table->column_count * table->rows * sizeof(*table->values));
    return hash_end(hash);
}
