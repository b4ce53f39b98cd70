/* DARTS's network for evaluation (Liu, Simonyan and Yang 2019; upstream's cnn/model.py):
 * NetworkCIFAR and, for the mobile setting of ImageNet, NetworkImageNet. Pools have no batch norm
 * here, other than in upstream's network for search. */
#include "space/darts.h"
#include "train/networks.h"

enum { STEM_MULTIPLIER = 3, HEAD_SQUEEZED = 128, HEAD_CHANNELS = 768, HEAD_POOL = 5 };

static int add_conv_norm(struct net *net, int input, struct net_conv conv, const char *conv_name,
                         const char *norm_name)
{
    int output = net_add_conv(net, input, conv, conv_name);
    return net_add_alone(net, net_normed(net, output, true, norm_name));
}

/* Upstream's FactorizedReduce: half of the channels from the even pixels, half from the odd. */
static struct net_term factorized_reduce(struct net *net, int input, int channels, bool affine,
                                         const char *name)
{
    struct net_conv conv = {.channels = channels / 2, .kernel = 1};
    int even = net_add_conv(net, net_add_subsample(net, input, true, 0), conv,
                            net_name("%s.conv_1", name).text);
    int odd = net_add_conv(net, net_add_subsample(net, input, true, 1), conv,
                           net_name("%s.conv_2", name).text);
    int both = net_add_concat(net, (int[]){even, odd}, 2);
    return net_normed(net, both, affine, net_name("%s.bn", name).text);
}

/* ReLU, a depthwise convolution, a pointwise one and batch norm: the modules of name from first. */
static struct net_term separable(struct net *net, int input, struct net_conv depthwise, bool affine,
                                 const char *name, int first)
{
    struct net_conv pointwise = {.channels = depthwise.channels, .kernel = 1};
    depthwise.relu = true;
    depthwise.groups = depthwise.channels;
    int deep = net_add_conv(net, input, depthwise, net_name("%s.op.%d", name, first).text);
    int wide = net_add_conv(net, deep, pointwise, net_name("%s.op.%d", name, first + 1).text);
    return net_normed(net, wide, affine, net_name("%s.op.%d", name, first + 2).text);
}

static struct net_term sep_conv(struct net *net, int input, int kernel, int stride, bool affine,
                                const char *name)
{
    struct net_conv conv = {.channels = net->tensors[input].C,
                            .kernel = kernel,
                            .stride = stride,
                            .padding = kernel / 2};
    int half = net_add_alone(net, separable(net, input, conv, affine, name, 1));
    conv.stride = 1;
    return separable(net, half, conv, affine, name, 5);
}

static struct net_term dil_conv(struct net *net, int input, int kernel, int stride, bool affine,
                                const char *name)
{
    struct net_conv conv = {.channels = net->tensors[input].C,
                            .kernel = kernel,
                            .stride = stride,
                            .padding = kernel - 1,
                            .dilation = 2};
    return separable(net, input, conv, affine, name, 1);
}

static struct net_term operation(struct net *net, int input, enum darts_operation operation,
                                 int stride, bool affine, const char *name)
{
    switch (operation) {
    case DARTS_MAX_POOL_3X3:
        return net_plain(net_add_pool(net, NET_MAX_POOL, input, false, 3, stride, 1));
    case DARTS_AVG_POOL_3X3:
        return net_plain(net_add_pool(net, NET_AVG_POOL, input, false, 3, stride, 1));
    case DARTS_SEP_CONV_3X3:
        return sep_conv(net, input, 3, stride, affine, name);
    case DARTS_SEP_CONV_5X5:
        return sep_conv(net, input, 5, stride, affine, name);
    case DARTS_DIL_CONV_3X3:
        return dil_conv(net, input, 3, stride, affine, name);
    case DARTS_DIL_CONV_5X5:
        return dil_conv(net, input, 5, stride, affine, name);
    case DARTS_SKIP:
    case DARTS_OPERATIONS:
        break;
    }
    return stride == 1 ? net_plain(input)
                       : factorized_reduce(net, input, net->tensors[input].C, affine, name);
}

/* An edge into a node, which drop path may cut unless it is the identity. */
static struct net_term add_edge(struct net *net, const struct darts_edge *edge, int input,
                                bool reduction, bool affine, const char *name)
{
    int stride = reduction && edge->source < DARTS_INPUTS ? 2 : 1;
    struct net_term term = operation(net, input, edge->operation, stride, affine, name);
    return term.tensor == input ? term : net_dropped(net, term);
}

/* What the cells so far came to. */
struct stack {
    struct net *net;
    bool affine;   /* of the batch norms in cells' operations */
    int s0, s1;    /* outputs of the last cell but one, and of the last */
    bool shrunken; /* the last cell halved the image, so s0 is twice as large as s1 */
    int channels;  /* C of the next cell */
    int number;    /* of the next cell */
};

static int preprocess(struct stack *stack, int input, int which, bool shrink)
{
    struct net *net = stack->net;
    struct net_name name = net_name("cells.%d.preprocess%d", stack->number, which);
    struct net_conv conv = {.channels = stack->channels, .kernel = 1, .relu = true};
    if (shrink)
        return net_add_alone(net, factorized_reduce(net, input, stack->channels, true, name.text));
    return add_conv_norm(net, input, conv, net_name("%s.op.1", name.text).text,
                         net_name("%s.op.2", name.text).text);
}

