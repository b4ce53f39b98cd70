#include "base/str.h"

#include "base/mem.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for length more bytes and the final '\0'; false, and overflow set, past the ceiling. */
static bool reserve(struct str *str, size_t length)
{
    if (str->overflow || (str->ceiling && length > str->ceiling - str->length)) {
        str->overflow = true;
        return false;
    }
    size_t need = str->length + length + 1;
    if (need > str->capacity) {
        size_t capacity = str->capacity ? str->capacity : 64;
        while (capacity < need)
            capacity *= 2;
        str->text = mem_resize(str->text, capacity, 1);
        str->capacity = capacity;
    }
    return true;
}

void str_add_bytes(struct str *str, const void *bytes, size_t length)
{
    if (!reserve(str, length))
        return;
    if (length)
        memcpy(str->text + str->length, bytes, length);
    str->length += length;
    str->text[str->length] = '\0';
}

void str_add(struct str *str, const char *text)
{
    str_add_bytes(str, text, strlen(text));
}

void str_add_char(struct str *str, char c)
{
    str_add_bytes(str, &c, 1);
}

void str_addf(struct str *str, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    if (length >= 0 && reserve(str, (size_t)length)) {
        vsnprintf(str->text + str->length, (size_t)length + 1, format, again);
        str->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
}

void str_add_uint(struct str *str, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    str_add_bytes(str, digits + at, sizeof(digits) - at);
}

void str_add_fixed(struct str *str, double value, int decimals)
{
    static const double scale[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    if (!isfinite(value)) {
        str_add(str, "null");
        return;
    }
    double magnitude = fabs(value) * scale[decimals] + 0.5;
    if (magnitude >= 1e18) {
        str_addf(str, "%.*f", decimals, value);
        return;
    }
    uint64_t number = (uint64_t)magnitude, unit = (uint64_t)scale[decimals];
    if (value < 0 && number)
        str_add_char(str, '-');
    str_add_uint(str, number / unit);
    if (decimals == 0)
        return;
    char digits[8] = {'.'};
    uint64_t rest = number % unit;
    for (int i = decimals; i > 0; i--, rest /= 10)
        digits[i] = (char)('0' + rest % 10);
    str_add_bytes(str, digits, (size_t)decimals + 1);
}

int str_cut(const char *text, int most)
{
    int length = (int)strnlen(text, (size_t)most + 1);
    if (length <= most)
        return length;
    for (length = most; length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80;)
        length--;
    return length;
}

void str_clear(struct str *str)
{
    str->length = 0;
    str->overflow = false;
    if (str->text)
        str->text[0] = '\0';
}

char *str_steal(struct str *str)
{
    char *text = str->text ? str->text : mem_strdup("");
    *str = (struct str){.ceiling = str->ceiling};
    return text;
}

void str_free(struct str *str)
{
    if (!str)
        return;
    free(str->text);
    *str = (struct str){.ceiling = str->ceiling};
}
