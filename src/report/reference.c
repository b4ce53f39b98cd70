#include "report/reference.h"

#include "base/file.h"
#include "base/mem.h"
#include "report/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 11, RUNS_MAX = 1000000000, REFERENCE_CEILING = 16 << 20 };

/* For sentences. */
struct place {
    const char *path;
    size_t line;
};

/* Cuts the field at *rest off, with its quotes taken away, and moves *rest behind it; NULL at the
 * end of the line. */
static char *next_field(char **rest)
{
    char *field = *rest, *to = field, *from = field;
    bool quoted = false;
    if (!field)
        return NULL;
    for (; *from && (quoted || *from != ','); from++) {
        if (*from == '"' && quoted && from[1] == '"')
            *to++ = *from++;
        else if (*from == '"')
            quoted = !quoted;
        else
            *to++ = *from;
    }
    *rest = *from ? from + 1 : NULL;
    *to = '\0';
    return field;
}

/* A number, or NaN where the field is empty. */
static bool read_number(const char *field, double *number)
{
    char *end;
    *number = NAN;
    if (!*field)
        return true;
    *number = strtod(field, &end);
    return !*end && isfinite(*number);
}

static bool is_source(const char *text)
{
    static const char *const sources[] = {"measured", "replayed",        "stored",
                                          "reported", "rerun-elsewhere", "counted"};
    for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
        if (strcmp(text, sources[i]) == 0)
            return true;
    return false;
}

/* Cuts a line into its fields. */
static bool cut(const struct place *place, char *text, char *fields[FIELDS], struct err *err)
{
    char *field;
    size_t count = 0;
    while ((field = next_field(&text))) {
        if (count < FIELDS)
            fields[count] = field;
        count++;
    }
    return count == FIELDS || err_set(err, ERR_INPUT, "%s:%zu: found %zu fields, expected %d",
                                      place->path, place->line, count, FIELDS);
}

static bool refuse(const struct place *place, const char *column, const char *found,
                   const char *expected, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s:%zu: %s: found \"%.100s\", expected %s", place->path,
                   place->line, column, found, expected);
}

static bool read_line(const struct place *place, char *text, struct reference *reference,
                      struct err *err)
{
    char *fields[FIELDS];
    double runs;
    if (!cut(place, text, fields, err))
        return false;
    struct reference_value value = {fields[0], fields[1], fields[2], fields[3],
                                    fields[4], fields[5], fields[6], NAN,
                                    NAN,       0,         fields[10]};
    if (!read_number(fields[7], &value.mean) || isnan(value.mean))
        return refuse(place, "mean", fields[7], "a number", err);
    if (!read_number(fields[8], &value.std))
        return refuse(place, "std", fields[8], "a number or nothing", err);
    if (!read_number(fields[9], &runs) || runs < 0 || runs > RUNS_MAX || fmod(runs, 1) > 0)
        return refuse(place, "runs", fields[9], "a whole number or nothing", err);
    if (!is_source(value.source))
        return refuse(place, "source", value.source,
                      "measured, replayed, stored, reported, rerun-elsewhere or counted", err);
    value.runs = isnan(runs) ? 0 : (size_t)runs;
    MEM_GROW(reference->values, reference->count, reference->capacity);
    reference->values[reference->count++] = value;
    return true;
}

static bool read_lines(const char *path, struct reference *reference, struct err *err)
{
    char *rest = reference->text, *line;
    struct place place = {path, 1};
    for (; (line = strsep(&rest, "\n")); place.line++) {
        line[strcspn(line, "\r")] = '\0';
        if (place.line == 1 && strcmp(line, sheet_csv_head) != 0)
            return err_set(err, ERR_INPUT, "%s:1: found \"%.100s\", expected \"%s\"", path, line,
                           sheet_csv_head);
        if (place.line > 1 && *line && !read_line(&place, line, reference, err))
            return false;
    }
    return true;
}

bool reference_read(const char *name, struct reference *reference, struct err *err)
{
    *reference = (struct reference){0};
    char *path = name[0] == '/' ? mem_strdup(name) : file_find_data(name, err);
    reference->text = path ? file_read(path, REFERENCE_CEILING, NULL, err) : NULL;
    bool ok = reference->text && read_lines(path, reference, err);
    free(path);
    if (!ok)
        reference_free(reference);
    return ok;
}

void reference_free(struct reference *reference)
{
    free(reference->values);
    free(reference->text);
    *reference = (struct reference){0};
}
