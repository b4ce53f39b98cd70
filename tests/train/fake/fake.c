/* The device as such: its settings, how many there are, how calls fail. */
#include "device.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct fake_settings defaults = {.devices = 1,
                                              .driver = CUDART_VERSION,
                                              .capability = 90,
                                              .memory = INT64_C(4) << 30,
                                              .lost_as = cudaErrorDevicesUnavailable,
                                              .cudnn = 1};

static const struct {
    const char *key;
    size_t offset;
} keys[] = {
    {"devices", offsetof(struct fake_settings, devices)},
    {"driver", offsetof(struct fake_settings, driver)},
    {"capability", offsetof(struct fake_settings, capability)},
    {"memory", offsetof(struct fake_settings, memory)},
    {"lost_at", offsetof(struct fake_settings, lost_at)},
    {"lost_as", offsetof(struct fake_settings, lost_as)},
    {"cudnn", offsetof(struct fake_settings, cudnn)},
    {"refused", offsetof(struct fake_settings, refused)},
    {"workspace", offsetof(struct fake_settings, workspace)},
};

struct fake_settings fake_settings;
struct fake_counts fake_done;
cudaError_t fake_lost;
_Thread_local int fake_device;
_Thread_local cudaError_t fake_last;

static pthread_mutex_t lock;
static pthread_once_t begun = PTHREAD_ONCE_INIT;
static pid_t owner; /* the process that used the device first */

/* ---- settings ---- */

static int64_t *setting(const char *key, size_t length)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
        if (strlen(keys[i].key) == length && strncmp(keys[i].key, key, length) == 0)
            return (int64_t *)((char *)&fake_settings + keys[i].offset);
    fprintf(stderr, "FAKE device: no setting %.*s\n", (int)length, key);
    abort();
}

static void apply(const char *settings)
{
    fake_settings = defaults;
    for (const char *at = settings; *at; at += strspn(at, ",")) {
        size_t length = strcspn(at, "=");
        int64_t *value = setting(at, length);
        char *end;
        *value = strtoll(at + length + (at[length] == '='), &end, 10);
        at = end;
        if (*at && *at != ',') {
            fprintf(stderr, "FAKE device: no number in %s\n", settings);
            abort();
        }
    }
}

static void begin(void)
{
    pthread_mutexattr_t attributes;
    const char *settings = getenv("SEKI_FAKE_DEVICE");
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock, &attributes);
    apply(settings ? settings : "");
}

void fake_set(const char *settings)
{
    fake_enter(CALL_QUERY);
    apply(settings);
    fake_done = (struct fake_counts){0};
    fake_lost = cudaSuccess;
    owner = 0;
    stream_forget_all();
    fake_leave(cudaSuccess);
    fake_last = cudaSuccess;
}

struct fake_counts fake_counts(void)
{
    fake_enter(CALL_QUERY);
    struct fake_counts counts = fake_done;
    counts.device_bytes = thing_bytes(THING_DEVICE_MEMORY, -1);
    counts.pinned_bytes = thing_bytes(THING_PINNED_MEMORY, -1);
    counts.objects = thing_count(THING_STREAM);
    fake_leave(cudaSuccess);
    return counts;
}

/* ---- calls ---- */

static cudaError_t state_of_device(void)
{
    if (fake_settings.driver < CUDART_VERSION)
        return cudaErrorInsufficientDriver;
    if (fake_settings.devices == 0)
        return cudaErrorNoDevice;
    if (!owner)
        owner = getpid();
    return owner == getpid() ? fake_lost : cudaErrorInitializationError;
}

cudaError_t fake_enter(enum call call)
{
    pthread_once(&begun, begin);
    pthread_mutex_lock(&lock);
    if (call == CALL_QUERY)
        return cudaSuccess;
    cudaError_t state = state_of_device();
    if (!state && call >= CALL_UNSAFE && stream_spoil_captures(call == CALL_WHOLE))
        return cudaErrorStreamCaptureUnsupported;
    return state;
}

/* A capture takes its time, so that what other threads do falls into it. */
cudaError_t fake_leave(cudaError_t error)
{
    const struct timespec moment = {.tv_nsec = 20000};
    bool captures = stream_is_captured_here();
    pthread_mutex_unlock(&lock);
    if (captures)
        nanosleep(&moment, NULL);
    if (error)
        fake_last = error;
    return error;
}

cudaError_t cudaGetLastError(void)
{
    fake_enter(CALL_QUERY);
    cudaError_t error = fake_lost ? fake_lost : fake_last;
    fake_last = cudaSuccess;
    pthread_mutex_unlock(&lock);
    return error;
}

