#include "data/dataset.h"

#include "base/file.h"
#include "base/mem.h"
#include "data/formats.h"
#include "tiny.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* Two training images and one for test, of 2 x 2 pixels. */
static struct dataset_type tiny_cifar(int classes, const struct datafile *files)
{
    return (struct dataset_type){.name = "tiny",
                                 .files = files,
                                 .images = {.C = 1, .H = 2, .W = 2, .classes = classes},
                                 .train_count = 2,
                                 .test_count = 1,
                                 .read = cifar_read};
}

static const struct datafile one_label_files[] = {
    {"train.bin", 10, NULL}, {"test.bin", 5, NULL}, {NULL, 0, NULL}};
static const struct datafile two_label_files[] = {
    {"train.bin", 12, NULL}, {"test.bin", 6, NULL}, {NULL, 0, NULL}};

static void free_dataset_and_folder(struct dataset *dataset, char *folder)
{
    dataset_close(dataset);
    tiny_remove(folder);
}

START_TEST(cifar_has_a_label_and_planes)
{
    struct err err = {0};
    char *folder = tiny_folder();
    tiny_write(folder, "train.bin", "\3\1\2\3\4\0\5\6\7\10", 10);
    tiny_write(folder, "test.bin", "\11\377\376\375\374", 5);
    struct dataset_type type = tiny_cifar(10, one_label_files);
    struct dataset *dataset = dataset_read(&type, folder, NULL, &err);
    ck_assert_msg(dataset, "%s", err.text);
    ck_assert_uint_eq(dataset->train_count, 2);
    ck_assert_uint_eq(dataset->images.count, 3);
    ck_assert_mem_eq(dataset->images.labels, ((uint16_t[]){3, 0, 9}), 3 * sizeof(uint16_t));
    ck_assert_mem_eq(dataset->images.pixels, "\1\2\3\4\5\6\7\10\377\376\375\374", 12);
    free_dataset_and_folder(dataset, folder);
}
END_TEST

START_TEST(cifar_of_100_classes_has_the_fine_label_second)
{
    struct err err = {0};
    char *folder = tiny_folder();
    tiny_write(folder, "train.bin", "\23\143\1\2\3\4\0\7\5\6\7\10", 12);
    tiny_write(folder, "test.bin", "\1\2\0\0\0\0", 6);
    struct dataset_type type = tiny_cifar(100, two_label_files);
    struct dataset *dataset = dataset_read(&type, folder, NULL, &err);
    ck_assert_msg(dataset, "%s", err.text);
    ck_assert_mem_eq(dataset->images.labels, ((uint16_t[]){99, 7, 2}), 3 * sizeof(uint16_t));
    ck_assert_mem_eq(dataset->images.pixels, "\1\2\3\4\5\6\7\10", 8);
    free_dataset_and_folder(dataset, folder);
}
END_TEST

/* So that anybody can make it: sha256sum train.bin test.bin | sha256sum. */
START_TEST(the_identity_is_of_what_sha256sum_prints)
{
    struct err err = {0};
    char *folder = tiny_folder();
    tiny_write_packed(folder, "train.bin.gz", "\3\1\2\3\4\0\5\6\7\10", 10);
    tiny_write(folder, "test.bin", "\11\0\0\0\0", 5);
    struct dataset_type type = tiny_cifar(10, one_label_files);
    struct dataset *dataset = dataset_read(&type, folder, NULL, &err);
    ck_assert_msg(dataset, "%s", err.text);
    char *listing =
        mem_printf("%s  train.bin\n%s  test.bin\n", hash_bytes("\3\1\2\3\4\0\5\6\7\10", 10).hex,
                   hash_bytes("\11\0\0\0\0", 5).hex);
    ck_assert_str_eq(dataset->identity.hex, hash_bytes(listing, strlen(listing)).hex);
    free(listing);
    free_dataset_and_folder(dataset, folder);
}
END_TEST

/* The sentence of a set of this type in folder, without the folder's name; the caller frees. */
static char *sentence(const struct dataset_type *type, const char *folder)
{
    struct err err = {0};
    struct dataset *dataset = dataset_read(type, folder, NULL, &err);
    ck_assert_ptr_null(dataset);
    ck_assert_int_ne(err.code, ERR_NONE);
    char *found = strstr(err.text, folder);
    return mem_strdup(found == err.text ? err.text + strlen(folder) + 1 : err.text);
}

