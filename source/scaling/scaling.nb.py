# %% [markdown]
r"""
# Scaling

**From one small GPT to many machines, and to a law that says how large the next one should be.**

You start by counting a model's numbers and bytes. Sixteen exercises later you have fitted the laws that predict its loss,
and written, with real processes, what trains it on many machines: data, tensor and pipeline parallelism, sharded
optimizers, and six broken programs that you have made run.

*100 points · core exercises 3 hours · all of them 10 hours*
"""

# %% [markdown]
r"""
## Where to start

You have done the transformers notebook, or know GPT's parts and a training step. **Weekend track**: the exercises marked
*core*. **Full track**: all sixteen.

First read Kaplan et al. 2020, then Hoffmann et al. 2022 (Chinchilla), and note where they disagree: part B rests on it. Beside
part D, Hugging Face's [Ultra-Scale Playbook](https://huggingface.co/spaces/nanotron/ultrascale-playbook).

Replace `raise NotImplementedError(...)`, then run every cell down to the next text. A function leaves its arguments as
they were. The tests you see are a part of those that grade you; their first lines name hidden ones too. **Validate** runs everything from a fresh start, as
grading does.
"""

# %% nbgrader={"grade": false, "grade_id": "given-imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import math
import os
from dataclasses import dataclass

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # on problems as small as these a second thread only gets in the way
import numpy as np
import torch
import torch._dynamo  # every first optimizer would import it; what is imported here, forked processes have
import torch.distributed as dist
from scipy import optimize
from torch import nn
from torch.nn import functional as F

from course import check, data, device, distributed, ladder, plot, tables, widgets
from course.traffic import Traffic

# Graded cells work on small tensors: a second thread would only wait for the first. Long runs ask for all cores.
torch.set_num_threads(1)

# %% [markdown]
r"""
# A · What it costs

Numbers first: how many parameters, operations and bytes a model takes, counted before anything runs. From here on **N** is
the number of parameters, **D** of training tokens, **C** of operations, called *compute*; in shapes, as before, **B** batch,
**T** tokens, **C** the model's width.
"""

# %% [markdown]
r"""
### 1 · Counting

*6 points · core · 15 min · Kaplan et al. 2020, section 2.1; Brown et al. 2020, tables 2.1 and D.1*

A model's cost is arithmetic. With $C$ for `d_model`, the matrices of a block hold $4C^2$ (attention) and $8C^2$ (MLP)
numbers, beside biases and norms. A product of an (m, k) by a (k, n) matrix takes $2mkn$ operations, a multiplication and
an addition for each term.

So a token costs about 2 operations a parameter forward, twice that backward: $6ND$ for $N$ parameters and $D$ tokens.
Attention's own products are left out.

<details><summary>A nudge</summary>List a block's layers: qkv, o, up, down, two norms.</details>
<details><summary>The key step</summary>Scores and mixing: two products more a block, each of 2 T × T × C operations.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-gpt", "locked": true, "schema_version": 3, "solution": false, "task": false}
@dataclass
class GPTConfig:
    """The sizes of a GPT; as they stand, those of the smallest GPT-2."""

    vocab_size: int = 50257
    context: int = 1024
    n_layers: int = 12
    n_heads: int = 12
    d_model: int = 768

class Block(nn.Module):
    """Exercise 8 of the transformers notebook: attention and two linear layers, each on a normed copy of the stream."""

    def __init__(self, config):
        super().__init__()
        C, self.n_heads = config.d_model, config.n_heads
        self.ln_1, self.ln_2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.qkv, self.o_proj = nn.Linear(C, 3 * C), nn.Linear(C, C)
        self.c_fc, self.c_proj = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(self.ln_1(x)).chunk(3, -1))
        ahead = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).triu(1)
        weights = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(ahead, -math.inf).softmax(-1)
        x = x + self.o_proj((weights @ v).transpose(1, 2).flatten(2))
        return x + self.c_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))

# %% nbgrader={"grade": false, "grade_id": "given-model", "locked": true, "schema_version": 3, "solution": false, "task": false}
class GPT(nn.Module):
    """ids (B, T) to (logits (B, T, V), loss in nats or None), as in transformers; the head is the embedding."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.wte = nn.Embedding(config.vocab_size, config.d_model)
        self.wpe = nn.Embedding(config.context, config.d_model)
        self.blocks = nn.Sequential(*(Block(config) for _ in range(config.n_layers)))
        self.ln_f = nn.LayerNorm(config.d_model)
        for name, p in self.named_parameters():
            if p.dim() > 1:
                adds = name.endswith(("o_proj.weight", "c_proj.weight"))
                nn.init.normal_(p, std=0.02 / (2 * config.n_layers) ** 0.5 if adds else 0.02)

    def forward(self, ids, targets=None):
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1], device=ids.device))
        logits = F.linear(self.ln_f(self.blocks(x)), self.wte.weight)
        return logits, None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())

# %% nbgrader={"grade": false, "grade_id": "count", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gpt_params(n_layers, d_model, vocab_size, context, tied=True):
    """How many numbers a GPT as above learns, its biases too; tied: the head is the embedding's matrix."""
    ### BEGIN SOLUTION
    C = d_model
    block = 12 * C**2 + 13 * C  # matrices; biases of 3C, C, 4C and C, and two norms of 2C
    return n_layers * block + (vocab_size + context) * C + 2 * C + (0 if tied else vocab_size * C)
    ### END SOLUTION

def train_flops(n_params, n_tokens):
    """Operations to train on n_tokens: 6 for each parameter and token (Kaplan et al. 2020, section 2.1)."""
    ### BEGIN SOLUTION
    return 6 * n_params * n_tokens
    ### END SOLUTION

def forward_flops(n_layers, d_model, T, vocab_size):
    """Operations of all matrix products when a GPT as above reads one sequence of T tokens, the logits of each too."""
    ### BEGIN SOLUTION
    blocks = n_layers * (24 * T * d_model**2 + 4 * T**2 * d_model)
    return blocks + 2 * T * d_model * vocab_size
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "count-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Parameters: a small GPT's, GPT-2's, GPT-3's."""
def size(V, T, L, H, C):
    """The oracle: count what the module holds."""
    return sum(p.numel() for p in GPT(GPTConfig(V, T, L, H, C)).parameters())

check.equal(lambda: gpt_params(0, 4, 11, 7), size(11, 7, 0, 2, 4), "No blocks: two tables, and ln_f's weight and bias.")
check.equal(lambda: gpt_params(2, 4, 11, 7), size(11, 7, 2, 2, 4),
    "A block: q, k, v, o, two linear layers of 4 x the width, each with its bias, and two norms. What is missing?")
check.equal(lambda: gpt_params(12, 768, 50257, 1024), 124_439_808, "GPT-2 has 124,439,808 numbers.")
check.equal(lambda: gpt_params(2, 4, 11, 7, tied=False), size(11, 7, 2, 2, 4) + 44,
    "Untied, the head is one matrix more, 11 x 4 here, and has no bias.")
check.equal(lambda: train_flops(10, 7), 420, "6 for each parameter and each token.")
### BEGIN HIDDEN TESTS
for V, T, L, H, C in [(5, 3, 1, 1, 2), (101, 64, 5, 4, 32), (7, 90, 3, 2, 10)]:
    check.equal(lambda: gpt_params(L, C, V, T), size(V, T, L, H, C), "Another size: has each term its own factor?")
    check.equal(lambda: gpt_params(L, C, V, T, tied=False), size(V, T, L, H, C) + V * C, "Untied, another size.")
check.equal(lambda: gpt_params(12, 768, 50304, 512), 124_439_808 + (50304 - 50257 - 512) * 768,
    "GPT-2 with a few more words and half the context: do both count?")
check.close(lambda: float(gpt_params(96, 12288, 50257, 2048)), 175e9, "GPT-3, from its table: 175 billion.", rtol=0.01)
check.equal(lambda: gpt_params(96, 12288, 50257, 2048), 174_604_259_328, "GPT-3's is exact too: are they whole numbers?")
check.equal(lambda: train_flops(124_439_808, 2501), 1_867_343_758_848, "A product of three numbers, exactly.")
check.close(lambda: float(train_flops(gpt_params(96, 12288, 50257, 2048), 300e9)), 3.14e23,
    "GPT-3 read 300 billion tokens for 3.14e23 operations (Brown et al. 2020, table D.1).", rtol=0.01)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "count-test-flops", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Operations, against those that PyTorch counts while the model runs."""
from torch.utils.flop_counter import FlopCounterMode

def counted(V, L, H, C, T):
    """The oracle: every matrix product of a forward pass."""
    model, ids = GPT(GPTConfig(V, T, L, H, C)), torch.zeros(1, T, dtype=torch.long)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(ids)
    return counter.get_total_flops()

check.equal(lambda: forward_flops(0, 4, 3, 11), counted(11, 0, 2, 4, 3), "Without blocks, the logits: 2 x T x C x V.")
check.equal(lambda: forward_flops(1, 4, 3, 11), counted(11, 1, 2, 4, 3),
    "A block's matrices hold 12 C x C numbers: 2 operations a token each. q @ k and weights @ v: 2 x T x T x C each.")
check.equal(lambda: forward_flops(2, 4, 6, 11), counted(11, 2, 2, 4, 6),
    "With T doubled, attention's own products take four times as many operations.")
### BEGIN HIDDEN TESTS
for V, L, H, C, T in [(7, 1, 1, 8, 1), (50, 3, 4, 32, 65), (13, 2, 3, 12, 200), (14, 2, 3, 12, 200), (3, 1, 1, 75, 1101)]:
    check.equal(lambda: forward_flops(L, C, T, V), counted(V, L, H, C, T), "Another size: which term has T squared?")
### END HIDDEN TESTS

# %% [markdown]
r"""
How far is $6ND$ from what the products really take, three times the forward pass? **Look for** the width: the narrower the
model, the sooner attention's own products weigh, as the context grows. At GPT-3's width and context the rule is off by a few
percent; for a small model at 32,000 tokens it misses most of the work.
"""

# %% tags=["explore"]
contexts, off = [2**n for n in range(7, 17)], {}
for L, C in [(12, 768), (32, 4096), (96, 12288)]:
    exact = [3 * forward_flops(L, C, T, 50257) for T in contexts]
    off[f"{L} layers, {C} wide"] = [one / train_flops(gpt_params(L, C, 50257, T), T) for one, T in zip(exact, contexts)]
plot.curves(off, contexts, "context (tokens)", "matrix products / 6ND", logx=True);

# %% [markdown]
r"""
### 2 · Where the memory goes

*6 points · core · 15 min · Rajbhandari et al. 2019, section 3; Korthikanti et al. 2022, section 4*

In *mixed precision* (exercise 8) a parameter takes 2 bytes of weight, 2 of gradient, 12 of AdamW's state in float32: a
copy of the weight, two averages. In plain float32: 4, 4 and 8. *ZeRO* (exercise 12) has each of $n$ GPUs keep $1/n$: in
stage 1 of the state, in 2 of gradients too, in 3 of all.

Activations wait for the backward pass. With $s$ tokens, batch $b$, width $h$, $a$ heads, a layer in 16 bits keeps

$$sbh\left(34+5\,\tfrac{as}{h}\right)\text{ bytes}$$

<details><summary>A nudge</summary>2 + 2 + 12: which of them does a stage divide?</details>
<details><summary>The key step</summary>Stage 2 includes stage 1.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "memory", "locked": false, "schema_version": 3, "solution": true, "task": false}
def training_bytes(n_params, precision="mixed", zero_stage=0, n_gpus=1):
    """Bytes that each GPU holds of weights, gradients and AdamW's state.

    precision: "mixed" or "float32"; zero_stage: 0 to 3. Anything else, or n_gpus < 1: ValueError.
    """
    ### BEGIN SOLUTION
    if precision not in ("mixed", "float32") or zero_stage not in (0, 1, 2, 3) or n_gpus < 1:
        raise ValueError("precision is mixed or float32, zero_stage 0 to 3, n_gpus at least 1")
    weight, gradient, state = (2, 2, 12) if precision == "mixed" else (4, 4, 8)
    shares = [n_gpus if zero_stage >= stage else 1 for stage in (3, 2, 1)]
    return n_params * sum(part / share for part, share in zip((weight, gradient, state), shares))
    ### END SOLUTION

def activation_bytes(layers, batch, T, d_model, heads, checkpoint="none"):
    """Bytes that the layers keep for the backward pass, by the formula.

    checkpoint: "none"; "selective", scores are computed again: the first term is left; "full", all is, from a layer's
    input, 2sbh. Anything else: ValueError.
    """
    ### BEGIN SOLUTION
    if checkpoint not in ("none", "selective", "full"):
        raise ValueError("checkpoint is none, selective or full")
    factor = {"none": 34 + 5 * heads * T / d_model, "selective": 34, "full": 2}[checkpoint]
    return layers * T * batch * d_model * factor
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "memory-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""ZeRO's own example: 7.5 billion parameters on 64 GPUs."""
for stage, wanted, shared in [(0, 120, "none"), (1, 31.4, "12"), (2, 16.6, "12 + 2"), (3, 1.9, "all 16")]:
    check.close(lambda: training_bytes(7.5e9, zero_stage=stage, n_gpus=64) / 1e9, wanted,
        f"Stage {stage} divides {shared} of the 16 bytes. Is the rest kept whole?", atol=0.05, rtol=0)
check.close(lambda: training_bytes(10, "float32", 1, 4), 10 * (4 + 4 + 8 / 4),
    "float32 needs no copy of the weights: 4 + 4 + 8, and stage 1 shares the 8.")
check.raises(lambda: training_bytes(10, "float8"), ValueError, "There are two precisions, mixed and float32.")
### BEGIN HIDDEN TESTS
for given in ({}, {"zero_stage": 3}, {"n_gpus": 8}):
    check.close(lambda: training_bytes(1000, **given), 16_000.0, "By default mixed, no ZeRO, one GPU: nothing is shared.")
for stage, wanted in [(0, 16), (1, 8 + 8 / 3), (2, 4 + 12 / 3), (3, 16 / 3)]:
    check.close(lambda: training_bytes(300, "float32", stage, 3), 300 * wanted,
        "float32 on 3 GPUs: weights 4, gradients 4, averages 8. Which of them does the stage divide?")
for bad in ({"zero_stage": 4}, {"zero_stage": -1}, {"n_gpus": 0}, {"n_gpus": -2}, {"zero_stage": 2, "n_gpus": -2}):
    check.raises(lambda: training_bytes(10, **bad), ValueError, "zero_stage is 0 to 3, n_gpus at least 1.")
