/* The paragraph under a table or figure: what it shows and what it does not, said by the numbers
 * alone. It is kept as sentences, one a line, so that a change of one is a change of one line. */
#ifndef REPORT_SAY_H
#define REPORT_SAY_H

#include "base/str.h"

/* Appends a sentence as a line of its own. */
void say(struct str *says, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
