/* The kinds of table and figure, one file each, and the options that several of them share. */
#ifndef REPORT_KINDS_H
#define REPORT_KINDS_H

#include "report/report.h"

extern const struct report_type accuracy_table, anytime_table, cost_table, steps_table,
    significance_table;
extern const struct report_type curve_figure, steps_figure, dots_figure;

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

/* A check for kinds with OPTION_AT: whole numbers above 0, each larger than the one before. */
void report_check_at(const json_t *settings, const char *path, struct faults *faults);

#endif
