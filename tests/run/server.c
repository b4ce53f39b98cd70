/* An OpenAI-compatible server on 127.0.0.1 for tests: it answers as the "scripted" llm does, from
 * the JSON schema in the request, slowly enough to be killed in between.
 *
 *   server DELAY_MS COUNT_FILE     prints its port, then serves until its input ends; writes how
 *                                  many requests it has answered to COUNT_FILE */
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "llm/llm.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct server {
    struct llm *scripted;
    double delay_s;
    const char *count_path;
    unsigned long answered;
};

/* Whole, since the test reads it at any time. */
static void count(struct server *server)
{
    struct err err = {0};
    char *text = mem_printf("%lu\n", ++server->answered);
    if (!file_write(server->count_path, text, strlen(text), &err))
        fprintf(stderr, "%s\n", err.text);
    free(text);
}

static enum MHD_Result answer(struct server *server, struct MHD_Connection *connection,
                              const struct str *body)
{
    struct llm_exchange exchange = {0};
    struct err err = {0};
    json_t *request = json_loadb(body->text, body->length, 0, NULL);
    const json_t *format = json_object_get(request, "response_format");
    struct llm_request ask = {
        .body = request,
        .schema = json_object_get(json_object_get(format, "json_schema"), "schema"),
        .key = hash_json(request),
        .ordinal = 1,
    };
    if (!server->scripted->type->exchange(server->scripted, &ask, &exchange, &err))
        return MHD_NO;
    clock_sleep_s(server->delay_s);
    count(server);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(exchange.body_size, exchange.body, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    llm_exchange_free(&exchange);
    json_decref(request);
    return result;
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    (void)url;
    (void)method;
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
    return answer(context, connection, body);
}

static void forget(void *context, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)connection;
    (void)code;
    str_free(*state);
    free(*state);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    if (argc != 3)
        return 2;
    const struct llm_type *type = llm_find("scripted");
    json_t *settings = json_pack("{s:f}", "invalid_share", 0.1);
    struct server server = {.scripted = type->open(settings, &err),
                            .delay_s = 1e-3 * strtod(argv[1], NULL),
                            .count_path = argv[2]};
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_AUTO, 0, NULL, NULL, handle,
                         &server, MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_SOCK_ADDR,
                         (struct sockaddr *)&here, MHD_OPTION_END);
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
