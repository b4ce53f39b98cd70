/* Texts for LaTeX. */
#ifndef REPORT_LATEX_H
#define REPORT_LATEX_H

#include "base/str.h"

/* Appends text so that LaTeX prints it as it is written. */
void latex_add(struct str *out, const char *text);

#endif
