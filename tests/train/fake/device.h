/* What the files of the stand-in share: one lock around every call, one table of all that was given
 * out, and streams of work that is done later. */
#ifndef TESTS_TRAIN_FAKE_DEVICE_H
#define TESTS_TRAIN_FAKE_DEVICE_H

#include "fake.h"

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stdint.h>

/* ---- calls ---- */

enum call {
    CALL_QUERY,  /* needs no device */
    CALL_PLAIN,  /* needs one */
    CALL_UNSAFE, /* is not allowed while this thread captures, and spoils the capture */
    CALL_WHOLE,  /* waits for the whole device: the same, whatever thread captures */
};

/* Takes the lock. An error where the call cannot be made. */
cudaError_t fake_enter(enum call call);
/* Lets go of it, and remembers an error as the thread's last. Returns the error. */
cudaError_t fake_leave(cudaError_t error);

struct fake_settings {
    int64_t devices, driver, capability, memory, lost_at, lost_as, cudnn, refused, workspace;
};
extern struct fake_settings fake_settings;
extern struct fake_counts fake_done; /* but for what the table knows */
extern cudaError_t fake_lost;        /* cudaSuccess until the device is lost */
extern _Thread_local int fake_device;
extern _Thread_local cudaError_t fake_last; /* that cudaGetLastError() has not told yet */

/* ---- what was given out ---- */

enum thing_kind {
    THING_DEVICE_MEMORY,
    THING_PINNED_MEMORY,
    THING_STREAM,
    THING_EVENT,
    THING_GRAPH,
    THING_GRAPH_EXEC,
    THING_HANDLE,
    THING_TENSOR,
    THING_FILTER,
    THING_CONVOLUTION,
};

/* Zeroed, memory filled with 0xff. */
void *thing_new(enum thing_kind kind, size_t size);
bool thing_is(enum thing_kind kind, const void *pointer); /* given out as such, and still there */
void thing_free(void *pointer);
/* Does [pointer, pointer + size) lie within one piece of memory of this kind? */
bool thing_holds(enum thing_kind kind, const void *pointer, size_t size);
bool thing_touches(enum thing_kind kind, const void *pointer, size_t size); /* or a part of it */
size_t thing_bytes(enum thing_kind kind, int device);                       /* -1: of all devices */
size_t thing_count(enum thing_kind from); /* of this kind and those behind it */
/* Lets the CPU at the device's memory, and keeps it away again. Calls nest. */
void thing_open_memory(void);
void thing_shut_memory(void);

/* ---- work ---- */

typedef cudaError_t work_function(const void *arguments);

/* Adds a piece of work to the stream, with a copy of its arguments (and of size extra bytes behind
 * them, as one block): to do when somebody waits, or to the graph that it captures. */
cudaError_t stream_add(cudaStream_t stream, work_function *run, const void *arguments, size_t size);
bool stream_captures(cudaStream_t stream);
/* Does all that is left to do in a stream; NULL: in every one. */
cudaError_t stream_finish(cudaStream_t stream);
bool stream_is_captured_here(void); /* does this thread capture one? */
/* Is this thread capturing, or any? Its captures are spoiled if so. */
bool stream_spoil_captures(bool of_any_thread);
void stream_forget_all(void); /* for fake_set(): what waits is not done */

#endif
