#include "oracle/trainings.h"

#include "config.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/jsonl.h"
#include "base/mem.h"
#include "base/option.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { NAME_DIGITS = 16 };

#define MOST 1e15 /* of what is counted or measured: a sum of such stays finite */

/* A training, and the line that its texts are part of. */
struct entry {
    struct training training;
    json_t *line;
};

struct trainings {
    const struct space *space;
    json_t *head; /* the first line of each of its files */
    struct digest digest;
    char name[NAME_DIGITS + 1];
    bool validates; /* by its setting: each training that did not diverge has validation scores */
    char *path;     /* what is added to; NULL: nothing may be */
    pthread_mutex_t lock;
    struct entry **entries; /* they stay where they are when others come */
    size_t count, capacity;
};

static const struct option fields[] = {
    {"arch", OPTION_TEXT, NULL, 0, 0, NULL, "the benchmark's text form"},
    {"digits", OPTION_TEXT, NULL, 0, 0, NULL, "the same"},
    {"training_seed", OPTION_INTEGER, NULL, 0, MOST, NULL, "what chance in it came from"},
    {"valid_final_pct", OPTION_REAL, "null", 0, 100, NULL, "accuracy"},
    {"test_final_pct", OPTION_REAL, "null", 0, 100, NULL, "accuracy"},
    {"valid_best_pct", OPTION_REAL, "null", 0, 100, NULL, "accuracy"},
    {"test_best_pct", OPTION_REAL, "null", 0, 100, NULL, "accuracy"},
    {"best_epoch", OPTION_INTEGER, NULL, 0, 1e9, NULL, "counted from 0"},
    {"diverged", OPTION_TEXT, "null", 0, 0, NULL, "why it ended early"},
    {"train_s", OPTION_REAL, NULL, 0, MOST, NULL, "seconds in steps"},
    {"evaluate_s", OPTION_REAL, NULL, 0, MOST, NULL, "seconds in evaluation"},
    {"images_per_s", OPTION_REAL, NULL, 0, MOST, NULL, "trained"},
    {"parameters", OPTION_REAL, NULL, 0, MOST, NULL, "of the network"},
    {"multiply_adds", OPTION_REAL, NULL, 0, MOST, NULL, "of one image"},
    {"device", OPTION_TEXT, NULL, 0, 0, NULL, "what it was trained on"},
    {"data", OPTION_TEXT, NULL, 0, 0, NULL, "SHA-256 of the images"},
    {"seki", OPTION_TEXT, NULL, 0, 0, NULL, "the version that did"},
    {"finished_at", OPTION_TEXT, NULL, 0, 0, NULL, "when"},
    {"curve", OPTION_ARRAY, NULL, 0, 0, NULL, "an object for each epoch"},
    {0},
};

static const struct {
    const char *key;
    size_t offset;
} scores[] = {
    {"valid_final_pct", offsetof(struct training, valid_pct[METRIC_FINAL_EPOCH])},
    {"test_final_pct", offsetof(struct training, test_pct[METRIC_FINAL_EPOCH])},
    {"valid_best_pct", offsetof(struct training, valid_pct[METRIC_BEST_EPOCH])},
    {"test_best_pct", offsetof(struct training, test_pct[METRIC_BEST_EPOCH])},
};

enum { SCORES = sizeof(scores) / sizeof(scores[0]) };

static double *score_at(struct training *training, size_t index)
{
    return (double *)(void *)((char *)training + scores[index].offset);
}

/* -- lines -- */

/* Times are not known better. */
static double in_thousandths(double value)
{
    return round(1000 * value) / 1000;
}

static json_t *score_value(const struct training *training, double score)
{
    return training->diverged || isnan(score) ? json_null() : json_real(score);
}

static json_t *write_line(const struct trainings *trainings, const struct training *training)
{
    struct training copy = *training;
    struct str arch = {0};
    char digits[ARCH_SLOTS + 1];
    trainings->space->encode(&training->arch, &arch);
    space_digits(trainings->space, &training->arch, digits);
    json_t *line = json_pack("{s:s, s:s, s:I}", "arch", arch.text, "digits", digits,
                             "training_seed", (json_int_t)training->seed);
    for (size_t i = 0; i < SCORES; i++)
        json_object_set_new(line, scores[i].key, score_value(training, *score_at(&copy, i)));
    json_t *rest = json_pack(
        "{s:i, s:s?, s:f, s:f, s:f, s:f, s:f, s:s, s:s, s:s, s:s, s:O}", "best_epoch",
        training->best_epoch, "diverged", training->diverged, "train_s",
        in_thousandths(training->train_s), "evaluate_s", in_thousandths(training->evaluate_s),
        "images_per_s", in_thousandths(training->images_per_s), "parameters", training->parameters,
        "multiply_adds", training->multiply_adds, "device", training->device, "data",
        training->data, "seki", PACKAGE_VERSION, "finished_at", clock_today().text, "curve",
        training->curve);
    json_object_update(line, rest);
    json_decref(rest);
    str_free(&arch);
    return line;
}

