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

static int64_t count_at(const json_t *usage, const char *key)
{
    const json_t *value = child(usage, key);
    return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value)
                                                                    : -1;
}

/* The first SHOWN_BYTES of a server's words, on one line, whole UTF-8 characters. */
static char *shown(const char *text)
{
    int length = str_cut(text, SHOWN_BYTES);
    char *line = mem_printf("%.*s%s", length, text, text[length] ? "..." : "");
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    json_t *valid = json_string(line);
    if (!valid) /* not UTF-8, and so nothing for a log */
        for (char *at = line; *at; at++)
            if ((unsigned char)*at >= 0x80)
                *at = '?';
    json_decref(valid);
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

static bool is_quota(const json_t *json)
{
    const json_t *error = child(json, "error");
    const char *code = json_string_value(child(error, "code"));
    const char *type = json_string_value(child(error, "type"));
    return (code && strcmp(code, "insufficient_quota") == 0) ||
           (type && strcmp(type, "insufficient_quota") == 0);
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
    free(words);
    if (answer->final || exchange->retry_after_s <= retry_after_max_s)
        return;
    char *refused = mem_printf("%s (it asks to wait %.0f s; more than %.0f s is refused)",
                               answer->problem, exchange->retry_after_s, retry_after_max_s);
    free(answer->problem);
    answer->problem = refused;
    answer->final = true;
}

/* content is null, a text, or a list of parts. */
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

/* Drops a leading <think> part, which some servers leave in the content. One without an end is a
 * thought that was cut off: nothing of it is an answer. */
static void drop_thinking(char *content)
{
    static const char begin[] = "<think>", end[] = "</think>";
    const char *at = content + strspn(content, " \t\r\n");
    if (strncmp(at, begin, sizeof(begin) - 1) != 0)
        return;
    const char *rest = strstr(at, end);
    if (!rest) {
        content[0] = '\0';
        return;
    }
    rest += sizeof(end) - 1;
    rest += strspn(rest, " \t\r\n");
    memmove(content, rest, strlen(rest) + 1);
}

static void read_usage(struct answer *answer)
{
    const json_t *usage = child(answer->json, "usage");
    answer->tokens_in = count_at(usage, "prompt_tokens");
    answer->tokens_out = count_at(usage, "completion_tokens");
    answer->tokens_cached = count_at(child(usage, "prompt_tokens_details"), "cached_tokens");
    answer->tokens_reasoning =
        count_at(child(usage, "completion_tokens_details"), "reasoning_tokens");
}

static void read_choice(struct answer *answer, const struct llm_exchange *exchange)
{
    const json_t *choice = json_array_get(child(answer->json, "choices"), 0);
    const json_t *message = child(choice, "message");
    answer->model = json_string_value(child(answer->json, "model"));
    answer->fingerprint = json_string_value(child(answer->json, "system_fingerprint"));
    answer->finish_reason = json_string_value(child(choice, "finish_reason"));
    read_usage(answer);
    if (!json_is_object(message)) {
        char *words = server_words(answer->json, exchange);
        answer->problem = mem_printf("an answer without %s: %s",
                                     choice ? "a message in its choice" : "choices", words);
        free(words);
        return;
    }
    free(answer->content);
    answer->content = text_of(child(message, "content"));
    drop_thinking(answer->content);
    const char *reason = answer->finish_reason;
    answer->cut = reason && (strcmp(reason, "length") == 0 || strcmp(reason, "max_tokens") == 0);
}

struct answer answer_read(const struct llm_exchange *exchange)
{
    struct answer answer = {.content = mem_strdup("")};
    answer.tokens_in = answer.tokens_out = answer.tokens_cached = answer.tokens_reasoning = -1;
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
        read_choice(&answer, exchange);
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

double answer_price(const struct answer *answer, const struct llm_request *request)
{
    static const double million = 1e6;
    if (request->price_in < 0 || request->price_out < 0 || answer->tokens_in < 0 ||
        answer->tokens_out < 0)
        return -1;
    return ((double)answer->tokens_in * request->price_in +
            (double)answer->tokens_out * request->price_out) /
           million;
}
