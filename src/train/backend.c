#include "train/backend.h"

#include "base/str.h"
#include "train/module.h"

#include <string.h>

extern const struct backend_type backend_reference;

static const struct {
    const char *name;
    const struct backend_type *type; /* NULL: of the module of that name, */
    const char *option;              /* which is built with this option of configure */
} backends[] = {{"reference", &backend_reference, NULL},
                {"cpu", NULL, "--with-onednn"},
                {"cuda", NULL, "--with-cuda"}};

enum { BACKEND_COUNT = sizeof(backends) / sizeof(*backends) };

const char *backend_name_at(size_t index)
{
    return index < BACKEND_COUNT ? backends[index].name : NULL;
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
