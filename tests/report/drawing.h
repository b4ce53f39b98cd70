/* Draws tests/report/study.json, or what a test makes of it, from logs that were written by hand
 * (tests/report/logs). Each test has a folder of its own, with those logs where runs leave theirs.
 */
#ifndef TESTS_REPORT_DRAWING_H
#define TESTS_REPORT_DRAWING_H

#include "report/document.h"

#include <check.h>
#include <jansson.h>

extern char folder[64];       /* of this test */
extern json_t *study;         /* what is drawn in it; a test may change it */
extern const size_t *planned; /* runs of its cells; NULL: as their logs say */

/* A case whose tests have a folder and the study each. */
TCase *drawing_case(const char *name);
/* Runs the suite, removes what its tests left, and returns the exit status. */
int drawing_run(Suite *suite);

/* A file of tests/report. The caller frees. */
char *read_source(const char *name);

/* Writes a file below the folder. */
void place_text(const char *text, const char *place);
/* Puts a log of tests/report/logs there. */
void place_log(const char *log, const char *place);
/* Puts the log of all seeds of a cell where that of another cell lies, as that cell's, with these
 * labels. */
void place_log_as(const char *log, const char *id, const char *labels);

/* text with the first place of old, which must be there, made new. Frees text; the caller frees. */
char *exchange(char *text, const char *old, const char *new);

/* Draws what study asks for from the logs in folder. */
bool draw(struct err *err);
bool draw_into(struct document *document, struct err *err); /* and into a document */

/* Lets the study have this drawing of a key ("tables" or "figures") alone. */
void ask_for(const char *key, const char *drawing);
/* Draws it alone, which must fail with this sentence; the folder's name is FOLDER in it. */
void refuses_drawing(const char *key, const char *drawing, const char *expected);
/* What was written in a folder of results ("tables", "figures"), or NULL. The caller frees. */
char *written(const char *results, const char *name, const char *ending);

#endif
