/* What a table's columns mean: which unit, from where, under which licence. Read from a CSV with
 * one row for each kind of column, which matches one or many columns of the measurements:
 *
 *   metric,dataset,split,epochs,training_seed,device,unit,source,licence
 *
 * An empty field of the first six matches anything (metric cannot be empty); an empty unit is a
 * plain number. The first row that matches counts. The order of the rows is the order of the
 * columns in the table. */
#ifndef IMPORT_DECLARE_H
#define IMPORT_DECLARE_H

#include "table/table.h"

struct declaration {
    struct column pattern; /* with unit, source and licence */
    bool epochs_any, seed_any;
    size_t line;
    bool used; /* some column matched it */
};

struct declarations {
    const char *path; /* the caller's, for sentences */
    struct declaration *list;
    size_t count, capacity;
};

/* The caller frees, after a failure too. */
bool declare_read(const char *path, struct declarations *declarations, struct err *err) MUST_CHECK;
void declare_free(struct declarations *declarations);

/* The place in the list of what matches column, which gets its unit, source and licence;
 * SIZE_MAX when nothing does. */
size_t declare_match(struct declarations *declarations, struct column *column);

/* False and *err when a declaration matched no column: it is probably misspelt. */
bool declare_all_used(const struct declarations *declarations, struct err *err) MUST_CHECK;

/* The six fields that name a column, which both files have in one order: metric, dataset, split,
 * epochs (empty is 0), training_seed (empty or "mean" is TABLE_SEED_MEAN) and device. Sentences
 * name csv's file and line. */
struct csv;
enum { KEY_METRIC, KEY_DATASET, KEY_SPLIT, KEY_EPOCHS, KEY_SEED, KEY_DEVICE, KEY_FIELDS };
bool declare_key(const struct csv *csv, char *const fields[KEY_FIELDS], struct column *key,
                 struct err *err) MUST_CHECK;

#endif
