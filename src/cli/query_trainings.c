/* A file of trainings, as "seki query" prints it: its lines are objects of like keys, and no key is
 * named here but those that are told in another place. */
#include "cli/query.h"

#include "base/csv.h"
#include "base/file.h"
#include "base/mem.h"
#include "oracle/trainings.h"

#include <stdlib.h>
#include <string.h>

enum { LABEL_WIDTH = 18, CELL_WIDTH = 20 };

bool query_is_trainings(const char *name)
{
    return file_ends_in(name, ".jsonl") || file_ends_in(name, ".jsonl.zst");
}

static void add_value(struct str *out, const json_t *value)
{
    if (json_is_string(value))
        str_add(out, json_string_value(value));
    else if (json_is_number(value))
        str_addf(out, "%.*g", QUERY_DIGITS, json_number_value(value));
}

/* All of a line but what is in its heading, and its learning curve. */
static bool is_shown(const char *key)
{
    static const char *const aside[] = {"digits", "arch", "curve"};
    for (size_t i = 0; i < sizeof(aside) / sizeof(aside[0]); i++)
        if (strcmp(aside[i], key) == 0)
            return false;
    return true;
}

/* -- all of them -- */

static void add_csv_line(struct str *out, json_t *line)
{
    const char *key;
    json_t *value;
    str_addf(out, "%s,", json_string_value(json_object_get(line, "digits")));
    csv_add(out, json_string_value(json_object_get(line, "arch")));
    json_object_foreach(line, key, value)
    {
        struct str text = {0};
        if (!is_shown(key))
            continue;
        add_value(&text, value);
        str_add_char(out, ',');
        csv_add(out, text.text ? text.text : "");
        str_free(&text);
    }
    str_add_char(out, '\n');
}

static void add_csv(struct str *out, struct trainings *trainings)
{
    const char *key;
    json_t *value, *first = trainings_line(trainings, 0);
    str_add(out, "digits,arch");
    json_object_foreach(first, key, value)
    {
        if (is_shown(key))
            str_addf(out, ",%s", key);
    }
    str_add_char(out, '\n');
    for (size_t i = 0; trainings_line(trainings, i); i++)
        add_csv_line(out, trainings_line(trainings, i));
}

/* -- those of one architecture -- */

/* A list of their lines; the caller owns it. */
static json_t *select_lines(struct trainings *trainings, const struct arch *arch)
{
    json_t *lines = json_array();
    const struct training *training;
    for (size_t i = 0; (training = trainings_at(trainings, i)); i++)
        if (arch_equal(&training->arch, arch))
            json_array_append(lines, trainings_line(trainings, i));
    return lines;
}

static void add_json(struct str *out, const struct trainings *trainings, json_t *lines)
{
    json_t *head = trainings_head(trainings);
    json_t *root = json_pack("{s:O, s:O, s:O}", "space", json_object_get(head, "space"), "setting",
                             json_object_get(head, "setting"), "trainings", lines);
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    str_addf(out, "%s\n", text);
    free(text);
    json_decref(root);
}

/* How many of the lines have to be shown at key: one where all have the same text. */
static size_t count_cells(const json_t *lines, const char *key)
{
    const json_t *first = json_object_get(json_array_get(lines, 0), key);
    size_t count = json_array_size(lines), same = 0;
    while (same < count && json_is_string(first) &&
           json_equal(first, json_object_get(json_array_get(lines, same), key)))
        same++;
    return same == count ? 1 : count;
}

static void add_row(struct str *out, const json_t *lines, const char *key)
{
    str_addf(out, "%-*s", LABEL_WIDTH, key);
    for (size_t i = 0; i < count_cells(lines, key); i++) {
        struct str text = {0};
        add_value(&text, json_object_get(json_array_get(lines, i), key));
        str_addf(out, "  %*s", CELL_WIDTH, text.length ? text.text : "-");
        str_free(&text);
    }
    str_add_char(out, '\n');
}

/* A row for each key, a column for each training. */
static void add_text(struct str *out, const struct trainings *trainings, const json_t *lines)
{
    json_t *first = json_array_get(lines, 0), *value;
    const char *key;
    char *setting =
        json_dumps(json_object_get(trainings_head(trainings), "setting"), JSON_REAL_PRECISION(15));
    str_addf(out, "%s  %s\n\n%s\n\n", json_string_value(json_object_get(first, "digits")),
             json_string_value(json_object_get(first, "arch")), setting);
    json_object_foreach(first, key, value)
    {
        if (is_shown(key))
            add_row(out, lines, key);
    }
    free(setting);
}

static bool add_arch(struct str *out, struct trainings *trainings, const char *path,
                     const char *cell, bool as_json, struct err *err)
{
    struct arch arch;
    if (!space_read(trainings_space(trainings), cell, &arch, err))
        return false;
    json_t *lines = select_lines(trainings, &arch);
    bool found = json_array_size(lines) > 0;
    if (!found)
        err_set(err, ERR_INPUT, "%s: found no training of %s (--all prints those that it has)",
                path, cell);
    else if (as_json)
        add_json(out, trainings, lines);
    else
        add_text(out, trainings, lines);
    json_decref(lines);
    return found;
}

bool query_trainings(const char *path, const char *cell, bool as_json, struct str *out,
                     struct err *err)
{
    struct trainings *trainings = trainings_read(path, err);
    bool ok = trainings != NULL;
    if (ok && cell)
        ok = add_arch(out, trainings, path, cell, as_json, err);
    else if (ok)
        add_csv(out, trainings);
    trainings_close(trainings);
    return ok;
}
