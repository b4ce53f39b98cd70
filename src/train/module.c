#include "config.h"

#include "train/module.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the running program; the caller frees. NULL where the system does not say. */
static char *program_folder(void)
{
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    *strrchr(path, '/') = '\0';
    return mem_strdup(path);
}

/* The module's path; the caller frees. NULL and *err, with all the places that were tried. */
static char *find(const char *name, const char *option, struct err *err)
{
    char *program = program_folder(), *found = NULL;
    const char *folders[] = {getenv("SEKI_MODULES"), program, SEKI_LIBDIR};
    struct str tried = {0};
    for (size_t i = 0; !found && i < sizeof(folders) / sizeof(*folders); i++) {
        if (!folders[i])
            continue;
        found = mem_printf("%s/seki-%s.so", folders[i], name);
        if (file_exists(found))
            break;
        str_addf(&tried, "%s%s", tried.length ? ", " : "", folders[i]);
        free(found);
        found = NULL;
    }
    if (!found)
        err_set(err, ERR_TOOL,
                "seki-%s.so is in none of %s: this build has no backend \"%s\", which comes with "
                "./configure %s",
                name, tried.text, name, option);
    str_free(&tried);
    free(program);
    return found;
}

static const struct backend_type *load(const char *path, struct err *err)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const struct module *module = handle ? dlsym(handle, "seki_module") : NULL;
    if (!handle)
        err_set(err, ERR_TOOL, "%s", dlerror());
    else if (!module)
        err_set(err, ERR_TOOL, "%s: no module of seki", path);
    else if (strcmp(module->version, PACKAGE_VERSION) != 0 || module->sizes != MODULE_SIZES)
        err_set(err, ERR_TOOL, "%s: of another build (version %s), expected this program's (%s)",
                path, module->version, PACKAGE_VERSION);
    else
        return module->backend;
    if (handle)
        dlclose(handle);
    return NULL;
}

const struct backend_type *module_open(const char *name, const char *option, struct err *err)
{
    char *path = find(name, option, err);
    const struct backend_type *backend = path ? load(path, err) : NULL;
    free(path);
    return backend;
}
