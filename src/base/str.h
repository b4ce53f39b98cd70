/* A text that grows, with a ceiling, so that nothing from outside can grow without end.
 *
 * Invariants: text is NULL or ends in '\0' at text[length]; once overflow is set, nothing more is
 * added. A struct str that is all zero is empty and has no ceiling. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    char *text;
    size_t length, capacity;
    size_t ceiling; /* bytes that it may hold; 0 is no limit */
    bool overflow;  /* something did not fit and was left out */
};

enum { STR_NAME_MAX = 64 };

void str_add(struct str *str, const char *text);
void str_add_bytes(struct str *str, const void *bytes, size_t length);
void str_add_char(struct str *str, char c);
void str_addf(struct str *str, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* value with a fixed number of decimals (0 to 6), rounded half away from zero; "null" when it is
 * not finite. The same bytes on every machine, and fast: run logs are made of these. */
void str_add_fixed(struct str *str, double value, int decimals);
/* A span of time for people: "90 s", "45 min", "12.5 h". */
void str_add_span(struct str *str, double seconds);
void str_add_uint(struct str *str, uint64_t value);

/* A name and what stands for it; a list of them ends in a NULL name. */
struct str_value {
    const char *name, *text;
};

/* text with its value in place of every {{name}}, without the line break that ends it or a value (a
 * file's own). Asserts that every name has a value: texts with names in them are ours. */
void str_add_filled(struct str *str, const char *text, const struct str_value *values);

/* How much of text can be shown in most bytes, in whole UTF-8 characters: for "%.*s". */
int str_cut(const char *text, int most);

/* Whether text can name a file or folder: STR_NAME_MAX bytes at most, letters, digits and marks,
 * the first of them a letter or digit. */
bool str_is_name(const char *text, const char *marks);

/* Whether text is nothing but a finite decimal number, "-1.5e3": no blanks, no "0x10", no "inf". */
bool str_is_number(const char *text, double *number);

bool str_is_line(const char *text); /* whether it is UTF-8 and free of control characters */

/* Puts '?' in place of every control character that is not in keep, and of all that is not ASCII
 * where text is not UTF-8: what comes from a file must not steer a terminal, nor be lost to a log.
 */
void str_disarm(char *text, const char *keep);

void str_clear(struct str *str);  /* empty again, memory kept */
char *str_steal(struct str *str); /* the text, now the caller's (never NULL); str is empty */
void str_free(struct str *str);   /* NULL is allowed */

#endif
