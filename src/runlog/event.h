/* The record of a run, as JSON. What is written here is all that report/ knows.
 *
 * There are two files, with the same numbers under the same names.
 *
 * 1. results/<experiment>/<run>/run.jsonl: one run that asks an LLM or trains. Flushed line by
 *    line; <run> is "<cell>.s<seed>".
 *
 * {"event":"start","version":2,"seki":"0.1.0","commit":"...","started_at":"...",
 *  "run":"seki.s1","study":"nb201-ablation","cell":"seki","labels":{"method":"seki"},"seed":1,
 *  "strategy":"seki","dataset":"cifar10",
 *  "metric":{"name":"accuracy","unit":"percent","better":"higher","epoch":"final"},
 *  "report_metric":{...},"experiment":{...resolved...},"table":"<sha256>",
 *  "prompts":{"C":"<sha256>",...},"search_optimum_pct":91.6067,
 *  "optimum":[{"dataset":"cifar10","valid_pct":91.6067,"test_pct":94.3733}, ...],
 *  "search_space":{"count":15625,"ranks":[1,2,...],"scores":[91.6067,91.5733,...]}}
 * {"event":"call","index":1,"iteration":1,"role":"C","attempt":1,"key":"...","ordinal":1,
 *  "status":200,"problem":null,"finish_reason":"stop","model":"...","fingerprint":"...",
 *  "tokens_in":475,"tokens_out":94,"tokens_cached":320,"tokens_reasoning":null,"price":null,
 *  "ms":4712.4}
 * (and, where there is something to say: "learned":"the server refuses max_tokens: ...",
 *  "empty":"its budget of tokens was spent on reasoning", "tokens_cache_write":120,
 *  "in_flight":4, requests that were at servers when it was sent, it among them)
 * {"event":"repair","iteration":3,"role":"D","reason":"..."}      a reply had to be asked for again
 * {"event":"duplicate","iteration":3,"role":"D","reason":null}   on_duplicate: ask-again
 * {"event":"names","iteration":0,"reason":"op_a is skip, ..."}  what labels stand for (control)
 * {"event":"scores","iteration":3,"reason":"421211 is told 82.15% for 90.34%"}   shuffled (control)
 * {"event":"evaluation","index":0,"arch":"421211","valid_pct":82.1467,"test_pct":85.8633,
 *  "cost_s":1444.219,"repeat":false,"stage":"self-evolution","parent":"421210",
 *  "parent_pct":80.0133,"mutation_better":0.4167,"mutation_gain_pct":-1.2924,"strategy":"..."}
 * (and of an oracle that trains: "device":"2 threads of ..., fp32", "diverged":null, or why the
 *  training gave no score of its own, and "stored":true where it was not made here but came with
 *  the project)
 * {"event":"invalid","index":7,"stage":"self-evolution","parent":"421210","reason":"..."}
 * {"event":"end","reason":"budget","iterations":50,"evaluations":50,"unique":50,"invalid":0,
 *  "duplicates":0,"repairs":0,"calls":98,"tokens_in":65900,"tokens_out":5700,"price":null,
 *  "simulated_s":70000.123,"llm_ms":413000.1,
 *  "answers":[{"at":50,"index":41,"arch":"333132","search_pct":91.6067,"simulated_s":70000.123,
 *    "results":[{"dataset":"cifar10","valid_pct":91.6067,"test_pct":94.2}]}],"wall_s":413.2}
 *
 * A replay that cannot go on ends in {"event":"failed","reason":"..."} instead of "end".
 *
 * index counts iterations from 0 (an "invalid" one spends an iteration too). valid_pct is what the
 * search saw. stage, parent, parent_pct, mutation_better, mutation_gain_pct and strategy are left
 * out where there is nothing to say. mutation_* are the exact expectation of a uniform one-slot
 * mutation of the same parent (oracle.h), beside which a proposal is judged; the strategy never
 * sees them. answers: the best by valid_pct after "at" iterations (the experiment's report.at, and
 * always the last), with its scores on each data set of report.datasets at report.epochs.
 *
 * metric says what the search's scores are (space/metric.h), report_metric what those in optimum
 * and results are; the two differ at most in the epoch. Where they are not in percent, the keys
 * that end in _pct end in _score instead: valid_score, test_score, parent_score,
 * mutation_gain_score, search_score, search_optimum_score. Logs of version 1 hold no metric: it was
 * accuracy in percent of the final epoch, and they are read as such.
 *
 * 2. results/<experiment>/<cell>/runs.jsonl.zst: all seeds of a cell whose runs ask no LLM and
 *    train nothing; written whole and renamed. The first line is a "start" with
 *    "seeds":{"first":1,"count":500} instead of run and seed; then one line a run, the fields of
 * its evaluations as lists:
 *
 * {"event":"run","seed":1,"arch":["421211",...],"valid_pct":[...],"test_pct":[...],"cost_s":[...],
 *  "repeat":[0,0,1,...],"stage":[...],"parent":[...],"parent_pct":[...],"mutation_better":[...],
 *  "mutation_gain_pct":[...],"evaluations":100,"unique":97,"invalid":0,"simulated_s":...,"answers":[...]}
 *
 * "reason" says "budget" in "end" and is left out in "run", unless the search had nothing left to
 * evaluate: then both say so. It says "tokens" or "cost" where what the LLM may use was spent with
 * evaluations left; answers then end with the last iteration that was complete.
 *
 * stage and parent* and mutation_* only where the strategy has them (null in a list where one
 * evaluation has none). An iteration without a valid architecture is null in arch, valid_pct, ...
 *
 * search_space: how what the search may see is distributed over the whole space (runlog/ranks.h);
 * left out where that is not known.
 *
 * The volatile fields are looked at by no comparison of two logs: started_at and wall_s, which are
 * times; commit, which names the build; search_space, which follows from the table and the
 * experiment; and stored, which says where a training lies and not what came of it. */
