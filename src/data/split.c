#include "data/split.h"

#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

enum part { PART_NONE, PART_TRAIN, PART_VALID, PART_TEST };

static size_t share(double fraction, size_t count)
{
    return (size_t)llround(fraction * (double)count);
}

/* Gives a random share of the images [first, end) that are in one part to another, those of a
 * smaller share being among those of a larger one. */
static void move(uint8_t *parts, size_t first, size_t end, enum part from, enum part to,
                 double fraction, struct rng rng)
{
    size_t *images = mem_alloc(end - first, sizeof(*images)), count = 0;
    for (size_t i = first; i < end; i++)
        if (parts[i] == from)
            images[count++] = i;
    rng_shuffle(&rng, images, count);
    for (size_t i = count - share(fraction, count); i < count; i++)
        parts[images[i]] = (uint8_t)to;
    free(images);
}

static struct subset list(const uint8_t *parts, size_t count, enum part part)
{
    struct subset subset = {mem_alloc(count, sizeof(*subset.indices)), 0};
    for (size_t i = 0; i < count; i++)
        if (parts[i] == part)
            subset.indices[subset.count++] = (uint32_t)i;
    return subset;
}

static void assign(const struct dataset *dataset, const json_t *settings, uint8_t *parts)
{
    struct rng rng = rng_seed((uint64_t)option_integer(settings, "split_seed"));
    size_t count = dataset->images.count, train = dataset->train_count;
    for (size_t i = 0; i < count; i++)
        parts[i] = i < train ? PART_TRAIN : PART_TEST;
    double valid = option_real(settings, "valid_fraction");
    if (option_is(settings, "valid_from", "train"))
        move(parts, 0, train, PART_TRAIN, PART_VALID, valid, rng_fork(&rng, "split", 0));
    else if (option_is(settings, "valid_from", "test"))
        move(parts, train, count, PART_TEST, PART_VALID, valid, rng_fork(&rng, "split", 0));
    move(parts, 0, train, PART_TRAIN, PART_NONE, 1 - option_real(settings, "fraction"),
         rng_fork(&rng, "fraction", 0));
}

bool split_make(const struct dataset *dataset, const json_t *settings, struct split *split,
                struct err *err)
{
    size_t count = dataset->images.count;
    uint8_t *parts = mem_alloc(count, 1);
    assign(dataset, settings, parts);
    *split = (struct split){list(parts, count, PART_TRAIN), list(parts, count, PART_VALID),
                            list(parts, count, PART_TEST)};
    free(parts);
    bool wants_valid = !option_is(settings, "valid_from", "none");
    if (split->train.count && (split->valid.count || !wants_valid))
        return true;
    err_set(err, ERR_INPUT,
            "%s: split into %zu training and %zu validation images, expected some of %s",
            dataset->type->name, split->train.count, split->valid.count,
            wants_valid ? "both" : "the former");
    split_free(split);
    return false;
}

void split_free(struct split *split)
{
    if (!split)
        return;
    free(split->train.indices);
    free(split->valid.indices);
    free(split->test.indices);
    *split = (struct split){0};
}
