/* Numbers from elsewhere (papers, re-runs of others' code), in the long form of our own CSV tables.
 * They stand in rows of their own, never mixed with ours. */
#ifndef REPORT_REFERENCE_H
#define REPORT_REFERENCE_H

#include "base/csv.h"

struct reference_value {
    const char *strategy, *space, *dataset, *searched_on, *budget, *metric, *split;
    double mean, std; /* std NaN where none is given */
    size_t runs;      /* 0 where it is not known */
    const char *source;
};

struct reference {
    struct reference_value *values;
    size_t count, capacity;
    struct csv csv; /* holds the texts */
};

/* Reads the file, looked for as file_find_data() does. False and *err, with the line, when it is
 * not such a table; then there is nothing to free. */
bool reference_read(const char *name, struct reference *reference, struct err *err) MUST_CHECK;
void reference_free(struct reference *reference);

#endif
