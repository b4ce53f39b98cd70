/* Stands in for libFuzzer where there is none: gives the target each file that is named, or the
 * whole of its corpus. */
#include "base/file.h"
#include "base/mem.h"
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static bool replay(const char *path)
{
    struct err err = {0};
    size_t size = 0;
    char *data = file_read(path, FILE_CEILING, &size, &err);
    if (!data) {
        fprintf(stderr, "%s\n", err.text);
        return false;
    }
    fprintf(stderr, "%s\n", path); /* the last one named is the one that crashes */
    /* Just its bytes, so that a sanitizer sees a read past them. */
    uint8_t *exact = mem_alloc(size + !size, 1);
    memcpy(exact, data, size);
    free(data);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return true;
}

static bool replay_folder(const char *folder)
{
    struct dirent **entries = NULL;
    int found = scandir(folder, &entries, NULL, alphasort), replayed = 0;
    bool ok = true;
    for (int i = 0; i < found; i++) {
        char *path = file_join(folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            ok = replay(path) && ok;
            replayed++;
        }
        free(path);
        free(entries[i]);
    }
    free(entries);
    if (!replayed)
        fprintf(stderr, "%s: no corpus in it\n", folder);
    return ok && replayed;
}

int main(int argc, char **argv)
{
    bool ok = true;
    for (int i = 1; i < argc; i++)
        ok = replay(argv[i]) && ok;
    if (argc == 1) {
        const char *source = getenv("srcdir");
        char *folder = mem_printf("%s/tests/fuzz/corpus/" FUZZ_CORPUS, source ? source : ".");
        ok = replay_folder(folder);
        free(folder);
    }
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
