/* Readers of the files that data sets come in; each is the read() of a struct dataset_type, which
 * says the shape, the counts and the files. All refuse a label that is not below the number of
 * classes, naming the file and the image. */
#ifndef DATA_FORMATS_H
#define DATA_FORMATS_H

#include "data/dataset.h"

/* The binary form of CIFAR: of each image one byte of label, or with 100 classes two, coarse and
 * fine, then its pixels by planes. Files in the order of the images.
 * https://www.cs.toronto.edu/~kriz/cifar.html */
bool cifar_read(struct dataset *dataset, const struct dataset_source *source, struct err *err);

/* IDX of unsigned bytes, as MNIST's: four files, the images and the labels of each part.
 * http://yann.lecun.com/exdb/mnist/ */
bool idx_read(struct dataset *dataset, const struct dataset_source *source, struct err *err);

/* What tools/imagenet16-120-pack writes, a file for each part: a first line of FORMAT_HEADER bytes,
 * "seki-images 1 COUNT C H W CLASSES SHA256" filled up with spaces, where SHA256 is of all that
 * follows; then COUNT labels of two bytes, the low one first; then the pixels, (COUNT, C, H, W). */
enum { FORMAT_HEADER = 128 };
bool packed_read(struct dataset *dataset, const struct dataset_source *source, struct err *err);

/* False, with the sentence, when label is not one of the set's; image counts from 0 in the file. */
bool format_check_label(const struct dataset *dataset, const struct dataset_source *source,
                        const struct datafile *file, size_t image, unsigned label, struct err *err);

#endif
