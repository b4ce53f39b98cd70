/* What can be searched: a list of slots, each with named choices. Pure values, no files.
 *
 * All that strategies, prompts and tables need (sampling, neighbours, indices, digits) follows
 * from the slots and is written once, in space.c. A space adds its text form and, where not every
 * combination is allowed, a test.
 *
 * To add a space: (1) write space/<name>.c with one const struct space, (2) name it in spaces[] in
 * space.c, (3) add it, and its task text, to local.mk, (4) give it a case in tests/space/. */
#ifndef SPACE_SPACE_H
#define SPACE_SPACE_H

#include "base/err.h"
#include "base/rng.h"
#include "base/str.h"
#include "space/arch.h"
#include "space/metric.h"

#include <stddef.h>

struct choice {
    const char *name;      /* short, for prompts: "conv3x3" */
    const char *benchmark; /* as the benchmark writes it: "nor_conv_3x3" */
    const char *note;      /* what it does, in a few words, for prompts; may be "" */
    int prior;             /* common knowledge of CNNs: -1 replace it first, 1 by this; else 0 */
};

struct slot {
    const char *name; /* "0->1" */
    int node;         /* the node that the edge enters: slots of one node belong together */
    const struct choice *choices;
    size_t choice_count;
};

/* An edge of the graph that an architecture is, for drawings. */
struct space_edge {
    const char *from, *to; /* names of nodes, at most two letters */
    size_t slot;           /* that says what is on it */
};

/* What the network does on one of the benchmark's data sets, to follow "a network that ". */
struct goal {
    const char *dataset, *network;
};

struct space {
    const char *name;  /* as written in experiment files */
    const char *title; /* as papers write it: "NAS-Bench-201" */
    const char *summary;
    const struct slot *slots;
    size_t slot_count;
    const char *absent; /* name of the choice that leaves an edge out; NULL: none does */
    /* The space and the goal in words, for prompts: a text with {{metric}} where the metric's title
     * goes and, where there are goals, {{network}}; and with one line "- conv3x3: what it does" of
     * each choice that has a note, by its name, since controls rename or drop that line. */
    const char *task;
    const struct goal *goals; /* the last dataset is NULL; NULL: task is of all data sets */
    /* The benchmark's own text form, appended to out. */
    void (*encode)(const struct arch *arch, struct str *out);
    /* Reads that form. False and *err with what was found and what was expected. */
    bool (*decode)(const char *text, struct arch *arch, struct err *err);
    /* The edges of arch into edges (ARCH_SLOTS); returns how many. */
    size_t (*edges)(const struct arch *arch, struct space_edge *edges);
    bool (*allowed)(const struct arch *arch); /* for space_allows(); NULL: every combination is */
};

const struct space *space_find(const char *name); /* NULL when there is none */
/* The same; when there is none, *err says which there are. */
const struct space *space_require(const char *name, struct err *err) MUST_CHECK;
/* task with its names filled in; the caller frees. NULL and *err when no goal is of dataset. */
char *space_task(const struct space *space, const char *dataset, const struct metric *metric,
                 struct err *err) MUST_CHECK;
const struct space *space_at(size_t index); /* in order of registration; NULL past the last */

/* How many combinations the slots have. */
size_t space_size(const struct space *space);
/* Place of arch among them: mixed radix, the first slot the most significant digit. */
size_t space_index(const struct space *space, const struct arch *arch);
struct arch space_nth(const struct space *space, size_t index);

/* Whether this combination is an architecture of the space. */
bool space_allows(const struct space *space, const struct arch *arch);

struct arch space_sample(const struct space *space, struct rng *rng); /* uniform */

/* Neighbours differ in one slot. They are numbered from 0: slot by slot, choice by choice, the
 * present choice left out. */
size_t space_neighbour_count(const struct space *space);
struct arch space_neighbour(const struct space *space, const struct arch *arch, size_t number);

/* A uniform neighbour; or, as the NAS-Bench-201 paper's evolution does, a uniform node first, then
 * a uniform slot of that node, then a uniform other choice. */
struct arch space_mutate(const struct space *space, const struct arch *arch, struct rng *rng);
struct arch space_mutate_node(const struct space *space, const struct arch *arch, struct rng *rng);

/* One digit (0-9, a-z) a slot, "421211"; out has room for ARCH_SLOTS + 1. */
void space_digits(const struct space *space, const struct arch *arch, char *out);
/* Reads the digits or the benchmark's text form. */
bool space_read(const struct space *space, const char *text, struct arch *arch,
                struct err *err) MUST_CHECK;

#endif
