#include "report/drawn.h"

#include "base/file.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *const drawn_endings[] = {"svg", "pdf", "png", NULL};

void drawn_add_program(struct hash *hash, const char *path)
{
    struct stat status = {0};
    bool there = stat(path, &status) == 0;
    char *text = mem_printf("%s %lld %lld.%09ld\n", path, there ? (long long)status.st_size : -1,
                            (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    hash_add(hash, text, strlen(text));
    free(text);
}

/* "<hash of the inputs> <hash of the drawings>", or NULL where a drawing is missing. The caller
 * frees. */
static char *line_of(const char *folder, const char *name, const struct digest *inputs)
{
    struct hash *hash = hash_begin();
    bool ok = true;
    for (const char *const *ending = drawn_endings; ok && *ending; ending++) {
        char *path = mem_printf("%s/%s.%s", folder, name, *ending);
        size_t size;
        char *bytes = file_read(path, FILE_CEILING, &size, NULL);
        if (bytes)
            hash_add(hash, bytes, size);
        ok = bytes != NULL;
        free(bytes);
        free(path);
    }
    struct digest drawings = hash_end(hash);
    return ok ? mem_printf("%s %s\n", inputs->hex, drawings.hex) : NULL;
}

bool drawn_is_current(const char *folder, const char *name, const struct digest *inputs)
{
    char *path = mem_printf("%s/.drawn/%s", folder, name);
    char *kept = file_exists(path) ? file_read(path, FILE_CEILING, NULL, NULL) : NULL;
    char *line = kept ? line_of(folder, name, inputs) : NULL;
    bool current = line && strcmp(line, kept) == 0;
    free(path);
    free(kept);
    free(line);
    return current;
}

bool drawn_remember(const char *folder, const char *name, const struct digest *inputs,
                    struct err *err)
{
    char *path = mem_printf("%s/.drawn/%s", folder, name);
    char *line = line_of(folder, name, inputs);
    bool ok = !line || file_write(path, line, strlen(line), err);
    free(path);
    free(line);
    return ok;
}
