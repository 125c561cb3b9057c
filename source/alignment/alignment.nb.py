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

Weights are roughly normal around 0. **NF4** puts its 16 values at a normal's quantiles $\Phi^{-1}(p)$: nine with $p$
evenly spaced from $\tfrac12$ to $e = 1 - \tfrac12(\tfrac1{32}+\tfrac1{30})$, eight with $p$ from $1-e$ to $\tfrac12$,
both ends included. The 0 at $\tfrac12$ counts once. All are divided by the largest: 0 is exact, the ends are $\pm 1$.

Every 64 weights, a **block**, are divided by their largest size (*absmax*). Each becomes the place of the nearest value,
two places to a byte.

<details><summary>A nudge</summary><code>torch.special.ndtri</code> is the quantile function, best in float64.</details>
<details><summary>The key step</summary>A block of zeros: divide by what, so that nothing is 0/0?</details>
"""

# %% [markdown]
r"""
The layout, as in bitsandbytes: `w` is read row by row, whatever its shape. The last block may be short. The first of two
codes stands in the byte's **high** four bits; beside a last odd one stands 7, the code of 0. `absmax` is float32, one
for each block: 32 bits for 64 weights, half a bit each.

**Double quantization** makes 8 bits of these 32: subtract absmax's mean, divide each 256 of what is left by their
largest size, take the place of the nearest of 256 given values. That largest size, float32, and the mean stay.
"""

# %% nbgrader={"grade": false, "grade_id": "given-nf4", "locked": true, "schema_version": 3, "solution": false, "task": false}
def nearest(x, values):
    """The place of the nearest of `values` (ascending) for each number of x: long, x's shape."""
    values = values.to(x.device)
    return torch.bucketize(x, (values[1:] + values[:-1]) / 2)

