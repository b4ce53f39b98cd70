#include "cli/place.h"

#include "base/file.h"

void place_read(const struct arguments *arguments, const char *experiment, struct run_place *place,
                char **found)
{
    const char *results = arguments_value(arguments, "--results");
    const char *transcripts = arguments_value(arguments, "--transcripts");
    *found = transcripts ? NULL : file_find_data("benchdata/transcripts", NULL);
    place->experiment = experiment;
    place->results = results ? results : "results";
    place->transcripts = transcripts ? transcripts : *found ? *found : "benchdata/transcripts";
}
