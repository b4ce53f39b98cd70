/* A server that speaks OpenAI's chat completions, by libcurl, one connection kept for all of a
 * run. libcurl is loaded when it is first needed: with all that it draws in it would cost every
 * start of the program several milliseconds, and most runs ask no server. */
#include "llm/http.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"

#define CURL_DISABLE_TYPECHECK /* its macros would hide the functions' names */
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LIBRARY_NAME   "libcurl.so.4"
#define LIBRARY_GNUTLS "libcurl-gnutls.so.4" /* Debian's other build of it, under its own name */

#define FUNCTIONS(X)                                                                               \
    X(global_init)                                                                                 \
    X(easy_init)                                                                                   \
    X(easy_cleanup)                                                                                \
    X(easy_setopt)                                                                                 \
    X(easy_getinfo)                                                                                \
    X(easy_perform)                                                                                \
    X(easy_strerror)                                                                               \
    X(slist_append)                                                                                \
    X(slist_free_all)

#define MEMBER(name) __typeof__(curl_##name) *name;
static struct {
    FUNCTIONS(MEMBER)
} curl;

static pthread_once_t load_once = PTHREAD_ONCE_INIT;
static char load_problem[200]; /* empty: libcurl stands */

static void load_function(void *library, const char *name, void *slot)
{
    void *function = dlsym(library, name);
    if (!function)
        snprintf(load_problem, sizeof(load_problem), LIBRARY_NAME " has no %s", name);
    memcpy(slot, &function, sizeof(function));
}

