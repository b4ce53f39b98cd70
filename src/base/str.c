#include "base/str.h"

#include "base/mem.h"

#include <assert.h>
#include <jansson.h>
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

/* Values from here on are left to printf: they have more digits than a uint64_t is sure to hold. */
static const double FIXED_CEILING = 1e18;

enum { DIGITS_MAX = 20 }; /* of a uint64_t */

static size_t digit_count(uint64_t number)
{
    size_t count = 1;
    for (uint64_t power = 10; count < DIGITS_MAX && number >= power; power *= 10)
        count++;
    return count;
}

/* Writes the last count digits of number, ending before end; returns what is left of number. */
static uint64_t write_digits(char *end, uint64_t number, size_t count)
{
    for (; count > 0; count--, number /= 10)
        *--end = (char)('0' + number % 10);
    return number;
}

void str_add_span(struct str *str, double seconds)
{
    const double minute_s = 60, hour_s = 3600;
    if (seconds < 2 * minute_s)
        str_addf(str, "%.0f s", seconds);
    else if (seconds < 2 * hour_s)
        str_addf(str, "%.0f min", seconds / minute_s);
    else
        str_addf(str, "%.1f h", seconds / hour_s);
}

void str_add_uint(struct str *str, uint64_t value)
{
    size_t count = digit_count(value);
    if (!reserve(str, count))
        return;
    str->length += count;
    (void)write_digits(str->text + str->length, value, count);
    str->text[str->length] = '\0';
}

/* Adds number / 10^decimals, right where it stays: a copy of bytes just written is slow. */
static void add_scaled(struct str *str, bool negative, uint64_t number, size_t decimals)
{
    size_t count = digit_count(number), sign = negative, point = decimals > 0;
    count = count > decimals ? count : decimals + 1;
    if (!reserve(str, sign + count + point))
        return;
    if (negative)
        str->text[str->length] = '-';
    str->length += sign + count + point;
    char *end = str->text + str->length;
    *end = '\0';
    number = write_digits(end, number, decimals);
    end -= decimals;
    if (point)
        *--end = '.';
    (void)write_digits(end, number, count - decimals);
}

void str_add_fixed(struct str *str, double value, int decimals)
{
    static const double scale[] = {1, 10, 100, 1e3, 1e4, 1e5, 1e6};
    double magnitude = fabs(value) * scale[decimals] + 0.5;
    if (magnitude < FIXED_CEILING)
        add_scaled(str, value < 0 && magnitude >= 1, (uint64_t)magnitude, (size_t)decimals);
    else if (isfinite(value))
        str_addf(str, "%.*f", decimals, value);
    else
        str_add(str, "null");
}

/* The value whose name is the length bytes at name. */
static const char *value_of(const struct str_value *values, const char *name, size_t length)
{
    for (; values->name; values++)
        if (strlen(values->name) == length && strncmp(values->name, name, length) == 0)
            return values->text;
    return NULL;
}

/* A text that is a file ends in a line break of its own. */
static void add_without_break(struct str *str, const char *text)
{
    size_t length = strlen(text);
    str_add_bytes(str, text, length && text[length - 1] == '\n' ? length - 1 : length);
}

void str_add_filled(struct str *str, const char *text, const struct str_value *values)
{
    while (*text) {
        const char *open = strstr(text, "{{"), *close = open ? strstr(open, "}}") : NULL;
        if (!close)
            break;
        const char *value = value_of(values, open + 2, (size_t)(close - open) - 2);
        assert(value);
        str_add_bytes(str, text, (size_t)(open - text));
        add_without_break(str, value);
        text = close + 2;
    }
    add_without_break(str, text);
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

/* Whether a control character is at text: one of ASCII, or U+0080 to U+009F, which terminals obey
 * too. */
static bool is_control(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    return bytes[0] < ' ' || bytes[0] == 0x7f ||
           (bytes[0] == 0xc2 && bytes[1] >= 0x80 && bytes[1] < 0xa0);
}

static bool is_utf8(const char *text)
{
    json_t *value = json_string(text); /* NULL for what is not */
    json_decref(value);
    return value != NULL;
}

bool str_is_number(const char *text, double *number)
{
    char *end;
    *number = strtod(text, &end);
    return end != text && !*end && !text[strspn(text, "+-.0123456789eE")] && isfinite(*number);
}

bool str_is_line(const char *text)
{
    bool is_line = is_utf8(text);
    while (is_line && *text)
        is_line = !is_control(text++);
    return is_line;
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool str_is_name(const char *text, const char *marks)
{
    if (!is_alphanumeric(text[0]) || strlen(text) > STR_NAME_MAX)
        return false;
    while (*text && (is_alphanumeric(*text) || strchr(marks, *text)))
        text++;
    return !*text;
}

void str_disarm(char *text, const char *keep)
{
    bool utf8 = is_utf8(text);
    for (; *text; text++) {
        bool control = is_control(text) && !strchr(keep, *text);
        if (control && (unsigned char)*text == 0xc2) /* the first of two bytes */
            *text++ = '?';
        if (control || (!utf8 && (unsigned char)*text >= 0x80))
            *text = '?';
    }
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
