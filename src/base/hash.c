#include "base/hash.h"

#include "base/mem.h"
#include "base/str.h"

/* libcrypto's plain functions, deprecated for EVP, which takes 1 ms to get ready: a tenth of what a
 * short command takes. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

struct hash {
    SHA256_CTX sha256;
};

struct hash *hash_begin(void)
{
    struct hash *hash = mem_alloc(1, sizeof(*hash));
    SHA256_Init(&hash->sha256);
    return hash;
}

void hash_add(struct hash *hash, const void *bytes, size_t length)
{
    SHA256_Update(&hash->sha256, bytes, length);
}

static struct digest spell(const unsigned char *raw, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    struct digest digest;
    for (size_t i = 0; i < size; i++) {
        digest.hex[2 * i] = digits[raw[i] >> 4];
        digest.hex[2 * i + 1] = digits[raw[i] & 15];
    }
    digest.hex[2 * size] = '\0';
    return digest;
}

struct digest hash_end(struct hash *hash)
{
    unsigned char raw[SHA256_DIGEST_LENGTH];
    SHA256_Final(raw, &hash->sha256);
    free(hash);
    return spell(raw, sizeof(raw));
}

struct digest hash_md5(const void *bytes, size_t length)
{
    unsigned char raw[MD5_DIGEST_LENGTH];
    MD5(bytes, length, raw);
    return spell(raw, sizeof(raw));
}

struct digest hash_bytes(const void *bytes, size_t length)
{
    struct hash *hash = hash_begin();
    hash_add(hash, bytes, length);
    return hash_end(hash);
}

static void add_canonical(struct str *out, const json_t *value);

/* As jansson writes a text, but not character by character: replay hashes megabytes of prompts. */
static void add_text(struct str *out, const char *text, size_t length)
{
    static const char escapes[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
    const char *end = text + length, *plain = text; /* [plain, text) is not written yet */
    str_add_char(out, '"');
    for (; text < end; text++) {
        unsigned char c = (unsigned char)*text;
        char escape = c < sizeof(escapes) ? escapes[c] : 0;
        if (c >= ' ' && !escape)
            continue;
        str_add_bytes(out, plain, (size_t)(text - plain));
        plain = text + 1;
        if (escape) {
            str_add_char(out, '\\');
            str_add_char(out, escape);
        } else {
            str_addf(out, "\\u%04X", c);
        }
    }
    str_add_bytes(out, plain, (size_t)(end - plain));
    str_add_char(out, '"');
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_object(struct str *out, const json_t *object)
{
    size_t count = 0;
    const char **keys = mem_alloc(json_object_size(object), sizeof(*keys)), *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)object, key, member)
    {
        keys[count++] = key;
    }
    qsort(keys, count, sizeof(*keys), by_text);
    str_add_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i)
            str_add_char(out, ',');
        add_text(out, keys[i], strlen(keys[i]));
        str_add_char(out, ':');
        add_canonical(out, json_object_get(object, keys[i]));
    }
    str_add_char(out, '}');
    free(keys);
}

static void add_array(struct str *out, const json_t *array)
{
    size_t i;
    const json_t *item;
    str_add_char(out, '[');
    json_array_foreach(array, i, item)
    {
        if (i)
            str_add_char(out, ',');
        add_canonical(out, item);
    }
    str_add_char(out, ']');
}

static void add_scalar(struct str *out, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    str_add(out, text);
    free(text);
}

static void add_canonical(struct str *out, const json_t *value)
{
    if (json_is_object(value))
        add_object(out, value);
    else if (json_is_array(value))
        add_array(out, value);
    else if (json_is_string(value))
        add_text(out, json_string_value(value), json_string_length(value));
    else
        add_scalar(out, value);
}

char *hash_canonical(const json_t *value)
{
    struct str text = {0};
    add_canonical(&text, value);
    return str_steal(&text);
}

struct digest hash_json(const json_t *value)
{
    char *text = hash_canonical(value);
    struct digest digest = hash_bytes(text, strlen(text));
    free(text);
    return digest;
}
