/* The tabular oracle: answers from a benchmark table, where every architecture of the space was
 * trained before. Means over training seeds are made once, so that an answer is a few array reads;
 * several threads may ask at once. */
#include "oracle/oracle.h"

#include "base/mem.h"
#include "base/sort.h"
#include "table/table.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

extern const struct oracle_type oracle_table;

enum { SEEDS_MAX = 32 }; /* training seeds of one measurement */

/* Means over training seeds of all architectures, on one data set after one number of epochs; made
 * when they are first asked for. */
struct scores {
    const char *dataset; /* the table's */
    int epochs;          /* of the training */
    enum metric_epoch epoch;
    bool made;
    double *valid_score, *test_score; /* (rows), NaN where not measured; NULL: none measured */
    struct verdict best;              /* the highest of each, NaN where not measured */
};

/* What evaluate() answers with. Small, since searches wait for nothing but memory. */
struct answer {
    double valid_score, test_score, cost_s;
};

struct tabular {
    struct oracle base;
    struct table *table;
    struct scores *scores;
    size_t score_count;
    pthread_mutex_t lock;        /* of the scores and of ranked, while they are made */
    const struct scores *signal; /* what evaluate() answers with */
    struct answer *answers;      /* (rows) of it, means; side by side, since they are read so */
    double *ranked;              /* its scores, highest first; NULL until asked for */
    size_t ranked_count;
    const float *drawn[SEEDS_MAX]; /* valid_score by training seed, where seeds are drawn */
    size_t drawn_count;            /* 0: evaluate() gives the mean */
};

static const struct option options[] = {
    {"table", OPTION_TEXT, "null", 0, 0, NULL,
     "a name in benchdata/, or the path of a .h5 file; null: the space's own"},
    {"dataset", OPTION_TEXT, NULL, 0, 0, NULL, "the data set that the search sees"},
    {"metric", OPTION_CHOICE, NULL, 0, 0, METRIC_NAMES, "what a score is; higher is better"},
    {"epochs", OPTION_INTEGER, NULL, 1, 1000000, NULL, "epochs of the trainings in the table"},
    {"at_epoch", OPTION_CHOICE, NULL, 0, 0, METRIC_EPOCHS,
     "whether a score is that of the last epoch, or the highest of all epochs"},
    {"split", OPTION_CHOICE, NULL, 0, 0, "valid",
     "what the search is guided by; test scores go to the log alone"},
    {"training_seed", OPTION_CHOICE, NULL, 0, 0, "mean|draw",
     "the validation score is the mean over training seeds, or one measured seed drawn each time"},
    {0},
};

static struct table *open_table(const struct space *space, const char *name, struct err *err)
{
    char *path = table_find(name ? name : space->name, err);
    struct table *table = path ? table_open(path, err) : NULL;
    if (table && table->space != space) {
        err_set(err, ERR_INPUT, "%s: a table of space %s, expected %s", path, table->space->name,
                space->name);
        table_close(table);
        table = NULL;
    }
    free(path);
    return table;
}

static double highest(const double *values, size_t count)
{
    double best = (double)NAN;
    for (size_t i = 0; values && i < count; i++)
        if (!(values[i] <= best) && !isnan(values[i]))
            best = values[i];
    return best;
}

static struct scores *find_entry(const struct tabular *tabular, const char *dataset, int epochs,
                                 enum metric_epoch epoch)
{
    for (size_t i = 0; i < tabular->score_count; i++) {
        struct scores *scores = &tabular->scores[i];
        if (scores->epochs == epochs && scores->epoch == epoch &&
            strcmp(scores->dataset, dataset) == 0)
            return scores;
    }
    return NULL;
}

/* What the table calls the oracle's metric at this epoch; the caller frees. */
static char *column_name(const struct tabular *tabular, enum metric_epoch epoch)
{
    struct metric metric = tabular->base.metric;
    struct str name = {0};
    metric.epoch = epoch;
    metric_add_column(&metric, &name);
    return str_steal(&name);
}

