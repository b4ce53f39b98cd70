#include "llm/dialect.h"

#include "base/mem.h"
#include "base/str.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#define OPENAI_USAGE                                                                               \
    {                                                                                              \
        .in = "prompt_tokens", .out = "completion_tokens",                                         \
        .cached = "prompt_tokens_details.cached_tokens",                                           \
        .reasoning = "completion_tokens_details.reasoning_tokens",                                 \
    }

#define DEEPSEEK_USAGE                                                                             \
    {                                                                                              \
        .in = "prompt_tokens", .out = "completion_tokens",                                         \
        .cached = "prompt_cache_hit_tokens|prompt_tokens_details.cached_tokens",                   \
        .reasoning = "completion_tokens_details.reasoning_tokens",                                 \
    }

#define SWITCHED_EFFORT                                                                            \
    .effort = "chat_template_kwargs.enable_thinking", .efforts = "none=false|high=true"

/* "auto" takes the first that fits. What stands here is of each server's own documentation, unless
 * a remark says where else it is from. */
static const struct dialect dialects[] = {
    {
        .name = "openai",
        .host = "api.openai.com",
        .model = "gpt-3*|gpt-4*|chatgpt-*|gpt-5-chat*|gpt-5.?-chat*",
        .token_limit_field = "max_completion_tokens", /* max_tokens is deprecated */
        .constraints = "json_schema|json_mode|none",
        .usage = OPENAI_USAGE,
        .seeded = true, /* best effort, beta */
        .samples = true,
        .temperature_max = 2,
    },
    {
        .name = "openai-reasoning", /* o1 and later, gpt-5 and later */
        .host = "api.openai.com",
        .token_limit_field = "max_completion_tokens", /* max_tokens is refused */
        .constraints = "json_schema|json_mode|none",
        .usage = OPENAI_USAGE,
        .seeded = true,
        .samples = false, /* another temperature than 1 is refused */
        .effort = "reasoning_effort",
        .efforts = "none|minimal|low|medium|high|max=xhigh",
        .reasoning_tokens = 25000, /* what OpenAI's guide says to reserve */
    },
    {
        .name = "anthropic", /* its endpoint for OpenAI's clients */
        .host = "api.anthropic.com",
        .token_limit_field = "max_tokens",
        .constraints = "none", /* response_format is ignored */
        .usage = {.in = "prompt_tokens",
                  .out = "completion_tokens",
                  .cached = "cache_read_input_tokens", /* as its own API names them */
                  .cache_write = "cache_creation_input_tokens",
                  .cached_beside = true},
        .seeded = false, /* ignored */
        .samples = true,
        .temperature_max = 1, /* clipped */
    },
    {
        .name = "deepseek-reasoning",
        .host = "api.deepseek.com",
        .model = "*reasoner*",
        .token_limit_field = "max_tokens",
        .constraints = "none|json_mode",
        .thinking = "reasoning_content",
        .usage = DEEPSEEK_USAGE,
        .seeded = false,           /* its API has no seed */
        .samples = false,          /* temperature and top_p have no effect */
        .reasoning_tokens = 32000, /* the default limit of a reply, thoughts included */
    },
    {
        .name = "deepseek",
        .host = "api.deepseek.com",
        .token_limit_field = "max_tokens",
        .constraints = "json_mode|none",
        .thinking = "reasoning_content",
        .usage = DEEPSEEK_USAGE,
        .seeded = false,
        .samples = true,
        .temperature_max = 2,
        .effort = "thinking.type",
        .efforts = "none=disabled|high=enabled",
    },
    {
        .name = "ollama",
        .host = "*:11434|ollama.com",
        .token_limit_field = "max_tokens", /* the only one it reads */
        .constraints = "json_schema|json_mode|none",
        .thinking = "reasoning",
        .usage = {.in = "prompt_tokens", .out = "completion_tokens"},
        .seeded = true,
        .samples = true, /* an absent one is 1.0, whatever the model's file says */
        .temperature_max = 2,
        .effort = "reasoning_effort",
        .efforts = "none|low|medium|high|max",
    },
    {
        .name = "vllm",
        .token_limit_field = "max_tokens",
        .constraints = "json_schema|guided_json|json_mode|none", /* guided_json before 0.12 */
        .thinking = "reasoning|reasoning_content",               /* renamed in 0.23 */
        .usage = OPENAI_USAGE,                                   /* details where asked to count */
        .seeded = true,
        .samples = true,
        .temperature_max = 2,
        SWITCHED_EFFORT,
    },
    {
        .name = "sglang",
        .token_limit_field = "max_tokens",
        .constraints = "json_schema|none",
        .thinking = "reasoning_content",
        .usage = {.in = "prompt_tokens",
                  .out = "completion_tokens",
                  .cached = "prompt_tokens_details.cached_tokens",
                  .reasoning = "reasoning_tokens"},
        .seeded = true,
        .samples = true,
        .temperature_max = 2,
        SWITCHED_EFFORT,
    },
    {
        .name = "llama.cpp",
        .token_limit_field = "max_tokens",
        .constraints = "json_schema|json_object|grammar|none",
        .thinking = "reasoning_content",
        .usage = OPENAI_USAGE,
        .seeded = true,
        .samples = true,
        .temperature_max = 2,
        SWITCHED_EFFORT,
    },
    {
        .name = "compatible", /* a server that nothing more is known of */
        .host = "*",
        .token_limit_field = "max_tokens", /* which older servers know alone */
        .constraints = DIALECT_CONSTRAINTS,
        .thinking = "reasoning_content|reasoning",
        .usage = {.in = "prompt_tokens",
                  .out = "completion_tokens",
                  .cached = "prompt_tokens_details.cached_tokens|prompt_cache_hit_tokens",
                  .reasoning = "completion_tokens_details.reasoning_tokens|reasoning_tokens"},
        .seeded = true,
        .samples = true,
        .temperature_max = 2,
        .effort = "reasoning_effort",
        .efforts = "none|minimal|low|medium|high|max",
    },
};

