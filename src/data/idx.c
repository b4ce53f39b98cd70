/* Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), in MNIST's form. */
#include "data/formats.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

extern const struct dataset_type dataset_fashion_mnist;

enum { IDX_BYTES = 0x0800 }; /* "unsigned byte", in the magic; the number of dimensions is added */

static uint32_t big_endian(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The file's bytes, the caller's to free, once its head says these dimensions. */
static uint8_t *read_file(const struct dataset_source *source, const struct datafile *file,
                          const uint32_t *dimensions, uint32_t rank, struct err *err)
{
    uint8_t *bytes = datafile_read(source->folder, file, source->listing, err);
    if (!bytes)
        return NULL;
    uint32_t magic = big_endian(bytes);
    bool ok = magic == (IDX_BYTES | rank) ||
              err_set(err, ERR_INPUT, "%s/%s: begins with %08x, expected %08x (IDX, bytes)",
                      source->folder, file->name, magic, IDX_BYTES | rank);
    for (uint32_t i = 0; ok && i < rank; i++) {
        uint32_t found = big_endian(bytes + 4 * (i + 1));
        ok = found == dimensions[i] ||
             err_set(err, ERR_INPUT, "%s/%s: dimension %u is %u, expected %u", source->folder,
                     file->name, i, found, dimensions[i]);
    }
    if (ok)
        return bytes;
    free(bytes);
    return NULL;
}

static bool read_pixels(struct dataset *dataset, const struct dataset_source *source,
                        const struct datafile *file, size_t first, size_t count, struct err *err)
{
    const struct images *images = &dataset->images;
    const uint32_t shape[] = {(uint32_t)count, (uint32_t)images->H, (uint32_t)images->W};
    size_t size = images_size(images), head = 4 + sizeof(shape);
    assert(images->C == 1 && file->size == head + count * size);
    uint8_t *bytes = read_file(source, file, shape, 3, err);
    if (bytes)
        memcpy(images->pixels + first * size, bytes + head, count * size);
    free(bytes);
    return bytes != NULL;
}

static bool read_labels(struct dataset *dataset, const struct dataset_source *source,
                        const struct datafile *file, size_t first, size_t count, struct err *err)
{
    const uint32_t shape[] = {(uint32_t)count};
    size_t head = 4 + sizeof(shape);
    assert(file->size == head + count);
    uint8_t *bytes = read_file(source, file, shape, 1, err);
    bool ok = bytes != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        dataset->images.labels[first + i] = bytes[head + i];
        ok = format_check_label(dataset, source, file, i, bytes[head + i], err);
    }
    free(bytes);
    return ok;
}

bool idx_read(struct dataset *dataset, const struct dataset_source *source, struct err *err)
{
    const struct dataset_type *type = dataset->type;
    const struct datafile *files = type->files;
    return read_pixels(dataset, source, &files[0], 0, type->train_count, err) &&
           read_labels(dataset, source, &files[1], 0, type->train_count, err) &&
           read_pixels(dataset, source, &files[2], type->train_count, type->test_count, err) &&
           read_labels(dataset, source, &files[3], type->train_count, type->test_count, err);
}

static const struct datafile fashion_files[] = {
    {"train-images-idx3-ubyte", 47040016,
     "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
    {"train-labels-idx1-ubyte", 60008,
     "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
    {"t10k-images-idx3-ubyte", 7840016,
     "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
    {"t10k-labels-idx1-ubyte", 10008,
     "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"},
    {NULL, 0, NULL},
};

const struct dataset_type dataset_fashion_mnist = {
    .name = "fashion-mnist",
    .summary = "Fashion-MNIST: 60 000 and 10 000 grey images of 28 x 28, 10 classes",
    .folder = "fashion-mnist",
    .package = "/usr/share/datasets/fashion-mnist",
    .origin = "Debian's package dataset-fashion-mnist, or "
              "https://github.com/zalandoresearch/fashion-mnist",
    .files = fashion_files,
    .images = {.C = 1, .H = 28, .W = 28, .classes = 10, .mean = {0.2860f}, .deviation = {0.3530f}},
    .train_count = 60000,
    .test_count = 10000,
    .balanced = true,
    .crop_padding = 4,
    .read = idx_read,
};
