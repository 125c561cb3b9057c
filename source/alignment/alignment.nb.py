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
### 1 · What a conversation teaches

*10 points · core · 20 min · Ouyang et al. 2022, section 3.2*

A *chat template* writes a conversation as one text. The model reads all of it and learns the answers alone: a target's label is
its own id, **unshifted**, as transformers has it; all other labels are $-100$, which PyTorch's cross-entropy skips.

In every assistant turn the answer's tokens are targets, up to its end token (`tokenizer.eos_token_id`): without that a model
never learns to stop. What the template adds after it is none.

<details><summary>A nudge</summary>Render it up to an answer (<code>add_generation_prompt=True</code>), then with the answer.</details>
<details><summary>The key step</summary><code>" "</code> + <code>"Hi"</code> may be one token. The answer begins where the two lists first differ.</details>
"""

# %% [markdown]
r"""
**Truncation**: what is longer than `max_len` loses tokens from the front, the oldest, but not the one before the last answer's
first token; if that does not do, it loses its end. The label at position 0 is -100: nothing stands before it to predict it from.

**Packing**: examples are laid one after the other; one that no longer fits into `max_len` tokens begins the next pack. A pack is a
dict of `input_ids`, `labels` and `position_ids` (lists; positions start at 0 in each example) and `mask`: bool (T, T), True where
a query (row) may look: at itself and before, in its own example.

Below are two small tokenizers with other templates than the chat model's.
"""

# %% nbgrader={"grade": false, "grade_id": "given-chat", "locked": true, "schema_version": 3, "solution": false, "task": false}
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.processors import TemplateProcessing
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

def sft_tokenizer(template, pairs=()):
    """A token for each letter, and for each of `pairs` of letters; <s> is put before every text that is encoded; </s> ends."""
    vocab = ["<s>", "</s>", "[INST]", "[/INST]", "\n", *map(chr, range(32, 127)), *map("".join, pairs)]
    core = Tokenizer(BPE({one: i for i, one in enumerate(vocab)}, list(pairs)))
    core.add_special_tokens(vocab[:4])
    core.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return PreTrainedTokenizerFast(tokenizer_object=core, bos_token="<s>", eos_token="</s>", chat_template=template)

# %% nbgrader={"grade": false, "grade_id": "given-templates", "locked": true, "schema_version": 3, "solution": false, "task": false}
tok_inst = sft_tokenizer("{{ bos_token }}{% for one in messages %}{% if one.role == 'user' %}[INST] {{ one.content }} [/INST]"
    "{% else %} {{ one.content }}{{ eos_token }}{% endif %}{% endfor %}")
tok_plain = sft_tokenizer("{% for one in messages %}{{ one.role }}: {{ one.content }}"
    "{% if one.role == 'assistant' %}{{ eos_token }}{% endif %}{{ '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}", [(" ", "H"), ("i", ".")])
tok_smol = models.tokenizer()
sft_chat = [dict(role="user", content="Is 7 odd?"), dict(role="assistant", content="It is.")]
sft_two = [*sft_chat, dict(role="user", content="And 8?"), dict(role="assistant", content="Hi. No.")]
for tokenizer in (tok_inst, tok_plain, tok_smol):
    print(repr(tokenizer.apply_chat_template(sft_chat, tokenize=False)))

# %% nbgrader={"grade": false, "grade_id": "sft-labels", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_example(messages, tokenizer, max_len=None):
    """(input_ids, labels), two lists of ints, equally long, for messages: dicts with role and content, the first no assistant's.

    ValueError: no assistant turn, or max_len below 2."""
    ### BEGIN SOLUTION
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    if all(one["role"] != "assistant" for one in messages) or (max_len is not None and max_len < 2): raise ValueError("no target")
    ids = render(messages)
    labels = [-100] * len(ids)
    for place in (i for i, one in enumerate(messages) if one["role"] == "assistant"):
        before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
        start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
        end = len(after) - after[::-1].index(tokenizer.eos_token_id)
        labels[start:end] = ids[start:end]
    if max_len is not None:
        drop = max(0, min(len(ids) - max_len, start - 1))
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]
    ### END SOLUTION

def pack(examples, max_len):
    """Packs, in order, of examples as build_example makes them; ValueError if one is longer than max_len."""
    ### BEGIN SOLUTION
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in zip(packs[-1], (ids, labels, range(len(ids)))): packs[-1][key] += new
    for one in packs:
        owner = (torch.tensor(one["position_ids"]) == 0).cumsum(0)
        one["mask"] = (owner[:, None] == owner).tril()
    return packs
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "sft-labels-test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""Which tokens are targets: the pieces below that begin with >, as another template writes them each time."""
def sft_by_hand(tokenizer, *pieces):
    """Ids and labels of pieces of text, encoded one by one."""
    parts = [(tokenizer.encode(one.removeprefix(">"), add_special_tokens=False), one[0] == ">") for one in pieces]
    return [i for ids, _ in parts for i in ids], [i if told else -100 for ids, told in parts for i in ids]
check.equal(lambda: build_example(sft_chat, tok_inst), sft_by_hand(tok_inst, "<s>[INST] Is 7 odd? [/INST]", "> It is.</s>"),
    "Are the ids the template's, with one <s>? Are the answer and its end token targets, unshifted, and nothing else?")
check.equal(lambda: build_example(sft_two, tok_inst), sft_by_hand(tok_inst, "<s>[INST] Is 7 odd? [/INST]", "> It is.</s>",
    "[INST] And 8? [/INST]", "> Hi. No.</s>"), "Two answers: is every assistant turn a target?")
check.equal(lambda: build_example(sft_two, tok_plain), sft_by_hand(tok_plain, "user: Is 7 odd?\nassistant: ", ">It is.</s>",
    "\nuser: And 8?\nassistant:", "> Hi. No.</s>", "\n"),
    "Here ' H' is one token: does the answer begin where the ids first differ, and end with its end token?")
### BEGIN HIDDEN TESTS
sft_start = "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
check.equal(lambda: build_example(sft_two, tok_smol), sft_by_hand(tok_smol, sft_start + "<|im_start|>user\nIs 7 odd?<|im_end|>\n"
    "<|im_start|>assistant\n", ">It is.<|im_end|>", "\n<|im_start|>user\nAnd 8?<|im_end|>\n<|im_start|>assistant\n",
    ">Hi. No.<|im_end|>", "\n"), "The template adds a system turn, and a line's end after each end token: no targets.")
