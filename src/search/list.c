/* No search: the architectures that the experiment file lists, in its order. For studies of given
 * cells, and for the rows of a table that are known genotypes. */
#include "search/strategy.h"

#include "base/mem.h"

#include <stdlib.h>

static const struct option options[] = {
    {"architectures", OPTION_ARRAY, NULL, 0, 0, NULL,
     "what is evaluated, in this order: digits, or the benchmark's text form"},
    {0},
};

/* Entry at index as an architecture; false, and *err (which may be NULL), when it is none. */
static bool read_entry(const struct space *space, const json_t *list, size_t index,
                       struct arch *arch, struct err *err)
{
    const json_t *entry = json_array_get(list, index);
    if (json_is_string(entry))
        return space_read(space, json_string_value(entry), arch, err);
    char *found = option_shown(entry);
    err_set(err, ERR_INPUT, "found %s, expected the text of an architecture", found);
    free(found);
    return false;
}

static void check(const json_t *settings, const struct space *space, size_t budget,
                  const char *path, struct faults *faults)
{
    const json_t *list = json_object_get(settings, "architectures");
    size_t count = json_array_size(list);
    char *place = mem_printf("%s/architectures", path);
    if (!count)
        fault_add(faults, place, "found an empty list, expected at least one architecture");
    if (budget && count > budget)
        fault_add(faults, place,
                  "found %zu architectures, expected at most the %zu evaluations of the budget",
                  count, budget);
    for (size_t i = 0; space && i < count; i++) {
        struct err err = {0};
        struct arch arch;
        char *entry = mem_printf("%s/%zu", place, i);
        if (!read_entry(space, list, i, &arch, &err))
            fault_add(faults, entry, "%s", err.text);
        free(entry);
    }
    free(place);
}

static bool run(struct search *search, struct err *err)
{
    const json_t *list = json_object_get(search->settings, "architectures");
    const struct origin nowhere = {0};
    struct score score;
    struct arch arch;
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!read_entry(search->space, list, i, &arch, err))
            return false;
        if (!meter_evaluate(search->meter, &arch, &nowhere, &score))
            return true;
    }
    if (meter_open(search->meter))
        meter_end(search->meter, "the list is at its end");
    return true;
}

const struct strategy_type strategy_list = {
    .name = "list",
    .summary = "no search: the architectures of a list, in its order",
    .options = options,
    .check = check,
    .run = run,
};
