#include "fake_meter.h"

#include "base/mem.h"

#include <check.h>
#include <stdlib.h>

struct meter fake_meter_new(const struct space *space, fake_score *score, size_t limit)
{
    struct meter meter = {.space = space, .score = score, .limit = limit};
    meter.evaluations = mem_alloc(limit, sizeof(*meter.evaluations));
    return meter;
}

void fake_meter_free(struct meter *meter)
{
    free(meter->evaluations);
    archmap_free(&meter->seen);
}

bool meter_evaluate(struct meter *meter, const struct arch *arch, const struct origin *origin,
                    struct score *score)
{
    if (meter->count == meter->limit)
        return false;
    struct fake_evaluation *kept = &meter->evaluations[meter->count];
    kept->arch = *arch;
    kept->stage = origin->stage;
    kept->has_parent = origin->parent != NULL;
    if (origin->parent)
        kept->parent = *origin->parent;
    kept->valid_pct = meter->score(meter->space, arch);
    bool repeat = !archmap_add(&meter->seen, arch, meter->count++);
    *score = (struct score){kept->valid_pct, 1, repeat};
    return true;
}

bool meter_knows(const struct meter *meter, const struct arch *arch, double *valid_pct)
{
    size_t first;
    if (!archmap_find(&meter->seen, arch, &first))
        return false;
    if (valid_pct)
        *valid_pct = meter->evaluations[first].valid_pct;
    return true;
}

struct meter fake_run(const char *strategy, const char *settings, const struct space *space,
                      fake_score *score, uint64_t seed, size_t limit)
{
    const struct strategy_type *type = strategy_find(strategy);
    struct meter meter = fake_meter_new(space, score, limit);
    struct faults faults = {0};
    ck_assert_ptr_nonnull(type);
    json_t *given = json_loads(settings, 0, NULL);
    json_t *resolved = option_resolve(type->options, given, "/strategy", &faults);
    ck_assert_uint_eq(faults.count, 0);
    struct search search = {
        .space = space, .meter = &meter, .rng = rng_seed(seed), .settings = resolved};
    ck_assert(type->run(&search, NULL));
    json_decref(given);
    json_decref(resolved);
    return meter;
}

double fake_noise(const struct space *space, const struct arch *arch)
{
    (void)space;
    return (double)(arch_hash(arch) % 100000) / 1000;
}

double fake_hill(const struct space *space, const struct arch *arch)
{
    size_t sum = 0;
    for (size_t i = 0; i < space->slot_count; i++)
        sum += arch->choice[i];
    return (double)sum;
}
