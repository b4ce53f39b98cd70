/* Reading JSON objects into structs by a table: a row for each field, with its key, its type and
 * its place. A field that is absent or null, and need not be there, becomes NULL or NaN. */
#ifndef RUNLOG_FIELD_H
#define RUNLOG_FIELD_H

#include "base/err.h"

#include <jansson.h>
#include <stddef.h>

enum field_type {
    FIELD_TEXT,   /* const char *, the JSON value's own, on one line; NULL when absent */
    FIELD_NUMBER, /* double within 1e100, so that sums are finite; NaN when absent */
    FIELD_COUNT,  /* size_t; 0 when absent */
    FIELD_FLAG    /* bool, from true, false, 1 or 0; false when absent */
};

struct field {
    const char *key; /* NULL ends a table */
    enum field_type type;
    bool required;
    size_t offset; /* of the member in the struct that is filled */
};

/* Where a value stands, for the sentence when it is not as it must be. */
struct field_place {
    const char *path;
    size_t line;
};

/* False and *err, "path:line: key: what was found, what was expected". */
bool field_read(const struct field_place *place, const struct field *field, const json_t *value,
                void *into, struct err *err) MUST_CHECK;
/* Reads every field of the table from object into the struct at into. */
bool field_read_all(const struct field_place *place, const struct field *fields,
                    const json_t *object, void *into, struct err *err) MUST_CHECK;

bool field_is_number(const json_t *value); /* as FIELD_NUMBER has it */

/* Sets *err to "path:line: key: found ..., expected ..."; always false. */
bool field_refuse(const struct field_place *place, const char *key, const json_t *value,
                  const char *expected, struct err *err);

#endif
