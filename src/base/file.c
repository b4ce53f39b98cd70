#include "base/file.h"

#include "base/mem.h"
#include "base/str.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

enum { PACK_LEVEL = 3 }; /* of zstd */
enum { ORPHAN_AGE_S = 600 };

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

char *file_beside(const char *path)
{
    return mem_printf("%s.%ld.part", path, (long)gettid());
}

/* Whether name is "X.<thread id>.part" or "X.<thread id>.part.Y" of a thread that is no more. */
static bool is_orphan(const char *name)
{
    const char *end = strstr(name, ".part"), *digits = end;
    while (digits && digits > name && isdigit((unsigned char)digits[-1]))
        digits--;
    if (!end || digits == end || digits < name + 2 || digits[-1] != '.')
        return false;
    if (end[strlen(".part")] && end[strlen(".part")] != '.')
        return false;
    long process = strtol(digits, NULL, 10);
    return process > 0 && process <= INT_MAX && kill((pid_t)process, 0) != 0 && errno == ESRCH;
}

void file_sweep(const char *folder)
{
    DIR *names = opendir(folder);
    for (struct dirent *entry; names && (entry = readdir(names));) {
        struct stat state;
        if (!is_orphan(entry->d_name) || fstatat(dirfd(names), entry->d_name, &state, 0) != 0)
            continue;
        if (S_ISREG(state.st_mode) && time(NULL) - state.st_mtime >= ORPHAN_AGE_S)
            unlinkat(dirfd(names), entry->d_name, 0);
    }
    if (names)
        closedir(names);
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

/* The bytes of a file as they are. */
static bool read_raw(const char *path, size_t ceiling, struct str *text, struct err *err)
{
    char chunk[65536];
    FILE *file = fopen(path, "rb");
    if (!file)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    text->ceiling = ceiling;
    errno = 0;
    for (size_t got; (got = fread(chunk, 1, sizeof(chunk), file)) > 0 && !text->overflow;)
        str_add_bytes(text, chunk, got);
    bool ok = !ferror(file) || err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    fclose(file);
    if (ok && text->overflow)
        ok = err_set(err, ERR_INPUT, "%s: more than %zu bytes", path, ceiling);
    if (!ok)
        str_free(text);
    return ok;
}

char *file_read(const char *path, size_t ceiling, size_t *size, struct err *err)
{
    struct str text = {0};
    bool ok = read_raw(path, ceiling, &text, err);
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

/* All of parts, one after the other; parts is used up. */
static bool write_parts(int file, struct iovec *parts, size_t count)
{
    while (count > 0) {
        ssize_t written = writev(file, parts, count < IOV_MAX ? (int)count : IOV_MAX);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        size_t left = (size_t)written;
        for (; count > 0 && left >= parts->iov_len; parts++, count--)
            left -= parts->iov_len;
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + left;
            parts->iov_len -= left;
        }
    }
    return true;
}

/* Writes beside path, under a name of this process alone, and renames; sync: waits until the disk
 * has it. */
static bool replace(const char *path, struct iovec *parts, size_t count, bool sync, struct err *err)
{
    char *beside = file_beside(path);
    int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = file >= 0 && write_parts(file, parts, count) && (!sync || fsync(file) == 0);
    if (file >= 0 && close(file) != 0)
        ok = false;
    ok = ok && rename(beside, path) == 0;
    if (!ok) {
        err_set(err, ERR_IO, "%s: cannot write: %s", path, strerror(errno));
        remove(beside);
    }
    free(beside);
    return ok;
}

static struct iovec part_of(const void *bytes, size_t size)
{
    return (struct iovec){.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
}

bool file_write(const char *path, const void *bytes, size_t size, struct err *err)
{
    struct iovec whole = part_of(bytes, size);
    if (!file_make_folder_of(path, err))
        return false;
    if (!file_ends_in(path, ".zst"))
        return replace(path, &whole, 1, true, err);
    size_t room = ZSTD_compressBound(size);
    char *packed = mem_alloc(room, 1);
    whole = part_of(packed, ZSTD_compress(packed, room, bytes, size, PACK_LEVEL));
    bool ok = !ZSTD_isError(whole.iov_len) ||
              err_set(err, ERR_IO, "%s: %s", path, ZSTD_getErrorName(whole.iov_len));
    ok = ok && replace(path, &whole, 1, true, err);
    free(packed);
    return ok;
}

bool file_write_parts(const char *path, const struct str *parts, size_t count, struct err *err)
{
    if (!file_make_folder_of(path, err))
        return false;
    struct iovec *list = mem_alloc(count, sizeof(*list));
    for (size_t i = 0; i < count; i++)
        list[i] = part_of(parts[i].text, parts[i].length);
    bool ok = replace(path, list, count, false, err);
    free(list);
    return ok;
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