/* The means of one split, or NULL where the table has none. */
static double *read_mean(const struct tabular *tabular, const struct scores *scores,
                         const char *split)
{
    double *mean = mem_alloc(tabular->table->rows, sizeof(*mean));
    char *name = column_name(tabular, scores->epoch);
    bool ok = table_mean(tabular->table, name, scores->dataset, scores->epochs, split, mean, NULL);
    free(name);
    if (ok)
        return mean;
    free(mean);
    return NULL;
}

static void make_scores(const struct tabular *tabular, struct scores *scores)
{
    const struct table *table = tabular->table;
    scores->valid_score = read_mean(tabular, scores, "valid");
    scores->test_score = read_mean(tabular, scores, "test");
    scores->best.valid_score = highest(scores->valid_score, table->rows);
    scores->best.test_score = highest(scores->test_score, table->rows);
    scores->made = true;
}

/* NULL where the metric was not measured. */
static const struct scores *find_scores(struct tabular *tabular, const char *dataset, int epochs,
                                        enum metric_epoch epoch)
{
    struct scores *scores = find_entry(tabular, dataset, epochs, epoch);
    pthread_mutex_lock(&tabular->lock);
    if (scores && !scores->made)
        make_scores(tabular, scores);
    pthread_mutex_unlock(&tabular->lock);
    return scores;
}

/* One entry of scores for each data set and number of epochs that the metric was measured at, of
 * this epoch of the training. */
static void list_scores(struct tabular *tabular, enum metric_epoch epoch)
{
    const struct table *table = tabular->table;
    char *name = column_name(tabular, epoch);
    for (size_t i = 0; i < table->column_count; i++) {
        const struct column *column = &table->columns[i];
        if (strcmp(column->metric, name) != 0 ||
            find_entry(tabular, column->dataset, column->epochs, epoch))
            continue;
        struct scores *scores = &tabular->scores[tabular->score_count++];
        *scores =
            (struct scores){.dataset = column->dataset, .epochs = column->epochs, .epoch = epoch};
    }
    free(name);
}

/* Seconds of whole trainings: as the table has them, else those of an epoch times epochs. */
static bool read_costs(const struct table *table, const struct scores *signal, double *cost_s,
                       struct err *err)
{
    if (table_mean(table, "training_time", signal->dataset, signal->epochs, "", cost_s, NULL))
        return true;
    if (!table_mean(table, "epoch_time", signal->dataset, 0, "", cost_s, err))
        return false;
    for (size_t row = 0; row < table->rows; row++)
        cost_s[row] *= signal->epochs;
    return true;
}

static bool read_answers(struct tabular *tabular, struct err *err)
{
    const struct table *table = tabular->table;
    const struct scores *signal = tabular->signal;
    double *cost_s = mem_alloc(table->rows, sizeof(*cost_s));
    bool ok = read_costs(table, signal, cost_s, err);
    tabular->answers = mem_alloc(table->rows, sizeof(*tabular->answers));
    for (size_t row = 0; row < table->rows; row++)
        tabular->answers[row] = (struct answer){
            .valid_score = signal->valid_score[row],
            .test_score = signal->test_score ? signal->test_score[row] : (double)NAN,
            .cost_s = cost_s[row],
        };
    free(cost_s);
    return ok;
}

/* Always false: the table has no such score. */
static bool lacks_scores(const struct tabular *tabular, const char *dataset, int epochs,
                         enum metric_epoch epoch, struct err *err)
{
    char *name = column_name(tabular, epoch);
    table_lacks(tabular->table, name, dataset, epochs, "valid", err);
    free(name);
    return false;
}

static bool read_signal(struct tabular *tabular, const char *dataset, int epochs, struct err *err)
{
    enum metric_epoch epoch = tabular->base.metric.epoch;
    const struct scores *scores = find_scores(tabular, dataset, epochs, epoch);
    if (!scores || !scores->valid_score)
        return lacks_scores(tabular, dataset, epochs, epoch, err);
    tabular->signal = scores;
    return read_answers(tabular, err);
}

