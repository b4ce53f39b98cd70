/* Does one step of a plan for one image. */
#ifndef TRAIN_CPU_STEPS_H
#define TRAIN_CPU_STEPS_H

#include "train/cpu/execution.h"

/* One image on its way through a phase. */
struct passage {
    struct execution *execution;
    const struct batch *batch;
    const struct step *step; /* NULL: evaluation */
    struct worker *worker;
    size_t thread, image;
    size_t seen; /* images that the thread has had before */
};

void steps_run(const struct passage *passage, const struct plan_step *step);

#endif
