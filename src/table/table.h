/* One benchmark table in memory: for each architecture of a space, columns of measured numbers.
 *
 * On disk it is one HDF5 file (table/schema.h says what lies where), sealed by a SHA-256 that
 * table_open() checks, so that a damaged table is never read. NaN is "not measured". */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include "base/err.h"
#include "space/space.h"

#include <stddef.h>

/* What a column holds. Texts are UTF-8, at most TABLE_TEXT - 1 bytes. */
enum { TABLE_TEXT = 64, TABLE_NOTE = 192 };
enum {
    TABLE_ROWS_MAX = 4 << 20,    /* a space with more architectures has no table */
    TABLE_COLUMNS_MAX = 4096,    /* a file with more columns is not believed */
    TABLE_VALUES_MAX = 256 << 20 /* columns * rows: 1 GiB of float32 */
};
enum { TABLE_SEED_MEAN = 0 }; /* training_seed of a column that is a mean over training seeds */

struct column {
    char metric[TABLE_TEXT];  /* "accuracy", "epoch_time", "parameters", "flops", "latency", ... */
    char unit[TABLE_TEXT];    /* "percent", "s", "count", "MFLOP", "ms"; "": a plain number */
    char dataset[TABLE_TEXT]; /* "cifar10", ...; "" where it does not depend on one */
    char split[TABLE_TEXT];   /* "valid", "test", "train"; "" where it does not apply */
    char device[TABLE_TEXT];  /* of a latency; "" elsewhere */
    int epochs;               /* of the training that was measured; 0 where it does not apply */
    int training_seed;        /* 777, ...; TABLE_SEED_MEAN */
    char source[TABLE_NOTE], licence[TABLE_TEXT];
};

struct table {
    char benchmark[TABLE_TEXT]; /* "nas-bench-201" */
    const struct space *space;
    size_t rows; /* architectures, in the order of space_index() */
    size_t column_count;
    struct column *columns;
    float *values; /* (column_count, rows), row-major */
    char seal[65]; /* SHA-256 over everything above, hexadecimal: which table this is */
};

/* The path of the table called name: name itself where it has a '/' or ends in ".h5", else
 * benchdata/<name>.h5 as file_find_data() finds it. The caller frees; NULL and *err if nowhere. */
char *table_find(const char *name, struct err *err) MUST_CHECK;

/* The caller owns the result and gives it to table_close(). NULL and *err when path is missing,
 * truncated, altered, or not a table of this schema version. */
struct table *table_open(const char *path, struct err *err) MUST_CHECK;
void table_close(struct table *table); /* NULL is allowed */

/* The column (rows values) that has this metric, data set, epochs, split and training seed, or
 * NULL. dataset and split may be "". */
const float *table_column(const struct table *table, const char *metric, const char *dataset,
                          int epochs, const char *split, int training_seed);

/* The mean over training seeds, row by row, of what is measured: the column of TABLE_SEED_MEAN if
 * the table has one, else the mean of the seeds' columns without NaN (NaN if there is none).
 * False and *err, which names the data sets and epochs there are, when nothing fits. */
bool table_mean(const struct table *table, const char *metric, const char *dataset, int epochs,
                const char *split, double *mean, struct err *err) MUST_CHECK;

/* Always false, with *err set: the table has no such measurement, and what it has instead. */
bool table_lacks(const struct table *table, const char *metric, const char *dataset, int epochs,
                 const char *split, struct err *err);

/* The training seeds measured for one combination, ascending, at most limit; returns how many. */
size_t table_seeds(const struct table *table, const char *metric, const char *dataset, int epochs,
                   const char *split, int *seeds, size_t limit);

#endif
