/* Why a call failed, told once, by the place that knew. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))

enum err_code {
    ERR_NONE,
    ERR_INPUT,     /* a file, a table, an option or a reply is not as it must be */
    ERR_IO,        /* the system would not read or write */
    ERR_NETWORK,   /* a server would not answer */
    ERR_BUDGET,    /* what a run may spend on an LLM is spent; the run ends with what it has */
    ERR_REPLAY,    /* a transcript does not hold what the run asks for */
    ERR_UNTRAINED, /* no training that was made before answers, and none may be made */
    ERR_TOOL,      /* another program that is called is missing or failed */
    ERR_STOPPED    /* a signal asked the run to stop; it can be resumed */
};

struct err {
    enum err_code code; /* for the program: retry, skip or stop */
    char text[4000];    /* for the person: "file:line: what was found, what was expected" */
};

/* Keeps the first failure and ignores later ones: the first is the cause. Always false, so
 * that a caller can write  return err_set(err, ERR_INPUT, "...");  err may be NULL. Control
 * characters but '\n' become '?', and so does what is not UTF-8, since a sentence quotes what it
 * found. */
bool err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
