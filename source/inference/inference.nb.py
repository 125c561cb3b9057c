# %% [markdown]
r"""
# Inference

**A reply in under a second, and why: where the bytes go, and how not to move them.**

You start with a clock and two numbers of your machine. Fourteen exercises later your own engine serves a real chat model on
two processor cores: first words and a short whole answer in under a second, faster than transformers' `generate`
(`bench/inference.py` sets them side by side), and any chat client can talk to it.

*100 points · core exercises 3 hours · all of them 9 hours*
"""

# %% [markdown]
r"""
## Where to start

You have done the transformers notebook, or know attention, RoPE and what a Llama is made of. No GPU is needed, and no
Triton before exercise 7. **Weekend track**: the exercises marked *core*. **Full track**: all fourteen.

Before part B read sections 2 and 3 of Dao et al., [FlashAttention](https://arxiv.org/abs/2205.14135): its insight is the
account of memory traffic, not the code. Leave FlashAttention-3 for later: it is about one generation of GPUs.

Replace `raise NotImplementedError(...)`, then run every cell down to the next text. A function leaves its arguments as
they were. The tests you see are a part of those that grade you. **Validate** runs everything from a fresh start, as
grading does.
"""

# %% nbgrader={"grade": false, "grade_id": "given-imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaForCausalLM

from course import check, data, device, models, plot, widgets

# Graded cells work on small tensors: a second thread would only wait for the first. Long runs ask for all cores.
torch.set_num_threads(1)

# %% [markdown]
r"""
# A · What a token costs

To write one token, a model reads all of its weights once. In shapes: **B** batch, **T** new tokens (queries), **S** tokens
that they may look at (keys), **H** heads of queries, **K** of keys and values, **D** a head's width, **C** the model's, **V**
vocabulary.
"""

# %% [markdown]
r"""
**The model of this notebook**: the transformers notebook's Llama, for serving. The matrices of $q$, $k$ and $v$ are one, those of
gate and up another: one large read in place of several small ones.

`Decoder` takes ids (B, T), `positions` (where they stand in the text: RoPE turns by them; 0 to T-1 if not given) and `cache`,
which may keep keys and values (exercise 2), and gives logits (B, T, V). `decoder.attend` is its attention: anything with the same
arguments may take its place.
"""

