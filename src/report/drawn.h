/* Which figures need not be drawn again: those of which nothing changed that they are drawn from
 * (data, script, the program that draws) nor the drawings themselves. What a figure was drawn from
 * is kept beside it, as hashes, in <folder>/.drawn/<name>; without that file it is drawn. */
#ifndef REPORT_DRAWN_H
#define REPORT_DRAWN_H

#include "base/err.h"
#include "base/hash.h"

extern const char *const drawn_endings[]; /* of the drawings: "svg", "pdf", "png"; NULL ends */

/* Adds which program it is: its path, size and time. */
void drawn_add_program(struct hash *hash, const char *path);

/* Whether <folder>/<name>.svg and its sisters are what was drawn from these inputs. */
bool drawn_is_current(const char *folder, const char *name, const struct digest *inputs);
bool drawn_remember(const char *folder, const char *name, const struct digest *inputs,
                    struct err *err) MUST_CHECK;

#endif
