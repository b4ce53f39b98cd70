/* What a chat completion's answer says, read with suspicion: servers differ in what they leave out
 * and where they put a model's thinking, and some send what is no answer at all. */
#ifndef LLM_ANSWER_H
#define LLM_ANSWER_H

#include "llm/llm.h"

struct answer {
    json_t *json;      /* the whole answer; NULL where it is not JSON; owned */
    char *problem;     /* why it is no use: "HTTP 429: slow down"; NULL: content is an answer */
    char *content;     /* the answer's text without a leading <think> part; never NULL */
    const char *empty; /* why content is "", where the answer shows it; NULL: it does not */
    const char *finish_reason, *model, *fingerprint; /* of json; NULL: not said */
    const char *unsupported; /* the parameter of the request that the server refuses; NULL: none */
    struct usage usage;
    bool cut;   /* the server stopped at its token limit */
    bool final; /* with a problem: asking again would not help */
};

/* dialect says where the server puts things. */
struct answer answer_read(const struct llm_exchange *exchange, const struct dialect *dialect);
void answer_free(struct answer *answer);

/* What follows a leading <think> part, which some servers leave in the content, and the blanks
 * after it; content itself where it begins with none. Of one without an end, a thought that was cut
 * off, nothing is an answer: "". */
const char *answer_after_thought(const char *content);

#endif
