#include "data/loader.h"

#include "base/mem.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 3, PIECE = 16 }; /* batches at once: one read, two made; images filled in one go */

struct slot {
    struct view *views;
    uint16_t *labels;
    float *pixels; /* NULL where they are not wanted */
    struct batch batch;
    struct rng views_rng; /* the stream of this epoch's views */
    bool begun;           /* in use until the reader is done with it */
    size_t claimed, done; /* images */
    size_t failed;        /* place of the first image that could not be read; SIZE_MAX: none */
    struct err err;       /* why */
};

struct loader {
    const struct images *images;
    const struct subset *subset;
    const struct augment *augment;
    struct rng rng;
    struct tones tones;
    size_t batch, batches; /* images of a full one; batches of an epoch */
    struct slot slots[SLOTS];

    pthread_mutex_t lock; /* of all below, and of slots */
    pthread_cond_t freed, filled;
    bool stopping;
    size_t *order;         /* (subset.count) places in the subset, as the epoch has them */
    uint64_t epoch;        /* of the batch begun last */
    size_t next_batch;     /* of that epoch, to be begun next */
    uint64_t begun, taken; /* batches, since the loader was opened */
    bool held;             /* the reader still has the batch that it took last */

    int thread_count;
    pthread_t *threads;
};

static void order_epoch(struct loader *loader)
{
    for (size_t i = 0; i < loader->subset->count; i++)
        loader->order[i] = i;
    struct rng rng = rng_fork(&loader->rng, "shuffle", loader->epoch);
    if (loader->augment)
        rng_shuffle(&rng, loader->order, loader->subset->count);
}

/* Makes the next batch of the sequence ready to be filled. */
static void begin_batch(struct loader *loader, struct slot *slot)
{
    if (loader->next_batch == loader->batches) {
        loader->next_batch = 0;
        loader->epoch++;
        order_epoch(loader);
    }
    size_t first = loader->next_batch++ * loader->batch, left = loader->subset->count - first;
    slot->batch.count = left < loader->batch ? left : loader->batch;
    for (size_t i = 0; i < slot->batch.count; i++)
        slot->views[i].index = loader->subset->indices[loader->order[first + i]];
    slot->views_rng = rng_fork(&loader->rng, "views", loader->epoch);
    slot->claimed = slot->done = 0;
    slot->failed = SIZE_MAX;
    slot->err = (struct err){0};
    slot->begun = true;
    loader->begun++;
}

/* Images [first, end) of a batch. */
struct piece {
    struct slot *slot;
    size_t first, end;
};

/* Work for one thread; waits for it. False when the loader is being closed. */
static bool claim(struct loader *loader, struct piece *piece)
{
    while (!loader->stopping) {
        struct slot *latest = &loader->slots[(loader->begun + SLOTS - 1) % SLOTS];
        if (latest->begun && latest->claimed < latest->batch.count) {
            size_t first = latest->claimed, left = latest->batch.count - first;
            latest->claimed += left < PIECE ? left : PIECE;
            *piece = (struct piece){latest, first, latest->claimed};
            return true;
        }
        struct slot *next = &loader->slots[loader->begun % SLOTS];
        if (next->begun)
            pthread_cond_wait(&loader->freed, &loader->lock);
        else
            begin_batch(loader, next);
    }
    return false;
}

/* The image's bytes: in memory, or read into buffer. */
static const uint8_t *find_pixels(const struct loader *loader, struct slot *slot, uint32_t index,
                                  uint8_t *buffer, struct err *err)
{
    const struct images *images = loader->images;
    if (images->pixels)
        return images->pixels + index * images_size(images);
    struct rng crop = rng_fork(&slot->views_rng, "crop", index);
    bool ok =
        images->reader->read(images->reader, index, loader->augment ? &crop : NULL, buffer, err);
    return ok ? buffer : NULL;
}

/* The place of the first image that cannot be read, or piece->end. */
static size_t fill(const struct loader *loader, const struct piece *piece, uint8_t *buffer,
                   struct err *err)
{
    const struct images *images = loader->images;
    struct slot *slot = piece->slot;
    for (size_t i = piece->first; i < piece->end; i++) {
        uint32_t index = slot->views[i].index;
        slot->labels[i] = images->labels[index];
        slot->views[i] = loader->augment
                             ? augment_draw(loader->augment, images, index, &slot->views_rng)
                             : augment_nothing(index);
        if (!slot->pixels)
            continue;
        const uint8_t *pixels = find_pixels(loader, slot, index, buffer, err);
        if (!pixels)
            return i;
        augment_fill(images, &loader->tones, &slot->views[i], pixels,
                     slot->pixels + i * images_size(images));
    }
    return piece->end;
}

