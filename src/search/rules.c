/* SEKI's stages with rules in place of the LLM: what a result must be compared with before it is
 * called the LLM's. */
#include "search/operators.h"

#include "base/mem.h"

enum { DRAWS = 3 }; /* mutation-crossover draws again, so often in all, what was evaluated before */

static struct rng step_rng(const struct search *search)
{
    return rng_fork(&search->rng, "rule", meter_iteration(search->meter));
}

static bool mutate(struct search *search, const struct knowledge_entry *parent,
                   struct proposal *proposal, struct err *err)
{
    (void)err;
    struct rng rng = step_rng(search);
    for (int i = 0; i < DRAWS; i++) {
        proposal->arch = space_mutate(search->space, &parent->arch, &rng);
        if (!meter_knows(search->meter, &proposal->arch, NULL))
            break;
    }
    return true;
}

/* Every slot from one of the good ones, drawn anew for each slot. */
static bool cross(struct search *search, const struct knowledge_entry *good, size_t count,
                  struct proposal *proposal, struct err *err)
{
    (void)err;
    struct rng rng = step_rng(search);
    for (size_t slot = 0; slot < search->space->slot_count; slot++)
        proposal->arch.choice[slot] = good[rng_below(&rng, count)].arch.choice[slot];
    if (!space_allows(search->space, &proposal->arch))
        proposal->reason = mem_strdup("the crossover is not an architecture of the space");
    return true;
}

/* Whether the neighbour of arch only replaces what is replaced first by what replaces it. */
static bool follows_prior(const struct space *space, const struct arch *arch,
                          const struct arch *neighbour)
{
    for (size_t i = 0; i < space->slot_count; i++)
        if (arch->choice[i] != neighbour->choice[i])
            return space->slots[i].choices[arch->choice[i]].prior < 0 &&
                   space->slots[i].choices[neighbour->choice[i]].prior > 0;
    return false;
}

/* A uniform one of the neighbours that were not evaluated yet (and follow the prior, if asked).
 * False when there is none. */
static bool draw_untried(struct search *search, const struct arch *arch, bool by_prior,
                         struct rng *rng, struct arch *drawn)
{
    size_t found = 0;
    for (size_t n = 0; n < space_neighbour_count(search->space); n++) {
        struct arch neighbour = space_neighbour(search->space, arch, n);
        if (meter_knows(search->meter, &neighbour, NULL) ||
            !space_allows(search->space, &neighbour) ||
            (by_prior && !follows_prior(search->space, arch, &neighbour)))
            continue;
        if (rng_below(rng, ++found) == 0)
            *drawn = neighbour;
    }
    return found > 0;
}

static bool change_untried(struct search *search, const struct arch *arch, bool prior,
                           struct proposal *proposal)
{
    struct rng rng = step_rng(search);
    if (!(prior && draw_untried(search, arch, true, &rng, &proposal->arch)) &&
        !draw_untried(search, arch, false, &rng, &proposal->arch))
        proposal->reason = mem_strdup(OPERATORS_NONE_LEFT);
    return true;
}

static bool evolve_untried(struct search *search, const struct knowledge_entry *parent,
                           struct proposal *proposal, struct err *err)
{
    (void)err;
    return change_untried(search, &parent->arch, false, proposal);
}

static bool inspire_untried(struct search *search, const struct knowledge_entry *good, size_t count,
                            struct proposal *proposal, struct err *err)
{
    return evolve_untried(search, &good[count - 1], proposal, err);
}

static bool evolve_prior(struct search *search, const struct knowledge_entry *parent,
                         struct proposal *proposal, struct err *err)
{
    (void)err;
    return change_untried(search, &parent->arch, true, proposal);
}

static bool inspire_prior(struct search *search, const struct knowledge_entry *good, size_t count,
                          struct proposal *proposal, struct err *err)
{
    return evolve_prior(search, &good[count - 1], proposal, err);
}

const struct operators operators_mutation_crossover = {"mutation-crossover", mutate, cross};
const struct operators operators_untried_mutation = {"untried-mutation", evolve_untried,
                                                     inspire_untried};
const struct operators operators_prior = {"prior", evolve_prior, inspire_prior};
