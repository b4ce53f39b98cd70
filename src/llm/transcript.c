#include "llm/transcript.h"

#include "base/file.h"
#include "base/mem.h"
#include "llm/answer.h"
#include "llm/base64.h"

#include <stdlib.h>
#include <string.h>

enum { VERSION = 1, DEPTH_CEILING = 500 }; /* levels; jansson reads 2048 back */

static bool is_text(const json_t *value)
{
    return json_is_string(value);
}

static bool is_object(const json_t *value)
{
    return json_is_object(value);
}

static bool is_count(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool is_status(const json_t *value)
{
    return is_count(value) && json_integer_value(value) <= 999;
}

static bool is_positive(const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) >= 1;
}

/* Transcripts of before it was written have none. */
static bool is_positive_or_absent(const json_t *value)
{
    return !value || is_positive(value);
}

/* Of milliseconds: sums of such stay finite. */
static bool is_duration(const json_t *value)
{
    return json_is_number(value) && json_number_value(value) >= 0 &&
           json_number_value(value) <= 1e12;
}

static bool is_number_or_null(const json_t *value)
{
    return json_is_number(value) || json_is_null(value);
}

static bool is_text_or_null(const json_t *value)
{
    return json_is_string(value) || json_is_null(value);
}

static const struct field {
    const char *key;
    bool (*fits)(const json_t *value); /* value NULL: the line has none */
    const char *expected;
} fields[] = {
    {"key", is_text, "a text"},
    {"ordinal", is_positive, "a whole number of at least 1"},
    {"iteration", is_count, "a whole number"},
    {"role", is_text, "a text"},
    {"request", is_object, "an object"},
    {"status", is_status, "a whole number from 0 to 999"},
    {"failure", is_text_or_null, "a text or null"},
    {"retry_after_s", is_number_or_null, "a number or null"},
    {"ms", is_duration, "a number from 0 to 1e12"},
    {"in_flight", is_positive_or_absent, "a whole number of at least 1"},
};

static const char *text_at(const json_t *line, const char *key)
{
    return json_string_value(json_object_get(line, key));
}

static bool check_header(const struct transcript *transcript, struct err *err)
{
    const json_t *header = transcript->file.lines[0];
    const json_t *version = json_object_get(header, "version");
    const char *event = text_at(header, "event");
    if (!event || strcmp(event, "transcript") != 0)
        return err_set(err, ERR_INPUT,
                       "%s:1: found no {\"event\":\"transcript\"}, expected it first",
                       transcript->path);
    if (json_is_integer(version) && json_integer_value(version) == VERSION)
        return true;
    char *found = version ? option_shown(version) : NULL;
    err_set(err, ERR_INPUT, "%s:1: found %stranscript version%s%s, expected %d", transcript->path,
            found ? "" : "no ", found ? " " : "", found ? found : "", VERSION);
    free(found);
    return false;
}

/* The answer, whichever of the three ways it is written. False when in none. */
static bool read_body(const json_t *line, struct llm_exchange *exchange)
{
    const json_t *response = json_object_get(line, "response");
    const json_t *text = json_object_get(line, "response_text");
    const char *base64 = text_at(line, "response_base64");
    if (json_is_null(response))
        return true;
    if (response) {
        exchange->json = json_incref((json_t *)(uintptr_t)response);
    } else if (json_is_string(text)) {
        exchange->body = mem_strdup(json_string_value(text));
        exchange->body_size = json_string_length(text);
    } else if (base64) {
        exchange->body = base64_decode(base64, &exchange->body_size);
    }
    return exchange->json || exchange->body;
}

static bool check_key(const struct transcript *transcript, size_t i, struct err *err)
{
    const json_t *line = transcript->file.lines[i];
    struct digest key = hash_json(json_object_get(line, "request"));
    if (strcmp(key.hex, text_at(line, "key")) == 0)
        return true;
    return err_set(err, ERR_INPUT,
                   "%s:%zu: found a request whose hash is %.16s, expected its key, %.16s",
                   transcript->path, i + 1, key.hex, text_at(line, "key"));
}

static bool refuse_field(const struct transcript *transcript, size_t i, const struct field *field,
                         const json_t *value, struct err *err)
{
    char *found = option_shown(value);
    err_set(err, ERR_INPUT, "%s:%zu: /%s: found %s, expected %s", transcript->path, i + 1,
            field->key, found, field->expected);
    free(found);
    return false;
}

static bool check_exchange(const struct transcript *transcript, size_t i, struct err *err)
{
    const json_t *line = transcript->file.lines[i];
    const char *event = text_at(line, "event");
    if (!event || strcmp(event, "exchange") != 0)
        return err_set(err, ERR_INPUT, "%s:%zu: found no {\"event\":\"exchange\"}, expected it",
                       transcript->path, i + 1);
    for (size_t f = 0; f < sizeof(fields) / sizeof(*fields); f++) {
        const json_t *value = json_object_get(line, fields[f].key);
        if (!fields[f].fits(value))
            return refuse_field(transcript, i, &fields[f], value, err);
    }
    struct llm_exchange exchange = {0};
    bool ok = read_body(line, &exchange);
    llm_exchange_free(&exchange);
    if (!ok)
        return err_set(err, ERR_INPUT,
                       "%s:%zu: found no answer, expected response, response_text or "
                       "response_base64",
                       transcript->path, i + 1);
    return check_key(transcript, i, err);
}

static bool check(const struct transcript *transcript, struct err *err)
{
    bool ok = !transcript->file.count || check_header(transcript, err);
    for (size_t i = 1; ok && i < transcript->file.count; i++)
        ok = check_exchange(transcript, i, err);
    return ok;
}

