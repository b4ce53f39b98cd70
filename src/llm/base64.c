#include "llm/base64.h"

#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const void *bytes, size_t size)
{
    const unsigned char *in = bytes;
    char *text = mem_alloc((size + 2) / 3 * 4 + 1, 1), *out = text;
    for (size_t at = 0; at < size; at += 3) {
        size_t left = size - at;
        uint32_t group = (uint32_t)in[at] << 16 | (left > 1 ? (uint32_t)in[at + 1] << 8 : 0) |
                         (left > 2 ? (uint32_t)in[at + 2] : 0);
        *out++ = digits[group >> 18];
        *out++ = digits[group >> 12 & 63];
        *out++ = left > 1 ? digits[group >> 6 & 63] : '=';
        *out++ = left > 2 ? digits[group & 63] : '=';
    }
    return text;
}

char *base64_decode(const char *text, size_t *size)
{
    size_t length = strlen(text), padding = 0;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    if (length % 4 != 0)
        return NULL;
    unsigned char *bytes = mem_alloc(length / 4 * 3 + 1, 1), *out = bytes;
    for (size_t at = 0; at < length; at += 4) {
        uint32_t group = 0;
        for (size_t i = at; i < at + 4; i++) {
            const char *digit = i < length - padding ? strchr(digits, text[i]) : digits;
            if (!digit) {
                free(bytes);
                return NULL;
            }
            group = group << 6 | (uint32_t)(digit - digits);
        }
        *out++ = (unsigned char)(group >> 16);
        *out++ = (unsigned char)(group >> 8);
        *out++ = (unsigned char)group;
    }
    *size = length / 4 * 3 - padding;
    bytes[*size] = '\0';
    return (char *)bytes;
}
