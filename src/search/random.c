/* Random search: every architecture is drawn uniformly and apart from the others, repeats and all,
 * as in the NAS-Bench-201 paper. What any other strategy must beat. */
#include "search/strategy.h"

static bool run(struct search *search, struct err *err)
{
    (void)err; /* nothing here can fail */
    const struct origin nowhere = {0};
    struct score score;
    struct arch arch;
    do {
        arch = space_sample(search->space, &search->rng);
    } while (meter_evaluate(search->meter, &arch, &nowhere, &score));
    return true;
}

static const struct option options[] = {{0}};

const struct strategy_type strategy_random = {
    .name = "random",
    .summary = "uniform random search, without a look at what was drawn before",
    .options = options,
    .run = run,
};
