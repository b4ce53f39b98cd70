#include "base/clock.h"

#include <time.h>

static double held_s = -1;

double clock_now_s(void)
{
    if (held_s >= 0)
        return held_s;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct clock_date clock_today(void)
{
    struct clock_date date;
    struct tm parts;
    time_t now = held_s >= 0 ? (time_t)held_s : time(NULL);
    gmtime_r(&now, &parts);
    strftime(date.text, sizeof(date.text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return date;
}

void clock_sleep_s(double seconds)
{
    if (held_s >= 0) {
        held_s += seconds;
        return;
    }
    struct timespec wait = {.tv_sec = (time_t)seconds};
    wait.tv_nsec = (long)(1e9 * (seconds - (double)wait.tv_sec));
    nanosleep(&wait, NULL);
}

void clock_hold(double now_s)
{
    held_s = now_s;
}
