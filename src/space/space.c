#include "space/space.h"

#include <string.h>

extern const struct space space_nb201, space_tnb101, space_darts;

static const struct space *const spaces[] = {&space_nb201, &space_tnb101, &space_darts, NULL};

const struct space *space_at(size_t index)
{
    return index < sizeof(spaces) / sizeof(spaces[0]) ? spaces[index] : NULL;
}

const struct space *space_find(const char *name)
{
    for (size_t i = 0; spaces[i]; i++)
        if (strcmp(spaces[i]->name, name) == 0)
            return spaces[i];
    return NULL;
}

const struct space *space_require(const char *name, struct err *err)
{
    const struct space *found = space_find(name);
    struct str known = {0};
    for (size_t i = 0; !found && spaces[i]; i++)
        str_addf(&known, "%s%s", i ? ", " : "", spaces[i]->name);
    if (!found)
        err_set(err, ERR_INPUT, "space \"%.80s\" is not known (known: %s)", name, known.text);
    str_free(&known);
    return found;
}

static const char *find_network(const struct space *space, const char *dataset)
{
    const struct goal *goal = space->goals;
    while (goal->dataset && strcmp(goal->dataset, dataset) != 0)
        goal++;
    return goal->network;
}

char *space_task(const struct space *space, const char *dataset, const struct metric *metric,
                 struct err *err)
{
    const char *network = space->goals ? find_network(space, dataset) : "";
    struct str task = {0};
    if (!network) {
        err_set(err, ERR_INPUT,
                "%s has no words for what a network does on \"%.80s\", which prompts need",
                space->name, dataset);
        return NULL;
    }
    str_add_filled(&task, space->task,
                   (struct str_value[]){{"network", network}, {"metric", metric->title}, {0}});
    return str_steal(&task);
}

size_t space_size(const struct space *space)
{
    size_t size = 1;
    for (size_t i = 0; i < space->slot_count; i++)
        size *= space->slots[i].choice_count;
    return size;
}

size_t space_index(const struct space *space, const struct arch *arch)
{
    size_t index = 0;
    for (size_t i = 0; i < space->slot_count; i++)
        index = index * space->slots[i].choice_count + arch->choice[i];
    return index;
}

struct arch space_nth(const struct space *space, size_t index)
{
    struct arch arch = {0};
    for (size_t i = space->slot_count; i-- > 0; index /= space->slots[i].choice_count)
        arch.choice[i] = (uint8_t)(index % space->slots[i].choice_count);
    return arch;
}

bool space_allows(const struct space *space, const struct arch *arch)
{
    return !space->allowed || space->allowed(arch);
}

struct arch space_sample(const struct space *space, struct rng *rng)
{
    struct arch arch = {0};
    do {
        for (size_t i = 0; i < space->slot_count; i++)
            arch.choice[i] = (uint8_t)rng_below(rng, space->slots[i].choice_count);
    } while (!space_allows(space, &arch));
    return arch;
}

size_t space_neighbour_count(const struct space *space)
{
    size_t count = 0;
    for (size_t i = 0; i < space->slot_count; i++)
        count += space->slots[i].choice_count - 1;
    return count;
}

/* The other-th choice of the slot that is not the present one. */
static struct arch change(const struct arch *arch, size_t slot, size_t other)
{
    struct arch changed = *arch;
    changed.choice[slot] = (uint8_t)(other + (other >= arch->choice[slot]));
    return changed;
}

struct arch space_neighbour(const struct space *space, const struct arch *arch, size_t number)
{
    size_t slot = 0;
    while (number >= space->slots[slot].choice_count - 1)
        number -= space->slots[slot++].choice_count - 1;
    return change(arch, slot, number);
}

struct arch space_mutate(const struct space *space, const struct arch *arch, struct rng *rng)
{
    struct arch changed;
    do {
        size_t slot = rng_below(rng, space->slot_count);
        changed = change(arch, slot, rng_below(rng, space->slots[slot].choice_count - 1));
    } while (!space_allows(space, &changed));
    return changed;
}

struct arch space_mutate_node(const struct space *space, const struct arch *arch, struct rng *rng)
{
    int nodes = space->slots[space->slot_count - 1].node, first = space->slots[0].node;
    struct arch changed;
    do {
        int node = first + (int)rng_below(rng, (size_t)(nodes - first + 1));
        size_t begin = 0, count = 0;
        while (space->slots[begin].node < node)
            begin++;
        while (begin + count < space->slot_count && space->slots[begin + count].node == node)
            count++;
        size_t slot = begin + rng_below(rng, count);
        changed = change(arch, slot, rng_below(rng, space->slots[slot].choice_count - 1));
    } while (!space_allows(space, &changed));
    return changed;
}

static const char digit[] = "0123456789abcdefghijklmnopqrstuvwxyz";

void space_digits(const struct space *space, const struct arch *arch, char *out)
{
    for (size_t i = 0; i < space->slot_count; i++)
        out[i] = digit[arch->choice[i]];
    out[space->slot_count] = '\0';
}

static bool read_digits(const struct space *space, const char *text, struct arch *arch,
                        struct err *err)
{
    *arch = (struct arch){0};
    for (size_t i = 0; i < space->slot_count; i++) {
        const char *at = strchr(digit, text[i]);
        size_t choice = at ? (size_t)(at - digit) : SIZE_MAX;
        if (choice >= space->slots[i].choice_count)
            return err_set(err, ERR_INPUT, "%s: digit %zu is '%c', expected 0 to %c", text, i + 1,
                           text[i], digit[space->slots[i].choice_count - 1]);
        arch->choice[i] = (uint8_t)choice;
    }
    return true;
}

bool space_read(const struct space *space, const char *text, struct arch *arch, struct err *err)
{
    bool digits = strlen(text) == space->slot_count && strspn(text, digit) == space->slot_count;
    if (!(digits ? read_digits(space, text, arch, err) : space->decode(text, arch, err)))
        return false;
    if (!space_allows(space, arch))
        return err_set(err, ERR_INPUT, "%s: not an architecture of %s", text, space->name);
    return true;
}
