/* An OpenAI-compatible server on 127.0.0.1 for tests: it answers as the "scripted" llm does, from
 * the JSON schema in the request, slowly enough to be killed in between, and any number of requests
 * at once.
 *
 *   server DELAY_MS COUNT_FILE [REFUSED]
 *
 * prints its port, then serves until its input ends; writes how many requests it has answered to
 * COUNT_FILE, how many it had at once at most to COUNT_FILE.peak, and how many connections there
 * were to COUNT_FILE.connections. A request with the field
 * REFUSED gets status 400. It says that a token is four bytes, and that it has four slots. */
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "llm/llm.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOKEN_BYTES = 4 };

struct server {
    struct llm *scripted;
    double delay_s;
    const char *count_path, *refused;
    pthread_mutex_t lock; /* of what follows */
    unsigned long answered, present, peak, connections;
};

/* Whole, since the test reads it at any time; without waiting for the disk. */
static void write_number(const struct server *server, const char *ending, unsigned long number)
{
    struct err err = {0};
    struct str text = {0};
    char *path = mem_printf("%s%s", server->count_path, ending);
    str_addf(&text, "%lu\n", number);
    if (!file_write_parts(path, &text, 1, &err))
        fprintf(stderr, "%s\n", err.text);
    str_free(&text);
    free(path);
}

static void enter(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    if (++server->present > server->peak)
        write_number(server, ".peak", server->peak = server->present);
    pthread_mutex_unlock(&server->lock);
}

static void leave(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    server->present--;
    write_number(server, "", ++server->answered);
    pthread_mutex_unlock(&server->lock);
}

static void note_connection(void *context, struct MHD_Connection *connection, void **state,
                            enum MHD_ConnectionNotificationCode code)
{
    struct server *server = context;
    (void)connection;
    (void)state;
    if (code != MHD_CONNECTION_NOTIFY_STARTED)
        return;
    pthread_mutex_lock(&server->lock);
    write_number(server, ".connections", ++server->connections);
    pthread_mutex_unlock(&server->lock);
}

static enum MHD_Result respond(struct MHD_Connection *connection, unsigned status,
                               const json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

/* What "scripted" says, and what that used. */
static json_t *completion(struct server *server, const json_t *request, size_t request_bytes)
{
    struct llm_exchange exchange = {0};
    const json_t *format = json_object_get(request, "response_format");
    struct llm_request ask = {
        .body = (json_t *)(uintptr_t)request,
        .schema = json_object_get(json_object_get(format, "json_schema"), "schema"),
        .key = hash_json(request),
        .ordinal = 1,
    };
    (void)server->scripted->type->exchange(server->scripted, &ask, &exchange, NULL);
    json_t *body = json_loads(exchange.body, 0, NULL);
    json_object_set_new(body, "usage",
                        json_pack("{s:I, s:I}", "prompt_tokens",
                                  (json_int_t)(request_bytes / TOKEN_BYTES), "completion_tokens",
                                  (json_int_t)(exchange.body_size / TOKEN_BYTES)));
    llm_exchange_free(&exchange);
    return body;
}

static enum MHD_Result answer(struct server *server, struct MHD_Connection *connection,
                              const struct str *text)
{
    json_t *request = json_loadb(text->text, text->length, 0, NULL), *body;
    bool refused = server->refused && json_object_get(request, server->refused);
    enter(server);
    clock_sleep_s(server->delay_s);
    if (refused)
        body = json_pack("{s:{s:s, s:s, s:s}}", "error", "message", "not supported", "param",
                         server->refused, "code", "unsupported_parameter");
    else
        body = completion(server, request, text->length);
    leave(server);
    enum MHD_Result result =
        respond(connection, refused ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_OK, body);
    json_decref(body);
    json_decref(request);
    return result;
}

/* What is asked for without a body. */
static enum MHD_Result tell(struct MHD_Connection *connection, const char *url)
{
    json_t *body = json_object();
    unsigned status = MHD_HTTP_OK;
    if (strcmp(url, "/v1/models") == 0)
        json_object_set_new(body, "data", json_pack("[{s:s}]", "id", "scripted"));
    else if (strcmp(url, "/props") == 0)
        json_object_set_new(body, "total_slots", json_integer(4));
    else
        status = MHD_HTTP_NOT_FOUND;
    enum MHD_Result result = respond(connection, status, body);
    json_decref(body);
    return result;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    (void)version;
    if (!*state) {
        *state = mem_alloc(1, sizeof(struct str));
        return MHD_YES;
    }
    struct str *body = *state;
    if (*size) {
        str_add_bytes(body, data, *size);
        *size = 0;
        return MHD_YES;
    }
    return strcmp(method, "GET") == 0 ? tell(connection, url) : answer(context, connection, body);
}

static void forget(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)connection;
    (void)code;
    if (*state)
        str_free(*state);
    free(*state);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    if (argc < 3 || argc > 4)
        return 2;
    const struct llm_type *type = llm_find("scripted");
    json_t *settings = json_pack("{s:f}", "invalid_share", 0.1);
    struct server server = {.scripted = type->open(settings, &err),
                            .delay_s = 1e-3 * strtod(argv[1], NULL),
                            .count_path = argv[2],
                            .refused = argc == 4 ? argv[3] : NULL,
                            .lock = PTHREAD_MUTEX_INITIALIZER};
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, handle,
        &server, MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        note_connection, &server, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&here, MHD_OPTION_END);
    if (!daemon)
        return 1;
    printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
    MHD_stop_daemon(daemon);
    type->close(server.scripted);
    json_decref(settings);
    return 0;
}
