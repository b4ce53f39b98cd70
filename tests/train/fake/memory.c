/* All that was given out, memory and objects, and copies between memories. */
#include "base/mem.h"
#include "device.h"

#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(start, size)   ((void)(start), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#endif

struct thing {
    enum thing_kind kind;
    int device;
    char *start;
    size_t size;
};

enum { ALIGNMENT = 256 }; /* of a device's memory, bytes */

static struct thing *things;
static size_t count, room;
static int opened; /* calls of thing_open_memory() not yet undone */

/* ---- the table ---- */

void *thing_new(enum thing_kind kind, size_t size)
{
    bool memory = kind == THING_DEVICE_MEMORY || kind == THING_PINNED_MEMORY;
    void *start;
    if (posix_memalign(&start, ALIGNMENT, size) != 0)
        abort();
    memset(start, memory ? 0xff : 0, size);
    MEM_GROW(things, count, room);
    things[count++] = (struct thing){kind, fake_device, start, size};
    if (kind == THING_DEVICE_MEMORY && !opened)
        ASAN_POISON_MEMORY_REGION(start, size);
    return start;
}

static struct thing *find(enum thing_kind kind, const void *pointer)
{
    for (size_t i = 0; i < count; i++)
        if (things[i].kind == kind && things[i].start == pointer)
            return &things[i];
    return NULL;
}

bool thing_is(enum thing_kind kind, const void *pointer)
{
    return find(kind, pointer) != NULL;
}

void thing_free(void *pointer)
{
    for (size_t i = 0; i < count; i++) {
        if (things[i].start != pointer)
            continue;
        ASAN_UNPOISON_MEMORY_REGION(things[i].start, things[i].size);
        free(things[i].start);
        things[i] = things[--count];
        break;
    }
    if (count == 0) {
        free(things);
        things = NULL;
        room = 0;
    }
}

bool thing_holds(enum thing_kind kind, const void *pointer, size_t size)
{
    uintptr_t from = (uintptr_t)pointer;
    for (size_t i = 0; i < count; i++) {
        uintptr_t start = (uintptr_t)things[i].start;
        if (things[i].kind == kind && from >= start && from - start <= things[i].size &&
            size <= things[i].size - (from - start))
            return true;
    }
    return false;
}

bool thing_touches(enum thing_kind kind, const void *pointer, size_t size)
{
    uintptr_t from = (uintptr_t)pointer;
    for (size_t i = 0; i < count; i++) {
        uintptr_t start = (uintptr_t)things[i].start;
        if (things[i].kind == kind && from < start + things[i].size && start < from + size)
            return true;
    }
    return false;
}

size_t thing_bytes(enum thing_kind kind, int device)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        if (things[i].kind == kind && (device < 0 || things[i].device == device))
            bytes += things[i].size;
    return bytes;
}

size_t thing_count(enum thing_kind from)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += things[i].kind >= from;
    return found;
}

void thing_open_memory(void)
{
    if (opened++)
        return;
    for (size_t i = 0; i < count; i++)
        if (things[i].kind == THING_DEVICE_MEMORY)
            ASAN_UNPOISON_MEMORY_REGION(things[i].start, things[i].size);
}

void thing_shut_memory(void)
{
    if (--opened)
        return;
    for (size_t i = 0; i < count; i++)
        if (things[i].kind == THING_DEVICE_MEMORY)
            ASAN_POISON_MEMORY_REGION(things[i].start, things[i].size);
}

/* ---- memory ---- */

static cudaError_t allocate(enum thing_kind kind, void **pointer, size_t size)
{
    cudaError_t error = fake_enter(CALL_UNSAFE);
    if (!error && !pointer)
        error = cudaErrorInvalidValue;
    if (!error && kind == THING_DEVICE_MEMORY &&
        size > (size_t)fake_settings.memory - thing_bytes(kind, fake_device))
        error = cudaErrorMemoryAllocation;
    if (!error)
        *pointer = size ? thing_new(kind, size) : NULL;
    return fake_leave(error);
}

