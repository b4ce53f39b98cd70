/* The tests' stand-in of a CUDA device: order of work, captures, what is refused, convolutions. */
#include "../suite.h"
#include "fake.h"
#include "fake_cases.h"
#include "train/cuda/kernels.h"

#include <check.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a kernel of these tests' own: to[i] = to[i] * factor + block ---- */

struct scale_arguments {
    float *to;
    float factor;
    unsigned size;
};

static void scale(const void *arguments, unsigned block_count, unsigned block, unsigned threads)
{
    const struct scale_arguments *a = arguments;
    ck_assert_uint_lt(block, block_count);
    for (unsigned i = block * threads; i < (block + 1) * threads && i < a->size; i++)
        a->to[i] = a->to[i] * a->factor + (float)block;
}

const struct kernel kernels[KERNEL_KINDS] = {
    {"scale", {(const void *)scale, (const void *)scale}, sizeof(struct scale_arguments), 4, 0}};

static cudaError_t launch(cudaStream_t on, float *to, float factor, unsigned size)
{
    struct scale_arguments arguments = {to, factor, size};
    void *list[] = {&arguments};
    return cudaLaunchKernel((const void *)scale, (dim3){(size + 3) / 4, 1, 1}, (dim3){4, 1, 1},
                            list, 0, on);
}

/* ---- what all tests need ---- */

cudaStream_t stream;
float *device, *pinned;

void setup(void)
{
    fake_set("");
    ck_assert_int_eq(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), 0);
    ck_assert_int_eq(cudaMalloc((void **)&device, SIZE * sizeof(float)), 0);
    ck_assert_int_eq(cudaMallocHost((void **)&pinned, SIZE * sizeof(float)), 0);
}

void teardown(void)
{
    fake_set("");
    ck_assert_int_eq(cudaFree(device), 0);
    ck_assert_int_eq(cudaFreeHost(pinned), 0);
    ck_assert_int_eq(cudaStreamDestroy(stream), 0);
    struct fake_counts counts = fake_counts();
    ck_assert_uint_eq(counts.device_bytes + counts.pinned_bytes + counts.objects, 0);
}

static void fill_pinned(float first)
{
    for (size_t i = 0; i < SIZE; i++)
        pinned[i] = first + (float)i;
}

static cudaError_t to_device(void)
{
    return cudaMemcpyAsync(device, pinned, SIZE * sizeof(float), cudaMemcpyHostToDevice, stream);
}

static cudaError_t from_device(void)
{
    return cudaMemcpyAsync(pinned, device, SIZE * sizeof(float), cudaMemcpyDeviceToHost, stream);
}

/* ---- streams ---- */

START_TEST(work_is_done_in_order_when_somebody_waits)
{
    fill_pinned(1);
    ck_assert_int_eq(to_device(), 0);
    ck_assert_int_eq(launch(stream, device, 2, SIZE), 0);
    ck_assert_int_eq(from_device(), 0);
    ck_assert_float_eq(pinned[0], 1);
    pinned[0] = 10; /* read when the copy is done, not when it is asked for */
    ck_assert_int_eq(cudaStreamSynchronize(stream), 0);
    const float expected[SIZE] = {20, 4, 6, 8, 11, 13};
    ck_assert_mem_eq(pinned, expected, sizeof(expected));
    ck_assert_uint_eq(fake_counts().work, 3);
    ck_assert_uint_eq(fake_counts().launches, 1);
}
END_TEST

START_TEST(pageable_memory_is_copied_at_the_call)
{
    float host[SIZE] = {1, 2, 3, 4, 5, 6}, found[SIZE] = {0};
    ck_assert_int_eq(cudaMemcpyAsync(device, host, sizeof(host), cudaMemcpyHostToDevice, stream),
                     0);
    host[0] = 100;
    ck_assert_int_eq(launch(stream, device, 3, SIZE), 0);
    ck_assert_int_eq(cudaMemcpyAsync(found, device, sizeof(found), cudaMemcpyDeviceToHost, stream),
                     0);
    ck_assert_float_eq(found[0], 3);
    ck_assert_float_eq(found[5], 19);
}
END_TEST

START_TEST(memory_begins_as_no_number_and_is_filled_by_bytes)
{
    ck_assert_int_eq(from_device(), 0);
    ck_assert_int_eq(cudaMemsetAsync(device, 0, SIZE * sizeof(float), stream), 0);
    ck_assert_int_eq(cudaStreamSynchronize(stream), 0);
    ck_assert(isnan(pinned[0]) && isnan(pinned[SIZE - 1]));
    ck_assert_int_eq(from_device(), 0);
    ck_assert_int_eq(cudaStreamSynchronize(stream), 0);
    ck_assert_float_eq(pinned[SIZE - 1], 0);
}
END_TEST

