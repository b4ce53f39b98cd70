/* Streams, what they capture, and kernels. */
#include "base/mem.h"
#include "device.h"
#include "train/cuda/kernels.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct work {
    work_function *run;
    void *arguments;
    size_t size;
};

struct list {
    struct work *work;
    size_t count, room;
};

struct CUstream_st {
    int device;
    struct list waiting, captured;
    size_t added; /* pieces that were ever to wait */
    bool capturing, spoiled;
    pthread_t thread; /* that captures */
    cudaStream_t next;
};

struct CUevent_st {
    cudaStream_t stream; /* that it was recorded in; NULL: in none */
    size_t added;        /* pieces of it by then */
};

struct CUgraph_st {
    struct list list;
};

struct CUgraphExec_st {
    struct list list;
};

static cudaStream_t streams; /* all there are */
static bool loaded[KERNEL_KINDS][VALUE_TYPES];

/* ---- lists ---- */

static void list_add(struct list *list, work_function *run, const void *arguments, size_t size)
{
    void *copy = mem_alloc(1, size);
    memcpy(copy, arguments, size);
    MEM_GROW(list->work, list->count, list->room);
    list->work[list->count++] = (struct work){run, copy, size};
}

static void list_append(struct list *list, const struct list *other)
{
    for (size_t i = 0; i < other->count; i++)
        list_add(list, other->work[i].run, other->work[i].arguments, other->work[i].size);
}

static void list_clear(struct list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->work[i].arguments);
    free(list->work);
    *list = (struct list){0};
}

/* ---- work ---- */

static cudaError_t run_piece(const struct work *work)
{
    fake_done.work++;
    if (fake_settings.lost_at && (int64_t)fake_done.work >= fake_settings.lost_at)
        fake_lost = (cudaError_t)fake_settings.lost_as;
    if (!fake_lost)
        fake_lost = work->run(work->arguments); /* what fails in there is there to stay */
    return fake_lost;
}

/* The first of what waits in a stream. */
static void run_first(cudaStream_t stream, size_t count)
{
    struct list *list = &stream->waiting;
    thing_open_memory();
    for (size_t i = 0; i < count && !fake_lost; i++)
        run_piece(&list->work[i]);
    thing_shut_memory();
    for (size_t i = 0; i < count; i++)
        free(list->work[i].arguments);
    list->count -= count;
    if (list->count)
        memmove(list->work, list->work + count, list->count * sizeof(*list->work));
}

static bool is_stream(cudaStream_t stream)
{
    return stream && thing_is(THING_STREAM, stream);
}

/* That this thread may give work to. */
static bool is_stream_here(cudaStream_t stream)
{
    return is_stream(stream) && stream->device == fake_device;
}

cudaError_t stream_finish(cudaStream_t stream)
{
    for (cudaStream_t s = streams; s; s = s->next)
        if (!stream || s == stream)
            run_first(s, s->waiting.count);
    return fake_lost;
}

cudaError_t stream_add(cudaStream_t stream, work_function *run, const void *arguments, size_t size)
{
    if (!is_stream_here(stream))
        return cudaErrorInvalidResourceHandle;
    if (stream->capturing && stream->spoiled)
        return cudaErrorStreamCaptureInvalidated;
    list_add(stream->capturing ? &stream->captured : &stream->waiting, run, arguments, size);
    stream->added += !stream->capturing;
    return cudaSuccess;
}

bool stream_captures(cudaStream_t stream)
{
    return is_stream(stream) && stream->capturing;
}

static bool is_captured_here(const struct CUstream_st *stream)
{
    return stream->capturing && pthread_equal(stream->thread, pthread_self());
}

bool stream_is_captured_here(void)
{
    bool any = false;
    for (cudaStream_t s = streams; s; s = s->next)
        any |= is_captured_here(s);
    return any;
}

bool stream_spoil_captures(bool of_any_thread)
{
    bool any = false;
    for (cudaStream_t s = streams; s; s = s->next) {
        bool spoils = of_any_thread ? s->capturing : is_captured_here(s);
        s->spoiled |= spoils;
        any |= spoils;
    }
    return any;
}