static void load(void)
{
    void *library = dlopen(LIBRARY_NAME, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        library = dlopen(LIBRARY_GNUTLS, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(load_problem, sizeof(load_problem),
                 LIBRARY_NAME " cannot be loaded (is libcurl installed?): %.120s", dlerror());
        return;
    }
#define LOAD(name) load_function(library, "curl_" #name, &curl.name);
    FUNCTIONS(LOAD)
    if (!load_problem[0] && curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        snprintf(load_problem, sizeof(load_problem), LIBRARY_NAME " does not start");
}

static const struct option http_options[] = {
    {"url", OPTION_TEXT, NULL, 0, 0, NULL,
     "where the server's API begins, as in http://127.0.0.1:8091/v1"},
    {"api_key_env", OPTION_TEXT, "\"OPENAI_API_KEY\"", 0, 0, NULL,
     "environment variable with the key; sent if it is set, never logged"},
    {"connect_timeout_s", OPTION_REAL, "10", 0.001, 600, NULL, "seconds that connecting may take"},
    {NULL},
};

static atomic_size_t in_flight; /* of all threads: what a server bears is not one run's affair */

size_t http_in_flight(void)
{
    return atomic_load(&in_flight);
}

struct http {
    struct llm llm;
    CURL *handle;
    struct curl_slist *headers;
    char *url;
    char *key; /* NULL: none */
};

static bool add_key(struct http *http, const char *variable, struct err *err)
{
    const char *key = getenv(variable);
    if (!key || !key[0])
        return true;
    if (strpbrk(key, "\r\n"))
        return err_set(err, ERR_INPUT,
                       "$%s: found a key with a line break in it, expected one line", variable);
    char *header = mem_printf("Authorization: Bearer %s", key);
    http->headers = curl.slist_append(http->headers, header);
    http->key = mem_strdup(key);
    free(header);
    return true;
}

static size_t receive(char *bytes, size_t size, size_t count, void *body)
{
    str_add_bytes(body, bytes, size * count);
    return ((struct str *)body)->overflow ? 0 : size * count;
}

static int look_for_stop(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)context, (void)a, (void)b, (void)c, (void)d;
    return stop_requested();
}

static void set_up(struct http *http, double connect_timeout_s)
{
    http->headers = curl.slist_append(http->headers, "Content-Type: application/json");
    http->headers = curl.slist_append(http->headers, "Expect:"); /* no round trip before the body */
    curl.easy_setopt(http->handle, CURLOPT_HTTPHEADER, http->headers);
    curl.easy_setopt(http->handle, CURLOPT_NOSIGNAL, 1L);
    curl.easy_setopt(http->handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl.easy_setopt(http->handle, CURLOPT_CONNECTTIMEOUT_MS, (long)(1000 * connect_timeout_s));
    curl.easy_setopt(http->handle, CURLOPT_WRITEFUNCTION, receive);
    curl.easy_setopt(http->handle, CURLOPT_XFERINFOFUNCTION, look_for_stop);
    curl.easy_setopt(http->handle, CURLOPT_NOPROGRESS, 0L);
}

static void http_close(struct llm *llm)
{
    struct http *http = (struct http *)llm;
    if (!http)
        return;
    if (http->handle)
        curl.easy_cleanup(http->handle);
    if (http->headers)
        curl.slist_free_all(http->headers);
    free(http->url);
    free(http->key);
    free(http);
}

extern const struct llm_type llm_http;

static struct llm *http_open(const json_t *settings, struct err *err)
{
    const char *url = option_text(settings, "url");
    pthread_once(&load_once, load);
    if (load_problem[0]) {
        err_set(err, ERR_IO, "%s", load_problem);
        return NULL;
    }
    struct http *http = mem_alloc(1, sizeof(*http));
    size_t length = strlen(url);
    http->llm.type = &llm_http;
    length -= length && url[length - 1] == '/';
    http->url = mem_printf("%.*s/chat/completions", (int)length, url);
    http->handle = curl.easy_init();
    if (!http->handle)
        err_set(err, ERR_IO, LIBRARY_NAME " gives no handle");
    if (!http->handle || !add_key(http, option_text(settings, "api_key_env"), err)) {
        http_close(&http->llm);
        return NULL;
    }
    set_up(http, option_real(settings, "connect_timeout_s"));
    return &http->llm;
}

/* In words that name no address: they end in logs that are compared and published. */
static char *failure_of(const struct http *http, CURLcode code, const struct str *body,
                        double timeout_s)
{
    long system_error = 0;
    curl.easy_getinfo(http->handle, CURLINFO_OS_ERRNO, &system_error);
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return mem_strdup("the server's name has no address");
    case CURLE_COULDNT_CONNECT:
        return mem_printf("cannot connect to the server%s%s", system_error ? ": " : "",
                          system_error ? strerror((int)system_error) : "");
    case CURLE_OPERATION_TIMEDOUT:
        return mem_printf("timed out after %.3g s", timeout_s);
    case CURLE_WRITE_ERROR:
        if (body->overflow)
            return mem_printf("the answer is longer than %d MiB", LLM_BODY_CEILING >> 20);
        break;
    case CURLE_UNSUPPORTED_PROTOCOL: /* of the answer: the URL is one of HTTP */
    case CURLE_WEIRD_SERVER_REPLY:
        return mem_strdup("what came is not HTTP");
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
        return mem_strdup("the connection ended before the answer did");
    case CURLE_OUT_OF_MEMORY: /* so curl has it until 8.7 */
        return mem_strdup("out of memory, or the answer's header is longer than curl takes");
    default:
        break;
    }
    return mem_strdup(curl.easy_strerror(code));
}

enum { SECRET_LEAST = 8 }; /* bytes of a key; shorter ones are placeholders, and may be words */

/* Servers say a key back, above all one that they refuse, and what they say is logged. */
static void hide_key(const struct http *http, struct str *body)
{
    size_t length = http->key ? strlen(http->key) : 0;
    if (length < SECRET_LEAST || !body->length)
        return;
    const char *end = body->text + body->length;
    for (char *at = body->text; (at = memmem(at, (size_t)(end - at), http->key, length));
         at += length)
        memset(at, '*', length);
}

static void read_result(const struct http *http, CURLcode code, struct str *body, double timeout_s,
                        struct llm_exchange *exchange)
{
    long status = 0;
    curl_off_t retry_after_s = 0;
    curl.easy_getinfo(http->handle, CURLINFO_RESPONSE_CODE, &status);
    curl.easy_getinfo(http->handle, CURLINFO_RETRY_AFTER, &retry_after_s); /* seconds or a date */
    exchange->status = (int)status;
    exchange->retry_after_s = retry_after_s > 0 ? (double)retry_after_s : -1;
    if (code != CURLE_OK)
        exchange->failure = failure_of(http, code, body, timeout_s);
    hide_key(http, body);
    if (status && !body->overflow) {
        exchange->body_size = body->length;
        exchange->body = str_steal(body);
    }
}

/* Does what the handle is set up for. */
static bool perform(struct http *http, double timeout_s, struct llm_exchange *exchange,
                    struct err *err)
{
    struct str body = {.ceiling = LLM_BODY_CEILING};
    double begin_s = clock_now_s();
    curl.easy_setopt(http->handle, CURLOPT_WRITEDATA, &body);
    curl.easy_setopt(http->handle, CURLOPT_TIMEOUT_MS, (long)(1000 * timeout_s));
    exchange->in_flight = atomic_fetch_add(&in_flight, 1) + 1;
    CURLcode code = curl.easy_perform(http->handle);
    atomic_fetch_sub(&in_flight, 1);
    exchange->elapsed_ms = 1000 * (clock_now_s() - begin_s);
    bool stopped = code == CURLE_ABORTED_BY_CALLBACK;
    if (stopped)
        err_set(err, ERR_STOPPED, "stopped by a signal while a server was asked");
    else
        read_result(http, code, &body, timeout_s, exchange);
    str_free(&body);
    return !stopped;
}

static bool http_exchange(struct llm *llm, const struct llm_request *request,
                          struct llm_exchange *exchange, struct err *err)
{
    struct http *http = (struct http *)llm;
    char *sent = json_dumps(request->body, JSON_COMPACT | JSON_REAL_PRECISION(15));
    curl.easy_setopt(http->handle, CURLOPT_URL, http->url);
    curl.easy_setopt(http->handle, CURLOPT_POSTFIELDS, sent);
    curl.easy_setopt(http->handle, CURLOPT_POSTFIELDSIZE, (long)strlen(sent));
    bool ok = perform(http, request->timeout_s, exchange, err);
    free(sent);
    return ok;
}

bool http_get(struct llm *llm, const char *path, double timeout_s, struct llm_exchange *exchange,
              struct err *err)
{
    struct http *http = (struct http *)llm;
    const char *host = strstr(http->url, "://") + strlen("://");
    char *url = mem_printf("%.*s%s", (int)(host - http->url + (ptrdiff_t)strcspn(host, "/")),
                           http->url, path);
    *exchange = (struct llm_exchange){0};
    curl.easy_setopt(http->handle, CURLOPT_URL, url);
    curl.easy_setopt(http->handle, CURLOPT_HTTPGET, 1L);
    bool ok = perform(http, timeout_s, exchange, err);
    free(url);
    return ok;
}

const struct llm_type llm_http = {
    .name = "http",
    .summary = "a server that speaks OpenAI's chat completions",
    .options = http_options,
    .open = http_open,
    .exchange = http_exchange,
    .close = http_close,
    .live = true,
};
