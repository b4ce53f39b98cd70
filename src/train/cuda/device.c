#include "train/cuda/device.h"

#include "base/mem.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define GB 1e9

enum { MOST_DEVICES = 1024 };

/* ---- errors ---- */

static bool no_driver(struct err *err)
{
    int driver = 0, runtime = 0;
    cudaDriverGetVersion(&driver);
    cudaRuntimeGetVersion(&runtime);
    if (driver == 0)
        return err_set(err, ERR_TOOL, "device cuda: no NVIDIA driver is there");
    return err_set(
        err, ERR_TOOL,
        "device cuda: the NVIDIA driver is too old: it serves CUDA %d.%d, expected %d.%d "
        "or later",
        driver / 1000, driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
}

bool device_ok(cudaError_t code, const char *what, struct err *err)
{
    if (code == cudaSuccess)
        return true;
    cudaGetLastError(); /* told here: cuDNN would take it for one of its next launch */
    if (code == cudaErrorInsufficientDriver)
        return no_driver(err);
    if (code == cudaErrorNoDevice)
        return err_set(err, ERR_TOOL, "device cuda: this machine has no NVIDIA GPU");
    return err_set(err, ERR_TOOL, "device cuda: %s failed: %s (%s)", what, cudaGetErrorString(code),
                   cudaGetErrorName(code));
}

bool device_dnn_ok(cudnnStatus_t code, const char *what, struct err *err)
{
    if (code == CUDNN_STATUS_SUCCESS)
        return true;
    cudaGetLastError();
    return err_set(err, ERR_TOOL, "device cuda: %s failed: %s", what, cudnnGetErrorString(code));
}

/* ---- opening ---- */

static bool find_device(struct device *device, struct err *err)
{
    int count = 0;
    struct cudaDeviceProp properties;
    if (!device_ok(cudaGetDeviceCount(&count), "cudaGetDeviceCount", err))
        return false;
    if (device->number >= count)
        return err_set(err, ERR_INPUT,
                       "device cuda: there is no GPU %d, this machine has %d (counted from 0)",
                       device->number, count);
    if (!device_ok(cudaGetDeviceProperties(&properties, device->number), "cudaGetDeviceProperties",
                   err))
        return false;
    device->name = mem_strdup(properties.name);
    return true;
}

bool device_open(struct device *device, int number, struct err *err)
{
    *device = (struct device){.number = number};
    return find_device(device, err) && device_enter(device, err) &&
           device_ok(cudaStreamCreateWithFlags(&device->stream, cudaStreamNonBlocking),
                     "cudaStreamCreate", err) &&
           device_dnn_ok(cudnnCreate(&device->cudnn), "cudnnCreate", err) &&
           device_dnn_ok(cudnnSetStream(device->cudnn, device->stream), "cudnnSetStream", err);
}

void device_close(struct device *device)
{
    struct err unused = {0};
    if (device->name && device_enter(device, &unused) && device->stream)
        cudaStreamSynchronize(device->stream);
    if (device->cudnn)
        cudnnDestroy(device->cudnn);
    for (size_t i = 0; i < device->memory_count; i++)
        cudaFree(device->memory[i]);
    for (size_t i = 0; i < device->pinned_count; i++)
        cudaFreeHost(device->pinned[i]);
    if (device->stream)
        cudaStreamDestroy(device->stream);
    free(device->memory);
    free(device->pinned);
    free(device->name);
    *device = (struct device){0};
}

bool device_enter(const struct device *device, struct err *err)
{
    return device_ok(cudaSetDevice(device->number), "cudaSetDevice", err);
}

static pthread_mutex_t whole_device = PTHREAD_MUTEX_INITIALIZER;

void device_lock(void)
{
    pthread_mutex_lock(&whole_device);
}

void device_unlock(void)
{
    pthread_mutex_unlock(&whole_device);
}

/* ---- memory ---- */

static bool no_memory(const struct device *device, double bytes, struct err *err)
{
    size_t left = 0, all = 0;
    cudaGetLastError(); /* running out of memory is no lasting error */
    cudaMemGetInfo(&left, &all);
    return err_set(
        err, ERR_TOOL,
        "device cuda: %.3f GB more do not fit into GPU %d (%s): %.3f of its %.3f GB are "
        "free, and this network has %.3f; a smaller batch or fewer jobs at once need less",
        bytes / GB, device->number, device->name, (double)left / GB, (double)all / GB,
        (double)device->bytes / GB);
}

void *device_memory(struct device *device, size_t count, size_t size, struct err *err)
{
    void *memory = NULL;
    size_t bytes = count * size;
    if (size && count > SIZE_MAX / size) {
        no_memory(device, (double)count * (double)size, err);
        return NULL;
    }
    cudaError_t code = cudaMalloc(&memory, bytes ? bytes : 1);
    if (code == cudaErrorMemoryAllocation)
        no_memory(device, (double)bytes, err);
    if (code == cudaErrorMemoryAllocation || !device_ok(code, "cudaMalloc", err))
        return NULL;
    MEM_GROW(device->memory, device->memory_count, device->memory_room);
    device->memory[device->memory_count++] = memory;
    device->bytes += bytes;
    if (!device_ok(cudaMemsetAsync(memory, 0, bytes, device->stream), "cudaMemset", err))
        return NULL;
    return memory;
}

void *device_pinned(struct device *device, size_t count, size_t size, struct err *err)
{
    void *memory = NULL;
    size_t bytes = count * size;
    if (!device_ok(cudaMallocHost(&memory, bytes ? bytes : 1), "cudaMallocHost", err))
        return NULL;
    MEM_GROW(device->pinned, device->pinned_count, device->pinned_room);
    device->pinned[device->pinned_count++] = memory;
    memset(memory, 0, bytes);
    return memory;
}

/* ---- work ---- */

static bool copy(struct device *device, void *to, const void *from, size_t bytes,
                 enum cudaMemcpyKind kind, struct err *err)
{
    return bytes == 0 || device_ok(cudaMemcpyAsync(to, from, bytes, kind, device->stream),
                                   "cudaMemcpyAsync", err);
}

bool device_send(struct device *device, void *to, const void *host, size_t bytes, struct err *err)
{
    return copy(device, to, host, bytes, cudaMemcpyHostToDevice, err);
}

bool device_fetch(struct device *device, void *host, const void *from, size_t bytes,
                  struct err *err)
{
    return copy(device, host, from, bytes, cudaMemcpyDeviceToHost, err);
}

bool device_set(struct device *device, void *to, const void *host, size_t bytes, struct err *err)
{
    return device_send(device, to, host, bytes, err) && device_wait(device, err);
}

bool device_get(struct device *device, void *host, const void *from, size_t bytes, struct err *err)
{
    return device_fetch(device, host, from, bytes, err) && device_wait(device, err);
}

bool device_wait(struct device *device, struct err *err)
{
    return device_ok(cudaStreamSynchronize(device->stream), "the work on the GPU", err);
}

bool device_event(cudaEvent_t *event, struct err *err)
{
    return device_ok(
        cudaEventCreateWithFlags(event, cudaEventBlockingSync | cudaEventDisableTiming),
        "cudaEventCreate", err);
}

bool device_launch(struct device *device, enum kernel_kind kind, enum value_type type,
                   const void *arguments, size_t items, struct err *err)
{
    const struct kernel *kernel = &kernels[kind];
    size_t threads = (size_t)kernel->threads;
    size_t blocks = kernel->by_block ? items : (items + threads - 1) / threads;
    void *pointers[] = {(void *)(uintptr_t)arguments};
    if (blocks == 0)
        return true;
    if (items > INT_MAX) /* kernels count them in 32 bits */
        return err_set(err, ERR_TOOL,
                       "device cuda: %zu items are too many for one launch of %s, expected at most "
                       "%d; a smaller batch has fewer",
                       items, kernel->name, INT_MAX);
    return device_ok(cudaLaunchKernel(kernel->functions[type],
                                      (dim3){.x = (unsigned)blocks, .y = 1, .z = 1},
                                      (dim3){.x = (unsigned)threads, .y = 1, .z = 1}, pointers, 0,
                                      device->stream),
                     kernel->name, err);
}

/* ---- what there is ---- */

int device_count(void)
{
    int count = 0;
    if (cudaGetDeviceCount(&count) != cudaSuccess || count < 1)
        return 1;
    return count < MOST_DEVICES ? count : MOST_DEVICES;
}

static bool survey_one(struct str *text, int number, struct err *err)
{
    struct cudaDeviceProp properties;
    size_t left = 0, all = 0;
    if (!device_ok(cudaGetDeviceProperties(&properties, number), "cudaGetDeviceProperties", err) ||
        !device_ok(cudaSetDevice(number), "cudaSetDevice", err) ||
        !device_ok(cudaMemGetInfo(&left, &all), "cudaMemGetInfo", err))
        return false;
    str_addf(text, "\nGPU %d: %s, compute capability %d.%d, %.1f of %.1f GB free", number,
             properties.name, properties.major, properties.minor, (double)left / GB,
             (double)all / GB);
    return true;
}

bool device_survey(struct str *text, struct err *err)
{
    int count = 0, driver = 0, runtime = 0;
    cudnnHandle_t cudnn = NULL;
    size_t version = cudnnGetVersion();
    if (!device_ok(cudaGetDeviceCount(&count), "cudaGetDeviceCount", err) ||
        !device_ok(cudaDriverGetVersion(&driver), "cudaDriverGetVersion", err) ||
        !device_ok(cudaRuntimeGetVersion(&runtime), "cudaRuntimeGetVersion", err))
        return false;
    str_addf(text, "CUDA %d.%d (driver for %d.%d), cuDNN %zu.%zu.%zu", runtime / 1000,
             runtime % 1000 / 10, driver / 1000, driver % 1000 / 10, version / 10000,
             version % 10000 / 100, version % 100);
    for (int i = 0; i < count; i++)
        if (!survey_one(text, i, err))
            return false;
    if (!device_dnn_ok(cudnnCreate(&cudnn), "cudnnCreate", err))
        return false;
    cudnnDestroy(cudnn);
    return true;
}
