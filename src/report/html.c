/* The document as one HTML file: no script, nothing from elsewhere, figures as SVG in its text. */
#include "report/document.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const unsigned char style[] = {
#include "report/document.inc"
};

static void add_escaped(struct str *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            str_add(out, "&amp;");
        else if (*text == '<')
            str_add(out, "&lt;");
        else if (*text == '>')
            str_add(out, "&gt;");
        else if (*text == '"')
            str_add(out, "&quot;");
        else
            str_add_char(out, *text);
    }
}

/* Appends <element ...>text</element>, its attributes given with a space before them. */
static void add_element(struct str *out, const char *element, const char *attributes,
                        const char *text)
{
    str_addf(out, "<%s%s>", element, attributes);
    add_escaped(out, text);
    str_addf(out, "</%s>", element);
}

static void add_contents(struct pages *pages, const char *kind, const char *name,
                         const char *caption)
{
    str_addf(&pages->contents, "<li><a class=\"%s\" href=\"#%s-%s\">", kind, kind, name);
    add_escaped(&pages->contents, caption ? caption : name);
    str_add(&pages->contents, "</a></li>\n");
}

/* The sentences of a paragraph, one a line. */
static void add_says(struct str *out, const struct str *says)
{
    if (says->length)
        add_element(out, "p", " class=\"says\"", says->text);
}

static void add_study(struct pages *pages, const char *name, const char *title)
{
    str_add(&pages->contents, pages->contents.length ? "</ol></li>\n" : "");
    str_addf(&pages->contents, "<li><a href=\"#%s\">", name);
    add_escaped(&pages->contents, title);
    str_add(&pages->contents, "</a>\n<ol>\n");
    str_addf(&pages->body, "%s<section id=\"%s\">\n", pages->body.length ? "</section>\n" : "",
             name);
    add_element(&pages->body, "h2", "", title);
    str_add(&pages->body, "\n");
}

static void add_heading(struct pages *pages, const char *heading)
{
    add_element(&pages->body, "h3", "", heading);
    str_add(&pages->body, "\n");
}

/* -- tables -- */

/* The upper row of a head of two: groups, and the heads of columns without one. */
static void add_groups(const struct sheet *sheet, struct str *out)
{
    str_add(out, "<tr>");
    for (size_t i = 0, end; i < sheet->column_count; i = end) {
        const struct sheet_column *column = &sheet->columns[i];
        end = sheet_group_end(sheet, i);
        char *span = column->group ? mem_printf(" scope=\"colgroup\" colspan=\"%zu\"", end - i)
                                   : mem_printf(" scope=\"col\" rowspan=\"2\"%s",
                                                column->text ? " class=\"text\"" : "");
        add_element(out, "th", span, column->group ? column->group : column->head);
        free(span);
    }
    str_add(out, "</tr>\n");
}

static void add_heads(const struct sheet *sheet, struct str *out)
{
    bool grouped = false;
    for (size_t i = 0; i < sheet->column_count; i++)
        grouped = grouped || sheet->columns[i].group;
    str_add(out, "<thead>\n");
    if (grouped)
        add_groups(sheet, out);
    str_add(out, "<tr>");
    for (size_t i = 0; i < sheet->column_count; i++)
        if (!grouped || sheet->columns[i].group)
            add_element(out, "th",
                        sheet->columns[i].text ? " scope=\"col\" class=\"text\"" : " scope=\"col\"",
                        sheet->columns[i].head);
    str_add(out, "</tr>\n</thead>\n");
}

static void add_row(const struct sheet *sheet, const struct sheet_row *row, struct str *out)
{
    str_add(out, row->ruled ? "</tbody>\n<tbody>\n<tr>" : "<tr>");
    for (size_t i = 0; i < sheet->column_count; i++) {
        if (i && row->remark) {
            char *span = mem_printf(" class=\"text\" colspan=\"%zu\"", sheet->column_count - 1);
            add_element(out, "td", span, row->remark);
            free(span);
            break;
        }
        char *text = sheet_entry_text(&sheet->columns[i], &row->entries[i]);
        if (i == 0)
            add_element(out, "th", " scope=\"row\"", text);
        else
            add_element(out, "td", sheet->columns[i].text ? " class=\"text\"" : "", text);
        free(text);
    }
    str_add(out, "</tr>\n");
}

static void add_notes(const struct sheet *sheet, struct str *out)
{
    str_add(out, sheet->note_count ? "<ul class=\"notes\">\n" : "");
    for (size_t i = 0; i < sheet->note_count; i++) {
        add_element(out, "li", "", sheet->notes[i]);
        str_add(out, "\n");
    }
    str_add(out, sheet->note_count ? "</ul>\n" : "");
}

static void add_table(struct pages *pages, const struct sheet *sheet)
{
    struct str *out = &pages->body;
    add_contents(pages, "table", sheet->name, sheet->caption);
    str_addf(out, "<figure id=\"table-%s\">\n<figcaption class=\"table\" id=\"caption-%s\">",
             sheet->name, sheet->name);
    add_escaped(out, sheet->caption ? sheet->caption : sheet->name);
    str_addf(out,
             "</figcaption>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
             "aria-labelledby=\"caption-%s\">\n<table aria-labelledby=\"caption-%s\">\n",
             sheet->name, sheet->name);
    add_heads(sheet, out);
    str_add(out, "<tbody>\n");
    for (size_t i = 0; i < sheet->row_count; i++)
        add_row(sheet, &sheet->rows[i], out);
    str_add(out, "</tbody>\n</table>\n</div>\n");
    add_says(out, &sheet->says);
    add_notes(sheet, out);
    str_add(out, "</figure>\n");
}

