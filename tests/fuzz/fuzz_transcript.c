/* Any bytes as a transcript, then again with the keys that its requests ought to have, since no
 * fuzzer guesses a hash: refused with a reason, or each of its exchanges is answered once, in
 * order, and any other request is a miss that says so. */
#include "base/mem.h"
#include "base/str.h"
#include "fuzz.h"
#include "llm/answer.h"
#include "llm/transcript.h"

#include <stdlib.h>

static const char path[] = "fuzz.transcript.jsonl";

static struct llm_request request_of(const json_t *line)
{
    return (struct llm_request){
        .body = json_object_get(line, "request"),
        .role = json_string_value(json_object_get(line, "role")),
        .iteration = (size_t)json_integer_value(json_object_get(line, "iteration")),
        .key = hash_json(json_object_get(line, "request")),
        .ordinal = (size_t)json_integer_value(json_object_get(line, "ordinal")),
        .dialect = dialect_at(0),
    };
}

/* What a run does with an exchange: reads the answer, and records it again. */
static void use_exchange(const struct llm_request *request, struct llm_exchange *exchange)
{
    struct answer answer = answer_read(exchange, request->dialect);
    FUZZ_REQUIRE(answer.content || answer.problem);
    answer_free(&answer);
    json_t *line = transcript_line(request, exchange);
    FUZZ_REQUIRE(line);
    json_decref(line);
    llm_exchange_free(exchange);
}

static void require_miss(struct transcript *transcript, const struct llm_request *request)
{
    struct err err = {0};
    struct llm_exchange exchange;
    FUZZ_REQUIRE(!transcript_take(transcript, request, &exchange, &err));
    FUZZ_REQUIRE(err.code == ERR_REPLAY);
    fuzz_require_reason(&err);
}

static void take_all(struct transcript *transcript)
{
    json_t *body = json_pack("{s:s}", "model", "none");
    const struct llm_request other = {.body = body,
                                      .role = "C",
                                      .key = hash_json(body),
                                      .ordinal = SIZE_MAX,
                                      .dialect = dialect_at(0)};
    require_miss(transcript, &other);
    for (size_t i = 1; i < transcript->file.count; i++) {
        struct llm_request request = request_of(transcript->file.lines[i]);
        struct llm_exchange exchange;
        FUZZ_REQUIRE(transcript_take(transcript, &request, &exchange, NULL));
        use_exchange(&request, &exchange);
    }
    FUZZ_REQUIRE(transcript->left == 0);
    require_miss(transcript, &other);
    json_decref(body);
}

static void try_text(const char *text, size_t size)
{
    struct err err = {0};
    struct transcript *transcript = transcript_parse(path, text, size, &err);
    if (!transcript)
        fuzz_require_reason(&err);
    else if (transcript->file.count)
        take_all(transcript);
    transcript_close(transcript);
}

/* The lines, each with the key of its request. */
static void add_keyed(struct str *out, const struct jsonl *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        json_t *line = lines->lines[i], *request = json_object_get(line, "request");
        if (request)
            json_object_set_new(line, "key", json_string(hash_json(request).hex));
        char *text = json_dumps(line, JSON_COMPACT);
        str_addf(out, "%s\n", text);
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct jsonl lines;
    struct str keyed = {0};
    try_text((const char *)data, size);
    if (!jsonl_parse(path, (const char *)data, size, &lines, NULL))
        return 0;
    add_keyed(&keyed, &lines);
    jsonl_free(&lines);
    try_text(keyed.text ? keyed.text : "", keyed.length);
    str_free(&keyed);
    return 0;
}