static bool read_drawn(struct tabular *tabular, struct err *err)
{
    const struct scores *signal = tabular->signal;
    int seeds[SEEDS_MAX];
    char *name = column_name(tabular, signal->epoch);
    tabular->drawn_count = table_seeds(tabular->table, name, signal->dataset, signal->epochs,
                                       "valid", seeds, SEEDS_MAX);
    for (size_t i = 0; i < tabular->drawn_count; i++)
        tabular->drawn[i] =
            table_column(tabular->table, name, signal->dataset, signal->epochs, "valid", seeds[i]);
    free(name);
    return tabular->drawn_count > 0 ||
           err_set(err, ERR_INPUT,
                   "training_seed \"draw\": %s has only the mean over training seeds on %s at %d "
                   "epochs, expected \"mean\"",
                   tabular->table->benchmark, signal->dataset, signal->epochs);
}

static void tabular_close(struct oracle *oracle)
{
    struct tabular *tabular = (struct tabular *)oracle;
    if (!tabular)
        return;
    for (size_t i = 0; i < tabular->score_count; i++) {
        free(tabular->scores[i].valid_score);
        free(tabular->scores[i].test_score);
    }
    free(tabular->scores);
    pthread_mutex_destroy(&tabular->lock);
    free(tabular->answers);
    free(tabular->ranked);
    table_close(tabular->table);
    free(tabular);
}

static struct oracle *tabular_open(const struct space *space, const json_t *settings,
                                   const struct oracle_place *place, struct err *err)
{
    (void)place;
    struct table *table = open_table(space, option_text(settings, "table"), err);
    if (!table)
        return NULL;
    struct tabular *tabular = mem_alloc(1, sizeof(*tabular));
    tabular->base = (struct oracle){.type = &oracle_table, .space = space};
    bool known = metric_find(option_text(settings, "metric"), option_text(settings, "at_epoch"),
                             &tabular->base.metric);
    assert(known); /* they are choices */
    (void)known;
    tabular->table = table;
    pthread_mutex_init(&tabular->lock, NULL);
    tabular->scores = mem_alloc(table->column_count, sizeof(*tabular->scores));
    list_scores(tabular, METRIC_FINAL_EPOCH);
    list_scores(tabular, METRIC_BEST_EPOCH);
    bool ok = read_signal(tabular, option_text(settings, "dataset"),
                          (int)option_integer(settings, "epochs"), err);
    if (ok && option_is(settings, "training_seed", "draw"))
        ok = read_drawn(tabular, err);
    if (ok)
        return &tabular->base;
    tabular_close(&tabular->base);
    return NULL;
}

/* One of the seeds measured for row, each as likely; NaN when none is. */
static double draw(const struct tabular *tabular, size_t row, struct rng *rng)
{
    double measured[SEEDS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < tabular->drawn_count; i++)
        if (!isnan(tabular->drawn[i][row]))
            measured[count++] = (double)tabular->drawn[i][row];
    return count ? measured[rng_below(rng, count)] : (double)NAN;
}

static bool not_measured(const struct tabular *tabular, const struct arch *arch,
                         const char *dataset, int epochs, struct err *err)
{
    char digits[ARCH_SLOTS + 1];
    space_digits(tabular->base.space, arch, digits);
    return err_set(err, ERR_INPUT, "%s: %s was not measured on %s at %d epochs",
                   tabular->table->benchmark, digits, dataset, epochs);
}

static bool tabular_evaluate(struct oracle *oracle, const struct arch *arch, struct rng *rng,
                             struct evaluation *evaluation, struct err *err)
{
    const struct tabular *tabular = (const struct tabular *)oracle;
    size_t row = space_index(oracle->space, arch);
    const struct answer *answer = &tabular->answers[row];
    *evaluation = (struct evaluation){.valid_score = answer->valid_score,
                                      .test_score = answer->test_score,
                                      .cost_s = answer->cost_s};
    if (tabular->drawn_count)
        evaluation->valid_score = draw(tabular, row, rng);
    return (!isnan(evaluation->valid_score) && !isnan(evaluation->cost_s)) ||
           not_measured(tabular, arch, tabular->signal->dataset, tabular->signal->epochs, err);
}

