#include "data/dataset.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

extern const struct dataset_type dataset_cifar10, dataset_cifar100, dataset_cifar10_subset,
    dataset_fashion_mnist, dataset_imagenet, dataset_imagenet16_120, dataset_synthetic;

static const struct dataset_type *const dataset_types[] = {
    &dataset_cifar10,  &dataset_cifar100,       &dataset_cifar10_subset, &dataset_fashion_mnist,
    &dataset_imagenet, &dataset_imagenet16_120, &dataset_synthetic,      NULL};

const struct dataset_type *dataset_at(size_t index)
{
    return index < sizeof(dataset_types) / sizeof(dataset_types[0]) ? dataset_types[index] : NULL;
}

const struct dataset_type *dataset_find(const char *name)
{
    for (size_t i = 0; dataset_types[i]; i++)
        if (strcmp(dataset_types[i]->name, name) == 0)
            return dataset_types[i];
    return NULL;
}

/* A folder that may hold the set, and whether it does; looked says in which it was not found. */
static bool try_folder(const struct dataset_type *type, const char *folder, struct str *looked)
{
    if (datafile_exists(folder, type->files[0].name))
        return true;
    str_addf(looked, "%s%s", looked->length ? " and " : " in ", folder);
    return false;
}

static void add_names(const struct dataset_type *type, struct str *out)
{
    for (const struct datafile *file = type->files; file->name; file++)
        str_addf(out, "%s%s", file == type->files ? "" : ", ", file->name);
}

static char *refuse(const struct dataset_type *type, const char *path, struct str *looked,
                    struct err *err)
{
    struct str names = {0};
    add_names(type, &names);
    err_set(err, ERR_IO, "%s: found no %s%s%s, expected %s (%s)", type->name, type->files[0].name,
            looked->length ? looked->text : "", path ? "" : "; set SEKI_IMAGES or \"path\"",
            names.text, type->origin);
    str_free(&names);
    return NULL;
}

char *dataset_locate(const struct dataset_type *type, const char *path, struct err *err)
{
    const char *home = getenv("SEKI_IMAGES");
    char *folders[] = {path ? mem_strdup(path) : NULL,
                       !path && home ? file_join(home, type->folder) : NULL,
                       !path && type->package ? mem_strdup(type->package) : NULL};
    struct str looked = {0};
    char *found = NULL;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        if (!found && folders[i] && try_folder(type, folders[i], &looked))
            found = folders[i];
        else
            free(folders[i]);
    }
    if (!found)
        refuse(type, path, &looked, err);
    str_free(&looked);
    return found;
}

bool dataset_is_here(const json_t *settings)
{
    const struct dataset_type *type = dataset_find(option_text(settings, "dataset"));
    char *folder = type->files ? dataset_locate(type, option_text(settings, "path"), NULL) : NULL;
    bool here = folder || !type->files;
    free(folder);
    return here;
}

int dataset_number(const json_t *settings, const char *key, int usual)
{
    const json_t *value = json_object_get(settings, key);
    return json_is_integer(value) ? (int)json_integer_value(value) : usual;
}

/* How many images of each class are in [first, end); the caller frees. */
static size_t *class_counts(const struct images *images, size_t first, size_t end)
{
    size_t *counts = mem_alloc((size_t)images->classes, sizeof(*counts));
    for (size_t i = first; i < end; i++)
        counts[images->labels[i]]++;
    return counts;
}

static bool check_balance(const struct dataset *dataset, const char *part, size_t first, size_t end,
                          struct err *err)
{
    size_t classes = (size_t)dataset->images.classes, expected = (end - first) / classes;
    size_t *counts = class_counts(&dataset->images, first, end), odd = 0;
    while (odd < classes && counts[odd] == expected)
        odd++;
    bool ok = odd == classes ||
              err_set(err, ERR_INPUT, "%s: %zu %s images of class %zu, expected %zu of each",
                      dataset->type->name, counts[odd], part, odd, expected);
    free(counts);
    return ok;
}

static void make_room(struct dataset *dataset)
{
    struct images *images = &dataset->images;
    dataset->train_count = dataset->type->train_count;
    images->count = dataset->train_count + dataset->type->test_count;
    images->labels = mem_alloc(images->count, sizeof(*images->labels));
    images->pixels = mem_alloc_large(images->count, images_size(images));
}

struct dataset *dataset_read(const struct dataset_type *type, const char *folder,
                             const json_t *settings, struct err *err)
{
    struct dataset *dataset = mem_alloc(1, sizeof(*dataset));
    struct dataset_source source = {folder, settings, hash_begin()};
    dataset->type = type;
    dataset->images = type->images;
    if (type->train_count)
        make_room(dataset);
    bool ok = type->read(dataset, &source, err);
    dataset->identity = hash_end(source.listing);
    if (ok && type->balanced)
        ok = check_balance(dataset, "training", 0, dataset->train_count, err) &&
             check_balance(dataset, "test", dataset->train_count, dataset->images.count, err);
    if (ok)
        return dataset;
    dataset_close(dataset);
    return NULL;
}

void dataset_check(const json_t *settings, const char *path, struct faults *faults)
{
    static const char *const keys[] = {"image_size", "channels", "classes", "images", "data_seed"};
    const struct dataset_type *type = dataset_find(option_text(settings, "dataset"));
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (json_is_null(json_object_get(settings, keys[i])) ||
            (type->takes && strstr(type->takes, keys[i])))
            continue;
        char *place = mem_printf("%s/%s", path, keys[i]);
        fault_add(faults, place, "not an option of data set %s, expected null", type->name);
        free(place);
    }
}

struct dataset *dataset_open(const json_t *settings, struct err *err)
{
    const struct dataset_type *type = dataset_find(option_text(settings, "dataset"));
    if (!type->files)
        return dataset_read(type, NULL, settings, err);
    char *folder = dataset_locate(type, option_text(settings, "path"), err);
    struct dataset *dataset = folder ? dataset_read(type, folder, settings, err) : NULL;
    free(folder);
    return dataset;
}

void dataset_close(struct dataset *dataset)
{
    if (!dataset)
        return;
    if (dataset->type->release)
        dataset->type->release(dataset);
    free(dataset->images.pixels);
    free(dataset->images.labels);
    free(dataset);
}