/* -- figures -- */

/* Appends a drawing with prefix before every id in it: the ids of several drawings in one
 * file would be the same. */
static void add_drawing(struct str *out, const char *svg, const char *prefix)
{
    static const char *const marks[] = {"id=\"", "id='", "href='#", "url(#"};
    while (*svg) {
        size_t i = 0, count = sizeof(marks) / sizeof(*marks);
        while (i < count && strncmp(svg, marks[i], strlen(marks[i])) != 0)
            i++;
        if (i == count) {
            str_add_char(out, *svg++);
            continue;
        }
        str_addf(out, "%s%s", marks[i], prefix);
        svg += strlen(marks[i]);
    }
}

/* The text between begin and end, without them, and *rest behind it; NULL where there is none. */
static char *cut_out(const char *text, const char *begin, const char *end, const char **rest)
{
    const char *from = strstr(text, begin);
    const char *to = from ? strstr(from + strlen(begin), end) : NULL;
    if (!to)
        return NULL;
    *rest = to + strlen(end);
    return mem_strndup(from + strlen(begin), (size_t)(to - from) - strlen(begin));
}

/* Moves past the element of this name if text begins with it. */
static void skip_element(const char **text, const char *name)
{
    char *begin = mem_printf("<%s>", name), *end = mem_printf("</%s>", name);
    const char *at = *text + strspn(*text, " \n");
    if (strncmp(at, begin, strlen(begin)) == 0)
        free(cut_out(at, begin, end, text));
    free(begin);
    free(end);
}

static void add_svg(struct pages *pages, const struct figure *figure, const char *svg)
{
    struct str *out = &pages->body;
    const char *drawing = strstr(svg, "<svg");
    char *box = cut_out(drawing, "viewBox=\"", "\"", &drawing);
    free(cut_out(drawing, "", ">", &drawing)); /* the rest of the tag */
    skip_element(&drawing, "title");           /* gnuplot's own name */
    skip_element(&drawing, "desc");
    str_addf(out,
             "<svg viewBox=\"%s\" role=\"img\" aria-labelledby=\"title-%s\" "
             "xmlns:xlink=\"http://www.w3.org/1999/xlink\">\n",
             box ? box : "0 0 336 240", figure->name);
    str_addf(out, "<title id=\"title-%s\">", figure->name);
    add_escaped(out, figure->caption ? figure->caption : figure->name);
    str_add(out, "</title>");
    char *prefix = mem_printf("g%zu-", pages->figures);
    add_drawing(out, drawing, prefix);
    free(prefix);
    free(box);
}

static void add_figure(struct pages *pages, const struct figure *figure, const char *svg)
{
    struct str *out = &pages->body;
    add_contents(pages, "figure", figure->name, figure->caption);
    str_addf(out, "<figure id=\"figure-%s\">\n", figure->name);
    add_svg(pages, figure, svg);
    add_element(out, "figcaption", "", figure->caption ? figure->caption : figure->name);
    str_add(out, "\n");
    add_says(out, &figure->says);
    str_add(out, "</figure>\n");
}

/* -- the rest -- */

static void add_settings(struct pages *pages, const char *const *cells,
                         const json_t *const *resolved, size_t count)
{
    add_heading(pages, "Experiments, as resolved");
    for (size_t i = 0; i < count; i++) {
        char *text = json_dumps(resolved[i], JSON_INDENT(2) | JSON_REAL_PRECISION(15));
        str_add(&pages->body, "<details>");
        add_element(&pages->body, "summary", "", cells[i]);
        add_element(&pages->body, "pre", "", text);
        str_add(&pages->body, "</details>\n");
        free(text);
    }
}

static void add_fault(struct pages *pages, const char *sentence)
{
    add_element(&pages->body, "p", " class=\"fault\" role=\"alert\"", sentence);
    str_add(&pages->body, "\n");
}

static void finish(const struct pages *pages, struct str *out)
{
    str_add(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"color-scheme\" content=\"light dark\">\n"
                 "<title>seki: tables and figures</title>\n<style>\n");
    str_add_bytes(out, style, sizeof(style));
    str_add(out, "</style>\n</head>\n<body>\n<header><h1>seki: tables and figures</h1></header>\n"
                 "<nav aria-label=\"Contents\">\n");
    if (pages->contents.length)
        str_addf(out, "<ol>\n%s</ol></li>\n</ol>\n", pages->contents.text);
    str_add(out, "</nav>\n<main>\n");
    if (pages->body.length)
        str_addf(out, "%s</section>\n", pages->body.text);
    str_add(out, "</main>\n</body>\n</html>\n");
}

const struct document_form document_html = {
    .file = "report.html",
    .study = add_study,
    .heading = add_heading,
    .table = add_table,
    .figure = add_figure,
    .settings = add_settings,
    .fault = add_fault,
    .finish = finish,
};
