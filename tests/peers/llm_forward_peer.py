"""Next-token logits of every family beside a small independent implementation in python3-torch, on tiny random weights."""
import json
import math
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import numpy
import torch
import torch.nn.functional as F

RUN = sys.argv[1]
IDS = [3, 17, 4, 29, 11, 2, 30, 8, 8, 21, 5]


def save(folder, config, weights, kind="F32"):
    """config.json and model.safetensors, written by hand."""
    header, body = {}, b""
    for name, value in weights.items():
        value = value.float() if kind == "F32" else value.bfloat16()
        data = value.contiguous().numpy().tobytes() if kind == "F32" else value.contiguous().view(torch.int16).numpy().tobytes()
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    with open(os.path.join(folder, "model.safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file)


def rms(x, weight, eps, offset=0.0):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps) * (weight + offset)


def rope(x, frequencies):
    """x (T, heads, dim): the first half of a head turns against the second."""
    angle = torch.arange(x.shape[0])[:, None].to(x) * frequencies[None]
    cos, sin = angle.cos()[:, None], angle.sin()[:, None]
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def attention(q, k, v, scale, cap=0.0, window=0):
    """Loops over heads and positions instead of masking: q (T, H, d), k and v (T, KV, d)."""
    length, heads, dim = q.shape
    out = torch.zeros(length, heads, dim, dtype=q.dtype)
    for head in range(heads):
        shared = head * k.shape[1] // heads
        for t in range(length):
            first = max(0, t - window + 1) if window else 0
            scores = (k[first:t + 1, shared] @ q[t, head]) * scale
            if cap:
                scores = cap * torch.tanh(scores / cap)
            out[t, head] = scores.softmax(0) @ v[first:t + 1, shared]
    return out.reshape(length, heads * dim)


def gelu_tanh(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x ** 3)))


def draw(shapes, seed):
    generator = torch.Generator().manual_seed(seed)
    return {name: torch.randn(*shape, generator=generator, dtype=torch.float64) * 0.2 + (1.0 if "norm" in name.lower() and len(shape) == 1 and name.endswith("weight") else 0.0)
            for name, shape in shapes.items()}


