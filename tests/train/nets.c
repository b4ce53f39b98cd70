#include "nets.h"

#include "space/space.h"
#include "train/networks.h"

#include <check.h>

enum { CLASSES = 5, CHANNELS = 4, SIZE = 8 };

/* Images to CHANNELS channels, without ReLU: values of both signs. */
static struct net *begin_at(int size, int *stem)
{
    struct net *net = net_new((struct shape){3, size, size}, CLASSES);
    struct net_conv conv = {.channels = CHANNELS, .kernel = 3, .padding = 1};
    *stem = net_add_conv(net, 0, conv, "stem");
    return net;
}

static struct net *begin(int *stem)
{
    return begin_at(SIZE, stem);
}

static struct net *end(struct net *net, int tensor)
{
    net_finish(net, net_add_linear(net, net_add_mean(net, tensor, true), CLASSES, "classifier"),
               -1);
    return net;
}

static struct net *with_conv(struct net_conv conv)
{
    int stem;
    struct net *net = begin(&stem);
    return end(net, net_add_conv(net, stem, conv, "conv"));
}

static struct net *conv_3x3(void)
{
    return with_conv((struct net_conv){.channels = 6, .kernel = 3, .padding = 1, .relu = true});
}

/* A number of tiles that is odd where they are done two at a time, */
static struct net *conv_3x3_at(int size)
{
    int stem;
    struct net *net = begin_at(size, &stem);
    return end(net,
               net_add_conv(net, stem, (struct net_conv){.channels = 6, .kernel = 3, .padding = 1},
                            "conv"));
}

static struct net *conv_of_nine_tiles(void)
{
    return conv_3x3_at(6);
}

/* and more, 81, than are done in one go. */
static struct net *conv_of_many_tiles(void)
{
    return conv_3x3_at(18);
}

static struct net *conv_1x1(void)
{
    return with_conv((struct net_conv){.channels = 6, .kernel = 1});
}

static struct net *conv_stride_2(void)
{
    return with_conv(
        (struct net_conv){.channels = 6, .kernel = 3, .padding = 1, .stride = 2, .relu = true});
}

static struct net *conv_1x1_stride_2(void)
{
    return with_conv((struct net_conv){.channels = 6, .kernel = 1, .stride = 2, .relu = true});
}

static struct net *conv_depthwise(void)
{
    return with_conv((struct net_conv){
        .channels = CHANNELS, .kernel = 5, .padding = 2, .groups = CHANNELS, .relu = true});
}

static struct net *conv_dilated(void)
{
    return with_conv((struct net_conv){.channels = CHANNELS,
                                       .kernel = 5,
                                       .padding = 4,
                                       .dilation = 2,
                                       .groups = CHANNELS,
                                       .relu = true});
}

static struct net *conv_dilated_stride_2(void)
{
    return with_conv((struct net_conv){
        .channels = 6, .kernel = 3, .padding = 2, .dilation = 2, .groups = 2, .stride = 2});
}

static struct net *conv_no_padding(void)
{
    return with_conv((struct net_conv){.channels = 6, .kernel = 2, .relu = true});
}

static struct net *with_pool(enum net_kind kind, bool relu, int kernel, int stride, int padding)
{
    int stem;
    struct net *net = begin(&stem);
    return end(net, net_add_pool(net, kind, stem, relu, kernel, stride, padding));
}

static struct net *max_pool(void)
{
    return with_pool(NET_MAX_POOL, false, 3, 1, 1);
}

static struct net *max_pool_stride_2(void)
{
    return with_pool(NET_MAX_POOL, false, 3, 2, 1);
}

static struct net *average_pool(void)
{
    return with_pool(NET_AVG_POOL, false, 3, 1, 1);
}

static struct net *average_pool_stride_2(void)
{
    return with_pool(NET_AVG_POOL, false, 3, 2, 1);
}

static struct net *average_pool_2x2(void)
{
    return with_pool(NET_AVG_POOL, false, 2, 2, 0);
}

static struct net *average_pool_5x5_after_relu(void)
{
    return with_pool(NET_AVG_POOL, true, 5, 3, 0);
}

