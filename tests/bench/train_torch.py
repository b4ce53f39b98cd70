"""Images a second of whole training steps by PyTorch, on pictures of noise; as train_step.c prints:

    train_torch.py SPACE ARCHITECTURE [SETTINGS]

SETTINGS are JSON; DEFAULTS below has all. layout: nchw or channels_last; way: eager, compile
(torch.compile), graph (the whole step as one CUDA graph) or compile_graph; precision: fp32, tf32, or
bf16 by autocast.
The networks are those of the benchmarks' own code, without auxiliary head. On a GPU the images lie
there, are not augmented, and no step waits for the one before: seki augments them in the step and reads
each step's loss."""
import collections
import contextlib
import json
import multiprocessing
import resource
import sys
import time

import torch
from torch import nn


def conv_norm(inputs, outputs, kernel, stride=1):
    return nn.Sequential(nn.ReLU(), nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
                         nn.BatchNorm2d(outputs))


# ---- NAS-Bench-201 ----

class Cell(nn.Module):
    def __init__(self, text, channels):
        super().__init__()
        self.edges = nn.ModuleList()
        self.nodes = []
        operations = {"nor_conv_3x3": lambda: conv_norm(channels, channels, 3),
                      "nor_conv_1x1": lambda: conv_norm(channels, channels, 1),
                      "avg_pool_3x3": lambda: nn.AvgPool2d(3, 1, 1, count_include_pad=False),
                      "skip_connect": nn.Identity}
        for node in text.split("+"):
            edges = [edge.split("~") for edge in node.strip("|").split("|")]
            self.nodes.append([(len(self.edges) + i, int(source))
                               for i, (_, source) in enumerate(edges)])
            self.edges.extend(operations[name]() for name, _ in edges)

    def forward(self, x):
        values = [x]
        for edges in self.nodes:
            values.append(sum(self.edges[edge](values[source]) for edge, source in edges))
        return values[-1]


class Residual(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.first, self.second = conv_norm(inputs, outputs, 3, 2), conv_norm(outputs, outputs, 3)
        self.short = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, x):
        return self.second(self.first(x)) + self.short(x)


class CellNet(nn.Module):
    def __init__(self, text, cells, channels):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, channels, 3, padding=1, bias=False),
                                  nn.BatchNorm2d(channels))
        body = []
        for stage in range(3):
            if stage:
                body.append(Residual(channels << (stage - 1), channels << stage))
            body.extend(Cell(text, channels << stage) for _ in range(cells))
        self.body = nn.Sequential(*body)
        self.last = nn.Sequential(nn.BatchNorm2d(4 * channels), nn.ReLU())
        self.classifier = nn.Linear(4 * channels, 10)

    def forward(self, x):
        return self.classifier(self.last(self.body(self.stem(x))).mean((2, 3)))


# ---- DARTS ----

