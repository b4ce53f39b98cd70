/* seki network: the network that an architecture is, operator by operator. */
#include "cli/command.h"

#include "train/networks.h"

#include <stdio.h>

static const struct flag flags[] = {
    {"--cells", "N", "cells: of each stage (nas-bench-201: 5), or of all (darts: 20, ImageNet 14)"},
    {"--channels", "C", "channels of the first stage (16; darts: 36, ImageNet 48)"},
    {"--classes", "N", "classes to tell apart (10; ImageNet 1000)"},
    {"--size", "PIXELS", "height and width of an image (32; ImageNet 224)"},
    {"--imagenet", NULL, "darts: the network for ImageNet's mobile setting"},
    {"--auxiliary", NULL, "darts: with the auxiliary head; the sums leave it out"},
    {0},
};

static bool read_setting(const struct arguments *arguments, const struct space *space,
                         struct net_setting *setting, struct err *err)
{
    if (!network_usual(space, arguments_has(arguments, "--imagenet"), setting, err) ||
        !arguments_number(arguments, "--cells", 1, 1000, &setting->cells, err) ||
        !arguments_number(arguments, "--channels", 1, 4096, &setting->channels, err) ||
        !arguments_number(arguments, "--classes", 1, 65535, &setting->classes, err) ||
        !arguments_number(arguments, "--size", 1, 4096, &setting->image.H, err))
        return false;
    setting->image.W = setting->image.H;
    setting->auxiliary = arguments_has(arguments, "--auxiliary");
    return true;
}

static int run(const struct arguments *arguments)
{
    struct err err = {0};
    struct net_setting setting;
    struct arch arch;
    struct net *net = NULL;
    const struct space *space = space_require(arguments->operands[0], &err);
    if (space && space_read(space, arguments->operands[1], &arch, &err) &&
        read_setting(arguments, space, &setting, &err))
        net = network_build(space, &arch, &setting, &err);
    if (!net)
        return command_fail(&err);
    struct str text = {0};
    char digits[ARCH_SLOTS + 1];
    space_digits(space, &arch, digits);
    str_addf(&text, "%s  ", digits);
    space->encode(&arch, &text);
    str_add(&text, "\n\n");
    net_describe(net, &text);
    fputs(text.text, stdout);
    str_free(&text);
    net_free(net);
    return EXIT_DONE;
}

const struct command command_network = {
    .name = "network",
    .operands = "SPACE CELL",
    .summary = "print the network of an architecture, operator by operator",
    .text =
        "With shapes, parameters and multiply-adds of one image. Without flags it is the network "
        "that\n"
        "the space's paper trains for CIFAR-10.",
    .flags = flags,
    .operands_min = 2,
    .operands_max = 2,
    .run = run,
};
