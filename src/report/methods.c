#include "report/methods.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static struct method *find(struct methods *methods, const char *key)
{
    for (size_t i = 0; i < methods->count; i++)
        if (strcmp(methods->list[i].key, key) == 0)
            return &methods->list[i];
    MEM_GROW(methods->list, methods->count, methods->capacity);
    methods->list[methods->count] = (struct method){.key = mem_strdup(key)};
    return &methods->list[methods->count++];
}

struct methods methods_group(const struct cell_runs *const *cells, const char *merged,
                             const char *axis)
{
    struct methods methods = {0};
    for (; *cells; cells++) {
        char *key = cells_label(*cells, NULL, merged);
        struct method *method = find(&methods, key);
        if (!method->first) {
            method->first = *cells;
            method->name = axis ? cells_label(*cells, axis, NULL) : mem_strdup(key);
        }
        free(key);
        if ((*cells)->run_count) {
            MEM_GROW(method->run, method->run_count, method->run_capacity);
            method->run[method->run_count++] = *cells;
        }
    }
    return methods;
}

void methods_free(struct methods *methods)
{
    for (size_t i = 0; i < methods->count; i++) {
        free(methods->list[i].key);
        free(methods->list[i].name);
        free(methods->list[i].run);
    }
    free(methods->list);
    *methods = (struct methods){0};
}

const struct cell_runs *methods_cell_for(const struct method *method, const char *dataset)
{
    for (size_t i = 0; i < method->run_count; i++)
        if (strcmp(method->run[i]->dataset, dataset) == 0)
            return method->run[i];
    for (size_t i = 0; i < method->run_count; i++)
        if (reader_score(reader_answer(method->run[i]->runs[0], 0), dataset))
            return method->run[i];
    return NULL;
}
