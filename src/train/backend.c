#include "train/backend.h"

#include "train/module.h"

#include <string.h>

extern const struct backend_type backend_reference;

static const struct {
    const char *name;
    const struct backend_type *type; /* NULL: of the module of that name, */
    const char *option;              /* which is built with this option of configure */
    unsigned precisions;             /* bits by enum precision: what it computes in */
} backends[] = {{"reference", &backend_reference, NULL, 1U << PRECISION_FP32},
                {"cpu", NULL, "--with-onednn", 1U << PRECISION_FP32 | 1U << PRECISION_BF16},
                {"cuda", NULL, "--with-cuda",
                 1U << PRECISION_FP32 | 1U << PRECISION_TF32 | 1U << PRECISION_BF16}};

enum { BACKEND_COUNT = sizeof(backends) / sizeof(*backends) };

const char *backend_name_at(size_t index)
{
    return index < BACKEND_COUNT ? backends[index].name : NULL;
}

enum precision precision_find(const char *name)
{
    enum precision precision = PRECISION_FP32;
    while (strcmp(precision_name(precision), name) != 0)
        precision++;
    return precision;
}

bool backend_computes_in(const char *name, enum precision precision)
{
    for (size_t i = 0; i < BACKEND_COUNT; i++)
        if (strcmp(backends[i].name, name) == 0)
            return backends[i].precisions >> precision & 1;
    return false;
}

const struct backend_type *backend_require(const char *name, struct err *err)
{
    struct str names = {0};
    for (size_t i = 0; i < BACKEND_COUNT; i++) {
        if (strcmp(backends[i].name, name) == 0) {
            str_free(&names);
            return backends[i].type ? backends[i].type : module_open(name, backends[i].option, err);
        }
        str_addf(&names, "%s%s", i ? ", " : "", backends[i].name);
    }
    err_set(err, ERR_INPUT, "\"%s\" is no backend of this build, expected one of %s", name,
            names.text);
    str_free(&names);
    return NULL;
}
