/* A search method, in direct style: it evaluates until the meter says that the run is over, and
 * reads like the algorithm box of its paper. Budgets, logs and test accuracy are out of its sight.
 *
 * To add a strategy: (1) write search/<name>.c with one const struct strategy_type, (2) name it in
 * strategy_types[] in strategy.c, (3) add it to local.mk, (4) give it a case in tests/search/. */
#ifndef SEARCH_STRATEGY_H
#define SEARCH_STRATEGY_H

#include "base/option.h"
#include "base/rng.h"
#include "llm/chat.h"
#include "oracle/meter.h"
#include "space/metric.h"
#include "space/space.h"

/* What happened inside a strategy that is no evaluation: told to run/ for the log. */
struct search_note {
    const char *event;  /* "repair", "duplicate", "names", "scores" */
    const char *role;   /* request that it is about, or NULL */
    const char *reason; /* a sentence, or NULL */
};

typedef void search_observer(void *context, const struct search_note *note);

struct search {
    const struct space *space;
    const struct metric *metric; /* what a score is */
    const char *dataset;         /* as the benchmark names it */
    const char *task;            /* the space and the goal in words; NULL without a chat */
    struct meter *meter;
    struct chat *chat; /* NULL where the strategy asks no LLM */
    struct rng rng;    /* the run's own stream, for this strategy alone */
    const json_t *settings;
    search_observer *observer;
    void *context;
};

/* Tells it to the observer, where there is one. */
void search_note(struct search *search, const char *event, const char *role, const char *reason);

struct strategy_type {
    const char *name; /* as written in experiment files */
    const char *summary;
    const struct option *options;
    /* More than the table can say: relations between options, and whether the space has what they
     * name (NULL: the file names no space that is known). Adds to faults. Optional. */
    void (*check)(const json_t *settings, const struct space *space, size_t budget,
                  const char *path, struct faults *faults);
    /* Whether these settings ask an LLM. NULL: never. */
    bool (*asks_llm)(const json_t *settings);
    /* Runs until the meter closes. False and *err only when the run cannot go on (LLM, replay). */
    bool (*run)(struct search *search, struct err *err);
};

const struct strategy_type *strategy_find(const char *name); /* NULL when there is none */
const struct strategy_type *strategy_at(size_t index);       /* NULL past the last */

#endif
