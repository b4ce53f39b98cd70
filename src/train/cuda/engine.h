/* A plan on one GPU: its memory, all of it, and its steps as kernels and convolutions on one
 * stream.
 *
 * A pass is one way through the plan - training or evaluation, of so many images. Its first run is
 * done call by call, which also loads what cuDNN loads on demand; later ones are captured as a
 * CUDA graph, and that is launched from then on: copies in, every kernel, the update and the copy
 * of the result are one call of the host.
 *
 * The next run may be begun while one is at work, so that the device need not wait for the host.
 * They share all memory of the device, since a stream does one after the other, but each has an
 * exchange with the host of its own, and its graph. */
#ifndef TRAIN_CUDA_ENGINE_H
#define TRAIN_CUDA_ENGINE_H

#include "train/backend.h"
#include "train/cuda/convolution.h"
#include "train/cuda/norms.h"
#include "train/cuda/parameters.h"

enum { ENGINE_RUNS = 2 }; /* begun and not ended, at most */

/* What a step is given and what it gives: on the host, pinned, for each run, and on the device. */
struct exchange {
    struct view *views; /* (batch) */
    float *pixels;      /* (batch, C, H, W); NULL where the device has the set */
    uint16_t *labels;   /* (batch) */
    float *drop_scale;  /* (drop_count, images) */
    struct kernel_step *step;
    struct kernel_result *result;
};

struct pass {
    int images;
    bool training, dropping, with_pixels;
    struct convolution_choice *choices; /* (convolutions, DIRECTIONS) */
    bool prepared, warm;
    cudaGraphExec_t graphs[ENGINE_RUNS];
};

/* One that was begun. */
struct run {
    struct exchange host;
    cudaEvent_t done;
    size_t images;
    bool training;
};

struct engine {
    struct device device;
    const struct plan *plan;
    enum value_type type;
    int batch; /* largest */
    struct parameters parameters;
    struct norms norms;
    struct convolutions convolutions;
    struct exchange here;
    struct run runs[ENGINE_RUNS]; /* taken in turn */
    size_t begun, ended;          /* runs so far */
    char *memory;                 /* (batch, plan->batch_size) values */
    float *partial; /* of sums in parts; each sum is joined before the next is begun */
    /* Copies of a convolution's input and output where those are parts of wider tensors: cuDNN
     * wants pixels one behind the other. */
    void *packed[2];
    float *losses;      /* (batch) */
    int *correct;       /* (batch) */
    const uint8_t *set; /* images that are kept here; NULL: none */
    float scale[IMAGES_CHANNELS], shift[IMAGES_CHANNELS]; /* of their bytes */
    struct pass *passes;
    size_t pass_count, pass_room;
};

/* Also after a failure engine_close() is to be called. */
bool engine_open(struct engine *engine, const struct plan *plan,
                 const struct backend_setting *setting, struct err *err) MUST_CHECK;
void engine_close(struct engine *engine);
bool engine_attach(struct engine *engine, const struct images *images, struct err *err) MUST_CHECK;

/* Begins to train, or with step NULL to evaluate, on one batch; and waits for the oldest run. */
bool engine_begin(struct engine *engine, const struct batch *batch, const struct step *step,
                  struct err *err) MUST_CHECK;
bool engine_end(struct engine *engine, struct outcome *outcome, struct err *err) MUST_CHECK;

/* Where some channels of all images lie. */
struct tensor engine_tensor(const struct engine *engine, const struct slice *slice);

/* ---- steps.c: one step of the plan ---- */

bool steps_issue(struct engine *engine, const struct pass *pass, const struct plan_step *step,
                 struct err *err) MUST_CHECK;
bool steps_is_of(const struct pass *pass, const struct plan_step *step);
/* Values of engine.partial that it needs. */
size_t steps_partial_size(const struct plan *plan, const struct plan_step *step, int images);

/* ---- convolving.c: those that are convolutions by cuDNN ---- */

bool convolving_is(const struct plan *plan, const struct plan_step *step);
struct convolution_call convolving_call(const struct engine *engine, const struct pass *pass,
                                        const struct plan_step *step);
bool convolving_issue(struct engine *engine, const struct pass *pass, const struct plan_step *step,
                      struct err *err) MUST_CHECK;
/* Raises sizes to the values of each of engine.packed that it needs. */
void convolving_packed_sizes(const struct plan *plan, const struct plan_step *step, int images,
                             size_t sizes[2]);

#endif
