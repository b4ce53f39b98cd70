/* Time, from one place, so that tests can hold it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

struct clock_date {
    char text[32]; /* UTC, "2026-01-31T12:00:00Z" */
};

double clock_now_s(void); /* monotonic seconds from an arbitrary start */
struct clock_date clock_today(void);
void clock_sleep_s(double seconds); /* ends early on a signal */

/* For tests: time stands at now_s and sleeping moves it. A negative now_s lets go. */
void clock_hold(double now_s);

#endif
