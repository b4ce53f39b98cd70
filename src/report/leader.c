/* Who leads, by how much, and of whom a test can tell it. */
#include "report/say.h"

#include "base/mem.h"
#include "report/bootstrap.h"
#include "report/stats.h"
#include "report/wilcoxon.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RESAMPLES = 10000 };

static const double ALPHA = 0.05;
static const double GRAIN = 1e-9; /* scores have few decimals */

/* A contender that has scores. */
struct place {
    const char *name;
    double *scores; /* none NaN */
    size_t count;
    double mean;
    double behind; /* the mean, or less it where the highest leads: what they are ordered by */
    size_t order;  /* among those that were given: of equals the first stays first */
};

struct places {
    struct place *list; /* in the contest's order, the first leads */
    size_t count;
    size_t leaders; /* whose mean prints as that of the first */
};

static int by_mean(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->behind != y->behind)
        return x->behind > y->behind ? 1 : -1;
    return (x->order > y->order) - (x->order < y->order);
}

static bool prints_same(double a, double b, int decimals)
{
    char *x = say_number(a, decimals), *y = say_number(b, decimals);
    bool same = strcmp(x, y) == 0;
    free(x);
    free(y);
    return same;
}

static struct place take(const struct contender *contender)
{
    struct place place = {.name = contender->name,
                          .scores = mem_alloc(contender->count + 1, sizeof(double))};
    for (size_t i = 0; i < contender->count; i++)
        if (!isnan(contender->scores[i]))
            place.scores[place.count++] = contender->scores[i];
    place.mean = stats_summary(place.scores, place.count).mean;
    return place;
}

static struct places rank(const struct contest *contest, const struct contender *contenders,
                          size_t count)
{
    struct places places = {.list = mem_alloc(count + 1, sizeof(*places.list))};
    for (size_t i = 0; i < count; i++) {
        struct place place = take(&contenders[i]);
        place.behind = contest->lowest ? place.mean : -place.mean;
        place.order = i;
        if (place.count)
            places.list[places.count++] = place;
        else
            free(place.scores);
    }
    qsort(places.list, places.count, sizeof(*places.list), by_mean);
    while (places.leaders < places.count &&
           prints_same(places.list[places.leaders].mean, places.list[0].mean, contest->decimals))
        places.leaders++;
    return places;
}

/* "; 95 % interval of the difference 0.10 to 0.21"; the caller frees. */
static char *interval_text(const struct contest *contest, const struct place *a,
                           const struct place *b)
{
    double level = 1 - ALPHA;
    if (!contest->tested)
        return mem_strdup("");
    if (!bootstrap_suffices(a->count < b->count ? a->count : b->count, level))
        return mem_strdup("; there are too few runs for an interval of the difference");
    struct rng root = rng_seed(0);
    char *purpose = mem_printf("%s: %s against %s", contest->where, a->name, b->name);
    struct bootstrap bootstrap = {rng_fork(&root, purpose, 0), RESAMPLES, level};
    struct interval interval =
        bootstrap_difference(bootstrap, a->scores, a->count, b->scores, b->count);
    double low = contest->lowest ? -interval.high : interval.low;
    double high = contest->lowest ? -interval.low : interval.high;
    char *from = say_number(low, contest->decimals), *to = say_number(high, contest->decimals);
    char *text = mem_printf("; %g %% interval of the difference %s to %s", 100 * level, from, to);
    free(purpose);
    free(from);
    free(to);
    return text;
}

static void say_shared(struct str *says, const struct contest *contest, const struct places *places,
                       const char *best, const char *mean)
{
    struct names names = {0};
    for (size_t i = 0; i < places->leaders; i++)
        names_add(&names, "%s (%zu %s)", places->list[i].name, places->list[i].count,
                  say_runs(places->list[i].count));
    char *all = names_join(&names);
    say(says, "%s the %s mean %s, %s, is shared by %s.", contest->where, best, contest->score, mean,
        all);
    free(all);
}

/* How far apart two means are whose texts differ; their difference may round to nothing all the
 * same. The caller frees. */
static char *distance(const struct contest *contest, double a, double b)
{
    double by = fabs(a - b), unit = pow(10, -contest->decimals);
    char *text = say_number(by < unit / 2 ? unit : by, contest->decimals);
    char *told = mem_printf("%s%s", by < unit / 2 ? "less than " : "", text);
    free(text);
    return told;
}

