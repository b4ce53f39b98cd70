/* The operators of SEKI's two stages, however they are done: by an LLM that edits (edit.c), by an
 * LLM that writes the whole architecture, as in the paper (whole.c), or by rules without an LLM
 * (rules.c), the controls that an LLM must be compared with.
 *
 * To add a set of operators: (1) write it as one const struct operators in search/, (2) name it in
 * operator_sets[] in seki.c, and in the choices of its options "form" or "operators", (3) add it to
 * local.mk, (4) give it a case in tests/search/. */
#ifndef SEARCH_OPERATORS_H
#define SEARCH_OPERATORS_H

#include "search/knowledge.h"
#include "search/strategy.h"

/* What an operator came to. The caller frees strategy and reason. */
struct proposal {
    struct arch arch;
    char *strategy; /* the sentence that led to it, or NULL */
    char *reason;   /* why there is no architecture; NULL: arch is one */
};

/* The reason where every neighbour was evaluated. */
#define OPERATORS_NONE_LEFT "every architecture one change away was evaluated before"

struct operators {
    const char *name;
    /* Self-evolution, D(alpha, C(alpha, f(alpha))): a better architecture than parent. False and
     * *err only when the run cannot go on. */
    bool (*evolve)(struct search *search, const struct knowledge_entry *parent,
                   struct proposal *proposal, struct err *err);
    /* Knowledge inspiration, E(S): a new architecture from count good ones, the best last, whatever
     * scores they are told to have. */
    bool (*inspire)(struct search *search, const struct knowledge_entry *good, size_t count,
                    struct proposal *proposal, struct err *err);
};

extern const struct operators operators_edit, operators_whole;
extern const struct operators operators_mutation_crossover, operators_untried_mutation,
    operators_prior;

#endif
