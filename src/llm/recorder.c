/* Writes down every exchange of another llm, and gives what is written down already without asking
 * again: a run that was killed goes on where it was. */
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "llm/transcript.h"

#include <stdlib.h>

struct recorder {
    struct llm llm;
    struct llm *inner;
    struct transcript *before; /* what an earlier process recorded */
    struct jsonl_writer *writer;
};

static const struct llm_type recorder_live, recorder_idle;

static bool is_served(const struct recorder *recorder)
{
    return recorder->before->left > 0;
}

/* Once the record is used up, a recorder is as live as what it wraps. */
static void set_type(struct recorder *recorder)
{
    bool live = !is_served(recorder) && recorder->inner->type->live;
    recorder->llm.type = live ? &recorder_live : &recorder_idle;
}

static bool ask_and_record(struct recorder *recorder, const struct llm_request *request,
                           struct llm_exchange *exchange, struct err *err)
{
    if (!recorder->inner->type->exchange(recorder->inner, request, exchange, err))
        return false;
    json_t *line = transcript_line(request, exchange);
    bool ok = jsonl_write(recorder->writer, line, err);
    json_decref(line);
    return ok;
}

static bool recorder_exchange(struct llm *llm, const struct llm_request *request,
                              struct llm_exchange *exchange, struct err *err)
{
    struct recorder *recorder = (struct recorder *)llm;
    if (!is_served(recorder))
        return ask_and_record(recorder, request, exchange, err);
    bool ok = transcript_take(recorder->before, request, exchange, err);
    set_type(recorder);
    return ok;
}

static void recorder_close(struct llm *llm)
{
    struct recorder *recorder = (struct recorder *)llm;
    struct err err = {0};
    if (!recorder)
        return;
    recorder->inner->type->close(recorder->inner);
    transcript_close(recorder->before);
    if (!jsonl_close(recorder->writer, &err)) /* each line was flushed and checked before */
        log_error("%s", err.text);
    free(recorder);
}

static const struct llm_type recorder_live = {
    .exchange = recorder_exchange, .close = recorder_close, .live = true};
static const struct llm_type recorder_idle = {
    .exchange = recorder_exchange, .close = recorder_close, .live = false};

static bool open_files(struct recorder *recorder, const char *path, const json_t *header,
                       struct err *err)
{
    if (file_ends_in(path, ".zst"))
        return err_set(err, ERR_INPUT,
                       "%s: found a compressed file's name, expected one that can be appended to",
                       path);
    recorder->writer = jsonl_open(path, err);
    recorder->before = recorder->writer ? transcript_open(path, err) : NULL;
    if (!recorder->before)
        return false;
    size_t keep = recorder->before->file.whole_bytes;
    return jsonl_cut(recorder->writer, keep, err) &&
           (keep || jsonl_write(recorder->writer, header, err));
}

struct llm *recorder_open(struct llm *inner, const char *path, const json_t *header,
                          struct err *err)
{
    struct recorder *recorder = mem_alloc(1, sizeof(*recorder));
    recorder->inner = inner;
    if (!open_files(recorder, path, header, err)) {
        recorder_close(&recorder->llm);
        return NULL;
    }
    set_type(recorder);
    return &recorder->llm;
}
