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
    if (!reserve(str, 1))
        return;
    str->text[str->length++] = c;
    str->text[str->length] = '\0';
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

/* Writes the digits of number so that they end before end; returns where they begin. */
static char *digits_before(char *end, uint64_t number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return end;
}

void str_add_uint(struct str *str, uint64_t value)
{
    char digits[20], *end = digits + sizeof(digits), *begin = digits_before(end, value);
    str_add_bytes(str, begin, (size_t)(end - begin));
}

/* Values from here on are left to printf: they have more digits than a uint64_t is sure to hold. */
static const double FIXED_CEILING = 1e18;
enum { FIXED_BYTES = 24 }; /* "-", 18 digits and "." */

/* The same for value with its decimals; NULL where it is not finite or past the ceiling. */
static char *fixed_before(char *end, double value, int decimals)
{
    static const double scale[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    double magnitude = fabs(value) * scale[decimals] + 0.5;
    if (!(magnitude < FIXED_CEILING))
        return NULL;
    uint64_t number = (uint64_t)magnitude;
    bool negative = value < 0 && number;
    for (int i = 0; i < decimals; i++, number /= 10)
        *--end = (char)('0' + number % 10);
    if (decimals)
        *--end = '.';
    end = digits_before(end, number);
    if (negative)
        *--end = '-';
    return end;
}

void str_add_fixed(struct str *str, double value, int decimals)
{
    char text[FIXED_BYTES], *end = text + FIXED_BYTES, *begin = fixed_before(end, value, decimals);
    if (begin)
        str_add_bytes(str, begin, (size_t)(end - begin));
    else if (isfinite(value))
        str_addf(str, "%.*f", decimals, value);
    else
        str_add(str, "null");
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
