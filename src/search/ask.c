#include "search/ask.h"

#include "base/mem.h"
#include "search/prompt.h"
#include "search/reply.h"

#include <stdlib.h>

enum { MESSAGES_MAX = 2 + 2 * 21 }; /* system, user, and two for each repair */

/* The conversation of one question; contents are owned from message 1 on. */
struct talk {
    struct chat_message messages[MESSAGES_MAX];
    char *owned[MESSAGES_MAX];
    size_t count;
};

static void say(struct talk *talk, const char *role, char *content)
{
    talk->owned[talk->count] = content;
    talk->messages[talk->count++] = (struct chat_message){role, content};
}

static void talk_free(struct talk *talk)
{
    for (size_t i = 0; i < talk->count; i++)
        free(talk->owned[i]);
}

/* max_tokens as the settings say, or what the form needs for the slots of this space. */
static int token_limit(const struct search *search, const struct question *question)
{
    if (json_is_integer(json_object_get(search->settings, "max_tokens")))
        return (int)option_integer(search->settings, "max_tokens");
    return question->max_tokens * (int)((search->space->slot_count + 5) / 6);
}

static int64_t request_seed(const struct search *search, const struct question *question,
                            size_t turn)
{
    struct rng stream = rng_fork(&search->rng, question->role, meter_iteration(search->meter));
    struct rng rng = rng_fork(&stream, "turn", turn);
    return (int64_t)(rng_next(&rng) >> 33);
}

static bool read_reply(const struct question *question, const struct chat_reply *reply,
                       struct str *reason)
{
    json_t *object = reply_object(reply->content, reason);
    bool ok = object && question->read(question->context, object, reason);
    if (!ok && reply->cut)
        str_add(reason, "; it was cut off at the token limit");
    json_decref(object);
    return ok;
}

/* The message that asks again, or NULL when the reply is good. */
static char *objection(struct search *search, const struct question *question, bool read,
                       const char *reason, const char **event)
{
    *event = "repair";
    if (!read)
        return prompt_render("repair", (struct prompt_value[]){{"reason", reason}, {0}});
    *event = "duplicate";
    bool again = option_is(search->settings, "on_duplicate", "ask-again");
    return again && question->object_to ? question->object_to(question->context) : NULL;
}

bool ask(struct search *search, const struct question *question, char **reason, struct err *err)
{
    struct talk talk = {0};
    size_t repairs = (size_t)option_integer(search->settings, "repairs");
    bool ok = true, read = false;
    struct str why = {.ceiling = 800};
    say(&talk, "system", prompt_render("system", &(struct prompt_value){0}));
    say(&talk, "user", mem_strdup(question->prompt));
    for (size_t turn = 0;; turn++) {
        struct chat_request request = {
            .messages = talk.messages,
            .message_count = talk.count,
            .role = question->role,
            .schema = question->schema,
            .iteration = meter_iteration(search->meter),
            .max_tokens = token_limit(search, question),
            .seed = request_seed(search, question, turn),
        };
        struct chat_reply reply = {0};
        ok = chat_ask(search->chat, &request, &reply, err);
        if (!ok)
            break;
        str_clear(&why);
        read = read_reply(question, &reply, &why);
        const char *event;
        char *again = objection(search, question, read, why.text ? why.text : "", &event);
        if (again && turn < repairs) {
            search_note(search, event, question->role, read ? NULL : why.text);
            if (reply.content[0]) /* some servers refuse an empty turn */
                say(&talk, "assistant", mem_strdup(reply.content));
            say(&talk, "user", again);
            chat_reply_free(&reply);
            continue;
        }
        free(again);
        chat_reply_free(&reply);
        break;
    }
    talk_free(&talk);
    *reason = ok && !read ? mem_printf("%s: %s", question->role, why.text) : NULL;
    str_free(&why);
    return ok;
}
