/* NAS-Bench-201's network (Dong and Yang 2020; upstream's cell_infers/tiny_network.py): a stem,
 * three stages of N cells with C, 2 C and 4 C channels, a residual block of stride 2 between
 * stages. TransNAS-Bench-101's cell is trained in the same skeleton here. */
#include "space/cell.h"
#include "train/networks.h"

enum { STAGES = 3, NODES = 4 };

/* ReLU, convolution and batch norm: a term of the sum that follows. */
static struct net_term add_conv(struct net *net, int input, int channels, int kernel, int stride,
                                const char *name)
{
    struct net_conv conv = {.channels = channels,
                            .kernel = kernel,
                            .stride = stride,
                            .padding = kernel / 2,
                            .relu = true};
    int output = net_add_conv(net, input, conv, net_name("%s.op.1", name).text);
    return net_normed(net, output, true, net_name("%s.op.2", name).text);
}

/* Adds what the edge is to terms, if it is anything. */
static int add_edge(struct net *net, int input, int operation, const char *name,
                    struct net_term *term)
{
    int channels = net->tensors[input].C;
    switch ((enum cell_operation)operation) {
    case CELL_NONE:
        return 0;
    case CELL_SKIP:
        *term = net_plain(input);
        return 1;
    case CELL_CONV_1X1:
        *term = add_conv(net, input, channels, 1, 1, name);
        return 1;
    case CELL_CONV_3X3:
        *term = add_conv(net, input, channels, 3, 1, name);
        return 1;
    case CELL_POOL_3X3:
        *term = net_plain(net_add_pool(net, NET_AVG_POOL, input, false, 3, 1, 1));
        return 1;
    }
    return 0;
}

static int add_cell(struct net *net, int input, const struct arch *arch, int number)
{
    int nodes[NODES] = {input}, edge = 0;
    for (int node = 1; node < NODES; node++) {
        struct net_term terms[NODES];
        int count = 0;
        for (int source = 0; source < node; source++, edge++)
            count += add_edge(net, nodes[source], arch->choice[edge],
                              net_name("cells.%d.layers.%d", number, edge).text, &terms[count]);
        nodes[node] = net_add_sum(net, net->tensors[input], terms, count);
    }
    return nodes[NODES - 1];
}

static int add_residual_block(struct net *net, int input, int channels, int number)
{
    struct net_term a =
        add_conv(net, input, channels, 3, 2, net_name("cells.%d.conv_a", number).text);
    struct net_term b = add_conv(net, net_add_alone(net, a), channels, 3, 1,
                                 net_name("cells.%d.conv_b", number).text);
    int halved = net_add_pool(net, NET_AVG_POOL, input, false, 2, 2, 0);
    int shortcut = net_add_conv(net, halved, (struct net_conv){.channels = channels, .kernel = 1},
                                net_name("cells.%d.downsample.1", number).text);
    return net_add_sum(net, net->tensors[shortcut], (struct net_term[]){net_plain(shortcut), b}, 2);
}

static int add_normed(struct net *net, int input, const char *name)
{
    return net_add_alone(net, net_normed(net, input, true, name));
}

static bool check_setting(const struct space *space, const struct net_setting *setting,
                          struct err *err)
{
    struct shape image = setting->image;
    if (setting->auxiliary || setting->imagenet)
        return err_set(err, ERR_INPUT, "%s has no %s", space->name,
                       setting->auxiliary ? "auxiliary head"
                                          : "network for ImageNet's mobile setting");
    if (image.H < 4 || image.W < 4 || image.H % 4 || image.W % 4)
        return err_set(err, ERR_INPUT,
                       "images are %d x %d, expected multiples of 4: %s halves them twice", image.H,
                       image.W, space->name);
    return true;
}

struct net *cellnet_build(const struct space *space, const struct arch *arch,
                          const struct net_setting *setting, struct err *err)
{
    if (!check_setting(space, setting, err))
        return NULL;
    struct net *net = net_new(setting->image, setting->classes);
    struct net_conv stem = {.channels = setting->channels, .kernel = 3, .padding = 1};
    int at = add_normed(net, net_add_conv(net, 0, stem, "stem.0"), "stem.1"), number = 0;
    for (int stage = 0; stage < STAGES; stage++) {
        if (stage)
            at = add_residual_block(net, at, setting->channels << stage, number++);
        for (int i = 0; i < setting->cells; i++)
            at = add_cell(net, at, arch, number++);
    }
    at = net_add_mean(net, add_normed(net, at, "lastact.0"), true);
    net_finish(net, net_add_linear(net, at, setting->classes, "classifier"), -1);
    return net;
}
