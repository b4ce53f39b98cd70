/* How a benchmark table lies in its HDF5 file (version 1).
 *
 *   512 bytes       table/userblock.h: version, and the SHA-256 of all that follows
 *   /               attributes: schema "seki-table", version 1 (int32), benchmark, space, seal
 *                   (zero-padded fixed-length texts)
 *   /columns        (columns): compound of fixed-length texts and int32, the members of struct
 *                   column by name; what each column holds, its unit, source and licence
 *   /values         (columns, rows): contiguous float32; NaN where nothing was measured
 *   /architectures  (rows): the digits of each architecture, in the order of space_index()
 *
 * seal is schema_seal() below, hexadecimal: the identity of what the table says, which does not
 * depend on the version of HDF5 as the bytes do. Nothing in the file is a time: the same table
 * gives the same bytes. A change of this layout raises the version and keeps a reader. */
#ifndef TABLE_SCHEMA_H
#define TABLE_SCHEMA_H

#include "base/hash.h"
#include "table/table.h"

#include <hdf5.h>

#define SCHEMA_NAME          "seki-table"
#define SCHEMA_COLUMNS       "/columns"
#define SCHEMA_VALUES        "/values"
#define SCHEMA_ARCHITECTURES "/architectures"

enum { SCHEMA_VERSION = 1 };

/* Numbers are stored, hashed and read as they lie in memory. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tables are little-endian");

/* The types in the file, which are those in memory as well. The caller closes them. */
hid_t schema_text_type(size_t size); /* zero-padded text of size bytes */
hid_t schema_column_type(void);      /* struct column */

/* The digits of all rows without separators, slot_count bytes each; the caller frees. */
char *schema_architectures(const struct space *space, size_t rows);

/* SHA-256 over: benchmark and space name (TABLE_TEXT bytes each, zero-padded), the counts of
 * columns and rows (uint64), columns as struct column, architectures, values. */
struct digest schema_seal(const struct table *table, const char *architectures);

#endif
