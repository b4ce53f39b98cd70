/* A table on its way to paper: columns, rows, measured values, notes. Kinds of table fill one, and
 * three renderers write it: for reading (Markdown), for a paper (LaTeX, booktabs), and in long form
 * for scripts (CSV: one line a measured value).
 *
 * Texts that are given are copied, unless said otherwise. Columns come first, then rows. */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "base/err.h"
#include "base/str.h"
#include "report/stats.h"

#include <jansson.h>
#include <stddef.h>

struct sheet_column {
    const char *head;
    const char *group; /* spans neighbouring columns of the same group; NULL: none */
    bool text;         /* left-aligned texts; else measured values */
    int decimals;      /* of values, in Markdown and LaTeX; 0 to 6 */
    bool deviation;    /* "mean ± std", where there is a std */
    double least;      /* a smaller value, above 0, is printed as "<least"; 0: as it is */
    /* For CSV. metric NULL: the column is not in it. split may be NULL. */
    const char *metric, *split;
};

/* Where a value comes from, for CSV. Each may be NULL, and is then empty. */
struct sheet_origin {
    const char *dataset, *searched_on, *budget, *source;
};

struct sheet_entry {
    bool filled;
    char *text;                                    /* of a text column */
    double mean, std;                              /* std NaN: none */
    size_t runs;                                   /* 0: not of runs */
    char *dataset, *searched_on, *budget, *source; /* may be NULL */
};

struct sheet_row {
    char *strategy, *space;
    bool ruled;                  /* a line above it */
    char *remark;                /* instead of values: "not run: ..." */
    struct sheet_entry *entries; /* one a column */
};

struct sheet {
    char *name, *caption;
    struct sheet_column *columns; /* with texts of its own */
    size_t column_count, column_capacity;
    struct sheet_row *rows;
    size_t row_count, row_capacity;
    struct str says; /* the paragraph under it (say.h) */
    char **notes;
    size_t note_count, note_capacity;
};

/* Empty, with "name" and "caption" of the settings. */
struct sheet sheet_begin(const json_t *settings);
void sheet_free(struct sheet *sheet);

size_t sheet_column(struct sheet *sheet, const struct sheet_column *column); /* its place */
size_t sheet_text_column(struct sheet *sheet, const char *head);
/* Of a table whose columns are always the same: a list in the order of an enum of their places. */
void sheet_columns(struct sheet *sheet, const struct sheet_column *columns, size_t count);

/* The new last row; valid until the next one is added. strategy and space are CSV's. */
struct sheet_row *sheet_row(struct sheet *sheet, const char *strategy, const char *space);
void sheet_text(struct sheet_row *row, size_t column, const char *text); /* text may be NULL */
/* Nothing is filled in where the mean is NaN. */
void sheet_measure(struct sheet_row *row, size_t column, const struct summary *summary,
                   const struct sheet_origin *origin);
/* The same of a value without a deviation, which runs runs gave (0: not of runs). */
void sheet_value(struct sheet_row *row, size_t column, double value, size_t runs,
                 const struct sheet_origin *origin);
void sheet_remark(struct sheet_row *row, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A sentence under the table; said twice, it is there once. */
void sheet_note(struct sheet *sheet, const char *format, ...) __attribute__((format(printf, 2, 3)));

typedef void sheet_renderer(const struct sheet *sheet, struct str *out);
sheet_renderer sheet_markdown, sheet_latex, sheet_csv;

/* For renderers: the place after the last column that shares the group of the one at begin. */
size_t sheet_group_end(const struct sheet *sheet, size_t begin);
/* For renderers: what stands in an entry: "91.61 ± 0.12", a text, or "–" where there is nothing.
 * The caller frees. */
char *sheet_entry_text(const struct sheet_column *column, const struct sheet_entry *entry);
/* For renderers: a value, or "<0.0001", with the decimals of its column. */
void sheet_add_value(const struct sheet_column *column, double value, struct str *out);

/* Writes <folder>/<name>.md, .tex and .csv, and names each on stdout. */
bool sheet_write(const struct sheet *sheet, const char *folder, struct err *err) MUST_CHECK;

/* The first line of every CSV file of tables. */
extern const char sheet_csv_head[];

#endif
