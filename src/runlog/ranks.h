/* How the scores of a whole space are distributed, thinned out to what fits a line of a log: some
 * ranks, the best first, and the score at each. Ranks up to 50 are all there, and each further one
 * is at most 2 % larger than the one before, so that a rank read between two is off by less. */
#ifndef RUNLOG_RANKS_H
#define RUNLOG_RANKS_H

#include "base/str.h"
#include "runlog/field.h"

struct ranks {
    size_t count; /* architectures of the space; 0: nothing is known of them */
    size_t point_count;
    size_t *rank;  /* rising, from 1 to count */
    double *score; /* at each rank; never rising */
};

/* Appends {"count":..,"ranks":[..],"scores":[..]} of all scores, which are sorted, best first. */
void ranks_add(struct str *line, const double *scores, size_t count, int decimals);

/* Reads it back; absent or null is nothing known. False and *err; then there is nothing to free. */
bool ranks_read(const struct field_place *place, const char *key, const json_t *value,
                struct ranks *ranks, struct err *err) MUST_CHECK;
void ranks_free(struct ranks *ranks);

/* The rank that an architecture of this score has, from 1 to count; interpolated between the ranks
 * that are there, and then *exact (which may be NULL) is false. Of equal scores, that of one of
 * them. */
double ranks_of(const struct ranks *ranks, double score, bool *exact);

/* The score at a rank, from 1 to count. */
double ranks_score(const struct ranks *ranks, double rank);

/* Whether both say the same of as large a space. */
bool ranks_same(const struct ranks *a, const struct ranks *b);

#endif
