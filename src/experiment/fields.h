/* The keys of an experiment file that come from no registry, as option tables. */
#ifndef EXPERIMENT_FIELDS_H
#define EXPERIMENT_FIELDS_H

#include "base/option.h"

extern const struct option file_fields[];  /* the top level */
extern const struct option entry_fields[]; /* a matrix entry: a label, and any keys of a cell */
extern const struct option cell_fields[];  /* what must be there once the matrix is merged in */
extern const struct option part_fields[];  /* the same keys where nothing must be there */
extern const struct option budget_fields[];
extern const struct option seeds_fields[];
extern const struct option report_fields[];

/* Names become names of files and folders (str_is_name()). */
#define FIELD_NAME_MARKS  "-_"
#define FIELD_LABEL_MARKS "-_."

/* Whether name is such a name; if not, a fault is added. */
bool field_check_name(const char *name, const char *marks, const char *path, struct faults *faults);

/* Adds a fault where the text at key of object is no such name, or is one of those in seen, which
 * it is put into. Nothing where there is no text: its row has said so. */
void field_check_once(const json_t *object, const char *key, const char *marks, const char *path,
                      json_t *seen, struct faults *faults);

#endif