/* ---- captures ---- */

/* The first launch of a kernel cannot be captured. */
static void load_kernel(void)
{
    ck_assert_int_eq(launch(stream, device, 1, SIZE), 0);
    ck_assert_int_eq(cudaStreamSynchronize(stream), 0);
}

static cudaGraphExec_t capture_step(void)
{
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    load_kernel();
    ck_assert_int_eq(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), 0);
    ck_assert_int_eq(to_device(), 0);
    ck_assert_int_eq(launch(stream, device, 2, SIZE), 0);
    ck_assert_int_eq(from_device(), 0);
    ck_assert_int_eq(cudaStreamEndCapture(stream, &graph), 0);
    ck_assert_int_eq(cudaGraphInstantiate(&exec, graph, 0), 0);
    ck_assert_int_eq(cudaGraphDestroy(graph), 0);
    return exec;
}

START_TEST(a_graph_does_its_work_at_each_launch_and_not_before)
{
    fill_pinned(1);
    cudaGraphExec_t exec = capture_step();
    size_t work = fake_counts().work;
    ck_assert_int_eq(cudaStreamSynchronize(stream), 0);
    ck_assert_uint_eq(fake_counts().work, work);
    ck_assert_float_eq(pinned[1], 2);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(cudaGraphLaunch(exec, stream), 0);
    ck_assert_int_eq(cudaGraphExecDestroy(exec), 0); /* what was launched is still done */
    ck_assert_int_eq(cudaStreamSynchronize(stream), 0);
    ck_assert_float_eq(pinned[1], 16);
    ck_assert_uint_eq(fake_counts().work, work + 9);
    ck_assert_int_eq(cudaGraphLaunch(exec, stream), cudaErrorInvalidValue);
    cudaGetLastError();
}
END_TEST

/* Each with its error and what it leaves of the capture. */
static cudaError_t allocate_in_capture(void)
{
    void *more;
    return cudaMalloc(&more, 1);
}

static cudaError_t wait_in_capture(void)
{
    return cudaStreamSynchronize(stream);
}

static cudaError_t free_in_capture(void)
{
    return cudaFree(device);
}

static cudaError_t copy_from_pageable_in_capture(void)
{
    float host[SIZE] = {0};
    return cudaMemcpyAsync(device, host, sizeof(host), cudaMemcpyHostToDevice, stream);
}

static cudaError_t launch_first_in_capture(void)
{
    return launch(stream, device, 1, SIZE);
}

static cudaError_t (*const forbidden[])(void) = {allocate_in_capture, wait_in_capture,
                                                 free_in_capture, copy_from_pageable_in_capture,
                                                 launch_first_in_capture};

START_TEST(what_would_disturb_a_capture_fails_and_spoils_it)
{
    cudaGraph_t graph;
    ck_assert_int_eq(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), 0);
    ck_assert_int_eq(to_device(), 0);
    ck_assert_int_eq(forbidden[_i](), cudaErrorStreamCaptureUnsupported);
    ck_assert_int_eq(to_device(), cudaErrorStreamCaptureInvalidated);
    ck_assert_int_eq(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
    ck_assert_ptr_null(graph);
    ck_assert_int_eq(cudaStreamEndCapture(stream, &graph), cudaErrorIllegalState);
    ck_assert_int_eq(to_device(), 0);
}
END_TEST

/* By another thread: each waits for the whole device. */
static void *create_and_destroy(void *unused)
{
    cudnnHandle_t handle;
    ck_assert_int_eq(cudnnCreate(&handle), 0);
    ck_assert_int_eq(cudnnDestroy(handle), 0);
    return unused;
}

static void *free_memory(void *unused)
{
    ck_assert_int_eq(cudaFree(device), cudaErrorStreamCaptureUnsupported);
    return unused;
}

static void *launch_first(void *unused)
{
    cudaStream_t other;
    ck_assert_int_eq(cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking), 0);
    ck_assert_int_eq(launch(other, device, 1, SIZE), cudaErrorStreamCaptureUnsupported);
    ck_assert_int_eq(cudaStreamDestroy(other), 0);
    return unused;
}

static void *(*const waits[])(void *) = {create_and_destroy, free_memory, launch_first};

START_TEST(a_wait_for_the_whole_device_spoils_the_captures_of_all_threads)
{
    cudaGraph_t graph;
    pthread_t other;
    ck_assert_int_eq(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), 0);
    ck_assert_int_eq(to_device(), 0);
    ck_assert_int_eq(pthread_create(&other, NULL, waits[_i], NULL), 0);
    ck_assert_int_eq(pthread_join(other, NULL), 0);
    ck_assert_int_eq(cudaStreamEndCapture(stream, &graph), cudaErrorStreamCaptureInvalidated);
}
END_TEST

