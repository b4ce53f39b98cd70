/* Reads back what runs wrote (event.h), the same structs from either of the two files.
 *
 * Logs are checked as hostile input: what is read is whole, of the right types and in order, or
 * there is one sentence with file and line. A run without its end (killed, or still going) is
 * read up to where it stands and is not finished. */
#ifndef RUNLOG_READER_H
#define RUNLOG_READER_H

#include "base/err.h"
#include "runlog/ranks.h"
#include "space/metric.h"

#include <jansson.h>
#include <stddef.h>

/* One iteration. Scores are of the log's metric. Texts are NULL and numbers NaN where the log says
 * nothing. */
struct logged_evaluation {
    const char *arch;   /* digits; NULL: the iteration gave no valid architecture */
    double valid_score; /* what the search saw */
    double test_score;
    double cost_s;     /* simulated seconds */
    bool repeat;       /* evaluated before in this run */
    const char *stage; /* "self-evolution", ... */
    const char *parent;
    double parent_score;
    double mutation_better; /* share of the parent's neighbours that are better than it, 0 to 1 */
    double mutation_gain;   /* their mean gain on it */
};

/* Scores on one data set. */
struct logged_score {
    const char *dataset;
    double valid_score, test_score; /* NaN where not measured */
};

/* The best architecture by valid_score after some iterations. */
struct logged_answer {
    size_t at; /* iterations */
    const char *arch;
    double search_score, simulated_s;
    struct logged_score *scores;
    size_t score_count;
};

struct logged_run {
    size_t seed;
    bool finished;       /* what stands below the answers counts only then */
    const char *failure; /* why a replay could not go on, or NULL */
    struct logged_evaluation *steps;
    size_t step_count;             /* iterations, those without a valid architecture included */
    struct logged_answer *answers; /* in rising order of at; the last is the run's end */
    size_t answer_count;
    size_t evaluations, unique, invalid;
    size_t trained;     /* of the evaluations, those behind which a training stands */
    size_t diverged;    /* of these, those that gave no score of their own */
    size_t stored;      /* of these, those that came with the project */
    const char *device; /* that the last of them was trained on */
    size_t duplicates;  /* proposals evaluated before, or refused since they had been */
    double simulated_s;
    size_t calls, repairs;        /* LLM */
    double tokens_in, tokens_out; /* NaN where no server said */
    double price;                 /* in the experiment's currency; NaN where none is set */
    size_t answered;              /* calls that gave an answer */
    /* Summed over these; NaN where one of them does not say. in_flight: requests that were on their
     * way when it was recorded, it among them. */
    double tokens_cached, tokens_reasoning, in_flight;
    double llm_ms;
    const char *end_reason; /* "budget", "tokens", "cost", ...; NULL: not said, the budget */
};

/* One log file. Owns all that its runs point to. */
struct runlog {
    char *path;
    const char *cell, *strategy, *dataset;
    struct metric metric;        /* of the scores that the search saw */
    struct metric report_metric; /* of those in optimum and answers */
    const json_t *labels;        /* {"method": "seki"}: an object of texts */
    const json_t *experiment;    /* as resolved for the cell */
    double search_optimum;       /* highest valid_score that the space holds; NaN where unknown */
    struct ranks space;          /* of all valid_score that the space holds */
    struct logged_score *optimum;
    size_t optimum_count;
    struct logged_run *runs;
    size_t run_count;
    size_t missing;  /* seeds that were asked for and are not in the log */
    bool transcript; /* the exchanges with an LLM lie beside the log */
    json_t *start;   /* the first line, whole */
    struct texts *texts;
};

/* Reads the log, and whether "transcript.jsonl" (or ".zst" of it) is in its folder. False and
 * *err when it is no run log of this version; then there is nothing to free. */
bool reader_read(const char *path, struct runlog *log, struct err *err) MUST_CHECK;
void reader_free(struct runlog *log);

/* The answer after at iterations (0: at the end), or NULL when the run holds none. */
const struct logged_answer *reader_answer(const struct logged_run *run, size_t at);
/* Its scores on a data set, or NULL. */
const struct logged_score *reader_score(const struct logged_answer *answer, const char *dataset);

#endif
