#include "data/augment.h"

#include "tiny.h"

#include <check.h>
#include <stdlib.h>

/* 3 x 3, one channel; a byte b enters the network as b / 10 - 1, so black is -1. */
static uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
static struct images square = {.count = 1,
                               .C = 1,
                               .H = 3,
                               .W = 3,
                               .pixels = bytes,
                               .mean = {10.0f / 255},
                               .deviation = {10.0f / 255}};

#define B (-10) /* black, in tenths, as all expected values */
static const struct {
    struct view view;
    int expected[9]; /* ten times what enters the network */
} cases[] = {
    {{.dx = 0}, {-9, -8, -7, -6, -5, -4, -3, -2, -1}},
    {{.dx = 1}, {-8, -7, B, -5, -4, B, -2, -1, B}},
    {{.dx = -1}, {B, -9, -8, B, -6, -5, B, -3, -2}},
    {{.dy = 2}, {-3, -2, -1, B, B, B, B, B, B}},
    {{.dy = -1, .dx = 2}, {B, B, B, -7, B, B, -4, B, B}},
    {{.flip = true}, {-7, -8, -9, -4, -5, -6, -1, -2, -3}},
    {{.flip = true, .dx = 1}, {B, -7, -8, B, -4, -5, B, -1, -2}},
    {{.dx = 4}, {B, B, B, B, B, B, B, B, B}},
    {{.dx = -4, .dy = -7}, {B, B, B, B, B, B, B, B, B}},
    {{.cut_size = 2, .cut_x = 1, .cut_y = 1}, {0, 0, -7, 0, 0, -4, -3, -2, -1}},
    {{.cut_size = 3, .cut_x = 1, .cut_y = 1}, {0, 0, -7, 0, 0, -4, -3, -2, -1}},
    {{.cut_size = 2, .cut_x = 0, .cut_y = 2}, {-9, -8, -7, 0, -5, -4, 0, -2, -1}},
    {{.cut_size = 4, .cut_x = 2, .cut_y = 0}, {0, 0, 0, 0, 0, 0, -3, -2, -1}},
    {{.cut_size = 1, .cut_x = 1, .cut_y = 1}, {-9, -8, -7, -6, -5, -4, -3, -2, -1}},
    {{.cut_size = 2, .cut_x = 1, .cut_y = 1, .flip = true}, {0, 0, -9, 0, 0, -6, -1, -2, -3}},
};

START_TEST(a_view_is_shifted_then_mirrored_then_cut)
{
    struct tones tones = augment_tones(&square);
    float out[9];
    augment_fill(&square, &tones, &cases[_i].view, bytes, out);
    for (int i = 0; i < 9; i++)
        ck_assert_float_eq_tol(out[i] * 10, (float)cases[_i].expected[i], 1e-4f);
}
END_TEST

START_TEST(a_byte_is_normalised_by_its_channel_exactly)
{
    struct images images = {.C = 3, .mean = {0.1f, 0.2f, 0.3f}, .deviation = {0.5f, 0.25f, 0.125f}};
    struct tones tones = augment_tones(&images);
    for (int c = 0; c < 3; c++)
        for (int byte = 0; byte < 256; byte++)
            ck_assert_float_eq(tones.value[c][byte],
                               ((float)byte / 255.0f - images.mean[c]) / images.deviation[c]);
}
END_TEST

static const struct augment all = {.flip = true, .crop_padding = 4, .cutout = 16};
static const struct images cifar = {.C = 3, .H = 32, .W = 32};

START_TEST(views_depend_on_epoch_and_image_alone)
{
    struct rng rng = rng_seed(5);
    struct rng first = rng_fork(&rng, "views", 0), second = rng_fork(&rng, "views", 1);
    struct view a = augment_draw(&all, &cifar, 7, &first),
                b = augment_draw(&all, &cifar, 8, &first);
    struct view again = augment_draw(&all, &cifar, 7, &first);
    struct view later = augment_draw(&all, &cifar, 7, &second);
    ck_assert_int_eq(a.dx, again.dx);
    ck_assert_int_eq(a.cut_x, again.cut_x);
    ck_assert(a.cut_x != b.cut_x || a.cut_y != b.cut_y);
    ck_assert(a.cut_x != later.cut_x || a.cut_y != later.cut_y);
}
END_TEST

START_TEST(what_is_switched_off_moves_no_other_draw)
{
    struct rng rng = rng_seed(6);
    struct augment some = {.flip = false, .crop_padding = 4, .cutout = 0};
    for (uint32_t i = 0; i < 100; i++) {
        struct view a = augment_draw(&all, &cifar, i, &rng),
                    b = augment_draw(&some, &cifar, i, &rng);
        ck_assert(!b.flip && b.cut_size == 0);
        ck_assert_int_eq(a.dx, b.dx);
        ck_assert_int_eq(a.dy, b.dy);
    }
}
END_TEST

/* Each of the 81 shifts is 1/81 likely: in 81 000 draws 1 000, give or take 32. */
START_TEST(views_are_spread_evenly)
{
    enum { DRAWS = 81000 };
    int shifts[9][9] = {0}, flips = 0, cuts[32] = {0};
    struct rng rng = rng_seed(7);
    for (uint32_t i = 0; i < DRAWS; i++) {
        struct view view = augment_draw(&all, &cifar, i, &rng);
        shifts[view.dy + 4][view.dx + 4]++;
        flips += view.flip;
        cuts[view.cut_x]++;
    }
    for (int i = 0; i < 81; i++)
        ck_assert_int_le(abs(shifts[i / 9][i % 9] - 1000), 160);
    ck_assert_int_le(abs(flips - DRAWS / 2), 700);
    for (int i = 0; i < 32; i++)
        ck_assert_int_le(abs(cuts[i] - DRAWS / 32), 250);
}
END_TEST

START_TEST(the_usual_crop_is_the_data_sets)
{
    struct dataset *dataset = tiny_synthetic("\"images\": 4");
    json_t *usual = tiny_settings("{\"dataset\": \"synthetic\", \"valid_from\": \"none\"}");
    json_t *given = tiny_settings("{\"dataset\": \"synthetic\", \"valid_from\": \"none\", "
                                  "\"crop_padding\": 0, \"flip\": false, \"cutout\": 16}");
    struct augment first = augment_of(dataset, usual), second = augment_of(dataset, given);
    ck_assert(first.flip && first.crop_padding == 4 && first.cutout == 0);
    ck_assert(!second.flip && second.crop_padding == 0 && second.cutout == 16);
    ck_assert_int_eq(dataset_find("imagenet16-120")->crop_padding, 2);
    json_decref(usual);
    json_decref(given);
    dataset_close(dataset);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("augment");
    TCase *tcase = tcase_create("augment");
    tcase_add_loop_test(tcase, a_view_is_shifted_then_mirrored_then_cut, 0,
                        (int)(sizeof(cases) / sizeof(cases[0])));
    tcase_add_test(tcase, a_byte_is_normalised_by_its_channel_exactly);
    tcase_add_test(tcase, views_depend_on_epoch_and_image_alone);
    tcase_add_test(tcase, what_is_switched_off_moves_no_other_draw);
    tcase_add_test(tcase, views_are_spread_evenly);
    tcase_add_test(tcase, the_usual_crop_is_the_data_sets);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
