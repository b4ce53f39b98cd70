/* The names under which a run talks to its model about a space: the names of its prompts, those of
 * the benchmark, or neutral labels that say nothing. With them one can tell what a model reads from
 * what it knew beforehand.
 *
 * Invariants: architectures are the same under every name (a choice keeps its number), so nothing
 * outside of prompts and replies sees a vocabulary. Neutral labels are dealt out, and the choices
 * listed, in an order of the run's own, so that neither a label nor its place gives a choice away;
 * what would describe a choice (notes, lines of the task) is left out then. What the task
 * does not describe (which two inputs a node has) is no operation, and keeps its names. */
#ifndef SEARCH_VOCABULARY_H
#define SEARCH_VOCABULARY_H

#include "base/rng.h"
#include "space/space.h"

enum vocabulary_names {
    NAMES_PLAIN,     /* "conv3x3" */
    NAMES_BENCHMARK, /* "nor_conv_3x3" */
    NAMES_ANONYMOUS, /* "op_a" */
};

enum { VOCABULARY_CHOICES = 36 }; /* of a slot, at most: as many as there are digits */

struct vocabulary {
    const struct space *space;
    enum vocabulary_names names;
    /* The space's slots, choices by the same numbers; name is what the model reads, benchmark
     * another name that is understood, note "" where nothing is said. */
    struct slot slots[ARCH_SLOTS];
    /* The choices of a slot in the order of lists. */
    uint8_t listed[ARCH_SLOTS][VOCABULARY_CHOICES];
    char *task;             /* the task's text in these names */
    struct choice *choices; /* storage of what the slots name anew */
    char (*labels)[8];
};

/* The words for a space whose task is told by this text. rng is the stream that labels are dealt
 * by; it is not moved. The caller gives words to vocabulary_free(). */
void vocabulary_open(struct vocabulary *words, const struct space *space, const char *task,
                     enum vocabulary_names names, const struct rng *rng);
void vocabulary_free(struct vocabulary *words);

/* The choice of the slot by either of its names, in any case of letters; as many as the slot has
 * when there is none. */
size_t vocabulary_choice(const struct vocabulary *words, size_t slot, const char *name);

/* What the labels stand for, "op_a is skip, op_b is none", for the log; the caller frees. NULL
 * where names are no labels. */
char *vocabulary_key(const struct vocabulary *words);

#endif
