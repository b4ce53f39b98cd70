/* Networks as lists of operators: what they count, name, begin with and leave out. */
#include "train/net.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "table/table.h"
#include "train/networks.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct net *build(const char *cell, int cells, int channels, int classes, int size)
{
    const struct space *space = space_find("nas-bench-201");
    struct net_setting setting = {
        .image = {3, size, size}, .classes = classes, .cells = cells, .channels = channels};
    struct arch arch;
    struct err err = {0};
    ck_assert(space_read(space, cell, &arch, &err));
    struct net *net = network_build(space, &arch, &setting, &err);
    ck_assert_msg(net != NULL, "%s", err.text);
    return net;
}

/* ---- counts ---- */

static const struct set {
    const char *name;
    int classes, size;
} sets[] = {{"cifar10", 10, 32}, {"cifar100", 100, 32}, {"imagenet16-120", 120, 16}};

/* The table's figures are those of upstream's networks (benchdata/README.md); a float holds a count
 * of parameters exactly. */
START_TEST(every_cell_of_nas_bench_201_has_the_tables_parameters_and_flops)
{
    struct err err = {0};
    char *path = table_find("nas-bench-201", &err);
    struct table *table = path ? table_open(path, &err) : NULL;
    ck_assert_msg(table != NULL, "%s", err.text);
    struct net_setting setting = {.image = {3, sets[_i].size, sets[_i].size},
                                  .classes = sets[_i].classes,
                                  .cells = 5,
                                  .channels = 16};
    const float *params = table_column(table, "parameters", sets[_i].name, 0, "", TABLE_SEED_MEAN);
    const float *flops = table_column(table, "flops", sets[_i].name, 0, "", TABLE_SEED_MEAN);
    for (size_t row = 0; row < table->rows; row++) {
        struct arch arch = space_nth(table->space, row);
        struct net *net = network_build(table->space, &arch, &setting, &err);
        ck_assert_msg(net != NULL, "%s", err.text);
        ck_assert_uint_eq(net_param_total(net, false), (size_t)params[row]);
        ck_assert_uint_eq(net_param_total(net, true), net->param_size);
        ck_assert(fabsf((float)(net_multiply_adds(net) / 1e6) - flops[row]) < 2e-5F);
        net_free(net);
    }
    table_close(table);
    free(path);
}
END_TEST

/* ---- order ---- */

START_TEST(parameters_have_upstreams_order_names_and_shapes)
{
    struct net *net = build("333333", 1, 16, 10, 32);
    char *path = mem_printf("%s/tests/train/nb201-params.cases", getenv("srcdir"));
    char *cases = file_read(path, 1 << 20, NULL, NULL), *rest = cases, *line;
    size_t i = 0;
    ck_assert_ptr_nonnull(cases);
    while ((line = strsep(&rest, "\n"))) {
        if (!line[0] || line[0] == '#')
            continue;
        ck_assert_uint_lt(i, net->param_count);
        const struct net_param *param = &net->params[i++];
        struct str found = {0};
        str_addf(&found, "%s %d", param->name, param->shape[0]);
        if (param->shape[1] > 1)
            str_addf(&found, "x%d", param->shape[1]);
        if (strchr(line, 'x') != strrchr(line, 'x'))
            str_addf(&found, "x%dx%d", param->shape[2], param->shape[3]);
        str_addf(&found, " %zu", param->offset);
        ck_assert_str_eq(found.text, line);
        str_free(&found);
    }
    ck_assert_uint_eq(i, net->param_count);
    free(cases);
    free(path);
    net_free(net);
}
END_TEST

/* ---- what a path leads to ---- */

static size_t count_dead(const struct net *net)
{
    size_t dead = 0;
    for (size_t i = 0; i < net->op_count; i++)
        dead += !net->ops[i].live;
    return dead;
}

/* 0->1 is a convolution into a node that nothing leaves: its convolution and the node's sum are
 * dead in each of three cells, and counted. */
START_TEST(what_leads_nowhere_is_dead_but_counted)
{
    struct net *net = build("300300", 1, 16, 10, 32), *without = build("000300", 1, 16, 10, 32);
    ck_assert_uint_eq(count_dead(net), 3 * 3);
    ck_assert_uint_eq(count_dead(without), 3 * 2);
    ck_assert_uint_eq(net_param_total(net, false), net_param_total(without, false) + 48608);
    ck_assert(net_multiply_adds(net) > net_multiply_adds(without));
    net_free(net);
    net_free(without);
}
END_TEST

