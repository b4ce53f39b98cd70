/* Who leads on each data set after each budget. */
#include "report/say.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is compared with each other: cells that searched on one data set, and at or at the end of
 * one budget. */
struct standing {
    const struct cell_runs *first;
    size_t at;
    bool last; /* of its data set's */
};

static bool belongs(const struct cell_runs *cell, const struct standing *standing)
{
    return cell->run_count && strcmp(cell->dataset, standing->first->dataset) == 0 &&
           (standing->at || strcmp(cell->budget, standing->first->budget) == 0);
}

/* Whether a cell before this one searched on its data set (and, where spent, spent its budget). */
static bool seen_before(const struct cell_runs *const *cells, size_t place, bool spent)
{
    for (size_t i = 0; i < place; i++)
        if (cells[i]->run_count && strcmp(cells[i]->dataset, cells[place]->dataset) == 0 &&
            (!spent || strcmp(cells[i]->budget, cells[place]->budget) == 0))
            return true;
    return false;
}

static void say_one(struct str *says, const struct contender *contenders, size_t count,
                    const struct question *question, const struct standing *standing)
{
    struct contest contest = question->contest;
    const struct metric *metric = &standing->first->report_metric;
    const char *split =
        question->split && strcmp(question->split, "test") == 0 ? "test" : "validation";
    char *score = mem_printf("%s %s", split, metric->title);
    char *spent = cells_spent(standing->first, standing->at);
    char *where = mem_printf("After %s on %s", spent, cells_title(standing->first->dataset));
    if (question->split) {
        contest.score = score;
        contest.decimals = metric->decimals;
    }
    contest.where = where;
    contest.tested = contest.tested && standing->last;
    contest.bound = question->bound && standing->last
                        ? question->bound(standing->first, question->context)
                        : (double)NAN;
    say_leader(says, &contest, contenders, count);
    free(score);
    free(spent);
    free(where);
}

static bool say_standing(struct str *says, const struct cell_runs *const *cells,
                         const json_t *settings, const struct question *question,
                         const struct standing *standing, struct err *err)
{
    const char *axis = option_text(settings, "label"), *merged = option_text(settings, "merge");
    struct contender *contenders = NULL;
    size_t count = 0, capacity = 0;
    bool ok = true;
    for (; ok && *cells; cells++) {
        if (!belongs(*cells, standing))
            continue;
        MEM_GROW(contenders, count, capacity);
        double *scores = question->scores(*cells, standing->at, question->context, err);
        contenders[count++] =
            (struct contender){cells_label(*cells, axis, merged), scores, (*cells)->run_count};
        ok = scores != NULL;
    }
    if (ok)
        say_one(says, contenders, count, question, standing);
    contenders_free(contenders, count);
    return ok;
}

/* All numbers of evaluations of one data set, or all budgets. */
static bool say_dataset(struct str *says, const struct cell_runs *const *cells, size_t first,
                        const json_t *settings, const struct question *question, struct err *err)
{
    const json_t *at = json_object_get(settings, "at");
    size_t count = json_array_size(at);
    bool ok = true;
    for (size_t i = question->last_only && count ? count - 1 : 0; ok && i < count; i++) {
        struct standing standing = {cells[first], (size_t)json_integer_value(json_array_get(at, i)),
                                    i + 1 == count};
        ok = say_standing(says, cells, settings, question, &standing, err);
    }
    for (size_t i = first; ok && !count && cells[i]; i++) {
        if (!cells[i]->run_count || strcmp(cells[i]->dataset, cells[first]->dataset) != 0 ||
            seen_before(cells, i, true))
            continue;
        struct standing standing = {cells[i], 0, true};
        ok = say_standing(says, cells, settings, question, &standing, err);
    }
    return ok;
}

bool say_standings(struct str *says, const struct cell_runs *const *cells, const json_t *settings,
                   const struct question *question, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; ok && cells[i]; i++)
        if (cells[i]->run_count && !seen_before(cells, i, false))
            ok = say_dataset(says, cells, i, settings, question, err);
    return ok;
}

static double *read_scores(const struct cell_runs *cell, size_t at, const void *split,
                           struct err *err)
{
    return cells_scores(cell, cell->dataset, split, at, err);
}

static double find_bound(const struct cell_runs *cell, const void *split)
{
    return cells_optimum(cell, cell->dataset, split);
}

bool say_scores(struct str *says, const struct cell_runs *const *cells, const json_t *settings,
                const char *split, enum scores_detail detail, struct err *err)
{
    struct question question = {.contest = {.tested = detail == SCORES_TESTED},
                                .split = split,
                                .scores = read_scores,
                                .bound = detail == SCORES_LAST ? NULL : find_bound,
                                .context = split,
                                .last_only = detail == SCORES_LAST};
    return say_standings(says, cells, settings, &question, err);
}