/* Puts the scores of a line, NaN where it has null. */
static bool take_scores(const struct trainings *trainings, const json_t *line,
                        struct training *training, struct err *err)
{
    for (size_t i = 0; i < SCORES; i++) {
        const json_t *score = json_object_get(line, scores[i].key);
        bool known = json_is_number(score), of_validation = scores[i].key[0] == 'v';
        *score_at(training, i) = known ? json_number_value(score) : (double)NAN;
        if (known && training->diverged)
            return err_set(err, ERR_INPUT,
                           "/%s: found %g, expected null, since the training diverged",
                           scores[i].key, json_number_value(score));
        if (!known && !training->diverged && of_validation && trainings->validates)
            return err_set(err, ERR_INPUT,
                           "/%s: found null, expected a number, since the setting validates",
                           scores[i].key);
    }
    return true;
}

static bool take_curve(const json_t *line, struct training *training, struct err *err)
{
    training->curve = json_object_get(line, "curve");
    for (size_t i = 0; i < json_array_size(training->curve); i++)
        if (!json_is_object(json_array_get(training->curve, i)))
            return err_set(err, ERR_INPUT, "/curve/%zu: found no object, expected one", i);
    return true;
}

/* The training that a line of these fields tells of; its texts are the line's. */
static bool take_fields(const struct trainings *trainings, const json_t *line,
                        struct training *training, struct err *err)
{
    const struct space *space = trainings->space;
    struct arch by_digits;
    if (!space_read(space, option_text(line, "arch"), &training->arch, err) ||
        !space_read(space, option_text(line, "digits"), &by_digits, err))
        return false;
    if (!arch_equal(&training->arch, &by_digits))
        return err_set(err, ERR_INPUT, "/digits: found \"%.40s\", expected those of /arch",
                       option_text(line, "digits"));
    training->seed = (uint64_t)option_integer(line, "training_seed");
    training->best_epoch = (int)option_integer(line, "best_epoch");
    training->diverged = option_text(line, "diverged");
    training->train_s = option_real(line, "train_s");
    training->evaluate_s = option_real(line, "evaluate_s");
    training->images_per_s = option_real(line, "images_per_s");
    training->parameters = option_real(line, "parameters");
    training->multiply_adds = option_real(line, "multiply_adds");
    training->device = option_text(line, "device");
    training->data = option_text(line, "data");
    return take_scores(trainings, line, training, err) && take_curve(line, training, err);
}

/* data: NULL for any. */
static const struct training *find(const struct trainings *trainings, const struct arch *arch,
                                   uint64_t seed, const char *data)
{
    for (size_t i = 0; i < trainings->count; i++) {
        const struct training *training = &trainings->entries[i]->training;
        if (training->seed == seed && arch_equal(&training->arch, arch) &&
            (!data || strcmp(training->data, data) == 0))
            return training;
    }
    return NULL;
}

/* Keeps the training of a line, unless there is one already. */
static bool take_line(struct trainings *trainings, const json_t *line, bool shipped,
                      struct err *err)
{
    struct faults faults = {0};
    struct entry *entry = mem_alloc(1, sizeof(*entry));
    entry->line = option_resolve(fields, line, "", &faults);
    bool ok = faults.count == 0 || err_set(err, ERR_INPUT, "%s", faults.list[0]);
    ok = ok && take_fields(trainings, entry->line, &entry->training, err);
    entry->training.shipped = shipped;
    fault_free(&faults);
    if (!ok || find(trainings, &entry->training.arch, entry->training.seed, entry->training.data)) {
        json_decref(entry->line);
        free(entry);
        return ok;
    }
    MEM_GROW(trainings->entries, trainings->count, trainings->capacity);
    trainings->entries[trainings->count++] = entry;
    return true;
}

/* -- files -- */

static bool check_head(const struct trainings *trainings, const json_t *line, struct err *err)
{
    struct digest found = hash_json(line);
    return strcmp(found.hex, trainings->digest.hex) == 0 ||
           err_set(err, ERR_INPUT,
                   "found a setting whose SHA-256 begins with %.16s, expected %s, the file's name",
                   found.hex, trainings->name);
}

