/* Bytes as text (RFC 4648, by libcrypto), for answers that are not UTF-8. At most 1 GiB. */
#ifndef LLM_BASE64_H
#define LLM_BASE64_H

#include <stddef.h>

char *base64_encode(const void *bytes, size_t size); /* the caller frees */

/* The bytes and a final '\0' that *size does not count; NULL where text is not base64. */
char *base64_decode(const char *text, size_t *size);

#endif
