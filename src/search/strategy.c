#include "search/strategy.h"

#include <string.h>

extern const struct strategy_type strategy_seki, strategy_random, strategy_evolution,
    strategy_local, strategy_reinforce, strategy_list;

static const struct strategy_type *const strategy_types[] = {
    &strategy_seki,
    &strategy_random,
    &strategy_evolution,
    &strategy_local,
    &strategy_reinforce,
    &strategy_list,
    NULL,
};

const struct strategy_type *strategy_at(size_t index)
{
    return index < sizeof(strategy_types) / sizeof(strategy_types[0]) ? strategy_types[index]
                                                                      : NULL;
}

const struct strategy_type *strategy_find(const char *name)
{
    for (size_t i = 0; strategy_types[i]; i++)
        if (strcmp(strategy_types[i]->name, name) == 0)
            return strategy_types[i];
    return NULL;
}

void search_note(struct search *search, const char *event, const char *role, const char *reason)
{
    const struct search_note note = {event, role, reason};
    if (search->observer)
        search->observer(search->context, &note);
}
