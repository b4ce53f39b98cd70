/* The meter as strategies see it, without an oracle: scores come from a function, and every
 * evaluation is kept for the test to look at. */
#ifndef TESTS_FAKE_METER_H
#define TESTS_FAKE_METER_H

#include "oracle/meter.h"
#include "search/strategy.h"
#include "space/archmap.h"

struct fake_evaluation {
    struct arch arch, parent;
    const char *stage; /* NULL: none was said */
    bool has_parent;
    double valid_pct;
};

typedef double fake_score(const struct space *space, const struct arch *arch);

struct meter {
    const struct space *space;
    fake_score *score;
    size_t limit, count;
    struct fake_evaluation *evaluations; /* (limit) */
    struct archmap seen;                 /* their numbers */
};

struct meter fake_meter_new(const struct space *space, fake_score *score, size_t limit);
void fake_meter_free(struct meter *meter);

/* Runs the strategy with these settings (JSON text, completed with defaults) until limit
 * evaluations are made or it stops by itself. The caller frees the meter. */
struct meter fake_run(const char *strategy, const char *settings, const struct space *space,
                      fake_score *score, uint64_t seed, size_t limit);

/* A score that differs from cell to cell without a pattern, percent. */
double fake_noise(const struct space *space, const struct arch *arch);
/* A score with one peak, where every slot holds its last choice, percent. */
double fake_hill(const struct space *space, const struct arch *arch);

#endif
