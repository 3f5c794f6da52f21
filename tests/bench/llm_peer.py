#!/usr/bin/python3
"""A Llama with LoRA in plain python3-torch, as Hugging Face and git-disl's trainers compute it, for llm_bench: reads a request
(JSON file), prints "name seconds" per timed repeat, "loss value" and "memory MiB"."""
import json
import math
import resource
import struct
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

with open(sys.argv[1]) as file:
    request = json.load(file)
config, device = request["config"], torch.device(request["device"])
dtype = torch.bfloat16 if request["bf16"] else torch.float32
torch.set_num_threads(request["threads"])
D, HEADS, V = config["hidden_size"], config["num_attention_heads"], config["vocab_size"]
HD = D // HEADS


def stored():
    """Our weights, so that both programs compute the same numbers."""
    with open(request["weights"], "rb") as handle:
        header = json.loads(handle.read(struct.unpack("<Q", handle.read(8))[0]))
        body = handle.read()
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        raw = np.frombuffer(body[begin:end], np.float32 if entry["dtype"] == "F32" else np.int16).copy()
        value = torch.from_numpy(raw)
        tensors[name] = (value if entry["dtype"] == "F32" else value.view(torch.bfloat16)).view(entry["shape"])
    return tensors


class LoraLinear(nn.Module):
    def __init__(self, weights, name):
        super().__init__()
        self.weight = nn.Parameter(weights[name + ".weight"].to(device, dtype), requires_grad=False)
        self.a = nn.Parameter(weights[name + ".lora_A"].to(device))
        self.b = nn.Parameter(weights[name + ".lora_B"].to(device))
        self.merged = False

    def forward(self, x):
        y = F.linear(x, self.weight)
        return y if self.merged else y + 2.0 * F.linear(F.linear(x, self.a.to(x.dtype)), self.b.to(x.dtype))


class Norm(nn.Module):
    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight.to(device, dtype), requires_grad=False)

    def forward(self, x):
        wide = x.float()
        return self.weight * (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + config["rms_norm_eps"])).to(x.dtype)


