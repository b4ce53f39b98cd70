/* Architectures in the words of a prompt, and what a reply about them must look like: the parts
 * that the forms of a prompt share. All results are the caller's. */
#ifndef SEARCH_WORDS_H
#define SEARCH_WORDS_H

#include "search/telling.h"

#include <jansson.h>

char *words_metric(const struct search *search); /* "validation accuracy" */
/* "90.34%", "0.5632"; NULL where scores are withheld. */
char *words_score(const struct search *search, double score);

/* What is said to a reply whose architecture was evaluated before; NULL where it was not. */
char *words_duplicate(const struct search *search, const struct arch *arch);

/* {"0->1":"conv3x3", ...} in one line. */
char *words_cell(const struct vocabulary *words, const struct arch *arch);

/* One line a cell, best last: "90.65%  {...}"; where scores are withheld, in the order of the
 * architectures' numbers, without one. No newline at the end. */
char *words_cells(const struct search *search, const struct vocabulary *words,
                  const struct knowledge_entry *entries, size_t count);

/* The same, shorter: "90.65%  conv3x3, skip, ..." in the order of words_slot_names(). */
char *words_rows(const struct search *search, const struct vocabulary *words,
                 const struct knowledge_entry *entries, size_t count);
char *words_slot_names(const struct space *space); /* "0->1, 0->2, ..." */

/* JSON Schema of an object with these properties, all required. Takes over properties. */
json_t *words_object_schema(json_t *properties);
json_t *words_sentence_schema(int most); /* a text of 10 to most characters */
json_t *words_cell_schema(const struct vocabulary *words);

#endif
