#include "base/hash.h"

#include "base/mem.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hash *hash_begin(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        fputs("seki: libcrypto has no SHA-256\n", stderr);
        abort();
    }
    return (struct hash *)context;
}

void hash_add(struct hash *hash, const void *bytes, size_t length)
{
    EVP_DigestUpdate((EVP_MD_CTX *)hash, bytes, length);
}

struct digest hash_end(struct hash *hash)
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    struct digest digest;
    EVP_DigestFinal_ex((EVP_MD_CTX *)hash, raw, NULL);
    EVP_MD_CTX_free((EVP_MD_CTX *)hash);
    for (int i = 0; i < 32; i++)
        snprintf(digest.hex + 2 * i, 3, "%02x", raw[i]);
    return digest;
}

struct digest hash_bytes(const void *bytes, size_t length)
{
    struct hash *hash = hash_begin();
    hash_add(hash, bytes, length);
    return hash_end(hash);
}

char *hash_canonical(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY |
                                       JSON_REAL_PRECISION(15));
    return text ? text : mem_strdup("");
}

struct digest hash_json(const json_t *value)
{
    char *text = hash_canonical(value);
    struct digest digest = hash_bytes(text, strlen(text));
    free(text);
    return digest;
}
