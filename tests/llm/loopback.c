#include "loopback.h"

#include "base/mem.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HUGE_BYTES = 50000000, CHUNK = 65536 };

struct loopback {
    const struct loopback_reply *replies;
    size_t count, requests, connections;
    int listener, wake[2]; /* a byte in wake ends the thread */
    char url[64];
    struct str last;
    pthread_mutex_t lock; /* of requests, connections and last */
    pthread_t thread;
};

/* Waits until there is something to read. False when the test is over. */
static bool readable(const struct loopback *loopback, int socket)
{
    struct pollfd fds[2] = {{.fd = socket, .events = POLLIN},
                            {.fd = loopback->wake[0], .events = POLLIN}};
    while (poll(fds, 2, -1) < 0)
        ;
    return !fds[1].revents;
}

static bool is_whole(const struct str *request)
{
    const char *end = request->length ? strstr(request->text, "\r\n\r\n") : NULL;
    const char *length = end ? strcasestr(request->text, "content-length:") : NULL;
    size_t body = length ? strtoul(length + strlen("content-length:"), NULL, 10) : 0;
    return end && request->length >= (size_t)(end + 4 - request->text) + body;
}

static bool read_request(struct loopback *loopback, int socket)
{
    struct str request = {0};
    while (!is_whole(&request)) {
        char bytes[CHUNK];
        ssize_t got = readable(loopback, socket) ? read(socket, bytes, sizeof(bytes)) : 0;
        if (got <= 0) {
            str_free(&request);
            return false;
        }
        str_add_bytes(&request, bytes, (size_t)got);
    }
    pthread_mutex_lock(&loopback->lock);
    str_free(&loopback->last);
    loopback->last = request;
    loopback->requests++;
    pthread_mutex_unlock(&loopback->lock);
    return true;
}

static bool send_all(int socket, const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool send_blanks(int socket, size_t size)
{
    static char blanks[CHUNK];
    memset(blanks, ' ', sizeof(blanks));
    bool ok = true;
    for (size_t sent = 0; ok && sent < size; sent += CHUNK)
        ok = send_all(socket, blanks, size - sent < CHUNK ? size - sent : CHUNK);
    return ok;
}

/* False when the connection is to be closed. */
static bool answer(struct loopback *loopback, int socket, const struct loopback_reply *reply)
{
    size_t before = reply->manner == LOOPBACK_HUGE ? HUGE_BYTES : 0;
    size_t promised = (before + strlen(reply->body)) * (reply->manner == LOOPBACK_CUT ? 2 : 1);
    if (reply->manner == LOOPBACK_CLOSE)
        return false;
    if (reply->manner == LOOPBACK_SIGNAL)
        kill(getpid(), SIGINT);
    if (reply->manner == LOOPBACK_HANG || reply->manner == LOOPBACK_SIGNAL)
        return readable(loopback, -1);
    char *head = mem_printf("HTTP/1.1 %d Status\r\nContent-Length: %zu\r\n%s\r\n", reply->status,
                            promised, reply->headers ? reply->headers : "");
    bool ok = send_all(socket, head, strlen(head)) && send_blanks(socket, before) &&
              send_all(socket, reply->body, strlen(reply->body));
    free(head);
    return ok && reply->manner != LOOPBACK_CUT;
}

static void *serve(void *context)
{
    struct loopback *loopback = context;
    while (readable(loopback, loopback->listener)) {
        int socket = accept(loopback->listener, NULL, NULL);
        pthread_mutex_lock(&loopback->lock);
        loopback->connections++;
        pthread_mutex_unlock(&loopback->lock);
        while (read_request(loopback, socket)) {
            size_t at = loopback->requests - 1;
            size_t last = loopback->count - 1;
            if (!answer(loopback, socket, &loopback->replies[at < last ? at : last]))
                break;
        }
        close(socket);
    }
    return NULL;
}

static void fail(const char *what)
{
    perror(what);
    abort();
}

struct loopback *loopback_start(const struct loopback_reply *replies, size_t count)
{
    struct loopback *loopback = mem_alloc(1, sizeof(*loopback));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    loopback->replies = replies;
    loopback->count = count;
    pthread_mutex_init(&loopback->lock, NULL);
    loopback->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(loopback->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(loopback->listener, 8) != 0 || pipe(loopback->wake) != 0 ||
        getsockname(loopback->listener, (struct sockaddr *)&address, &size) != 0)
        fail("loopback");
    snprintf(loopback->url, sizeof(loopback->url), "http://127.0.0.1:%d/v1",
             ntohs(address.sin_port));
    if (pthread_create(&loopback->thread, NULL, serve, loopback) != 0)
        fail("loopback");
    return loopback;
}

const char *loopback_url(const struct loopback *loopback)
{
    return loopback->url;
}

static size_t locked(struct loopback *loopback, const size_t *number)
{
    pthread_mutex_lock(&loopback->lock);
    size_t value = *number;
    pthread_mutex_unlock(&loopback->lock);
    return value;
}

size_t loopback_requests(struct loopback *loopback)
{
    return locked(loopback, &loopback->requests);
}

size_t loopback_connections(struct loopback *loopback)
{
    return locked(loopback, &loopback->connections);
}

char *loopback_last(struct loopback *loopback)
{
    pthread_mutex_lock(&loopback->lock);
    char *copy = mem_strdup(loopback->last.text ? loopback->last.text : "");
    pthread_mutex_unlock(&loopback->lock);
    return copy;
}

void loopback_stop(struct loopback *loopback)
{
    if (write(loopback->wake[1], "", 1) != 1)
        fail("loopback");
    pthread_join(loopback->thread, NULL);
    close(loopback->listener);
    close(loopback->wake[0]);
    close(loopback->wake[1]);
    str_free(&loopback->last);
    pthread_mutex_destroy(&loopback->lock);
    free(loopback);
}