for name in ("float16", "Mixed", None):
    check.raises(lambda: training_bytes(10, name), ValueError, "Precisions are mixed and float32, written just so.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "memory-test-activations", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""A layer's list, item by item, as section 4.1 of the paper has it."""
def listed(s, b, h, a):
    """The oracle: bytes of all that one layer keeps."""
    attention = [2, 4, 2, 2, 1]  # qkv's input; q and k; v; the projection's input; dropout's mask, a byte each
    mlp, norms = [2, 8, 8, 1], [2, 2]  # inputs of up, GELU, down; dropout's mask; both norms' inputs
    scores = [2, 1, 2]  # softmax's result, its dropout's mask, and what that gives
    return s * b * h * sum(attention + mlp + norms), a * s * s * b * sum(scores)

check.close(lambda: activation_bytes(1, 1, 8, 4, 2), float(sum(listed(8, 1, 4, 2))),
    "One layer: T · batch · d_model · (34 + 5 · heads · T / d_model).")
check.close(lambda: activation_bytes(3, 2, 8, 4, 2, "selective"), 3.0 * listed(8, 2, 4, 2)[0],
    "Selective keeps 34 · T · batch · d_model a layer, and nothing of T x T.")
check.close(lambda: activation_bytes(3, 2, 8, 4, 2, "full"), 3.0 * 2 * 8 * 2 * 4,
    "Full keeps a layer's input, 2 bytes an entry.")
### BEGIN HIDDEN TESTS
for layers, b, s, h, a in [(96, 128, 2048, 12288, 96), (12, 7, 1024, 768, 12), (1, 3, 10, 48, 6)]:
    check.close(lambda: activation_bytes(layers, b, s, h, a), float(layers * sum(listed(s, b, h, a))),
        "Another size: which term has T squared, and which the heads?")
    for how, factor in (("selective", 34), ("full", 2)):
        check.close(lambda: activation_bytes(layers, b, s, h, a, how), float(layers * s * b * h * factor),
            "Another size, checkpointed: which factor is left?")
for name in ("half", "some", "Full", None):
    check.raises(lambda: activation_bytes(1, 1, 8, 4, 2, name), ValueError, "checkpoint is none, selective or full.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Is the formula right? Two blocks with the paper's dropout, in bfloat16. On a CPU a hook weighs each tensor that autograd
keeps; on a GPU the allocator tells. **Look for** pairs of equal height.
"""

# %% nbgrader={"grade": false, "grade_id": "given-paper-block", "locked": true, "schema_version": 3, "solution": false, "task": false}
from torch.utils.checkpoint import checkpoint as compute_again

class PaperBlock(Block):
    """The block with dropout, as the paper counts it; checkpoint: none, selective or full."""
    checkpoint = "none"

    def drop(self, x):
        return torch.native_dropout(x, 0.1, True)[0]  # its mask has one byte an entry, as on a GPU

    def mix(self, q, k, v):
        ahead = torch.ones(q.shape[2], q.shape[2], dtype=torch.bool, device=q.device).triu(1)
        return self.drop((q @ k.mT / q.shape[-1] ** 0.5).masked_fill(ahead, -math.inf).softmax(-1)) @ v

    def body(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(self.ln_1(x)).chunk(3, -1))
        selective = self.checkpoint == "selective"
        mixed = compute_again(self.mix, q, k, v, use_reentrant=False) if selective else self.mix(q, k, v)
        x = x + self.drop(self.o_proj(mixed.transpose(1, 2).flatten(2)))
        return x + self.drop(self.c_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh")))

    def forward(self, x):
        return compute_again(self.body, x, use_reentrant=False) if self.checkpoint == "full" else self.body(x)

# %% tags=["explore", "gpu"]
def kept_bytes(how, B=2, T=128, C=64, H=4, layers=2):
    """Bytes that wait for the backward pass."""
    blocks = nn.Sequential(*(PaperBlock(GPTConfig(d_model=C, n_heads=H)) for _ in range(layers)))
    blocks.to(device.get(), torch.bfloat16)
    own, sizes = {p.untyped_storage().data_ptr() for p in blocks.parameters()}, {}
    for block in blocks: block.checkpoint = how
    x = torch.ones(B, T, C, dtype=torch.bfloat16, device=device.get(), requires_grad=True)
    def weigh(tensor):
        if (storage := tensor.untyped_storage()).data_ptr() not in own: sizes[storage.data_ptr()] = storage.nbytes()
        return tensor
    before = torch.cuda.memory_allocated() if device.has_gpu() else 0
    with torch.autograd.graph.saved_tensors_hooks(weigh, lambda tensor: tensor):
        out = blocks(x)
    return torch.cuda.memory_allocated() - before if out.is_cuda else sum(sizes.values())

hows = ["none", "selective", "full"]
weights = {"predicted": [activation_bytes(2, 2, 128, 64, 4, how) / 1e6 for how in hows]}
plot.groups(hows, weights | {"measured": [kept_bytes(how) / 1e6 for how in hows]}, "activations of two layers (MB)");

# %% [markdown]
r"""
Will it fit? 7 billion parameters on one card of 80 GB: the state alone is too much. **Move** the sliders. What makes it fit, more
cards, a higher stage, or checkpointing?
"""

# %% tags=["explore"]
KNOWN = {"GPT-2": (12, 768, 12), "GPT-2 XL": (48, 1600, 25), "GPT-3 6.7B": (32, 4096, 32), "GPT-3": (96, 12288, 96)}

def will_it_fit(model, gpus, zero_stage, checkpoint):
    layers, C, H = KNOWN[model]
    state = training_bytes(gpt_params(layers, C, 50257, 2048), "mixed", zero_stage, gpus) / 1e9
    waiting = activation_bytes(layers, 1, 2048, C, H, checkpoint) / 1e9
    parts = [state, waiting, state + waiting]
    ax = plot.bars(["state", "activations", "together"], parts, ylabel="a GPU's memory (GB)")
    ax.axhline(80, color="black", linestyle="--")
    ax.set_title(f"{model}: {'fits' if state + waiting < 80 else 'does not fit'} into 80 GB")
    return ax

choices = {"gpus": [1, 8, 64, 512], "zero_stage": [0, 1, 2, 3], "checkpoint": hows}
widgets.sliders(will_it_fit, {"model": "GPT-3 6.7B"}, model=list(KNOWN), **choices)

# %% [markdown]
r"""
# B · Laws

The loss of a language model falls with size and data in so regular a way that small runs predict large ones. You fit these
laws to a **ladder** of real runs that comes with the course: small GPTs, trained on Shakespeare by `bench/ladder.py`.
"""

# %% [markdown]
r"""
### 3 · A power law

*5 points · core · 15 min · Kaplan et al. 2020, sections 1.2 and 3*

A model's loss falls with its size $x$ (or data, or compute) as a power:

$$L(x)=\left(\frac{x_c}{x}\right)^{\alpha}\qquad\log L=\alpha\log x_c-\alpha\log x$$

On logarithmic axes this is a line. Kaplan found $\alpha=0.076$, $x_c=8.8\cdot10^{13}$ for parameters: twice the size,
5 % less loss. A power falls to 0, but no model foresees all of a text. So a *floor* can be added:
$L=\text{floor}+(x_c/x)^\alpha$.

<details><summary>A nudge</summary>What are the line's slope and intercept in the formula?</details>
<details><summary>The key step</summary>With a floor there is no line: give
<code>optimize.least_squares</code> the differences of log L, let it search floor (bounds: at least 0), alpha and alpha·log x_c, from
several floors under the lowest loss.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "power-law", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_power_law(x, loss, with_floor=False):
    """(alpha, x_c) of loss = (x_c / x)**alpha, as floats: those with the least sum of squared differences of log loss.

    x, loss: 1-D numpy arrays, positive. with_floor: (alpha, x_c, floor) of loss = floor + (x_c / x)**alpha, floor >= 0,
    by differences between log loss and the logarithm of the whole right side.
    """
    ### BEGIN SOLUTION
    u, y, middle = np.log(x), np.log(loss), np.log(x).mean()
    slope, height = np.polyfit(u, y, 1)
    if not with_floor:
        return float(-slope), math.exp(-height / slope)

    def differences(p):
        floor, alpha, log_power = p
        return np.log(floor + np.exp(log_power - alpha * (u - middle))) - y

    fits = []
    for share in (0.1, 0.5, 0.9):  # of the lowest loss, as the first guess of the floor
        floor = share * loss.min()
        slope, height = np.polyfit(u - middle, np.log(loss - floor), 1)
        bounds = ([0, 1e-6, -np.inf], [loss.min() * 2, np.inf, np.inf])
        fits.append(optimize.least_squares(differences, [floor, -slope, height], bounds=bounds, xtol=1e-12, ftol=1e-12))
    floor, alpha, log_power = min(fits, key=lambda one: one.cost).x
    return float(alpha), math.exp(log_power / alpha + middle), float(floor)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "power-law-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Kaplan's law of size; a steep one; then with noise."""
sizes = np.array([1e3, 1e5, 1e6, 1e9])
check.close(lambda: fit_power_law(sizes, (8.8e13 / sizes) ** 0.076), [0.076, 8.8e13],
    "These points lie on Kaplan's law. Is alpha minus the slope of log L, and x_c = exp(intercept / alpha)?")
check.close(lambda: fit_power_law(sizes, (100 / sizes) ** 0.5), [0.5, 100], "A law below 1: do the signs hold?")
### BEGIN HIDDEN TESTS
for alpha, x_c, n, seed in [(0.095, 5.4e13, 30, 1), (0.4, 3e7, 25, 2), (1.3, 20, 12, 3)]:
    noisy_x = 10 ** check.uniform(n, low=4, high=9, seed=seed).numpy()  # in no order
    noisy_loss = (x_c / noisy_x) ** alpha * np.exp(0.1 * check.normal(n, seed=seed).numpy())
    line = np.linalg.lstsq(np.stack([np.log(noisy_x), np.ones(n)], 1), np.log(noisy_loss), rcond=None)[0]
    check.close(lambda: fit_power_law(noisy_x.copy(), noisy_loss.copy()), [-line[0], np.exp(-line[1] / line[0])],
        "With noise: is it the line of log L on log x by least squares, not a fit of L itself, nor of x on L?")
def kept_as_given(with_floor):
    """x and loss after a call: as they were, in the same order?"""
    x, loss = np.array([1e9, 1e3, 1e6, 1e5]), np.array([2.1, 4.0, 2.4, 2.9])
    fit_power_law(x, loss, with_floor)
    return x, loss
for with_floor in (False, True):
    check.equal(lambda: kept_as_given(with_floor), ([1e9, 1e3, 1e6, 1e5], [2.1, 4.0, 2.4, 2.9]),
        "Did x and loss stay as they were?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "power-law-test-floor", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A law with a floor of 2; then other floors, with noise, and one at 0."""
check.close(lambda: fit_power_law(sizes, 2 + (1e4 / sizes) ** 0.4, with_floor=True), [0.4, 1e4, 2.0],
    "With the floor at 2: does your search move the floor too, and return (alpha, x_c, floor)?", rtol=1e-3)
### BEGIN HIDDEN TESTS
def with_a_floor(u, floor, alpha, a): return np.log(floor + np.exp(a - alpha * u))
laws = [(1.7, 0.34, 4.7e7, 0, 4), (0.3, 0.6, 5e5, 0.01, 5), (2.5, 0.2, 1e8, 0.003, 6), (3.2, 1.2, 1e4, 0, 7)]
for floor, alpha, x_c, noise, seed in [*laws, (1.0, 0.4, 1e8, 0.1, 8)]:
    floor_x = np.geomspace(1e4, 1e9, 40)
    floor_loss = (floor + (x_c / floor_x) ** alpha) * np.exp(noise * check.normal(40, seed=seed).numpy())
    true = [floor, alpha, alpha * np.log(x_c)]
    p = optimize.curve_fit(with_a_floor, np.log(floor_x), np.log(floor_loss), true, xtol=1e-12)[0]
    check.close(lambda: fit_power_law(floor_x.copy(), floor_loss.copy(), True), [p[1], np.exp(p[2] / p[1]), p[0]],
        "Another floor: are they differences of log L, floor and power inside? Did the search end early?", rtol=0.005)
bent = (1e7 / sizes) ** 0.3 - 0.05  # falls faster than a power: without a bound the floor would be negative
line = np.polyfit(np.log(sizes), np.log(bent), 1)
check.close(lambda: fit_power_law(sizes.copy(), bent.copy(), True), [-line[0], np.exp(-line[1] / line[0]), 0.0],
    "Only a floor below 0 would fit better: is it 0, and are alpha and x_c the best with 0?", rtol=0.005, atol=1e-4)
### END HIDDEN TESTS

# %% [markdown]
r"""
**The ladder**: `tables.ladder()` holds small GPTs that really were trained, each to the end of its own schedule, several
sizes for each of a few budgets of operations. A `Run` has `n_layers`, `d_model`, `n_heads`, `n_params` (all),
`n_embedding` (of these, the tables), `n_tokens`, `flops` ($6ND$) and `loss` (held-out, nats per token).

The lowest loss at each budget, and two laws through it, drawn a thousandfold further. **Look for** where they part.
Where the floor comes out near 0 they do not: so few budgets cannot tell a floor from none.
"""

# %% tags=["explore"]
runs = tables.ladder()
budgets = np.array(sorted({float(f"{run.flops:.0e}") for run in runs}))
lowest_loss = np.array([min(run.loss for run in runs if abs(run.flops / C - 1) < 0.05) for C in budgets])
(alpha, C_c), (power, C_f, floor) = fit_power_law(budgets, lowest_loss), fit_power_law(budgets, lowest_loss, True)
far = np.geomspace(budgets[0], 1000 * budgets[-1])
laws = {"a power": (C_c / far) ** alpha, f"a floor of {floor:.2f} and a power": floor + (C_f / far) ** power}
plot.curves(laws, far, "compute (operations)", logx=True, logy=True).plot(budgets, lowest_loss, "ko");

# %% [markdown]
r"""
### 4 · Equal compute

*5 points · 50 min · Hoffmann et al. 2022, section 3.2*

Compute $C=6ND$ can go into a large model that reads little, or a small one that reads much. Train several sizes with
the same $C$: the loss against $\log N$ is a valley, an *IsoFLOP profile*. A parabola through it says where it is lowest,
$N_\text{opt}$; the tokens that go with it are $D_\text{opt}=C/(6N_\text{opt})$.

Over several budgets, two powers say how to grow:

$$N_\text{opt}\propto C^{a}\qquad D_\text{opt}\propto C^{b}$$

<details><summary>A nudge</summary>The lowest point of $pu^2+qu+r$ is at $u=-q/(2p)$. What is $u$ here?</details>
<details><summary>The key step</summary>Both powers are slopes of lines in logarithms, over the budgets.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "isoflop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def isoflop_optimum(n_params, loss):
    """Where the parabola of loss over log n_params, by least squares, is lowest: a number of parameters (float).

    n_params, loss: 1-D numpy arrays, three runs or more of one budget. ValueError: a parabola without a lowest point.
    """
    ### BEGIN SOLUTION
    square, linear, _ = np.polyfit(np.log(n_params), loss, 2)
    if square <= 0:
        raise ValueError("the parabola has no lowest point: are there runs on both sides of the valley?")
    return math.exp(-linear / (2 * square))
    ### END SOLUTION

def fit_isoflop(runs):
    """(a, b): slopes of log N_opt and log D_opt over log C (least squares). runs: dict of C: (n_params, loss)."""
    ### BEGIN SOLUTION
    best = {C: isoflop_optimum(n_params, loss) for C, (n_params, loss) in runs.items()}
    budgets, sizes = np.array(list(best)), np.array(list(best.values()))
    slopes = [np.polyfit(np.log(budgets), np.log(y), 1)[0] for y in (sizes, budgets / (6 * sizes))]
    return tuple(map(float, slopes))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "isoflop-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Three runs at one budget: a parabola through three points can be worked out by hand."""
three = np.array([1e5, 1e6, 1e7])
check.close(lambda: isoflop_optimum(three, np.array([2.1, 2.0, 2.1])), 1e6, "Even in log N: is it exp(u)?")
check.close(lambda: isoflop_optimum(three, np.array([2.5, 2.0, 2.2])), 10 ** (6 + 0.15 / 0.7),
    "The left side is steeper, so the lowest point is right of the best run. Is the parabola one in log N?")
check.close(lambda: isoflop_optimum(three, np.array([2.2, 2.1, 2.05])), 10**7.5, "It may lie beyond the largest run.")
check.raises(lambda: isoflop_optimum(three, np.array([2.0, 2.1, 2.0])), ValueError, "A hill has no lowest point.")
### BEGIN HIDDEN TESTS
check.close(lambda: isoflop_optimum(three, np.array([2.05, 2.1, 2.2])), 10**4.5, "It may lie below the smallest run.")
for hill in ([3.0, 2.9, 2.2], [2.0, 2.001, 2.0], [2.0, 2.6, 1.9, 2.6, 2.0]):
    check.raises(lambda: isoflop_optimum(np.logspace(5, 7, len(hill)), np.array(hill)), ValueError,
        "The parabola by least squares over all runs bends down: a ValueError?")
for n, seed in [(5, 1), (9, 2), (30, 3)]:
    valley_n = 10 ** (7 + 1.5 * check.uniform(n, low=-1, seed=seed).numpy())
    valley_loss = 2.5 + 0.1 * np.log(valley_n / 2e7) ** 2 + 0.02 * check.normal(n, seed=seed).numpy()
    u = np.log(valley_n / 1e7)
    p = np.linalg.lstsq(np.stack([u * u, u, np.ones(n)], 1), valley_loss, rcond=None)[0]
    check.close(lambda: isoflop_optimum(valley_n.copy(), valley_loss.copy()), 1e7 * np.exp(-p[1] / (2 * p[0])),
        "Noisy runs in any order: is it the loss itself, not its logarithm, by least squares over all runs?", rtol=1e-5)
def runs_after(sizes, losses):
    """Sizes and losses, and what they are after a call."""
    isoflop_optimum(sizes, losses)
    return sizes, losses
check.equal(lambda: runs_after(np.array([1e7, 1e5, 1e6]), np.array([2.2, 2.5, 2.0])), ([1e7, 1e5, 1e6], [2.2, 2.5, 2.0]),
    "Did n_params and loss stay as they were?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "isoflop-test-powers", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Exact valleys, lowest at 0.1 C^0.46; then valleys of Chinchilla's law."""
def valleys(coefficient, a, budgets, spread):
    """A parabola for each budget, at sizes from 1/spread to spread² times the best."""
    found, times_best = {}, np.geomspace(1 / spread, spread**2, 7)
    for C in budgets:
        found[C] = coefficient * C**a * times_best, 2 + 100 / math.log(C) + 0.05 * np.log(times_best) ** 2
    return found

check.close(lambda: fit_isoflop(valleys(0.1, 0.46, [1e18, 1e19, 1e21], 3)), [0.46, 0.54],
    "a is the slope of log N_opt over log C. D_opt is C / (6 N_opt): what is the slope of its logarithm?", rtol=1e-5)
### BEGIN HIDDEN TESTS
for coefficient, a, budgets in [(2.0, 0.73, [1e19, 1e15, 1e17]), (0.7, 0.3, [1e12, 3e14])]:
    check.close(lambda: fit_isoflop(valleys(coefficient, a, budgets, 2)), [a, 1 - a],
        "Other powers, budgets in any order: is each budget's valley fitted by itself?", rtol=1e-5)
surface, best = {}, []
for C in [6e18, 1e19, 6e20, 3e21]:
    N = np.geomspace(0.3, 5, 9) * 0.4 * C**0.45 * (1 + 0.2 * math.sin(C))
    surface[C] = (N, 1.69 + 406.4 / N**0.34 + 410.7 / (C / 6 / N) ** 0.28)
    best.append(np.polynomial.Polynomial.fit(np.log(N), surface[C][1], 2).deriv().roots()[0])
a = np.polyfit(np.log(list(surface)), best, 1)[0]
check.close(lambda: fit_isoflop(dict(surface)), [a, 1 - a],
    "Chinchilla's law: is it each parabola's lowest point, not the best run, and a line by all budgets?", rtol=1e-4)
around = np.array([0.2, 1.0, 3.0])
noisy = {C: (N * around, 2 + np.log(around) ** 2) for C, N in [(1e20, 2e9), (1e17, 5e7), (1e18, 3e8), (1e19, 4e8)]}
a = np.polyfit(np.log([1e20, 1e17, 1e18, 1e19]), np.log([2e9, 5e7, 3e8, 4e8]), 1)[0]
check.close(lambda: (fit_isoflop(noisy), len(noisy)), ([a, 1 - a], 4),
    "Lowest points off the line: is it log N_opt on log C by least squares, and are the runs as they were?", rtol=1e-5)
### END HIDDEN TESTS

# %% [markdown]
r"""
Your parabolas through the ladder's runs, a colour for each budget. **Look for** the crosses, the lowest points: they move
to larger models as the budget grows. Printed: the two powers. They came out as 0.51 and 0.49; Hoffmann et al. found 0.49
and 0.51 this way, with budgets a billion times larger. Each dot is one run: another seed would move a cross.
"""

# %% tags=["explore"]
profiles, ax = {}, plot.grid(1, 1, width=7, height=4)[0]
for C in sorted({float(f"{run.flops:.0e}") for run in tables.ladder()}):
    N, L = np.array([(run.n_params, run.loss) for run in tables.ladder() if abs(run.flops / C - 1) < 0.05]).T
    profiles[C], valley, across = (N, L), np.poly1d(np.polyfit(np.log(N), L, 2)), np.geomspace(N.min(), N.max())
    dots = ax.plot(N, L, "o", label=f"{C:.0e} operations")[0]
    ax.plot(across, valley(np.log(across)), color=dots.get_color())
    ax.plot(isoflop_optimum(N, L), valley(math.log(isoflop_optimum(N, L))), "kx")
ax.set(xlabel="parameters", ylabel="held-out loss (nats)", xscale="log")
ax.legend()
print("N grows as C^{:.2f}, D as C^{:.2f}".format(*fit_isoflop(profiles)))

# %% [markdown]
r"""
### 5 · Fitting the surface

*8 points · core · 25 min · Hoffmann et al. 2022, section 3.3 and appendix D*

One formula for all runs: a floor, what the model is too small for, what the data are too few for.

$$L(N,D)=E+\frac{A}{N^\alpha}+\frac{B}{D^\beta}$$

$\log L$ is a log-sum-exp of $\log A-\alpha\log N$, $\log B-\beta\log D$ and $\log E$: search these logarithms.
Some runs go wrong, so the difference $r$ to $\log L$ costs a *Huber* loss: $r^2/2$ up to $\delta=10^{-3}$, beyond it
$\delta(|r|-\delta/2)$. A search can end in a wrong valley, so several begin.

Where is $L$ lowest while $6ND=C$? Set a derivative to 0.

<details><summary>A nudge</summary>Sum over the runs; divide r by δ first: tiny gradients end L-BFGS early. Fast: a
gradient of yours (jac=True), or np.logaddexp.</details>
<details><summary>The key step</summary>At the optimum $\alpha A/N^\alpha=\beta B/D^\beta$. Put $D=C/(6N)$ in.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "parametric", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit_parametric(N, D, L):
    """The law's constants with the least sum of Huber losses over the runs: a dict of floats E, A, B, alpha, beta.

    N, D, L: 1-D numpy arrays, float64. optimize.minimize has method="L-BFGS-B". Of 16 starts the best end counts:
    log A and log B each 0 or 10, log E 0, alpha and beta each 0.2 or 0.6. Less than 2 s in all.
    """
    ### BEGIN SOLUTION
    u, v, y = np.log(N), np.log(D), np.log(L)
    def objective(p):
        terms = np.stack([p[0] - p[3] * u, p[1] - p[4] * v, np.full_like(u, p[2])])
        law = np.logaddexp.reduce(terms)
        miss = (law - y) / 1e-3  # in units of delta, or the gradients are so small that L-BFGS believes it is done
        total = np.where(abs(miss) < 1, miss**2 / 2, abs(miss) - 0.5).sum()
        pull = np.exp(terms - law) * miss.clip(-1, 1) / 1e-3
        return total, np.array([*pull.sum(1), -pull[0] @ u, -pull[1] @ v])
    starts = np.stack(np.meshgrid([0, 10], [0, 10], 0, [0.2, 0.6], [0.2, 0.6]), -1).reshape(-1, 5)
    ends = [optimize.minimize(objective, start, jac=True, method="L-BFGS-B") for start in starts]
    a, b, e, alpha, beta = min(ends, key=lambda one: one.fun).x.tolist()
    return {"E": math.exp(e), "A": math.exp(a), "B": math.exp(b), "alpha": alpha, "beta": beta}
    ### END SOLUTION

def compute_optimal(C, fit):
    """(N, D), floats, with 6ND = C and the lowest loss by the law of `fit`, a dict as above; in closed form."""
    ### BEGIN SOLUTION
    alpha, beta = fit["alpha"], fit["beta"]
    G = (alpha * fit["A"] / (beta * fit["B"])) ** (1 / (alpha + beta))
    N = G * (C / 6) ** (beta / (alpha + beta))
    return N, C / (6 * N)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "parametric-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Runs by published constants: a grid of 7 sizes by 7 amounts of tokens, without noise."""
def made(law, sizes, tokens, noise=0.0, outliers=0, seed=0):
    """N, D and L of 49 runs by a law, with noise, some of them 15 % too high."""
    N, D = (one.ravel() for one in np.meshgrid(np.geomspace(*sizes, 7), np.geomspace(*tokens, 7)))
    L = law["E"] + law["A"] / N ** law["alpha"] + law["B"] / D ** law["beta"]
    L[check.uniform(49, seed=seed).argsort()[:outliers]] *= 1.15
    return N, D, L * np.exp(noise * check.normal(49, seed=seed).numpy())

hoffmann = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}
check.close(lambda: fit_parametric(*made(hoffmann, (4e7, 1e10), (1e9, 5e11))), hoffmann,
    "Are A, B, E exponentials of what is searched, alpha N's, beta D's? Did L-BFGS end early?", rtol=0.05)
### BEGIN HIDDEN TESTS
steep = {"E": 2.5, "A": 3e4, "B": 15.0, "alpha": 0.6, "beta": 0.25}
check.close(lambda: fit_parametric(*made(steep, (1e5, 1e9), (1e6, 1e11))), steep, "Other constants: is it the best end "
    "of all starts? Is alpha N's, beta D's? Did L-BFGS end early? Divide the differences by delta.", rtol=0.05)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "parametric-test-robust", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Noise of 0.3 %, and four runs that went wrong: is your sum of Huber losses the lowest, to 0.05 %?"""
def hubers(runs, fit):
    """The sum that is to be lowest."""
    N, D, L = runs
    r = np.abs(np.log(fit["E"] + fit["A"] / N ** fit["alpha"] + fit["B"] / D ** fit["beta"]) - np.log(L))
    return np.where(r < 1e-3, r**2 / 2, 1e-3 * (r - 0.5e-3)).sum()

wrong = made(hoffmann, (4e7, 1e10), (1e9, 5e11), 0.003, 4)
check.close(lambda: hubers(wrong, fit_parametric(*wrong)), 6.47684e-4, "A better fit exists. Is it a sum of Huber "
    "losses of differences of log L, delta 1e-3? Did L-BFGS end early, on a mean, or tiny gradients?", rtol=5e-4)
### BEGIN HIDDEN TESTS
def lowest(law, runs):
    """The oracle: a search of another kind, which begins at the true constants."""
    N, D, L = runs
    def miss(p): return np.log(np.exp(p[0]) + np.exp(p[1]) / N ** p[3] + np.exp(p[2]) / D ** p[4]) - np.log(L)
    start = [*map(math.log, [law["E"], law["A"], law["B"]]), law["alpha"], law["beta"]]
    how = {"loss": "huber", "f_scale": 1e-3, "x_scale": [0.1, 1, 1, 0.05, 0.05]}
    return optimize.least_squares(miss, start, max_nfev=2000, xtol=1e-13, **how).cost

far = {"E": 0.975, "A": 1.67e7, "B": 131.0, "alpha": 0.861, "beta": 0.232}, (5e7, 4e10), (1.6e6, 8e9)
near = {"E": 0.466, "A": 12.145, "B": 2.647e7, "alpha": 0.184, "beta": 0.787}, (2e7, 2e10), (3.2e8, 1.3e11)
for law, sizes, tokens in (far, near):
    runs = made(law, sizes, tokens, 0.003, 4, seed=13)
    check.close(lambda: hubers(runs, fit_parametric(*runs)), lowest(law, runs), "A better fit exists. Is it the best "
        "end of all starts? Of differences of log L? Divided by delta, or L-BFGS ends early?", rtol=5e-4)
    check.close(lambda: runs, made(law, sizes, tokens, 0.003, 4, seed=13), "Did N, D and L stay as they were?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "parametric-test-optimal", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The best split of a budget, against a search; first a law that is alike in N and D."""
def searched(C, law):
    """The oracle: the lowest loss over log N."""
    def loss(u): return law["A"] * math.exp(-law["alpha"] * u) + law["B"] * (6 * math.exp(u) / C) ** law["beta"]
    best = optimize.minimize_scalar(loss, bounds=(1, math.log(C / 6) - 1), method="bounded", options={"xatol": 1e-9})
    return [math.exp(best.x), C / 6 / math.exp(best.x)]

alike = {"E": 2.0, "A": 50.0, "B": 50.0, "alpha": 0.5, "beta": 0.5}
check.close(lambda: compute_optimal(6e12, dict(alike)), [1e6, 1e6], "N and D count alike here: each is the root of C / 6.")
check.close(lambda: compute_optimal(5.76e23, dict(hoffmann)), searched(5.76e23, hoffmann),
    "Gopher's compute: does N grow as C^(beta / (alpha + beta))? Does its factor hold alpha A / (beta B)?", rtol=1e-4)
### BEGIN HIDDEN TESTS
for E, A, B, alpha, beta in [(9.0, 3e4, 15.0, 0.6, 0.25), (0.1, 20.0, 3e4, 0.25, 0.6)]:
    some_law = {"E": E, "A": A, "B": B, "alpha": alpha, "beta": beta}
    for C in (1e15, 3e20, 1e28):
        check.close(lambda: compute_optimal(C, dict(some_law)), searched(C, some_law),
            "Other constants: is 6ND = C, and the loss lowest?", rtol=1e-4)
def law_after(law):
    """What a call leaves of a law."""
    compute_optimal(1e20, law)
    return law
check.equal(lambda: law_after(dict(some_law)), some_law, "Did the dict stay as it was?")
### END HIDDEN TESTS

# %% [markdown]
r"""
Your fit of the whole ladder, a curve for each budget; then three points of the smallest budget, which your machine
trains now (half a minute). **Look for** the stars: do they land on the dots that another machine measured, and do the
dots follow curves that have five constants in all?
"""

# %% tags=["explore"]
runs = tables.ladder()
N, D, L = (np.array([getattr(run, one) for run in runs], float) for one in ("n_params", "n_tokens", "loss"))
law, ax = fit_parametric(N, D, L), plot.grid(1, 1, width=7, height=4)[0]
for C in sorted({float(f"{run.flops:.0e}") for run in runs}):
    here = abs(6 * N * D / C - 1) < 0.05
    sizes = np.geomspace(N[here].min(), N[here].max())
    curve = law["E"] + law["A"] / sizes ** law["alpha"] + law["B"] * (6 * sizes / C) ** law["beta"]
    ax.plot(sizes, curve, label=f"{C:.0e} operations")
    ax.plot(N[here], L[here], "o", color=ax.lines[-1].get_color(), markersize=4)
for run in [run for run in runs if run.flops < 4e10 and run.d_model in (32, 40)]:
    torch.manual_seed(0)
    model = GPT(GPTConfig(ladder.VOCAB, ladder.CONTEXT, run.n_layers, run.n_heads, run.d_model))
    ax.plot(run.n_params, ladder.train_point(model, run.n_tokens)[run.n_tokens], "k*", markersize=12)
ax.set(xlabel="parameters", ylabel="held-out loss (nats)", xscale="log")
ax.legend()
print({name: round(value, 3) for name, value in law.items()})

# %% [markdown]
r"""
### 6 · Why two laws disagree, and why models are overtrained

*5 points · 60 min · Kaplan et al. 2020, table 6; Pearce & Song 2024, section 3; Sardana et al. 2023, section 2*

With $C$ in PF-days ($10^{15}$ operations a second, all day), Kaplan asks for $n=1.3\cdot10^9\,C^{0.73}$ parameters and
$D=2\cdot10^{10}\,C^{0.27}$ tokens; Chinchilla for about $N\propto C^{0.5}$. One cause: Kaplan's $n$ leaves out the
embedding, $\omega n^{1/3}$ numbers, much of a small model; its compute is $6nD$.

Serving takes $2N$ operations a token: of all $(N,D)$ that reach a target loss it favours a smaller $N$.

<details><summary>A nudge</summary>Given N and the target, what is D?</details>
<details><summary>The key step</summary>A/N^α is a share s of target − E, B/D^β the rest; search s, or what C_train leaves of it.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "kaplan-vs-chinchilla", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kaplan_optimal(C):
    """Kaplan's (n, D), floats, for C operations, by both formulas as they stand: his 6nD is not C exactly."""
    ### BEGIN SOLUTION
    pf_days = C / (1e15 * 24 * 3600)
    return 1.3e9 * pf_days**0.73, 2e10 * pf_days**0.27
    ### END SOLUTION
def without_embedding(C, fit, omega=47491):
    """The n (to 0.1 %) with the lowest loss L(n + omega n^(1/3), D) at 6nD = C; fit: a dict as of fit_parametric."""
    ### BEGIN SOLUTION
    def loss(u):
        n = math.exp(u)
        return fit["A"] / (n + omega * n ** (1 / 3)) ** fit["alpha"] + fit["B"] * (6 * n / C) ** fit["beta"]
    ends = {"bounds": (0, math.log(C / 6)), "method": "bounded", "options": {"xatol": 1e-8}}
    return math.exp(optimize.minimize_scalar(loss, **ends).x)
    ### END SOLUTION
def cheapest_to_serve(C_train, tokens_served, fit, target_loss):
    """(N, D), to 0.1 %, with L(N, D) = target_loss and the fewest operations, 6ND + 2N tokens_served, among those whose
    training, 6ND, takes at most C_train (math.inf: no limit). ValueError if there are none."""
    ### BEGIN SOLUTION
    E, A, B, alpha, beta = (fit[one] for one in ("E", "A", "B", "alpha", "beta"))
    if target_loss <= E: raise ValueError("no model gets below the floor E")
    A, B = A / (target_loss - E), B / (target_loss - E)
    def pair(s): return (A / s) ** (1 / alpha), (B / (1 - s)) ** (1 / beta)
    def cost(s, served): return math.log(pair(s)[0]) + math.log(6 * pair(s)[1] + 2 * served)
    def over(s): return cost(s, 0) - math.log(C_train)
    ends = {"bounds": (0, 1), "method": "bounded", "options": {"xatol": 1e-10}}
    s, least = optimize.minimize_scalar(cost, args=(tokens_served,), **ends).x, beta / (alpha + beta)
    if over(least) > 0: raise ValueError("training to this loss takes more than C_train")
    return pair(optimize.brentq(over, least, s) if over(s) > 0 else s)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "kaplan-vs-chinchilla-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Kaplan's advice for one PF-day; then the best size when the embedding is not counted."""
published = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28}
def counted_without(C, law, omega):
    """The oracle: the lowest loss on a fine grid of n."""
    n = np.exp(np.arange(math.log(C / 6) * 0.2, math.log(C / 6) * 0.9, 2e-4))
    return n[(law["A"] / (n + omega * np.cbrt(n)) ** law["alpha"] + law["B"] * (6 * n / C) ** law["beta"]).argmin()]

check.close(lambda: kaplan_optimal(8.64e19), [1.3e9, 2e10], "8.64e19 operations are one PF-day. Is C in PF-days?")
check.close(lambda: without_embedding(1e20, dict(published), 0), counted_without(1e20, published, 0),
    "With omega 0 nothing is left out: is it N with the lowest loss at 6ND = C?", rtol=2e-3)
check.close(lambda: without_embedding(1e15, dict(published)), counted_without(1e15, published, 47491),
    "Does the loss see all parameters, n + omega n^(1/3), and the compute, 6nD, only n?", rtol=2e-3)
### BEGIN HIDDEN TESTS
check.close(lambda: kaplan_optimal(3.14e23), [1.3e9 * 3634.26**0.73, 2e10 * 3634.26**0.27], "GPT-3's.", rtol=1e-5)
other = {"E": 0.5, "A": 20.0, "B": 3e4, "alpha": 0.25, "beta": 0.6}
cases = [(1e13, published, 47491), (1e17, published, 9e4), (1e17, published, 0), (1e17, other, 0), (1e25, other, 47491)]
for C, law, omega in cases:
    check.close(lambda: without_embedding(C, dict(law), omega), counted_without(C, law, omega),
        "Another budget, law or omega: is omega n^(1/3) added to n in the loss, and only there?", rtol=2e-3)
def fit_after(fit):
    """What a call leaves of a fit."""
    without_embedding(1e20, fit)
    return fit
check.equal(lambda: fit_after(dict(other)), other, "Did the dict stay as it was?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "kaplan-vs-chinchilla-test-serve", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""As good as Chinchilla's optimum at 1e22 operations, trained and served as cheaply as can be."""
def served(C_train, tokens_served, law, target):
    """The oracle: a fine grid of sizes, from the smallest that can reach the target."""
    N = (law["A"] / (target - law["E"])) ** (1 / law["alpha"]) * np.exp(np.geomspace(1e-4, 12, 400_000))
    D = (law["B"] / (target - law["E"] - law["A"] / N ** law["alpha"])) ** (1 / law["beta"])
    place = np.where(6 * N * D <= C_train, 6 * N * D + 2 * N * tokens_served, np.inf).argmin()
    return [N[place], D[place]]

check.close(lambda: cheapest_to_serve(math.inf, 0, dict(published), 2.1), served(math.inf, 0, published, 2.1),
    "Never served: the pair for which training to this loss is cheapest. Does D give the target with N?", rtol=2e-3)
check.close(lambda: cheapest_to_serve(math.inf, 1e12, dict(published), 2.1), served(math.inf, 1e12, published, 2.1),
    "A million million tokens served: is it 2N for each, beside 6ND?", rtol=2e-3)
check.close(lambda: cheapest_to_serve(2e23, 1e14, dict(published), 2.0), served(2e23, 1e14, published, 2.0),
    "The cheapest of all takes 3.3e23 to train, more than C_train: which is the cheapest that does not?", rtol=2e-3)
check.raises(lambda: cheapest_to_serve(math.inf, 0, dict(published), 1.69), ValueError, "No model reaches E: a ValueError?")
check.raises(lambda: cheapest_to_serve(1e20, 0, dict(published), 2.1), ValueError, "1e20 are too few: a ValueError?")
### BEGIN HIDDEN TESTS
served_law = {"alpha": 0.25, "beta": 0.6, "A": 20.0, "B": 3e4, "E": 0.5}
cases = [(1e30, 3e9, served_law, 0.9), (5e17, 1e12, served_law, 0.9), (1.2e23, 1e14, published, 2.0)]
cases += [(math.inf, 1e9, served_law, 1), (math.inf, 1e15, served_law, 0.9), (math.inf, 1e15, published, 1.8)]
for C_train, tokens, law, target in cases:
    check.close(lambda: cheapest_to_serve(C_train, tokens, dict(law), target), served(C_train, tokens, law, target),
        "Another law, target, or number of tokens served: is it the sum of both costs that is lowest?", rtol=2e-3)
def serve_after(fit):
    """What a call leaves of a fit."""
    cheapest_to_serve(math.inf, 1e9, fit, 1)
    return fit
check.equal(lambda: serve_after(dict(served_law)), served_law, "Did the dict stay as it was?")
check.raises(lambda: cheapest_to_serve(math.inf, 0, dict(published), 1.5), ValueError, "Below E: a ValueError?")
### END HIDDEN TESTS

# %% [markdown]
r"""
First cause: what is counted. Runs that follow Chinchilla's law, seen without their embedding. **Look for** the slopes: below
$10^{19}$ the orange line's slope is 0.77 on average, near Kaplan's 0.73; further on it joins Chinchilla's.

Printed: the ladder's own $\beta/(\alpha+\beta)$. *Long*: losses read on the way of a longer run, its learning rate still
high, as Kaplan read them: the second cause. They came out as 0.39, without embedding 0.52, long 0.84, both 0.90: each
cause asks for larger models. The valleys gave 0.51 on the same runs, so trust the order, not the digits.
"""

# %% tags=["explore"]
C = np.geomspace(1e13, 1e25)
chinchilla, seen = [compute_optimal(one, published)[0] for one in C], [without_embedding(one, published) for one in C]
sizes = {"Chinchilla, all parameters": chinchilla, "without embedding": seen, "Kaplan": kaplan_optimal(C)[0]}
plot.curves(sizes, C, "compute (operations)", "parameters asked for", logx=True, logy=True)
ended = list({(run.n_layers, run.d_model): run for run in tables.ladder()}.values())  # the longest run of each size
for kind, runs in {"own schedule": tables.ladder(), "long schedule": tables.ladder("long") + ended}.items():
    N, n, D, L = np.array([(run.n_params, run.n_params - run.n_embedding, run.n_tokens, run.loss) for run in runs]).T
    for what, size in {"all parameters": N, "without embedding": n}.items():
        fit = fit_parametric(size, D, L)
        print(f"{kind}, {what}: N grows as C^{fit['beta'] / (fit['alpha'] + fit['beta']):.2f}")

# %% [markdown]
r"""
Why models are overtrained: how many tokens a parameter should read, by how many it will serve. **Look for** the left end,
where training is all (60 to 80: these constants ask for more than the famous 20), and for what $10^{14}$ tokens of
service ask for: 4,000 to 13,000. Llama 3 8B, 8 billion parameters, read $1.5\cdot10^{13}$ tokens: 1,900 a parameter.
"""

# %% tags=["explore"]
served_tokens, ratios = np.geomspace(1e9, 1e15, 40), {}
for target in (2.2, 2.1, 2.0):
    pairs = [cheapest_to_serve(math.inf, tokens, published, target) for tokens in served_tokens]
    ratios[f"loss {target}"] = [D / N for N, D in pairs]
plot.curves(ratios, served_tokens, "tokens served", "tokens read per parameter", logx=True, logy=True);

# %% [markdown]
r"""
# C · One machine, used up

Before a second machine helps, the first one should hold all that it can: batches in pieces, numbers of 16 bits, and
activations that are computed twice instead of kept.
"""

# %% [markdown]
r"""
### 7 · A batch too big for memory

*6 points · core · 15 min · Goyal et al. 2017, section 3, remark 3*

A batch that does not fit is read in parts, **micro-batches**. Each `backward()` adds to `p.grad`; after the last part
the optimizer steps once. Rows are padded to one length and padding does not count, so parts hold different numbers
$n_i$ of real targets:

$$\text{loss}=\frac{\sum_i\ell_i}{\sum_i n_i}\qquad\text{and not}\qquad\frac1m\sum_{i=1}^{m}\frac{\ell_i}{n_i}$$

with $\ell_i$ the sum of part $i$'s losses. Trainers in wide use had the mean of means until 2024.

<details><summary>A nudge</summary>All targets are known before the first forward pass.</details>
<details><summary>The key step</summary>Divide every part's sum by one number: the real targets of all parts.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "accumulate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accumulate_step(model, micro_batches, optimizer, loss_fn):
    """One optimizer step on the whole batch; returns its loss before the step, the mean over all real targets (float).

    micro_batches: a list of (inputs, targets); -100 is padding; a micro-batch, not all, may hold nothing else.
    loss_fn(model(inputs), targets): the SUM of the losses of the real targets, a scalar tensor.
    Gradients from before do not count; after it p.grad holds the batch's. Never two micro-batches' graphs at a time.
    """
    ### BEGIN SOLUTION
    n_targets = sum(int((targets != -100).sum()) for _, targets in micro_batches)
    optimizer.zero_grad()
    total = 0.0
    for inputs, targets in micro_batches:
        loss = loss_fn(model(inputs), targets) / n_targets
        loss.backward()
        total += loss.item()
    optimizer.step()
    return total
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "accumulate-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Three rows of 3, 1 and 2 real targets, in parts of `rows` rows each, against PyTorch's mean over all."""
acc_ids = torch.tensor([[0, 1, 2], [2, 0, 0], [1, 1, 0]])
acc_goals = torch.tensor([[3, 1, 0], [2, -100, -100], [1, 0, -100]])
def acc_sum(logits, targets, how="sum"):
    return F.cross_entropy(logits.flatten(0, -2), targets.flatten(), reduction=how)  # leaves -100 out

def acc_run(step, ids, targets, rows):
    model = nn.Embedding.from_pretrained(check.normal(3, 4), freeze=False)  # an id gives 4 logits
    model.weight.grad = torch.ones(3, 4).double()  # from before
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    loss = step(model, list(zip(ids.split(rows), targets.split(rows))), optimizer, acc_sum)
    return {"loss": loss, "gradient": model.weight.grad, "weights": model.weight}
def acc_whole(model, micro_batches, optimizer, loss_fn):
    """The oracle: everything in one batch."""
    ids, targets = map(torch.cat, zip(*micro_batches))
    optimizer.zero_grad()
    (loss := acc_sum(model(ids), targets, "mean")).backward()
    optimizer.step()
    return loss.item()

check.close(lambda: acc_run(accumulate_step, acc_ids, acc_goals, [3]), acc_run(acc_whole, acc_ids, acc_goals, [3]),
    "One part only: is its sum divided by its 6 real targets, those that are not -100? Are old gradients zeroed first?")
check.close(lambda: acc_run(accumulate_step, acc_ids, acc_goals, [2, 1]), acc_run(acc_whole, acc_ids, acc_goals, [3]),
    "Parts of 4 and 2 real targets: is each sum divided by 6, not by 4 or 2? No zeroing, no step between them?")
### BEGIN HIDDEN TESTS
for seed, rows in [(1, [4, 5]), (2, [1, 7, 1]), (3, [2, 2, 2, 3])]:
    many = check.integers(9, 4, high=3, seed=seed), check.integers(9, 4, high=6, seed=seed + 9) - 2
    many = many[0], many[1].masked_fill(many[1] < 0, -100)
    check.close(lambda: acc_run(accumulate_step, *many, rows), acc_run(acc_whole, *many, rows),
        "Padding anywhere in the rows: are targets counted by != -100, and summed over all parts first?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-order", "locked": true, "schema_version": 3, "solution": false, "task": false}
def acc_order(sizes):
    """What your step does with parts of so many rows, in order. "forward (n kept)": autograd still kept n tensors then."""
    told, kept, model = [], [], nn.Linear(2, 3)
    class Kept:
        """Stands for a tensor that autograd keeps, until it has been used."""
        def __init__(self, tensor):
            self.tensor = tensor
            kept.append("one more")
        def __del__(self):
            kept.pop()
    def forward(x):
        told.append(f"forward ({len(kept)} kept)")
        out = F.linear(x, model.weight, model.bias)
        out.register_hook(lambda grad: told.append("backward"))
        return out
    model.forward, optimizer = forward, torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer.register_step_post_hook(lambda *_: told.append("step"))
    with torch.autograd.graph.saved_tensors_hooks(Kept, lambda one: one.tensor):
        accumulate_step(model, [(torch.ones(n, 2), torch.ones(n).long()) for n in sizes], optimizer, acc_sum)
    return told

# %% nbgrader={"grade": true, "grade_id": "accumulate-test-order", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""What happens in which order; then gradients from before, other optimizers, another loss, a GPT."""
check.equal(lambda: acc_order([2, 5, 1]), ["forward (0 kept)", "backward"] * 3 + ["step"],
    "backward() after each forward pass frees its graph: do graphs pile up, is a part left out, is there one step?")
### BEGIN HIDDEN TESTS
check.equal(lambda: acc_order([3]), ["forward (0 kept)", "backward", "step"], "One part: forward, backward, one step.")
def acc_gpt(step, kind, **settings):
    torch.manual_seed(0)
    parts = [(check.integers(*BT, high=11), check.integers(*BT, high=11, seed=1)) for BT in [(1, 5), (2, 3), (2, 6)]]
    model, _ = GPT(GPTConfig(11, 6, 1, 2, 8)).double(), parts[1][1].fill_(-100)
    for p in model.parameters(): p.grad = torch.ones_like(p)
    optimizer = kind(model.parameters(), **settings)
    losses = [step(model, parts, optimizer, lambda both, targets: acc_sum(both[0], targets) * 30) for _ in range(3)]
    return losses, list(model.parameters()), [p.grad for p in model.parameters()], parts, model.training
def acc_joint(model, micro_batches, optimizer, loss_fn):
    optimizer.zero_grad()
    (loss := sum(loss_fn(model(ids), targets) for ids, targets in micro_batches) / 17).backward()
    return optimizer.step() or loss.item()
for kind, settings in [(torch.optim.SGD, {"lr": 0.005, "momentum": 0.9}), (torch.optim.AdamW, {"lr": 0.1})]:
    check.close(lambda: acc_gpt(accumulate_step, kind, **settings), acc_gpt(acc_joint, kind, **settings),
        "A GPT, three steps: are old gradients zeroed, new ones left as they are, is loss_fn used, and a part of padding "
        "alone worth 0? Are parts and the model's mode as before?")
### END HIDDEN TESTS

# %% [markdown]
r"""
The first 64 lines of Shakespeare's plays, names and short cries among full verses, read by an untrained GPT in parts of
1 to 64 lines. **Look for** how far the mean of means is from the batch's gradient, and for the one place where it is
right. Your step is off by rounding alone. The error has a direction: a letter in a short line weighs more.
"""

# %% tags=["explore"]
acc_lines = [torch.tensor(list(line[:65].encode())) for line in data.shakespeare().splitlines() if len(line) > 1][:64]
acc_x = nn.utils.rnn.pad_sequence([line[:-1] for line in acc_lines], batch_first=True)
acc_y = nn.utils.rnn.pad_sequence([line[1:] for line in acc_lines], batch_first=True, padding_value=-100)
def acc_means(model, micro_batches, optimizer, loss_fn):
    for x, y in micro_batches: (model(x, y)[1] / len(micro_batches)).backward()  # the GPT's own loss is a mean
def acc_gradient(step, n):
    torch.manual_seed(0)
    model, parts = GPT(GPTConfig(128, 64, 1, 2, 32)), list(zip(acc_x.split(n), acc_y.split(n)))
    step(model, parts, torch.optim.SGD(model.parameters(), 0.0), lambda outputs, y: acc_sum(outputs[0], y))
    return torch.cat([p.grad.flatten() for p in model.parameters()])
acc_sizes, acc_true = [1, 2, 4, 8, 16, 32, 64], acc_gradient(acc_means, 64)
acc_off = {name: [(acc_gradient(step, n) - acc_true).norm() / acc_true.norm() for n in acc_sizes]
    for name, step in [("mean of means", acc_means), ("your step", accumulate_step)]}
plot.curves(acc_off, acc_sizes, "lines in a part", "gradient's error / its norm", logx=True);

# %% [markdown]
r"""
### 8 · Gradients that float16 can hold

*5 points · 50 min · Micikevicius et al. 2017, section 3.2*

In mixed precision, gradients flow back in 16 bits. float16's smallest number is $2^{-24}$: below half of it a gradient
becomes 0. But $S$ times the loss gives $S$ times every gradient: scale the loss up, run backward, divide the
parameters' float32 gradients by $S$.

If $S$ is too large, gradients overflow to inf: the step is skipped, and $S$ falls. After many good steps it grows.
bfloat16 has float32's exponents and needs none of this.

<details><summary>A nudge</summary>Inspect every gradient before the optimizer moves anything.</details>
<details><summary>The key step</summary>One inf or nan skips the whole step. The count starts anew.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "loss-scaling", "locked": false, "schema_version": 3, "solution": true, "task": false}
class GradScaler:
    """Scales the loss up and gradients down. A training step: scale(loss).backward(), step(optimizer), update()."""
    def __init__(self, init_scale=2.0**16, growth=2.0, backoff=0.5, growth_interval=2000):
        self.factor, self.growth, self.backoff, self.growth_interval = init_scale, growth, backoff, growth_interval
        self.stepped, self.good = True, 0  # the last step was taken; how many in a row

    def scale(self, loss):
        """loss, a float32 tensor, times the present scale S (self.factor)."""
        ### BEGIN SOLUTION
        return loss * self.factor
        ### END SOLUTION

    def step(self, optimizer):
        """Divide every p.grad but None by S; then optimizer.step(), unless one is inf or nan. True if it stepped."""
        ### BEGIN SOLUTION
        grads = [p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
        for grad in grads: grad /= self.factor
        self.stepped = all(bool(grad.isfinite().all()) for grad in grads)
        if self.stepped: optimizer.step()
        return self.stepped
        ### END SOLUTION

    def update(self):
        """After a skipped step S times backoff, after growth_interval steps in a row S times growth; then count anew."""
        ### BEGIN SOLUTION
        self.factor *= 1 if self.stepped else self.backoff
        self.good = self.good + 1 if self.stepped else 0
        if self.good == self.growth_interval:
            self.factor, self.good = self.factor * self.growth, 0
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "loss-scaling-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A gradient of 1e-9 passes through float16: without a scale it is 0."""
def ls_tiny(scaler, lr=0.0):
    """A parameter's gradient and value after a step, and the loss itself."""
    w = nn.Parameter(torch.ones(2))
    loss = 1e-5 * (w.half() * 1e-4).sum().float()  # a gradient of 1e-9 for the float16 copy of w
    scaler.scale(loss).backward()
    scaler.step(torch.optim.SGD([w], lr=lr))
    return [w.grad, w, loss]

ls_loss = 1e-5 * torch.full((2,), 1e-4).half().sum().float()
check.close(lambda: GradScaler(8.0).scale(torch.tensor(3.0)), torch.tensor(24.0), "Is the loss of 3 multiplied by 8?")
check.close(lambda: ls_tiny(GradScaler()), [torch.full((2,), 1e-9), torch.ones(2), ls_loss],
    "With S = 65536 it survives float16: is it divided by S once, and the loss not changed in place?", 0.01, 1e-13)
check.close(lambda: ls_tiny(GradScaler(1.0)), [torch.zeros(2), torch.ones(2), ls_loss],
    "With S = 1 float16 loses it: is there another factor than S?", 0.0, 1e-13)
### BEGIN HIDDEN TESTS
for S in (2.0**10, 2.0**14, 2.0**20):
    check.close(lambda: ls_tiny(GradScaler(S), 1e8), [torch.full((2,), 1e-9), torch.full((2,), 0.9), ls_loss],
        "Another scale: does the optimizer see the divided gradient, in p.grad?", 0.02, 1e-13)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "loss-scaling-test-skip", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Three parameters in two groups, one without a gradient: is the step taken, and what has it changed?"""
def ls_step(grads):
    """What step() returns, and the parameters after it: two with 4 times these gradients, then the one without."""
    p, q = (nn.Parameter(torch.ones(len(one))) for one in grads)
    p.grad, q.grad = (4 * torch.tensor(one) for one in grads)
    none = nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([{"params": [p]}, {"params": [none, q]}], lr=0.5, weight_decay=0.1)
    return [GradScaler(4.0).step(optimizer), p, q, none]

ls_moved = [torch.tensor([0.45]), torch.tensor([0.7, -0.05]), torch.ones(1)]
check.close(lambda: ls_step([[1.0], [0.5, 2.0]]), [True, *ls_moved],
    "Finite gradients: 1 - 0.5 (grad + 0.1). Is p.grad divided by S in every group, and True returned?")
for bad in (math.inf, -math.inf, math.nan):
    check.close(lambda: ls_step([[1.0], [0.5, bad]]), [False, torch.ones(1), torch.ones(2), torch.ones(1)],
        f"One entry is {bad}: no weight moves, not even by weight decay. Is every gradient looked at, for inf and nan?")
### BEGIN HIDDEN TESTS
check.close(lambda: ls_step([[math.nan, 1.0, 3.0], [0.5]]), [False, torch.ones(3), torch.ones(1), torch.ones(1)],
    "nan in the first parameter: is a later gradient's verdict the only one kept?")
check.close(lambda: ls_step([[7e37] * 8, [1.0]]), [True, torch.tensor([-3.5e37] * 8), *ls_moved[::2]],
    "Huge entries, but each finite: do you look at entries, or at a sum or norm that overflows?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "loss-scaling-test-update", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""S and w after each step on loss = slope * w, against PyTorch's own GradScaler."""
def ls_story(scaler, slopes):
    w, story = nn.Parameter(torch.ones(())), []
    optimizer = torch.optim.AdamW([w], lr=0.1)
    for slope in slopes:
        optimizer.zero_grad()
        scaler.scale(w * slope).backward()
        scaler.step(optimizer)
        scaler.update()
        story.append([scaler.scale(torch.ones(())), w.detach().clone()])
    return story

ls_days = [1, 1, math.inf, 1, 1, 1, 1, math.nan, 1]  # S is then 8 8 4 4 4 8 8 4 4
ls_oracle = torch.amp.GradScaler("cpu", 8.0, 2.0, 0.5, 3)
check.close(lambda: ls_story(GradScaler(8.0, 2.0, 0.5, 3), ls_days), ls_story(ls_oracle, ls_days),
    "Does S fall on a skip, grow after 3 steps in a row, and start to count anew after both?")
### BEGIN HIDDEN TESTS
ls_rises = [1, -1, 2, 1e36, 1e36, 1, 1, 1, 1, 1e36, 1, math.nan, math.nan, 1, 1, 1, 0, 1, 1]
for each in [(2.0**16, 2.0, 0.5, 2), (4.0, 3.0, 0.25, 1), (1.0, 4.0, 0.1, 4), (2.0**20, 1.5, 0.75, 5)]:
    check.close(lambda: ls_story(GradScaler(*each), ls_rises), ls_story(torch.amp.GradScaler("cpu", *each), ls_rises),
        f"(init_scale, growth, backoff, growth_interval) = {each}: is each used, and is the count 0 after growing?")
def ls_long(scaler, steps):
    optimizer = torch.optim.SGD([w := nn.Parameter(torch.ones(()))], lr=0.0)
    w.grad = torch.ones(())
    for _ in range(steps): scaler.step(optimizer), scaler.update()
    return scaler.scale(torch.ones(()))
check.close(lambda: [ls_long(GradScaler(), n) for n in (1999, 2000)], [torch.tensor(2.0**16), torch.tensor(2.0**17)],
    "The defaults: 65536 at first, doubled after 2,000 steps in a row.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Gradients that flow back into the blocks of a small GPT, after 100 steps on Shakespeare. Its 512 tokens count as a part
of a batch of half a million (GPT-3's smallest), so the loss is divided by all of these, as in exercise 7. **Look for**
how much of the curve lies left of float16's range, in gray, and where the scale puts it. The share lost is measured by
a cast. bfloat16 reaches down to $2^{-133}$, far outside the figure.
"""

# %% tags=["explore"]
torch.manual_seed(0)
ls_text, ls_flow = torch.tensor(list(data.shakespeare()[:200_000].encode())), []
ls_model = GPT(GPTConfig(128, 64, 2, 2, 32))
ls_adam = torch.optim.AdamW(ls_model.parameters(), lr=3e-3)
for _ in range(100):
    ls_rows = ls_text[torch.randint(len(ls_text) - 64, (8, 1)) + torch.arange(65)]
    ls_adam.zero_grad()
    ls_model(ls_rows[:, :-1], ls_rows[:, 1:])[1].backward()
    ls_adam.step()
for block in ls_model.blocks:
    block.register_full_backward_hook(lambda block, inputs, outputs: ls_flow.append(outputs[0].flatten()))
(ls_model(ls_rows[:, :-1], ls_rows[:, 1:])[1] * 512 / 2**19).backward()

ls_flow, ls_curves = torch.cat(ls_flow).abs(), {}
for S in (1, 2**16):
    lost = ((S * ls_flow).half() == 0).double().mean()
    ls_curves[f"S = {S}: {lost:.0%} lost"] = torch.histc((S * ls_flow).log2(), 60, -44, 16) / len(ls_flow)
ax = plot.curves(ls_curves, torch.arange(-43.5, 16), "log2 of a gradient's size", "share of gradients")
ax.axvspan(-25, 16, color="0.9", zorder=0)
ax.set_title(f"float16 in gray; bfloat16 loses {(ls_flow.bfloat16() == 0).double().mean():.0%}");

# %% [markdown]
r"""
### 9 · Compute it twice, keep it never

*6 points · 60 min · Chen et al. 2016, section 4*

For its backward pass a layer keeps what it computed: most of a deep model's memory. **Checkpointing** keeps the inputs
of segments alone; in the backward pass a segment runs again, with a graph that is then dropped. Dropout must draw the
same numbers again: the random state is put back, and afterwards the program's own.

<details><summary>A nudge</summary>The second run: detached copies, under <code>torch.enable_grad()</code>.
<code>backward</code> returns a gradient for each argument of <code>forward</code>; for what is no tensor, None.</details>
<details><summary>The key step</summary><code>apply</code> makes no graph if no argument needs a gradient: pass one
tensor more that does.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "checkpoint", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Checkpoint(torch.autograd.Function):
    """Keeps args and torch.get_rng_state() alone, and computes fn(*args) again, now with a graph, in backward."""
    @staticmethod
    def forward(ctx, fn, *args):
        ### BEGIN SOLUTION
        ctx.fn, ctx.state, ctx.args = fn, torch.get_rng_state(), [None if torch.is_tensor(one) else one for one in args]
        ctx.places = [i for i, one in enumerate(args) if torch.is_tensor(one)]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return fn(*args)  # autograd is off in here
        ### END SOLUTION
    @staticmethod
    def backward(ctx, *grads):
        ### BEGIN SOLUTION
        args = list(ctx.args)
        for i, one in zip(ctx.places, ctx.saved_tensors): args[i] = one.detach().requires_grad_(one.requires_grad)
        with torch.enable_grad(), torch.random.fork_rng(devices=[]):
            torch.set_rng_state(ctx.state)
            out = ctx.fn(*args)
        pairs = zip(out if isinstance(out, tuple) else (out,), grads)
        torch.autograd.backward(*zip(*((one, grad) for one, grad in pairs if one.requires_grad)))
        return None, *(one.grad if torch.is_tensor(one) else None for one in args)
        ### END SOLUTION

def checkpoint(fn, *args):
    """fn(*args), a tensor or a tuple of tensors, by Checkpoint.apply. fn runs once now, and once in backward().

    args: tensors or anything else. backward() fills .grad of args and of fn's parameters, even if no arg needs one."""
    ### BEGIN SOLUTION
    return Checkpoint.apply(lambda _, *rest: fn(*rest), torch.zeros((), requires_grad=True), *args)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "checkpoint-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Outputs and gradients as without: fn takes two tensors, a number and None, and uses a layer."""
def ck_plain(fn, *args):
    """No checkpoint: what yours is compared with."""
    return fn(*args)
def ck_mixed(wrap, needs_grad=True):
    """The output, and the gradients: of the layer's weight and bias, of x and y if they need one."""
    torch.manual_seed(0)
    layer = nn.Linear(3, 4).double()
    x, y = check.normal(2, 3).requires_grad_(needs_grad), check.normal(2, 4).requires_grad_(needs_grad)
    def fn(x, power, y, none):
        return (layer(x) * y).tanh() ** power
    out = wrap(fn, x * 2, 3, y, None)
    (out**2 / 2).sum().backward()  # the gradient that arrives is out itself
    return [out, layer.weight.grad, layer.bias.grad, [x.grad, y.grad] if needs_grad else []]

check.close(lambda: ck_mixed(checkpoint), ck_mixed(ck_plain),
    "Does backward run fn on detached copies, pass on the gradient that arrived, and return one result for each input?")
check.close(lambda: ck_mixed(checkpoint, False), ck_mixed(ck_plain, False),
    "No argument needs a gradient, but fn's layer does: does apply() see one argument that does?")
### BEGIN HIDDEN TESTS
def ck_tuple(wrap):
    x, p = check.normal(3, 4).requires_grad_(), check.normal(4, seed=2).requires_grad_()
    mask, ids = check.normal(3, 4, seed=1), check.integers(3, high=4)
    outs = wrap(lambda x, mask, ids, y: (x * mask + p, y.exp()[:, ids], x.sin(), ids + 1), x, mask, ids, x)
    (outs[0].cos().sum() + (outs[1] ** 2).sum()).backward()
    return [*outs, x.grad, p.grad, mask.requires_grad, x.requires_grad]
check.close(lambda: ck_tuple(checkpoint), ck_tuple(ck_plain),
    "Four outputs, one unused, one of whole numbers; ids and a mask without a gradient, x twice: has each its own gradient?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "checkpoint-test-random", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Two segments with dropout, and random numbers that the program draws before, between and after."""
def ck_random(wrap, seed=0):
    """The result and what the program draws before and after it; x's gradient; what is drawn after backward()."""
    torch.manual_seed(seed)
    x, first = check.normal(5, 8).requires_grad_(), torch.rand(2)
    inner = wrap(lambda x: F.dropout(x, 0.25) * torch.rand(8), x)
    out, second = wrap(lambda x: F.dropout(x, 0.5).sin(), inner), torch.rand(2)
    out.sum().backward()
    return {"forward": [first, out, second], "gradient": x.grad, "after": torch.rand(2)}

check.close(lambda: ck_random(checkpoint)["forward"], ck_random(ck_plain)["forward"],
    "The forward pass draws as fn alone does, and so the program after it: does fn run once, without a seed of yours?")
check.close(lambda: ck_random(checkpoint)["gradient"], ck_random(ck_plain)["gradient"],
    "Dropout: is the random state from before the first run put back before the second?")
check.close(lambda: ck_random(checkpoint)["after"], ck_random(ck_plain)["after"],
    "After backward(): is the program's random state what it was before, or does it draw old numbers again?")
### BEGIN HIDDEN TESTS
for seed in (1, 2):
    check.close(lambda: ck_random(checkpoint, seed), ck_random(ck_plain, seed), "Another seed: is a state kept?")
def ck_gpt(wrap):
    torch.manual_seed(0)
    model, ids = GPT(GPTConfig(11, 6, 3, 2, 8)).double(), check.integers(2, 6, high=11)
    for _ in range(2):  # gradients of two passes add up
        x = F.dropout(model.wte(ids) + model.wpe.weight, 0.2)
        for block in model.blocks: x = wrap(lambda x, block: F.dropout(block(x), 0.2), x, block)
        (model.ln_f(x) ** 3).sum().backward()
    return [p.grad for p in model.parameters()]
check.close(lambda: ck_gpt(checkpoint), ck_gpt(ck_plain), "A GPT with dropout, a checkpoint a block: what is lost?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-saved", "locked": true, "schema_version": 3, "solution": false, "task": false}
def ck_saved(forward):
    """KiB that autograd keeps after loss = forward(), and the most at any time until loss.backward() is done."""
    kib = [0]  # after each change
    class Saved:
        """Stands for a tensor that autograd keeps, and dies with it."""
        def __init__(self, tensor):
            self.tensor = tensor
            kib.append(kib[-1] + tensor.nbytes / 1024)
        def __del__(self):
            kib.append(kib[-1] - self.tensor.nbytes / 1024)
    with torch.autograd.graph.saved_tensors_hooks(Saved, lambda saved: saved.tensor):
        loss, after = forward(), kib[-1]
        loss.backward()
    return [after, max(kib)]

def ck_sines(wrap, *depths):
    """A segment of sines for each depth, one after another: KiB kept, the most KiB, and how often a segment ran."""
    x, runs = check.normal(64, 64).requires_grad_(), []
    def segment(x, depth):
        for _ in range(depth): x = x.sin()
        runs.append(depth)  # it has run to its end
        return x
    def forward():
        out = x
        for depth in depths: out = wrap(segment, out, depth)
        return out.sum()
    return [*ck_saved(forward), len(runs)]

# %% nbgrader={"grade": true, "grade_id": "checkpoint-test-bytes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""What autograd keeps of a chain of sines, each on a tensor of 32 KiB, and how often fn runs."""
check.that(lambda: ck_sines(checkpoint, 6)[0], lambda kib: kib < 72,
    "Six sines: plain they keep 192 KiB until backward. Yours may keep the input, 32, and the random state. What else?")
check.equal(lambda: ck_sines(checkpoint, 6)[2], 2, "fn runs once forward and once in backward(). How often does yours?")
### BEGIN HIDDEN TESTS
check.that(lambda: ck_sines(checkpoint, 20, 20, 20)[:2], lambda kib: kib[0] < 32 * 5 and kib[1] < 32 * 40,
    "Three segments of 20 sines: does what is kept grow with depth? Is a graph dropped before the next is made?")
check.equal(lambda: [ck_sines(checkpoint, 2, 5, 3)[2], checkpoint(torch.sin, torch.ones(2)).grad_fn.name()],
    [6, "CheckpointBackward"], "Each segment runs twice, and its result comes out of Checkpoint.apply.")
### END HIDDEN TESTS

# %% [markdown]
r"""
A forward and a backward pass of GPTs of 1 to 8 blocks, with a checkpoint around each block and without. **Look for**
the slopes: plain, every block adds all that it computed. With checkpoints it adds its input alone, and the peak is
little more than one block's. The price is a second forward pass: a third more arithmetic, often more time than that.
"""

# %% tags=["explore"]
import timeit

def ck_both_ways(wrap, depth):
    """A GPT's loss as a function of nothing."""
    model, ids = GPT(GPTConfig(128, 128, depth, 4, 64)), torch.zeros(2, 128, dtype=torch.long)
    def forward():
        x = model.wte(ids) + model.wpe.weight
        for block in model.blocks: x = wrap(block, x)
        return model.ln_f(x).sum()
    return forward

ck_depths, ck_curves = [1, 2, 4, 8], {"peak (MiB)": {}, "milliseconds": {}}
for name, wrap in {"plain": ck_plain, "checkpoint": checkpoint}.items():
    runs = [ck_both_ways(wrap, depth) for depth in ck_depths]
    ck_curves["peak (MiB)"][name] = [ck_saved(run)[1] / 1024 for run in runs]
    times = [min(timeit.repeat(lambda: run().backward(), number=1, repeat=3)) for run in runs]
    ck_curves["milliseconds"][name] = [1000 * seconds for seconds in times]
for ax, (label, one) in zip(plot.grid(1, 2, 3.4, 3), ck_curves.items()):
    plot.curves(one, ck_depths, "blocks", label, ax=ax).set_ylim(0)

# %% [markdown]
r"""
# D · Many machines

From here on several processes compute together, as they do on the machines of a cluster. Each is a **rank**, numbered from
0 to *n* - 1 (n: the *world size*); all run the same code, and send each other tensors. A **collective** is a call that all
of them make: an *all-reduce* leaves the sum of everybody's tensors with everybody, a *broadcast* one rank's with all.

`distributed.run(fn, n, *args)` starts n real processes here, calls `fn(rank, n, *args)` in each, and returns their results
by rank. Inside, `dist.get_rank()` and `dist.get_world_size()` tell rank and n. The messages are carried by *gloo*, on GPUs
by *nccl*.
"""

# %% tags=["explore"]
def first_meeting(rank, world_size):
    x = torch.full((3,), float(rank))
    dist.all_reduce(x)  # in place
    return x.tolist()

distributed.run(first_meeting, 4)

# %% [markdown]
r"""
### 10 · Adding round a ring

*7 points · core · 20 min · Patarasuk and Yuan 2009; Sergeev and Del Balso 2018*

Each of $n$ ranks holds a tensor; all want the sum. If all send to one, its line is crowded; in a ring all are equally
busy. Cut the tensor into $n$ chunks:

- **reduce-scatter**: for $n-1$ steps partial sums travel right, each rank adding its part, till each has one chunk
complete;
- **all-gather**: $n-1$ steps more, complete chunks go round.

Each rank sends $2\frac{n-1}{n}$ of the data.

<details><summary>A nudge</summary>In step 0, rank r sends chunk r. What next?</details>
<details><summary>The key step</summary>In step s, counted on from 0 to 2n - 3 through both halves, send chunk r - s,
receive r - s - 1, modulo n.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-post", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Post:
    """How a rank sends and receives. sent: (to, numbers) of each letter. steps: how many letters, one after another,
    had to arrive before the next could leave."""
    under_way = []  # a letter must stay in memory until it has arrived
    def __init__(self):
        self.sent, self.steps = [], 0
    def send(self, tensor, to):
        """Post a copy to rank `to`, and do not wait. Its last number is a stamp: this rank's steps so far."""
        self.sent.append((to, tensor.numel()))
        letter = torch.cat([tensor.detach().flatten(), tensor.new_tensor([self.steps])])
        self.under_way.append((dist.isend(letter, to), letter))
    def recv(self, like, source):
        """Wait for the next letter of rank `source`; what is sent after it is a step later."""
        letter = like.new_empty(like.numel() + 1)
        dist.recv(letter, source)
        self.steps = max(self.steps, int(letter[-1]) + 1)
        return letter[:-1].view(like.shape)

# %% nbgrader={"grade": false, "grade_id": "ring", "locked": false, "schema_version": 3, "solution": true, "task": false}
def ring_all_reduce(x, rank, world_size, send, recv):
    """The sum of all ranks' x, on every rank, in x's shape. x: float, any shape, the same on all; it stays as it is.

    send(tensor, to) posts a copy to rank `to`, and does not wait. recv(like, source) waits for the next letter of rank
    `source`: a new tensor with the shape and dtype of `like`. In 2(n - 1) steps each rank sends one letter to rank + 1,
    of at most numbers / n (rounded up) numbers; the last rank's neighbour is rank 0. A chunk may be empty: send its
    letter, or let all ranks leave it out.
    """
    ### BEGIN SOLUTION
    chunks = list(x.flatten().tensor_split(world_size))
    for step in range(2 * (world_size - 1)):
        out, into = (rank - step) % world_size, (rank - step - 1) % world_size
        send(chunks[out], (rank + 1) % world_size)
        letter = recv(chunks[into], (rank - 1) % world_size)
        chunks[into] = letter + chunks[into] if step < world_size - 1 else letter
    return torch.cat(chunks).view(x.shape)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ring-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Rank r has (1, 2, 3) times 10 to the r: three ranks' sum is (111, 222, 333)."""
def ring_rank(rank, world_size, inputs):
    """For each of this rank's inputs, what your function returns and does."""
    found = []
    for x in inputs[rank]:
        post = Post()
        with Traffic() as traffic:
            total = ring_all_reduce(x, rank, world_size, post.send, post.recv)
        others = sorted(set(traffic.calls) - {"send", "recv"})  # other calls of torch.distributed
        found.append({"sum": total, "x after": x, "letters": post.sent, "steps": post.steps, "other calls": others})
    return found
def ring_found(n, inputs, *what):
    """Some of that, by rank and by input."""
    ranks = distributed.run(ring_rank, n, inputs, timeout_s=30)
    return [[[item[name] for name in what] for item in one] for one in ranks]

ring_digits = [[torch.tensor([1.0, 2.0, 3.0]) * 10**rank] for rank in range(3)]
check.close(lambda: ring_found(3, ring_digits, "sum"), [[[torch.tensor([111.0, 222.0, 333.0])]]] * 3,
    "111, 222, 333 on each rank: is every part added once, and does every sum come back to all? Send, then receive?")
### BEGIN HIDDEN TESTS
def ring_inputs(n, shapes):
    drawn = [[check.normal(*shape, seed=rank) for shape in shapes] for rank in range(n)]
    return [[x.transpose(0, 1) if x.dim() == 3 else x for x in row] for row in drawn]
for n, shapes in [(4, [(8,), (7,), (9,), (2,), (), (3, 5), (2, 3, 2)]), (1, [(5,), (2, 2)]), (2, [(3, 2), (2, 3, 4)])]:
    check.close(lambda: ring_found(n, ring_inputs(n, shapes), "sum", "x after"),
        [[[sum(x), x[rank]] for x in zip(*ring_inputs(n, shapes))] for rank in range(n)],
        "Other shapes and numbers of ranks. [0] are sums: are there n chunks where n does not divide the numbers, or "
        "exceeds them? Does n = 1 work? [1] are the inputs after it: were they changed? A chunk is a view of x.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ring-test-letters", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""Each rank's letters, as (to, numbers). A letter sent after another came is one step later than that."""
def ring_sent(n, size, *what):
    """Of a ring of n ranks with `size` numbers each, by rank: its "letters", "steps" or "other calls"."""
    return [one[0] for one in ring_found(n, [[check.normal(size)]] * n, *what)]

check.equal(lambda: ring_sent(3, 6, "letters"), [[[[to, 2]] * 4] for to in (1, 2, 0)],
    "6 numbers, 3 ranks: does each rank send 4 letters of 2 numbers, all to rank + 1?")
check.equal(lambda: ring_sent(3, 6, "steps"), [[4]] * 3,
    "2 + 2 steps: do all ranks send at the same time, or does one wait for another before its first letter?")
### BEGIN HIDDEN TESTS
check.equal(lambda: ring_sent(4, 12, "letters", "steps", "other calls"), [[[[to, 3]] * 6, 6, []] for to in (1, 2, 3, 0)],
    "12 numbers, 4 ranks: 6 letters of 3 numbers to rank + 1, 3 + 3 steps, and nothing else of torch.distributed?")
def letters_fit(letters, rank, most):
    return len(letters) <= 6 and all(to == (rank + 1) % 4 and size <= most for to, size in letters)
for size, most in [(103, 26), (2, 1)]:
    check.that(lambda: ring_sent(4, size, "letters"),
        lambda ranks: all(letters_fit(one[0], rank, most) for rank, one in enumerate(ranks)),
        "4 ranks, 103 numbers, or 2: at most 6 letters, to rank + 1, of at most numbers / n, rounded up?")
### END HIDDEN TESTS

# %% [markdown]
r"""
What a rank sends, measured in your ring; sent to one, rank 0 must answer $n-1$ others. Then your ring on four ranks, step
by step: a row is a rank, a column a chunk, the number says how many ranks' parts it holds. **Look for** the ring's curve,
which stays below 2. And for the diagonal that moves right and grows to 4 in three steps; three more carry the fours round.
"""

# %% tags=["explore"]
sizes, x = [2, 3, 4, 5, 6, 8], torch.ones(840)
sent = [distributed.run(ring_rank, n, [[x]] * n)[0][0]["letters"] for n in sizes]
lines = {"ring": [sum(numbers for _, numbers in one) / 840 for one in sent], "all to one": [n - 1 for n in sizes]}
plot.curves(lines, sizes, "ranks", "sent by the busiest rank\n(in tensors of x's size)")

def parts(rank, n):
    """How many ranks' parts each chunk holds after each step. Chunk c is one number, at first 1000c + 1."""
    post, rows = Post(), [[1] * n]
    def recv(like, source):
        k = int(letter := post.recv(like, source)) % 1000
        rows.append([min(k + 1, n) if c == int(letter) // 1000 // k else now for c, now in enumerate(rows[-1])])
        return letter
    ring_all_reduce(1000.0 * torch.arange(n) + 1, rank, n, post.send, recv)
    return rows

states = torch.tensor(distributed.run(parts, 4)).transpose(0, 1)
for step, (ax, state) in enumerate(zip(plot.grid(1, 7, 1.3, 1.7), states)):
    ax.imshow(state, vmin=0, vmax=4, cmap="cividis")
    for r, c in np.ndindex(4, 4):
        ax.text(c, r, int(state[r, c]), ha="center", va="center", color="kw"[int(state[r, c] < 3)])
    ax.set(title=f"after {step}", xticks=[], yticks=[], xlabel="chunk", ylabel="" if step else "rank")

# %% [markdown]
r"""
### 11 · Data parallelism

*8 points · core · 25 min · Li et al. 2020, section 3*

Each rank has the whole model and a share of the batch; the mean of their gradients is the joint batch's. Many small
messages are slow; one at the end leaves the network idle till then. So gradients go in **buckets**, last layer first,
during the backward pass.

Collectives are matched by order alone: a rank's first with every other's first. One rank may skip a branch, so a full
bucket waits for those before it.

<details><summary>A nudge</summary><code>p.register_post_accumulate_grad_hook(f)</code>: f(p) runs when p.grad is
there.</details>
<details><summary>The key step</summary><code>work = dist.all_reduce(flat, async_op=True)</code> returns at once;
<code>finish</code> waits.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-buckets", "locked": true, "schema_version": 3, "solution": false, "task": false}
def in_buckets(params, bucket_bytes):
    """Lists of neighbours: in each as many parameters as fit in bucket_bytes together, at least one."""
    buckets, room = [], 0
    for p in params:
        if not buckets or p.nbytes > room:
            buckets, room = [*buckets, []], bucket_bytes
        buckets[-1].append(p)
        room -= p.nbytes
    return buckets

def ddp_net(seed):
    """A small net for the tests."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 2)).double()

# %% nbgrader={"grade": false, "grade_id": "ddp", "locked": false, "schema_version": 3, "solution": true, "task": false}
class DataParallel(nn.Module):
    """self.module: the module itself. At the start rank 0's parameters and buffers go to all. Trainable parameters,
    last first, all of one dtype, make in_buckets(..., bucket_bytes). One all_reduce sums a bucket: within the backward
    pass, not awaited there, once it and all buckets before it are ready; the rest in finish()."""
    def __init__(self, module, bucket_bytes=25 * 2**20):
        super().__init__()
        ### BEGIN SOLUTION
        self.module, self.n, self.ready, self.sent = module, dist.get_world_size(), set(), []
        self.buckets = in_buckets([p for p in module.parameters() if p.requires_grad][::-1], bucket_bytes)
        for tensor in [*module.parameters(), *module.buffers()]: dist.broadcast(tensor.data, 0)
        for p in sum(self.buckets, []): p.register_post_accumulate_grad_hook(self.send)
    def send(self, p):
        self.ready.add(p)  # None: finish() wants all
        for bucket in self.buckets[len(self.sent):]:
            if not self.ready.issuperset(bucket) and None not in self.ready: break
            flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in bucket])
            self.sent.append((bucket, flat, dist.all_reduce(flat, async_op=True)))
        ### END SOLUTION
    def forward(self, *args, **kwargs):
        for buffer in self.module.buffers(): dist.broadcast(buffer, 0)  # running means, for example: rank 0's
        return self.module(*args, **kwargs)
    def finish(self):
        """After each backward: every trainable p.grad becomes the mean over the ranks, a None counted as zeros."""
        ### BEGIN SOLUTION
        self.send(None)
        for bucket, flat, work in self.sent:
            work.wait()
            for p, total in zip(bucket, flat.split([p.numel() for p in bucket])): p.grad = total.view_as(p) / self.n
        self.ready, self.sent = set(), []
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ddp-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Rank 0's weight is 1 and its gradient 1; rank 1's are 2 and 3. Then steps of SGD, beside one process on all rows."""
def ddp_small(rank, n):
    """The weight, and its gradient after finish()."""
    line = nn.Linear(1, 1, bias=False)
    line.weight.data.fill_(1.0 + rank)
    model = DataParallel(line)
    model(torch.tensor([[1.0 + 2 * rank]])).sum().backward()
    model.finish()
    return [line.weight.item(), line.weight.grad.item()]

check.close(lambda: distributed.run(ddp_small, 2, timeout_s=30), [[1.0, 2.0]] * 2,
    "Does rank 0's weight go to all at the start? Is the gradient the mean over the ranks, in p.grad after finish()?")
### BEGIN HIDDEN TESTS
def ddp_steps(model, finish, rank, n, clear):
    """The parameters after three steps of SGD on every n-th row, from `rank` on."""
    for X, y in [(check.normal(6, 3, seed=step)[rank::n], check.normal(6, 2, seed=step)[rank::n]) for step in range(3)]:
        model.zero_grad(set_to_none=clear)
        F.mse_loss(model(input=X), y).backward()
        finish()
        for p in model.parameters(): p.data -= 0.3 * p.grad
    return [p.detach() for p in model.parameters()]
def ddp_ranks(rank, n, room, clear):
    return ddp_steps(model := DataParallel(ddp_net(rank), room), model.finish, rank, n, clear)

for n, room, clear in [(3, 200, True), (2, 10**6, False)]:
    check.close(lambda: distributed.run(ddp_ranks, n, room, clear, timeout_s=30),
        [ddp_steps(ddp_net(0), int, 0, 1, True)] * n,
        "Three steps of SGD, each rank on its rows, beside one process on all: does finish() prepare the next step?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ddp-test-buckets", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Last first, the parameters have 16, 64, 32, 160, 40 and 120 bytes: in 200 go 16 + 64 + 32, then 160 + 40."""
def ddp_sent(rank, n, room, steps=1):
    """Of the last of so many steps, the bytes of each all_reduce: of those given before the backward pass came to the
    first layer, and of all. And how many broadcasts there were."""
    net, early = ddp_net(rank), []
    with Traffic() as traffic:
        model = DataParallel(net, room)
        def comes(layer, given, out):
            out.register_hook(lambda grad: early.extend(traffic.log))
        net[0].register_forward_hook(comes)
        for _ in range(steps):
            early.clear(), traffic.log.clear()
            model(check.normal(4, 3)).sum().backward()
            model.finish()
    early, every = ([size for name, size in log if name == "all_reduce"] for log in (early, traffic.log))
    return {"early": early, "all": every, "broadcasts": traffic.calls["broadcast"]}
def ddp_two(what, room):
    """One of these from each of two ranks."""
    return [one[what] for one in distributed.run(ddp_sent, 2, room, timeout_s=30)]

check.equal(lambda: ddp_two("all", 200), [[112, 200, 120]] * 2,
    "Bytes of each all_reduce: is there one for each bucket of in_buckets, parameters from the last to the first?")
check.equal(lambda: ddp_two("early", 200), [[112]] * 2,
    "As the backward pass enters the first layer, the bucket of 112 bytes is ready, that of 200 is not: was it sent?")
### BEGIN HIDDEN TESTS
for room, early, late in [(1, [16, 64, 32, 160], [40, 120]), (300, [272], [160]), (432, [], [432])]:
    check.equal(lambda: distributed.run(ddp_sent, 2, room, 2, timeout_s=30),
        [{"early": early, "all": early + late, "broadcasts": 0}] * 2,
        "A second step. Bytes sent till the backward pass enters the first layer, and all: is each bucket sent once it is "
        "ready, and does finish() count anew? Broadcasts: weights are sent at the start alone, and there are no buffers.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ddp-test-overlap", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Rank 1 begins its backward pass when rank 0's is over: who waits inside it for the others would wait for ever."""
def ddp_late(rank, n, room):
    """The gradients."""
    model = DataParallel(ddp_net(rank), room)
    loss = model(check.normal(4, 3, seed=rank)).square().mean()
    if rank: dist.recv(torch.zeros(1), 0)
    loss.backward()
    if not rank: dist.send(torch.zeros(1), 1)
    model.finish()
    return [p.grad for p in model.parameters()]

def ddp_mean(n):
    """The oracle: all rows in one process."""
    net = ddp_net(0)
    net(torch.cat([check.normal(4, 3, seed=rank) for rank in range(n)])).square().mean().backward()
    return [p.grad for p in net.parameters()]

check.close(lambda: distributed.run(ddp_late, 2, 200, timeout_s=30), [ddp_mean(2)] * 2,
    "Does all_reduce return at once in the backward pass, by async_op=True, and is all awaited in finish()?")
### BEGIN HIDDEN TESTS
check.close(lambda: distributed.run(ddp_late, 2, 1, timeout_s=30), [ddp_mean(2)] * 2,
    "Six buckets: does all_reduce return at once in the backward pass, by async_op=True? Does finish() await each?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ddp-test-unused", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Rank r uses parameter r alone, times r + 1; nobody uses the fourth. Buffers; and a parameter that is not trained."""
def ddp_branches(rank, n, room, last_trained=True):
    """The buffer and the fourth parameter at the start; the gradients after each of two backward passes."""
    net = nn.Module()
    net.p = nn.ParameterList([torch.full((2,), 5.0 + rank) for _ in range(4)])
    net.p[3].requires_grad = last_trained
    net.forward = lambda i: net.p[i].sum()
    net.register_buffer("mark", torch.tensor([rank + 7]))
    model = DataParallel(net, room)
    start, gradients = [net.mark.tolist(), net.p[3].tolist()], []
    for factor in (1.0, 3.0):
        for p in net.p: p.grad = None
        (model(rank) * (rank + 1) * factor).backward()
        model.finish()
        gradients.append([[] if p.grad is None else p.grad.tolist() for p in net.p])
    return {"start": start, "gradients": gradients}

check.close(lambda: [one["gradients"][0] for one in distributed.run(ddp_branches, 3, 8, timeout_s=30)],
    [[[1 / 3] * 2, [2 / 3] * 2, [1.0] * 2, [0.0] * 2]] * 3,
    "Each parameter is a bucket, ready on one rank alone: do all ranks send all buckets, in one order, zeros for None?")
### BEGIN HIDDEN TESTS
for trained, room, last in [(False, 1, []), (True, 20, [0.0] * 2)]:
    check.close(lambda: distributed.run(ddp_branches, 3, room, trained, timeout_s=30),
        [{"start": [[7], [5.0] * 2], "gradients": [[[k / 3] * 2, [2 * k / 3] * 2, [k] * 2, last] for k in (1.0, 3.0)]}] * 3,
        "At the start: has each rank rank 0's buffer, and its parameters, the one that is not trained too? Gradients: "
        "zeros for None, in each step, and none for a parameter that does not require them?")
### END HIDDEN TESTS

# %% [markdown]
r"""
Six layers, two ranks, rank 0's clock: above, the backward pass layer by layer; below, each all_reduce from its call to its
end. First all in one bucket, then a bucket for each layer. **Look for** how much of the lower row lies under the upper one:
only what sticks out on the right costs time. Here both share your processors, so computing slows down too; a GPU's
network works by itself. Printed: the largest difference from the gradients of PyTorch's own `DistributedDataParallel`.
"""

# %% tags=["explore"]
import copy
import time
from unittest import mock
def ddp_clock(rank, n, room):
    """When the backward pass came to each layer; (begin, end) of each all_reduce; the difference from PyTorch's."""
    layers, marks, calls = nn.Sequential(*(nn.Linear(1024, 1024) for _ in range(6))), [], []
    model, x = DataParallel(layers, room), torch.randn(96, 1024)
    theirs = nn.parallel.DistributedDataParallel(copy.deepcopy(layers))
    theirs(x).square().sum().backward()
    def timed(*given, real=dist.all_reduce, **how):
        begin, work = time.perf_counter(), real(*given, **how)
        work.get_future().add_done_callback(lambda _: calls.append((begin, time.perf_counter())))
        return work
    def comes(layer, given, out): out.register_hook(lambda grad: marks.append(time.perf_counter()))
    for layer in layers: layer.register_forward_hook(comes)
    for _ in range(3):  # the first two warm up
        layers.zero_grad(), marks.clear(), calls.clear(), dist.barrier()
        with mock.patch("torch.distributed.all_reduce", timed): model(x).square().sum().backward()
        marks.append(time.perf_counter())
        model.finish()
    return marks, calls, max((p.grad - q.grad).abs().max() for p, q in zip(layers.parameters(), theirs.parameters()))

clocks = [distributed.run(ddp_clock, 2, room)[0] for room in (2**30, 2**22 + 2**12)]
end = max(1e3 * (max(calls)[1] - marks[0]) for marks, calls, _ in clocks)
for ax, (marks, calls, _) in zip(plot.grid(2, 1, 7, 1.6), clocks):
    for row, spans in enumerate([calls, list(zip(marks, marks[1:]))]):
        spans = [(1e3 * (a - marks[0]), 1e3 * (b - a)) for a, b in sorted(spans)]
        ax.broken_barh(spans, (row - 0.4, 0.8), color=plot.COLOURS[1 - row], edgecolor="white")
    ax.set(yticks=[0, 1], yticklabels=["sent", "backward"], xlabel="ms", xlim=(0, end), title=f"buckets: {len(calls)}")
print(f"largest difference from PyTorch's gradients: {max(off for _, _, off in clocks):.1e}")

# %% [markdown]
r"""
### 12 · A share of the optimizer

*6 points · 70 min · Rajbhandari et al. 2019, section 5*

AdamW keeps two averages for each number, and in data parallelism all $n$ ranks keep the same ones. ZeRO's first stage
divides them: a rank keeps those of its share, updates that, and gets the rest from the others.

Shares may be whole parameters or parts. But count numbers: if weight, bias, weight, bias are dealt to two ranks in turn,
one has nearly all.

<details><summary>A nudge</summary>Give optimizer_class parameters that are yours alone.</details>
<details><summary>The key step</summary>One flat vector of all, padded: chunk(n)[rank] is a share, all_gather joins them.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "zero", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ShardedOptimizer:
    """Steps like optimizer_class(params, **kw), on n ranks that each keep about 1/n of what it keeps.

    params: an iterable of parameters of one dtype, equal on all ranks; there may be fewer than ranks. optimizer_class
    works number by number, as AdamW and SGD do. A rank's state takes, at any time, at most 1/n of the plain optimizer's
    bytes, and as many more as the largest parameter's takes. torch.distributed is initialized: dist knows rank and n.
    """
    def __init__(self, params, optimizer_class, **kw):
        ### BEGIN SOLUTION
        self.params, self.n = list(params), dist.get_world_size()
        self.mine = nn.Parameter(self.share(self.params).clone())
        self.optimizer = optimizer_class([self.mine], **kw)
    def share(self, tensors):
        flat = torch.cat([tensor.detach().flatten() for tensor in tensors])
        return F.pad(flat, (0, -len(flat) % self.n)).chunk(self.n)[dist.get_rank()]
        ### END SOLUTION
    def step(self):
        """Update all params in place, on all ranks, from p.grad: there for each, and equal on all ranks already."""
        ### BEGIN SOLUTION
        self.mine.grad = self.share([p.grad for p in self.params])
        self.optimizer.step()
        dist.all_gather(shares := [torch.empty_like(self.mine.data) for _ in range(self.n)], self.mine.data)
        ends = torch.tensor([p.numel() for p in self.params]).cumsum(0)
        for p, new in zip(self.params, torch.cat(shares).tensor_split(ends)): p.data.copy_(new.view_as(p))
        ### END SOLUTION
    def zero_grad(self):
        """Forget the gradients of all params: each becomes None."""
        ### BEGIN SOLUTION
        for p in self.params: p.grad = None
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "zero-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Four steps on three ranks, with the same gradients on each, beside the plain optimizer in one process."""
def zero_steps(make, sizes):
    """The parameters after each step, optimizer = make(parameters); the gradients depend on them, and on the step."""
    params, found = [nn.Parameter(check.normal(*size, seed=i)) for i, size in enumerate(sizes)], []
    optimizer = make(p for p in params)  # they can be read only once
    for step in range(4):
        optimizer.zero_grad()
        sum((p - step).square().sum() * (i + 1) for i, p in enumerate(params)).backward()
        optimizer.step()
        found.append([p.detach().clone() for p in params])
    return found
def zero_ranks(rank, n, sizes, kind, settings):
    """The same with your optimizer, on one rank."""
    return zero_steps(lambda params: ShardedOptimizer(params, kind, **settings), sizes)

even = [(4, 2), (2,), (2,)]
check.close(lambda: distributed.run(zero_ranks, 3, even, torch.optim.SGD, {"lr": 0.01}, timeout_s=30)[0],
    zero_steps(lambda params: torch.optim.SGD(params, lr=0.01), even),
    "Rank 0 after each step: do all params get their new numbers, those of other ranks' shares too, in place?")
### BEGIN HIDDEN TESTS
SGD, AdamW, odd = torch.optim.SGD, torch.optim.AdamW, [(3, 5), (7,), (2, 2, 2), (), (4, 3)]  # 43 numbers
decay = {"lr": 0.1, "betas": (0.5, 0.9), "weight_decay": 0.3}
for n, kind, settings in [(3, AdamW, decay), (2, SGD, {"lr": 0.01, "momentum": 0.9}), (1, AdamW, {})]:
    check.close(lambda: distributed.run(zero_ranks, n, odd, kind, settings, timeout_s=30),
        [zero_steps(lambda params: kind(params, **settings), odd)] * n,
        "[rank][step][parameter]: does optimizer_class get its settings, keep its state from step to step, take "
        "gradients as they are? Do shares cover every number where n does not divide them?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "zero-test-state", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Weight, bias, weight, bias: how many bytes all that is made by optimizer_class keeps, at most."""
def zero_bytes(rank, n, sizes, kind, settings):
    """The most bytes of state that a rank holds, after a step of an optimizer that it made, or in the end."""
    made, held = [], []
    def weigh(*_):
        state = [x for one in made for kept in one.state.values() for x in kept.values() if isinstance(x, torch.Tensor)]
        held.append(sum(x.untyped_storage().nbytes() for x in state))
    def noted(*given, **named):
        """Stands for optimizer_class, and notes what is made."""
        made.append(kind(*given, **named))
        made[-1].register_step_post_hook(weigh)
        return made[-1]
    zero_ranks(rank, n, sizes, noted, settings)
    weigh()
    return max(held)

layers = [(12, 10), (12,)] * 4  # 528 numbers, and AdamW keeps 16 bytes for each, 1920 for the largest parameter
check.that(lambda: distributed.run(zero_bytes, 2, layers, torch.optim.AdamW, {}, timeout_s=30),
    lambda held: sum(held) >= 8448 and max(held) <= 8448 / 2 + 1920 + 32,
    "Bytes by rank; the plain optimizer has 8448 and some. Does each rank keep half at most, and 1920 more?")
### BEGIN HIDDEN TESTS
many, momentum = [(6, 4), (4, 6)] * 6 + [(6,), (4,)] * 6, {"lr": 0.01, "momentum": 0.9}  # 348 numbers, 24 in the largest
for n, kind, settings, each in [(3, torch.optim.AdamW, {}, 16), (4, torch.optim.SGD, momentum, 8)]:
    check.that(lambda: distributed.run(zero_bytes, n, many, kind, settings, timeout_s=30),
        lambda held: sum(held) >= 348 * each and max(held) <= (348 / n + 24) * each + 100,
        "Bytes by rank: does each keep 1/n of the plain optimizer's at most, and what the largest parameter takes?")
check.close(lambda: distributed.run(zero_ranks, 4, many, torch.optim.AdamW, {}, timeout_s=30)[3],
    zero_steps(torch.optim.AdamW, many), "The last rank after each step: are its numbers those of the plain optimizer?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "zero-test-few", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""What step and zero_grad leave of the gradients; and fewer parameters than ranks."""
def zero_cleared(rank, n):
    """The gradients after step(), and after zero_grad() whether each is None."""
    params = [nn.Parameter(torch.ones(2)) for _ in range(n)]
    optimizer = ShardedOptimizer(params, torch.optim.SGD, lr=0.1)
    sum(p.sum() for p in params).backward()
    optimizer.step()
    left = [p.grad.tolist() for p in params]
    optimizer.zero_grad()
    return left, [p.grad is None for p in params]

check.equal(lambda: distributed.run(zero_cleared, 2, timeout_s=30), [[[[1.0] * 2] * 2, [True] * 2]] * 2,
    "step() leaves the gradients, 1 each, as they were. After zero_grad() every parameter's is None, of those in other "
    "ranks' shares too.")
### BEGIN HIDDEN TESTS
check.close(lambda: distributed.run(zero_ranks, 3, [(), (3,)], torch.optim.AdamW, {}, timeout_s=30),
    [zero_steps(torch.optim.AdamW, [(), (3,)])] * 3, "There may be fewer parameters than ranks: may a share be empty?")
### END HIDDEN TESTS

# %% [markdown]
r"""
ZeRO's third stage divides the weights too: a layer's weight is gathered when it is needed, dropped, and gathered again in
the backward pass. Below, a short `FullyShardedLinear`, and what one of four ranks keeps after a step. **Look for** the bars
that fall to a quarter, and for the price: bytes handed to each collective (a share to all_gather, the whole to the others).
In a ring an all_reduce sends what a reduce_scatter and one all_gather do; here are two all_gathers: half as much again.
"""

# %% tags=["explore"]
def gathered(share, n, shape):
    dist.all_gather(parts := [torch.empty_like(share) for _ in range(n)], share)
    return torch.cat(parts).view(shape)

class GatherMultiply(torch.autograd.Function):
    """x @ weight.T, of which no rank keeps more than its share."""
    @staticmethod
    def forward(ctx, x, share, n, shape):
        ctx.save_for_backward(x, share)
        ctx.n, ctx.shape = n, shape
        return x @ gathered(share, n, shape).T
    @staticmethod
    def backward(ctx, grad):
        x, share = ctx.saved_tensors
        ours = list((grad.T @ x / ctx.n).flatten().chunk(ctx.n))
        dist.reduce_scatter(mine := torch.empty_like(share), ours)
        return grad @ gathered(share, ctx.n, ctx.shape), mine, None, None

class FullyShardedLinear(nn.Module):
    """A rank's share of a linear layer's weight; its size must be a multiple of the number of ranks."""
    def __init__(self, weight):
        super().__init__()
        self.n, self.shape = dist.get_world_size(), weight.shape
        self.share = nn.Parameter(weight.detach().flatten().chunk(self.n)[dist.get_rank()].clone())
    def forward(self, x):
        return GatherMultiply.apply(x, self.share, self.n, self.shape)

# %% tags=["explore"]
def stage_bytes(rank, n, stage):
    """What a rank keeps after a step (weights, gradients, state), what it has sent, and a number to compare."""
    made, weights = [], [check.normal(256, 256, seed=i, dtype=torch.float32) / 16 for i in range(4)]
    def noted(*given, **named):
        made.append(torch.optim.AdamW(*given, **named))
        return made[-1]
    net = nn.Sequential(*(nn.Linear(256, 256, bias=False) for _ in weights))
    for layer, weight in zip(net, weights): layer.weight.data = weight
    if stage == 3: net = nn.Sequential(*map(FullyShardedLinear, weights))
    adam = noted(net.parameters()) if stage != 1 else ShardedOptimizer(net.parameters(), noted)
    with Traffic() as traffic:
        net(check.normal(8, 256, seed=rank, dtype=torch.float32)).square().mean().backward()
        for p in net.parameters():
            if stage != 3: dist.all_reduce(p.grad.div_(n))
        adam.step()
    state = [x for one in made for kept in one.state.values() for x in kept.values()]
    held = [list(net.parameters()), [p.grad for p in net.parameters()], state]
    with torch.no_grad(): total = net(torch.ones(1, 256)).sum().item()
    return [sum(x.nbytes for x in one) / 2**20 for one in held], dict(traffic.bytes), total

kinds = {"every rank keeps all": 0, "ShardedOptimizer": 1, "FullyShardedLinear": 3}
found = [distributed.run(stage_bytes, 4, stage)[0] for stage in kinds.values()]
parts = ["weights", "gradients", "AdamW's state"]
plot.groups(parts, {kind: held for kind, (held, _, _) in zip(kinds, found)}, "MiB on each of 4 ranks")
for kind, (_, sent, total) in zip(kinds, found): print(f"{kind}: the model then gives {total:.4f}; bytes: {sent}")

# %% [markdown]
r"""
### 13 · One layer on many machines

*8 points · core · 25 min · Shoeybi et al. 2019, section 3*

**Tensor parallelism** cuts the layers: each of $n$ ranks holds $1/n$ of every weight. The first layer of a pair
is cut by its outputs (**column-parallel**), the second by its inputs (**row-parallel**). Between them nothing is sent.

All ranks start from the same $x$, and end with the same sum. Where $x$ goes in stands $f$: it does nothing forward, and
all-reduces the gradient backward. Where partial sums come out stands $g$: the reverse. All sizes divide evenly.

<details><summary>A nudge</summary>A rank knows $x$'s gradient through its own outputs only.</details>
<details><summary>The key step</summary>$f$ is <code>TwoWays.apply(x, same, add_up)</code>. Inside the sum, a bias
counts n times.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-two-ways", "locked": true, "schema_version": 3, "solution": false, "task": false}
class TwoWays(torch.autograd.Function):
    """TwoWays.apply(x, ahead, back) is ahead(x); on the way back, back(gradient) takes the gradient's place."""
    @staticmethod
    def forward(ctx, x, ahead, back):
        ctx.back = back
        return ahead(x)
    @staticmethod
    def backward(ctx, gradient):
        return ctx.back(gradient), None, None

def same(x):
    """x as it is."""
    return x

def add_up(x):
    """The sum of all ranks' x, a new tensor of its shape: one all-reduce."""
    total = x.clone(memory_format=torch.contiguous_format)
    dist.all_reduce(total)
    return total

# %% nbgrader={"grade": false, "grade_id": "given-shares", "locked": true, "schema_version": 3, "solution": false, "task": false}
class OutputShare(nn.Module):
    """Of dense, an nn.Linear(in, out), this rank's outputs: weight (out / n, in), bias (out / n,) or None."""
    def __init__(self, dense, rank, world_size, parts=1):
        super().__init__()
        self.weight = nn.Parameter(share(dense.weight, 0, rank, world_size, parts))
        self.bias = None if dense.bias is None else nn.Parameter(share(dense.bias, 0, rank, world_size, parts))

class InputShare(nn.Module):
    """Of dense, this rank's inputs: weight (out, in / n), and bias (out,), the whole of it on every rank, or None."""
    def __init__(self, dense, rank, world_size):
        super().__init__()
        self.weight = nn.Parameter(share(dense.weight, 1, rank, world_size))
        self.bias = None if dense.bias is None else nn.Parameter(dense.bias.detach().clone())

class MLPShare(nn.Module):
    """Of a Block: c_fc cut by its outputs, c_proj by its inputs."""
    def __init__(self, block, rank, world_size):
        super().__init__()
        self.c_fc = ColumnParallelLinear(block.c_fc, rank, world_size)
        self.c_proj = RowParallelLinear(block.c_proj, rank, world_size)

class AttentionShare(nn.Module):
    """Of a Block: n_heads / n heads. qkv's outputs are 3 parts side by side, q, k and v, of which each is cut."""
    def __init__(self, block, rank, world_size):
        super().__init__()
        self.n_heads, self.o_proj = block.n_heads // world_size, RowParallelLinear(block.o_proj, rank, world_size)
        self.qkv = ColumnParallelLinear(block.qkv, rank, world_size, parts=3)

# %% nbgrader={"grade": false, "grade_id": "tensor-parallel", "locked": false, "schema_version": 3, "solution": true, "task": false}
def share(p, dim, rank, world_size, parts=1):
    """p has `parts` equal parts along dim: of each, piece `rank` of world_size; joined, no graph, in new memory."""
    ### BEGIN SOLUTION
    return p.detach().unflatten(dim, (parts, world_size, -1)).select(dim + 1, rank).flatten(dim, dim + 1).clone()
    ### END SOLUTION
class ColumnParallelLinear(OutputShare):
    def forward(self, x):
        """x (..., in), the same on all ranks, to this rank's outputs (..., out / n). Others may use x; grad may be off."""
        ### BEGIN SOLUTION
        return F.linear(TwoWays.apply(x, same, add_up), self.weight, self.bias)
        ### END SOLUTION
class RowParallelLinear(InputShare):
    def forward(self, x):
        """This rank's inputs (..., in / n), to the dense layer's output (..., out), the same on every rank."""
        ### BEGIN SOLUTION
        y = TwoWays.apply(x @ self.weight.T, add_up, same)
        return y if self.bias is None else y + self.bias
        ### END SOLUTION
class ParallelMLP(MLPShare):
    def forward(self, x):  # (B, T, C), same on every rank, to (B, T, C): the Block's c_fc, gelu, c_proj
        ### BEGIN SOLUTION
        return self.c_proj(F.gelu(approximate="tanh", input=self.c_fc(x)))
        ### END SOLUTION
class ParallelAttention(AttentionShare):
    def forward(self, x):  # (B, T, C), same on every rank, to (B, T, C): the Block's attention, qkv to o_proj
        ### BEGIN SOLUTION
        q, k, v = self.qkv(x).unflatten(-1, (3, self.n_heads, -1)).permute(2, 0, 3, 1, 4)  # each (B, heads here, T, D)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.o_proj(mixed.transpose(1, 2).flatten(2))
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "tensor-parallel-test-share", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""share: a rank's part of a weight, in memory of its own."""
check.close(lambda: share(check.normal(6, 2), 0, 1, 3), check.normal(6, 2)[2:4], "Rank 1 of 3 has rows 2 and 3 of 6.")
check.close(lambda: share(check.normal(12, 2), 0, 0, 2, parts=3), check.normal(12, 2)[[0, 1, 4, 5, 8, 9]],
    "Three parts of 4 rows: has rank 0 of 2 the first half of each part?")
check.equal(lambda: share(check.normal(6, 4), 1, 0, 2).untyped_storage().nbytes(), 96,
    "Half of 6 x 4 numbers of 8 bytes is 96. A view keeps the whole alive: has the share memory of its own?")
### BEGIN HIDDEN TESTS
def share_of_parameter(*how):
    """Its share; whether that has no graph; then whether the parameter still asks for gradients, and the parameter."""
    p = nn.Parameter(check.normal(6, 12))
    found = share(p, *how)
    return found.detach(), found.grad_fn is None, p.requires_grad, p.detach()

for how, columns in [((1, 1, 2, 3), [2, 3, 6, 7, 10, 11]), ((1, 2, 3), [8, 9, 10, 11])]:
    check.close(lambda: share_of_parameter(*how), (check.normal(6, 12)[:, columns], True, True, check.normal(6, 12)),
        "Of a parameter: [0] its share of the columns; [1] has the share no graph? [2], [3] is p as it was?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-walk", "locked": true, "schema_version": 3, "solution": false, "task": false}
def tp_known(module):
    """The module in float64, with the same numbers on every rank."""
    for seed, p in enumerate(module.double().parameters()):
        p.data = 0.5 * check.normal(*p.shape, seed=seed)
    return module

def tp_walk(rank, n, make, x, g, count=False):
    """What make(rank, n) makes of x[rank], and the gradients of x and the parameters, g[rank] being the output's.

    count: instead (operation, bytes) of what the rank handed to the others meanwhile, ahead and back.
    """
    layer, x = make(rank, n), x[rank].clone().requires_grad_()
    with Traffic() as ahead:
        y = layer(x)
    with Traffic() as back:
        (y * g[rank]).sum().backward()
    found = {name: p.grad for name, p in layer.named_parameters() if p.grad is not None}
    return (ahead.log, back.log) if count else {"output": y.detach(), "x": x.grad} | found

def tp_cut(whole, n, **axes):
    """What each of n ranks should find: its piece along axes[name], all of it where no axis is given."""
    return [{k: v.chunk(n, axes[k])[r] if k in axes else v for k, v in whole.items()} for r in range(n)]

# %% nbgrader={"grade": true, "grade_id": "tensor-parallel-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""One layer on 2 ranks: each finds its share of what the dense layer gives, ahead and back."""
def tp_dense(*_): return tp_known(nn.Linear(6, 4))
def tp_column(rank, n): return ColumnParallelLinear(tp_dense(), rank, n)
def tp_row(rank, n): return RowParallelLinear(tp_dense(), rank, n)

x, g = check.normal(2, 3, 6), check.normal(2, 3, 4, seed=1)
tp_whole = tp_walk(0, 1, tp_dense, [x], [g])
check.close(lambda: distributed.run(tp_walk, 2, tp_column, [x, x], g.chunk(2, -1), timeout_s=30),
    tp_cut(tp_whole, 2, output=-1, weight=0, bias=0),
    "Column-parallel. 'x' is x's gradient, of which a rank knows a part. Does f add them up, on the way back alone?")
check.close(lambda: distributed.run(tp_walk, 2, tp_row, x.chunk(2, -1), [g, g], timeout_s=30),
    tp_cut(tp_whole, 2, x=-1, weight=1),
    "Row-parallel. Is the output the ranks' sum, its gradient left as it is (g), the bias added once, after the sum?")
### BEGIN HIDDEN TESTS
def tp_both(rank, n, linear, x, g):
    """The same for a column-parallel and a row-parallel layer."""
    column = tp_walk(rank, n, lambda *at: ColumnParallelLinear(linear(), *at), [x] * n, g.chunk(n, -1))
    return column, tp_walk(rank, n, lambda *at: RowParallelLinear(linear(), *at), x.chunk(n, -1), [g] * n)

for n, out, into, bias in [(3, 6, 9, True), (2, 8, 4, False)]:
    def tp_linear(*_): return tp_known(nn.Linear(into, out, bias))
    x, g = check.normal(5, into, seed=2), check.normal(5, out, seed=4)
    tp_whole = tp_walk(0, 1, tp_linear, [x], [g])
    check.close(lambda: distributed.run(tp_both, n, tp_linear, x, g, timeout_s=30),
        list(zip(tp_cut(tp_whole, n, output=-1, weight=0, bias=0), tp_cut(tp_whole, n, x=-1, weight=1))),
        f"{n} ranks, x (B, in), bias {bias}: [rank][0] is column-parallel, [1] row-parallel. Is it right for any size?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-dense", "locked": true, "schema_version": 3, "solution": false, "task": false}
class DenseMLP(Block):
    """What ParallelMLP should compute, on one rank."""
    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))

class DenseAttention(Block):
    """What ParallelAttention should compute, on one rank."""
    def forward(self, x):
        q, k, v = (one.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for one in self.qkv(x).chunk(3, -1))
        return self.o_proj(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))

def tp_alone(dense, config, x, g):
    """The oracle: what tp_walk finds on one rank, with all the weights."""
    return tp_walk(0, 1, lambda *_: tp_known(dense(config)), [x], [g])

def tp_shared(kind, n, config, x, g):
    """What each of n ranks finds with its share of a Block; x and g are the same for all."""
    return distributed.run(tp_walk, n, lambda *at: kind(tp_known(Block(config)), *at), [x] * n, [g] * n, timeout_s=30)

# %% nbgrader={"grade": true, "grade_id": "tensor-parallel-test-blocks", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Two layers and what is between them: the dense output and gradients on every rank."""
tp_config, x, g = GPTConfig(d_model=12, n_heads=4), check.normal(2, 3, 12), check.normal(2, 3, 12, seed=1)
tp_whole = tp_alone(DenseMLP, tp_config, x, g)
check.close(lambda: tp_shared(ParallelMLP, 2, tp_config, x, g),
    tp_cut(tp_whole, 2, **{"c_fc.weight": 0, "c_fc.bias": 0, "c_proj.weight": 1}),
    "c_fc, the Block's gelu (the tanh one), c_proj: is that all?")
tp_whole = tp_alone(DenseAttention, tp_config, x, g)
check.close(lambda: [(one["output"], one["x"]) for one in tp_shared(ParallelAttention, 2, tp_config, x, g)],
    [(tp_whole["output"], tp_whole["x"])] * 2,
    "Has a rank n_heads heads of its own, each as wide as in the Block, causal, side by side before o_proj?")
### BEGIN HIDDEN TESTS
for n, C, H, T in [(3, 18, 6, 4), (2, 4, 2, 2)]:
    tp_config, x, g = GPTConfig(d_model=C, n_heads=H), check.normal(1, T, C, seed=5), check.normal(1, T, C, seed=6)
    tp_whole = tp_alone(DenseAttention, tp_config, x, g)
    tp_whole |= {k: v.unflatten(0, (3, n, -1)).transpose(0, 1).flatten(0, 2) for k, v in tp_whole.items() if "qkv" in k}
    check.close(lambda: tp_shared(ParallelAttention, n, tp_config, x, g),
        tp_cut(tp_whole, n, **{"qkv.weight": 0, "qkv.bias": 0, "o_proj.weight": 1}),
        "Attention, other sizes: does each weight get the gradient of its own rows or columns?")
def tp_used(rank, n, mlp, attention):
    """x's gradient, where x goes past both layers too, as in a Block; then what they make of 2 tokens."""
    mlp, attention = (kind(tp_known(Block(tp_config)), rank, n) for kind in (mlp, attention))
    x = check.normal(2, 3, 4).requires_grad_()
    (x + mlp(x) + attention(x)).sum().backward()
    return x.grad, mlp(x[:, :2].detach()).detach(), attention(x[:, :2].detach()).detach()
check.close(lambda: distributed.run(tp_used, 2, ParallelMLP, ParallelAttention, timeout_s=30),
    [tp_used(0, 1, lambda *_: tp_known(DenseMLP(tp_config)), lambda *_: tp_known(DenseAttention(tp_config)))] * 2,
    "[0]: x goes past the layers too. Does f add up what came through its layer alone? [1], [2]: 2 tokens, no grad.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "tensor-parallel-test-cost", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""What a rank hands over, and what it holds."""
def tp_block():
    """A Block, from which each rank takes its share."""
    return tp_known(Block(GPTConfig(d_model=8, n_heads=4)))

def tp_sent(kind, n=2):
    """(operation, bytes) of each rank, ahead and back."""
    x = [check.normal(2, 3, 8)] * n
    return distributed.run(tp_walk, n, lambda *at: kind(tp_block(), *at), x, x, True, timeout_s=30)

one_each_way = [[("all_reduce", 384)], [("all_reduce", 384)]]  # ahead, back: 2 x 3 x 8 numbers of 8 bytes, as x has
check.equal(lambda: tp_sent(ParallelMLP), [one_each_way] * 2,
    "One all-reduce ahead, one back. What else is sent, or is not?")
check.equal(lambda: tp_sent(ParallelAttention), [one_each_way] * 2,
    "One all-reduce of 384 bytes ahead, one back. Are q, k and v one layer, and its f called once?")
### BEGIN HIDDEN TESTS
import gc

def tp_kept(make):
    """Bytes of the tensors that live on when make() is done."""
    gc.freeze()  # from here on gc lists new objects alone
    kept = make()
    found = [one.untyped_storage() for one in gc.get_objects() if issubclass(type(one), torch.Tensor)]
    return sum({one.data_ptr(): one.nbytes() for one in found}.values()) if kept else 0

def tp_held(rank, n): return [tp_kept(lambda: kind(tp_block(), rank, n)) for kind in (ParallelMLP, ParallelAttention)]
for n, mlp, attention in [(2, 2240, 1184), (4, 1152, 624)]:
    check.equal(lambda: distributed.run(tp_held, n, timeout_s=30), [[mlp, attention]] * n,
        f"Bytes that a rank of {n} keeps: 1/{n} of the weights and of the first bias. Is a whole one kept?")
### END HIDDEN TESTS

# %% [markdown]
r"""
### 14 · A pipeline of layers

*7 points · 80 min · Huang et al. 2018, section 2.3; Narayanan et al. 2021, section 2.2*

Rank $r$ of $p$ holds **stage** $r$, some layers. A batch is cut into $m$ **micro-batches**: each goes forward
(F) from stage 0 to $p-1$, then backward (B). Let F and B take one unit of time each. The batch takes $2(m+p-1)$ at best.
A stage waits $2(p-1)$ of them, the **bubble**: a share $(p-1)/(m+p-1)$.

GPipe does every F first, and holds $m$ micro-batches; **1F1B** does B early, and holds few.

<details><summary>A nudge</summary>The last stage of 1F1B does F0 B0 F1 B1 ….</details>
<details><summary>The key step</summary>Stage s does F till p - s are under way, then one after each B.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-pipeline", "locked": true, "schema_version": 3, "solution": false, "task": false}
def timetable(n_stages, n_micro, ahead, back):
    """Every step, sorted by time: ahead(stage, micro) and back(stage, micro) are the times of F and B. A help, no duty."""
    pairs = [(stage, micro) for stage in range(n_stages) for micro in range(n_micro)]
    return sorted((when(*one), one[0], kind, one[1]) for kind, when in (("F", ahead), ("B", back)) for one in pairs)

class Mail:
    """Messages between ranks. dist.send waits until the other receives: two that send to each other wait for ever."""
    def __init__(self):
        self.sent = []

    def send(self, x, to, micro):
        """Start to send tensor x to rank `to`, without waiting; nothing where there is no such rank."""
        if 0 <= to < dist.get_world_size():
            self.sent.append(dist.isend(x.detach().contiguous(), to, tag=micro))

    def receive(self, like, source, micro):
        """Wait for a tensor of like's shape and dtype, which has no graph; None where there is no such rank."""
        if 0 <= source < dist.get_world_size():
            x = torch.empty(like.shape, dtype=like.dtype)
            dist.recv(x, source, tag=micro)
            return x

    def wait(self):
        """Until all that was sent has arrived: before it, no rank may end."""
        for one in self.sent:
            one.wait()

# %% nbgrader={"grade": false, "grade_id": "pipeline", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gpipe(n_stages, n_micro):
    """A list of (time, stage, "F" or "B", micro), whole numbers from 0: every F of a stage before its first B."""
    ### BEGIN SOLUTION
    return timetable(n_stages, n_micro, lambda s, i: s + i, lambda s, i: 2 * n_stages + n_micro - 2 - s + i)
    ### END SOLUTION
def one_f_one_b(n_stages, n_micro):
    """The same in as little time, with at most min(n_stages - stage, n_micro) micro-batches between their F and B."""
    ### BEGIN SOLUTION
    def ahead(s, i): return s + i if s + i < n_stages else s + 2 * i
    return timetable(n_stages, n_micro, ahead, lambda s, i: 2 * (n_stages + i) - 1 - s)
    ### END SOLUTION
def run_pipeline(stages, micro_batches, schedule, loss_fn=F.mse_loss):
    """Called on every rank: rank r does the steps of stage r in schedule, by time, with stages[r], a module. Then .grad
    of its parameters is that of the mean, over micro_batches, a list of (x, target), of loss_fn(last output, target).
    Every activation has its x's shape and dtype, and goes to the next rank in one message, its gradient back in one."""
    ### BEGIN SOLUTION
    rank, mail, kept = dist.get_rank(), Mail(), {}
    for _, _, kind, i in sorted(step for step in schedule if step[1] == rank):
        x, target = micro_batches[i]
        if kind == "F":
            x = x if rank == 0 else mail.receive(x, rank - 1, i).requires_grad_()
            out = stages[rank](x)
            mail.send(out, rank + 1, i)
            kept[i] = x, out if rank < len(stages) - 1 else loss_fn(out, target) / len(micro_batches)
        else:
            x, out = kept.pop(i)
            out.backward(mail.receive(out, rank + 1, i))
            mail.send(x.grad, rank - 1, i)
    mail.wait()
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-plan", "locked": true, "schema_version": 3, "solution": false, "task": false}
def pp_faults(plan, p, m):
    """What is wrong with a schedule of p stages and m micro-batches, in words."""
    when = {(stage, kind, micro): time for time, stage, kind, micro in plan}
    paths = [[(s, "F", i) for s in range(p)] + [(s, "B", i) for s in reversed(range(p))] for i in range(m)]
    faults = [f"{step} is missing" for path in paths for step in path if step not in when]
    faults += [f"{late} comes before {early} has ended" for path in paths for early, late in zip(path, path[1:])
        if when.get(late, 0) <= when.get(early, -1)]
    faults += ["a stage does two steps at once"] * (len({(time, stage) for time, stage, *_ in plan}) < len(plan))
    return faults + [f"there are {len(plan)} steps"] * (len(plan) != 2 * p * m)

def pp_units(plan):
    """How many units of time a schedule takes from 0 on."""
    return 1 + max(time for time, *_ in plan)

def pp_waiting(plan, p):
    """The share of these units in which a stage waits."""
    return 1 - len(plan) / (p * pp_units(plan))

def pp_held(plan, p):
    """The most micro-batches that each stage has between their F and B."""
    now, most = [0] * p, [0] * p
    for _, stage, kind, _ in sorted(plan):
        now[stage] += 1 if kind == "F" else -1
        most[stage] = max(most[stage], now[stage])
    return most

# %% nbgrader={"grade": true, "grade_id": "pipeline-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""GPipe: a schedule that can run, in the least time, every F of a stage before its first B."""
check.equal(lambda: pp_faults(gpipe(2, 3), 2, 3), [], "Down the stages F by F, then up B by B: is a step out of order?")
check.equal(lambda: pp_units(gpipe(2, 3)), 8, "2 stages, 3 micro-batches: 8 units, the first 0, the last 7.")
check.close(lambda: pp_waiting(gpipe(2, 3), 2), 1 / 4, "A stage waits 2 of 8 units, a quarter.")
check.equal(lambda: pp_held(gpipe(2, 3), 2), [3, 3], "GPipe holds all 3: is every F of a stage before its first B?")
### BEGIN HIDDEN TESTS
for p, m in [(1, 1), (1, 4), (4, 8), (3, 2), (5, 1), (4, 4)]:
    check.equal(lambda: pp_faults(gpipe(p, m), p, m), [], f"{p} stages, {m} micro-batches: is the order right?")
    check.equal(lambda: pp_units(gpipe(p, m)), 2 * (m + p - 1),
        f"{p} stages, {m} micro-batches: 2(m + p - 1) units. Does a stage wait too long?")
    check.close(lambda: pp_waiting(gpipe(p, m), p), (p - 1) / (m + p - 1), f"{p} stages, {m} micro-batches: bubble.")
    check.equal(lambda: pp_held(gpipe(p, m), p), [m] * p, f"{p} stages, {m} micro-batches: every F before the first B.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "pipeline-test-1f1b", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""1F1B: as short as GPipe, with fewer micro-batches under way."""
check.equal(lambda: pp_faults(one_f_one_b(2, 3), 2, 3), [],
    "Down the stages F by F, then up B by B: is a step out of order?")
check.equal(lambda: pp_units(one_f_one_b(2, 3)), 8,
    "8 units, as GPipe. The last stage should do F0 B0 F1 B1 F2 B2 without a pause: does it?")
check.that(lambda: pp_held(one_f_one_b(2, 3), 2), lambda held: held[0] <= 2 and held[1] <= 1,
    "Of 2 stages, stage 0 may have 2 micro-batches between F and B, stage 1 one. Does F wait for a B once so many are?")
### BEGIN HIDDEN TESTS
for p, m in [(1, 1), (1, 4), (4, 8), (3, 2), (5, 1), (4, 4), (3, 9), (8, 5)]:
    check.equal(lambda: pp_faults(one_f_one_b(p, m), p, m), [], f"{p} stages, {m} micro-batches: is the order right?")
    check.equal(lambda: pp_units(one_f_one_b(p, m)), 2 * (m + p - 1),
        f"{p} stages, {m} micro-batches: 2(m + p - 1) units. Does a stage wait where it could work?")
    check.that(lambda: pp_held(one_f_one_b(p, m), p), lambda held: all(n <= p - s for s, n in enumerate(held)),
        f"{p} stages: stage s holds p - s at most. Does F wait for a B once so many are under way?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "given-stage", "locked": true, "schema_version": 3, "solution": false, "task": false}
import weakref
class SavedCall:
    """Lives as long as autograd has anything saved of one call of a stage."""

class PipelineStage(nn.Linear):
    """A linear layer, then tanh. steps: "F0", "F1" … when it is called, "B0" … when that call's gradient comes.

    held: the most calls of which autograd had tensors saved at once.
    """
    def __init__(self, width, seed):
        super().__init__(width, width, dtype=torch.float64)
        self.weight.data, self.bias.data = check.normal(width, width, seed=seed), check.normal(width, seed=seed)
        self.steps, self.saved, self.held = [], weakref.WeakSet(), 0

    def forward(self, x):
        call, n = SavedCall(), sum(step[0] == "F" for step in self.steps)
        self.steps.append(f"F{n}")
        with torch.autograd.graph.saved_tensors_hooks(lambda one: (call, one.detach()), lambda box: box[1]):
            y = torch.tanh(super().forward(x))
        y.register_hook(lambda gradient: self.steps.append(f"B{n}"))
        self.saved.add(call)
        self.held = max(self.held, len(self.saved))
        return y

def pp_steps(rows):
    """A schedule from a row of steps for each stage, ".." where it waits."""
    steps = [(time, stage, step) for stage, row in enumerate(rows) for time, step in enumerate(row.split())]
    return [(time, stage, step[0], int(step[1])) for time, stage, step in steps if step != ".."]

# %% nbgrader={"grade": false, "grade_id": "given-pipeline-run", "locked": true, "schema_version": 3, "solution": false, "task": false}
def pp_stages(n, width=2):
    """n stages with known weights, the same on every rank."""
    return [PipelineStage(width, seed) for seed in range(n)]

def pp_rank(rank, n, rows, batches, *loss_fn):
    """What run_pipeline leaves on a rank: gradients; then its steps, calls held, (operation, bytes) of messages."""
    stages = pp_stages(n)
    with Traffic() as traffic:
        run_pipeline(stages, batches, pp_steps(rows), *loss_fn)
    return [p.grad for p in stages[rank].parameters()], [stages[rank].steps, stages[rank].held, sorted(traffic.log)]

def pp_gradients(rows, *given):
    """A rank for each row of the schedule: the gradients of each."""
    return [gradients for gradients, _ in distributed.run(pp_rank, len(rows), rows, *given, timeout_s=30)]

def pp_way(rows, *given):
    """The same: of each rank its steps, the calls it held, its messages."""
    return [way for _, way in distributed.run(pp_rank, len(rows), rows, *given, timeout_s=30)]

def pp_alone(n, batches, loss_fn=F.mse_loss):
    """The oracle: the gradients of each stage, in one process."""
    stages = pp_stages(n)
    torch.stack([loss_fn(nn.Sequential(*stages)(x), target) for x, target in batches]).mean().backward()
    return [[p.grad for p in one.parameters()] for one in stages]

# %% nbgrader={"grade": true, "grade_id": "pipeline-test-run", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Two real processes: one process's gradients, each step in its turn, each activation and gradient sent once."""
pp_data = [(check.normal(4, 2, seed=i), check.normal(4, 2, seed=10 + i)) for i in range(3)]
three_each_way = [("recv", 64)] * 3 + [("send", 64)] * 3  # 4 x 2 numbers of 8 bytes
rows = ["F0 F1 F2 .. .. B0 B1 B2", ".. F0 F1 F2 B0 B1 B2 .."]  # GPipe
check.close(lambda: pp_gradients(rows, pp_data), pp_alone(2, pp_data),
    "GPipe: is the loss a mean? Does each B start from the gradient that came? Does no send wait?")
check.equal(lambda: pp_way(rows, pp_data), [["F0 F1 F2 B0 B1 B2".split(), 3, three_each_way]] * 2,
    "GPipe: are these a rank's steps, the calls it holds, its messages?")
rows = ["F0 F1 .. B0 F2 B1 .. B2", ".. F0 B0 F1 B1 F2 B2 .."]  # 1F1B
check.close(lambda: pp_gradients(rows, pp_data), pp_alone(2, pp_data),
    "1F1B: is the loss a mean? Does each B start from the gradient that came? Does no send wait?")
check.equal(lambda: pp_way(rows, pp_data), [["F0 F1 B0 F2 B1 B2".split(), 2, three_each_way],
    ["F0 B0 F1 B1 F2 B2".split(), 1, three_each_way]],
    "1F1B: are these a rank's steps, the calls it holds, its messages? Does it let go of what a B has used?")
### BEGIN HIDDEN TESTS
rows = ["F0 F1 F2 .. .. B0 .. B1 .. B2", ".. F0 F1 .. B0 F2 B1 .. B2 ..", ".. .. F0 B0 F1 B1 F2 B2 .. .."]
check.close(lambda: pp_gradients(rows, pp_data, F.l1_loss), pp_alone(3, pp_data, F.l1_loss), "3 stages, other loss_fn.")
check.equal(lambda: pp_way(rows, pp_data), [[row.replace("..", "").split(), held, sorted(three_each_way * both)]
    for row, held, both in zip(rows, (3, 2, 1), (1, 2, 1))], "3 stages: is it a message each way for each neighbour?")
check.equal(lambda: pp_way(["F0 F1 B1 B0"], pp_data[:2]), [["F0 F1 B1 B0".split(), 2, []]],
    "B1 before B0: are the steps those of the schedule, whatever their order?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "pipeline-test-run-any", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Micro-batches of 4, 1 and 3 rows, each of which counts a third in the mean."""
pp_uneven = [(check.normal(n, 2, seed=n), check.normal(n, 2, seed=10 + n)) for n in (4, 1, 3)]
pp_plan = ["F0 F1 .. B0 F2 B1 .. B2", ".. F0 B0 F1 B1 F2 B2 .."]
check.close(lambda: pp_gradients(pp_plan, pp_uneven), pp_alone(2, pp_uneven),
    "Has each activation its own x's shape? Is the loss the mean of three, not of 8 rows?")
### BEGIN HIDDEN TESTS
for rows in [["F0 F1 B1 B0"], ["F0 F1 .. .. .. .. B0 B1", ".. .. F1 F0 B1 B0 .. .."]]:
    check.close(lambda: pp_gradients(rows, pp_data[:2]), pp_alone(len(rows), pp_data[:2]),
        " / ".join(rows) + ": one stage, or two with other orders. Does a message say which micro-batch it is?")

def pp_lopsided(y, target):
    """A loss for which the order of its arguments counts."""
    return (2 * y - target).relu().square().mean()
def pp_second(rank, n, rows, batches, loss_fn):
    """A second call, with the steps in no order: gradients; are schedule, batches and weights as they were?"""
    run_pipeline(pp_stages(n), batches[:2], [step for step in pp_steps(rows) if step[-1] < 2])
    stages, plan, before = pp_stages(n), pp_steps(rows)[::-1], pp_stages(n)[rank].state_dict()
    run_pipeline(stages, batches, plan, loss_fn)
    kept = [plan == pp_steps(rows)[::-1], not any(one.requires_grad for pair in batches for one in pair)]
    kept += [all(p.equal(before[name]) for name, p in stages[rank].named_parameters())]
    return [p.grad for p in stages[rank].parameters()], kept
check.close(lambda: distributed.run(pp_second, 2, pp_plan, pp_uneven, pp_lopsided, timeout_s=30),
    [(gradients, [True] * 3) for gradients in pp_alone(2, pp_uneven, pp_lopsided)],
    "Steps are done by time, however listed; loss_fn(output, target). Is anything left from a first call? "
    "[rank][1]: are the schedule, the micro-batches and the weights as they were?")
### END HIDDEN TESTS

# %% [markdown]
r"""
Eight micro-batches in four stages. **Look for** the bubble, the white: each stage waits 6 of 22 units in both.
What differs is how many micro-batches are between F and B: in GPipe up to 8 on every stage; in 1F1B up to 4 on the
first, 1 on the last.

Then your pipeline in four real processes, whose layers sleep 40 ms for each step: the boxes begin where the steps
really began. Messages, and a busy machine, push them apart.
"""

# %% tags=["explore"]
import time

class SlowStage(nn.Linear):
    """A layer that sleeps a unit for each F and B, and notes when it began."""
    def forward(self, x):
        n = sum(kind == "F" for _, kind, _ in self.log)
        self.note("F", n)
        y = super().forward(x)
        y.register_hook(lambda gradient: self.note("B", n))
        return y

    def note(self, *step):
        self.log.append((time.perf_counter(), *step))
        time.sleep(0.04)

def pp_real(rank, n, schedule):
    stages = [SlowStage(4, 4) for _ in range(n)]
    stages[rank].log = []
    run_pipeline(stages, [(torch.ones(2, 4), torch.ones(2, 4))] * 8, schedule)
    return stages[rank].log

plans = {"GPipe": gpipe(4, 8), "1F1B": one_f_one_b(4, 8)}
logs = distributed.run(pp_real, 4, plans["1F1B"])
begin = min(log[0][0] for log in logs)
plans["1F1B, measured"] = [((at - begin) / 0.04, s, kind, n) for s, log in enumerate(logs) for at, kind, n in log]
for ax, (title, plan) in zip(plot.grid(3, 1, width=8, height=1.9), plans.items()):
    plot.gantt(plan, title=title, ax=ax)

# %% [markdown]
r"""
### 15 · Accelerate

*2 points · core · 10 min · Hugging Face Accelerate's documentation: Quicktour; Checkpointing; Gradient accumulation*

For exercises 7 and 11 there are libraries. With Accelerate an ordinary loop runs in one process or many:

- `prepare(…)` wraps the model in `DistributedDataParallel` and gives each process every $n$-th batch of a loader;
- `accumulate(model)`, round each micro-batch: `backward` divides the loss; every $k$-th time gradients are sent, and
  `step` and `zero_grad` do something;
- `gather_for_metrics(x)`: all processes' rows, without those repeated to fill the last batch;
- `save_state`, `load_state`: weights, optimizer, random generators.

<details><summary>A nudge</summary><code>Accelerator</code> takes <code>cpu</code> and
<code>gradient_accumulation_steps</code>.</details>
<details><summary>The key step</summary>Gather each example's error, not a batch's mean; then take one mean.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-accelerate", "locked": true, "schema_version": 3, "solution": false, "task": false}
import tempfile
from accelerate import Accelerator
from accelerate.state import AcceleratorState, GradientState
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

os.environ.setdefault("OMP_NUM_THREADS", "1")  # else Accelerate chooses a number of threads for each process, and warns

def task():
    """A regression: model, optimizer, loader of 48 examples, loader of 13 held out; batches of x (4, 3), y (4, 1)."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1)).double()
    x = torch.randn(61, 3, dtype=torch.float64)
    examples = TensorDataset(x, x.square().sum(1, keepdim=True))
    train_on, held_out = torch.utils.data.random_split(examples, [48, 13])
    return model, torch.optim.AdamW(model.parameters(), lr=0.05), DataLoader(train_on, 4), DataLoader(held_out, 4)

# %% nbgrader={"grade": false, "grade_id": "accelerate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(folder, epochs=1, resume=False, accumulate=2, cpu=True):
    """Train task()'s model by mean squared error in all processes that call this, save the state in `folder`; return
    the mean squared error of the 13 examples held out, a float.

    Each process reads batches of its own, held-out ones too; a step takes `accumulate` from each, and sends gradients
    once. resume: load what `folder` holds, then train `epochs` more. cpu: take no GPU. Use torch,
    nn, F and Accelerator alone: below it becomes a program.
    """
    ### BEGIN SOLUTION
    accelerator = Accelerator(cpu=cpu, gradient_accumulation_steps=accumulate)
    model, optimizer, train_on, held_out = accelerator.prepare(*task())
    if resume:
        accelerator.load_state(folder)
    for _ in range(epochs):
        for x, y in train_on:
            with accelerator.accumulate(model):
                accelerator.backward(F.mse_loss(model(x), y))
                optimizer.step()
                optimizer.zero_grad()
    accelerator.save_state(folder)
    with torch.no_grad():
        errors = [accelerator.gather_for_metrics((model(x) - y) ** 2) for x, y in held_out]
    return torch.cat(errors).mean().item()
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-accelerate-runs", "locked": true, "schema_version": 3, "solution": false, "task": false}
def train_rank(rank, world_size, folder, *how):
    """What train(folder, *how) returns; how often it sent the gradient, 41 numbers; how many rows its model read."""
    AcceleratorState._reset_state(True)  # a fork of a notebook that has tried Accelerate would think itself alone
    GradientState._reset_state()
    rows = []

    def note(module, given, out):
        """Called after each forward pass of a module. The model has one nn.Tanh."""
        if isinstance(module, nn.Tanh):
            rows.append(len(out))

    hook = nn.modules.module.register_module_forward_hook(note)
    with Traffic() as traffic:
        found = train(folder, *how)
    hook.remove()
    return found, traffic.log.count(("all_reduce", 41 * 8)), sum(rows)

def train_runs(n, *hows):
    """One run after another, each in n new processes, all with one folder: of each, what its ranks give."""
    with tempfile.TemporaryDirectory() as folder:
        return [distributed.run(train_rank, n, folder, *how, timeout_s=60, backend="gloo") for how in hows]

# %% nbgrader={"grade": true, "grade_id": "accelerate-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Two processes, two batches of 4 each a step: as one plain loop with batches of 16, in 3 steps."""
def plain_loop(*phases):
    """The oracle: one process, no Accelerate; phases of (epochs, examples a step)."""
    model, optimizer, train_on, held_out = task()
    for epochs, size in phases:
        for x, y in [*DataLoader(train_on.dataset, size)] * epochs:
            F.mse_loss(model(x), y).backward()
            optimizer.step()
            optimizer.zero_grad()
    return sum(((model(x) - y) ** 2).sum() for x, y in held_out).item() / 13

check.close(lambda: train_runs(2, [1])[0], [(plain_loop((1, 16)), 3, 24 + 8)] * 2,
    "Of each process: error; how often gradients were sent; rows read, half of 48 and two batches held out. Are all 13 "
    "errors gathered before one mean is taken? Is each micro-batch inside accumulate(model), and zero_grad after step? "
    "Too many rows: is every loader prepared?")
### BEGIN HIDDEN TESTS
check.close(lambda: train_runs(3, [2, False, 1])[0], [(plain_loop((2, 12)), 8, 32 + 8)] * 3,
    "Three processes, 2 epochs, accumulate=1: error, gradients sent, rows. Do `epochs` and `accumulate` count?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "accelerate-test-resume", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""A run of one epoch, and one in new processes that resumes, end where two epochs at a stretch do."""
check.close(lambda: [run[0][0] for run in train_runs(2, [1], [1, True])], [plain_loop((1, 16)), plain_loop((2, 16))],
    "The errors of both runs: is the state saved after training, and loaded after prepare? "
    "AdamW's averages belong to it: save_state has them.")
### BEGIN HIDDEN TESTS
import shutil

def train_copied(n):
    """Errors after an epoch in a folder; two, begun anew, in a copy of it; two more in the first, with accumulate=3."""
    def error(*given):
        return distributed.run(train_rank, n, *given, timeout_s=60, backend="gloo")[1][0]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as copy:
        first = error(folder, 1)
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        return first, error(copy, 2), error(folder, 2, True, 3)

check.close(lambda: train_copied(2), (plain_loop((1, 16)), plain_loop((2, 16)), plain_loop((1, 16), (2, 24))),
    "One epoch; in a copy of its folder two, without resume: do they begin anew? In the first folder two more, with "
    "accumulate=3: do they go on from what that folder holds?")
### END HIDDEN TESTS

# %% [markdown]
r"""
As a program, `train` stands in a file, and a launcher starts it once for each process: `accelerate launch` where there are
GPUs. On a CPU that command starts one process, whatever `--num_processes` says, and tells nobody; `torchrun` starts as many
as you ask. **Look for** two lines with the same error, and what the folder holds.

Then: six programs, each with a fault that people meet. The cell with `chosen = "deadlock"` runs one; a rank that waits
for ever is ended within seconds. **Look for** who waits where; then choose another, and say what is wrong before you mend it.
"""

# %% tags=["explore", "gpu"]
import inspect
import subprocess
import sys

train_program = f"""import os, tempfile, torch
from torch import nn
from torch.nn import functional as F
from accelerate import Accelerator
from torch.utils.data import DataLoader, TensorDataset

{inspect.getsource(task)}
{inspect.getsource(train)}
if __name__ == "__main__":
    error = train("state", epochs=20, cpu={not device.has_gpu()})
    print(f"process {{os.environ.get('RANK', 0)}} of {{os.environ.get('WORLD_SIZE', 1)}}: {{error:.4f}}\\n", end="")
    torch.distributed.is_initialized() and torch.distributed.destroy_process_group()
"""
if device.has_gpu():
    launch_by, launch_env = ["accelerate.commands.launch", "--num_processes", str(torch.cuda.device_count())], {}
else:
    launch_by = ["torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    launch_env = {"ACCELERATE_USE_CPU": "true"}
with tempfile.TemporaryDirectory() as folder:
    open(f"{folder}/train.py", "w").write(train_program)
    try:
        ended = subprocess.run([sys.executable, "-m", *launch_by, "train.py"], cwd=folder, env=os.environ | launch_env,
            capture_output=True, text=True, timeout=180)
        print(ended.stderr[-2000:] if ended.returncode else f"{ended.stdout}{sorted(os.listdir(f'{folder}/state'))}")
    except subprocess.TimeoutExpired:
        print("After 180 s it was not done, and was ended.")

# %% nbgrader={"grade": false, "grade_id": "given-broken", "locked": true, "schema_version": 3, "solution": false, "task": false}
def on_ranks(function, *shares):
    """A process for each share: function(rank, world_size, *share) in each; their results by rank."""
    call = lambda rank, world_size: function(rank, world_size, *shares[rank])
    return distributed.run(call, len(shares), timeout_s=30, backend="gloo")

def broken_deadlock(rank, world_size, loss):
    """The mean of the ranks' losses, which rank 0 is to print."""
    if rank == 0:
        total = loss.clone()
        dist.all_reduce(total)
        return total.item() / world_size

def broken_same_data(rank, world_size, n_examples, batch_size, seed):
    """This rank's batches of one epoch: lists of places in the data."""
    order = torch.randperm(n_examples, generator=torch.Generator().manual_seed(seed)).tolist()
    return [order[i : i + batch_size] for i in range(0, n_examples, batch_size)]

def broken_log_mean(rank, world_size, losses):
    """The mean loss of all ranks' tokens."""
    mean = losses.mean()
    dist.all_reduce(mean)
    return mean.item() / world_size

# %% nbgrader={"grade": false, "grade_id": "given-broken-more", "locked": true, "schema_version": 3, "solution": false, "task": false}
def broken_batch_norm(rank, world_size, x, eps=1e-5):
    """This rank's rows x (B, D), each column normalized as in training."""
    return (x - x.mean(0)) / (x.var(0, unbiased=False) + eps).sqrt()

def broken_resume(rank, world_size, examples, batch_size, checkpoint):
    """The batches that this rank has still to read in the epoch in which it stopped."""
    sampler = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    return list(DataLoader(examples, batch_size, sampler=sampler))

def broken_no_sync(rank, world_size, module, micro_batches):
    """The gradients of the mean loss of all ranks' micro-batches."""
    model = nn.parallel.DistributedDataParallel(module)
    for x, y in micro_batches:
        (F.mse_loss(model(x), y) / len(micro_batches)).backward()
    return [p.grad for p in module.parameters()]

def with_count(rank, world_size, function, *args):
    """What function gives, and how often it called all_reduce."""
    with Traffic() as traffic:
        return function(rank, world_size, *args), traffic.calls["all_reduce"]

# %% tags=["explore"]
broken_runs = {
    "deadlock": (broken_deadlock, (torch.tensor(1.0),), (torch.tensor(3.0),)),
    "same-data": (broken_same_data, *[(8, 2, 0)] * 2),
    "log-mean": (broken_log_mean, (torch.tensor([5.0]),), (torch.tensor([1.0, 1.0, 1.0]),)),
    "batch-norm": (broken_batch_norm, (torch.tensor([[0.0], [2.0]]),), (torch.tensor([[4.0], [6.0]]),)),
    "resume": (broken_resume, *[(torch.arange(8), 1, {"seed": 0, "epoch": 1, "step": 2})] * 2),
    "no-sync": (with_count, *[(broken_no_sync, nn.Linear(1, 1), [(torch.ones(1, 1), torch.ones(1, 1))] * 4)] * 2)}
chosen = "deadlock"
try:
    print(*on_ranks(*broken_runs[chosen]), sep="\n")
except distributed.RanksFailed as told:
    print(told)

# %% [markdown]
r"""
#### Six programs, six faults

*1 point · core · 3 min each: `fixed_deadlock`, `fixed_same_data`, `fixed_resume`*

*1 point · core · 2 min each: `fixed_log_mean`, `fixed_batch_norm`, `fixed_no_sync`*

What one sees when they run:

- `broken_deadlock`: nothing, for ever.
- `broken_same_data`: on two machines an epoch takes as many steps as on one.
- `broken_log_mean`: a plausible curve that is not the loss; with no token on a rank, nan.
- `broken_batch_norm`: with the same joint batch, more ranks give another loss.
- `broken_resume`: examples are read twice, others never.
- `broken_no_sync`: right gradients, sent with each micro-batch. `with model.no_sync():` round a forward and a backward
  pass keeps them at home, to be sent with a later one's.
"""

# %% nbgrader={"grade": false, "grade_id": "accelerate-deadlock", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fixed_deadlock(rank, world_size, loss):
    """The mean of the ranks' losses (each a 0-dim tensor, left as it is): a float on rank 0, None on the others."""
    ### BEGIN SOLUTION
    total = loss.clone()
    dist.all_reduce(total)
    return total.item() / world_size if rank == 0 else None
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "accelerate-deadlock-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Losses 1, 2 and 6 on three ranks: rank 0 has 3, the others have nothing to print."""
check.equal(lambda: on_ranks(fixed_deadlock, *[(torch.tensor(x),) for x in (1.0, 2.0, 6.0)]), [3.0, None, None],
    "A collective ends only when every rank has called it: do all of them, though rank 0 alone has use for the result?")
### BEGIN HIDDEN TESTS
def mean_and_loss(rank, world_size, loss):
    """What fixed_deadlock gives (0 for None), and the loss after it."""
    return fixed_deadlock(rank, world_size, loss) or 0.0, loss
check.close(lambda: on_ranks(mean_and_loss, *[(x,) for x in check.normal(4)]),
    [(check.normal(4).mean().item() * (rank == 0), x) for rank, x in enumerate(check.normal(4))],
    "Four ranks, of each the result (0 for None) and its loss afterwards: is the sum divided by world_size, on rank 0? "
    "all_reduce works in place: did it get a copy?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "accelerate-same-data", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fixed_same_data(rank, world_size, n_examples, batch_size, seed):
    """This rank's batches of one epoch: lists of places in the data, 0 to n_examples - 1 (a multiple of world_size).

    Each place is in one batch of one rank; ranks have equally many; a last batch may be short. seed: of the order.
    """
    ### BEGIN SOLUTION
    shuffled = torch.randperm(n_examples, generator=torch.Generator().manual_seed(seed))
    share = shuffled[rank::world_size].tolist()
    return [share[i : i + batch_size] for i in range(0, len(share), batch_size)]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "accelerate-same-data-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Three ranks, 12 places: together they read each once, 4 each, in batches of 2."""
def read_places(n, *how):
    """All places that the n ranks read, sorted; of each rank, the sizes of its batches."""
    ranks = on_ranks(fixed_same_data, *[how] * n)
    found = sorted(int(i) for share in ranks for batch in share for i in batch)
    return found, [[len(batch) for batch in share] for share in ranks]

check.equal(lambda: read_places(3, 12, 2, 0), (list(range(12)), [[2, 2]] * 3),
    "All places that were read, and the sizes of each rank's batches: do all shuffle with the same seed, and does each "
    "then take a part of its own, as long as the others'?")
### BEGIN HIDDEN TESTS
check.equal(lambda: read_places(4, 20, 3, 7), (list(range(20)), [[3, 2]] * 4),
    "20 places, 4 ranks, batches of 3: is each place read once, and the short last batch kept?")
def two_seeds(rank, world_size):
    """One rank's places in the order of its reading, with seed 0, then with seed 1."""
    return [[int(i) for batch in fixed_same_data(rank, world_size, 40, 4, seed) for i in batch] for seed in (0, 1)]
check.that(lambda: on_ranks(two_seeds, ())[0], lambda two: two[0] != two[1], "Does another `seed` give another order?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "accelerate-log-mean", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fixed_log_mean(rank, world_size, losses):
    """The mean loss of all ranks' tokens, a float on every rank; losses (n,), n differs, and may be 0 on some."""
    ### BEGIN SOLUTION
    both = torch.stack([losses.sum(), losses.new_tensor(len(losses))])
    dist.all_reduce(both)
    return (both[0] / both[1]).item()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "accelerate-log-mean-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""One token with loss 5, three with loss 1: the mean of the four is 2."""
check.close(lambda: on_ranks(fixed_log_mean, (torch.tensor([5.0]),), (torch.tensor([1.0, 1.0, 1.0]),)), [2.0, 2.0],
    "A rank with 3 tokens counts 3 times: are losses summed over ranks, and tokens counted, before one division?")
### BEGIN HIDDEN TESTS
check.close(lambda: on_ranks(fixed_log_mean, *[(part,) for part in check.normal(9).split([2, 0, 7])]),
    [check.normal(9).mean()] * 3,
    "2, 0 and 7 tokens: a rank without any adds nothing. Is its mean, which is nan, left out?")
check.close(lambda: on_ranks(fixed_log_mean, *[(part.relu(),) for part in check.normal(500).split([100, 400])]),
    [check.normal(500).relu().mean()] * 2, "100 and 400 tokens, half of them with loss 0, which are tokens too.")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "accelerate-batch-norm", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fixed_batch_norm(rank, world_size, x, eps=1e-5):
    """This rank's rows x (B, D), each column normalized by mean and variance (the biased one) of all ranks' rows.

    B is the same on every rank. No gradient is asked for.
    """
    ### BEGIN SOLUTION
    moments = torch.stack([x.mean(0), x.square().mean(0)])
    dist.all_reduce(moments)
    mean, square = moments / world_size
    return (x - mean) / (square - mean**2 + eps).sqrt()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "accelerate-batch-norm-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Rows 0 and 2 on one rank, 4 and 6 on the other: mean 3, variance 5."""
norm_rows = torch.tensor([[[0.0], [2.0]], [[4.0], [6.0]]])
check.close(lambda: on_ranks(fixed_batch_norm, *[(x,) for x in norm_rows]), list((norm_rows - 3) / 5**0.5),
    "Is the variance about the joint mean? The mean of the ranks' variances, 1, lacks what lies between the ranks.")
### BEGIN HIDDEN TESTS
def norm_and_rows(rank, world_size, x, eps):
    """What fixed_batch_norm gives, and the rows after it."""
    return fixed_batch_norm(rank, world_size, x, eps), x
normed = F.batch_norm(check.normal(3, 4, 2).flatten(0, 1), None, None, training=True, eps=0.5).split(4)
check.close(lambda: on_ranks(norm_and_rows, *[(x, 0.5) for x in check.normal(3, 4, 2)]),
    list(zip(normed, check.normal(3, 4, 2))),
    "Three ranks, two columns, eps = 0.5: each column by its own mean and variance of 12 rows, eps inside the root? "
    "[rank][1] are the rows, as they were?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "accelerate-resume", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fixed_resume(rank, world_size, examples, batch_size, checkpoint):
    """The batches (a list) that this rank has still to read in the epoch in which it stopped; may be none.

    examples: a tensor (N,), N a multiple of world_size. checkpoint: a dict; "seed" and "epoch" fix DistributedSampler's
    order; "step": how many batches were read.
    """
    ### BEGIN SOLUTION
    order = DistributedSampler(examples, world_size, rank, seed=checkpoint["seed"])
    order.set_epoch(checkpoint["epoch"])
    return list(DataLoader(examples, batch_size, sampler=order))[checkpoint["step"] :]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "accelerate-resume-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Two ranks stopped in epoch 1 after 2 batches of 2: they go on with the third, as if nothing had been."""
def rest_of_epoch(rank, world_size, examples, size, seed, epoch, step):
    """The oracle: DistributedSampler's order is that of a generator with seed + epoch; a rank takes every n-th."""
    order = torch.randperm(len(examples), generator=torch.Generator().manual_seed(seed + epoch))
    return list(examples[order[rank::world_size]].split(size)[step:])

stopped_at = {"seed": 0, "epoch": 1, "step": 2}
check.close(lambda: on_ranks(fixed_resume, *[(torch.arange(12), 2, stopped_at)] * 2),
    [rest_of_epoch(rank, 2, torch.arange(12), 2, 0, 1, 2) for rank in range(2)],
    "Does the sampler know the epoch (set_epoch), and are the batches already read left out?")
### BEGIN HIDDEN TESTS
check.close(lambda: on_ranks(fixed_resume, *[(10 + torch.arange(21), 3, {"seed": 5, "epoch": 3, "step": 1})] * 3),
    [rest_of_epoch(rank, 3, 10 + torch.arange(21), 3, 5, 3, 1) for rank in range(3)],
    "Another seed, epoch and step: do all three count?")
def resume_at_end(rank, world_size, checkpoint):
    """How many batches are left after the last; the checkpoint after that."""
    return len(fixed_resume(rank, world_size, torch.arange(8), 2, checkpoint)), checkpoint
check.equal(lambda: on_ranks(resume_at_end, *[({"seed": 0, "epoch": 2, "step": 2},)] * 2),
    [(0, {"seed": 0, "epoch": 2, "step": 2})] * 2, "All batches were read: none is left. Is the checkpoint as it was?")
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "accelerate-no-sync", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fixed_no_sync(rank, world_size, module, micro_batches):
    """The gradients (a list, in the order of module.parameters()) of the mean loss of all ranks' micro-batches, a list
    of (x, y), equally many and equally long on each rank; F.mse_loss. One all_reduce in all."""
    ### BEGIN SOLUTION
    wrapped = nn.parallel.DistributedDataParallel(module)
    with wrapped.no_sync():
        for x, y in micro_batches[:-1]:
            F.mse_loss(wrapped(x), y).div(len(micro_batches)).backward()
    x, y = micro_batches[-1]
    F.mse_loss(wrapped(x), y).div(len(micro_batches)).backward()
    return [one.grad for one in module.parameters()]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "accelerate-no-sync-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""The gradients of a small linear layer on ranks with several micro-batches of 3, and how often they were sent."""
def small_layer():
    """nn.Linear(4, 2) with known weights."""
    made = nn.Linear(4, 2).double()
    nn.utils.vector_to_parameters(check.normal(10), made.parameters())
    return made

def sync_counts(ranks, micro):
    """Of each rank: gradients, and the number of all_reduce."""
    x, y = check.normal(ranks, micro, 3, 4), check.normal(ranks, micro, 3, 2)
    return on_ranks(with_count, *[(fixed_no_sync, small_layer(), list(zip(x[rank], y[rank]))) for rank in range(ranks)])

def joint_gradients(ranks, micro):
    """The oracle: the joint batch in one process."""
    x, y, made = check.normal(ranks, micro, 3, 4), check.normal(ranks, micro, 3, 2), small_layer()
    return list(torch.autograd.grad(F.mse_loss(made(x), y), list(made.parameters())))

check.close(lambda: sync_counts(2, 4), [(joint_gradients(2, 4), 1)] * 2,
    "Of each rank: gradients, then the number of all_reduce. Does each micro-batch's loss count 1/4? Are forward and "
    "backward pass of all but the last inside no_sync()?")
### BEGIN HIDDEN TESTS
for micro in (1, 2):
    check.close(lambda: sync_counts(3, micro), [(joint_gradients(3, micro), 1)] * 3,
        f"Three ranks, {micro} of each, of which the last is sent: the joint batch's gradients, by one all_reduce?")
def batches_left(rank, world_size, module, micro_batches):
    """How many micro-batches are in the list after fixed_no_sync."""
    fixed_no_sync(rank, world_size, module, micro_batches)
    return len(micro_batches)
check.equal(lambda: on_ranks(batches_left, (small_layer(), [(check.normal(3, 4), check.normal(3, 2))] * 2)), [2],
    "Is the list of micro-batches as long as it was?")
### END HIDDEN TESTS

# %% [markdown]
r"""
### 16 · What fits, and how fast

*4 points · 50 min · Chowdhery et al. 2022, section 4.1; Narayanan et al. 2021, section 5.1*

**Model FLOPs utilization** is $6ND$ over what the machine's fastest matrix product would do in the same time: 40 to 60 %
is good on a GPU. Work done twice does not count.

The batch size is yours to choose: too small, and the machine waits; too large, and PyTorch raises
`torch.OutOfMemoryError`. It can be caught, but while something holds the error, its traceback holds the failed step's
tensors.

<details><summary>A nudge</summary>Double while it fits, then bisect between the last that did and the first that did
not.</details>
<details><summary>The key step</summary>Leave the <code>except</code> block before you try again.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "sweep", "locked": false, "schema_version": 3, "solution": true, "task": false}
def mfu(n_params, tokens_per_s, peak_flops):
    """Model FLOPs utilization, a share of 1, by 6 operations for each parameter and token; peak_flops: a second."""
    ### BEGIN SOLUTION
    return 6 * n_params * tokens_per_s / peak_flops
    ### END SOLUTION

def largest_batch(step, start=1):
    """The most rows that fit: step(rows) runs, or raises torch.OutOfMemoryError; 0 if it does so at `start` already.

    rows doubles from start until it does not fit, then the gap is halved: to find n takes 2 log2(n) + 2 calls at most.
    Other errors go through. When step is called again, nothing holds what belonged to a call that failed.
    """
    ### BEGIN SOLUTION
    def fits(rows):
        try:
            step(rows)
        except torch.OutOfMemoryError:
            return False
        return True
    fine, rows = 0, start
    while fits(rows):
        fine, rows = rows, 2 * rows
    while fine and rows - fine > 1:
        middle = (fine + rows) // 2
        fine, rows = (middle, rows) if fits(middle) else (fine, middle)
    return fine
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-rooms", "locked": true, "schema_version": 3, "solution": false, "task": false}
import weakref

class Taken:
    """Stands for a step's tensors."""

def room_for(most, start=1):
    """Where `most` rows fit: the rows your largest_batch finds, its calls, and what it held of failed steps later."""
    asked, failed, held = [], [], []

    def step(rows):
        """Takes memory, and fails where that is too much."""
        held.append(sum(thing() is not None for thing in failed))
        mine = Taken()
        asked.append(rows)
        if rows > most:
            failed.append(weakref.ref(mine))
            raise torch.OutOfMemoryError("no room")
    found = largest_batch(step, start)
    return {"rows": found, "calls": len(asked), "held": sum(held)}

def broken(rows):
    """A step that fails for other reasons: ValueError with one row, RuntimeError with more."""
    raise ValueError("not memory") if rows == 1 else RuntimeError("not memory")

# %% nbgrader={"grade": true, "grade_id": "sweep-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A utilization from a paper, and memory for so many rows."""
check.close(lambda: mfu(540.35e9, 238.3e3, 6144 * 275e12), 0.457,
    "PaLM: 238,300 tokens a second on 6,144 chips of 275e12 operations each are 45.7 %.", atol=5e-4, rtol=0)
check.equal(lambda: [room_for(most)["rows"] for most in (1, 3, 11)], [1, 3, 11],
    "1, 3, 11 rows fit: not powers of 2 alone.")
check.equal(lambda: room_for(0)["rows"], 0, "Not even the first batch fits: 0.")
check.that(lambda: room_for(1000)["calls"], lambda count: count <= 21,
    "1000 rows take 21 calls at most: double, then halve the gap.")
### BEGIN HIDDEN TESTS
rooms = [(127, 1), (128, 1), (61, 4), (4, 4), (3, 4), (5000, 40)]
check.equal(lambda: [room_for(most, start)["rows"] for most, start in rooms], [127, 128, 61, 4, 0, 5000],
    "Other sizes and starts: is it exactly the most that fit?")
check.that(lambda: [room_for(most)["calls"] for most in (1, 2, 1024)],
    lambda counts: counts[0] <= 2 and counts[1] <= 4 and counts[2] <= 22,
    "1, 2, 1024 rows take 2, 4, 22 calls at most: 2 log2(n) + 2. Is a size tried twice?")
check.close(lambda: mfu(1.3e9, 2123.0, 1e14), 6 * 1.3e9 * 2123.0 / 1e14, "6 · 1.3e9 · 2123 / 1e14, all digits.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sweep-test-recover", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""What a failed step took is free again before the next; other errors are not swallowed."""
check.equal(lambda: room_for(5)["held"], 0,
    "An earlier step's tensors are alive at the next: is step called inside the except block, or the error kept?")
check.raises(lambda: largest_batch(broken), ValueError, "A ValueError is no lack of memory: does it go through?")
### BEGIN HIDDEN TESTS
check.raises(lambda: largest_batch(broken, 2), RuntimeError, "A RuntimeError that is no OutOfMemoryError goes through.")
check.equal(lambda: room_for(37)["held"], 0, "Another size: is anything of a failed step held at the next?")
### END HIDDEN TESTS

# %% [markdown]
r"""
Four ways to train one model: float32; bfloat16 by autocast, with weights kept in float32; the same with blocks computed
again in the backward pass; bfloat16 in four parts. Your `largest_batch` finds what fits. On a CPU, which would slow the whole machine first, a limit stands for a card's memory:
the bytes of all tensors alive are counted, and the same error is raised.

**Look for** how many more rows bfloat16, checkpointing and four parts allow, and what each costs in tokens per second.
bfloat16 is faster where the hardware has units for it, and only there. With two or more GPUs, `torchrun` then trains on
all of them.
"""

# %% tags=["explore", "gpu"]
class Again(nn.Sequential):
    """Blocks that keep their input alone, and compute the rest again in the backward pass."""

    def forward(self, x):
        for block in self:
            x = compute_again(block, x, use_reentrant=False)
        return x

def timed_step(model, optimizer, ids, parts=1, precision=torch.float32):
    """An optimizer step on ids (B, T + 1) in so many parts, each a forward pass in `precision` and a backward pass."""
    for some in ids.chunk(parts):
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=precision == torch.bfloat16):
            loss = model(some[:, :-1], some[:, 1:])[1] * len(some) / len(ids)
        loss.backward()
    optimizer.step()
    optimizer.zero_grad()

# %% tags=["explore", "gpu"]
from course import sweep

sweep_config = GPTConfig(*device.size((50257, 1024, 12, 12, 768), (256, 64, 2, 4, 128)))
card_bytes, half = None if device.has_gpu() else 24 * 2**20, {"precision": torch.bfloat16}
ways = {"float32": {}, "bfloat16": half, "bfloat16, blocks again": half, "bfloat16, 4 parts": half | {"parts": 4}}
fastest = max(sweep.matmul_flops(precision) for precision in (torch.float32, torch.bfloat16))

def until_full(way, how):
    """Steps of ever more rows, measured."""
    model, found = GPT(sweep_config).to(device.get()), []
    model.blocks = Again(*model.blocks) if "again" in way else model.blocks
    optimizer, n_params = torch.optim.AdamW(model.parameters()), sum(p.numel() for p in model.parameters())
    def one(rows):
        sweep.recover(optimizer)
        ids = torch.randint(sweep_config.vocab_size, (rows, sweep_config.context + 1), device=device.get())
        step, tokens = lambda: timed_step(model, optimizer, ids, **how), rows * sweep_config.context
        found.append(sweep.measure(step, rows, tokens, n_params, fastest, card_bytes))
    print(f"{way}: {largest_batch(one, 2)} rows fit")
    return sorted(found, key=lambda at: at.rows)

swept = {way: until_full(way, how) for way, how in ways.items()}
sweep.figure(swept, card_bytes);

# %% tags=["explore", "gpu"]
sweep_program = f"""
dist.init_process_group("nccl" if device.has_gpu() else "gloo")
here = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if device.has_gpu() else torch.device("cpu")
if device.has_gpu(): torch.cuda.set_device(here)
model = nn.parallel.DistributedDataParallel(GPT({sweep_config}).to(here))
optimizer = torch.optim.AdamW(model.parameters())
ids = torch.randint({sweep_config.vocab_size}, (8, {sweep_config.context} + 1), device=here)
n_params, peak = sum(p.numel() for p in model.parameters()), sweep.matmul_flops(torch.bfloat16)
step = lambda: timed_step(model, optimizer, ids, 1, torch.bfloat16)
found = sweep.measure(step, 8, ids[:, 1:].numel(), n_params, peak)
print(f"rank {{dist.get_rank()}}: {{found.tokens_per_s:,.0f}} tokens/s, MFU {{found.mfu:.0%}}\\n", end="")
dist.destroy_process_group()
"""
if device.has_gpu() and torch.cuda.device_count() > 1:
    print(sweep.torchrun([Block.forward, GPT.forward, timed_step], sweep_program, torch.cuda.device_count()))
else:
    print("This needs two GPUs.")

# %% [markdown]
r"""
## What you can do now

You can say what a model will cost before it is trained, fit the laws that tell how large it should be, and read a paper's
claim about them with a table of runs of your own. You have written what makes many machines train one model, checked that
each part gives the numbers of one process, and counted what it sends and keeps.

The picture of the whole: **memory is shared out, work is shared out, and every share must be paid for in messages**. The
next notebook keeps the model's size, and changes what it wants to say.
"""

# %% [markdown]
r"""
## Where to go deeper

- Kaplan et al. 2020, [Scaling Laws](https://arxiv.org/abs/2001.08361); Hoffmann et al. 2022,
  [Chinchilla](https://arxiv.org/abs/2203.15556); Sardana et al. 2023,
  [Beyond Chinchilla-Optimal](https://arxiv.org/abs/2401.00448): what serving changes.
- Pearce and Song 2024, [Reconciling Kaplan and Chinchilla](https://arxiv.org/abs/2406.12907): the gap, explained.
- Li et al. 2020, [PyTorch Distributed](https://arxiv.org/abs/2006.15704): buckets, and what overlaps.
- Rajbhandari et al. 2019, [ZeRO](https://arxiv.org/abs/1910.02054); Korthikanti et al. 2022,
  [Activation Recomputation](https://arxiv.org/abs/2205.05198): where the bytes go.
- Chen et al. 2016, [Sublinear Memory Cost](https://arxiv.org/abs/1604.06174); Micikevicius et al. 2017,
  [Mixed Precision](https://arxiv.org/abs/1710.03740); Chowdhery et al. 2022,
  [PaLM](https://arxiv.org/abs/2204.02311): model FLOPs utilization.
- Shoeybi et al. 2019, [Megatron-LM](https://arxiv.org/abs/1909.08053); Huang et al. 2018,
  [GPipe](https://arxiv.org/abs/1811.06965); Narayanan et al. 2021, [1F1B](https://arxiv.org/abs/2104.04473).
- Hugging Face's [Ultra-Scale Playbook](https://huggingface.co/spaces/nanotron/ultrascale-playbook): all of it together.
- Fedus et al. 2021, [Switch Transformers](https://arxiv.org/abs/2101.03961), can wait: experts are a specialty.
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
