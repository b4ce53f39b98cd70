#include "base/option.h"

#include "base/mem.h"
#include "base/str.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SHOWN = 200, VALUE_SHOWN = 60 }; /* bytes of what was written, in a sentence */

void fault_add(struct faults *faults, const char *path, const char *format, ...)
{
    struct str text = {0};
    char sentence[1200];
    size_t length = (size_t)str_cut(path, PATH_SHOWN);
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof(sentence), format, args);
    va_end(args);
    str_add_bytes(&text, path, length);
    str_addf(&text, "%s: %s", path[length] ? "..." : path[0] ? "" : "/", sentence);
    str_disarm(text.text, "");
    MEM_GROW(faults->list, faults->count, faults->capacity);
    faults->list[faults->count++] = str_steal(&text);
}

void fault_free(struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++)
        free(faults->list[i]);
    free(faults->list);
    *faults = (struct faults){0};
}

bool fault_report(const struct faults *faults, const char *file, struct err *err)
{
    if (!faults->count)
        return true;
    struct str text = {.ceiling = sizeof(err->text) - 40};
    size_t shown = 0;
    for (; shown < faults->count; shown++) {
        str_addf(&text, "%s%s: %s", shown ? "\n" : "", file, faults->list[shown]);
        if (text.overflow)
            break;
    }
    if (shown < faults->count)
        err_set(err, ERR_INPUT, "%s\n(and %zu more faults)", text.text, faults->count - shown);
    else
        err_set(err, ERR_INPUT, "%s", text.text);
    str_free(&text);
    return false;
}

/* Levenshtein distance of a to the length bytes at b. */
static size_t distance(const char *a, const char *b, size_t length)
{
    size_t row[64];
    if (length >= 63)
        return SIZE_MAX;
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t above = row[j], best = diagonal + (a[i - 1] != b[j - 1]);
            best = above + 1 < best ? above + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[length];
}

const char *option_after(const char *name)
{
    name += strcspn(name, "|");
    return name + (*name == '|');
}

char *option_nearest(const char *written, const char *names)
{
    size_t best = SIZE_MAX, length = strlen(written);
    const char *found = NULL;
    for (const char *name = names; *name; name = option_after(name)) {
        size_t far = distance(written, name, strcspn(name, "|"));
        if (far < best) {
            best = far;
            found = name;
        }
    }
    if (!found || best > 1 + length / 4 || best >= length)
        return NULL;
    return mem_strndup(found, strcspn(found, "|"));
}

char *option_hint(const char *written, const char *names)
{
    char *near = option_nearest(written, names);
    char *hint = near ? mem_printf("; did you mean \"%s\"?", near) : mem_strdup("");
    free(near);
    return hint;
}

static bool names_hold(const char *names, const char *written)
{
    size_t length = strlen(written);
    for (const char *name = names; *name; name = option_after(name))
        if (strcspn(name, "|") == length && strncmp(name, written, length) == 0)
            return true;
    return false;
}

static const char *type_name(const json_t *value)
{
    static const char *const names[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",  [JSON_STRING] = "a text",
        [JSON_INTEGER] = "a number", [JSON_REAL] = "a number", [JSON_TRUE] = "true",
        [JSON_FALSE] = "false",      [JSON_NULL] = "null",
    };
    return names[json_typeof(value)];
}

char *option_shown(const json_t *value)
{
    if (!value)
        return mem_strdup("nothing");
    if (json_is_object(value) || json_is_array(value))
        return mem_strdup(type_name(value));
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(8));
    if (!text)
        return mem_strdup(type_name(value));
    if (strlen(text) > VALUE_SHOWN)
        memcpy(text + str_cut(text, VALUE_SHOWN - 3), "...", 4);
    return text;
}

static char *range_text(const struct option *row)
{
    const char *noun = row->type == OPTION_INTEGER ? "a whole number" : "a number";
    if (row->min == row->max && row->min != 0)
        return mem_printf("%.15g", row->min);
    if (isinf(row->max) || (row->min == 0 && row->max == 0))
        return row->min == 0 && row->max == 0 ? mem_strdup(noun)
                                              : mem_printf("%s of at least %g", noun, row->min);
    return mem_printf("%s from %.15g to %.15g", noun, row->min, row->max);
}

static char *expected_text(const struct option *row)
{
    switch (row->type) {
    case OPTION_INTEGER:
    case OPTION_REAL:
        return range_text(row);
    case OPTION_BOOLEAN:
        return mem_strdup("true or false");
    case OPTION_TEXT:
        return mem_strdup("a text");
    case OPTION_CHOICE:
        return mem_printf("one of %s", row->choices);
    case OPTION_OBJECT:
        return mem_strdup("an object");
    case OPTION_ARRAY:
        return mem_strdup("a list");
    }
    return mem_strdup("");
}

static bool in_range(const struct option *row, double value)
{
    return (row->min == 0 && row->max == 0) || (value >= row->min && value <= row->max);
}

static bool fits(const struct option *row, const json_t *value)
{
    switch (row->type) {
    case OPTION_INTEGER:
        return json_is_integer(value) && in_range(row, json_number_value(value));
    case OPTION_REAL:
        return json_is_number(value) && in_range(row, json_number_value(value));
    case OPTION_BOOLEAN:
        return json_is_boolean(value);
    case OPTION_TEXT:
        return json_is_string(value) && str_is_line(json_string_value(value));
    case OPTION_CHOICE:
        return json_is_string(value) && names_hold(row->choices, json_string_value(value));
    case OPTION_OBJECT:
        return json_is_object(value);
    case OPTION_ARRAY:
        return json_is_array(value);
    }
    return false;
}