static bool take_lines(struct trainings *trainings, const char *path, const struct jsonl *lines,
                       bool shipped, struct err *err)
{
    for (size_t i = 0; i < lines->count; i++) {
        struct err why = {0};
        bool ok = i == 0 ? check_head(trainings, lines->lines[i], &why)
                         : take_line(trainings, lines->lines[i], shipped, &why);
        if (!ok)
            return err_set(err, ERR_INPUT, "%s:%zu: %s", path, i + 1, why.text);
    }
    return true;
}

static bool read_file(struct trainings *trainings, const char *path, bool shipped,
                      struct jsonl *lines, struct err *err)
{
    if (!jsonl_read(path, lines, err))
        return false;
    if (shipped && lines->torn)
        return err_set(err, ERR_INPUT, "%s:%zu: found a line that breaks off, expected a whole one",
                       path, lines->count + 1);
    return take_lines(trainings, path, lines, shipped, err);
}

static bool read_shipped(struct trainings *trainings, struct err *err)
{
    struct jsonl lines = {0};
    char *name = mem_printf("benchdata/trainings/%s.jsonl.zst", trainings->name);
    char *path = file_find_data(name, NULL);
    bool ok = !path || read_file(trainings, path, true, &lines, err);
    jsonl_free(&lines);
    free(path);
    free(name);
    return ok;
}

static bool read_own(struct trainings *trainings, struct err *err)
{
    struct jsonl lines = {0};
    bool ok = !trainings->path || !file_exists(trainings->path) ||
              read_file(trainings, trainings->path, false, &lines, err);
    jsonl_free(&lines);
    return ok;
}

static bool cannot_write(const struct trainings *trainings, struct err *err)
{
    return err_set(err, ERR_IO, "%s: cannot write: %s", trainings->path, strerror(errno));
}

