/* Labelled images by name: found, checked and read whole into memory, or listed where they are too
 * many. A set has a training and a test part; split.h makes training, validation and test of them.
 *
 * Where files are looked for: in the option "path"; where that is null, in $SEKI_IMAGES/<folder>,
 * the folder that upstream's archive unpacks to; then where a package of Debian puts them.
 *
 * What files are checked against:
 *   fashion-mnist     sizes, and SHA-256 of the expanded IDX files. Upstream publishes MD5 of its
 *                     .gz; Debian's package packs them anew, so only what is in them can be
 *                     compared. The digests are those of what upstream's .gz expand to.
 *   cifar10           sizes, labels, as many images of each class as upstream says, and MD5.
 *                     Upstream publishes MD5 of the archive; those of the .bin files in it are
 *                     published by two other projects (cifar.c) and are alike.
 *   cifar100          the same without MD5: of its .bin files there is but one list.
 *   cifar10-subset    sizes and labels: 4 000 of CIFAR-10's training images, in four files that
 *                     are the beginnings of upstream's.
 *   imagenet16-120    MD5 of upstream's pickles, published in DownsampledImageNet.py of
 *                     AutoDL-Projects, by tools/imagenet16-120-pack; then, each time, the size and
 *                     the SHA-256 that it wrote at the beginning of what it made.
 *   imagenet          nothing but names: no digests are published, and there are 140 GB of it.
 * What was read has an identity, for logs.
 *
 * To add a data set: (1) write or choose its reader (formats.h), with one const struct dataset_type
 * for it, (2) name it in dataset_types[] in dataset.c and in DATASET_NAMES, and above what its
 * files are checked against, (3) add a new file to local.mk, (4) give it a case in tests/data/. */
#ifndef DATA_DATASET_H
#define DATA_DATASET_H

#include "base/err.h"
#include "base/hash.h"
#include "base/option.h"
#include "data/datafile.h"
#include "data/images.h"

#define DATASET_NAMES                                                                              \
    "cifar10|cifar100|cifar10-subset|fashion-mnist|imagenet|imagenet16-120|synthetic"

/* Rows for the table of whatever trains. The last five are of sets without a shape of their own;
 * given for another they are an error. */
/* clang-format off */
#define DATASET_OPTIONS                                                                            \
    {"dataset", OPTION_CHOICE, NULL, 0, 0, DATASET_NAMES, "the images that are learned"},          \
    {"path", OPTION_TEXT, "null", 0, 0, NULL,                                                      \
     "folder of the data set's files; null: looked for below $SEKI_IMAGES"},                       \
    {"image_size", OPTION_INTEGER, "null", 8, 512, NULL,                                           \
     "of synthetic and imagenet: side of the images; null: 32, 224"},                              \
    {"channels", OPTION_INTEGER, "null", 1, 3, NULL, "of synthetic; null: 3"},                     \
    {"classes", OPTION_INTEGER, "null", 2, 1000, NULL, "of synthetic; null: 10"},                  \
    {"images", OPTION_INTEGER, "null", 2, 1e6, NULL,                                               \
     "of synthetic: to train, and a quarter as many to test; null: 4000"},                         \
    {"data_seed", OPTION_INTEGER, "null", 0, 1e12, NULL, "that synthetic is drawn from; null: 0"}
/* clang-format on */

struct dataset {
    const struct dataset_type *type;
    struct image_reader *reader; /* what images.reader is: the type's memory; NULL: none */
    struct images images;        /* the training part, then the test part */
    size_t train_count;          /* images of the training part */
    struct digest identity;      /* SHA-256 of what "sha256sum FILES..." prints of its files,
                                    expanded; of synthetic's pixels; of the list of imagenet's files */
};

/* Where a set is read from. */
struct dataset_source {
    const char *folder; /* NULL for sets without files */
    const json_t *settings;
    struct hash *listing; /* what becomes the identity */
};

struct dataset_type {
    const char *name;    /* as written in experiment files */
    const char *summary; /* one line for --help */
    const char *folder;  /* its own, below $SEKI_IMAGES; NULL for sets without files */
    const char *package; /* where a package of Debian puts its files; NULL: there is none */
    const char *origin;  /* who has it, for the sentence that says it is not there */
    const struct datafile *files; /* ended by a NULL name */
    struct images images; /* what they are like; count, pixels and labels come with reading */
    size_t train_count, test_count;
    bool balanced;     /* each class has equally many images in each part */
    const char *takes; /* the options of shape that it takes, "a|b|c"; NULL: none */
    int crop_padding;  /* of the random crop that papers train it with */
    /* Fills images of the dataset, for whose pixels and labels there is room where the counts
     * above are known. */
    bool (*read)(struct dataset *dataset, const struct dataset_source *source, struct err *err);
    void (*release)(struct dataset *dataset); /* frees the reader; NULL: there is none */
};

/* Adds a fault for each of the options of shape that the named set does not take. */
void dataset_check(const json_t *settings, const char *path, struct faults *faults);
/* The set that settings (which hold DATASET_OPTIONS) name. The caller owns it. */
struct dataset *dataset_open(const json_t *settings, struct err *err) MUST_CHECK;
/* Whether the files of the set that settings name are found, whatever is in them; those of a set
 * without files always are. */
bool dataset_is_here(const json_t *settings);
/* The folder that holds a set with files, path or, where it is NULL, looked for; the caller frees.
 * NULL and *err say where it was looked for. Nothing in it is read. */
char *dataset_locate(const struct dataset_type *type, const char *path, struct err *err) MUST_CHECK;
/* The set of that type in that folder. */
struct dataset *dataset_read(const struct dataset_type *type, const char *folder,
                             const json_t *settings, struct err *err) MUST_CHECK;
void dataset_close(struct dataset *dataset); /* NULL is allowed */

/* The whole number that settings, which may be NULL, give under key; else what is usual. */
int dataset_number(const json_t *settings, const char *key, int usual);

const struct dataset_type *dataset_find(const char *name); /* NULL when there is none */
const struct dataset_type *dataset_at(size_t index);       /* NULL past the last */

#endif
