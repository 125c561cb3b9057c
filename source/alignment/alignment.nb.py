# %% [markdown]
r"""
# Alignment

**From a model that completes text to one that helps: instructions, adapters, human ratings, and the reward they become.**

You start by marking which tokens a chat model should learn. Fourteen exercises later you have tuned a real one through
adapters over 4-bit weights, turned people's ratings into a reward, raised it by PPO and by two shortcuts, and seen what
happens when it is raised too far.

*100 points · core exercises 3 hours · all of them 11 hours*
"""

# %% [markdown]
r"""
## Where to start

You have done the transformers notebook, or know a GPT's parts and a training step. No reinforcement learning: what is
needed is built here. **Weekend track**: the exercises marked *core*. **Full track**: all fourteen.

First read Huyen's [RLHF](https://huyenchip.com/2023/05/02/rlhf.html), a map of the whole pipeline; before part C,
[Spinning Up, part 3](https://spinningup.openai.com/en/latest/spinningup/rl_intro3.html), which derives the policy gradient.
Leave PPO's mathematics for later; do find out what the KL term is for.

Replace `raise NotImplementedError(...)`, then run every cell down to the next text. A function leaves its arguments as
they were. The tests you see are a part of those that grade you. **Validate** runs everything from a fresh start, as
grading does.
"""

# %% nbgrader={"grade": false, "grade_id": "given-imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math
import random

import numpy as np
import torch
import transformers
from torch import nn
from torch.nn import functional as F

from course import check, data, device, models, plot, widgets

# Graded cells work on small tensors: a second thread would only wait for the first. Long runs ask for all cores.
torch.set_num_threads(1)

# %% [markdown]
r"""
# A · Following instructions

A pretrained model continues text. *Supervised fine-tuning* (SFT) shows it conversations and lets it learn the answers, and
*adapters* do that with a hundredth of the numbers. In shapes, as before: **B** batch, **T** tokens, **V** vocabulary.
"""

# %% [markdown]
r"""
# B · Four bits

Adapters leave the base model as it is, so it may as well be stored in fewer bits: a quarter of the memory of 16-bit
weights, and the adapter learns around what rounding has done.
"""

# %% [markdown]
r"""
### 5 · Sixteen values

*8 points · 80 min · Dettmers et al. 2023 (QLoRA), section 3 and appendix E*

Weights are roughly normal around 0. **NF4** puts its 16 values at a normal's quantiles $\Phi^{-1}(p)$, so that each is used about
equally often: 8 with $p$ evenly from $\tfrac12$ to $e$, and 7 more from $1-e$ up to, not including, $\tfrac12$;
with $e = 1 - \tfrac12(\tfrac1{32}+\tfrac1{30})$. All divided by the largest. So 0 is exact, and the ends are $\pm 1$.

Every 64 weights, a **block**, are divided by their largest size (*absmax*); each becomes the place of the nearest value, two
to a byte.

<details><summary>A nudge</summary><code>torch.special.ndtri</code> is $\Phi^{-1}$. Both halves count the 0 between them: once is enough.</details>
<details><summary>The key step</summary>In float64 until the last line. A block of zeros: divide by what, so that nothing is 0/0?</details>
"""

# %% [markdown]
r"""
The layout, as in bitsandbytes: `w` is read row by row, whatever its shape. The last block may be short. The first of two codes
stands in the byte's **high** four bits; beside a last odd one stands 7, the code of 0. `absmax` is float32, one for each block: 32
bits for 64 weights, half a bit each.

**Double quantization** makes 8 bits of these 32: subtract absmax's mean, divide each 256 of what is left by their largest size, take
the nearest of 256 given values. That largest size, float32, and the mean stay.
"""

# %% nbgrader={"grade": false, "grade_id": "given-nf4", "locked": true, "schema_version": 3, "solution": false, "task": false}
def nearest(x, values):
    """The place of the nearest of `values` (ascending) for each number of x: long, x's shape."""
    values = values.to(x.device)
    return torch.bucketize(x, (values[1:] + values[:-1]) / 2)

