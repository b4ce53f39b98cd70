/* The architectures found, one of each method, drawn as graphs: an edge for each operation that is
 * there. */
#include "report/kinds.h"

#include "base/log.h"
#include "base/mem.h"
#include "report/cells.h"
#include "report/figure.h"
#include "report/say.h"
#include "space/space.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option options[] = {OPTION_CELLS,
                                        OPTION_LABEL,
                                        {"run", OPTION_CHOICE, "\"median\"", 0, 0, "median|best",
                                         "whose answer is drawn: that of the run in the middle by "
                                         "the score of its answer (the lower of "
                                         "two, the first seed of equal ones), or of the best"},
                                        {.key = NULL}};

/* Of a column of text (3.5 inches), with every node in the same place whatever edges there are. */
static const char head[] =
    "  graph [rankdir=LR, nodesep=0.1, ranksep=0.28, margin=0, pad=0.03, labeljust=l,\n"
    "         fontname=\"Helvetica\", fontsize=8, penwidth=0];\n"
    "  node [shape=circle, fixedsize=true, width=0.18, fontname=\"Helvetica\", fontsize=7,\n"
    "        penwidth=0.6];\n"
    "  edge [fontname=\"Helvetica\", fontsize=7, arrowsize=0.4, penwidth=1];\n";

/* By choice, for eyes that see few colours (Okabe and Ito 2008); what stands at an edge says it
 * too.
 */
static const char *const colours[] = {"#000000", "#999999", "#56B4E9", "#0072B2",
                                      "#E69F00", "#009E73", "#D55E00", "#CC79A7"};
enum { COLOURS = sizeof(colours) / sizeof(*colours) };

static double final_score(const struct logged_run *run)
{
    const struct logged_answer *answer = reader_answer(run, 0);
    return answer && answer->arch ? answer->search_score : -INFINITY;
}

static int worst_first(const void *a, const void *b)
{
    const struct logged_run *one = *(const struct logged_run *const *)a;
    const struct logged_run *other = *(const struct logged_run *const *)b;
    double x = final_score(one), y = final_score(other);
    if (x != y)
        return (x > y) - (x < y);
    return (one->seed > other->seed) - (one->seed < other->seed);
}

static const struct logged_run *choose(const struct cell_runs *cell, bool best)
{
    const struct logged_run **runs = mem_alloc(cell->run_count, sizeof(*runs));
    memcpy(runs, cell->runs, cell->run_count * sizeof(*runs));
    qsort(runs, cell->run_count, sizeof(*runs), worst_first);
    size_t at = best ? cell->run_count - 1 : (cell->run_count - 1) / 2;
    while (at > 0 && final_score(runs[at - 1]) == final_score(runs[at]))
        at--; /* the first seed of equal ones */
    const struct logged_run *chosen = runs[at];
    free(runs);
    return chosen;
}

