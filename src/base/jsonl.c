#include "base/jsonl.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct jsonl_writer {
    FILE *file;
    char *path;
};

/* Some lines of a file: what one thread parses. */
struct piece {
    const char *text;
    size_t size;
    bool last; /* nothing follows it: its last line may be torn */
    struct jsonl jsonl;
    char *problem; /* what was found in the line after those of jsonl; NULL: all is well */
};

enum { SHARED_BYTES = 64 << 10 }; /* a text of so many is worth a second thread */

static void *parse_piece(void *context)
{
    struct piece *piece = context;
    struct jsonl *jsonl = &piece->jsonl;
    for (size_t at = 0; at < piece->size;) {
        const char *line = piece->text + at, *end = memchr(line, '\n', piece->size - at);
        size_t length = end ? (size_t)(end - line) : piece->size - at;
        json_error_t why;
        json_t *value = end ? json_loadb(line, length, JSON_REJECT_DUPLICATES, &why) : NULL;
        if (!json_is_object(value)) {
            jsonl->torn = piece->last && (!end || at + length + 1 == piece->size);
            if (!jsonl->torn)
                piece->problem = mem_strdup(value ? "another JSON value" : why.text);
            json_decref(value);
            break;
        }
        MEM_GROW(jsonl->lines, jsonl->count, jsonl->capacity);
        jsonl->lines[jsonl->count++] = value;
        at += length + 1;
        jsonl->whole_bytes = at;
    }
    return NULL;
}

/* Cuts the lines that begin in the second half off piece. */
static struct piece split(struct piece *piece)
{
    const char *half = piece->text + piece->size / 2;
    const char *end = memchr(half, '\n', (size_t)(piece->text + piece->size - half));
    struct piece rest = {.text = end ? end + 1 : piece->text + piece->size, .last = true};
    rest.size = (size_t)(piece->text + piece->size - rest.text);
    piece->size -= rest.size;
    piece->last = rest.size == 0;
    return rest;
}

/* Adds the lines of from to those of to. */
static void join(struct jsonl *to, struct jsonl *from)
{
    for (size_t i = 0; i < from->count; i++) {
        MEM_GROW(to->lines, to->count, to->capacity);
        to->lines[to->count++] = from->lines[i];
    }
    to->whole_bytes += from->whole_bytes;
    to->torn = from->torn;
    free(from->lines);
}

/* Parses a long text by two threads. */
static void parse_shared(struct piece *piece)
{
    struct piece rest = split(piece);
    pthread_t aside;
    bool started = pthread_create(&aside, NULL, parse_piece, &rest) == 0;
    parse_piece(piece);
    if (started)
        pthread_join(aside, NULL);
    else
        parse_piece(&rest);
    if (piece->problem || !rest.size) { /* then what follows does not matter */
        free(rest.problem);
        jsonl_free(&rest.jsonl);
        return;
    }
    piece->problem = rest.problem;
    join(&piece->jsonl, &rest.jsonl);
}

bool jsonl_parse(const char *path, const char *text, size_t size, struct jsonl *jsonl,
                 struct err *err)
{
    struct piece piece = {.text = text, .size = size, .last = true};
    if (size < SHARED_BYTES)
        parse_piece(&piece);
    else
        parse_shared(&piece);
    *jsonl = piece.jsonl;
    if (!piece.problem)
        return true;
    err_set(err, ERR_INPUT, "%s:%zu: found %s, expected one JSON object", path, jsonl->count + 1,
            piece.problem);
    free(piece.problem);
    jsonl_free(jsonl);
    return false;
}

bool jsonl_read(const char *path, struct jsonl *jsonl, struct err *err)
{
    size_t size;
    *jsonl = (struct jsonl){0};
    char *text = file_read(path, FILE_CEILING, &size, err);
    bool ok = text && jsonl_parse(path, text, size, jsonl, err);
    free(text);
    return ok;
}

void jsonl_free(struct jsonl *jsonl)
{
    for (size_t i = 0; i < jsonl->count; i++)
        json_decref(jsonl->lines[i]);
    free(jsonl->lines);
    *jsonl = (struct jsonl){0};
}

struct jsonl_writer *jsonl_open(const char *path, struct err *err)
{
    if (!file_make_folder_of(path, err))
        return NULL;
    FILE *file = fopen(path, "ab");
    if (file && flock(fileno(file), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        err_set(err, ERR_IO, "%s: another process is writing it", path);
        fclose(file);
        return NULL;
    }
    if (!file) {
        err_set(err, ERR_IO, "%s: cannot write: %s", path, strerror(errno));
        return NULL;
    }
    struct jsonl_writer *writer = mem_alloc(1, sizeof(*writer));
    writer->file = file;
    writer->path = mem_strdup(path);
    return writer;
}

bool jsonl_cut(struct jsonl_writer *writer, size_t keep_bytes, struct err *err)
{
    return ftruncate(fileno(writer->file), (off_t)keep_bytes) == 0 ||
           err_set(err, ERR_IO, "%s: cannot write: %s", writer->path, strerror(errno));
}

bool jsonl_write_text(struct jsonl_writer *writer, const char *line, struct err *err)
{
    if (fputs(line, writer->file) < 0 || fputc('\n', writer->file) < 0 || fflush(writer->file) != 0)
        return err_set(err, ERR_IO, "%s: cannot write: %s", writer->path, strerror(errno));
    return true;
}

bool jsonl_write(struct jsonl_writer *writer, const json_t *line, struct err *err)
{
    char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (!text)
        return err_set(err, ERR_INPUT, "%s: a line that cannot be written as JSON", writer->path);
    bool ok = jsonl_write_text(writer, text, err);
    free(text);
    return ok;
}

bool jsonl_close(struct jsonl_writer *writer, struct err *err)
{
    if (!writer)
        return true;
    bool ok = fsync(fileno(writer->file)) == 0;
    ok = fclose(writer->file) == 0 && ok;
    if (!ok)
        err_set(err, ERR_IO, "%s: cannot write: %s", writer->path, strerror(errno));
    free(writer->path);
    free(writer);
    return ok;
}
