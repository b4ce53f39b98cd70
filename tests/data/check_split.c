#include "data/split.h"

#include "base/mem.h"
#include "tiny.h"

#include <check.h>
#include <stdlib.h>

static const char *const settings_of[] = {
    "\"valid_from\": \"train\"",
    "\"valid_from\": \"train\", \"valid_fraction\": 0.1, \"split_seed\": 3",
    "\"valid_from\": \"test\"",
    "\"valid_from\": \"none\"",
    "\"valid_from\": \"train\", \"fraction\": 0.25",
    "\"valid_from\": \"test\", \"valid_fraction\": 0.9, \"fraction\": 0.01",
    "\"valid_from\": \"none\", \"fraction\": 0.333",
};
/* Of 1 000 training and 250 test images: how many are in each part. */
static const size_t counts_of[][3] = {
    {500, 500, 250}, {900, 100, 250}, {1000, 125, 125}, {1000, 0, 250},
    {125, 500, 250}, {10, 225, 25},   {333, 0, 250},
};

static struct split make(const struct dataset *dataset, const char *text)
{
    struct err err = {0};
    struct split split;
    char *all = mem_printf("{\"dataset\": \"synthetic\", %s}", text);
    json_t *settings = tiny_settings(all);
    ck_assert_msg(split_make(dataset, settings, &split, &err), "%s", err.text);
    json_decref(settings);
    free(all);
    return split;
}

static struct dataset *thousand(void)
{
    return tiny_synthetic("\"images\": 1000, \"image_size\": 8, \"channels\": 1");
}

/* Marks the images of subset, each in [first, end), ascending and not marked before. */
static void mark(const struct subset *subset, size_t first, size_t end, uint8_t *marks)
{
    for (size_t i = 0; i < subset->count; i++) {
        uint32_t index = subset->indices[i];
        ck_assert(index >= first && index < end);
        ck_assert(i == 0 || index > subset->indices[i - 1]);
        ck_assert_uint_eq(marks[index], 0);
        marks[index] = 1;
    }
}

START_TEST(no_image_is_in_two_parts)
{
    struct dataset *dataset = thousand();
    struct split split = make(dataset, settings_of[_i]);
    uint8_t marks[1250] = {0};
    bool from_test = _i == 2 || _i == 5;
    mark(&split.train, 0, 1000, marks);
    mark(&split.valid, from_test ? 1000 : 0, from_test ? 1250 : 1000, marks);
    mark(&split.test, 1000, 1250, marks);
    ck_assert_uint_eq(split.train.count, counts_of[_i][0]);
    ck_assert_uint_eq(split.valid.count, counts_of[_i][1]);
    ck_assert_uint_eq(split.test.count, counts_of[_i][2]);
    split_free(&split);
    dataset_close(dataset);
}
END_TEST

static bool holds(const struct subset *subset, uint32_t index)
{
    for (size_t i = 0; i < subset->count; i++)
        if (subset->indices[i] == index)
            return true;
    return false;
}

START_TEST(a_smaller_fraction_is_part_of_a_larger_one_and_moves_no_validation_image)
{
    struct dataset *dataset = thousand();
    struct split small = make(dataset, "\"valid_from\": \"train\", \"fraction\": 0.1");
    struct split large = make(dataset, "\"valid_from\": \"train\", \"fraction\": 0.5");
    ck_assert_uint_lt(small.train.count, large.train.count);
    for (size_t i = 0; i < small.train.count; i++)
        ck_assert(holds(&large.train, small.train.indices[i]));
    ck_assert_mem_eq(small.valid.indices, large.valid.indices, 500 * sizeof(uint32_t));
    split_free(&small);
    split_free(&large);
    dataset_close(dataset);
}
END_TEST

START_TEST(the_seed_decides_which_images)
{
    struct dataset *dataset = thousand();
    struct split one = make(dataset, "\"valid_from\": \"train\"");
    struct split same = make(dataset, "\"valid_from\": \"train\", \"split_seed\": 0");
    struct split other = make(dataset, "\"valid_from\": \"train\", \"split_seed\": 1");
    ck_assert_mem_eq(one.train.indices, same.train.indices, 500 * sizeof(uint32_t));
    ck_assert_mem_ne(one.train.indices, other.train.indices, 500 * sizeof(uint32_t));
    split_free(&one);
    split_free(&same);
    split_free(&other);
    dataset_close(dataset);
}
END_TEST

START_TEST(a_split_that_leaves_nothing_is_refused)
{
    struct err err = {0};
    struct split split;
    struct dataset *dataset = tiny_synthetic("\"images\": 4, \"image_size\": 8");
    json_t *settings = tiny_settings(
        "{\"dataset\": \"synthetic\", \"valid_from\": \"train\", \"valid_fraction\": 0.01}");
    ck_assert(!split_make(dataset, settings, &split, &err));
    ck_assert_str_eq(
        err.text,
        "synthetic: split into 4 training and 0 validation images, expected some of both");
    json_decref(settings);
    dataset_close(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("split");
    TCase *tcase = tcase_create("split");
    tcase_add_loop_test(tcase, no_image_is_in_two_parts, 0, 7);
    tcase_add_test(tcase, a_smaller_fraction_is_part_of_a_larger_one_and_moves_no_validation_image);
    tcase_add_test(tcase, the_seed_decides_which_images);
    tcase_add_test(tcase, a_split_that_leaves_nothing_is_refused);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