struct transcript *transcript_open(const char *path, struct err *err)
{
    size_t size;
    char *text = file_read(path, FILE_CEILING, &size, err);
    struct transcript *transcript = text ? transcript_parse(path, text, size, err) : NULL;
    free(text);
    return transcript;
}

struct transcript *transcript_parse(const char *path, const char *text, size_t size,
                                    struct err *err)
{
    struct transcript *transcript = mem_alloc(1, sizeof(*transcript));
    transcript->path = mem_strdup(path);
    if (!jsonl_parse(path, text, size, &transcript->file, err) || !check(transcript, err)) {
        transcript_close(transcript);
        return NULL;
    }
    size_t count = transcript->file.count;
    transcript->used = mem_alloc(count + 1, sizeof(*transcript->used));
    transcript->cursor = 1;
    transcript->left = count ? count - 1 : 0;
    return transcript;
}

void transcript_close(struct transcript *transcript)
{
    if (!transcript)
        return;
    jsonl_free(&transcript->file);
    free(transcript->path);
    free(transcript->used);
    free(transcript);
}

static bool is_recorded_as(const json_t *line, const struct llm_request *request)
{
    return strcmp(text_at(line, "key"), request->key.hex) == 0 &&
           (size_t)json_integer_value(json_object_get(line, "ordinal")) == request->ordinal;
}

/* The line of the request, looked for from the cursor on: a run asks in the order it asked in. */
static size_t find_line(const struct transcript *transcript, const struct llm_request *request)
{
    size_t count = transcript->file.count;
    for (size_t step = 0; step < count; step++) {
        size_t i = (transcript->cursor + step) % count;
        if (i && !transcript->used[i] && is_recorded_as(transcript->file.lines[i], request))
            return i;
    }
    return 0;
}

void transcript_exchange(const struct transcript *transcript, size_t i,
                         struct llm_exchange *exchange)
{
    const json_t *line = transcript->file.lines[i];
    const char *failure = text_at(line, "failure");
    const json_t *retry_after = json_object_get(line, "retry_after_s");
    *exchange = (struct llm_exchange){0};
    read_body(line, exchange);
    exchange->status = (int)json_integer_value(json_object_get(line, "status"));
    exchange->failure = failure ? mem_strdup(failure) : NULL;
    exchange->retry_after_s = json_is_null(retry_after) ? -1 : json_number_value(retry_after);
    exchange->in_flight = (size_t)json_integer_value(json_object_get(line, "in_flight"));
    exchange->elapsed_ms = json_number_value(json_object_get(line, "ms"));
}

bool transcript_take(struct transcript *transcript, const struct llm_request *request,
                     struct llm_exchange *exchange, struct err *err)
{
    size_t found = find_line(transcript, request);
    if (!found) {
        transcript_explain_miss(transcript, request, err);
        return false;
    }
    transcript->used[found] = true;
    transcript->cursor = found + 1;
    transcript->left--;
    transcript_exchange(transcript, found, exchange);
    return true;
}

static bool is_deeper_than(const json_t *value, int levels)
{
    size_t i;
    const char *key;
    json_t *item;
    if (levels == 0)
        return json_is_object(value) || json_is_array(value);
    json_array_foreach(value, i, item)
    {
        if (is_deeper_than(item, levels - 1))
            return true;
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, item)
    {
        if (is_deeper_than(item, levels - 1))
            return true;
    }
    return false;
}

static void add_response(json_t *line, const struct llm_exchange *exchange, json_t *answer)
{
    if (!exchange->body) {
        json_object_set_new(line, "response", json_null());
        return;
    }
    if (answer && !is_deeper_than(answer, DEPTH_CEILING)) {
        json_object_set(line, "response", answer);
        return;
    }
    bool has_nul = strlen(exchange->body) != exchange->body_size;
    json_t *text = has_nul ? NULL : json_string(exchange->body); /* NULL where it is not UTF-8 */
    if (text) {
        json_object_set_new(line, "response_text", text);
        return;
    }
    char *base64 = base64_encode(exchange->body, exchange->body_size);
    json_object_set_new(line, "response_base64", json_string(base64));
    free(base64);
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *number_or_null(double value)
{
    return value < 0 ? json_null() : json_real(value);
}

json_t *transcript_line(const struct llm_request *request, const struct llm_exchange *exchange)
{
    struct answer answer = answer_read(exchange, request->dialect);
    json_t *usage = json_object_get(answer.json, "usage");
    json_t *line = json_pack("{s:s, s:s, s:I, s:I, s:s, s:O, s:i}", "event", "exchange", "key",
                             request->key.hex, "ordinal", (json_int_t)request->ordinal, "iteration",
                             (json_int_t)request->iteration, "role", request->role, "request",
                             request->body, "status", exchange->status);
    add_response(line, exchange, answer.json);
    json_object_set_new(line, "failure", text_or_null(exchange->failure));
    json_object_set_new(line, "retry_after_s", number_or_null(exchange->retry_after_s));
    if (exchange->in_flight)
        json_object_set_new(line, "in_flight", json_integer((json_int_t)exchange->in_flight));
    json_object_set_new(line, "ms", json_real(exchange->elapsed_ms));
    json_object_set_new(line, "finish_reason", text_or_null(answer.finish_reason));
    json_object_set_new(line, "model", text_or_null(answer.model));
    json_object_set_new(line, "fingerprint", text_or_null(answer.fingerprint));
    json_object_set_new(line, "usage", usage ? json_incref(usage) : json_null());
    json_object_set_new(line, "price",
                        number_or_null(usage_price(&answer.usage, &request->prices)));
    answer_free(&answer);
    return line;
}
