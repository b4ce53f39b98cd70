/* The threads of a block on one processor, in turns: each runs as far as its next SYNC, in an order
 * that is drawn anew for each turn. What one has from another without a SYNC between, or leaves to
 * it in the same phase, is then wrong, as it may be on a GPU. */
#ifndef TESTS_TRAIN_TURNS_H
#define TESTS_TRAIN_TURNS_H

#include "train/cuda/kernels.h"

extern const struct kernel kernels_in_turns[KERNEL_KINDS];

/* Runs one block of one of these. All its threads must meet the same SYNCs. */
void turns_run(kernel_host_function *function, const void *arguments, unsigned block_count,
               unsigned block, unsigned threads);

/* For the kernels (train/cuda/portable.h). */
unsigned turns_thread(void);
void turns_sync(void);

#endif
