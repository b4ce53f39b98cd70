#include "search/reply.h"

#include "base/mem.h"
#include "llm/answer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXT_CEILING = 600, SHOWN = 60, WHY_SHOWN = 80 };
enum { UNCLOSED_MOST = 16 }; /* each costs a look at the whole rest, and a reply may be long */

const char *const reply_rating_names[RATINGS] = {"weak", "fair", "strong"};

/* The end of the JSON object that begins at text, or NULL when it has none. */
static const char *object_end(const char *text)
{
    int depth = 0;
    bool quoted = false;
    for (const char *c = text; *c; c++) {
        if (quoted && *c == '\\' && c[1])
            c++;
        else if (*c == '"')
            quoted = !quoted;
        else if (!quoted && *c == '{')
            depth++;
        else if (!quoted && *c == '}' && --depth == 0)
            return c + 1;
    }
    return NULL;
}

/* How much of jansson's reason can be shown: not what it quotes where that ends within a character,
 * since nothing but UTF-8 can be put to a model or into a log. */
static int why_shown(const char *why)
{
    json_t *whole = json_string(why);
    const char *quote = strstr(why, " near '");
    json_decref(whole);
    return whole || !quote ? str_cut(why, WHY_SHOWN) : (int)(quote - why);
}

json_t *reply_object(const char *text, struct str *reason)
{
    text = answer_after_thought(text);
    if (!text[strspn(text, " \t\r\n")]) {
        str_add(reason, "it is empty");
        return NULL;
    }
    json_error_t why = {.text = "there is none"};
    int unclosed = 0;
    for (const char *open = strchr(text, '{'); open; open = strchr(open + 1, '{')) {
        const char *end = object_end(open);
        if (!end && ++unclosed == UNCLOSED_MOST)
            break;
        if (!end)
            continue;
        json_t *object = json_loadb(open, (size_t)(end - open), 0, &why);
        if (object)
            return object;
        open = end - 1;
    }
    str_addf(reason, "it holds no JSON object (%.*s)", why_shown(why.text), why.text);
    return NULL;
}

/* Not only Latin: whatever is not ASCII counts as one. */
static bool is_letter(unsigned char c)
{
    return isalpha(c) || c >= 0x80;
}

bool reply_text(const json_t *reply, const char *key, char **text, struct str *reason)
{
    const char *found = json_string_value(json_object_get(reply, key));
    const char *letter = found;
    while (letter && *letter && !is_letter((unsigned char)*letter))
        letter++;
    if (!letter || !*letter) {
        str_addf(reason, "\"%s\" holds no sentence", key);
        return false;
    }
    *text = mem_strndup(found, (size_t)str_cut(found, TEXT_CEILING));
    for (char *c = *text; *c; c++)
        if (iscntrl((unsigned char)*c))
            *c = ' ';
    return true;
}

/* The slot of this name, in any case of letters; the count of slots where there is none. */
static size_t slot_named(const struct space *space, const char *name)
{
    size_t slot = 0;
    while (slot < space->slot_count && strcasecmp(space->slots[slot].name, name) != 0)
        slot++;
    return slot;
}

static bool refuse_slot(const struct space *space, const char *name, struct str *reason)
{
    str_addf(reason, "the edge \"%.*s\" is none of", str_cut(name, SHOWN), name);
    for (size_t i = 0; i < space->slot_count; i++)
        str_addf(reason, "%s %s", i ? "," : "", space->slots[i].name);
    return false;
}

static bool refuse_choice(const struct vocabulary *words, size_t number, const char *name,
                          struct str *reason)
{
    const struct slot *slot = &words->slots[number];
    str_addf(reason, "\"%.*s\" on edge %s is none of", str_cut(name, SHOWN), name, slot->name);
    for (size_t i = 0; i < slot->choice_count; i++)
        str_addf(reason, "%s %s", i ? "," : "", slot->choices[words->listed[number][i]].name);
    return false;
}

