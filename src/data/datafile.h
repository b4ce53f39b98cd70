/* The files of a data set: found plain or gzipped, expanded, and checked against what is known of
 * them. The only place with zlib. */
#ifndef DATA_DATAFILE_H
#define DATA_DATAFILE_H

#include "base/err.h"
#include "base/hash.h"

#include <stdint.h>

struct datafile {
    const char *name;      /* in the set's folder; "name.gz" will do */
    size_t size;           /* bytes, expanded */
    const char *published; /* SHA-256 (64 digits) or MD5 (32) of them; NULL: none is published */
};

bool datafile_exists(const char *folder, const char *name);

/* Its bytes, file->size of them; the caller frees. NULL and *err when it is not there, or is
 * damaged, of another size or of another digest. Adds its line of "sha256sum" to listing. */
uint8_t *datafile_read(const char *folder, const struct datafile *file, struct hash *listing,
                       struct err *err) MUST_CHECK;

#endif