static void finish(struct loader *loader, const struct piece *piece, size_t end,
                   const struct err *err)
{
    struct slot *slot = piece->slot;
    if (end < piece->end && end < slot->failed) {
        slot->failed = end;
        slot->err = *err;
    }
    slot->done += piece->end - piece->first;
    if (slot->done == slot->batch.count)
        pthread_cond_signal(&loader->filled);
}

static void *work(void *argument)
{
    struct loader *loader = argument;
    uint8_t *buffer = mem_alloc(images_size(loader->images), 1);
    struct piece piece;
    pthread_mutex_lock(&loader->lock);
    while (claim(loader, &piece)) {
        struct err err = {0};
        pthread_mutex_unlock(&loader->lock);
        size_t end = fill(loader, &piece, buffer, &err);
        pthread_mutex_lock(&loader->lock);
        finish(loader, &piece, end, &err);
    }
    pthread_mutex_unlock(&loader->lock);
    free(buffer);
    return NULL;
}

static void make_slot(struct slot *slot, size_t batch, size_t image_size)
{
    slot->views = mem_alloc(batch, sizeof(*slot->views));
    slot->labels = mem_alloc(batch, sizeof(*slot->labels));
    slot->pixels = image_size ? mem_alloc_large(batch, image_size * sizeof(*slot->pixels)) : NULL;
    slot->batch = (struct batch){0, slot->views, slot->labels, slot->pixels};
}

static bool start_threads(struct loader *loader, int count, struct err *err)
{
    loader->threads = mem_alloc((size_t)count, sizeof(*loader->threads));
    for (; loader->thread_count < count; loader->thread_count++) {
        int failed = pthread_create(&loader->threads[loader->thread_count], NULL, work, loader);
        if (failed)
            return err_set(err, ERR_IO, "cannot start thread %d of %d that reads images: %s",
                           loader->thread_count + 1, count, strerror(failed));
    }
    return true;
}

struct loader *loader_open(const struct images *images, const struct subset *subset,
                           const struct loader_setting *setting, const struct rng *rng,
                           struct err *err)
{
    struct loader *loader = mem_alloc(1, sizeof(*loader));
    assert(subset->count > 0 && setting->batch > 0 && setting->threads > 0);
    loader->images = images;
    loader->subset = subset;
    loader->augment = setting->augment;
    loader->rng = *rng;
    loader->tones = augment_tones(images);
    loader->batch = setting->batch;
    loader->batches = (subset->count + setting->batch - 1) / setting->batch;
    for (size_t i = 0; i < SLOTS; i++)
        make_slot(&loader->slots[i], setting->batch, setting->pixels ? images_size(images) : 0);
    loader->order = mem_alloc(subset->count, sizeof(*loader->order));
    loader->epoch = setting->epoch;
    order_epoch(loader);
    pthread_mutex_init(&loader->lock, NULL);
    pthread_cond_init(&loader->freed, NULL);
    pthread_cond_init(&loader->filled, NULL);
    if (start_threads(loader, setting->threads, err))
        return loader;
    loader_close(loader);
    return NULL;
}

void loader_close(struct loader *loader)
{
    if (!loader)
        return;
    pthread_mutex_lock(&loader->lock);
    loader->stopping = true;
    pthread_cond_broadcast(&loader->freed);
    pthread_mutex_unlock(&loader->lock);
    for (int i = 0; i < loader->thread_count; i++)
        pthread_join(loader->threads[i], NULL);
    pthread_cond_destroy(&loader->filled);
    pthread_cond_destroy(&loader->freed);
    pthread_mutex_destroy(&loader->lock);
    for (size_t i = 0; i < SLOTS; i++) {
        free(loader->slots[i].views);
        free(loader->slots[i].labels);
        free(loader->slots[i].pixels);
    }
    free(loader->order);
    free(loader->threads);
    free(loader);
}

size_t loader_batches(const struct loader *loader)
{
    return loader->batches;
}

/* Lets the threads have the slot of the batch that was read last. */
static void give_back(struct loader *loader)
{
    if (!loader->held)
        return;
    loader->held = false;
    loader->slots[(loader->taken - 1) % SLOTS].begun = false;
    pthread_cond_broadcast(&loader->freed);
}

const struct batch *loader_next(struct loader *loader, struct err *err)
{
    struct slot *slot = &loader->slots[loader->taken % SLOTS];
    pthread_mutex_lock(&loader->lock);
    give_back(loader);
    while (!slot->begun || slot->done < slot->batch.count)
        pthread_cond_wait(&loader->filled, &loader->lock);
    pthread_mutex_unlock(&loader->lock);
    if (slot->failed < SIZE_MAX) {
        err_set(err, slot->err.code, "%s", slot->err.text);
        return NULL;
    }
    loader->taken++;
    loader->held = true;
    return &slot->batch;
}