static bool read_rating(const char *word, enum reply_rating *rating)
{
    for (int i = 0; word && i < RATINGS; i++)
        if (strcasecmp(word, reply_rating_names[i]) == 0) {
            *rating = (enum reply_rating)i;
            return true;
        }
    return false;
}

bool reply_rating(const json_t *reply, const struct vocabulary *words, const struct arch *arch,
                  enum reply_rating ratings[ARCH_SLOTS], struct str *reason)
{
    const json_t *object = json_object_get(reply, "rating");
    if (!json_is_object(object)) {
        str_add(reason, "it has no object \"rating\"");
        return false;
    }
    for (size_t i = 0; i < words->space->slot_count; i++) {
        const struct slot *slot = &words->slots[i];
        char *key = mem_printf("%s %s", slot->name, slot->choices[arch->choice[i]].name);
        const json_t *word = json_object_get(object, key);
        if (!word)
            word = json_object_get(object, slot->name);
        bool ok = read_rating(json_string_value(word), &ratings[i]);
        if (!ok)
            str_addf(reason, "\"rating\" has no weak, fair or strong for \"%s\"", key);
        free(key);
        if (!ok)
            return false;
    }
    return true;
}

static bool check_allowed(const struct space *space, const struct arch *arch, struct str *reason)
{
    if (space_allows(space, arch))
        return true;
    str_add(reason, "that is not an architecture of the space");
    return false;
}

bool reply_change(const json_t *reply, const struct vocabulary *words, const struct arch *arch,
                  struct arch *changed, struct str *reason)
{
    const json_t *object = json_object_get(reply, "change");
    const char *edge = json_string_value(json_object_get(object, "edge"));
    const char *from = json_string_value(json_object_get(object, "from"));
    const char *to = json_string_value(json_object_get(object, "to"));
    if (!edge || !to) {
        str_add(reason, "it has no \"change\" with \"edge\" and \"to\"");
        return false;
    }
    size_t number = slot_named(words->space, edge);
    if (number == words->space->slot_count)
        return refuse_slot(words->space, edge, reason);
    const struct slot *slot = &words->slots[number];
    size_t present = arch->choice[number], wanted = vocabulary_choice(words, number, to);
    if (wanted == slot->choice_count)
        return refuse_choice(words, number, to, reason);
    if (from && vocabulary_choice(words, number, from) != present) {
        str_addf(reason, "edge %s has %s now, not \"%.*s\"", slot->name,
                 slot->choices[present].name, str_cut(from, SHOWN), from);
        return false;
    }
    if (wanted == present) {
        str_addf(reason, "edge %s has %s already", slot->name, slot->choices[present].name);
        return false;
    }
    *changed = *arch;
    changed->choice[number] = (uint8_t)wanted;
    return check_allowed(words->space, changed, reason);
}

bool reply_cell(const json_t *reply, const struct vocabulary *words, struct arch *arch,
                struct str *reason)
{
    const json_t *cell = json_object_get(reply, "cell");
    const struct space *space = words->space;
    if (json_is_string(cell) && words->names != NAMES_ANONYMOUS) {
        struct err err = {0};
        bool ok = space_read(space, json_string_value(cell), arch, &err);
        if (!ok)
            str_add(reason, err.text);
        return ok;
    }
    *arch = (struct arch){0};
    for (size_t i = 0; i < space->slot_count; i++) {
        const struct slot *slot = &words->slots[i];
        const char *name = json_string_value(json_object_get(cell, slot->name));
        if (!name) {
            str_addf(reason, "\"cell\" has no operation for edge %s", slot->name);
            return false;
        }
        size_t choice = vocabulary_choice(words, i, name);
        if (choice == slot->choice_count)
            return refuse_choice(words, i, name, reason);
        arch->choice[i] = (uint8_t)choice;
    }
    return check_allowed(space, arch, reason);
}
