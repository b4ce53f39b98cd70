/* The columns of a table that say how many runs there were, and what they spent. */
#ifndef REPORT_COUNTS_H
#define REPORT_COUNTS_H

#include "report/cells.h"
#include "report/sheet.h"

enum counts_detail {
    COUNTS_RUNS,  /* runs and source alone */
    COUNTS_SPENT, /* and evaluations, simulated time, LLM calls, tokens, rates */
    COUNTS_ALL    /* and repairs and seconds of the LLM */
};

enum { COUNTS_COLUMNS = 16 };

struct counts {
    size_t runs, source;            /* columns of the sheet */
    size_t columns[COUNTS_COLUMNS]; /* by place in the table of counts.c; 0: not shown */
    const char **datasets;          /* that were searched on, one column of time each */
    bool trained; /* all time was measured in trainings: it is in hours, not in days of a GPU */
    size_t dataset_count, first_day; /* the columns of time follow each other */
};

/* Adds the columns. Those of an LLM only where one of the cells (a list that ends in NULL) asked
 * one. counts_free() when the rows are done. */
struct counts counts_add(struct sheet *sheet, const struct cell_runs *const *cells,
                         enum counts_detail detail);
void counts_free(struct counts *counts);

/* Fills the row with means over all runs of the count cells, after at evaluations (0: at the
 * end). What is only known of whole runs stays empty where at is before their end. */
void counts_fill(const struct counts *counts, struct sheet_row *row,
                 const struct cell_runs *const *cells, size_t count, size_t at);

/* Says under the table what the columns are, and which cells lack runs. */
void counts_note(const struct counts *counts, struct sheet *sheet,
                 const struct cell_runs *const *cells);

#endif
