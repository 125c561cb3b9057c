# %% [markdown]
r"""
# Inference

**A reply in under a second, and why: where the bytes go, and how not to move them.**

You start with a clock and two numbers of your machine. Fourteen exercises later your own engine serves a real chat model on
two processor cores: first words and a short whole answer in under a second, faster than transformers' `generate`, and any
chat client can talk to it.

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

from course import check, data, device, models, plot, tables, widgets

# Graded cells work on small tensors: a second thread would only wait for the first. Long runs ask for all cores.
torch.set_num_threads(1)

# %% [markdown]
r"""
# A · What a token costs

To write one token, a model reads all of its weights once. In shapes: **B** batch, **T** new tokens (queries), **S** tokens
that they may look at (keys), **H** heads, **D** a head's width, **C** the model's, **V** vocabulary.
"""

# %% [markdown]
r"""
**The model of this notebook**: the transformers notebook's Llama, for serving. The matrices of $q$, $k$ and $v$ are one, those of
gate and up another: one large read in place of several small ones.

`Decoder` takes ids (B, T), `positions` (where they stand in the text: RoPE turns by them; 0 to T-1 if not given) and `cache`,
which may keep keys and values, and gives logits (B, T, V). `decoder.attend` is its attention: anything with the same
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

class Block(nn.Module):
    """One layer: attention with rotary positions and shared keys, then SwiGLU, each behind an RMSNorm."""

    def __init__(self, config, layer):
        super().__init__()
        C, D, M, eps = config.hidden_size, config.head_dim, config.intermediate_size, config.rms_norm_eps
        self.layer, self.heads, self.kv_heads = layer, config.num_attention_heads, config.num_key_value_heads
        self.norm1, self.norm2 = nn.RMSNorm(C, eps), nn.RMSNorm(C, eps)
        self.qkv = nn.Linear(C, (self.heads + 2 * self.kv_heads) * D, bias=False)
        self.out = nn.Linear(self.heads * D, C, bias=False)
        self.up, self.down = nn.Linear(C, 2 * M, bias=False), nn.Linear(M, C, bias=False)

# %% nbgrader={"grade": false, "grade_id": "given-block-forward", "locked": true, "schema_version": 3, "solution": false, "task": false}
def block_forward(self, x, cos, sin, cache=None, mask=None, attend=attend):
    """x (B, T, C) to (B, T, C); cos, sin: (…, T, D), of the tokens' angles; cache.append(layer, k, v) gives all keys and values."""
    B, T, _ = x.shape
    heads = self.qkv(self.norm1(x)).view(B, T, self.heads + 2 * self.kv_heads, -1).transpose(1, 2)
    turned, v = heads.split([self.heads + self.kv_heads, self.kv_heads], dim=1)
    turned = turned * cos + turned.roll(turned.shape[-1] // 2, -1) * sin  # RoPE, for queries and keys together
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
        self.norm = nn.RMSNorm(config.hidden_size, config.rms_norm_eps)
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
# B · Attention without the matrix

The T x S matrix of attention's weights need never exist. What that saves is not arithmetic: it is traffic to memory.
"""

# %% [markdown]
r"""
# C · Fewer bytes, more tokens

If a token costs as much as the weights have bytes, there are two ways on: fewer bytes a weight, or more tokens a read.
"""

# %% [markdown]
r"""
# D · Many users at once

One read of the weights may serve a whole batch. Then memory runs out for what each user has said: the cache becomes the
thing to manage.
"""

# %% [markdown]
r"""
# E · A reply in under a second
"""

# %% [markdown]
r"""
## What you can do now

You can say from two numbers of a machine how fast a model can write on it, keep what it has read, compute attention without
its matrix, store weights in eight bits and fewer, let a cheap draft run ahead without changing what is said, serve many
users from one cache, and account for every millisecond of a reply.

The picture of the whole: **count the bytes, then move fewer, or do more with each**. This was the last notebook. You have
built every part that stands between a scalar's gradient and an answer on the screen.
"""

# %% [markdown]
r"""
## Where to go deeper

- Milakov and Gimelshein 2018, [Online Softmax](https://arxiv.org/abs/1805.02867); Dao et al. 2022,
  [FlashAttention](https://arxiv.org/abs/2205.14135), and Dao 2023, [FlashAttention-2](https://arxiv.org/abs/2307.08691).
- Dettmers et al. 2022, [LLM.int8()](https://arxiv.org/abs/2208.07339); Frantar et al. 2022,
  [GPTQ](https://arxiv.org/abs/2210.17323); Lin et al. 2023, [AWQ](https://arxiv.org/abs/2306.00978): which numbers matter.
- Leviathan et al. 2022, [Speculative Decoding](https://arxiv.org/abs/2211.17192).
- Kwon et al. 2023, [PagedAttention](https://arxiv.org/abs/2309.06180): a cache as an operating system's memory.
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