# %% nbgrader={"grade": false, "grade_id": "given-block", "locked": true, "schema_version": 3, "solution": false, "task": false}
def attend(q, k, v, mask=None):
    """Causal attention: q (B, H, T, D) are the newest of S tokens, k and v (B, K, S, D); H/K heads share each key and value.

    mask: bool, broadcast to (B, H, T, S), True where a query may look, in place of the causal one. Returns (B, H, T, D)."""
    (B, H, T, D), (K, S) = q.shape, k.shape[1:3]
    if T == 1 and mask is None:  # a single token may see all; the heads that share a key stand in T's place, all at once
        return F.scaled_dot_product_attention(q.reshape(B, K, H // K, D), k, v).view(B, H, 1, D)
    if mask is None:
        mask = torch.ones(T, S, dtype=torch.bool, device=q.device).tril(S - T)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)

class RMSNorm(nn.RMSNorm):
    """PyTorch's, in fewer operations: (x, -x) has mean 0, so that its LayerNorm, one operation, is x's RMSNorm beside -x's."""

    def forward(self, x):
        C = x.shape[-1]
        return F.layer_norm(torch.cat([x, -x], -1), [2 * C], eps=self.eps)[..., :C] * self.weight

# %% nbgrader={"grade": false, "grade_id": "given-block-init", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Block(nn.Module):
    """One layer: attention with rotary positions and shared keys, then SwiGLU, each behind an RMSNorm."""

    def __init__(self, config, layer):
        super().__init__()
        C, D, M, eps = config.hidden_size, config.head_dim, config.intermediate_size, config.rms_norm_eps
        self.layer, self.heads, self.kv_heads = layer, config.num_attention_heads, config.num_key_value_heads
        self.norm1, self.norm2 = RMSNorm(C, eps), RMSNorm(C, eps)
        self.qkv = nn.Linear(C, (self.heads + 2 * self.kv_heads) * D, bias=False)
        self.out = nn.Linear(self.heads * D, C, bias=False)
        self.up, self.down = nn.Linear(C, 2 * M, bias=False), nn.Linear(M, C, bias=False)

# %% nbgrader={"grade": false, "grade_id": "given-block-forward", "locked": true, "schema_version": 3, "solution": false, "task": false}
def block_forward(self, x, cos, sin, cache=None, mask=None, attend=attend):
    """x (B, T, C) to (B, T, C); cos, sin: (…, T, D), of their angles; cache.append(layer, k, v) gives all keys and values."""
    B, T, _ = x.shape
    heads = self.qkv(self.norm1(x)).view(B, T, self.heads + 2 * self.kv_heads, -1).transpose(1, 2)
    turned, v = heads.split([self.heads + self.kv_heads, self.kv_heads], dim=1)
    turned = turned * cos + turned.roll(turned.shape[-1] // 2, -1) * sin  # RoPE, of queries and keys together; sin holds signs
    q, k = turned.split([self.heads, self.kv_heads], dim=1)
    if cache is not None:
        k, v = cache.append(self.layer, k, v)
    x = x + self.out(attend(q, k, v, mask).transpose(1, 2).reshape(B, T, -1))
    gate, up = self.up(self.norm2(x)).chunk(2, dim=-1)
    return x + self.down(F.silu(gate) * up)

Block.forward = block_forward

# %% nbgrader={"grade": false, "grade_id": "given-decoder", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Decoder(nn.Module):
    """A Llama for serving, as transformers' config says: ids (B, T) to logits (B, T, V); `hidden` stops before the head."""

    def __init__(self, config):
        super().__init__()
        self.config, self.attend = config, attend
        self.embed = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Block(config, layer) for layer in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        D, base = config.head_dim, config.rope_parameters["rope_theta"]
        turn = base ** -(torch.arange(0, D, 2) / D).repeat(2)
        angles = torch.arange(config.max_position_embeddings)[:, None] * turn  # no buffers: these stay float32
        self.cos, self.sin = angles.cos(), angles.sin() * torch.where(torch.arange(D) < D // 2, -1, 1)

    def hidden(self, ids, cache=None, positions=None, mask=None):
        """What the head reads, (B, T, C). positions: (T,) or (B, T), long; mask: bool (B, 1, T, S), None for causal."""
        positions = torch.arange(ids.shape[1]) if positions is None else positions.cpu()
        x = self.embed(ids)
        cos, sin = (table[positions].unsqueeze(-3).to(x) for table in (self.cos, self.sin))
        for block in self.layers:
            x = block(x, cos, sin, cache, mask, self.attend)
        return self.norm(x)

    def forward(self, ids, cache=None, positions=None, mask=None):
        return self.head(self.hidden(ids, cache, positions, mask))

# %% nbgrader={"grade": false, "grade_id": "given-chat", "locked": true, "schema_version": 3, "solution": false, "task": false}
import functools

@functools.cache
def chat_decoder(dtype=torch.float32):
    """The chat model, SmolLM2-135M-Instruct, as a Decoder, and its tokenizer: loaded once, for all cells that show."""
    llama, tokenizer = models.load(dtype=dtype)
    return to_decoder(llama), tokenizer

# %% nbgrader={"grade": false, "grade_id": "given-load", "locked": true, "schema_version": 3, "solution": false, "task": false}
@torch.no_grad()
def to_decoder(llama):
    """A Decoder, in eval mode and frozen, with the weights of a transformers LlamaForCausalLM, copied."""
    model, theirs = Decoder(llama.config).to(llama.dtype), llama.model
    model.embed.weight.copy_(theirs.embed_tokens.weight)
    model.norm.weight.copy_(theirs.norm.weight)
    if llama.config.tie_word_embeddings: model.head.weight = model.embed.weight
    else: model.head.weight.copy_(llama.lm_head.weight)
    for mine, layer in zip(model.layers, theirs.layers):
        a, mlp = layer.self_attn, layer.mlp
        mine.norm1.weight.copy_(layer.input_layernorm.weight)
        mine.norm2.weight.copy_(layer.post_attention_layernorm.weight)
        mine.qkv.weight.copy_(torch.cat([a.q_proj.weight, a.k_proj.weight, a.v_proj.weight]))
        mine.out.weight.copy_(a.o_proj.weight)
        mine.up.weight.copy_(torch.cat([mlp.gate_proj.weight, mlp.up_proj.weight]))
        mine.down.weight.copy_(mlp.down_proj.weight)
    return model.eval().requires_grad_(False)

def small_llama(seed=0, **changes):
    """A transformers Llama for tests: two layers, six heads on two of keys and values, D = 4; random, the same everywhere."""
    sizes = dict(vocab_size=29, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=6)
    sizes |= dict(num_key_value_heads=2, max_position_embeddings=128, rope_theta=50.0, bos_token_id=0, eos_token_id=0)
    llama = LlamaForCausalLM(LlamaConfig(**(sizes | changes))).double().eval().requires_grad_(False)
    for place, weight in enumerate(llama.parameters()):
        weight.copy_(check.normal(*weight.shape, seed=seed + place) * (0.5 if weight.dim() > 1 else 0.1) + (weight.dim() == 1))
    return llama

# %% [markdown]
r"""
### 1 · What a token must cost

*7 points · core · 20 min · Williams et al. 2009; Pope et al. 2022, section 2*

A machine has two ceilings, FLOP/s and its memory's bytes/s, and work waits for the slower. **Arithmetic intensity**, FLOPs a
byte, says which that is.

A product (m, k) @ (k, n) takes $2mnk$ FLOPs and moves all three matrices once. A step, one token for each of a batch's
sequences, reads the weights once, and each sequence's kept keys and values (exercise 2). Its arithmetic is left out.

<details><summary>A nudge</summary>The bytes of one step first: how many tokens come of it?</details>
<details><summary>The key step</summary>A machine computes while it reads: times do not add up.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "roofline", "locked": false, "schema_version": 3, "solution": true, "task": false}
def arithmetic_intensity(m, n, k, itemsize):
    """FLOPs for each byte moved by the product (m, k) @ (k, n); itemsize: bytes of one number, in all three matrices."""
    ### BEGIN SOLUTION
    return 2 * m * n * k / (itemsize * (m * k + k * n + m * n))
    ### END SOLUTION

def decode_tokens_per_s(weight_bytes, kv_bytes, bandwidth, batch=1):
    """New tokens a second, those of the whole batch together, at most, where memory decides (Pope et al. 2022, section 2).

    weight_bytes: of all weights; kv_bytes: of one sequence's keys and values; bandwidth: bytes a second.
    """
    ### BEGIN SOLUTION
    step_bytes = weight_bytes + batch * kv_bytes
    return batch * bandwidth / step_bytes
    ### END SOLUTION

def time_lower_bound(flops, bytes, peak_flops, bandwidth):
    """Seconds that work must take: flops at peak_flops a second, bytes at bandwidth a second (Williams et al. 2009)."""
    ### BEGIN SOLUTION
    return max(flops / peak_flops, bytes / bandwidth)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "roofline-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""FLOPs a byte, against products that PyTorch counts, and tensors that know their bytes."""
from torch.utils.flop_counter import FlopCounterMode

def rf_counted(m, n, k, dtype):
    """The oracle: multiply, count the operations, add up the bytes."""
    a, b = torch.ones(m, k, dtype=dtype), torch.ones(k, n, dtype=dtype)
    with FlopCounterMode(display=False) as counter:
        product = a @ b
    return counter.get_total_flops() / (a.nbytes + b.nbytes + product.nbytes)
check.close(lambda: arithmetic_intensity(2, 3, 4, 4), rf_counted(2, 3, 4, torch.float32),
    "2 x 2 x 3 x 4 FLOPs; 8 + 12 numbers are read, 6 written, 4 bytes each. Which of them is left out, or counted twice?")
check.close(lambda: arithmetic_intensity(2, 3, 4, 2), rf_counted(2, 3, 4, torch.bfloat16),
    "In 16 bits the same product moves half the bytes: does itemsize count, once for each number?")
check.close(lambda: arithmetic_intensity(1, 3, 4, 4), rf_counted(1, 3, 4, torch.float32),
    "One row times a matrix, as a single token has it: less than half a FLOP a byte in float32.")
### BEGIN HIDDEN TESTS
for m, n, k, dtype in [
    (5, 1, 7, torch.float64), (1, 96, 31, torch.bfloat16), (64, 8, 2, torch.float32), (1, 1, 9, torch.int8)]:
    check.close(lambda: arithmetic_intensity(m, n, k, dtype.itemsize), rf_counted(m, n, k, dtype),
        "Another size: the matrices are (m, k), (k, n) and (m, n). Has each its own two sides? Nothing is rounded.")
check.close(lambda: arithmetic_intensity(4096, 4096, 4096, 2), 4096 / 3, "Square, n wide, in 16 bits: n / 3 FLOPs a byte.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "roofline-test-decode", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Tokens a second of one sequence, and of several that share a read of the weights."""
def rf_steps(weight_bytes, kv_bytes, bandwidth, batch):
    """The oracle: what the machine reads in a step, one thing after the other."""
    seconds, tokens = weight_bytes / bandwidth, 0
    for _ in range(batch):
        seconds, tokens = seconds + kv_bytes / bandwidth, tokens + 1
    return tokens / seconds

check.close(lambda: float(decode_tokens_per_s(10, 2, 60)), 5.0,
    "One sequence: 12 bytes a token at 60 a second. Is the default batch 1?")
check.close(lambda: float(decode_tokens_per_s(10, 2, 60, batch=5)), rf_steps(10, 2, 60, 5),
    "Five sequences: 10 bytes of weights, read once, and 5 x 2 of keys and values give five tokens.")
check.close(lambda: float(decode_tokens_per_s(14e9, 0, 2e12)), 2e12 / 14e9,
    "Seven billion weights of 16 bits at 2 TB a second: 143 tokens a second, and no more.")
### BEGIN HIDDEN TESTS
for weights, cached, speed, batch in [(538e6, 47e6, 26e9, 1), (16e9, 1e9, 3.35e12, 7), (3, 1000, 7, 64), (9, 0, 4, 12)]:
    check.close(lambda: float(decode_tokens_per_s(weights, cached, speed, batch)), rf_steps(weights, cached, speed, batch),
        "Another machine: weights are read once a step, keys and values once for each sequence. What grows with the batch?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "roofline-test-bound", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The time that work must take at least."""
check.close(lambda: float(time_lower_bound(6, 2, 3, 4)), 2.0, "6 FLOPs at 3 a second: 2 s. Meanwhile the 2 bytes have arrived.")
check.close(lambda: float(time_lower_bound(6, 20, 3, 4)), 5.0,
    "20 bytes at 4 a second: 5 s. Arithmetic is done by then: do the two happen at the same time, and is the slower one kept?")
### BEGIN HIDDEN TESTS
for flops, moved, peak, speed, wanted in [
    (2e9, 5.4e8, 1e11, 2.5e10, 0.0216), (7e10, 5.4e8, 1e11, 2.5e10, 0.7), (0, 9, 5, 2, 4.5), (8, 0, 5, 2, 1.6),
    (12, 8, 3, 2, 4.0), (1e15, 1e9, 989e12, 3.35e12, 1e15 / 989e12)]:
    check.close(lambda: float(time_lower_bound(flops, moved, peak, speed)), wanted,
        "Another machine: FLOPs over FLOP/s, bytes over bytes/s. Which is longer?")
### END HIDDEN TESTS

# %% [markdown]
r"""
Two numbers of your machine, with all cores: bytes a second, from a copy and a sum over 256 MiB, more than most caches hold;
FLOP/s, from a product of matrices in each dtype. **Look for** the FLOPs a byte at the end of the last two lines: work with
fewer than that waits for memory. A processor without instructions for bfloat16 is slow at products in it, though it moves
half the bytes.
"""

# %% tags=["explore"]
def best_s(work, runs=3):
    """Seconds of the fastest run, after one that does not count: whatever else the machine does only adds to it."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times[1:])

def ceilings(side=768):
    """Bytes a second of a copy and of a sum; FLOP/s of a square product in each dtype."""
    source, target = torch.ones(2**26), torch.empty(2**26)
    moved = {"copy": 2 * source.nbytes / best_s(lambda: target.copy_(source)), "sum": source.nbytes / best_s(source.sum)}
    squares = [torch.ones(side, side, dtype=dtype) for dtype in (torch.float32, torch.bfloat16)]
    return moved, {one.dtype: 2 * side**3 / best_s(lambda: one @ one.T) for one in squares}

with device.all_cores():
    moved, peak = ceilings()
bandwidth = max(moved.values())
print(", ".join(f"{name} {speed / 1e9:.1f} GB/s" for name, speed in moved.items()), f"on {device.machine()}")
for dtype, most in peak.items():
    print(f"{str(dtype)[6:]}: {most / 1e9:.1f} GFLOP/s, {most / bandwidth:.1f} FLOPs a byte")

# %% [markdown]
r"""
Now a real model: SmolLM2, 134.5 million weights, in both dtypes. It **decodes** (one new token for each of a batch's
sequences) and **prefills** (reads a prompt at once). Counted: two FLOPs for each weight and token, each weight's bytes
once; what attention and activations add is left out. **Look for** where the prediction from both ceilings falls below that
from memory alone, and how far the measured tokens a second stay below both: norms, softmax and Python take their time, too.
"""

# %% tags=["explore"]
chats = {dtype: chat_decoder(dtype)[0] for dtype in peak}
works = {"decode, batch 1": (1, 1), "decode, batch 8": (8, 1), "prefill, 32 tokens": (1, 32), "prefill, 256 tokens": (1, 256)}
spots = []
print(f"{'tokens/s':30}" + "".join(f"{one:>16}" for one in ("memory alone", "both ceilings", "measured")))
for dtype, model in chats.items():
    weights = sum(one.nbytes for one in model.parameters())
    for name, shape in works.items():
        tokens = math.prod(shape)
        flops = 2 * tokens * weights / dtype.itemsize
        least = time_lower_bound(flops, weights, peak[dtype], bandwidth)
        with device.all_cores():
            seconds = best_s(lambda: model(torch.zeros(shape, dtype=torch.long)), runs=2)
        spots.append((dtype, flops / weights, flops / seconds))
        predicted = decode_tokens_per_s(weights, 0, bandwidth, tokens), tokens / least
        print(f"{str(dtype)[6:]:9} {name:20}" + "".join(f"{one:16.1f}" for one in (*predicted, tokens / seconds)))
        if seconds > 1: break  # a product without fast instructions: longer prompts would take too long

# %% [markdown]
r"""
The same on a **roofline**: intensity across, FLOP/s up, both logarithmic; a roof for each dtype, the spots are measured.
**Look for** the slope and the flat. Under the slope, as one sequence's decoding in float32, more tokens a read cost little;
under the flat part, as a long prompt, twice the tokens take twice the time. A spot above its roof says that a ceiling
was measured too low.
"""

# %% tags=["explore"]
per_byte = np.logspace(-2, 3, 200)
roofs = {str(dtype)[6:]: np.minimum(most, per_byte * bandwidth) / 1e9 for dtype, most in peak.items()}
ax = plot.curves(roofs, per_byte, "FLOPs a byte", "GFLOP/s", logx=True, logy=True, title="SmolLM2 on this machine")
for dtype, colour in zip(chats, plot.COLOURS):
    ax.scatter(*zip(*[(across, up / 1e9) for one, across, up in spots if one == dtype]), color=colour)

# %% [markdown]
r"""
### 2 · Keep what was read

*10 points · core · 30 min · Pope et al. 2022, section 2*

Keys and values do not depend on what follows: a **cache** may keep them. `torch.cat` copies all at each step; so room is
taken once, and `append` gives **views**. A step's tokens count in `length` once the last layer has them.

`generate` takes n steps: the first reads ids, which follow what the cache holds, the others one new token each. The last
one is returned unread. RoPE turns by places in the whole text.

<details><summary>A nudge</summary>Read what is not in the cache, at positions from <code>cache.length</code>.</details>
<details><summary>The key step</summary>When the second layer begins, the first has appended.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "kv-cache", "locked": false, "schema_version": 3, "solution": true, "task": false}
class KVCache:
    """Keys and values of the tokens read: room for max_len, taken once, all of dtype. length: tokens that every layer holds."""
    def __init__(self, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=torch.float32):
        ### BEGIN SOLUTION
        self.keys, self.values = torch.zeros(2, n_layers, batch, n_kv_heads, max_len, head_dim, dtype=dtype)
        self.max_len, self.held, self.length = max_len, [0] * n_layers, 0
        ### END SOLUTION
    def append(self, layer, k, v):
        """Add k, v (batch, n_kv_heads, T, head_dim); give views of all that layer holds. No room: ValueError, names max_len."""
        ### BEGIN SOLUTION
        start, end = self.held[layer], self.held[layer] + k.shape[2]
        if end > self.max_len: raise ValueError(f"{end} tokens have no room: max_len is {self.max_len}")
        self.keys[layer, :, :, start:end], self.values[layer, :, :, start:end] = k, v
        self.held[layer] = end
        self.length = min(self.held)
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]
        ### END SOLUTION
    def truncate(self, length):
        """Keep the first `length` tokens of every layer, forget the rest; ValueError unless 0 <= length <= self.length."""
        ### BEGIN SOLUTION
        if not 0 <= length <= self.length: raise ValueError(f"{length} tokens cannot be kept of {self.length}")
        self.held, self.length = [length] * len(self.held), length
        ### END SOLUTION
def kv_bytes(n_layers, batch, n_kv_heads, length, head_dim, itemsize):
    """Bytes that the keys and values of `length` tokens take in all layers; itemsize: bytes of one number."""
    ### BEGIN SOLUTION
    return 2 * n_layers * batch * n_kv_heads * length * head_dim * itemsize
    ### END SOLUTION
def generate(model, ids, n, cache=None):
    """n new tokens (B, n), each the likeliest after all before it: what the cache holds, ids (B, T), those already written.
    cache None: nothing stands before ids, and each step reads all again."""
    ### BEGIN SOLUTION
    text, start = ids, 0 if cache is None else cache.length
    for _ in range(n):
        done = 0 if cache is None else cache.length - start
        positions = torch.arange(start + done, start + text.shape[1])
        best = model.head(model.hidden(text[:, done:], cache, positions)[:, -1:]).argmax(-1)
        text = torch.cat([text, best], 1)
    return text[:, ids.shape[1] :]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "kv-cache-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""What the cache gives, against joined tensors. A number appends so many tokens to each layer; a string truncates."""
def kv_new(step, layer, T, sizes):
    """New keys and values, (batch, n_kv_heads, T, head_dim)."""
    return [check.normal(sizes[0], sizes[1], T, sizes[2], seed=100 * step + 2 * layer + i) for i in range(2)]
def kv_played(script, layers=2, sizes=(3, 2, 4), room=9):
    """What append gave and length at once after it; after a truncation, length alone."""
    cache, got = KVCache(layers, sizes[0], sizes[1], room, sizes[2], torch.float64), []
    for step, T in enumerate(script):
        if isinstance(T, str): cache.truncate(int(T))
        for layer in range(0 if isinstance(T, str) else layers):
            got.append([one.clone() for one in cache.append(layer, *kv_new(step, layer, T, sizes))] + [cache.length])
        got.append(cache.length)
    return got
def kv_joined(script, layers=2, sizes=(3, 2, 4)):
    """The oracle: torch.cat."""
    held, got = [kv_new(0, layer, 0, sizes) for layer in range(layers)], []
    for step, T in enumerate(script):
        if isinstance(T, str): held = [[one[:, :, : int(T)] for one in pair] for pair in held]
        for layer in range(0 if isinstance(T, str) else layers):
            held[layer] = [torch.cat(pair, 2) for pair in zip(held[layer], kv_new(step, layer, T, sizes))]
            got.append([*held[layer], min(k.shape[2] for k, _ in held)])
        got.append(held[0][0].shape[2])
    return got
check.close(lambda: kv_played([3, 1, 2]), kv_joined([3, 1, 2]), "In order, layer by layer? length waits for the last layer.")
check.close(lambda: kv_played([4, "2", 3]), kv_joined([4, "2", 3]), "truncate(2): do both layers go on from the third token?")
### BEGIN HIDDEN TESTS
for script, layers, sizes, room in [
    ([9], 1, (2, 3, 5), 9), ([7, "0", 5, "5", 1], 3, (1, 4, 2), 7), ([2, 5, "3", 1], 4, (2, 1, 6), 40)]:
    check.close(lambda: kv_played(script, layers, sizes, room), kv_joined(script, layers, sizes),
        "Other sizes, the last place used, truncated to nothing and to all that is held: is all in order?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "kv-cache-test-full", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""No room, and no such length: a clear refusal, after which all is as before."""
def kv_full(held, T, room=5, then=0):
    """What a cache of so much room says to T tokens more; or, told to take `then` more after that, what it gives."""
    cache, said = KVCache(2, 1, 3, room, 2, torch.float64), "nothing"
    for layer in range(2): cache.append(layer, *kv_new(0, layer, held, (1, 3, 2)))
    try: cache.append(0, *kv_new(1, 0, T, (1, 3, 2)))
    except ValueError as error: said = str(error)
    return [[*cache.append(layer, *kv_new(2, layer, then, (1, 3, 2)))] for layer in range(2)] if then else said
def kv_cut(held, *lengths):
    """A cache of so many tokens after these truncations."""
    cache = KVCache(2, 1, 3, 8, 2)
    for layer in range(2): cache.append(layer, *kv_new(0, layer, held, (1, 3, 2)))
    for length in lengths: cache.truncate(length)
    return cache.length

check.that(lambda: kv_full(4, 2), lambda text: "max_len" in text, "4 of 5 are held, 2 come: a ValueError that names max_len.")
check.close(lambda: kv_full(4, 2, then=1), [
    [torch.cat(pair, 2) for pair in zip(kv_new(0, layer, 4, (1, 3, 2)), kv_new(2, layer, 1, (1, 3, 2)))] for layer in range(2)],
    "After the refusal all is as before, and one token still fits: is anything written or counted before the error?")
check.raises(lambda: kv_cut(4, 5), ValueError, "Of 4 tokens, 5 cannot be kept: what stands behind them is no token's.")
### BEGIN HIDDEN TESTS
check.equal(lambda: kv_cut(4, 4, 3, 3, 0), 0, "All 4, then 3, then none: each of these lengths may be asked for.")
for lengths in [(-1,), (2, 3), (0, 1)]:
    check.raises(lambda: kv_cut(4, *lengths), ValueError, "Below 0, or more than are held now: refused.")
check.that(lambda: kv_full(0, 6), lambda text: "max_len" in text, "More than max_len, into an empty cache: refused, too.")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-new-bytes", "locked": true, "schema_version": 3, "solution": false, "task": false}
from torch.utils._python_dispatch import TorchDispatchMode

def kv_storages(tree):
    """The memory behind all tensors of a structure: address -> bytes."""
    from torch.utils._pytree import tree_leaves
    found = [one.untyped_storage() for one in tree_leaves(tree) if isinstance(one, torch.Tensor)]
    return {one.data_ptr(): one.nbytes() for one in found}

class NewBytes(TorchDispatchMode):
    """Inside `with NewBytes() as new:`, new.bytes is the memory that operations take for what they return, new.most the largest."""
    bytes = most = 0
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out, old = func(*args, **(kwargs or {})), kv_storages([args, kwargs])
        sizes = [size for place, size in kv_storages(out).items() if place not in old]
        self.bytes, self.most = self.bytes + sum(sizes), max([self.most, *sizes])
        return out

# %% nbgrader={"grade": true, "grade_id": "kv-cache-test-memory", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Room is taken once: the same places in memory at every step, and nothing copied but what is new."""
def kv_memory(steps, layers, sizes, room, dtype=torch.float64):
    """Places in memory by layer (1 each, if they stay), all places, bytes behind them, bytes that appending took, dtypes."""
    given = [[[one.float() for one in kv_new(step, i, T, sizes)] for i in range(layers)] for step, T in enumerate(steps)]
    with NewBytes() as new:
        cache = KVCache(layers, sizes[0], sizes[1], room, sizes[2], dtype)
        new.bytes = 0
        seen = [[cache.append(layer, k, v) for layer, (k, v) in enumerate(pairs)] for pairs in given]
    places = [[{step[layer][i].data_ptr() for step in seen} for i in range(2)] for layer in range(layers)]
    return {"a layer": [[len(one) for one in pair] for pair in places], "all": len(set().union(*sum(places, []))),
            "behind": sum(kv_storages(seen).values()), "new": new.bytes, "given": given, "dtype": str(seen[-1][0][0].dtype)}
def kv_two():
    """How many places in memory two caches have, filled in turns, and told to keep all in between."""
    caches, one = [KVCache(1, 1, 1, 2, 3), KVCache(1, 1, 1, 2, 3)], torch.ones(1, 1, 1, 3)
    return len({x.data_ptr() for cache in 2 * caches for x in (cache.append(0, one, one), cache.truncate(cache.length))[0]})

check.equal(lambda: kv_memory([2, 1, 1], 2, (1, 3, 4), 8)["a layer"], [[1, 1], [1, 1]],
    "At every step a layer's keys begin at the same place in memory: is room taken once, and are views of it returned?")
check.equal(lambda: kv_memory([2, 1, 1], 2, (1, 3, 4), 8)["all"], 4, "Two layers, keys and values: four places, none shared.")
### BEGIN HIDDEN TESTS
check.that(lambda: kv_memory([40] + 9 * [1], 3, (2, 1, 16), 64)["new"] / (3 * 49 * 2 * 2 * 16 * 8), lambda part: part < 3,
    "Does each step copy what was held before? Only what is new need be written, at most cast to dtype on its way.")
for dtype in (torch.bfloat16, torch.float32):
    check.equal(lambda: kv_memory([2, 1], 1, (1, 2, 4), 3, dtype)["dtype"], str(dtype), "What is kept is of the cache's dtype.")
check.equal(lambda: str(KVCache(1, 1, 1, 2, 3).append(0, *torch.ones(2, 1, 1, 1, 3))[1].dtype), "torch.float32", "By default?")
check.equal(kv_two, 4, "Two caches, keys and values: four places. Are any, or counts, shared, or does truncate take room anew?")
check.close(lambda: kv_memory([3], 1, (1, 2, 4), 3)["given"], [[[one.float() for one in kv_new(0, 0, 3, (1, 2, 4))]]],
    "Is k or v, as given, another after append?")
check.that(lambda: kv_memory([3] * 5, 3, (2, 5, 4), 17)["behind"] / (2 * 3 * 2 * 5 * 17 * 4 * 8), lambda part: 0.99 < part < 1.2,
    "Room for max_len tokens and no more, in each layer; of the batch's size and n_kv_heads.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "kv-cache-test-bytes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""What a cache takes, against tensors that know their bytes."""
check.equal(lambda: kv_bytes(2, 1, 3, 8, 4, 8), 4 * torch.ones(1, 3, 8, 4).double().nbytes,
    "2 layers, keys and values: 4 tensors of 1 x 3 x 8 x 4 numbers, 8 bytes each.")
check.equal(lambda: kv_bytes(32, 1, 32, 4096, 128, 2), 2**31, "Llama-2-7B in 16 bits: 4,096 tokens take 2 GiB.")
### BEGIN HIDDEN TESTS
for sizes in [(32, 5, 8, 8192, 128, 2), (30, 3, 3, 17, 64, 4), (1, 1, 1, 1, 1, 1)]:
    check.equal(lambda: kv_bytes(*sizes), 2 * math.prod(sizes), "Does each size count once, and both keys and values?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "kv-cache-test-generate", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""The same tokens as without a cache, from as little reading as possible; transformers' Llama says which."""
def kv_ids(B, T, seed=0):
    return check.integers(B, T, high=29, seed=seed)
def kv_oracle(ids, n, seed=0):
    """The oracle: transformers' model reads everything again for each token."""
    llama, text = small_llama(seed), ids
    for _ in range(n): text = torch.cat([text, llama(text).logits[:, -1:].argmax(-1)], 1)
    return text[:, -n:]
def kv_written(turns, room=None, seed=0):
    """For each turn (ids, n, keep): new tokens, how many each step read, the length held, ids changed; keep: truncate first."""
    model, cache, got, reads = to_decoder(small_llama(seed)), None, [], []
    model.layers[-1].register_forward_pre_hook(lambda block, args: reads.append(args[0].shape[1]))
    if room: cache = KVCache(2, len(turns[0][0]), 2, room, 4, torch.float64)
    for ids, n, keep in turns:
        if keep is not None: cache.truncate(keep)
        before = ids.clone()
        got.append([generate(model, ids, n, cache), reads[:], cache.length if room else 0, int((ids != before).sum())])
        reads.clear()
    return got
a, b = kv_ids(2, 5), kv_ids(2, 3, seed=1)
check.close(lambda: kv_written([(a, 6, None)]), [[kv_oracle(a, 6), [5, 6, 7, 8, 9, 10], 0, 0]], "No cache: each step reads all.")
check.close(lambda: kv_written([(a, 6, None)], 10), [[kv_oracle(a, 6), [5, 1, 1, 1, 1, 1], 10, 0]],
    "With a cache: the same tokens. The first step reads 5, the others one each, at its own position; the last is not read.")
### BEGIN HIDDEN TESTS
x, c = kv_oracle(a, 4), kv_ids(1, 1, seed=2)
check.close(lambda: kv_written([(a, 4, None), (b, 3, None), (b, 5, 5), (a, 1, 0)], 24), [[x, [5, 1, 1, 1], 8, 0],
    [kv_oracle(torch.cat([a, x[:, :3], b], 1), 3), [3, 1, 1], 13, 0],
    [kv_oracle(torch.cat([a, b], 1), 5), [3, 1, 1, 1, 1], 12, 0], [kv_oracle(a, 1), [5], 5, 0]],
    "After what is held, and after truncate(5) and (0): do positions and answers follow from what the cache holds then?")
check.close(lambda: kv_written([(c, 40, None)], 40), [[kv_oracle(c, 40), [1] * 40, 40, 0]], "From one, 40 more; 0 ends nothing.")
check.raises(lambda: kv_written([(a, 6, None)], 9), ValueError, "10 tokens are read, and the cache has room for 9: a ValueError.")
### END HIDDEN TESTS

# %% [markdown]
r"""
What a token costs as the answer grows, on SmolLM2: with the cache, and with all read again. **Look for** the slopes: without
a cache a token costs more the later it comes, so the time of a whole answer grows with the square of its length; with it, a
token costs one read of the weights, and a little for what is kept.
"""

# %% tags=["explore"]
model, tokenizer = chat_decoder()
sizes = model.config.num_hidden_layers, 1, model.config.num_key_value_heads, 512, model.config.head_dim
told = tokenizer("Once upon a time, in a town by the sea,", return_tensors="pt").input_ids
cache, step, kept_ms, lengths = KVCache(*sizes), told, [], [16, 64, 128, 192]
with device.all_cores():
    for _ in range(lengths[-1]):
        start = time.perf_counter()
        step = generate(model, step, 1, cache)
        kept_ms.append(1000 * (time.perf_counter() - start))
        told = torch.cat([told, step], 1)
    again_ms = [1000 * best_s(lambda: generate(model, told[:, :length], 1), runs=2) for length in lengths]
series = {"kept": kept_ms[1:], "read again": again_ms}
places = {"kept": range(cache.length - len(kept_ms) + 1, cache.length), "read again": lengths}
plot.curves(series, places, "position in the text (tokens)", "ms per token").set(ylim=(0, None))
rest = sorted(kept_ms[1:])
print(f"kept: {1000 / rest[len(rest) // 2]:.1f} tokens/s; read again at {lengths[-1]} tokens: {1000 / again_ms[-1]:.1f} tokens/s")
print(tokenizer.decode(told[0, :60]), "…")

# %% [markdown]
r"""
What a cache takes in 16 bits, from the models' papers and configurations: 32 layers and heads 128 wide in both larger ones.
Llama-2-7B keeps keys and values for all of its 32 heads, Llama-3-8B for 8. **Look for** the distance between the two on the
left, a factor of 4, and for what it does on the right, with 4,096 tokens a sequence, on a machine that reads 2 TB a second:
from seven sequences on Llama-2's caches outweigh its weights, and each further one brings less, even where memory has room.
"""

# %% tags=["explore"]
shapes = {"Llama-2-7B": (32, 32, 128, 13.5e9), "Llama-3-8B": (32, 8, 128, 16.1e9), "SmolLM2-135M": (30, 3, 64, 0.27e9)}
contexts, batches = [2**n for n in range(5, 15)], [2**n for n in range(9)]
caches, speeds = {}, {}
for name, (n_layers, n_kv_heads, head_dim, weights) in shapes.items():
    caches[name] = [kv_bytes(n_layers, 1, n_kv_heads, context, head_dim, 2) / 2**20 for context in contexts]
    each = kv_bytes(n_layers, 1, n_kv_heads, 4096, head_dim, 2)
    speeds[name] = [decode_tokens_per_s(weights, each, 2e12, batch) for batch in batches]
    print(f"{name}: {each // 4096:,} bytes a token, {each / 2**20:,.0f} MiB at 4,096 tokens")
left, right = plot.grid(1, 2, width=4.2, height=3.4)
plot.curves(caches, contexts, "context (tokens)", "cache of one sequence (MiB)", logx=True, logy=True, ax=left)
del speeds["SmolLM2-135M"]
plot.curves(speeds, batches, "batch (sequences)", "tokens/s of the whole batch", logx=True, ax=right);

# %% [markdown]
r"""
# B · Attention without the matrix

The T x S matrix of attention's weights need never exist. What that saves is not arithmetic: it is traffic to memory.
"""

# %% [markdown]
r"""
### 3 · A softmax that never sees it all

*6 points · core · 15 min · Milakov and Gimelshein 2018, sections 3 and 3.1*

A softmax needs the largest score and the sum of all exponentials before its first weight. Yet of any part of a row with scores
$x_s$ and values $v_s$, three things say all that the rest must know:

$$m=\max_s x_s,\qquad l=\sum_s e^{x_s-m},\qquad o=\sum_s e^{x_s-m}\,v_s$$

Two parts merge into one, in any order and grouping. At the end $o/l$ is softmax's weighted sum, exactly. A part without scores
is $m=-\infty$, $l=0$, $o=0$: merging it changes nothing.

<details><summary>A nudge</summary>What is each sum to be multiplied by when its maximum rises from m1 to m?</details>
<details><summary>The key step</summary>Two empty parts: −∞ − (−∞) is NaN. Subtract something finite there.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-meter", "locked": true, "schema_version": 3, "solution": false, "task": false}
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

class TensorMeter(TorchDispatchMode):
    """Watches every tensor that PyTorch makes in a `with` block.

    largest: the numbers in the largest one; peak: the most bytes alive at once; kept(): the bytes alive now;
    multiplied: how many multiplications the matrix products took. Views of what was there before take no bytes."""

    def __init__(self):
        super().__init__()
        self.largest, self.peak, self.multiplied, self.alive = 0, 0, 0, {}

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        made = op(*args, **(kwargs or {}))
        before, after = ([x for x in tree_leaves(some) if isinstance(x, torch.Tensor)] for some in ((args, kwargs), made))
        old = {x.untyped_storage()._cdata for x in before}
        self.largest = max([self.largest, *(x.numel() for x in after)])
        for store in (x.untyped_storage() for x in after):
            if store._cdata not in old: self.alive[store._cdata] = StorageWeakRef(store), store.nbytes()
        if op.overloadpacket in (torch.ops.aten.mm, torch.ops.aten.bmm): self.multiplied += made.numel() * before[0].shape[-1]
        if op.overloadpacket in (torch.ops.aten.addmm, torch.ops.aten.baddbmm):
            self.multiplied += made.numel() * before[1].shape[-1]
        self.peak = max(self.peak, self.kept())
        return made

    def kept(self):
        self.alive = {key: one for key, one in self.alive.items() if not one[0].expired()}
        return sum(size for _, size in self.alive.values())

# %% nbgrader={"grade": false, "grade_id": "online-softmax", "locked": false, "schema_version": 3, "solution": true, "task": false}
def merge(m1, l1, o1, m2, l2, o2):
    """Two parts of a row's softmax as one: (m, l, o).

    m (...): the largest score, -inf if there is none; l (...): the sum of exp(score - m); o (..., E): the sum of
    exp(score - m) * value, not divided by l. Any scores, also of -10,000 and 10,000; never NaN."""
    ### BEGIN SOLUTION
    m = torch.maximum(m1, m2)
    base = m.masked_fill(m == -math.inf, 0.0)  # nothing in either part: both factors shall be 0, not NaN
    a, b = torch.exp(m1 - base), torch.exp(m2 - base)
    return m, a * l1 + b * l2, a[..., None] * o1 + b[..., None] * o2
    ### END SOLUTION

def softmax_sum(chunks):
    """softmax(all scores) @ all values, (..., T, E), in their dtype, from chunks that arrive one after another.

    chunks: any iterable, also a generator, of one or more pairs of scores (..., T, s) and values (..., s, E), s from 1 and
    not always the same; the softmax runs over the scores of all chunks together. A chunk is not kept once the next has come.
    A score of -inf has weight 0, whole chunks of them too; a row with no other score gives 0."""
    ### BEGIN SOLUTION
    state = None
    for scores, values in chunks:
        m = scores.amax(-1)
        weights = torch.exp(scores - m.masked_fill(m == -math.inf, 0.0)[..., None])
        part = m, weights.sum(-1), weights @ values
        state = part if state is None else merge(*state, *part)
    _, total, o = state
    return o / total.masked_fill(total == 0, 1.0)[..., None]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "online-softmax-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Merging parts: two by hand, three in both groupings, empty ones, large scores."""
def os_part(scores, values):
    """The three numbers of scores (..., s) and values (..., s, E), straight from their definition."""
    if not scores.shape[-1]: return scores.new_full(scores.shape[:-1], -math.inf), scores.sum(-1), values.sum(-2)
    top = scores.max(-1, keepdim=True).values
    return top.squeeze(-1), (scores - top).exp().sum(-1), ((scores - top).exp()[..., None] * values).sum(-2)
def os_parts(*ends, size=1.0):
    """A row's scores (2, 3, s) and values (2, 3, s, 4) cut at `ends`, the part of each piece."""
    scores, values = size * check.normal(2, 3, ends[-1]), check.normal(2, 3, ends[-1], 4)
    return [os_part(scores[..., a:b], values[..., a:b, :]) for a, b in zip(ends, ends[1:])]

os_one, os_zero, os_log3 = torch.tensor(1.0).double(), torch.tensor(0.0).double(), torch.tensor(3.0).double().log()
check.close(lambda: merge(os_zero, os_one, 4 * torch.ones(1).double(), os_log3, os_one, 8 * torch.ones(1).double()),
    (os_log3, torch.tensor(4 / 3), torch.tensor([28 / 3])),
    "Scores 0 and ln 3, values 4 and 8: m is ln 3, so the first part counts a third. Are l and o both rescaled?")
check.close(lambda: merge(*os_parts(0, 2, 7)[0], *os_parts(0, 2, 7)[1]), os_parts(0, 7)[0],
    "Two parts as one: is each rescaled by exp(its own maximum - the common one), and o left undivided?")
check.close(lambda: merge(*os_parts(0, 0, 5)[0], *os_parts(0, 0, 5)[1]), os_parts(0, 5)[0], "The first part is empty.")
check.close(lambda: merge(*os_parts(0, 5, 5)[0], *os_parts(0, 5, 5)[1]), os_parts(0, 5)[0], "The second part is empty.")
check.close(lambda: merge(*os_parts(0, 0, 0)[0], *os_parts(0, 0, 0)[1]), os_parts(0, 0)[0],
    "Both are empty, and so is the result: m = -inf, l = 0, o = 0. Is -inf subtracted from -inf?")
### BEGIN HIDDEN TESTS
os_mixed = [torch.stack([one[0, 0], other[0, 0]]) for one, other in zip(os_parts(0, 0)[0], os_parts(0, 4)[0])]
check.close(lambda: merge(*os_mixed, *(one.flip(0) for one in os_mixed)), [torch.stack([one[1]] * 2) for one in os_mixed],
    "Rows of one batch: some have an empty part, some not. Is each row decided for itself?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "online-softmax-test-large", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Large scores, three parts in any grouping."""
check.close(lambda: merge(*os_parts(0, 2, 7, size=1e4)[0], *os_parts(0, 2, 7, size=1e4)[1]), os_parts(0, 7, size=1e4)[0],
    "Scores of 10,000 and -10,000: does an exponential overflow, or is a log of 0 taken?")
os_a, os_b, os_c = os_parts(0, 3, 4, 11, size=3)
def os_after(*state):
    merge(*state)
    return state
check.close(lambda: os_after(*os_a, *os_b), [*os_parts(0, 3, 4, 11, size=3)[0], *os_parts(0, 3, 4, 11, size=3)[1]],
    "The arguments have changed: is something done in place?")
check.same(lambda: merge(*merge(*os_a, *os_b), *os_c), lambda: merge(*os_a, *merge(*os_b, *os_c)),
    "Merged from the left and from the right: do both give the same?")
### BEGIN HIDDEN TESTS
os_a, os_b, os_c = os_parts(0, 3, 4, 11, size=3e3)
check.close(lambda: merge(*merge(*os_c, *os_a), *os_b), os_parts(0, 11, size=3e3)[0], "Three parts in another order.")
check.close(lambda: merge(*os_a, *os_a), (os_a[0], 2 * os_a[1], 2 * os_a[2]), "Both have the same maximum: does each part count?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "online-softmax-test-stream", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The weighted sum of a stream: any split, large scores, scores of -inf."""
def os_stream(*sizes, scale=1.0, hide=0):
    """Chunks of the given sizes: scores (2, 3, s), values (2, s, 4); the first `hide` scores of the middle row are -inf."""
    scores, values = scale * check.normal(2, 3, sum(sizes)), check.normal(2, sum(sizes), 4, seed=1)
    scores[:, 1, :hide] = -math.inf
    return zip(scores.split(sizes, -1), values.split(sizes, -2))
def os_whole(*sizes, **how):
    """The oracle: all at once."""
    scores, values = (torch.cat(some, dim) for some, dim in zip(zip(*os_stream(*sizes, **how)), (-1, -2)))
    return (scores.softmax(-1) @ values).nan_to_num(0.0)

for sizes in [(5,), (1, 1, 3), (2, 4, 1)]:
    check.close(lambda: softmax_sum(os_stream(*sizes)), os_whole(*sizes), "Is the softmax over the scores of all chunks?")
check.close(lambda: softmax_sum(os_stream(2, 3, 4, scale=1e4)), os_whole(2, 3, 4, scale=1e4), "Large scores: what overflows?")
check.close(lambda: softmax_sum(os_stream(2, 3, 4, hide=5)), os_whole(2, 3, 4, hide=5),
    "The first two chunks hold nothing but -inf for one row: what does it do with an empty part?")
check.close(lambda: softmax_sum(os_stream(2, 3, hide=5)), os_whole(2, 3, hide=5), "A row of -inf alone gives 0, not NaN.")
### BEGIN HIDDEN TESTS
os_given = list(os_stream(2, 3))
check.close(lambda: (softmax_sum(os_given), os_given)[1], list(os_stream(2, 3)), "The chunks were changed in place.")
check.close(lambda: softmax_sum(os_stream(1, 7, 2, 9, scale=50)), os_whole(1, 7, 2, 9, scale=50), "Another split.")
os_typed = [[(x.to(d), v.to(d)) for x, v in os_stream(4, 2)] for d in (torch.float32, torch.float64)]
check.equal(lambda: [str(softmax_sum(one).dtype) for one in os_typed], ["torch.float32", "torch.float64"],
    "In which dtype does the result come?")
check.close(lambda: softmax_sum([(one.float(), two.float()) for one, two in os_stream(6, 2, scale=9, hide=7)]),
    os_whole(6, 2, scale=9, hide=7).float(), "In float32.")
for os_lead in [lambda one: one[0], lambda one: one[:, None]]:
    check.close(lambda: softmax_sum((os_lead(x) - 1e4, os_lead(v)) for x, v in os_stream(2, 5, 3)), os_lead(os_whole(2, 5, 3)),
        "Other leading dimensions, and scores all far below 0: with which maximum does the stream begin?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "online-softmax-test-once", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""How large the tensors are that are made, and how many chunks are held when the next is asked for."""
def os_held(count, size):
    """The numbers in the largest tensor made, and how many earlier chunks still live when the next is asked for, at most."""
    alive, most = [], [0]
    def chunks():
        for i in range(count):
            most[0] = max(most[0], sum(not one.expired() for one in alive))
            pair = check.normal(3, size, seed=i), check.normal(size, 4, seed=i)
            alive.append(StorageWeakRef(pair[0].untyped_storage()))
            yield pair
            del pair
    with TensorMeter() as meter: softmax_sum(chunks())
    return [meter.largest, most[0]]
check.that(lambda: os_held(30, 8), lambda seen: seen[0] <= 100 and seen[1] <= 3,
    "30 chunks of 3 x 8 scores: it makes a tensor, or holds chunks, as large as all of them together.")
### BEGIN HIDDEN TESTS
check.that(lambda: os_held(80, 5), lambda seen: seen[0] <= 80 and seen[1] <= 3, "80 chunks of 5: what grows with their number?")
check.close(lambda: softmax_sum(os_stream(*[5] * 40)), os_whole(*[5] * 40), "The sum over 40 chunks.")
### END HIDDEN TESTS

# %% [markdown]
r"""
One row of 320 scores in 20 chunks. **Look for** the steps: where the maximum $m$ (left) rises far, the sum $l$ (right) drops,
for what was summed before is written anew in units of $e^m$. Their combination $m+\ln l$, the log of the sum of all
exponentials, only grows.
"""

# %% tags=["explore"]
scores = 2 * check.normal(320, seed=4) + torch.linspace(0, 6, 320)
state, seen = (torch.tensor(-math.inf), torch.tensor(0.0), torch.zeros(1)), {"maximum m": [], "m + ln l": [], "sum l": []}
for chunk in scores.split(16):
    state = merge(*state, chunk.max(), (chunk - chunk.max()).exp().sum(), torch.zeros(1))
    for label, value in zip(seen, (state[0], state[0] + state[1].log(), state[1])): seen[label].append(value)
top, bottom = plot.grid(1, 2, 4, 3)
plot.curves({label: seen[label] for label in list(seen)[:2]}, range(1, 21), "chunks read", "score", ax=top)
plot.curves({"sum l": seen["sum l"]}, range(1, 21), "chunks read", "sum of exp(score - m)", ax=bottom);

# %% [markdown]
r"""
### 4 · Attention in tiles

*10 points · core · 30 min · Dao et al. 2022, section 3.1; Dao 2023, section 3.1*

Take `block_q` queries, walk over the keys `block_k` at a time, merging as you go: one tile of scores exists at a time. Return
the output and, for later, each row's $\mathrm{lse}=m+\ln l$.

**Causal**: the queries are the last T of S tokens, as with a cache; query $t$ sees the keys up to $t+S-T$. A tile that
no query sees is not computed. A query that sees no key (T > S): output 0, lse $-\infty$.

Tests count the multiplications.

<details><summary>A nudge</summary>Up to which key does this block's last query see?</details>
<details><summary>The key step</summary>A tile's mask follows from where it begins.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "flash-forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def flash_attention(q, k, v, causal=False, block_q=64, block_k=64):
    """softmax(q @ k.mT / sqrt(D)) @ v tile by tile: (out (..., T, E), lse (..., T)), in q's dtype.

    q (..., T, D), k (..., S, D), v (..., S, E), with the same leading dimensions, in any memory layout; T, S: any length from 1.
    lse: natural log of the sum of exp(score), scores scaled as above. causal: query t sees the keys 0 to t + S - T; if it
    sees none, its out is 0 and its lse -inf. No tile has more than block_q rows and block_k columns, no tensor more
    numbers than a tile or one of q, k, v, out. Tiles above the diagonal are skipped."""
    ### BEGIN SOLUTION
    (T, D), (S, E) = q.shape[-2:], v.shape[-2:]
    out, lse = q.new_zeros(*q.shape[:-1], E), q.new_full(q.shape[:-1], -math.inf)
    for start in range(0, T, block_q):
        rows = q[..., start : start + block_q, :] * D**-0.5
        m, total = rows.new_full(rows.shape[:-1], -math.inf), rows.new_zeros(rows.shape[:-1])
        o = rows.new_zeros(*rows.shape[:-1], E)
        first, last = start + S - T, start + rows.shape[-2] - 1 + S - T  # the last key that the first, the last row sees
        for left in range(0, min(S, last + 1) if causal else S, block_k):
            tile = rows @ k[..., left : left + block_k, :].mT
            if causal and left + tile.shape[-1] - 1 > first:
                ahead = torch.ones(tile.shape[-2:], dtype=torch.bool, device=q.device).triu(first - left + 1)
                tile = tile.masked_fill(ahead, -math.inf)
            top = torch.maximum(m, tile.amax(-1))
            base = top.masked_fill(top == -math.inf, 0.0)  # a row that has seen nothing yet
            shrink, weights = torch.exp(m - base), torch.exp(tile - base[..., None])
            total = shrink * total + weights.sum(-1)
            o = shrink[..., None] * o + weights @ v[..., left : left + block_k, :]
            m = top
        lse[..., start : start + block_q] = m + total.log()
        out[..., start : start + block_q, :] = o / total.masked_fill(total == 0, 1.0)[..., None]
    return out, lse
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "flash-forward-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""All keys in sight: PyTorch's own attention, and logsumexp of the scores; lengths that no block divides."""
def fa_inputs(*lead, T=7, S=11, D=4, E=6, size=1.0):
    return size * check.normal(*lead, T, D), size * check.normal(*lead, S, D, seed=1), check.normal(*lead, S, E, seed=2)
def fa_expected(q, k, v, causal=False):
    """The oracle, with the whole matrix: (out, lse)."""
    (T, D), S = q.shape[-2:], k.shape[-2]
    hidden = torch.arange(S) > torch.arange(T)[:, None] + (S - T if causal else S)
    scores = torch.einsum("...td,...sd->...ts", q, k).div(math.sqrt(D)).where(~hidden, torch.tensor(-math.inf).to(q))
    return scores.softmax(-1).nan_to_num(0.0) @ v, scores.logsumexp(-1)

q, k, v = fa_inputs(2, 3)
check.close(lambda: flash_attention(q, k, v)[0], F.scaled_dot_product_attention(q, k, v),
    "One tile holds all: is the scale 1 / sqrt(D), D being a query's width, and o divided by l at the end?")
check.close(lambda: flash_attention(q, k, v)[1], fa_expected(q, k, v)[1], "lse is m + ln l, a natural logarithm.")
for block_q, block_k in [(7, 4), (3, 11), (2, 3), (1, 1)]:
    check.close(lambda: flash_attention(q, k, v, False, block_q, block_k), fa_expected(q, k, v),
        "Several tiles: are l and o rescaled when the maximum rises? Is the ragged last tile there?")
### BEGIN HIDDEN TESTS
for lead, T, S in [((), 1, 130), ((5,), 70, 1), ((1, 2, 3), 9, 65)]:
    some = [one.float() for one in fa_inputs(*lead, T=T, S=S, D=8, E=5, size=3)]
    check.close(lambda: flash_attention(*some), fa_expected(*some), "Other leading dimensions and lengths, in float32.")
check.equal(lambda: [str(one.dtype) for one in flash_attention(*some)], ["torch.float32"] * 2, "In which dtype do both come?")
some = [one.transpose(0, 1) for one in fa_inputs(7, 5, T=2, S=2, E=4)]
some = [one.mT.contiguous().mT for one in some]
check.close(lambda: flash_attention(*some), fa_expected(*some), "Tensors whose memory is laid out in another order.")
def fa_after(q, k, v, *rest):
    flash_attention(q, k, v, *rest)
    return q, k, v
check.close(lambda: fa_after(*fa_inputs(2), False, 4, 4), fa_inputs(2), "The arguments have changed: is q scaled in place?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "flash-forward-test-large", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Scores of 10,000 and -10,000, in float64 and, where they are whole numbers, in float32."""
def fa_large(*lead, **sizes):
    """Whole numbers: every score is exact in float32."""
    return [one.round().float() for one in fa_inputs(*lead, size=70, **sizes)]
q, k, v = fa_inputs(2, size=70)
check.close(lambda: flash_attention(q, k, v, False, 4, 4), fa_expected(q, k, v), "Which maximum is subtracted before exp?")
check.close(lambda: flash_attention(*fa_large(2), False, 4, 4), fa_expected(*fa_large(2)), "Large scores, in float32.")
### BEGIN HIDDEN TESTS
for blocks in [(9, 20), (4, 3), (1, 1)]:
    some = fa_large(3, T=9, S=20)
    check.close(lambda: flash_attention(*some, False, *blocks), fa_expected(*some), "Large scores, other tiles.")
    some = [-one.abs() if place else one.abs() for place, one in enumerate(some)]
    check.close(lambda: flash_attention(*some, False, *blocks), fa_expected(*some), "Scores that are all far below 0.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "flash-forward-test-causal", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Causal: as many queries as keys, fewer (a cache), more (some see nothing)."""
q, k, v = fa_inputs(2, T=10, S=10)
for blocks in [(64, 64), (5, 5), (4, 3), (3, 4)]:
    check.close(lambda: flash_attention(q, k, v, True, *blocks)[0], F.scaled_dot_product_attention(q, k, v, is_causal=True),
        "Query t sees the keys 0 to t, itself too: is the mask of each tile the right part of the whole one?")
q, k, v = fa_inputs(2, T=3, S=10)
for blocks in [(64, 64), (2, 4)]:
    check.close(lambda: flash_attention(q, k, v, True, *blocks), fa_expected(q, k, v, True),
        "3 queries, 10 keys: the queries are the last 3 of 10 tokens. Does the first see the keys 0 to 7?")
q, k, v = fa_inputs(2, T=6, S=4)
check.close(lambda: flash_attention(q, k, v, True, 3, 2), fa_expected(q, k, v, True),
    "6 queries, 4 keys: the first two queries see nothing, so their out is 0 and their lse -inf.")
### BEGIN HIDDEN TESTS
for T, S in [(1, 1), (1, 9), (9, 1), (12, 12), (13, 29), (29, 13)]:
    for blocks in [(64, 64), (4, 4), (8, 2), (2, 8), (5, 7), (1, 3)]:
        some = fa_inputs(2, T=T, S=S, size=4)
        check.close(lambda: flash_attention(*some, causal=True, block_q=blocks[0], block_k=blocks[1]),
            fa_expected(*some, True), "Causal, other lengths and blocks: which key is the last that a row sees?")
some = fa_inputs(1, 2, T=75, S=140, size=60)
check.close(lambda: flash_attention(*some, causal=True), fa_expected(*some, True), "Blocks of 64, large scores, a cache.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "flash-forward-test-tiles", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""The largest tensor that is made, the most bytes alive at once, and how many scores are computed."""
def fa_meter(T, S, causal, block_q, block_k, D=2, lead=()):
    """[largest tensor in numbers, most bytes alive in units of q, k, v and out together, scores computed for each head]."""
    q, k, v = fa_inputs(*lead, T=T, S=S, D=D, E=D)
    with TensorMeter() as meter: flash_attention(q, k, v, causal, block_q, block_k)
    return [meter.largest, meter.peak / (2 * q.nbytes + 2 * k.nbytes), meter.multiplied // (2 * D * math.prod(lead))]

check.that(lambda: fa_meter(192, 192, True, 16, 16)[0], lambda largest: largest <= 450,
    "q, k, v and out hold 384 numbers each, a tile 256. The largest tensor is larger: scores, or a mask, of all keys?")
check.that(lambda: fa_meter(192, 192, False, 16, 16)[1], lambda peak: peak <= 5,
    "More is alive at once than q, k, v and out hold five times: are tiles kept when they have been merged?")
check.that(lambda: fa_meter(96, 80, False, 16, 8, 16)[2], lambda scores: 7680 <= scores <= 1.04 * 7680,
    "96 x 80 scores: each is computed once, by products of tiles, no library's attention.")
check.that(lambda: fa_meter(96, 96, True, 16, 16, 16)[2], lambda scores: 4656 <= scores <= 1.04 * 21 * 16 * 16,
    "Six by six tiles of 16 x 16, of which 21 are on or below the diagonal. How many does yours compute?")
### BEGIN HIDDEN TESTS
for block_q, block_k in [(8, 32), (32, 8)]:
    check.that(lambda: fa_meter(160, 160, True, block_q, block_k)[0], lambda largest: largest <= 380,
        "Other blocks: is a tile block_q rows by block_k columns?")
check.that(lambda: fa_meter(32, 96, True, 16, 16, 16)[2], lambda scores: 2576 <= scores <= 1.04 * 11 * 16 * 16,
    "32 queries, 96 keys: the first 16 queries need 5 tiles, the others 6.")
check.that(lambda: fa_meter(96, 32, True, 16, 16, 16)[2], lambda scores: 528 <= scores <= 1.04 * 3 * 16 * 16,
    "96 queries, 32 keys: the first 64 queries see nothing, so there are three tiles to compute.")
check.that(lambda: fa_meter(32, 40, True, 4, 16, 16)[2], lambda scores: 784 <= scores <= 1.04 * 960,
    "Tiles of 4 rows and 16 columns: which of the two is block_q?")
check.that(lambda: fa_meter(96, 96, True, 32, 8, 16, (2, 3))[2], lambda scores: 4656 <= scores <= 1.04 * 24 * 32 * 8,
    "Tiles of 32 x 8, six heads: for each block of 32 queries, which blocks of 8 keys does its last row see?")
check.close(lambda: flash_attention(*fa_inputs(T=192, S=192), True, 16, 16), fa_expected(*fa_inputs(T=192, S=192), True),
    "The same run's output: are the tiles that are computed the right ones?")
### END HIDDEN TESTS

# %% [markdown]
r"""
Which tiles did yours compute? A NaN among the values spoils every row whose tile is multiplied with it, even with weight 0.
**Look for** the staircase: little more than half the tiles of a square, most of them when a cache holds older keys. A tile that
is left out costs nothing; one that is only masked costs as much as any other.
"""

# %% tags=["explore"]
def tiles_computed(T, S, block=8):
    """(blocks of queries, blocks of keys): 1 where the tile was computed."""
    v = torch.zeros(S // block, S, 1)
    for place in range(S // block): v[place, place * block] = math.nan
    q, k = torch.zeros(len(v), T, 2), torch.zeros(len(v), S, 2)
    return flash_attention(q, k, v, True, block, block)[0].isnan().squeeze(-1)[:, block - 1 :: block].T.float()

for ax, (T, S) in zip(plot.grid(1, 2, 4, 3), [(64, 64), (32, 64)]):
    computed = tiles_computed(T, S)
    labels = [f"{first}" for first in range(0, 64, 8)]
    plot.heatmap(computed, labels[: T // 8], labels, "first key", "first query", "computed", ax=ax)
    ax.set_title(f"{T} queries, {S} keys: {int(computed.sum())} of {computed.numel()} tiles")

# %% [markdown]
r"""
The chat model with your attention in the place of PyTorch's. Three of its query heads share each key and value, so those are
repeated. **Look for** the same words twice, and logits that differ in the last digits alone.
"""

# %% tags=["explore"]
def tiled_attend(q, k, v, mask=None):
    """`attend` by flash_attention; the decoder gives no mask here."""
    k, v = (one.repeat_interleave(q.shape[1] // k.shape[1], dim=1) for one in (k, v))
    return flash_attention(q, k, v, causal=True, block_q=16, block_k=16)[0]

(chat, tokenizer), said = chat_decoder(), []
question = [{"role": "user", "content": "Why is the sky blue? One sentence."}]
prompt = torch.tensor([tokenizer.apply_chat_template(question, add_generation_prompt=True, return_dict=False)])
with torch.no_grad():
    for chat.attend in (attend, tiled_attend):
        ids = prompt
        for _ in range(8): ids = torch.cat([ids, chat(ids)[:, -1:].argmax(-1)], dim=1)
        said.append((chat(prompt), tokenizer.decode(ids[0, prompt.shape[1] :])))
for (_, words), whose in zip(said, ("PyTorch's attention:", "yours:")): print(f"{whose:21}{words}")
print(f"largest difference of a logit: {(said[0][0] - said[1][0]).abs().max():.1e}, of {said[0][0].abs().max():.0f}")
chat.attend = attend

# %% [markdown]
r"""
### 5 · Backward, by computing again

*8 points · 60 min · Dao et al. 2022, appendix B.2; Dao 2023, section 3.1.2*

Autograd would keep every tile. But with lse any tile of the weights can be made again: $P=e^{S-\mathrm{lse}}$, $S$ here the
scaled scores. From the gradient $dO$ of the output ($\circ$: entry by entry):

$$dV=P^\top dO,\quad dS=P\circ(dO\,V^\top-\delta),\quad dQ=dS\,K/\sqrt D,\quad dK=dS^\top Q/\sqrt D$$

where $\delta$, a number a row, is $\sum_s P_s\,(dO\,V^\top)_s$. Keep q, k, v, the output and lse, nothing else.

<details><summary>A nudge</summary>Each tile adds to one block of dQ and to one of dK and dV.</details>
<details><summary>The key step</summary>δ without P: the row's dO · O, for O = P V. A row that sees no key has P = 0; its lse,
−∞, needs care.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "flash-backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
class FlashAttention(torch.autograd.Function):
    """FlashAttention.apply(q, k, v, causal, block_q, block_k): flash_attention's out, with a backward pass.

    Keeps q, k, v, out and lse alone; backward makes no tensor larger than flash_attention may. It returns a value for each of
    the six arguments, None for the last three. Any of q, k, v may need no gradient; the gradient that arrives may have any
    memory layout, and stays as it is."""
    @staticmethod
    def forward(ctx, q, k, v, causal=False, block_q=64, block_k=64):
        ### BEGIN SOLUTION
        ctx.how = causal, block_q, block_k
        out, lse = flash_attention(q, k, v, *ctx.how)
        ctx.save_for_backward(q, k, v, out, lse)
        return out
        ### END SOLUTION
    @staticmethod
    def backward(ctx, grad):
        ### BEGIN SOLUTION
        (q, k, v, out, lse), (causal, block_q, block_k) = ctx.saved_tensors, ctx.how
        T, S, scale = q.shape[-2], k.shape[-2], q.shape[-1] ** -0.5
        delta, lse = (grad * out).sum(-1, keepdim=True), lse.masked_fill(lse == -math.inf, 0.0)[..., None]
        dq, dk, dv = torch.zeros_like(q), torch.zeros_like(k), torch.zeros_like(v)
        for a in range(0, T, block_q):
            i = ..., slice(a, a + block_q), slice(None)
            sees = torch.arange(a, min(a + block_q, T), device=q.device)[:, None] + S - T
            for b in range(0, min(S, a + block_q + S - T) if causal else S, block_k):
                j = ..., slice(b, b + block_k), slice(None)
                p = torch.exp(scale * q[i] @ k[j].mT - lse[i])
                if causal: p = p.masked_fill(torch.arange(b, min(b + block_k, S), device=q.device) > sees, 0.0)
                ds = p * (grad[i] @ v[j].mT - delta[i]) * scale
                dv[j] += p.mT @ grad[i]
                dq[i] += ds @ k[j]
                dk[j] += ds.mT @ q[i]
        return dq, dk, dv, None, None, None
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "flash-backward-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Gradients of q, k and v against autograd's through PyTorch's own attention."""
def fb_inputs(*lead, T=6, S=9, D=4, E=5, size=1.0):
    """q, k, v and the gradient of the output."""
    shapes = [(T, D), (S, D), (S, E), (T, E)]
    return [(size if seed < 2 else 1.0) * check.normal(*lead, *shape, seed=seed) for seed, shape in enumerate(shapes)]
def fb_yours(q, k, v, grad, *how):
    inputs = [one.clone().requires_grad_() for one in (q, k, v)]
    out = FlashAttention.apply(*inputs, *how)
    return [out, *torch.autograd.grad(out, inputs, grad)]
def fb_expected(q, k, v, grad, causal=False, *blocks):
    """The oracle: autograd in float64, through the whole matrix."""
    q, k, v = (one.double().clone().requires_grad_() for one in (q, k, v))
    T, S = q.shape[-2], k.shape[-2]
    seen = torch.arange(S) <= torch.arange(T)[:, None] + (S - T if causal else S)
    bias = torch.zeros(T, S).to(q).masked_fill(~seen, -1e9)
    out = F.scaled_dot_product_attention(q, k, v, attn_mask=bias) * seen.any(-1, keepdim=True)
    return [out, *torch.autograd.grad(out, (q, k, v), grad.double())]
check.close(lambda: fb_yours(*fb_inputs(2)), fb_expected(*fb_inputs(2)),
    "One tile. 0 is out; 1, 2, 3 are the gradients of q, k, v. Is delta subtracted, and is 1 / sqrt(D) in those of q and k?")
for how in [(False, 2, 3), (True, 64, 64), (True, 2, 4)]:
    check.close(lambda: fb_yours(*fb_inputs(2), *how), fb_expected(*fb_inputs(2), *how),
        "Several tiles, or causal: does each tile add to its blocks, with the mask that the forward pass had?")
### BEGIN HIDDEN TESTS
for T, S in [(1, 1), (13, 13), (5, 17), (17, 5), (1, 20)]:
    for how in [(True, 4, 4), (False, 3, 8), (True, 8, 3), (True,), ()]:
        check.close(lambda: fb_yours(*fb_inputs(2, 3, T=T, S=S), *how), fb_expected(*fb_inputs(2, 3, T=T, S=S), *how),
            "Other lengths and blocks, also queries that see no key: what is P in such a row?")
some = [one.float() for one in fb_inputs(4, T=70, S=90, D=8, E=12)]
check.close(lambda: fb_yours(*some, True), fb_expected(*some, True), "float32, within 1e-5.", rtol=1e-5, atol=1e-5)
check.close(lambda: fb_yours(*fb_inputs(2, size=50), True, 2, 2), fb_expected(*fb_inputs(2, size=50), True),
    "Large scores: is P the exponential of score - lse, in one step?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "flash-backward-test-autograd", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""As a part of a larger graph: gradcheck, gradients that are not needed, and gradients that arrive in any layout."""
def fb_check(causal, block_q, block_k):
    inputs = [one.requires_grad_() for one in fb_inputs(T=4, S=5, D=2, E=3)[:3]]
    return torch.autograd.gradcheck(lambda q, k, v: FlashAttention.apply(q, k, v, causal, block_q, block_k), inputs)
def fb_graph(needs, use, attention):
    """Gradients of those of q, k, v that need one, after use(attention)."""
    inputs = [one.requires_grad_(need) for one, need in zip(fb_inputs(2), needs)]
    use(attention(*inputs)).backward()
    return [one.grad for one in inputs if one.requires_grad]

for how in [(False, 3, 2), (True, 2, 2)]:
    check.equal(lambda: fb_check(*how), True, "gradcheck compares with differences of out: which gradient is off?")
for needs in [(True, False, False), (False, True, False), (False, False, True)]:
    check.close(lambda: fb_graph(needs, lambda out: (out**2).sum(), FlashAttention.apply),
        fb_graph(needs, lambda out: (out**2).sum(), F.scaled_dot_product_attention), "Only one of q, k, v needs a gradient.")
### BEGIN HIDDEN TESTS
for use in [lambda out: out.sum(), lambda out: (out.mT.flatten() * torch.arange(60)).sum(), lambda out: out[0, 1, 2] * 3,
            lambda out: (out.relu() + out.sin()).mean()]:
    check.close(lambda: fb_graph((True,) * 3, use, lambda q, k, v: FlashAttention.apply(q * 2, k, v.sin(), False, 4, 4)),
        fb_graph((True,) * 3, use, lambda q, k, v: F.scaled_dot_product_attention(q * 2, k, v.sin())),
        "Inputs that were computed, an out that is used twice, a gradient that is expanded or transposed.")
def fb_twice(attention): return fb_graph((True,) * 3, torch.sum, lambda q, k, v: attention(attention(q, k, k, True), k, v, False))
check.close(lambda: fb_twice(FlashAttention.apply),
    fb_twice(lambda q, k, v, causal: F.scaled_dot_product_attention(q, k, v, torch.ones(6, 9).tril(3 if causal else 9) > 0)),
    "Two layers, the first causal: is what backward needs kept for each call, on ctx, the settings too?")
def fb_after():
    inputs = fb_inputs(2)
    q, k, v = (one.requires_grad_() for one in inputs[:3])
    torch.autograd.grad(FlashAttention.apply(q, k, v), (q, k, v), inputs[3])
    return inputs
check.close(fb_after, fb_inputs(2), "q, k, v or the gradient that arrived have changed: is anything done in place?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "flash-backward-test-memory", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""What is kept between forward and backward, and what both make."""
def fb_meter(T, causal, block_q, block_k):
    """In units of q's bytes: kept after forward, the most alive at any time; and the numbers of the largest tensor."""
    q, k, v, grad = (one.requires_grad_(place < 3) for place, one in enumerate(fb_inputs(T=T, S=T, D=2, E=2)))
    with TensorMeter() as meter:
        out = FlashAttention.apply(q, k, v, causal, block_q, block_k)
        kept = meter.kept()
        torch.autograd.grad(out, (q, k, v), grad)
    return [kept / q.nbytes, meter.peak / q.nbytes, meter.largest]

check.that(lambda: fb_meter(128, False, 16, 16)[0], lambda kept: kept <= 4,
    "Beside q, k, v the forward pass needs to keep out and lse alone, one and a half times q's bytes. What is kept more?")
check.that(lambda: fb_meter(192, False, 16, 16)[1:], lambda seen: seen[0] <= 20 and seen[1] <= 450,
    "q holds 384 numbers, a tile 256. A larger tensor is made, or tiles are kept: is each made again from lse, and dropped?")
### BEGIN HIDDEN TESTS
for block_q, block_k in [(8, 32), (32, 8)]:
    check.that(lambda: fb_meter(160, True, block_q, block_k), lambda seen: seen[0] <= 2.1 and seen[1] <= 20 and seen[2] <= 380,
        "Causal, other blocks. [0]: more is kept than out and lse? [2]: is there a mask or a stripe larger than a tile?")
some = fb_inputs(T=160, S=160, D=2, E=2)
check.close(lambda: fb_yours(*some, True, 16, 16), fb_expected(*some, True), "The gradients of such a run.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Two heads, forward and backward, at growing length: plain attention and yours, on one thread. **Look for** the slopes on
the left: what plain attention has alive at once grows with the square of the length, yours in proportion to it; and, on the
right, for whether the two lines meet. Python starts a dozen operations for each of your tiles. In return yours leaves out what
the mask hides, and a tile may stay in the processor's cache where the matrix does not fit.
"""

# %% tags=["explore"]
def plain_attention(q, k, v):
    """With the whole matrix, causal."""
    T = q.shape[-2]
    scores = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(torch.ones(T, T, dtype=torch.bool).triu(1), -math.inf)
    return scores.softmax(-1) @ v

both = {"plain": plain_attention, "tiled": lambda q, k, v: FlashAttention.apply(q, k, v, True, 256, 256)}
lengths, costs = [256, 512, 1024, 2048, 4096], {"peak (MiB)": {}, "forward and backward (s)": {}}
for name, attention in both.items():
    mib, seconds = [costs[what].setdefault(name, []) for what in costs]
    for T in lengths:
        inputs = [check.normal(2, T, 64, seed=seed, dtype=torch.float32).requires_grad_() for seed in range(3)]
        start = time.perf_counter()
        attention(*inputs).sum().backward()
        seconds.append(time.perf_counter() - start)
        with TensorMeter() as meter: attention(*inputs).sum().backward()
        mib.append(meter.peak / 2**20)
for ax, (label, one) in zip(plot.grid(1, 2, 4, 3), costs.items()):
    plot.curves(one, lengths, "length (tokens)", label, logx=2, logy=True, ax=ax)
print(device.machine())

# %% [markdown]
r"""
### 6 · Counting the bytes

*4 points · 35 min · Dao et al. 2022, Algorithms 0 and 1, Theorem 2*

What moves between slow (HBM) and fast memory (SRAM): one head, N tokens of width d, no mask. **Standard** (Algorithm 0):
read Q, K, write scores S; read S, write weights P; read P, V, write O.

**Flash** (Algorithm 1), with room for $M$ numbers: blocks of $B_c=\lceil M/4d\rceil$ keys outside, of $B_r=\min(B_c,d)$ queries
inside. Each block of K and V is read once; for it, all of Q, O, l, m are read, and O, l, m written. Their first values are
there already. (Exercise 4 turns the loops round.)

$M$ is `sram_bytes // itemsize`, `itemsize` a number's bytes.

<details><summary>A nudge</summary>How often is Q read?</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-slow-memory", "locked": true, "schema_version": 3, "solution": false, "task": false}
class SlowMemory:
    """Q, K, V, O (N, d), l and m (N,) in slow memory: O and l are 0 at first, m is -inf.

    bytes: what has been read and written so far. Bc, Br: rows in a block of keys, of queries, for sram_bytes of fast memory."""

    def __init__(self, Q, K, V, sram_bytes):
        self.N, self.d = Q.shape
        self.Bc = math.ceil(sram_bytes // Q.element_size() / (4 * self.d))
        self.Br, self.bytes = min(self.Bc, self.d), 0
        zeros = Q.new_zeros(self.N)
        self.rows = {"Q": Q, "K": K, "V": V, "O": torch.zeros_like(Q), "l": zeros, "m": zeros - math.inf}

    def read(self, name, start, stop):
        """Rows start to stop - 1, as far as there are so many; "Q" to "m" by name. ValueError if they do not fit."""
        return self._travel(name, self.rows[name][start:stop]).clone()

    def write(self, name, start, rows):
        """Put rows in the place of those from start on. ValueError if they do not fit."""
        self.rows[name][start : start + len(rows)] = self._travel(name, rows)

    def _travel(self, name, rows):
        if len(rows) > (self.Bc if name in "KV" else self.Br): raise ValueError(f"no room for {len(rows)} rows of {name}")
        self.bytes += len(rows) * rows[:1].numel() * self.rows["Q"].element_size()
        return rows

# %% nbgrader={"grade": false, "grade_id": "io", "locked": false, "schema_version": 3, "solution": true, "task": false}
def hbm_bytes_standard(N, d, itemsize=2):
    """Bytes that Algorithm 0 reads and writes, a whole number."""
    ### BEGIN SOLUTION
    return itemsize * (4 * N * d + 4 * N * N)
    ### END SOLUTION

def hbm_bytes_flash(N, d, sram_bytes, itemsize=2):
    """Bytes that Algorithm 1 reads and writes with sram_bytes of fast memory, a whole number."""
    ### BEGIN SOLUTION
    block = -(-(sram_bytes // itemsize) // (4 * d))  # rounded up, in whole numbers
    return itemsize * (2 * N * d - (-N // block) * (3 * N * d + 4 * N))
    ### END SOLUTION

def crossing(d, sram_bytes, longest=65536):
    """The smallest N such that flash moves fewer bytes at N and at every length from N to longest, with 2 bytes a number.

    None if it does not even at longest."""
    ### BEGIN SOLUTION
    N = longest
    while N and hbm_bytes_flash(N, d, sram_bytes) < hbm_bytes_standard(N, d): N -= 1
    return N + 1 if N < longest else None
    ### END SOLUTION

def flash_in_blocks(memory):
    """Algorithm 1 on a SlowMemory: moves what hbm_bytes_flash says, by read and write alone, and leaves the output in O."""
    ### BEGIN SOLUTION
    for c in range(0, memory.N, memory.Bc):
        K, V = (memory.read(name, c, c + memory.Bc) for name in "KV")
        for r in range(0, memory.N, memory.Br):
            Q, out, total, m = (memory.read(name, r, r + memory.Br) for name in "QOlm")
            scores = Q @ K.T / math.sqrt(memory.d)
            top = torch.maximum(m, scores.amax(1))
            old, weights = total * torch.exp(m - top), torch.exp(scores - top[:, None])
            new = old + weights.sum(1)
            out = (old[:, None] * out + weights @ V) / new[:, None]
            for name, rows in (("O", out), ("l", new), ("m", top)): memory.write(name, r, rows)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "io-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Both counts, by hand, and where they cross."""
check.equal(lambda: hbm_bytes_standard(3, 2), 2 * (4 * 6 + 4 * 9),
    "Q, K, V, O hold N x d numbers and move once each. S and P hold N x N: each is written once and read once.")
check.equal(lambda: hbm_bytes_flash(6, 2, 32), 2 * (2 * 12 + 3 * (3 * 12 + 4 * 6)),
    "32 bytes are M = 16 numbers, so a block has 2 keys; there are three. For each, Q, l, m, O are read, l, m and O written.")
check.equal(lambda: hbm_bytes_flash(7, 2, 36), 2 * (2 * 14 + 3 * (3 * 14 + 4 * 7)),
    "M = 18, M / 4d = 2.25: Bc is rounded up, to 3. Seven keys are three blocks. l and m: read and written, N numbers each.")
check.equal(lambda: [hbm_bytes_standard(3, 2, 4), hbm_bytes_flash(6, 2, 32, itemsize=4)], [240, 4 * (24 + 6 * 60)],
    "4 bytes a number: they count twice, and half as many fit into fast memory.")
check.equal(lambda: crossing(64, 192 * 1024), 18, "An A100's 192 KiB: at 17 tokens both move the same, at 18 flash moves less.")
check.equal(lambda: crossing(64, 32 * 1024), 67,
    "32 KiB: flash moves less from 18 to 64 tokens, but not at 65, where a second block of keys begins. Which N lasts?")
check.equal(lambda: crossing(64, 8 * 1024), None, "8 KiB: too many passes over Q. Flash never wins.")
### BEGIN HIDDEN TESTS
def io_walk(N, d, sram_bytes, itemsize):
    """The oracle: every block, one after another."""
    numbers, Bc = 0, math.ceil(sram_bytes // itemsize / (4 * d))
    for c in range(0, N, Bc):
        numbers += 2 * d * min(Bc, N - c)
        for r in range(0, N, min(Bc, d)): numbers += (3 * d + 4) * min(Bc, d, N - r)
    return itemsize * numbers
for N, d, sram_bytes, itemsize in [(1, 1, 64, 2), (100, 8, 1025, 2), (257, 64, 32768, 4), (999, 128, 99999, 2), (5, 3, 2**20, 8)]:
    check.equal(lambda: hbm_bytes_flash(N, d, sram_bytes, itemsize), io_walk(N, d, sram_bytes, itemsize), "Other sizes.")
    check.equal(lambda: hbm_bytes_standard(N, d, itemsize), itemsize * (N * d + N * N) * 4, "Other sizes: all are whole.")
io_lengths = np.arange(1, 65537)
def io_last(d, sram_bytes, longest=65536):
    N, Bc = io_lengths[:longest], math.ceil(sram_bytes // 2 / (4 * d))
    lost = np.flatnonzero(2 * d + np.ceil(N / Bc) * (3 * d + 4) >= 4 * d + 4 * N)
    return None if lost.size and lost[-1] == longest - 1 else int(lost[-1]) + 2 if lost.size else 1
for how in [(128, 10**5, 4000), (32, 6912, 2000), (16, 2048, 999), (64, 25_100, 2000), (64, 2**15, 65), (64, 2**15, 64), (1, 99, 1)]:
    check.equal(lambda: crossing(*how), io_last(*how), "Another d, fast memory or longest: every length from N on must win.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "io-test-loop", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Your loop on a memory that counts: the output, and the bytes."""
def io_run(N, d, sram_bytes, size=1.0, dtype=torch.float64):
    """[what stands in O, the bytes moved, Q, K and V afterwards]."""
    memory = SlowMemory(*io_inputs(N, d, size, dtype), sram_bytes)
    flash_in_blocks(memory)
    return [memory.rows["O"], memory.bytes, [memory.rows[name] for name in "QKV"]]
def io_inputs(N, d, size=1.0, dtype=torch.float64):
    return [(size * check.normal(N, d, seed=seed)).to(dtype) for seed in range(3)]

check.close(lambda: io_run(6, 2, 128)[0], F.scaled_dot_product_attention(*io_inputs(6, 2)),
    "8 bytes a number, so M is 16: three blocks of 2 keys. Are O and l rescaled, and is O divided by the l of all blocks?")
check.equal(lambda: io_run(6, 2, 128)[1], 8 * (2 * 12 + 3 * (3 * 12 + 4 * 6)),
    "Three blocks of keys: K and V once; for each block all of Q, O, l and m in, all of O, l and m out.")
### BEGIN HIDDEN TESTS
for N, d, sram_bytes, size in [(1, 3, 50, 1), (17, 4, 700, 30), (50, 8, 1500, 1), (23, 16, 10**6, 1), (9, 5, 8, 2)]:
    some, io_blocks = io_inputs(N, d, size), math.ceil(N / math.ceil(sram_bytes // 8 / (4 * d)))
    check.close(lambda: io_run(N, d, sram_bytes, size)[0], F.scaled_dot_product_attention(*some), "Other sizes.")
    check.equal(lambda: io_run(N, d, sram_bytes, size)[1], 8 * N * (2 * d + io_blocks * (3 * d + 4)), "Other sizes: bytes.")
check.close(lambda: io_run(50, 8, 750, 3, torch.float32)[2], io_inputs(50, 8, 3, torch.float32), "Q, K and V stay.")
def io_beside(N, d, sram_bytes):  # how many numbers of O change after the last write
    memory = SlowMemory(*io_inputs(N, d), sram_bytes)
    write, kept = memory.write, [memory.rows["O"].clone()]
    def watched(*rows, **named):
        write(*rows, **named)
        kept[0] = memory.rows["O"].clone()
    memory.write = watched
    flash_in_blocks(memory)
    return int((memory.rows["O"] != kept[0]).sum())
check.equal(lambda: io_beside(7, 3, 200), 0, "O changes after the last write: what moves, moves by read and write alone.")
### END HIDDEN TESTS

# %% [markdown]
r"""
A head 64 wide, two bytes a number. **Look for** lines that become parallel: all grow with the square of the length, flash with a
factor that fast memory decides (Theorem 2: $N^2d^2/M$). With 8 KiB it moves more than standard attention does. The crosses are
what your own loop was seen to move, with 192 KiB.
"""

# %% tags=["explore"]
lengths = [2**n for n in range(4, 15)]
traffic = {"standard": [hbm_bytes_standard(N, 64) / 2**20 for N in lengths]}
for kib in (8, 32, 192):
    traffic[f"flash, {kib} KiB"] = [hbm_bytes_flash(N, 64, 1024 * kib) / 2**20 for N in lengths]
    print(f"{kib:3} KiB of fast memory: flash moves less from this many tokens on: {crossing(64, 1024 * kib)}")
ax = plot.curves(traffic, lengths, "length (tokens)", "moved (MiB)", logy=True)
ax.set_xscale("log", base=2)
for N in (64, 256, 1024):
    memory = SlowMemory(*(check.normal(N, 64, seed=seed, dtype=torch.bfloat16) for seed in range(3)), 192 * 1024)
    flash_in_blocks(memory)
    ax.plot(N, memory.bytes / 2**20, "kx")

# %% [markdown]
r"""
### 7 · A kernel of your own

*6 points · 70 min · Dao 2023, section 3.1; Tillet et al. 2019, section 3*

A **kernel** is a function that many **programs** run at once: each asks for its number, loads tiles from memory, computes,
stores a tile. What lies between stays in the chip's fast memory. Triton writes kernels in Python.

Here a program takes a head and a block of queries, and walks over the blocks of keys and values with a running maximum, sum
and output, all float32. It divides once, at the end.

<details><summary>The key step</summary>When the maximum rises from m to n, sum and output shrink by exp(m − n).</details>
"""

# %% [markdown]
r"""
**Triton in a few words**: a pointer plus a tile of offsets is a tile of pointers.

| | |
|---|---|
| `tl.program_id(0)` | the program's number along the first axis |
| `tl.arange(0, N)` | N a power of two, a `tl.constexpr`: known when the kernel is compiled |
| `tl.load(p, mask=m, other=0.0)` | reads; 0 where `m` is False |
| `tl.store(p, x, mask=m)` | writes where `m` is True |
| `tl.zeros((M, N), tl.float32)`, `tl.full` | a new tile |
| `tl.dot(a, b)` | matrix product, summed in float32; both of one dtype, sides of 16 at least |
| `tl.max(x, 1)`, `tl.sum(x, 1)` | along an axis |
| `tl.trans`, `tl.where`, `tl.maximum`, `tl.exp` | as you know them |
| `x.to(y.dtype)`, `out.dtype.element_ty` | a cast; the dtype behind a pointer |
"""

# %% nbgrader={"grade": false, "grade_id": "given-triton", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import kernels

# With a GPU kernels are compiled, else they run in Triton's interpreter. Where there is no Triton, stand-ins that say so.
triton, tl = kernels.load()

def watched_flash(q, k, v, causal=False):
    """triton_flash on this machine's device, each of its tensors lying amid NaNs; the result is on the CPU."""
    with kernels.watched(flash_kernel):
        return triton_flash(*(x.to(device.get()) for x in (q, k, v)), causal).cpu()

# %% [markdown]
r"""
**A first kernel**: the largest number of each row, a program a row, a block of columns at a time. Seven is no multiple
of four, so the last block has one column too many, which must be neither read nor counted.

Without a GPU an interpreter runs the programs one after another, with numpy. It takes some ten milliseconds a block, says
where an error is, and lets you `print` a tile. It cannot multiply bfloat16.
"""

# %% tags=["explore"]
@triton.jit
def row_max_kernel(x, out, columns, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    largest = tl.full((1,), float("-inf"), tl.float32)
    for start in range(0, columns, BLOCK):
        place = start + tl.arange(0, BLOCK)
        block = tl.load(x + row * columns + place, mask=place < columns, other=float("-inf"))
        largest = tl.maximum(largest, tl.max(block, 0))
    tl.store(out + row + tl.arange(0, 1), largest)

if kernels.here():
    rm_x = check.normal(3, 7, dtype=torch.float32).to(device.get())
    rm_out = torch.empty(3, device=device.get())
    row_max_kernel[(3,)](rm_x, rm_out, 7, BLOCK=4)  # in square brackets the grid: how many programs along each axis
    print(rm_x, rm_out, sep="\n")

# %% [markdown]
r"""
**What counts** is `triton_flash`; the kernel's arguments are yours to change.

- One launch of `flash_kernel` does all: no product, no softmax, nothing of T x S numbers outside of it.
- Every head and every 128 queries, or fewer, have a program; its tiles do not grow with T or S.
- Any T and S; D is 16, 32, 64 or 128; one dtype, float32 or float16 (on a GPU bfloat16, too); any strides.
- Causal: query t looks at the keys up to t + S - T; T is at most S.
- Nothing outside of the tensors is read or written: the tests lay them amid NaNs.
"""

# %% nbgrader={"grade": false, "grade_id": "triton-flash", "locked": false, "schema_version": 3, "solution": true, "task": false}
@triton.jit
def flash_kernel(q, k, v, out, T, S, scale, CAUSAL: tl.constexpr, D: tl.constexpr, BQ: tl.constexpr, BK: tl.constexpr):
    """Attention of BQ queries of a head, BK keys at a time. q, out: (heads, T, D); k, v: (heads, S, D); all contiguous."""
    head, rows = tl.program_id(1), tl.program_id(0) * BQ + tl.arange(0, BQ)  # rows: the queries' places, some past the end
    tile = (head * T + rows)[:, None] * D + tl.arange(0, D)  # where their numbers lie, (BQ, D)
    queries = tl.load(q + tile, mask=rows[:, None] < T, other=0.0)
    ### BEGIN SOLUTION
    top, total = tl.full((BQ,), float("-inf"), tl.float32), tl.zeros((BQ,), tl.float32)
    mixed = tl.zeros((BQ, D), tl.float32)
    last = tl.minimum(rows + (S - T if CAUSAL else S), S - 1)
    for start in range(0, S, BK):
        columns = start + tl.arange(0, BK)
        there = (head * S + columns)[:, None] * D + tl.arange(0, D)
        keys = tl.load(k + there, mask=columns[:, None] < S, other=0.0)
        values = tl.load(v + there, mask=columns[:, None] < S, other=0.0)
        scores = tl.where(columns[None, :] <= last[:, None], tl.dot(queries, tl.trans(keys)) * scale, float("-inf"))
        higher = tl.maximum(top, tl.max(scores, 1))
        weights, shrink = tl.exp(scores - higher[:, None]), tl.exp(top - higher)
        total = total * shrink + tl.sum(weights, 1)
        mixed = mixed * shrink[:, None] + tl.dot(weights.to(values.dtype), values)
        top = higher
    tl.store(out + tile, (mixed / total[:, None]).to(out.dtype.element_ty), mask=rows[:, None] < T)
    ### END SOLUTION
def triton_flash(q, k, v, causal=False):
    """Attention by one launch of flash_kernel, over sqrt(D): q (B, H, T, D), k, v (B, H, S, D) to (B, H, T, D), q's dtype.

    Source: Dao 2023, algorithm 1."""
    ### BEGIN SOLUTION
    (B, H, T, D), S = q.shape, k.shape[2]
    q, k, v = (x.contiguous() for x in (q, k, v))
    out = torch.empty_like(q)
    flash_kernel[triton.cdiv(T, 64), B * H](q, k, v, out, T, S, D**-0.5, causal, D, BQ=64, BK=64)
    return out
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "triton-flash-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Two sentences, three heads: a few queries, then more than a block of them."""
def tf_inputs(B, H, T, S, D, seed=0, dtype=torch.float32):
    return [check.normal(B, H, n, D, seed=seed + place, dtype=dtype) for place, n in enumerate((T, S, S))]

few, many = tf_inputs(2, 3, 5, 5, 16), tf_inputs(1, 2, 70, 150, 32)
check.close(lambda: watched_flash(*few), F.scaled_dot_product_attention(*few),
    "5 queries, 5 keys, D = 16. Scores over sqrt(D)? Do keys past the end weigh nothing? Has each head its own place?",
    rtol=2e-3, atol=2e-3)
check.close(lambda: watched_flash(*many), F.scaled_dot_product_attention(*many),
    "70 queries, 150 keys: do sum and output shrink when the maximum rises, in each block, and is nothing read outside (NaN)?",
    rtol=2e-3, atol=2e-3)
### BEGIN HIDDEN TESTS
for B, H, T, S, D in [(1, 1, 1, 1, 16), (2, 1, 65, 3, 64), (1, 2, 17, 131, 128)]:
    q, k, v = tf_inputs(B, H, T, S, D, seed=7)
    check.close(lambda: watched_flash(q, k, v), F.scaled_dot_product_attention(q, k, v),
        f"B = {B}, H = {H}, T = {T}, S = {S}, D = {D}. Are T and S told apart, is it this D's root?", rtol=2e-3, atol=2e-3)
q, k, v = (x.transpose(1, 2) for x in tf_inputs(2, 5, 3, 3, 16, seed=4))
def tf_kept(q, k, v): return watched_flash(q, k, v), q, k, v
check.close(lambda: tf_kept(*(x.clone(memory_format=torch.preserve_format) for x in (q, k, v))),
    (F.scaled_dot_product_attention(q, k, v), q, k, v),
    "Heads and tokens swapped by transpose, as a model has them. [0]: are strides minded? The others: inputs stay.",
    rtol=2e-3, atol=2e-3)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "triton-flash-test-causal", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The newest 3 of 5 tokens look back; then float16, and scores that overflow exp."""
def tf_causal(q, k, v):  # the oracle
    mask = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool).tril(k.shape[2] - q.shape[2])
    return F.scaled_dot_product_attention(q.double(), k.double(), v.double(), attn_mask=mask)

newest, half = tf_inputs(1, 2, 3, 5, 16, seed=2), tf_inputs(1, 2, 33, 75, 32, seed=3, dtype=torch.float16)
steep = [8.0 * check.integers(1, 1, 20, 16, low=-8, high=9, seed=place) for place in (1, 2)] + tf_inputs(1, 1, 20, 20, 16)[:1]
check.close(lambda: watched_flash(*newest, causal=True), tf_causal(*newest),
    "3 queries, 5 keys, causal: the last query looks at the last key, the first one at three?", rtol=2e-3, atol=2e-3)
check.close(lambda: watched_flash(*half, causal=True), tf_causal(*half),
    "float16, 33 queries, 75 keys, causal. Is the mask aligned by places in the text, not in the block?", rtol=4e-3, atol=4e-3)
check.equal(lambda: [str(watched_flash(*x).dtype) for x in (half, newest)], ["torch.float16", "torch.float32"], "q's dtype?")
check.close(lambda: watched_flash(*steep, causal=True), tf_causal(*steep),
    "Scores of thousands: is the maximum so far taken off before exp?", rtol=2e-3, atol=2e-3)
### BEGIN HIDDEN TESTS
for B, H, T, S, D in [(1, 2, 1, 9, 16), (1, 1, 100, 100, 16), (2, 1, 40, 140, 32)]:
    q, k, v = tf_inputs(B, H, T, S, D, seed=11)
    check.close(lambda: watched_flash(q, k, v, True), tf_causal(q, k, v),
        f"T = {T}, S = {S}, causal: is the mask aligned to the end, by places in the text?", rtol=2e-3, atol=2e-3)
check.close(lambda: watched_flash(*newest), F.scaled_dot_product_attention(*newest), "Not causal unless asked?",
    rtol=2e-3, atol=2e-3)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "triton-flash-test-kernel", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Who does the work: if a launch did nothing, nothing could be right; and the tiles do not grow with the text."""
import tracemalloc

def tf_idle(*shape, causal=False):
    """Launches, products outside, whether T x S is never made, whether all is right with an idle kernel; programs."""
    q, k, v = (x.to(device.get()) for x in tf_inputs(*shape, seed=5))
    with kernels.watched(flash_kernel, works=False) as log, kernels.Beside() as beside:
        out = triton_flash(q, k, v, causal)
    right = torch.allclose(out, F.scaled_dot_product_attention(q, k, v, is_causal=causal), atol=0.1)
    return [log.launches, beside.products, beside.largest < shape[2] * shape[3], right], log.programs

def tf_peak(S):
    """Bytes that the interpreter holds at most, with 16 queries and S keys."""
    given = tf_inputs(1, 1, 16, S, 16)
    tracemalloc.start()
    watched_flash(*given)
    return tracemalloc.get_traced_memory()[1], tracemalloc.stop()

check.equal(lambda: [tf_idle(2, 3, 1000, 1000, 16, causal=c)[0] for c in (False, True)], [[1, 0, True, False]] * 2,
    "All, then causal. [0]: one launch; [1]: no products by PyTorch; [2]: nothing of T x S; [3]: does the kernel compute?")
check.that(lambda: tf_idle(2, 3, 1000, 1000, 16)[1], lambda programs: programs >= 48,
    "6 heads, 1,000 queries: has every head, and every 128 queries or fewer, a program?")
check.that(lambda: [tf_peak(S)[0] for S in (128, 128, 1024)][1:], lambda peak: peak[1] < 2 * peak[0],
    "128 keys, then 1,024: does a program read the keys block by block, so that its tiles do not grow with S?")
### BEGIN HIDDEN TESTS
def tf_outside(*shape, causal):  # numbers written outside of the tensors
    given = [x.to(device.get()) for x in tf_inputs(*shape)]
    with kernels.watched(flash_kernel) as log: triton_flash(*given, causal)
    return log.outside
check.equal(lambda: [tf_outside(1, 2, 21, 37, 16, causal=True), *tf_idle(1, 2, 300, 300, 32, causal=True)[0]],
    [0, 1, 0, True, False], "[0]: numbers written outside: is the store masked? The others: as above, causal.")
### END HIDDEN TESTS

# %% [markdown]
r"""
**Your kernel at full size**, beside PyTorch's best: on a GPU in float16, up to 16,384 tokens. In the interpreter,
which has neither the chip's fast memory nor many programs at once, only your kernel's slope means something. **Look for** it:
twice the tokens, four times the work.
"""

# %% tags=["explore", "gpu"]
tf_lengths, tf_heads, tf_width = device.size(([2**n for n in range(9, 15)], 16, 64), ([64, 128, 256], 1, 16))
tf_dtype = device.size(torch.float16, torch.float32)
tf_times = {"your kernel": [], "PyTorch": []}
for T in tf_lengths if kernels.here() else []:
    given = [torch.randn(1, tf_heads, T, tf_width, dtype=tf_dtype, device=device.get()) for _ in range(3)]
    for name, attention in (("your kernel", triton_flash), ("PyTorch", F.scaled_dot_product_attention)):
        out = attention(*given)  # compiles
        start = device.clock()
        for _ in range(3): out = attention(*given)
        tf_times[name].append(1e3 * (device.clock() - start) / 3)
    off = (triton_flash(*given) - F.scaled_dot_product_attention(*given)).abs().max()
    print(f"{T:6} tokens: largest difference {off:.1e}")
if kernels.here():
    plot.curves(tf_times, tf_lengths, "tokens", "time (ms)", logx=2, logy=True, title=device.name())

# %% [markdown]
r"""
### 8 · The race

*3 points · 35 min · Dao 2023, section 4*

**The work.** Attention has two products of $2TSD$ operations a head, the causal one only over the pairs that may look. The
backward pass has five, the scores among them once more: 2.5 times as many. Operations a second, as a share of what a large
product of matrices reaches on the same machine, are the **utilization**.

**The time.** A first call compiles and allocates, so it does not count. Machines slow down as they warm up, so the contestants
take turns. One slow moment should move nothing, so the median counts.

<details><summary>A nudge</summary>How many keys does the first of the last T of S tokens see?</details>
"""

# %% nbgrader={"grade": false, "grade_id": "attention-race", "locked": false, "schema_version": 3, "solution": true, "task": false}
def attention_flops(B, H, T, S, D, causal=False, backward=False):
    """Multiplications and additions of attention's products: the forward pass's, or with backward=True the backward pass's alone.

    B texts, H heads, T queries, S keys, width D. causal: query t looks at the keys up to t + S - T, and only those pairs
    count (T may exceed S: then the first queries see nothing). Returns a number, exact. Source: Dao 2023, section 4.
    """
    ### BEGIN SOLUTION
    pairs = sum(min(S, max(0, t + 1 + S - T)) for t in range(T)) if causal else T * S
    return B * H * pairs * D * (10 if backward else 4)
    ### END SOLUTION

def race(contestants, inputs, repeats=5, clock=time.perf_counter):
    """Median seconds of each contestant, and why some are out.

    contestants: name -> function, called as function(*inputs); clock(): the time now, in seconds. A first round, one call each,
    is not measured; then come `repeats` rounds, one call each in the dict's order, with the clock read just before and
    just after the call. Who raises an Exception is called no more and has no time (Ctrl-C is none: it ends the race).
    Returns (name -> median, name -> "TypeOfTheError: its message"). Raises ValueError for fewer than one repeat.
    """
    ### BEGIN SOLUTION
    if repeats < 1:
        raise ValueError(f"{repeats} repeats: no time could be taken")
    taken, out = {name: [] for name in contestants}, {}
    for _ in range(1 + repeats):
        for name in [one for one in contestants if one not in out]:
            try:
                start = clock()
                contestants[name](*inputs)
                taken[name].append(clock() - start)
            except Exception as error:
                out[name] = f"{type(error).__name__}: {error}"
    return {name: float(np.median(times[1:])) for name, times in taken.items() if name not in out}, out
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "attention-race-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""One head, 3 queries, 5 keys, D = 4: two products with 15 pairs each, or 3 + 4 + 5 of them."""
check.equal(lambda: attention_flops(1, 1, 3, 5, 4), 2 * 2 * 15 * 4,
    "A product of (3, 4) and (4, 5): 2 operations for each of its 60 steps?")
check.equal(lambda: attention_flops(1, 1, 3, 5, 4, causal=True), 2 * 2 * 12 * 4, "Causal: the three queries see 3, 4 and 5 keys.")
check.equal(lambda: attention_flops(2, 3, 7, 7, 16, backward=True), 5 * 2 * 2 * 3 * 49 * 16,
    "The backward pass alone: five products?")
### BEGIN HIDDEN TESTS
for B, H, T, S, D in [(2, 3, 11, 11, 5), (1, 4, 1, 9, 8), (3, 1, 9, 4, 7), (1, 9, 1000, 4096, 64)]:
    pairs = int(torch.ones(T, S).tril(S - T).sum())
    check.equal(lambda: [attention_flops(B, H, T, S, D, c, b) for c in (False, True) for b in (False, True)],
        [2 * products * B * H * count * D for count in (T * S, pairs) for products in (2, 5)],
        f"B = {B}, H = {H}, T = {T}, S = {S}, D = {D}: forward, backward, then both causal. Which pairs may look?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "attention-race-test-clock", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A clock that only the contestants move: each call takes the next of its seconds, or raises the error that stands there."""
def ar_race(scripts, repeats, **how):
    """What race returns, and who was called with what, in turn."""
    now, calls, left = [1000.0], [], {name: iter(script) for name, script in scripts.items()}
    def runner(name):
        def run(*inputs):
            calls.append([name, *inputs])
            step = next(left[name], 99.0)
            now[0] += step if isinstance(step, (int, float)) else (one for one in ()).throw(step)  # raises it
        return run
    runners = {name: runner(name) for name in scripts}
    return *race(runners, (7, 8), repeats, clock=lambda: now[0]), calls if [*runners] == [*scripts] else "changed: the dict given"

check.equal(lambda: ar_race({"A": [90, 4, 9, 3], "B": [5, 6, 5, 5]}, 3)[0], {"A": 4, "B": 5},
    "A takes 90 s, then 4, 9, 3: is the first call left out, and the middle of the others taken, by the clock given?")
check.equal(lambda: ar_race({"A": [1, 2], "B": [RuntimeError("no kernel")]}, 1)[:2], [{"A": 2}, {"B": "RuntimeError: no kernel"}],
    "B raises RuntimeError('no kernel'): has it no time, and its reason in the second dict?")
check.equal(lambda: ar_race({"A": [1] * 3, "B": [1] * 3}, 2)[2], [["A", 7, 8], ["B", 7, 8]] * 3,
    "Two rounds after the first: do they take turns, A B A B A B, each called with both inputs?")
### BEGIN HIDDEN TESTS
late = {"A": [2, 8, 4, 1, 64], "B": [1, 1, ValueError("odd\nlength"), 1, 1], "C": [3, 0.5, 0.25, 8, 16]}
check.equal(lambda: ar_race(late, 4), ({"A": 6, "C": 4.25}, {"B": "ValueError: odd\nlength"},
    [[name, 7, 8] for name in "ABCABCABCACAC"]), "B fails in its third call. [0]: medians, of four the mean of the middle two.")
check.equal(lambda: ar_race({"only": [5, 3, 4, 9, 1, 1]}, 5)[:2], [{"only": 3}, {}], "Five repeats, one contestant.")
def ar_stopped():
    try: return ar_race({"A": [KeyboardInterrupt()]}, 2)
    except KeyboardInterrupt: return True
check.equal(lambda: ar_stopped(), True, "Ctrl-C: does it end the race?")
for repeats in (0, -1): check.raises(lambda: ar_race({"A": [1]}, repeats), ValueError, "No repeats: ValueError?")
check.equal(lambda: [race({"nap": lambda: time.sleep(0.01)}, (), 3)[0]["nap"] > 0.009, race({}, ())], [True, [{}, {}]],
    "Without a clock: real seconds? And nobody in the race?")
### END HIDDEN TESTS

# %% [markdown]
r"""
**The contestants**, all causal: attention with its matrix; yours in tiles; yours in Triton, where it is compiled; PyTorch's
three ways (plain, memory-efficient, flash); the flash-attn library; and flex_attention, which compiles a mask into its kernel, on
a GPU. Not all run everywhere: your race says why.
"""

# %% tags=["explore", "gpu"]
from functools import lru_cache, partial

from torch.nn.attention import SDPBackend, flex_attention as flex, sdpa_kernel

def with_matrix(q, k, v):
    """All T x S scores at once."""
    hidden = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=q.device).triu(1 + k.shape[2] - q.shape[2])
    return (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(hidden, float("-inf")).softmax(-1) @ v

def by_torch(backend, q, k, v):
    with sdpa_kernel(backend): return F.scaled_dot_product_attention(q, k, v, is_causal=True)

flex_run = torch.compile(flex.flex_attention)
flex_mask = lru_cache(lambda T: flex.create_block_mask(lambda b, h, t, s: s <= t, None, None, T, T, device=device.get().type))
def by_library(q, k, v):
    from flash_attn import flash_attn_func
    return flash_attn_func(*(x.transpose(1, 2) for x in (q, k, v)), causal=True).transpose(1, 2)

contestants = {"with its matrix": with_matrix, "in tiles": lambda q, k, v: flash_attention(q, k, v, causal=True)[0]}
if kernels.here() and not kernels.interpreted():
    contestants["Triton"] = lambda q, k, v: triton_flash(q, k, v, causal=True)
contestants |= {f"PyTorch {word}": partial(by_torch, backend) for word, backend in (("math", SDPBackend.MATH),
    ("efficient", SDPBackend.EFFICIENT_ATTENTION), ("flash", SDPBackend.FLASH_ATTENTION))}
contestants["flash-attn"] = by_library
if device.has_gpu():  # compiled for a processor it takes half a minute to start, and has no way back
    contestants["flex"] = lambda q, k, v: flex_run(q, k, v, block_mask=flex_mask(q.shape[2]))

# %% [markdown]
r"""
**Time and utilization** over length, forward: nine heads of width 64. On the right, in the same colours, the share of what a
product of two large matrices reaches, in the same dtype. **Look for** who gains with length and who does not, what tiles cost
where Python runs their loop, and how far the best stays below a product.
"""

# %% tags=["explore", "gpu"]
def ar_lines(runners, lengths, dtype, work, repeats=2):
    """Two dicts, name -> values over the lengths, NaN where out: milliseconds; share of the peak. And the reasons."""
    a = torch.randn(2 * [device.size(8192, 512)], dtype=dtype, device=device.get())
    peak = 2 * len(a) ** 3 / race({"product": lambda: a @ a}, (), 5, device.clock)[0]["product"]
    times, shares, why = {name: [] for name in runners}, {name: [] for name in runners}, {}
    for T in lengths:
        given = [torch.randn(1, 9, T, 64, dtype=dtype, device=device.get(), requires_grad=work > 1) for _ in range(3)]
        seconds, out = race({name: one for name, one in runners.items() if name not in why}, given, repeats, device.clock)
        why |= out
        for name in runners:
            times[name].append(1e3 * seconds.get(name, math.nan))
            shares[name].append(work * attention_flops(1, 9, T, T, 64, causal=True) / seconds.get(name, math.nan) / peak)
    ran = [name for name in runners if not np.isnan(times[name]).all()]
    return {name: times[name] for name in ran}, {name: shares[name] for name in ran}, why

ar_lengths = device.size([2**n for n in range(9, 15)], [128, 256, 512, 1024])
with device.all_cores():
    times, shares, why = ar_lines(contestants, ar_lengths, device.size(torch.bfloat16, torch.float32), work=1)
left, right = plot.grid(1, 2, width=4.6, height=3.8)
plot.curves(times, ar_lengths, "tokens", "time (ms)", logx=2, logy=True, title=device.name(), ax=left)
plot.curves(shares, ar_lengths, "tokens", "share of a product's speed", logx=2, ax=right).get_legend().remove()
print(*(f"{name} is out. {reason.splitlines()[0][:90]}" for name, reason in why.items()), sep="\n")

# %% [markdown]
r"""
**Memory, and the way back.** *Left*: what each asks for beside its inputs, at the most, forward (on a processor its largest
tensor). *Right*: forward and backward together in two half precisions, as the share of a product's speed; who cannot go
back has no bar. Above 1 stand those who compute in float32 where half precision is slow. **Look for** the slopes on the left:
with twice the tokens, four times the memory, or twice.
"""

# %% tags=["explore", "gpu"]
def ar_bytes(work, width):
    """Bytes held at most while work() runs, beyond those before; on a processor those of the largest tensor, `width` a number."""
    if not device.has_gpu():
        with kernels.Beside() as beside: work()
        return width * beside.largest
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    work()
    return torch.cuda.max_memory_allocated() - before

def ar_back(attention):
    def both(q, k, v): return torch.autograd.grad(attention(q, k, v).sum(), (q, k, v))
    return both

# %% tags=["explore", "gpu"]
runners, ar_mib = {name: one for name, one in contestants.items() if name not in why}, {name: [] for name in contestants}
ar_dtype = device.size(torch.bfloat16, torch.float32)
for T in ar_lengths:
    given = [torch.randn(1, 9, T, 64, device=device.get(), dtype=ar_dtype) for _ in range(3)]
    for name, one in runners.items(): ar_mib[name].append(ar_bytes(lambda: one(*given), ar_dtype.itemsize) / 2**20)
left, right = plot.grid(1, 2, width=4.6, height=3.8)
plot.curves({name: ar_mib[name] for name in runners}, ar_lengths, "tokens", "memory (MiB)", logx=2, logy=True, ax=left)
with device.all_cores():
    back, T = {name: ar_back(one) for name, one in runners.items()}, device.size(4096, 128)
    halves = {str(dtype)[6:]: ar_lines(back, [T], dtype, work=3.5)[1] for dtype in (torch.float16, torch.bfloat16)}
plot.groups(list(runners), {name: [shares.get(one, [math.nan])[0] for one in runners] for name, shares in halves.items()},
    "share of a product's speed", ax=right)
right.tick_params(axis="x", rotation=60)

# %% [markdown]
r"""
**Inside a quantized model**: the chat model with all linear layers of its blocks in four bits (bitsandbytes' NF4) reads a prompt,
one contestant after another as its attention. **Look for** how little is left of the differences while most of the time goes
into the weights, and how they come back as the prompt grows.
"""

# %% tags=["explore", "gpu"]
def ar_model():
    """The chat model as a Decoder, its blocks' linear layers in four bits where bitsandbytes is installed, and its tokenizer."""
    llama, tokenizer = models.load(dtype=device.size(torch.bfloat16, torch.float32))
    decoder = to_decoder(llama)
    try: import bitsandbytes
    except ImportError: return decoder.to(device.get()), tokenizer
    for block in decoder.layers:
        for name in ("qkv", "out", "up", "down"):
            old = getattr(block, name)
            new = bitsandbytes.nn.Linear4bit(old.in_features, old.out_features, False, old.weight.dtype, quant_type="nf4")
            new.load_state_dict(old.state_dict())
            setattr(block, name, new.requires_grad_(False))
    return decoder.to(device.get()), tokenizer

def ar_attend(attention):
    """An `attend` for a prompt that is read at once: each head of keys and values stands for several of queries."""
    return lambda q, k, v, mask: attention(q, *(x.repeat_interleave(q.shape[1] // x.shape[1], 1) for x in (k, v)))

# %% tags=["explore", "gpu"]
ar_decoder, ar_tokenizer = ar_model()
ar_ids = torch.tensor([ar_tokenizer(data.shakespeare()[300_000:360_000]).input_ids[:8192]], device=device.get())
def ar_read(attention, ids):
    ar_decoder.attend = ar_attend(attention)
    return ar_decoder.hidden(ids)

ar_prompts, ar_few = device.size([1024, 2048, 4096, 8192], [32, 96, 256]), ("with its matrix", "in tiles", "PyTorch flash")
ar_whole = {name: [] for name in (runners if device.has_gpu() else ar_few)}
with device.all_cores():
    for T in ar_prompts:
        found = race({name: partial(ar_read, contestants[name]) for name in ar_whole}, (ar_ids[:, :T],), 1, device.clock)[0]
        for name in ar_whole: ar_whole[name].append(found.get(name, math.nan))
plot.curves(ar_whole, ar_prompts, "tokens of the prompt", "time to read it (s)", logx=True, logy=True);

# %% [markdown]
r"""
# C · Fewer bytes, more tokens

A token costs one read of the weights. So there are two ways on: fewer bytes a weight, or more tokens a read.
"""

# %% [markdown]
r"""
### 9 · Eight bits a weight

*9 points · core · 30 min · Dettmers et al. 2022, sections 2 and 3*

A weight needs no 32 bits. **Symmetric** rounding keeps whole numbers from -127 to 127 and a step for each row:

$$s_i=\max_j|w_{ij}|/127,\qquad q_{ij}=\mathrm{round}(w_{ij}/s_i),\qquad w_{ij}\approx s_i\,q_{ij}$$

A step for each row, not one for all: a single large row would make every other one coarse. As $s_i$ does not depend on $j$, it
can wait until the sum is done: $y_i=s_i\sum_j q_{ij}x_j$. No float weight need ever exist.

<details><summary>A nudge</summary>What is the step of a row of zeros, and what is 0 divided by it?</details>
<details><summary>The key step</summary><code>amax</code> over the other axis with <code>keepdim=True</code> gives a scale that
broadcasts.</details>
"""

# %% [markdown]
r"""
`torch._weight_int8pack_mm(x, q, scale)`, x (M, K), q (N, K) int8, scale (N,), gives (M, N) and reads int8: it widens a few
weights at a time. On a CPU it is fast with x and scale in `bfloat16`, very slow in `float32`; where K is no multiple of 32 it may
read past the end and crash: refuse that. `x @ (q * scale).T` would make the large matrix again for every token.

**Outliers.** A few columns of x hold entries far above the others; one step for a whole row of x would round the rest away.
LLM.int8() multiplies such columns of x, and w's that meet them, as they are; the rest in whole numbers.
"""

# %% nbgrader={"grade": false, "grade_id": "given-int8", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course.sweep import CpuMemory

def i8_linear(n_in, n_out, bias=True, seed=0):
    """A linear layer whose rows differ in size: by i8_sizes(n_out), from 0.01 to 10."""
    linear = nn.Linear(n_in, n_out, bias)
    for p in linear.parameters():
        p.data = check.normal(*p.shape, seed=seed, dtype=torch.float32) * i8_sizes(n_out).view(-1, *[1] * (p.dim() - 1))
    return linear

def i8_sizes(n_out):
    return torch.logspace(-2, 1, n_out)

# %% nbgrader={"grade": false, "grade_id": "int8", "locked": false, "schema_version": 3, "solution": true, "task": false}
def quantize_int8(w, axis=0):
    """q int8 and scale float32, w (N, K) about q * scale. Each row (axis 0: scale (N, 1)) or column (axis 1: (1, K)) has its own,
    its largest magnitude / 127, or 1 where all is 0. q: -127 … 127, rounded half to even. Computed in float32."""
    ### BEGIN SOLUTION
    w = w.detach().float()
    top = w.abs().amax(1 - axis, keepdim=True)
    scale = torch.where(top > 0, top / 127, 1.0)
    return (w / scale).round().to(torch.int8), scale
    ### END SOLUTION
class Int8Linear(nn.Module):
    """An nn.Linear's stand-in: buffers q (N, K), by rows, and scale (float, its shape and dtype are yours), its bias; no float
    copy of the weight. ValueError where K is no multiple of 32."""
    def __init__(self, linear):
        ### BEGIN SOLUTION
        super().__init__()
        if linear.in_features % 32: raise ValueError(f"{linear.in_features} inputs are no multiple of 32")
        q, scale = quantize_int8(linear.weight)
        bias = None if linear.bias is None else linear.bias.detach().clone()
        for name, part in dict(q=q, scale=scale.flatten().bfloat16(), bias=bias).items(): self.register_buffer(name, part)
        ### END SOLUTION
    def forward(self, x):
        """x (..., K), any float dtype: (..., N) in the same, off by at most a twentieth of a typical output of its row.
        For one row of x no tensor is made of more than a quarter of q's bytes."""
        ### BEGIN SOLUTION
        rows = x.reshape(-1, x.shape[-1]).bfloat16().contiguous()
        y = torch._weight_int8pack_mm(rows, self.q, self.scale).view(*x.shape[:-1], -1).to(x.dtype)
        return y if self.bias is None else y + self.bias.to(x.dtype)
        ### END SOLUTION
def llm_int8_matmul(x, w, threshold=6.0):
    """x (..., K) times w (N, K) transposed, (..., N) in float32. Columns of x with an entry of magnitude >= threshold anywhere
    stay float32; the rest is int8 by int8, a scale for each row of x and of w, made without those columns (section 3)."""
    ### BEGIN SOLUTION
    x, w, outlier = x.float(), w.float(), (x.abs() >= threshold).reshape(-1, x.shape[-1]).any(0)
    (qx, sx), (qw, sw) = (quantize_int8(one.masked_fill(outlier, 0)) for one in (x.reshape(-1, x.shape[-1]), w))
    whole = (qx.int() @ qw.int().T) * sx * sw.T
    return whole.view(*x.shape[:-1], -1) + x[..., outlier] @ w[:, outlier].T
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "int8-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""By hand: a row with the step 2, one of zeros, one with the step 0.005."""
i8_rows = torch.tensor([[254.0, 1.0, 3.0, -5.0], [0.0, 0.0, 0.0, 0.0], [-0.4, 0.1, 0.2, 0.635]])
check.equal(lambda: quantize_int8(i8_rows)[0], [[127, 0, 2, -2], [0, 0, 0, 0], [-80, 20, 40, 127]],
    "The largest of each row becomes 127; 0.5, 1.5 and -2.5 steps go to the even neighbour, zeros stay zeros.")
check.close(lambda: quantize_int8(i8_rows)[1], torch.tensor([[2.0], [1.0], [0.005]]),
    "scale: the row's largest magnitude / 127 in shape (N, 1), and 1 for a row of zeros.")
check.close(lambda: quantize_int8(i8_rows, axis=1)[1], torch.tensor([[254, 1, 3, 5]]) / 127,
    "axis=1: is there one scale for each column, in shape (1, K)?")
check.equal(lambda: [str(one.dtype) for one in quantize_int8(i8_rows)], ["torch.int8", "torch.float32"],
    "q is torch.int8, scale torch.float32.")
### BEGIN HIDDEN TESTS
def i8_right(w, axis):
    w = w.double().numpy()
    scale = np.abs(w).max(1 - axis, keepdims=True) / 127
    return np.rint(w / scale).astype(int).tolist()
for n_out, n_in, axis, size in [(5, 33, 0, 1e-9), (7, 12, 1, 1.0), (3, 50, 0, 1e4), (40, 6, 1, 30.0)]:
    i8_w = size * check.normal(n_out, n_in, seed=1, dtype=torch.float32)
    check.equal(lambda: quantize_int8(i8_w, axis)[0], i8_right(i8_w, axis),
        f"({n_out}, {n_in}), axis {axis}, numbers around {size}: is each slice along axis rounded by its own scale?")
i8_half = check.normal(6, 41, seed=2, dtype=torch.bfloat16)
check.equal(lambda: quantize_int8(i8_half)[0], i8_right(i8_half, 0), "w in bfloat16: is it made float32 before the division?")
check.close(lambda: [quantize_int8(-i8_rows)[0].int(), quantize_int8(-i8_rows)[1]], [torch.tensor([[-127, 0, -2, 2], [0] * 4,
    [80, -20, -40, -127]]), torch.tensor([[2.0], [1.0], [0.005]])], "Mirrored numbers have mirrored q: is -128 never used?")
def i8_kept(w):
    return [quantize_int8(w) and w]
check.close(lambda: i8_kept(i8_half), [check.normal(6, 41, seed=2, dtype=torch.bfloat16)],
    "w came back changed.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "int8-test-layer", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""The layer beside the float32 layer, each output divided by the size of its row."""
def i8_out(linear, x):  # what the int8 layer gives, in its rows' sizes
    return Int8Linear(linear)(x) / i8_sizes(linear.out_features)
def i8_exact(linear, x):
    """The same in float32, with the weight rounded to a step for each row."""
    top = linear.weight.detach().abs().amax(1, keepdim=True) / 127
    bias = None if linear.bias is None else linear.bias.detach().float()
    return F.linear(x.float(), (linear.weight.detach() / top).round() * top, bias) / i8_sizes(linear.out_features)
i8_x = check.normal(2, 3, 64, seed=5, dtype=torch.float32)
check.close(lambda: i8_out(i8_linear(64, 10), i8_x), i8_exact(i8_linear(64, 10), i8_x),
    "Has each row its own scale, is y multiplied by it, and the bias added?", rtol=0, atol=0.4)
check.close(lambda: i8_out(i8_linear(64, 7, bias=False), i8_x[0, :1]), i8_exact(i8_linear(64, 7, bias=False), i8_x[0, :1]),
    "A single row, and no bias.", rtol=0, atol=0.4)
check.equal(lambda: [str(Int8Linear(i8_linear(64, 10))(i8_x.to(kind)).dtype) for kind in (torch.float32, torch.bfloat16,
    torch.float64)], ["torch.float32", "torch.bfloat16", "torch.float64"], "The output is in x's dtype.")
### BEGIN HIDDEN TESTS
for n_in, n_out, bias, shape in [(32, 5, True, (4, 1)), (224, 31, False, (1, 1, 2)), (96, 65, True, ()), (160, 16, True, (40,))]:
    x = check.normal(*shape, n_in, seed=6, dtype=torch.float32)
    check.close(lambda: i8_out(i8_linear(n_in, n_out, bias), x), i8_exact(i8_linear(n_in, n_out, bias), x),
        f"in {n_in}, out {n_out}, bias {bias}, x {shape} by {n_in}.", rtol=0, atol=0.05 * n_in**0.5)
turned = check.normal(64, 6, seed=7, dtype=torch.float32).T
check.close(lambda: i8_out(i8_linear(64, 9), turned), i8_exact(i8_linear(64, 9), turned),
    "x may be the transpose of another matrix: is it contiguous when the product reads it?", rtol=0, atol=0.35)
check.close(lambda: i8_out(i8_linear(64, 9).bfloat16(), turned).float(), i8_exact(i8_linear(64, 9).bfloat16().float(), turned),
    "A layer in bfloat16, x in float32.", rtol=0, atol=0.35)
i8_plain, i8_steps = (lambda: i8_linear(64, 9, bias=False)), torch.logspace(0, -3, 6)[:, None]
for kind, size in [(torch.float16, 100), (torch.bfloat16, 1e-3), (torch.float32, 1e5), (torch.float64, 1.0)]:
    x = (size * i8_steps * check.normal(6, 64, seed=8)).to(kind)
    check.close(lambda: i8_out(i8_plain(), x) / size / i8_steps, i8_exact(i8_plain(), x) / size / i8_steps,
        f"x in {kind}, of sizes {size} to {size / 1000:g}: does a sum overflow, or a small row vanish?", rtol=0, atol=0.4)
check.raises(lambda: Int8Linear(i8_linear(48, 3)), ValueError, "48 inputs are no multiple of 32: is that refused?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "int8-test-bytes", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""A weight of 384 KiB in float32 is 96 KiB in int8; at one row of x, nothing near that is made."""
def i8_held(n_in, n_out):
    """KiB of all tensors alive when the layer is made and has been used, and the linear one is gone."""
    with CpuMemory() as memory:
        layer = Int8Linear(i8_linear(n_in, n_out))
        return (layer(torch.ones(3, n_in)) is not None and memory.now_bytes) / 1024
def i8_made(n_in, n_out, *shape):
    """KiB of the largest tensor that forward makes."""
    layer, x = Int8Linear(i8_linear(n_in, n_out)), torch.ones(*shape, n_in)
    with NewBytes() as made: layer(x)
    return made.most / 1024
def i8_copied():
    """A layer's state loaded into another: what it gives, and the dtype and shape of q."""
    one, two = (Int8Linear(i8_linear(64, 10, seed=seed)) for seed in (0, 3))
    two.load_state_dict(one.state_dict())
    return two(i8_x) / i8_sizes(10), [str(two.state_dict()["q"].dtype), list(two.state_dict()["q"].shape)]
check.that(lambda: i8_held(256, 384), lambda kib: kib < 104,
    "Some 99 KiB are to be held. Is the linear layer kept, or a copy of its weight in another dtype?")
check.that(lambda: i8_made(256, 384, 1, 1), lambda kib: kib <= 24,
    "KiB of the largest tensor made for one row of x. Is the whole weight made float again before the product?")
check.equal(lambda: i8_copied()[1], ["torch.int8", [10, 64]], "q is a buffer: (N, K), int8.")
### BEGIN HIDDEN TESTS
check.that(lambda: [i8_held(512, 640), i8_made(512, 640, 1), i8_made(640, 512, 1, 1)],
    lambda kib: kib[0] < 335 and max(kib[1:]) <= 80, "Another size: what is held, and made for one row of x, in KiB.")
check.close(lambda: i8_copied()[0], i8_exact(i8_linear(64, 10), i8_x),
    "Loaded into another layer: is all that the product needs in the state_dict?", rtol=0, atol=0.4)
i8_given = i8_linear(64, 10)
def i8_left(x):
    return Int8Linear(i8_given)(x) is not None and [x, *i8_given.parameters()]
check.close(lambda: i8_left(i8_x), [check.normal(2, 3, 64, seed=5, dtype=torch.float32), *i8_linear(64, 10).parameters()],
    "x, or the linear layer, came back changed.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "int8-test-outliers", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Two columns of x hold one large entry each; the rest is rounded, row by row."""
def i8_spiked(*shape, seed=0, size=60.0):
    x = check.normal(*shape, seed=seed, dtype=torch.float32).clamp(-4, 4)
    x.view(-1, shape[-1])[0, 1], x.view(-1, shape[-1])[-1, 3] = size, -size
    return x
def i8_by_parts(x, w, wide):
    """Columns that `wide` names in float64; the others rounded row by row, their whole numbers summed exactly."""
    x, w, rest = x.double().numpy(), w.double().numpy(), [c for c in range(x.shape[-1]) if c not in wide]
    def whole(a):
        step = np.abs(a).max(-1, keepdims=True) / 127
        return np.rint(a / step), step
    exact = x[..., wide] @ w[:, wide].T
    (qx, sx), (qw, sw) = whole(x[..., rest]), whole(w[:, rest])
    return torch.tensor(exact + qx @ qw.T * sx * sw.T).float()
i8_w = check.normal(5, 12, seed=9, dtype=torch.float32) * torch.where(torch.arange(12) == 1, 20, 1)
check.close(lambda: llm_int8_matmul(i8_spiked(4, 12), i8_w), i8_by_parts(i8_spiked(4, 12), i8_w, [1, 3]),
    "Are the columns 1 and 3 taken out of x and w before the scales are made, and multiplied in float32?")
check.close(lambda: llm_int8_matmul(i8_spiked(4, 12), i8_w, 60), i8_by_parts(i8_spiked(4, 12), i8_w, [1, 3]),
    "threshold=60: an entry of exactly that magnitude, -60 too, makes its column an outlier.")
check.close(lambda: llm_int8_matmul(i8_spiked(4, 12), i8_w, 61), i8_by_parts(i8_spiked(4, 12), i8_w, []),
    "threshold=61: nothing is an outlier here. Is the threshold used?")
### BEGIN HIDDEN TESTS
check.close(lambda: llm_int8_matmul(i8_spiked(4, 12), i8_w, 0), i8_spiked(4, 12) @ i8_w.T, "threshold=0: all stays float32.")
for shape, n_out, threshold, wide in [((2, 3, 40), 7, 6.0, [1, 3]), ((1, 1, 9), 4, 30, [1, 3]), ((5, 2500), 3, 99, [])]:
    i8_w = check.normal(n_out, shape[-1], seed=4, dtype=torch.float32) + (len(shape) == 2)
    i8_w[:, 2] *= 30
    check.close(lambda: llm_int8_matmul(i8_spiked(*shape), i8_w, threshold), i8_by_parts(i8_spiked(*shape), i8_w, wide),
        f"Threshold {threshold}, x {shape}: one scale for each row, whole numbers summed in 32 bits?", atol=1e-3)
check.close(lambda: llm_int8_matmul(torch.zeros(2, 12), i8_w[:, :12]), torch.zeros(2, 3), "Rows of zeros give zeros.")
def i8_same(x, w): return llm_int8_matmul(x, w) is not None and [x, w]
check.close(lambda: i8_same(i8_spiked(4, 12), i8_w[:, :12]), [i8_spiked(4, 12), i8_w[:, :12]], "x or w came back changed.")
### END HIDDEN TESTS

# %% [markdown]
r"""
One token through a matrix of the size of the chat model's largest, its head, four ways. **Look for** the third bar: the weight is
stored in eight bits, and made float again for the product. It costs more than float32 does.
"""

# %% tags=["explore"]
i8_big, i8_one = nn.Linear(576, 49152, bias=False).requires_grad_(False), torch.randn(1, 576)
i8_eight, i8_sixteen, (i8_q, i8_s) = Int8Linear(i8_big), i8_big.weight.bfloat16(), quantize_int8(i8_big.weight)
i8_ways = {"float32": lambda: i8_big(i8_one), "bfloat16": lambda: i8_one.bfloat16() @ i8_sixteen.T,
    "int8, made\nfloat again": lambda: i8_one @ (i8_q * i8_s).T, "int8": lambda: i8_eight(i8_one)}

with device.all_cores():
    i8_times = [1000 * best_s(work, 15) for work in i8_ways.values()]
plot.bars(list(i8_ways), i8_times, "ms", "49,152 x 576 weights, one token").set_yscale("log");

# %% [markdown]
r"""
How few bits will do? All matrices of the chat model's blocks are rounded to the nearest step, made float again, and a piece of
Shakespeare is read: its **perplexity** is $e$ to the loss per token. One step a row, or one for 64 weights of a row, whose 16-bit
scale counts too. **Look for** where each curve leaves the dashed line, float32, and what the groups buy at 4 bits. (The course's
file holds 4 bits already, on another grid: 32 weights share a step and an offset.)
"""

# %% tags=["explore"]
i8_model, i8_tokenizer = chat_decoder()
i8_text = torch.tensor([i8_tokenizer(data.shakespeare()[:3000]).input_ids[:385]])

def i8_perplexity(bits=None, group=None):
    """exp(loss) with the blocks' weights rounded to so many bits, a step for each row or group; the weights come back."""
    kept = [(one.weight, one.weight.data) for one in i8_model.layers.modules() if isinstance(one, nn.Linear)]
    for weight, full in kept if bits else []:
        parts = full.view(-1, group or full.shape[1])
        step = parts.abs().amax(1, keepdim=True).clamp(min=1e-9) / (2 ** (bits - 1) - 1)
        weight.data = ((parts / step).round() * step).view_as(full)
    with torch.no_grad(), device.all_cores():
        loss = F.cross_entropy(i8_model(i8_text)[0, :-1], i8_text[0, 1:])
    for weight, full in kept: weight.data = full
    return loss.exp().item()

i8_bits, i8_float = [8, 4, 3], i8_perplexity()
i8_found = {name: [i8_perplexity(bits, group) for bits in i8_bits] for name, group in [("rows", None), ("groups of 64", 64)]}
i8_cost = {"rows": i8_bits, "groups of 64": [bits + 16 / 64 for bits in i8_bits]}
i8_ax = plot.curves(i8_found, i8_cost, "bits a weight", "perplexity", logy=True)
i8_ax.axhline(i8_float, color="grey", linestyle="--")
print(f"float32: {i8_float:.1f}", {name: [round(one, 1) for one in values] for name, values in i8_found.items()})

# %% [markdown]
r"""
Outliers in the real model: what flows into the last matrix of a block while it reads 64 tokens, for the block where an entry is
largest. **Look for** a few columns far above the others, on the left; on the right, for how few of them in float32 most of the
error is gone.
"""

# %% tags=["explore"]
i8_seen = {}
def i8_see(down, given): i8_seen[down] = given[0][0]
i8_hooks = [block.down.register_forward_pre_hook(i8_see) for block in i8_model.layers]
with torch.no_grad(): i8_model(i8_text[:, :64])
for hook in i8_hooks: hook.remove()
i8_down, i8_in = max(i8_seen.items(), key=lambda pair: pair[1].abs().max())
i8_peaks, i8_true = i8_in.abs().amax(0).sort(descending=True).values, i8_in @ i8_down.weight.T
i8_counts, i8_wrong = [0, 1, 2, 4, 8, 16, 32, 64], []
for count in i8_counts:
    above = float(i8_peaks[count - 1]) if count else math.inf
    i8_wrong.append(100 * float((llm_int8_matmul(i8_in, i8_down.weight, above) - i8_true).norm() / i8_true.norm()))
i8_peak_axes, i8_error_axes = plot.grid(1, 2, width=4, height=3)
plot.curves({"columns": i8_peaks}, xlabel="columns, largest first", ylabel="largest entry", logy=True, ax=i8_peak_axes)
plot.curves({"": i8_wrong}, i8_counts, f"columns in float32, of {len(i8_peaks):,}", "error (% of the output)", ax=i8_error_axes)
i8_error_axes.set_ylim(0);

# %% [markdown]
r"""
### 10 · Rounding that mends itself

*7 points · 60 min · Frantar et al. 2022, section 4*

Inputs are correlated, so what rounding one column of W got wrong a later one can put right. What counts are the outputs,
$\lVert XW^\top-X\widehat W^\top\rVert^2$: quadratic in each row's error, with one Hessian (the matrix of second derivatives)
for all rows, $H=2X^\top X$.

**GPTQ** rounds column by column, from the first to the last. A column's error, $w_j-\widehat w_j$, goes to the columns not yet
rounded, by the inverse Hessian $A$ **of those that are left**, $j$ among them:

$$w_k\leftarrow w_k-\frac{w_j-\widehat w_j}{A_{jj}}A_{jk},\qquad k>j$$

An inverse a column would be slow. One Cholesky factor holds them all: if $H^{-1}=U^\top U$, $U$ upper triangular, row
$j$ of $U$ is $A_{j\cdot}/\sqrt{A_{jj}}$.
"""

# %% [markdown]
r"""
**So that all get the same codes:**

- *Damping*: 1% of the mean of $H$'s diagonal is added to the diagonal. So $H$ has an inverse, however few the inputs, and
  an input that is always 0 needs no special care.
- *Grid*: codes from $-q$ to $q$, $q=2^{b-1}-1$. A code is the weight over its scale, rounded as `torch.round` does, cut off
  at $\pm q$; it stands for code times scale.
- *Scale*: a row's largest absolute weight over $q$; 1 where all are 0. With `group`, one for every `group` columns of a row
  (the last group may be shorter), **from the weights as they are when the group's turn comes**.

<details><summary>The key step</summary>In terms of U: error over U[j, j], times U[j, k].</details>
"""

# %% nbgrader={"grade": false, "grade_id": "gptq", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gptq(W, X, bits, group=None):
    """Codes and scales of a layer's weights, column by column, so that its outputs on X change little.

    W: (out, in), the layer computes x @ W.T; X: (n, in) inputs that it sees, not all 0; float32 or float64. bits: 2 to 8;
    group: columns that share a scale in a row, None for all. H is factored or inverted a fixed number of times, not by column.
    Returns codes (out, in), integers, and scales (out, number of groups) of W's dtype. Raises ValueError for fewer than 2 bits.
    Source: Frantar et al. 2022, section 4 and algorithm 1.
    """
    ### BEGIN SOLUTION
    if bits < 2:
        raise ValueError(f"{bits} bits: a sign and a number need two at least")
    top, columns, left = 2 ** (bits - 1) - 1, W.shape[1], W.clone()
    H = 2 * X.T @ X
    H = H + 0.01 * H.diagonal().mean() * torch.eye(columns, dtype=H.dtype, device=H.device)
    U = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(H)), upper=True)
    codes, scales, width = torch.empty_like(W, dtype=torch.long), [], group or columns
    for j in range(columns):
        if j % width == 0:
            largest = left[:, j : j + width].abs().amax(1)
            scales.append(torch.where(largest > 0, largest / top, torch.ones_like(largest)))
        codes[:, j] = (left[:, j] / scales[-1]).round().clamp(-top, top)
        wrong = (left[:, j] - codes[:, j] * scales[-1]) / U[j, j]
        left[:, j + 1 :] -= wrong[:, None] * U[j, j + 1 :]
    return codes, torch.stack(scales, 1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "gptq-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Two bits, codes -1, 0, 1. Three inputs that are always equal: only the sum of a row's weights counts."""
rows, equal_inputs = torch.tensor([[0.6, 0.6, 1.0], [0.3, 0.4, 1.0]]).double(), torch.ones(4, 3).double()
check.equal(lambda: gptq(rows.clone(), equal_inputs.clone(), 2)[0], [[1, 0, 1], [0, 1, 1]],
    "0.6 becomes 1; half of the 0.4 too much comes off each of the others: 0.4 and 0.8. Does every column's error go on?")
check.close(lambda: gptq(4 * rows, equal_inputs.clone(), 3)[1], torch.full((2, 1), 4 / 3),
    "3 bits, codes up to 3: a row's scale is its largest weight over 3?")
loud = torch.tensor([[0.45, 0.2, 1.0], [-0.45, -0.2, -1.0]]).double()
check.equal(lambda: gptq(loud.clone(), equal_inputs.clone(), 2)[0], [[0, 0, 1], [0, 0, -1]],
    "The last weight has grown to 1.65 when its turn comes: is its code cut off at 1, and the other row's at -1?")
apart = check.normal(4, 5)
check.equal(lambda: gptq(apart.clone(), torch.eye(5).double(), 4)[0], (apart / apart.abs().amax(1, True) * 7).round(),
    "Inputs that have nothing in common: nothing can be made up for, so each weight is rounded to nearest.")
### BEGIN HIDDEN TESTS
def gq_slow(W, X, bits, group=None):
    """The oracle: for every row and column, the inverse Hessian of the columns that are left, from scratch."""
    top, H, W, codes, scales = 2 ** (bits - 1) - 1, X.T @ X, W.clone(), torch.zeros_like(W), []
    H += 0.01 * H.trace() / len(H) * torch.eye(len(H))
    for j, column in enumerate(W.T):
        if j % (group or len(H)) == 0:
            scales += [[(row.abs().max().item() / top) or 1.0 for row in W[:, j:][:, :group]]]
        A = H[j:, j:].inverse()
        for i in range(len(W)):
            codes[i, j] = max(-top, min(top, round((column[i] / scales[-1][i]).item())))
            W[i, j:] -= (column[i] - codes[i, j] * scales[-1][i]) / A[0, 0] * A[0]
    return codes, torch.tensor(scales).T
def gq_correlated(n, columns, seed=0):
    return check.normal(n, columns, seed=seed) @ (check.normal(columns, columns, seed=seed + 1) + 2)
for out, columns, n, bits in [(3, 7, 20, 3), (5, 12, 6, 2), (2, 9, 40, 8), (6, 16, 50, 4)]:
    W, X = check.normal(out, columns, seed=out), gq_correlated(n, columns)
    check.close(lambda: [*gptq(W.clone(), X.clone(), bits)], [*gq_slow(W, X, bits)],
        f"[0] codes, [1] scales: {out} rows, {columns} inputs, {n} times, {bits} bits. Is 1% of its mean diagonal added to H?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "gptq-test-groups", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Groups of two columns: 0.6 and 1 have the scale 1, and become 1 and 1. Of their 0.4 too much the third column makes up."""
three = torch.tensor([[0.6, 1.0, 1.0], [0.3, 1.0, 0.2]]).double()
check.close(lambda: [*gptq(three.clone(), torch.ones(4, 3).double(), 2, group=2)],
    [torch.tensor([[1, 1, 1], [0, 1, 1]]), torch.tensor([[1, 0.6], [1, 0.5]])],
    "[0] codes; [1] scales, (rows, groups): is the second group's scale taken from its weights as they are by then?", atol=1e-2)
### BEGIN HIDDEN TESTS
for out, columns, bits, group in [(4, 12, 3, 4), (3, 10, 4, 4), (2, 7, 5, 1), (3, 6, 2, 9), (5, 9, 3, None)]:
    W, X = check.normal(out, columns, seed=out + 30), gq_correlated(3 * columns, columns, seed=7)
    W[0], W[1, :2], X[:, 1] = 0, 0, 0
    check.close(lambda: [*gptq(W.clone(), X.clone(), bits, group)], [*gq_slow(W, X, bits, group)],
        f"[0] codes, [1] scales: {columns} columns, groups of {group}, {bits} bits; a row of zeros, an input always 0.")
check.equal(lambda: gptq(torch.tensor([[0.45, 1, -0.2]]).double(), torch.tensor([[3.0, 1, 1]] * 4).double(), 2)[0], [[0, 1, 1]],
    "The second weight, 1.67 by its turn, is cut off at 1: does its whole error, 0.67, go on?")
gq_halves = torch.tensor([[0.5, 0, 3], [1.5, 0, 3], [-2.5, 1, 3]]).double()
check.equal(lambda: gptq(gq_halves.clone(), torch.eye(3).double(), 3)[0][:, 0], [0, 2, -2], "Halves go to the even neighbour.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "gptq-test-error", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""What it is for: the outputs' error over that of rounding to nearest, with inputs that go together."""
def gq_share(out, columns, n, bits, group=None, seed=0, dtype=torch.float64):
    """GPTQ's squared error in the outputs over that of rounding to nearest; then what came back, as words."""
    W = check.normal(out, columns, seed=seed).to(dtype)
    X = (check.normal(n, 3, seed=seed + 1) @ check.normal(3, columns, seed=seed + 2) + 0.3 * check.normal(n, columns)).to(dtype)
    before, (codes, scales) = (W.clone(), X.clone()), gptq(W, X, bits, group)
    scale = W.abs().amax(1, True) / (2 ** (bits - 1) - 1)
    plain = (W / scale).round() * scale
    mended = codes * scales.repeat_interleave(group or columns, 1)[:, :columns]
    share = ((mended - W) @ X.T).square().sum() / ((plain - W) @ X.T).square().sum()
    kept = torch.equal(W, before[0]) and torch.equal(X, before[1])
    return share.item(), [kept, codes.is_floating_point(), scales.dtype == dtype, int(codes.abs().max())]
check.that(lambda: gq_share(16, 32, 100, 3)[0], lambda share: share < 0.25, "3 bits: a quarter of rounding's error, or less?")
check.equal(lambda: gq_share(16, 32, 100, 3)[1], [True, False, True, 3],
    "[0]: W and X as they were; [1]: integers as codes; [2]: scales of W's dtype; [3]: the largest code.")
### BEGIN HIDDEN TESTS
class GqFactored(torch.utils._python_dispatch.TorchDispatchMode):
    """How often something is factored, inverted or solved."""
    count = 0
    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        self.count += any(word in str(op) for word in ("linalg", "cholesky", "inverse", "solve", "pinv"))
        return op(*args, **(kwargs or {}))
def gq_factored(columns):
    with GqFactored() as seen: gptq(check.normal(3, columns), gq_correlated(60, columns), 4)
    return seen.count
check.that(lambda: [gq_share(16, 32, 100, 2, 8, 3)[0], gq_share(24, 40, 90, 4, None, 5, torch.float32)[0]],
    lambda both: max(both) < 0.25, "2 bits in groups of 8; 4 bits in float32.")
check.equal(lambda: gq_share(24, 40, 90, 4, None, 5, torch.float32)[1], [True, False, True, 7], "float32: as above.")
check.equal(lambda: gq_factored(30) - gq_factored(8), 0, "30 columns, 8 columns: is H factored as often for both?")
check.raises(lambda: gptq(rows.clone(), equal_inputs.clone(), 1), ValueError, "1 bit: ValueError?")
### END HIDDEN TESTS

# %% [markdown]
r"""
**A real layer.** The chat model reads a scene of Shakespeare's; what its eleventh layer's attention is given, and the matrix
of its $q$, $k$ and $v$, go to your `gptq`. Another scene, which it was not fitted to, measures the error in the outputs, as a
share of the outputs themselves.

**Look for** the distance between *rounded* and *GPTQ*: about the same factor at every number of bits, worth nearly one bit more.
Groups gain less than GPTQ does, and cost 16 bits of scale on every 64 weights.
"""

# %% tags=["explore"]
def gq_chat():
    """The chat model as a Decoder, and tokens of two scenes, (1, 1024) each: one to fit, one to measure."""
    (chat, tokenizer), text = chat_decoder(), data.shakespeare()
    return chat, [torch.tensor([tokenizer(text[at : at + 8000]).input_ids[:1024]]) for at in (300_000, 3_000_000)]

def gq_inputs(model, ids, layers):
    """What each of these linear layers is given when the model reads ids: a list of (tokens, in)."""
    seen = {}
    hooks = [one.register_forward_pre_hook(lambda one, given: seen.update({one: given[0][0]})) for one in layers]
    model.hidden(ids)
    for hook in hooks: hook.remove()
    return [seen[one] for one in layers]

def gq_plain(W, X, bits, group=None):
    """Rounded to nearest, on GPTQ's grid and with its arguments: codes and scales. W's columns are whole groups."""
    blocks, top = W.view(len(W), -1, group or W.shape[1]), 2 ** (bits - 1) - 1
    scales = blocks.abs().amax(2) / top
    return (blocks / scales[:, :, None]).round().long().view(W.shape), scales

def gq_weights(codes, scales, group=None):
    """What codes and scales stand for, (out, in)."""
    return codes * scales.repeat_interleave(group or codes.shape[1], 1)[:, : codes.shape[1]]

# %% tags=["explore"]
chat, (gq_fit, gq_held) = gq_chat()
gq_layer, gq_bits = chat.layers[10].qkv, [2, 3, 4, 6, 8]
gq_errors = {f"{name}{', groups of 64' * bool(group)}": [] for group in (None, 64) for name in ("rounded", "GPTQ")}
with device.all_cores():
    (X,), (X_held,) = (gq_inputs(chat, ids, [gq_layer]) for ids in (gq_fit, gq_held))
W, right = gq_layer.weight, gq_layer(X_held)
for bits in gq_bits:  # a column is little work: one thread is quicker than several
    rough = [gq_weights(*solve(W, X, bits, group), group) for group in (None, 64) for solve in (gq_plain, gptq)]
    for line, one in zip(gq_errors.values(), rough):
        line.append(((X_held @ one.T - right).norm() / right.norm()).item())
plot.curves(gq_errors, gq_bits, "bits a weight", "error of the outputs (share)", logy=True);

# %% [markdown]
r"""
**In the model**: the gate and up matrices of all thirty blocks at three bits, in groups of 64; the others stay. The loss is on the
other scene, in nats per token; the third bar is the model untouched. **Look for** how much of what rounding costs comes back.

Then try `names=("qkv",)`: there the same run made the loss worse than rounding does (4.22 against 4.01; untouched 3.62). GPTQ
looks after each matrix's outputs alone, and attention's scores are products of two of them: a smaller error in a layer is not
yet a smaller loss.
"""

# %% tags=["explore"]
def gq_model(model, ids, solve, bits, group=64, names=("up",)):
    """In place: these linear layers of all blocks as `solve(W, X, bits, group)` has them; X is what the whole model gives them.

    All of them are qkv, out, up and down."""
    layers = [getattr(block, name) for block in model.layers for name in names]
    for layer, X in zip(layers, gq_inputs(model, ids, layers)):
        layer.weight.copy_(gq_weights(*solve(layer.weight, X, bits, group), group))

def gq_loss(model, ids):
    with device.all_cores(): return F.cross_entropy(model(ids)[0, :-1], ids[0, 1:]).item()

whole, gq_losses = {name: one.clone() for name, one in chat.state_dict().items()}, {}
for name, solve in (("rounded", gq_plain), ("GPTQ", gptq)):
    gq_model(chat, gq_fit, solve, bits=3)
    gq_losses[name] = gq_loss(chat, gq_held)
    chat.load_state_dict(whole)
del whole
gq_losses["as it came"] = gq_loss(chat, gq_held)
plot.bars(list(gq_losses), list(gq_losses.values()), "loss (nats per token)", "gate and up at three bits, groups of 64")
print({name: round(loss, 3) for name, loss in gq_losses.items()})

# %% [markdown]
r"""
### 11 · A cheap draft, an exact answer

*9 points · core · 30 min · Leviathan et al. 2022, sections 2 and 3*

A small model guesses $\gamma$ tokens, $x_i$ with probability $q_i(x_i)$; the large one reads all in **one** pass, often little
dearer than a token's (exercise 1), and gives its own $p_i$ for each place. Then, from the first on:

- $x_i$ is accepted with probability $\min(1,\ p_i(x_i)/q_i(x_i))$;
- at the first rejection, one token is drawn from the **residual** $\max(0,\ p_i-q_i)$, made to sum to 1, and the rest is
  dropped;
- if none is rejected, $p_{\gamma+1}$ gives one more: the **bonus**.

What comes out is distributed as the large model's own tokens.

<details><summary>A nudge</summary>Try V = 2 by hand: q = (1, 0), p = (0.5, 0.5). Where does a rejected draft go?</details>
"""

# %% [markdown]
r"""
If each token is accepted with probability $\alpha$, a pass gives $1+\alpha+\dots+\alpha^\gamma$ tokens on average
(equation 1).

The cheapest draft needs no model: answers repeat what stands in the prompt. **Prompt lookup** (Saxena 2023) finds the last
three tokens earlier in the text, and guesses that what followed then will follow again; where the three occur nowhere before,
the last two, or the last one. The guesses have $q=1$.

<details><summary>A nudge</summary>The text's own end is no earlier occurrence of itself. An earlier one may overlap it.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "speculative", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accept(draft_tokens, draft_probs, target_probs, generator):
    """From a draft to tokens that are the target's own draws: of 1 to γ + 1 tokens, 1-D long (Leviathan et al., algorithm 1).

    draft_tokens (γ,) long, γ >= 0, drawn from draft_probs (γ, V), whose rows may hold zeros; target_probs (γ + 1, V).
    generator: a torch.Generator; all chance comes from it, and from nothing else."""
    ### BEGIN SOLUTION
    n, places = len(draft_tokens), torch.arange(len(draft_tokens))
    p, q = target_probs[places, draft_tokens], draft_probs[places, draft_tokens]
    fits = torch.rand(n, generator=generator, dtype=p.dtype) * q < p
    kept = int(fits.long().cumprod(0).sum())
    rest = target_probs[n] if kept == n else (target_probs[kept] - draft_probs[kept]).clamp(min=0)
    return torch.cat([draft_tokens[:kept], torch.multinomial(rest, 1, generator=generator)])
    ### END SOLUTION
def expected_tokens(alpha, gamma):
    """Tokens that a pass gives on average, a float: each of gamma guesses is accepted with probability alpha, 0 <= alpha <= 1."""
    ### BEGIN SOLUTION
    return float(gamma + 1) if alpha == 1 else (1 - alpha ** (gamma + 1)) / (1 - alpha)
    ### END SOLUTION
def prompt_lookup(ids, n):
    """What followed the latest earlier occurrence of ids' own end: n tokens, fewer where ids ends first. Both are 1-D and long.

    The end: the last 3 tokens, else 2, else 1, the most that occur earlier. Empty where not even the last token does."""
    ### BEGIN SOLUTION
    for size in (3, 2, 1):
        if len(ids) > size:
            found = (ids[:-1].unfold(0, size, 1) == ids[-size:]).all(1).nonzero()
            if len(found):
                return ids[int(found[-1]) + size :][:n]
    return ids[:0]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "speculative-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Cases whose result is certain, whatever the generator says: each is drawn twenty times."""
def spec_set(draft, q, p, dtype=torch.float64):
    """The arguments, each row of weights made to sum to 1."""
    rows = [torch.tensor(one, dtype=dtype).reshape(-1, 5) for one in (q, p)]
    return torch.tensor(draft, dtype=torch.long), *(one / one.sum(1, keepdim=True) for one in rows)
def spec_twenty(*case):
    """The different results of twenty draws."""
    generator = torch.Generator().manual_seed(1)
    return sorted({tuple(accept(*case, generator).tolist()) for _ in range(20)})
alike = spec_set([2, 0, 1], [[1, 1, 2, 3, 1], [4, 1, 1, 0, 2], [0, 1, 0, 0, 0]],
    [[1, 1, 2, 3, 1], [4, 1, 1, 0, 2], [0, 1, 0, 0, 0], [0, 0, 0, 0, 1]])
barred = spec_set([2, 0, 1], [[0, 1, 2, 1, 0], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0]],
    [[0, 1, 2, 1, 0], [0, 0, 0, 1, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 1]])
only = spec_set([0, 1], [[1, 1, 0, 0, 0], [1, 1, 1, 1, 1]], [[0, 1, 0, 1, 0], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]])
check.equal(lambda: spec_twenty(*alike), [[2, 0, 1, 4]],
    "p = q: p/q = 1, so all three are accepted. Does the last row of target_probs add its token, the bonus?")
check.equal(lambda: spec_twenty(*barred), [[2, 3]],
    "p/q of the second token is 0: rejected, 3 in its place. Do you stop there, though the third would be accepted?")
check.equal(lambda: spec_twenty(*only), [[3]],
    "Token 0 cannot be; p - q is positive at 3 alone. Is the new token drawn from the residual, not from p itself?")
### BEGIN HIDDEN TESTS
empty = torch.zeros(0, dtype=torch.long), torch.zeros(0, 5), torch.eye(5)[3:4]
half = [[3, 1, 0, 0, 0]], [[4, 0, 0, 0, 0], [0, 0, 0, 0, 1]]  # p > q: sure to be accepted
check.equal(lambda: spec_twenty(*empty), [[3]], "No draft at all: a draw from the one row of target_probs.")
check.equal(lambda: spec_twenty(*spec_set([0], *half, torch.float32)), [[0, 4]], "p > q: accepted, then the bonus.")
def spec_often(token, *case):  # of 300 draws
    generator = torch.Generator().manual_seed(6)
    return sum(int(accept(*case, generator)[0]) == token for _ in range(300))
check.that(lambda: spec_often(1, *spec_set([0], [[60, 39, 1, 0, 0]], [[0, 40, 60, 0, 0], [1] * 5])), lambda times: times < 40,
    "The residual is 0.01 at 1 and 0.59 at 2, so 1 is rare: is it the difference, not p where p is larger?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "speculative-test-distribution", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""1,200 drafts: tokens against the target's rows, and how far they get; right code fails once in a million at most."""
from scipy import stats

def spec_counts(q, p, seed):
    """How often each token came at each place, (gamma + 1, V), in 1,200 draws, the draft's tokens drawn from q."""
    generator, counts = torch.Generator().manual_seed(seed), torch.zeros(p.shape)
    for draft in torch.multinomial(q, 1200, replacement=True, generator=generator).T.contiguous():
        new = accept(draft, q, p, generator)
        counts[torch.arange(len(new)), new] += 1
    return counts
def spec_tokens_fit(counts, p):  # the least of the p-values of a chi-square test for each place
    expected = counts.sum(1, keepdim=True) * p
    return stats.chi2.sf(((counts - expected) ** 2 / expected).sum(1).nan_to_num(math.inf), p.shape[1] - 1).min()
def spec_reach_fits(counts, q, p):  # place i is reached if the i drafts before it were accepted: the sum of min(p, q), each
    reach = torch.minimum(q, p[:-1]).sum(1).cumprod(0).tolist()
    return min(stats.binomtest(int(row.sum()), 1200, chance).pvalue for row, chance in zip(counts[1:], reach))
draws_q = torch.tensor([[0.6, 0.1, 0.1, 0.1, 0.1], [0.3, 0.3, 0.2, 0.1, 0.1]], dtype=torch.float64)
draws_p = torch.tensor([[0.3, 0.3, 0.2, 0.1, 0.1], [0.1, 0.4, 0.1, 0.2, 0.2], [0.2, 0.1, 0.1, 0.1, 0.5]], dtype=torch.float64)
check.that(lambda: spec_counts(draws_q, draws_p, 0), lambda got: spec_reach_fits(got, draws_q, draws_p) > 1e-9,
    "The second place is reached with probability 0.7 (the sum of min(p, q)), the third with 0.7 * 0.7: accepted by p/q?")
check.that(lambda: spec_counts(draws_q, draws_p, 1), lambda got: spec_tokens_fit(got, draws_p) > 1e-9,
    "Counts by place and token: each row must be as target_probs says. A number of its own for each guess? max(0, p - q)?")
### BEGIN HIDDEN TESTS
more_q, more_p = check.uniform(3, 4, low=0.1, seed=2).float(), check.uniform(4, 4, low=0.1, seed=5).float()
more_q, more_p = more_q / more_q.sum(1, keepdim=True), more_p / more_p.sum(1, keepdim=True)
check.that(lambda: spec_counts(more_q, more_p, 2),
    lambda got: min(spec_tokens_fit(got, more_p), spec_reach_fits(got, more_q, more_p)) > 1e-9,
    "gamma = 3, V = 4, float32: tokens and how far the draws get, as the target and min(p, q) say.")
check.equal(lambda: spec_counts(torch.eye(4)[[2, 0]], torch.eye(4)[[2, 3, 1]], 3).sum(0), [0.0, 0.0, 1200.0, 1200.0],
    "One-hot rows: the first guess is right, the second never, so each draw gives 2 and 3.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "speculative-test-generator", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Chance comes from the generator alone, and the arguments stay."""
def spec_seeded(mine, globally):
    """Thirty results with a generator of seed `mine`, PyTorch's own generator at `globally`."""
    torch.manual_seed(globally)
    generator = torch.Generator().manual_seed(mine)
    return [accept(torch.tensor([0, 1]), draws_q, draws_p, generator).tolist() for _ in range(30)]
def spec_left(draft, q, p):
    given, out = [one.clone() for one in (draft, q, p)], accept(draft, q, p, torch.Generator().manual_seed(0))
    return out.dtype == torch.long, out.dim(), [torch.equal(one, was) for one, was in zip((draft, q, p), given)]
check.same(lambda: spec_seeded(3, 1), lambda: spec_seeded(3, 2),
    "Two generators of the same seed gave different tokens: is generator= passed to every draw?")
check.equal(lambda: spec_left(torch.tensor([0, 1]), draws_q.clone(), draws_p.clone()), [True, 1, [True, True, True]],
    "A 1-D long tensor; then: do draft_tokens, draft_probs and target_probs stay as they were?")
### BEGIN HIDDEN TESTS
def spec_untouched():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    accept(torch.tensor([3, 0]), draws_q, draws_p, torch.Generator().manual_seed(0))
    return torch.equal(before, torch.get_rng_state())
check.equal(lambda: spec_untouched(), True, "PyTorch's own generator was set or used: draw from `generator` only.")
check.equal(lambda: len({str(spec_seeded(seed, 0)) for seed in range(4)}), 4, "Generators of other seeds: other tokens.")
check.equal(lambda: spec_left(*(one.clone() for one in barred)), [True, 1, [True, True, True]],
    "After a rejection: do draft_tokens, draft_probs and target_probs stay as they were?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "speculative-test-guesses", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""How many tokens a pass gives, and what followed the last time: the tokens found, whether 1-D and long, whether ids stayed."""
def spec_found(words, n):
    ids = torch.tensor(words, dtype=torch.long)
    before, out = ids.clone(), prompt_lookup(ids, n)
    return out.tolist(), out.dtype == torch.long and out.dim() == 1, torch.equal(ids, before)
check.close(lambda: [expected_tokens(0.5, 1), expected_tokens(0.5, 2), expected_tokens(0.8, 4)], [1.5, 1.75, 3.3616],
    "alpha = 0.5, gamma = 1: one, and half the time one more. Is the exponent gamma + 1?")
check.close(lambda: expected_tokens(1, 7), 8.0, "All accepted: gamma tokens and the bonus, without 0/0.")
check.equal(lambda: spec_found([5, 6, 7, 8, 9, 1, 5, 6, 7], 2), [[8, 9], True, True], "5 6 7 stood before: 8 9 followed.")
check.equal(lambda: spec_found([1, 2, 3, 7, 2, 3, 8, 3, 9, 2, 3], 3), [[8, 3, 9], True, True],
    "9 2 3 is new; 2 3 occurs twice before: is it the latest of them, and two tokens rather than one?")
check.equal(lambda: spec_found([4, 2, 6], 3), [[], True, True], "6 is new: an empty long tensor, not the end itself.")
### BEGIN HIDDEN TESTS
for alpha, gamma in [(0, 5), (0.0, 1), (0.3, 0), (1.0, 0), (1.0, 12), (0.99, 20), (0.999, 3), (0.07, 9)]:
    check.close(lambda: expected_tokens(alpha, gamma), sum(float(alpha) ** i for i in range(gamma + 1)), f"{alpha}, {gamma}")
def spec_search(ids, n):  # the oracle, on lists: from the longest end, from the latest place
    for size in (3, 2, 1):
        for start in range(len(ids) - size - 1, -1, -1):
            if ids[start : start + size] == ids[-size:]: return ids[start + size : start + size + n]
    return []
for seed in range(40):
    some = check.integers(2 + seed % 17, high=2 + seed % 5, seed=seed).tolist()
    check.equal(lambda: spec_found(some, 1 + seed % 4), [spec_search(some, 1 + seed % 4), True, True],
        f"The end of {some}: the latest occurrence of 3, else 2, else 1 tokens before it?")
for some, n in [([], 5), ([3], 5), ([3, 3], 5), ([3] * 4, 5), ([1, 2, 3] * 2, 5), ([9, 1, 2, 3, 4, 1, 2, 3], 5), ([1, 2, 1], 0)]:
    check.equal(lambda: spec_found(some, n), [spec_search(some, n), True, True], f"{some}, n = {n}: what followed, to the end.")
### END HIDDEN TESTS

# %% [markdown]
r"""
**Guesses for nothing, on a real model.** The chat model writes 48 tokens of two answers: a text again with one word changed (it
copies well, and forgets the change), and one to an open question. Rejected guesses leave the cache by `truncate`. Each token
is the likeliest, so the text stays the same for every $\gamma$.

**Look for** two things: where the answer repeats its prompt, a pass gives several tokens; where it does not, guesses are seldom
right, and a longer pass is not free on a processor. *Predicted* comes from `expected_tokens` at the measured
acceptance, and from the measured time of a longer pass.
"""

# %% tags=["explore"]
@torch.no_grad()
def write_ahead(model, ids, n, gamma):
    """The n likeliest tokens after ids (T,); of each pass: guesses, how many were accepted, seconds."""
    c, start, passes = model.config, len(ids), []
    cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, start + n + gamma + 1, c.head_dim)
    model.hidden(ids[None, :-1], cache)
    while len(ids) < start + n:
        began, draft, done = time.perf_counter(), prompt_lookup(ids, gamma), cache.length
        row = torch.cat([ids[done:], draft])
        best = model(row[None], cache, torch.arange(done, done + len(row)))[0].argmax(-1)
        sure, guessed = (F.one_hot(one, c.vocab_size).float() for one in (best[-len(draft) - 1 :], draft))
        new = accept(draft, guessed, sure, torch.Generator())
        ids = torch.cat([ids, new])
        cache.truncate(len(ids) - 1)
        passes.append((len(draft), len(new) - 1, time.perf_counter() - began))
    return ids[start : start + n], np.array(passes)

def speed(passes, gamma, plain_s):
    """Acceptance, tokens a second, and what equation 1 predicts of them where a plain pass takes plain_s."""
    guesses, accepted, seconds = passes.T
    long, right = guesses > 0, accepted.sum() / max(1, (accepted + (accepted < guesses)).sum())
    tokens = np.where(long, expected_tokens(right, gamma), 1).mean()
    long_s = np.median(seconds[long]) if long.any() else plain_s
    return right, (accepted + 1).sum() / seconds.sum(), tokens / np.where(long, long_s, plain_s).mean()

# %% tags=["explore"]
hours = """The library opens at nine in the morning. Books may be kept for three weeks. Whoever brings a book back late pays
ten cents a day. Children read for free. On Sundays the doors stay closed."""
wishes = {"copy": f"Write this text again, with tea in place of books:\n{hours}", "open": "Why do leaves turn red in autumn?"}
(spec_chat, spec_words), spec_rows = chat_decoder(), []
with device.all_cores():
    for task, gamma in [(task, gamma) for task in wishes for gamma in (0, 4, 8)]:
        talk = [{"role": "user", "content": wishes[task]}]
        ids = spec_words.apply_chat_template(talk, add_generation_prompt=True, return_dict=False)
        said, passes = write_ahead(spec_chat, torch.tensor(ids), 48, gamma)
        if gamma == 0: plain_s = np.median(passes[:, 2])
        right, *both = speed(passes, gamma, plain_s)
        spec_rows.append((f"{task}\nγ = {gamma}", *both))
        print(f"{task}, γ = {gamma}: {len(passes)} passes, acceptance {right:.2f}: {spec_words.decode(said)[:50]!r}…")
labels, measured, predicted = zip(*spec_rows)
plot.groups(labels, {"measured": measured, "predicted": predicted}, "tokens per second");

# %% [markdown]
r"""
# D · Many users at once

One read of the weights may serve a whole batch. Then memory runs out for what each user has said: the cache becomes the
thing to manage.
"""

# %% [markdown]
r"""
### 12 · Memory in pages

*9 points · 50 min · Kwon et al. 2023, section 4*

Nobody knows how long an answer gets, so a cache that reserves the longest for each user stays mostly empty. As in an operating
system, memory is cut into **blocks** of `block_size` tokens, handed out one by one. A sequence has a **table** of its blocks,
in order; they may lie anywhere, and only the last may be partly empty.

Sequences with the same beginning hold the **same** blocks; each counts its holders. Who writes into a shared block takes a
copy first: **copy on write**.

<details><summary>A nudge</summary>All blocks of a table but the last are full: only the last may need a copy.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-paged", "locked": true, "schema_version": 3, "solution": false, "task": false}
class OutOfBlocks(RuntimeError):
    """Fewer blocks are free than are needed."""

class Blocks:
    """Blocks 0 to n_blocks - 1; counts: a list, how many tables hold each; n_free: how many are in none."""

    def __init__(self, n_blocks): self.counts = [0] * n_blocks

    @property
    def n_free(self): return self.counts.count(0)

    def share(self, block):
        """One holder more. Raises ValueError if the block is free."""
        if not self.counts[block]: raise ValueError(f"block {block} is free: nobody can share it")
        self.counts[block] += 1

class PagedMemory:
    """tables {seq: list of blocks}; lengths {seq: tokens}; keys and values, (n_layers, n_blocks, block_size, K, D), made once."""

    def __init__(self, block_size, n_blocks, n_layers, n_kv_heads, head_dim, dtype=torch.float32):
        self.block_size, self.allocator, self.tables, self.lengths, self.added = block_size, BlockAllocator(n_blocks), {}, {}, 0
        self.keys, self.values = torch.zeros(2, n_layers, n_blocks, block_size, n_kv_heads, head_dim, dtype=dtype)

    def add(self, table=(), length=0):
        """A new sequence, a number never given before: empty, or with a copy of this table and so many tokens in it."""
        self.added += 1
        self.tables[self.added], self.lengths[self.added] = list(table), length
        return self.added

# %% nbgrader={"grade": false, "grade_id": "given-paged-values", "locked": true, "schema_version": 3, "solution": false, "task": false}
def paged_write(self, seq, layer, k, v):
    """Keep k and v (K, T, D), those of the newest T >= 1 tokens, for which grow has made room."""
    where = self.slots(seq)[-k.shape[1] :]
    for pool, new in ((self.keys, k), (self.values, v)): pool[layer].flatten(0, 1)[where] = new.transpose(0, 1)

def paged_gather(self, seq, layer):
    """The keys and values of all tokens in order, (K, S, D) each."""
    return tuple(pool[layer].flatten(0, 1)[self.slots(seq)].transpose(0, 1) for pool in (self.keys, self.values))

PagedMemory.write, PagedMemory.gather = paged_write, paged_gather

class PagedRows:
    """A Decoder's cache for a batch: row b is the sequence seqs[b] of a PagedKVCache, padded to the longest."""

    def __init__(self, cache, seqs): self.cache, self.seqs = cache, seqs

    def append(self, layer, k, v):
        for row, seq in enumerate(self.seqs): self.cache.write(seq, layer, k[row], v[row])
        rows, S = [self.cache.gather(seq, layer) for seq in self.seqs], max(self.cache.lengths[seq] for seq in self.seqs)
        return tuple(torch.stack([F.pad(row[i], (0, 0, 0, S - row[i].shape[1])) for row in rows]) for i in (0, 1))

def paged_forward(model, cache, seqs, ids):
    """Logits (B, T, V) of the newest T tokens, ids (B, T), of the sequences seqs, for which grow has made room."""
    ends = torch.tensor([cache.lengths[seq] for seq in seqs])
    places = ends[:, None] - ids.shape[1] + torch.arange(ids.shape[1])
    return model(ids, PagedRows(cache, seqs), places, (torch.arange(int(ends.max())) <= places[..., None])[:, None])

# %% [markdown]
r"""
`write` and `gather` are given; they need `slots`. You write six methods.

`BlockAllocator`: `allocate()` returns the number of a free block, any, which has one holder now (`OutOfBlocks` if none is free);
`free(block)` takes one holder away (`ValueError` if it has none).

`PagedKVCache`: `fork(seq)` returns a new sequence that holds the same blocks. `grow(seq, n)` adds n >= 0 to its length, and the
blocks these tokens need; a shared last block that they will be written into is copied first. Where too few blocks are free:
`OutOfBlocks`, and nothing has changed. `slots(seq)`: for each token, its block times `block_size` plus its place in it, (S,)
long. `free(seq)` gives up all, and forgets seq.
"""

# %% nbgrader={"grade": false, "grade_id": "paged-kv", "locked": false, "schema_version": 3, "solution": true, "task": false}
class BlockAllocator(Blocks):
    def allocate(self):  # a block's number; OutOfBlocks
        ### BEGIN SOLUTION
        if not self.n_free: raise OutOfBlocks("no block is free")
        block = self.counts.index(0)
        self.counts[block] = 1
        return block
        ### END SOLUTION
    def free(self, block):  # one holder less; ValueError if it has none
        ### BEGIN SOLUTION
        if self.counts[block] < 1: raise ValueError(f"block {block} has no holder: it was freed before")
        self.counts[block] -= 1
        ### END SOLUTION
class PagedKVCache(PagedMemory):
    def fork(self, seq):  # a new sequence that shares all blocks
        ### BEGIN SOLUTION
        for block in self.tables[seq]: self.allocator.share(block)
        return self.add(self.tables[seq], self.lengths[seq])
        ### END SOLUTION
    def grow(self, seq, n):  # n tokens longer, with blocks for them, or nothing; OutOfBlocks
        ### BEGIN SOLUTION
        table, length = self.tables[seq], self.lengths[seq]
        new = -(-(length + n) // self.block_size) - len(table)
        copy = n > 0 and length % self.block_size > 0 and self.allocator.counts[table[-1]] > 1
        if new + copy > self.allocator.n_free: raise OutOfBlocks(f"{new + copy} blocks are needed")
        if copy:
            old, table[-1] = table[-1], self.allocator.allocate()
            for pool in (self.keys, self.values): pool[:, table[-1]] = pool[:, old]
            self.allocator.free(old)
        table += [self.allocator.allocate() for _ in range(new)]
        self.lengths[seq] += n
        ### END SOLUTION
    def slots(self, seq):  # where each token lies, (S,) long
        ### BEGIN SOLUTION
        first = torch.tensor(self.tables[seq], dtype=torch.long)[:, None] * self.block_size
        return (first + torch.arange(self.block_size)).flatten()[: self.lengths[seq]]
        ### END SOLUTION
    def free(self, seq):  # gives up its blocks, and forgets it
        ### BEGIN SOLUTION
        for block in self.tables.pop(seq): self.allocator.free(block)
        del self.lengths[seq]
        ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-paged-lists", "locked": true, "schema_version": 3, "solution": false, "task": false}
def paged_differs(cache, texts):
    """Where a cache differs from plain lists, {sequence: its tokens}, in words; "" where nowhere."""
    tables, counts = cache.tables, list(cache.allocator.counts)
    if set(tables) != set(texts): return f"the sequences are {sorted(tables)}, not {sorted(texts)}"
    held = [sum(table.count(block) for table in tables.values()) for block in range(len(counts))]
    for seq, text in texts.items():
        if cache.lengths[seq] != len(text): return f"sequence {seq} has {cache.lengths[seq]} tokens, not {len(text)}"
        if len(tables[seq]) != -(-len(text) // cache.block_size): return f"{len(text)} tokens in the blocks {tables[seq]}"
        for layer in (0, 1):
            k, v = (one.flatten().tolist() for one in cache.gather(seq, layer))
            if k != [token + layer / 2 for token in text] or v != [-one for one in k]:
                return f"layer {layer} of sequence {seq}, its keys: {k} for the tokens {text}"
    return "" if counts == held else f"the blocks are in {held} tables, counts says {counts}"

def paged_act(cache, texts, done, place, kind, which):
    """Do one operation on both and write its name to `done`: "add", "fork", "free", or so many tokens to grow by."""
    seq = list(texts)[-1 - which % len(texts)] if texts else None  # 0: the newest
    name = "add()" if seq is None or kind == "add" else f"{kind}({seq})" if isinstance(kind, str) else f"grow({seq}, {kind})"
    done.append(name)
    if name == "add()": texts[cache.add()] = []
    elif kind == "fork": texts[cache.fork(seq)] = list(texts[seq])
    elif kind == "free":
        cache.free(seq)
        del texts[seq]
    else:
        try: cache.grow(seq, kind)
        except OutOfBlocks: return
        new = torch.arange(kind).view(1, kind, 1) + 10.0 * place
        for layer in (0, 1): cache.write(seq, layer, new + layer / 2, -new - layer / 2)
        texts[seq] += new.flatten().tolist()

# %% nbgrader={"grade": false, "grade_id": "given-paged-search", "locked": true, "schema_version": 3, "solution": false, "task": false}
import os
from random import Random

from hypothesis import Phase, configuration, find, settings, strategies
from hypothesis.errors import NoSuchExample

configuration.set_hypothesis_home_dir(os.devnull)  # it would leave a folder here else

def paged_trial(make, operations):
    """The operations up to the first after which a cache and plain lists differ, and how; [] if they never do."""
    cache, texts, done = make(), {}, []
    try:
        for place, one in enumerate(operations):
            paged_act(cache, texts, done, place, *one)
            if fault := paged_differs(cache, texts): return [*done, fault]
        while texts: paged_act(cache, texts, done, 0, "free", 0)
        return [*done, fault] if (fault := paged_differs(cache, {})) else []
    except NotImplementedError: raise
    except Exception as error: return [*done, f"{type(error).__name__}: {error}"]

def shortest_failure(make, examples=60):
    """The shortest list of operations that hypothesis finds after which make(), a cache of two layers, one head and D = 1,
    differs from plain lists or has lost a block; [] if it finds none."""
    acts = strategies.tuples(strategies.sampled_from(["add", 1, 2, 4, "fork", "free"]), strategies.sampled_from(range(4)))
    how = settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate, Phase.shrink])
    def fails(operations): return bool(paged_trial(make, operations))
    try: return paged_trial(make, find(strategies.lists(acts, max_size=14), fails, settings=how, random=Random(1)))
    except NoSuchExample: return []

# %% nbgrader={"grade": true, "grade_id": "paged-kv-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The allocator: every block once, counts, and its errors."""
def pk_counts(n_blocks, *acts):
    """The counts, sorted, n_free and how many numbers came, after "new", ("share", i), ("free", i): i the i-th block taken."""
    allocator, got = BlockAllocator(n_blocks), []
    for act in acts:
        if act == "new": got.append(allocator.allocate())
        else: getattr(allocator, act[0])(got[act[1]])
    return sorted(allocator.counts), allocator.n_free, len(set(got) & set(range(n_blocks)))
check.equal(lambda: pk_counts(5, "new", "new", "new"), [[0, 0, 1, 1, 1], 2, 3],
    "Three of five blocks: three different numbers from 0 to 4, one holder each, two free.")
check.equal(lambda: pk_counts(2, "new", ("share", 0), ("free", 0)), [[0, 1], 1, 1],
    "One holder, two, one again: only with none is the block free.")
check.raises(lambda: pk_counts(2, "new", "new", "new"), OutOfBlocks, "Two blocks, a third is asked for: OutOfBlocks.")
check.raises(lambda: pk_counts(3, "new", ("free", 0), ("free", 0)), ValueError, "Freed twice: a ValueError.")
### BEGIN HIDDEN TESTS
def pk_twice():
    allocator = BlockAllocator(3)
    block, other = allocator.allocate(), allocator.allocate()
    allocator.free(block)
    try: allocator.free(block)
    except ValueError: return sorted(allocator.counts), allocator.n_free, allocator.counts[other]
check.equal(lambda: pk_twice(), [[0, 0, 1], 2, 1], "After a second free, an error: are the counts as they were?")
check.raises(lambda: pk_counts(1, "new", ("share", 0), ("free", 0), "new"), OutOfBlocks, "One holder is left: it is not free.")
check.equal(lambda: pk_counts(3, "new", "new", ("free", 0), "new", "new"), [[1, 1, 1], 0, 3], "A freed block comes back.")
check.equal(lambda: pk_counts(4, "new", ("share", 0), ("share", 0), "new", ("free", 1), ("free", 0)), [[0, 0, 0, 2], 3, 2],
    "Three holders less one; another block freed: does free take one holder, not all?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "paged-kv-test-tables", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Tables: just as many blocks as the tokens need, shared by a fork; a copy where it is written, and all or nothing."""
def pk_case(n_blocks, before, after, forks=1):
    """A sequence of `before` tokens in blocks of 4, its forks, the last grown by each of `after` (shown again where that fails):
    of each sequence its length, and in how many tables each of its blocks is; then how many blocks are free."""
    cache = PagedKVCache(4, n_blocks, 3, 2, 5)
    seqs = [cache.add()]
    cache.grow(seqs[0], before)
    seqs += [cache.fork(seqs[0]) for _ in range(forks)]
    for n in after:
        try: cache.grow(seqs[-1], n)
        except OutOfBlocks: seqs.append(seqs[-1])
    held = [(cache.lengths[one], [cache.allocator.counts[block] for block in cache.tables[one]]) for one in seqs]
    return held, cache.allocator.n_free
check.equal(lambda: pk_case(9, 6, [3, 3, 1], 0), [[(13, [1, 1, 1, 1])], 5], "6, 9, 12, 13 tokens: new blocks at 9 and 13 only.")
check.equal(lambda: pk_case(9, 6, []), [[(6, [2, 2]), (6, [2, 2])], 7], "A fork takes no block: it holds the same two.")
check.equal(lambda: pk_case(9, 6, [1]), [[(6, [2, 1]), (7, [2, 1])], 6],
    "One more token after a fork: the second block is partly empty and shared, so it is copied; the first stays shared.")
### BEGIN HIDDEN TESTS
for case, want, hint in [((9, 8, [1]), ([(8, [2, 2]), (9, [2, 2, 1])], 6), "full blocks are not written again: no copy"),
    ((3, 6, [7]), ([(6, [2, 2])] * 3, 1), "three more blocks are needed, one is free: nothing may change"),
    ((2, 6, [2, 1], 0), ([(8, [1, 1])] * 2, 0), "no block is free, but the last one has room for two"),
    ((3, 6, [0, 1]), ([(6, [2, 1]), (7, [2, 1])], 0), "one block is free, and a copy takes one"),
    ((3, 6, [0]), ([(6, [2, 2])] * 2, 1), "for n = 0 nothing is written, so nothing is copied"),
    ((3, 6, [3]), ([(6, [2, 2])] * 3, 1), "a copy and a new block are two, and one is free"),
    ((8, 7, [1, 1], 3), ([(7, [4, 3])] * 3 + [(9, [4, 1, 1])], 4), "three forks, one of them grows twice"),
    ((5, 0, [4]), ([(0, []), (4, [1])], 4), "a fork of an empty sequence")]:
    check.equal(lambda: pk_case(*case), want, f"{case}: {hint}.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "paged-kv-test-search", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Any operations in any order against plain lists: hypothesis searches, and shortens what it finds."""
check.equal(lambda: shortest_failure(lambda: PagedKVCache(3, 7, 2, 1, 1)), [],
    "A cache that differs from plain lists, or a block lost: what came is the shortest list of operations that was found.")
### BEGIN HIDDEN TESTS
check.equal(lambda: shortest_failure(lambda: PagedKVCache(1, 9, 2, 1, 1), 30), [], "Blocks of one token: what came is the way.")
check.equal(lambda: shortest_failure(lambda: PagedKVCache(5, 4, 2, 1, 1), 30), [], "Few and large blocks: what came is the way.")
def pk_after():
    """After a copy on write, and the mother's end: are tables and lengths those of the child, keys and values where they were?"""
    cache = PagedKVCache(4, 6, 3, 2, 5)
    mother, where = cache.add(), [cache.keys.data_ptr(), cache.values.data_ptr()]
    cache.grow(mother, 6)
    child = cache.fork(mother)
    cache.grow(child, 1)
    cache.free(mother)
    return list(cache.tables) == [child], list(cache.lengths) == [child], [cache.keys.data_ptr(), cache.values.data_ptr()] == where
check.equal(pk_after, [True, True, True],
    "[0], [1]: does free forget the table and the length? [2]: keys and values are made once, a copy goes into their block.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "paged-kv-test-values", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""What was written comes back: every layer, head and place, of sequences that part and go."""
def pk_given(n, seed): return check.normal(2, 3, 2, n, 5, seed=seed, dtype=torch.float32)  # keys and values, L, K, T, D
def pk_put(cache, seq, new):
    cache.grow(seq, new.shape[3])
    for layer in range(3): cache.write(seq, layer, *new[:, layer])
def pk_read(cache, seq): return torch.stack([torch.stack(cache.gather(seq, layer)) for layer in range(3)], 1)
def pk_family(first, second, third, dtype):
    """A mother, a fork that goes its own way, its fork; the one in the middle is freed, and another takes its blocks."""
    cache = PagedKVCache(4, 12, 3, 2, 5, dtype)
    mother = cache.add()
    pk_put(cache, mother, pk_given(first, 1).to(dtype))
    child = cache.fork(mother)
    pk_put(cache, child, pk_given(second, 2).to(dtype))
    last, other = cache.fork(child), cache.add()
    pk_put(cache, mother, pk_given(third, 3).to(dtype))
    cache.free(child)
    pk_put(cache, other, pk_given(7, 4).to(dtype))
    pk_put(cache, last, pk_given(1, 5).to(dtype))
    return [pk_read(cache, one) for one in (mother, last, other)], cache.slots(last).dtype == torch.long
def pk_kept(first, second, third, dtype):  # the oracle: what was written, put one after the other
    lists = [(first, 1), (third, 3)], [(first, 1), (second, 2), (1, 5)], [(7, 4)]
    return [torch.cat([pk_given(*one) for one in part], 3).to(dtype) for part in lists], True
check.close(lambda: pk_family(6, 3, 2, torch.float32), pk_kept(6, 3, 2, torch.float32),
    "[0]: mother, grandchild, another: does a copy take every layer, keys and values, and does slots follow the table's order?")
### BEGIN HIDDEN TESTS
for *sizes, dtype in [(1, 1, 1, torch.float64), (8, 5, 9, torch.float32), (3, 6, 4, torch.bfloat16), (5, 4, 1, torch.float64)]:
    check.close(lambda: pk_family(*sizes, dtype), pk_kept(*sizes, dtype), f"{sizes} tokens: mother, grandchild, another.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "paged-kv-test-decoder", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""The model over pages: a prompt read once, two answers that fork from it, in one batch with a stranger."""
pk_model = to_decoder(small_llama())
pk_ids = check.integers(3, 11, high=29, seed=4)
@torch.no_grad()
def pk_served(block_size):
    """Logits of the last two tokens of rows 0 and 1, which share their first nine, and of row 2, which has seven in all."""
    cache = PagedKVCache(block_size, 40, 2, 2, 4, torch.float64)
    one, three = cache.add(), cache.add()
    for seq, ids in ((one, pk_ids[0, :9]), (three, pk_ids[2, :5])):
        cache.grow(seq, len(ids))
        paged_forward(pk_model, cache, [seq], ids[None])
    seqs, out = [one, cache.fork(one), three], []
    for place in (9, 10):
        for seq in seqs: cache.grow(seq, 1)
        new = torch.stack([pk_ids[0, place], pk_ids[1, place], pk_ids[2, place - 4]])
        out.append(paged_forward(pk_model, cache, seqs, new[:, None])[:, 0])
    return torch.stack(out, 1)
@torch.no_grad()
def pk_alone():  # the oracle: each row by itself, without a cache
    rows = pk_ids[0], torch.cat([pk_ids[0, :9], pk_ids[1, 9:]]), pk_ids[2, :7]
    return torch.stack([pk_model(row[None])[0, -2:] for row in rows])
check.close(lambda: pk_served(4), pk_alone(), "Blocks of 4: are these the logits of each row alone?")
### BEGIN HIDDEN TESTS
for size in (1, 3, 16): check.close(lambda: pk_served(size), pk_alone(), f"Blocks of {size}: the logits of each row alone?")
### END HIDDEN TESTS

# %% [markdown]
r"""
### 13 · Many users, one read

*6 points · 50 min · Yu et al. 2022, section 3; Kwon et al. 2023, section 4.5*

A batch that waits for its longest answer serves users who have left. **Continuous batching** decides anew at every step of
the model:

1. Each running request, the oldest first, grows by one token. While no block is left for it, the newest running one, be it
   itself, is **preempted**: freed, back to the queue's front, its output kept.
2. The first of the queue joins, while fewer than `max_batch` run and its prompt and output fit. Nobody overtakes.
3. One call of `run` for all. Who has `max_new` tokens is freed and leaves.

Builds on exercise 12.
"""

# %% nbgrader={"grade": false, "grade_id": "given-requests", "locked": true, "schema_version": 3, "solution": false, "task": false}
from collections import deque
from dataclasses import dataclass, field

@dataclass(eq=False)
class Request:
    """What a user asks for: prompt, a list of ids; max_new >= 1 tokens to write; output: those written; seq: its sequence."""
    name: str
    prompt: list
    max_new: int
    output: list = field(default_factory=list)
    seq: int | None = None

class Service:
    """cache: a PagedKVCache; waiting: the queue; running: at most max_batch requests, each with its seq, the oldest first."""

    def __init__(self, max_batch, cache):
        self.max_batch, self.cache, self.waiting, self.running = max_batch, cache, deque(), []

    def submit(self, request):
        """To the queue's end. Raises ValueError if it could not even run alone (its last token is never kept)."""
        if len(request.prompt) + request.max_new - 1 > self.cache.block_size * len(self.cache.allocator.counts):
            raise ValueError(f"{request.name} asks for more tokens than all blocks hold")
        self.waiting.append(request)

    def fits(self, seq, n):
        """Let a sequence grow by n tokens; False where blocks are missing."""
        try: self.cache.grow(seq, n)
        except OutOfBlocks: return False
        return True

# %% nbgrader={"grade": false, "grade_id": "batching", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Scheduler(Service):
    def step(self, run):
        """Returns {"joined": names, "preempted": names, "finished": names}, in the order it happens; who resumes joins, too.

        run(list of (seq, ids)): ids, a list, are all tokens of seq that the cache has not read; it returns the list of their
        next tokens, in that order, which go to the outputs. It is called once, not at all where nobody runs."""
        ### BEGIN SOLUTION
        said, cache = {"joined": [], "preempted": [], "finished": []}, self.cache
        for request in list(self.running):
            while request in self.running and not self.fits(request.seq, 1):
                self.waiting.appendleft(self.running.pop())
                cache.free(self.waiting[0].seq)
                said["preempted"].append(self.waiting[0].name)
        work = [(one.seq, one.output[-1:]) for one in self.running]
        while self.waiting and len(self.running) < self.max_batch:
            request, seq = self.waiting[0], cache.add()
            if not self.fits(seq, len(request.prompt + request.output)):
                cache.free(seq)
                break
            request.seq = seq
            self.running.append(self.waiting.popleft())
            said["joined"].append(request.name)
            work.append((seq, request.prompt + request.output))
        for request, token in zip(list(self.running), run(work) if work else []):
            request.output.append(token)
            if len(request.output) == request.max_new:
                self.running.remove(request)
                cache.free(request.seq)
                said["finished"].append(request.name)
        return said
        ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-toy-server", "locked": true, "schema_version": 3, "solution": false, "task": false}
def paged_runner(model, cache):
    """`run` for a Decoder: the likeliest next token of each sequence. New prompts one by one, single tokens in one batch."""
    @torch.no_grad()
    def run(work):
        out, singles = {}, [(seq, ids) for seq, ids in work if len(ids) == 1]
        for batch in [singles] * bool(singles) + [[one] for one in work if len(one[1]) > 1]:
            seqs, ids = zip(*batch)
            out |= zip(seqs, paged_forward(model, cache, seqs, torch.tensor(ids))[:, -1].argmax(-1).tolist())
        return [out[seq] for seq, _ in work]
    return run

def toy_next(text):  # a model of a kind: the next token from all so far
    return (3 * sum(place * token for place, token in enumerate(text, 1)) + 5 * len(text)) % 31
def toy_serve(max_batch, n_blocks, arrivals, block_size=4, most=400):
    """Serve arrivals, (step, name, prompt, max_new) each, with toy_next in the model's place. Of each step: joined, preempted,
    finished, for each call of run how many ids each sequence brings (sorted), blocks free; then the outputs by name."""
    cache, texts, sizes, log = PagedKVCache(block_size, n_blocks, 1, 1, 1), {}, [], []
    requests = [(when, Request(name, list(prompt), n)) for when, name, prompt, n in arrivals]
    scheduler = Scheduler(max_batch, cache)
    def run(work):
        for seq, ids in work: texts[seq] = texts.get(seq, []) + list(ids)
        fits = [len(ids) if cache.lengths[seq] == len(texts[seq]) else f"room for {cache.lengths[seq]}" for seq, ids in work]
        sizes.append(sorted(fits, key=str))
        return [toy_next(texts[seq]) for seq, _ in work]
    while len(log) < most and any(len(one.output) < one.max_new for _, one in requests):
        for one in [one for when, one in requests if when == len(log)]: scheduler.submit(one)
        said = scheduler.step(run)
        log.append([said["joined"], said["preempted"], said["finished"], list(sizes), cache.allocator.n_free])
        sizes.clear()
    return log, {one.name: one.output for _, one in requests}

# %% nbgrader={"grade": true, "grade_id": "batching-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Join and leave between steps: two at once, blocks enough."""
def sch_alone(arrivals):  # the oracle for the outputs: one after the other, each by itself
    out = {}
    for _, name, prompt, n in arrivals:
        text = list(prompt)
        for _ in range(n): text.append(toy_next(text))
        out[name] = text[len(prompt) :]
    return out
three = [(0, "a", [1, 2, 3], 2), (0, "b", [4, 5], 4), (0, "c", [6], 1), (5, "d", [7, 8, 9, 1, 2], 1)]
three_log = [[["a", "b"], [], [], [[2, 3]], 8], [[], [], ["a"], [[1, 1]], 9], [["c"], [], ["c"], [[1, 1]], 9],
    [[], [], ["b"], [[1]], 10], [[], [], [], [], 10], [["d"], [], ["d"], [[5]], 10]]
check.equal(lambda: toy_serve(2, 10, three)[0], three_log,
    "Each step: joined, preempted, finished, ids run in each call, blocks free. Does c take the place of a once a has left?")
check.equal(lambda: toy_serve(2, 10, three)[1], sch_alone(three), "Are the answers those that each gets alone?")
### BEGIN HIDDEN TESTS
check.equal(lambda: [one[0] for one in toy_serve(1, 10, three)[0]], [["a"], [], ["b"], [], [], [], ["c"], ["d"]], "One by one.")
check.equal(lambda: toy_serve(4, 10, three)[1], sch_alone(three), "Four at once: are the answers those that each gets alone?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "batching-test-preempt", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Memory runs out: the newest goes and comes back with all that it has said, and nobody overtakes."""
tight = [(0, "a", [1, 2, 3], 4), (0, "b", [4, 5, 6, 7], 3), (1, "c", [8], 2)]
tight_log = [[["a", "b"], [], [], [[3, 4]], 1], [[], [], [], [[1, 1]], 0], [[], ["b"], [], [[1]], 1], [[], [], ["a"], [[1]], 3],
    [["b", "c"], [], ["b"], [[1, 6]], 2], [[], [], ["c"], [[1]], 3]]
check.equal(lambda: toy_serve(3, 3, tight)[0], tight_log,
    "Three blocks of 4. a needs a second one: b, the newest, gives up its two, and waits before c. Back, it reads all 6 tokens.")
check.equal(lambda: toy_serve(3, 3, tight)[1], sch_alone(tight), "Preempted and resumed: the answers that each gets alone?")
### BEGIN HIDDEN TESTS
def sch_oracle(max_batch, n_blocks, arrivals, size):
    """The same in whole numbers: a request that has written m tokens holds the blocks of its prompt and these m."""
    waiting, running, log, left, wrote = [], [], [], len(arrivals), dict.fromkeys([one[1] for one in arrivals], 0)
    def held(some): return sum(-(-(len(one[2]) + wrote[one[1]]) // size) for one in some)
    while left:
        waiting += [one for one in arrivals if one[0] == len(log)]
        before, gone = set(one[1] for one in running), []
        while held(running) > n_blocks:
            gone, waiting = [*gone, running[-1][1]], [running.pop(), *waiting]
        while waiting and len(running) < max_batch and held(running + waiting[:1]) <= n_blocks: running.append(waiting.pop(0))
        new = [one[1] for one in running if one[1] not in before - set(gone)]
        sizes = [len(one[2]) + wrote[one[1]] if one[1] in new else 1 for one in running]
        stay = [one for one in running if wrote[one[1]] + 1 < one[3]]
        left, free, done = left - len(running) + len(stay), n_blocks - held(stay), [one[1] for one in running if one not in stay]
        for one in running: wrote[one[1]] += 1
        log, running = [*log, [new, gone, done, [sorted(sizes, key=str)] * bool(sizes), free]], stay
    return log
for seed in range(6):
    draw = check.integers(9, 3, high=9, seed=seed).tolist()
    some = [(2 * i // 3 * (seed % 3), f"r{i}", [i, *range(2, 2 + a)], 1 + 2 * b) for i, (a, b, _) in enumerate(draw)]
    for users, blocks, size in ((2, 9, 4), (4, 7, 4), (6, 26, 1)):
        check.equal(lambda: toy_serve(users, blocks, some, size), (sch_oracle(users, blocks, some, size), sch_alone(some)),
            f"{users} users, {blocks} blocks of {size} for {some}: [0] the steps, [1] the answers.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "batching-test-model", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""A real model, over pages that run out: each answer as if alone."""
sch_model = to_decoder(small_llama(seed=3))
def sch_requests(): return [Request(str(n), check.integers(2 + 3 * n, high=29, seed=n).tolist(), 12 - 2 * n) for n in range(5)]
def sch_served(max_batch, n_blocks):
    """The outputs, whether one was preempted, the blocks free at the end."""
    cache, requests, preempted = PagedKVCache(4, n_blocks, 2, 2, 4, torch.float64), sch_requests(), False
    scheduler = Scheduler(max_batch, cache)
    for one in requests: scheduler.submit(one)
    for _ in range(60): preempted |= len(scheduler.step(paged_runner(sch_model, cache))["preempted"]) > 0
    return [one.output for one in requests], preempted, cache.allocator.n_free
@torch.no_grad()
def sch_greedy():  # the oracle: each by itself, all tokens read anew for each new one
    out = []
    for one in sch_requests():
        text = list(one.prompt)
        for _ in range(one.max_new): text.append(int(sch_model(torch.tensor([text]))[0, -1].argmax()))
        out.append(text[len(one.prompt) :])
    return out
check.equal(lambda: sch_served(3, 9), (sch_greedy(), True, 9),
    "[0] the answers, [1] that somebody was preempted, [2] that all blocks are free at the end.")
### BEGIN HIDDEN TESTS
check.equal(lambda: sch_served(5, 40), (sch_greedy(), False, 40), "Blocks enough for all: nobody is preempted.")
check.equal(lambda: sch_served(4, 6), (sch_greedy(), True, 6), "Six blocks for four: [0] the answers, [1] preempted, [2] free.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "batching-test-edges", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Nobody there, and a request that only just fits."""
def sch_idle():
    """What a step says with nobody there and what was run; then prompt, output and steps of a request that fills all blocks."""
    cache, ran, steps = PagedKVCache(4, 3, 1, 1, 1), [], 0
    scheduler = Scheduler(2, cache)
    said = scheduler.step(ran.append)
    one = Request("one", list(range(1, 9)), 5)
    scheduler.submit(one)
    while len(one.output) < 5 and steps < 9:
        scheduler.step(lambda work: [len(ids) for _, ids in work])
        steps += 1
    return said, ran, one.prompt, one.output, steps, cache.allocator.n_free
check.equal(lambda: sch_idle()[:2], [{"joined": [], "preempted": [], "finished": []}, []], "Nobody runs: run is not called.")
check.equal(lambda: sch_idle()[2:], [[1, 2, 3, 4, 5, 6, 7, 8], [8, 1, 1, 1, 1], 5, 3],
    "8 + 5 - 1 tokens in 3 blocks of 4: the last token is never kept. Then: does the prompt stay as it was?")
### BEGIN HIDDEN TESTS
def sch_one(*sizes):
    """A request alone, (prompt, max_new, blocks): its outputs' number, the steps it takes, the blocks free at the end."""
    return [(len(out["x"]), len(log), log[-1][4]) for log, out in (toy_serve(1, b, [(0, "x", [1] * a, n)]) for a, n, b in sizes)]
check.equal(lambda: sch_one((1, 1, 1), (4, 1, 1), (1, 4, 1), (5, 8, 3)), [(1, 1, 1), (1, 1, 1), (4, 4, 1), (8, 8, 3)],
    "Alone, with just enough blocks: a token in each step, from the first on.")
check.equal(lambda: toy_serve(0, 3, [(0, "x", [1], 1)], most=3)[1], {"x": []}, "max_batch = 0: nobody runs.")
### END HIDDEN TESTS

# %% [markdown]
r"""
**A morning with a burst**: 24 requests, their arrivals, prompts and lengths seeded. What a step costs is measured on the chat
model; the clock of the run is made of these costs. *Static* lets nobody in until the whole batch has left.

**Look for** the pale bars, which are waiting: under static batching they grow behind each long answer. On the right, look for
the distance between the room in the blocks held and the tokens in them: less than a block for each sequence. A cache that
reserves the longest request for each of eight users holds the dashed line from the start.
"""

# %% tags=["explore"]
serve_chat, _ = chat_decoder()
@torch.no_grad()
def step_ms(users, T, before):
    """Milliseconds of a step that reads T tokens for each of `users`, who have so many in the cache: the middle of five."""
    cache, times = PagedKVCache(16, 99, 30, 3, 64), [time.perf_counter()]
    seqs = [cache.add() for _ in range(users)]
    for seq in seqs: cache.grow(seq, before + T)
    for _ in range(5):
        paged_forward(serve_chat, cache, seqs, torch.ones(users, T, dtype=torch.long))
        times.append(time.perf_counter())
    return 1000 * float(np.median(np.diff(times)))
with device.all_cores():
    one_ms, eight_ms, prompt_ms = step_ms(1, 1, 60), step_ms(8, 1, 60), step_ms(1, 64, 0)
print(f"A token for one: {one_ms:.0f} ms; one each for eight: {eight_ms:.0f} ms; a prompt of 64: {prompt_ms:.0f} ms.")
chance = np.random.default_rng(3)
gaps = np.r_[chance.exponential(12, 10), [0.0] * 6, chance.exponential(12, 8)] * one_ms  # six come at once
morning = list(zip(gaps.cumsum(), chance.integers(8, 65, 24), np.r_[chance.geometric(1 / 30, 24)].clip(4, 120)))

# %% tags=["explore"]
def serve_morning(static, users=8, n_blocks=60):
    """Of each request of the morning: arrival, first token, end (ms); of each step: time, blocks held, tokens in them."""
    cache, now, held = PagedKVCache(16, n_blocks, 1, 1, 1), 0.0, []
    scheduler, coming, spans = Scheduler(users, cache), deque(enumerate(morning)), {}
    def run(work):
        new = [len(ids) for _, ids in work if len(ids) > 1]
        singles = len(work) - len(new)
        cost.append(sum(new) * prompt_ms / 64 + (singles > 0) * one_ms + max(0, singles - 1) * (eight_ms - one_ms) / 7)
        return [0] * len(work)
    while len(spans) < len(morning) or scheduler.running or scheduler.waiting:
        if coming and not scheduler.running and not scheduler.waiting: now = max(now, coming[0][1][0])
        closed, cost = static and len(scheduler.running) > 0, []
        while coming and coming[0][1][0] <= now and not closed and not (static and len(scheduler.waiting) == users):
            place, (when, prompt, n) = coming.popleft()
            spans[str(place)] = [when, None, None]
            scheduler.submit(Request(str(place), [1] * int(prompt), int(n)))
        said = scheduler.step(run)
        now += sum(cost)
        for name in said["joined"]: spans[name][1] = spans[name][1] or now
        for name in said["finished"]: spans[name][2] = now
        held.append((now, n_blocks - cache.allocator.n_free, sum(cache.lengths.values())))
    return np.array([spans[str(place)] for place in range(len(morning))]) / 1000, np.array(held) / [1000, 1, 1]

# %% tags=["explore"]
axes = plot.grid(1, 3, 4, 4.2)
for ax, static in zip(axes, (True, False)):
    spans, held = serve_morning(static)
    rows, (came, first, end) = range(len(spans)), spans.T
    ax.barh(rows, first - came, left=came, color="#CCCCCC", label="waits for its first token")
    ax.barh(rows, end - first, left=first, color=plot.COLOURS[0], label="is answered")
    ax.set(title="static" if static else "continuous", xlabel="seconds", ylabel="request", ylim=(24, -1))
    rate, wait = sum(n for *_, n in morning) / end.max(), first - came
    print(f"{ax.get_title()}: {rate:.1f} tokens/s; waiting {wait.mean():.1f} s on average, {wait.max():.1f} s at most")
axes[0].legend(loc="upper right", fontsize=7)
room = {"blocks held": 16 * held[:, 1], "tokens in them": held[:, 2]}
plot.curves(room, held[:, 0], "seconds", "room for tokens", title="continuous", ax=axes[2])
axes[2].axhline(8 * max(prompt + n for _, prompt, n in morning), color="black", linestyle="--", label="the longest, for eight")
axes[2].legend(fontsize=7);

# %% [markdown]
r"""
# E · The engine

Your cache and your eight-bit weights, in one engine. Each change is measured on its own, and so is each part of a
reply's time.
"""

# %% [markdown]
r"""
### 14 · A reply in under a second

*6 points · core · 25 min · Pope et al. 2022, section 2*

A reader feels two times. **Time to first token** (TTFT): reading the prompt, in one pass. **Time per output token** (TPOT): a
read of the weights.

A system prompt is the same in every conversation. The engine reads it once, when it is made, keeps its keys and values, and
cuts the cache back to them before each answer. Each token is shown as soon as it is known.

<details><summary>A nudge</summary>If n tokens are to be written, which must be read?</details>
<details><summary>The key step</summary>The conversation's ids begin with the system message's.</details>
"""

# %% [markdown]
r"""
Two things that engines get wrong:

- **The template.** SmolLM2's writes a system message of its own where a conversation has none. So ask for the ids of the *whole*
  conversation, and leave out as many at the front as the cache holds.
- **Half a character.** One character may need several tokens: `decode` shows `"\ufffd"` at the end until all are there. Until
  then a token gives an empty piece; that of the character's last token holds all of it.

`chat_ids` and `next_token` are given. `lighter` copies a model, its weights in 16 bits or, by your `Int8Linear`, in 8.
`"bfloat16"` computes in 16 bits, too; `"float16"` makes each weight float32 as it comes from memory.
"""

# %% nbgrader={"grade": false, "grade_id": "given-engine", "locked": true, "schema_version": 3, "solution": false, "task": false}
import copy
from course.packed import Float16Linear, replace_linear

def chat_ids(tokenizer, messages, ask=True):
    """The ids (a list) of messages [{"role": "system", "user" or "assistant", "content": str}, …]; ask: its turn is next."""
    return list(tokenizer.apply_chat_template(messages, add_generation_prompt=ask, return_dict=False))

@torch.inference_mode()  # as no_grad, and with less to keep account of
def next_token(model, ids, cache):
    """Read ids (a list) after what the cache holds, in one pass; give the likeliest next token, an int."""
    positions = torch.arange(cache.length, cache.length + len(ids))
    x = model.hidden(torch.tensor([ids]), cache, positions)
    return model.head(x[:, -1]).argmax().item()  # the head is a fifth of the weights: one position is enough

def lighter(model, kind):
    """A copy of a Decoder: 'float32' or 'bfloat16', or 'float16' or 'int8' in the linear layers alone, all else float32."""
    light = copy.deepcopy(model).to(torch.bfloat16 if kind == "bfloat16" else torch.float32)
    made = {"float16": Float16Linear, "int8": Int8Linear}.get(kind)
    return replace_linear(light, made) if made else light

# %% nbgrader={"grade": false, "grade_id": "given-tiny-chat", "locked": true, "schema_version": 3, "solution": false, "task": false}
def tiny_tokenizer():
    """A tokenizer for tests: a token a letter, the three bytes of the euro sign, and a chat template like SmolLM2's."""
    import tokenizers
    from transformers import PreTrainedTokenizerFast

    special = ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
    vocab = {one: i for i, one in enumerate([*special, *"abcdefghijklmnopqrstuvwxyz .?", "<0xE2>", "<0x82>", "<0xAC>"])}
    own = tokenizers.Tokenizer(tokenizers.models.BPE(vocab, [], byte_fallback=True))
    own.decoder = tokenizers.decoders.Sequence([tokenizers.decoders.ByteFallback(), tokenizers.decoders.Fuse()])
    own.add_special_tokens(special)
    start = "{% if messages[0].role != 'system' %}<|system|>hi<|end|>{% endif %}"
    turns = "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=own, eos_token="<|end|>", additional_special_tokens=special)
    tokenizer.chat_template = start + turns + "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    return tokenizer

def parrot(tokenizer, answer):
    """A Decoder that answers every question with these tokens, no two alike, then its end, in few bits as well."""
    V, ids = len(tokenizer), tokenizer.convert_tokens_to_ids(["<|assistant|>", *answer, "<|end|>"])
    sizes = dict(vocab_size=V, hidden_size=64, intermediate_size=64, num_hidden_layers=1, max_position_embeddings=64)
    model = Decoder(LlamaConfig(num_attention_heads=8, num_key_value_heads=2, **sizes)).eval().requires_grad_(False)
    for p in (model.head.weight, model.layers[0].out.weight, model.layers[0].down.weight): p.zero_()
    model.embed.weight.copy_(torch.eye(V, 64))
    model.head.weight[ids[1:], ids[:-1]] = 1.0
    return model

# %% nbgrader={"grade": false, "grade_id": "sub-second", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Engine:
    """Answers by a Decoder's likeliest tokens. system, if given, is read once, here; its keys and values stay. The cache has room
    for max_len tokens and the model's dtype (that of embed.weight)."""
    def __init__(self, model, tokenizer, system=None, max_len=1024):
        ### BEGIN SOLUTION
        self.model, self.tokenizer, self.max_len, c = model, tokenizer, max_len, model.config
        self.cache = KVCache(c.num_hidden_layers, 1, c.num_key_value_heads, max_len, c.head_dim, model.embed.weight.dtype)
        self.system = [] if system is None else [{"role": "system", "content": system}]
        if self.system: next_token(model, chat_ids(tokenizer, self.system, ask=False), self.cache)
        self.kept = self.cache.length
        ### END SOLUTION
    def stream(self, prompt, n=64):
        """Pieces of text, one for each token as soon as it is known: at most n, up to the tokenizer's eos_token_id, which gives
        none; joined, what its decode gives, less half a character at the end. prompt: a question, or a list of messages, none of
        them system. Each call starts anew after the system prompt. ValueError if conversation and n tokens exceed max_len."""
        ### BEGIN SOLUTION
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        ids = chat_ids(self.tokenizer, self.system + turns)
        if len(ids) + n > self.max_len: raise ValueError(f"{len(ids)} tokens and {n} new ones exceed {self.max_len}")
        self.cache.truncate(self.kept)
        new, answer, said = ids[self.kept :], [], ""
        while len(answer) < n and (token := next_token(self.model, new, self.cache)) != self.tokenizer.eos_token_id:
            new, answer = [token], [*answer, token]
            text = self.tokenizer.decode(answer)
            yield "" if text.endswith("\ufffd") else text[len(said) :]
            said = said if text.endswith("\ufffd") else text
        ### END SOLUTION
def latency(engine, prompts, n=64, clock=time.perf_counter):
    """{'ttft_ms': {'p50': …, 'p95': …}, 'tpot_ms': …, 'total_ms': …}: np.percentile over the answers of engine.stream(prompt, n)
    of the ms to the first piece; for each later piece, an answer's mean (answers of one piece left out); to the last piece."""
    ### BEGIN SOLUTION
    runs = [[clock(), *(clock() for _ in engine.stream(prompt, n))] for prompt in prompts]
    found = {"ttft_ms": [t[1] - t[0] for t in runs], "tpot_ms": [(t[-1] - t[1]) / (len(t) - 2) for t in runs if len(t) > 2]}
    found["total_ms"] = [t[-1] - t[0] for t in runs]
    return {name: {f"p{p}": 1000 * np.percentile(s, p) for p in (50, 95)} for name, s in found.items()}
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "sub-second-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Answers are those of transformers' generate, which reads everything anew: three in a row, by one engine."""
ss_tokenizer = tiny_tokenizer()
ss_llama = small_llama(seed=3, vocab_size=len(ss_tokenizer))
ss_llama.lm_head.weight[[0, 1, 2, -1, -2, -3]] = 0  # it writes letters, no bytes and none of the template's signs but its end
def ss_right(prompt, n, system="be kind."):
    """What generate answers, from scratch."""
    turns = [{"role": "system", "content": system}] * (system is not None)
    turns += [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    ids = torch.tensor([chat_ids(ss_tokenizer, turns)])
    plain = dict(attention_mask=torch.ones_like(ids), do_sample=False, eos_token_id=3, pad_token_id=0)
    out = ss_llama.generate(ids, max_new_tokens=n, **plain)
    return ss_tokenizer.decode(out[0, ids.shape[1] :]).removesuffix("<|end|>")
def ss_answers(prompts, n, **more):
    """What one engine answers, one prompt after the other."""
    engine = Engine(to_decoder(ss_llama), ss_tokenizer, **more)
    return ["".join(engine.stream(prompt, n)) for prompt in prompts]
ss_prompts = ["who are you?", "why is the sky blue?", "who are you?"]
check.equal(lambda: ss_answers(ss_prompts, 9, system="be kind."), [ss_right(one, 9) for one in ss_prompts],
    "Is the cache cut back to the system prompt before each answer, and are positions those in the whole conversation?")
check.equal(lambda: ss_answers(["what now?"], 6), [ss_right("what now?", 6, None)],
    "Without a system prompt: are the ids those of the whole conversation, the template's own system message among them?")
### BEGIN HIDDEN TESTS
ss_talk = [{"role": "user", "content": "a joke?"}, {"role": "assistant", "content": "no."}, {"role": "user", "content": "do."}]
check.equal(lambda: ss_answers([ss_talk, "a joke?", "z"], 12, system="you are a poet. be short."),
    [ss_right(one, 12, "you are a poet. be short.") for one in (ss_talk, "a joke?", "z")], "A list of messages, then questions.")
check.equal(lambda: ss_answers(["who are you?"] * 2, 1, system="x"), [ss_right("who are you?", 1, "x")] * 2, "n = 1.")
for ss_n in (4, 5):  # system x: 3 tokens; the question and the sign to speak: 6
    check.equal(lambda: ss_answers(["why"], ss_n, system="x", max_len=9 + ss_n), [ss_right("why", ss_n, "x")],
        "max_len just fits.")
    check.raises(lambda: ss_answers(["why"], ss_n, system="x", max_len=8 + ss_n), ValueError,
        "One token more than max_len has room for: is that refused before anything is computed?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sub-second-test-counts", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Tokens that the first layer reads, pass by pass: when the engine is made, and for each answer."""
def ss_passes(prompts, n, system="be kind.", model=None):
    """For the making of an engine, and for each answer: how many tokens, in how many passes."""
    read, found = [], []
    model = to_decoder(ss_llama) if model is None else model
    model.layers[0].register_forward_pre_hook(lambda block, given: read.append(given[0].shape[1]))
    engine = Engine(model, ss_tokenizer, system)
    for prompt in [None, *prompts]:
        if prompt is not None: list(engine.stream(prompt, n))
        found.append([sum(read), len(read)])
        read.clear()
    return found
def ss_no_more(most):
    """Whether no number found is larger than the one at its place, and the first pair, the making, is met exactly."""
    return lambda found: found[0] == most[0] and len(found) == len(most) and (np.array(found) <= np.array(most)).all()
check.that(lambda: ss_passes(["who are you?", "why?"], 5), ss_no_more([[10, 1], [19, 5], [11, 5]]),
    "[tokens, passes]: 10 for the system prompt, in one, and never again; 15 and 7 for the questions in one pass; then one token "
    "a pass, but not the last, which nobody reads on from.")
### BEGIN HIDDEN TESTS
check.that(lambda: ss_passes(["a", "xy", "a"], 3), ss_no_more([[10, 1], [6, 3], [7, 3], [6, 3]]),
    "Three questions, three tokens each.")
check.equal(lambda: ss_passes(["a"], 3, None), [[0, 0], [10, 3]],
    "No system prompt: the template's own is read with the question.")
check.equal(lambda: ss_passes(["b"], 9, "x", parrot(ss_tokenizer, "yes")), [[3, 1], [7, 4]],
    "An answer of three tokens: does the engine stop at eos_token_id?")
check.equal(lambda: ss_passes(["bd"], 1, "x"), [[3, 1], [5, 1]], "n = 1: one pass, for the question.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sub-second-test-stream", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""A piece for each token, as soon as it is known; a character of three tokens comes whole; lighter models answer too."""
ss_price = [*"pay ", "<0xE2>", "<0x82>", "<0xAC>", *"now."]
def ss_watched(n):
    """How many passes there were when each piece came."""
    model, read = parrot(ss_tokenizer, ss_price), []
    stream = Engine(model, ss_tokenizer).stream("how?", n)
    model.layers[0].register_forward_pre_hook(lambda *given: read.append(1))
    return [(piece, len(read)) for piece in stream]
def ss_pieces(kind, system=None):
    return list(Engine(lighter(parrot(ss_tokenizer, ss_price), kind), ss_tokenizer, system).stream("how?", 30))
check.equal(lambda: ss_watched(4), [["p", 1], ["a", 2], ["y", 3], [" ", 4]],
    "The first piece must come before the second token is computed: does stream yield inside its loop?")
check.equal(lambda: ss_pieces("float32"), [*"pay ", "", "", "€", *"now."],
    "A piece for each token; the euro sign's three bytes give two empty pieces, then the sign.")
check.equal(lambda: [ss_pieces(kind, "hm.") for kind in ("bfloat16", "int8")], [[*"pay ", "", "", "€", *"now."]] * 2,
    "Other dtypes: is the cache of the model's?")
### BEGIN HIDDEN TESTS
def ss_left():  # an answer that nobody reads to its end, then another
    engine, talk = Engine(to_decoder(ss_llama), ss_tokenizer, "be kind."), [{"role": "user", "content": "tell me all."}]
    next(engine.stream(talk, 20))
    return ["".join(engine.stream("why?", 8)), talk]
check.equal(ss_left, [ss_right("why?", 8), [{"role": "user", "content": "tell me all."}]],
    "The answer before was left after one token, and messages stay as they are.")
check.equal(lambda: ss_watched(7)[4:], [["", 5], ["", 6], ["€", 7]], "Pieces that wait for a character are empty.")
def ss_beside():
    both = [Engine(to_decoder(ss_llama), ss_tokenizer, system, 40) for system in ("x", "be kind.")]
    for one in both:
        try: list(one.stream("why?" * 20, 9))
        except ValueError: pass
    return ["".join(one.stream("why?", 6)) for one in both]
check.equal(ss_beside, [ss_right("why?", 6, "x"), ss_right("why?", 6)], "Two engines, after a refusal: is nothing shared or left?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sub-second-test-latency", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""An engine that moves the hands of a clock: a piece after 0.2 s, then four after 0.05 s each; and an answer of three."""
class SsClock:
    """waits: for each prompt, the seconds before each piece, then those after the last."""
    def __init__(self, waits): self.now, self.waits, self.asked = 100.0, waits, []
    def stream(self, prompt, n=64):
        self.asked.append(n)
        for wait in self.waits[prompt][:-1][:n]:
            self.now += wait
            yield "word "
        self.now += self.waits[prompt][-1]
def ss_timed(waits, *n):
    fake = SsClock(waits)
    return latency(fake, list(waits), *n, clock=lambda: fake.now)
def ss_times(**ms):
    return {f"{name}_ms": {"p50": np.percentile(times, 50), "p95": np.percentile(times, 95)} for name, times in ms.items()}
check.close(lambda: ss_timed({"a": [0.2, 0.05, 0.05, 0.05, 0.05, 7], "b": [0.1, 0.05, 0.15, 7]}),
    ss_times(ttft=[200, 100], tpot=[50, 100], total=[400, 300]),
    "In ms: to the first piece; per piece after the first; to the last piece, not to the end of the stream; over answers.")
### BEGIN HIDDEN TESTS
check.close(lambda: ss_timed({"a": [0.2, 1, 3], "b": [0.4, 2], "c": [0.3, 0.5, 1.5, 0.25, 9], "d": [0.1, 0.1, 0.0]}),
    ss_times(ttft=[200, 400, 300, 100], tpot=[1000, 750, 100], total=[1200, 400, 2550, 200]),
    "Four answers, one of a single piece, which has no time per token.")
check.close(lambda: ss_timed({"a": [0.2, 1, 3, 5, 7, 1], "b": [0.4, 2, 2, 2, 1]}, 3),
    ss_times(ttft=[200, 400], tpot=[2000, 2000], total=[4200, 4400]), "n = 3: is it handed on to stream?")
class SsEager(SsClock):
    def stream(self, prompt, n=64):
        self.now += 1.5
        return ("" for _ in super().stream(prompt, n))
ss_late = SsEager({"a": [0.2, 1, 3], "b": [0.1, 0.5, 0.5, 3]})
check.close(lambda: latency(ss_late, ["a", "b"], clock=lambda: ss_late.now),
    ss_times(ttft=[1700, 1600], tpot=[1000, 500], total=[2700, 2600]), "The clock is read before stream; an empty piece counts.")
### END HIDDEN TESTS

# %% [markdown]
r"""
**One change at a time.** Sixteen tokens of an answer, after a system prompt of a hundred tokens: without a cache; with one; then in
fewer bits, three ways; and with the quickest of these and the system prompt read beforehand. **Look for** which change pays before
the first token, and which after it: a processor that cannot compute in 16 bits reads a prompt slower in `bfloat16`, but gains from
weights that are `float16` in memory alone. Dashed: a second.
"""

# %% tags=["explore"]
ss_base, ss_words = chat_decoder()
ss_rules = "You are a helpful assistant. " + "Answer in short and simple sentences, and say so when you do not know. " * 6
ss_question, ss_n = "Why is the sky blue?", 16

def ss_naive(question, n):
    """Pieces without a cache: exercise 2's loop, everything read again for each."""
    ids = chat_ids(ss_words, [{"role": "system", "content": ss_rules}, {"role": "user", "content": question}])
    for _ in range(n):
        ids = [*ids, int(generate(ss_base, torch.tensor([ids]), 1))]
        yield ss_words.decode(ids[-1:])

class SsWay:
    """Anything that streams, as latency wants it: by default an engine made anew, the system prompt read in the answer's time."""
    def __init__(self, model=None, stream=None):
        self.stream = stream or (lambda prompt, n: Engine(model, ss_words, ss_rules).stream(prompt, n))

# %% tags=["explore"]
ss_light = {kind: lighter(ss_base, kind) for kind in ("bfloat16", "float16", "int8")}
ss_steps = {"float32,\nno cache": SsWay(stream=ss_naive), "cache": SsWay(ss_base)}
ss_steps |= {kind: SsWay(model) for kind, model in ss_light.items()}
with torch.no_grad(), device.all_cores():
    ss_ms = {name: latency(one, [ss_question] * (2 if name in ss_light else 1), ss_n) for name, one in ss_steps.items()}
    ss_kind = min(ss_light, key=lambda kind: ss_ms[kind]["total_ms"]["p50"])  # not the same on every machine
    ss_engine = Engine(ss_light[ss_kind], ss_words, ss_rules)
    ss_ms[f"{ss_kind}, system\nprompt kept"] = latency(ss_engine, [ss_question] * 2, ss_n)
ss_first, ss_all = ([one[name]["p50"] for one in ss_ms.values()] for name in ("ttft_ms", "total_ms"))
ss_ax = plot.groups(list(ss_ms), {"to the first token": ss_first, "to the sixteenth": ss_all}, "ms")
ss_ax.axhline(1000, color="grey", linestyle="--")
ss_ax.set_yscale("log");

# %% [markdown]
r"""
**Where every millisecond goes.** Hooks time the parts of one decoding step. The floor is what the bytes alone would cost: all
weights read once at the speed at which this machine reads memory; it is printed below. **Look for** what the products take
beyond the floor, and how much of a step is no product at all.
"""

# %% tags=["explore"]
def ss_budget(engine, question, n=16):
    """ms of each part in one step of decoding, the first pass left out."""
    spent, started, hooks, plain = {}, {}, [], engine.model.attend
    def note(name, start): spent[name] = spent.get(name, 0) + time.perf_counter() - start
    def attend_timed(*given):
        start = time.perf_counter()
        out = plain(*given)
        note("attention", start)
        return out
    for path, module in engine.model.named_modules():
        name = {"qkv": "q, k, v", "out": "out", "up": "gate, up", "down": "down", "head": "head"}.get(path.split(".")[-1])
        if name := name or ("norms" if "norm" in path else None):
            hooks.append(module.register_forward_pre_hook(lambda one, given: started.update({one: time.perf_counter()})))
            hooks.append(module.register_forward_hook(lambda one, given, out, name=name: note(name, started[one])))
    engine.model.attend = attend_timed
    stream = engine.stream(question, n)
    next(stream)
    spent.clear()
    start, steps = time.perf_counter(), len(list(stream))
    spent["RoPE, cache,\nsums, Python"] = time.perf_counter() - start - sum(spent.values())
    for hook in hooks: hook.remove()
    engine.model.attend = plain
    return {name: 1000 * seconds / steps for name, seconds in spent.items()}

# %% tags=["explore"]
with torch.no_grad(), device.all_cores():
    ss_spent = ss_budget(ss_engine, ss_question)
    ss_read = torch.ones(2**26)
    ss_took = best_s(ss_read.sum, 5)
ss_rate, ss_bytes = ss_read.nbytes / ss_took, sum(p.numel() for p in ss_base.parameters()) * (1 if ss_kind == "int8" else 2)
ss_floor = 1000 * ss_bytes / ss_rate
ss_ax = plot.bars(list(ss_spent), list(ss_spent.values()), "ms a token")
ss_ax.tick_params("x", rotation=35)
ss_all_ms = sum(ss_spent.values())
print(f"{ss_all_ms:.1f} ms a token; the floor, {ss_bytes / 1e6:.0f} MB at {ss_rate / 1e9:.0f} GB/s: {ss_floor:.1f} ms")

# %% [markdown]
r"""
Talk to it. **Look for** the times: below the first answer, and, when you ask yourself, above the answer while it is written.
"""

# %% tags=["explore"]
def ss_reply(question):
    with device.all_cores(): yield from ss_engine.stream(question, 48)

widgets.chat_box(ss_reply, "Tell me in one sentence what a cat is.", timed=True)

# %% [markdown]
r"""
**Any chat client.** `course.serve` puts any object with `stream(messages, max_tokens)` behind the address that OpenAI's clients
know, and answers as a stream of events, one request at a time. It runs while the `with` block does. For a client of your own,
end the block with `print(ss_url); time.sleep(3600)`: the client's base URL is that address with `/v1` behind it, its model
`mine`; interrupting the cell ends it. **Look for** the events: a role, pieces, a reason, `[DONE]`.
"""

# %% tags=["explore"]
import json
from urllib import request as web
from course import serve

class SsServed:
    """The engine's own system prompt stands in place of a client's."""
    def turns(self, messages): return [one for one in messages if one["role"] != "system"]
    def stream(self, messages, max_tokens):
        with device.all_cores(): yield from ss_engine.stream(self.turns(messages), max_tokens)
    def count(self, messages): return len(chat_ids(ss_words, [{"role": "system", "content": ss_rules}, *self.turns(messages)]))

def ss_post(url, **more):
    """The lines that a server answers to a question."""
    asked = {"model": "mine", "messages": [{"role": "user", "content": "Name a colour."}], "max_tokens": 8}
    with web.urlopen(web.Request(f"{url}/v1/chat/completions", json.dumps(asked | more).encode()), timeout=60) as got:
        return [line.decode().strip() for line in got if line.strip()]

ss_served = SsServed()
with serve.running(serve.app(ss_served, "mine", ss_served.count)) as ss_url:
    for line in ss_post(ss_url, stream=True): print(line[:22], "…", line[-75:])
    ss_whole = json.loads(ss_post(ss_url)[0])
print(ss_whole["choices"][0]["message"], ss_whole["usage"])

# %% [markdown]
r"""
## What you can do now

You can say from two numbers of a machine how fast a model can write on it, keep what it has read, compute attention without
its matrix, store weights in eight bits, let a cheap draft run ahead without changing what is said, and account for the
milliseconds of a reply. On the full track also: go backward without the matrix, write a kernel, round weights to fit their
inputs, and serve many users from one memory.

The picture of the whole: **count the bytes, then move fewer, or do more with each**. This was the last notebook: the course
began with a scalar's gradient and ends with an answer on the screen.
"""

# %% [markdown]
r"""
## Where to go deeper

- Williams et al. 2009, [Roofline](https://doi.org/10.1145/1498765.1498785): two ceilings, one figure.
- Milakov and Gimelshein 2018, [Online Softmax](https://arxiv.org/abs/1805.02867); Dao et al. 2022,
  [FlashAttention](https://arxiv.org/abs/2205.14135), and Dao 2023, [FlashAttention-2](https://arxiv.org/abs/2307.08691);
  Tillet et al. 2019, [Triton](https://doi.org/10.1145/3315508.3329973).
- Dettmers et al. 2022, [LLM.int8()](https://arxiv.org/abs/2208.07339); Frantar et al. 2022,
  [GPTQ](https://arxiv.org/abs/2210.17323); Lin et al. 2023, [AWQ](https://arxiv.org/abs/2306.00978): which numbers matter.
- Leviathan et al. 2022, [Speculative Decoding](https://arxiv.org/abs/2211.17192); Saxena 2023,
  [Prompt Lookup Decoding](https://github.com/apoorvumang/prompt-lookup-decoding).
- Yu et al. 2022, [Orca](https://www.usenix.org/conference/osdi22/presentation/yu): batches decided step by step;
  Kwon et al. 2023, [PagedAttention](https://arxiv.org/abs/2309.06180): a cache as an operating system's memory.
- Pope et al. 2022, [Efficiently Scaling Transformer Inference](https://arxiv.org/abs/2211.05102): what a token costs when
  the model is spread over many chips.
"""

# %% [markdown]
r"""
## How far you are

The bar shows which exercises pass their visible tests **now**, in this kernel, and how much time the rest may take.
Save the notebook first.
"""

# %% tags=["explore"]
from course.progress import progress

progress()
