/* What the program says to the person who runs it: levelled lines on stderr. Results go to
 * stdout, facts to the run log; nothing else prints. Safe to call from several threads. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO };

void log_set_level(enum log_level level); /* LOG_INFO at the start */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A line that the next one replaces, on a terminal; elsewhere a plain line. */
void log_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_progress_end(void); /* wipes it */
/* Whether it is time for the next of these lines, now_s being the clock's: 0.1 s after *said_s on a
 * terminal, else 30 s. *said_s is then now_s. */
bool log_progress_due(double now_s, double *said_s);

#endif
