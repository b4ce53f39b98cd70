/* What was asked: one JSON file a study, resolved into cells, each of which is run once for every
 * seed. Every key comes from an option table: those here, and those of the space's, oracle's,
 * strategy's, llm's and report's own registries, so nothing can be written that nobody reads.
 *
 * {
 *   "seki": 1,
 *   "name": "nb201-ablation",
 *   "title": "The stages of SEKI on NAS-Bench-201",
 *   "space": "nas-bench-201",
 *   "oracle": {"type": "table", "dataset": "cifar10", "metric": "accuracy", "epochs": 200,
 *              "at_epoch": "final", "split": "valid", "training_seed": "mean", "repeat": "free"},
 *   "strategy": {"type": "seki"},
 *   "llm": {"type": "http", "url": "http://127.0.0.1:8091/v1", "model": "..."},
 *   "budget": {"evaluations": 50},
 *   "seeds": {"first": 1, "count": 5},
 *   "report": {"at": [10, 25], "datasets": ["cifar10"], "epochs": 200},
 *   "matrix": {"method": [{"label": "seki"},
 *                         {"label": "random", "strategy": {"type": "random"},
 *                          "seeds": {"count": 500}}]},
 *   "tables": [...], "figures": [...]
 * }
 *
 * matrix: each axis is a list of entries; an entry is a label and a patch that is merged over the
 * experiment (RFC 7396, except that an object with another "type" replaces the one below it). A
 * cell is one entry of each axis; its id is the labels joined by "+". Without a matrix there is
 * one cell, "all". */
#ifndef EXPERIMENT_EXPERIMENT_H
#define EXPERIMENT_EXPERIMENT_H

#include "llm/chat.h"
#include "oracle/oracle.h"
#include "search/strategy.h"
#include "space/space.h"

#include <stdio.h>

struct cell {
    char *id;         /* "seki+cifar10": letters, digits, '-', '_', '.', '+' */
    json_t *labels;   /* {"method": "seki", "dataset": "cifar10"} */
    json_t *resolved; /* this cell's experiment, every key filled in; no matrix, tables, figures */
    const struct space *space;
    const struct oracle_type *oracle;
    const struct strategy_type *strategy;
    const struct llm_type *llm; /* NULL where the strategy asks none */
    const json_t *oracle_settings, *strategy_settings, *llm_settings; /* parts of resolved */
    size_t budget_evaluations;                                        /* 0: no such limit */
    double budget_s;                                                  /* infinite: no such limit */
    bool overrun; /* the evaluation that would pass budget_s is still made */
    struct chat_budget budget_llm;
    uint64_t first_seed;
    size_t seed_count;
};

struct experiment {
    char *path, *name, *title;
    struct cell *cells;
    size_t cell_count;
    json_t *tables, *figures; /* resolved lists, for report/ */
};

/* Reads and checks the file. NULL and *err, with every fault of the file in it, else the caller
 * owns the result. */
struct experiment *experiment_open(const char *path, struct err *err) MUST_CHECK;
/* The experiment of one cell that a run log's "start" line holds, to run it again; path names the
 * log in messages. NULL and *err when the line is not of this program's making; the caller owns
 * the result. */
struct experiment *experiment_of_log(const json_t *start, const char *path,
                                     struct err *err) MUST_CHECK;
void experiment_close(struct experiment *experiment); /* NULL is allowed */

json_t *experiment_schema(void); /* a JSON Schema of the file; the caller owns it */
void experiment_help(FILE *out); /* every key that a file may have */

#endif