def llama_family(config, w, ids):
    """Llama, Qwen2, Gemma and Gemma 2."""
    kind, d = config["model_type"], config["hidden_size"]
    heads, kv = config["num_attention_heads"], config.get("num_key_value_heads", config["num_attention_heads"])
    dim = config.get("head_dim", d // heads)
    gemma, gemma2 = kind.startswith("gemma"), kind == "gemma2"
    eps, offset = config["rms_norm_eps"], 1.0 if gemma else 0.0
    act = gelu_tanh if gemma else F.silu
    frequencies = config.get("rope_theta", 10000.0) ** (-torch.arange(0, dim, 2, dtype=torch.float64) / dim)
    scaling = config.get("rope_scaling") or {}
    if scaling.get("type") == "linear":
        frequencies = frequencies / scaling["factor"]
    if scaling.get("rope_type") == "llama3":
        for i, f in enumerate(frequencies.tolist()):
            wavelength = 2 * math.pi / f
            low, high = scaling["original_max_position_embeddings"] / scaling["low_freq_factor"], scaling["original_max_position_embeddings"] / scaling["high_freq_factor"]
            if wavelength > low:
                frequencies[i] = f / scaling["factor"]
            elif wavelength > high:
                smooth = (scaling["original_max_position_embeddings"] / wavelength - scaling["low_freq_factor"]) / (scaling["high_freq_factor"] - scaling["low_freq_factor"])
                frequencies[i] = (1 - smooth) * f / scaling["factor"] + smooth * f
    scale = 1 / math.sqrt(config.get("query_pre_attn_scalar", dim))
    x = w["model.embed_tokens.weight"][ids]
    if gemma:
        x = x * math.sqrt(d)
    for i in range(config["num_hidden_layers"]):
        def map(name, value):
            at = f"model.layers.{i}.{name}"
            return value @ w[at + ".weight"].T + w.get(at + ".bias", torch.zeros(1, dtype=torch.float64))

        def norm(name, value):
            return rms(value, w[f"model.layers.{i}.{name}.weight"], eps, offset)
        h = norm("input_layernorm", x)
        q, k, v = (map(f"self_attn.{n}_proj", h).view(len(ids), -1, dim) for n in "qkv")
        window = config["sliding_window"] if gemma2 and i % 2 == 0 else 0
        a = map("self_attn.o_proj", attention(rope(q, frequencies), rope(k, frequencies), v, scale, config.get("attn_logit_softcapping") or 0.0, window))
        x = x + (norm("post_attention_layernorm", a) if gemma2 else a)
        h = norm("pre_feedforward_layernorm" if gemma2 else "post_attention_layernorm", x)
        m = map("mlp.down_proj", act(map("mlp.gate_proj", h)) * map("mlp.up_proj", h))
        x = x + (norm("post_feedforward_layernorm", m) if gemma2 else m)
    logits = rms(x, w["model.norm.weight"], eps, offset) @ w["model.embed_tokens.weight" if config["tie_word_embeddings"] else "lm_head.weight"].T
    cap = config.get("final_logit_softcapping")
    return cap * torch.tanh(logits / cap) if cap else logits


def llama_shapes(config, bias=False, gemma2=False):
    d, f, heads = config["hidden_size"], config["intermediate_size"], config["num_attention_heads"]
    kv, dim = config["num_key_value_heads"], config.get("head_dim", config["hidden_size"] // config["num_attention_heads"])
    shapes = {"model.embed_tokens.weight": (config["vocab_size"], d), "model.norm.weight": (d,)}
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = (config["vocab_size"], d)
    for i in range(config["num_hidden_layers"]):
        at = f"model.layers.{i}."
        for name, out in (("q", heads * dim), ("k", kv * dim), ("v", kv * dim)):
            shapes[f"{at}self_attn.{name}_proj.weight"] = (out, d)
            if bias:
                shapes[f"{at}self_attn.{name}_proj.bias"] = (out,)
        shapes[at + "self_attn.o_proj.weight"] = (d, heads * dim)
        for name, shape in (("gate", (f, d)), ("up", (f, d)), ("down", (d, f))):
            shapes[f"{at}mlp.{name}_proj.weight"] = shape
        for name in ["input_layernorm", "post_attention_layernorm"] + (["pre_feedforward_layernorm", "post_feedforward_layernorm"] if gemma2 else []):
            shapes[f"{at}{name}.weight"] = (d,)
    return shapes


def layer_norm(x, w, name):
    mean = x.mean(-1, keepdim=True)
    return (x - mean) / torch.sqrt(((x - mean) ** 2).mean(-1, keepdim=True) + 1e-5) * w[name + ".weight"] + w[name + ".bias"]


def opt(config, w, ids):
    d, heads, first = config["hidden_size"], config["num_attention_heads"], config["do_layer_norm_before"]
    x = w["model.decoder.embed_tokens.weight"][ids]
    if config["word_embed_proj_dim"] != d:
        x = x @ w["model.decoder.project_in.weight"].T
    x = x + w["model.decoder.embed_positions.weight"][torch.arange(len(ids)) + 2]
    for i in range(config["num_hidden_layers"]):
        at = f"model.decoder.layers.{i}."
        map = lambda name, value: value @ w[at + name + ".weight"].T + w[at + name + ".bias"]
        h = layer_norm(x, w, at + "self_attn_layer_norm") if first else x
        q, k, v = (map(f"self_attn.{n}_proj", h).view(len(ids), heads, -1) for n in "qkv")
        x = x + map("self_attn.out_proj", attention(q, k, v, 1 / math.sqrt(d // heads)))
        if not first:
            x = layer_norm(x, w, at + "self_attn_layer_norm")
        h = layer_norm(x, w, at + "final_layer_norm") if first else x
        x = x + map("fc2", torch.relu(map("fc1", h)))
        if not first:
            x = layer_norm(x, w, at + "final_layer_norm")
    if first:
        x = layer_norm(x, w, "model.decoder.final_layer_norm")
    if config["word_embed_proj_dim"] != d:
        x = x @ w["model.decoder.project_out.weight"].T
    return x @ w["model.decoder.embed_tokens.weight"].T


def opt_shapes(config):
    d, f, e = config["hidden_size"], config["ffn_dim"], config["word_embed_proj_dim"]
    shapes = {"model.decoder.embed_tokens.weight": (config["vocab_size"], e), "model.decoder.embed_positions.weight": (config["max_position_embeddings"] + 2, d)}
    norms = ["model.decoder.final_layer_norm"] if config["do_layer_norm_before"] else []
    if e != d:
        shapes["model.decoder.project_in.weight"], shapes["model.decoder.project_out.weight"] = (d, e), (e, d)
    for i in range(config["num_hidden_layers"]):
        at = f"model.decoder.layers.{i}."
        for name, shape in [(f"self_attn.{n}_proj", (d, d)) for n in ("q", "k", "v", "out")] + [("fc1", (f, d)), ("fc2", (d, f))]:
            shapes[at + name + ".weight"], shapes[at + name + ".bias"] = shape, shape[:1]
        norms += [at + "self_attn_layer_norm", at + "final_layer_norm"]
    for name in norms:
        shapes[name + ".weight"] = shapes[name + ".bias"] = (d,)
    return shapes


def gpt2(config, w, ids):
    d, heads = config["n_embd"], config["n_head"]
    x = w["wte.weight"][ids] + w["wpe.weight"][:len(ids)]
    for i in range(config["n_layer"]):
        map = lambda name, value: value @ w[f"h.{i}.{name}.weight"] + w[f"h.{i}.{name}.bias"]
        q, k, v = (part.view(len(ids), heads, -1) for part in map("attn.c_attn", layer_norm(x, w, f"h.{i}.ln_1")).split(d, -1))
        x = x + map("attn.c_proj", attention(q, k, v, 1 / math.sqrt(d // heads)))
        x = x + map("mlp.c_proj", gelu_tanh(map("mlp.c_fc", layer_norm(x, w, f"h.{i}.ln_2"))))
    return layer_norm(x, w, "ln_f") @ w["wte.weight"].T


def gpt2_shapes(config):
    d = config["n_embd"]
    shapes = {"wte.weight": (config["vocab_size"], d), "wpe.weight": (config["n_positions"], d), "ln_f.weight": (d,), "ln_f.bias": (d,)}
    for i in range(config["n_layer"]):
        for name, shape in (("attn.c_attn", (d, 3 * d)), ("attn.c_proj", (d, d)), ("mlp.c_fc", (d, 4 * d)), ("mlp.c_proj", (4 * d, d))):
            shapes[f"h.{i}.{name}.weight"], shapes[f"h.{i}.{name}.bias"] = shape, shape[1:]
        for name in ("ln_1", "ln_2"):
            shapes[f"h.{i}.{name}.weight"] = shapes[f"h.{i}.{name}.bias"] = (d,)
        shapes[f"h.{i}.attn.bias"] = (1, 1, 4, 4)  # the hub's files carry the causal mask
    return shapes


BASE = dict(vocab_size=32, hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2,
            max_position_embeddings=64, rms_norm_eps=1e-5, tie_word_embeddings=False)


class Families(unittest.TestCase):
    def compare(self, config, shapes, reference, ids=IDS, tolerance=2e-4, kind="F32"):
        weights = draw(shapes, 7)
        stored = {name: (value.bfloat16() if kind == "BF16" else value.float()).double() for name, value in weights.items()}
        wanted = reference(config, stored, torch.tensor(ids)).numpy()
        with tempfile.TemporaryDirectory() as folder:
            save(folder, config, weights, kind)
            out = os.path.join(folder, "out")
            process = subprocess.run([RUN, "llm.logits", "--set", f"model={folder}", "--set", "ids=" + ",".join(map(str, ids)), "--set", "threads=1", "--out", out, "--device", "cpu"],
                                     capture_output=True, text=True)
            self.assertEqual(process.returncode, 0, process.stderr)
            ours = numpy.load(os.path.join(out, "logits.npy"))
        self.assertEqual(ours.shape, wanted.shape)
        self.assertGreater(numpy.abs(wanted).max(), 0.1)
        self.assertLess(numpy.abs(ours - wanted).max(), tolerance * max(1, numpy.abs(wanted).max()))

    def test_llama_with_grouped_heads(self):
        config = dict(BASE, model_type="llama")
        self.compare(config, llama_shapes(config), llama_family)

    def test_bfloat16_weights_computed_in_float32(self):
        config = dict(BASE, model_type="llama")
        self.compare(config, llama_shapes(config), llama_family, kind="BF16")

    def test_llama_3_rope_scaling(self):
        config = dict(BASE, model_type="llama", rope_theta=500.0, rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32))
        self.compare(config, llama_shapes(config), llama_family, ids=[i % 32 for i in range(50)])

    def test_linear_rope_scaling(self):
        config = dict(BASE, model_type="llama", rope_scaling=dict(type="linear", factor=2.0))
        self.compare(config, llama_shapes(config), llama_family)

    def test_qwen2_biases(self):
        config = dict(BASE, model_type="qwen2", rms_norm_eps=1e-6, rope_theta=1e6, tie_word_embeddings=True, use_sliding_window=False, sliding_window=4096)
        self.compare(config, llama_shapes(config, bias=True), llama_family)

    def test_gemma(self):
        config = dict(BASE, model_type="gemma", head_dim=8, num_key_value_heads=1, tie_word_embeddings=True, hidden_act="gelu")
        self.compare(config, llama_shapes(config), llama_family)

    def test_gemma_2_softcaps_and_window(self):
        config = dict(BASE, model_type="gemma2", head_dim=8, tie_word_embeddings=True, hidden_activation="gelu_pytorch_tanh", query_pre_attn_scalar=16,
                      attn_logit_softcapping=5.0, final_logit_softcapping=3.0, sliding_window=4)
        self.compare(config, llama_shapes(config, gemma2=True), llama_family)

    def test_opt(self):
        config = dict(model_type="opt", vocab_size=32, hidden_size=24, ffn_dim=40, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=32,
                      word_embed_proj_dim=24, do_layer_norm_before=True, activation_function="relu", pad_token_id=1, bos_token_id=2, eos_token_id=2)
        self.compare(config, opt_shapes(config), opt)

    def test_opt_350m_normalises_after_and_projects(self):
        config = dict(model_type="opt", vocab_size=32, hidden_size=24, ffn_dim=40, num_hidden_layers=3, num_attention_heads=4, max_position_embeddings=32,
                      word_embed_proj_dim=12, do_layer_norm_before=False, activation_function="relu")
        self.compare(config, opt_shapes(config), opt)

    def test_gpt2_as_the_hub_stores_it(self):
        config = dict(model_type="gpt2", vocab_size=32, n_embd=24, n_layer=3, n_head=4, n_positions=32, activation_function="gelu_new", layer_norm_epsilon=1e-5)
        self.compare(config, gpt2_shapes(config), gpt2)


if __name__ == "__main__":
    torch.set_num_threads(1)
    unittest.main(argv=sys.argv[:1])
