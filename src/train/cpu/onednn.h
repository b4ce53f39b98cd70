/* oneDNN for as many threads as there are, each of which runs primitives alone. */
#ifndef TRAIN_CPU_ONEDNN_H
#define TRAIN_CPU_ONEDNN_H

#include "base/err.h"

#include <stdatomic.h>

struct onednn {
    void *engine, **streams; /* (threads) */
    int threads;
    atomic_bool failed; /* some call was refused, by whatever thread: what it was to make is not */
};

bool onednn_open(struct onednn *onednn, int threads, struct err *err) MUST_CHECK;
void onednn_close(struct onednn *onednn);

/* False and *err where a call was refused since it was opened. */
bool onednn_ok(const struct onednn *onednn, struct err *err) MUST_CHECK;

#endif
