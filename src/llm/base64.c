#include "llm/base64.h"

#include "base/mem.h"

#include <openssl/evp.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *bytes, size_t size)
{
    char *text = mem_alloc((size + 2) / 3 * 4 + 1, 1);
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
    return text;
}

/* libcrypto takes padding and blanks in places where there may be none. */
char *base64_decode(const char *text, size_t *size)
{
    size_t length = strlen(text), padding = length - strspn(text, digits);
    if (length % 4 != 0 || padding > 2 || strspn(text + length - padding, "=") != padding)
        return NULL;
    char *bytes = mem_alloc(length / 4 * 3 + 1, 1);
    EVP_DecodeBlock((unsigned char *)bytes, (const unsigned char *)text, (int)length);
    *size = length / 4 * 3 - padding;
    bytes[*size] = '\0';
    return bytes;
}
