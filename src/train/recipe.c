#include "train/recipe.h"

#include <math.h>

enum { TAIL_EPOCHS = 5 }; /* of the linear schedule, in which the slope is a fifth */

const struct option recipe_options[] = {RECIPE_OPTIONS, {0}};

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
