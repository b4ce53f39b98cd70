#include "base/file.h"
#include "base/mem.h"
#include "data/loader.h"
#include "data/picture.h"
#include "tiny.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jpeglib.h>

/* ---- pictures made by the test ---- */

struct paint {
    int width, height, channels; /* 1: grey, 3: red, green, blue, 4: inks */
    uint8_t tone[4];             /* all over */
};

/* The bytes of a JPEG; the caller frees. */
static uint8_t *encode(const struct paint *paint, size_t *size)
{
    static const J_COLOR_SPACE spaces[] = {[1] = JCS_GRAYSCALE, [3] = JCS_RGB, [4] = JCS_CMYK};
    struct jpeg_error_mgr errors;
    struct jpeg_compress_struct info = {.err = jpeg_std_error(&errors)};
    unsigned char *bytes = NULL;
    unsigned long length = 0;
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &bytes, &length);
    info.image_width = (JDIMENSION)paint->width;
    info.image_height = (JDIMENSION)paint->height;
    info.input_components = paint->channels;
    info.in_color_space = spaces[paint->channels];
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, 100, TRUE);
    jpeg_start_compress(&info, TRUE);
    uint8_t *row = mem_alloc((size_t)paint->width, (size_t)paint->channels);
    for (int i = 0; i < paint->width * paint->channels; i++)
        row[i] = paint->tone[i % paint->channels];
    while (info.next_scanline < info.image_height)
        jpeg_write_scanlines(&info, &row, 1);
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    free(row);
    *size = length;
    return bytes;
}

static void write_jpeg(const char *folder, const char *name, const struct paint *paint)
{
    size_t size = 0;
    uint8_t *bytes = encode(paint, &size);
    tiny_write(folder, name, bytes, size);
    free(bytes);
}

static const struct paint red = {60, 40, 3, {200, 30, 40}}, grey = {30, 50, 1, {90}},
                          inks = {20, 20, 4, {255, 128, 0, 200}};

/* ---- pictures ---- */

/* What is read of these pixels; RGB. */
static void check_tone(const struct paint *paint, int r, int g, int b)
{
    struct err err = {0};
    struct picture picture;
    char *folder = tiny_folder(), *path = file_join(folder, "x.jpg");
    write_jpeg(folder, "x.jpg", paint);
    ck_assert_msg(picture_read(path, &picture, &err), "%s", err.text);
    ck_assert_int_eq(picture.width, paint->width);
    ck_assert_int_eq(picture.height, paint->height);
    for (int i = 0; i < paint->width * paint->height; i++) {
        ck_assert_int_le(abs(picture.pixels[3 * i] - r), 2);
        ck_assert_int_le(abs(picture.pixels[3 * i + 1] - g), 2);
        ck_assert_int_le(abs(picture.pixels[3 * i + 2] - b), 2);
    }
    picture_free(&picture);
    free(path);
    tiny_remove(folder);
}

START_TEST(grey_and_inks_become_red_green_blue)
{
    check_tone(&red, 200, 30, 40);
    check_tone(&grey, 90, 90, 90);
    check_tone(&inks, 255 * 200 / 255, 128 * 200 / 255, 0); /* Adobe's: inverted */
}
END_TEST

/* A picture of 60 x 40 without its last quarter. */
static void cut_short(uint8_t *bytes, size_t *size)
{
    (void)bytes;
    *size = *size * 3 / 4;
}

/* One that claims to be 65 000 x 65 000, in its "start of frame". */
static void claim_more(uint8_t *bytes, size_t *size)
{
    size_t at = 0;
    while (at + 9 < *size && !(bytes[at] == 0xff && bytes[at + 1] == 0xc0))
        at++;
    memcpy(bytes + at + 5, "\375\350\375\350", 4);
}

static void be_png(uint8_t *bytes, size_t *size)
{
    memcpy(bytes, "\211PNG\r\n\32\n", 8);
    *size = 8;
}

