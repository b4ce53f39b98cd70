/* A sheet as a Markdown file: title, caption, table in aligned columns, notes. */
#include "report/sheet.h"

#include "base/mem.h"

#include <stdlib.h>

/* Places that a text takes on a terminal: its bytes, but for those that continue a UTF-8 letter. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

static void add_spaces(struct str *out, size_t count, char fill)
{
    for (; count > 0; count--)
        str_add_char(out, fill);
}

static void add_padded(struct str *out, const char *text, size_t width, bool left)
{
    size_t own = width_of(text), padding = width > own ? width - own : 0;
    if (!left)
        add_spaces(out, padding, ' ');
    str_add(out, text);
    if (left)
        add_spaces(out, padding, ' ');
}

/* A text as a cell of the table: its bars escaped, on one line. The caller frees. */
static char *cell_text(const char *plain)
{
    struct str text = {0};
    for (const char *c = plain; *c; c++)
        str_addf(&text, *c == '|' ? "\\%c" : "%c", *c == '\n' ? ' ' : *c);
    return str_steal(&text);
}

/* What stands in an entry. */
static char *entry_text(const struct sheet_column *column, const struct sheet_entry *entry)
{
    char *plain = sheet_entry_text(column, entry), *text = cell_text(plain);
    free(plain);
    return text;
}

static char *head_text(const struct sheet_column *column)
{
    return column->group ? mem_printf("%s %s", column->group, column->head)
                         : mem_strdup(column->head);
}

static size_t column_width(const struct sheet *sheet, size_t column)
{
    char *head = head_text(&sheet->columns[column]);
    size_t width = width_of(head);
    free(head);
    for (size_t i = 0; i < sheet->row_count; i++) {
        char *text = entry_text(&sheet->columns[column], &sheet->rows[i].entries[column]);
        width = width_of(text) > width ? width_of(text) : width;
        free(text);
    }
    return width < 3 ? 3 : width; /* "---" */
}

static void add_heads(const struct sheet *sheet, const size_t *widths, struct str *out)
{
    for (size_t i = 0; i < sheet->column_count; i++) {
        char *head = head_text(&sheet->columns[i]);
        str_add(out, "| ");
        add_padded(out, head, widths[i], sheet->columns[i].text);
        str_add_char(out, ' ');
        free(head);
    }
    str_add(out, "|\n");
    for (size_t i = 0; i < sheet->column_count; i++) {
        str_add(out, "| ");
        add_spaces(out, widths[i] - !sheet->columns[i].text, '-');
        str_add(out, sheet->columns[i].text ? " " : ": ");
    }
    str_add(out, "|\n");
}

/* A remark stands in the second column and leaves the others empty. */
static void add_row(const struct sheet *sheet, const struct sheet_row *row, const size_t *widths,
                    struct str *out)
{
    for (size_t i = 0; i < sheet->column_count; i++) {
        char *text = !row->remark || i == 0 ? entry_text(&sheet->columns[i], &row->entries[i])
                                            : cell_text(i == 1 ? row->remark : "");
        str_add(out, "| ");
        add_padded(out, text, widths[i], sheet->columns[i].text);
        str_add_char(out, ' ');
        free(text);
    }
    str_add(out, "|\n");
}

void sheet_markdown(const struct sheet *sheet, struct str *out)
{
    size_t *widths = mem_alloc(sheet->column_count, sizeof(*widths));
    for (size_t i = 0; i < sheet->column_count; i++)
        widths[i] = column_width(sheet, i);
    str_addf(out, "# %s\n\n", sheet->name);
    if (sheet->caption)
        str_addf(out, "%s\n\n", sheet->caption);
    add_heads(sheet, widths, out);
    for (size_t i = 0; i < sheet->row_count; i++)
        add_row(sheet, &sheet->rows[i], widths, out);
    if (sheet->says.length)
        str_addf(out, "\n%s", sheet->says.text);
    for (size_t i = 0; i < sheet->note_count; i++)
        str_addf(out, "%s- %s\n", i ? "" : "\n", sheet->notes[i]);
    free(widths);
}
