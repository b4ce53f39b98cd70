#include "llm/chat.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "llm/answer.h"
#include "llm/grammar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct option chat_options[] = {
    {"model", OPTION_TEXT, NULL, 0, 0, NULL, "name of the model, as the server knows it"},
    {"temperature", OPTION_REAL, "0.8", 0, 2, NULL, "of sampling; always sent"},
    {"top_p", OPTION_REAL, "1.0", 0, 1, NULL, "share of probability sampled from; always sent"},
    {"send_seed", OPTION_BOOLEAN, "true", 0, 0, NULL, "send a seed with every request"},
    {"constraint", OPTION_CHOICE, "\"json_schema\"", 0, 0, "json_schema|grammar|none",
     "how the server is told what a reply must look like; grammar is llama.cpp's"},
    {"cache_prompt", OPTION_BOOLEAN, "null", 0, 0, NULL,
     "llama.cpp: reuse the prompt before; sent if not null; false gives repeatable replies"},
    {"token_limit_field", OPTION_CHOICE, "\"max_tokens\"", 0, 0, "max_tokens|max_completion_tokens",
     "name of the limit; OpenAI's newer models want the second"},
    {"attempts", OPTION_INTEGER, "5", 1, 100, NULL, "how often one request is tried"},
    {"timeout_s", OPTION_REAL, "120", 0.001, 86400, NULL, "seconds that one attempt may take"},
    {"deadline_s", OPTION_REAL, "600", 0.001, 604800, NULL,
     "seconds that all attempts of a request may take, waits included"},
    {"price_in", OPTION_REAL, "null", 0, INFINITY, NULL, "price of a million prompt tokens"},
    {"price_out", OPTION_REAL, "null", 0, INFINITY, NULL, "price of a million reply tokens"},
    {"extra", OPTION_OBJECT, "{}", 0, 0, NULL, "more fields of the request, as the server reads"},
    {NULL},
};

static const double first_wait_s = 0.5, longest_wait_s = 8, stop_look_s = 0.2;

struct chat {
    struct llm *llm;
    const json_t *settings;
    chat_observer *observer;
    void *context;
    json_t *counts;    /* key: how many requests of it were made */
    struct rng jitter; /* of waits; nothing that is logged depends on it */
};

/* Fields of the body that are written here, or that would change what an answer looks like. */
static bool extra_is_free(const json_t *extra, struct err *err)
{
    static const char *const taken[] = {"model",        "messages",        "temperature",
                                        "top_p",        "max_tokens",      "max_completion_tokens",
                                        "seed",         "response_format", "grammar",
                                        "cache_prompt", "stream",          "n"};
    for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
        if (json_object_get(extra, taken[i]))
            return err_set(err, ERR_INPUT,
                           "/llm/extra/%s: found a field that is written or needed by seki itself, "
                           "expected others",
                           taken[i]);
    return true;
}

struct chat *chat_open(struct llm *llm, const json_t *settings, chat_observer *observer,
                       void *context, struct err *err)
{
    if (!extra_is_free(json_object_get(settings, "extra"), err)) {
        llm->type->close(llm);
        return NULL;
    }
    struct chat *chat = mem_alloc(1, sizeof(*chat));
    chat->llm = llm;
    chat->settings = settings;
    chat->observer = observer;
    chat->context = context;
    chat->counts = json_object();
    chat->jitter = rng_seed((uint64_t)(1e9 * clock_now_s()) ^ (uint64_t)getpid());
    return chat;
}

void chat_close(struct chat *chat)
{
    if (!chat)
        return;
    chat->llm->type->close(chat->llm);
    json_decref(chat->counts);
    free(chat);
}

static json_t *message_list(const struct chat_request *request)
{
    json_t *list = json_array();
    for (size_t i = 0; i < request->message_count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "role", request->messages[i].role,
                                              "content", request->messages[i].content));
    return list;
}

static void add_constraint(json_t *body, const json_t *settings, const json_t *schema)
{
    if (schema && option_is(settings, "constraint", "json_schema"))
        json_object_set_new(body, "response_format",
                            json_pack("{s:s, s:{s:s, s:b, s:o}}", "type", "json_schema",
                                      "json_schema", "name", "reply", "strict", true, "schema",
                                      json_deep_copy(schema)));
    if (schema && option_is(settings, "constraint", "grammar")) {
        char *grammar = grammar_of(schema);
        json_object_set_new(body, "grammar", json_string(grammar));
        free(grammar);
    }
}

/* The request as it is sent: keys in this order, since a schema's order is the reply's. */
static json_t *body_of(const json_t *settings, const struct chat_request *request)
{
    json_t *body = json_object(), *cache = json_object_get(settings, "cache_prompt");
    json_object_set_new(body, "model", json_string(option_text(settings, "model")));
    json_object_set_new(body, "messages", message_list(request));
    json_object_set_new(body, "temperature", json_real(option_real(settings, "temperature")));
    json_object_set_new(body, "top_p", json_real(option_real(settings, "top_p")));
    json_object_set_new(body, option_text(settings, "token_limit_field"),
                        json_integer(request->max_tokens));
    if (option_boolean(settings, "send_seed"))
        json_object_set_new(body, "seed", json_integer(request->seed));
    add_constraint(body, settings, request->schema);
    if (json_is_boolean(cache))
        json_object_set(body, "cache_prompt", cache);
    json_object_update(body, json_object_get(settings, "extra"));
    return body;
}

