#include "search/vocabulary.h"

#include "base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The first slot that has the choices of this one, and as many: they share their names. */
static size_t first_alike(const struct space *space, size_t slot)
{
    const struct slot *wanted = &space->slots[slot];
    size_t first = 0;
    while (space->slots[first].choices != wanted->choices ||
           space->slots[first].choice_count != wanted->choice_count)
        first++;
    return first;
}

/* Room for choices of the slot that may be renamed. */
static struct choice *own_choices(struct vocabulary *words, size_t slot, size_t *used)
{
    struct choice *own = &words->choices[*used];
    memcpy(own, words->slots[slot].choices, words->slots[slot].choice_count * sizeof(*own));
    words->slots[slot].choices = own;
    *used += words->slots[slot].choice_count;
    return own;
}

static void use_benchmark_names(struct vocabulary *words, size_t slot, size_t *used)
{
    struct choice *own = own_choices(words, slot, used);
    for (size_t c = 0; c < words->slots[slot].choice_count; c++) {
        const char *plain = own[c].name;
        own[c].name = own[c].benchmark;
        own[c].benchmark = plain;
    }
}

/* "op_a" to "op_z", then "op_ba" and so on. */
static void write_label(char label[8], size_t number)
{
    if (number < 26)
        snprintf(label, 8, "op_%c", (int)('a' + number));
    else
        snprintf(label, 8, "op_%c%c", (int)('a' + number / 26 % 26), (int)('a' + number % 26));
}

static void deal_labels(struct vocabulary *words, size_t slot, const struct rng *rng, size_t *used)
{
    size_t first = *used, count = words->slots[slot].choice_count, order[VOCABULARY_CHOICES];
    struct choice *own = own_choices(words, slot, used);
    struct rng stream = rng_fork(rng, "names", slot);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    rng_shuffle(&stream, order, count);
    for (size_t i = 0; i < count; i++) {
        write_label(words->labels[first + i], first + i);
        words->listed[slot][i] = (uint8_t)order[i];
        own[order[i]].name = own[order[i]].benchmark = words->labels[first + i];
        own[order[i]].note = "";
    }
}

/* Whether the line is one of the task's list of operations, "- conv3x3: what it does": *slot is
 * then the first that has it, *choice its number there, and *rest what follows the name. */
static bool is_about_choice(const struct space *space, const char *line, size_t *slot,
                            size_t *choice, const char **rest)
{
    if (strncmp(line, "- ", 2) != 0)
        return false;
    size_t length = strcspn(line + 2, ":\n");
    *rest = line + 2 + length;
    for (*slot = 0; **rest == ':' && *slot < space->slot_count; ++*slot)
        for (*choice = 0; *choice < space->slots[*slot].choice_count; ++*choice) {
            const char *name = space->slots[*slot].choices[*choice].name;
            if (strlen(name) == length && strncmp(name, line + 2, length) == 0)
                return true;
        }
    return false;
}

/* Whether the task's list describes the choices of the slot (the first that has them), so that
 * labels hide something. */
static bool is_listed(const struct space *space, size_t slot, const char *task)
{
    size_t about, choice;
    const char *rest;
    for (const char *line = task; *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (is_about_choice(space, line, &about, &choice, &rest) && about == slot)
            return true;
    return false;
}

static void name_slot(struct vocabulary *words, size_t slot, const char *task,
                      const struct rng *rng, size_t *used)
{
    const struct space *space = words->space;
    size_t first = first_alike(space, slot);
    words->slots[slot] = space->slots[slot];
    if (first < slot) {
        words->slots[slot].choices = words->slots[first].choices;
        memcpy(words->listed[slot], words->listed[first], sizeof(words->listed[slot]));
        return;
    }
    for (size_t i = 0; i < space->slots[slot].choice_count; i++)
        words->listed[slot][i] = (uint8_t)i;
    if (words->names == NAMES_BENCHMARK)
        use_benchmark_names(words, slot, used);
    if (words->names == NAMES_ANONYMOUS && is_listed(space, slot, task))
        deal_labels(words, slot, rng, used);
}

static void add_label_list(const struct vocabulary *words, size_t slot, struct str *out)
{
    for (size_t i = 0; i < words->slots[slot].choice_count; i++)
        str_addf(out, "- %s\n", words->slots[slot].choices[words->listed[slot][i]].name);
}

/* The task with its list of operations in these names; of labels, the bare list. */
static char *task_in_words(const struct vocabulary *words, const char *task)
{
    bool told[ARCH_SLOTS] = {false};
    struct str out = {0};
    size_t slot, choice;
    const char *rest;
    for (const char *line = task; *line;) {
        size_t length = strcspn(line, "\n");
        length += line[length] == '\n';
        if (!is_about_choice(words->space, line, &slot, &choice, &rest)) {
            str_add_bytes(&out, line, length);
        } else if (words->names != NAMES_ANONYMOUS) {
            str_addf(&out, "- %s", words->slots[slot].choices[choice].name);
            str_add_bytes(&out, rest, (size_t)(line + length - rest));
        } else if (!told[slot]) {
            add_label_list(words, slot, &out);
            told[slot] = true;
        }
        line += length;
    }
    return str_steal(&out);
}

void vocabulary_open(struct vocabulary *words, const struct space *space, const char *task,
                     enum vocabulary_names names, const struct rng *rng)
{
    size_t total = 0, used = 0;
    *words = (struct vocabulary){.space = space, .names = names};
    for (size_t slot = 0; slot < space->slot_count; slot++) {
        assert(space->slots[slot].choice_count <= VOCABULARY_CHOICES);
        total += space->slots[slot].choice_count;
    }
    words->choices = mem_alloc(total, sizeof(*words->choices));
    words->labels = mem_alloc(total, sizeof(*words->labels));
    for (size_t slot = 0; slot < space->slot_count; slot++)
        name_slot(words, slot, task, rng, &used);
    words->task = task_in_words(words, task);
}

void vocabulary_free(struct vocabulary *words)
{
    free(words->choices);
    free(words->labels);
    free(words->task);
    *words = (struct vocabulary){0};
}

size_t vocabulary_choice(const struct vocabulary *words, size_t slot, const char *name)
{
    const struct slot *known = &words->slots[slot];
    size_t i = 0;
    while (i < known->choice_count && strcasecmp(known->choices[i].name, name) != 0 &&
           strcasecmp(known->choices[i].benchmark, name) != 0)
        i++;
    return i;
}

static void add_key(const struct vocabulary *words, size_t slot, struct str *out)
{
    for (size_t i = 0; i < words->slots[slot].choice_count; i++) {
        size_t choice = words->listed[slot][i];
        str_addf(out, "%s%s is %s", out->length ? ", " : "",
                 words->slots[slot].choices[choice].name,
                 words->space->slots[slot].choices[choice].name);
    }
}

char *vocabulary_key(const struct vocabulary *words)
{
    struct str out = {0};
    if (words->names != NAMES_ANONYMOUS)
        return NULL;
    for (size_t slot = 0; slot < words->space->slot_count; slot++)
        if (first_alike(words->space, slot) == slot &&
            words->slots[slot].choices != words->space->slots[slot].choices)
            add_key(words, slot, &out);
    return str_steal(&out);
}
