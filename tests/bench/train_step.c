/* Images a second of whole training steps of a backend, on pictures of noise:
 *
 *     train_step SPACE ARCHITECTURE [SETTINGS]
 *
 * SETTINGS are JSON, '{"batch": 256, "device": "cuda"}'; "train_step help" lists them. Prints, of
 * all that was trained at once: images/s by the median step, the processes' peak of resident memory
 * in MB, images/s from the first step to the last one's end, and the MB that backends planned. With
 * "profile" a row for each part of the steps instead: percent of the threads' time, milliseconds of
 * one thread for an image, and GFLOP/s of one thread. */
#include "base/mem.h"
#include "base/option.h"
#include "base/rng.h"
#include "data/augment.h"
#include "train/backend.h"
#include "train/cpu/profile.h"
#include "train/networks.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { IMAGES = 4096 }; /* of a set that a device holds */

static const struct option options[] = {
    {"cells", OPTION_INTEGER, "null", 1, 100, NULL, "of the network; null: as its paper has"},
    {"width", OPTION_INTEGER, "null", 1, 1024, NULL, "channels of its first stage, likewise"},
    {"batch", OPTION_INTEGER, "64", 1, IMAGES, NULL, "images of a step"},
    {"warmup", OPTION_INTEGER, "1", 1, 10000, NULL, "steps that are not measured"},
    {"steps", OPTION_INTEGER, "5", 1, 100000, NULL, "that are"},
    {"device", OPTION_CHOICE, "\"cpu\"", 0, 0, "reference|cpu|cuda", "what trains"},
    {"device_number", OPTION_INTEGER, "0", 0, 1023, NULL, "which GPU"},
    {"threads", OPTION_INTEGER, "2", 1, 1024, NULL, "of the CPU, of one network"},
    {"precision", OPTION_CHOICE, "\"fp32\"", 0, 0, PRECISION_NAMES, "of the arithmetic"},
    {"deterministic", OPTION_BOOLEAN, "false", 0, 0, NULL, "the same bits each time"},
    {"jobs", OPTION_INTEGER, "1", 1, 64, NULL, "networks at once in one process, by threads"},
    {"processes", OPTION_INTEGER, "1", 1, 64, NULL, "at once"},
    {"profile", OPTION_BOOLEAN, "false", 0, 0, NULL, "of one network on the CPU"},
    {0},
};

/* What one network's steps came to, in memory that the processes share. */
struct lap {
    double begin_s, end_s, median_s;
    size_t planned_bytes;
    long resident_kb; /* of its process */
};

struct shared {
    pthread_barrier_t start; /* all have warmed up */
    struct lap laps[];       /* by process, then job */
};

struct bench {
    const json_t *settings;
    struct net *net;
    struct images images; /* of noise */
    struct view *views;
    uint16_t *labels;
    float *pixels; /* for a backend that holds no images */
    struct batch batch;
    struct shared *shared;
};

/* One network in training. */
struct work {
    const struct bench *bench;
    struct backend *backend;
    struct batch batch;
    int begun; /* steps whose outcome was not asked for yet */
    struct lap *lap;
};

