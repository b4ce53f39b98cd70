/* The kernels of backend "cuda", compiled for the CPU, against plain loops in double. */
#include "../suite.h"
#include "kernels/cases.h"

#include <check.h>
#include <string.h>

START_TEST(the_table_has_a_row_for_each_kind)
{
    for (int i = 0; i < KERNEL_KINDS; i++) {
        const struct kernel *kernel = &kernels[i];
        ck_assert_ptr_nonnull(kernel->name);
        ck_assert_int_gt(kernel->threads, 0);
        ck_assert_int_eq(kernel->threads % 32, 0);
        for (int type = 0; type < VALUE_TYPES; type++)
            ck_assert_ptr_nonnull(kernel->functions[type]);
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(kernel->name, kernels[j].name);
    }
    ck_assert_str_eq(kernels[KERNEL_COMBINE].name, "combine");
    ck_assert_uint_eq(kernels[KERNEL_COMBINE].size, sizeof(struct kernel_combine));
    ck_assert_str_eq(kernels[KERNEL_ROUND].name, "round");
    ck_assert_uint_eq(kernels[KERNEL_ROUND].size, sizeof(struct kernel_round));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels");
    TCase *table = tcase_create("table");
    tcase_add_test(table, the_table_has_a_row_for_each_kind);
    suite_add_tcase(suite, table);
    suite_add_tcase(suite, cases_of_sums());
    suite_add_tcase(suite, cases_of_norms());
    suite_add_tcase(suite, cases_of_windows());
    suite_add_tcase(suite, cases_of_depthwise());
    suite_add_tcase(suite, cases_of_head());
    suite_add_tcase(suite, cases_of_parameters());
    return suite_run(suite);
}