void stream_forget_all(void)
{
    memset(loaded, 0, sizeof(loaded));
    for (cudaStream_t s = streams; s; s = s->next) {
        list_clear(&s->waiting);
        list_clear(&s->captured);
        s->capturing = s->spoiled = false;
    }
}

/* ---- streams ---- */

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned int flags)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error && (!stream || flags > cudaStreamNonBlocking))
        error = cudaErrorInvalidValue;
    if (!error) {
        *stream = thing_new(THING_STREAM, sizeof(**stream));
        (*stream)->device = fake_device;
        (*stream)->next = streams;
        streams = *stream;
    }
    return fake_leave(error);
}

/* What waits is still done. A lost device's stream goes too. */
cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    cudaStream_t *link = &streams;
    if (!is_stream(stream))
        return fake_leave(cudaErrorInvalidResourceHandle);
    if (!error)
        error = stream_finish(stream);
    while (*link != stream)
        link = &(*link)->next;
    *link = stream->next;
    list_clear(&stream->waiting);
    list_clear(&stream->captured);
    thing_free(stream);
    return fake_leave(error);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error && !is_stream(stream))
        error = cudaErrorInvalidResourceHandle;
    if (!error && stream->capturing) {
        stream->spoiled = true;
        error = cudaErrorStreamCaptureUnsupported;
    }
    if (!error)
        error = stream_finish(stream);
    return fake_leave(error);
}

/* ---- events ---- */

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int flags)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error && (!event || flags > (cudaEventBlockingSync | cudaEventDisableTiming)))
        error = cudaErrorInvalidValue;
    if (!error)
        *event = thing_new(THING_EVENT, sizeof(**event));
    return fake_leave(error);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    fake_enter(CALL_QUERY);
    if (!thing_is(THING_EVENT, event))
        return fake_leave(cudaErrorInvalidResourceHandle);
    thing_free(event);
    return fake_leave(cudaSuccess);
}

/* Never within a capture here: there it would be none of its own. */
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error && (!thing_is(THING_EVENT, event) || !is_stream_here(stream)))
        error = cudaErrorInvalidResourceHandle;
    if (!error && stream->capturing) {
        stream->spoiled = true;
        error = cudaErrorStreamCaptureUnsupported;
    }
    if (!error)
        *event = (struct CUevent_st){stream, stream->added};
    return fake_leave(error);
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    cudaError_t error = fake_enter(CALL_UNSAFE);
    if (!error && !thing_is(THING_EVENT, event))
        error = cudaErrorInvalidResourceHandle;
    if (!error && is_stream(event->stream)) {
        size_t done = event->stream->added - event->stream->waiting.count;
        if (event->added > done)
            run_first(event->stream, event->added - done);
        error = fake_lost;
    }
    return fake_leave(error);
}

/* ---- captures and graphs ---- */

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error && !is_stream_here(stream))
        error = cudaErrorInvalidResourceHandle;
    if (!error && mode != cudaStreamCaptureModeThreadLocal) /* others would disturb other jobs */
        error = cudaErrorInvalidValue;
    if (!error && stream->capturing)
        error = cudaErrorIllegalState;
    if (!error) {
        stream->capturing = true;
        stream->spoiled = false;
        stream->thread = pthread_self();
    }
    return fake_leave(error);
}

