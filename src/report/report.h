/* Logs to paper: every table and figure of an experiment, made from its run logs alone. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/option.h"

struct report; /* the runs of an experiment, and where tables and figures go */

/* What an experiment file says of one table or figure: {"type": ..., "name": ..., ...}. A kind is
 * named by "type"; each has its own option table.
 *
 * To add a kind of table or figure: (1) write report/<name>.c with one const struct report_type,
 * whose draw() fills a sheet (sheet.h) or a figure (figure.h), with its paragraph (say.h), and
 * hands it to report_put_table() or report_put_figure(), (2) declare it in kinds.h, which has the
 * options that kinds share, and name it in report_tables[] or report_figures[] in report.c, (3) add
 * it to local.mk, and a plot's script to plots/local.mk, (4) give it an entry in
 * tests/report/study.json, and what must come of it in tests/report/expected/. */
struct report_type {
    const char *name;
    const char *summary;
    const struct option *options; /* beside "type", "name" and "caption", which all have */
    /* More than the table can say: what lists must hold. Adds to faults. Optional. */
    void (*check)(const json_t *settings, const char *path, struct faults *faults);
    bool (*draw)(const struct report *report, const json_t *settings, struct err *err);
};

extern const struct option report_common_options[]; /* "type", "name", "caption" */

/* Options, of whatever kind, whose value is the name of an axis of the matrix; NULL ends. */
extern const char *const report_axis_options[];

/* Likewise those whose value is the id of one cell. */
extern const char *const report_cell_options[];

const struct report_type *report_table_find(const char *name);
const struct report_type *report_figure_find(const char *name);
const struct report_type *report_table_at(size_t index);  /* NULL past the last */
const struct report_type *report_figure_at(size_t index); /* NULL past the last */

struct document;

struct report_request {
    const char *experiment, *title; /* its name, and what it is in one line */
    const char *logs;               /* folder of its runs: "results/nb201-ablation" */
    const char *transcripts;        /* folder of recorded ones: "benchdata/transcripts" */
    const char *const *cells;       /* ids of its cells in order: rows follow it */
    const json_t *const *resolved;  /* the experiment of each, for the document; NULL without one */
    const size_t *planned;          /* runs that it asks for of each; NULL: as the logs say */
    size_t cell_count;
    const json_t *tables, *figures;           /* resolved by the option tables above */
    const char *table_folder, *figure_folder; /* "results/tables", "results/figures" */
    struct document *document;                /* gets all of it too; NULL: none is made */
};

/* Draws all of it and names each file written on stdout. A cell without finished runs gets a row
 * that says so. What cannot be drawn is left out and the rest drawn all the same: then false, with
 * a line in *err for each fault. */
bool report_write(const struct report_request *request, struct err *err) MUST_CHECK;

#endif