static const struct {
    const char *train;
    size_t size;
    const char *expected;
} bad_cifar[] = {
    {"\3\1\2\3\4\0\5\6\7", 9, "train.bin: 9 bytes, expected 10"},
    {"", 0, "train.bin: 0 bytes, expected 10"},
    {"\3\1\2\3\4\0\5\6\7\10\1", 11, "train.bin: more than 10 bytes, expected just so many"},
    {"\3\1\2\3\4\12\5\6\7\10", 10, "train.bin: image 1 has label 10, expected less than 10"},
    {"\377\1\2\3\4\0\5\6\7\10", 10, "train.bin: image 0 has label 255, expected less than 10"},
    {"\37\213\10\0\0\0\0\0\0\3", 10, "train.bin: unexpected end of file (gzip)"},
    {"\37\213\7\0\0\0\0\0\0\3", 10, "train.bin: unknown compression method (gzip)"},
};

START_TEST(a_bad_cifar_file_is_refused)
{
    char *folder = tiny_folder();
    tiny_write(folder, "train.bin", bad_cifar[_i].train, bad_cifar[_i].size);
    tiny_write(folder, "test.bin", "\1\0\0\0\0", 5);
    struct dataset_type type = tiny_cifar(10, one_label_files);
    char *text = sentence(&type, folder);
    ck_assert_str_eq(text, bad_cifar[_i].expected);
    free(text);
    tiny_remove(folder);
}
END_TEST

START_TEST(a_gzipped_file_that_is_cut_short_is_refused)
{
    char *folder = tiny_folder();
    tiny_write_packed(folder, "whole", "\3\1\2\3\4\0\5\6\7\10", 10);
    char *path = file_join(folder, "whole");
    size_t size = 0;
    char *packed = file_read(path, FILE_CEILING, &size, NULL);
    tiny_write(folder, "train.bin.gz", packed, size - 8);
    struct dataset_type type = tiny_cifar(10, one_label_files);
    char *text = sentence(&type, folder);
    ck_assert_str_eq(text, "train.bin.gz: unexpected end of file (gzip)");
    free(text);
    free(packed);
    free(path);
    tiny_remove(folder);
}
END_TEST

START_TEST(a_missing_file_is_named)
{
    char *folder = tiny_folder();
    tiny_write(folder, "train.bin", "\3\1\2\3\4\0\5\6\7\10", 10);
    struct dataset_type type = tiny_cifar(10, one_label_files);
    char *text = sentence(&type, folder);
    ck_assert_str_eq(text, "test.bin: No such file or directory");
    free(text);
    tiny_remove(folder);
}
END_TEST

static const char good_train[] = "\3\1\2\3\4\0\5\6\7\10";

