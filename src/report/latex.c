/* A sheet as a LaTeX table in booktabs' manner, to be read by \input. */
#include "report/latex.h"

#include "report/sheet.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* What LaTeX reads otherwise, or has no letter for. */
static const struct {
    const char *plain, *latex;
} special[] = {
    {"\\", "\\textbackslash{}"},
    {"~", "\\textasciitilde{}"},
    {"[", "{[}"}, /* at the begin of a row they would belong to the end of the one before */
    {"*", "{*}"},
    {"^", "\\textasciicircum{}"},
    {"±", "$\\pm$"},
    {"–", "--"},
    {"≥", "$\\ge$"},
    {"≤", "$\\le$"},
    {"<", "$<$"},
    {">", "$>$"},
    {"×", "$\\times$"},
    {"√", "$\\surd$"},
    {"−", "$-$"},
    {"λ", "$\\lambda$"},
    {"γ", "$\\gamma$"},
    {"ξ", "$\\xi$"},
    {"\"", "\\textquotedbl{}"},
};

/* In place of bytes that are no UTF-8. */
enum { NO_LETTER = 0xFFFD };

/* The length of the UTF-8 letter at text, and its number. */
static size_t read_letter(const char *text, unsigned *letter)
{
    unsigned char first = (unsigned char)*text;
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    *letter = first < 0x80 ? first : length == 1 ? NO_LETTER : first & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80) {
            *letter = NO_LETTER;
            return i;
        }
        *letter = *letter << 6 | ((unsigned char)text[i] & 0x3F);
    }
    return length;
}

/* Latin letters are in LaTeX's fonts, but for these. */
static bool has_glyph(unsigned letter)
{
    static const unsigned absent[] = {0x126, 0x127, 0x138, 0x13F, 0x140,
                                      0x149, 0x166, 0x167, 0x17F};
    for (size_t i = 0; i < sizeof(absent) / sizeof(*absent); i++)
        if (letter == absent[i])
            return false;
    return letter >= 0xC0 && letter <= 0x17F;
}

/* Of a letter without a glyph the number is shown, since LaTeX would stop at it. */
static void add_letter(struct str *out, const char *text, size_t length, unsigned letter)
{
    if (letter < ' ' || letter == 0x7f)
        str_add_char(out, ' ');
    else if (letter >= 0x80 && !has_glyph(letter))
        str_addf(out, "{[}U+%04X]", letter);
    else {
        if (letter < 0x80 && strchr("&%$#_{}", (int)letter))
            str_add_char(out, '\\');
        str_add_bytes(out, text, length);
    }
}

/* A line break, but none that would make an empty line: that ends a paragraph, and no caption or
 * heading may hold an end of one. */
static bool is_break(const char *text)
{
    return *text == '\n' && !isspace((unsigned char)text[1]);
}

void latex_add(struct str *out, const char *text)
{
    while (*text) {
        size_t i = 0, count = sizeof(special) / sizeof(*special);
        while (i < count && strncmp(text, special[i].plain, strlen(special[i].plain)) != 0)
            i++;
        if (i < count) {
            str_add(out, special[i].latex);
            text += strlen(special[i].plain);
            continue;
        }
        unsigned letter;
        size_t length = read_letter(text, &letter);
        if (is_break(text))
            str_add_char(out, '\n');
        else
            add_letter(out, text, length, letter);
        text += length;
    }
}

static void add_entry(const struct sheet_column *column, const struct sheet_entry *entry,
                      struct str *out)
{
    if (!entry->filled) {
        str_add(out, "--");
    } else if (column->text) {
        latex_add(out, entry->text);
    } else {
        str_add_char(out, '$');
        sheet_add_value(column, entry->mean, out);
        if (column->deviation && !isnan(entry->std)) {
            str_add(out, " \\pm ");
            str_add_fixed(out, entry->std, column->decimals);
        }
        str_add_char(out, '$');
    }
}

/* The line of group names, with a rule under each; nothing where no column has a group. */
static void add_groups(const struct sheet *sheet, struct str *out)
{
    struct str rules = {0};
    struct str heads = {0};
    for (size_t begin = 0, end; begin < sheet->column_count; begin = end) {
        end = sheet_group_end(sheet, begin);
        str_add(&heads, begin ? " & " : "");
        if (!sheet->columns[begin].group)
            continue;
        str_addf(&heads, "\\multicolumn{%zu}{c}{", end - begin);
        latex_add(&heads, sheet->columns[begin].group);
        str_add_char(&heads, '}');
        str_addf(&rules, "\\cmidrule(lr){%zu-%zu}", begin + 1, end);
    }
    if (rules.length)
        str_addf(out, "%s \\\\\n%s\n", heads.text, rules.text);
    str_free(&heads);
    str_free(&rules);
}

static void add_heads(const struct sheet *sheet, struct str *out)
{
    add_groups(sheet, out);
    for (size_t i = 0; i < sheet->column_count; i++) {
        str_add(out, i ? " & " : "");
        latex_add(out, sheet->columns[i].head);
    }
    str_add(out, " \\\\\n\\midrule\n");
}

static void add_row(const struct sheet *sheet, const struct sheet_row *row, struct str *out)
{
    if (row->ruled)
        str_add(out, "\\midrule\n");
    for (size_t i = 0; i < sheet->column_count; i++) {
        str_add(out, i ? " & " : "");
        if (i && row->remark) {
            str_addf(out, "\\multicolumn{%zu}{l}{\\emph{", sheet->column_count - 1);
            latex_add(out, row->remark);
            str_add(out, "}}");
            break;
        }
        add_entry(&sheet->columns[i], &row->entries[i], out);
    }
    str_add(out, " \\\\\n");
}

/* The paragraph, then the notes, small. */
static void add_notes(const struct sheet *sheet, struct str *out)
{
    if (!sheet->note_count && !sheet->says.length)
        return;
    str_add(out, "\\par\\smallskip\n\\begin{minipage}{\\linewidth}\\footnotesize\n");
    latex_add(out, sheet->says.length ? sheet->says.text : "");
    str_add(out, sheet->says.length && sheet->note_count ? "\\par\\smallskip\n" : "");
    for (size_t i = 0; i < sheet->note_count; i++) {
        latex_add(out, sheet->notes[i]);
        str_add(out, i + 1 < sheet->note_count ? "\\\\\n" : "\n");
    }
    str_add(out, "\\end{minipage}\n");
}

void sheet_latex(const struct sheet *sheet, struct str *out)
{
    str_add(out, "% Made by \"seki report\". Needs \\usepackage{booktabs,graphicx}.\n"
                 "\\begin{table}\n\\centering\n");
    str_add(out, "\\caption{");
    latex_add(out, sheet->caption ? sheet->caption : sheet->name);
    str_add(out, "}\n");
    str_addf(out, "\\label{tab:%s}\n", sheet->name);
    str_add(out, "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%\n"
                 "\\begin{tabular}{");
    for (size_t i = 0; i < sheet->column_count; i++)
        str_add_char(out, sheet->columns[i].text ? 'l' : 'r');
    str_add(out, "}\n\\toprule\n");
    add_heads(sheet, out);
    for (size_t i = 0; i < sheet->row_count; i++)
        add_row(sheet, &sheet->rows[i], out);
    str_add(out, "\\bottomrule\n\\end{tabular}}\n");
    add_notes(sheet, out);
    str_add(out, "\\end{table}\n");
}
