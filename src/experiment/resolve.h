/* A merged cell becomes settings: every key filled in by its option table, names found in their
 * registries, and what no table can say (relations, order, presence) checked. */
#ifndef EXPERIMENT_RESOLVE_H
#define EXPERIMENT_RESOLVE_H

#include "experiment/experiment.h"

/* Fills in cell (but its id and labels) from document. whole: the matrix is merged in, so what is
 * missing is a fault. Faults have paths in document. Where there are any, cell is of use to
 * cell_free() alone. */
void resolve_cell(const json_t *document, bool whole, struct cell *cell, struct faults *faults);
void cell_free(struct cell *cell);

#endif