static cudaError_t end_capture(cudaStream_t stream, cudaGraph_t *graph)
{
    if (!stream->capturing)
        return cudaErrorIllegalState;
    if (!pthread_equal(stream->thread, pthread_self()))
        return cudaErrorStreamCaptureWrongThread;
    stream->capturing = false;
    if (stream->spoiled) {
        list_clear(&stream->captured);
        *graph = NULL;
        return cudaErrorStreamCaptureInvalidated;
    }
    *graph = thing_new(THING_GRAPH, sizeof(**graph));
    (*graph)->list = stream->captured;
    stream->captured = (struct list){0};
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error && !is_stream(stream))
        error = cudaErrorInvalidResourceHandle;
    if (!error)
        error = graph ? end_capture(stream, graph) : cudaErrorInvalidValue;
    return fake_leave(error);
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long flags)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error && (!exec || !thing_is(THING_GRAPH, graph) || flags))
        error = cudaErrorInvalidValue;
    if (!error) {
        *exec = thing_new(THING_GRAPH_EXEC, sizeof(**exec));
        list_append(&(*exec)->list, &graph->list);
    }
    return fake_leave(error);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream)
{
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error && !thing_is(THING_GRAPH_EXEC, exec))
        error = cudaErrorInvalidValue;
    if (!error && !is_stream_here(stream))
        error = cudaErrorInvalidResourceHandle;
    if (!error && stream->capturing) { /* graphs within graphs are never needed */
        stream->spoiled = true;
        error = cudaErrorStreamCaptureUnsupported;
    }
    if (!error) {
        fake_done.launches++;
        list_append(&stream->waiting, &exec->list);
        stream->added += exec->list.count;
    }
    return fake_leave(error);
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    fake_enter(CALL_QUERY);
    if (!thing_is(THING_GRAPH, graph))
        return fake_leave(cudaErrorInvalidValue);
    list_clear(&graph->list);
    thing_free(graph);
    return fake_leave(cudaSuccess);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    fake_enter(CALL_QUERY);
    if (!thing_is(THING_GRAPH_EXEC, exec))
        return fake_leave(cudaErrorInvalidValue);
    list_clear(&exec->list);
    thing_free(exec);
    return fake_leave(cudaSuccess);
}

/* ---- kernels ---- */

/* The kernel's own arguments are behind it. */
struct launch {
    kernel_host_function *function;
    unsigned block_count, threads;
};

static cudaError_t run_launch(const void *arguments)
{
    const struct launch *launch = arguments;
    for (unsigned block = 0; block < launch->block_count; block++)
        launch->function(launch + 1, launch->block_count, block, launch->threads);
    return cudaSuccess;
}

static const struct kernel *find_kernel(const void *function)
{
    for (size_t i = 0; function && i < KERNEL_KINDS; i++)
        for (size_t type = 0; type < VALUE_TYPES; type++)
            if (kernels[i].functions[type] == function)
                return &kernels[i];
    return NULL;
}

static cudaError_t add_launch(const struct kernel *kernel, const void *function, unsigned blocks,
                              unsigned threads, const void *arguments, cudaStream_t stream)
{
    struct launch *launch = mem_alloc(1, sizeof(*launch) + kernel->size);
    memcpy(&launch->function, &function, sizeof(function));
    launch->block_count = blocks;
    launch->threads = threads;
    memcpy(launch + 1, arguments, kernel->size);
    cudaError_t error = stream_add(stream, run_launch, launch, sizeof(*launch) + kernel->size);
    free(launch);
    return error;
}

static bool is_configuration(dim3 grid, dim3 block)
{
    return grid.x >= 1 && grid.x <= INT32_MAX && grid.y == 1 && grid.z == 1 && block.x >= 1 &&
           block.x <= 1024 && block.y == 1 && block.z == 1;
}

/* A kernel is loaded when it is first launched, and to load it is to wait for the whole device. */
static cudaError_t load(const struct kernel *kernel, const void *function)
{
    bool *is_loaded = &loaded[kernel - kernels][kernel->functions[0] != function];
    if (!*is_loaded && stream_spoil_captures(true))
        return cudaErrorStreamCaptureUnsupported;
    *is_loaded = true;
    return cudaSuccess;
}

cudaError_t cudaLaunchKernel(const void *function, dim3 grid, dim3 block, void **arguments,
                             size_t shared, cudaStream_t stream)
{
    const struct kernel *kernel = find_kernel(function);
    cudaError_t error = fake_enter(CALL_PLAIN);
    if (!error && !kernel)
        error = cudaErrorInvalidDeviceFunction;
    if (!error && (!is_configuration(grid, block) || shared))
        error = cudaErrorInvalidConfiguration;
    if (!error && (!arguments || !arguments[0]))
        error = cudaErrorInvalidValue;
    if (!error)
        error = load(kernel, function);
    if (!error) {
        fake_done.launches++;
        error = add_launch(kernel, function, grid.x, block.x, arguments[0], stream);
    }
    return fake_leave(error);
}
