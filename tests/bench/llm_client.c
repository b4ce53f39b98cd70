/* How long one chat_ask() takes beside the server's own time: asks a server in this process that
 * answers at once, and prints milliseconds a request. The requests are as long as real ones. */
#include "base/clock.h"
#include "base/mem.h"
#include "llm/chat.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUESTS = 5000, ROUNDS = 5, PROMPT_BYTES = 2000 };

static const char body[] =
    "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"tiny\",\"choices\":[{\"index\":0,"
    "\"finish_reason\":\"stop\",\"message\":{\"role\":\"assistant\",\"content\":\"{\\\"rating\\\":"
    "{\\\"0->1 conv3x3\\\":\\\"strong\\\"},\\\"strategy\\\":\\\"replace the weak edge\\\"}\"}}],"
    "\"usage\":{\"prompt_tokens\":475,\"completion_tokens\":94,\"total_tokens\":569}}";

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **request)
{
    (void)url, (void)method, (void)version, (void)upload;
    if (!*request) { /* the headers have come, the body has not */
        *request = context;
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, MHD_HTTP_OK, context);
}

static json_t *settings_for(int port)
{
    struct faults faults = {0};
    json_t *model = json_pack("{s:s}", "model", "tiny"), *own = json_object();
    json_object_set_new(own, "url", json_sprintf("http://127.0.0.1:%d/v1", port));
    json_t *settings = option_resolve(chat_options, model, "", &faults);
    json_t *rest = option_resolve(llm_find("http")->options, own, "", &faults);
    json_object_update(settings, rest);
    json_decref(rest);
    json_decref(own);
    json_decref(model);
    fault_free(&faults);
    return settings;
}

/* Milliseconds a request over REQUESTS requests, no two of them equal; negative: one failed. */
static double round_ms(struct chat *chat, int64_t first_seed)
{
    char prompt[PROMPT_BYTES];
    memset(prompt, 'x', sizeof(prompt) - 1);
    prompt[sizeof(prompt) - 1] = '\0';
    const struct chat_message messages[] = {{"system", "You are an expert."}, {"user", prompt}};
    double begin_s = clock_now_s();
    for (int64_t i = 0; i < REQUESTS; i++) {
        const struct chat_request request = {.messages = messages,
                                             .message_count = 2,
                                             .role = "C",
                                             .max_tokens = 200,
                                             .seed = first_seed + i};
        struct chat_reply reply;
        struct err err = {0};
        if (!chat_ask(chat, &request, &reply, &err)) {
            fprintf(stderr, "llm_client: %s\n", err.text);
            return -1;
        }
        chat_reply_free(&reply);
    }
    return 1000 * (clock_now_s() - begin_s) / REQUESTS;
}

int main(void)
{
    struct err err = {0};
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
    struct MHD_Daemon *daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO, 0,
                                                 NULL, NULL, answer, response, MHD_OPTION_END);
    if (!daemon) {
        fputs("llm_client: the loopback server does not start\n", stderr);
        return EXIT_FAILURE;
    }
    json_t *settings = settings_for(MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    struct llm *llm = llm_find("http")->open(settings, &err);
    struct chat *chat = llm ? chat_open(llm, settings, NULL, NULL, &err) : NULL;
    double best_ms = chat ? 1e9 : -1;
    for (int64_t i = 0; best_ms > 0 && i < ROUNDS; i++) {
        double ms = round_ms(chat, i * REQUESTS);
        best_ms = ms < best_ms ? ms : best_ms;
    }
    if (best_ms > 0)
        printf("%.4f\n", best_ms);
    chat_close(chat);
    json_decref(settings);
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    return best_ms > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
