/* Devices are shared out by who has the least to do. */
#include "../suite.h"
#include "oracle/devices.h"

START_TEST(each_takes_the_device_with_the_fewest_at_work)
{
    struct devices devices = DEVICES_IDLE;
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(devices_take(&devices, 0, 3), i % 3);
    devices_give_back(&devices, 1);
    ck_assert_int_eq(devices_take(&devices, 0, 3), 1);
    devices_give_back(&devices, 2);
    devices_give_back(&devices, 2);
    ck_assert_int_eq(devices_take(&devices, 0, 3), 2);
    ck_assert_int_eq(devices_take(&devices, 0, 3), 2);
    ck_assert_int_eq(devices_take(&devices, 0, 3), 0);
}
END_TEST

START_TEST(a_device_that_is_named_counts_too)
{
    struct devices devices = DEVICES_IDLE;
    ck_assert_int_eq(devices_take(&devices, DEVICES_MAX - 1, 1), DEVICES_MAX - 1);
    ck_assert_int_eq(devices_take(&devices, 0, 1), 0);
    ck_assert_int_eq(devices_take(&devices, 0, 1), 0);
    ck_assert_int_eq(devices_take(&devices, 0, 2), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("devices");
    TCase *cases = tcase_create("devices");
    tcase_add_test(cases, each_takes_the_device_with_the_fewest_at_work);
    tcase_add_test(cases, a_device_that_is_named_counts_too);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
