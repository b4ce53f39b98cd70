/* Regularised evolution (Real, Aggarwal, Huang and Le 2019, algorithm 1) with the settings of the
 * NAS-Bench-201 paper as defaults:
 *
 *     population <- P random architectures, evaluated
 *     repeat
 *         sample  <- S members drawn from the population, with replacement
 *         child   <- mutate(the best of the sample), evaluated
 *         the child joins the population and the oldest member leaves it
 */
#include "base/mem.h"
#include "search/strategy.h"

#include <stdlib.h>

struct member {
    struct arch arch;
    double valid_score;
};

struct population {
    /* A ring: birth number modulo size, so that a child takes the oldest's place. */
    struct member *members;
    size_t size;
};

/* The best of tournament members; of equal ones that which was drawn first. */
static const struct member *select_parent(const struct population *population, size_t tournament,
                                          struct rng *rng)
{
    const struct member *best = NULL;
    for (size_t i = 0; i < tournament; i++) {
        const struct member *drawn = &population->members[rng_below(rng, population->size)];
        if (!best || drawn->valid_score > best->valid_score)
            best = drawn;
    }
    return best;
}

typedef struct arch mutation(const struct space *space, const struct arch *arch, struct rng *rng);

static void evolve(struct search *search, struct population *population, size_t tournament,
                   mutation *mutate)
{
    for (size_t birth = 0;; birth++) {
        struct origin origin = {.stage = "start"};
        struct member child;
        struct score score;
        if (birth < population->size) {
            child.arch = space_sample(search->space, &search->rng);
        } else {
            const struct member *parent = select_parent(population, tournament, &search->rng);
            child.arch = mutate(search->space, &parent->arch, &search->rng);
            origin = (struct origin){.stage = "mutation", .parent = &parent->arch};
        }
        if (!meter_evaluate(search->meter, &child.arch, &origin, &score))
            return;
        child.valid_score = score.valid_score;
        population->members[birth % population->size] = child;
    }
}

static bool run(struct search *search, struct err *err)
{
    (void)err; /* nothing here can fail */
    size_t tournament = (size_t)option_integer(search->settings, "tournament");
    bool node_first = option_is(search->settings, "mutation", "node-first");
    struct population population = {
        .size = (size_t)option_integer(search->settings, "population"),
    };
    population.members = mem_alloc(population.size, sizeof(*population.members));
    evolve(search, &population, tournament, node_first ? space_mutate_node : space_mutate);
    free(population.members);
    return true;
}

static void check(const json_t *settings, const struct space *space, size_t budget,
                  const char *path, struct faults *faults)
{
    (void)space;
    (void)budget;
    int64_t population = option_integer(settings, "population");
    int64_t tournament = option_integer(settings, "tournament");
    if (tournament <= population)
        return;
    char *at = mem_printf("%s/tournament", path);
    fault_add(faults, at, "found %lld, expected at most the population, %lld",
              (long long)tournament, (long long)population);
    free(at);
}

static const struct option options[] = {
    {"population", OPTION_INTEGER, "10", 1, 1000000, NULL, "members that may be parents"},
    {"tournament", OPTION_INTEGER, "3", 1, 1000000, NULL,
     "members drawn with replacement, of which the best is the parent"},
    {"mutation", OPTION_CHOICE, "\"uniform\"", 0, 0, "uniform|node-first",
     "a uniform neighbour; or a node, then an edge into it, then another choice, as in the "
     "NAS-Bench-201 paper's code"},
    {0}};

const struct strategy_type strategy_evolution = {
    .name = "evolution",
    .summary = "regularised evolution: tournament, one mutation, the oldest dies",
    .options = options,
    .check = check,
    .run = run,
};