/* ---- what is refused ---- */

static cudaError_t copy(void *to, const void *from, size_t count, enum cudaMemcpyKind kind)
{
    return cudaMemcpyAsync(to, from, count, kind, stream);
}

START_TEST(copies_out_of_bounds_are_refused)
{
    size_t size = SIZE * sizeof(float);
    float *other;
    ck_assert_int_eq(copy(device, pinned, size + 1, cudaMemcpyHostToDevice), 1);
    ck_assert_int_eq(copy(device + 1, pinned, size, cudaMemcpyHostToDevice), 1);
    ck_assert_int_eq(copy(pinned, pinned, size, cudaMemcpyHostToDevice), 1);
    ck_assert_int_eq(copy(device, device, size, cudaMemcpyHostToDevice), 1);
    ck_assert_int_eq(copy(NULL, pinned, size, cudaMemcpyHostToDevice), 1);
    ck_assert_int_eq(copy(device, NULL, size, cudaMemcpyHostToDevice), 1);
    ck_assert_int_eq(copy(device, pinned, 0, cudaMemcpyHostToDevice), 0);
    ck_assert_int_eq(cudaMemsetAsync(device + 1, 0, size, stream), 1);
    ck_assert_int_eq(cudaMemcpyAsync(device, pinned, size, cudaMemcpyHostToDevice, NULL),
                     cudaErrorInvalidResourceHandle);
    ck_assert_int_eq(cudaMalloc((void **)&other, size), 0);
    ck_assert_int_eq(cudaFree(other), 0);
    ck_assert_int_eq(copy(other, pinned, size, cudaMemcpyHostToDevice), 1);
    ck_assert_int_eq(cudaFree(other), 1);
    ck_assert_int_eq(cudaFree(pinned), 1);
    ck_assert_int_eq(cudaFree(NULL), 0);
    ck_assert_int_eq(cudaGetLastError(), 1);
    ck_assert_int_eq(cudaGetLastError(), 0);
}
END_TEST

START_TEST(launches_that_no_device_could_do_are_refused)
{
    struct scale_arguments arguments = {device, 1, SIZE};
    void *list[] = {&arguments};
    dim3 one = {1, 1, 1}, none = {0, 1, 1}, many = {2048, 1, 1};
    const void *function = (const void *)scale;
    ck_assert_int_eq(cudaLaunchKernel(function, none, one, list, 0, stream),
                     cudaErrorInvalidConfiguration);
    ck_assert_int_eq(cudaLaunchKernel(function, one, many, list, 0, stream),
                     cudaErrorInvalidConfiguration);
    ck_assert_int_eq(cudaLaunchKernel(kernels, one, one, list, 0, stream),
                     cudaErrorInvalidDeviceFunction);
    ck_assert_int_eq(cudaLaunchKernel(function, one, one, NULL, 0, stream), cudaErrorInvalidValue);
}
END_TEST

START_TEST(work_for_another_device_than_the_threads_is_refused)
{
    fake_set("devices=2");
    ck_assert_int_eq(cudaSetDevice(1), 0);
    ck_assert_int_eq(to_device(), cudaErrorInvalidResourceHandle);
    ck_assert_int_eq(launch(stream, device, 1, SIZE), cudaErrorInvalidResourceHandle);
    ck_assert_int_eq(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal),
                     cudaErrorInvalidResourceHandle);
    ck_assert_int_eq(cudaSetDevice(0), 0);
    ck_assert_int_eq(to_device(), 0);
}
END_TEST

START_TEST(memory_runs_out_at_its_size)
{
    void *more;
    size_t left, all;
    fake_set("memory=1000");
    ck_assert_int_eq(cudaMemGetInfo(&left, &all), 0);
    ck_assert_uint_eq(all, 1000);
    ck_assert_uint_eq(left, 1000 - SIZE * sizeof(float));
    ck_assert_int_eq(cudaMalloc(&more, left + 1), cudaErrorMemoryAllocation);
    ck_assert_int_eq(cudaMalloc(&more, left), 0);
    ck_assert_uint_eq(fake_counts().device_bytes, 1000);
    ck_assert_int_eq(cudaFree(more), 0);
}
END_TEST

/* ---- devices that are not as they should be ---- */

static cudaError_t count_devices(int *count)
{
    cudnnHandle_t handle;
    ck_assert_int_eq(cudnnCreate(&handle), CUDNN_STATUS_NOT_INITIALIZED);
    return cudaGetDeviceCount(count);
}