check.raises(lambda: build_example(sft_chat[:1], tok_smol), ValueError, "No assistant turn: nothing to learn, a ValueError.")
check.equal([sft_chat, sft_two[:2]], [[dict(role="user", content="Is 7 odd?"), dict(role="assistant", content="It is.")]] * 2,
    "The messages came back changed.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sft-labels-test-turns", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Other conversations: an answer that repeats the question, one of several lines, an empty one."""
sft_says = [dict(role="system", content="Be brief."), dict(role="user", content="no"), dict(role="assistant", content="no")]
check.equal(lambda: build_example(sft_says, tok_smol), sft_by_hand(tok_smol, "<|im_start|>system\nBe brief.<|im_end|>\n"
    "<|im_start|>user\nno<|im_end|>\n<|im_start|>assistant\n", ">no<|im_end|>", "\n"),
    "The answer's words occur before it too: is it found by where it stands?")
### BEGIN HIDDEN TESTS
sft_odd = [dict(role="user", content="H\nassistant: i."), dict(role="assistant", content="")]
sft_odd += [dict(role="assistant", content="Hi.\nuser: \nH"), dict(role="user", content="Thanks")]
check.equal(lambda: build_example(sft_odd, tok_plain), sft_by_hand(tok_plain, "user: H\nassistant: i.\nassistant: ", "></s>",
    "\nassistant:", "> Hi.\nuser: \nH</s>", "\nuser: Thanks\n"), "Are turns told by their role, not by words in the text?")
check.equal(lambda: build_example(sft_odd[:1] + sft_odd[2:3] + sft_odd, tok_inst),
    sft_by_hand(tok_inst, "<s>[INST] H\nassistant: i. [/INST]", "> Hi.\nuser: \nH</s>", "[INST] H\nassistant: i. [/INST]",
    "> </s> Hi.\nuser: \nH</s>", "[INST] Thanks [/INST]"), "Six turns, three of them answers: are all three targets?")
check.equal(lambda: [type(one).__name__ for both in build_example(sft_says, tok_smol) for one in both],
    ["int"] * 2 * len(sft_by_hand(tok_smol, "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nno<|im_end|>\n"
    "<|im_start|>assistant\nno<|im_end|>\n")[0]), "Both are lists of Python's ints.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sft-labels-test-truncate", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Every max_len from 2 on: what is kept of a conversation whose last answer begins at `first`."""
def sft_cut(ids, labels, first, max_len):
    """The oracle: one token at a time."""
    ids, labels = list(ids), list(labels)
    while len(ids) > max_len:
        if first > 1: first, _, _ = first - 1, ids.pop(0), labels.pop(0)
        else: ids.pop(), labels.pop()
    return ids, [-100] + labels[1:]
sft_inst = sft_by_hand(tok_inst, "<s>[INST] Is 7 odd? [/INST]", "> It is.</s>", "[INST] And 8? [/INST]", "> Hi. No.</s>")
check.equal(lambda: build_example(sft_two, tok_inst, 18), sft_cut(*sft_inst, len(sft_inst[0]) - 9, 18),
    "18 tokens: the oldest go, the last answer stays whole.")
check.equal(lambda: build_example(sft_two, tok_inst, 6), sft_cut(*sft_inst, len(sft_inst[0]) - 9, 6),
    "6 tokens: [/INST] and the answer's first five. Without a token before it the first could not be predicted.")
### BEGIN HIDDEN TESTS
for n in range(2, 60):
    check.equal(lambda: build_example(sft_two, tok_inst, n), sft_cut(*sft_inst, len(sft_inst[0]) - 9, n),
        "Another max_len: are tokens dropped as the text says? At position 0 stands no target.")
sft_real = sft_by_hand(tok_smol, "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nno<|im_end|>\n"
    "<|im_start|>assistant\n", ">no<|im_end|>", "\n")
for n in (2, 3, 4, 5, 17, 100):
    check.equal(lambda: build_example(sft_says, tok_smol, n), sft_cut(*sft_real, len(sft_real[0]) - 3, n),
        "The chat model's template: a line's end follows the end token, and goes first where the answer is cut.")
for n in (1, 0):
    check.raises(lambda: build_example(sft_chat, tok_smol, n), ValueError, "max_len below 2 leaves no target: a ValueError.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "sft-labels-test-pack", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Packs of examples: their lists, their masks, and a Llama's losses, packed and alone."""
def sft_example(n, seed): return [ids := check.integers(n, high=11, seed=seed).tolist(), [-100, *ids[1:]]]
def sft_packs(sizes, *packs):
    """The oracle: for each pack the places of its examples, whose sizes are given."""
    found = [[sft_example(sizes[i], i) for i in places] for places in packs]
    return [{"input_ids": [t for ids, _ in one for t in ids], "labels": [t for _, labels in one for t in labels],
        "position_ids": [t for ids, _ in one for t in range(len(ids))],
        "mask": torch.block_diag(*(torch.ones(len(ids), len(ids)).tril() for ids, _ in one)).bool()} for one in found]
sft_sizes = [3, 2, 4, 5, 1, 2]
check.equal(lambda: pack([sft_example(n, i) for i, n in enumerate(sft_sizes)], 6), sft_packs(sft_sizes, [0, 1], [2], [3, 4], [5]),
    "At most 6 tokens a pack, in order: positions from 0 in each example, and a mask that is causal and lets none look out?")
check.raises(lambda: pack([sft_example(7, 0)], 6), ValueError, "7 tokens never fit into 6: a ValueError.")
### BEGIN HIDDEN TESTS
check.equal(lambda: pack([sft_example(n, i) for i, n in enumerate([6, 6, 1, 5, 6])], 6),
    sft_packs([6, 6, 1, 5, 6], [0], [1], [2, 3], [4]), "Does an example that fills a pack exactly fit?")
check.equal(lambda: pack([sft_example(1, i) for i in range(4)], 10), sft_packs([1] * 4, [0, 1, 2, 3]), "Four of one token.")
def sft_losses(ids, labels, **rest):
    """The loss of each label in a small Llama."""
    torch.manual_seed(0)
    sizes = dict(vocab_size=11, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3)
    model = LlamaForCausalLM(LlamaConfig(**sizes)).double().eval().requires_grad_(False)
    logits = model(input_ids=torch.as_tensor(ids)[None], **{key: torch.as_tensor(one)[None] for key, one in rest.items()}).logits
    return F.cross_entropy(logits[0, :-1], torch.as_tensor(labels[1:]).long(), reduction="none")
def sft_packed(one):
    return sft_losses(one["input_ids"], one["labels"], position_ids=one["position_ids"], attention_mask=one["mask"][None])
check.close(lambda: [loss for one in pack([sft_example(n, i) for i, n in enumerate(sft_sizes)], 20) for loss in sft_packed(one)
    if loss > 0], [loss for i, n in enumerate(sft_sizes) for loss in sft_losses(*sft_example(n, i))],
    "Through a Llama the losses are those of each example alone: what crosses from one to the next?")
### END HIDDEN TESTS

# %% [markdown]
r"""
**Look for** the two islands of colour: all that this conversation teaches. The system turn, which the template added, and the
line's end after each answer are read only. Then the mask of a pack of three examples, dark where a token may look:
three triangles, and nothing between them.
"""

# %% tags=["explore"]
sft_ids, sft_labels = build_example(sft_two, tok_smol)
plot.tokens([tok_smol.decode([i]) for i in sft_ids], [label != -100 for label in sft_labels], "coloured: learned")
sft_three = [build_example(some, tok_smol, 24) for some in (sft_chat, sft_two, sft_chat)]
plot.image(pack(sft_three, 72)[0]["mask"], "rows look at columns");

# %% [markdown]
r"""
### 2 · A small detour

*8 points · core · 15 min · Hu et al. 2021, section 4.1*

Full fine-tuning changes every number of a matrix $W$. The change that a task needs seems to have a low rank. So leave $W$
as it is, and learn a detour beside it that is only $r$ numbers wide:

$$y=Wx+b+\frac{\alpha}{r}\,BAx\qquad A\in\mathbb{R}^{r\times n_\text{in}},\ B\in\mathbb{R}^{n_\text{out}\times r}$$

$A$ starts as `nn.Linear` starts its weight (Kaiming-uniform with $a=\sqrt5$), $B$ as zeros: at first nothing changes. Afterwards
the detour can be **merged** into $W$: no extra work at inference.

<details><summary>A nudge</summary>Never make the product BA in forward: it is as large as W.</details>
<details><summary>The key step</summary>Merged, forward is the base alone. A flag says which state it is in.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-lora", "locked": true, "schema_version": 3, "solution": false, "task": false}
from transformers.pytorch_utils import Conv1D

def lora_base(n_in, n_out, kind=nn.Linear, dtype=torch.float64):
    """A base layer with known numbers."""
    base = nn.Linear(n_in, n_out) if kind is nn.Linear else Conv1D(n_out, n_in)
    base.weight.data, base.bias.data = check.normal(*base.weight.shape, dtype=dtype), check.normal(n_out, dtype=dtype)
    return base

def lora_known(*base, r=2, alpha=6, dropout=0.0):
    """Your layer over lora_base(*base), with known numbers in lora_A and lora_B."""
    layer = LoRALinear(lora_base(*base), r, alpha, dropout)
    for seed, p in enumerate((layer.lora_A, layer.lora_B), 1): p.data.copy_(check.normal(*p.shape, seed=seed))
    return layer

# %% nbgrader={"grade": false, "grade_id": "lora", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LoRALinear(nn.Module):
    """base plus its low-rank detour. base: nn.Linear, or GPT-2's Conv1D (x @ weight + bias, weight (n_in, n_out)).

    Attributes: base, the module itself, frozen; r; alpha; merged (False at first); parameters lora_A and lora_B, on base's device,
    float32 (over 16 bits too), or float64 as base is. dropout: the share of x's entries that the detour, and it alone, loses in
    training (the others scaled, as nn.Dropout). ValueError if r < 1."""
    def __init__(self, base, r, alpha, dropout=0.0):
        super().__init__()
        ### BEGIN SOLUTION
        if r < 1: raise ValueError(f"the rank must be 1 or more, not {r}")
        n_in, n_out = base.weight.shape if isinstance(base, Conv1D) else base.weight.shape[::-1]
        like = dict(device=base.weight.device, dtype=torch.promote_types(base.weight.dtype, torch.float32))
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        self.lora_A, self.lora_B = nn.Parameter(torch.empty(r, n_in, **like)), nn.Parameter(torch.zeros(n_out, r, **like))
        self.dropout, _ = nn.Dropout(dropout), nn.init.kaiming_uniform_(self.lora_A, a=math.sqrt(5))
    def _delta(self):
        delta = self.alpha / self.r * self.lora_B.data @ self.lora_A.data
        return (delta.T if isinstance(self.base, Conv1D) else delta).to(self.base.weight.dtype)
        ### END SOLUTION
    def forward(self, x):
        """x (..., n_in) to (..., n_out), in the dtype that base gives."""
        ### BEGIN SOLUTION
        if self.merged: return self.base(x)
        detour, y = self.dropout(x).to(self.lora_A.dtype) @ self.lora_A.T @ self.lora_B.T, self.base(x)
        return y + (self.alpha / self.r * detour).to(y.dtype)
        ### END SOLUTION
    def merge(self):
        """Add the detour to base.weight; nothing happens if it is merged already."""
        ### BEGIN SOLUTION
        if not self.merged: self.base.weight.data += self._delta()
        self.merged = True
        ### END SOLUTION
    def unmerge(self):
        """Take it out again, to rounding; nothing happens if it is not merged."""
        ### BEGIN SOLUTION
        if self.merged: self.base.weight.data -= self._delta()
        self.merged = False
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "lora-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""The start, and y = Wx + b + alpha/r BAx with 3 inputs, 4 outputs and rank 2."""
def lora_by_hand(x, n_in, n_out, r=2, alpha=6, dtype=torch.float64):
    """The oracle: W as one matrix."""
    W, A, B = check.normal(n_out, n_in, dtype=dtype), check.normal(r, n_in, seed=1), check.normal(n_out, r, seed=2)
    return x.double() @ (W + alpha / r * (B @ A)).T.double() + check.normal(n_out, dtype=dtype)
lora_x = check.normal(5, 3)
check.close(lambda: LoRALinear(lora_base(3, 4), 2, 6)(lora_x), F.linear(check.normal(5, 3), check.normal(4, 3), check.normal(4)),
    "At the start the layer does what its base does: is lora_B zero, and the base's bias added once?")
check.close(lambda: lora_known(3, 4)(lora_x), lora_by_hand(check.normal(5, 3), 3, 4),
    "With alpha = 6 and r = 2 the detour counts 3 times: is the scale alpha / r?")
check.equal(lambda: [LoRALinear(lora_base(3, 4), 2, 6).lora_A.shape, LoRALinear(lora_base(3, 4), 2, 6).lora_B.shape],
    [(2, 3), (4, 2)], "lora_A is (r, n_in), lora_B (n_out, r).")
check.raises(lambda: LoRALinear(lora_base(3, 4), 0, 6), ValueError, "A rank of 0 is no rank: a ValueError.")
### BEGIN HIDDEN TESTS
for n_in, n_out, r, alpha in [(5, 2, 1, 1), (4, 4, 3, 0.5), (2, 7, 4, 16)]:
    check.close(lambda: lora_known(n_in, n_out, r=r, alpha=alpha)(check.normal(2, 3, n_in)),
        lora_by_hand(check.normal(2, 3, n_in), n_in, n_out, r, alpha), "Other sizes, and x of three axes: is any fixed?")
check.close(lambda: lora_known(3, 4, Conv1D)(lora_x), F.linear(lora_x, check.normal(3, 4).T + 3 * check.normal(4, 2, seed=2)
    @ check.normal(2, 3, seed=1), check.normal(4)), "A Conv1D's weight is (n_in, n_out): do the sizes of A and B fit it?")
def lora_new(*base):
    torch.manual_seed(0)
    layer = LoRALinear(lora_base(*base), 100, 1)
    return layer, layer.lora_A, layer.lora_B
check.close(lambda: [one for _, A, B in [lora_new(64, 30)] for one in (A.std(), A.abs().max(), B.abs().max())],
    [1 / 8 / 3**0.5, 1 / 8, 0], "Does lora_A start evenly from -1/8 to 1/8 here (1 / sqrt(n_in)), lora_B as zeros?", 0.04)
check.equal(lambda: [str(one.dtype) for dtype in (torch.bfloat16, torch.float32) for layer, A, B in
    [lora_new(3, 4, nn.Linear, dtype)] for one in (A, B, layer(check.normal(1, 3, dtype=dtype)))],
    ["torch.float32"] * 2 + ["torch.bfloat16"] + ["torch.float32"] * 3, "Over 16 bits the detour has 32, the result 16.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "lora-test-frozen", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""What learns; and dropout."""
def lora_learns(*base):
    """The names of the parameters, and the gradient of each that has one."""
    layer = lora_known(*base)
    layer(check.normal(5, 3)).pow(2).sum().backward()
    return {name: p.grad for name, p in layer.named_parameters() if p.grad is not None}
def lora_slopes():
    A, B = check.normal(2, 3, seed=1).requires_grad_(), check.normal(4, 2, seed=2).requires_grad_()
    y = F.linear(check.normal(5, 3), check.normal(4, 3) + 3 * B @ A, check.normal(4))
    return dict(zip(("lora_A", "lora_B"), torch.autograd.grad(y.pow(2).sum(), (A, B))))
check.equal(lambda: sorted(name for name, p in lora_known(3, 4).named_parameters() if p.requires_grad), ["lora_A", "lora_B"],
    "Two tensors learn: are the base's weight and its bias frozen?")
check.close(lambda: lora_learns(3, 4), lora_slopes(), "Both get the gradient of 3 BAx.")
### BEGIN HIDDEN TESTS
def lora_dropped(train, p):
    """What 4,000 numbers 1 become, through 1 input and 1 output: how many values there are, least, mean, largest."""
    torch.manual_seed(0)
    y = lora_known(1, 1, r=1, alpha=1, dropout=p).train(train)(torch.ones(4000, 1).double())
    return [len(y.round(decimals=6).unique()), *sorted([y.min().item(), y.mean().item(), y.max().item()])]
lora_one = [check.normal(1, 1).item() + check.normal(1).item(), (check.normal(1, 1, seed=1) * check.normal(1, 1, seed=2)).item()]
check.close(lambda: lora_dropped(False, 0.4), [1] + [sum(lora_one)] * 3, "In eval mode nothing is dropped.")
check.close(lambda: lora_dropped(True, 0.0), [1] + [sum(lora_one)] * 3, "dropout=0.0 drops nothing.")
check.close(lambda: lora_dropped(True, 0.5), [2, *sorted([lora_one[0], sum(lora_one), lora_one[0] + 2 * lora_one[1]])],
    "In training the detour's x is 0 or doubled, half of them each, and the base's x is whole. Is it so?", atol=0.05)
check.equal(lambda: [base is LoRALinear(base, 2, 6).base for base in [lora_base(3, 4)]], [True], "base is the module itself, no copy.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "lora-test-merge", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""merge and unmerge, in any order: base.weight, merged, and what comes out."""
def lora_told(moves, *base, **sizes):
    layer, told = lora_known(*base, **sizes), []
    for move in moves.split():
        getattr(layer, move)()
        told += [layer.base.weight.detach().clone(), layer.merged, layer(check.normal(5, 3, dtype=layer.base.weight.dtype))]
    return told
def lora_moves(moves, kind=nn.Linear, dtype=torch.float64):
    """The oracle: both weights are known from the start."""
    W, BA = check.normal(*((4, 3) if kind is nn.Linear else (3, 4))), 3 * check.normal(4, 2, seed=2) @ check.normal(2, 3, seed=1)
    both, told = W + (BA if kind is nn.Linear else BA.T), []
    for move in moves.split():
        full = F.linear(check.normal(5, 3), both if kind is nn.Linear else both.T, check.normal(4))
        told += [(both if move == "merge" else W).to(dtype), move == "merge", full.to(dtype)]
    return told
check.close(lambda: lora_told("merge", 3, 4), lora_moves("merge"),
    "Merged: is the weight W + alpha/r BA, merged True, and the output as before, the detour not added once more?")
check.close(lambda: lora_told("merge unmerge", 3, 4), lora_moves("merge unmerge"), "Unmerged: are W and the output as before?")
check.close(lambda: lora_told("merge merge unmerge unmerge", 3, 4), lora_moves("merge merge unmerge unmerge"),
    "The second of two calls does nothing. Does yours?")
### BEGIN HIDDEN TESTS
for kind, dtype in [(Conv1D, torch.float64), (nn.Linear, torch.float32), (Conv1D, torch.float32)]:
    check.close(lambda: lora_told("unmerge merge unmerge merge merge unmerge", 3, 4, kind, dtype),
        lora_moves("unmerge merge unmerge merge merge unmerge", kind, dtype), "Another order, or Conv1D's (n_in, n_out).")
### END HIDDEN TESTS

# %% [markdown]
r"""
How large must $r$ be? Here the layer is to become $W+\Delta$, with a $\Delta$ of rank 3 between 32 inputs and 32 outputs.
**Look for** what each rank can reach: with $r$ below 3 the loss stops at a floor, about the squares of the singular values that
are left out (exercise *low-rank* of the foundations). From 3 on it falls and falls, and a fourth rank adds nothing.
"""

# %% tags=["explore"]
lora_delta, lora_in, lora_curves = check.normal(32, 3) @ check.normal(3, 32) / 16, check.normal(512, 32), {}
for r in (1, 2, 3, 4):
    torch.manual_seed(0)
    layer, lora_curves[f"r = {r}"] = LoRALinear(lora_base(32, 32), r, r), []
    goal, adam = layer(lora_in).detach() + lora_in @ lora_delta.T, torch.optim.Adam([layer.lora_A, layer.lora_B], lr=0.03)
    for _ in range(300):
        loss = F.mse_loss(layer(lora_in), goal)
        adam.zero_grad(), loss.backward(), adam.step()
        lora_curves[f"r = {r}"].append(loss.item())
plot.curves(lora_curves, ylabel="mean squared error", logy=True);

# %% [markdown]
r"""
### 3 · Adapters for any model

*8 points · core · 25 min · Hu et al. 2021, sections 4.2 and 5.1*

A model is a tree of modules, each with a dotted name: `model.layers.3.self_attn.q_proj`. The Hugging Face library
[peft](https://huggingface.co/docs/peft) goes through them, and where the **last part** of the name is among the targets, a
LoRA layer takes the module's place. All else is frozen. Yours does the same, and works on any model whose layers are
`nn.Linear` or `Conv1D`.

<details><summary>A nudge</summary><code>model.named_modules()</code> gives the names; list them before you change the tree.</details>
<details><summary>The key step</summary><code>setattr(model.get_submodule(parent), last, …)</code>, with the name split at its last dot.</details>
"""

# %% [markdown]
r"""
**A file that others can read.** Adapters are small enough to mail. peft keeps them in two files: the tensors, and a JSON with
at least

| key | value |
|---|---|
| `peft_type` | `"LORA"` |
| `r`, `lora_alpha` | r, $\alpha$ |
| `target_modules` | the last parts, a list |
| `fan_in_fan_out` | true for `Conv1D` |

A tensor that is `h.0.c_attn.lora_A` in your model is called `base_model.model.h.0.c_attn.lora_A.weight` there. The two functions
below write and read the files; what goes into them is yours.
"""

# %% nbgrader={"grade": false, "grade_id": "given-adapter-files", "locked": true, "schema_version": 3, "solution": false, "task": false}
import json
from pathlib import Path

from safetensors.torch import load_file, save_file

def write_adapter(folder, config, tensors):
    """Write a dict of settings and a dict of tensors as peft's two files; the folder is made where it is missing."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    (Path(folder) / "adapter_config.json").write_text(json.dumps(config, indent=2))
    save_file({name: one.detach().contiguous() for name, one in tensors.items()}, Path(folder) / "adapter_model.safetensors")

def read_adapter(folder):
    """(settings, tensors) of the two files."""
    config = json.loads((Path(folder) / "adapter_config.json").read_text())
    return config, load_file(Path(folder) / "adapter_model.safetensors")

# %% nbgrader={"grade": false, "grade_id": "inject-lora", "locked": false, "schema_version": 3, "solution": true, "task": false}
def inject_lora(model, targets, r, alpha):
    """Put a LoRALinear over each nn.Linear and Conv1D whose name's last part is in targets (a list); freeze all else.

    In place; returns model. ValueError if there is none: it names the last parts there are, and model is left as it was."""
    ### BEGIN SOLUTION
    layers = {name: one for name, one in model.named_modules() if isinstance(one, (nn.Linear, Conv1D))}
    chosen = {name: one for name, one in layers.items() if name.split(".")[-1] in targets}
    if not chosen: raise ValueError(f"no layer is called {targets}: there are {sorted({name.split('.')[-1] for name in layers})}")
    model.requires_grad_(False)
    for name, one in chosen.items():
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(one, r, alpha))
    return model
    ### END SOLUTION
def lora_state_dict(model):
    """The adapters' tensors alone, under their names in model.state_dict()."""
    ### BEGIN SOLUTION
    return {name: one for name, one in model.state_dict().items() if name.split(".")[-1] in ("lora_A", "lora_B")}
    ### END SOLUTION
def save_lora(model, folder):
    """Write the adapters of a model from inject_lora, so that peft.PeftModel.from_pretrained(base model, folder) has them."""
    ### BEGIN SOLUTION
    layers = {name: one for name, one in model.named_modules() if isinstance(one, LoRALinear)}
    one = [*layers.values()][0]
    config = dict(peft_type="LORA", r=one.r, lora_alpha=one.alpha, fan_in_fan_out=isinstance(one.base, Conv1D))
    config["target_modules"] = sorted({name.split(".")[-1] for name in layers})
    write_adapter(folder, config, {f"base_model.model.{name}.weight": p for name, p in lora_state_dict(model).items()})
    ### END SOLUTION
def load_lora(model, folder):
    """Put adapters, written by save_lora or by peft, into a model that has none; returns it."""
    ### BEGIN SOLUTION
    config, tensors = read_adapter(folder)
    inject_lora(model, config["target_modules"], config["r"], config["lora_alpha"])
    plain = {name.removeprefix("base_model.model.").removesuffix(".weight"): one for name, one in tensors.items()}
    model.load_state_dict(plain, strict=False)
    return model
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-small-models", "locked": true, "schema_version": 3, "solution": false, "task": false}
import logging
import tempfile
import warnings

logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # peft imports it, and it tells what it misses
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import DistilBertConfig, DistilBertModel, GPT2Config, GPT2LMHeadModel

def inj_model(kind):
    """A small model with random numbers, the same each time, in float64."""
    torch.manual_seed(0)
    llama = dict(vocab_size=11, hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3)
    gpt2 = dict(vocab_size=11, n_positions=16, n_embd=12, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0)
    bert = dict(vocab_size=11, max_position_embeddings=16, n_layers=2, n_heads=2, dim=12, hidden_dim=20)
    return {"llama": lambda: LlamaForCausalLM(LlamaConfig(**llama)), "gpt2": lambda: GPT2LMHeadModel(GPT2Config(**gpt2)),
        "distilbert": lambda: DistilBertModel(DistilBertConfig(**bert))}[kind]().double().eval()

def inj_peft(kind, targets, r, alpha):
    """The same model with peft's adapters."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = LoraConfig(r=r, lora_alpha=alpha, target_modules=targets, fan_in_fan_out=kind == "gpt2")
        return get_peft_model(inj_model(kind), config).double()

# %% nbgrader={"grade": false, "grade_id": "given-known-adapters", "locked": true, "schema_version": 3, "solution": false, "task": false}
def inj_trained(model):
    """Its trainable parameters by name, where peft's long names are cut to yours."""
    plain = lambda name: name.removeprefix("base_model.model.").replace(".default.weight", "")
    return dict(sorted((plain(name), p) for name, p in model.named_parameters() if p.requires_grad))

def inj_known(model):
    """The model, with known numbers in all that is trainable."""
    for seed, p in enumerate(inj_trained(model).values()): p.data.copy_(check.normal(*p.shape, seed=seed) / 2)
    return model

def inj_output(model):
    """The first output for two rows of five ids."""
    return model(input_ids=check.integers(2, 5, high=11))[0]

def inj_slopes(model):
    """The output, and the gradients of all that is trainable."""
    (output := inj_output(model)).pow(2).sum().backward()
    return output, {name: p.grad for name, p in inj_trained(model).items()}

# %% nbgrader={"grade": true, "grade_id": "inject-lora-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Which modules are replaced, and what is trainable; the start changes nothing."""
def inj_sizes(model, targets, r):
    return {name: list(p.shape) for name, p in inj_trained(inject_lora(model, targets, r, 4)).items()}
check.equal(lambda: inj_sizes(inj_model("llama"), ["q_proj", "down_proj"], 2), {f"model.layers.{i}.{name}": size for i in (0, 1)
    for name, size in [("self_attn.q_proj.lora_A", [2, 12]), ("self_attn.q_proj.lora_B", [12, 2]),
    ("mlp.down_proj.lora_A", [2, 20]), ("mlp.down_proj.lora_B", [12, 2])]},
    "Two targets in two layers: is each replaced, and everything else frozen, embeddings and norms too?")
check.close(lambda: inj_output(inject_lora(inj_model("llama"), ["q_proj"], 2, 4)), inj_output(inj_model("llama")),
    "At the start nothing changes: does each LoRALinear hold the module that was there?")
check.raises(lambda: inject_lora(inj_model("gpt2"), ["q_proj"], 2, 4), ValueError, "GPT-2 has no q_proj: a ValueError.")
### BEGIN HIDDEN TESTS
for kind, targets in [("gpt2", ["c_attn"]), ("gpt2", ["c_fc", "lm_head"]), ("distilbert", ["q_lin", "lin1"]), ("llama", ["v_proj"])]:
    check.equal(lambda: inj_sizes(inj_model(kind), targets, 3), {name: list(p.shape) for name, p in
        inj_trained(inj_peft(kind, targets, 3, 4)).items()}, f"{kind}, {targets}: are Conv1D and nn.Linear found?")
    check.close(lambda: inj_output(inject_lora(inj_model(kind), targets, 3, 4)), inj_output(inj_model(kind)), "No change at first.")
def inj_error(targets):
    model = inj_model("gpt2")
    try: inject_lora(model, targets, 2, 4)
    except ValueError as error: said = str(error)
    return [name in said for name in ("c_attn", "c_proj", "c_fc", "lm_head")] + [len(inj_trained(model))]
for targets in (["q_proj"], ["proj"], ["attn"], ["transformer.h.0.attn"], []):
    check.equal(lambda: inj_error(targets), [True] * 4 + [len(inj_trained(inj_model("gpt2")))],
        f"{targets}: none is a linear layer's last part. Does the error name those there are, and is the model not frozen yet?")
check.equal(lambda: [inject_lora(model, ["c_attn"], 2, 4) is model for model in [inj_model("gpt2")]], [True], "Returned: model.")
def inj_gpt3():
    with torch.device("meta"):  # shapes without memory
        blocks = nn.ModuleList(nn.ModuleDict({name: nn.Linear(12288, 12288) for name in "qkv"}) for _ in range(96))
        return sum(p.numel() for p in inject_lora(blocks, ["q", "v"], 1, 1).parameters() if p.requires_grad)
check.equal(inj_gpt3, 4_718_592, "GPT-3's 175 billion at r = 1 on q and v: 4.7 million, as Hu et al. count (table 4).")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "inject-lora-test-peft", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""With the same numbers in the adapters, outputs and gradients are those of peft."""
check.close(lambda: inj_slopes(inj_known(inject_lora(inj_model("llama"), ["q_proj", "v_proj"], 2, 6))),
    inj_slopes(inj_known(inj_peft("llama", ["q_proj", "v_proj"], 2, 6))), "A Llama: are r and alpha passed on in their places?")
### BEGIN HIDDEN TESTS
for kind, targets, r, alpha in [("gpt2", ["c_attn", "c_proj"], 3, 1), ("distilbert", ["q_lin", "out_lin", "lin2"], 1, 8),
    ("llama", ["gate_proj", "k_proj"], 4, 3)]:
    check.close(lambda: inj_slopes(inj_known(inject_lora(inj_model(kind), targets, r, alpha))),
        inj_slopes(inj_known(inj_peft(kind, targets, r, alpha))), f"{kind}, {targets}: outputs and gradients as peft's.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "inject-lora-test-files", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""There and back: your adapters in peft, peft's in your model."""
def inj_ours(kind, targets, r, alpha): return inj_known(inject_lora(inj_model(kind), targets, r, alpha))
def inj_to_peft(kind, *settings):
    """What peft's model gives with the files that save_lora wrote, what load_lora's does, and what peft read in the JSON."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        save_lora(inj_ours(kind, *settings), folder + "/new/adapter")
        model = PeftModel.from_pretrained(inj_model(kind), folder + "/new/adapter")
        again = load_lora(inj_model(kind), folder + "/new/adapter")
    one = model.peft_config["default"]
    return [inj_output(model.double()), inj_output(again), [one.r, one.lora_alpha, len(one.target_modules)]]
def inj_from_peft(kind, *settings):
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inj_known(inj_peft(kind, *settings)).save_pretrained(folder)
        return inj_output(load_lora(inj_model(kind), folder))
check.close(lambda: lora_state_dict(inj_ours("gpt2", ["c_attn"], 2, 6)), inj_trained(inj_known(inj_peft("gpt2", ["c_attn"], 2, 6))),
    "lora_state_dict: the adapters' tensors, and nothing else, under the model's own names.")
inj_right = inj_output(inj_known(inj_peft("llama", ["q_proj"], 2, 6)))
check.close(lambda: inj_to_peft("llama", ["q_proj"], 2, 6), [inj_right, inj_right, [2, 6, 1]],
    "Saved; loaded by peft, and by you: are the tensors' names peft's, and are r and lora_alpha in the JSON?")
check.close(lambda: inj_from_peft("llama", ["q_proj"], 2, 6), inj_right,
    "Saved by peft, and loaded: do the tensors arrive, with r and lora_alpha from the JSON?")
### BEGIN HIDDEN TESTS
for each in [("gpt2", ["c_attn", "c_fc"], 3, 1), ("distilbert", ["q_lin", "lin2"], 1, 8)]:
    right = inj_output(inj_known(inj_peft(*each)))
    check.close(lambda: inj_to_peft(*each), [right, right, [each[2], each[3], len(each[1])]], f"Saved for peft: {each}.")
    check.close(lambda: inj_from_peft(*each), right, f"Loaded from peft: {each}.")
### END HIDDEN TESTS

# %% [markdown]
r"""
The chat model with adapters in all of its 30 layers, at ranks from 1 to 64. **Look for** how little there is to learn: at
$r=8$, on queries and values, one number in 292 of the whole. On all seven matrices of each layer it is about five times as many.
"""

# %% tags=["explore"]
inj_places = {"q and v": ["q_proj", "v_proj"], "all seven": [f"{one}_proj" for one in ("q", "k", "v", "o", "gate", "up", "down")]}
inj_counts = {}
for name, targets in inj_places.items():
    inj_counts[name] = []
    for r in (1, 2, 4, 8, 16, 32, 64):
        with torch.device("meta"):  # shapes are enough to count
            model = LlamaForCausalLM(transformers.AutoConfig.from_pretrained(models.folder()))
            inj_counts[name].append(sum(p.numel() for p in inject_lora(model, targets, r, r).parameters() if p.requires_grad))
plot.curves(inj_counts, [1, 2, 4, 8, 16, 32, 64], "rank", "trainable numbers (of 134,515,008)", logx=True, logy=True)
print({name: {r: round(134_515_008 / n) for r, n in zip((1, 2, 4, 8), found)} for name, found in inj_counts.items()})

# %% [markdown]
r"""
### 4 · A task of your own

*5 points · core · 20 min · Hu et al. 2021, section 5*

Data are **pairs**: a prompt, and the answer you would like. They come from people, so
they come broken: a column missing, a cell empty. An error must name the file, the line and what is missing.

The loop has three turns: only what is trainable goes to the optimizer, the loss is the mean over
**all targets of the batch**, and the learning rate falls to zero.

<details><summary>A nudge</summary>The logits at t are for the label at t + 1.</details>
<details><summary>The key step</summary>Pad on the right: ids with anything, labels with -100.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-rows", "locked": true, "schema_version": 3, "solution": false, "task": false}
import csv

def ft_rows(path):
    """(line, row) for each row of a .csv, and for each line of a .jsonl that is not blank.

    line: as an editor counts, from 1; row: a dict by column, or None where a line is no JSON object. UTF-8, with a BOM or not.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        if str(path).endswith(".csv"):
            table = csv.DictReader(file)
            yield from ((table.line_num, row) for row in table)
            return
        for line, text in enumerate(file, 1):
            try: row = json.loads(text) if text.strip() else {}
            except json.JSONDecodeError: row = None
            if text.strip(): yield line, row if isinstance(row, dict) else None

# %% nbgrader={"grade": false, "grade_id": "finetune", "locked": false, "schema_version": 3, "solution": true, "task": false}
def read_pairs(path):
    """The list of (prompt, answer) in a .csv, with these columns, or a .jsonl, an object a line with these keys; others go.

    ValueError with the file's name for another ending and where there is no pair; with the line's number, too, where it is
    no JSON object, or prompt or answer is missing, blank or no text; then the message names which."""
    ### BEGIN SOLUTION
    name, pairs = Path(path).name, []
    if not name.endswith((".csv", ".jsonl")): raise ValueError(f"{name} is neither a .csv nor a .jsonl")
    for line, row in ft_rows(path):
        if row is None: raise ValueError(f"{name}, line {line}: this is no JSON object")
        for key in ("prompt", "answer"):
            if not isinstance(row.get(key), str) or not row[key].strip(): raise ValueError(f"{name}, line {line}: no {key}")
        pairs.append((row["prompt"], row["answer"]))
    if not pairs: raise ValueError(f"{name} holds no pair of prompt and answer")
    return pairs
    ### END SOLUTION
def finetune(model, examples, steps, lr, batch_size=8, generator=None, watch=None):
    """Train what is trainable, in train mode, by AdamW without weight decay; each step's loss (floats). Ends in eval mode.
    Step i of 0, 1, …: the examples at torch.randint(len(examples), (batch_size,), generator=generator), learning rate
    lr (1 - i / steps), loss: the mean over all the batch's targets. model(input_ids=…).logits; watch(losses so far) if given."""
    ### BEGIN SOLUTION
    params, losses = [p for p in model.train().parameters() if p.requires_grad], []
    adam, device = torch.optim.AdamW(params, lr=lr, weight_decay=0.0), params[0].device
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        ids, labels = (nn.utils.rnn.pad_sequence([torch.tensor(row[k]) for row in rows], True, (0, -100)[k]).to(device) for k in (0, 1))
        loss = F.cross_entropy(model(input_ids=ids).logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
        adam.param_groups[0]["lr"] = lr * (1 - step / steps)
        adam.zero_grad(), loss.backward(), adam.step()
        losses.append(loss.item())
        if watch: watch(losses)
    model.eval()
    return losses
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "finetune-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Batches of examples of unequal length, against one row at a time without padding."""
def ft_made():  # 5, 9, 3 and 7 tokens, of which the last 1, 7, 2 and 1 are targets
    ids = [check.integers(n, high=11, seed=n).tolist() for n in (5, 9, 3, 7)]
    return [(one, [-100] * k + one[k:]) for one, k in zip(ids, (4, 2, 1, 6))]
ft_examples = ft_made()
def ft_run(train, kind, *settings, seed=0):
    """Losses, the parameters of one layer, which alone is trainable, and the sum of each frozen one."""
    model = inj_model(kind).requires_grad_(False)
    for one in model.modules(): one.p = 0.0  # no dropout
    layer = (model.model.layers if kind == "llama" else model.transformer.h)[1].requires_grad_(True)
    losses = train(model, ft_examples, *settings, generator=torch.Generator().manual_seed(seed))
    return [losses, list(layer.parameters()), [p.sum() for p in model.parameters() if not p.requires_grad]]
def ft_by_hand(model, examples, steps, lr, batch_size, generator):
    """The oracle: row by row, gradients of sums, and PyTorch's AdamW."""
    adam, losses = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=lr, weight_decay=0.0), []
    for step in range(steps):
        rows = [examples[i] for i in torch.randint(len(examples), (batch_size,), generator=generator)]
        adam.param_groups[0]["lr"], n = lr - lr * step / steps, sum(label != -100 for _, labels in rows for label in labels[1:])
        parts = [F.cross_entropy(model(input_ids=torch.tensor([ids])).logits[0, :-1], torch.tensor(labels[1:]), reduction="sum")
            / n for ids, labels in rows]
        adam.zero_grad(), sum(parts).backward(), adam.step(), losses.append(sum(parts).item())
    return losses
check.close(lambda: ft_run(finetune, "llama", 1, 0.01, 1)[0], ft_run(ft_by_hand, "llama", 1, 0.01, 1)[0],
    "One step, one example: do the logits at t meet the label at t + 1, and is -100 left out?", 3e-5, 1e-6)
check.close(lambda: ft_run(finetune, "llama", 3, 0.01, 3), ft_run(ft_by_hand, "llama", 3, 0.01, 3),
    "Three examples a batch: is the loss one mean over all targets, is lr falling, and is only one layer trained?", 3e-5, 1e-6)
### BEGIN HIDDEN TESTS
for seed, each in enumerate([("gpt2", 4, 0.003, 2), ("llama", 6, 0.1, 8), ("gpt2", 1, 0.01, 5)]):
    check.close(lambda: ft_run(finetune, *each, seed=seed), ft_run(ft_by_hand, *each, seed=seed),
        "Other settings, and GPT-2, to which places matter: is there padding on the right, no weight decay, lr at each step?",
        3e-5, 1e-6)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "finetune-test-files", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Good files and bad ones; and what the loop does besides."""
def ft_read(name, text):
    """What read_pairs gives for a file of this text; for an error, its message."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(text.encode())
        try: return read_pairs(Path(folder) / name)
        except ValueError as error: return str(error)
def ft_names(name, text, *words): return [word in ft_read(name, text) for word in words]
check.equal(lambda: ft_read("my.csv", 'prompt,answer,by\n"Is ""7"" odd,\nor even?",odd,me\nIs 8?,even,you\n'),
    [('Is "7" odd,\nor even?', "odd"), ("Is 8?", "even")], "A cell with quotes, a comma and a line's end: what comes out?")
check.equal(lambda: ft_names("my.csv", 'prompt,answer\n"a\nb",c\nd,\n', "my.csv", "4", "answer"), [True] * 3,
    "Row 2, on line 4 of the file, has no answer: does a ValueError name file, line, and what is missing?")
### BEGIN HIDDEN TESTS
check.equal(lambda: ft_read("my.jsonl", '\ufeff{"prompt": "Größe?\\n", "answer": "5", "id": 3}\n\n{"answer": "b", "prompt": "c"}'),
    [("Größe?\n", "5"), ("c", "b")], "JSON lines: a BOM, a blank line, other keys, any order.")
check.equal(lambda: ft_read("my.csv", "\ufeffid,answer,prompt\r\n1,b,c\r\n"), [("c", "b")], "A BOM, columns in another order.")
for name, text, *words in [("a.csv", "prompt,reply\nx,y\n", "2", "answer"), ("a.csv", "answer,prompt\nx,\n", "2", "prompt"),
    ("a.csv", ""), ("a.csv", "prompt,answer\n"), ("a.jsonl", "\n"), ("a.txt", "prompt,answer\nx,y\n"), ("a.json", "[]"),
    ("a.txt", '{"prompt": "x", "answer": "y"}'),
    ("a.jsonl", '{"prompt": "x", "answer": "y"}\n\n{"prompt": "x"}\n', "3", "answer"), ("a.jsonl", "[1, 2]\n", "1"),
    ("a.jsonl", '{"prompt": "x", "answer": "y"}\n{"prompt"\n', "2"), ("a.jsonl", '{"prompt": 5, "answer": "y"}', "1", "prompt"),
    ("a.csv", 'prompt,answer\nx,y\nx," "\n', "3", "answer"), ("a.csv", "prompt,answer\nx,y\nx\n", "3", "answer")]:
    check.equal(lambda: ft_names(name, text, name, *words), [True] * (1 + len(words)), f"{name} with {text!r}: is it told what is bad?")
def ft_modes():
    model, told, seen = inj_model("llama"), [], []
    model.register_forward_pre_hook(lambda *_: told.append(model.training))
    losses = finetune(model, ft_examples, 60, 0.02, 4, torch.Generator().manual_seed(0), lambda losses: seen.append(len(losses)))
    return [all(told), model.training, seen, len(losses), sum(losses[-10:]) < 0.5 * sum(losses[:10])]
check.equal(ft_modes, [True, False, list(range(1, 61)), 60, True], "Train mode, eval mode at the end, watch, learning?")
check.equal(ft_examples, ft_made(), "The examples came back changed.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Now for real: sentences from film reviews, which some twenty people rated each. The clear ones (a mean of 1.5 or more, or of
-1.5 or less) make pairs: the sentence, and *good* or *bad*. 100 are held out and none of their texts is learned from. A model is
right where, of the two words, the right one is likelier as the answer's first token.
"""

# %% tags=["explore"]
ft_rated = {one.text: one for one in data.ratings() if one.source == "films" and abs(one.mean) >= 1.5 and 30 <= len(one.text) < 90}
ft_pairs = [(f"{one.text}\nIs this film good or bad?", "good" if one.mean > 0 else "bad") for one in ft_rated.values()]
random.Random(0).shuffle(ft_pairs)
ft_held_out, ft_learned = ft_pairs[:100], ft_pairs[100:]

def ft_example(pair, tokenizer):
    """A pair as ids and labels, under a system turn of a few words."""
    turns = zip(("system", "user", "assistant"), ("Answer in one word.", *pair))
    return build_example([dict(role=role, content=content) for role, content in turns], tokenizer, 256)

@torch.no_grad()
def ft_accuracy(model, pairs, tokenizer):
    """The share of pairs whose answer's first token is the likeliest of all the answers' first tokens."""
    examples = sorted((ft_example(pair, tokenizer) for pair in pairs), key=lambda one: len(one[0]))
    at = torch.tensor([next(t for t, label in enumerate(labels) if label != -100) for _, labels in examples])
    first = torch.tensor([ids[t] for (ids, _), t in zip(examples, at)])
    choices, right = first.unique(), 0
    for i in torch.arange(len(examples)).split(10):
        ids = nn.utils.rnn.pad_sequence([torch.tensor(examples[k][0]) for k in i], True)
        logits = model(input_ids=ids.to(model.device)).logits.cpu()[torch.arange(len(i)), at[i] - 1][:, choices]
        right += (choices[logits.argmax(1)] == first[i]).sum().item()
    return right / len(examples)

# %% [markdown]
r"""
Twice the same pairs, 30 steps of 8: the chat model with adapters in its upper ten layers, so that no gradient need flow further
down; and a smaller model, the chat model's first six layers alone, of which every number is trained. **Look for** the loss,
which first falls because the *form* of the answer is learned; and for the share of held-out sentences told right, before and
after, printed below. A coin has 0.5; with 100 sentences, one standard error is up to 0.05.
"""

# %% tags=["explore"]
def ft_compare(name, model, tokenizer, learned, held_out, lr, steps=30):
    """Accuracy before, training with a live figure, accuracy after."""
    before, means = ft_accuracy(model, held_out, tokenizer), ft_curves.setdefault(name, [])
    draw = widgets.live(lambda: plot.curves(ft_curves, ylabel="loss, mean of 5 steps (nats)"))
    def watch(losses): means.append(np.mean(losses[-5:])), draw(now=len(losses) == steps)
    finetune(model, [ft_example(pair, tokenizer) for pair in learned], steps, lr, 8, torch.Generator().manual_seed(0), watch)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(f"{name}: {trained:,} numbers trained; right {before:.2f} before, {ft_accuracy(model, held_out, tokenizer):.2f} after")

ft_curves = {}
torch.manual_seed(0)
with device.all_cores():
    model, tokenizer = models.load()
    inject_lora(model.requires_grad_(False).model.layers[20:], ["q_proj", "v_proj", "up_proj", "down_proj"], 8, 16)
    ft_compare("adapters", model.to(device.get()), tokenizer, ft_learned, ft_held_out, 2e-3)
    small, _ = models.load()
    small.model.layers = small.model.layers[:6]
    ft_compare("six layers, all of it", small.to(device.get()), tokenizer, ft_learned, ft_held_out, 2e-4)

# %% [markdown]
r"""
**Your own task.** Put the path of a .csv or .jsonl with a few hundred pairs into `ft_file`; a fifth is held out. Where there is a
network, `ft_name` takes any causal model of the Hub, `"gpt2"` (its adapters go on `c_attn`; it has no chat template: give
`tokenizer.chat_template` one) or a larger one. The figure and the line below mean what they meant above.
"""

# %% tags=["explore"]
ft_file, ft_name, ft_targets = None, None, ["q_proj", "v_proj"]
if ft_file:
    own_pairs = list(dict.fromkeys(read_pairs(ft_file)))
    random.Random(0).shuffle(own_pairs)
    own_model, own_tokenizer = models.load(ft_name)
    inject_lora(own_model, ft_targets, 8, 16).to(device.get())
    with device.all_cores():
        ft_compare(Path(ft_file).name, own_model, own_tokenizer, own_pairs[len(own_pairs) // 5 :], own_pairs[: len(own_pairs) // 5], 1e-3)
    save_lora(own_model, Path(ft_file).stem + "-adapter")

# %% [markdown]
r"""
# B · Four bits

Adapters leave the base model as it is, so it may as well be stored in fewer bits: a quarter of the memory of 16-bit
weights, and the adapter learns around what rounding has done.
"""

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
