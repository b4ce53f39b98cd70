/* Images a second of whole training steps of backend "cpu", on pictures of noise:
 *
 *     train_step SPACE ARCHITECTURE CELLS CHANNELS BATCH STEPS THREADS [profile]
 *
 * prints the median of STEPS steps (after one that is not counted), and the process's peak of
 * resident memory in MB. With "profile" a row for each part of the steps instead: percent of the
 * threads' time, milliseconds of one thread for an image, and GFLOP/s of one thread. */
#include "base/mem.h"
#include "base/rng.h"
#include "train/backend.h"
#include "train/cpu/profile.h"
#include "train/networks.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct bench {
    struct net *net;
    struct backend *backend;
    struct batch batch;
    float *pixels;
    uint16_t *labels;
    int steps, threads;
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

static struct net *build(const char *space_name, const char *text, int cells, int channels)
{
    struct err err = {0};
    const struct space *space = space_require(space_name, &err);
    struct net_setting setting;
    struct arch arch;
    if (!space || !network_usual(space, false, &setting, &err) ||
        !space_read(space, text, &arch, &err))
        stop(err.text);
    setting.cells = cells;
    setting.channels = channels;
    setting.auxiliary = false;
    struct net *net = network_build(space, &arch, &setting, &err);
    if (!net)
        stop(err.text);
    return net;
}

static void fill(struct bench *bench)
{
    struct shape image = bench->net->tensors[0];
    size_t size = (size_t)(image.C * image.H * image.W) * bench->batch.count;
    struct rng rng = rng_seed(1);
    bench->pixels = mem_alloc(size, sizeof(*bench->pixels));
    bench->labels = mem_alloc(bench->batch.count, sizeof(*bench->labels));
    for (size_t i = 0; i < size; i++)
        bench->pixels[i] = (float)rng_normal(&rng);
    for (size_t i = 0; i < bench->batch.count; i++)
        bench->labels[i] = (uint16_t)rng_below(&rng, (size_t)bench->net->classes);
    bench->batch.pixels = bench->pixels;
    bench->batch.labels = bench->labels;
}

static double run_step(struct bench *bench)
{
    const struct step step = {.learning_rate = 0.01,
                              .momentum = 0.9,
                              .weight_decay = 5e-4,
                              .nesterov = true,
                              .clip_norm = 5,
                              .auxiliary_weight = 0.4};
    struct outcome outcome;
    struct err err = {0};
    double start = now_s();
    if (!bench->backend->type->train(bench->backend, &bench->batch, &step, &outcome, &err))
        stop(err.text);
    return now_s() - start;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(struct bench *bench)
{
    double *seconds = mem_alloc((size_t)bench->steps, sizeof(*seconds));
    struct rusage usage;
    for (int i = 0; i < bench->steps; i++)
        seconds[i] = run_step(bench);
    qsort(seconds, (size_t)bench->steps, sizeof(*seconds), by_value);
    getrusage(RUSAGE_SELF, &usage);
    printf("%.2f %ld\n", (double)bench->batch.count / seconds[bench->steps / 2],
           usage.ru_maxrss / 1024);
    free(seconds);
}

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

static void profile(struct bench *bench)
{
    struct profile_row *rows = mem_alloc(PROFILE_ROWS, sizeof(*rows));
    profile_start_function *start;
    profile_read_function *read;
    *(void **)&start = find("cpu_profile_start");
    *(void **)&read = find("cpu_profile_read");
    start(bench->backend);
    double elapsed = 0, known = 0;
    for (int i = 0; i < bench->steps; i++)
        elapsed += run_step(bench);
    size_t count = read(bench->backend, rows);
    double whole = elapsed * bench->threads;
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
    free(rows);
}

int main(int count, char **arguments)
{
    struct err err = {0};
    if (count < 8)
        stop("expected SPACE ARCHITECTURE CELLS CHANNELS BATCH STEPS THREADS [profile]");
    struct bench bench = {.net =
                              build(arguments[1], arguments[2], (int)strtol(arguments[3], NULL, 10),
                                    (int)strtol(arguments[4], NULL, 10)),
                          .batch = {.count = strtoul(arguments[5], NULL, 10)},
                          .steps = (int)strtol(arguments[6], NULL, 10),
                          .threads = (int)strtol(arguments[7], NULL, 10)};
    const struct backend_setting setting = {.batch = (int)bench.batch.count,
                                            .threads = bench.threads};
    const struct backend_type *type = backend_require("cpu", &err);
    struct net_state state = net_state_new(bench.net);
    struct rng rng = rng_seed(2);
    bench.backend = type ? type->open(bench.net, &setting, &err) : NULL;
    if (!bench.backend)
        stop(err.text);
    fill(&bench);
    net_initialise(bench.net, &state, &rng);
    if (!bench.backend->type->state_set(bench.backend, &state, &err))
        stop(err.text);
    run_step(&bench);
    if (count > 8)
        profile(&bench);
    else
        measure(&bench);
    bench.backend->type->close(bench.backend);
    net_state_free(&state);
    net_free(bench.net);
    free(bench.pixels);
    free(bench.labels);
    return EXIT_SUCCESS;
}
