/* ImageNet16-120 (Dong and Yang 2020, after Chrabaszcz, Loshchilov and Hutter 2017): ImageNet's
 * first 120 classes at 16 x 16, packed from upstream's pickles. */
#include "data/formats.h"

#include "base/hash.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct dataset_type dataset_imagenet16_120;

/* The first line as it must be for these images and what follows it. */
static void write_header(char header[FORMAT_HEADER + 1], const struct images *images, size_t count,
                         const char *sha256)
{
    int length = snprintf(header, FORMAT_HEADER, "seki-images 1 %zu %d %d %d %d %s", count,
                          images->C, images->H, images->W, images->classes, sha256);
    assert(length < FORMAT_HEADER);
    memset(header + length, ' ', FORMAT_HEADER - 1 - (size_t)length);
    header[FORMAT_HEADER - 1] = '\n';
    header[FORMAT_HEADER] = '\0';
}

/* Of a header, without what fills it up. */
static int shown(const char *header)
{
    int length = (int)strnlen(header, FORMAT_HEADER - 1);
    while (length > 0 && header[length - 1] == ' ')
        length--;
    return length;
}

/* That the header says what follows. */
static bool check_header(const struct dataset *dataset, const struct dataset_source *source,
                         const struct datafile *file, const uint8_t *bytes, size_t count,
                         struct err *err)
{
    char expected[FORMAT_HEADER + 1], found[FORMAT_HEADER + 1] = "";
    struct digest digest = hash_bytes(bytes + FORMAT_HEADER, file->size - FORMAT_HEADER);
    write_header(expected, &dataset->images, count, digest.hex);
    memcpy(found, bytes, FORMAT_HEADER);
    return memcmp(found, expected, FORMAT_HEADER) == 0 ||
           err_set(err, ERR_INPUT, "%s/%s: begins with \"%.*s\", expected \"%.*s\"", source->folder,
                   file->name, shown(found), found, shown(expected), expected);
}

static bool read_part(struct dataset *dataset, const struct dataset_source *source,
                      const struct datafile *file, size_t first, size_t count, struct err *err)
{
    const struct images *images = &dataset->images;
    size_t size = images_size(images);
    assert(file->size == FORMAT_HEADER + count * (2 + size));
    uint8_t *bytes = datafile_read(source->folder, file, source->listing, err);
    bool ok = bytes && check_header(dataset, source, file, bytes, count, err);
    for (size_t i = 0; ok && i < count; i++) {
        const uint8_t *label = bytes + FORMAT_HEADER + 2 * i;
        images->labels[first + i] = (uint16_t)(label[0] | label[1] << 8);
        ok = format_check_label(dataset, source, file, i, images->labels[first + i], err);
    }
    if (ok)
        memcpy(images->pixels + first * size, bytes + FORMAT_HEADER + 2 * count, count * size);
    free(bytes);
    return ok;
}

bool packed_read(struct dataset *dataset, const struct dataset_source *source, struct err *err)
{
    const struct dataset_type *type = dataset->type;
    return read_part(dataset, source, &type->files[0], 0, type->train_count, err) &&
           read_part(dataset, source, &type->files[1], type->train_count, type->test_count, err);
}

enum { TRAIN = 151700, TEST = 6000, RECORD = 2 + 3 * 16 * 16 };

static const struct datafile imagenet16_files[] = {
    {"train.images", FORMAT_HEADER + (size_t)TRAIN *RECORD, NULL},
    {"val.images", FORMAT_HEADER + (size_t)TEST *RECORD, NULL},
    {NULL, 0, NULL},
};

const struct dataset_type dataset_imagenet16_120 = {
    .name = "imagenet16-120",
    .summary = "ImageNet16-120: 151 700 and 6 000 colour images of 16 x 16, 120 classes",
    .folder = "ImageNet16-120",
    .origin = "made by tools/imagenet16-120-pack from NAS-Bench-201's ImageNet16 pickles, "
              "https://github.com/D-X-Y/NAS-Bench-201",
    .files = imagenet16_files,
    .images = {.C = 3,
               .H = 16,
               .W = 16,
               .classes = 120,
               .mean = {122.68f / 255, 116.66f / 255, 104.01f / 255},
               .deviation = {63.22f / 255, 61.26f / 255, 65.09f / 255}},
    .train_count = TRAIN,
    .test_count = TEST,
    .crop_padding = 2,
    .read = packed_read,
};