def dynamic_map():
    """bitsandbytes' 256 values for 8 bits, ascending: 0, 1, and in each power of ten below half as many as above."""
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
    bytes_ = check.integers(-(-count // 2), high=256)
    sizes = check.uniform(-(-count // block), high=3, dtype=torch.float32)
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
Normal weights in blocks of 64, on NF4's values and on uniform ones (int4: $-7$ to $7$, over 7). **Look for** where the
values stand on the left, and on the right how often each is used. int4 spends as many on the tails as on the middle,
and 7 is used ten times as often as the ends; NF4's shares differ less. (It was made for weights divided by a fixed size;
divided by their block's largest, they reach the ends more rarely.)
"""

# %% tags=["explore"]
nf_even = torch.arange(-7, 8) / 7

def nf4_evenly(w, block=64):
    """w rounded to absmax / 7 times a whole number, and the codes."""
    blocks = w.detach().reshape(-1, block)
    absmax = blocks.abs().amax(1, keepdim=True).clamp_min(1e-38)
    codes = nearest(blocks / absmax, nf_even)
    return (nf_even[codes] * absmax).view(w.shape), codes

torch.manual_seed(0)
nf_w = torch.randn(4096, 64)
nf_codes = quantize_nf4(nf_w)[0]
nf_used = {"NF4": torch.stack([nf_codes >> 4, nf_codes & 15]).flatten().bincount(minlength=16),
    "int4": nf4_evenly(nf_w)[1].flatten().bincount(minlength=16)}
nf_axes = plot.grid(1, 2, 4.6, 3.2)
nf_scaled = (nf_w / nf_w.abs().amax(1, keepdim=True)).flatten()
plot.curves({"weights": nf_scaled.histc(80, -1, 1) / 0.025 / len(nf_scaled)}, torch.linspace(-0.9875, 0.9875, 80),
    "weight / absmax", "density", ax=nf_axes[0])
for values, top, colour in ((nf4_codebook(), 0.45, plot.COLOURS[1]), (nf_even, 0.2, plot.COLOURS[2])):
    nf_axes[0].vlines(values, 0, top, colour)
nf_axes[0].set_title("NF4's values (long), int4's (short)")
nf_shares = {name: 100 * one / one.sum() for name, one in nf_used.items()}
plot.groups(range(16), nf_shares, "share of weights (%)", ax=nf_axes[1])
nf_axes[1].set_xlabel("code");

# %% [markdown]
r"""
The same on the chat model: what rounding loses, as a share of the weights' size. **Look for** what one absmax for a whole
matrix costs: one large weight makes all others coarse. In blocks of 64, NF4 loses 9 to 10 %, int4 11 to 14 %.

An honest note: the course's copy of SmolLM2 has been through 4 bits before (16 evenly spaced values for each 32 weights
of its layers, which differ from both grids here). Its embedding is finer, and shows the same.
"""

# %% tags=["explore"]
nf_model, _ = models.load()
nf_parts = {name: nf_model.model.layers[15].get_submodule(name).weight.detach() for name in
    ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.down_proj")}
nf_parts["embedding"] = nf_model.model.embed_tokens.weight.detach()[:4096]
nf_ways = {
    "NF4, a block of 64": lambda w: dequantize_nf4(*quantize_nf4(w), w.shape),
    "int4, a block of 64": lambda w: nf4_evenly(w)[0],
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
### 6 · Adapters over four bits

*7 points · core · 15 min · Dettmers et al. 2023 (QLoRA), section 3; Hu et al. 2021 (LoRA), section 4*

A linear layer's weight, kept as codes; beside it an adapter that learns:

$$y = x\,\hat W^\top + b + \tfrac{\alpha}{r}\,\mathrm{dropout}(x)\,A^\top B^\top$$

$\hat W$, dequantized, exists only while a product needs it: it is made again in the backward pass, for
$\partial L/\partial x = \partial L/\partial y\,\hat W$, as exercise 5's 4.5 bits a weight are all that is kept. A plain
`x @ W.T` would hand $\hat W$ to autograd, which holds it until then, for every layer at once.

<details><summary>A nudge</summary>Which of its inputs does a product save for the gradient of <code>x</code>?</details>
<details><summary>The key step</summary>In <code>forward</code>, <code>ctx.save_for_backward(codes, absmax)</code>; in
<code>backward</code>, dequantize once more.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-qlora", "locked": true, "schema_version": 3, "solution": false, "task": false}
def ql_base(n_in, n_out, bias=True, exact=False, seed=0):
    """A linear layer with normal weights; or, exact, with some that NF4 holds as they are: -0.5, 0 and 0.5."""
    base = nn.Linear(n_in, n_out, bias)
    for p in base.parameters(): p.data = 0.1 * check.normal(*p.shape, seed=seed, dtype=p.dtype)
    if exact: base.weight.data = check.integers(n_out, n_in, low=-1, high=2, seed=seed) / 2
    return base

def ql_halves(base, r, seed=1):
    """Numbers for an adapter's halves: A (r, in), B (out, r)."""
    (n_out, n_in), float32 = base.weight.shape, torch.float32
    return 0.2 * check.normal(r, n_in, seed=seed, dtype=float32), 0.2 * check.normal(n_out, r, seed=seed, dtype=float32)

def ql_filled(layer, base, r):
    """The layer, with those numbers in its adapter."""
    for p, numbers in zip((layer.lora_A, layer.lora_B), ql_halves(base, r)): p.data = numbers
    return layer

def ql_plain(base, x, r=4, scale=2.0, p=0.0):
    """What is right: the output by the plain formula, and the gradients of the two halves and of x; base gets none."""
    (A, B), x = ql_halves(base, r), x.detach().requires_grad_()
    out = F.linear(x, base.weight, base.bias) + scale * F.dropout(x, p) @ (A.requires_grad_().T @ B.requires_grad_().T)
    return [out.detach(), *torch.autograd.grad(out.cos().sum(), (A, B, x))]

# %% nbgrader={"grade": false, "grade_id": "given-qlora-memory", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course.sweep import CpuMemory

def ql_kib(make, n_in, n_out, rows=4):
    """KiB of all tensors alive: first when make(base) is done and base gone; how many more when layer(x) is done."""
    with CpuMemory() as memory:
        layer = make(ql_base(n_in, n_out))
        held = memory.now_bytes
        out = layer(torch.ones(rows, n_in, requires_grad=True))
        kept = memory.now_bytes - held
        out.sum().backward()
    return [held / 1024, kept / 1024]

# %% nbgrader={"grade": false, "grade_id": "qlora", "locked": false, "schema_version": 3, "solution": true, "task": false}
class FourBitProduct(torch.autograd.Function):
    """x (..., in) times the transpose of what dequantize_nf4(codes, absmax, shape) gives, in x's dtype: (..., out)."""
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ### BEGIN SOLUTION
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ dequantize_nf4(codes, absmax, shape).to(x.dtype).T
        ### END SOLUTION
    @staticmethod
    def backward(ctx, grad):
        ### BEGIN SOLUTION
        return grad @ dequantize_nf4(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None
        ### END SOLUTION

class QLoRALinear(nn.Module):
    """An nn.Linear's stand-in: buffers codes and absmax from quantize_nf4, its bias frozen, no weight. Trained, float32:
    lora_A (r, in), drawn by nn.init.kaiming_uniform_(lora_A, a=5**0.5), and lora_B (out, r), zeros."""
    def __init__(self, base, r, alpha, dropout=0.0):
        ### BEGIN SOLUTION
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        for name, one in zip(("codes", "absmax"), quantize_nf4(base.weight)): self.register_buffer(name, one)
        self.register_buffer("bias", None if base.bias is None else base.bias.detach().clone())
        place = {"dtype": torch.float32, "device": base.weight.device}
        self.lora_A = nn.Parameter(torch.empty(r, self.shape[1], **place))
        self.lora_B = nn.Parameter(torch.zeros(self.shape[0], r, **place))
        nn.init.kaiming_uniform_(self.lora_A, a=5**0.5)
        ### END SOLUTION
    def forward(self, x):
        """x (..., in), any floating dtype: (..., out) in the same. Dropout on the adapter's way alone, in training."""
        ### BEGIN SOLUTION
        y = FourBitProduct.apply(x, self.codes, self.absmax, self.shape)
        if self.bias is not None: y = y + self.bias.to(x.dtype)
        return y + self.scale * (self.dropout(x) @ self.lora_A.to(x.dtype).T @ self.lora_B.to(x.dtype).T)
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "qlora-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Weights that NF4 holds exactly: the layer is the base, until its adapter is given numbers."""
ql_x = check.normal(2, 3, 70, dtype=torch.float32)
check.close(lambda: QLoRALinear(ql_base(70, 5, exact=True), 4, 8, 0.5)(ql_x), ql_base(70, 5, exact=True)(ql_x),
    "At first B is 0: is it the base, bias and all, with dropout on the adapter's way alone?")
check.close(lambda: ql_filled(QLoRALinear(ql_base(70, 5, exact=True), 4, 8), ql_base(70, 5), 4)(ql_x),
    ql_plain(ql_base(70, 5, exact=True), ql_x)[0], "The adapter adds alpha / r, here 2, times x A^T B^T.")
check.that(lambda: QLoRALinear(ql_base(70, 5), 4, 8).lora_A,
    lambda A: A.shape == (4, 70) and A.abs().max() <= 70**-0.5 and A.std() > 0.4 * 70**-0.5,
    "lora_A: (r, in), uniform between ±1 / sqrt(in), as kaiming_uniform_ draws with a = sqrt(5).")
### BEGIN HIDDEN TESTS
ql_values = torch.tensor([-1.0, -0.69619280, -0.52507305, -0.39491749, -0.28444138, -0.18477343, -0.09105004, 0.0,
    0.07958030, 0.16093020, 0.24611230, 0.33791524, 0.44070983, 0.56261700, 0.72295684, 1.0])
def ql_rounded(base):
    """The oracle: base with its weight rounded to NF4, by its distance to each of the sixteen values."""
    flat = F.pad(base.weight.data.flatten(), (0, -base.weight.numel() % 64)).view(-1, 64, 1)
    size = flat.abs().amax(1, keepdim=True)
    flat = ql_values[(flat / size - ql_values).abs().argmin(-1)] * size[..., 0]
    base.weight.data = flat.flatten()[: base.weight.numel()].view(base.weight.shape)
    return base
for n_in, n_out, bias, r, alpha in [(64, 6, False, 2, 1), (33, 7, True, 5, 20), (130, 3, True, 1, 3)]:
    x = check.normal(2, n_in, seed=4, dtype=torch.float32)
    check.close(lambda: ql_filled(QLoRALinear(ql_base(n_in, n_out, bias), r, alpha), ql_base(n_in, n_out), r)(x),
        ql_plain(ql_rounded(ql_base(n_in, n_out, bias)), x, r, alpha / r)[0],
        f"in {n_in}, out {n_out}, bias {bias}: is the weight rounded once, and b added?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "qlora-test-gradients", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The gradients of lora_A, lora_B and x are those of the plain formula; nothing else has one."""
def ql_learns(base, x, *more, training=True):
    """Output, gradients of A, B and x, and the names of what is trained."""
    layer, x = ql_filled(QLoRALinear(base, 4, 8, *more), base, 4).train(training), x.clone().requires_grad_()
    torch.manual_seed(0)
    out = layer(x)
    out.cos().sum().backward()
    trained = [name for name, p in layer.named_parameters() if p.requires_grad]
    return [out, layer.lora_A.grad, layer.lora_B.grad, x.grad], [sorted(trained), str(out.dtype)]
check.close(lambda: ql_learns(ql_base(70, 5, exact=True), ql_x)[0], ql_plain(ql_base(70, 5, exact=True), ql_x),
    "Output, gradients of lora_A, lora_B, x: is x's that of both ways, through the base and the adapter?", atol=1e-4)
check.equal(lambda: ql_learns(ql_base(70, 5), ql_x)[1], [["lora_A", "lora_B"], "torch.float32"],
    "Only the adapter is trained: is the bias frozen?")
check.equal(lambda: ql_learns(ql_base(70, 5).bfloat16(), ql_x.bfloat16())[1][1], "torch.bfloat16",
    "16-bit x, 16-bit output: are the dequantized weight, the bias and both halves brought to x's dtype?")
### BEGIN HIDDEN TESTS
for n_in, n_out, bias in [(33, 9, True), (64, 8, False)]:
    x = check.normal(3, 2, n_in, seed=2, dtype=torch.float32)
    check.close(lambda: ql_learns(ql_base(n_in, n_out, bias), x)[0], ql_plain(ql_rounded(ql_base(n_in, n_out, bias)), x),
        f"in {n_in}, out {n_out}, bias {bias}: does x's gradient come from the rounded weight?", atol=1e-4)
half = check.normal(2, 48, seed=3, dtype=torch.bfloat16)
check.close(lambda: [one.float() for one in ql_learns(ql_base(48, 4), half)[0]],
    ql_plain(ql_rounded(ql_base(48, 4)), half.float()),
    "x in bfloat16: are output and gradients those of float32, to its three digits?", 0.1, 0.1)
def ql_dropped(base, p):
    torch.manual_seed(0)
    return ql_plain(base, ql_x, p=p)
for training in (True, False):
    check.close(lambda: ql_learns(ql_base(70, 5, exact=True), ql_x, 0.4, training=training)[0],
        ql_dropped(ql_base(70, 5, exact=True), 0.4 * training),
        f"training={training}: is x, on the adapter's way, dropped with 0.4 in training alone?", atol=1e-4)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "qlora-test-bytes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""A weight of 192 KiB in float32: its codes are 24, its absmax 3, bias and adapter (r = 4) 8."""
def ql_make(base):
    return QLoRALinear(base, 4, 8)
check.that(lambda: ql_kib(ql_make, 256, 192)[0], lambda kib: kib < 40,
    "Some 35 KiB are to be held. Is the base kept, a dequantized copy, or one code to a byte?")
check.that(lambda: ql_kib(ql_make, 256, 192)[1], lambda kib: kib < 40,
    "After the forward pass x, the output and small tensors are alive, 15 KiB. Does autograd hold the dequantized weight?")
def ql_copied(n_in, n_out, bias=True):
    """A layer's state loaded into another layer, made from another base."""
    one, two = (QLoRALinear(ql_base(n_in, n_out, bias, seed=seed), 4, 8) for seed in (0, 3))
    two.load_state_dict(ql_filled(one, ql_base(n_in, n_out), 4).state_dict())
    return two
def ql_state(layer):
    return {name: [str(p.dtype), p.numel()] for name, p in layer.state_dict().items() if name != "bias"}
check.equal(lambda: ql_state(ql_copied(70, 5)), {"codes": ["torch.uint8", 175], "absmax": ["torch.float32", 6],
    "lora_A": ["torch.float32", 280], "lora_B": ["torch.float32", 20]},
    "codes and absmax are buffers. Is there a weight beside them?")
### BEGIN HIDDEN TESTS
for n_in, n_out in [(512, 384), (96, 640)]:
    exact = (n_in * n_out * 4.5 / 8 + 16 * (n_in + n_out) + 4 * n_out) / 1024
    check.that(lambda: ql_kib(ql_make, n_in, n_out), lambda kib: kib[0] < 1.1 * exact + 2 and kib[1] < 50, "Another size.")
check.close(lambda: [ql_copied(70, 5)(ql_x), ql_copied(70, 5, False)(ql_x)],
    [ql_plain(ql_rounded(ql_base(70, 5)), ql_x)[0], ql_plain(ql_rounded(ql_base(70, 5, False)), ql_x)[0]],
    "Loaded into another layer: is all that the layer needs in its state_dict, the bias too?")
def ql_left(base):
    return [QLoRALinear(base, 4, 8).codes.numel(), base.weight]
check.close(lambda: ql_left(ql_base(70, 5)), [175, ql_base(70, 5).weight], "base's weight came back changed.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Four ways to fine-tune the chat model on film reviews with a rating word, each on the same batches: all of it in float32;
your LoRA over 16-bit weights; your QLoRA; bitsandbytes' `Linear4bit` with peft's adapters. On a GPU the largest of five
models is taken whose 16-bit weights fill at most a third of it; a way that does not fit has no bar. **Look for** what each
holds at the peak of a step, and what four bits cost in time. On a CPU the steps are few: the losses (dotted: before) only
show that something is learned.
"""

# %% tags=["explore", "gpu"]
from course import adapters

ql_rows, ql_steps = device.size((8, 50), (4, 4))
ql_ways = adapters.ways(LoRALinear, QLoRALinear)
with device.all_cores():
    ql_found = adapters.compare(ql_ways, adapters.largest(), ql_rows, ql_steps)
adapters.figure(ql_found);

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
