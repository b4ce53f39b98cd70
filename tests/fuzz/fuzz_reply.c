/* Any bytes as an LLM's reply about cell 421211: each reader gives values of the space or a reason
 * that can be shown to the LLM, so one in UTF-8. */
#include "base/mem.h"
#include "fuzz.h"
#include "search/reply.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_MOST = 600 }; /* bytes, as reply_text() promises */

static bool is_utf8(const char *text)
{
    json_t *value = json_string(text);
    json_decref(value);
    return value != NULL;
}

static void require_reason(struct str *reason)
{
    FUZZ_REQUIRE(reason->length > 0);
    FUZZ_REQUIRE(is_utf8(reason->text));
    str_clear(reason);
}

static void require_allowed(const struct space *space, const struct arch *arch)
{
    for (size_t i = 0; i < space->slot_count; i++)
        FUZZ_REQUIRE(arch->choice[i] < space->slots[i].choice_count);
    for (size_t i = space->slot_count; i < ARCH_SLOTS; i++)
        FUZZ_REQUIRE(arch->choice[i] == 0);
}

static void try_text(const json_t *reply, struct str *reason)
{
    char *text = NULL;
    if (!reply_text(reply, "strategy", &text, reason)) {
        require_reason(reason);
        return;
    }
    FUZZ_REQUIRE(*text && strlen(text) <= TEXT_MOST && is_utf8(text));
    free(text);
}

static void try_rating(const json_t *reply, const struct space *space, const struct arch *about,
                       struct str *reason)
{
    enum reply_rating ratings[ARCH_SLOTS];
    if (!reply_rating(reply, space, about, ratings, reason)) {
        require_reason(reason);
        return;
    }
    for (size_t i = 0; i < space->slot_count; i++)
        FUZZ_REQUIRE(ratings[i] < RATINGS);
}

static void try_change(const json_t *reply, const struct space *space, const struct arch *about,
                       struct str *reason)
{
    struct reply_change change;
    if (!reply_change(reply, space, about, &change, reason)) {
        require_reason(reason);
        return;
    }
    FUZZ_REQUIRE(change.slot < space->slot_count);
    FUZZ_REQUIRE(change.choice < space->slots[change.slot].choice_count);
    FUZZ_REQUIRE(change.choice != about->choice[change.slot]);
}

static void try_cell(const json_t *reply, const struct space *space, struct str *reason)
{
    struct arch arch;
    if (reply_cell(reply, space, &arch, reason))
        require_allowed(space, &arch);
    else
        require_reason(reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct space *space = space_find("nas-bench-201");
    char *text = mem_strndup((const char *)data, size);
    struct arch about;
    struct str reason = {0};
    FUZZ_REQUIRE(space_read(space, "421211", &about, NULL));
    json_t *reply = is_utf8(text) ? reply_object(text, &reason) : NULL; /* as a JSON answer is */
    if (reply) {
        FUZZ_REQUIRE(json_is_object(reply));
        try_text(reply, &reason);
        try_rating(reply, space, &about, &reason);
        try_change(reply, space, &about, &reason);
        try_cell(reply, space, &reason);
    } else if (is_utf8(text))
        require_reason(&reason);
    json_decref(reply);
    str_free(&reason);
    free(text);
    return 0;
}
