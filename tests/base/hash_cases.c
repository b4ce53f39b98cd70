#include "base/hash.h"

#include "suite.h"

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

TCase *hash_cases(void)
{
    TCase *cases = tcase_create("hash");
    tcase_add_loop_test(cases, known_texts_have_their_digest, 0, 3);
    tcase_add_test(cases, pieces_give_the_digest_of_the_whole);
    tcase_add_loop_test(cases, canonical_json_sorts_keys_and_has_no_space, 0,
                        sizeof(documents) / sizeof(documents[0]));
    return cases;
}
