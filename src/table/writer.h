/* Writes a table as table/schema.h says. */
#ifndef TABLE_WRITER_H
#define TABLE_WRITER_H

#include "table/table.h"

/* Seals the table (table->seal is set) and writes it beside path, then renames it. The same table
 * gives the same bytes. */
bool table_write(struct table *table, const char *path, struct err *err) MUST_CHECK;

#endif
