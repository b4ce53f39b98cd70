/* What a run's model is told, and what is kept from it: seki's options names, benchmark, scores and
 * history. They are controls: how well a model does without them says how much of a result comes
 * from the loop round it, from reading the scores, and from what it knew beforehand. With their
 * defaults every prompt is as in its file. What the search itself keeps, compares and logs is right
 * under all of them. */
#ifndef SEARCH_TELLING_H
#define SEARCH_TELLING_H

#include "search/knowledge.h"
#include "search/strategy.h"
#include "search/vocabulary.h"

bool telling_scores(const struct search *search);  /* false where they are withheld */
bool telling_history(const struct search *search); /* the same of what was tried before */

/* The names and the task in the prompts of this run. The caller gives words to vocabulary_free().
 */
void telling_words(const struct search *search, struct vocabulary *words);

/* Notes in the log what labels stand for, where names are labels. */
void telling_note_names(struct search *search);

/* The prompt with its values filled in and, before that, every phrase changed that would tell what
 * is withheld. A value that is withheld may be NULL: no prompt asks for it. The caller frees. */
char *telling_prompt(const struct search *search, const char *prompt,
                     const struct str_value *values);

/* Where scores are shuffled: gives these entries the scores that their places in the repository
 * have under a permutation of it, drawn anew for each iteration, and notes in the log which were
 * told. Their order stays. */
void telling_shuffle(struct search *search, const struct knowledge *knowledge,
                     struct knowledge_entry *entries, size_t count);

#endif
