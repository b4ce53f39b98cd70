/* A figure on its way to paper, as SVG, PDF and PNG: a plot or a graph. A plot has its data in a
 * CSV file beside it, and a gnuplot script that draws them; scripts are plots/<script>.gp, and find
 * the data's path, where to draw and the rest in variables. A graph has a text in graphviz's
 * language beside it. */
#ifndef REPORT_FIGURE_H
#define REPORT_FIGURE_H

#include "base/err.h"
#include "base/str.h"
#include "space/metric.h"

#include <stddef.h>

struct figure {
    char *name;
    char *caption;        /* may be NULL */
    struct str says;      /* the paragraph under it (say.h) */
    const char *ending;   /* of the data's file: "csv", or "dot" of a graph */
    struct str data;      /* the CSV, or the graph */
    struct str variables; /* gnuplot assignments, "a='text'; b=1; " */
    size_t line_count;    /* of the CSV, the head left out; of a graph, what it shows */
    size_t label_letters; /* of the longest text given to figure_add_label() */
    bool line_begun;
};

/* head: the names of the columns, joined by commas. */
struct figure figure_begin(const char *name, const char *head);
/* Without data; who fills in data counts in line_count. */
struct figure figure_begin_graph(const char *name);
void figure_free(struct figure *figure);

/* The next field of the line; NaN is empty. */
void figure_add_text(struct figure *figure, const char *text);
void figure_add_label(struct figure *figure, const char *text); /* one that stands before a row */
void figure_add_number(struct figure *figure, double number);
void figure_end_line(struct figure *figure);

void figure_set_text(struct figure *figure, const char *variable, const char *text);
void figure_set_number(struct figure *figure, const char *variable, double number);
/* Of the scores that are drawn: metric, its title; epoch; percent, whether it is in percent. */
void figure_set_metric(struct figure *figure, const struct metric *metric);

/* Writes <folder>/<name>.csv (or .dot, where script is NULL), .svg, .pdf and .png and names each on
 * stdout. Where there are no data nothing is drawn, which is said on stderr; nor where
 * nothing changed (drawn.h). False and *err
 * (ERR_TOOL) when gnuplot or graphviz is not there or fails; the data are then written all the
 * same.
 */
bool figure_draw(const struct figure *figure, const char *script, const char *folder,
                 struct err *err) MUST_CHECK;

#endif
