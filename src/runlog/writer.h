/* Writes run.jsonl. A run that asks a live LLM or trains is flushed line by line, and goes on where
 * a killed one stopped: it is run again from the start, and as long as the old log has lines, each
 * new line must say the same. Other runs are kept in memory, written whole and renamed. */
#ifndef RUNLOG_WRITER_H
#define RUNLOG_WRITER_H

#include "base/err.h"
#include "base/str.h"

struct runlog_writer;

/* flushed: line by line, going on from what is there. NULL and *err. */
struct runlog_writer *runlog_create(const char *path, bool flushed, struct err *err) MUST_CHECK;

/* Adds a line (an event's text). False and *err when it cannot be written, or when the line does
 * not say what the log of the stopped run says at this place. */
bool runlog_add(struct runlog_writer *writer, const char *line, struct err *err) MUST_CHECK;

/* Closes; keep says whether a log in memory is written. NULL is allowed. */
bool runlog_finish(struct runlog_writer *writer, bool keep, struct err *err) MUST_CHECK;

/* Closes without a file: the log in memory, now the caller's. Not for a flushed one. */
struct str runlog_take(struct runlog_writer *writer);

#endif
