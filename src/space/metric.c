#include "space/metric.h"

#include <string.h>

static const struct metric metrics[] = {
    {"accuracy", "accuracy", true, 2, METRIC_FINAL_EPOCH},
    {"top5_accuracy", "top-5 accuracy", true, 2, METRIC_FINAL_EPOCH},
    {"miou", "mIoU", true, 2, METRIC_FINAL_EPOCH},
    {"ssim", "SSIM", false, 4, METRIC_FINAL_EPOCH},
    {"neg_loss", "negative loss", false, 4, METRIC_FINAL_EPOCH},
};

static const char *const epochs[] = {[METRIC_FINAL_EPOCH] = "final", [METRIC_BEST_EPOCH] = "best"};

static bool find_epoch(const char *name, enum metric_epoch *epoch)
{
    for (size_t i = 0; name && i < sizeof(epochs) / sizeof(*epochs); i++)
        if (strcmp(epochs[i], name) == 0) {
            *epoch = (enum metric_epoch)i;
            return true;
        }
    return false;
}

bool metric_find(const char *name, const char *epoch, struct metric *metric)
{
    enum metric_epoch at;
    if (!name || !find_epoch(epoch, &at))
        return false;
    for (size_t i = 0; i < sizeof(metrics) / sizeof(*metrics); i++)
        if (strcmp(metrics[i].name, name) == 0) {
            *metric = metrics[i];
            metric->epoch = at;
            return true;
        }
    return false;
}

bool metric_equal(const struct metric *a, const struct metric *b)
{
    return a->epoch == b->epoch && strcmp(a->name, b->name) == 0;
}

const char *metric_epoch_name(const struct metric *metric)
{
    return epochs[metric->epoch];
}

const char *metric_unit(const struct metric *metric)
{
    return metric->percent ? "percent" : "";
}

void metric_add_column(const struct metric *metric, struct str *out)
{
    str_add(out, metric->name);
    if (metric->epoch == METRIC_BEST_EPOCH)
        str_add(out, "_best_epoch");
}

void metric_add_score(const struct metric *metric, double score, struct str *out)
{
    str_add_fixed(out, score, metric->decimals);
    if (metric->percent)
        str_add_char(out, '%');
}

void metric_add_words(const struct metric *metric, struct str *out)
{
    str_addf(out, "%s%s, %s epoch", metric->title, metric->percent ? " in percent" : "",
             metric_epoch_name(metric));
}
