#include "llm/grammar.h"

#include "base/str.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void add_rule(struct str *out, const json_t *schema);

/* A terminal that stands for exactly these bytes. */
static void add_literal(struct str *out, const char *text)
{
    str_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            str_add_char(out, '\\');
        str_add_char(out, *text);
    }
    str_add_char(out, '"');
}

static void add_value(struct str *out, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    assert(text);
    add_literal(out, text);
    free(text);
}

static void add_alternatives(struct str *out, const json_t *list,
                             void (*add)(struct str *, const json_t *))
{
    size_t i;
    const json_t *item;
    assert(json_array_size(list) > 0);
    str_add(out, "(");
    json_array_foreach(list, i, item)
    {
        str_add(out, i ? " | " : " ");
        add(out, item);
    }
    str_add(out, " )");
}

/* "{low,high}" of what stands before it; no bound above where the schema names none. */
static void add_repeat(struct str *out, int64_t low, const json_t *high, int64_t less)
{
    if (high)
        str_addf(out, "{%lld,%lld}", (long long)low, (long long)(json_integer_value(high) - less));
    else
        str_addf(out, "{%lld,}", (long long)low);
}

/* Text without quotes, back-slashes, braces and control characters: none needs an escape. */
static void add_string(struct str *out, const json_t *schema)
{
    str_add(out, "\"\\\"\" [^\"\\\\{}\\x00-\\x1f]");
    add_repeat(out, json_integer_value(json_object_get(schema, "minLength")),
               json_object_get(schema, "maxLength"), 0);
    str_add(out, " \"\\\"\"");
}

static void add_object(struct str *out, const json_t *schema)
{
    const char *key, *before = "{";
    json_t *value;
    json_object_foreach(json_object_get(schema, "properties"), key, value)
    {
        json_t *name = json_string(key);
        char *text = json_dumps(name, JSON_ENCODE_ANY);
        struct str opening = {0};
        str_addf(&opening, "%s%s:", before, text);
        add_literal(out, opening.text);
        str_add(out, " ");
        add_rule(out, value);
        str_add(out, " ");
        before = ",";
        str_free(&opening);
        free(text);
        json_decref(name);
    }
    add_literal(out, *before == '{' ? "{}" : "}");
}

static void add_array(struct str *out, const json_t *schema)
{
    const json_t *items = json_object_get(schema, "items");
    const json_t *most = json_object_get(schema, "maxItems");
    int64_t least = json_integer_value(json_object_get(schema, "minItems"));
    str_add(out, "\"[\" ( ");
    add_rule(out, items);
    str_add(out, " ( \",\" ");
    add_rule(out, items);
    str_add(out, " )");
    add_repeat(out, least > 0 ? least - 1 : 0, most, 1);
    str_add(out, least > 0 ? " ) \"]\"" : " )? \"]\"");
}

static void add_rule(struct str *out, const json_t *schema)
{
    const char *type = json_string_value(json_object_get(schema, "type"));
    const json_t *same = json_object_get(schema, "const");
    const json_t *one_of = json_object_get(schema, "enum");
    const json_t *any_of = json_object_get(schema, "anyOf");
    if (same)
        add_value(out, same);
    else if (one_of)
        add_alternatives(out, one_of, add_value);
    else if (any_of)
        add_alternatives(out, any_of, add_rule);
    else if (type && strcmp(type, "object") == 0)
        add_object(out, schema);
    else if (type && strcmp(type, "array") == 0)
        add_array(out, schema);
    else {
        assert(type && strcmp(type, "string") == 0);
        add_string(out, schema);
    }
}

char *grammar_of(const json_t *schema)
{
    struct str out = {0};
    str_add(&out, "root ::= ");
    add_rule(&out, schema);
    str_add(&out, "\n");
    return str_steal(&out);
}
