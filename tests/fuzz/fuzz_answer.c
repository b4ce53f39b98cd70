/* Any bytes as a server's answer, a first line of HTTP's status before them, read in every dialect:
 * it has a content or a problem, both fit for a log, counts and a price that sums can bear, and
 * what its refusals teach ends. */
#include "base/mem.h"
#include "base/str.h"
#include "fuzz.h"
#include "llm/answer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double DEAREST = 1e9; /* as options have it */
static const int64_t MOST_TOKENS = 3000000000000;

enum { LESSONS_MOST = 8 }; /* from one parameter alone */

static bool is_utf8(const char *text)
{
    json_t *value = json_string(text);
    json_decref(value);
    return value != NULL;
}

static void require_usage(const struct usage *usage)
{
    static const struct prices dear = {DEAREST, 0, DEAREST, DEAREST, 0};
    const int64_t counts[] = {usage->in, usage->out, usage->cached, usage->cache_write,
                              usage->reasoning};
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        FUZZ_REQUIRE(counts[i] >= -1 && counts[i] <= MOST_TOKENS);
    FUZZ_REQUIRE(usage->cached <= usage->in && usage->reasoning <= usage->out);
    double price = usage_price(usage, &dear);
    FUZZ_REQUIRE(isfinite(price) && (price >= 0 || usage->in < 0 || usage->out < 0));
}

static void require_answer(const struct answer *answer)
{
    FUZZ_REQUIRE(answer->content && is_utf8(answer->content));
    FUZZ_REQUIRE(!answer->problem || (is_utf8(answer->problem) && str_is_line(answer->problem)));
    FUZZ_REQUIRE(!answer->empty || !answer->content[0]);
    require_usage(&answer->usage);
}

/* A server that refuses whatever it is sent instead is given up at some time. */
static void learn(const char *parameter, const struct dialect *dialect)
{
    struct faults faults = {0};
    json_t *settings = json_pack("{s:s, s:s}", "model", "m", "dialect", dialect->name);
    json_t *refused = json_object();
    size_t lessons = 0;
    dialect_settle(settings, "/llm", &faults);
    FUZZ_REQUIRE(!faults.count);
    for (char *lesson; (lesson = dialect_learn(settings, parameter, refused)); lessons++) {
        FUZZ_REQUIRE(lessons < LESSONS_MOST && is_utf8(lesson));
        free(lesson);
    }
    json_decref(settings);
    json_decref(refused);
}

static void try_dialect(const struct llm_exchange *exchange, const struct dialect *dialect)
{
    struct answer answer = answer_read(exchange, dialect);
    require_answer(&answer);
    if (answer.unsupported)
        learn(answer.unsupported, dialect);
    answer_free(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_strndup((const char *)data, size), *body = strchr(text, '\n');
    struct llm_exchange exchange = {.status = (int)strtol(text, NULL, 10), .retry_after_s = -1};
    if (body) {
        exchange.body = body + 1;
        exchange.body_size = strlen(body + 1);
    }
    for (size_t i = 0; dialect_at(i); i++)
        try_dialect(&exchange, dialect_at(i));
    free(text);
    return 0;
}
