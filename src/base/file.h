/* Files: read whole, written beside and renamed, so that nothing is ever half written. A path
 * that ends in ".zst" is compressed on the way out and expanded on the way in (zstd). */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/err.h"
#include "base/str.h"

#include <stddef.h>

enum { FILE_CEILING = 1 << 30 }; /* bytes that a file may hold, expanded: 1 GiB */

/* The whole file and a final '\0' that *size does not count; the caller frees. NULL and *err when
 * it cannot be read, is not what its name says, or expands past ceiling bytes. size may be NULL. */
char *file_read(const char *path, size_t ceiling, size_t *size, struct err *err) MUST_CHECK;

/* Writes to file_beside(path), syncs and renames: of two threads or processes that write
 * one file at once, the last wins. Makes the folders that are missing. */
bool file_write(const char *path, const void *bytes, size_t size, struct err *err) MUST_CHECK;

/* Writes parts as they are, one after the other (those of a ".zst" file are base/pack.h's), and
 * renames, but does not wait for the disk: for what is soon made again if a power cut damages it.
 */
bool file_write_parts(const char *path, const struct str *parts, size_t count,
                      struct err *err) MUST_CHECK;

/* "<path>.<thread id>.part": where this thread alone writes what is then renamed to path. The
 * caller frees. */
char *file_beside(const char *path);
/* Removes the part files in a folder that killed processes left: no thread has that number and
 * nothing was written for ten minutes, since a machine that shares the folder may have one. */
void file_sweep(const char *folder);

bool file_make_folder(const char *path, struct err *err) MUST_CHECK;    /* and those above it */
bool file_make_folder_of(const char *path, struct err *err) MUST_CHECK; /* that path lies in */
bool file_exists(const char *path);
bool file_ends_in(const char *path, const char *ending);
char *file_join(const char *folder, const char *name); /* "folder/name"; the caller frees */

/* A data file of the project ("benchdata/nas-bench-201.h5"): looked for below $SEKI_DATA, else
 * below the current folder, else where "make install" put it. The caller frees; NULL and *err,
 * with all the places that were tried, when it is nowhere. */
char *file_find_data(const char *name, struct err *err) MUST_CHECK;

#endif
