/* Any bytes as an LLM's reply about a cell of each space, in all names that it may have been told:
 * each reader gives values of the space or a reason that can be shown to the LLM, so one in UTF-8.
 */
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

static void try_rating(const json_t *reply, const struct vocabulary *words,
                       const struct arch *about, struct str *reason)
{
    enum reply_rating ratings[ARCH_SLOTS];
    if (!reply_rating(reply, words, about, ratings, reason)) {
        require_reason(reason);
        return;
    }
    for (size_t i = 0; i < words->space->slot_count; i++)
        FUZZ_REQUIRE(ratings[i] < RATINGS);
}

static void try_change(const json_t *reply, const struct vocabulary *words,
                       const struct arch *about, struct str *reason)
{
    struct arch changed;
    if (!reply_change(reply, words, about, &changed, reason)) {
        require_reason(reason);
        return;
    }
    size_t changes = 0;
    for (size_t i = 0; i < words->space->slot_count; i++)
        changes += changed.choice[i] != about->choice[i];
    FUZZ_REQUIRE(changes == 1);
    require_allowed(words->space, &changed);
}

static void try_cell(const json_t *reply, const struct vocabulary *words, struct str *reason)
{
    struct arch arch;
    if (reply_cell(reply, words, &arch, reason))
        require_allowed(words->space, &arch);
    else
        require_reason(reason);
}

static void try_names(const json_t *reply, const struct space *space, const char *cell,
                      enum vocabulary_names names, struct str *reason)
{
    struct rng rng = rng_seed(1);
    struct vocabulary words;
    struct arch about;
    FUZZ_REQUIRE(space_read(space, cell, &about, NULL));
    vocabulary_open(&words, space, space->task, names, &rng);
    try_rating(reply, &words, &about, reason);
    try_change(reply, &words, &about, reason);
    try_cell(reply, &words, reason);
    vocabulary_free(&words);
}

static void try_space(const json_t *reply, const char *name, const char *cell, struct str *reason)
{
    const struct space *space = space_find(name);
    try_names(reply, space, cell, NAMES_PLAIN, reason);
    try_names(reply, space, cell, NAMES_BENCHMARK, reason);
    try_names(reply, space, cell, NAMES_ANONYMOUS, reason);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_strndup((const char *)data, size);
    struct str reason = {0};
    json_t *reply = is_utf8(text) ? reply_object(text, &reason) : NULL; /* as a JSON answer is */
    if (reply) {
        FUZZ_REQUIRE(json_is_object(reply));
        try_text(reply, &reason);
        try_space(reply, "nas-bench-201", "421211", &reason);
        try_space(reply, "transnas-bench-101", "102333", &reason);
        try_space(reply, "darts", "3303302312500202102202", &reason);
    } else if (is_utf8(text))
        require_reason(&reason);
    json_decref(reply);
    str_free(&reason);
    free(text);
    return 0;
}
