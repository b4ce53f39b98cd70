#include "search/ask.h"

#include "base/mem.h"
#include "search/prompt.h"
#include "search/reply.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { TALK_MESSAGES = 44 }; /* system, user, and two for each of 20 repairs, and a last reply */

/* The conversation about one question. Contents are owned. */
struct talk {
    struct chat_message messages[TALK_MESSAGES];
    size_t count;
    bool duplicate; /* a reply was refused since its architecture had been evaluated */
};

/* Turns alternate, as many chat templates insist: who spoke last goes on in the same turn. */
static void say(struct talk *talk, const char *role, char *content)
{
    struct chat_message *last = talk->count ? &talk->messages[talk->count - 1] : NULL;
    if (last && strcmp(last->role, role) == 0) {
        char *both = mem_printf("%s\n\n%s", last->content, content);
        free((char *)(uintptr_t)last->content);
        free(content);
        last->content = both;
        return;
    }
    assert(talk->count < TALK_MESSAGES);
    talk->messages[talk->count++] = (struct chat_message){role, content};
}

static void talk_free(struct talk *talk)
{
    for (size_t i = 0; i < talk->count; i++)
        free((char *)(uintptr_t)talk->messages[i].content);
    talk->count = 0;
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
    if (!ok && reply->empty)
        str_addf(reason, "; %s", reply->empty);
    else if (!ok && reply->cut)
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
        return prompt_render("repair", (struct str_value[]){{"reason", reason}, {0}});
    *event = "duplicate";
    bool again = option_is(search->settings, "on_duplicate", "ask-again");
    return again && question->object_to ? question->object_to(question->context) : NULL;
}

/* Asks for what the talk has come to. */
static bool ask_once(struct search *search, const struct talk *talk,
                     const struct question *question, size_t number, struct chat_reply *reply,
                     struct err *err)
{
    struct chat_request request = {
        .messages = talk->messages,
        .message_count = talk->count,
        .role = question->role,
        .schema = question->schema,
        .iteration = meter_iteration(search->meter),
        .max_tokens = token_limit(search, question),
        .seed = request_seed(search, question, number),
    };
    return chat_ask(search->chat, &request, reply, err);
}

/* Puts what the talk has come to, and reads the reply: *again is then the message that asks once
 * more, or NULL when that is all. */
static bool turn(struct search *search, struct talk *talk, const struct question *question,
                 size_t number, struct str *why, char **again, struct err *err)
{
    struct chat_reply reply = {0};
    const char *event;
    if (!ask_once(search, talk, question, number, &reply, err))
        return false;
    str_clear(why);
    bool read = read_reply(question, &reply, why);
    *again = objection(search, question, read, why->text ? why->text : "", &event);
    if (reply.content[0]) /* some servers refuse an empty turn */
        say(talk, "assistant", mem_strdup(reply.content));
    chat_reply_free(&reply);
    if (*again && number < (size_t)option_integer(search->settings, "repairs")) {
        search_note(search, event, question->role, read ? NULL : why->text);
        talk->duplicate = talk->duplicate || read;
    }
    if (read)
        str_clear(why);
    return true;
}

/* Why there is no answer; a duplicate that came before is not forgotten. The caller frees. */
static char *refusal(const struct talk *talk, const struct question *question, const char *why)
{
    return mem_printf("%s: %s%s", question->role, why,
                      talk->duplicate ? "; a reply before it repeated what had been evaluated"
                                      : "");
}

bool ask(struct search *search, const struct question *question, char **reason, struct err *err)
{
    size_t repairs = (size_t)option_integer(search->settings, "repairs");
    struct str why = {.ceiling = 800};
    struct talk talk = {0};
    char *again = NULL;
    say(&talk, "system", prompt_render("system", &(struct str_value){0}));
    say(&talk, "user", question->prompt);
    bool ok = turn(search, &talk, question, 0, &why, &again, err);
    for (size_t i = 1; ok && again && i <= repairs; i++) {
        say(&talk, "user", again);
        ok = turn(search, &talk, question, i, &why, &again, err);
    }
    free(ok ? again : NULL);
    *reason = ok && why.length ? refusal(&talk, question, why.text) : NULL;
    talk_free(&talk);
    json_decref(question->schema);
    str_free(&why);
    return ok;
}
