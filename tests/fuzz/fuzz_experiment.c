/* Any bytes as an experiment file: refused with its faults, or resolved into cells, each of which a
 * run log could hold and give back. */
#include "experiment/experiment.h"
#include "fuzz.h"

enum { CELLS_TRIED = 4 }; /* of a matrix of thousands */

/* What "seki replay" does with the first line of a log of this cell. */
static void require_again(const struct experiment *experiment, const struct cell *cell)
{
    struct err err = {0};
    json_t *start = json_pack("{s:s, s:s, s:O, s:I, s:O}", "study", experiment->name, "cell",
                              cell->id, "labels", cell->labels, "seed",
                              (json_int_t)cell->first_seed, "experiment", cell->resolved);
    struct experiment *again = experiment_of_log(start, "log", &err);
    FUZZ_REQUIRE(again);
    FUZZ_REQUIRE(again->cell_count == 1);
    FUZZ_REQUIRE(json_equal(again->cells[0].resolved, cell->resolved));
    experiment_close(again);
    json_decref(start);
}

static void require_cell(const struct cell *cell)
{
    FUZZ_REQUIRE(cell->id && cell->id[0]);
    FUZZ_REQUIRE(cell->space && cell->oracle && cell->strategy);
    FUZZ_REQUIRE(json_is_object(cell->resolved) && json_is_object(cell->labels));
    FUZZ_REQUIRE(cell->seed_count > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    struct experiment *experiment = experiment_open(fuzz_file(data, size), &err);
    if (!experiment) {
        fuzz_require_reason(&err);
        return 0;
    }
    FUZZ_REQUIRE(experiment->cell_count > 0);
    for (size_t i = 0; i < experiment->cell_count; i++) {
        require_cell(&experiment->cells[i]);
        if (i < CELLS_TRIED)
            require_again(experiment, &experiment->cells[i]);
    }
    experiment_close(experiment);
    return 0;
}