static bool tabular_reports(struct oracle *oracle, const char *dataset, int epochs,
                            enum metric_epoch epoch, struct err *err)
{
    struct tabular *tabular = (struct tabular *)oracle;
    return find_scores(tabular, dataset, epochs, epoch) ||
           lacks_scores(tabular, dataset, epochs, epoch, err);
}

static bool tabular_report(struct oracle *oracle, const struct arch *arch, const char *dataset,
                           int epochs, enum metric_epoch epoch, struct verdict *verdict,
                           struct err *err)
{
    struct tabular *tabular = (struct tabular *)oracle;
    const struct scores *scores = find_scores(tabular, dataset, epochs, epoch);
    size_t row = space_index(oracle->space, arch);
    if (!scores)
        return lacks_scores(tabular, dataset, epochs, epoch, err);
    verdict->valid_score = scores->valid_score ? scores->valid_score[row] : (double)NAN;
    verdict->test_score = scores->test_score ? scores->test_score[row] : (double)NAN;
    return true;
}

static bool tabular_optimum(struct oracle *oracle, const char *dataset, int epochs,
                            enum metric_epoch epoch, double *search_score, struct verdict *best)
{
    struct tabular *tabular = (struct tabular *)oracle;
    const struct scores *scores = find_scores(tabular, dataset, epochs, epoch);
    *search_score = tabular->signal->best.valid_score;
    *best = scores ? scores->best : (struct verdict){(double)NAN, (double)NAN};
    return true;
}

static const double *tabular_ranked(struct oracle *oracle, size_t *count)
{
    struct tabular *tabular = (struct tabular *)oracle;
    const double *valid_score = tabular->signal->valid_score;
    pthread_mutex_lock(&tabular->lock);
    if (!tabular->ranked) {
        tabular->ranked = mem_alloc(tabular->table->rows, sizeof(*tabular->ranked));
        for (size_t row = 0; row < tabular->table->rows; row++)
            if (!isnan(valid_score[row]))
                tabular->ranked[tabular->ranked_count++] = valid_score[row];
        sort_descending(tabular->ranked, tabular->ranked_count);
    }
    pthread_mutex_unlock(&tabular->lock);
    *count = tabular->ranked_count;
    return tabular->ranked;
}

static void tabular_mutation(struct oracle *oracle, const struct arch *arch, double *better_share,
                             double *mean_gain)
{
    const struct tabular *tabular = (const struct tabular *)oracle;
    const struct space *space = oracle->space;
    const double *valid_score = tabular->signal->valid_score;
    double here = valid_score[space_index(space, arch)], gain = 0;
    size_t better = 0, count = 0, neighbours = space_neighbour_count(space);
    for (size_t n = 0; n < neighbours; n++) {
        struct arch other = space_neighbour(space, arch, n);
        double there = valid_score[space_index(space, &other)];
        if (isnan(there) || isnan(here) || !space_allows(space, &other))
            continue;
        better += there > here;
        gain += there - here;
        count++;
    }
    *better_share = count ? (double)better / (double)count : (double)NAN;
    *mean_gain = count ? gain / (double)count : (double)NAN;
}

static const char *tabular_identity(const struct oracle *oracle)
{
    return ((const struct tabular *)oracle)->table->seal;
}

const struct oracle_type oracle_table = {
    .name = "table",
    .summary = "a benchmark table: every architecture was trained before",
    .options = options,
    .open = tabular_open,
    .evaluate = tabular_evaluate,
    .reports = tabular_reports,
    .report = tabular_report,
    .optimum = tabular_optimum,
    .ranked = tabular_ranked,
    .mutation = tabular_mutation,
    .identity = tabular_identity,
    .close = tabular_close,
};
