/* oneDNN for as many threads as there are, each of which runs primitives alone. */
#ifndef TRAIN_CPU_ONEDNN_H
#define TRAIN_CPU_ONEDNN_H

#include "base/err.h"

struct onednn {
    void *engine, **streams; /* (threads) */
    int threads;
};

bool onednn_open(struct onednn *onednn, int threads, struct err *err) MUST_CHECK;
void onednn_close(struct onednn *onednn);

#endif
