/* No model at all: replies that obey the request's schema, made by rule from the request's hash,
 * so that everything round an LLM can be run, tested and compared offline. It names itself. */
#include "base/mem.h"
#include "base/rng.h"
#include "base/str.h"
#include "llm/llm.h"

#include <stdlib.h>
#include <string.h>

static const struct option scripted_options[] = {
    {"invalid_share", OPTION_REAL, "0", 0, 1, NULL, "share of replies that are prose, not JSON"},
    {0},
};

struct scripted {
    struct llm llm;
    double invalid_share;
};

static const char sentence[] = "scripted reply";

extern const struct llm_type llm_scripted;

static json_t *value_for(const json_t *schema, struct rng *rng);

static json_t *text_for(const json_t *schema)
{
    const json_t *most = json_object_get(schema, "maxLength");
    size_t least = (size_t)json_integer_value(json_object_get(schema, "minLength"));
    struct str text = {0};
    str_add(&text, sentence);
    if (most && (size_t)json_integer_value(most) < text.length)
        text.length = (size_t)json_integer_value(most);
    while (text.length < least)
        str_add_char(&text, '.');
    json_t *value = json_stringn(text.text, text.length);
    str_free(&text);
    return value;
}

static json_t *object_for(const json_t *schema, struct rng *rng)
{
    json_t *object = json_object(), *value;
    const char *key;
    json_object_foreach(json_object_get(schema, "properties"), key, value)
        json_object_set_new(object, key, value_for(value, rng));
    return object;
}

static json_t *array_for(const json_t *schema, struct rng *rng)
{
    json_t *array = json_array();
    json_int_t count = json_integer_value(json_object_get(schema, "minItems"));
    for (json_int_t i = 0; i < count; i++)
        json_array_append_new(array, value_for(json_object_get(schema, "items"), rng));
    return array;
}

static json_t *value_for(const json_t *schema, struct rng *rng)
{
    json_t *same = json_object_get(schema, "const"), *one_of = json_object_get(schema, "enum");
    const json_t *any_of = json_object_get(schema, "anyOf");
    const char *type = json_string_value(json_object_get(schema, "type"));
    if (same)
        return json_incref(same);
    if (json_array_size(one_of))
        return json_incref(json_array_get(one_of, rng_below(rng, json_array_size(one_of))));
    if (json_array_size(any_of))
        return value_for(json_array_get(any_of, rng_below(rng, json_array_size(any_of))), rng);
    if (type && strcmp(type, "object") == 0)
        return object_for(schema, rng);
    if (type && strcmp(type, "array") == 0)
        return array_for(schema, rng);
    return text_for(schema);
}

static char *content_for(const struct scripted *scripted, const struct llm_request *request)
{
    char *first = mem_strndup(request->key.hex, 16); /* what 64 bits hold */
    struct rng seed = rng_seed(strtoull(first, NULL, 16));
    free(first);
    struct rng rng = rng_fork(&seed, "scripted", request->ordinal);
    if (!request->schema || rng_unit(&rng) < scripted->invalid_share)
        return mem_strdup(sentence);
    json_t *value = value_for(request->schema, &rng);
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
    return text;
}

static bool scripted_exchange(struct llm *llm, const struct llm_request *request,
                              struct llm_exchange *exchange, struct err *err)
{
    (void)err;
    char *content = content_for((struct scripted *)llm, request);
    json_t *body =
        json_pack("{s:s, s:s, s:[{s:i, s:{s:s, s:s}, s:s}], s:n}", "object", "chat.completion",
                  "model", "scripted (no LLM)", "choices", "index", 0, "message", "role",
                  "assistant", "content", content, "finish_reason", "stop", "usage");
    *exchange = (struct llm_exchange){.status = 200, .retry_after_s = -1};
    exchange->body = json_dumps(body, JSON_COMPACT);
    exchange->body_size = strlen(exchange->body);
    json_decref(body);
    free(content);
    return true;
}

static void scripted_close(struct llm *llm)
{
    free(llm);
}

static struct llm *scripted_open(const json_t *settings, struct err *err)
{
    (void)err;
    struct scripted *scripted = mem_alloc(1, sizeof(*scripted));
    scripted->llm.type = &llm_scripted;
    scripted->invalid_share = option_real(settings, "invalid_share");
    return &scripted->llm;
}

const struct llm_type llm_scripted = {
    .name = "scripted",
    .summary = "no LLM: replies made by rule, for trying things offline",
    .options = scripted_options,
    .open = scripted_open,
    .exchange = scripted_exchange,
    .close = scripted_close,
};
