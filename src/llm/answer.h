/* What a chat completion's answer says, read with suspicion: servers differ in what they leave out
 * and where they put a model's thinking, and some send what is no answer at all. */
#ifndef LLM_ANSWER_H
#define LLM_ANSWER_H

#include "llm/llm.h"

struct answer {
    json_t *json;  /* the whole answer; NULL where it is not JSON; owned */
    char *problem; /* why it is no use: "HTTP 429: slow down"; NULL: content is an answer */
    char *content; /* the answer's text without a leading <think> part; never NULL */
    const char *finish_reason, *model, *fingerprint;                /* of json; NULL: not said */
    int64_t tokens_in, tokens_out, tokens_cached, tokens_reasoning; /* -1: not said */
    bool cut;   /* the server stopped at its token limit */
    bool final; /* with a problem: asking again would not help */
};

struct answer answer_read(const struct llm_exchange *exchange);
void answer_free(struct answer *answer);

/* What the answer cost by the request's prices; -1 where no price or no usage is known. */
double answer_price(const struct answer *answer, const struct llm_request *request);

#endif
