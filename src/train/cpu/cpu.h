/* What stands behind a struct backend of the backend "cpu". */
#ifndef TRAIN_CPU_CPU_H
#define TRAIN_CPU_CPU_H

#include "train/cpu/execution.h"

struct cpu {
    struct backend base;
    struct plan *plan;
    struct execution execution;
    char *description;
    struct outcome outcome; /* of the last pass */
};

static inline struct cpu *cpu_of(struct backend *backend)
{
    return (struct cpu *)backend; /* its first member */
}

#endif