static void say_first(struct str *says, const struct contest *contest, const struct places *places)
{
    const struct place *first = &places->list[0], *next = &places->list[1];
    const char *best = places->count == 1 ? "only" : contest->lowest ? "lowest" : "highest";
    char *mean = say_number(first->mean, contest->decimals);
    if (places->count > 1 && places->leaders > 1) {
        say_shared(says, contest, places, best, mean);
        free(mean);
        return;
    }
    char *lead =
        mem_printf("%s the %s mean %s is that of %s, %s (%zu %s)", contest->where, best,
                   contest->score, first->name, mean, first->count, say_runs(first->count));
    free(mean);
    if (places->count == 1) {
        say(says, "%s.", lead);
        free(lead);
        return;
    }
    char *second = say_number(next->mean, contest->decimals);
    char *by = distance(contest, first->mean, next->mean);
    char *interval = interval_text(contest, first, next);
    say(says, "%s, %s %s %s, %s (%zu %s)%s.", lead, by, contest->lowest ? "below" : "above",
        next->name, second, next->count, say_runs(next->count), interval);
    free(lead);
    free(second);
    free(by);
    free(interval);
}

/* -- which of the others differ -- */

static void add_part(struct str *parts, const char *text, struct names *names)
{
    char *all = names_join(names);
    if (*all)
        str_addf(parts, "%s%s %s", parts->length ? "; " : "", text, all);
    free(all);
}

static void say_tests(struct str *says, const struct contest *contest, const struct places *places)
{
    const struct place *first = &places->list[0];
    size_t others = places->count - 1;
    struct wilcoxon *tests = mem_alloc(others + 1, sizeof(*tests));
    double *p = mem_alloc(others + 1, sizeof(*p));
    struct names differ = {0}, same = {0}, hopeless = {0};
    for (size_t i = 0; i < others; i++) {
        const struct place *other = &places->list[i + 1];
        tests[i] = wilcoxon_rank_sum(first->scores, first->count, other->scores, other->count);
        p[i] = tests[i].p;
    }
    stats_holm(p, p, others);
    for (size_t i = 0; i < others; i++) {
        bool behind = contest->lowest ? tests[i].effect > 0 : tests[i].effect < 0;
        const char *name = places->list[i + 1].name;
        char *chance = say_p(p[i]);
        if (p[i] < ALPHA)
            names_add(&differ, "%s (%s%s)", name, chance,
                      behind ? ", though its runs are more often the better ones" : "");
        else if (tests[i].smallest_p >= ALPHA)
            names_add(&hopeless, "%s", name);
        else
            names_add(&same, "%s (%s)", name, chance);
        free(chance);
    }
    struct str parts = {0};
    add_part(&parts, "it differs from", &differ);
    add_part(&parts, "no difference is shown to", &same);
    add_part(&parts, "so few runs are there that no outcome could show a difference to", &hopeless);
    say(says, "By rank-sum tests of %s against %s, Holm-corrected at %g: %s.", first->name,
        others == 1 ? "the other" : "each of the others", ALPHA, parts.text);
    str_free(&parts);
    free(tests);
    free(p);
}

static size_t count_at_bound(const struct contest *contest, const struct place *place)
{
    size_t count = 0;
    for (size_t i = 0; i < place->count; i++)
        count += contest->lowest ? place->scores[i] <= contest->bound + GRAIN
                                 : place->scores[i] >= contest->bound - GRAIN;
    return count;
}

/* Where runs can become no better, what they differ in is not seen. */
static void say_bound(struct str *says, const struct contest *contest, const struct places *places)
{
    struct names names = {0};
    for (size_t i = 0; i < places->count; i++) {
        size_t reached = count_at_bound(contest, &places->list[i]);
        if (reached)
            names_add(&names, "%zu of %zu of %s", reached, places->list[i].count,
                      places->list[i].name);
    }
    char *all = names_join(&names), *bound = say_number(contest->bound, contest->decimals);
    if (*all)
        say(says,
            "Runs that end at the optimum of the space, %s: %s; between those this score tells no "
            "difference.",
            bound, all);
    free(all);
    free(bound);
}

void say_leader(struct str *says, const struct contest *contest, const struct contender *contenders,
                size_t count)
{
    struct places places = rank(contest, contenders, count);
    if (places.count)
        say_first(says, contest, &places);
    if (places.count > 1 && contest->tested)
        say_tests(says, contest, &places);
    if (places.count && !isnan(contest->bound))
        say_bound(says, contest, &places);
    for (size_t i = 0; i < places.count; i++)
        free(places.list[i].scores);
    free(places.list);
}

void contenders_free(struct contender *contenders, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free((char *)(uintptr_t)contenders[i].name);
        free((double *)(uintptr_t)contenders[i].scores);
    }
    free(contenders);
}