/* DARTS' factorised reduction. */
static struct net *subsamples_joined(void)
{
    int stem, halves[2];
    struct net *net = begin(&stem);
    for (int i = 0; i < 2; i++) {
        struct net_conv conv = {.channels = 3, .kernel = 1};
        halves[i] = net_add_conv(net, net_add_subsample(net, stem, true, i), conv,
                                 net_name("half.%d", i).text);
    }
    struct net_term term = net_normed(net, net_add_concat(net, halves, 2), true, "norm");
    return end(net, net_add_sum(net, (struct shape){6, SIZE / 2, SIZE / 2}, &term, 1));
}

static struct net *sum_of_all_kinds(void)
{
    int stem;
    struct net *net = begin(&stem);
    struct net_conv conv = {.channels = CHANNELS, .kernel = 1, .relu = true};
    int other = net_add_conv(net, stem, conv, "other");
    struct net_term terms[] = {
        net_plain(stem),
        net_normed(net, other, true, "affine"),
        net_normed(net, stem, false, "plain"),
        net_dropped(net, net_plain(other)),
        net_dropped(net, net_normed(net, other, true, "dropped")),
        net_dropped(net, net_normed(net, stem, false, "dropped too")),
    };
    return end(net, net_add_sum(net, net->tensors[stem], terms, sizeof(terms) / sizeof(*terms)));
}

/* A sum without terms, in a sum and on its own, and an operator that leads nowhere. */
static struct net *sum_of_nothing(void)
{
    int stem;
    struct net *net = begin(&stem);
    struct shape shape = net->tensors[stem];
    int nothing = net_add_sum(net, shape, NULL, 0);
    struct net_conv conv = {.channels = CHANNELS, .kernel = 3, .padding = 1};
    struct net_term dead =
        net_normed(net, net_add_conv(net, stem, conv, "dead"), true, "dead norm");
    net_add_sum(net, shape, &dead, 1);
    struct net_term terms[] = {net_normed(net, nothing, true, "nothing"), net_plain(stem)};
    int both[] = {net_add_sum(net, shape, terms, 2), nothing};
    return end(net, net_add_concat(net, both, 2));
}

/* One tensor that many read, twice in one sum. */
static struct net *tensor_read_often(void)
{
    int stem;
    struct net *net = begin(&stem);
    struct net_term twice[] = {net_plain(stem), net_plain(stem)};
    int tensors[] = {net_add_sum(net, net->tensors[stem], twice, 2), stem,
                     net_add_pool(net, NET_MAX_POOL, stem, false, 3, 1, 1)};
    return end(net, net_add_concat(net, tensors, 3));
}

static struct net *auxiliary_head(void)
{
    int stem;
    struct net *net = begin(&stem);
    struct net_conv conv = {.channels = 6, .kernel = 2, .relu = true};
    int pooled = net_add_pool(net, NET_AVG_POOL, stem, true, 5, 3, 0);
    struct net_term term = net_normed(net, net_add_conv(net, stem, conv, "trunk"), true, "norm");
    int trunk = net_add_alone(net, term);
    int side = net_add_conv(net, pooled, (struct net_conv){.channels = 3, .kernel = 2}, "side");
    int auxiliary = net_add_linear(net, side, CLASSES, "auxiliary");
    net_finish(net, net_add_linear(net, net_add_mean(net, trunk, true), CLASSES, "classifier"),
               auxiliary);
    return net;
}

static struct net *cell_net(const char *digits)
{
    const struct space *space = space_find("nas-bench-201");
    const struct net_setting setting = {
        .image = {3, SIZE, SIZE}, .classes = CLASSES, .cells = 1, .channels = 2};
    struct arch arch;
    struct err err = {0};
    ck_assert_msg(space_read(space, digits, &arch, &err), "%s", err.text);
    struct net *net = network_build(space, &arch, &setting, &err);
    ck_assert_msg(net != NULL, "%s", err.text);
    return net;
}

static struct net *cell_of_all_operations(void)
{
    return cell_net("321432");
}

