/* ImageNet as it lies on disk: JPEG files in train/<class>/ and val/<class>/, classes in the order
 * of their names. A training image is a random box of the picture, of 8 to 100 % of its area and an
 * aspect of 3/4 to 4/3 (Szegedy et al. 2015, as torchvision's RandomResizedCrop), scaled to the
 * side; a validation image is scaled to a shorter side of 256 for a side of 224, then its middle.
 * Colours are not jittered. There is no digest of what is in 140 GB: the identity is of the list of
 * files. */
#include "data/dataset.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "data/picture.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct dataset_type dataset_imagenet;

enum { SIDE = 224, CLASSES_MOST = UINT16_MAX, CROP_TRIES = 10 };

struct names {
    struct dirent **list; /* sorted */
    size_t count;
};

struct folder {
    struct image_reader base;
    char *root;
    struct names classes;
    char **files; /* (count) "train/<class>/<name>" */
    int side;
};

/* ---- listing ---- */

static void free_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
    free(names->list);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool list_folder(const char *path, struct names *names, struct err *err)
{
    int count = scandir(path, &names->list, is_visible, by_name);
    if (count < 0)
        return err_set(err, ERR_IO, "%s: %s, expected a folder of images for each class", path,
                       strerror(errno));
    names->count = (size_t)count;
    return count > 0 || err_set(err, ERR_INPUT, "%s: empty, expected images", path);
}

