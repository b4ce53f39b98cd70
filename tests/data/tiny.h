/* Data sets of a few images, made by the test: a folder of its own, files in it, settings. */
#ifndef TESTS_DATA_TINY_H
#define TESTS_DATA_TINY_H

#include "data/augment.h"
#include "data/split.h"

/* A new folder below the current one; tiny_remove() takes it away with the files in it. */
char *tiny_folder(void);
void tiny_remove(char *folder); /* frees the name too */

void tiny_write(const char *folder, const char *name, const void *bytes, size_t size);
void tiny_write_packed(const char *folder, const char *name, const void *bytes, size_t size);

/* All of dataset's, split's and augmentation's options: text is JSON of those that are given. */
json_t *tiny_settings(const char *text);

/* The synthetic set with these options; fails the test when there is none. */
struct dataset *tiny_synthetic(const char *text);

#endif
