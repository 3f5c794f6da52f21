#!/usr/bin/python3
"""The DynaCLR encoder in plain python3-torch, for encoder_bench: one request per line on stdin, one answer per line on stdout.
Requests are JSON: {"load": weights.safetensors, "config": {...}, "layout": "nchw"|"channels_last"}, {"features": [B,C,Z,Y,X]},
{"time": "forward"|"train", "precision": "fp32"|"bf16", "shape": [...], "repeats": n, "threads": n}."""
import json
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def cast(x, half):
    return x.to(torch.bfloat16) if half else x


def linear(layer, x, half):
    return F.linear(cast(x, half), cast(layer.weight, half), cast(layer.bias, half))


def conv(layer, x, half):
    return F.conv2d(cast(x, half), cast(layer.weight, half), cast(layer.bias, half), layer.stride, layer.padding, layer.dilation, layer.groups)


class Norm2d(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Block(nn.Module):
    def __init__(self, width, kernel):
        super().__init__()
        self.gamma = nn.Parameter(torch.full((width,), 0.1))
        self.conv_dw = nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.mlp = nn.Module()
        self.mlp.fc1 = nn.Linear(width, 4 * width)
        self.mlp.fc2 = nn.Linear(4 * width, width)

    def forward(self, x, half):
        y = conv(self.conv_dw, x, half).permute(0, 2, 3, 1)
        y = self.norm(y.float())
        y = linear(self.mlp.fc2, F.gelu(linear(self.mlp.fc1, y, half)), half).float()
        return x + (y * self.gamma).permute(0, 3, 1, 2)


class Encoder(nn.Module):
    def __init__(self, c):
        super().__init__()
        depth = (c["in_stack_depth"] - c["stem_kernel_size"][0]) // c["stem_stride"][0] + 1
        widths, self.stem, self.encoder = c["widths"], nn.Module(), nn.Module()
        self.stem.conv = nn.Conv3d(c["in_channels"], widths[0] // depth, c["stem_kernel_size"], c["stem_stride"])
        self.encoder.stem = nn.Module()
        self.encoder.stem.add_module("1", Norm2d(widths[0], eps=1e-6))
        stages = []
        for i, (blocks, width) in enumerate(zip(c["depths"], widths)):
            stage = nn.Module()
            if i:
                stage.downsample = nn.Sequential(Norm2d(widths[i - 1], eps=1e-6), nn.Conv2d(widths[i - 1], width, 2, 2))
            stage.blocks = nn.ModuleList(Block(width, c["kernel_size"]) for _ in range(blocks))
            stages.append(stage)
        self.encoder.stages = nn.ModuleList(stages)
        self.encoder.head = nn.Module()
        self.encoder.head.norm = nn.LayerNorm(widths[-1], eps=1e-6)
        hidden, out = c["embedding_dim"], c["projection_dim"]
        self.projection = nn.Sequential(nn.Linear(widths[-1], hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, out), nn.BatchNorm1d(out))

    def forward(self, x, half=False):
        x = self.stem.conv(x)
        x = getattr(self.encoder.stem, "1")(x.reshape(x.shape[0], -1, *x.shape[3:]))
        for stage in self.encoder.stages:
            if hasattr(stage, "downsample"):
                x = conv(stage.downsample[1], stage.downsample[0](x), half).float()
            for block in stage.blocks:
                x = block(x, half)
        x = self.encoder.head.norm(x.mean((2, 3)))
        return x, self.projection(x)


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        body = file.read()
    kinds = {"F32": np.float32, "I64": np.int64}
    return {name: torch.from_numpy(np.frombuffer(body[slice(*t["data_offsets"])], kinds[t["dtype"]]).reshape(t["shape"]).copy())
            for name, t in header.items() if name != "__metadata__"}


def formula(shape):
    i = torch.arange(int(np.prod(shape)), dtype=torch.float64)
    return (torch.sin(0.011 * i) + 0.5 * torch.cos(0.0007 * 2 ** 0.5 * i)).float().reshape(shape)


def nt_xent(a, p, temperature=0.2):
    z = F.normalize(torch.cat([a, p]))
    similarity = (z @ z.T / temperature).masked_fill(torch.eye(len(z), dtype=torch.bool), float("-inf"))
    return F.cross_entropy(similarity, torch.arange(len(z)).roll(len(a)))


def step(model, optimiser, x, half):
    projections = model(x, half)[1]
    loss = nt_xent(*projections.chunk(2))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()


def seconds(model, request):
    torch.set_num_threads(request["threads"])
    x, half = formula(request["shape"]), request["precision"] == "bf16"
    training = request["time"] == "train"
    model.train(training)
    optimiser = torch.optim.AdamW(model.parameters(), 1e-4)
    best = []
    for repeat in range(request["repeats"] + 1):
        begin, cpu = time.perf_counter(), time.process_time()
        if training:
            step(model, optimiser, x, half)
        else:
            with torch.inference_mode():
                model(x, half)
        if repeat:
            best.append((time.perf_counter() - begin, time.process_time() - cpu))
    return best


def main():
    model = None
    for line in sys.stdin:
        request = json.loads(line)
        if "load" in request:
            model = Encoder(request["config"])
            model.load_state_dict(read_safetensors(request["load"]))
            if request["layout"] == "channels_last":
                model.encoder.to(memory_format=torch.channels_last)
            answer = {"tensors": len(model.state_dict())}
        elif "features" in request:
            model.eval()
            with torch.inference_mode():
                answer = {"features": model(formula(request["features"]))[0].flatten().tolist()}
        else:
            answer = {"seconds": seconds(model, request)}
        print(json.dumps(answer), flush=True)


main()
