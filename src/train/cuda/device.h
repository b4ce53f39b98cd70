/* One GPU as one backend uses it: a stream, memory that is freed at the end, and errors in one
 * sentence. Each backend has its own, so several networks train at once on one GPU. */
#ifndef TRAIN_CUDA_DEVICE_H
#define TRAIN_CUDA_DEVICE_H

#include "base/err.h"
#include "base/str.h"
#include "train/cuda/kernels.h"

#include <cuda_runtime_api.h>
#include <cudnn.h>

struct device {
    int number;
    char *name; /* "NVIDIA H100 PCIe" */
    cudaStream_t stream;
    cudnnHandle_t cudnn;
    void **memory, **pinned; /* all that was allocated, on the device and on the host */
    size_t memory_count, memory_room, pinned_count, pinned_room;
    size_t bytes; /* of memory */
};

/* false and *err where there is no such GPU, no driver, or an older one than this was built for.
 * Then, too, device_close() is to be called. */
bool device_open(struct device *device, int number, struct err *err) MUST_CHECK;
void device_close(struct device *device);

/* To be called by each thread before it uses the device. */
bool device_enter(const struct device *device, struct err *err) MUST_CHECK;

/* Round each capture of a stream, and round each call that may wait for a whole device, as
 * cudnnDestroy() does: such a wait spoils captures under way, in whatever thread and mode. One
 * thread of the process at a time; the others wait. */
void device_lock(void);
void device_unlock(void);

/* Memory of the device, and of the host where the device reads and writes by itself; zeros. They
 * live until device_close(). NULL and *err when there is not enough. */
void *device_memory(struct device *device, size_t count, size_t size, struct err *err) MUST_CHECK;
void *device_pinned(struct device *device, size_t count, size_t size, struct err *err) MUST_CHECK;

/* From the host to the device and back, in the order of the stream. device_set() and device_get()
 * wait until it is done. */
bool device_send(struct device *device, void *to, const void *host, size_t bytes,
                 struct err *err) MUST_CHECK;
bool device_fetch(struct device *device, void *host, const void *from, size_t bytes,
                  struct err *err) MUST_CHECK;
bool device_set(struct device *device, void *to, const void *host, size_t bytes,
                struct err *err) MUST_CHECK;
bool device_get(struct device *device, void *host, const void *from, size_t bytes,
                struct err *err) MUST_CHECK;
bool device_wait(struct device *device, struct err *err) MUST_CHECK;

/* Of the device that this thread has entered; to wait for it keeps no processor busy. The caller
 * destroys it. */
bool device_event(cudaEvent_t *event, struct err *err) MUST_CHECK;

/* items as kernels.h says of the kind; none is no launch. */
bool device_launch(struct device *device, enum kernel_kind kind, enum value_type type,
                   const void *arguments, size_t items, struct err *err) MUST_CHECK;

/* What a call came to. what: "cudaMalloc". */
bool device_ok(cudaError_t code, const char *what, struct err *err) MUST_CHECK;
bool device_dnn_ok(cudnnStatus_t code, const char *what, struct err *err) MUST_CHECK;

/* At least 1: opening says where there is none. */
int device_count(void);

/* What there is, for "seki doctor": driver, runtime, cuDNN, and a line for each GPU. */
bool device_survey(struct str *text, struct err *err) MUST_CHECK;

#endif