static void add_escaped(struct str *out, const char *text)
{
    for (; *text; text++)
        str_addf(out, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
}

/* Two lines, flush left. */
static void add_label(struct str *out, const char *first, const char *second)
{
    str_add_char(out, '"');
    add_escaped(out, first);
    str_add(out, "\\l");
    add_escaped(out, second);
    str_add(out, "\\l\";\n");
}

/* A node of the number-th graph, where it is first mentioned. */
static void add_node(struct str *out, size_t number, const char *node)
{
    char *mention = mem_printf("    \"%zu.%s\" [label=", number, node);
    if (!strstr(out->text, mention))
        str_addf(out, "%s\"%s\"];\n", mention, node);
    free(mention);
}

/* An edge without anything in it is there, unseen, to keep the nodes in their places. */
static void add_edges(struct str *out, size_t number, const struct space *space,
                      const struct arch *arch)
{
    struct space_edge edges[ARCH_SLOTS];
    size_t count = space->edges(arch, edges);
    for (size_t i = 0; i < count; i++) {
        const struct space_edge *edge = &edges[i];
        uint8_t choice = arch->choice[edge->slot];
        const char *name = space->slots[edge->slot].choices[choice].name;
        add_node(out, number, edge->from);
        add_node(out, number, edge->to);
        str_addf(out, "    \"%zu.%s\" -> \"%zu.%s\" ", number, edge->from, number, edge->to);
        if (space->absent && strcmp(name, space->absent) == 0)
            str_add(out, "[style=invis];\n");
        else
            str_addf(out, "[label=\"%s\", color=\"%s\"];\n", name, colours[choice % COLOURS]);
    }
}

/* "91.58% validation, 94.37% test, rank 2 of 15625"; the caller frees. */
static char *merits(const struct cell_runs *cell, const struct logged_answer *answer)
{
    const struct logged_score *score = reader_score(answer, cell->dataset);
    const struct ranks *space = &cell->logs[0].space;
    struct str text = {0};
    metric_add_score(&cell->metric, answer->search_score, &text);
    str_add(&text, " validation");
    if (score && !isnan(score->test_score)) {
        str_add(&text, ", ");
        metric_add_score(&cell->report_metric, score->test_score, &text);
        str_add(&text, " test");
    }
    if (space->count) {
        bool exact;
        double rank = ranks_of(space, answer->search_score, &exact);
        str_addf(&text, ", rank %s%.0f of %zu", exact ? "" : "about ", rank, space->count);
    }
    return str_steal(&text);
}

/* What is drawn of a cell. */
struct found {
    const char *arch;    /* digits; NULL: nothing */
    char *whose, *merit; /* the lines above it */
};

static struct found find(const struct cell_runs *cell, const json_t *settings)
{
    const char *which = option_text(settings, "run");
    const struct logged_run *run = choose(cell, strcmp(which, "best") == 0);
    const struct logged_answer *answer = reader_answer(run, 0);
    char *label = cells_label(cell, option_text(settings, "label"), NULL);
    struct found found = {.arch = answer->arch};
    if (cell->run_count > 1)
        found.whose =
            mem_printf("%s, %s of %zu runs (seed %zu)", label, which, cell->run_count, run->seed);
    else
        found.whose = mem_printf("%s, its only run (seed %zu)", label, run->seed);
    found.merit = answer->arch ? merits(cell, answer) : mem_strdup("no valid architecture");
    free(label);
    return found;
}

/* The graph of what was found, in a box of its own. */
static bool add_graph(struct figure *figure, const struct cell_runs *cell, size_t number,
                      const struct found *found, struct err *err)
{
    struct err why = {0};
    struct arch arch;
    const struct space *space = space_require(cell->space, &why);
    if (!space || !space_read(space, found->arch, &arch, &why))
        return err_set(err, ERR_INPUT, "%s: %s: %s", figure->name, cell->id, why.text);
    str_addf(&figure->data, "  subgraph \"cluster%zu\" {\n    label=", number);
    add_label(&figure->data, found->whose, found->merit);
    add_edges(&figure->data, number, space, &arch);
    str_add(&figure->data, "  }\n");
    figure->line_count++;
    return true;
}

static bool add_graphs(struct figure *figure, const struct cell_runs *const *cells,
                       const json_t *settings, struct err *err)
{
    struct found *found = NULL;
    size_t count = 0, capacity = 0;
    bool ok = true;
    for (; cells[count]; count++) {
        MEM_GROW(found, count, capacity);
        found[count] = (struct found){0};
        if (!cells[count]->run_count) {
            log_warn("%s: %s has no finished run and no graph", figure->name, cells[count]->id);
            continue;
        }
        found[count] = find(cells[count], settings);
        say(&figure->says, "%s: %s%s%s.", found[count].whose,
            found[count].arch ? found[count].arch : "", found[count].arch ? ", " : "",
            found[count].merit);
    }
    for (size_t i = count; i > 0; i--) { /* graphviz puts the first one lowest */
        if (ok && found[i - 1].arch)
            ok = add_graph(figure, cells[i - 1], i, &found[i - 1], err);
        free(found[i - 1].whose);
        free(found[i - 1].merit);
    }
    free(found);
    return ok;
}

static bool draw(const struct report *report, const json_t *settings, struct err *err)
{
    const struct cell_runs **cells = cells_select(report, settings, err);
    if (!cells)
        return false;
    struct figure figure = figure_begin_graph(option_text(settings, "name"));
    str_addf(&figure.data, "digraph \"%s\" {\n%s", figure.name, head);
    bool ok = add_graphs(&figure, cells, settings, err);
    str_add(&figure.data, "}\n");
    say(&figure.says, "One answer of each method is drawn, which says nothing of how its answers "
                      "differ.");
    say_cells(&figure.says, cells, option_text(settings, "label"), NULL);
    ok = ok && report_put_figure(report, settings, &figure, NULL, err);
    figure_free(&figure);
    free(cells);
    return ok;
}

const struct report_type cells_figure = {
    .name = "cells",
    .summary = "the architecture that each method found, as a graph, with its scores and rank",
    .options = options,
    .draw = draw,
};
