#include "report/sheet.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/option.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *copy(const char *text)
{
    return text ? mem_strdup(text) : NULL;
}

struct sheet sheet_begin(const json_t *settings)
{
    return (struct sheet){.name = copy(option_text(settings, "name")),
                          .caption = copy(option_text(settings, "caption"))};
}

static void free_column(struct sheet_column *column)
{
    const char *const texts[] = {column->head, column->group, column->metric, column->split};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        free((char *)(uintptr_t)texts[i]);
}

static void free_row(struct sheet_row *row, size_t column_count)
{
    for (size_t i = 0; i < column_count; i++) {
        free(row->entries[i].text);
        free(row->entries[i].dataset);
        free(row->entries[i].searched_on);
        free(row->entries[i].budget);
        free(row->entries[i].source);
    }
    free(row->entries);
    free(row->strategy);
    free(row->space);
    free(row->remark);
}

void sheet_free(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->column_count; i++)
        free_column(&sheet->columns[i]);
    for (size_t i = 0; i < sheet->row_count; i++)
        free_row(&sheet->rows[i], sheet->column_count);
    for (size_t i = 0; i < sheet->note_count; i++)
        free(sheet->notes[i]);
    str_free(&sheet->says);
    free(sheet->columns);
    free(sheet->rows);
    free(sheet->notes);
    free(sheet->name);
    free(sheet->caption);
    *sheet = (struct sheet){0};
}

size_t sheet_column(struct sheet *sheet, const struct sheet_column *column)
{
    MEM_GROW(sheet->columns, sheet->column_count, sheet->column_capacity);
    struct sheet_column *own = &sheet->columns[sheet->column_count];
    *own = *column;
    own->head = copy(column->head);
    own->group = copy(column->group);
    own->metric = copy(column->metric);
    own->split = copy(column->split);
    return sheet->column_count++;
}

size_t sheet_text_column(struct sheet *sheet, const char *head)
{
    return sheet_column(sheet, &(struct sheet_column){.head = head, .text = true});
}

void sheet_columns(struct sheet *sheet, const struct sheet_column *columns, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sheet_column(sheet, &columns[i]);
}

struct sheet_row *sheet_row(struct sheet *sheet, const char *strategy, const char *space)
{
    MEM_GROW(sheet->rows, sheet->row_count, sheet->row_capacity);
    struct sheet_row *row = &sheet->rows[sheet->row_count++];
    *row = (struct sheet_row){.strategy = copy(strategy), .space = copy(space)};
    row->entries = mem_alloc(sheet->column_count, sizeof(*row->entries));
    return row;
}

void sheet_text(struct sheet_row *row, size_t column, const char *text)
{
    row->entries[column].text = copy(text);
    row->entries[column].filled = text != NULL;
}

void sheet_measure(struct sheet_row *row, size_t column, const struct summary *summary,
                   const struct sheet_origin *origin)
{
    if (isnan(summary->mean))
        return;
    row->entries[column] = (struct sheet_entry){.filled = true,
                                                .mean = summary->mean,
                                                .std = summary->std,
                                                .runs = summary->count,
                                                .dataset = copy(origin->dataset),
                                                .searched_on = copy(origin->searched_on),
                                                .budget = copy(origin->budget),
                                                .source = copy(origin->source)};
}

void sheet_value(struct sheet_row *row, size_t column, double value, size_t runs,
                 const struct sheet_origin *origin)
{
    sheet_measure(row, column, &(struct summary){.count = runs, .mean = value, .std = NAN}, origin);
}

void sheet_remark(struct sheet_row *row, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    row->remark = mem_vprintf(format, args);
    va_end(args);
}

void sheet_note(struct sheet *sheet, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *note = mem_vprintf(format, args);
    va_end(args);
    for (size_t i = 0; i < sheet->note_count; i++)
        if (strcmp(sheet->notes[i], note) == 0) {
            free(note);
            return;
        }
    MEM_GROW(sheet->notes, sheet->note_count, sheet->note_capacity);
    sheet->notes[sheet->note_count++] = note;
}

void sheet_add_value(const struct sheet_column *column, double value, struct str *out)
{
    bool tiny = value > 0 && value < column->least;
    str_add(out, tiny ? "<" : "");
    str_add_fixed(out, tiny ? column->least : value, column->decimals);
}

static bool same_group(const struct sheet_column *a, const struct sheet_column *b)
{
    return a->group && b->group && strcmp(a->group, b->group) == 0;
}

size_t sheet_group_end(const struct sheet *sheet, size_t begin)
{
    size_t end = begin + 1;
    while (end < sheet->column_count && same_group(&sheet->columns[begin], &sheet->columns[end]))
        end++;
    return end;
}

char *sheet_entry_text(const struct sheet_column *column, const struct sheet_entry *entry)
{
    struct str text = {0};
    if (!entry->filled) {
        str_add(&text, "–");
    } else if (column->text) {
        str_add(&text, entry->text);
    } else {
        sheet_add_value(column, entry->mean, &text);
        if (column->deviation && !isnan(entry->std)) {
            str_add(&text, " ± ");
            str_add_fixed(&text, entry->std, column->decimals);
        }
    }
    return str_steal(&text);
}

bool sheet_write(const struct sheet *sheet, const char *folder, struct err *err)
{
    static const struct {
        const char *ending;
        sheet_renderer *render;
    } forms[] = {{"md", sheet_markdown}, {"tex", sheet_latex}, {"csv", sheet_csv}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        struct str out = {0};
        char *path = mem_printf("%s/%s.%s", folder, sheet->name, forms[i].ending);
        forms[i].render(sheet, &out);
        bool ok = file_write(path, out.text, out.length, err);
        if (ok)
            puts(path);
        str_free(&out);
        free(path);
        if (!ok)
            return false;
    }
    return true;
}