enum { DIALECTS = sizeof(dialects) / sizeof(*dialects) };

static const double usual_temperature = 0.8, usual_top_p = 1.0;

const struct dialect *dialect_at(size_t index)
{
    return index < DIALECTS ? &dialects[index] : NULL;
}

const struct dialect *dialect_find(const char *name)
{
    for (size_t i = 0; name && i < DIALECTS; i++)
        if (strcmp(dialects[i].name, name) == 0)
            return &dialects[i];
    return NULL;
}

/* -- choosing one -- */

/* Whether one of the patterns ("a*|b*") fits. */
static bool fits(const char *patterns, const char *text)
{
    bool found = false;
    for (const char *at = patterns; !found && *at; at = option_after(at)) {
        char *pattern = mem_strndup(at, strcspn(at, "|"));
        found = fnmatch(pattern, text, FNM_CASEFOLD) == 0;
        free(pattern);
    }
    return found;
}

/* "127.0.0.1:8091" of "http://127.0.0.1:8091/v1"; the caller frees. */
static char *host_of(const char *url)
{
    const char *begin = url ? strstr(url, "://") : NULL;
    begin = begin ? begin + strlen("://") : "";
    return mem_strndup(begin, strcspn(begin, "/?#"));
}

/* The row that "auto" means; url NULL: an llm that has none. The last row is for all. */
static const struct dialect *choose(const char *url, const char *model)
{
    char *host = host_of(url);
    const struct dialect *chosen = NULL;
    for (size_t i = 0; !chosen && i < DIALECTS; i++) {
        const struct dialect *row = &dialects[i];
        if (row->host && fits(row->host, host) && (!row->model || fits(row->model, model)))
            chosen = row;
    }
    free(host);
    return chosen;
}

/* -- settings -- */