def dynamic_map():
    """bitsandbytes' 256 values for 8 bits: 0, 1, and in each power of ten down to 1e-6 half as many as above; ascending."""
    values = [0.0, 1.0]
    for power in range(7):
        edges = torch.linspace(0.1, 1, 2 ** (6 - power) + 1)
        middles = (10.0**-power * (edges[1:] + edges[:-1]) / 2).tolist()
        values += middles + [-one for one in middles]
    return torch.tensor(sorted(values))

def undouble(codes, scales, mean, block=256):
    """absmax, nearly, from what double_quantize makes of it."""
    return dynamic_map().to(codes.device)[codes.long()] * scales.repeat_interleave(block)[: len(codes)] + mean

# %% nbgrader={"grade": false, "grade_id": "nf4", "locked": false, "schema_version": 3, "solution": true, "task": false}
def nf4_codebook():
    """NF4's 16 values, ascending, float32."""
    ### BEGIN SOLUTION
    edge = 1 - (1 / 32 + 1 / 30) / 2
    below = torch.special.ndtri(torch.linspace(1 - edge, 0.5, 8, dtype=torch.float64))  # its last is the 0
    above = torch.special.ndtri(torch.linspace(0.5, edge, 9, dtype=torch.float64))[1:]
    return (torch.cat([below, above]) / above[-1]).float()
    ### END SOLUTION
def quantize_nf4(w, block=64):
    """w, N numbers in any shape and floating dtype, as (codes, absmax), both without a gradient.

    codes: uint8 (ceil(N / 2),), two to a byte. absmax: float32 (ceil(N / block),), 0 for a block of zeros (codes 7)."""
    ### BEGIN SOLUTION
    flat = w.detach().flatten().float()
    blocks = F.pad(flat, (0, -len(flat) % block)).view(-1, block)
    absmax = blocks.abs().amax(1)
    codes = nearest(blocks / absmax.clamp_min(1e-38)[:, None], nf4_codebook()).flatten()[: len(flat)]
    codes = F.pad(codes, (0, len(flat) % 2), value=7).to(torch.uint8)
    return codes[::2] << 4 | codes[1::2], absmax
    ### END SOLUTION
def dequantize_nf4(codes, absmax, shape, block=64):
    """float32 numbers of that shape: each code's value times its block's absmax, on the codes' device."""
    ### BEGIN SOLUTION
    book = nf4_codebook().to(codes.device)
    flat = torch.cartesian_prod(book, book)[codes.int()].flatten()[: math.prod(shape)]  # both values of each byte
    return (flat * absmax.repeat_interleave(block)[: len(flat)]).view(shape)
    ### END SOLUTION
def double_quantize(absmax, block=256):
    """absmax (n,) as (codes, scales, mean): uint8 (n,), float32 (ceil(n / block),), float32 ()."""
    ### BEGIN SOLUTION
    blocks = F.pad(absmax - absmax.mean(), (0, -len(absmax) % block)).view(-1, block)
    scales = blocks.abs().amax(1)
    codes = nearest(blocks / scales.clamp_min(1e-38)[:, None], dynamic_map()).flatten()[: len(absmax)]
    return codes.to(torch.uint8), scales, absmax.mean()
    ### END SOLUTION
def bits_per_parameter(block=64, block2=256):
    """Bits stored for each of very many weights, the one mean left out; block2=None: absmax as float32."""
    ### BEGIN SOLUTION
    return 4 + (32 / block if block2 is None else (8 + 32 / block2) / block)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "nf4-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The sixteen values: ends, zero, one on each side; they are not symmetric."""
check.equal(lambda: [str(nf4_codebook().dtype), tuple(nf4_codebook().shape)], ["torch.float32", (16,)],
    "Sixteen values in float32: does the 0 stand there once?")
check.close(lambda: nf4_codebook()[[0, 7, 15]], torch.tensor([-1.0, 0.0, 1.0]),
    "-1 first, 1 last, and an exact 0 in eighth place: are there 7 values below it and 8 above?", 0, 1e-6)
check.close(lambda: nf4_codebook()[[1, 6, 8, 14]], torch.tensor([-0.69619, -0.09105, 0.07958, 0.72296]),
    "Quantiles, evenly spaced in p on each side, divided by the largest: where do yours begin and end?", atol=1e-5)
