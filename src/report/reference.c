#include "report/reference.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "report/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 11, RUNS_MAX = 1000000000 };

/* A number, or NaN where the field is empty. */
static bool read_number(const char *field, double *number)
{
    if (*field)
        return str_is_number(field, number);
    *number = NAN;
    return true;
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

static bool refuse(const struct csv *csv, const char *column, const char *found,
                   const char *expected, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s:%zu: %s: found \"%.100s\", expected %s", csv->path,
                   csv->line, column, found, expected);
}

static bool read_value(char *const fields[FIELDS], struct reference *reference, struct err *err)
{
    const struct csv *csv = &reference->csv;
    double runs;
    struct reference_value value = {fields[0], fields[1], fields[2], fields[3],
                                    fields[4], fields[5], fields[6], NAN,
                                    NAN,       0,         fields[10]};
    if (!read_number(fields[7], &value.mean) || isnan(value.mean))
        return refuse(csv, "mean", fields[7], "a number", err);
    if (!read_number(fields[8], &value.std))
        return refuse(csv, "std", fields[8], "a number or nothing", err);
    if (!read_number(fields[9], &runs) || runs < 0 || runs > RUNS_MAX || fmod(runs, 1) > 0)
        return refuse(csv, "runs", fields[9], "a whole number or nothing", err);
    if (!is_source(value.source))
        return refuse(csv, "source", value.source,
                      "measured, replayed, stored, reported, rerun-elsewhere or counted", err);
    value.runs = isnan(runs) ? 0 : (size_t)runs;
    MEM_GROW(reference->values, reference->count, reference->capacity);
    reference->values[reference->count++] = value;
    return true;
}

bool reference_read(const char *name, struct reference *reference, struct err *err)
{
    char *fields[FIELDS];
    bool end = false;
    *reference = (struct reference){0};
    char *path = name[0] == '/' ? mem_strdup(name) : file_find_data(name, err);
    bool ok = path && csv_open(&reference->csv, path, sheet_csv_head, err);
    while (ok && (ok = csv_next(&reference->csv, fields, &end, err)) && !end)
        ok = read_value(fields, reference, err);
    free(path);
    if (!ok)
        reference_free(reference);
    return ok;
}

void reference_free(struct reference *reference)
{
    free(reference->values);
    csv_close(&reference->csv);
    *reference = (struct reference){0};
}