static json_t *fallback_value(const struct option *row)
{
    json_t *value = json_loads(row->fallback, JSON_DECODE_ANY, NULL);
    assert(value);
    return value;
}

static void complain(const struct option *row, const json_t *value, const char *path,
                     struct faults *faults)
{
    bool broken = row->type == OPTION_TEXT && json_is_string(value);
    bool misspelt = row->type == OPTION_CHOICE && json_is_string(value);
    char *found = option_shown(value);
    char *expected = broken ? mem_strdup("a text without control characters") : expected_text(row);
    char *hint = misspelt ? option_hint(json_string_value(value), row->choices) : mem_strdup("");
    fault_add(faults, path, "found %s, expected %s%s", found, expected, hint);
    free(found);
    free(expected);
    free(hint);
}

static char *all_keys(const struct option *table)
{
    struct str keys = {0};
    for (const struct option *row = table; row->key; row++)
        str_addf(&keys, "%s%s", keys.length ? "|" : "", row->key);
    return str_steal(&keys);
}

static void refuse_unknown_keys(const struct option *table, const json_t *given, const char *path,
                                struct faults *faults)
{
    const char *key;
    json_t *value;
    char *keys = all_keys(table);
    json_object_foreach((json_t *)(uintptr_t)given, key, value)
    {
        if (names_hold(keys, key))
            continue;
        char *hint = option_hint(key, keys), *at = mem_printf("%s/%s", path, key);
        fault_add(faults, at, "unknown key, expected one of %s%s", keys, hint);
        free(hint);
        free(at);
    }
    free(keys);
}

static void complain_of_missing(const struct option *row, const char *path, struct faults *faults)
{
    char *expected = expected_text(row);
    fault_add(faults, path, "missing, expected %s (%s)", expected, row->help);
    free(expected);
}

json_t *option_resolve(const struct option *table, const json_t *given, const char *path,
                       struct faults *faults)
{
    json_t *settings = json_object();
    bool readable = !given || json_is_object(given);
    if (!readable)
        fault_add(faults, path, "found %s, expected an object", type_name(given));
    else if (given)
        refuse_unknown_keys(table, given, path, faults);
    for (const struct option *row = table; row->key; row++) {
        json_t *value = json_object_get(given, row->key);
        char *at = mem_printf("%s/%s", path, row->key);
        bool may_be_absent = row->fallback && strcmp(row->fallback, "null") == 0;
        if (!value && row->fallback)
            json_object_set_new(settings, row->key, fallback_value(row));
        else if (!value && readable)
            complain_of_missing(row, at, faults);
        else if (value && (fits(row, value) || (may_be_absent && json_is_null(value))))
            json_object_set_new(settings, row->key, json_deep_copy(value));
        else if (value)
            complain(row, value, at, faults);
        free(at);
    }
    return settings;
}

int64_t option_integer(const json_t *settings, const char *key)
{
    return json_integer_value(json_object_get(settings, key));
}

double option_real(const json_t *settings, const char *key)
{
    return json_number_value(json_object_get(settings, key));
}

bool option_boolean(const json_t *settings, const char *key)
{
    return json_is_true(json_object_get(settings, key));
}

const char *option_text(const json_t *settings, const char *key)
{
    return json_string_value(json_object_get(settings, key));
}

bool option_is(const json_t *settings, const char *key, const char *choice)
{
    const char *text = option_text(settings, key);
    return text && strcmp(text, choice) == 0;
}

static json_t *choice_list(const char *choices, bool nullable)
{
    json_t *list = json_array();
    for (const char *name = choices; *name; name = option_after(name))
        json_array_append_new(list, json_stringn(name, strcspn(name, "|")));
    if (nullable)
        json_array_append_new(list, json_null());
    return list;
}

static json_t *row_schema(const struct option *row)
{
    static const char *const types[] = {
        [OPTION_INTEGER] = "integer", [OPTION_REAL] = "number",   [OPTION_BOOLEAN] = "boolean",
        [OPTION_TEXT] = "string",     [OPTION_CHOICE] = "string", [OPTION_OBJECT] = "object",
        [OPTION_ARRAY] = "array",
    };
    json_t *schema = json_pack("{s:s}", "description", row->help);
    bool nullable = row->fallback && strcmp(row->fallback, "null") == 0;
    if (row->type == OPTION_CHOICE)
        json_object_set_new(schema, "enum", choice_list(row->choices, nullable));
    else
        json_object_set_new(schema, "type",
                            nullable ? json_pack("[s,s]", types[row->type], "null")
                                     : json_string(types[row->type]));
    if (row->min != 0 || row->max != 0) {
        json_object_set_new(schema, "minimum", json_real(row->min));
        if (!isinf(row->max))
            json_object_set_new(schema, "maximum", json_real(row->max));
    }
    if (row->fallback && !nullable)
        json_object_set_new(schema, "default", fallback_value(row));
    return schema;
}

json_t *option_schema(const struct option *table)
{
    json_t *properties = json_object(), *required = json_array();
    for (const struct option *row = table; row->key; row++) {
        json_object_set_new(properties, row->key, row_schema(row));
        if (!row->fallback)
            json_array_append_new(required, json_string(row->key));
    }
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required",
                     required, "additionalProperties", 0);
}

void option_help(const struct option *table, const char *indent, FILE *out)
{
    for (const struct option *row = table; row->key; row++) {
        char *expected = expected_text(row);
        fprintf(out, "%s%-18s %s", indent, row->key, row->help);
        fprintf(out, " (%s", expected);
        if (!row->fallback)
            fputs("; must be given)\n", out);
        else if (strcmp(row->fallback, "null") == 0)
            fputs("; may be left out)\n", out);
        else
            fprintf(out, "; default %s)\n", row->fallback);
        free(expected);
    }
}