static struct net *cell_with_dead_edges(void)
{
    return cell_net("340103");
}

static struct net *darts_net(int size, bool auxiliary, bool imagenet, bool is_affine)
{
    static const char genotype[] =
        "Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_5x5', 0), ('skip_connect', 0), "
        "('dil_conv_3x3', 2), ('max_pool_3x3', 1), ('dil_conv_5x5', 3), ('avg_pool_3x3', 0), "
        "('sep_conv_3x3', 4)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
        "('skip_connect', 1), ('dil_conv_5x5', 1), ('sep_conv_3x3', 2), ('avg_pool_3x3', 0), "
        "('skip_connect', 2), ('sep_conv_5x5', 1), ('dil_conv_3x3', 0)], "
        "reduce_concat=[2, 3, 4, 5])";
    const struct space *space = space_find("darts");
    const struct net_setting setting = {.image = {3, size, size},
                                        .classes = CLASSES,
                                        .cells = 3,
                                        .channels = 2,
                                        .auxiliary = auxiliary,
                                        .imagenet = imagenet,
                                        .affine = is_affine};
    struct arch arch;
    struct err err = {0};
    ck_assert_msg(space_read(space, genotype, &arch, &err), "%s", err.text);
    struct net *net = network_build(space, &arch, &setting, &err);
    ck_assert_msg(net != NULL, "%s", err.text);
    return net;
}

static struct net *darts(void)
{
    return darts_net(SIZE, false, false, false);
}

static struct net *darts_with_head(void)
{
    return darts_net(32, true, false, true);
}

static struct net *darts_for_imagenet(void)
{
    return darts_net(32, false, true, true);
}

/* bfloat16 has eight bits: up to 0.4 % in each of some dozen roundings, one behind the other. In a
 * whole network of four channels and six images each rounding also moves what ReLU lets through and
 * what batch norms divide by; that it is a gradient downhill is what is left to ask. */
#define OPERATOR 0.03
#define NETWORK  0.35

const struct small_net small_nets[] = {
    {"3x3 convolution", conv_3x3, OPERATOR},
    {"3x3 convolution of nine tiles", conv_of_nine_tiles, OPERATOR},
    {"3x3 convolution of many tiles", conv_of_many_tiles, OPERATOR},
    {"1x1 convolution", conv_1x1, OPERATOR},
    {"3x3 convolution of stride 2", conv_stride_2, OPERATOR},
    {"1x1 convolution of stride 2", conv_1x1_stride_2, OPERATOR},
    {"depthwise convolution", conv_depthwise, OPERATOR},
    {"dilated depthwise convolution", conv_dilated, OPERATOR},
    {"dilated convolution in two groups of stride 2", conv_dilated_stride_2, OPERATOR},
    {"2x2 convolution without padding", conv_no_padding, OPERATOR},
    {"max pool", max_pool, OPERATOR},
    {"max pool of stride 2", max_pool_stride_2, OPERATOR},
    {"average pool", average_pool, OPERATOR},
    {"average pool of stride 2", average_pool_stride_2, OPERATOR},
    {"2x2 average pool", average_pool_2x2, OPERATOR},
    {"5x5 average pool after ReLU", average_pool_5x5_after_relu, OPERATOR},
    {"factorised reduction", subsamples_joined, 0.05},
    {"sum of all kinds of terms", sum_of_all_kinds, OPERATOR},
    {"sum of nothing", sum_of_nothing, OPERATOR},
    {"tensor that is read often", tensor_read_often, OPERATOR},
    {"auxiliary head", auxiliary_head, OPERATOR},
    {"NAS-Bench-201 cell of all operations", cell_of_all_operations, NETWORK},
    {"NAS-Bench-201 cell with dead edges", cell_with_dead_edges, NETWORK},
    {"DARTS, norms of operations not affine", darts, NETWORK},
    {"DARTS with auxiliary head", darts_with_head, NETWORK},
    {"DARTS for ImageNet", darts_for_imagenet, NETWORK},
};

const int small_net_count = sizeof(small_nets) / sizeof(*small_nets);