START_TEST(a_machine_may_lack_a_driver_or_a_device)
{
    int count = -7, version = -7;
    struct cudaDeviceProp properties;
    fake_set("driver=0");
    ck_assert_int_eq(count_devices(&count), cudaErrorInsufficientDriver);
    ck_assert_int_eq(count, -7);
    ck_assert_int_eq(cudaDriverGetVersion(&version), 0);
    ck_assert_int_eq(version, 0);
    fake_set("driver=12080");
    ck_assert_int_eq(count_devices(&count), cudaErrorInsufficientDriver);
    fake_set("devices=0");
    ck_assert_int_eq(count_devices(&count), cudaErrorNoDevice);
    fake_set("devices=2,capability=75");
    ck_assert_int_eq(cudaGetDeviceCount(&count), 0);
    ck_assert_int_eq(count, 2);
    ck_assert_int_eq(cudaSetDevice(2), cudaErrorInvalidDevice);
    ck_assert_int_eq(cudaGetDeviceProperties(&properties, 1), 0);
    ck_assert_ptr_nonnull(strstr(properties.name, "FAKE"));
    ck_assert_int_eq(properties.major * 10 + properties.minor, 75);
    fake_set("cudnn=0");
    ck_assert_int_eq(count_devices(&count), 0);
}
END_TEST

START_TEST(a_lost_device_fails_all_calls_from_then_on)
{
    void *more;
    fake_set("lost_at=2,lost_as=700");
    fill_pinned(1);
    ck_assert_int_eq(to_device(), 0);
    ck_assert_int_eq(launch(stream, device, 2, SIZE), 0);
    ck_assert_int_eq(from_device(), 0);
    ck_assert_int_eq(cudaStreamSynchronize(stream), cudaErrorIllegalAddress);
    ck_assert_float_eq(pinned[0], 1);
    ck_assert_int_eq(cudaMalloc(&more, 1), cudaErrorIllegalAddress);
    ck_assert_int_eq(cudaGetLastError(), cudaErrorIllegalAddress);
    ck_assert_int_eq(cudaGetLastError(), cudaErrorIllegalAddress);
}
END_TEST

START_TEST(memory_that_is_gone_when_it_is_used_loses_the_device)
{
    cudaGraphExec_t exec = capture_step();
    ck_assert_int_eq(cudaFree(device), 0);
    ck_assert_int_eq(cudaGraphLaunch(exec, stream), 0);
    ck_assert_int_eq(cudaStreamSynchronize(stream), cudaErrorIllegalAddress);
    fake_set("");
    ck_assert_int_eq(cudaGraphExecDestroy(exec), 0);
    ck_assert_int_eq(cudaMalloc((void **)&device, SIZE * sizeof(float)), 0);
}
END_TEST

START_TEST(a_forked_child_cannot_use_its_parents_device)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        _exit(cudaStreamSynchronize(stream));
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == cudaErrorInitializationError);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fake");
    TCase *streams = tcase_create("streams"), *refusals = tcase_create("refusals");
    tcase_add_checked_fixture(streams, setup, teardown);
    tcase_add_checked_fixture(refusals, setup, teardown);
    tcase_add_test(streams, work_is_done_in_order_when_somebody_waits);
    tcase_add_test(streams, pageable_memory_is_copied_at_the_call);
    tcase_add_test(streams, memory_begins_as_no_number_and_is_filled_by_bytes);
    tcase_add_test(streams, a_graph_does_its_work_at_each_launch_and_not_before);
    tcase_add_loop_test(streams, what_would_disturb_a_capture_fails_and_spoils_it, 0,
                        sizeof(forbidden) / sizeof(*forbidden));
    tcase_add_loop_test(streams, a_wait_for_the_whole_device_spoils_the_captures_of_all_threads, 0,
                        sizeof(waits) / sizeof(*waits));
    tcase_add_test(refusals, copies_out_of_bounds_are_refused);
    tcase_add_test(refusals, launches_that_no_device_could_do_are_refused);
    tcase_add_test(refusals, work_for_another_device_than_the_threads_is_refused);
    tcase_add_test(refusals, memory_runs_out_at_its_size);
    tcase_add_test(refusals, a_machine_may_lack_a_driver_or_a_device);
    tcase_add_test(refusals, a_lost_device_fails_all_calls_from_then_on);
    tcase_add_test(refusals, memory_that_is_gone_when_it_is_used_loses_the_device);
    tcase_add_test(refusals, a_forked_child_cannot_use_its_parents_device);
    suite_add_tcase(suite, streams);
    suite_add_tcase(suite, refusals);
    suite_add_tcase(suite, convolution_cases());
    return suite_run(suite);
}