/* How the list "a=x|b" spells name: "x", or NULL where it has no such name. The caller frees. */
static char *spelling_of(const char *list, const char *name)
{
    size_t wanted = strlen(name);
    for (const char *at = list; at && *at; at = option_after(at)) {
        size_t length = strcspn(at, "|"), key = strcspn(at, "=|");
        if (key == wanted && strncmp(at, name, key) == 0)
            return key < length ? mem_strndup(at + key + 1, length - key - 1)
                                : mem_strndup(at, key);
    }
    return NULL;
}

/* "a|b" of the list "a=x|b"; the caller frees. */
static char *names_of(const char *list)
{
    struct str names = {0};
    for (const char *at = list; *at; at = option_after(at)) {
        str_add(&names, names.length ? "|" : "");
        str_add_bytes(&names, at, strcspn(at, "=|"));
    }
    return str_steal(&names);
}

static void settle_choice(json_t *settings, const struct dialect *dialect, const char *key,
                          const char *allowed, const char *path, struct faults *faults)
{
    const char *given = option_text(settings, key);
    char *spelling = given ? spelling_of(allowed, given) : NULL;
    if (given && !spelling) {
        char *place = mem_printf("%s/%s", path, key), *names = names_of(allowed ? allowed : "");
        fault_add(faults, place, "found \"%s\", expected %s%s, which the dialect %s knows", given,
                  allowed ? "one of " : "it left out", names, dialect->name);
        free(place);
        free(names);
    }
    free(spelling);
}

/* A number of sampling: the usual one where it is left out, and none where the row takes none. */
static void settle_sampling(json_t *settings, const struct dialect *dialect, const char *key,
                            double usual, double most, const char *path, struct faults *faults)
{
    const json_t *given = json_object_get(settings, key);
    char *place = mem_printf("%s/%s", path, key);
    if (!json_is_number(given))
        json_object_set_new(settings, key, dialect->samples ? json_real(usual) : json_null());
    else if (!dialect->samples)
        fault_add(faults, place, "found %.15g, expected it left out or null: %s takes none",
                  json_number_value(given), dialect->name);
    else if (json_number_value(given) > most)
        fault_add(faults, place, "found %.15g, expected at most %.15g with the dialect %s",
                  json_number_value(given), most, dialect->name);
    free(place);
}

static void settle_seed(json_t *settings, const struct dialect *dialect, const char *path,
                        struct faults *faults)
{
    if (!json_is_boolean(json_object_get(settings, "send_seed")))
        json_object_set_new(settings, "send_seed", json_boolean(dialect->seeded));
    if (!option_boolean(settings, "send_seed") || dialect->seeded)
        return;
    char *place = mem_printf("%s/send_seed", path);
    fault_add(faults, place, "found true, expected false or nothing: %s heeds no seed",
              dialect->name);
    free(place);
}

/* The first of a list "a|b" where the setting is left out. */
static void fill_first(json_t *settings, const char *key, const char *list)
{
    if (!option_text(settings, key))
        json_object_set_new(settings, key, json_stringn(list, strcspn(list, "|")));
}

void dialect_settle(json_t *settings, const char *path, struct faults *faults)
{
    const struct dialect *dialect = dialect_find(option_text(settings, "dialect"));
    if (!dialect)
        dialect = choose(option_text(settings, "url"), option_text(settings, "model"));
    json_object_set_new(settings, "dialect", json_string(dialect->name));
    settle_sampling(settings, dialect, "temperature", usual_temperature, dialect->temperature_max,
                    path, faults);
    settle_sampling(settings, dialect, "top_p", usual_top_p, 1, path, faults);
    settle_seed(settings, dialect, path, faults);
    settle_choice(settings, dialect, "constraint", dialect->constraints, path, faults);
    settle_choice(settings, dialect, "effort", dialect->efforts, path, faults);
    fill_first(settings, "constraint", dialect->constraints);
    fill_first(settings, "token_limit_field", dialect->token_limit_field);
    if (!json_is_integer(json_object_get(settings, "reasoning_tokens")))
        json_object_set_new(settings, "reasoning_tokens", json_integer(dialect->reasoning_tokens));
}