static const struct {
    const char *kind, *published;
} digests[] = {
    {"SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"MD5", "900150983cd24fb0d6963f7d28e17f72"},
};

START_TEST(a_file_of_another_digest_is_refused)
{
    const struct datafile files[] = {
        {"train.bin", 10, digests[_i].published}, {"test.bin", 5, NULL}, {NULL, 0, NULL}};
    struct digest found = _i ? hash_md5(good_train, 10) : hash_bytes(good_train, 10);
    char *folder = tiny_folder();
    tiny_write(folder, "train.bin", good_train, 10);
    struct dataset_type type = tiny_cifar(10, files);
    char *text = sentence(&type, folder);
    char *expected = mem_printf("train.bin: %s %s of its content, expected the published %s",
                                digests[_i].kind, found.hex, digests[_i].published);
    ck_assert_str_eq(text, expected);
    free(expected);
    free(text);
    tiny_remove(folder);
}
END_TEST

START_TEST(a_file_of_the_published_digest_is_read)
{
    struct err err = {0};
    struct digest digest = _i ? hash_md5(good_train, 10) : hash_bytes(good_train, 10);
    const struct datafile files[] = {
        {"train.bin", 10, digest.hex}, {"test.bin", 5, NULL}, {NULL, 0, NULL}};
    char *folder = tiny_folder();
    tiny_write(folder, "train.bin", good_train, 10);
    tiny_write(folder, "test.bin", "\1\0\0\0\0", 5);
    struct dataset_type type = tiny_cifar(10, files);
    struct dataset *dataset = dataset_read(&type, folder, NULL, &err);
    ck_assert_msg(dataset, "%s", err.text);
    free_dataset_and_folder(dataset, folder);
}
END_TEST

START_TEST(classes_of_unequal_size_are_refused)
{
    char *folder = tiny_folder();
    tiny_write(folder, "train.bin", "\1\0\0\0\0\1\0\0\0\0", 10);
    tiny_write(folder, "test.bin", "\0\0\0\0\0", 5);
    struct dataset_type type = tiny_cifar(2, one_label_files);
    type.balanced = true;
    char *text = sentence(&type, folder);
    ck_assert_str_eq(text, "tiny: 0 training images of class 0, expected 1 of each");
    free(text);
    tiny_remove(folder);
}
END_TEST

/* ---- IDX ---- */

static const struct datafile idx_files[] = {{"train-images", 16 + 8, NULL},
                                            {"train-labels", 8 + 2, NULL},
                                            {"test-images", 16 + 4, NULL},
                                            {"test-labels", 8 + 1, NULL},
                                            {NULL, 0, NULL}};
static const char good_images[] = "\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\2\1\2\3\4\5\6\7\10";
static const char good_labels[] = "\0\0\10\1\0\0\0\2\4\1";

static struct dataset_type tiny_idx(void)
{
    struct dataset_type type = tiny_cifar(5, idx_files);
    type.read = idx_read;
    return type;
}

/* The four files, of which the images and labels of training are these. */
static char *idx_folder(const char *images, const char *labels)
{
    char *folder = tiny_folder();
    tiny_write(folder, "train-images", images, 24);
    tiny_write_packed(folder, "train-labels.gz", labels, 10);
    tiny_write_packed(folder, "test-images.gz", "\0\0\10\3\0\0\0\1\0\0\0\2\0\0\0\2\11\12\13\14",
                      20);
    tiny_write(folder, "test-labels", "\0\0\10\1\0\0\0\1\3", 9);
    return folder;
}

START_TEST(idx_is_read_plain_and_gzipped)
{
    struct err err = {0};
    char *folder = idx_folder(good_images, good_labels);
    struct dataset_type type = tiny_idx();
    struct dataset *dataset = dataset_read(&type, folder, NULL, &err);
    ck_assert_msg(dataset, "%s", err.text);
    ck_assert_mem_eq(dataset->images.labels, ((uint16_t[]){4, 1, 3}), 3 * sizeof(uint16_t));
    ck_assert_mem_eq(dataset->images.pixels, "\1\2\3\4\5\6\7\10\11\12\13\14", 12);
    free_dataset_and_folder(dataset, folder);
}
END_TEST

static const struct {
    size_t at; /* of the byte that is another, in the images or, from 100 on, in the labels */
    char byte;
    const char *expected;
} bad_idx[] = {
    {2, 9, "train-images: begins with 00000903, expected 00000803 (IDX, bytes)"},
    {3, 1, "train-images: begins with 00000801, expected 00000803 (IDX, bytes)"},
    {4, 1, "train-images: dimension 0 is 16777218, expected 2"},
    {15, 3, "train-images: dimension 2 is 3, expected 2"},
    {103, 3, "train-labels: begins with 00000803, expected 00000801 (IDX, bytes)"},
    {107, 1, "train-labels: dimension 0 is 1, expected 2"},
    {109, 5, "train-labels: image 1 has label 5, expected less than 5"},
};

START_TEST(a_bad_idx_file_is_refused)
{
    char images[sizeof(good_images)], labels[sizeof(good_labels)];
    memcpy(images, good_images, sizeof(images));
    memcpy(labels, good_labels, sizeof(labels));
    *(bad_idx[_i].at < 100 ? &images[bad_idx[_i].at] : &labels[bad_idx[_i].at - 100]) =
        bad_idx[_i].byte;
    char *folder = idx_folder(images, labels);
    struct dataset_type type = tiny_idx();
    char *text = sentence(&type, folder);
    ck_assert_str_eq(text, bad_idx[_i].expected);
    free(text);
    tiny_remove(folder);
}
END_TEST

/* ---- what tools/imagenet16-120-pack writes ---- */

static const struct datafile packed_files[] = {{"train.images", FORMAT_HEADER + 2 * 6, NULL},
                                               {"val.images", FORMAT_HEADER + 6, NULL},
                                               {NULL, 0, NULL}};

static struct dataset_type tiny_packed(void)
{
    struct dataset_type type = tiny_cifar(300, packed_files);
    type.read = packed_read;
    return type;
}

static void write_packed(const char *folder, const char *name, const char *shape, const char *body,
                         size_t size)
{
    char *bytes = mem_alloc(FORMAT_HEADER + size + 1, 1);
    memset(bytes, ' ', FORMAT_HEADER);
    char *header = mem_printf("seki-images 1 %s %s", shape, hash_bytes(body, size).hex);
    memcpy(bytes, header, strlen(header));
    free(header);
    bytes[FORMAT_HEADER - 1] = '\n';
    memcpy(bytes + FORMAT_HEADER, body, size);
    tiny_write(folder, name, bytes, FORMAT_HEADER + size);
    free(bytes);
}

static const char packed_train[] = "\0\1\53\1\1\2\3\4\5\6\7\10";

START_TEST(packed_images_have_labels_then_planes)
{
    struct err err = {0};
    char *folder = tiny_folder();
    write_packed(folder, "train.images", "2 1 2 2 300", packed_train, 12);
    write_packed(folder, "val.images", "1 1 2 2 300", "\1\0\11\12\13\14", 6);
    struct dataset_type type = tiny_packed();
    struct dataset *dataset = dataset_read(&type, folder, NULL, &err);
    ck_assert_msg(dataset, "%s", err.text);
    ck_assert_mem_eq(dataset->images.labels, ((uint16_t[]){256, 299, 1}), 3 * sizeof(uint16_t));
    ck_assert_mem_eq(dataset->images.pixels, "\1\2\3\4\5\6\7\10\11\12\13\14", 12);
    free_dataset_and_folder(dataset, folder);
}
END_TEST

START_TEST(packed_images_with_a_label_too_high_are_refused)
{
    char *folder = tiny_folder();
    write_packed(folder, "train.images", "2 1 2 2 300", "\0\1\54\1\1\2\3\4\5\6\7\10", 12);
    struct dataset_type type = tiny_packed();
    char *text = sentence(&type, folder);
    ck_assert_str_eq(text, "train.images: image 1 has label 300, expected less than 300");
    free(text);
    tiny_remove(folder);
}
END_TEST

START_TEST(packed_images_of_another_shape_or_digest_are_refused)
{
    static const char *const shapes[] = {"3 1 2 2 300", "2 3 2 2 300", "2 1 2 2 120"};
    char *folder = tiny_folder();
    write_packed(folder, "train.images", shapes[_i], packed_train, 12);
    struct dataset_type type = tiny_packed();
    const char *digest = hash_bytes(packed_train, 12).hex;
    char *expected = mem_printf("train.images: begins with \"seki-images 1 %s %s\", expected "
                                "\"seki-images 1 2 1 2 2 300 %s\"",
                                shapes[_i], digest, digest);
    char *text = sentence(&type, folder);
    ck_assert_str_eq(text, expected);
    free(text);
    free(expected);
    tiny_remove(folder);
}
END_TEST

/* ---- by name ---- */

START_TEST(the_names_of_the_option_are_those_of_the_sets)
{
    struct str names = {0};
    for (size_t i = 0; dataset_at(i); i++) {
        str_addf(&names, "%s%s", i ? "|" : "", dataset_at(i)->name);
        ck_assert_ptr_eq(dataset_find(dataset_at(i)->name), dataset_at(i));
    }
    ck_assert_str_eq(names.text, DATASET_NAMES);
    ck_assert_ptr_null(dataset_find("cifar"));
    str_free(&names);
}
END_TEST

START_TEST(sizes_of_files_are_those_of_their_images)
{
    for (size_t i = 0; dataset_at(i); i++) {
        const struct dataset_type *type = dataset_at(i);
        size_t bytes = 0, images = type->train_count + type->test_count;
        for (const struct datafile *file = type->files; file && file->name; file++)
            bytes += file->size;
        size_t least = images * images_size(&type->images);
        ck_assert_uint_ge(bytes, least);
        ck_assert_uint_le(bytes, least + 2 * images + 256);
    }
}
END_TEST

static char *open_sentence(const char *text)
{
    struct err err = {0};
    json_t *settings = tiny_settings(text);
    ck_assert_ptr_null(dataset_open(settings, &err));
    json_decref(settings);
    return mem_strdup(err.text);
}

#define CIFAR10_EXPECTED                                                                           \
    "expected data_batch_1.bin, data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, "            \
    "data_batch_5.bin, test_batch.bin (the binary version at "                                     \
    "https://www.cs.toronto.edu/~kriz/cifar.html)"

static const struct {
    const char *home, *settings, *expected;
} absent[] = {
    {NULL, "{\"dataset\": \"cifar10\", \"valid_from\": \"none\"}",
     "cifar10: found no data_batch_1.bin; set SEKI_IMAGES or "
     "\"path\", " CIFAR10_EXPECTED},
    {"no/where", "{\"dataset\": \"cifar10\", \"valid_from\": \"none\"}",
     "cifar10: found no data_batch_1.bin in no/where/cifar-10-batches-bin; set SEKI_IMAGES or "
     "\"path\", " CIFAR10_EXPECTED},
    {"no/where", "{\"dataset\": \"cifar10\", \"valid_from\": \"none\", \"path\": \"there\"}",
     "cifar10: found no data_batch_1.bin in there, " CIFAR10_EXPECTED},
};

START_TEST(a_set_that_is_not_there_says_where_it_was_looked_for)
{
    unsetenv("SEKI_IMAGES");
    if (absent[_i].home)
        setenv("SEKI_IMAGES", absent[_i].home, 1);
    char *text = open_sentence(absent[_i].settings);
    ck_assert_str_eq(text, absent[_i].expected);
    free(text);
}
END_TEST

START_TEST(options_of_other_sets_are_faults)
{
    struct faults faults = {0};
    json_t *settings = tiny_settings("{\"dataset\": \"cifar10\", \"valid_from\": \"none\", "
                                     "\"image_size\": 16, \"classes\": 10}");
    dataset_check(settings, "/oracle", &faults);
    ck_assert_uint_eq(faults.count, 2);
    ck_assert_str_eq(faults.list[0],
                     "/oracle/image_size: not an option of data set cifar10, expected null");
    ck_assert_str_eq(faults.list[1],
                     "/oracle/classes: not an option of data set cifar10, expected null");
    json_decref(settings);
    fault_free(&faults);
}
END_TEST

/* Debian's, where it is installed; 0 of the marks of its first image are known from upstream. */
START_TEST(fashion_mnist_of_debian_has_the_published_content)
{
    const char *folder = "/usr/share/datasets/fashion-mnist";
    if (!file_exists(folder))
        return;
    struct err err = {0};
    unsetenv("SEKI_IMAGES");
    json_t *settings = tiny_settings("{\"dataset\": \"fashion-mnist\", \"valid_from\": \"none\"}");
    struct dataset *dataset = dataset_open(settings, &err);
    ck_assert_msg(dataset, "%s", err.text);
    ck_assert_uint_eq(dataset->images.count, 70000);
    ck_assert_mem_eq(dataset->images.labels, ((uint16_t[]){9, 0, 0, 3, 0}), 5 * sizeof(uint16_t));
    double sum = 0;
    for (size_t i = 0; i < dataset->train_count * 784; i++)
        sum += dataset->images.pixels[i];
    ck_assert_double_eq_tol(sum / (255.0 * 784 * 60000), (double)dataset->images.mean[0], 1e-4);
    dataset_close(dataset);
    json_decref(settings);
}
END_TEST

START_TEST(the_subset_of_cifar10_is_a_set_of_its_own)
{
    const char *home = getenv("SEKI_DATA_DIR");
    if (!home)
        return;
    struct err err = {0};
    setenv("SEKI_IMAGES", home, 1);
    json_t *settings = tiny_settings("{\"dataset\": \"cifar10-subset\", \"valid_from\": \"none\"}");
    struct dataset *dataset = dataset_open(settings, &err);
    ck_assert_msg(dataset, "%s", err.text);
    ck_assert_uint_eq(dataset->images.count, 4000);
    ck_assert_mem_eq(dataset->images.labels, ((uint16_t[]){6, 9, 9, 4, 1, 1, 2, 7, 8, 3}),
                     10 * sizeof(uint16_t));
    dataset_close(dataset);
    json_decref(settings);
}
END_TEST

/* ---- synthetic ---- */

START_TEST(synthetic_images_come_from_their_seed)
{
    struct dataset *one = tiny_synthetic("\"images\": 40"),
                   *same = tiny_synthetic("\"images\": 40"),
                   *other = tiny_synthetic("\"images\": 40, \"data_seed\": 1");
    ck_assert_uint_eq(one->images.count, 50);
    ck_assert_str_eq(one->identity.hex, same->identity.hex);
    ck_assert_str_ne(one->identity.hex, other->identity.hex);
    ck_assert_str_eq(one->identity.hex,
                     hash_bytes(one->images.pixels, 50 * images_size(&one->images)).hex);
    dataset_close(one);
    dataset_close(same);
    dataset_close(other);
}
END_TEST

/* Mean image of each class of the training part: (classes, size). */
static double *class_means(const struct dataset *dataset)
{
    const struct images *images = &dataset->images;
    size_t size = images_size(images), classes = (size_t)images->classes;
    double *means = mem_alloc(classes * size, sizeof(*means));
    for (size_t i = 0; i < dataset->train_count; i++)
        for (size_t p = 0; p < size; p++)
            means[images->labels[i] * size + p] +=
                images->pixels[i * size + p] * (double)classes / (double)dataset->train_count;
    return means;
}

static size_t nearest(const double *means, size_t classes, const uint8_t *pixels, size_t size)
{
    size_t best = 0;
    double least = 1e300;
    for (size_t class = 0; class < classes; class ++) {
        double far = 0;
        for (size_t p = 0; p < size; p++)
            far += (means[class * size + p] - pixels[p]) * (means[class * size + p] - pixels[p]);
        best = far < least ? class : best;
        least = far < least ? far : least;
    }
    return best;
}

START_TEST(synthetic_classes_can_be_told_apart)
{
    struct dataset *dataset =
        tiny_synthetic("\"images\": 500, \"image_size\": 16, \"channels\": 1");
    size_t size = images_size(&dataset->images), right = 0;
    double *means = class_means(dataset);
    for (size_t i = dataset->train_count; i < dataset->images.count; i++)
        right += nearest(means, 10, dataset->images.pixels + i * size, size) ==
                 dataset->images.labels[i];
    ck_assert_uint_ge(right, 110); /* of 125 */
    free(means);
    dataset_close(dataset);
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

int main(void)
{
    Suite *suite = suite_create("dataset");
    TCase *formats = tcase_create("formats"), *names = tcase_create("names");
    tcase_add_test(formats, cifar_has_a_label_and_planes);
    tcase_add_test(formats, cifar_of_100_classes_has_the_fine_label_second);
    tcase_add_test(formats, the_identity_is_of_what_sha256sum_prints);
    tcase_add_loop_test(formats, a_bad_cifar_file_is_refused, 0, COUNT(bad_cifar));
    tcase_add_test(formats, a_gzipped_file_that_is_cut_short_is_refused);
    tcase_add_test(formats, a_missing_file_is_named);
    tcase_add_loop_test(formats, a_file_of_another_digest_is_refused, 0, COUNT(digests));
    tcase_add_loop_test(formats, a_file_of_the_published_digest_is_read, 0, COUNT(digests));
    tcase_add_test(formats, classes_of_unequal_size_are_refused);
    tcase_add_test(formats, idx_is_read_plain_and_gzipped);
    tcase_add_loop_test(formats, a_bad_idx_file_is_refused, 0, COUNT(bad_idx));
    tcase_add_test(formats, packed_images_have_labels_then_planes);
    tcase_add_test(formats, packed_images_with_a_label_too_high_are_refused);
    tcase_add_loop_test(formats, packed_images_of_another_shape_or_digest_are_refused, 0, 3);
    suite_add_tcase(suite, formats);
    tcase_add_test(names, the_names_of_the_option_are_those_of_the_sets);
    tcase_add_test(names, sizes_of_files_are_those_of_their_images);
    tcase_add_loop_test(names, a_set_that_is_not_there_says_where_it_was_looked_for, 0,
                        COUNT(absent));
    tcase_add_test(names, options_of_other_sets_are_faults);
    tcase_add_test(names, fashion_mnist_of_debian_has_the_published_content);
    tcase_add_test(names, the_subset_of_cifar10_is_a_set_of_its_own);
    tcase_add_test(names, synthetic_images_come_from_their_seed);
    tcase_add_test(names, synthetic_classes_can_be_told_apart);
    suite_add_tcase(suite, names);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
