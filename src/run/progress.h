/* How far a batch is, in one line for the person who waits. */
#ifndef RUN_PROGRESS_H
#define RUN_PROGRESS_H

#include "base/str.h"

#include <stddef.h>

struct progress {
    size_t runs;       /* that are asked for */
    size_t iterations; /* of those that ask an LLM, all together; 0: not known beforehand */
    double begun_s;
    size_t runs_done, runs_made; /* made: and not there before */
    size_t iterations_done;      /* or not to be done any more */
    size_t live_iterations;      /* those for which a server was asked */
    size_t live_calls;           /* requests that servers answered */
    char running[128]; /* name of the newest run that asks an LLM; "" where there is none */
    size_t running_at; /* its iterations */
};

/* "3 of 8 runs, 4 requests in flight, 31 a minute, 12 min left; seki.s1 at iteration 7", of what is
 * known at now_s. in_flight: requests that are at servers now. */
void progress_line(const struct progress *progress, double now_s, size_t in_flight,
                   struct str *line);

#endif
