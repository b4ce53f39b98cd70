/* What stands behind a struct backend of the backend "cpu". */
#ifndef TRAIN_CPU_CPU_H
#define TRAIN_CPU_CPU_H

#include "train/cpu/execution.h"

struct cpu {
    struct backend base;
    struct plan *plan;
    struct execution execution;
    size_t last_count; /* images of the last batch */
    char *description;
};

static inline struct cpu *cpu_of(struct backend *backend)
{
    return (struct cpu *)backend; /* its first member */
}

#endif