class Reduce(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.halves = nn.ModuleList(nn.Conv2d(inputs, outputs // 2, 1, 2, bias=False) for _ in "ab")
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        x = torch.relu(x)
        return self.norm(torch.cat([self.halves[0](x), self.halves[1](x[:, :, 1:, 1:])], 1))


def depthwise(channels, kernel, stride, dilation):
    return nn.Sequential(nn.ReLU(),
                         nn.Conv2d(channels, channels, kernel, stride, dilation * (kernel - 1) // 2, dilation,
                                   channels, bias=False),
                         nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels))


def darts_operation(name, channels, stride):
    kernel = int(name[-1]) if name[-1].isdigit() else 0
    if name.startswith("sep"):
        return nn.Sequential(depthwise(channels, kernel, stride, 1), depthwise(channels, kernel, 1, 1))
    if name.startswith("dil"):
        return depthwise(channels, kernel, stride, 2)
    if name.startswith("max"):
        return nn.MaxPool2d(3, stride, 1)
    if name.startswith("avg"):
        return nn.AvgPool2d(3, stride, 1, count_include_pad=False)
    return nn.Identity() if stride == 1 else Reduce(channels, channels)


class DartsCell(nn.Module):
    def __init__(self, genes, before, previous, channels, reduces, reduced):
        super().__init__()
        self.first = Reduce(before, channels) if reduced else conv_norm(before, channels, 1)
        self.second = conv_norm(previous, channels, 1)
        self.sources = [source for _, source in genes]
        self.edges = nn.ModuleList(darts_operation(name, channels, 2 if reduces and source < 2 else 1)
                                   for name, source in genes)

    def forward(self, before, previous):
        values = [self.first(before), self.second(previous)]
        for i in range(0, len(self.sources), 2):
            values.append(self.edges[i](values[self.sources[i]]) +
                          self.edges[i + 1](values[self.sources[i + 1]]))
        return torch.cat(values[2:], 1)


class DartsNet(nn.Module):
    def __init__(self, text, cells, channels):
        super().__init__()
        Genotype = collections.namedtuple("Genotype", "normal normal_concat reduce reduce_concat")
        genotype = eval(text, {"Genotype": Genotype, "range": range})
        self.stem = nn.Sequential(nn.Conv2d(3, 3 * channels, 3, padding=1, bias=False),
                                  nn.BatchNorm2d(3 * channels))
        self.cells = nn.ModuleList()
        before = previous = 3 * channels
        reduced = False
        for i in range(cells):
            reduces = i in (cells // 3, 2 * cells // 3)
            channels *= 2 if reduces else 1
            self.cells.append(DartsCell(genotype.reduce if reduces else genotype.normal, before, previous,
                                        channels, reduces, reduced))
            before, previous, reduced = previous, 4 * channels, reduces
        self.classifier = nn.Linear(previous, 10)

    def forward(self, x):
        before = previous = self.stem(x)
        for cell in self.cells:
            before, previous = previous, cell(before, previous)
        return self.classifier(previous.mean((2, 3)))


# ---- steps ----

DEFAULTS = {"cells": 5, "width": 16, "batch": 64, "warmup": 1, "steps": 5, "threads": 2, "layout": "channels_last",
            "way": "eager", "precision": "fp32", "device": "cpu", "device_number": 0, "deterministic": False,
            "processes": 1}


class Training:
    """One network with a batch, on its device; step() trains, wait() returns when that is done."""

    def __init__(self, space, text, how):
        self.how = how
        self.cuda = how["device"] == "cuda"
        device = f"cuda:{how['device_number']}" if self.cuda else "cpu"
        torch.set_num_threads(how["threads"])
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = how["precision"] == "tf32"
        torch.backends.cudnn.benchmark = not how["deterministic"]
        torch.backends.cudnn.deterministic = how["deterministic"]
        layout = {"nchw": torch.contiguous_format, "channels_last": torch.channels_last}[how["layout"]]
        net = (DartsNet if space == "darts" else CellNet)(text, how["cells"], how["width"])
        self.net = net.to(device=device, memory_format=layout)
        self.images = torch.randn(how["batch"], 3, 32, 32).to(device=device, memory_format=layout)
        self.labels = torch.randint(0, 10, (how["batch"],)).to(device)
        fused = {"fused": True} if self.cuda and "fused" in torch.optim.SGD.__init__.__code__.co_varnames else {}
        self.optimiser = torch.optim.SGD(self.net.parameters(), 0.01, 0.9, weight_decay=5e-4, nesterov=True, **fused)
        self.forward = torch.compile(self.net) if how["way"].startswith("compile") else self.net
        self.step = self.capture() if how["way"].endswith("graph") else self.eager

    def eager(self):
        self.optimiser.zero_grad(set_to_none=True)
        bf16 = self.how["precision"] == "bf16"
        with torch.autocast(self.how["device"], torch.bfloat16) if bf16 else contextlib.nullcontext():
            loss = nn.functional.cross_entropy(self.forward(self.images), self.labels)
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 5)
        self.optimiser.step()

    def capture(self):
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):
                self.eager()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.eager()
        return graph.replay

    def wait(self):
        if self.cuda:
            torch.cuda.synchronize(self.how["device_number"])

    def memory_mb(self):
        return torch.cuda.max_memory_allocated(self.how["device_number"]) / 2**20 if self.cuda else 0


def measure(space, text, how, barrier, laps, number):
    training = Training(space, text, how)
    for _ in range(how["warmup"]):
        training.step()
    training.wait()
    if barrier:
        barrier.wait()
    begin, seconds = time.monotonic(), []
    for _ in range(how["steps"]):
        start = time.monotonic()
        training.step()
        if not training.cuda:
            seconds.append(time.monotonic() - start)
    training.wait()
    end = time.monotonic()
    middle = sorted(seconds)[len(seconds) // 2] if seconds else (end - begin) / how["steps"]
    laps[number] = (begin, end, middle, training.memory_mb(),
                    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def measure_all(space, text, how):
    count = how["processes"]
    if count == 1:
        laps = {}
        measure(space, text, how, None, laps, 0)
        return list(laps.values())
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager:
        laps, barrier = manager.dict(), context.Barrier(count)
        processes = [context.Process(target=measure, args=(space, text, how, barrier, laps, i))
                     for i in range(count)]
        for process in processes:
            process.start()
        while any(process.is_alive() for process in processes):
            time.sleep(0.05)
            if any(process.exitcode for process in processes):
                barrier.abort()
        return list(laps.values()) if len(laps) == count else sys.exit("train_torch: a process failed")


def main():
    space, text, *settings = sys.argv[1:]
    how = dict(DEFAULTS, **json.loads(settings[0] if settings else "{}"))
    unknown = set(how) - set(DEFAULTS)
    if unknown:
        sys.exit(f"train_torch: {sorted(unknown)}: unknown settings, expected some of {list(DEFAULTS)}")
    laps = measure_all(space, text, how)
    elapsed = max(lap[1] for lap in laps) - min(lap[0] for lap in laps)
    print(f"{sum(how['batch'] / lap[2] for lap in laps):.2f} {sum(lap[4] for lap in laps):.0f} "
          f"{how['batch'] * how['steps'] * len(laps) / elapsed:.2f} {sum(lap[3] for lap in laps):.0f}")


if __name__ == "__main__":
    main()
