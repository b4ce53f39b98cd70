#include "base/file.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

enum { PACK_LEVEL = 3 }; /* of zstd */

bool file_ends_in(const char *path, const char *ending)
{
    size_t length = strlen(path), tail = strlen(ending);
    return length >= tail && strcmp(path + length - tail, ending) == 0;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

char *file_join(const char *folder, const char *name)
{
    return mem_printf("%s%s%s", folder, file_ends_in(folder, "/") ? "" : "/", name);
}

static bool expand(const char *path, struct str *packed, size_t ceiling, struct err *err)
{
    struct str plain = {.ceiling = ceiling};
    ZSTD_DCtx *context = ZSTD_createDCtx();
    ZSTD_inBuffer in = {packed->text, packed->length, 0};
    size_t chunk_size = ZSTD_DStreamOutSize(), rest = 1;
    char *chunk = mem_alloc(chunk_size, 1);
    while (in.pos < in.size && !plain.overflow) {
        ZSTD_outBuffer out = {chunk, chunk_size, 0};
        rest = ZSTD_decompressStream(context, &out, &in);
        if (ZSTD_isError(rest))
            break;
        str_add_bytes(&plain, chunk, out.pos);
    }
    bool ok = true;
    if (ZSTD_isError(rest) || (rest != 0 && !plain.overflow))
        ok = err_set(err, ERR_INPUT, "%s: damaged zstd data (%s)", path,
                     ZSTD_isError(rest) ? ZSTD_getErrorName(rest) : "it ends too early");
    else if (plain.overflow)
        ok = err_set(err, ERR_INPUT, "%s: expands to more than %zu bytes", path, ceiling);
    free(chunk);
    ZSTD_freeDCtx(context);
    str_free(packed);
    *packed = plain;
    return ok;
}

char *file_read(const char *path, size_t ceiling, size_t *size, struct err *err)
{
    struct str text = {.ceiling = ceiling};
    char chunk[65536];
    FILE *file = fopen(path, "rb");
    if (!file) {
        err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        return NULL;
    }
    errno = 0;
    for (size_t got; (got = fread(chunk, 1, sizeof(chunk), file)) > 0 && !text.overflow;)
        str_add_bytes(&text, chunk, got);
    bool ok = !ferror(file) || err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    fclose(file);
    if (ok && text.overflow)
        ok = err_set(err, ERR_INPUT, "%s: more than %zu bytes", path, ceiling);
    if (ok && file_ends_in(path, ".zst"))
        ok = expand(path, &text, ceiling, err);
    if (!ok) {
        str_free(&text);
        return NULL;
    }
    if (size)
        *size = text.length;
    return str_steal(&text);
}

bool file_make_folder(const char *path, struct err *err)
{
    char *part = mem_strdup(path);
    bool ok = true;
    for (char *c = part; ok && *c; c++) {
        if (*c != '/' || c == part)
            continue;
        *c = '\0';
        ok = mkdir(part, 0777) == 0 || errno == EEXIST;
        *c = '/';
    }
    ok = ok && (mkdir(part, 0777) == 0 || errno == EEXIST);
    if (!ok)
        err_set(err, ERR_IO, "%s: cannot make the folder: %s", path, strerror(errno));
    free(part);
    return ok;
}

bool file_make_folder_of(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    if (!slash || slash == path)
        return true;
    char *folder = mem_strndup(path, (size_t)(slash - path));
    bool ok = file_make_folder(folder, err);
    free(folder);
    return ok;
}

/* A file that is being written beside its place. */
struct writing {
    const char *path;
    char *beside;
    FILE *file;
    bool ok;
};

static struct writing begin_writing(const char *path)
{
    struct writing writing = {.path = path, .beside = mem_printf("%s.part", path)};
    writing.file = fopen(writing.beside, "wb");
    writing.ok = writing.file != NULL;
    return writing;
}

static void write_bytes(struct writing *writing, const void *bytes, size_t size)
{
    writing->ok = writing->ok && fwrite(bytes, 1, size, writing->file) == size;
}

static bool end_writing(struct writing *writing, bool sync, struct err *err)
{
    bool ok = writing->ok && fflush(writing->file) == 0;
    ok = ok && (!sync || fsync(fileno(writing->file)) == 0);
    if (writing->file && fclose(writing->file) != 0)
        ok = false;
    ok = ok && rename(writing->beside, writing->path) == 0;
    if (!ok) {
        err_set(err, ERR_IO, "%s: cannot write: %s", writing->path, strerror(errno));
        remove(writing->beside);
    }
    free(writing->beside);
    return ok;
}

static bool write_plain(const char *path, const void *bytes, size_t size, struct err *err)
{
    struct writing writing = begin_writing(path);
    write_bytes(&writing, bytes, size);
    return end_writing(&writing, true, err);
}

bool file_write(const char *path, const void *bytes, size_t size, struct err *err)
{
    if (!file_make_folder_of(path, err))
        return false;
    if (!file_ends_in(path, ".zst"))
        return write_plain(path, bytes, size, err);
    size_t room = ZSTD_compressBound(size);
    char *packed = mem_alloc(room, 1);
    size_t packed_size = ZSTD_compress(packed, room, bytes, size, PACK_LEVEL);
    bool ok = !ZSTD_isError(packed_size) ||
              err_set(err, ERR_IO, "%s: %s", path, ZSTD_getErrorName(packed_size));
    ok = ok && write_plain(path, packed, packed_size, err);
    free(packed);
    return ok;
}

bool file_write_packed(const char *path, const struct str *parts, size_t count, struct err *err)
{
    if (!file_make_folder_of(path, err))
        return false;
    struct writing writing = begin_writing(path);
    for (size_t i = 0; i < count; i++)
        write_bytes(&writing, parts[i].text, parts[i].length);
    return end_writing(&writing, false, err);
}

char *file_find_data(const char *name, struct err *err)
{
    const char *home = getenv("SEKI_DATA"), *folders[] = {home ? home : ".", SEKI_DATADIR};
    for (size_t i = 0; i < 2; i++) {
        char *path = file_join(folders[i], name);
        if (file_exists(path))
            return path;
        free(path);
    }
    err_set(err, ERR_IO,
            "%s: not found below %s nor %s (set SEKI_DATA to the folder that holds it)", name,
            folders[0], folders[1]);
    return NULL;
}
