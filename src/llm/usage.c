#include "llm/usage.h"

static const double MILLION = 1e6;
static const int64_t COUNT_CEILING = 1000000000000;

static int64_t count_at(const json_t *usage, const char *paths)
{
    const json_t *value = dialect_value(usage, paths);
    json_int_t count = json_is_integer(value) ? json_integer_value(value) : -1;
    return count >= 0 && count <= COUNT_CEILING ? count : -1;
}

static int64_t said(int64_t count)
{
    return count > 0 ? count : 0;
}

struct usage usage_read(const json_t *json, const struct dialect *dialect)
{
    const struct usage_names *names = &dialect->usage;
    struct usage usage = {.in = count_at(json, names->in),
                          .out = count_at(json, names->out),
                          .cached = count_at(json, names->cached),
                          .cache_write = count_at(json, names->cache_write),
                          .reasoning = count_at(json, names->reasoning)};
    if (names->cached_beside && usage.in >= 0)
        usage.in += said(usage.cached) + said(usage.cache_write);
    if (said(usage.cached) > usage.in || said(usage.cache_write) > usage.in - said(usage.cached))
        usage.cached = usage.cache_write = -1;
    if (usage.reasoning > usage.out)
        usage.reasoning = -1;
    return usage;
}

static double price_at(const json_t *settings, const char *key)
{
    const json_t *price = json_object_get(settings, key);
    return json_is_number(price) ? json_number_value(price) : -1;
}

struct prices prices_of(const json_t *settings)
{
    return (struct prices){.in = price_at(settings, "price_in"),
                           .cached = price_at(settings, "price_cached"),
                           .cache_write = price_at(settings, "price_cache_write"),
                           .out = price_at(settings, "price_out"),
                           .reasoning = price_at(settings, "price_reasoning")};
}

/* What billing a part at its own price adds to billing it as the whole is. */
static double difference(int64_t part, double own, double whole)
{
    return own < 0 ? 0 : (double)said(part) * (own - whole);
}

double usage_price(const struct usage *usage, const struct prices *prices)
{
    if (prices->in < 0 || prices->out < 0 || usage->in < 0 || usage->out < 0)
        return -1;
    double price = (double)usage->in * prices->in + (double)usage->out * prices->out +
                   difference(usage->cached, prices->cached, prices->in) +
                   difference(usage->cache_write, prices->cache_write, prices->in) +
                   difference(usage->reasoning, prices->reasoning, prices->out);
    return price > 0 ? price / MILLION : 0;
}
