/* One exchange with a chat model, however it is had: a request goes out, an answer or the reason
 * for none comes back. One exchange is one attempt; llm/chat.c retries on top of it, so that the
 * recorder below it sees every attempt, and a replay gives every attempt again.
 *
 * To add a way to reach a model: (1) write llm/<name>.c with one const struct llm_type, (2) name
 * it in llm_types[] in llm.c, (3) add it to local.mk, (4) give it a case in tests/llm/. */
#ifndef LLM_LLM_H
#define LLM_LLM_H

#include "base/err.h"
#include "base/hash.h"
#include "base/option.h"
#include "llm/usage.h"

#include <jansson.h>
#include <stddef.h>

/* What is asked. body is all that a server sees and all that the key is made of. */
struct llm_request {
    json_t *body;         /* an OpenAI-compatible chat completion request; borrowed */
    const char *role;     /* which request of the method: "C", "D", "E", "E-change"; for logs */
    const json_t *schema; /* what the reply must obey; only "scripted" reads it; borrowed */
    size_t iteration;     /* of the search, for logs */
    struct digest key;    /* hash_json(body); set by chat.c */
    size_t ordinal;   /* how many equal requests went before in this run, plus 1; set by chat.c */
    double timeout_s; /* how long this attempt may take; set by chat.c */
    const struct dialect *dialect; /* how the answer is to be read */
    struct prices prices;
};

/* What came back. The caller frees with llm_exchange_free(). */
struct llm_exchange {
    int status; /* HTTP status; 0 when there was no answer */
    char *body; /* the answer's bytes, '\0'-terminated, or NULL; at most LLM_BODY_CEILING */
    size_t body_size;
    json_t *json;         /* instead of body: the answer where it was parsed before; owned */
    char *failure;        /* why there was no whole answer: "timed out after 120 s"; else NULL */
    double retry_after_s; /* what the server asked for, seconds; negative: nothing */
    size_t in_flight;     /* requests at servers when it was sent, it among them; 0: not known */
    double elapsed_ms;    /* wall time of this attempt, as measured when it was live */
};

enum { LLM_BODY_CEILING = 8 << 20 }; /* bytes; a longer answer is cut off and fails */

void llm_exchange_free(struct llm_exchange *exchange); /* leaves it empty */

struct llm {
    const struct llm_type *type;
};

struct llm_type {
    const char *name; /* as written in experiment files */
    const char *summary;
    const struct option *options; /* its own rows; chat.h has the rows that all share */
    struct llm *(*open)(const json_t *settings, struct err *err);
    /* One attempt. False and *err only where the run cannot go on (a replay miss, a full disk, a
     * signal); a server that fails is a true exchange with a status or a failure. */
    bool (*exchange)(struct llm *llm, const struct llm_request *request,
                     struct llm_exchange *exchange, struct err *err);
    void (*close)(struct llm *llm); /* NULL is allowed */
    bool live;                      /* waiting before another attempt makes sense */
};

const struct llm_type *llm_find(const char *name); /* NULL when there is none */
const struct llm_type *llm_at(size_t index);       /* NULL past the last */

#endif