static void stop(const char *text)
{
    fprintf(stderr, "train_step: %s\n", text);
    exit(EXIT_FAILURE);
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int setting(const struct bench *bench, const char *key)
{
    return (int)option_integer(bench->settings, key);
}

/* -- what is trained -- */

static json_t *read_settings(const char *text)
{
    struct err err = {0};
    struct faults faults = {0};
    json_t *given = json_loads(text, 0, NULL);
    json_t *settings = option_resolve(options, given, "", &faults);
    if (!given)
        stop("SETTINGS are no JSON");
    if (!fault_report(&faults, "SETTINGS", &err))
        stop(err.text);
    fault_free(&faults);
    json_decref(given);
    return settings;
}

static struct net *build(const struct bench *bench, const char *space_name, const char *text)
{
    struct err err = {0};
    const struct space *space = space_require(space_name, &err);
    struct net_setting usual;
    struct arch arch;
    if (!space || !network_usual(space, false, &usual, &err) ||
        !space_read(space, text, &arch, &err))
        stop(err.text);
    if (setting(bench, "cells"))
        usual.cells = setting(bench, "cells");
    if (setting(bench, "width"))
        usual.channels = setting(bench, "width");
    usual.auxiliary = false;
    struct net *net = network_build(space, &arch, &usual, &err);
    if (!net)
        stop(err.text);
    return net;
}

static void make_images(struct bench *bench)
{
    struct shape image = bench->net->tensors[0];
    struct rng rng = rng_seed(1);
    struct images *images = &bench->images;
    *images = (struct images){IMAGES, image.C, image.H, image.W, .classes = bench->net->classes};
    size_t size = IMAGES * images_size(images);
    images->pixels = mem_alloc(size, 1);
    images->labels = mem_alloc(IMAGES, sizeof(*images->labels));
    for (size_t i = 0; i < size; i++)
        images->pixels[i] = (uint8_t)rng_below(&rng, 256);
    for (size_t i = 0; i < IMAGES; i++)
        images->labels[i] = (uint16_t)rng_below(&rng, (size_t)images->classes);
    for (size_t i = 0; i < IMAGES_CHANNELS; i++) {
        images->mean[i] = 0.5f;
        images->deviation[i] = 0.3f;
    }
}

/* One batch for all steps, as images of the set and as pixels. */
static void make_batch(struct bench *bench)
{
    static const struct augment augment = {.flip = true, .crop_padding = 4};
    size_t count = (size_t)setting(bench, "batch"), size = images_size(&bench->images);
    struct rng rng = rng_seed(2);
    struct tones tones = augment_tones(&bench->images);
    bench->views = mem_alloc(count, sizeof(*bench->views));
    bench->pixels = mem_alloc(count * size, sizeof(*bench->pixels));
    for (uint32_t i = 0; i < count; i++) {
        bench->views[i] = augment_draw(&augment, &bench->images, i, &rng);
        augment_fill(&bench->images, &tones, &bench->views[i], bench->images.pixels + i * size,
                     bench->pixels + i * size);
    }
    bench->batch =
        (struct batch){count, bench->views, bench->images.labels, .pixels = bench->pixels};
}

/* -- how long it takes -- */

static void open_backend(struct work *work)
{
    const struct bench *bench = work->bench;
    const json_t *settings = bench->settings;
    struct err err = {0};
    const struct backend_setting how = {.batch = setting(bench, "batch"),
                                        .threads = setting(bench, "threads"),
                                        .device = setting(bench, "device_number"),
                                        .precision =
                                            precision_find(option_text(settings, "precision")),
                                        .deterministic = option_boolean(settings, "deterministic")};
    const struct backend_type *type = backend_require(option_text(settings, "device"), &err);
    struct net_state state = net_state_new(bench->net);
    struct rng rng = rng_seed(3);
    work->backend = type ? type->open(bench->net, &how, &err) : NULL;
    work->batch = bench->batch;
    if (!work->backend || (type->attach && !type->attach(work->backend, &bench->images, &err)))
        stop(err.text);
    if (type->attach)
        work->batch.pixels = NULL;
    net_initialise(bench->net, &state, &rng);
    if (!type->state_set(work->backend, &state, &err))
        stop(err.text);
    net_state_free(&state);
}

static void end_step(struct work *work)
{
    struct outcome outcome;
    struct err err = {0};
    if (!work->backend->type->outcome(work->backend, &outcome, &err))
        stop(err.text);
    work->begun--;
}

/* Begins a step, and ends one where the backend takes no more at once: as the trainer does. */
static void run_step(struct work *work)
{
    const struct step step = {.learning_rate = 0.01,
                              .momentum = 0.9,
                              .weight_decay = 5e-4,
                              .nesterov = true,
                              .clip_norm = 5,
                              .auxiliary_weight = 0.4};
    const struct backend_type *type = work->backend->type;
    struct err err = {0};
    if (!type->train(work->backend, &work->batch, &step, &err))
        stop(err.text);
    if (++work->begun == type->passes)
        end_step(work);
}

/* Seconds between the ends of two steps. */
static double time_step(struct work *work, double *last_s)
{
    double before_s = *last_s;
    run_step(work);
    *last_s = now_s();
    return *last_s - before_s;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void *measure(void *context)
{
    struct work *work = context;
    struct lap *lap = work->lap;
    int steps = setting(work->bench, "steps");
    double *seconds = mem_alloc((size_t)steps, sizeof(*seconds));
    struct rusage usage;
    open_backend(work);
    for (int i = 1; i < setting(work->bench, "warmup") + work->backend->type->passes; i++)
        run_step(work);
    pthread_barrier_wait(&work->bench->shared->start);
    lap->begin_s = lap->end_s = now_s();
    for (int i = 0; i < steps; i++)
        seconds[i] = time_step(work, &lap->end_s);
    while (work->begun)
        end_step(work);
    qsort(seconds, (size_t)steps, sizeof(*seconds), by_value);
    lap->median_s = seconds[steps / 2];
    getrusage(RUSAGE_SELF, &usage);
    lap->resident_kb = usage.ru_maxrss;
    lap->planned_bytes = work->backend->type->memory_bytes(work->backend);
    work->backend->type->close(work->backend);
    free(seconds);
    return NULL;
}

/* The networks of one process, which ends with them. */
static void run_process(const struct bench *bench, int process)
{
    int jobs = setting(bench, "jobs");
    pthread_t *threads = mem_alloc((size_t)jobs, sizeof(*threads));
    struct work *works = mem_alloc((size_t)jobs, sizeof(*works));
    for (int i = 0; i < jobs; i++) {
        works[i] = (struct work){.bench = bench, .lap = &bench->shared->laps[process * jobs + i]};
        if (pthread_create(&threads[i], NULL, measure, &works[i]) != 0)
            stop("a thread cannot be started");
    }
    for (int i = 0; i < jobs; i++)
        pthread_join(threads[i], NULL);
    _exit(EXIT_SUCCESS);
}

static void share(struct bench *bench, unsigned count)
{
    pthread_barrierattr_t attributes;
    bench->shared = mmap(NULL, sizeof(struct shared) + count * sizeof(struct lap),
                         PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (bench->shared == MAP_FAILED)
        stop("no memory to share");
    pthread_barrierattr_init(&attributes);
    pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&bench->shared->start, &attributes, count);
    pthread_barrierattr_destroy(&attributes);
}

/* Waits for all; where one fails it has said why, and the others end too, since they wait for it.
 */
static void await(const pid_t *children, int count)
{
    for (int left = count; left > 0; left--) {
        int status = 0;
        if (wait(&status) > 0 && status == 0)
            continue;
        for (int i = 0; i < count; i++)
            kill(children[i], SIGKILL);
        exit(EXIT_FAILURE);
    }
}

static void say(const struct bench *bench)
{
    int jobs = setting(bench, "jobs"), count = jobs * setting(bench, "processes");
    const struct lap *laps = bench->shared->laps;
    double batch = setting(bench, "batch"), by_median = 0, begin_s = laps[0].begin_s, end_s = 0;
    double resident_kb = 0, planned_bytes = 0;
    for (int i = 0; i < count; i++) {
        by_median += batch / laps[i].median_s;
        begin_s = laps[i].begin_s < begin_s ? laps[i].begin_s : begin_s;
        end_s = laps[i].end_s > end_s ? laps[i].end_s : end_s;
        resident_kb += i % jobs == jobs - 1 ? (double)laps[i].resident_kb : 0;
        planned_bytes += (double)laps[i].planned_bytes;
    }
    printf("%.2f %.0f %.2f %.0f\n", by_median, resident_kb / 1024,
           batch * count * setting(bench, "steps") / (end_s - begin_s), planned_bytes / 1048576);
}

static void run_processes(struct bench *bench)
{
    int count = setting(bench, "processes");
    pid_t *children = mem_alloc((size_t)count, sizeof(*children));
    share(bench, (unsigned)(count * setting(bench, "jobs")));
    for (int i = 0; i < count; i++) {
        children[i] = fork();
        if (children[i] == 0)
            run_process(bench, i);
        if (children[i] < 0)
            stop("a process cannot be started");
    }
    await(children, count);
    say(bench);
    free(children);
}

/* -- where it goes -- */

/* The module is open already; dlopen() gives it again. */
static void *find(const char *name)
{
    char *path = mem_printf("%s/seki-cpu.so", getenv("SEKI_MODULES"));
    void *module = dlopen(path, RTLD_NOW), *symbol = module ? dlsym(module, name) : NULL;
    if (!symbol)
        stop("SEKI_MODULES names no folder with a module that keeps a profile");
    free(path);
    return symbol;
}

static void profile(const struct bench *bench)
{
    struct work work = {.bench = bench};
    struct profile_row *rows = mem_alloc(PROFILE_ROWS, sizeof(*rows));
    profile_start_function *start;
    profile_read_function *read;
    open_backend(&work);
    run_step(&work);
    *(void **)&start = find("cpu_profile_start");
    *(void **)&read = find("cpu_profile_read");
    start(work.backend);
    double elapsed = 0, known = 0, last_s = now_s();
    for (int i = 0; i < setting(bench, "steps"); i++)
        elapsed += time_step(&work, &last_s);
    size_t count = read(work.backend, rows);
    double whole = elapsed * setting(bench, "threads");
    for (size_t i = 0; i < count; i++) {
        printf("  %5.1f %%  %8.3f ms", 100 * rows[i].seconds / whole,
               1e3 * rows[i].seconds / rows[i].images);
        if (rows[i].gflop > 0)
            printf("  %6.1f GFLOP/s  ", rows[i].gflop * rows[i].images / rows[i].seconds);
        else
            printf("%18s", "");
        printf("%s\n", rows[i].name);
        known += rows[i].seconds;
    }
    printf("  %5.1f %%  %8.3f ms%18s%s\n", 100 * (1 - known / whole),
           1e3 * (whole - known) / rows[0].images, "", "update, weights, waiting");
    work.backend->type->close(work.backend);
    free(rows);
}

int main(int count, char **arguments)
{
    struct bench bench = {0};
    if (count == 2 && strcmp(arguments[1], "help") == 0) {
        option_help(options, "  ", stdout);
        return EXIT_SUCCESS;
    }
    if (count < 3 || count > 4)
        stop("expected SPACE ARCHITECTURE [SETTINGS], or help");
    json_t *settings = read_settings(count == 4 ? arguments[3] : "{}");
    bench.settings = settings;
    bench.net = build(&bench, arguments[1], arguments[2]);
    make_images(&bench);
    make_batch(&bench);
    if (option_boolean(settings, "profile"))
        profile(&bench);
    else
        run_processes(&bench);
    json_decref(settings);
    net_free(bench.net);
    free(bench.images.pixels);
    free(bench.images.labels);
    free(bench.views);
    free(bench.pixels);
    return EXIT_SUCCESS;
}