/* Waits for all that was asked of the device, as the real ones do. */
static cudaError_t give_back(enum thing_kind kind, void *pointer)
{
    cudaError_t error = fake_enter(CALL_WHOLE);
    if (!error && pointer)
        error = thing_is(kind, pointer) ? stream_finish(NULL) : cudaErrorInvalidValue;
    if (error != cudaErrorInvalidValue && error != cudaErrorStreamCaptureUnsupported && pointer &&
        thing_is(kind, pointer))
        thing_free(pointer); /* of a lost device too */
    return fake_leave(error);
}

cudaError_t cudaMalloc(void **pointer, size_t size)
{
    return allocate(THING_DEVICE_MEMORY, pointer, size);
}

cudaError_t cudaFree(void *pointer)
{
    return give_back(THING_DEVICE_MEMORY, pointer);
}

cudaError_t cudaMallocHost(void **pointer, size_t size)
{
    return allocate(THING_PINNED_MEMORY, pointer, size);
}

cudaError_t cudaFreeHost(void *pointer)
{
    return give_back(THING_PINNED_MEMORY, pointer);
}

/* ---- copies ---- */

struct copy {
    void *to;
    const void *from; /* NULL: the bytes behind this structure */
    size_t count;
    bool to_device, from_device;
};

/* Memory may have been given back since the copy was asked for. */
static cudaError_t run_copy(const void *arguments)
{
    const struct copy *copy = arguments;
    if ((copy->to_device && !thing_holds(THING_DEVICE_MEMORY, copy->to, copy->count)) ||
        (copy->from_device && !thing_holds(THING_DEVICE_MEMORY, copy->from, copy->count)))
        return cudaErrorIllegalAddress;
    memmove(copy->to, copy->from ? copy->from : copy + 1, copy->count);
    return cudaSuccess;
}

/* One end of a copy: on the device and within one piece, or off the device altogether. */
static bool end_is_right(const void *pointer, size_t size, bool device)
{
    return pointer && (device ? thing_holds(THING_DEVICE_MEMORY, pointer, size)
                              : !thing_touches(THING_DEVICE_MEMORY, pointer, size));
}

static bool is_pageable(const void *pointer, size_t size)
{
    return !thing_holds(THING_PINNED_MEMORY, pointer, size);
}

/* Memory that is not pinned is read before the call returns. */
static cudaError_t stage(const struct copy *copy, cudaStream_t stream)
{
    struct copy *staged = mem_alloc(1, sizeof(*staged) + copy->count);
    *staged = *copy;
    staged->from = NULL;
    memcpy(staged + 1, copy->from, copy->count);
    cudaError_t error = stream_add(stream, run_copy, staged, sizeof(*staged) + copy->count);
    free(staged);
    return error;
}

static cudaError_t add_copy(const struct copy *copy, cudaStream_t stream)
{
    bool in = !copy->from_device && is_pageable(copy->from, copy->count);
    bool out = !copy->to_device && is_pageable(copy->to, copy->count);
    if (!end_is_right(copy->to, copy->count, copy->to_device) ||
        !end_is_right(copy->from, copy->count, copy->from_device))
        return cudaErrorInvalidValue;
    if ((in || out) && stream_captures(stream)) {
        stream_spoil_captures(false);
        return cudaErrorStreamCaptureUnsupported;
    }
    cudaError_t error =
        in ? stage(copy, stream) : stream_add(stream, run_copy, copy, sizeof(*copy));
    return !error && out ? stream_finish(stream) : error;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t size, enum cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    struct copy copy = {to, from, size,
                        kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice,
                        kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice};
    if (!error && (!copy.to_device && !copy.from_device)) /* those that are never needed */
        error = cudaErrorInvalidValue;
    if (!error && size)
        error = add_copy(&copy, stream);
    return fake_leave(error);
}

struct fill {
    void *to;
    int value;
    size_t count;
};

static cudaError_t run_fill(const void *arguments)
{
    const struct fill *fill = arguments;
    if (!thing_holds(THING_DEVICE_MEMORY, fill->to, fill->count))
        return cudaErrorIllegalAddress;
    memset(fill->to, fill->value, fill->count);
    return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t size, cudaStream_t stream)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    struct fill fill = {to, value, size};
    if (!error && size)
        error = thing_holds(THING_DEVICE_MEMORY, to, size)
                    ? stream_add(stream, run_fill, &fill, sizeof(fill))
                    : cudaErrorInvalidValue;
    return fake_leave(error);
}
