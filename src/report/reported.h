/* Columns of a table that rows from elsewhere alone fill: a metric, a data set or a size of the
 * network that papers print beside the scores that our runs have too. */
#ifndef REPORT_REPORTED_H
#define REPORT_REPORTED_H

#include "base/option.h"
#include "report/reference.h"
#include "report/sheet.h"

/* A row for the table of a drawing, as "reported". */
/* clang-format off */
#define OPTION_REPORTED                                                                            \
    {"reported", OPTION_ARRAY, "[]", 0, 0, NULL,                                                   \
     "columns that rows from elsewhere alone fill: objects of head, metric, dataset, split, decimals"}
/* clang-format on */

struct reported {
    json_t *columns; /* resolved */
    size_t first;    /* of the sheet; the others follow it */
};

void reported_check(const json_t *settings, const char *path, struct faults *faults);
/* Adds the columns; reported_free() when the rows are done. */
struct reported reported_add(struct sheet *sheet, const json_t *settings);
void reported_free(struct reported *reported);

/* Puts the value into the column that it belongs to, if there is one. */
void reported_place(const struct reported *reported, struct sheet_row *row,
                    const struct reference_value *value);

#endif
