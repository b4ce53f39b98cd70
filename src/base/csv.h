/* Reads CSV (RFC 4180), row by row, in place: fields are separated by commas; one that holds a
 * comma or a quote stands in double quotes, a quote within it doubled. A line ends in \n or \r\n; a
 * field does not run over lines. Empty lines are passed over. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/err.h"
#include "base/str.h"

#include <stddef.h>

struct csv {
    const char *path; /* the caller's, for sentences */
    size_t line;      /* of the last row, counted from 1 */
    char *text, *at;  /* the whole file, and what is not read yet */
    size_t columns;   /* how many fields each row must have */
};

/* Reads the file ("-" is stdin; ".zst" is expanded); its first row must be exactly header. The
 * caller closes csv, after a failure too. */
bool csv_open(struct csv *csv, const char *path, const char *header, struct err *err) MUST_CHECK;
void csv_close(struct csv *csv);

/* The next row into fields, which has room for the header's columns; the texts live until
 * csv_close(). *end is true, and fields untouched, after the last row. */
bool csv_next(struct csv *csv, char **fields, bool *end, struct err *err) MUST_CHECK;

/* Appends a text as such a field: in quotes where it needs them. NULL: an empty field. */
void csv_add(struct str *out, const char *text);

#endif