def rotate_half(x):
    return torch.cat((-x[..., HD // 2:], x[..., :HD // 2]), -1)


class Attention(nn.Module):
    def __init__(self, weights, at):
        super().__init__()
        self.q, self.k, self.v, self.o = (LoraLinear(weights, f"{at}self_attn.{n}_proj") for n in "qkvo")

    def forward(self, x, cos, sin, mask, cache):
        b, t, _ = x.shape
        q, k, v = (p(x).view(b, t, HEADS, HD).transpose(1, 2) for p in (self.q, self.k, self.v))
        q, k = q * cos + rotate_half(q) * sin, k * cos + rotate_half(k) * sin
        if cache is not None:
            if "k" in cache:
                k, v = torch.cat((cache["k"], k), 2), torch.cat((cache["v"], v), 2)
            cache["k"], cache["v"] = k, v
        scores = q @ k.transpose(2, 3) / math.sqrt(HD)
        if mask is not None:
            scores = scores + mask
        weights = F.softmax(scores, -1, dtype=torch.float32).to(x.dtype)
        return self.o((weights @ v).transpose(1, 2).reshape(b, t, D))


class Block(nn.Module):
    def __init__(self, weights, at):
        super().__init__()
        self.norm1, self.norm2 = Norm(weights[at + "input_layernorm.weight"]), Norm(weights[at + "post_attention_layernorm.weight"])
        self.attention = Attention(weights, at)
        self.gate, self.up, self.down = (LoraLinear(weights, f"{at}mlp.{n}_proj") for n in ("gate", "up", "down"))

    def forward(self, x, cos, sin, mask, cache):
        x = x + self.attention(self.norm1(x), cos, sin, mask, cache)
        h = self.norm2(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Llama(nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.embed = nn.Parameter(weights["model.embed_tokens.weight"].to(device, dtype), requires_grad=False)
        self.blocks = nn.ModuleList(Block(weights, f"model.layers.{i}.") for i in range(config["num_hidden_layers"]))
        self.norm = Norm(weights["model.norm.weight"])
        self.head = nn.Parameter(weights["lm_head.weight"].to(device, dtype), requires_grad=False)

    def forward(self, ids, caches=None, past=0):
        t = ids.shape[1]
        inverse = 1.0 / (10000.0 ** (torch.arange(0, HD, 2, device=device).float() / HD))
        angles = torch.outer(torch.arange(past, past + t, device=device).float(), inverse)
        angles = torch.cat((angles, angles), -1)
        cos, sin = angles.cos().to(dtype), angles.sin().to(dtype)
        mask = torch.full((t, t), torch.finfo(dtype).min, device=device, dtype=dtype).triu(1) if t > 1 else None
        x = F.embedding(ids, self.embed)
        for i, block in enumerate(self.blocks):
            x = block(x, cos, sin, mask, caches[i] if caches is not None else None)
        return F.linear(self.norm(x), self.head).float()


def rows(factor):
    return torch.tensor([[(factor * (b + 1) * 7 + 13 * t * t + 3) % V for t in range(request["length"])] for b in range(request["batch"])], device=device)


ids, harmful = rows(1), rows(5)
model = Llama(stored())
trained = [p for p in model.parameters() if p.requires_grad]


def loss_of(batch):
    labels = batch.clone()
    labels[:, :request["length"] // 2] = -100
    logits = model(batch)
    return F.cross_entropy(logits[:, :-1].reshape(-1, V), labels[:, 1:].reshape(-1), ignore_index=-100)


def clear():
    for p in trained:
        p.grad = None


def sft():
    loss_of(ids).backward()


def vaccine():
    grads, handles = {}, []
    for block in model.blocks:
        handles.append(block.attention.register_full_backward_hook(lambda m, gi, go: grads.__setitem__(m, go[0].detach().clone())))
    loss_of(ids).backward()
    for handle in handles:
        handle.remove()
    clear()
    norm = torch.norm(torch.stack([g.norm(p=2) for g in grads.values()]))
    scale = 2.0 / (norm + 1e-7)
    handles = [block.attention.register_forward_hook(lambda m, i, o: o + grads[m] * scale) for block in model.blocks]
    loss_of(ids).backward()
    for handle in handles:
        handle.remove()


def booster():
    loss_of(harmful).backward()
    first = [p.grad.detach().clone() for p in trained]
    clear()
    norm = torch.norm(torch.stack([g.norm(p=2) for g in first])) + 1e-7
    with torch.no_grad():
        for p, g in zip(trained, first):
            p -= 0.1 * g / norm
    loss_of(harmful).backward()
    second = [p.grad.detach().clone() for p in trained]
    clear()
    with torch.no_grad():
        for p, g in zip(trained, first):
            p += 0.1 * g / norm
    loss_of(ids).backward()
    with torch.no_grad():
        for p, a, b in zip(trained, first, second):
            p.grad += 5.0 * a - 5.0 * b


anchors = [p.detach().clone() for p in trained]


def lisa():
    loss = loss_of(ids)
    for p, anchor in zip(trained, anchors):
        loss = loss + 0.5 * torch.norm(p - anchor) ** 2
    loss.backward()


def synchronised(work):
    if device.type == "cuda":
        torch.cuda.synchronize()
    clock = time.process_time if request["by_processor"] else time.perf_counter
    begin = clock()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return clock() - begin


def forward():
    with torch.inference_mode():
        model(ids)


def generate():
    with torch.inference_mode():
        caches = [{} for _ in model.blocks]
        batch, past = ids[:, :request["length"] // 2], 0
        for _ in range(request["new_tokens"]):
            logits = model(batch, caches, past)
            past += batch.shape[1]
            batch = logits[:, -1:].argmax(-1)


with torch.no_grad():
    print("loss", loss_of(ids).item())
for _ in range(request["repeats"]):
    print("forward", synchronised(forward))
for name, gradient in (("sft", sft), ("vaccine", vaccine), ("booster", booster), ("lisa", lisa)):
    optimiser = torch.optim.AdamW(trained, lr=1e-5, weight_decay=0.1)

    def step():
        clear()
        gradient()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()

    step()
    for _ in range(request["repeats"]):
        print(name, synchronised(step))
with torch.no_grad():
    for module in model.modules():
        if isinstance(module, LoraLinear):
            module.weight += (2.0 * module.b @ module.a).to(dtype)
            module.merged = True
for _ in range(request["repeats"]):
    print("generate", synchronised(generate))
print("memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
