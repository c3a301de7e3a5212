"""The training step of the benchmark in PyTorch: SGD with momentum on a network of the lab's zoo.

Started by the benchmark `training`, which writes the folder: data, labels, the order of samples by epoch, and the
network's parameters at the start. Each line on standard input runs one epoch; each answer is one line of JSON.
"""
import json
import math
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        return functional.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet8(nn.Module):
    def __init__(self, channels, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.layer1 = nn.Sequential(Block(16, 16, 1))
        self.layer2 = nn.Sequential(Block(16, 32, 2))
        self.layer3 = nn.Sequential(Block(32, 64, 2))
        self.logits = nn.Linear(64, classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(functional.relu(self.bn1(self.conv1(x))))))
        return self.logits(x.mean((2, 3)))


class Mlp(nn.Module):
    def __init__(self, inputs, width, depth, classes):
        super().__init__()
        self.depth = depth
        for layer in range(1, depth):
            setattr(self, f"fc{layer}", nn.Linear(inputs if layer == 1 else width, width))
        self.logits = nn.Linear(width, classes)

    def forward(self, x):
        for layer in range(1, self.depth):
            x = functional.relu(getattr(self, f"fc{layer}")(x))
        return self.logits(x)


def network(name, shape, classes):
    return ResNet8(shape[0], classes) if name == "resnet8" else Mlp(shape[0], 100, 5, classes)


def load_parameters(net, folder):
    values = numpy.fromfile(f"{folder}/parameters.bin", numpy.float32)
    parameters = dict(net.named_parameters())
    start = 0
    with torch.no_grad(), open(f"{folder}/parameters.txt") as lines:
        for line in lines:
            name, *shape = line.split()
            shape = [int(side) for side in shape]
            count = math.prod(shape)
            target = parameters.pop(name)
            assert list(target.shape) == shape, (name, target.shape, shape)
            target.copy_(torch.from_numpy(values[start:start + count].reshape(shape)))
            start += count
    assert not parameters and start == len(values), list(parameters)


def main():
    setting = json.loads(sys.argv[1])
    folder, shape, batch = setting["folder"], setting["shape"], setting["batch"]
    torch.set_num_threads(setting["threads"])
    data = torch.from_numpy(numpy.fromfile(f"{folder}/data.bin", numpy.float32).reshape([-1, *shape]))
    labels = torch.from_numpy(numpy.fromfile(f"{folder}/labels.bin", numpy.int64))
    orders = torch.from_numpy(numpy.fromfile(f"{folder}/orders.bin", numpy.int32).astype(numpy.int64)).reshape(-1, len(data))
    net = network(setting["network"], shape, setting["classes"])
    load_parameters(net, folder)
    net.train()
    update = torch.optim.SGD(net.parameters(), setting["rate"], setting["momentum"], weight_decay=setting["decay"])
    print(json.dumps({"version": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for epoch, _ in enumerate(sys.stdin):
        order = orders[epoch]
        total = torch.zeros(())
        clock, processor = time.perf_counter(), time.process_time()
        for start in range(0, len(order), batch):
            chosen = order[start:start + batch]
            update.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(net(data[chosen]), labels[chosen])
            loss.backward()
            update.step()
            total += loss.detach() * len(chosen)
        answer = {"seconds": time.perf_counter() - clock, "processor": time.process_time() - processor}
        print(json.dumps({**answer, "loss": total.item() / len(order)}), flush=True)


main()
