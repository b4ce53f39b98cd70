#include "llm/answer.h"

#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN_BYTES = 200, HTTP_OK = 200, HTTP_TIMEOUT = 408, HTTP_TOO_MANY = 429 };

static const double retry_after_max_s = 120; /* a server that wants more is as good as down */

static const json_t *child(const json_t *value, const char *key)
{
    return json_object_get(value, key); /* NULL for what is no object */
}

/* The first SHOWN_BYTES of a server's words, on one line, whole UTF-8 characters. */
static char *shown(const char *text)
{
    int length = str_cut(text, SHOWN_BYTES);
    char *line = mem_printf("%.*s%s", length, text, text[length] ? "..." : "");
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    str_disarm(line, "");
    return line;
}

/* What the server says went wrong, fit to be shown: error.message, error, message or detail, else
 * its bytes. The caller frees. */
static char *server_words(const json_t *json, const struct llm_exchange *exchange)
{
    const json_t *error = child(json, "error");
    const json_t *places[] = {child(error, "message"), error, child(json, "message"),
                              child(json, "detail")};
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
        if (json_is_string(places[i]))
            return shown(json_string_value(places[i]));
    if (!exchange->json)
        return shown(exchange->body ? exchange->body : "");
    char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    char *words = shown(text);
    free(text);
    return words;
}

static bool says(const json_t *value, const char *text)
{
    const char *said = json_string_value(value);
    return said && strcmp(said, text) == 0;
}

static bool is_quota(const json_t *json)
{
    const json_t *error = child(json, "error");
    return says(child(error, "code"), "insufficient_quota") ||
           says(child(error, "type"), "insufficient_quota");
}

/* The parameter that the server does not take, by its name, where that is what it complains of. */
static const char *unsupported_in(const json_t *json)
{
    static const char *const codes[] = {"unsupported_parameter", "unsupported_value",
                                        "unknown_parameter"};
    const json_t *error = child(json, "error");
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
        if (says(child(error, "code"), codes[i]))
            return json_string_value(child(error, "param"));
    return NULL;
}

static bool may_pass(int status)
{
    return status == HTTP_TIMEOUT || status == HTTP_TOO_MANY || status >= 500;
}

static void refuse_status(struct answer *answer, const struct llm_exchange *exchange)
{
    char *words = server_words(answer->json, exchange);
    answer->problem = mem_printf("HTTP %d%s%s", exchange->status, words[0] ? ": " : "", words);
    answer->final = !may_pass(exchange->status) ||
                    (exchange->status == HTTP_TOO_MANY && is_quota(answer->json));
    answer->unsupported = may_pass(exchange->status) ? NULL : unsupported_in(answer->json);
    free(words);
    if (answer->final || exchange->retry_after_s <= retry_after_max_s)
        return;
    char *refused = mem_printf("%s (it asks to wait %.0f s; more than %.0f s is refused)",
                               answer->problem, exchange->retry_after_s, retry_after_max_s);
    free(answer->problem);
    answer->problem = refused;
    answer->final = true;
}

/* content is null, a text, or a list of parts, of which those of thinking have no "text". */
static char *text_of(const json_t *content)
{
    struct str text = {0};
    size_t i;
    const json_t *part;
    if (json_is_string(content))
        str_add(&text, json_string_value(content));
    json_array_foreach(content, i, part)
    {
        const char *words = json_string_value(json_is_object(part) ? child(part, "text") : part);
        if (words)
            str_add(&text, words);
    }
    return str_steal(&text);
}

const char *answer_after_thought(const char *content)
{
    static const char begin[] = "<think>", end[] = "</think>", blanks[] = " \t\r\n";
    const char *at = content + strspn(content, blanks);
    if (strncmp(at, begin, sizeof(begin) - 1) != 0)
        return content;
    const char *rest = strstr(at, end);
    if (!rest)
        return "";
    rest += sizeof(end) - 1;
    return rest + strspn(rest, blanks);
}

/* Whether one of the parts of a content is a thought. */
static bool has_thinking_part(const json_t *content)
{
    size_t i;
    const json_t *part;
    json_array_foreach(content, i, part)
    {
        if (says(child(part, "type"), "thinking") || says(child(part, "type"), "reasoning"))
            return true;
    }
    return false;
}

/* Whether the message thinks, in any of the ways that servers write it. */
static bool thinks(const struct answer *answer, const json_t *message,
                   const struct dialect *dialect)
{
    const char *thought = json_string_value(dialect_value(message, dialect->thinking));
    return (thought && thought[0]) || has_thinking_part(child(message, "content")) ||
           answer->usage.reasoning > 0;
}

static void read_content(struct answer *answer, const json_t *message,
                         const struct dialect *dialect)
{
    char *whole = text_of(child(message, "content"));
    const char *rest = answer_after_thought(whole);
    bool thought = rest != whole || thinks(answer, message, dialect);
    free(answer->content);
    answer->content = mem_strdup(rest);
    free(whole);
    if (thought && !answer->content[0])
        answer->empty = answer->cut ? "its budget of tokens was spent on reasoning"
                                    : "all that came is reasoning";
}

/* OpenAI's word for a token limit, or those of Anthropic that gateways pass on. */
static bool is_cut(const json_t *reason)
{
    return says(reason, "length") || says(reason, "max_tokens") ||
           says(reason, "model_context_window_exceeded");
}

static void read_choice(struct answer *answer, const struct llm_exchange *exchange,
                        const struct dialect *dialect)
{
    const json_t *choice = json_array_get(child(answer->json, "choices"), 0);
    const json_t *message = child(choice, "message");
    answer->model = json_string_value(child(answer->json, "model"));
    answer->fingerprint = json_string_value(child(answer->json, "system_fingerprint"));
    answer->finish_reason = json_string_value(child(choice, "finish_reason"));
    answer->usage = usage_read(child(answer->json, "usage"), dialect);
    if (!json_is_object(message)) {
        char *words = server_words(answer->json, exchange);
        answer->problem = mem_printf("an answer without %s: %s",
                                     choice ? "a message in its choice" : "choices", words);
        free(words);
        return;
    }
    answer->cut = is_cut(child(choice, "finish_reason"));
    read_content(answer, message, dialect);
}

struct answer answer_read(const struct llm_exchange *exchange, const struct dialect *dialect)
{
    struct answer answer = {.content = mem_strdup(""), .usage = usage_read(NULL, dialect)};
    json_error_t why = {.text = "no bytes"};
    if (exchange->failure) {
        answer.problem = mem_strdup(exchange->failure);
        return answer;
    }
    if (exchange->json)
        answer.json = json_incref(exchange->json);
    else if (exchange->body)
        answer.json = json_loadb(exchange->body, exchange->body_size, 0, &why);
    if (exchange->status < HTTP_OK || exchange->status >= 300)
        refuse_status(&answer, exchange);
    else if (answer.json)
        read_choice(&answer, exchange, dialect);
    else {
        char *words = shown(why.text);
        answer.problem = mem_printf("an answer that is not JSON: %s", words);
        free(words);
    }
    return answer;
}

void answer_free(struct answer *answer)
{
    json_decref(answer->json);
    free(answer->problem);
    free(answer->content);
    *answer = (struct answer){0};
}
