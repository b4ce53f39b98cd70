/* Local search (White, Nolen and Savani 2021), as in the authors' naszilla, whose settings are the
 * defaults:
 *
 *     repeat
 *         place <- the best of some new random architectures, evaluated
 *         repeat
 *             evaluate the unseen neighbours of place in random order, up to the first better one
 *             place <- that one
 *         until there was none: a local optimum
 *
 * Nothing is evaluated twice; a neighbour that was seen before is passed over, however good. When
 * the whole space was seen, the search ends. */
#include "base/mem.h"
#include "search/strategy.h"

#include <stdlib.h>

/* When so many draws in a row bring nothing new, nothing new is left. */
enum { FRESH_DRAWS = 1 << 20 };

struct place {
    struct arch arch;
    double valid_score;
    bool visited; /* its neighbours were looked at */
};

struct walk {
    struct search *search;
    struct place *places; /* all that were evaluated, in that order */
    size_t count, capacity;
    size_t *order; /* numbers of neighbours */
    size_t order_count;
};

static bool draw_unseen(struct search *search, struct arch *arch)
{
    for (int i = 0; i < FRESH_DRAWS; i++) {
        *arch = space_sample(search->space, &search->rng);
        if (!meter_knows(search->meter, arch, NULL))
            return true;
    }
    meter_end(search->meter, "a million random draws found no architecture that was not evaluated");
    return false;
}

/* Evaluates arch; it is then the last of places. False when the run is over. */
static bool look_at(struct walk *walk, const struct arch *arch, const char *stage,
                    const struct arch *parent)
{
    const struct origin origin = {.stage = stage, .parent = parent};
    struct score score;
    if (!meter_evaluate(walk->search->meter, arch, &origin, &score))
        return false;
    MEM_GROW(walk->places, walk->count, walk->capacity);
    walk->places[walk->count++] = (struct place){.arch = *arch, .valid_score = score.valid_score};
    return true;
}

/* Evaluates new random architectures; *at is then the best of them. */
static bool start_afresh(struct walk *walk, size_t starts, size_t *at)
{
    *at = walk->count;
    for (size_t i = 0; i < starts; i++) {
        struct arch arch;
        if (!draw_unseen(walk->search, &arch) || !look_at(walk, &arch, "start", NULL))
            return false;
        if (walk->places[walk->count - 1].valid_score > walk->places[*at].valid_score)
            *at = walk->count - 1;
    }
    return true;
}

static bool worth_a_look(const struct search *search, const struct arch *arch)
{
    return space_allows(search->space, arch) && !meter_knows(search->meter, arch, NULL);
}

/* Visits place *at: goes through its unseen neighbours up to the first that is better, which is
 * then *at and *improved true. False when the run is over. */
static bool visit(struct walk *walk, size_t *at, bool *improved)
{
    struct search *search = walk->search;
    const struct place here = walk->places[*at]; /* a copy: look_at() moves the array */
    walk->places[*at].visited = true;
    *improved = false;
    rng_shuffle(&search->rng, walk->order, walk->order_count);
    for (size_t i = 0; i < walk->order_count && !*improved; i++) {
        struct arch arch = space_neighbour(search->space, &here.arch, walk->order[i]);
        if (!worth_a_look(search, &arch))
            continue;
        if (!look_at(walk, &arch, "neighbour", &here.arch))
            return false;
        *improved = walk->places[walk->count - 1].valid_score > here.valid_score;
    }
    if (*improved)
        *at = walk->count - 1;
    return true;
}

/* The best place that was not visited; false when all were. */
static bool best_unvisited(const struct walk *walk, size_t *at)
{
    bool found = false;
    for (size_t i = 0; i < walk->count; i++) {
        const struct place *place = &walk->places[i];
        if (place->visited || (found && place->valid_score <= walk->places[*at].valid_score))
            continue;
        *at = i;
        found = true;
    }
    return found;
}

static void climb(struct walk *walk, size_t starts, bool stop_at_minimum)
{
    size_t at;
    bool improved, going = start_afresh(walk, starts, &at);
    while (going) {
        going = visit(walk, &at, &improved);
        bool stuck = stop_at_minimum ? !improved : !best_unvisited(walk, &at);
        if (going && stuck)
            going = start_afresh(walk, starts, &at);
    }
}

static bool run(struct search *search, struct err *err)
{
    (void)err; /* nothing here can fail */
    struct walk walk = {.search = search, .order_count = space_neighbour_count(search->space)};
    walk.order = mem_alloc(walk.order_count, sizeof(*walk.order));
    for (size_t i = 0; i < walk.order_count; i++)
        walk.order[i] = i;
    climb(&walk, (size_t)option_integer(search->settings, "start"),
          option_is(search->settings, "at_minimum", "restart"));
    free(walk.order);
    free(walk.places);
    return true;
}

static const struct option options[] = {
    {"start", OPTION_INTEGER, "10", 1, 1000000, NULL,
     "random architectures at each start, of which the best is climbed from (naszilla: 10)"},
    {"at_minimum", OPTION_CHOICE, "\"restart\"", 0, 0, "restart|best-unvisited",
     "where no neighbour is better: start again; or go on, always from the best architecture "
     "whose neighbours were not looked at"},
    {0}};

const struct strategy_type strategy_local = {
    .name = "local",
    .summary = "local search: the first better neighbour, and a new start at each local optimum",
    .options = options,
    .run = run,
};
