#include "experiment/fields.h"

#include "base/mem.h"
#include "base/str.h"
#include "space/metric.h"

#include <math.h>
#include <stdlib.h>

/* Keys that a matrix entry may patch. In the file and in an entry they may be absent, since
 * another place can say them; a merged cell must have those whose fallback is then NULL. */
#define CELL_FIELDS(fallback)                                                                      \
    {"space", OPTION_TEXT, fallback, 0, 0, NULL, "what is searched"},                              \
        {"oracle", OPTION_OBJECT, fallback, 0, 0, NULL, "what answers how good a cell is"},        \
        {"strategy", OPTION_OBJECT, fallback, 0, 0, NULL, "how it is searched"},                   \
        {"llm", OPTION_OBJECT, "null", 0, 0, NULL, "the model that strategies ask"},               \
        {"budget", OPTION_OBJECT, fallback, 0, 0, NULL, "when a run is over"},                     \
        {"seeds", OPTION_OBJECT, fallback, 0, 0, NULL, "how many runs, and from which seed on"},   \
    {                                                                                              \
        "report", OPTION_OBJECT, "{}", 0, 0, NULL, "what is said of a run's answer"                \
    }

const struct option file_fields[] = {
    {"seki", OPTION_INTEGER, NULL, 1, 1, NULL, "version of this format"},
    {"name", OPTION_TEXT, NULL, 0, 0, NULL, "folder of the results: letters, digits, - and _"},
    {"title", OPTION_TEXT, NULL, 0, 0, NULL, "what the study is, in one line"},
    CELL_FIELDS("null"),
    {"matrix", OPTION_OBJECT, "{}", 0, 0, NULL, "axes of entries: a label, and what it changes"},
    {"tables", OPTION_ARRAY, "[]", 0, 0, NULL, "tables to write"},
    {"figures", OPTION_ARRAY, "[]", 0, 0, NULL, "figures to draw"},
    {0},
};

const struct option entry_fields[] = {
    {"label", OPTION_TEXT, NULL, 0, 0, NULL, "part of the cell's id: letters, digits, -, _ and ."},
    CELL_FIELDS("null"),
    {0},
};

const struct option cell_fields[] = {CELL_FIELDS(NULL), {0}};
const struct option part_fields[] = {CELL_FIELDS("null"), {0}};

const struct option budget_fields[] = {
    {"evaluations", OPTION_INTEGER, "null", 1, 1e7, NULL, "evaluations that a run may make"},
    {"seconds", OPTION_REAL, "null", 1e-3, INFINITY, NULL, "simulated seconds that it may spend"},
    {"max_tokens_total", OPTION_INTEGER, "null", 1, 1e15, NULL,
     "tokens of the LLM, in and out, after which a run ends"},
    {"max_cost", OPTION_REAL, "null", 1e-9, INFINITY, NULL,
     "what the LLM may cost, by its prices, before a run ends"},
    {"overrun", OPTION_CHOICE, "\"refuse\"", 0, 0, "refuse|allow",
     "whether the evaluation that passes the last second is made"},
    {0},
};

const struct option seeds_fields[] = {
    {"first", OPTION_INTEGER, "1", 0, 1e12, NULL, "seed of the first run; the others follow it"},
    {"count", OPTION_INTEGER, NULL, 1, 1e6, NULL, "runs of each cell"},
    {0},
};

const struct option report_fields[] = {
    {"at", OPTION_ARRAY, "[]", 0, 0, NULL, "evaluations after which the best is told as well"},
    {"datasets", OPTION_ARRAY, "null", 0, 0, NULL,
     "data sets of the answer's scores; the oracle's"},
    {"epochs", OPTION_INTEGER, "null", 1, 1e6, NULL, "training of those scores; the oracle's"},
    {"at_epoch", OPTION_CHOICE, "null", 0, 0, METRIC_EPOCHS,
     "of which epoch those scores are, as in the oracle; the oracle's"},
    {"parents", OPTION_BOOLEAN, "false", 0, 0, NULL,
     "log beside every proposal what a one-slot mutation of its parent would have given"},
    {0},
};

bool field_check_name(const char *name, const char *marks, const char *path, struct faults *faults)
{
    bool good = str_is_name(name, marks);
    if (!good)
        fault_add(faults, path,
                  "found \"%.*s\", expected at most %d letters, digits or any of %s, "
                  "beginning with a letter or digit",
                  STR_NAME_MAX, name, STR_NAME_MAX, marks);
    return good;
}

void field_check_once(const json_t *object, const char *key, const char *marks, const char *path,
                      json_t *seen, struct faults *faults)
{
    const char *name = option_text(object, key);
    char *at = mem_printf("%s/%s", path, key);
    if (name && field_check_name(name, marks, at, faults)) {
        if (json_object_get(seen, name))
            fault_add(faults, at, "found \"%s\" a second time, expected each %s once", name, key);
        json_object_set_new(seen, name, json_true());
    }
    free(at);
}