/* -- learning -- */

/* What a server that refuses a parameter of the request is sent instead. */
static const struct {
    const char *parameter, *setting;
    const char *from; /* the setting's value that wrote it; NULL: any */
    const char *to;   /* JSON */
    const char *told;
} lessons[] = {
    {"max_tokens", "token_limit_field", "max_tokens", "\"max_completion_tokens\"",
     "max_completion_tokens is sent"},
    {"max_completion_tokens", "token_limit_field", "max_completion_tokens", "\"max_tokens\"",
     "max_tokens is sent"},
    {"temperature", "temperature", NULL, "null", "it is left out"},
    {"top_p", "top_p", NULL, "null", "it is left out"},
    {"seed", "send_seed", NULL, "false", "it is left out"},
    {"response_format", "constraint", "json_schema", "\"json_mode\"", "json_mode is sent"},
    {"response_format", "constraint", "json_object", "\"json_mode\"", "json_mode is sent"},
    {"response_format", "constraint", "json_mode", "\"none\"", "it is left out"},
    {"guided_json", "constraint", "guided_json", "\"json_schema\"", "json_schema is sent"},
    {"grammar", "constraint", "grammar", "\"none\"", "it is left out"},
    {"reasoning_effort", "effort", NULL, "null", "it is left out"},
};

/* Whether the settings wrote the parameter in the way that a lesson is about. */
static bool is_about(size_t lesson, const json_t *settings, const char *parameter)
{
    const char *from = lessons[lesson].from;
    return strcmp(lessons[lesson].parameter, parameter) == 0 &&
           (!from || option_is(settings, lessons[lesson].setting, from));
}

char *dialect_learn(json_t *settings, const char *parameter, json_t *refused)
{
    for (size_t i = 0; i < sizeof(lessons) / sizeof(*lessons); i++) {
        if (!is_about(i, settings, parameter))
            continue;
        json_t *value = json_loads(lessons[i].to, JSON_DECODE_ANY, NULL);
        bool tried = json_is_string(value) && json_object_get(refused, json_string_value(value));
        bool same = json_equal(value, json_object_get(settings, lessons[i].setting));
        json_object_set_new(refused, parameter, json_true());
        if (!tried && !same)
            json_object_set(settings, lessons[i].setting, value);
        json_decref(value);
        return tried || same ? NULL
                             : mem_printf("the server refuses %s: from here on %s", parameter,
                                          lessons[i].told);
    }
    return NULL;
}

/* -- paths -- */

/* The value at the path "a.b" that begins at path and ends before end. */
static const json_t *value_at(const json_t *object, const char *path, const char *end)
{
    while (object && path < end) {
        size_t length = strcspn(path, ".|");
        char *key = mem_strndup(path, length);
        object = json_object_get(object, key);
        free(key);
        path += length + 1;
    }
    return object;
}

const json_t *dialect_value(const json_t *object, const char *paths)
{
    const json_t *value = NULL;
    for (const char *at = paths; !value && at && *at; at = option_after(at)) {
        value = value_at(object, at, at + strcspn(at, "|"));
        value = json_is_null(value) ? NULL : value;
    }
    return value;
}

void dialect_add_effort(const struct dialect *dialect, const char *effort, json_t *body)
{
    char *spelling = spelling_of(dialect->efforts, effort);
    const char *key = dialect->effort, *dot;
    json_t *value = strcmp(spelling, "true") == 0    ? json_true()
                    : strcmp(spelling, "false") == 0 ? json_false()
                                                     : json_string(spelling);
    while ((dot = strchr(key, '.'))) {
        char *outer = mem_strndup(key, (size_t)(dot - key));
        json_object_set_new(body, outer, json_object());
        body = json_object_get(body, outer);
        free(outer);
        key = dot + 1;
    }
    json_object_set_new(body, key, value);
    free(spelling);
}
