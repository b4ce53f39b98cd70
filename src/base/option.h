/* Parameters as tables: one row for each. A row parses, validates, documents, completes with its
 * default and echoes; nothing about a parameter is said anywhere else.
 *
 * To add a parameter to anything: add a row to its table, and read it with option_integer() or
 * its sisters. Values live in a JSON object that holds every key of the table ("settings"). */
#ifndef BASE_OPTION_H
#define BASE_OPTION_H

#include "base/err.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_type {
    OPTION_INTEGER, /* in [min, max] */
    OPTION_REAL,    /* in [min, max] */
    OPTION_BOOLEAN,
    OPTION_TEXT,
    OPTION_CHOICE, /* one of choices, "a|b|c" */
    OPTION_OBJECT, /* read further by whoever owns it */
    OPTION_ARRAY   /* likewise */
};

struct option {
    const char *key; /* as written in files; NULL ends a table */
    enum option_type type;
    const char *fallback; /* default, as JSON text; NULL: must be given; "null": may be absent */
    double min, max;
    const char *choices;
    const char *help; /* one line; units and source belong here */
};

/* All that is wrong with a document, found in one go. */
struct faults {
    char **list; /* each "/json/path: what was found, what was expected" */
    size_t count, capacity;
};

/* Adds "path: sentence", control characters in it replaced; path "" is the document itself. */
void fault_add(struct faults *faults, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void fault_free(struct faults *faults);
/* All faults as one error, a line each, every line begun with file; true when there are none. */
bool fault_report(const struct faults *faults, const char *file, struct err *err) MUST_CHECK;

/* Where the next name of a list "a|b|c" begins, or the list's end. */
const char *option_after(const char *name);

/* The name of names ("a|b|c") that is nearest to what was written, or NULL if none is near.
 * The caller frees. */
char *option_nearest(const char *written, const char *names);
/* The same as the end of a sentence, "; did you mean "b"?", or "". The caller frees. */
char *option_hint(const char *written, const char *names);

/* "42", "\"text\"", "a list" or, for NULL, "nothing": a value of a file, short enough for a
 * sentence. The caller frees. */
char *option_shown(const json_t *value);

/* The settings of table as given (a JSON object, or NULL for "nothing given"): every key, in the
 * table's order, with defaults filled in. Faults are added, with path before each key; the result
 * is then still complete enough to go on checking. The caller owns the result. */
json_t *option_resolve(const struct option *table, const json_t *given, const char *path,
                       struct faults *faults);

/* Values of resolved settings; 0, false or NULL where there is none, or one of another type. */
int64_t option_integer(const json_t *settings, const char *key);
double option_real(const json_t *settings, const char *key);
bool option_boolean(const json_t *settings, const char *key);
const char *option_text(const json_t *settings, const char *key);
/* Whether the text at key is choice. */
bool option_is(const json_t *settings, const char *key, const char *choice);

/* A JSON Schema ("properties" and "required") of the table; the caller owns the result. */
json_t *option_schema(const struct option *table);
/* One line for each row: key, type, range, default, help. */
void option_help(const struct option *table, const char *indent, FILE *out);

#endif