static void be_empty(uint8_t *bytes, size_t *size)
{
    (void)bytes;
    *size = 0;
}

static const struct {
    void (*breaks)(uint8_t *bytes, size_t *size);
    const char *expected;
} broken[] = {
    {cut_short, "Premature end of JPEG file, expected a whole JPEG picture"},
    {claim_more, "65000 x 65000 pixels are too many, expected a whole JPEG picture"},
    {be_png, "Not a JPEG file: starts with 0x89 0x50, expected a whole JPEG picture"},
    {be_empty, "Empty input file, expected a whole JPEG picture"},
};

START_TEST(a_broken_picture_is_refused)
{
    struct err err = {0};
    struct picture picture;
    size_t size = 0;
    uint8_t *bytes = encode(&red, &size);
    char *folder = tiny_folder(), *path = file_join(folder, "x.jpg");
    broken[_i].breaks(bytes, &size);
    tiny_write(folder, "x.jpg", bytes, size);
    ck_assert(!picture_read(path, &picture, &err));
    ck_assert_ptr_null(picture.pixels);
    ck_assert_str_eq(err.text + strlen(path) + 2, broken[_i].expected);
    free(bytes);
    free(path);
    tiny_remove(folder);
}
END_TEST

/* Of a 7 x 5 picture; the bytes are those of Pillow 9.5, crop() and resize(BILINEAR). */
static const struct {
    struct cut cut;
    uint8_t expected[3 * 9];
} scaled[] = {
    {{0, 0, 7, 5, 3, 3, 0, 0, 3},
     {75,  132, 144, 145, 135, 122, 103, 119, 90,  128, 140, 145, 137, 124,
      114, 156, 127, 143, 157, 158, 135, 115, 117, 116, 123, 111, 126}},
    {{1, 1, 5, 3, 4, 6, 1, 2, 2}, {104, 131, 98, 133, 130, 158, 125, 159, 146, 99, 140, 100}},
    {{2, 0, 2, 5, 2, 2, 0, 0, 2}, {117, 165, 87, 157, 170, 102, 140, 94, 107, 155, 77, 147}},
    {{0, 0, 7, 5, 7, 5, 3, 1, 2}, {235, 27, 103, 162, 32, 80, 156, 215, 85, 133, 209, 12}},
};

START_TEST(a_box_is_scaled_as_pillow_scales_it)
{
    uint8_t pixels[5 * 7 * 3], out[3 * 9];
    for (int i = 0; i < 5 * 7 * 3; i++) {
        int c = i % 3, x = i / 3 % 7, y = i / 21;
        pixels[i] = (uint8_t)(37 * x + 91 * y + 53 * c + x * y * 11);
    }
    const struct picture picture = {7, 5, pixels};
    picture_scale(&picture, &scaled[_i].cut, out);
    ck_assert_mem_eq(out, scaled[_i].expected,
                     3 * (size_t)scaled[_i].cut.side * (size_t)scaled[_i].cut.side);
}
END_TEST

/* ---- folders ---- */

static const char *const folders[] = {"train/cat", "train/dog", "val/cat", "val/dog"};

/* Two classes of two training images each, and a test image each. */
static char *image_folder(void)
{
    struct err err = {0};
    char *root = tiny_folder();
    for (size_t i = 0; i < 4; i++) {
        char *path = file_join(root, folders[i]);
        ck_assert(file_make_folder(path, &err));
        write_jpeg(path, "b.JPEG", i % 2 ? &grey : &red);
        if (i < 2)
            write_jpeg(path, "a.jpg", i % 2 ? &grey : &red);
        free(path);
    }
    return root;
}

static void remove_image_folder(char *root)
{
    static const char *const parts[] = {"train", "val"};
    for (size_t i = 0; i < 4; i++)
        tiny_remove(file_join(root, folders[i]));
    for (size_t i = 0; i < 2; i++)
        tiny_remove(file_join(root, parts[i]));
    tiny_remove(root);
}

