#include "data/loader.h"

#include "base/hash.h"
#include "base/mem.h"
#include "tiny.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct augment all = {.flip = true, .crop_padding = 2, .cutout = 4};

/* 100 images, the odd ones of a set, in batches of 16: six whole ones and one of four. */
struct fixture {
    struct dataset *dataset;
    struct subset odd;
    struct loader_setting setting;
    struct rng rng;
};

static struct fixture fixture(void)
{
    struct fixture fixture = {
        .dataset = tiny_synthetic("\"images\": 200, \"image_size\": 8"),
        .odd = {mem_alloc(100, sizeof(uint32_t)), 100},
        .setting = {.batch = 16, .threads = 2, .pixels = true, .augment = &all},
        .rng = rng_seed(11),
    };
    for (uint32_t i = 0; i < 100; i++)
        fixture.odd.indices[i] = 2 * i + 1;
    return fixture;
}

static void fixture_free(struct fixture *fixture)
{
    dataset_close(fixture->dataset);
    free(fixture->odd.indices);
}

static struct loader *open_loader(const struct fixture *fixture)
{
    struct err err = {0};
    struct loader *loader = loader_open(&fixture->dataset->images, &fixture->odd, &fixture->setting,
                                        &fixture->rng, &err);
    ck_assert_msg(loader, "%s", err.text);
    return loader;
}

static const struct batch *next(struct loader *loader)
{
    struct err err = {0};
    const struct batch *batch = loader_next(loader, &err);
    ck_assert_msg(batch, "%s", err.text);
    return batch;
}

/* Of views (whose padding is not part of them), labels and pixels. */
static struct digest digest_of(const struct batch *batch, size_t image_size)
{
    struct hash *hash = hash_begin();
    for (size_t i = 0; i < batch->count; i++) {
        const struct view *v = &batch->views[i];
        int32_t numbers[] = {(int32_t)v->index, v->dx,    v->dy,      v->flip,
                             v->cut_x,          v->cut_y, v->cut_size};
        hash_add(hash, numbers, sizeof(numbers));
    }
    hash_add(hash, batch->labels, batch->count * sizeof(*batch->labels));
    if (batch->pixels)
        hash_add(hash, batch->pixels, batch->count * image_size * sizeof(float));
    return hash_end(hash);
}

enum { EPOCH = 7, READ = 3 * EPOCH }; /* batches */

static void digests_at(int threads, struct digest digests[READ])
{
    struct fixture f = fixture();
    f.setting.threads = threads;
    struct loader *loader = open_loader(&f);
    for (int i = 0; i < READ; i++)
        digests[i] = digest_of(next(loader), images_size(&f.dataset->images));
    loader_close(loader);
    fixture_free(&f);
}

START_TEST(batches_are_the_same_at_any_number_of_threads)
{
    static const int threads[] = {2, 3, 4, 9};
    struct digest one[READ], many[READ];
    digests_at(1, one);
    for (int t = 0; t < 4; t++) {
        digests_at(threads[t], many);
        ck_assert_mem_eq(one, many, sizeof(one));
    }
}
END_TEST

START_TEST(reading_begins_at_any_epoch)
{
    struct digest whole[READ];
    digests_at(2, whole);
    for (size_t from = 0; from < READ; from += EPOCH) {
        struct fixture f = fixture();
        f.setting.epoch = from / EPOCH;
        struct loader *loader = open_loader(&f);
        for (size_t i = from; i < READ; i++)
            ck_assert_str_eq(digest_of(next(loader), images_size(&f.dataset->images)).hex,
                             whole[i].hex);
        loader_close(loader);
        fixture_free(&f);
    }
}
END_TEST

START_TEST(an_epoch_has_each_image_once_in_another_order)
{
    struct fixture f = fixture();
    struct loader *loader = open_loader(&f);
    uint32_t first_of_epoch[2];
    ck_assert_uint_eq(loader_batches(loader), EPOCH);
    for (int epoch = 0; epoch < 2; epoch++) {
        uint8_t seen[200] = {0};
        for (int b = 0; b < EPOCH; b++) {
            const struct batch *batch = next(loader);
            ck_assert_uint_eq(batch->count, b < EPOCH - 1 ? 16 : 4);
            if (b == 0)
                first_of_epoch[epoch] = batch->views[0].index;
            for (size_t i = 0; i < batch->count; i++) {
                uint32_t index = batch->views[i].index;
                ck_assert(index % 2 == 1 && !seen[index]++);
                ck_assert_uint_eq(batch->labels[i], f.dataset->images.labels[index]);
            }
        }
    }
    ck_assert_uint_ne(first_of_epoch[0], first_of_epoch[1]);
    loader_close(loader);
    fixture_free(&f);
}
END_TEST

START_TEST(pixels_are_those_of_the_views)
{
    struct fixture f = fixture();
    const struct images *images = &f.dataset->images;
    struct loader *loader = open_loader(&f);
    struct tones tones = augment_tones(images);
    size_t size = images_size(images);
    float *expected = mem_alloc(size, sizeof(*expected));
    for (int b = 0; b < EPOCH; b++) {
        const struct batch *batch = next(loader);
        for (size_t i = 0; i < batch->count; i++) {
            augment_fill(images, &tones, &batch->views[i],
                         images->pixels + batch->views[i].index * size, expected);
            ck_assert_mem_eq(expected, batch->pixels + i * size, size * sizeof(float));
        }
    }
    free(expected);
    loader_close(loader);
    fixture_free(&f);
}
END_TEST

