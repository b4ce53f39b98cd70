#include "oracle/metering.h"

#include "base/mem.h"
#include "space/archmap.h"

#include <math.h>
#include <stdlib.h>

struct meter {
    struct meter_settings settings;
    struct archmap seen;      /* architecture -> place in known; past its end: not evaluated */
    struct evaluation *known; /* what each different architecture scored first */
    size_t known_count, known_capacity;
    size_t iterations;
    double spent_s;
    bool closed;            /* the budget is spent, or the oracle or the observer failed */
    const char *end_reason; /* of meter_end(), or NULL */
    struct err failure;
};

enum { EXPECTED_MAX = 4096 }; /* architectures that room is made for before they come */

struct meter *meter_make(const struct meter_settings *settings)
{
    struct meter *meter = mem_alloc(1, sizeof(*meter));
    meter->settings = *settings;
    archmap_expect(&meter->seen, settings->limit < EXPECTED_MAX ? settings->limit : EXPECTED_MAX);
    return meter;
}

void meter_free(struct meter *meter)
{
    if (!meter)
        return;
    archmap_free(&meter->seen);
    free(meter->known);
    free(meter);
}

bool meter_open(const struct meter *meter)
{
    const struct meter_settings *budget = &meter->settings;
    return !meter->closed && (!budget->limit || meter->iterations < budget->limit) &&
           meter->spent_s < budget->limit_s;
}

size_t meter_iteration(const struct meter *meter)
{
    return meter->iterations;
}

size_t meter_limit(const struct meter *meter)
{
    return meter->settings.limit;
}

double meter_spent_s(const struct meter *meter)
{
    return meter->spent_s;
}

/* What arch scored, or NULL where it was not evaluated. */
static const struct evaluation *recall(const struct meter *meter, const struct arch *arch)
{
    size_t place;
    bool known = archmap_find(&meter->seen, arch, &place) && place < meter->known_count;
    return known ? &meter->known[place] : NULL;
}

bool meter_knows(const struct meter *meter, const struct arch *arch, double *valid_score)
{
    const struct evaluation *known = recall(meter, arch);
    if (known && valid_score)
        *valid_score = known->valid_score;
    return known != NULL;
}

/* What arch scores and costs: looked up where it is a repeat that need not pay. */
static bool look(struct meter *meter, const struct arch *arch, bool *repeat,
                 struct evaluation *evaluation)
{
    const struct meter_settings *settings = &meter->settings;
    *repeat = !archmap_add(&meter->seen, arch, meter->known_count);
    if (*repeat && !settings->repeats_pay) {
        *evaluation = *recall(meter, arch);
        evaluation->cost_s = 0;
        return true;
    }
    return settings->oracle->type->evaluate(settings->oracle, arch, &meter->settings.rng,
                                            evaluation, &meter->failure);
}

/* Ends the run, and is false, when the observer cannot go on. */
static bool tell(struct meter *meter, struct observation *observation, const struct origin *origin)
{
    observation->index = meter->iterations++;
    observation->origin = origin;
    observation->parent_score = NAN;
    if (meter->settings.parents && origin && origin->parent)
        (void)meter_knows(meter, origin->parent, &observation->parent_score);
    if (meter->settings.observer && !meter->settings.observer(meter->settings.context, observation))
        meter->closed = true;
    return !meter->closed;
}

bool meter_evaluate(struct meter *meter, const struct arch *arch, const struct origin *origin,
                    struct score *score)
{
    struct observation seen = {.arch = arch};
    if (!meter_open(meter))
        return false;
    const struct meter_settings *budget = &meter->settings;
    if (!look(meter, arch, &seen.repeat, &seen.evaluation) ||
        (!budget->overrun && meter->spent_s + seen.evaluation.cost_s > budget->limit_s)) {
        meter->closed = true;
        return false;
    }
    meter->spent_s += seen.evaluation.cost_s;
    if (!seen.repeat) {
        MEM_GROW(meter->known, meter->known_count, meter->known_capacity);
        meter->known[meter->known_count++] = seen.evaluation;
    }
    if (!tell(meter, &seen, origin))
        return false;
    score->valid_score = seen.evaluation.valid_score;
    score->cost_s = seen.evaluation.cost_s;
    score->repeat = seen.repeat;
    return true;
}

bool meter_waste(struct meter *meter, const struct origin *origin, const char *reason)
{
    struct observation nothing = {.invalid_reason = reason};
    if (!meter_open(meter))
        return false;
    return tell(meter, &nothing, origin) && meter_open(meter);
}

void meter_end(struct meter *meter, const char *reason)
{
    meter->closed = true;
    meter->end_reason = reason;
}

const char *meter_end_reason(const struct meter *meter)
{
    return meter->end_reason;
}

bool meter_finished(const struct meter *meter, struct err *err)
{
    if (meter->failure.code != ERR_NONE)
        return err_set(err, meter->failure.code, "%s", meter->failure.text);
    if (meter_open(meter))
        return err_set(err, ERR_INPUT, "the strategy stopped with budget left");
    return true;
}
