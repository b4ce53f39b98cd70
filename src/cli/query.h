/* The three ways in which "seki query" prints a table, or trainings: see cmd_query.c. */
#ifndef CLI_QUERY_H
#define CLI_QUERY_H

#include "base/str.h"
#include "table/table.h"

#include <jansson.h>

enum { QUERY_DIGITS = 7 }; /* of a number, as many as a float32 holds */

/* All that the table has of one architecture, as README's "seki query" shows it; the caller owns
 * the result. Seeds that were not measured are left out of their list, other gaps are null. */
json_t *query_json(const struct table *table, const struct arch *arch);

/* The same for people: a row for each kind of measurement, a column for each data set. */
void query_text(const struct table *table, const struct arch *arch, struct str *out);

/* A header and one row for each architecture; what was not measured is empty. */
void query_csv(const struct table *table, struct str *out);

/* Whether a TABLE is a file of trainings (oracle/trainings.h), which is printed in the same ways:
 * all trainings of an architecture, or (cell NULL) of the file. */
bool query_is_trainings(const char *name);
bool query_trainings(const char *path, const char *cell, bool as_json, struct str *out,
                     struct err *err) MUST_CHECK;

#endif