### BEGIN HIDDEN TESTS
nf4_printed = [-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
    -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634,
    0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0]
check.close(lambda: nf4_codebook(), torch.tensor(nf4_printed),
    "Appendix E prints these: is one of yours off?", rtol=0, atol=1e-6)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "nf4-test-quantize", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""[[1, 2, -3]]: divided by 3, the nearest are codes 11, 14 and 0: bytes 11 · 16 + 14 and 0 · 16 + 7."""
def nf4_seen(w, *block):
    """What quantize_nf4 makes of w, with dtypes, and w as it is afterwards."""
    codes, absmax = quantize_nf4(w, *block)
    return [codes, absmax, str(codes.dtype), str(absmax.dtype), codes.requires_grad or absmax.requires_grad, w.detach()]
nf4_kinds = ["torch.uint8", "torch.float32", False]
check.equal(lambda: nf4_seen(torch.tensor([[1.0, 2.0, -3.0]])), [[190, 7], [3.0], *nf4_kinds, [[1.0, 2.0, -3.0]]],
    "Is each divided by the block's largest size, and the first of two codes in the high four bits? absmax has no sign.")
check.equal(lambda: nf4_seen(torch.tensor([[4.0, 0, 8], [0, 0.5, 0.25]]), 2),
    [[0xF7, 0xF7, 0xFC], [4.0, 8.0, 0.5], *nf4_kinds, [[4.0, 0, 8], [0, 0.5, 0.25]]],
    "Blocks of 2, read row by row, across the rows' ends: has each its own absmax?")
check.equal(lambda: nf4_seen(torch.zeros(3), 2), [[0x77, 0x77], [0.0, 0.0], *nf4_kinds, [0.0, 0.0, 0.0]],
    "A block of zeros: is 0 divided by 0? Its codes are 7, its absmax is 0.")
### BEGIN HIDDEN TESTS
def nf4_slowly(w, block):
    """The oracle: one number at a time."""
    flat, codes, absmax = w.detach().flatten().tolist(), [], []
    for start in range(0, len(flat), block):
        absmax.append(max(abs(one) for one in flat[start : start + block]))
        for one in flat[start : start + block]:
            codes.append(min(range(16), key=lambda i: abs(nf4_printed[i] - (one / absmax[-1] if absmax[-1] else 0.0))))
    codes += [7] * (len(codes) % 2)
    return [[16 * one + two for one, two in zip(codes[::2], codes[1::2])], absmax, *nf4_kinds, w.detach().tolist()]
for shape, block, dtype in [((5, 64), 64, torch.float32), ((7, 33), 32, torch.bfloat16), ((2, 3, 37), 16, torch.float16)]:
    check.equal(lambda: nf4_seen(0.1 * check.normal(*shape, seed=1, dtype=dtype), block),
        nf4_slowly(0.1 * check.normal(*shape, seed=1, dtype=dtype), block),
        f"{shape} in blocks of {block}: is the nearest value taken, the last block short, an odd code last?")
check.equal(lambda: nf4_seen(nn.Parameter(check.normal(6, 40, dtype=torch.float32).T)),
    nf4_slowly(check.normal(6, 40, dtype=torch.float32).T, 64), "A transposed parameter, blocks of 64 by default.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "nf4-test-dequantize", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Bytes 0xF0 and 0x7F are codes 15, 0, 7, 15: values 1, -1, 0, 1, times absmax."""
def nf4_back(codes, absmax, *rest):
    out = dequantize_nf4(torch.tensor(codes, dtype=torch.uint8), torch.tensor(absmax), *rest)
    return [out, out.dtype == torch.float32]
check.close(lambda: nf4_back([0xF0, 0x7F], [2.0], (2, 2)), [torch.tensor([[2.0, -2.0], [0.0, 2.0]]), True],
    "The high four bits are the first code of a byte. Is the result float32, in the shape asked for?")
