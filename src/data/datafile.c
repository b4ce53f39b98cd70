#include "data/datafile.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* The path under which it is there, or the plain one; the caller frees. */
static char *find(const char *folder, const char *name)
{
    char *plain = file_join(folder, name), *packed = mem_printf("%s.gz", plain);
    bool take_packed = !file_exists(plain) && file_exists(packed);
    free(take_packed ? plain : packed);
    return take_packed ? packed : plain;
}

bool datafile_exists(const char *folder, const char *name)
{
    char *path = find(folder, name);
    bool exists = file_exists(path);
    free(path);
    return exists;
}

/* Up to room bytes; zlib reads what is not gzipped as it is. */
static bool expand(const char *path, uint8_t *bytes, size_t room, size_t *size, struct err *err)
{
    gzFile file = gzopen(path, "rb");
    if (!file)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    int got = 1, problem = Z_OK;
    for (*size = 0; *size < room && got > 0; *size += got > 0 ? (size_t)got : 0) {
        size_t left = room - *size;
        got = gzread(file, bytes + *size, left < INT_MAX ? (unsigned)left : INT_MAX);
    }
    const char *reason = gzerror(file, &problem);
    bool ok = problem == Z_OK || problem == Z_STREAM_END;
    if (problem == Z_ERRNO)
        err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    else if (!ok)
        err_set(err, ERR_INPUT, "%s (gzip)", reason); /* it begins with the path */
    gzclose(file);
    return ok;
}

static bool check_digest(const char *path, const char *published, const uint8_t *bytes, size_t size,
                         const struct digest *sha256, struct err *err)
{
    bool md5 = strlen(published) == 32;
    struct digest found = md5 ? hash_md5(bytes, size) : *sha256;
    return strcmp(found.hex, published) == 0 ||
           err_set(err, ERR_INPUT, "%s: %s %s of its content, expected the published %s", path,
                   md5 ? "MD5" : "SHA-256", found.hex, published);
}

static bool check(const char *path, const struct datafile *file, const uint8_t *bytes, size_t size,
                  const struct digest *sha256, struct err *err)
{
    if (size > file->size)
        return err_set(err, ERR_INPUT, "%s: more than %zu bytes, expected just so many", path,
                       file->size);
    if (size < file->size)
        return err_set(err, ERR_INPUT, "%s: %zu bytes, expected %zu", path, size, file->size);
    return !file->published || check_digest(path, file->published, bytes, size, sha256, err);
}

uint8_t *datafile_read(const char *folder, const struct datafile *file, struct hash *listing,
                       struct err *err)
{
    char *path = find(folder, file->name);
    uint8_t *bytes = mem_alloc_large(file->size + 1, 1);
    size_t size = 0;
    bool ok = expand(path, bytes, file->size + 1, &size, err);
    struct digest digest = hash_bytes(bytes, ok ? size : 0);
    ok = ok && check(path, file, bytes, size, &digest, err);
    hash_add(listing, digest.hex, strlen(digest.hex));
    hash_add(listing, "  ", 2);
    hash_add(listing, file->name, strlen(file->name));
    hash_add(listing, "\n", 1);
    free(path);
    if (ok)
        return bytes;
    free(bytes);
    return NULL;
}