static struct dataset *open_folder(const char *root, struct err *err)
{
    char *text = mem_printf("{\"dataset\": \"imagenet\", \"valid_from\": \"none\", "
                            "\"image_size\": 16, \"path\": \"%s\"}",
                            root);
    json_t *settings = tiny_settings(text);
    struct dataset *dataset = dataset_open(settings, err);
    json_decref(settings);
    free(text);
    return dataset;
}

START_TEST(classes_and_files_stand_in_the_order_of_their_names)
{
    struct err err = {0};
    char *root = image_folder();
    struct dataset *dataset = open_folder(root, &err);
    const char *names = "train/cat/a.jpg\ntrain/cat/b.JPEG\ntrain/dog/a.jpg\ntrain/dog/b.JPEG\n"
                        "val/cat/b.JPEG\nval/dog/b.JPEG\n";
    ck_assert_msg(dataset, "%s", err.text);
    ck_assert_uint_eq(dataset->train_count, 4);
    ck_assert_uint_eq(dataset->images.count, 6);
    ck_assert_int_eq(dataset->images.classes, 2);
    ck_assert_mem_eq(dataset->images.labels, ((uint16_t[]){0, 0, 1, 1, 0, 1}), 12);
    ck_assert_str_eq(dataset->identity.hex, hash_bytes(names, strlen(names)).hex);
    dataset_close(dataset);
    remove_image_folder(root);
}
END_TEST

/* Mean tone of an image of the batch, as a byte. */
static double tone_of(const struct dataset *dataset, const struct batch *batch, size_t image, int c)
{
    const float *pixels = batch->pixels + image * 3 * 256 + (size_t)c * 256;
    double sum = 0;
    for (int i = 0; i < 256; i++)
        sum += (double)pixels[i];
    return 255 *
           (sum / 256 * (double)dataset->images.deviation[c] + (double)dataset->images.mean[c]);
}

START_TEST(images_are_decoded_on_the_loaders_threads)
{
    struct err err = {0};
    const struct augment augment = {.flip = true};
    const struct rng rng = rng_seed(1);
    char *root = image_folder();
    struct dataset *dataset = open_folder(root, &err);
    uint32_t indices[] = {0, 1, 2, 3, 4, 5};
    const struct subset subset = {indices, 6};
    const struct loader_setting setting = {
        .batch = 6, .threads = 3, .pixels = true, .augment = _i ? &augment : NULL};
    struct loader *loader = loader_open(&dataset->images, &subset, &setting, &rng, &err);
    const struct batch *batch = loader_next(loader, &err);
    ck_assert_msg(batch, "%s", err.text);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_double_eq_tol(tone_of(dataset, batch, i, 0), batch->labels[i] ? 90 : 200, 2);
        ck_assert_double_eq_tol(tone_of(dataset, batch, i, 2), batch->labels[i] ? 90 : 40, 2);
    }
    loader_close(loader);
    dataset_close(dataset);
    remove_image_folder(root);
}
END_TEST

START_TEST(a_broken_picture_ends_reading_with_its_sentence)
{
    struct err err = {0};
    const struct rng rng = rng_seed(1);
    char *root = image_folder(), *path = mem_printf("%s/train/dog/a.jpg", root);
    ck_assert(truncate(path, 300) == 0);
    struct dataset *dataset = open_folder(root, &err);
    uint32_t indices[] = {0, 1, 2, 3};
    const struct subset subset = {indices, 4};
    const struct loader_setting setting = {.batch = 1, .threads = 1 + _i, .pixels = true};
    struct loader *loader = loader_open(&dataset->images, &subset, &setting, &rng, &err);
    ck_assert_ptr_nonnull(loader_next(loader, &err));
    ck_assert_ptr_nonnull(loader_next(loader, &err));
    ck_assert_ptr_null(loader_next(loader, &err));
    char *expected =
        mem_printf("%s: Premature end of JPEG file, expected a whole JPEG picture", path);
    ck_assert_str_eq(err.text, expected);
    free(expected);
    free(path);
    loader_close(loader);
    dataset_close(dataset);
    remove_image_folder(root);
}
END_TEST

