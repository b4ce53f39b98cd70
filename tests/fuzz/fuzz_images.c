/* Files of images. The first byte says which file of a tiny set the rest is; the others of the set
 * are as they must be. */
#include "base/mem.h"
#include "data/formats.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct images shape = {.C = 1, .H = 2, .W = 2, .classes = 10};
static const struct images fine_shape = {.C = 1, .H = 2, .W = 2, .classes = 100};

static const struct datafile coarse_files[] = {{"coarse", 10, NULL}, {NULL, 0, NULL}};
static const struct datafile fine_files[] = {{"fine", 12, NULL}, {NULL, 0, NULL}};
static const struct datafile packed_files[] = {
    {"packed", FORMAT_HEADER + 12, NULL}, {"packed", FORMAT_HEADER + 12, NULL}, {NULL, 0, NULL}};
static const struct datafile idx_files[] = {{"images", 24, NULL},
                                            {"labels", 10, NULL},
                                            {"good-images", 24, NULL},
                                            {"good-labels", 10, NULL},
                                            {NULL, 0, NULL}};

static const struct dataset_type sets[] = {
    {.name = "cifar", .files = coarse_files, .train_count = 2, .read = cifar_read},
    {.name = "cifar", .files = fine_files, .train_count = 2, .read = cifar_read},
    {.name = "packed",
     .files = packed_files,
     .train_count = 2,
     .test_count = 2,
     .read = packed_read},
    {.name = "idx", .files = idx_files, .train_count = 2, .test_count = 2, .read = idx_read},
    {.name = "idx", .files = idx_files, .train_count = 2, .test_count = 2, .read = idx_read},
};
static const char *const attacked[] = {"coarse", "fine", "packed", "images", "labels"};
enum { SETS = sizeof(sets) / sizeof(sets[0]) };

static char folder[] = "/dev/shm/seki-images-XXXXXX";
static const size_t folder_length = sizeof("/dev/shm/") - 1;

static void put(const char *name, const void *bytes, size_t size)
{
    char *path = mem_printf("%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    FUZZ_REQUIRE(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
    free(path);
}

static void put_good(void)
{
    static const char images[] = "\0\0\10\3\0\0\0\2\0\0\0\2\0\0\0\2\1\2\3\4\5\6\7\10";
    static const char labels[] = "\0\0\10\1\0\0\0\2\4\1";
    put("images", images, 24);
    put("good-images", images, 24);
    put("labels", labels, 10);
    put("good-labels", labels, 10);
}

static void remove_folder(void)
{
    static const char *const names[] = {"coarse", "fine",        "packed",     "images",
                                        "labels", "good-images", "good-labels"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = mem_printf("%s/%s", folder, names[i]);
        unlink(path);
        free(path);
    }
    rmdir(folder);
}

static void make_folder(void)
{
    if (access("/dev/shm", W_OK) != 0)
        memmove(folder, folder + folder_length, sizeof(folder) - folder_length);
    FUZZ_REQUIRE(mkdtemp(folder));
    atexit(remove_folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool made;
    if (!made)
        make_folder();
    made = true;
    if (!size)
        return 0;
    struct err err = {0};
    size_t which = data[0] % SETS;
    put_good();
    put(attacked[which], data + 1, size - 1);
    struct dataset_type type = sets[which];
    type.images = which == 1 ? fine_shape : shape;
    struct dataset *dataset = dataset_read(&type, folder, NULL, &err);
    if (!dataset)
        fuzz_require_reason(&err);
    for (size_t i = 0; dataset && i < dataset->images.count; i++)
        FUZZ_REQUIRE(dataset->images.labels[i] < dataset->images.classes);
    dataset_close(dataset);
    return 0;
}
