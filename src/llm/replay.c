/* Answers from a transcript and from nowhere else: no network, no key, no fall-back. */
#include "base/mem.h"
#include "llm/transcript.h"

#include <stdlib.h>

struct replay {
    struct llm llm;
    struct transcript *transcript;
};

static bool replay_exchange(struct llm *llm, const struct llm_request *request,
                            struct llm_exchange *exchange, struct err *err)
{
    return transcript_take(((struct replay *)llm)->transcript, request, exchange, err);
}

static void replay_close(struct llm *llm)
{
    struct replay *replay = (struct replay *)llm;
    if (!replay)
        return;
    transcript_close(replay->transcript);
    free(replay);
}

static const struct llm_type llm_replay = {
    .exchange = replay_exchange,
    .close = replay_close,
};

struct llm *replay_open(const char *path, struct err *err)
{
    struct transcript *transcript = transcript_open(path, err);
    if (!transcript)
        return NULL;
    if (!transcript->file.count) {
        err_set(err, ERR_INPUT, "%s:1: found no whole line, expected a transcript's header", path);
        transcript_close(transcript);
        return NULL;
    }
    struct replay *replay = mem_alloc(1, sizeof(*replay));
    replay->llm.type = &llm_replay;
    replay->transcript = transcript;
    return &replay->llm;
}
