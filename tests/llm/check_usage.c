#include "../suite.h"
#include "base/rng.h"
#include "llm/usage.h"

#include <check.h>
#include <math.h>

enum { ROUNDS = 20000 };

static const double million = 1e6;

/* Up to three parts and prices, often not said. */
static int64_t part_of(struct rng *rng, int64_t most)
{
    return rng_below(rng, 3) ? (int64_t)rng_below(rng, (size_t)most + 1) : -1;
}

static double price(struct rng *rng)
{
    return rng_below(rng, 3) ? 20 * rng_unit(rng) : -1;
}

static struct usage draw_usage(struct rng *rng)
{
    struct usage usage = {.in = (int64_t)rng_below(rng, 5000), .out = (int64_t)rng_below(rng, 900)};
    usage.cached = part_of(rng, usage.in);
    usage.cache_write = part_of(rng, usage.in - (usage.cached > 0 ? usage.cached : 0));
    usage.reasoning = part_of(rng, usage.out);
    return usage;
}

static struct prices draw_prices(struct rng *rng)
{
    return (struct prices){.in = 10 * rng_unit(rng),
                           .cached = price(rng),
                           .cache_write = price(rng),
                           .out = 10 * rng_unit(rng),
                           .reasoning = price(rng)};
}

/* Each token once, at the price of what it is. */
static double counted(const struct usage *usage, const struct prices *prices)
{
    int64_t cached = usage->cached > 0 ? usage->cached : 0;
    int64_t written = usage->cache_write > 0 ? usage->cache_write : 0;
    int64_t reasoning = usage->reasoning > 0 ? usage->reasoning : 0;
    return ((double)(usage->in - cached - written) * prices->in +
            (double)cached * (prices->cached < 0 ? prices->in : prices->cached) +
            (double)written * (prices->cache_write < 0 ? prices->in : prices->cache_write) +
            (double)(usage->out - reasoning) * prices->out +
            (double)reasoning * (prices->reasoning < 0 ? prices->out : prices->reasoning)) /
           million;
}

START_TEST(every_token_is_billed_once)
{
    struct rng rng = rng_seed(1);
    for (int i = 0; i < ROUNDS; i++) {
        struct usage usage = draw_usage(&rng);
        struct prices prices = draw_prices(&rng);
        double price = usage_price(&usage, &prices);
        ck_assert_double_eq_tol(price, counted(&usage, &prices), 1e-9);
        ck_assert_double_ge(price, 0);
    }
}
END_TEST

START_TEST(a_part_that_costs_as_the_whole_changes_nothing)
{
    struct rng rng = rng_seed(2);
    for (int i = 0; i < ROUNDS; i++) {
        struct usage usage = draw_usage(&rng), untold = usage;
        struct prices prices = draw_prices(&rng), alike = prices;
        untold.cached = untold.cache_write = untold.reasoning = -1;
        alike.cached = alike.cache_write = prices.in;
        alike.reasoning = prices.out;
        ck_assert_double_eq_tol(usage_price(&usage, &alike), usage_price(&untold, &prices), 1e-9);
    }
}
END_TEST

START_TEST(what_is_not_known_is_not_nothing)
{
    struct usage usage = {1000, 200, -1, -1, -1};
    struct prices prices = {2, -1, -1, 10, -1};
    ck_assert_double_eq_tol(usage_price(&usage, &prices), 0.004, 1e-12);
    usage.out = -1;
    ck_assert_double_eq(usage_price(&usage, &prices), -1);
    usage.out = 200;
    prices.in = -1;
    ck_assert_double_eq(usage_price(&usage, &prices), -1);
    prices.in = prices.out = 0;
    ck_assert_double_eq(usage_price(&usage, &prices), 0);
}
END_TEST

START_TEST(parts_that_are_more_than_the_whole_are_none)
{
    json_t *json = json_pack("{s:i, s:i, s:{s:i}, s:{s:i}}", "prompt_tokens", 10,
                             "completion_tokens", 5, "prompt_tokens_details", "cached_tokens", 11,
                             "completion_tokens_details", "reasoning_tokens", 6);
    struct usage usage = usage_read(json, dialect_find("openai"));
    ck_assert_int_eq(usage.in, 10);
    ck_assert_int_eq(usage.cached, -1);
    ck_assert_int_eq(usage.out, 5);
    ck_assert_int_eq(usage.reasoning, -1);
    json_decref(json);
}
END_TEST

/* Sums of what a server claims must stay numbers. */
START_TEST(counts_beyond_reason_are_none)
{
    json_t *json = json_pack("{s:I, s:I, s:I}", "prompt_tokens", INT64_MAX, "completion_tokens",
                             INT64_MAX, "cache_read_input_tokens", INT64_MAX);
    struct usage usage = usage_read(json, dialect_find("anthropic"));
    ck_assert(usage.in == -1 && usage.out == -1 && usage.cached == -1);
    json_object_set_new(json, "prompt_tokens", json_integer(7));
    usage = usage_read(json, dialect_find("anthropic"));
    ck_assert(usage.in == 7 && usage.cached == -1);
    json_decref(json);
}
END_TEST

START_TEST(usage_of_another_type_says_nothing)
{
    json_t *values[] = {
        json_null(), json_string("7"), json_pack("[i]", 7),
        json_pack("{s:s, s:[i]}", "prompt_tokens", "7", "prompt_tokens_details", 7)};
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
        for (size_t d = 0; dialect_at(d); d++) {
            struct usage usage = usage_read(values[i], dialect_at(d));
            ck_assert_int_eq(usage.in, -1);
            ck_assert_int_eq(usage.cached, -1);
        }
        json_decref(values[i]);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("usage");
    TCase *cases = tcase_create("usage");
    tcase_add_test(cases, every_token_is_billed_once);
    tcase_add_test(cases, a_part_that_costs_as_the_whole_changes_nothing);
    tcase_add_test(cases, what_is_not_known_is_not_nothing);
    tcase_add_test(cases, parts_that_are_more_than_the_whole_are_none);
    tcase_add_test(cases, counts_beyond_reason_are_none);
    tcase_add_test(cases, usage_of_another_type_says_nothing);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
