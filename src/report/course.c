#include "report/course.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum { GRID = 200 }; /* points over seconds */

/* What a run has spent after each step, in seconds or in steps; the caller frees. */
static double *spent_so_far(const struct logged_run *run, bool seconds)
{
    double *spent = mem_alloc(run->step_count + 1, sizeof(*spent)), sum = 0;
    for (size_t i = 0; i < run->step_count; i++) {
        sum += !seconds ? 1 : run->steps[i].arch ? run->steps[i].cost_s : 0;
        spent[i] = sum;
    }
    return spent;
}

/* The best score when x is spent; NaN before the first evaluation is over. */
static double score_at(const double *spent, const double *best, size_t count, double x)
{
    double score = NAN;
    for (size_t i = 0; i < count && spent[i] <= x; i++)
        score = best[i];
    return score;
}

double course_end(const struct cell_runs *cell, bool seconds)
{
    double end = INFINITY;
    for (size_t i = 0; i < cell->run_count; i++) {
        size_t steps = cell->runs[i]->step_count;
        double *spent = spent_so_far(cell->runs[i], seconds);
        end = fmin(end, steps ? spent[steps - 1] : 0);
        free(spent);
    }
    return end;
}

static void choose_x(const struct cell_runs *cell, bool seconds, bool log_x, struct course *course)
{
    double end = course_end(cell, seconds);
    course->count = seconds ? GRID : (size_t)end;
    course->x = mem_alloc(course->count + 1, sizeof(*course->x));
    for (size_t i = 0; i < course->count; i++) {
        double share = (double)(i + 1) / GRID;
        course->x[i] = !seconds ? (double)(i + 1)
                       : log_x  ? end * pow(GRID, share - 1)
                                : end * share;
    }
}

struct course course_follow(const struct cell_runs *cell, bool seconds, bool log_x)
{
    struct course course = {0};
    choose_x(cell, seconds, log_x, &course);
    course.scores = mem_alloc(cell->run_count * course.count + 1, sizeof(*course.scores));
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct logged_run *run = cell->runs[i];
        double *spent = spent_so_far(run, seconds), *best = cells_best_so_far(run);
        for (size_t at = 0; at < course.count; at++)
            course.scores[i * course.count + at] =
                score_at(spent, best, run->step_count, course.x[at]);
        free(spent);
        free(best);
    }
    return course;
}

void course_free(struct course *course)
{
    free(course->x);
    free(course->scores);
}

double *course_scores_at(const struct cell_runs *cell, bool seconds, double x)
{
    double *scores = mem_alloc(cell->run_count + 1, sizeof(*scores));
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct logged_run *run = cell->runs[i];
        double *spent = spent_so_far(run, seconds), *best = cells_best_so_far(run);
        scores[i] = score_at(spent, best, run->step_count, x);
        free(spent);
        free(best);
    }
    return scores;
}
