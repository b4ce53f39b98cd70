#include "base/csv.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

/* Takes the next line off the text, without its end; NULL when there is none. */
static char *take_line(struct csv *csv)
{
    char *line = csv->at;
    if (!*line)
        return NULL;
    size_t length = strcspn(line, "\n");
    csv->at = line + length + (line[length] == '\n');
    if (length && line[length - 1] == '\r')
        length--;
    line[length] = '\0';
    csv->line++;
    return line;
}

/* Reads the quoted field that begins at *at, in place, and moves *at to what follows it. */
static char *take_quoted(char **at)
{
    char *field = *at + 1, *out = field;
    for (char *c = field; *c; c++) {
        if (*c == '"' && c[1] != '"') {
            *out = '\0';
            *at = c + 1;
            return field;
        }
        c += *c == '"';
        *out++ = *c;
    }
    return NULL;
}

static bool split(struct csv *csv, char *line, char **fields, struct err *err)
{
    size_t count = 0;
    for (char *at = line;; at++) {
        char *field = at;
        if (*at == '"')
            field = take_quoted(&at);
        else
            at += strcspn(at, ",");
        if (!field || (*at && *at != ','))
            return err_set(err, ERR_INPUT, "%s:%zu: field %zu: a quote that does not end the field",
                           csv->path, csv->line, count + 1);
        if (count < csv->columns)
            fields[count] = field;
        count++;
        if (!*at)
            break;
        *at = '\0';
    }
    return count == csv->columns || err_set(err, ERR_INPUT, "%s:%zu: %zu fields, expected %zu",
                                            csv->path, csv->line, count, csv->columns);
}

bool csv_open(struct csv *csv, const char *path, const char *header, struct err *err)
{
    size_t size = 0;
    bool from_stdin = strcmp(path, "-") == 0;
    *csv = (struct csv){.path = from_stdin ? "stdin" : path, .columns = 1};
    csv->text = file_read(from_stdin ? "/dev/stdin" : path, FILE_CEILING, &size, err);
    if (!csv->text)
        return false;
    csv->at = csv->text;
    if (strlen(csv->text) != size)
        return err_set(err, ERR_INPUT, "%s: holds a zero byte, expected text", csv->path);
    for (const char *c = header; *c; c++)
        csv->columns += *c == ',';
    const char *found = take_line(csv);
    return (found && strcmp(found, header) == 0) ||
           err_set(err, ERR_INPUT, "%s:1: the header is \"%.200s\", expected \"%s\"", csv->path,
                   found ? found : "", header);
}

void csv_close(struct csv *csv)
{
    free(csv->text);
    csv->text = csv->at = NULL;
}

bool csv_next(struct csv *csv, char **fields, bool *end, struct err *err)
{
    char *line = take_line(csv);
    while (line && !*line)
        line = take_line(csv);
    *end = line == NULL;
    return *end || split(csv, line, fields, err);
}

void csv_add(struct str *out, const char *text)
{
    bool quoted = text && strpbrk(text, ",\"\n\r") != NULL;
    str_add(out, quoted ? "\"" : "");
    for (; text && *text; text++)
        str_addf(out, *text == '"' ? "\"%c" : "%c", *text);
    str_add(out, quoted ? "\"" : "");
}
