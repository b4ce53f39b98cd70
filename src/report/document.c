#include "report/document.h"

#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SVG_CEILING = 64 << 20 };

static const struct document_form *const forms[] = {&document_html, &document_article};
enum { FORMS = sizeof(forms) / sizeof(*forms) };

struct document {
    struct pages pages[FORMS];
};

struct document *document_begin(void)
{
    return mem_alloc(1, sizeof(struct document));
}

void document_free(struct document *document)
{
    for (size_t i = 0; document && i < FORMS; i++) {
        str_free(&document->pages[i].contents);
        str_free(&document->pages[i].body);
    }
    free(document);
}

void document_study(struct document *document, const char *name, const char *title)
{
    for (size_t i = 0; i < FORMS; i++)
        forms[i]->study(&document->pages[i], name, title);
}

void document_heading(struct document *document, const char *heading)
{
    for (size_t i = 0; i < FORMS; i++)
        forms[i]->heading(&document->pages[i], heading);
}

void document_table(struct document *document, const struct sheet *sheet)
{
    for (size_t i = 0; i < FORMS; i++)
        forms[i]->table(&document->pages[i], sheet);
}

bool document_figure(struct document *document, const struct figure *figure, const char *folder,
                     struct err *err)
{
    char *path = mem_printf("%s/%s.svg", folder, figure->name);
    char *svg = file_read(path, SVG_CEILING, NULL, err);
    bool ok = svg && (strstr(svg, "<svg") ||
                      err_set(err, ERR_INPUT, "%s: found no <svg>, expected a drawing", path));
    for (size_t i = 0; ok && i < FORMS; i++) {
        document->pages[i].figures++;
        forms[i]->figure(&document->pages[i], figure, svg);
    }
    free(path);
    free(svg);
    return ok;
}

void document_settings(struct document *document, const char *const *cells,
                       const json_t *const *resolved, size_t count)
{
    for (size_t i = 0; i < FORMS; i++)
        forms[i]->settings(&document->pages[i], cells, resolved, count);
}

void document_fault(struct document *document, const char *sentence)
{
    for (size_t i = 0; i < FORMS; i++)
        forms[i]->fault(&document->pages[i], sentence);
}

bool document_write(const struct document *document, const char *folder, struct err *err)
{
    for (size_t i = 0; i < FORMS; i++) {
        struct str out = {0};
        char *path = file_join(folder, forms[i]->file);
        forms[i]->finish(&document->pages[i], &out);
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
