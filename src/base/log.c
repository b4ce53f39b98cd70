#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static const double SAY_TERMINAL_S = 0.1, SAY_PLAIN_S = 30; /* between lines of progress */

static enum log_level shown = LOG_INFO;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool progress_stands; /* the terminal's last line is one of log_progress() */

static bool is_terminal(void)
{
    return isatty(STDERR_FILENO) != 0;
}

static void wipe_progress(void)
{
    if (progress_stands)
        fputs("\r\033[K", stderr);
    progress_stands = false;
}

static void say(enum log_level level, const char *prefix, const char *format, va_list args)
{
    if (level > shown)
        return;
    pthread_mutex_lock(&lock);
    wipe_progress();
    fprintf(stderr, "seki: %s", prefix);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    pthread_mutex_unlock(&lock);
}

#define DEFINE_LOG(name, level, prefix)                                                            \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        say(level, prefix, format, args);                                                          \
        va_end(args);                                                                              \
    }

DEFINE_LOG(log_error, LOG_ERROR, "")
DEFINE_LOG(log_warn, LOG_WARN, "warning: ")
DEFINE_LOG(log_info, LOG_INFO, "")

void log_set_level(enum log_level level)
{
    shown = level;
}

bool log_progress_due(double now_s, double *said_s)
{
    double silent_s = now_s - *said_s;
    if (silent_s < SAY_TERMINAL_S || (silent_s < SAY_PLAIN_S && !is_terminal()))
        return false;
    *said_s = now_s;
    return true;
}

void log_progress(const char *format, ...)
{
    if (shown < LOG_INFO)
        return;
    va_list args;
    va_start(args, format);
    pthread_mutex_lock(&lock);
    wipe_progress();
    vfprintf(stderr, format, args);
    progress_stands = is_terminal();
    if (!progress_stands)
        fputc('\n', stderr);
    fflush(stderr);
    pthread_mutex_unlock(&lock);
    va_end(args);
}

void log_progress_end(void)
{
    pthread_mutex_lock(&lock);
    wipe_progress();
    pthread_mutex_unlock(&lock);
}
