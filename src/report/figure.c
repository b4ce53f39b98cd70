#include "report/figure.h"

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct figure figure_begin(const char *name, const char *head)
{
    struct figure figure = {.name = mem_strdup(name)};
    str_addf(&figure.data, "%s\n", head);
    return figure;
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
    str_add(&figure->data, text);
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

/* What gnuplot says, up to what fits a sentence, with its line ends made spaces. */
static void read_complaint(int pipe_end, char *text, size_t room)
{
    size_t length = 0;
    char rest[512];
    for (ssize_t got; length + 1 < room; length += (size_t)got)
        if ((got = read(pipe_end, text + length, room - 1 - length)) <= 0)
            break;
    while (read(pipe_end, rest, sizeof(rest)) > 0)
        continue; /* so that it never waits for us */
    text[length] = '\0';
    for (char *c = text; *c; c++)
        *c = *c == '\n' ? ' ' : *c;
}

static bool run_gnuplot(const char *variables, const char *script, struct err *err)
{
    const char *chosen = getenv("GNUPLOT"), *gnuplot = chosen ? chosen : GNUPLOT;
    const char *const argv[] = {gnuplot, "-d", "-e", variables, script, NULL};
    posix_spawn_file_actions_t actions;
    char complaint[400];
    int ends[2], status;
    pid_t child;
    if (pipe(ends) != 0)
        return err_set(err, ERR_IO, "gnuplot: no pipe to it: %s", strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    int failure =
        posix_spawnp(&child, gnuplot, &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (!failure)
        read_complaint(ends[0], complaint, sizeof(complaint));
    close(ends[0]);
    if (failure)
        return err_set(err, ERR_TOOL,
                       "%s cannot be run (%s): figures are not drawn; install gnuplot", gnuplot,
                       strerror(failure));
    if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return err_set(err, ERR_TOOL, "%s: gnuplot failed: %s", script, complaint);
    return true;
}

/* gnuplot draws beside the places of the figures; then they are renamed. */
static bool take_drawings(const char *drawn, const char *place, struct err *err)
{
    static const char *const endings[] = {"svg", "pdf", "png"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
        char *from = mem_printf("%s.%s", drawn, endings[i]);
        char *to = mem_printf("%s.%s", place, endings[i]);
        bool ok = rename(from, to) == 0 ||
                  err_set(err, ERR_IO, "%s: cannot write: %s", to, strerror(errno));
        if (ok)
            puts(to);
        free(from);
        free(to);
        if (!ok)
            return false;
    }
    return true;
}

bool figure_draw(const struct figure *figure, const char *script, const char *folder,
                 struct err *err)
{
    if (!figure->line_count) {
        log_warn("%s: no finished run to draw it from", figure->name);
        return true;
    }
    struct str variables = {0};
    char *place = file_join(folder, figure->name), *drawn = file_beside(place);
    char *data = mem_printf("%s.csv", place), *name = mem_printf("plots/%s.gp", script);
    char *path = file_find_data(name, err), *style = file_find_data("plots/style.gp", err);
    bool ok = path && style && file_write(data, figure->data.text, figure->data.length, err);
    if (ok) {
        puts(data);
        set_text(&variables, "style", style);
        set_text(&variables, "data", data);
        set_text(&variables, "out", drawn);
        str_addf(&variables, "letters=%zu; ", figure->label_letters);
        str_add_bytes(&variables, figure->variables.text, figure->variables.length);
        ok = run_gnuplot(variables.text, path, err) && take_drawings(drawn, place, err);
    }
    str_free(&variables);
    free(place);
    free(drawn);
    free(data);
    free(name);
    free(path);
    free(style);
    return ok;
}
