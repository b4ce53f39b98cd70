/* The parts of a ".zst" file of numbers. Parts written one after the other expand to what they
 * hold, one after the other, so that threads can share the work.
 *
 * A log of scores is digits that hardly repeat. A packer writes each byte by how frequent it is
 * and looks for repeats only in passing: three times as fast as zstd's fastest level, and half as
 * large again. */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include "base/str.h"

struct packer; /* for one thread */

struct packer *packer_open(void); /* the caller gives it to packer_close() */
/* Appends the part that expands to these bytes to out. */
void packer_add(struct packer *packer, const void *bytes, size_t size, struct str *out);
void packer_close(struct packer *packer); /* NULL is allowed */

#endif