#ifndef RUNLOG_EVENT_H
#define RUNLOG_EVENT_H

#include "base/str.h"
#include "space/metric.h"

#include <jansson.h>
#include <stdint.h>

enum { EVENT_VERSION = 2 };

/* Decimals that are written. Scores have two more than people are shown of their metric. */
enum { EVENT_SECONDS_DECIMALS = 3, EVENT_SHARE_DECIMALS = 4 };
/* How keys of scores end. */
#define EVENT_SUFFIX_PERCENT "_pct"
#define EVENT_SUFFIX_PLAIN   "_score"

enum { EVENT_PRICE_DECIMALS = 6, EVENT_MS_DECIMALS = 1 };

/* An event is put together as text, field by field, since ten thousand of them a millisecond are
 * written: event_begin(), fields, event_end(). Texts may be NULL (null); numbers that are not
 * finite, and negative counts, are null too. */
void event_begin(struct str *line, const char *event);
void event_text(struct str *line, const char *key, const char *text);
void event_count(struct str *line, const char *key, int64_t count);
void event_fixed(struct str *line, const char *key, double value, int decimals);
/* A score, or a difference of two, under "<name>_pct" or "<name>_score" as its metric has it; and
 * that key alone, before a list. */
void event_score(struct str *line, const char *name, const struct metric *metric, double score);
void event_score_key(struct str *line, const char *name, const struct metric *metric);
int event_score_decimals(const struct metric *metric);
void event_metric(struct str *line, const char *key, const struct metric *metric);
void event_flag(struct str *line, const char *key, bool value);
void event_json(struct str *line, const char *key, const json_t *value); /* borrowed */
void event_raw(struct str *line, const char *key, const char *json);     /* JSON text as it is */
void event_quote(struct str *line, const char *text); /* a JSON text alone, without a key */
void event_end(struct str *line);

/* Whether two lines say the same, volatile fields aside. */
bool event_same(const json_t *a, const json_t *b);
bool event_says(const char *line, const json_t *same); /* the same, of the text of a line */
/* What is compared of a line: a copy without volatile fields, the caller's. */
json_t *event_compared(const json_t *line);

#endif
