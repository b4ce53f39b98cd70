/* Runs a program that draws, and quotes what it complains of. */
#ifndef REPORT_TOOL_H
#define REPORT_TOOL_H

#include "base/err.h"

/* argv[0] is looked for as a shell does; argv ends in NULL. False and *err (ERR_TOOL) when it is
 * not there, which says that package must be installed, or fails on input, which says why. */
bool tool_run(const char *const argv[], const char *package, const char *input,
              struct err *err) MUST_CHECK;

#endif