/* By name; what is told to be no file, as a folder or a pipe, is none. */
static bool is_jpeg(const struct dirent *entry)
{
    static const char *const endings[] = {".JPEG", ".jpeg", ".JPG", ".jpg"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (file_ends_in(entry->d_name, endings[i]))
            return entry->d_type == DT_REG || entry->d_type == DT_LNK ||
                   entry->d_type == DT_UNKNOWN;
    return false;
}

/* Files and labels of a part, while they are counted. */
struct listing {
    struct folder *folder;
    uint16_t *labels;
    size_t count, file_room, label_room;
    struct hash *hash;
};

static bool add_file(struct listing *listing, const char *within, const struct dirent *entry,
                     size_t label, struct err *err)
{
    struct folder *folder = listing->folder;
    size_t count = listing->count;
    if (!is_jpeg(entry))
        return err_set(err, ERR_INPUT,
                       "%s/%s/%s: not a file named .JPEG or .jpg, expected images alone",
                       folder->root, within, entry->d_name);
    MEM_GROW(folder->files, count, listing->file_room);
    MEM_GROW(listing->labels, count, listing->label_room);
    folder->files[count] = mem_printf("%s/%s", within, entry->d_name);
    listing->labels[count] = (uint16_t)label;
    hash_add(listing->hash, folder->files[count], strlen(folder->files[count]));
    hash_add(listing->hash, "\n", 1);
    listing->count++;
    return true;
}

static bool list_class(struct listing *listing, const char *part, size_t label, struct err *err)
{
    struct folder *folder = listing->folder;
    struct names names = {0};
    char *within = mem_printf("%s/%s", part, folder->classes.list[label]->d_name);
    char *path = file_join(folder->root, within);
    bool ok = list_folder(path, &names, err);
    for (size_t i = 0; ok && i < names.count; i++)
        ok = add_file(listing, within, names.list[i], label, err);
    free_names(&names);
    free(path);
    free(within);
    return ok;
}

/* That part has the folders of the training part, which found are. */
static bool check_classes(const struct folder *folder, const char *part, const struct names *found,
                          struct err *err)
{
    const struct names *classes = &folder->classes;
    size_t i = 0;
    while (i < classes->count && i < found->count &&
           !strcmp(classes->list[i]->d_name, found->list[i]->d_name))
        i++;
    if (i == classes->count && i == found->count)
        return true;
    return err_set(err, ERR_INPUT, "%s/%s: found %s, expected %s, as in train", folder->root, part,
                   i < found->count ? found->list[i]->d_name : "no more",
                   i < classes->count ? classes->list[i]->d_name : "no more");
}

static bool list_part(struct listing *listing, const char *part, struct err *err)
{
    struct folder *folder = listing->folder;
    struct names found = {0};
    char *path = file_join(folder->root, part);
    bool first = !folder->classes.count, ok = list_folder(path, &found, err);
    if (ok && found.count > CLASSES_MOST)
        ok = err_set(err, ERR_INPUT, "%s: %zu classes, expected at most %d", path, found.count,
                     CLASSES_MOST);
    if (ok && !first)
        ok = check_classes(folder, part, &found, err);
    if (first)
        folder->classes = found;
    else
        free_names(&found);
    for (size_t label = 0; ok && label < folder->classes.count; label++)
        ok = list_class(listing, part, label, err);
    free(path);
    return ok;
}

/* ---- reading ---- */

/* Scales a box to the whole square. */
static struct cut cut_box(int x, int y, int width, int height, int side)
{
    return (struct cut){x, y, width, height, side, side, 0, 0, side};
}

/* torchvision's RandomResizedCrop: after ten tries that do not fit, the middle as large as the
 * aspect allows. */
static struct cut draw_cut(const struct picture *picture, int side, struct rng *rng)
{
    const double low = log(3.0 / 4), high = log(4.0 / 3),
                 area = (double)picture->width * picture->height;
    for (int i = 0; i < CROP_TRIES; i++) {
        double part = area * (0.08 + 0.92 * rng_unit(rng));
        double aspect = exp(low + (high - low) * rng_unit(rng));
        int width = (int)lrint(sqrt(part * aspect)), height = (int)lrint(sqrt(part / aspect));
        if (width < 1 || width > picture->width || height < 1 || height > picture->height)
            continue;
        int y = (int)rng_below(rng, (size_t)(picture->height - height) + 1);
        int x = (int)rng_below(rng, (size_t)(picture->width - width) + 1);
        return cut_box(x, y, width, height, side);
    }
    double aspect = (double)picture->width / picture->height;
    int width = aspect > 4.0 / 3 ? (int)lrint(picture->height * 4.0 / 3) : picture->width;
    int height = aspect < 3.0 / 4 ? (int)lrint(picture->width * 4.0 / 3) : picture->height;
    return cut_box((picture->width - width) / 2, (picture->height - height) / 2, width, height,
                   side);
}

/* The middle after scaling the shorter side to 8/7 of side. */
static struct cut middle_cut(const struct picture *picture, int side)
{
    int shorter = side * 8 / 7;
    bool wide = picture->width >= picture->height;
    int longer = wide ? (int)((int64_t)shorter * picture->width / picture->height)
                      : (int)((int64_t)shorter * picture->height / picture->width);
    int width = wide ? longer : shorter, height = wide ? shorter : longer;
    return (struct cut){0,
                        0,
                        picture->width,
                        picture->height,
                        width,
                        height,
                        (int)lrint((width - side) / 2.0),
                        (int)lrint((height - side) / 2.0),
                        side};
}

static bool read_image(const struct image_reader *reader, size_t index, struct rng *crop,
                       uint8_t *pixels, struct err *err)
{
    const struct folder *folder = (const struct folder *)reader;
    struct picture picture;
    char *path = file_join(folder->root, folder->files[index]);
    bool ok = picture_read(path, &picture, err);
    free(path);
    if (!ok)
        return false;
    struct cut cut =
        crop ? draw_cut(&picture, folder->side, crop) : middle_cut(&picture, folder->side);
    picture_scale(&picture, &cut, pixels);
    picture_free(&picture);
    return true;
}

static bool folder_read(struct dataset *dataset, const struct dataset_source *source,
                        struct err *err)
{
    struct images *images = &dataset->images;
    struct folder *folder = mem_alloc(1, sizeof(*folder));
    struct listing listing = {.folder = folder, .hash = source->listing};
    folder->base.read = read_image;
    folder->root = mem_strdup(source->folder);
    folder->side = dataset_number(source->settings, "image_size", SIDE);
    bool ok = list_part(&listing, "train", err);
    dataset->train_count = listing.count;
    ok = ok && list_part(&listing, "val", err);
    images->H = images->W = folder->side;
    images->classes = (int)folder->classes.count;
    images->count = listing.count;
    images->labels = listing.labels;
    images->reader = dataset->reader = &folder->base;
    return ok;
}

static void folder_release(struct dataset *dataset)
{
    struct folder *folder = (struct folder *)dataset->reader;
    if (!folder)
        return;
    for (size_t i = 0; i < dataset->images.count; i++)
        free(folder->files[i]);
    free(folder->files);
    free_names(&folder->classes);
    free(folder->root);
    free(folder);
}

static const struct datafile imagenet_files[] = {{"train", 0, NULL}, {"val", 0, NULL}, {0}};

const struct dataset_type dataset_imagenet = {
    .name = "imagenet",
    .summary = "ImageNet, or another folder of JPEG files: train/<class>/ and val/<class>/",
    .folder = "imagenet",
    .origin = "folders of JPEG files, a folder a class; ImageNet itself from "
              "https://image-net.org, its val/ sorted into classes, its one PNG, "
              "n02105855_2933.JPEG, converted",
    .files = imagenet_files,
    .images = {.C = 3, .mean = {0.485f, 0.456f, 0.406f}, .deviation = {0.229f, 0.224f, 0.225f}},
    .takes = "image_size",
    .read = folder_read,
    .release = folder_release,
};
