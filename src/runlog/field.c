#include "runlog/field.h"

#include "base/option.h"
#include "base/str.h"

#include <math.h>
#include <stdlib.h>

bool field_refuse(const struct field_place *place, const char *key, const json_t *value,
                  const char *expected, struct err *err)
{
    char *found = option_shown(value);
    err_set(err, ERR_INPUT, "%s:%zu: %s: found %s, expected %s", place->path, place->line, key,
            found, expected);
    free(found);
    return false;
}

bool field_is_number(const json_t *value)
{
    static const double ceiling = 1e100;
    return json_is_number(value) && fabs(json_number_value(value)) <= ceiling;
}

static bool read_flag(const json_t *value, bool *flag)
{
    *flag = json_is_true(value) || (json_is_integer(value) && json_integer_value(value) == 1);
    return json_is_boolean(value) ||
           (json_is_integer(value) && (json_integer_value(value) == 0 || *flag));
}

bool field_read(const struct field_place *place, const struct field *field, const json_t *value,
                void *into, struct err *err)
{
    void *member = (char *)into + field->offset;
    bool absent = !value || json_is_null(value), ok = true;
    const char *expected = "";
    switch (field->type) {
    case FIELD_TEXT:
        *(const char **)member = json_string_value(value);
        ok = json_is_string(value) && str_is_line(json_string_value(value));
        expected = json_is_string(value) ? "a text without control characters" : "a text";
        break;
    case FIELD_NUMBER:
        *(double *)member = json_is_number(value) ? json_number_value(value) : (double)NAN;
        ok = field_is_number(value);
        expected = json_is_number(value) ? "a number within 1e100" : "a number";
        break;
    case FIELD_COUNT:
        *(size_t *)member = (size_t)json_integer_value(value);
        ok = json_is_integer(value) && json_integer_value(value) >= 0;
        expected = "a whole number of at least 0";
        break;
    case FIELD_FLAG:
        ok = read_flag(value, member);
        expected = "true or false";
        break;
    }
    if (ok || (absent && !field->required))
        return true;
    return field_refuse(place, field->key, value, expected, err);
}

bool field_read_all(const struct field_place *place, const struct field *fields,
                    const json_t *object, void *into, struct err *err)
{
    for (; fields->key; fields++)
        if (!field_read(place, fields, json_object_get(object, fields->key), into, err))
            return false;
    return true;
}
