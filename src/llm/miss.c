/* Why a transcript does not hold a request: what differs is shown, so that the person sees whether
 * a prompt, a setting or the search itself changed since it was recorded. */
#include "base/mem.h"
#include "base/str.h"
#include "llm/answer.h"
#include "llm/transcript.h"

#include <stdlib.h>
#include <string.h>

enum { BEFORE_BYTES = 20, AFTER_BYTES = 40, PATH_BYTES = 200 };

static size_t common_prefix(const char *a, const char *b)
{
    size_t length = 0;
    while (a[length] && a[length] == b[length])
        length++;
    return length;
}

static bool is_same_step(const json_t *line, const struct llm_request *request)
{
    const char *role = json_string_value(json_object_get(line, "role"));
    return strcmp(role, request->role) == 0 &&
           (size_t)json_integer_value(json_object_get(line, "iteration")) == request->iteration;
}

/* The line nearest to the request: of the same role and iteration if there is one, and of these
 * the one that is equal for longest. 0: the transcript has no exchange. */
static size_t nearest_line(const struct transcript *transcript, const struct llm_request *request,
                           const char *asked)
{
    size_t best = 0, best_length = 0;
    bool best_same = false;
    for (size_t i = 1; i < transcript->file.count; i++) {
        const json_t *line = transcript->file.lines[i];
        char *recorded = hash_canonical(json_object_get(line, "request"));
        bool same = is_same_step(line, request);
        size_t length = common_prefix(recorded, asked);
        if (!best || same > best_same || (same == best_same && length > best_length)) {
            best = i;
            best_same = same;
            best_length = length;
        }
        free(recorded);
    }
    return best;
}

static size_t character_start(const char *text, size_t at)
{
    while (at && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    return at;
}

/* About BEFORE_BYTES before and AFTER_BYTES after the place, whole characters. */
static char *excerpt(const char *text, size_t at)
{
    size_t length = strlen(text);
    size_t begin = character_start(text, at > BEFORE_BYTES ? at - BEFORE_BYTES : 0);
    size_t end = at + AFTER_BYTES < length ? character_start(text, at + AFTER_BYTES) : length;
    return mem_strndup(text + begin, end - begin);
}

static void add_difference(struct str *out, const struct transcript *transcript,
                           const struct llm_request *request)
{
    char *asked = hash_canonical(request->body);
    size_t nearest = nearest_line(transcript, request, asked);
    if (nearest) {
        const json_t *line = transcript->file.lines[nearest];
        char *recorded = hash_canonical(json_object_get(line, "request"));
        size_t at = common_prefix(recorded, asked);
        char *theirs = excerpt(recorded, at), *ours = excerpt(asked, at);
        str_addf(out,
                 "; the nearest, line %zu (request %s of iteration %lld), differs from byte %zu "
                 "on: recorded <<%s>>, now <<%s>>",
                 nearest + 1, json_string_value(json_object_get(line, "role")),
                 (long long)json_integer_value(json_object_get(line, "iteration")), at, theirs,
                 ours);
        free(theirs);
        free(ours);
        free(recorded);
    }
    free(asked);
}

/* How often the transcript holds the key; *last is the last such line. */
static size_t count_of_key(const struct transcript *transcript, const char *key, size_t *last)
{
    size_t count = 0;
    for (size_t i = 1; i < transcript->file.count; i++) {
        const json_t *line = transcript->file.lines[i];
        if (strcmp(json_string_value(json_object_get(line, "key")), key) == 0) {
            *last = i;
            count++;
        }
    }
    return count;
}

static void add_last_problem(struct str *out, const struct transcript *transcript, size_t last,
                             const struct dialect *dialect)
{
    struct llm_exchange exchange;
    transcript_exchange(transcript, last, &exchange);
    struct answer answer = answer_read(&exchange, dialect);
    if (answer.problem)
        str_addf(out, "; the last of them failed: %s", answer.problem);
    answer_free(&answer);
    llm_exchange_free(&exchange);
}

void transcript_explain_miss(const struct transcript *transcript, const struct llm_request *request,
                             struct err *err)
{
    struct str out = {.ceiling = sizeof(err->text) - 1};
    size_t last = 0, held = count_of_key(transcript, request->key.hex, &last);
    size_t exchanges = transcript->file.count - 1;
    str_addf(&out, "%.*s: request %s of iteration %zu, key %.16s, ordinal %zu: ", PATH_BYTES,
             transcript->path, request->role, request->iteration, request->key.hex,
             request->ordinal);
    str_addf(&out, "the transcript %shas %zu exchange%s, ",
             transcript->file.torn ? "ends early, in a torn line: it "
             : transcript->left    ? ""
                                   : "ends early: it ",
             exchanges, exchanges == 1 ? "" : "s");
    if (held) {
        str_addf(&out, "%zu with this request", held);
        add_last_problem(&out, transcript, last, request->dialect);
    } else {
        str_add(&out, "none with this request");
        add_difference(&out, transcript, request);
    }
    err_set(err, ERR_REPLAY, "%s", out.text);
    str_free(&out);
}
