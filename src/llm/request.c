#include "llm/request.h"

#include "base/mem.h"
#include "llm/grammar.h"

#include <stdlib.h>
#include <string.h>

static const char *const taken[] = {
    "model",
    "messages",
    "temperature",
    "top_p",
    "max_tokens",
    "seed",
    "response_format",
    "grammar",
    "n",
    "max_completion_tokens",
    "reasoning_effort",
    "cache_prompt",
    "guided_json",
    "stream",
};

static void refuse_extra(const json_t *settings, const char *field, const char *path,
                         struct faults *faults)
{
    char *place = mem_printf("%s/extra/%s", path, field);
    if (json_object_get(json_object_get(settings, "extra"), field))
        fault_add(faults, place,
                  "found a field that is written or needed by seki itself, expected others");
    free(place);
}

/* The object that an effort is written into belongs to it; without an effort it is anyone's. */
static void check_effort(const json_t *settings, const char *path, struct faults *faults)
{
    const struct dialect *dialect = dialect_find(option_text(settings, "dialect"));
    if (!option_text(settings, "effort") || !dialect->effort || !strchr(dialect->effort, '.'))
        return;
    char *field = mem_strndup(dialect->effort, strcspn(dialect->effort, "."));
    refuse_extra(settings, field, path, faults);
    free(field);
}

void request_check_extra(const json_t *settings, const char *path, struct faults *faults)
{
    for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
        refuse_extra(settings, taken[i], path, faults);
    check_effort(settings, path, faults);
}

static json_t *message_list(const struct chat_request *request)
{
    json_t *list = json_array();
    for (size_t i = 0; i < request->message_count; i++)
        json_array_append_new(list, json_pack("{s:s, s:s}", "role", request->messages[i].role,
                                              "content", request->messages[i].content));
    return list;
}

/* -- constraints: DIALECT_CONSTRAINTS, but "none" -- */

static json_t *json_schema_of(const json_t *schema)
{
    return json_pack("{s:s, s:{s:s, s:b, s:o}}", "type", "json_schema", "json_schema", "name",
                     "reply", "strict", true, "schema", json_deep_copy(schema));
}

static json_t *json_object_of(const json_t *schema)
{
    return json_pack("{s:s, s:o}", "type", "json_object", "schema", json_deep_copy(schema));
}

static json_t *json_mode_of(const json_t *schema)
{
    (void)schema;
    return json_pack("{s:s}", "type", "json_object");
}

static json_t *gbnf_of(const json_t *schema)
{
    char *text = grammar_of(schema);
    json_t *value = json_string(text);
    free(text);
    return value;
}

static const struct {
    const char *constraint, *field;
    json_t *(*value)(const json_t *schema);
} spellings[] = {
    {"json_schema", "response_format", json_schema_of},
    {"json_object", "response_format", json_object_of}, /* llama.cpp before json_schema, Together */
    {"json_mode", "response_format", json_mode_of},     /* JSON, whatever it says */
    {"guided_json", "guided_json", json_deep_copy},     /* vLLM before 0.12 */
    {"grammar", "grammar", gbnf_of},                    /* llama.cpp */
};

static void add_constraint(json_t *body, const json_t *settings, const json_t *schema)
{
    for (size_t i = 0; schema && i < sizeof(spellings) / sizeof(*spellings); i++)
        if (option_is(settings, "constraint", spellings[i].constraint))
            json_object_set_new(body, spellings[i].field, spellings[i].value(schema));
}

static void add_number(json_t *body, const json_t *settings, const char *key)
{
    if (json_is_number(json_object_get(settings, key)))
        json_object_set_new(body, key, json_real(option_real(settings, key)));
}

json_t *request_body(const json_t *settings, const struct chat_request *request)
{
    json_t *body = json_object(), *cache = json_object_get(settings, "cache_prompt");
    json_object_set_new(body, "model", json_string(option_text(settings, "model")));
    json_object_set_new(body, "messages", message_list(request));
    add_number(body, settings, "temperature");
    add_number(body, settings, "top_p");
    json_object_set_new(
        body, option_text(settings, "token_limit_field"),
        json_integer(request->max_tokens + option_integer(settings, "reasoning_tokens")));
    if (option_boolean(settings, "send_seed"))
        json_object_set_new(body, "seed", json_integer(request->seed));
    add_constraint(body, settings, request->schema);
    if (option_text(settings, "effort"))
        dialect_add_effort(dialect_find(option_text(settings, "dialect")),
                           option_text(settings, "effort"), body);
    if (json_is_boolean(cache))
        json_object_set(body, "cache_prompt", cache);
    json_object_update(body, json_object_get(settings, "extra"));
    return body;
}
