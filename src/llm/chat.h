/* One chat completion with all that a search needs round it: the request as OpenAI-compatible JSON
 * with its constraint, attempts with back-off, a budget, and the answer's text.
 * The settings are those of every experiment's "llm" object. */
#ifndef LLM_CHAT_H
#define LLM_CHAT_H

#include "llm/llm.h"

/* Rows that every llm shares: model, temperature, top_p, constraint, attempts, timeout_s, ... */
extern const struct option chat_options[];

struct chat_message {
    const char *role; /* "system", "user", "assistant" */
    const char *content;
};

struct chat_request {
    const struct chat_message *messages;
    size_t message_count;
    const char *role;     /* "C", "D", ...: struct llm_request */
    const json_t *schema; /* JSON Schema that the reply must obey; NULL: free text */
    size_t iteration;
    int max_tokens;
    int64_t seed; /* sent to the server if the settings say so */
};

struct chat_reply {
    char *content;     /* the answer's text, never NULL; "" when the server sent none */
    const char *empty; /* why content is "", where the answer shows it: a constant; else NULL */
    bool cut;          /* the server stopped at its token limit */
};

/* Told of every attempt, live or replayed: run/ logs and counts them. Numbers are -1 where the
 * server did not say. */
struct chat_attempt {
    const struct llm_request *request;
    size_t attempt;      /* from 1 */
    bool live;           /* a server was asked, now */
    size_t in_flight;    /* struct llm_exchange */
    int status;          /* HTTP status, 0: no answer */
    const char *problem; /* why it was no use: "HTTP 429: ...", "timed out ..."; NULL: it was */
    const char *learned; /* what it taught of the server, from here on; NULL: nothing */
    const char *empty;   /* struct chat_reply */
    const char *finish_reason, *model, *fingerprint; /* NULL: not said */
    struct usage usage;
    double price; /* in the experiment's currency; -1 where no price is set */
    double elapsed_ms;
};

typedef void chat_observer(void *context, const struct chat_attempt *attempt);

struct chat; /* the settings, the llm, and how often each request was made */

/* Settles what the settings of an llm (resolved by chat_options) leave to the server's dialect, and
 * adds a fault for what is of no use with it. Settled settings stay as they are. */
void chat_settle(json_t *settings, const char *path, struct faults *faults);

/* Owns llm from now on. settings are resolved by chat_options; they are copied, and settled. */
struct chat *chat_open(struct llm *llm, const json_t *settings, chat_observer *observer,
                       void *context, struct err *err) MUST_CHECK;
void chat_close(struct chat *chat); /* NULL is allowed */

/* What may be spent: a request is sent only while less is, so the last one may pass the limit.
 * INFINITY: no such limit. */
struct chat_budget {
    double tokens; /* input and output */
    double cost;   /* in the experiment's currency */
};

/* Without it, nothing is limited. */
void chat_limit(struct chat *chat, const struct chat_budget *budget);
/* "tokens" or "cost", whichever is spent, or NULL. */
const char *chat_spent(const struct chat *chat);

/* Asks until an attempt gives a whole answer or the attempts are used up (429, 5xx, time-outs, cut
 * bodies and answers that are no chat completion are tried again; other 4xx are final). Where the
 * server names a parameter that it does not take, the next attempt does without, and so do all
 * later requests of this chat. False and *err where the run cannot go on, ERR_BUDGET where the
 * budget is spent, and also where a server does not say what its answer used of it. The caller
 * frees the reply. An empty content is a reply. */
bool chat_ask(struct chat *chat, const struct chat_request *request, struct chat_reply *reply,
              struct err *err) MUST_CHECK;
void chat_reply_free(struct chat_reply *reply);

#endif
