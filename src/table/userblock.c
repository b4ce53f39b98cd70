#include "table/userblock.h"

#include "base/hash.h"
#include "base/mem.h"
#include "table/schema.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256 << 10 };

struct block {
    char bytes[USERBLOCK_SIZE];
};

static struct block make_block(uint64_t size, const char *sha256)
{
    struct block block = {0};
    snprintf(block.bytes, sizeof(block.bytes), SCHEMA_NAME " %d\nbytes %" PRIu64 "\nsha256 %s\n",
             SCHEMA_VERSION, size, sha256);
    return block;
}

/* The rest of file, from where it stands. */
static struct digest hash_rest(FILE *file, uint64_t *size)
{
    char *chunk = mem_alloc(CHUNK, 1);
    struct hash *hash = hash_begin();
    *size = 0;
    for (size_t got; (got = fread(chunk, 1, CHUNK, file)) > 0; *size += got)
        hash_add(hash, chunk, got);
    free(chunk);
    return hash_end(hash);
}

bool userblock_write(const char *path, struct err *err)
{
    uint64_t size = 0;
    FILE *file = fopen(path, "r+b");
    bool ok = file && fseek(file, USERBLOCK_SIZE, SEEK_SET) == 0;
    if (ok) {
        struct digest digest = hash_rest(file, &size);
        struct block block = make_block(size, digest.hex);
        ok = !ferror(file) && fseek(file, 0, SEEK_SET) == 0 &&
             fwrite(&block, sizeof(block), 1, file) == 1;
    }
    if (file)
        ok = fclose(file) == 0 && ok;
    return ok || err_set(err, ERR_IO, "%s: cannot be sealed: %s", path, strerror(errno));
}

/* What can be said of the block alone. */
static bool check_block(const char *path, const struct block *block, struct err *err)
{
    static const char name[] = SCHEMA_NAME " ";
    if (memcmp(block->bytes, name, sizeof(name) - 1) != 0)
        return err_set(err, ERR_INPUT, "%s: not a table: it does not begin with \"%s\"", path,
                       SCHEMA_NAME);
    if (block->bytes[USERBLOCK_SIZE - 1])
        return err_set(err, ERR_INPUT, "%s: its seal has no end", path);
    intmax_t version = strtoimax(block->bytes + sizeof(name) - 1, NULL, 10);
    return version == SCHEMA_VERSION ||
           err_set(err, ERR_INPUT, "%s: a table of version %jd, this program reads version %d",
                   path, version, SCHEMA_VERSION);
}

static bool check_readable(const char *path, FILE *file, struct err *err)
{
    return !ferror(file) || err_set(err, ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
}

static bool check_rest(const char *path, const struct block *block, FILE *file, struct err *err)
{
    uint64_t size = 0, sealed_size = 0;
    struct digest digest = hash_rest(file, &size);
    struct block expected = make_block(size, digest.hex);
    if (!check_readable(path, file, err))
        return false;
    if (memcmp(block, &expected, sizeof(expected)) == 0)
        return true;
    const char *line = strchr(block->bytes, '\n');
    if (line && sscanf(line, "\nbytes %" SCNu64, &sealed_size) == 1 && sealed_size != size)
        return err_set(err, ERR_INPUT,
                       "%s: truncated or grown: %" PRIu64
                       " bytes after its seal, expected %" PRIu64,
                       path, size, sealed_size);
    return err_set(err, ERR_INPUT, "%s: altered after it was sealed", path);
}

bool userblock_check(const char *path, struct err *err)
{
    struct block block = {0};
    FILE *file = fopen(path, "rb");
    if (!file)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    setvbuf(file, NULL, _IONBF, 0);
    bool whole = fread(&block, sizeof(block), 1, file) == 1;
    bool ok = check_readable(path, file, err) && check_block(path, &block, err) &&
              (whole || err_set(err, ERR_INPUT, "%s: truncated within its seal", path)) &&
              check_rest(path, &block, file, err);
    fclose(file);
    return ok;
}
