#include "report/say.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void say(struct str *says, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *sentence = mem_vprintf(format, args);
    va_end(args);
    str_addf(says, "%s\n", sentence);
    free(sentence);
}

void names_add(struct names *names, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *name = mem_vprintf(format, args);
    va_end(args);
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->list[i], name) == 0) {
            free(name);
            return;
        }
    MEM_GROW(names->list, names->count, names->capacity);
    names->list[names->count++] = name;
}

char *names_join(struct names *names)
{
    struct str text = {0};
    for (size_t i = 0; i < names->count; i++) {
        bool last = i + 1 == names->count;
        str_addf(&text, "%s%s", i == 0 ? "" : last ? " and " : ", ", names->list[i]);
        free(names->list[i]);
    }
    free(names->list);
    *names = (struct names){0};
    return str_steal(&text);
}

const char *say_runs(size_t count)
{
    return count == 1 ? "run" : "runs";
}

char *say_p(double p)
{
    return p < 0.0001 ? mem_strdup("p < 0.0001") : mem_printf("p = %.4f", p);
}

char *say_number(double value, int decimals)
{
    struct str text = {0};
    str_add_fixed(&text, value, decimals);
    return str_steal(&text);
}

/* -- what holds of any drawing -- */

/* How many runs the cells that have some rest on. */
static void say_run_counts(struct str *says, const struct cell_runs *const *cells, const char *axis,
                           const char *left_out)
{
    size_t fewest = SIZE_MAX, most = 0, without = 0;
    struct names names = {0};
    for (size_t i = 0; cells[i]; i++) {
        size_t runs = cells[i]->run_count;
        without += !runs;
        fewest = runs && runs < fewest ? runs : fewest;
        most = runs > most ? runs : most;
    }
    for (size_t i = 0; cells[i]; i++)
        if (cells[i]->run_count == fewest) {
            char *label = cells_label(cells[i], axis, left_out);
            names_add(&names, "%s", label);
            free(label);
        }
    char *few = names_join(&names);
    if (most && fewest == most)
        say(says, "Each method%s has %zu finished %s%s.", without ? " that is run" : "", most,
            say_runs(most),
            most == 1 ? ", so nothing is known of how much a run differs from another" : "");
    else if (most)
        say(says, "The fewest finished runs, %zu, are those of %s; the most are %zu.%s", fewest,
            few, most, fewest == 1 ? " One run has no deviation." : "");
    free(few);
}

/* The models that answered a cell, or the record of them. */
static void say_sources(struct str *says, const struct cell_runs *const *cells, const char *axis,
                        const char *left_out)
{
    struct names replayed = {0}, scripted = {0}, models = {0};
    for (; *cells; cells++) {
        if (!(*cells)->run_count || !(*cells)->asks_llm)
            continue;
        char *label = cells_label(*cells, axis, left_out);
        const char *model = cells_model(*cells);
        if ((*cells)->scripted) {
            names_add(&scripted, "%s", label);
        } else if (strcmp((*cells)->source, "replayed") == 0) {
            names_add(&replayed, "%s", label);
            names_add(&models, "%s", model ? model : "a model without a name");
        }
        free(label);
    }
    char *who = names_join(&replayed), *rules = names_join(&scripted), *what = names_join(&models);
    if (*who)
        say(says,
            "The runs of %s are answered by recorded replies of %s: they show that recording, and "
            "no other model or draw.",
            who, what);
    if (*rules)
        say(says, "In %s a set of rules answered in place of an LLM: this says nothing of any LLM.",
            rules);
    free(who);
    free(rules);
    free(what);
}

enum { REASONS_SAID = 3 }; /* of more cells without runs the reason of the first stands for all */

/* The cells without runs, and why they have none. */
static void say_not_run(struct str *says, const struct cell_runs *const *cells, size_t count)
{
    struct names names = {0};
    char *first = NULL; /* which, and why */
    for (size_t i = 0; cells[i]; i++) {
        if (cells[i]->run_count)
            continue;
        char *reason = cells_reason(cells[i]);
        if (count <= REASONS_SAID)
            say(says, "%s is not run (%s), so nothing is known of it.", cells[i]->id, reason);
        else
            names_add(&names, "%s", cells[i]->id);
        first = first ? first : mem_printf("%s: %s", cells[i]->id, reason);
        free(reason);
    }
    char *all = names_join(&names);
    if (*all)
        say(says, "Not run, so nothing is known of them: %s. The reason of %s.", all, first);
    free(all);
    free(first);
}

static void say_what_is_missing(struct str *says, const struct cell_runs *const *cells)
{
    size_t without = 0;
    for (size_t i = 0; cells[i]; i++) {
        const struct cell_runs *cell = cells[i];
        without += !cell->run_count;
        if (cell->run_count && cell->run_count < cell->planned)
            say(says, "%s: %zu of %zu runs finished; the others are left out.", cell->id,
                cell->run_count, cell->planned);
    }
    say_not_run(says, cells, without);
}

void say_cells(struct str *says, const struct cell_runs *const *cells, const char *axis,
               const char *left_out)
{
    say_run_counts(says, cells, axis, left_out);
    say_sources(says, cells, axis, left_out);
    say_what_is_missing(says, cells);
}
