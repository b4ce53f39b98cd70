/* The first 512 bytes of a table file, before HDF5's own (a "user block", which HDF5 passes over):
 *
 *   seki-table 1
 *   bytes <how many follow the block>
 *   sha256 <of those bytes>
 *
 * and zeros. They are checked before HDF5 sees the file, because HDF5 1.10 itself crashes on some
 * damaged files. This is no signature: who alters a file on purpose can seal it again. */
#ifndef TABLE_USERBLOCK_H
#define TABLE_USERBLOCK_H

#include "base/err.h"

enum { USERBLOCK_SIZE = 512 };

/* Seals the HDF5 file at path, which was made with a user block of USERBLOCK_SIZE bytes. */
bool userblock_write(const char *path, struct err *err) MUST_CHECK;

/* False and *err when path is no table, is one of another version, is truncated or altered. */
bool userblock_check(const char *path, struct err *err) MUST_CHECK;

#endif
