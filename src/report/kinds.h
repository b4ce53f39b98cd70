/* The kinds of table and figure, one file each, and the options that several of them share. */
#ifndef REPORT_KINDS_H
#define REPORT_KINDS_H

#include "report/report.h"

extern const struct report_type accuracy_table, anytime_table, cost_table, ranking_table,
    steps_table, significance_table;
extern const struct report_type curve_figure, steps_figure, dots_figure, distribution_figure,
    cells_figure, agreement_figure;

#define OPTION_CELLS                                                                               \
    {                                                                                              \
        "cells", OPTION_TEXT, "\"*\"", 0, 0, NULL,                                                 \
            "ids of the cells to show; * stands for any text, | separates patterns"                \
    }

#define OPTION_LABEL                                                                               \
    {                                                                                              \
        "label", OPTION_TEXT, "null", 0, 0, NULL,                                                  \
            "axis of the matrix whose labels name the methods; left out: all axes, joined by +"    \
    }

#define OPTION_AT                                                                                  \
    {                                                                                              \
        "at", OPTION_ARRAY, "[]", 0, 0, NULL,                                                      \
            "numbers of evaluations to report at, each one of report.at; none: the end of the run" \
    }

struct sheet;
struct sheet_row;
struct figure;
struct cell_runs;

/* In the row of a cell without finished runs, instead of values: "not run: ...". */
void report_not_run(struct sheet_row *row, const struct cell_runs *cell);

/* What every kind ends with: writes the files of its table, or draws its figure by a script of
 * plots/ (NULL: a graph) and writes its paragraph beside it as <name>.md; and adds it to the
 * document, if one is made. Each file is named on stdout. */
bool report_put_table(const struct report *report, const struct sheet *sheet,
                      struct err *err) MUST_CHECK;
bool report_put_figure(const struct report *report, const json_t *settings, struct figure *figure,
                       const char *script, struct err *err) MUST_CHECK;

/* For kinds with OPTION_AT. A check: whole numbers above 0, each larger than the one before. How
 * many there are, at least one, and each of them; 0: the end of the run. */
void report_check_at(const json_t *settings, const char *path, struct faults *faults);
size_t report_at_count(const json_t *settings);
size_t report_at(const json_t *settings, size_t index);

#endif
