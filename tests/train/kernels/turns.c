#include "turns.h"

#include "base/rng.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <ucontext.h>

enum { THREADS_MAX = 256, STACK_SIZE = 1 << 16 };

static struct thread {
    ucontext_t context;
    bool ended;
    _Alignas(64) char stack[STACK_SIZE];
} threads[THREADS_MAX];

/* The block at work. */
static struct {
    kernel_host_function *function;
    const void *arguments;
    unsigned block_count, block, thread_count;
    unsigned now; /* whose turn it is */
    ucontext_t home;
} work;

unsigned turns_thread(void)
{
    return work.now;
}

void turns_sync(void)
{
    swapcontext(&threads[work.now].context, &work.home);
}

static void run_thread(void)
{
    work.function(work.arguments, work.block_count, work.block, work.thread_count);
    threads[work.now].ended = true;
}

static void begin(struct thread *thread)
{
    getcontext(&thread->context);
    thread->context.uc_stack.ss_sp = thread->stack;
    thread->context.uc_stack.ss_size = sizeof(thread->stack);
    thread->context.uc_link = &work.home;
    makecontext(&thread->context, run_thread, 0);
    thread->ended = false;
}

/* Every thread runs as far as its next sync, or to its end: how many ended. */
static unsigned turn(const size_t *order)
{
    unsigned ended = 0;
    for (unsigned i = 0; i < work.thread_count; i++) {
        work.now = (unsigned)order[i];
        swapcontext(&work.home, &threads[work.now].context);
        ended += threads[work.now].ended;
    }
    return ended;
}

void turns_run(kernel_host_function *function, const void *arguments, unsigned block_count,
               unsigned block, unsigned count)
{
    struct rng rng = rng_seed(block); /* the same orders each time */
    size_t order[THREADS_MAX];
    unsigned ended = 0;
    ck_assert_uint_le(count, THREADS_MAX);
    work.function = function;
    work.arguments = arguments;
    work.block_count = block_count;
    work.block = block;
    work.thread_count = count;
    for (unsigned t = 0; t < count; t++) {
        begin(&threads[t]);
        order[t] = t;
    }
    while (!ended) {
        rng_shuffle(&rng, order, count);
        ended = turn(order);
    }
    ck_assert_msg(ended == count, "%u of %u threads ended at a SYNC of the others", ended, count);
}
