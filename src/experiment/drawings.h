/* The tables and figures that an experiment file asks for. */
#ifndef EXPERIMENT_DRAWINGS_H
#define EXPERIMENT_DRAWINGS_H

#include "experiment/experiment.h"

/* "tables" and "figures" of the file by their types' option tables; the caller owns the lists. */
json_t *drawings_resolve_tables(const json_t *file, struct faults *faults);
json_t *drawings_resolve_figures(const json_t *file, struct faults *faults);

/* Whether the study has what they name: axes, cells, numbers of evaluations. For a file that has no
 * fault yet: each of its drawings is then at the same place of its resolved list. */
void drawings_check(const struct experiment *experiment, const json_t *file, struct faults *faults);

#endif
