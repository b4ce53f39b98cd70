/* Identity of tables, prompts and requests: SHA-256 (libcrypto). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <jansson.h>
#include <stddef.h>

struct digest {
    char hex[65]; /* 64 lower-case hexadecimal digits */
};

struct hash; /* a hash that is being computed */

struct digest hash_bytes(const void *bytes, size_t length);
/* MD5, 32 digits: only to compare with what others publish. */
struct digest hash_md5(const void *bytes, size_t length);
struct hash *hash_begin(void);
void hash_add(struct hash *hash, const void *bytes, size_t length);
struct digest hash_end(struct hash *hash); /* frees hash */

/* Canonical JSON: keys sorted, no white space, reals with 15 digits. The caller frees the text.
 * hash_json() is the digest of that text, so it does not depend on the order of keys. */
char *hash_canonical(const json_t *value);
struct digest hash_json(const json_t *value);

#endif