check.close(lambda: nf4_back([0xF0, 0x07], [2.0, 5.0], (3, 1), 2), [torch.tensor([[2.0], [-2.0], [-5.0]]), True],
    "Blocks of 2: absmax 2 for two numbers, then 5. Is the seven that filled the last byte left out?")
### BEGIN HIDDEN TESTS
for shape, block in [((3, 5), 4), ((4, 3, 32), 64), ((129,), 64), ((1, 1), 64)]:
    count = math.prod(shape)
    bytes_, sizes = check.integers(-(-count // 2), high=256), check.uniform(-(-count // block), high=3, dtype=torch.float32)
    codes = [code for byte in bytes_.tolist() for code in (byte // 16, byte % 16)][:count]
    check.close(lambda: nf4_back(bytes_.tolist(), sizes.tolist(), shape, block)[0],
        torch.tensor([nf4_printed[code] * sizes[i // block] for i, code in enumerate(codes)]).view(shape),
        f"{shape} in blocks of {block}: does each number have its own value and its own block's absmax?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "nf4-test-double", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""absmax 1, 2, 3, 6: less their mean of 3 it is -2, -1, 0, 3; divided by 3, the nearest of 256 values."""
def nf4_twice(sizes, *block):
    """What double_quantize makes of sizes, with dtypes and the sizes afterwards."""
    codes, scales, mean = double_quantize(absmax := torch.tensor(sizes), *block)
    return [codes, scales, mean, [str(one.dtype) for one in (codes, scales, mean)], absmax]
nf4_types = ["torch.uint8", "torch.float32", "torch.float32"]
check.equal(lambda: nf4_twice([1.0, 2.0, 3.0, 6.0]), [[23, 47, 127, 255], [3.0], 3.0, nf4_types, [1.0, 2.0, 3.0, 6.0]],
    "Is the mean subtracted first, and what is left divided by its largest size? absmax stays as it was.")
check.close(lambda: undouble(*double_quantize(torch.tensor([1.0, 2, 3, 6]))), torch.tensor([1.0, 2, 3, 6]),
    "Taken apart and put together again: nearly the same?", 0, 0.03)
check.close(lambda: [bits_per_parameter(), bits_per_parameter(block2=None)], [4.127, 4.5],
    "4 bits, 8 more for each 64 weights, 32 for each 64 · 256; without the second step 32 for each 64.", atol=5e-4)
### BEGIN HIDDEN TESTS
def nf4_twice_slowly(sizes, block):
    """The oracle: one number at a time, in float64."""
    values, mean = dynamic_map().tolist(), sum(sizes) / len(sizes)
    rest = [one - mean for one in sizes]
    scales = [max(map(abs, rest[i : i + block])) for i in range(0, len(rest), block)]
    parts = [one / scales[i // block] if scales[i // block] else 0.0 for i, one in enumerate(rest)]
    codes = [min(range(256), key=lambda place: abs(values[place] - part)) for part in parts]
    return [torch.tensor(codes), torch.tensor(scales), mean]
for count, block in [(600, 256), (10, 4), (7, 7)]:
    check.close(lambda: nf4_twice(check.uniform(count, low=0.5, high=2, dtype=torch.float32).tolist(), block)[:3],
        nf4_twice_slowly(check.uniform(count, low=0.5, high=2, dtype=torch.float32).tolist(), block),
        f"{count} numbers in blocks of {block}: one mean for all, a scale for each block?", 1e-5, 1e-6)
check.equal(lambda: nf4_twice([0.5] * 300)[:3], [[127] * 300, [0.0, 0.0], 0.5], "All equal: is 0 divided by 0?")
check.close(lambda: [bits_per_parameter(32, 128), bits_per_parameter(128, None)], [4.2578125, 4.25], "Other blocks.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Normal weights in blocks of 64, on NF4's values and on uniform ones (int4: $-7$ to $7$, over 7). **Look for** where the values
stand on the left, and on the right how often each is used. Uniform ones crowd the tails, where hardly any weight is; NF4 spends
them in the middle. (The very ends are rarer: only a block's largest is sure to reach one.)
"""

# %% tags=["explore"]
def int4(w, block=64, values=torch.arange(-7, 8) / 7):
    """w rounded to absmax / 7 times a whole number, and the codes."""
    blocks = w.detach().reshape(-1, block)
    absmax = blocks.abs().amax(1, keepdim=True).clamp_min(1e-38)
    codes = nearest(blocks / absmax, values)
    return (values[codes] * absmax).view(w.shape), codes

torch.manual_seed(0)
nf_w = torch.randn(4096, 64)
nf_codes = quantize_nf4(nf_w)[0]
nf_used = {"NF4": torch.stack([nf_codes >> 4, nf_codes & 15]).flatten().bincount(minlength=16),
    "int4": int4(nf_w)[1].flatten().bincount(minlength=16)}
nf_axes = plot.grid(1, 2, 4.6, 3.2)
nf_scaled = (nf_w / nf_w.abs().amax(1, keepdim=True)).flatten()
plot.curves({"weights": nf_scaled.histc(80, -1, 1) / 0.025 / len(nf_scaled)}, torch.linspace(-0.9875, 0.9875, 80),
    "weight / absmax", "density", ax=nf_axes[0])
for values, top, colour in ((nf4_codebook(), 0.45, plot.COLOURS[1]), (torch.arange(-7, 8) / 7, 0.2, plot.COLOURS[2])):
    nf_axes[0].vlines(values, 0, top, colour)
nf_axes[0].set_title("NF4's values (long), int4's (short)")
plot.groups(range(16), {name: 100 * one / one.sum() for name, one in nf_used.items()}, "share of weights (%)", ax=nf_axes[1])
nf_axes[1].set_xlabel("code");

# %% [markdown]
r"""
The same on the chat model: what rounding loses, as a share of the weights' size. **Look for** what one absmax for a whole
matrix costs: one large weight makes all others coarse. In blocks of 64, NF4 loses 9 to 10 %, int4 11 to 14 %.

An honest note: the course's copy of SmolLM2 has been through 4 bits before (16 evenly spaced values for each 32 weights of
its layers, which differ from both grids here). Its embedding is finer, and shows the same.
"""

# %% tags=["explore"]
nf_model, _ = models.load()
nf_parts = {name: nf_model.model.layers[15].get_submodule(name).weight.detach() for name in
    ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj")}
nf_parts["embedding"] = nf_model.model.embed_tokens.weight.detach()[:4096]
nf_ways = {
    "NF4, a block of 64": lambda w: dequantize_nf4(*quantize_nf4(w), w.shape),
    "int4, a block of 64": lambda w: int4(w)[0],
    "NF4, one absmax": lambda w: dequantize_nf4(*quantize_nf4(w, w.numel()), w.shape, w.numel()),
}
nf_lost = {name: [100 * (way(w) - w).norm() / w.norm() for w in nf_parts.values()] for name, way in nf_ways.items()}
plot.groups([name.split(".")[-1] for name in nf_parts], nf_lost, "error (% of the weights' norm)")
nf_codes, nf_absmax = quantize_nf4(nf_parts["embedding"])
nf_stored = [nf_codes, *double_quantize(nf_absmax)]
print(f"{8 * sum(one.nbytes for one in nf_stored) / nf_parts['embedding'].numel():.3f} bits a parameter, counted;",
    f"{bits_per_parameter():.3f} by the formula")

# %% [markdown]
r"""
# C · What people prefer

Nobody can write down a loss for "a good answer", but people can say which of two is better. From such judgements comes a
reward, and from the reward, by reinforcement learning, a model that earns more of it.
"""

# %% [markdown]
r"""
# D · Shortcuts, and what a reward is worth

PPO needs a reward model, a value function and samples at every step. Two ways do without some of them, one asks a model
for the judgements, and the last exercise asks what is left of a reward once it has been optimized.
"""

# %% [markdown]
r"""
## What you can do now

You can turn a conversation into a training example, adapt a model of any size through a few thousand numbers over 4-bit
weights, make a reward out of human judgements, and raise it by PPO, DPO or GRPO while you watch what it costs.

The picture of the whole: **imitate, then compare, then optimize, on a leash**. The next notebook takes the model that
came out and makes it answer in under a second.
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
