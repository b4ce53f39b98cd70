/* A text as a field of CSV (RFC 4180): in quotes where it needs them. */
#ifndef REPORT_CSV_H
#define REPORT_CSV_H

#include "base/str.h"

void csv_add(struct str *out, const char *text); /* NULL: an empty field */

#endif
