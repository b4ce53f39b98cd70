/* Backends that live in a shared object of their own, opened when they are first asked for: the
 * program starts as fast, and where it is installed, without the libraries that they need.
 *
 * The object seki-<name>.so is looked for in $SEKI_MODULES, else beside the program, else where
 * "make install" put it. It brings all of ours that it uses and exports one symbol, seki_module. */
#ifndef TRAIN_MODULE_H
#define TRAIN_MODULE_H

#include "base/err.h"
#include "train/backend.h"

struct module {
    const char *version; /* of the package */
    size_t sizes;        /* MODULE_SIZES: of the structures that both sides share */
    const struct backend_type *backend;
};

#define MODULE_SIZES                                                                               \
    (sizeof(struct backend_type) + 1000 * (sizeof(struct net) + sizeof(struct net_norm)) +         \
     1000000 * sizeof(struct net_op) + 1000000000 * sizeof(struct step))

/* NULL and *err where the module is not there (which option of configure builds it), is of another
 * version, or lacks a library. It stays open until the process ends. */
const struct backend_type *module_open(const char *name, const char *option,
                                       struct err *err) MUST_CHECK;

#endif