/* Opens the file and waits until no other process writes it; -1 and *err. */
static int open_locked(const struct trainings *trainings, struct err *err)
{
    if (!file_make_folder_of(trainings->path, err))
        return -1;
    int file = open(trainings->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (file >= 0 && TEMP_FAILURE_RETRY(flock(file, LOCK_EX)) == 0)
        return file;
    (void)cannot_write(trainings, err);
    if (file >= 0)
        close(file);
    return -1;
}

/* Takes what others wrote since, and cuts off what one of them did not finish. */
static bool catch_up(struct trainings *trainings, int file, bool *empty, struct err *err)
{
    struct jsonl lines = {0};
    bool ok = read_file(trainings, trainings->path, false, &lines, err);
    if (ok && lines.torn && ftruncate(file, (off_t)lines.whole_bytes) != 0)
        ok = cannot_write(trainings, err);
    *empty = lines.count == 0;
    jsonl_free(&lines);
    return ok;
}

static bool append(const struct trainings *trainings, int file, const char *head, const char *line,
                   struct err *err)
{
    struct str text = {0};
    str_addf(&text, "%s%s%s\n", head, *head ? "\n" : "", line);
    errno = ENOSPC; /* what a write that falls short means */
    bool ok = write(file, text.text, text.length) == (ssize_t)text.length && fsync(file) == 0;
    str_free(&text);
    return ok || cannot_write(trainings, err);
}

/* -- the table -- */

/* Without any training yet. */
static struct trainings *make(const struct space *space, const json_t *setting)
{
    struct trainings *trainings = mem_alloc(1, sizeof(*trainings));
    const char *valid_from = option_text(setting, "valid_from");
    trainings->space = space;
    trainings->head = json_pack("{s:i, s:s, s:O}", "trainings", TRAININGS_VERSION, "space",
                                space->name, "setting", setting);
    trainings->digest = hash_json(trainings->head);
    trainings->validates = valid_from && strcmp(valid_from, "none") != 0;
    memcpy(trainings->name, trainings->digest.hex, NAME_DIGITS);
    pthread_mutex_init(&trainings->lock, NULL);
    return trainings;
}

struct trainings *trainings_open(const struct space *space, const json_t *setting,
                                 const char *results, struct err *err)
{
    struct trainings *trainings = make(space, setting);
    trainings->path =
        results ? mem_printf("%s/trainings/%s.jsonl", results, trainings->name) : NULL;
    if (read_shipped(trainings, err) && read_own(trainings, err))
        return trainings;
    trainings_close(trainings);
    return NULL;
}

static const struct option head_fields[] = {
    {"trainings", OPTION_INTEGER, NULL, TRAININGS_VERSION, TRAININGS_VERSION, NULL, "version"},
    {"space", OPTION_TEXT, NULL, 0, 0, NULL, "that architectures are of"},
    {"setting", OPTION_OBJECT, NULL, 0, 0, NULL, "what results rest on"},
    {0},
};

/* The table that a first line is the head of. */
static struct trainings *make_by_head(const char *path, const json_t *line, struct err *err)
{
    struct faults faults = {0};
    struct trainings *trainings = NULL;
    json_t *head = option_resolve(head_fields, line, "", &faults);
    struct err why = {0};
    const struct space *space = NULL;
    if (!faults.count)
        space = space_require(option_text(head, "space"), &why);
    if (!space)
        err_set(err, ERR_INPUT, "%s:1: %s", path, faults.count ? faults.list[0] : why.text);
    else
        trainings = make(space, json_object_get(head, "setting"));
    fault_free(&faults);
    json_decref(head);
    return trainings;
}

struct trainings *trainings_read(const char *path, struct err *err)
{
    struct jsonl lines = {0};
    struct trainings *trainings = NULL;
    bool ok = jsonl_read(path, &lines, err);
    if (ok && lines.count < 2)
        ok = err_set(err, ERR_INPUT, "%s: found no training, expected some", path);
    if (ok)
        trainings = make_by_head(path, lines.lines[0], err);
    ok = trainings && take_lines(trainings, path, &lines, false, err);
    jsonl_free(&lines);
    if (ok)
        return trainings;
    trainings_close(trainings);
    return NULL;
}

void trainings_close(struct trainings *trainings)
{
    if (!trainings)
        return;
    for (size_t i = 0; i < trainings->count; i++) {
        json_decref(trainings->entries[i]->line);
        free(trainings->entries[i]);
    }
    pthread_mutex_destroy(&trainings->lock);
    free(trainings->entries);
    json_decref(trainings->head);
    free(trainings->path);
    free(trainings);
}

const struct training *trainings_find(struct trainings *trainings, const struct arch *arch,
                                      uint64_t seed, const char *data)
{
    pthread_mutex_lock(&trainings->lock);
    const struct training *found = find(trainings, arch, seed, data);
    pthread_mutex_unlock(&trainings->lock);
    return found;
}

bool trainings_refresh(struct trainings *trainings, struct err *err)
{
    pthread_mutex_lock(&trainings->lock);
    bool ok = read_own(trainings, err);
    pthread_mutex_unlock(&trainings->lock);
    return ok;
}

bool trainings_writable(struct trainings *trainings, struct err *err)
{
    int file = open_locked(trainings, err);
    if (file >= 0)
        close(file);
    return file >= 0;
}

/* Under the file's lock: the training that is kept, after it was written where there was none. */
static const struct training *keep(struct trainings *trainings, int file,
                                   const struct training *training, struct err *err)
{
    bool empty;
    if (!catch_up(trainings, file, &empty, err))
        return NULL;
    const struct training *kept = find(trainings, &training->arch, training->seed, training->data);
    if (kept)
        return kept;
    json_t *line = write_line(trainings, training);
    char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_t *again = json_loads(text, 0, NULL); /* as it will be read: rounded */
    char *head = empty ? hash_canonical(trainings->head) : mem_strdup("");
    bool ok = append(trainings, file, head, text, err) && take_line(trainings, again, false, err);
    free(head);
    json_decref(again);
    json_decref(line);
    free(text);
    return ok ? find(trainings, &training->arch, training->seed, training->data) : NULL;
}

const struct training *trainings_add(struct trainings *trainings, const struct training *training,
                                     struct err *err)
{
    pthread_mutex_lock(&trainings->lock);
    int file = open_locked(trainings, err);
    const struct training *kept = file >= 0 ? keep(trainings, file, training, err) : NULL;
    if (file >= 0)
        close(file);
    pthread_mutex_unlock(&trainings->lock);
    return kept;
}

const char *trainings_digest(const struct trainings *trainings)
{
    return trainings->digest.hex;
}

const char *trainings_name(const struct trainings *trainings)
{
    return trainings->name;
}

const struct training *trainings_at(struct trainings *trainings, size_t index)
{
    pthread_mutex_lock(&trainings->lock);
    const struct training *training =
        index < trainings->count ? &trainings->entries[index]->training : NULL;
    pthread_mutex_unlock(&trainings->lock);
    return training;
}

json_t *trainings_line(struct trainings *trainings, size_t index)
{
    pthread_mutex_lock(&trainings->lock);
    json_t *line = index < trainings->count ? trainings->entries[index]->line : NULL;
    pthread_mutex_unlock(&trainings->lock);
    return line;
}

json_t *trainings_head(const struct trainings *trainings)
{
    return trainings->head;
}

const struct space *trainings_space(const struct trainings *trainings)
{
    return trainings->space;
}
