/* The paragraph under a table or figure: what it shows and what it does not, said by the numbers
 * alone. It is kept as sentences, one a line, so that one changed number changes one line of a file
 * that is compared. No word in it judges what a number does not decide. */
#ifndef REPORT_SAY_H
#define REPORT_SAY_H

#include "base/str.h"
#include "report/cells.h"

/* Appends a sentence as a line of its own. */
void say(struct str *says, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A list of names on its way into a sentence. */
struct names {
    char **list;
    size_t count, capacity;
};

/* Unless it is in the list already. */
void names_add(struct names *names, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "a", "a and b", "a, b and c": the caller frees. The list is empty afterwards. */
char *names_join(struct names *names);

const char *say_runs(size_t count); /* "run" or "runs" */
/* "p < 0.0001", "p = 0.0312". The caller frees. */
char *say_p(double p);
/* With decimals, rounded as tables do. The caller frees. */
char *say_number(double value, int decimals);

/* What holds of any drawing of these cells (a list that ends in NULL): how many runs a row rests
 * on, whose runs were answered by a record or by rules, and which cells are not run, and why. Cells
 * are named by cells_label() with axis and left_out. */
void say_cells(struct str *says, const struct cell_runs *const *cells, const char *axis,
               const char *left_out);

/* -- who leads -- */

struct contender {
    const char *name;
    const double *scores; /* one a run, NaN where it has none */
    size_t count;
};

/* For who allocated the list and all in it. */
void contenders_free(struct contender *contenders, size_t count);

struct contest {
    const char *where; /* begins the sentence: "After 50 evaluations on CIFAR-10" */
    const char *score; /* "validation accuracy" */
    int decimals;
    bool lowest;  /* leads, else the highest mean does */
    bool tested;  /* also say by how much, with an interval, and from whom the leader differs */
    double bound; /* the space's optimum, which no score passes; NaN where it is not known */
};

/* What is asked about each cell, for every data set that was searched on and every budget. */
struct question {
    struct contest contest; /* where and bound are filled in */
    const char *split;      /* of scores: what they are called and their decimals are filled in */
    /* One score a run after at iterations (0: at the end), NaN where it has none; the caller
     * frees. NULL and *err when a run has no such score. */
    double *(*scores)(const struct cell_runs *cell, size_t at, const void *context,
                      struct err *err);
    double (*bound)(const struct cell_runs *cell, const void *context); /* NULL: not told */
    const void *context;
    bool last_only; /* of several numbers of evaluations */
};

/* Who leads on each data set after each budget: those of settings' "at", else what the cells
 * spent. Tests and the bound are told of the last of several. Cells are named by the settings'
 * "label" and "merge". */
bool say_standings(struct str *says, const struct cell_runs *const *cells, const json_t *settings,
                   const struct question *question, struct err *err) MUST_CHECK;

enum scores_detail {
    SCORES_TESTED, /* all of it */
    SCORES_LEADER, /* no tests */
    SCORES_LAST    /* the leader at the last number of evaluations alone */
};

/* The same of the scores on one split ("valid", "test"), in the metric that they are reported in.
 */
bool say_scores(struct str *says, const struct cell_runs *const *cells, const json_t *settings,
                const char *split, enum scores_detail detail, struct err *err) MUST_CHECK;

/* Who has the best mean, how far the next is behind, which of the others a test tells from it, and
 * how many runs are at the bound. Nothing where no contender has a score. */
void say_leader(struct str *says, const struct contest *contest, const struct contender *contenders,
                size_t count);

#endif
