/* Cells that are one method: the same in all but one axis of the matrix, as the data set. */
#ifndef REPORT_METHODS_H
#define REPORT_METHODS_H

#include "report/cells.h"

struct method {
    char *key;                     /* labels on all axes but the merged one */
    char *name;                    /* as it is shown */
    const struct cell_runs *first; /* its first cell, with or without finished runs */
    const struct cell_runs **run;  /* cells with finished runs */
    size_t run_count, run_capacity;
};

struct methods {
    struct method *list;
    size_t count, capacity;
};

/* Groups a list of cells that ends in NULL, in order, by their labels on all axes but merged (may
 * be NULL). A method is named by its label on axis, or, where axis is NULL, by its key. */
struct methods methods_group(const struct cell_runs *const *cells, const char *merged,
                             const char *axis);
void methods_free(struct methods *methods);

/* The cell that searched on the data set, else the first that reports scores on it, or NULL. */
const struct cell_runs *methods_cell_for(const struct method *method, const char *dataset);

#endif
