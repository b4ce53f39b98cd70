#include "trial.h"

#include "base/mem.h"
#include "base/rng.h"

#include <stdlib.h>

/* Shifted, mirrored and cut, each in its own way. */
static void draw_views(struct trial *trial, struct rng *rng)
{
    for (int i = 0; i < BATCH; i++)
        trial->views[i] = (struct view){.index = (uint32_t)(2 * i + 1),
                                        .dx = (int8_t)(i - 2),
                                        .dy = (int8_t)(1 - i),
                                        .flip = i % 2,
                                        .cut_x = (int16_t)rng_below(rng, 6),
                                        .cut_y = (int16_t)rng_below(rng, 6),
                                        .cut_size = (uint8_t)(i > 2 ? 3 : 0)};
}

/* As batch.h says, in plain words. */
static float pixel(const struct images *images, const struct view *view, int c, int y, int x)
{
    int half = view->cut_size / 2;
    if (view->cut_size && y >= view->cut_y - half && y < view->cut_y - half + 2 * half &&
        x >= view->cut_x - half && x < view->cut_x - half + 2 * half)
        return 0;
    int from_x = (view->flip ? images->W - 1 - x : x) + view->dx, from_y = y + view->dy;
    bool inside = from_x >= 0 && from_x < images->W && from_y >= 0 && from_y < images->H;
    size_t at = ((size_t)view->index * (size_t)images->C + (size_t)c) * (size_t)images->H;
    float byte =
        inside ? images->pixels[(at + (size_t)from_y) * (size_t)images->W + (size_t)from_x] : 0;
    return (byte / 255 - images->mean[c]) / images->deviation[c];
}

static void draw_images(struct trial *trial, struct rng *rng)
{
    struct shape shape = trial->net->tensors[0];
    struct images *images = &trial->images;
    *images = (struct images){.count = (size_t)(2 * BATCH),
                              .C = shape.C,
                              .H = shape.H,
                              .W = shape.W,
                              .classes = trial->net->classes,
                              .mean = {0.4F, 0.5F, 0.6F},
                              .deviation = {0.2F, 0.3F, 0.25F}};
    images->pixels = mem_alloc(images->count, images_size(images));
    images->labels = mem_alloc(images->count, sizeof(*images->labels));
    for (size_t i = 0; i < images->count * images_size(images); i++)
        images->pixels[i] = (uint8_t)rng_below(rng, 256);
    for (size_t i = 0; i < BATCH; i++)
        images->labels[i] = (uint16_t)rng_below(rng, (size_t)images->classes);
    trial->pixels = mem_alloc(BATCH * images_size(images), sizeof(*trial->pixels));
    float *to = trial->pixels;
    for (int i = 0; i < BATCH; i++)
        for (int c = 0; c < shape.C; c++)
            for (int y = 0; y < shape.H; y++)
                for (int x = 0; x < shape.W; x++)
                    *to++ = pixel(images, &trial->views[i], c, y, x);
}

struct trial trial_make(const struct small_net *small)
{
    struct trial trial = {.net = small->build()};
    struct rng rng = rng_seed(5), init = rng_fork(&rng, "init", 0);
    trial.state = net_state_new(trial.net);
    net_initialise(trial.net, &trial.state, &init);
    draw_views(&trial, &rng);
    draw_images(&trial, &rng);
    size_t drops = trial.net->drop_count * BATCH;
    trial.drop_scale = mem_alloc(drops, sizeof(*trial.drop_scale));
    for (size_t i = 0; i < drops; i++)
        trial.drop_scale[i] = rng_unit(&rng) < 0.3 ? 0 : 1.25F;
    trial.batch =
        (struct batch){.count = BATCH, .labels = trial.images.labels, .pixels = trial.pixels};
    trial.step = (struct step){.learning_rate = 0.03,
                               .momentum = 0.9,
                               .weight_decay = 1e-3,
                               .nesterov = true,
                               .label_smoothing = 0.1,
                               .auxiliary_weight = 0.4,
                               .drop_scale = drops ? trial.drop_scale : NULL};
    return trial;
}

void trial_free(struct trial *trial)
{
    net_state_free(&trial->state);
    free(trial->images.pixels);
    free(trial->images.labels);
    free(trial->pixels);
    free(trial->drop_scale);
    net_free(trial->net);
}