START_TEST(without_augmentation_images_come_in_order_as_they_are)
{
    struct fixture f = fixture();
    f.setting.augment = NULL;
    struct loader *loader = open_loader(&f);
    for (uint32_t i = 0; i < 200;) {
        const struct batch *batch = next(loader);
        for (size_t k = 0; k < batch->count; k++, i++) {
            const struct view *view = &batch->views[k];
            ck_assert_uint_eq(view->index, f.odd.indices[i % 100]);
            ck_assert(!view->dx && !view->dy && !view->flip && !view->cut_size);
        }
    }
    loader_close(loader);
    fixture_free(&f);
}
END_TEST

START_TEST(views_alone_are_the_same_views)
{
    struct fixture f = fixture();
    struct loader *with = open_loader(&f);
    f.setting.pixels = false;
    struct loader *without = open_loader(&f);
    for (int b = 0; b < READ; b++) {
        const struct batch *one = next(with), *other = next(without);
        ck_assert_ptr_null(other->pixels);
        struct batch bare = *one;
        bare.pixels = NULL;
        ck_assert_str_eq(digest_of(&bare, 0).hex, digest_of(other, 0).hex);
    }
    loader_close(with);
    loader_close(without);
    fixture_free(&f);
}
END_TEST

START_TEST(it_closes_at_any_moment)
{
    for (int taken = 0; taken < 40; taken++) {
        struct fixture f = fixture();
        f.setting.threads = 1 + taken % 4;
        struct loader *loader = open_loader(&f);
        for (int i = 0; i < taken % 10; i++)
            next(loader);
        loader_close(loader);
        fixture_free(&f);
    }
    loader_close(NULL);
}
END_TEST

/* A set whose images come from a reader, which cannot read some of them. */
static bool read_or_fail(const struct image_reader *reader, size_t index, struct rng *crop,
                         uint8_t *pixels, struct err *err)
{
    (void)reader;
    if (index == 51 || index == 53 || index == 99)
        return err_set(err, ERR_INPUT, "image %zu: broken", index);
    memset(pixels, crop ? (int)rng_below(crop, 256) : (int)index, 8 * 8 * 3);
    return true;
}

static const struct image_reader failing = {read_or_fail};

static struct fixture read_fixture(int threads)
{
    struct fixture f = fixture();
    free(f.dataset->images.pixels);
    f.dataset->images.pixels = NULL;
    f.dataset->images.reader = &failing;
    f.setting.threads = threads;
    f.setting.augment = NULL;
    return f;
}

START_TEST(an_image_that_cannot_be_read_is_told_with_its_batch)
{
    struct fixture f = read_fixture(_i);
    f.setting.batch = 40; /* 51 and 53 lie in the first, in places 25 and 26; 99 in the second */
    struct loader *loader = open_loader(&f);
    for (int again = 0; again < 3; again++) {
        struct err err = {0};
        ck_assert_ptr_null(loader_next(loader, &err));
        ck_assert_str_eq(err.text, "image 51: broken");
        ck_assert_int_eq(err.code, ERR_INPUT);
    }
    loader_close(loader);
    fixture_free(&f);
}
END_TEST

START_TEST(batches_before_a_broken_image_are_whole)
{
    struct fixture f = read_fixture(_i);
    struct err err = {0};
    struct loader *loader = open_loader(&f);
    const struct batch *batch = next(loader);
    struct tones tones = augment_tones(&f.dataset->images);
    for (size_t i = 0; i < batch->count; i++)
        ck_assert_float_eq(batch->pixels[i * 192 + 5], tones.value[0][2 * i + 1]);
    ck_assert_ptr_null(loader_next(loader, &err));
    ck_assert_ptr_null(loader_next(loader, &err));
    ck_assert_str_eq(err.text, "image 51: broken");
    loader_close(loader);
    fixture_free(&f);
}
END_TEST

START_TEST(random_crops_come_from_the_epochs_stream)
{
    struct fixture f = read_fixture(2);
    f.odd.count = 16; /* none is broken */
    f.setting.augment = &all;
    struct loader *one = open_loader(&f), *other = open_loader(&f);
    struct digest first = digest_of(next(one), 192);
    ck_assert_str_eq(first.hex, digest_of(next(other), 192).hex);
    ck_assert_str_ne(first.hex, digest_of(next(one), 192).hex);
    loader_close(one);
    loader_close(other);
    fixture_free(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loader");
    TCase *tcase = tcase_create("loader");
    tcase_add_test(tcase, batches_are_the_same_at_any_number_of_threads);
    tcase_add_test(tcase, reading_begins_at_any_epoch);
    tcase_add_test(tcase, an_epoch_has_each_image_once_in_another_order);
    tcase_add_test(tcase, pixels_are_those_of_the_views);
    tcase_add_test(tcase, without_augmentation_images_come_in_order_as_they_are);
    tcase_add_test(tcase, views_alone_are_the_same_views);
    tcase_add_test(tcase, it_closes_at_any_moment);
    tcase_add_loop_test(tcase, an_image_that_cannot_be_read_is_told_with_its_batch, 1, 5);
    tcase_add_loop_test(tcase, batches_before_a_broken_image_are_whole, 1, 5);
    tcase_add_test(tcase, random_crops_come_from_the_epochs_stream);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
