#include "train/recipe.h"

#include "data/augment.h"

#include <math.h>

enum { TAIL_EPOCHS = 5 }; /* of the linear schedule, in which the slope is a fifth */

const struct option recipe_options[] = {
    {"epochs", OPTION_INTEGER, NULL, 1, 100000, NULL, "passes over the training images"},
    {"batch", OPTION_INTEGER, "256", 1, 65536, NULL,
     "images of a step; the last of an epoch may have fewer (DARTS: 96)"},
    {"learning_rate", OPTION_REAL, "0.1", 0, 100, NULL, "of the first epoch (DARTS: 0.025)"},
    {"min_learning_rate", OPTION_REAL, "0", 0, 100, NULL, "that the cosine ends in"},
    {"schedule", OPTION_CHOICE, "\"cosine\"", 0, 0, "cosine|linear",
     "how the learning rate falls, epoch by epoch (P-DARTS, PC-DARTS on ImageNet: linear)"},
    {"warmup_epochs", OPTION_INTEGER, "0", 0, 100000, NULL,
     "epochs in which the learning rate grows to its schedule (PC-DARTS on ImageNet: 5)"},
    {"momentum", OPTION_REAL, "0.9", 0, 1, NULL, "of SGD"},
    {"nesterov", OPTION_BOOLEAN, "true", 0, 0, NULL,
     "whether the momentum is Nesterov's (DARTS: false)"},
    {"weight_decay", OPTION_REAL, "0.0005", 0, 1, NULL,
     "of all parameters (DARTS: 0.0003; on ImageNet 0.00003)"},
    {"clip_norm", OPTION_REAL, "0", 0, 1e6, NULL,
     "norm that the whole gradient is clipped to; 0: none (DARTS: 5)"},
    {"label_smoothing", OPTION_REAL, "0", 0, 0.999, NULL,
     "share of a label that goes to all classes (DARTS on ImageNet: 0.1)"},
    {"auxiliary_weight", OPTION_REAL, "0", 0, 10, NULL,
     "of the auxiliary head's loss, where the network has that head (DARTS: 0.4)"},
    {"drop_path", OPTION_REAL, "0", 0, 0.999, NULL,
     "probability of dropping a path, reached linearly at the end (DARTS: 0.2)"},
    AUGMENT_OPTIONS,
    {"diverged_score", OPTION_REAL, NULL, 0, 100, NULL,
     "accuracy in percent that a training counts as when its loss or gradient is not finite"},
    {NULL, OPTION_TEXT, NULL, 0, 0, NULL, NULL},
};

struct recipe recipe_read(const json_t *settings)
{
    return (struct recipe){
        .epochs = (int)option_integer(settings, "epochs"),
        .batch = (int)option_integer(settings, "batch"),
        .learning_rate = option_real(settings, "learning_rate"),
        .min_learning_rate = option_real(settings, "min_learning_rate"),
        .linear = option_is(settings, "schedule", "linear"),
        .warmup_epochs = (int)option_integer(settings, "warmup_epochs"),
        .momentum = option_real(settings, "momentum"),
        .nesterov = option_boolean(settings, "nesterov"),
        .weight_decay = option_real(settings, "weight_decay"),
        .clip_norm = option_real(settings, "clip_norm"),
        .label_smoothing = option_real(settings, "label_smoothing"),
        .auxiliary_weight = option_real(settings, "auxiliary_weight"),
        .drop_path = option_real(settings, "drop_path"),
        .diverged_pct = option_real(settings, "diverged_score"),
    };
}

static double cosine(const struct recipe *recipe, int epoch)
{
    double from = recipe->learning_rate, to = recipe->min_learning_rate;
    return to + (from - to) * (1 + cos(M_PI * epoch / recipe->epochs)) / 2;
}

/* adjust_lr() of P-DARTS' and PC-DARTS' train_imagenet.py; a training no longer than the tail falls
 * evenly. */
static double linear(const struct recipe *recipe, int epoch)
{
    int left = recipe->epochs - epoch, whole = recipe->epochs - TAIL_EPOCHS;
    if (whole <= 0)
        return recipe->learning_rate * left / recipe->epochs;
    if (left > TAIL_EPOCHS)
        return recipe->learning_rate * (left - TAIL_EPOCHS) / whole;
    return recipe->learning_rate * left / (whole * TAIL_EPOCHS);
}

double recipe_learning_rate(const struct recipe *recipe, int epoch)
{
    double rate = recipe->linear ? linear(recipe, epoch) : cosine(recipe, epoch);
    return epoch < recipe->warmup_epochs ? rate * (epoch + 1) / recipe->warmup_epochs : rate;
}

double recipe_drop_path(const struct recipe *recipe, int epoch)
{
    return recipe->drop_path * epoch / recipe->epochs;
}