#define ERROR_ROW(name, text)                                                                      \
    {                                                                                              \
        name, #name, "FAKE: " text                                                                 \
    }

static const struct {
    cudaError_t error;
    const char *name, *text;
} errors[] = {
    ERROR_ROW(cudaSuccess, "no error"),
    ERROR_ROW(cudaErrorInvalidValue, "invalid argument"),
    ERROR_ROW(cudaErrorMemoryAllocation, "out of memory"),
    ERROR_ROW(cudaErrorInitializationError, "initialization error"),
    ERROR_ROW(cudaErrorInvalidConfiguration, "invalid configuration argument"),
    ERROR_ROW(cudaErrorInsufficientDriver,
              "CUDA driver version is insufficient for CUDA runtime version"),
    ERROR_ROW(cudaErrorDevicesUnavailable, "CUDA-capable device(s) is/are busy or unavailable"),
    ERROR_ROW(cudaErrorInvalidDeviceFunction, "invalid device function"),
    ERROR_ROW(cudaErrorNoDevice, "no CUDA-capable device is detected"),
    ERROR_ROW(cudaErrorInvalidDevice, "invalid device ordinal"),
    ERROR_ROW(cudaErrorInvalidResourceHandle, "invalid resource handle"),
    ERROR_ROW(cudaErrorIllegalState, "the operation cannot be performed in the present state"),
    ERROR_ROW(cudaErrorIllegalAddress, "an illegal memory access was encountered"),
    ERROR_ROW(cudaErrorLaunchFailure, "unspecified launch failure"),
    ERROR_ROW(cudaErrorStreamCaptureUnsupported,
              "operation not permitted when stream is capturing"),
    ERROR_ROW(cudaErrorStreamCaptureInvalidated,
              "operation failed due to a previous error during capture"),
    ERROR_ROW(cudaErrorStreamCaptureWrongThread,
              "attempt to terminate a thread-local capture sequence from another thread"),
    ERROR_ROW(cudaErrorUnknown, "unknown error"),
};

enum { ERROR_COUNT = sizeof(errors) / sizeof(*errors) };

static size_t error_row(cudaError_t error)
{
    for (size_t i = 0; i < ERROR_COUNT; i++)
        if (errors[i].error == error)
            return i;
    return ERROR_COUNT - 1;
}

const char *cudaGetErrorString(cudaError_t error)
{
    return errors[error_row(error)].text;
}

const char *cudaGetErrorName(cudaError_t error)
{
    return errors[error_row(error)].name;
}

/* ---- devices ---- */

cudaError_t cudaDriverGetVersion(int *version)
{
    fake_enter(CALL_QUERY);
    if (version)
        *version = (int)fake_settings.driver;
    return fake_leave(version ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    fake_enter(CALL_QUERY);
    if (version)
        *version = CUDART_VERSION;
    return fake_leave(version ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t cudaGetDeviceCount(int *count)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!count)
        return fake_leave(cudaErrorInvalidValue);
    if (error == cudaSuccess || error == cudaErrorNoDevice)
        *count = (int)fake_settings.devices;
    return fake_leave(error);
}

static cudaError_t check_device(int device)
{
    return device >= 0 && device < fake_settings.devices ? cudaSuccess : cudaErrorInvalidDevice;
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int device)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error)
        error = properties ? check_device(device) : cudaErrorInvalidValue;
    if (!error)
        *properties = (struct cudaDeviceProp){
            .name = "FAKE device (the tests' stand-in, on the CPU)",
            .totalGlobalMem = (size_t)fake_settings.memory,
            .maxThreadsPerBlock = 1024,
            .major = (int)fake_settings.capability / 10,
            .minor = (int)fake_settings.capability % 10,
            .multiProcessorCount = 4,
            .maxThreadsPerMultiProcessor = 2048,
        };
    return fake_leave(error);
}

cudaError_t cudaSetDevice(int device)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error)
        error = check_device(device);
    if (!error)
        fake_device = device;
    return fake_leave(error);
}

cudaError_t cudaGetDevice(int *device)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error && !device)
        error = cudaErrorInvalidValue;
    if (!error)
        *device = fake_device;
    return fake_leave(error);
}

cudaError_t cudaMemGetInfo(size_t *free, size_t *total)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error && (!free || !total))
        error = cudaErrorInvalidValue;
    if (!error) {
        *total = (size_t)fake_settings.memory;
        *free = *total - thing_bytes(THING_DEVICE_MEMORY, fake_device);
    }
    return fake_leave(error);
}
