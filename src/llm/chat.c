#include "llm/chat.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/stop.h"
#include "llm/answer.h"
#include "llm/request.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct option chat_options[] = {
    {"model", OPTION_TEXT, NULL, 0, 0, NULL, "name of the model, as the server knows it"},
    {"dialect", OPTION_CHOICE, "\"auto\"", 0, 0, "auto|" DIALECT_NAMES,
     "whose habits the server has; auto: by the URL's host and the model's name"},
    {"temperature", OPTION_REAL, "null", 0, 2, NULL,
     "of sampling; left out: 0.8, and none where the dialect takes none"},
    {"top_p", OPTION_REAL, "null", 0, 1, NULL,
     "share of probability sampled from; left out: 1, and none where the dialect takes none"},
    {"send_seed", OPTION_BOOLEAN, "null", 0, 0, NULL,
     "send a seed with every request; left out: where the dialect heeds one"},
    {"constraint", OPTION_CHOICE, "null", 0, 0, DIALECT_CONSTRAINTS,
     "how the server is told what a reply must look like; left out: as the dialect does best"},
    {"cache_prompt", OPTION_BOOLEAN, "null", 0, 0, NULL,
     "llama.cpp: reuse the prompt before; sent if not null; false gives repeatable replies"},
    {"token_limit_field", OPTION_CHOICE, "null", 0, 0, "max_tokens|max_completion_tokens",
     "name of the limit; left out: the dialect's"},
    {"effort", OPTION_CHOICE, "null", 0, 0, "none|minimal|low|medium|high|max",
     "how much a model reasons, as the dialect spells it; left out: the server's default"},
    {"reasoning_tokens", OPTION_INTEGER, "null", 0, 1e6, NULL,
     "tokens for reasoning, on top of a reply's own; left out: what the dialect needs"},
    {"attempts", OPTION_INTEGER, "5", 1, 100, NULL, "how often one request is tried"},
    {"timeout_s", OPTION_REAL, "120", 0.001, 86400, NULL, "seconds that one attempt may take"},
    {"deadline_s", OPTION_REAL, "600", 0.001, 604800, NULL,
     "seconds that all attempts of a request may take, waits included"},
    {"currency", OPTION_TEXT, "\"USD\"", 0, 0, NULL, "of the prices"},
    {"price_in", OPTION_REAL, "null", 0, 1e9, NULL, "price of a million prompt tokens"},
    {"price_cached", OPTION_REAL, "null", 0, 1e9, NULL,
     "of a million that a cache served; left out: price_in"},
    {"price_cache_write", OPTION_REAL, "null", 0, 1e9, NULL,
     "of a million that a cache took in; left out: price_in"},
    {"price_out", OPTION_REAL, "null", 0, 1e9, NULL, "price of a million reply tokens"},
    {"price_reasoning", OPTION_REAL, "null", 0, 1e9, NULL,
     "of a million of them that are reasoning; left out: price_out"},
    {"extra", OPTION_OBJECT, "{}", 0, 0, NULL, "more fields of the request, as the server reads"},
    {0},
};

static const double first_wait_s = 0.5, longest_wait_s = 8, stop_look_s = 0.2;

struct chat {
    struct llm *llm;
    json_t *settings; /* settled; what is learned of the server changes them */
    const struct dialect *dialect;
    json_t *refused; /* parameters that the server does not take, as a set */
    chat_observer *observer;
    void *context;
    struct chat_budget budget, spent;
    json_t *counts;    /* key: how many requests of it were made */
    struct rng jitter; /* of waits; nothing that is logged depends on it */
};

/* An URL is logged, as all settings are. */
static void check_url(const char *url, const char *path, struct faults *faults)
{
    const char *host = strstr(url, "://");
    char *at = mem_printf("%s/url", path);
    if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
        fault_add(faults, at, "found \"%.200s\", expected http://... or https://...", url);
    else if (memchr(host + 3, '@', strcspn(host + 3, "/?#")))
        fault_add(faults, at,
                  "found a name or password before the host, which logs would show; expected a key "
                  "in the environment, under the name that api_key_env gives");
    free(at);
}

void chat_settle(json_t *settings, const char *path, struct faults *faults)
{
    if (option_text(settings, "url"))
        check_url(option_text(settings, "url"), path, faults);
    dialect_settle(settings, path, faults);
    request_check_extra(settings, path, faults);
}

static json_t *settled(const json_t *settings, struct err *err)
{
    struct faults faults = {0};
    json_t *copy = json_deep_copy(settings);
    chat_settle(copy, "/llm", &faults);
    if (faults.count) {
        err_set(err, ERR_INPUT, "%s", faults.list[0]);
        json_decref(copy);
        copy = NULL;
    }
    fault_free(&faults);
    return copy;
}

struct chat *chat_open(struct llm *llm, const json_t *settings, chat_observer *observer,
                       void *context, struct err *err)
{
    json_t *own = settled(settings, err);
    if (!own) {
        llm->type->close(llm);
        return NULL;
    }
    struct chat *chat = mem_alloc(1, sizeof(*chat));
    chat->llm = llm;
    chat->settings = own;
    chat->dialect = dialect_find(option_text(own, "dialect"));
    chat->refused = json_object();
    chat->budget = (struct chat_budget){INFINITY, INFINITY};
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
    json_decref(chat->settings);
    json_decref(chat->refused);
    json_decref(chat->counts);
    free(chat);
}

