#include "run/progress.h"

static const double MINUTE_S = 60;

static void add_left(struct str *line, double left_s)
{
    str_add(line, ", ");
    str_add_span(line, left_s);
    str_add(line, " left");
}

/* Servers are slow and alike from one iteration to the next, so these tell the time, not runs; what
 * a stopped recording had takes none. */
static void add_live(const struct progress *progress, double passed_s, size_t in_flight,
                     struct str *line)
{
    size_t left = progress->iterations > progress->iterations_done
                      ? progress->iterations - progress->iterations_done
                      : 0;
    str_addf(line, ", %zu request%s in flight", in_flight, in_flight == 1 ? "" : "s");
    if (passed_s > 0)
        str_addf(line, ", %.3g a minute", MINUTE_S * (double)progress->live_calls / passed_s);
    if (progress->live_iterations && progress->iterations)
        add_left(line, (double)left * passed_s / (double)progress->live_iterations);
}

void progress_line(const struct progress *progress, double now_s, size_t in_flight,
                   struct str *line)
{
    double passed_s = now_s - progress->begun_s;
    size_t left = progress->runs - progress->runs_done;
    str_clear(line);
    str_addf(line, "%zu of %zu runs", progress->runs_done, progress->runs);
    if (progress->live_calls || in_flight)
        add_live(progress, passed_s, in_flight, line);
    else if (progress->runs_made) {
        if (!progress->running[0] && passed_s > 0)
            str_addf(line, ", %.0f a second", (double)progress->runs_made / passed_s);
        add_left(line, (double)left * passed_s / (double)progress->runs_made);
    }
    if (progress->running[0])
        str_addf(line, "; %s at iteration %zu", progress->running, progress->running_at);
}
