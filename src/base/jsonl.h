/* JSON lines: one object a line. Written and flushed line by line, so that what a killed program
 * leaves is whole lines and at most one torn one at the end. Reading takes ".zst" files too. */
#ifndef BASE_JSONL_H
#define BASE_JSONL_H

#include "base/err.h"

#include <jansson.h>
#include <stddef.h>

struct jsonl {
    json_t **lines; /* line i of the file (counted from 1) is lines[i - 1] */
    size_t count, capacity;
    size_t whole_bytes; /* length of the part that is whole lines */
    bool torn;          /* the last line had no end or was not JSON, and is not in lines */
};

/* A line that is no JSON object is an error with its number, unless it is the last and torn. */
bool jsonl_read(const char *path, struct jsonl *jsonl, struct err *err) MUST_CHECK;
bool jsonl_parse(const char *path, const char *text, size_t size, struct jsonl *jsonl,
                 struct err *err) MUST_CHECK; /* the same, of a text already read */
void jsonl_free(struct jsonl *jsonl);

struct jsonl_writer;

/* Opens for appending, and makes the file and its folder. It is locked until it is closed: two
 * processes cannot write it at once, and what is read from now on is all there is. */
struct jsonl_writer *jsonl_open(const char *path, struct err *err) MUST_CHECK;
/* Cuts off what comes after the first keep_bytes: a torn line. */
bool jsonl_cut(struct jsonl_writer *writer, size_t keep_bytes, struct err *err) MUST_CHECK;
bool jsonl_write(struct jsonl_writer *writer, const json_t *line, struct err *err) MUST_CHECK;
bool jsonl_write_text(struct jsonl_writer *writer, const char *line, struct err *err) MUST_CHECK;
bool jsonl_close(struct jsonl_writer *writer, struct err *err) MUST_CHECK; /* syncs; takes NULL */

#endif
