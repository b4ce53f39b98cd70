#include "llm/llm.h"

#include <stdlib.h>
#include <string.h>

extern const struct llm_type llm_http, llm_scripted;

static const struct llm_type *const llm_types[] = {&llm_http, &llm_scripted, NULL};

const struct llm_type *llm_find(const char *name)
{
    for (size_t i = 0; llm_types[i]; i++)
        if (strcmp(llm_types[i]->name, name) == 0)
            return llm_types[i];
    return NULL;
}

const struct llm_type *llm_at(size_t index)
{
    return index < sizeof(llm_types) / sizeof(*llm_types) ? llm_types[index] : NULL;
}

void llm_exchange_free(struct llm_exchange *exchange)
{
    free(exchange->body);
    free(exchange->failure);
    json_decref(exchange->json);
    *exchange = (struct llm_exchange){0};
}
