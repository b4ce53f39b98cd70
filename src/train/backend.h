/* The machine that does the arithmetic of training: whole steps of one network.
 *
 * The trainer (fit.h) above it is blind to backends: it draws the batches, the augmentation, the
 * drop paths and the learning rate, and hands them down; it never sees a tensor. A backend owns all
 * memory of the step, plans it once at opening and allocates nothing afterwards. It may keep
 * parameters in whatever layout it likes: only state_get() and state_set() speak the net's order.
 *
 * Backends: "reference" (plain loops in double, for tests; it is slow and says so), "cpu" (oneDNN),
 * "cuda". The latter two are modules that module.h opens when they are first asked for.
 *
 * To add a backend: (1) write train/<name>/ with one const struct backend_type, (2) name it in
 * backends[] in backend.c and in the choices of "device" in oracle/regime.h, (3) let tests/train/
 * run its cases on it: they compare each operator and whole nets with the reference by normalised
 * error. */
#ifndef TRAIN_BACKEND_H
#define TRAIN_BACKEND_H

#include "base/err.h"
#include "base/str.h"
#include "data/batch.h"
#include "train/net.h"

enum precision { PRECISION_FP32, PRECISION_TF32, PRECISION_BF16 };
#define PRECISION_NAMES "fp32|tf32|bf16" /* in the enum's order */

static inline const char *precision_name(enum precision precision) /* modules want it, too */
{
    static const char *const names[] = {"fp32", "tf32", "bf16"};
    return names[precision];
}

struct backend_setting {
    int batch;   /* images of a full batch; the last of an epoch may be smaller, never larger */
    int threads; /* that the images of a batch are shared out to, at least 1. Sums are joined thread
                    by thread, so results rest on it, but not on how many processors there are */
    int device;  /* number of the GPU */
    enum precision precision;
    bool deterministic; /* the same bits on the same machine, whatever it costs */
};

/* What one step of SGD is done with, as PyTorch does it: g = clipped gradient + weight_decay * p,
 * b = momentum * b + g (b is struct net_state's momentum), p -= learning_rate * d, where d is
 * g + momentum * b with Nesterov's momentum (NAS-Bench-201) and b without (DARTS). Clipping scales
 * the gradient by clip_norm / (norm + 1e-6) where that is below 1. */
struct step {
    double learning_rate, momentum, weight_decay; /* decay on all parameters, as upstream */
    bool nesterov;
    double clip_norm;        /* of the whole gradient; 0: none */
    double label_smoothing;  /* 0: none */
    double auxiliary_weight; /* of the auxiliary head's loss */
    const float *drop_scale; /* (drop_count, batch.count): 0, or 1 / keep probability; NULL: none */
};

/* Of one pass: the images of one batch. */
struct outcome {
    size_t images;
    double loss;    /* mean over the images, auxiliary loss included */
    size_t correct; /* images whose largest logit is their label's; a tie goes to the lower class */
    double gradient_norm; /* of the whole gradient, before clipping; 0 in evaluation */
};

struct backend {
    const struct backend_type *type;
    const struct net *net; /* borrowed: it outlives the backend */
};

struct backend_type {
    const char *name;    /* as written in experiment files: "device" */
    const char *summary; /* one line for --help */
    /* Devices of this kind that are there, at least 1 and at most 1024: setting.device counts them.
     * Where there is none, open() says so. Optional: NULL where there is one. */
    int (*device_count)(void);
    /* Adds what this machine has to train on, for "seki doctor": versions and devices by name, in
     * one line or several. Optional: NULL where the summary says it all. false and *err (why it
     * cannot be used) where open() would fail with any network. */
    bool (*survey)(struct str *text, struct err *err);
    /* NULL and *err where the machine lacks what it takes (a driver, memory, an instruction set).
     */
    struct backend *(*open)(const struct net *net, const struct backend_setting *setting,
                            struct err *err);
    /* "2 threads of AMD EPYC, oneDNN 2.6.3, fp32": for logs and tables, the same on equal devices
     * of a machine. The backend's memory. */
    const char *(*describe)(const struct backend *backend);
    /* Keeps the images of a set on the device: batches then need views and labels alone. Optional:
     * NULL where batches come with their pixels. */
    bool (*attach)(struct backend *backend, const struct images *images, struct err *err);
    bool (*state_set)(struct backend *backend, const struct net_state *state, struct err *err);
    bool (*state_get)(struct backend *backend, struct net_state *state, struct err *err);
    /* Passes that may be begun before the outcome of the oldest is asked for: 1, or more where a
     * device works while the host goes on. Each function below waits for what it needs. */
    int passes;
    /* Begins a pass: forward in training mode, backward, and the update. What it is given may
     * change once it returns. A loss that is not finite is no error here: the trainer reads it and
     * decides. */
    bool (*train)(struct backend *backend, const struct batch *batch, const struct step *step,
                  struct err *err);
    /* Begins a pass: forward with the running statistics; no auxiliary head, nothing dropped. */
    bool (*evaluate)(struct backend *backend, const struct batch *batch, struct err *err);
    /* Ends the oldest pass that was begun. */
    bool (*outcome)(struct backend *backend, struct outcome *outcome, struct err *err);
    /* For tests: of the last train() or evaluate(), (count, classes); and the gradient of the last
     * train() in the net's order, without weight decay and before clipping. NANs where the device
     * would not give them. */
    void (*logits)(struct backend *backend, float *logits);
    void (*gradient)(struct backend *backend, float *gradient);
    size_t (*memory_bytes)(
        const struct backend *backend);     /* planned for the step, parameters too */
    void (*close)(struct backend *backend); /* NULL is allowed */
};

/* NULL and *err (which there are; why this one cannot be had here) when there is none. */
const struct backend_type *backend_require(const char *name, struct err *err) MUST_CHECK;
const char *backend_name_at(size_t index);       /* NULL past the last; loads no module */
enum precision precision_find(const char *name); /* one of PRECISION_NAMES */
/* Whether that backend ever does, on a machine that can; loads no module. */
bool backend_computes_in(const char *name, enum precision precision);

#endif
