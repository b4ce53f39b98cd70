/* Makes a table out of measurements in long form, one a row, in any order:
 *
 *   arch,metric,dataset,split,epochs,training_seed,device,value
 *
 * arch is the digits or the benchmark's text form. epochs is empty where it does not apply;
 * training_seed is a number, or "mean" or empty for a mean over seeds; what was not measured has
 * no row. import/declare.h says what else is told of each column, in a file of its own.
 *
 * The same measurements give the same table, whatever the order of the rows: columns are ordered
 * by declaration, data set, epochs, split, training seed and device. */
#ifndef IMPORT_IMPORT_H
#define IMPORT_IMPORT_H

#include "table/table.h"

/* The caller owns the result and gives it to table_close(). NULL and *err, with file and line, at
 * the first row that cannot be taken. */
struct table *import_read(const struct space *space, const char *benchmark,
                          const char *columns_path, const char *path, struct err *err) MUST_CHECK;

#endif
