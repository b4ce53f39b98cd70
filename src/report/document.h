/* Everything that one call of "seki report" draws, once more in one document: study by study its
 * tables and figures, what they say, where the numbers come from, and the experiments as resolved.
 *
 * It has two forms. report.html is one file that needs no other, for a telephone, a wide screen
 * and paper. report.tex is an article that includes the figures lying beside it. Neither holds a
 * time of making, so the same logs give the same bytes.
 *
 * To add a form: (1) write report/<name>.c with one const struct document_form, (2) name it in
 * forms[] in document.c, (3) add it to local.mk, (4) give it a case in tests/report/. */
#ifndef REPORT_DOCUMENT_H
#define REPORT_DOCUMENT_H

#include "report/figure.h"
#include "report/sheet.h"

struct document;

struct document *document_begin(void);
void document_free(struct document *document); /* NULL is allowed */

/* Begins a study, or a part of one under a heading; what follows belongs to it. The name is one of
 * letters, digits, - and _, since it is an id of both forms. */
void document_study(struct document *document, const char *name, const char *title);
void document_heading(struct document *document, const char *heading);

void document_table(struct document *document, const struct sheet *sheet);
/* Reads <folder>/<name>.svg. False and *err when it is not there, or is no drawing. */
bool document_figure(struct document *document, const struct figure *figure, const char *folder,
                     struct err *err) MUST_CHECK;
/* The experiment of each of count cells, every key filled in. */
void document_settings(struct document *document, const char *const *cells,
                       const json_t *const *resolved, size_t count);
void document_fault(struct document *document, const char *sentence); /* what is missing, and why */

/* Writes <folder>/report.html and report.tex, and names each on stdout. */
bool document_write(const struct document *document, const char *folder,
                    struct err *err) MUST_CHECK;

/* -- for forms -- */

struct pages {
    struct str contents; /* what the table of contents is made of, where a form writes its own */
    struct str body;
    size_t figures; /* so far */
};

struct document_form {
    const char *file; /* "report.html" */
    void (*study)(struct pages *pages, const char *name, const char *title);
    void (*heading)(struct pages *pages, const char *heading);
    void (*table)(struct pages *pages, const struct sheet *sheet);
    void (*figure)(struct pages *pages, const struct figure *figure, const char *svg);
    void (*settings)(struct pages *pages, const char *const *cells, const json_t *const *resolved,
                     size_t count);
    void (*fault)(struct pages *pages, const char *sentence);
    void (*finish)(const struct pages *pages, struct str *out); /* the whole file */
};

extern const struct document_form document_html, document_article;

#endif
