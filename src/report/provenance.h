/* Where the numbers of a study come from: the program that made its runs, the models that were
 * asked and when, and the hashes of tables, prompts and transcripts. */
#ifndef REPORT_PROVENANCE_H
#define REPORT_PROVENANCE_H

#include "report/cells.h"
#include "report/document.h"

/* Adds two tables to the document: a row a cell, and a row a hash. */
void provenance_add(const struct report *report, struct document *document);

#endif