/* What is done to a good folder ("+x": a file, "/x": a folder, "|x": a pipe, "-x": without that
 * file), and the sentence, with F in place of the folder's name. */
static const struct {
    const char *change, *expected;
} bad_folders[] = {
    {"+train/cat/notes.txt",
     "F/train/cat/notes.txt: not a file named .JPEG or .jpg, expected images alone"},
    {"/train/cat/c.jpg",
     "F/train/cat/c.jpg: not a file named .JPEG or .jpg, expected images alone"},
    {"|val/dog/p.JPEG", "F/val/dog/p.JPEG: not a file named .JPEG or .jpg, expected images alone"},
    {"/val/emu", "F/val: found emu, expected no more, as in train"},
    {"/train/bee", "F/train/bee: empty, expected images"},
    {"-val/cat/b.JPEG", "F/val/cat: empty, expected images"},
    {"+train/x.JPEG",
     "F/train/x.JPEG: Not a directory, expected a folder of images for each class"},
};

static void change(const char *root, const char *what, bool undo)
{
    struct err err = {0};
    char *path = file_join(root, what + 1);
    if (what[0] == '+' && !undo)
        ck_assert(file_write(path, "", 0, &err));
    else if (what[0] == '/' && !undo)
        ck_assert(file_make_folder(path, &err));
    else if (what[0] == '|' && !undo)
        ck_assert(mkfifo(path, 0600) == 0);
    else if (what[0] == '/')
        rmdir(path);
    else
        remove(path);
    free(path);
}

START_TEST(a_folder_that_is_not_as_it_must_be_is_refused)
{
    struct err err = {0};
    char *root = image_folder();
    change(root, bad_folders[_i].change, false);
    ck_assert_ptr_null(open_folder(root, &err));
    ck_assert(strncmp(err.text, root, strlen(root)) == 0);
    ck_assert_str_eq(err.text + strlen(root), bad_folders[_i].expected + 1);
    change(root, bad_folders[_i].change, true);
    remove_image_folder(root);
}
END_TEST

START_TEST(a_folder_without_its_parts_is_refused)
{
    struct err err = {0};
    ck_assert_ptr_null(open_folder("no/where", &err));
    ck_assert_str_eq(err.text,
                     "imagenet: found no train in no/where, expected train, val (folders of JPEG "
                     "files, a folder a class; ImageNet itself from https://image-net.org, its "
                     "val/ sorted into classes, its one PNG, n02105855_2933.JPEG, converted)");
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof((array)[0]))

int main(void)
{
    Suite *suite = suite_create("folder");
    TCase *pictures = tcase_create("pictures"), *whole = tcase_create("folders");
    tcase_add_test(pictures, grey_and_inks_become_red_green_blue);
    tcase_add_loop_test(pictures, a_broken_picture_is_refused, 0, COUNT(broken));
    tcase_add_loop_test(pictures, a_box_is_scaled_as_pillow_scales_it, 0, COUNT(scaled));
    suite_add_tcase(suite, pictures);
    tcase_add_test(whole, classes_and_files_stand_in_the_order_of_their_names);
    tcase_add_loop_test(whole, images_are_decoded_on_the_loaders_threads, 0, 2);
    tcase_add_loop_test(whole, a_broken_picture_ends_reading_with_its_sentence, 0, 4);
    tcase_add_loop_test(whole, a_folder_that_is_not_as_it_must_be_is_refused, 0,
                        COUNT(bad_folders));
    tcase_add_test(whole, a_folder_without_its_parts_is_refused);
    suite_add_tcase(suite, whole);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
