/* The document as a LaTeX article. It includes figures/<name>.pdf, so it is compiled in the folder
 * of results. */
#include "report/document.h"

#include "report/latex.h"

static void add_study(struct pages *pages, const char *name, const char *title)
{
    str_add(&pages->body, pages->body.length ? "\\clearpage\n" : "");
    str_add(&pages->body, "\\section{");
    latex_add(&pages->body, title);
    str_addf(&pages->body, "}\n\\label{sec:%s}\n", name);
}

static void add_heading(struct pages *pages, const char *heading)
{
    str_add(&pages->body, "\\subsection*{");
    latex_add(&pages->body, heading);
    str_add(&pages->body, "}\n");
}

static void add_table(struct pages *pages, const struct sheet *sheet)
{
    sheet_latex(sheet, &pages->body);
}

static void add_figure(struct pages *pages, const struct figure *figure, const char *svg)
{
    struct str *out = &pages->body;
    (void)svg; /* the PDF beside it is drawn from the same data */
    str_addf(out, "\\begin{figure}\n\\centering\n\\includegraphics{figures/%s.pdf}\n\\caption{",
             figure->name);
    latex_add(out, figure->caption ? figure->caption : figure->name);
    str_addf(out, "}\n\\label{fig:%s}\n", figure->name);
    if (figure->says.length) {
        str_add(out, "\\par\\smallskip\n\\begin{minipage}{\\linewidth}\\footnotesize\n");
        latex_add(out, figure->says.text);
        str_add(out, "\\end{minipage}\n");
    }
    str_add(out, "\\end{figure}\n");
}

/* Thousands of lines, which nobody prints. */
static void add_settings(struct pages *pages, const char *const *cells,
                         const json_t *const *resolved, size_t count)
{
    (void)cells;
    (void)resolved;
    str_addf(&pages->body,
             "\\par\\noindent The %zu experiments as resolved are in report.html, and in the first "
             "line of each run's log.\\par\n",
             count);
}

static void add_fault(struct pages *pages, const char *sentence)
{
    str_add(&pages->body, "\\par\\noindent\\textbf{");
    latex_add(&pages->body, sentence);
    str_add(&pages->body, "}\\par\n");
}

static void finish(const struct pages *pages, struct str *out)
{
    str_add(out, "% Made by \"seki report\"; compile it here: latexmk -pdf report.tex\n"
                 "\\documentclass[10pt]{article}\n"
                 "\\usepackage[T1]{fontenc}\n"
                 "\\IfFileExists{lmodern.sty}{\\usepackage{lmodern}}{}\n\\usepackage[a4paper,"
                 "margin=2cm]{geometry}\n"
                 "\\usepackage{booktabs,graphicx,float}\n"
                 "\\floatplacement{table}{H}\n\\floatplacement{figure}{H}\n"
                 "\\setlength{\\tabcolsep}{3pt}\n\\usepackage[hidelinks]{hyperref}\n"
                 "\\title{seki: tables and figures}\n\\author{}\n\\date{}\n"
                 "\\begin{document}\n\\maketitle\n\\tableofcontents\n\\clearpage\n");
    str_add(out, pages->body.length ? pages->body.text : "");
    str_add(out, "\\end{document}\n");
}

const struct document_form document_article = {
    .file = "report.tex",
    .study = add_study,
    .heading = add_heading,
    .table = add_table,
    .figure = add_figure,
    .settings = add_settings,
    .fault = add_fault,
    .finish = finish,
};
