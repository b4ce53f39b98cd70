/* The flags that say where results and transcripts are, shared by the commands that need them. */
#ifndef CLI_PLACE_H
#define CLI_PLACE_H

#include "cli/command.h"
#include "run/run.h"

#define PLACE_TRANSCRIPTS                                                                          \
    {                                                                                              \
        "--transcripts", "DIR", "where recorded transcripts are (default: benchdata/transcripts)"  \
    }
#define PLACE_FLAGS {"--results", "DIR", "where run logs are (default: results)"}, PLACE_TRANSCRIPTS

/* Fills results, transcripts and experiment. *found is what transcripts may point into; the caller
 * frees it after place. */
void place_read(const struct arguments *arguments, const char *experiment, struct run_place *place,
                char **found);

#endif
