#include "report/reference.h"

#include "base/file.h"
#include "base/mem.h"
#include "report/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 11, REFERENCE_CEILING = 16 << 20 };

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
    static const char *const sources[] = {"measured", "replayed", "reported", "rerun-elsewhere"};
    for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++)
        if (strcmp(text, sources[i]) == 0)
            return true;
    return false;
}

static bool read_line(const char *path, size_t line, char *text, struct reference *reference,
                      struct err *err)
{
    char *fields[FIELDS], *field;
    size_t count = 0;
    double runs;
    while ((field = next_field(&text))) {
        if (count < FIELDS)
            fields[count] = field;
        count++;
    }
    if (count != FIELDS)
        return err_set(err, ERR_INPUT, "%s:%zu: found %zu fields, expected %d", path, line, count,
                       FIELDS);
    struct reference_value value = {fields[0], fields[1], fields[2], fields[3],
                                    fields[4], fields[5], fields[6], NAN,
                                    NAN,       0,         fields[10]};
    if (!read_number(fields[7], &value.mean) || isnan(value.mean))
        return err_set(err, ERR_INPUT, "%s:%zu: mean: found \"%s\", expected a number", path, line,
                       fields[7]);
    if (!read_number(fields[8], &value.std))
        return err_set(err, ERR_INPUT, "%s:%zu: std: found \"%s\", expected a number or nothing",
                       path, line, fields[8]);
    if (!read_number(fields[9], &runs) || runs < 0 || runs > 1e9 || runs != floor(runs))
        return err_set(err, ERR_INPUT,
                       "%s:%zu: runs: found \"%s\", expected a whole number or nothing", path, line,
                       fields[9]);
    if (!is_source(value.source))
        return err_set(err, ERR_INPUT,
                       "%s:%zu: source: found \"%s\", expected measured, replayed, reported or "
                       "rerun-elsewhere",
                       path, line, value.source);
    value.runs = isnan(runs) ? 0 : (size_t)runs;
    MEM_GROW(reference->values, reference->count, reference->capacity);
    reference->values[reference->count++] = value;
    return true;
}

static bool read_lines(const char *path, struct reference *reference, struct err *err)
{
    char *rest = reference->text, *line;
    for (size_t number = 1; (line = strsep(&rest, "\n")); number++) {
        line[strcspn(line, "\r")] = '\0';
        if (number == 1 && strcmp(line, sheet_csv_head) != 0)
            return err_set(err, ERR_INPUT, "%s:1: found \"%.100s\", expected \"%s\"", path, line,
                           sheet_csv_head);
        if (number > 1 && *line && !read_line(path, number, line, reference, err))
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
