/* A server on 127.0.0.1 that says what a test tells it to, well or badly. One thread, one
 * connection at a time, kept open until a reply ends it. */
#ifndef TESTS_LLM_LOOPBACK_H
#define TESTS_LLM_LOOPBACK_H

#include <stddef.h>

enum loopback_manner {
    LOOPBACK_WHOLE,
    LOOPBACK_CUT,   /* promises twice what it sends, then closes */
    LOOPBACK_HANG,  /* reads the request and says nothing more */
    LOOPBACK_HUGE,  /* 50 MB of blanks before the body */
    LOOPBACK_CLOSE, /* closes without a word */
    LOOPBACK_SIGNAL /* sends the process a SIGINT and hangs */
};

struct loopback_reply {
    int status;
    const char *headers; /* more header lines, each with its "\r\n"; may be NULL */
    const char *body;
    enum loopback_manner manner;
};

struct loopback;

/* Gives the replies in turn, the last one again and again. replies must outlive it. */
struct loopback *loopback_start(const struct loopback_reply *replies, size_t count);
const char *loopback_url(const struct loopback *loopback); /* "http://127.0.0.1:PORT/v1" */
size_t loopback_requests(struct loopback *loopback);       /* how many came so far */
size_t loopback_connections(struct loopback *loopback);    /* over how many connections */
char *loopback_last(struct loopback *loopback); /* the last request, whole; the caller frees */
void loopback_stop(struct loopback *loopback);

#endif
