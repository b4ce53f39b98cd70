/* CIFAR-10 and CIFAR-100 (Krizhevsky 2009), in their binary form. */
#include "data/formats.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

extern const struct dataset_type dataset_cifar10, dataset_cifar100, dataset_cifar10_subset;

bool format_check_label(const struct dataset *dataset, const struct dataset_source *source,
                        const struct datafile *file, size_t image, unsigned label, struct err *err)
{
    return label < (unsigned)dataset->images.classes ||
           err_set(err, ERR_INPUT, "%s/%s: image %zu has label %u, expected less than %d",
                   source->folder, file->name, image, label, dataset->images.classes);
}

bool cifar_read(struct dataset *dataset, const struct dataset_source *source, struct err *err)
{
    struct images *images = &dataset->images;
    const size_t size = images_size(images), labels = images->classes == 100 ? 2 : 1;
    size_t at = 0;
    bool ok = true;
    for (const struct datafile *file = dataset->type->files; ok && file->name; file++) {
        uint8_t *bytes = datafile_read(source->folder, file, source->listing, err);
        size_t count = file->size / (labels + size);
        assert(count * (labels + size) == file->size && at + count <= images->count);
        ok = bytes != NULL;
        for (size_t i = 0; ok && i < count; i++, at++) {
            const uint8_t *record = bytes + i * (labels + size);
            images->labels[at] = record[labels - 1];
            ok = format_check_label(dataset, source, file, i, record[labels - 1], err);
            memcpy(images->pixels + at * size, record + labels, size);
        }
        free(bytes);
    }
    assert(!ok || at == images->count);
    return ok;
}

/* Means and deviations are those of NAS-Bench-201's training code, in 255ths. */
#define MEAN(r, g, b)      .mean = {r / 255, g / 255, b / 255}
#define DEVIATION(r, g, b) .deviation = {r / 255, g / 255, b / 255}
#define CIFAR10_IMAGES                                                                             \
    {                                                                                              \
        .C = 3, .H = 32, .W = 32, .classes = 10, MEAN(125.3f, 123.0f, 113.9f),                     \
        DEVIATION(63.0f, 62.1f, 66.7f)                                                             \
    }
#define CIFAR_SITE "https://www.cs.toronto.edu/~kriz/cifar.html"

/* MD5 as rai-project/dldataset (with upstream's MD5 of the archive) and prabhuomkar/pytorch-cpp,
 * which check what they unpack by it, both list. */
static const struct datafile cifar10_files[] = {
    {"data_batch_1.bin", 30730000, "5dd7e06a14cb22eb9f671a540d1b7c25"},
    {"data_batch_2.bin", 30730000, "5ea93a67294ea407fff1d09f752e9692"},
    {"data_batch_3.bin", 30730000, "942cd6a4bcdd0dd3c604fbe906cb4421"},
    {"data_batch_4.bin", 30730000, "ae636b3ba5c66a11e91e8cb52e771fcb"},
    {"data_batch_5.bin", 30730000, "53f37980c15c3d472c316c40844f3f0d"},
    {"test_batch.bin", 30730000, "803d5f7f4d78ea53de84dbe85f74fb6d"},
    {NULL, 0, NULL},
};

static const struct datafile cifar100_files[] = {
    {"train.bin", 153700000, NULL},
    {"test.bin", 30740000, NULL},
    {NULL, 0, NULL},
};

static const struct datafile subset_files[] = {
    {"data_batch_1.bin", 3073000, NULL},
    {"data_batch_2.bin", 3073000, NULL},
    {"data_batch_3.bin", 3073000, NULL},
    {"data_batch_4.bin", 3073000, NULL},
    {NULL, 0, NULL},
};

const struct dataset_type dataset_cifar10 = {
    .name = "cifar10",
    .summary = "CIFAR-10: 50 000 and 10 000 colour images of 32 x 32, 10 classes",
    .folder = "cifar-10-batches-bin",
    .origin = "the binary version at " CIFAR_SITE,
    .files = cifar10_files,
    .images = CIFAR10_IMAGES,
    .train_count = 50000,
    .test_count = 10000,
    .balanced = true,
    .crop_padding = 4,
    .read = cifar_read,
};

const struct dataset_type dataset_cifar100 = {
    .name = "cifar100",
    .summary = "CIFAR-100: 50 000 and 10 000 colour images of 32 x 32, 100 classes",
    .folder = "cifar-100-binary",
    .origin = "the binary version at " CIFAR_SITE,
    .files = cifar100_files,
    .images = {.C = 3,
               .H = 32,
               .W = 32,
               .classes = 100,
               MEAN(129.3f, 124.1f, 112.4f),
               DEVIATION(68.2f, 65.4f, 70.4f)},
    .train_count = 50000,
    .test_count = 10000,
    .balanced = true,
    .crop_padding = 4,
    .read = cifar_read,
};

const struct dataset_type dataset_cifar10_subset = {
    .name = "cifar10-subset",
    .summary =
        "the first 4 000 training images of CIFAR-10: 3 000 to train, the last 1 000 to test",
    .folder = "cifar10-subset",
    .origin = "the first 1 000 records of a file each, cut from the training images of " CIFAR_SITE,
    .files = subset_files,
    .images = CIFAR10_IMAGES,
    .train_count = 3000,
    .test_count = 1000,
    .crop_padding = 4,
    .read = cifar_read,
};
