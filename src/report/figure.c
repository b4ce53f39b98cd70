#include "report/figure.h"

#include "base/csv.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "report/drawn.h"
#include "report/tool.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct figure figure_begin(const char *name, const char *head)
{
    struct figure figure = {.name = mem_strdup(name), .ending = "csv"};
    str_addf(&figure.data, "%s\n", head);
    return figure;
}

struct figure figure_begin_graph(const char *name)
{
    return (struct figure){.name = mem_strdup(name), .ending = "dot"};
}

void figure_free(struct figure *figure)
{
    free(figure->name);
    free(figure->caption);
    str_free(&figure->says);
    str_free(&figure->data);
    str_free(&figure->variables);
    *figure = (struct figure){0};
}

static void begin_field(struct figure *figure)
{
    if (figure->line_begun)
        str_add_char(&figure->data, ',');
    figure->line_begun = true;
}

void figure_add_text(struct figure *figure, const char *text)
{
    begin_field(figure);
    csv_add(&figure->data, text);
}

void figure_add_label(struct figure *figure, const char *text)
{
    size_t letters = strlen(text);
    figure_add_text(figure, text);
    if (letters > figure->label_letters)
        figure->label_letters = letters;
}

void figure_add_number(struct figure *figure, double number)
{
    begin_field(figure);
    if (!isnan(number))
        str_addf(&figure->data, "%.8g", number);
}

void figure_end_line(struct figure *figure)
{
    str_add_char(&figure->data, '\n');
    figure->line_begun = false;
    figure->line_count++;
}

/* In gnuplot's single quotes, where only the quote itself is special. */
static void set_text(struct str *variables, const char *variable, const char *text)
{
    str_addf(variables, "%s='", variable);
    for (; *text; text++)
        str_addf(variables, *text == '\'' ? "'%c" : "%c", *text);
    str_add(variables, "'; ");
}

void figure_set_text(struct figure *figure, const char *variable, const char *text)
{
    set_text(&figure->variables, variable, text);
}

void figure_set_number(struct figure *figure, const char *variable, double number)
{
    str_addf(&figure->variables, "%s=%.15g; ", variable, number);
}

void figure_set_metric(struct figure *figure, const struct metric *metric)
{
    figure_set_text(figure, "metric", metric->title);
    figure_set_text(figure, "epoch", metric_epoch_name(metric));
    figure_set_number(figure, "percent", metric->percent);
}

/* What draws does so beside the places of the figures; then they are renamed. */
static bool take_drawings(const char *drawn, const char *place, struct err *err)
{
    bool ok = true;
    for (const char *const *ending = drawn_endings; ok && *ending; ending++) {
        char *from = mem_printf("%s.%s", drawn, *ending), *to = mem_printf("%s.%s", place, *ending);
        ok = rename(from, to) == 0 ||
             err_set(err, ERR_IO, "%s: cannot write: %s", to, strerror(errno));
        free(from);
        free(to);
    }
    return ok;
}

static void name_drawings(const char *place)
{
    for (const char *const *ending = drawn_endings; *ending; ending++)
        printf("%s.%s\n", place, *ending);
}

static const char *chosen(const char *variable, const char *found)
{
    const char *value = getenv(variable);
    return value ? value : found;
}

/* The files that a plot is drawn by; the caller frees both. */
struct scripts {
    char *script, *style;
};

static bool find_scripts(const char *script, struct scripts *scripts, struct err *err)
{
    char *name = mem_printf("plots/%s.gp", script);
    scripts->script = file_find_data(name, err);
    scripts->style = scripts->script ? file_find_data("plots/style.gp", err) : NULL;
    free(name);
    return scripts->style != NULL;
}

static bool draw_plot(const struct figure *figure, const struct scripts *scripts, const char *data,
                      const char *drawn, struct err *err)
{
    struct str variables = {0};
    set_text(&variables, "style", scripts->style);
    set_text(&variables, "data", data);
    set_text(&variables, "out", drawn);
    str_addf(&variables, "letters=%zu; ", figure->label_letters);
    str_add_bytes(&variables, figure->variables.text, figure->variables.length);
    const char *const argv[] = {
        chosen("GNUPLOT", GNUPLOT), "-d", "-e", variables.text, scripts->script, NULL};
    bool ok = tool_run(argv, "gnuplot", scripts->script, err);
    str_free(&variables);
    return ok;
}

/* The size of a PNG's dots would be that of an SVG's points too, so each has a call of its own. */
static bool draw_graph(const char *data, const char *drawn, struct err *err)
{
    static const char *const forms[][2] = {
        {"svg", "-Gdpi=72"}, {"pdf", "-Gdpi=72"}, {"png", "-Gdpi=300"}};
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof(forms) / sizeof(*forms); i++) {
        char *out = mem_printf("-o%s.%s", drawn, forms[i][0]);
        char *form = mem_printf("-T%s", forms[i][0]);
        const char *const argv[] = {
            chosen("GRAPHVIZ_DOT", GRAPHVIZ_DOT), forms[i][1], form, out, data, NULL};
        ok = tool_run(argv, "graphviz", data, err);
        free(out);
        free(form);
    }
    return ok;
}

static void add_file(struct hash *hash, const char *path)
{
    size_t size = 0;
    char *text = file_read(path, FILE_CEILING, &size, NULL);
    hash_add(hash, text ? text : "", size);
    free(text);
}

/* Of all that decides what is drawn; scripts NULL: it is a graph. */
static struct digest inputs_of(const struct figure *figure, const struct scripts *scripts)
{
    struct hash *hash = hash_begin();
    drawn_add_program(hash,
                      scripts ? chosen("GNUPLOT", GNUPLOT) : chosen("GRAPHVIZ_DOT", GRAPHVIZ_DOT));
    if (scripts) {
        char *letters = mem_printf("letters=%zu; ", figure->label_letters);
        hash_add(hash, letters, strlen(letters));
        hash_add(hash, figure->variables.text ? figure->variables.text : "",
                 figure->variables.length);
        add_file(hash, scripts->script);
        add_file(hash, scripts->style);
        free(letters);
    }
    hash_add(hash, figure->data.text, figure->data.length);
    return hash_end(hash);
}

/* Where the last drawings are of the same inputs there is nothing to do. */
static bool draw_where_needed(const struct figure *figure, const struct scripts *scripts,
                              const char *folder, const char *place, const char *data,
                              struct err *err)
{
    struct digest inputs = inputs_of(figure, scripts);
    if (drawn_is_current(folder, figure->name, &inputs))
        return true;
    char *drawn = file_beside(place);
    bool ok =
        (scripts ? draw_plot(figure, scripts, data, drawn, err) : draw_graph(data, drawn, err)) &&
        take_drawings(drawn, place, err) && drawn_remember(folder, figure->name, &inputs, err);
    free(drawn);
    return ok;
}

bool figure_draw(const struct figure *figure, const char *script, const char *folder,
                 struct err *err)
{
    if (!figure->line_count) {
        log_warn("%s: no finished run has what it shows", figure->name);
        return true;
    }
    struct scripts scripts = {0};
    char *place = file_join(folder, figure->name);
    char *data = mem_printf("%s.%s", place, figure->ending);
    bool ok = file_write(data, figure->data.text, figure->data.length, err);
    if (ok)
        puts(data);
    ok = ok && (!script || find_scripts(script, &scripts, err)) &&
         draw_where_needed(figure, script ? &scripts : NULL, folder, place, data, err);
    if (ok)
        name_drawings(place);
    free(scripts.script);
    free(scripts.style);
    free(place);
    free(data);
    return ok;
}