static void add_cell(struct stack *stack, const struct darts_cell *cell, bool reduction)
{
    struct net *net = stack->net;
    int nodes[DARTS_INPUTS + DARTS_NODES];
    nodes[0] = preprocess(stack, stack->s0, 0, stack->shrunken);
    nodes[1] = preprocess(stack, stack->s1, 1, false);
    for (int node = 0; node < DARTS_NODES; node++) {
        struct net_term terms[DARTS_EDGES];
        for (int i = 0; i < DARTS_EDGES; i++) {
            const struct darts_edge *edge = &cell->edges[node][i];
            struct net_name name =
                net_name("cells.%d._ops.%d", stack->number, node * DARTS_EDGES + i);
            terms[i] =
                add_edge(net, edge, nodes[edge->source], reduction, stack->affine, name.text);
        }
        nodes[DARTS_INPUTS + node] =
            net_add_sum(net, net->tensors[terms[0].tensor], terms, DARTS_EDGES);
    }
    stack->s0 = stack->s1;
    stack->s1 = net_add_concat(net, nodes + DARTS_INPUTS, DARTS_NODES);
    stack->shrunken = reduction;
    stack->number++;
}

static void add_cifar_stem(struct stack *stack)
{
    struct net_conv conv = {
        .channels = STEM_MULTIPLIER * stack->channels, .kernel = 3, .padding = 1};
    stack->s0 = stack->s1 = add_conv_norm(stack->net, 0, conv, "stem.0", "stem.1");
}

static void add_imagenet_stem(struct stack *stack)
{
    struct net *net = stack->net;
    struct net_conv conv = {
        .channels = stack->channels / 2, .kernel = 3, .stride = 2, .padding = 1};
    int half = add_conv_norm(net, 0, conv, "stem0.0", "stem0.1");
    conv.channels = stack->channels;
    conv.relu = true;
    stack->s0 = add_conv_norm(net, half, conv, "stem0.3", "stem0.4");
    stack->s1 = add_conv_norm(net, stack->s0, conv, "stem1.1", "stem1.2");
    stack->shrunken = true;
}

static int head_stride(bool imagenet)
{
    return imagenet ? 2 : 3;
}

/* The auxiliary classifier. ImageNet's has no batch norm after its second convolution: upstream
 * left it out by mistake, and keeps it so. */
static int add_head(struct net *net, int input, int classes, bool imagenet)
{
    struct net_conv squeeze = {.channels = HEAD_SQUEEZED, .kernel = 1};
    struct net_conv flatten = {.channels = HEAD_CHANNELS, .kernel = 2, .relu = true};
    int at = net_add_pool(net, NET_AVG_POOL, input, true, HEAD_POOL, head_stride(imagenet), 0);
    at = add_conv_norm(net, at, squeeze, "auxiliary_head.features.2", "auxiliary_head.features.3");
    at = imagenet ? net_add_conv(net, at, flatten, "auxiliary_head.features.5")
                  : add_conv_norm(net, at, flatten, "auxiliary_head.features.5",
                                  "auxiliary_head.features.6");
    at = net_add_mean(net, at, true); /* of one pixel: itself */
    return net_add_linear(net, at, classes, "auxiliary_head.classifier");
}

/* Where the reduction cells are: at one and two thirds of the depth. */
static bool is_reduction(const struct net_setting *setting, int cell)
{
    return cell == setting->cells / 3 || cell == 2 * setting->cells / 3;
}

/* Whether the head's pooling leaves of so many pixels the 2 that its second convolution takes. */
static bool head_fits(int pixels, bool imagenet)
{
    return (pixels - HEAD_POOL) / head_stride(imagenet) == 1;
}

static bool check_setting(const struct net_setting *setting, struct err *err)
{
    struct shape image = setting->image;
    bool imagenet = setting->imagenet;
    int multiple = imagenet ? 32 : 4;
    int shrunken = (imagenet ? 8 : 1) * (setting->cells < 2 ? 2 : 4); /* by stems and reductions */
    if (image.H < multiple || image.W < multiple || image.H % multiple || image.W % multiple)
        return err_set(err, ERR_INPUT,
                       "images are %d x %d, expected multiples of %d: darts halves them %s times",
                       image.H, image.W, multiple, imagenet ? "five" : "two");
    if (imagenet && setting->channels % 2)
        return err_set(err, ERR_INPUT,
                       "channels is %d, expected an even number: the stem for ImageNet halves it",
                       setting->channels);
    if (setting->auxiliary &&
        !(head_fits(image.H / shrunken, imagenet) && head_fits(image.W / shrunken, imagenet)))
        return err_set(err, ERR_INPUT,
                       "the auxiliary head is for images of %s pixels; found %d x %d, of which it "
                       "would see %d x %d",
                       imagenet ? "224 x 224" : "32 x 32", image.H, image.W, image.H / shrunken,
                       image.W / shrunken);
    return true;
}

struct net *dartsnet_build(const struct space *space, const struct arch *arch,
                           const struct net_setting *setting, struct err *err)
{
    (void)space;
    if (!check_setting(setting, err))
        return NULL;
    const struct darts_cell normal = darts_cell(arch, false), reduce = darts_cell(arch, true);
    struct net *net = net_new(setting->image, setting->classes);
    struct stack stack = {.net = net, .affine = setting->affine, .channels = setting->channels};
    int aside = -1, head = -1;
    (setting->imagenet ? add_imagenet_stem : add_cifar_stem)(&stack);
    for (int i = 0; i < setting->cells; i++) {
        bool reduction = is_reduction(setting, i);
        stack.channels *= reduction ? 2 : 1;
        add_cell(&stack, reduction ? &reduce : &normal, reduction);
        if (i == 2 * setting->cells / 3)
            aside = stack.s1;
    }
    if (setting->auxiliary)
        head = add_head(net, aside, setting->classes, setting->imagenet);
    int mean = net_add_mean(net, stack.s1, false);
    net_finish(net, net_add_linear(net, mean, setting->classes, "classifier"), head);
    return net;
}
