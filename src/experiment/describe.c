/* What an experiment file may say, told twice from the same option tables: as a JSON Schema for
 * editors, and as text for people. */
#include "experiment/experiment.h"

#include "base/mem.h"
#include "experiment/fields.h"
#include "experiment/registry.h"

#include <stdlib.h>

#define NAME_PATTERN  "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
#define LABEL_PATTERN "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"

/* The keys of a cell whose objects name a type. */
static const struct {
    const char *key;
    const struct registry *registry;
} typed[] = {
    {"oracle", &registry_oracles},
    {"strategy", &registry_strategies},
    {"llm", &registry_llms},
};

/* The keys of a cell that have a table of their own. */
static const struct {
    const char *key;
    const struct option *table;
} plain[] = {
    {"budget", budget_fields},
    {"seeds", seeds_fields},
    {"report", report_fields},
};

enum { TYPED = sizeof(typed) / sizeof(typed[0]), PLAIN = sizeof(plain) / sizeof(plain[0]) };

/* -- schema -- */

static json_t *or_null(json_t *schema)
{
    return json_pack("{s:[o, {s:s}]}", "anyOf", schema, "type", "null");
}

static void describe_property(json_t *schema, const char *key, json_t *description)
{
    json_t *properties = json_object_get(schema, "properties");
    json_t *help = json_object_get(json_object_get(properties, key), "description");
    if (help)
        json_object_set(description, "description", help);
    json_object_set_new(properties, key, description);
}

/* What a matrix entry may patch: nothing need be there, and null takes a key away. */
static json_t *patch_of(json_t *schema)
{
    json_t *properties = json_object_get(schema, "properties"), *value;
    const char *key;
    void *next;
    json_object_del(schema, "required");
    json_object_foreach_safe(properties, next, key, value)
    {
        if (!json_object_get(value, "const"))
            json_object_set_new(properties, key, or_null(json_incref(value)));
    }
    return schema;
}

static json_t *type_schema(const struct registry *registry, const struct registered *type)
{
    struct option *table = registry_options(registry, type, type->name);
    json_t *schema = option_schema(table);
    json_object_set_new(json_object_get(schema, "properties"), "type",
                        json_pack("{s:s}", "const", type->name));
    json_object_set_new(schema, "description", json_string(type->summary));
    free(table);
    return schema;
}

/* A table or figure, whole as it stands. */
static json_t *drawing_schema(const struct registry *registry)
{
    json_t *types = json_array();
    struct registered type;
    for (size_t i = 0; registry->type_at(i, &type); i++) {
        json_t *schema = type_schema(registry, &type);
        describe_property(schema, "name",
                          json_pack("{s:s, s:s}", "type", "string", "pattern", NAME_PATTERN));
        json_array_append_new(types, schema);
    }
    return json_pack("{s:s, s:{s:o}}", "type", "array", "items", "oneOf", types);
}

/* An oracle, strategy or llm at the top of the file: the matrix may give what is missing. */
static json_t *typed_schema(const struct registry *registry)
{
    json_t *types = json_pack("[{s:s, s:{s:[s]}}]", "type", "object", "not", "required", "type");
    struct registered type;
    for (size_t i = 0; registry->type_at(i, &type); i++) {
        json_t *schema = type_schema(registry, &type);
        json_object_set_new(schema, "required", json_pack("[s]", "type"));
        json_array_append_new(types, schema);
    }
    return json_pack("{s:o}", "oneOf", types);
}

static json_t *typed_patch(const struct registry *registry)
{
    json_t *types = json_array();
    struct registered type;
    for (size_t i = 0; registry->type_at(i, &type); i++)
        json_array_append_new(types, patch_of(type_schema(registry, &type)));
    return json_pack("{s:o}", "anyOf", types);
}

static json_t *plain_schema(const struct option *table)
{
    json_t *schema = option_schema(table);
    json_object_del(schema, "required"); /* the matrix may give it */
    return schema;
}

static json_t *space_schema(void)
{
    json_t *names = json_array();
    for (size_t i = 0; space_at(i); i++)
        json_array_append_new(names, json_string(space_at(i)->name));
    return json_pack("{s:o}", "enum", names);
}

/* Fills in the keys of a cell, which stand at the top of the file and in every matrix entry. */
static void describe_cell(json_t *schema, bool patch)
{
    describe_property(schema, "space", or_null(space_schema()));
    for (size_t i = 0; i < TYPED; i++)
        describe_property(
            schema, typed[i].key,
            or_null(patch ? typed_patch(typed[i].registry) : typed_schema(typed[i].registry)));
    for (size_t i = 0; i < PLAIN; i++) {
        json_t *part = plain_schema(plain[i].table);
        describe_property(schema, plain[i].key, or_null(patch ? patch_of(part) : part));
    }
}

static json_t *matrix_schema(void)
{
    json_t *entry = option_schema(entry_fields);
    describe_property(entry, "label",
                      json_pack("{s:s, s:s}", "type", "string", "pattern", LABEL_PATTERN));
    describe_cell(entry, true);
    return json_pack("{s:s, s:{s:s}, s:{s:s, s:i, s:o}}", "type", "object", "propertyNames",
                     "pattern", NAME_PATTERN, "additionalProperties", "type", "array", "minItems",
                     1, "items", entry);
}

json_t *experiment_schema(void)
{
    json_t *schema =
        json_pack("{s:s, s:s}", "$schema", "https://json-schema.org/draft/2020-12/schema", "title",
                  "An experiment of seki");
    json_t *file = option_schema(file_fields);
    json_object_update(schema, file);
    json_decref(file);
    describe_property(schema, "name",
                      json_pack("{s:s, s:s}", "type", "string", "pattern", NAME_PATTERN));
    describe_cell(schema, false);
    describe_property(schema, "matrix", matrix_schema());
    describe_property(schema, "tables", drawing_schema(&registry_tables));
    describe_property(schema, "figures", drawing_schema(&registry_figures));
    return schema;
}

/* -- help -- */

static void help_types(const char *key, const struct registry *registry, FILE *out)
{
    struct registered type;
    fprintf(out, "\n%s: \"type\" and\n", key);
    option_help(registry->shared, "  ", out);
    for (size_t i = 0; registry->type_at(i, &type); i++) {
        fprintf(out, "  type %s: %s\n", type.name, type.summary);
        option_help(type.options, "    ", out);
    }
}

void experiment_help(FILE *out)
{
    fputs("\nAn experiment file is one JSON object:\n", out);
    option_help(file_fields, "  ", out);
    for (size_t i = 0; i < PLAIN; i++) {
        fprintf(out, "\n%s:\n", plain[i].key);
        option_help(plain[i].table, "  ", out);
    }
    for (size_t i = 0; i < TYPED; i++)
        help_types(typed[i].key, typed[i].registry, out);
    help_types("tables, each", &registry_tables, out);
    help_types("figures, each", &registry_figures, out);
}
