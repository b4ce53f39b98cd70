"""Images a second of whole training steps by PyTorch, on pictures of noise; as train_step.c prints:

    train_torch.py SPACE ARCHITECTURE CELLS CHANNELS BATCH STEPS THREADS LAYOUT

LAYOUT: nchw or channels_last. The networks are those of the benchmarks' own code, without
auxiliary head."""
import collections
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

def main():
    space, text, *numbers, layout = sys.argv[1:]
    cells, channels, batch, steps, threads = map(int, numbers)
    torch.set_num_threads(threads)
    net = (DartsNet if space == "darts" else CellNet)(text, cells, channels)
    images, labels = torch.randn(batch, 3, 32, 32), torch.randint(0, 10, (batch,))
    if layout == "channels_last":
        net = net.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(net.parameters(), 0.01, 0.9, weight_decay=5e-4, nesterov=True)
    seconds = []
    for _ in range(steps + 1):
        start = time.monotonic()
        optimiser.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(net(images), labels).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        optimiser.step()
        seconds.append(time.monotonic() - start)
    middle = sorted(seconds[1:])[steps // 2]
    print(f"{batch / middle:.2f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}")


main()