/* Its output is a sum without terms; of all before it, nothing reaches the logits. */
START_TEST(a_cell_without_a_path_yields_zeros)
{
    struct net *net = build("000000", 1, 16, 10, 32);
    size_t first = count_dead(net);
    ck_assert_uint_eq(first + 4, net->op_count);
    ck_assert(net->ops[first].kind == NET_SUM && net->ops[first].term_count == 0);
    for (size_t i = 0; i < net->op_count; i++)
        ck_assert(net->ops[i].live == (i >= first));
    net_free(net);
}
END_TEST

/* ---- state ---- */

START_TEST(a_network_begins_as_pytorch_begins_and_the_same_each_time)
{
    struct net *net = build("333333", 1, 16, 10, 32);
    struct net_state state = net_state_new(net), again = net_state_new(net);
    struct rng rng = rng_seed(1);
    net_initialise(net, &state, &rng);
    net_initialise(net, &again, &rng);
    ck_assert_mem_eq(state.params, again.params, net->param_size * sizeof(float));
    for (size_t i = 0; i < net->param_count; i++) {
        const struct net_param *param = &net->params[i];
        const float *values = &state.params[param->offset];
        double bound = 1 / sqrt(param->fan_in), largest = 0, sum = 0;
        for (size_t j = 0; j < param->count; j++) {
            largest = fmax(largest, fabs((double)values[j]));
            sum += (double)values[j];
        }
        if (param->init != NET_UNIFORM)
            ck_assert_double_eq(sum, param->init == NET_ONES ? (double)param->count : 0);
        else if (param->count > 400)
            ck_assert(largest <= bound && largest > .98 * bound &&
                      fabs(sum / (double)param->count) < .2 * bound);
    }
    for (size_t i = 0; i < net->norm_count; i++) {
        size_t channels = (size_t)net->norms[i].channels, stat = net->norms[i].stat;
        ck_assert_float_eq(state.stats[stat + channels - 1], 0);
        ck_assert_float_eq(state.stats[stat + channels], 1);
        ck_assert_float_eq(state.stats[stat + 2 * channels - 1], 1);
    }
    net_state_free(&state);
    net_state_free(&again);
    net_free(net);
}
END_TEST

/* ---- what there is none of ---- */

static const struct {
    struct net_setting setting;
    const char *error;
} bad[] = {
    {{.image = {3, 30, 32}, .classes = 10, .cells = 5, .channels = 16},
     "images are 30 x 32, expected multiples of 4: nas-bench-201 halves them twice"},
    {{.image = {3, 32, 32}, .classes = 10, .cells = 5, .channels = 16, .auxiliary = true},
     "nas-bench-201 has no auxiliary head"},
    {{.image = {3, 32, 32}, .classes = 10, .cells = 5, .channels = 16, .imagenet = true},
     "nas-bench-201 has no network for ImageNet's mobile setting"},
};

START_TEST(a_setting_without_a_network_is_refused)
{
    const struct space *space = space_find("nas-bench-201");
    struct arch arch = {0};
    struct err err = {0};
    ck_assert_ptr_null(network_build(space, &arch, &bad[_i].setting, &err));
    ck_assert_str_eq(err.text, bad[_i].error);
}
END_TEST

START_TEST(a_space_without_networks_is_refused)
{
    struct space space = {.name = "letters"};
    struct net_setting setting = {0};
    struct arch arch = {0};
    struct err err = {0};
    ck_assert_ptr_null(network_build(&space, &arch, &setting, &err));
    ck_assert_str_eq(err.text, "letters has no network that could be trained");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("net");
    TCase *net = tcase_create("net");
    tcase_add_loop_test(net, every_cell_of_nas_bench_201_has_the_tables_parameters_and_flops, 0, 3);
    tcase_add_test(net, parameters_have_upstreams_order_names_and_shapes);
    tcase_add_test(net, what_leads_nowhere_is_dead_but_counted);
    tcase_add_test(net, a_cell_without_a_path_yields_zeros);
    tcase_add_test(net, a_network_begins_as_pytorch_begins_and_the_same_each_time);
    tcase_add_loop_test(net, a_setting_without_a_network_is_refused, 0,
                        sizeof(bad) / sizeof(bad[0]));
    tcase_add_test(net, a_space_without_networks_is_refused);
    suite_add_tcase(suite, net);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