static size_t next_ordinal(struct chat *chat, const struct digest *key)
{
    json_int_t made = json_integer_value(json_object_get(chat->counts, key->hex)) + 1;
    json_object_set_new(chat->counts, key->hex, json_integer(made));
    return (size_t)made;
}

static void observe(const struct chat *chat, const struct llm_request *request, size_t attempt,
                    const struct llm_exchange *exchange, const struct answer *answer, bool live,
                    const char *learned)
{
    const struct chat_attempt told = {
        .request = request,
        .attempt = attempt,
        .live = live,
        .in_flight = exchange->in_flight,
        .status = exchange->status,
        .problem = answer->problem,
        .learned = learned,
        .empty = answer->empty,
        .finish_reason = answer->finish_reason,
        .model = answer->model,
        .fingerprint = answer->fingerprint,
        .usage = answer->usage,
        .price = usage_price(&answer->usage, &request->prices),
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
    reply->empty = answer->empty;
    reply->cut = answer->cut;
    answer->content = NULL;
}

void chat_limit(struct chat *chat, const struct chat_budget *budget)
{
    chat->budget = *budget;
}

const char *chat_spent(const struct chat *chat)
{
    if (chat->spent.tokens >= chat->budget.tokens)
        return "tokens";
    return chat->spent.cost >= chat->budget.cost ? "cost" : NULL;
}

/* Takes an attempt off the budget. One that gave no answer may not say what it used. */
static bool spend(struct chat *chat, const struct answer *answer, const struct llm_request *request,
                  struct err *err)
{
    const struct usage *usage = &answer->usage;
    double cost = usage_price(usage, &request->prices);
    bool counted = usage->in >= 0 && usage->out >= 0;
    if (!answer->problem && !counted && isfinite(chat->budget.tokens))
        return err_set(err, ERR_NETWORK,
                       "the server does not say how many tokens an answer used, expected it where "
                       "/budget/max_tokens_total limits them");
    if (!answer->problem && cost < 0 && isfinite(chat->budget.cost))
        return err_set(err, ERR_NETWORK,
                       "the server does not say how many tokens an answer used, expected it where "
                       "/budget/max_cost limits what they cost");
    chat->spent.tokens += counted ? (double)(usage->in + usage->out) : 0;
    chat->spent.cost += fmax(cost, 0);
    return true;
}

/* One attempt. False and *err where the run cannot go on. */
static bool attempt(struct chat *chat, const struct chat_request *request, size_t number,
                    double timeout_s, struct llm_exchange *exchange, struct answer *answer,
                    bool *learned, struct err *err)
{
    json_t *body = request_body(chat->settings, request);
    struct llm_request ask = {
        .body = body,
        .role = request->role,
        .schema = request->schema,
        .iteration = request->iteration,
        .key = hash_json(body),
        .timeout_s = timeout_s,
        .dialect = chat->dialect,
        .prices = prices_of(chat->settings),
    };
    bool live = chat->llm->type->live;
    ask.ordinal = next_ordinal(chat, &ask.key);
    bool ok = chat->llm->type->exchange(chat->llm, &ask, exchange, err);
    if (ok) {
        *answer = answer_read(exchange, chat->dialect);
        char *lesson = answer->unsupported
                           ? dialect_learn(chat->settings, answer->unsupported, chat->refused)
                           : NULL;
        *learned = lesson != NULL;
        observe(chat, &ask, number, exchange, answer, live, lesson);
        ok = spend(chat, answer, &ask, err);
        free(lesson);
    }
    json_decref(body);
    return ok;
}

/* What a record holds of failures was survived when it was made, if only by being started again:
 * attempts are counted, and given up, only when they are live. */
bool chat_ask(struct chat *chat, const struct chat_request *request, struct chat_reply *reply,
              struct err *err)
{
    double end_s = clock_now_s() + option_real(chat->settings, "deadline_s");
    size_t tried = 0;
    *reply = (struct chat_reply){0};
    for (size_t number = 1;; number++) {
        struct llm_exchange exchange = {0};
        struct answer answer = {0};
        bool live = chat->llm->type->live, learned;
        if (chat_spent(chat))
            return err_set(err, ERR_BUDGET, "the run's budget of %s is spent", chat_spent(chat));
        double timeout_s =
            fmin(option_real(chat->settings, "timeout_s"), fmax(end_s - clock_now_s(), 0.001));
        if (!attempt(chat, request, number, timeout_s, &exchange, &answer, &learned, err)) {
            answer_free(&answer);
            llm_exchange_free(&exchange);
            return false;
        }
        bool done = !answer.problem;
        bool go_on = done || learned || !live ||
                     may_try_again(chat, &answer, ++tried, exchange.retry_after_s, end_s, err);
        if (done)
            take_answer(&answer, reply);
        answer_free(&answer);
        llm_exchange_free(&exchange);
        if (done || !go_on)
            return done;
    }
}

void chat_reply_free(struct chat_reply *reply)
{
    free(reply->content);
    *reply = (struct chat_reply){0};
}