static size_t next_ordinal(struct chat *chat, const struct digest *key)
{
    json_int_t made = json_integer_value(json_object_get(chat->counts, key->hex)) + 1;
    json_object_set_new(chat->counts, key->hex, json_integer(made));
    return (size_t)made;
}

static double price_of(const json_t *settings, const char *key)
{
    const json_t *price = json_object_get(settings, key);
    return json_is_number(price) ? json_number_value(price) : -1;
}

static void observe(const struct chat *chat, const struct llm_request *request, size_t attempt,
                    const struct llm_exchange *exchange, const struct answer *answer)
{
    const struct chat_attempt told = {
        .request = request,
        .attempt = attempt,
        .status = exchange->status,
        .problem = answer->problem,
        .finish_reason = answer->finish_reason,
        .model = answer->model,
        .fingerprint = answer->fingerprint,
        .tokens_in = answer->tokens_in,
        .tokens_out = answer->tokens_out,
        .tokens_cached = answer->tokens_cached,
        .tokens_reasoning = answer->tokens_reasoning,
        .price = answer_price(answer, request),
        .elapsed_ms = exchange->elapsed_ms,
    };
    if (chat->observer)
        chat->observer(chat->context, &told);
}

static bool wait_s(double seconds, struct err *err)
{
    double left, end_s = clock_now_s() + seconds;
    while ((left = end_s - clock_now_s()) > 0) {
        clock_sleep_s(fmin(left, stop_look_s));
        if (stop_requested())
            return err_set(err, ERR_STOPPED, "stopped by a signal while waiting for a server");
    }
    return true;
}

/* Never sooner than the server asked, and never in step with others that failed together. */
static double back_off_s(struct chat *chat, size_t tried, double retry_after_s)
{
    double wait = fmin(longest_wait_s, ldexp(first_wait_s, (int)tried - 1));
    return fmax(retry_after_s, 0) + wait * (1 + rng_unit(&chat->jitter)) / 2;
}

/* Whether a live attempt that failed, the tried'th, is followed by another, and the wait for it. */
static bool may_try_again(struct chat *chat, const struct answer *answer, size_t tried,
                          double retry_after_s, double end_s, struct err *err)
{
    const char *model = option_text(chat->settings, "model");
    if (answer->final)
        return err_set(err, ERR_NETWORK,
                       "model \"%s\" gave no answer: %s; another attempt would not change that",
                       model, answer->problem);
    if (tried >= (size_t)option_integer(chat->settings, "attempts"))
        return err_set(err, ERR_NETWORK,
                       "model \"%s\" gave no answer in %zu attempts; the last: %s", model, tried,
                       answer->problem);
    double wait = back_off_s(chat, tried, retry_after_s);
    if (clock_now_s() + wait >= end_s)
        return err_set(err, ERR_NETWORK,
                       "model \"%s\" gave no answer in %g s and %zu attempts; the last: %s", model,
                       option_real(chat->settings, "deadline_s"), tried, answer->problem);
    return wait_s(wait, err);
}

static void take_answer(struct answer *answer, struct chat_reply *reply)
{
    reply->content = answer->content;
    reply->finish_reason = answer->finish_reason ? mem_strdup(answer->finish_reason) : NULL;
    reply->cut = answer->cut;
    answer->content = NULL;
}

/* What a record holds of failures was survived when it was made, if only by being started again:
 * attempts are counted, and given up, only when they are live. */
static bool ask_until_answered(struct chat *chat, struct llm_request *request,
                               struct chat_reply *reply, struct err *err)
{
    double end_s = clock_now_s() + option_real(chat->settings, "deadline_s");
    size_t tried = 0;
    for (size_t attempt = 1;; attempt++) {
        struct llm_exchange exchange = {0};
        bool live = chat->llm->type->live;
        request->ordinal = next_ordinal(chat, &request->key);
        request->timeout_s =
            fmin(option_real(chat->settings, "timeout_s"), fmax(end_s - clock_now_s(), 0.001));
        if (!chat->llm->type->exchange(chat->llm, request, &exchange, err)) {
            llm_exchange_free(&exchange);
            return false;
        }
        struct answer answer = answer_read(&exchange);
        observe(chat, request, attempt, &exchange, &answer);
        bool done = !answer.problem;
        bool go_on = done || !live ||
                     may_try_again(chat, &answer, ++tried, exchange.retry_after_s, end_s, err);
        if (done)
            take_answer(&answer, reply);
        answer_free(&answer);
        llm_exchange_free(&exchange);
        if (done || !go_on)
            return done;
    }
}

bool chat_ask(struct chat *chat, const struct chat_request *request, struct chat_reply *reply,
              struct err *err)
{
    *reply = (struct chat_reply){0};
    json_t *body = body_of(chat->settings, request);
    struct llm_request ask = {
        .body = body,
        .role = request->role,
        .schema = request->schema,
        .iteration = request->iteration,
        .key = hash_json(body),
        .price_in = price_of(chat->settings, "price_in"),
        .price_out = price_of(chat->settings, "price_out"),
    };
    bool ok = ask_until_answered(chat, &ask, reply, err);
    json_decref(body);
    return ok;
}

void chat_reply_free(struct chat_reply *reply)
{
    free(reply->content);
    free(reply->finish_reason);
    *reply = (struct chat_reply){0};
}
