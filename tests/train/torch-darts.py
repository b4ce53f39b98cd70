#!/usr/bin/env python3
"""Makes torch-darts.json: figures of a small DARTS network, computed by PyTorch with upstream's own
modules, for check_torch_darts to compare with.

    git clone https://github.com/quark0/darts      # made with commit f276dd3
    tests/train/torch-darts.py darts/cnn >tests/train/torch-darts.json   # needs python3-torch

Weights, images, labels and what drop path drops are drawn by a formula that the test has too.
Upstream's drop_path() wants a GPU and its module torchvision: that one function is our own."""
import json
import math
import sys
import types

import numpy
import torch

BATCH, CLASSES, CELLS, CHANNELS, STEPS = 6, 10, 4, 4, 5
LEARNING_RATE, MOMENTUM, DECAY, CLIP, SMOOTHING, AUXILIARY, DROP = 0.025, 0.9, 3e-4, 1.0, 0.1, 0.4, 0.3
# Edges of a node by their source, as our space has them: parameters stand in that order.
NORMAL = [("sep_conv_5x5", 0), ("sep_conv_3x3", 1), ("skip_connect", 0), ("dil_conv_3x3", 2),
          ("max_pool_3x3", 1), ("dil_conv_5x5", 3), ("avg_pool_3x3", 0), ("sep_conv_3x3", 4)]
REDUCE = [("max_pool_3x3", 0), ("skip_connect", 1), ("dil_conv_5x5", 1), ("sep_conv_3x3", 2),
          ("avg_pool_3x3", 0), ("skip_connect", 2), ("dil_conv_3x3", 0), ("sep_conv_5x5", 1)]


def mix(x):
    """MurmurHash3's finaliser, of 32-bit numbers."""
    x = numpy.asarray(x, dtype=numpy.uint64) & numpy.uint64(0xFFFFFFFF)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        x = ((x ^ (x >> numpy.uint64(shift))) * numpy.uint64(factor)) & numpy.uint64(0xFFFFFFFF)
    return x


def draw(stream, first, count):
    """Numbers in [0, 1) with 24 bits."""
    index = numpy.arange(first, first + count, dtype=numpy.uint64) + mix(stream)
    return (mix(index) >> numpy.uint64(8)).astype(numpy.float64) / 2**24


def float32(values):
    return torch.from_numpy(numpy.asarray(values, dtype=numpy.float64).astype(numpy.float32))


def fill(model):
    """Sets the parameters, in order."""
    modules = dict(model.named_modules())
    offset = 0
    for name, parameter in model.named_parameters():
        module, part = name.rsplit(".", 1)
        unit = 2 * draw(1, offset, parameter.numel()) - 1
        if isinstance(modules[module], torch.nn.BatchNorm2d):
            values = unit / 4 + (1 if part == "weight" else 0)
        else:
            weight = modules[module].weight
            values = unit / math.sqrt(weight[0].numel())
        parameter.data = float32(values).reshape(parameter.shape)
        offset += parameter.numel()


def signed_sum(values):
    sign = 1 - 2 * ((numpy.arange(len(values), dtype=numpy.uint64) * numpy.uint64(2654435761)
                     >> numpy.uint64(31)) & numpy.uint64(1)).astype(numpy.float64)
    return float((values * sign).sum())


def smoothed(logits, labels):
    """CrossEntropyLabelSmooth of upstream's train_imagenet.py."""
    log_probs = torch.log_softmax(logits, 1)
    targets = torch.zeros_like(log_probs).scatter_(1, labels.unsqueeze(1), 1)
    targets = (1 - SMOOTHING) * targets + SMOOTHING / CLASSES
    return (-targets * log_probs).mean(0).sum()


def flat(tensor):
    return tensor.detach().numpy().flatten()  # a copy


class Drops:
    """Takes the place of upstream's drop_path(): its calls come in the order of the net's paths."""

    def __init__(self):
        self.step = self.calls = 0

    def __call__(self, x, probability):
        drawn = draw(4 + self.step, self.calls * BATCH, BATCH)
        kept = numpy.float64(numpy.float32(1 / (1 - probability)))
        scale = torch.from_numpy(numpy.where(drawn < probability, 0, kept)).to(x.dtype)
        self.calls += 1
        return x * scale.reshape(-1, 1, 1, 1)


def walk(model, images, labels, drops, figures):
    """All steps, and an evaluation."""
    optimizer = torch.optim.SGD(model.parameters(), LEARNING_RATE, momentum=MOMENTUM,
                                weight_decay=DECAY)
    figures["loss"] = []
    model.train()
    for step in range(STEPS):
        drops.step, drops.calls = step, 0
        optimizer.zero_grad()
        logits, auxiliary = model(images)
        loss = smoothed(logits, labels) + AUXILIARY * smoothed(auxiliary, labels)
        figures["loss"].append(float(loss))
        loss.backward()
        gradients = [flat(p.grad) for p in model.parameters()]
        norm = float(torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP))
        optimizer.step()
        if step == 0:
            figures.update(paths=drops.calls, logits=flat(logits).tolist(), gradient_norm=norm,
                           tensors=[[name, len(g), float(numpy.sqrt((g * g).sum())), signed_sum(g),
                                     signed_sum(flat(p))]
                                    for (name, p), g in zip(model.named_parameters(), gradients)],
                           statistics=[[float(flat(m.running_mean).sum()), float(flat(m.running_var).sum())]
                                       for m in model.modules()
                                       if isinstance(m, torch.nn.BatchNorm2d)])
    model.eval()
    figures["eval_logits"] = flat(model(images)[0]).tolist()


def main(upstream):
    sys.path.insert(0, upstream)
    sys.stdout, output = sys.stderr, sys.stdout  # upstream prints as it builds
    sys.modules["utils"] = types.ModuleType("utils")
    sys.modules["utils"].drop_path = drops = Drops()
    import genotypes
    import model as darts
    genotype = genotypes.Genotype(NORMAL, range(2, 6), REDUCE, range(2, 6))
    network = darts.NetworkCIFAR(CHANNELS, CLASSES, CELLS, True, genotype)
    network.drop_path_prob = DROP
    fill(network)
    images = float32(4 * draw(2, 0, BATCH * 3 * 32 * 32) - 2).reshape(BATCH, 3, 32, 32)
    labels = torch.from_numpy((draw(3, 0, BATCH) * CLASSES).astype(numpy.int64))
    figures = {"made_with": f"PyTorch {torch.__version__}, quark0/darts",
               "normal": NORMAL, "reduce": REDUCE, "cells": CELLS, "channels": CHANNELS,
               "classes": CLASSES, "batch": BATCH, "learning_rate": LEARNING_RATE,
               "momentum": MOMENTUM, "weight_decay": DECAY, "clip_norm": CLIP,
               "label_smoothing": SMOOTHING, "auxiliary_weight": AUXILIARY, "drop_path": DROP}
    walk(network.double(), images.double(), labels, drops, figures)
    lines = (f" {json.dumps(key)}: " + (json.dumps(value) if key not in ("tensors", "statistics") else
             "[\n  " + ",\n  ".join(map(json.dumps, value)) + "]") for key, value in figures.items())
    output.write("{\n" + ",\n".join(lines) + "\n}\n")


main(sys.argv[1])
