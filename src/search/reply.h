/* What an LLM wrote, turned into values or into a reason why not. Replies are hostile input: every
 * value is checked against the space, in the names that the model was told, whatever constraint the
 * server was given. Fuzzed by tests/fuzz/. Each function returns false with a sentence added to
 * reason, fit to be shown to the model: "the edge \"0->4\" is none of 0->1, 0->2, ...". */
#ifndef SEARCH_REPLY_H
#define SEARCH_REPLY_H

#include "search/vocabulary.h"

#include "base/err.h"
#include "base/str.h"

#include <jansson.h>

enum reply_rating { RATED_WEAK, RATED_FAIR, RATED_STRONG, RATINGS };
extern const char *const reply_rating_names[RATINGS];

/* The first JSON object in the text: after a leading <think>...</think>, within code fences or
 * prose. NULL and a reason when there is none; the caller owns it. Takes a time that grows with
 * the text's length alone: after so many braces that nothing closes it gives up. */
json_t *reply_object(const char *text, struct str *reason) MUST_CHECK;

/* A text of at least one letter under key, at most 600 bytes of it; the caller frees. */
bool reply_text(const json_t *reply, const char *key, char **text, struct str *reason) MUST_CHECK;

/* "rating": a word for every slot, under "0->1 conv3x3" or "0->1". */
bool reply_rating(const json_t *reply, const struct vocabulary *words, const struct arch *arch,
                  enum reply_rating ratings[ARCH_SLOTS], struct str *reason) MUST_CHECK;

/* "change": {"edge", "from", "to"}; from must be what arch has there, if it is given. *changed is
 * then arch with another choice on that edge. */
bool reply_change(const json_t *reply, const struct vocabulary *words, const struct arch *arch,
                  struct arch *changed, struct str *reason) MUST_CHECK;

/* "cell": a choice for every slot; or, unless names are labels, the benchmark's text form or
 * digits. */
bool reply_cell(const json_t *reply, const struct vocabulary *words, struct arch *arch,
                struct str *reason) MUST_CHECK;

#endif
