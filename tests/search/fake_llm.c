#include "fake_llm.h"

#include "base/mem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void keep(struct fake_llm *fake, const struct llm_request *request)
{
    json_array_append_new(fake->asked, json_pack("{s:s, s:o, s:o*}", "role", request->role, "body",
                                                 json_deep_copy(request->body), "schema",
                                                 json_deep_copy(request->schema)));
}

static json_t *answer(const char *content)
{
    size_t mark = strlen(FAKE_CUT);
    bool cut = strncmp(content, FAKE_CUT, mark) == 0;
    return json_pack("{s:[{s:{s:s}, s:s}]}", "choices", "message", "content",
                     content + (cut ? mark : 0), "finish_reason", cut ? "length" : "stop");
}

static bool say(struct llm *llm, const struct llm_request *request, struct llm_exchange *exchange,
                struct err *err)
{
    struct fake_llm *fake = (struct fake_llm *)llm;
    keep(fake, request);
    if (!*fake->script && fake->behind)
        return fake->behind->type->exchange(fake->behind, request, exchange, err);
    *exchange = (struct llm_exchange){.status = 400, .retry_after_s = -1};
    if (!*fake->script)
        return true;
    json_t *body = answer(*fake->script++);
    exchange->status = 200;
    exchange->body = json_dumps(body, JSON_COMPACT);
    exchange->body_size = strlen(exchange->body);
    json_decref(body);
    return true;
}

static void leave(struct llm *llm)
{
    (void)llm;
}

static const struct llm_type fake_type = {
    .name = "fake", .exchange = say, .close = leave, .live = true};

struct chat *fake_llm_open(struct fake_llm *fake, const char *settings, const char *const *script)
{
    struct faults faults = {0};
    struct err err = {0};
    json_t *given = json_loads(settings, 0, NULL);
    *fake = (struct fake_llm){.llm.type = &fake_type, .script = script, .asked = json_array()};
    fake->settings = option_resolve(chat_options, given, "/llm", &faults);
    json_decref(given);
    ck_assert_uint_eq(faults.count, 0);
    struct chat *chat = chat_open(&fake->llm, fake->settings, NULL, NULL, &err);
    ck_assert_msg(chat != NULL, "%s", err.text);
    return chat;
}

void fake_llm_free(struct fake_llm *fake)
{
    json_decref(fake->asked);
    json_decref(fake->settings);
    *fake = (struct fake_llm){0};
}

char *fake_llm_message(const struct fake_llm *fake, size_t i, size_t m)
{
    const json_t *body = json_object_get(json_array_get(fake->asked, i), "body");
    const json_t *message = json_array_get(json_object_get(body, "messages"), m);
    if (!message)
        return NULL;
    return mem_printf("%s: %s", json_string_value(json_object_get(message, "role")),
                      json_string_value(json_object_get(message, "content")));
}
