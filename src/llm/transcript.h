/* The record of a run's exchanges: JSON lines, zstd-compressed where its name ends in ".zst".
 *
 *   {"event":"transcript","version":1,"experiment":"nb201-ablation","run":"seki.s1","seki":"0.1.0",
 *    "recorded_at":"2026-...","dialect":"llama.cpp","prompts":{"C":"<sha256>", ...}}
 *   {"event":"exchange","key":"<sha256>","ordinal":1,"iteration":3,"role":"C","request":{...},
 *    "status":200,"response":{...},"failure":null,"retry_after_s":null,"in_flight":1,"ms":4712.4,
 *    "finish_reason":"stop","model":"...","fingerprint":"...","usage":{...},"price":null}
 *
 * request is the body as sent; response is the answer as JSON, or "response_text" the answer's
 * bytes where they are not JSON (bytes that are not UTF-8 as base64 in "response_base64").
 * finish_reason, model, fingerprint, usage and price are said again for people, and are never read
 * back. The API key is in none of it. */
#ifndef LLM_TRANSCRIPT_H
#define LLM_TRANSCRIPT_H

#include "base/jsonl.h"
#include "llm/llm.h"

/* A transcript that is being answered from. */
struct transcript {
    char *path;
    struct jsonl file;   /* lines[0] is the header, the others exchanges; none: not yet begun */
    bool *used;          /* by line */
    size_t cursor, left; /* where the search begins; exchanges that are not used */
};

/* Reads and checks the whole file, so that nothing in it surprises later. A file with no whole
 * line (killed as it began) is a transcript without a header. */
struct transcript *transcript_open(const char *path, struct err *err) MUST_CHECK;
struct transcript *transcript_parse(const char *path, const char *text, size_t size,
                                    struct err *err) MUST_CHECK; /* of a text already read */
void transcript_close(struct transcript *transcript);            /* NULL is allowed */

/* The recorded exchange of this request and ordinal, once; else ERR_REPLAY. */
bool transcript_take(struct transcript *transcript, const struct llm_request *request,
                     struct llm_exchange *exchange, struct err *err) MUST_CHECK;

/* What file.lines[i], one of its exchanges, holds; the caller frees it. */
void transcript_exchange(const struct transcript *transcript, size_t i,
                         struct llm_exchange *exchange);

/* The line that records an exchange; the caller owns it. */
json_t *transcript_line(const struct llm_request *request, const struct llm_exchange *exchange);

/* Says why request is not in transcript: its key, the nearest recorded one, where they part. */
void transcript_explain_miss(const struct transcript *transcript, const struct llm_request *request,
                             struct err *err);

/* Answers from a transcript, strictly: each request must be the next unused one of its key. A miss
 * is ERR_REPLAY with the key, the nearest recorded request, and where the two first differ. */
struct llm *replay_open(const char *path, struct err *err) MUST_CHECK;

/* Wraps inner (and owns it): appends every exchange to the transcript at path and flushes. When
 * path exists already (a run that was stopped), its whole exchanges are answered from it first,
 * as strictly as by a replay, and only then inner is asked. header is the first line of a new
 * transcript; borrowed. */
struct llm *recorder_open(struct llm *inner, const char *path, const json_t *header,
                          struct err *err) MUST_CHECK;

#endif
