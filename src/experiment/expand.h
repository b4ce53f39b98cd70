/* The matrix of an experiment file: every combination of one entry of each axis, merged over the
 * rest of the file (RFC 7396, except that an object with another "type" replaces the one below).
 *
 * A merged cell is in no file, so each one carries its origins: where in the file each part of it
 * was written. Faults found in a cell are told by those places. */
#ifndef EXPERIMENT_EXPAND_H
#define EXPERIMENT_EXPAND_H

#include "base/option.h"

enum {
    MATRIX_CELLS = 10000,          /* more are refused */
    MATRIX_ID_MAX = 200,           /* characters of a cell's id */
    FAULTS_TOLD = 1000,            /* past so many, no more are looked for in merged cells */
    MATRIX_BYTES = 256 * (1 << 20) /* of JSON that the cells may hold, all together */
};

struct matrix {
    json_t *base;       /* the file's keys that a cell has */
    const json_t *axes; /* {"method": [{"label": ...}, ...], ...}; borrowed */
    size_t cell_count;
    bool sound;   /* false: faults were found, and the only cell is the base itself */
    json_t *told; /* the faults told so far: true, or the cells of one that no entry wrote */
};

/* Reads "matrix" of the file, and adds what is wrong with its axes and entries to faults. */
struct matrix matrix_read(const json_t *file, struct faults *faults);
void matrix_free(struct matrix *matrix);

struct combination {
    char *id;         /* labels joined by '+'; "all" where there is no axis */
    json_t *labels;   /* axis -> label */
    json_t *document; /* the merged cell */
    json_t *origins;  /* path in document -> path in the file, for each merged part */
};

/* The last axis moves fastest. The caller frees with combination_free(). */
struct combination matrix_combine(const struct matrix *matrix, size_t index);
void combination_free(struct combination *combination);

/* Moves faults of one of matrix's cells to all, each at its place in the file, none twice. */
void combination_tell(const struct combination *combination, const struct matrix *matrix,
                      struct faults *found, struct faults *all);

/* When all cells have told: what some of them lack, and no entry wrote, gets the name of the first
 * such cell. */
void matrix_name_cells(const struct matrix *matrix, struct faults *all);

#endif
