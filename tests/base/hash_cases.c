#include "base/hash.h"

#include "base/rng.h"
#include "base/str.h"
#include "suite.h"

#include <math.h>
#include <stdlib.h>

/* FIPS 180-4 examples. */
static const struct {
    const char *text, *sha256;
} known[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

START_TEST(known_texts_have_their_digest)
{
    struct digest digest = hash_bytes(known[_i].text, strlen(known[_i].text));
    ck_assert_str_eq(digest.hex, known[_i].sha256);
}
END_TEST

/* RFC 1321. */
START_TEST(md5_is_that_of_its_specification)
{
    ck_assert_str_eq(hash_md5("", 0).hex, "d41d8cd98f00b204e9800998ecf8427e");
    ck_assert_str_eq(hash_md5("message digest", 14).hex, "f96b697d7cb7938d525a2f31aaf161d0");
}
END_TEST

START_TEST(pieces_give_the_digest_of_the_whole)
{
    struct hash *hash = hash_begin();
    hash_add(hash, "a", 1);
    hash_add(hash, "", 0);
    hash_add(hash, "bc", 2);
    ck_assert_str_eq(hash_end(hash).hex, known[1].sha256);
}
END_TEST

static const struct {
    const char *json, *canonical;
} documents[] = {
    {"{\"b\": 1, \"a\": [true, null, \"x\\ty\"]}", "{\"a\":[true,null,\"x\\ty\"],\"b\":1}"},
    {"{\"z\": {\"b\": 2, \"a\": 1}}", "{\"z\":{\"a\":1,\"b\":2}}"},
    {"0.1", "0.1"},
    {"1.0", "1.0"},
    {"\"\"", "\"\""},
    {"[]", "[]"},
};

START_TEST(canonical_json_sorts_keys_and_has_no_space)
{
    json_t *value = json_loads(documents[_i].json, JSON_DECODE_ANY, NULL);
    char *text = hash_canonical(value);
    ck_assert_str_eq(text, documents[_i].canonical);
    ck_assert_str_eq(hash_json(value).hex, hash_bytes(text, strlen(text)).hex);
    free(text);
    json_decref(value);
}
END_TEST

static json_t *random_text(struct rng *rng)
{
    static const char *const parts[] = {"a",
                                        "Zz",
                                        "\"",
                                        "\\",
                                        "/",
                                        "\n",
                                        "\t\r\b\f",
                                        "\x01\x1f",
                                        "\x7f",
                                        "\xc3\xa9",
                                        "\xf0\x9f\x98\x80",
                                        " "};
    struct str text = {0};
    for (size_t i = rng_below(rng, 12); i > 0; i--)
        str_add(&text, parts[rng_below(rng, sizeof(parts) / sizeof(parts[0]))]);
    if (rng_below(rng, 8) == 0)
        str_add_bytes(&text, "\0x", 2);
    json_t *value = json_stringn(text.text ? text.text : "", text.length);
    str_free(&text);
    return value;
}

static json_t *random_value(struct rng *rng, int depth)
{
    json_t *value;
    switch (rng_below(rng, depth ? 8 : 6)) {
    case 0:
        return json_null();
    case 1:
        return json_boolean(rng_below(rng, 2));
    case 2:
        return json_integer((json_int_t)rng_next(rng));
    case 3:
        return json_real((rng_unit(rng) - 0.5) * pow(10, (double)rng_below(rng, 40)));
    case 4:
    case 5:
        return random_text(rng);
    case 6:
        value = json_array();
        for (size_t i = rng_below(rng, 5); i > 0; i--)
            json_array_append_new(value, random_value(rng, depth - 1));
        return value;
    default:
        value = json_object();
        for (size_t i = rng_below(rng, 6); i > 0; i--) {
            json_t *key = random_text(rng);
            json_object_set_new(value, json_string_value(key), random_value(rng, depth - 1));
            json_decref(key);
        }
        return value;
    }
}

/* Keys of recorded requests were made so, and must stay. */
START_TEST(canonical_json_is_what_jansson_writes_with_sorted_keys)
{
    struct rng rng = rng_seed(1);
    for (int i = 0; i < 3000; i++) {
        json_t *value = random_value(&rng, 4);
        char *text = hash_canonical(value);
        char *expected = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY |
                                               JSON_REAL_PRECISION(15));
        ck_assert_str_eq(text, expected);
        free(expected);
        free(text);
        json_decref(value);
    }
}
END_TEST

TCase *hash_cases(void)
{
    TCase *cases = tcase_create("hash");
    tcase_add_loop_test(cases, known_texts_have_their_digest, 0, 3);
    tcase_add_test(cases, md5_is_that_of_its_specification);
    tcase_add_test(cases, pieces_give_the_digest_of_the_whole);
    tcase_add_loop_test(cases, canonical_json_sorts_keys_and_has_no_space, 0,
                        sizeof(documents) / sizeof(documents[0]));
    tcase_add_test(cases, canonical_json_is_what_jansson_writes_with_sorted_keys);
    return cases;
}
