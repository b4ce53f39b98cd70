#include "base/jsonl.h"

#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct jsonl_writer {
    FILE *file;
    char *path;
};

bool jsonl_parse(const char *path, const char *text, size_t size, struct jsonl *jsonl,
                 struct err *err)
{
    *jsonl = (struct jsonl){0};
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        json_error_t why;
        json_t *value = end ? json_loadb(text + at, length, JSON_REJECT_DUPLICATES, &why) : NULL;
        if (!json_is_object(value)) {
            json_decref(value);
            bool last = !end || at + length + 1 == size;
            if (last) {
                jsonl->torn = true;
                return true;
            }
            err_set(err, ERR_INPUT, "%s:%zu: found %s, expected one JSON object", path,
                    jsonl->count + 1, value ? "another JSON value" : why.text);
            jsonl_free(jsonl);
            return false;
        }
        MEM_GROW(jsonl->lines, jsonl->count, jsonl->capacity);
        jsonl->lines[jsonl->count++] = value;
        at += length + 1;
        jsonl->whole_bytes = at;
    }
    return true;
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

struct jsonl_writer *jsonl_open(const char *path, size_t keep_bytes, struct err *err)
{
    if (!file_make_folder_of(path, err))
        return NULL;
    FILE *file = fopen(path, "ab");
    if (file && flock(fileno(file), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        err_set(err, ERR_IO, "%s: another process is writing it", path);
        fclose(file);
        return NULL;
    }
    if (!file || ftruncate(fileno(file), (off_t)keep_bytes) != 0 || fseek(file, 0, SEEK_END) != 0) {
        err_set(err, ERR_IO, "%s: cannot write: %s", path, strerror(errno));
        if (file)
            fclose(file);
        return NULL;
    }
    struct jsonl_writer *writer = mem_alloc(1, sizeof(*writer));
    writer->file = file;
    writer->path = mem_strdup(path);
    return writer;
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
