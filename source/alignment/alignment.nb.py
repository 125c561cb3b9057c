# %% [markdown]
r"""
# Alignment

**From a model that completes text to one that helps: instructions, adapters, human ratings, and the reward they become.**

You start by marking which tokens a chat model should learn. Fourteen exercises later you have tuned a real one through
adapters over 4-bit weights, turned people's ratings into a reward, raised it by PPO, tried two shortcuts, and seen what
happens when a reward is raised too far.

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

from course import check, data, device, models, plot, tables, widgets

# Graded cells work on small tensors: a second thread would only wait for the first. Long runs ask for all cores.
torch.set_num_threads(1)

# %% [markdown]
r"""
# A · Following instructions

A pretrained model continues text. *Supervised fine-tuning* (SFT) shows it conversations and lets it learn the answers, and
*adapters* do that with about a hundredth of the numbers. In shapes, as before: **B** batch, **T** tokens, **V** vocabulary.
"""

# %% [markdown]
r"""
### 1 · What a conversation teaches

*10 points · core · 20 min · Ouyang et al. 2022, section 3.5*

A *chat template* writes a conversation as one text; the model reads it all and learns the answers alone. A target's
label is its own id, **unshifted**, as in transformers; other labels are $-100$, which PyTorch's cross-entropy skips.

In every assistant turn the **targets** begin with the first token that differs from a prompt for the answer
(`add_generation_prompt=True`) and end with the end token (`tokenizer.eos_token_id`): else a model never learns to stop.

<details><summary>A nudge</summary>Render it up to an answer, then with the answer. <code>return_dict=False</code> gives plain ids.</details>
<details><summary>The key step</summary><code>" "</code> + <code>"Hi"</code> may be one token: compare the two lists.</details>
"""

# %% [markdown]
r"""
**Truncation**: beyond `max_len` tokens the oldest go, from the front. One stays: that before the last answer, from which
the answer's first is predicted. If this is still too long, the end goes too. The label at position 0 is -100: nothing
precedes it.

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
    """(input_ids, labels), two lists of ints, equally long, for messages: dicts with role and content, the first no answer.

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
sft_odd += [dict(role="assistant", content="Hi.\nuser: \nH"), dict(role="user", content=" Thanks")]
check.equal(lambda: build_example(sft_odd, tok_plain), sft_by_hand(tok_plain, "user: H\nassistant: i.\nassistant: ", "></s>",
    "\nassistant:", "> Hi.\nuser: \nH</s>", "\nuser:  Thanks\n"), "Are turns told by their role, not by words in the text?")
check.equal(lambda: build_example(sft_odd[:1] + sft_odd[2:3] + sft_odd, tok_inst),
    sft_by_hand(tok_inst, "<s>[INST] H\nassistant: i. [/INST]", "> Hi.\nuser: \nH</s>", "[INST] H\nassistant: i. [/INST]",
    "> </s> Hi.\nuser: \nH</s>", "[INST]  Thanks [/INST]"), "Six turns, three of them answers: are all three targets?")
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
        if first > 1:  # a token still stands before the one that must stay
            ids.pop(0), labels.pop(0)
            first -= 1
        else: ids.pop(), labels.pop()
    return ids, [-100] + labels[1:]
sft_inst = sft_by_hand(tok_inst, "<s>[INST] Is 7 odd? [/INST]", "> It is.</s>", "[INST] And 8? [/INST]", "> Hi. No.</s>")
# The last answer begins 9 tokens before the end: the 8 letters of " Hi. No.", and </s>.
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
sft_four = [sft_example(1, i) for i in range(4)]
check.equal(lambda: [pack(sft_four, 10), sft_four], [sft_packs([1] * 4, [0, 1, 2, 3]), [sft_example(1, i) for i in range(4)]],
    "Four examples of one token: one pack. Are the examples as they were?")
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
as it is, and learn a detour beside it: $A$ takes $x$ down to $r$ numbers, $B$ brings them up again.

$$y=Wx+b+\frac{\alpha}{r}\,BAx\qquad A\in\mathbb{R}^{r\times n_\text{in}},\ B\in\mathbb{R}^{n_\text{out}\times r}$$

The constant $\alpha$ says how much the detour counts. $A$ starts as in the authors' code (Kaiming-uniform,
$a=\sqrt5$), $B$ as zeros: at first nothing changes. Afterwards the detour can be **merged** into $W$, at no cost.

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
        """x (..., n_in) to (..., n_out), in the dtype that base gives. BA, as large as W, is never made here."""
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

# %% nbgrader={"grade": true, "grade_id": "lora-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
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
    """What 4,000 rows of two 1 become, with 1 output: how many values there are, least, mean, largest; the rows' sum afterwards."""
    torch.manual_seed(0)
    y = lora_known(2, 1, r=1, alpha=1, dropout=p).train(train)(x := torch.ones(4000, 2).double())
    return [len(y.round(decimals=6).unique()), y.min().item(), y.mean().item(), y.max().item(), x.sum().item()]
lora_plain, lora_way = check.normal(1, 2).sum() + check.normal(1)[0], check.normal(1, 2, seed=1)[0] * check.normal(1, 1, seed=2)[0]
lora_all = [float(lora_plain + lora_way.sum())] * 3
lora_ends = [float(lora_plain + 4 / 3 * part) for part in (lora_way.clamp(max=0).sum(), lora_way.clamp(min=0).sum())]
check.close(lambda: lora_dropped(False, 0.4), [1, *lora_all, 8000.0], "In eval mode nothing is dropped.")
check.close(lambda: lora_dropped(True, 0.0), [1, *lora_all, 8000.0], "dropout=0.0 drops nothing.")
check.close(lambda: lora_dropped(True, 0.25), [4, lora_ends[0], lora_all[0], lora_ends[1], 8000.0],
    "In training each of the detour's x is 0 (one in 4) or 4/3 times itself, and the base's x is whole. Is it so?", atol=0.05)
check.equal(lambda: [base is LoRALinear(base, 2, 6).base for base in [lora_base(3, 4)]], [True], "base is the module itself, no copy.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "lora-test-merge", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""merge and unmerge, in any order: base.weight, merged, and what comes out."""
def lora_told(moves, *base, **sizes):
    """After each move: the base's weight, whether it is merged, and the output."""
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

# %% nbgrader={"grade": true, "grade_id": "lora-test-layer", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""The layer's other promises: its attributes, its device, how much it multiplies."""
from torch.utils.flop_counter import FlopCounterMode
def lora_work():
    """Operations in matrix products for one x, through 64 inputs and outputs at r = 1."""
    layer = lora_known(64, 64, r=1)
    with FlopCounterMode(display=False) as count: layer(check.normal(1, 64))
    return count.get_total_flops()
def lora_said(layer): return [layer.r, layer.alpha, layer.merged, str(layer.lora_A.device), str(layer.lora_B.device)]
check.equal(lambda: lora_said(LoRALinear(nn.Linear(3, 4, device="meta"), 2, 6)), [2, 6, False, "meta", "meta"],
    "r and alpha as given, merged False at first; lora_A and lora_B on base's device.")
check.that(lambda: lora_work(), lambda n: n < 12_000, "The base takes 8,192 operations, the detour 256. Is BA made in forward?")
### BEGIN HIDDEN TESTS
def lora_bare():
    (base := lora_base(3, 4)).bias = None
    return LoRALinear(base, 2, 6)(lora_x)
def lora_merged(layer):
    layer.merge()
    return [[name for name, p in layer.named_parameters() if p.requires_grad], layer.base.weight, layer.lora_B]
check.close(lambda: lora_bare(), F.linear(lora_x, check.normal(4, 3)), "A base without a bias, as a Llama's.")
check.close(lambda: torch.autograd.functional.jacobian(lora_known(3, 4), torch.zeros(3).double()), check.normal(4, 3)
    + 3 * check.normal(4, 2, seed=2) @ check.normal(2, 3, seed=1), "x's gradient flows through both ways: is one cut off?")
check.equal(lambda: lora_merged(lora_known(3, 4))[0], ["lora_A", "lora_B"], "Merged, the base is frozen still.")
check.close(lambda: lora_merged(lora_known(3, 3, Conv1D))[1:], [check.normal(3, 3) + 3 * (check.normal(3, 2, seed=2)
    @ check.normal(2, 3, seed=1)).T, check.normal(3, 2, seed=2)], "A square Conv1D: is BA transposed? lora_B stays.")
check.raises(lambda: LoRALinear(lora_base(3, 4), -1, 6), ValueError, "A rank below 0: a ValueError.")
### END HIDDEN TESTS

# %% [markdown]
r"""
How large must $r$ be? Here the layer is to become $W+\Delta$, with a $\Delta$ of rank 3 between 32 inputs and 32 outputs.
**Look for** what each rank can reach: with $r$ below 3 the loss stops at a floor, about 1/32 of the squared singular
values that are left out (exercise *low-rank* of the foundations). From 3 on it falls and falls, and a fourth rank adds nothing.
"""

# %% tags=["explore"]
lora_delta, lora_in, lora_curves = check.normal(32, 3) @ check.normal(3, 32) / 16, check.normal(512, 32), {}
for r in (1, 2, 3, 4):
    torch.manual_seed(0)
    layer, lora_curves[f"r = {r}"] = LoRALinear(lora_base(32, 32), r, r), []
    goal, adam = layer(lora_in).detach() + lora_in @ lora_delta.T, torch.optim.Adam([layer.lora_A, layer.lora_B], lr=0.03)
    for _ in range(300):
        loss = F.mse_loss(layer(lora_in), goal)
        adam.zero_grad()
        loss.backward()
        adam.step()
        lora_curves[f"r = {r}"].append(loss.item())
plot.curves(lora_curves, ylabel="mean squared error", logy=True);

# %% [markdown]
r"""
### 3 · Adapters for any model

*8 points · core · 25 min · Hu et al. 2021, sections 4.2 and 5.1*

A model is a tree of modules, each with a dotted name: `model.layers.3.self_attn.q_proj`. The Hugging Face library
[peft](https://huggingface.co/docs/peft) goes through them, and where the **last part** of the name (`q_proj`) is among
the targets, a LoRA layer takes the module's place. All else is frozen. Yours does the same, and works on any model whose
layers are `nn.Linear` or `Conv1D`.

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

    In place; returns model. ValueError where no such layer is in targets: it names the last parts of all such layers, and
    model is left as it was."""
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
for kind, targets in [("gpt2", ["c_attn"]), ("gpt2", ["c_fc", "no", "lm_head"]), ("distilbert", ["q_lin", "lin1"]), ("llama", ["v_proj"])]:
    check.equal(lambda: inj_sizes(inj_model(kind), targets, 3), {name: list(p.shape) for name, p in
        inj_trained(inj_peft(kind, targets, 3, 4)).items()}, f"{kind}, {targets}: are Conv1D and nn.Linear found?")
    check.close(lambda: inj_output(inject_lora(inj_model(kind), targets, 3, 4)), inj_output(inj_model(kind)), "No change at first.")
def inj_error(targets):
    model = inj_model("gpt2")
    try: inject_lora(model, targets, 2, 4)
    except ValueError as error: said = str(error)
    return [name in said for name in ("c_attn", "c_proj", "c_fc", "lm_head")] + [len(inj_trained(model))]
for targets in (["q_proj"], ["proj"], ["attn"], ["transformer.h.0.attn"], ["wte"], []):
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
    """What peft's model gives with the files that save_lora wrote, what load_lora's does, and what the JSON says."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        save_lora(inj_ours(kind, *settings), folder + "/new/adapter")
        model = PeftModel.from_pretrained(inj_model(kind), folder + "/new/adapter")
        again = load_lora(inj_model(kind), folder + "/new/adapter")
        told = read_adapter(folder + "/new/adapter")[0]
    return [inj_output(model.double()), inj_output(again), [told["r"], told["lora_alpha"], len(told["target_modules"]),
        told["fan_in_fan_out"]]]
def inj_from_peft(kind, *settings):
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inj_known(inj_peft(kind, *settings)).save_pretrained(folder)
        return inj_output(load_lora(inj_model(kind), folder))
check.close(lambda: lora_state_dict(inj_ours("gpt2", ["c_attn"], 2, 6)), inj_trained(inj_known(inj_peft("gpt2", ["c_attn"], 2, 6))),
    "lora_state_dict: the adapters' tensors, and nothing else, under the model's own names.")
inj_right = inj_output(inj_known(inj_peft("llama", ["q_proj"], 2, 6)))
check.close(lambda: inj_to_peft("llama", ["q_proj"], 2, 6), [inj_right, inj_right, [2, 6, 1, False]],
    "Saved; loaded by peft, and by you: are the tensors' names peft's, and are r and lora_alpha in the JSON?")
check.close(lambda: inj_from_peft("llama", ["q_proj"], 2, 6), inj_right,
    "Saved by peft, and loaded: do the tensors arrive, with r and lora_alpha from the JSON?")
### BEGIN HIDDEN TESTS
for each in [("gpt2", ["c_attn", "c_fc"], 3, 1), ("distilbert", ["q_lin", "lin2"], 1, 8)]:
    right = inj_output(inj_known(inj_peft(*each)))
    check.close(lambda: inj_to_peft(*each), [right, right, [each[2], each[3], len(each[1]), each[0] == "gpt2"]],
        f"Saved for peft: {each}. Is fan_in_fan_out told right?")
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

Data are **pairs**: a prompt, and the answer you would like. They come from people, so they come broken: a column missing,
a cell empty. An error must name the file, the line and what is missing.

The loop is the usual one, but only what is trainable goes to the optimizer, the loss is the mean over **all targets of
the batch**, and the learning rate falls to zero.

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
            yield from ((table.reader.line_num, row) for row in table)
            return
        for line, text in enumerate(file, 1):
            try: row = json.loads(text) if text.strip() else {}
            except json.JSONDecodeError: row = None
            if text.strip(): yield line, row if isinstance(row, dict) else None

# %% nbgrader={"grade": false, "grade_id": "finetune", "locked": false, "schema_version": 3, "solution": true, "task": false}
def read_pairs(path):
    """The list of (prompt, answer) in a .csv, with these columns, or a .jsonl, an object a line with these keys.

    Others are ignored. ValueError with the file's name for another ending and where there is no pair; with the line's number,
    too, where it is no JSON object, or prompt or answer is missing, blank or no text; then the message names which."""
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
    """Train what is trainable, on its device, in train mode, by AdamW, no weight decay. Each step's loss, floats. Then eval mode.
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

# %% nbgrader={"grade": true, "grade_id": "finetune-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Batches of examples of unequal length, against one row at a time without padding."""
def ft_made():  # 5, 9, 3 and 7 tokens; the last 1, 7, 2 and 1 are targets
    ids = [check.integers(n, high=11, seed=n).tolist() for n in (5, 9, 3, 7)]
    return [(one, [-100] * k + one[k:]) for one, k in zip(ids, (4, 2, 1, 6))]
ft_examples = ft_made()
def ft_run(train, kind, *settings, seed=0, examples=ft_examples, own=True):
    """Losses, the parameters of one layer, which alone is trainable, and the sum of each frozen one. own: with a generator."""
    model = inj_model(kind).requires_grad_(False)
    for one in model.modules(): one.p = 0.0  # no dropout
    layer = (model.model.layers if kind == "llama" else model.transformer.h)[1].requires_grad_(True)
    dice = torch.Generator().manual_seed(seed) if own else torch.manual_seed(seed) and None
    return [train(model, examples, *settings, generator=dice), list(layer.parameters()), [p.sum() for p in model.parameters() if not p.requires_grad]]
def ft_by_hand(model, examples, steps, lr, batch_size, generator):
    """The oracle: row by row, losses divided by the batch's n targets, and PyTorch's AdamW."""
    adam, losses = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=lr, weight_decay=0.0), []
    for step in range(steps):
        rows = [examples[place] for place in torch.randint(len(examples), (batch_size,), generator=generator).tolist()]
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

# %% nbgrader={"grade": true, "grade_id": "finetune-test-loop", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""The loop's other promises: its modes, watch, what it returns."""
def ft_modes(model):
    """Was every step in train mode? The mode at the end; how many losses watch saw each time; are all losses floats; is it learning?"""
    told, seen = [], []
    model.register_forward_pre_hook(lambda *_: told.append(model.training))
    losses = finetune(model, ft_examples, 60, 0.02, 4, torch.Generator().manual_seed(0), lambda losses: seen.append(len(losses)))
    return [all(told), model.training, seen, all(isinstance(one, float) for one in losses), sum(losses[-10:]) < 0.5 * sum(losses[:10])]
check.equal(lambda: ft_modes(inj_model("llama")), [True, False, list(range(1, 61)), True, True],
    "Train mode at each step and eval mode at the end, watch at each step, losses as floats, learning: which is missing?")
### BEGIN HIDDEN TESTS
check.equal(lambda: ft_modes(inj_model("gpt2").train()), [True, False, list(range(1, 61)), True, True],
    "A model that comes in train mode: train mode at each step, eval mode at the end, watch, floats, learning?")
ft_turns = [([5, 0, 0, 3, 0], [-100, 0, 0, -100, 0]), ([1, 2, 0, 4], [-100, -100, 0, -100])]
check.close(lambda: ft_run(finetune, "llama", 30, 0.003, 2, examples=ft_turns), ft_run(ft_by_hand, "llama", 30, 0.003, 2,
    examples=ft_turns), "Two answers in one example, targets of id 0, lr down to the last step: does every label but -100 count?",
    3e-5, 1e-6)
check.close(lambda: ft_run(finetune, "gpt2", 3, 0.01, 2, seed=7, own=False), ft_run(ft_by_hand, "gpt2", 3, 0.01, 2, seed=7,
    own=False), "generator=None: are the examples then drawn by torch's own generator, whatever its state?", 3e-5, 1e-6)
check.equal([ft_examples, ft_turns], [ft_made(), [([5, 0, 0, 3, 0], [-100, 0, 0, -100, 0]), ([1, 2, 0, 4],
    [-100, -100, 0, -100])]], "The examples came back changed.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "finetune-test-files", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Good files and bad ones."""
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
check.equal(lambda: ft_read("my.csv", "prompt,answer\nx, y\n\nx,z\nx, y\n"), [("x", " y"), ("x", "z"), ("x", " y")],
    "Each row a pair, as it stands: the same prompt, even the same pair, may come twice.")
check.equal(lambda: ft_read("a.csv", "prompt,answer\nx,\n") == ft_read("a.csv", "prompt,answer\n,x\n"), False,
    "Of the first file the answer is missing, of the second the prompt: does the message tell which?")
for name, text, *words in [("a.csv", "prompt,reply\nx,y\n", "answer"), ("a.csv", "answer,prompt\nx,\n", "2", "prompt"),
    ("a.csv", ""), ("a.csv", "prompt,answer\n"), ("a.jsonl", "\n"), ("a.txt", "prompt,answer\nx,y\n"), ("a.json", "[]"),
    ("a.txt", '{"prompt": "x", "answer": "y"}'),
    ("a.jsonl", '{"prompt": "x", "answer": "y"}\n\n{"prompt": "x"}\n', "3", "answer"), ("a.jsonl", "[1, 2]\n", "1"),
    ("a.jsonl", '{"prompt": "x", "answer": "y"}\n{"prompt"\n', "2"), ("a.jsonl", '{"prompt": 5, "answer": "y"}', "1", "prompt"),
    ("a.csv", "prompt,answer\nx,y\n,\n", "3", "prompt"), ("a.csv", "prompt,answer\n\n\nx,\n", "4", "answer"),
    ("a.jsonl", "{}\n", "1", "prompt"), ("a.csv", 'prompt,answer\nx,y\nx," "\n', "3", "answer"), ("a.csv", "prompt,answer\nx,y\nx\n", "3", "answer")]:
    check.equal(lambda: ft_names(name, text, name, *words), [True] * (1 + len(words)), f"{name} with {text!r}: is it told what is bad?")
### END HIDDEN TESTS

# %% [markdown]
r"""
Now for real: sentences from film reviews, which some twenty people rated each, from -4 to 4. The clear ones (a mean of
1.5 or more, or of -1.5 or less) make pairs: the sentence, and *good* or *bad*. 64 are held out and none of their texts
is learned from. A model is right where, of the two words, the right one is likelier as the answer's first token.
"""

# %% tags=["explore"]
ft_rated = {one.text: one for one in data.ratings() if one.source == "films" and abs(one.mean) >= 1.5 and 30 <= len(one.text) < 90}
ft_pairs = [(f"{one.text}\nIs this film good or bad?", "good" if one.mean > 0 else "bad") for one in ft_rated.values()]
random.Random(0).shuffle(ft_pairs)
ft_held_out, ft_learned = ft_pairs[:64], ft_pairs[64:]

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
        T, kept = ids.shape[1], ids.shape[1] - int(at[i].min()) + 1  # logits of the last places alone: they are 49,152 wide
        logits = model(input_ids=ids.to(model.device), logits_to_keep=kept).logits.cpu()
        logits = logits[torch.arange(len(i)), at[i] - 1 - T][:, choices]
        right += (choices[logits.argmax(1)] == first[i]).sum().item()
    return right / len(examples)

# %% [markdown]
r"""
Two models learn from the same pairs, 8 a step. One is the chat model with adapters of rank 16 in its upper ten layers (no
gradient need flow further down), in 26 steps. The other is its first six layers alone, every number of it trained, in 12.
**Look for** the loss (its axis is logarithmic), which first falls because the *form* of the answer is learned; and for the
share of held-out sentences told right. A coin has 0.5, and one standard error is up to 0.06. The adapters train one number
in 137 and tell far more than before; the small model learns the form, and stays a coin: so few sentences teach it no reading.
"""

# %% tags=["explore"]
def ft_compare(name, model, tokenizer, learned, held_out, lr, steps):
    """Accuracy before, training with a live figure, accuracy after."""
    before, means = ft_accuracy(model, held_out, tokenizer), ft_curves.setdefault(name, [])
    draw = widgets.live(lambda: plot.curves(ft_curves, ylabel="loss, mean of 5 steps (nats)", logy=True))
    def watch(losses): means.append(np.mean(losses[-5:])), draw(now=len(losses) == steps)
    finetune(model, [ft_example(pair, tokenizer) for pair in learned], steps, lr, 8, torch.Generator().manual_seed(0), watch)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    print(f"{name}: {trained:,} numbers trained; right {before:.2f} before, {ft_accuracy(model, held_out, tokenizer):.2f} after")
ft_curves = {}

# %% tags=["explore"]
torch.manual_seed(0)
with device.all_cores():
    model, tokenizer = models.load()
    inject_lora(model.requires_grad_(False).model.layers[20:], ["q_proj", "v_proj", "up_proj", "down_proj"], 16, 32)
    ft_compare("adapters", model.to(device.get()), tokenizer, ft_learned, ft_held_out, 2e-3, 26)
    ft_small, _ = models.load()
    ft_small.model.layers = ft_small.model.layers[:6]
    ft_compare("six layers, all of it", ft_small.to(device.get()), tokenizer, ft_learned, ft_held_out, 5e-4, 12)

# %% [markdown]
r"""
How large a rank? Such runs at three ranks, 40 steps each, and the small model's, as `bench/finetune.py`
measured them in some minutes on 150 held-out sentences. **Look for** the order: the higher the rank, the sooner the form
gives way to the judgement. At the end rank 1 tells 0.71, rank 4 0.86 and rank 16 0.90, each within about 0.04. Hu et al.
(section 7.2) find that rank 1 can be enough; it may be here, too, with more steps.
"""

# %% tags=["explore"]
ft_runs, ft_steps = {}, sorted({one.steps for one in tables.finetune()})
for one in tables.finetune():
    ft_runs.setdefault(f"{one.run} ({one.trained:,} numbers)", []).append(one.accuracy)
ax = plot.grid(1, 1, width=8.5, height=3.6)[0]
plot.curves(ft_runs, ft_steps, "steps", "held-out sentences told right", ax=ax).legend(loc="upper left", bbox_to_anchor=(1, 1))
print(tables.source(tables.FINETUNE))

# %% [markdown]
r"""
**Your own task.** Put the path of a .csv or .jsonl with a few hundred pairs into `ft_file`; a fifth is held out. Where
there is a network, `ft_name` takes a model of the Hub, with the last parts of its layers' names. Three passes, some 3 s a step for a model of this size:

| model | layers | adapters |
|---|---|---|
| `"gpt2"` | `c_attn` | yours |
| `"distilbert-base-uncased"` | `q_lin`, `v_lin` | yours |
| `"Qwen/Qwen2.5-0.5B"`, a Llama | `q_proj`, `v_proj` | yours, or peft's |

DistilBERT reads in both directions and fills in masks: `course.masked` puts them where the answer stands. Right means what it
meant above: of all the answers' first tokens, the right one is the likeliest.
"""

# %% tags=["explore"]
ft_file, ft_name, ft_targets, ft_by_peft = None, None, ["q_proj", "v_proj"], False
if ft_file:
    own_pairs = list(dict.fromkeys(read_pairs(ft_file)))
    if len(own_pairs) < 10: raise ValueError(f"{ft_file} has {len(own_pairs)} different pairs; add more: a fifth is held out")
    random.Random(0).shuffle(own_pairs)
    own_held_out, own_learned = own_pairs[: len(own_pairs) // 5], own_pairs[len(own_pairs) // 5 :]
    own_model, own_tokenizer = models.load(ft_name)
    if ft_by_peft: own_model = get_peft_model(own_model, LoraConfig(r=8, lora_alpha=16, target_modules=ft_targets))
    else: inject_lora(own_model, ft_targets, 8, 16)
    with device.all_cores():
        ft_compare(Path(ft_file).name, own_model.to(device.get()), own_tokenizer, own_learned, own_held_out,
            1e-3, 3 * len(own_learned) // 8)
    own_folder = Path(ft_file).stem + "-adapter"
    own_model.save_pretrained(own_folder) if ft_by_peft else save_lora(own_model, own_folder)

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

Weights are roughly normal around 0. **NF4**'s 16 values are a normal's quantiles $\Phi^{-1}(p)$: eight with $p$ evenly
spaced from $1-e$ to $\tfrac12$, nine from $\tfrac12$ to $e = 1 - \tfrac12(\tfrac1{32}+\tfrac1{30})$, ends included.
The 0 at $\tfrac12$ counts once. All are divided by the largest: 0 is exact, the ends are $\pm 1$.

Every 64 weights, a **block**, are divided by their largest absolute value (*absmax*). Each is stored as its **code**, the
index of the nearest value: two to a byte.

<details><summary>A nudge</summary><code>torch.special.ndtri</code> is the quantile function, best in float64.</details>
<details><summary>The key step</summary>A block of zeros: divide by what, so that nothing is 0/0?</details>
"""

# %% [markdown]
r"""
The layout, as in bitsandbytes: `w` is read row by row, whatever its shape. The last block may be short. The first of two
codes stands in the byte's **high** four bits; beside a last odd one stands 7, the code of 0. `absmax` is float32, one
for each block: 32 bits for 64 weights, half a bit each.

**Double quantization** makes 8 bits of these 32. Subtract the mean of all absmax. Divide each 256 of what is left by their
largest absolute value, their **scale**. The code is the index of the nearest of 256 given values (`dynamic_map`). The codes,
the scales (float32) and the one mean are stored; `undouble` is the way back.
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

    codes: uint8 (ceil(N / 2),). absmax: float32 (ceil(N / block),), 0 for a zero block (codes 7). All is done in float32."""
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
    """absmax (n,) as (codes, scales, mean): uint8 (n,); float32 (ceil(n / block),), 0 where all is 0; float32 ()."""
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
nf4_rows = [[4.0, 0, 8], [0, 0.5, 0.25]]
check.equal(lambda: nf4_seen(torch.tensor(nf4_rows), 2), [[0xF7, 0xF7, 0xFC], [4.0, 8.0, 0.5], *nf4_kinds, nf4_rows],
    "Blocks of 2, read row by row, across the rows' ends: has each its own absmax?")
check.equal(lambda: nf4_seen(torch.zeros(3), 2), [[0x77, 0x77], [0.0, 0.0], *nf4_kinds, [0.0, 0.0, 0.0]],
    "A block of zeros: is 0 divided by 0? Its codes are 7, its absmax is 0.")
### BEGIN HIDDEN TESTS
from bitsandbytes.functional import get_4bit_type
nf4_theirs = get_4bit_type("nf4", device="cpu").tolist()  # bitsandbytes' sixteen values
def nf4_slowly(w, block):  # the oracle: one number at a time
    codes, absmax = [], []
    for part in (one.tolist() for one in w.detach().flatten().split(block)):
        absmax.append(max(map(abs, part)))
        codes += [min(range(16), key=lambda i: abs(nf4_theirs[i] - one / (absmax[-1] or 1.0))) for one in part]
    codes += [7] * (len(codes) % 2)
    return [[16 * one + two for one, two in zip(codes[::2], codes[1::2])], absmax, *nf4_kinds, w.detach().tolist()]
for shape, block, dtype in [((5, 64), 64, torch.float32), ((7, 33), 32, torch.bfloat16), ((2, 3, 37), 16, torch.float16)]:
    check.equal(lambda: nf4_seen(0.1 * check.normal(*shape, seed=1, dtype=dtype), block),
        nf4_slowly(0.1 * check.normal(*shape, seed=1, dtype=dtype), block),
        f"{shape} in blocks of {block}: is the nearest value taken, the last block short, an odd code last?")
check.equal(lambda: nf4_seen(nn.Parameter(check.normal(6, 40, dtype=torch.float32).T)),
    nf4_slowly(check.normal(6, 40, dtype=torch.float32).T, 64), "A transposed parameter, blocks of 64 by default.")
check.equal(lambda: nf4_seen(1e-12 * check.normal(90, dtype=torch.float32), 32),
    nf4_slowly(1e-12 * check.normal(90, dtype=torch.float32), 32), "Tiny weights: is any number added to absmax, or a floor set?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "nf4-test-dequantize", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Bytes 0xF0 and 0x7F are codes 15, 0, 7, 15: values 1, -1, 0, 1, times absmax."""
def nf4_back(codes, absmax, *rest):
    kept = [torch.tensor(codes, dtype=torch.uint8), torch.tensor(absmax)]
    out = dequantize_nf4(*kept, *rest)
    return [out, [one.tolist() for one in kept] == [codes, absmax] and out.dtype == torch.float32]
check.close(lambda: nf4_back([0xF0, 0x7F], [2.0], (2, 2)), [torch.tensor([[2.0, -2.0], [0.0, 2.0]]), True],
    "The high four bits are the first code of a byte. Is the result float32, in the shape asked for, codes and absmax unchanged?")
check.close(lambda: nf4_back([0xF0, 0x07], [2.0, 5.0], (3, 1), 2), [torch.tensor([[2.0], [-2.0], [-5.0]]), True],
    "Blocks of 2: absmax 2 for two numbers, then 5. Is the seven that filled the last byte left out?")
### BEGIN HIDDEN TESTS
from bitsandbytes.functional import get_4bit_type
nf4_bits = get_4bit_type("nf4", device="cpu").tolist()
for shape, block in [((3, 5), 4), ((4, 3, 32), 64), ((129,), 64), ((1, 1), 64)]:
    count = math.prod(shape)
    bytes_ = check.integers(-(-count // 2), high=256)
    sizes = check.uniform(-(-count // block), high=3, dtype=torch.float32)
    codes = [code for byte in bytes_.tolist() for code in (byte // 16, byte % 16)][:count]
    check.close(lambda: nf4_back(bytes_.tolist(), sizes.tolist(), shape, block)[0],
        torch.tensor([nf4_bits[code] * sizes[i // block] for i, code in enumerate(codes)]).view(shape),
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
check.equal(lambda: nf4_twice([2.0**-40, 2.0**-39, 3 * 2.0**-40, 6 * 2.0**-40])[0], [23, 47, 127, 255], "Tiny: is there a floor?")
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
values stand on the left, and on the right how often each is used. int4 spends as many on the tails as on the middle, and
code 7 (its 0) is used ten times as often as the ends; NF4's shares differ less. (It was made for weights divided by a
fixed size; divided by their block's largest, they reach the ends more rarely.)
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

A linear layer's weight as codes; beside it exercise 2's adapter. For inputs in rows:

$$y = x\,\hat W^\top + b + \tfrac{\alpha}{r}\,\mathrm{dropout}(x)\,A^\top B^\top$$

The dequantized weight $\hat W$ exists only while a product needs it. A plain `x @ W.T` would hand it to autograd, which
keeps it, for every layer at once. So it is made again in the backward pass, for
$\partial L/\partial x = \partial L/\partial y\,\hat W$, and only 4.5 bits a weight stay.

<details><summary>A nudge</summary>Which of its inputs does a product save for the gradient of <code>x</code>?</details>
<details><summary>The key step</summary>Save the codes and absmax, which are small, for the backward pass, and there
dequantize once more.</details>
"""

# %% [markdown]
r"""
`four_bits` and `from_four_bits` below are exercise 5's functions by bitsandbytes, so that you need not have written them.

In a `torch.autograd.Function` both passes are yours. `ctx` carries things from `forward` to `backward`; `backward` gets
$\partial L/\partial y$, and returns one gradient for each argument of `forward`: `None` where there is none. The layer
calls it by `FourBitProduct.apply(x, …)`.
"""

# %% nbgrader={"grade": false, "grade_id": "given-four-bits", "locked": true, "schema_version": 3, "solution": false, "task": false}
from bitsandbytes import functional as bnb

def four_bits(w):
    """(codes, absmax) of w in blocks of 64: exercise 5's quantize_nf4, by bitsandbytes."""
    codes, state = bnb.quantize_4bit(w.detach().float().flatten(), blocksize=64, quant_type="nf4")
    return codes.flatten(), state.absmax

def from_four_bits(codes, absmax, shape):
    """The float32 numbers again, in that shape: exercise 5's dequantize_nf4, by bitsandbytes."""
    values, length = bnb.get_4bit_type("nf4", device=codes.device), torch.Size([2 * len(codes)])  # even: an odd one is slow
    state = bnb.QuantState(absmax, length, values, 64, "nf4", torch.float32)
    return bnb.dequantize_4bit(codes[:, None], state).flatten()[: math.prod(shape)].view(shape)

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

def ql_rounded(base):
    """The base with its weight rounded to NF4."""
    base.weight.data = from_four_bits(*four_bits(base.weight), base.weight.shape)
    return base

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
    """x (..., in) times the transpose of what from_four_bits(codes, absmax, shape) gives, in x's dtype: (..., out)."""
    @staticmethod
    def forward(ctx, x, codes, absmax, shape):
        ### BEGIN SOLUTION
        ctx.save_for_backward(codes, absmax)
        ctx.shape = shape
        return x @ from_four_bits(codes, absmax, shape).to(x.dtype).T
        ### END SOLUTION
    @staticmethod
    def backward(ctx, grad):
        ### BEGIN SOLUTION
        return grad @ from_four_bits(*ctx.saved_tensors, ctx.shape).to(grad.dtype), None, None, None
        ### END SOLUTION

class QLoRALinear(nn.Module):
    """An nn.Linear's stand-in: buffers codes and absmax from four_bits, its bias frozen, no weight. Trained, float32, on
    base's device: lora_A (r, in), by nn.init.kaiming_uniform_(lora_A, a=5**0.5), lora_B (out, r), zeros. The state_dict holds
    codes, absmax, lora_A, lora_B and, where there is one, bias."""
    def __init__(self, base, r, alpha, dropout=0.0):
        ### BEGIN SOLUTION
        super().__init__()
        self.shape, self.scale, self.dropout = base.weight.shape, alpha / r, nn.Dropout(dropout)
        for name, one in zip(("codes", "absmax"), four_bits(base.weight)): self.register_buffer(name, one)
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
        f"Training mode {training}: is x, on the adapter's way, dropped with 0.4 in training alone?", atol=1e-4)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "qlora-test-bytes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A weight of 192 KiB in float32: its codes are 24, its absmax 3, bias and adapter (r = 4) 8."""
def ql_make(base):
    return QLoRALinear(base, 4, 8)
def ql_copied(n_in, n_out, bias=True):
    """A layer's state loaded into another layer, made from another base."""
    one, two = (QLoRALinear(ql_base(n_in, n_out, bias, seed=seed), 4, 8) for seed in (0, 3))
    two.load_state_dict(ql_filled(one, ql_base(n_in, n_out), 4).state_dict())
    return two
def ql_state(layer):
    return {name: [str(p.dtype), p.numel()] for name, p in layer.state_dict().items() if name != "bias"}
check.that(lambda: ql_kib(ql_make, 256, 192)[0], lambda kib: kib < 40,
    "Some 35 KiB are to be held. Is the base kept, a dequantized copy, or one code to a byte?")
check.that(lambda: ql_kib(ql_make, 256, 192)[1], lambda kib: kib < 40,
    "After the forward pass x, the output and small tensors are alive, 15 KiB. Does autograd hold the dequantized weight?")
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

# %% nbgrader={"grade": true, "grade_id": "qlora-test-product", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""FourBitProduct without the layer; and dtypes that differ."""
def ql_product(x):
    """FourBitProduct by itself: its output and x's gradient."""
    codes, absmax = four_bits(ql_base(70, 5, exact=True).weight)
    (out := FourBitProduct.apply(x := x.clone().requires_grad_(), codes, absmax, (5, 70))).cos().sum().backward()
    return [out, x.grad]
def ql_by_hand(x, W):
    return [x @ W.T, -(x @ W.T).sin() @ W]
check.close(lambda: ql_product(ql_x), ql_by_hand(ql_x, ql_base(70, 5, exact=True).weight.data),
    "FourBitProduct alone: x times the transposed weight, and the gradient of x.", atol=1e-4)
check.equal(lambda: [str(QLoRALinear(ql_base(70, 5), 4, 8)(ql_x.to(kind)).dtype) for kind in (torch.bfloat16, torch.float64)],
    ["torch.bfloat16", "torch.float64"], "Over a float32 base, too, the output is in x's dtype: is the bias?")
### BEGIN HIDDEN TESTS
check.equal(lambda: ql_state(QLoRALinear(ql_base(70, 5).bfloat16(), 4, 8)), {"codes": ["torch.uint8", 175],
    "absmax": ["torch.float32", 6], "lora_A": ["torch.float32", 280], "lora_B": ["torch.float32", 20]},
    "Over a 16-bit base the adapter is float32 still.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Four ways to fine-tune the chat model on film reviews with a rating word, each on the same batches: all of it in float32;
your LoRA over 16-bit weights (32 where the processor is slow in 16); your QLoRA; bitsandbytes' `Linear4bit` with peft's
adapters. On a GPU the largest of five models is taken whose 16-bit weights fill at most a third of it; a way that does not
fit has no bar. **Look for** what each holds at the peak of a step, and what four bits cost in time. On a CPU the steps are
few: the losses (dotted: before) only show that something is learned.
"""

# %% tags=["explore", "gpu"]
from course import adapters

ql_rows, ql_steps = device.size((8, 50), (2, 2))
ql_ways = adapters.ways(LoRALinear, QLoRALinear)
with device.all_cores():
    ql_found = adapters.compare(ql_ways, adapters.largest(), ql_rows, ql_steps)
adapters.figure(ql_found);

# %% [markdown]
r"""
# C · What people prefer

Nobody can write down a loss for "a good answer", but people can say which of two is better. From such judgements comes a
reward, and from the reward, by *reinforcement learning*, a model that earns more of it.

Its words, for a language model: the model is a **policy** $\pi$, writing a token is a **step**, and one text, up to its last
token, is an **episode**. The policy learns from texts that it wrote itself. A token after which things went better than
expected, by an **advantage** $A>0$, is made likelier, one with $A<0$ less likely: the plain loss is $-A\log\pi$. Exercise 8
makes $A$, exercise 9 a more careful loss, exercise 10 the loop.
"""

# %% [markdown]
r"""
### 7 · From comparisons to a reward

*9 points · core · 20 min · Christiano et al. 2017, section 2.2.3; Ouyang et al. 2022, section 3.5*

A **reward model** gives a text one number $r$. By Bradley and Terry's law the difference of two rewards is the log-odds
that the first text is preferred ($\sigma$ is the sigmoid), and the loss is a classifier's:

$$P(a\text{ before }b)=\sigma(r_a-r_b),\qquad\text{loss}=-\log\sigma(r_a-r_b)$$

Someone who orders $K$ texts has made $K(K-1)/2$ comparisons. They overlap, so InstructGPT takes them **together**: each
text is read once, and a prompt counts by its mean over all its pairs.

<details><summary>A nudge</summary>Has PyTorch a function for the logarithm of a sigmoid?</details>
<details><summary>The key step</summary>All differences at once: rewards[:, :, None] - rewards[:, None, :]; which half
do you want?</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-reviews", "locked": true, "schema_version": 3, "solution": false, "task": false}
from course import reviews  # 23,703 rated texts as rows of 48 ids, and a small language model: the module is worth a look

def rater_share(better, worse):
    """How often a rater of one text and a rater of the other, drawn at random, put the first above; equal: one half."""
    a, b = np.array(better.ratings), np.array(worse.ratings)
    return float((np.sign(a[:, None] - b[None, :]) / 2 + 0.5).mean())

# %% nbgrader={"grade": false, "grade_id": "reward-model", "locked": false, "schema_version": 3, "solution": true, "task": false}
class RewardModel(nn.Module):
    """A number for each text: the hidden state of its last real token through `self.head`.

    backbone: a module that reads from left to right; backbone(ids).last_hidden_state is (B, T, C), and C is
    backbone.config.hidden_size, as in transformers. head: a linear layer from C to 1 without bias, its weights drawn
    from a normal distribution of standard deviation 1/√(C + 1) (Stiennon et al. 2020, appendix B).
    """
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        ### BEGIN SOLUTION
        self.head = nn.Linear(backbone.config.hidden_size, 1, bias=False)
        nn.init.normal_(self.head.weight, std=1 / math.sqrt(backbone.config.hidden_size + 1))
        ### END SOLUTION
    def forward(self, ids, mask):
        """ids: (B, T); mask: bool (B, T), True at a row's real tokens: its first ones, one at least. Returns (B,).

        After them come any ids: a padding's id may be a real token's elsewhere."""
        ### BEGIN SOLUTION
        hidden = self.backbone(ids).last_hidden_state
        last = mask.sum(1) - 1
        return self.head(hidden[torch.arange(len(ids), device=ids.device), last])[:, 0]
        ### END SOLUTION

def bradley_terry_loss(chosen, rejected):
    """The mean of -log sigmoid(chosen - rejected), a scalar; both (N,). Finite, with its gradient, at ±1e4 too."""
    ### BEGIN SOLUTION
    return -F.logsigmoid(chosen - rejected).mean()
    ### END SOLUTION

def ranking_loss(rewards):
    """The mean over prompts of each one's mean loss over all its pairs; rewards (B, K), K > 1, each row best first."""
    ### BEGIN SOLUTION
    better, worse = torch.triu_indices(rewards.shape[1], rewards.shape[1], offset=1, device=rewards.device)
    return -F.logsigmoid(rewards[:, better] - rewards[:, worse]).mean()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "reward-model-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Two comparisons whose loss can be had by hand, then large rewards, and the slopes."""
def rm_slopes(loss, *rewards):
    rewards = [one.clone().requires_grad_() for one in rewards]
    return list(torch.autograd.grad(loss(*rewards), rewards))

def rm_by_torch(chosen, rejected):  # the oracle: a classifier's loss, every answer "yes"
    return F.binary_cross_entropy_with_logits(chosen - rejected, torch.ones_like(chosen))

won, lost = torch.tensor([3.0, 1.0]), torch.tensor([1.0, 1.0])
check.close(lambda: bradley_terry_loss(won, lost), (math.log(1 + math.exp(-2)) + math.log(2)) / 2,
    "Differences of 2 and 0: is it the mean of -log sigmoid(chosen - rejected), and not the other way round?")
check.close(lambda: bradley_terry_loss(torch.tensor([1e4, -1e4]), torch.tensor([0.0, 0.0])), 5e3,
    "Losses of 0 and 10,000: does exp overflow, or the logarithm meet a 0? Do not cut them off either.")
check.close(lambda: rm_slopes(bradley_terry_loss, won, lost), rm_slopes(rm_by_torch, won, lost),
    "The slopes: does the gradient reach both rewards?")
### BEGIN HIDDEN TESTS
for seed, scale, dtype in [(1, 1.0, torch.float32), (2, 30.0, torch.float64), (3, 1e4, torch.float32)]:
    a, b = scale * check.normal(7, seed=seed, dtype=dtype), scale * check.normal(7, seed=seed + 9, dtype=dtype)
    check.close(lambda: [bradley_terry_loss(a.clone(), b.clone()), rm_slopes(bradley_terry_loss, a, b)],
        [rm_by_torch(a, b), rm_slopes(rm_by_torch, a, b)],
        "Other rewards, up to some 10,000: the mean of -log sigmoid(chosen - rejected), and its slopes?")
check.equal(lambda: [won, lost], [[3, 1], [1, 1]], "The rewards came back changed.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "reward-model-test-ranking", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Two prompts with three texts each: three pairs a prompt."""
def rm_pairs(rewards):
    """The oracle: pair by pair, prompt by prompt."""
    rows = [[F.softplus(row[j] - row[i]) for i in range(len(row)) for j in range(i + 1, len(row))] for row in rewards]
    return torch.stack([torch.stack(row).mean() for row in rows]).mean()

three = torch.tensor([[2.0, 1.0, -1.0], [0.0, 3.0, 0.5]])
check.close(lambda: ranking_loss(three[:1]), sum(math.log(1 + math.exp(-gap)) for gap in (1, 3, 2)) / 3,
    "One prompt, rewards 2, 1, -1: its pairs differ by 1, 3 and 2. All of them, each once, their mean, not their sum?")
check.close(lambda: ranking_loss(three), rm_pairs(three),
    "Two prompts: are texts compared with those of their own prompt only, the earlier one in a row being the better?")
check.close(lambda: rm_slopes(ranking_loss, three), rm_slopes(rm_pairs, three), "Does the gradient reach every reward?")
### BEGIN HIDDEN TESTS
for B, K, scale in [(1, 2, 1.0), (5, 2, 3.0), (3, 4, 1.0), (2, 9, 5.0), (4, 5, 1e4)]:
    many = scale * check.normal(B, K, dtype=torch.float32)
    many[0, 1] = many[0, 0]
    check.close(lambda: [ranking_loss(many.clone()), rm_slopes(ranking_loss, many)],
        [rm_pairs(many), rm_slopes(rm_pairs, many)],
        f"{B} prompts, {K} texts each, two with equal rewards: all K(K - 1)/2 pairs, and nothing overflows?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "reward-model-test-model", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A stand-in for a language model: a token's hidden state is the sum of a table's rows, up to and with its own."""
class RmSums(nn.Module):
    def __init__(self, V, C):
        super().__init__()
        self.table, self.config = nn.Embedding(V, C, dtype=torch.float64), transformers.PretrainedConfig(hidden_size=C)
        self.table.weight.data.copy_(check.normal(V, C))
    def forward(self, input_ids, attention_mask=None):
        return transformers.modeling_outputs.BaseModelOutput(last_hidden_state=self.table(input_ids).cumsum(1))
def rm_scored(backbone, ids, mask, head):  # the scores, and the slopes of the table
    model = RewardModel(backbone).to(head.dtype)
    model.head.weight.data.copy_(head)
    scores = model(ids, mask)
    return scores, torch.autograd.grad(scores.sum(), next(backbone.parameters()))[0]
def rm_by_hand(V, C, ids, mask, head):  # the oracle: how often each token is real in a row, times the table
    counts = (F.one_hot(ids, V) * mask[..., None]).sum(1).double()
    return counts @ check.normal(V, C) @ head[0], counts.sum(0)[:, None] * head
ids, head = torch.tensor([[0, 3, 1, 0], [2, 4, 4, 4], [1, 1, 2, 3]]), check.normal(1, 3)
mask = torch.arange(4) < torch.tensor([[4], [1], [3]])
check.close(lambda: rm_scored(RmSums(5, 3), ids.clone(), mask.clone(), head), rm_by_hand(5, 3, ids, mask, head),
    "4, 1 and 3 real tokens: is it the last real one's state, found by the mask and not by an id? One number a row?")
### BEGIN HIDDEN TESTS
llama = transformers.LlamaConfig(vocab_size=11, hidden_size=16, intermediate_size=24, num_hidden_layers=2,
    num_attention_heads=2, pad_token_id=10, num_labels=1)
theirs = transformers.LlamaForSequenceClassification(llama).double()
for seed, p in enumerate(theirs.parameters()): p.data.copy_(check.normal(*p.shape, seed=seed) / 4)
padded = check.integers(4, 7, high=10).masked_fill(torch.arange(7) >= torch.tensor([[7], [2], [1], [5]]), 10)
def rm_kept(ids): return rm_scored(theirs.model, ids, padded != 10, theirs.score.weight.data)[0], ids
check.close(lambda: rm_kept(padded.clone()), (theirs(padded).logits[:, 0], padded),
    "transformers' Llama with a head for one number, the same weights. [1]: the ids stay as they were.")
one, real = torch.tensor([[2, 4, 1]]), torch.tensor([[True, True, False]])
check.close(lambda: rm_scored(RmSums(5, 3), one, real, head), rm_by_hand(5, 3, one, real, head), "One row: (1,)?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "reward-model-test-head", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""The head's weights over 1/√(C + 1): their standard deviation, which should be 1, and the share that is larger than it."""
def rm_drawn(C):
    weights = RewardModel(RmSums(2, C)).head.weight[0].double() * (C + 1) ** 0.5
    return [weights.std(), (weights > 1).double().mean()]
check.close(lambda: rm_drawn(4000), [1.0, 0.159], "C is 4,000. [0]: is the standard deviation 1/√4001? [1]: is it a normal "
    "distribution, of which 16% lie above one standard deviation?", rtol=0.05, atol=0.02)
### BEGIN HIDDEN TESTS
check.close(lambda: rm_drawn(900), [1.0, 0.159], "C is 900.", rtol=0.08, atol=0.06)
check.equal(lambda: RewardModel(RmSums(2, 5)).head.bias is None, True, "Is the head without bias?")
### END HIDDEN TESTS

# %% [markdown]
r"""
**A model to align.** A small Llama reads the rated texts once, about half a minute. It will be the reward model's backbone
here and the policy of exercise 10. **Look for** how far it gets: it has the spelling, the short phrases and the tone of reviews,
and no thought. The held-out loss is in nats per token.
"""

# %% tags=["explore"]
import copy

from tqdm.auto import tqdm

small, small_losses = reviews.small_gpt(), []
with device.all_cores(), tqdm(total=500) as bar:
    small_loss = reviews.pretrain(small, show=lambda step, loss: (small_losses.append(loss), bar.update()))
plot.curves({"training": small_losses})
print(f"held out: {small_loss:.2f} nats; {sum(p.numel() for p in small.parameters()):,} parameters")
for row in reviews.sample(small, torch.full((4, 1), reviews.END), generator=torch.Generator().manual_seed(0)):
    print("·", reviews.detokenize(row))

# %% [markdown]
r"""
**Your reward model**, on the judgements of single people: eight texts of one source, ordered by what one rater of each
said, are 28 comparisons; 12 such groups a step, half a minute in all. **Look for** how little the loss falls below
$\log2=0.69$, a coin's: two people often disagree, and no model can know whom it will meet.
"""

# %% tags=["explore"]
learn, held_out = reviews.texts()
rm_ids, dice = reviews.encode(learn), random.Random(0)
rm_places = {source: [i for i, one in enumerate(learn) if one.source == source and rm_ids[i, -1] == reviews.END]
             for source in data.RATED}
def rm_batch(groups=12, K=8):
    """Rows of ids, group by group; in each the best first. Equals stand in random order."""
    places = []
    for source in dice.choices(list(rm_places), [len(one) for one in rm_places.values()], k=groups):
        said = {i: dice.choice(learn[i].ratings) + dice.random() / 2 for i in dice.sample(rm_places[source], K)}
        places += sorted(said, key=said.get, reverse=True)
    return rm_ids[places][:, : reviews.mask(rm_ids[places]).sum(1).max()]
reward_model, rm_losses = RewardModel(copy.deepcopy(small.model)), []
adam = torch.optim.AdamW(reward_model.parameters(), weight_decay=0.05)
with device.all_cores():
    for step in tqdm(range(150)):
        adam.param_groups[0]["lr"] = 1e-3 * min((step + 1) / 15, 1 - step / 150)
        rows = rm_batch()
        loss = ranking_loss(reward_model(rows, reviews.mask(rows)).view(-1, 8))
        adam.zero_grad()
        loss.backward()
        adam.step()
        rm_losses.append(loss.item())
plot.curves({"training": rm_losses}, ylabel="loss (nats per comparison)");

# %% [markdown]
r"""
**How good is it?** 2,000 pairs of held-out texts, both of one source. *Left*, by how far apart their mean ratings are:
how often the model agrees with the order of the means; how often *one rater* of each text, drawn at random, does (a tie
counts one half; the own vote is in the mean); how often *two* such draws agree. *Right*: the chance that the model gives
the first text, and the share of raters who prefer it.

**Look for** the ceiling: where texts are close, people are no oracle either. The model stays below one rater
everywhere, but it knows how unsure it is: its points lie near the diagonal.
"""

# %% tags=["explore"]
@torch.no_grad()
def reward_of(ids):
    """The reward model's score of each row of ids (B, T)."""
    return reward_model(ids, reviews.mask(ids))

rm_pairs_held = reviews.pairs(held_out, 2000, seed=1)
with device.all_cores():
    better, worse = (reward_of(reviews.encode([one[side] for one in rm_pairs_held])) for side in (0, 1))
gaps = (better - worse).numpy()
margins = np.array([one.margin for one in rm_pairs_held])
shares = np.array([rater_share(one.better, one.worse) for one in rm_pairs_held])
edges = [0.25, 0.5, 1, 1.5, 2, 3, 4, 8]
bins = [(margins >= low) & (margins < high) for low, high in zip(edges, edges[1:])]
kinds = {"model": gaps > 0, "one rater": shares, "two raters, with one another": shares**2 + (1 - shares) ** 2}
left, right = plot.grid(1, 2, width=4.2, height=3.6)
plot.curves({name: [values[here].mean() for here in bins] for name, values in kinds.items()},
    [margins[here].mean() for here in bins], "difference of mean ratings", "agreement", ax=left)
turned = np.arange(len(gaps)) % 2 == 1  # every other pair with the worse text first: half of the answers are "no"
predicted, seen = 1 / (1 + np.exp(np.where(turned, gaps, -gaps))), np.where(turned, 1 - shares, shares)
tenths = [(predicted >= low) & (predicted < low + 0.1) for low in np.arange(10) / 10]
points = [(predicted[here].mean(), seen[here].mean()) for here in tenths if here.sum() >= 20]
right.plot([0, 1], [0, 1], "--", color="grey")
right.plot(*zip(*points), "o-")
right.set(xlabel="chance that the model gives", ylabel="share of raters")
print({name: f"{values.mean():.3f}" for name, values in kinds.items()})

# %% [markdown]
r"""
### 8 · Which token earned it

*6 points · core · 20 min · Schulman et al. 2015 (GAE), section 3*

The reward comes late; which token earned it? A **value function** $V$ guesses, before each token, what is still to come.
A token's surprise $\delta$ is what it brought beyond that; its **advantage** $A$ sums the surprises from there on:

$$\delta_t=r_t+\gamma V_{t+1}-V_t,\qquad A_t=\delta_t+\gamma\lambda\,\delta_{t+1}+(\gamma\lambda)^2\,\delta_{t+2}+\dots$$

$\gamma\le1$ discounts what is late. With $\lambda=0$ one step is believed and then $V$ (temporal difference); with
$\lambda=1$ only what came (Monte Carlo). An episode's last step has nothing after it: no $V_{t+1}$, no later surprise.
$V$ itself learns towards the **returns** $A_t+V_t$.

<details><summary>A nudge</summary>How does the advantage of one step follow from that of the next?</details>
<details><summary>The key step</summary>Walk backwards; where an episode ends, two terms vanish.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "gae", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gae(rewards, values, dones, gamma, lam):
    """Advantages and returns by generalized advantage estimation; both (..., T), in the dtype of rewards.

    rewards: (..., T), each row steps in order; values: (..., T + 1), V before each step and, last, after the last one;
    dones: bool (..., T), True where an episode ends with this step and what follows in the row is another's.
    T may be some thousand steps. The arguments stay as they are.
    """
    ### BEGIN SOLUTION
    goes_on = (~dones).to(rewards.dtype)
    surprises = rewards + gamma * values[..., 1:] * goes_on - values[..., :-1]
    advantages, later = [], torch.zeros_like(rewards[..., 0])
    for t in reversed(range(rewards.shape[-1])):
        later = surprises[..., t] + gamma * lam * goes_on[..., t] * later
        advantages.append(later)
    advantages = torch.stack(advantages[::-1], -1)
    return advantages, advantages + values[..., :-1]
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "gae-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Three steps, a reward of 8 at the end, by hand."""
def gae_sums(rewards, values, dones, gamma, lam):
    """The oracle: for every step the sum as it is written, until the episode ends."""
    advantages = torch.zeros_like(rewards)
    for place in np.ndindex(*rewards.shape):
        row, start = place[:-1], place[-1]
        for t in range(start, rewards.shape[-1]):
            after = 0.0 if dones[row][t] else values[row][t + 1]
            surprise = rewards[row][t] + gamma * after - values[row][t]
            advantages[place] += (gamma * lam) ** (t - start) * surprise
            if dones[row][t]: break
    return [advantages, advantages + values[..., :-1]]
eight, guesses = torch.tensor([0.0, 0.0, 8.0]), torch.tensor([1.0, 2.0, 4.0, 100.0])
ends = torch.tensor([False, False, True])
check.close(lambda: gae(eight, guesses, ends, 1.0, 0.0)[0], torch.tensor([1.0, 2.0, 4.0]),
    "lam 0: each surprise by itself, 2 - 1, 4 - 2, 8 - 4. Does the 100 come in, which lies after the end?")
check.close(lambda: gae(eight, guesses, ends, 1.0, 1.0)[0], torch.tensor([7.0, 6.0, 4.0]),
    "lam 1: what came, 8, less what was guessed. Is the sum taken from the end backwards?")
check.close(lambda: gae(eight, guesses, ends, 0.5, 0.5)[0], torch.tensor([0.25, 1.0, 4.0]),
    "gamma and lam 0.5: the surprises are 0, 0 and 4, and each step back counts a quarter of the later ones.")
check.close(lambda: gae(eight, guesses, ends, 0.5, 0.5)[1], torch.tensor([1.25, 3.0, 8.0]),
    "The returns: advantages plus the values before each step.")
### BEGIN HIDDEN TESTS
for shape, gamma, lam in [((4, 6), 0.9, 0.8), ((1, 1), 1.0, 0.95), ((2, 3, 5), 0.99, 0.0), ((7,), 0.7, 1.0)]:
    r, v = check.normal(*shape), check.normal(*shape[:-1], shape[-1] + 1, seed=1)
    for share in (0.0, 0.4, 1.0):
        stops = check.uniform(*shape, seed=2) < share
        check.close(lambda: gae(r.clone(), v.clone(), stops.clone(), gamma, lam), gae_sums(r, v, stops, gamma, lam),
            f"Shape {shape}, ends at {share:.0%} of the steps: does every end cut both V after it and later surprises?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "gae-test-ends", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Two episodes in one row; then a row that is cut before its episode ends."""
twice, both = torch.tensor([[1.0, 2.0, 3.0, 4.0]]), torch.tensor([[False, True, False, False]])
known = torch.tensor([[0.5, 0.5, 5.0, 0.5, 10.0]])
def gae_left(*arguments):  # do the arguments stay as they are?
    given = [one.clone() for one in arguments]
    gae(*given, 0.9, 0.8)
    return given
check.close(lambda: gae(twice, known, both, 1.0, 1.0)[0], torch.tensor([[2.5, 1.5, 12.0, 13.5]]),
    "Steps 0 and 1 are an episode (1 + 2), 2 and 3 the next, which goes on after the row: there V is 10. Is the last "
    "value used then? Does anything flow from step 2 back to step 1?")
check.close(lambda: gae(twice, known, both, 0.5, 0.0)[1], torch.tensor([[1.25, 2.0, 3.25, 9.0]]),
    "lam 0: the returns are r + gamma V after it, and at an end r alone.")
check.equal(lambda: gae_left(twice, known, both), [twice, known, both], "Does a line change an argument in place?")
def gae_types(*args): return [str(one.dtype) for one in gae(*args, both, 0.9, 0.8)]
check.equal(lambda: gae_types(twice.double(), known.double()), ["torch.float64"] * 2, "From float64 comes float64.")
### BEGIN HIDDEN TESTS
from scipy import signal
long, hints = check.normal(2, 3000, dtype=torch.float32), check.normal(2, 3001, seed=1, dtype=torch.float32)
def gae_long(stops, gamma, lam):  # the oracle: the same sums as a filter
    r, v, on, out = *(one.double().numpy() for one in (long, hints)), 1.0 - stops.numpy(), []
    for row, keep in zip(r + gamma * v[:, 1:] * on - v[:, :-1], on):
        pieces = np.split(row, np.flatnonzero(keep == 0) + 1)
        out.append(np.concatenate([signal.lfilter([1.0], [1.0, -gamma * lam], piece[::-1])[::-1] for piece in pieces]))
    return torch.tensor(np.stack(out), dtype=torch.float32)
for share, gamma, lam in [(0.0, 0.9, 0.9), (0.01, 0.99, 0.95), (0.3, 1.0, 1.0)]:
    cuts = check.uniform(2, 3000, seed=2) < share
    check.close(lambda: gae(long.clone(), hints.clone(), cuts.clone(), gamma, lam)[0], gae_long(cuts, gamma, lam),
        "3,000 steps: do powers of gamma · lam leave float32's range?", rtol=1e-3, atol=1e-3)
check.equal(lambda: gae_types(twice, known), ["torch.float32"] * 2, "From float32 comes float32.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Twelve tokens, a reward of 1 after the last, and a value function that has understood at token 8 that it will come.
**Look for** what each $\lambda$ credits: with 0 the token at which the guess rose, and a little the last one;
with 1 every token before them as well; in between a share that fades backwards.
"""

# %% tags=["explore"]
gae_r, gae_v, gae_d = torch.zeros(12), torch.full((13,), 0.1), torch.zeros(12, dtype=torch.bool)
gae_r[11], gae_d[11], gae_v[9:] = 1.0, True, 0.9
credit = {f"λ = {lam}": gae(gae_r, gae_v, gae_d, 1.0, lam)[0] for lam in (0.0, 0.5, 0.9, 1.0)}
plot.curves(credit, range(12), "token", "advantage");

# %% [markdown]
r"""
### 9 · Small steps

*10 points · core · 25 min · Schulman et al. 2017, section 3; Ziegler et al. 2019, section 2*

A batch of texts serves several optimizer steps; after the first, the policy is no longer the one that wrote it. The
**ratio** of a token's probabilities, $\rho=\pi/\pi_\text{old}$, corrects for that: $-\rho A$ takes the place of
$-A\log\pi$, and has the same slope where $\rho=1$. And where $\rho$ has moved by more than $\varepsilon$ the way that
$A$ asks for, PPO stops pushing:

$$-\min\big(\rho A,\ \mathrm{clip}(\rho,1-\varepsilon,1+\varepsilon)A\big)$$

<details><summary>A nudge</summary>0 times NaN is NaN: a product with the mask does not remove it.</details>
<details><summary>The key step</summary>ρ from logarithms; select the real tokens first, then compute and take the
mean.</details>
"""

# %% [markdown]
r"""
As in OpenAI's code, values are held back alike: $\tfrac12\max\big((V-R)^2,(V_\text{clip}-R)^2\big)$, $R$ being the return and $V_\text{clip}$
the value held to within $\varepsilon$ of the old one.

And the **leash**: each token pays $\beta(\log\pi-\log\pi_\text{ref})$, on average $\beta$ times the KL divergence from
the reference, the model before all this. The text's score is added at its last token.
"""

# %% nbgrader={"grade": false, "grade_id": "ppo-loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
# All tensors are (B, T) and floating, but mask: bool, True at the tokens that the policy wrote: in each row one run of
# them, one at least; a prompt may stand before it, padding after. Elsewhere the others hold anything, NaN and inf too.
# clip is the ε of the text.
def ppo_policy_loss(logp, logp_old, advantages, mask, clip):
    """PPO's clipped objective, negated: a scalar, the mean over all tokens in mask. A gradient for logp alone."""
    ### BEGIN SOLUTION
    logp, logp_old, advantages = logp[mask], logp_old[mask].detach(), advantages[mask].detach()
    ratio = (logp - logp_old).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()
    ### END SOLUTION
def ppo_value_loss(values, old, returns, mask, clip):
    """The mean over all tokens in mask of half the larger square, a scalar; a gradient for values alone."""
    ### BEGIN SOLUTION
    values, old, returns = values[mask], old[mask].detach(), returns[mask].detach()
    clipped = old + (values - old).clamp(-clip, clip)
    return 0.5 * torch.maximum((values - returns) ** 2, (clipped - returns) ** 2).mean()
    ### END SOLUTION
def kl_rewards(score, logp, logp_ref, mask, beta):
    """Each token's reward (B, T): -beta (logp - logp_ref), at a row's last token in mask its score (B,) too; 0 outside.

    It is a number to earn, not a loss: no gradient leads out of it."""
    ### BEGIN SOLUTION
    rewards = (-beta * (logp - logp_ref)).masked_fill(~mask, 0.0).detach()
    places = torch.arange(mask.shape[1], device=mask.device)
    last = torch.where(mask, places, -1).argmax(1)
    return rewards + score.detach()[:, None] * (places == last[:, None])
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "ppo-loss-test", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""One token after another whose loss can be had by hand; then several, with padding."""
def ppl_one(ratio, advantage):
    one = torch.tensor([[math.log(ratio) - 3.0]]), torch.tensor([[-3.0]]), torch.tensor([[advantage]])
    return ppo_policy_loss(*one, torch.tensor([[True]]), 0.2)
def ppl_tokens(logp, logp_old, advantages, mask, clip):
    """The oracle, case by case: a token counts by its ratio, by 1 ± clip where it went too far the good way."""
    losses = []
    for place in mask.nonzero().tolist():
        ratio, A = math.exp(logp[*place] - logp_old[*place]), float(advantages[*place])
        losses.append(-A * (min(ratio, 1 + clip) if A > 0 else max(ratio, 1 - clip)))
    return sum(losses) / len(losses)
def ppl_runs(B, T, seed):  # a mask with one run in each row, from one of the first three places to the fourth at least
    start, end = check.integers(B, 1, high=3, seed=seed), check.integers(B, 1, low=3, high=T + 1, seed=seed + 1)
    return (torch.arange(T) >= start) & (torch.arange(T) < end)
def ppl_filled(mask, seed, *bad):  # random numbers, outside the mask what is named
    return [check.normal(*mask.shape, seed=9 * seed + i).masked_fill(~mask, one) for i, one in enumerate(bad)]
few = torch.tensor([[True, True, True], [False, True, False]])  # a mask; the next line: logp, logp_old, advantages
new, before, gains = (check.normal(2, 3, seed=seed, dtype=torch.float32) for seed in range(3))
check.close(lambda: [ppl_one(1.1, 2.0), ppl_one(1.5, 2.0), ppl_one(0.5, 2.0)], [-2.2, -2.4, -1.0],
    "A good token: the ratio is exp(logp - logp_old); above 1.2 it earns no more; below 1 it is not clipped. min or max?")
check.close(lambda: [ppl_one(0.9, -1.0), ppl_one(0.5, -1.0), ppl_one(1.5, -1.0)], [0.9, 0.8, 1.5],
    "A bad token: below 0.8 it earns no more; grown to 1.5 it costs 1.5. Is the smaller of the two products taken?")
check.close(lambda: ppo_policy_loss(new, before, gains, few, 0.2), ppl_tokens(new, before, gains, few, 0.2),
    "Four of six tokens are real: the mean over these four, all rows together?")
### BEGIN HIDDEN TESTS
bads = [math.nan, math.inf, -math.inf], [math.inf, 0.0, math.nan], [1e4, 0.0, 0.0]
for seed, clip, bad in zip((1, 2, 3), (0.2, 0.05, 0.6), bads):
    some = ppl_runs(5, 8, seed)
    a, b, c = ppl_filled(some, seed, *bad)
    check.close(lambda: ppo_policy_loss(a.clone(), b.clone(), c.clone(), some, clip), ppl_tokens(a, b, c, some, clip),
        f"{bad} outside the mask: are they left out before anything is computed?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-loss-test-value", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A value that moves from 1 towards a return of 3, and one that moves away."""
def ppl_value(value, target):
    one = (torch.tensor([[float(x)]]) for x in (value, 1.0, target))
    return ppo_value_loss(*one, torch.tensor([[True]]), 0.2)
def ppl_squares(values, old, returns, mask, clip):
    """The oracle, token by token."""
    losses = []
    for place in mask.nonzero().tolist():
        V, before, R = (float(one[*place]) for one in (values, old, returns))
        held = max(before - clip, min(before + clip, V))
        losses.append(max((V - R) ** 2, (held - R) ** 2) / 2)
    return sum(losses) / len(losses)
check.close(lambda: [ppl_value(1.1, 3.0), ppl_value(2.0, 3.0), ppl_value(0.0, 3.0)], [1.9**2 / 2, 1.8**2 / 2, 4.5],
    "From 1 to 1.1, to 2 (held at 1.2), to 0 (the wrong way): half the larger of both squares?")
check.close(lambda: ppo_value_loss(new, before, gains, few, 0.2), ppl_squares(new, before, gains, few, 0.2),
    "Is it the mean over the real tokens? Is V held to the old value plus or minus clip, not to the return?")
### BEGIN HIDDEN TESTS
for seed, clip in [(4, 0.2), (5, 0.7)]:
    part = ppl_runs(4, 6, seed)
    a, b, c = ppl_filled(part, seed, math.inf, math.nan, math.nan)
    check.close(lambda: ppo_value_loss(a.clone(), b.clone(), c.clone(), part, clip), ppl_squares(a, b, c, part, clip),
        "NaN and inf outside the mask: are they left out before anything is computed?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-loss-test-kl", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A row of three tokens; one with a prompt before a single token, and padding after it."""
def ppl_paid(score, logp, logp_ref, mask, beta):
    """The oracle, row by row."""
    rewards = torch.zeros_like(logp)
    for row in range(len(mask)):
        places = mask[row].nonzero()[:, 0].tolist()
        for t in places: rewards[row, t] = beta * (logp_ref[row, t] - logp[row, t])
        rewards[row, places[-1]] += score[row]
    return rewards
given = torch.tensor([5.0, -2.0])
check.close(lambda: kl_rewards(given, new, before, few, 0.0), torch.tensor([[0.0, 0, 5], [0, -2, 0]]),
    "With beta 0 only the score is left, at each row's last token of mask: not at its end, not at every token.")
check.close(lambda: kl_rewards(given, new, before, few, 0.1),
    ppl_paid(given, new, before, few, 0.1),
    "Does a token pay where the policy finds it likelier than the reference does? Is it the score plus that at the last?")
### BEGIN HIDDEN TESTS
def ppl_kept(*three): return kl_rewards(*three, own, beta), list(three)
for seed, beta in [(6, 0.05), (7, 2.0)]:
    own, paid = ppl_runs(6, 9, seed), check.normal(6, seed=seed)
    a, b = ppl_filled(own, seed, math.nan, -math.inf)
    check.close(lambda: ppl_kept(paid.clone(), a.clone(), b.clone()), (ppl_paid(paid, a, b, own, beta), [paid, a, b]),
        "NaN and inf outside the mask: is the reward 0 there? [1]: the arguments stay as they were.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-loss-test-gradients", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The slopes: a token that went far enough has none, and nothing flows into what was known before."""
def ppl_slopes(loss, *tensors):  # of each tensor, None where it has none
    tensors = [one.clone().requires_grad_() for one in tensors]
    found = torch.autograd.grad(loss(*tensors), tensors, allow_unused=True)
    return [torch.zeros_like(one) if slope is None else slope for one, slope in zip(tensors, found)]
def ppl_ratios(logp, logp_old, advantages):  # the oracle: -A ratio / 3 where the token still counts
    ratio = (logp - logp_old).exp()
    counts = torch.where(advantages > 0, ratio < 1.2, ratio > 0.8)
    return [(-advantages * ratio / 3 * counts).nan_to_num(0.0), torch.zeros(1, 4), torch.zeros(1, 4)]
real = torch.tensor([[True, True, True, False]])
moved, was = torch.tensor([[0.0, 0.5, -0.5, math.nan]]), torch.zeros(1, 4)
worth = torch.tensor([[1.0, 2.0, 3.0, 0.0]])
def ppl_policy(*three): return ppo_policy_loss(*three, real, 0.2)
def ppl_guess(*three): return ppo_value_loss(*three, real, 0.2)
check.close(lambda: ppl_slopes(ppl_policy, moved, was, worth), ppl_ratios(moved, was, worth),
    "[0] logp, [1] logp_old, [2] advantages: only logp has slopes, none at the token that grew too far, none at padding?")
check.close(lambda: ppl_slopes(ppl_guess, worth, was, was + 4),
    [was, was, was],
    "Values of 1, 2, 3 with 0 before and 4 to reach: all are held at 0.2, so nothing pulls any further.")
### BEGIN HIDDEN TESTS
far = torch.tensor([[-1.0, 0.1, 9.0, math.inf]])
check.close(lambda: ppl_slopes(ppl_guess, far, was, was + 4),
    [torch.tensor([[-5.0, -3.9, 5.0, 0.0]]) / 3, was, was],
    "Values of -1, 0.1 and 9: the first and the last are worse than the clipped one, the second within reach.")
check.close(lambda: ppl_slopes(ppl_policy, moved, was, -worth), ppl_ratios(moved, was, -worth),
    "Bad tokens: one that grew has a slope, one that shrank too far has none.")
leads = [one.clone().requires_grad_() for one in (torch.ones(1), moved, was)]
check.equal(lambda: kl_rewards(*leads, real, 0.5).requires_grad, False, "kl_rewards: does a gradient lead out of it?")
### END HIDDEN TESTS

# %% [markdown]
r"""
### 10 · Reinforcement learning from human feedback

*6 points · 120 min · Ziegler et al. 2019, section 2; Ouyang et al. 2022, section 3.5*

Each step:

1. The policy continues some prompts; `reward_fn` scores the rows.
2. With the policy as it is: log-probabilities, values, the reference's log-probabilities; then rewards,
   advantages, returns. (`read_back` skips the first token: so must the mask.)
3. `epochs` times: an optimizer step on both losses.

Policy and value share one **trunk** (`ActorCritic`, given): judging a text helps to continue it.

Builds on exercises 8 and 9.

<details><summary>A nudge</summary>What is computed once a step, what once an epoch?</details>
<details><summary>The key step</summary>Each row's last token in mask is an end: gae's last V can be 0.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-actor", "locked": true, "schema_version": 3, "solution": false, "task": false}
class ActorCritic(nn.Module):
    """A language model of transformers as a policy, and a value head (0 at the start) on the same trunk."""
    def __init__(self, lm):
        super().__init__()
        self.lm, self.value = lm, nn.Linear(lm.config.hidden_size, 1)
        nn.init.zeros_(self.value.weight)
        nn.init.zeros_(self.value.bias)
    def forward(self, ids):
        """ids (B, T) to the logits of what follows each token (B, T, V), and the values after it (B, T)."""
        hidden = self.lm.model(ids).last_hidden_state
        return self.lm.lm_head(hidden), self.value(hidden)[..., 0]
    def write(self, prompts, generator=None):
        """Continue prompts (B, P): ids (B, T), T up to 32, and a mask (B, T), True at what was written, END with it."""
        ids = reviews.sample(self.lm, prompts, 32, generator=generator)
        return ids, reviews.mask(ids) & (torch.arange(ids.shape[1], device=ids.device) >= prompts.shape[1])

def read_back(policy, ids):
    """For each token of ids (B, T) but the first: its log-probability after those before it, and the value before it.

    Both (B, T - 1); so place t stands for the token ids[:, t + 1]."""
    logits, values = policy(ids)
    return logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0], values[:, :-1]

# %% nbgrader={"grade": false, "grade_id": "ppo", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_ppo(policy, reference, reward_fn, prompts, steps, batch=64, epochs=4, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
              lr=1e-3, value_weight=0.5, generator=None):
    """PPO under a KL penalty, in place. Returns a dict for each step: "reward", the mean score of what was written, and
    "kl", the mean over rows of the sum of logp - logp_ref over the tokens written; both before learning, floats.

    policy, reference: called as ActorCritic is; reward_fn(ids) gives (B,); prompts: (N, P), drawn with repetition by
    torch.randint(N, (batch,), generator=generator); policy.write, once a step, draws from that generator too. Advantages
    A become (A - A.mean()) / (A.std() + 1e-8), over all tokens written; returns are made before. The loss: the policy's +
    value_weight · the values', both with clip, on the whole batch. One Adam (lr) for all steps; gradient norm clipped to 1."""
    ### BEGIN SOLUTION
    optimizer, history = torch.optim.Adam(policy.parameters(), lr), []
    for _ in range(steps):
        with torch.no_grad():
            ids, mask = policy.write(prompts[torch.randint(len(prompts), (batch,), generator=generator)], generator)
            mask, score = mask[:, 1:], reward_fn(ids)
            (logp_old, old), (logp_ref, _) = read_back(policy, ids), read_back(reference, ids)
            rewards = kl_rewards(score, logp_old, logp_ref, mask, beta)
            ends = mask & (mask.flip(1).cumsum(1).flip(1) == 1)  # from here on one token is written: the last
            gains, returns = gae(rewards, F.pad(old, (0, 1)), ends, gamma, lam)
            gains = (gains - gains[mask].mean()) / (gains[mask].std() + 1e-8)
        for _ in range(epochs):
            logp, values = read_back(policy, ids)
            loss = ppo_policy_loss(logp, logp_old, gains, mask, clip)
            loss = loss + value_weight * ppo_value_loss(values, old, returns, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
        kl = ((logp_old - logp_ref) * mask).sum(1).mean()
        history.append({"reward": score.mean().item(), "kl": kl.item()})
    return history
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-pairs-policy", "locked": true, "schema_version": 3, "solution": false, "task": false}
class PairsPolicy(nn.Module):
    """A tiny policy: a table says which token follows which; 0 ends a text. Its value is a table's entry, too."""
    def __init__(self, V, length, seed=0):
        super().__init__()
        self.length, self.written = length, 0
        self.table = nn.Parameter(check.normal(V, V, seed=seed) / 2)
        self.guess = nn.Parameter(check.normal(V, seed=seed + 1) / 2)
    def forward(self, ids):
        return self.table[ids], self.guess[ids]
    def write(self, prompts, generator=None):
        self.written += 1
        ids, going = prompts, torch.ones(len(prompts), 1, dtype=torch.bool)
        mask = torch.zeros_like(prompts, dtype=torch.bool)
        for _ in range(self.length):
            drawn = torch.multinomial(self.table[ids[:, -1]].softmax(-1).detach(), 1, generator=generator)
            ids, mask = torch.cat([ids, drawn * going], 1), torch.cat([mask, going], 1)
            going = going & (drawn != 0)
        return ids, mask

# %% nbgrader={"grade": true, "grade_id": "ppo-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""One token to write, five to choose from: the best policy under the penalty (exercise 11) is ∝ pi_ref · exp(reward / beta)."""
ppo_pay = torch.tensor([0.0, 1.0, 0.5, -1.0, 0.8], dtype=torch.float64)
def ppo_bandit(beta):  # the chances in the end; how many steps were told, how often it wrote, the reference's change
    policy, reference, dice = PairsPolicy(5, 1), PairsPolicy(5, 1), torch.Generator().manual_seed(0)
    told = train_ppo(policy, reference, lambda ids: ppo_pay[ids[:, -1]], torch.zeros(1, 1, dtype=torch.long), 50,
        batch=256, beta=beta, generator=dice, lr=0.05)
    return policy.table[0].softmax(-1), len(told), policy.written, (reference.table - PairsPolicy(5, 1).table).norm()
def ppo_best(beta):
    return (check.normal(5, 5)[0] / 2 + ppo_pay / beta).softmax(-1), 50, 50, 0.0
check.close(lambda: ppo_bandit(0.5), ppo_best(0.5), "[0]: pi_ref · exp(reward / 0.5). Further away: is the KL penalty "
    "in the rewards, by beta, with the score? [2]: one policy.write a step? [3]: the reference stays?", atol=0.06)
check.close(lambda: ppo_bandit(20.0), ppo_best(20.0), "With beta 20 it stays near the reference.", atol=0.06)
### BEGIN HIDDEN TESTS
check.close(lambda: ppo_bandit(0.2), ppo_best(0.2), "With beta 0.2 it goes far, to the best three.", atol=0.06)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-test-first", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""Texts of up to four tokens, a policy that has left the reference already: what the first step must tell."""
ppo_starts, ppo_score = torch.tensor([[0, 3], [0, 1], [0, 4]]), check.normal(6, seed=5)
def ppo_texts(train, steps, epochs, seed=3, **settings):
    """What is told of each step, and the policy's tables after the last."""
    policy, reference, dice = PairsPolicy(6, 4), PairsPolicy(6, 4, seed=8), torch.Generator().manual_seed(seed)
    told = train(policy, reference, lambda ids: ppo_score[ids].sum(1), ppo_starts, steps, batch=7, epochs=epochs,
        generator=dice, **settings)
    return {"told": told, "table": policy.table.detach(), "guess": policy.guess.detach()}
def ppo_written(seed):
    """The oracle: the mean score of the first texts, and how much likelier they are to the policy than the reference."""
    dice, policy, reference = torch.Generator().manual_seed(seed), PairsPolicy(6, 4), PairsPolicy(6, 4, seed=8)
    ids, mask = policy.write(ppo_starts[torch.randint(3, (7,), generator=dice)], dice)
    gaps = policy.table.detach().log_softmax(-1) - reference.table.detach().log_softmax(-1)
    kl = sum(gaps[ids[b, t - 1], ids[b, t]] for b, t in mask.nonzero().tolist()) / 7
    return [{"reward": ppo_score[ids].sum(1).mean(), "kl": kl}]
check.close(lambda: ppo_texts(train_ppo, 1, 2)["told"], ppo_written(3),
    "The first step: prompts by torch.randint, then policy.write, both from generator? Is the score alone the reward, "
    "is the KL summed over a row's written tokens, the mean over rows, before learning?")
### BEGIN HIDDEN TESTS
for seed in (4, 11):
    check.close(lambda: ppo_texts(train_ppo, 1, 1, seed)["told"], ppo_written(seed), "Another seed: the first step.")
def ppo_floats(told): return [isinstance(one[name], float) for one in told for name in ("reward", "kl")]
check.equal(lambda: ppo_floats(ppo_texts(train_ppo, 1, 1)["told"]), [True, True], "Are what is told floats, not tensors?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-test-value", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""A value is learned beside the policy: where every text earns the same, every guess moves there."""
def ppo_even(earned, gamma, length=3):
    policy, dice, start = PairsPolicy(4, length, seed=2), torch.Generator().manual_seed(0), torch.tensor([[1], [2], [3]])
    train_ppo(policy, PairsPolicy(4, length, seed=2), lambda ids: torch.full((len(ids),), earned, dtype=torch.float64),
        start, 30, beta=0.0, gamma=gamma, lr=0.05, generator=dice)
    return policy.guess[1:]
check.close(lambda: ppo_even(2.0, 1.0), torch.full((3,), 2.0), "Every text earns 2, so the value is 2 before each token: "
    "is the value loss added? Do returns know that nothing comes after a text's last token?", atol=0.15)
### BEGIN HIDDEN TESTS
check.close(lambda: ppo_even(-1.0, 0.5, 1), torch.full((3,), -1.0), "Texts of one token earning -1: is V -1?", atol=0.15)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "ppo-test-steps", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A second step is another: the policy has moved, and writes anew."""
check.that(lambda: [one["reward"] for one in ppo_texts(train_ppo, 3, 1)["told"]], lambda rewards: len(set(rewards)) == 3,
    "Three steps tell of three batches: does each draw prompts and write anew?")
### BEGIN HIDDEN TESTS
def ppo_oracle(policy, reference, pay, prompts, steps, batch, epochs, generator, clip=0.2, beta=0.1, gamma=1.0, lam=0.95,
               lr=1e-3, value_weight=0.5):
    adam = torch.optim.Adam(policy.parameters(), lr)
    def look(model): return torch.distributions.Categorical(logits=model(ids)[0][b, t - 1]).log_prob(ids[b, t])
    for _ in range(steps):
        ids, mask = policy.write(prompts[torch.randint(3, (batch,), generator=generator)], generator)
        b, t = mask.nonzero().T
        (old, ref), guess = (look(one).detach() for one in (policy, reference)), policy(ids)[1].detach()[b, t - 1]
        A, score = torch.zeros_like(old), pay(ids)
        for i in reversed(range(len(b))):
            goes_on = i + 1 < len(b) and b[i + 1] == b[i]
            later = gamma * (guess[i + 1] + lam * A[i + 1]) if goes_on else score[b[i]]
            A[i] = later - guess[i] - beta * (old[i] - ref[i])
        R, A = A + guess, (A - A.mean()) / (A.std() + 1e-8)
        for _ in range(epochs):
            ratio, V = (look(policy) - old).exp(), policy(ids)[1][b, t - 1]
            gain = torch.where(A > 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip)) * A
            worst = torch.stack([(V - R) ** 2, (guess + (V - guess).clamp(-clip, clip) - R) ** 2]).amax(0)
            adam.zero_grad()
            (value_weight / 2 * worst.mean() - gain.mean()).backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            adam.step()
def ppo_tables(*args, **settings): return [value for key, value in ppo_texts(*args, **settings).items() if key != "told"]
for way in [{}, {"beta": 0.5, "gamma": 0.9, "lam": 0.7, "clip": 0.05, "lr": 0.1}, {"value_weight": 3.0, "lr": 0.05}]:
    check.close(lambda: ppo_tables(train_ppo, 4, 3, **way), ppo_tables(ppo_oracle, 4, 3, **way),
        "4 steps: one Adam, old values kept over epochs, advantages normalized, the norm clipped, settings used?", atol=1e-5)
### END HIDDEN TESTS

# %% [markdown]
r"""
**For real**: the small model of exercise 7 continues the first words of film reviews, and your reward model pays. Two
runs from the same start: on a leash, and on none; a dot is the mean of five steps. **Look for** the price: with β 0.2 the
policy ends at a reward for which the free one pays twice the KL or more. That one goes on to 50 nats a text and beyond,
where a nat buys little. (With β 0.5 the policy hardly gets away: try it.)
"""

# %% tags=["explore"]
# For part D: policy_start (the model before), reward_of(ids), ppo_prompts, and ppo_frontier, a list of (KL, reward).
film_rows = reviews.encode([one for one in learn if one.source == "films"])
ppo_prompts = film_rows[(film_rows[:, 1:6] != reviews.END).all(1), :5]
policy_start, ppo_policies, ppo_told = small, {}, {}
for beta in tqdm((0.2, 0.0)):  # steps this small are as quick on one thread
    policy = ppo_policies[beta] = ActorCritic(copy.deepcopy(policy_start))
    ppo_told[beta] = train_ppo(policy, ActorCritic(policy_start), reward_of, ppo_prompts, steps=50, batch=32,
        beta=beta, value_weight=0.05, generator=torch.Generator().manual_seed(0))
ppo_means = {beta: [[np.mean([one[name] for one in told[i : i + 5]]) for i in range(0, 50, 5)] for name in ("kl", "reward")]
             for beta, told in ppo_told.items()}
ppo_frontier = [point for kl, reward in ppo_means.values() for point in zip(kl, reward)]
ax = plot.grid(1, 1, width=6.4, height=3.8)[0]
for beta, (kl, reward) in ppo_means.items():
    ax.plot(kl, reward, "o-", label=f"β = {beta}")
ax.set(xlabel="KL from the start (nats per text)", ylabel="reward")
ax.legend();

# %% [markdown]
r"""
What the policies write after the same beginnings, with the reward of each. **Look for** what the reward model could not
know: it has never seen a text that was written to please it. Without a leash the policy repeats whatever scores, praise or
scraps of words (that differs from run to run); the number goes up, and nobody would call it a better review. On the
leash the texts are short: every token pays, so few are written.
"""

# %% tags=["explore"]
held_films = reviews.encode([one for one in held_out if one.source == "films"])[:3, :5]
for name, policy in {"before": ActorCritic(policy_start), "β = 0.2": ppo_policies[0.2], "no leash": ppo_policies[0.0]}.items():
    rows, _ = policy.write(held_films, torch.Generator().manual_seed(1))
    for row, reward in zip(rows, reward_of(rows)):
        print(f"{name:9} {reward:5.2f}  {reviews.detokenize(row)}")

# %% [markdown]
r"""
# D · Shortcuts, and what a reward is worth

PPO needs a reward model, a value function and samples at every step. Two ways do without some of them, one asks a model
for the judgements, and the last exercise asks what is left of a reward once it has been optimized.
"""

# %% [markdown]
r"""
### 11 · No reward model at all

*9 points · core · 20 min · Rafailov et al. 2023, section 4*

PPO's goal, reward minus $\beta$ times KL, has a known best policy for answers $y$ to a prompt $x$:
$\pi(y|x)\propto\pi_{\rm ref}(y|x)\,e^{r(x,y)/\beta}$.
Read it backwards: *every* policy is best for some reward, up to a term of the prompt that cancels in comparisons,

$$\hat r=\beta\,(\log\pi(y|x)-\log\pi_{\rm ref}(y|x))\qquad L=-\log\sigma(\hat r_c-\hat r_r)$$

Exercise 7's loss, then, with the policy as its own reward model; c is the answer chosen, r the one rejected. Since
$\frac{d}{dz}(-\log\sigma(z))=-\sigma(-z)$,

$$\nabla L=-\beta\,\sigma(\hat r_r-\hat r_c)\,(\nabla\log\pi(y_c)-\nabla\log\pi(y_r))$$

The more wrongly a pair is ordered, the harder it pulls.

<details><summary>A nudge</summary>Labels are not shifted: which logits answer for label t?</details>
<details><summary>The key step</summary>log σ has a function of its own in PyTorch, which stays finite.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "dpo", "locked": false, "schema_version": 3, "solution": true, "task": false}
def sequence_logps(logits, labels):
    """Each sequence's log-probability in nats, summed over its targets: (B,).

    logits: (B, T, V); labels: long (B, T), not shifted, as in transformers: logits at t predict the label at t + 1.
    -100 is no target, and neither is the first label, for which there are no logits. Without targets the sum is 0.
    Finite for logits of any size in float32; those of tokens that are no target may even be -inf.
    """
    ### BEGIN SOLUTION
    targets = labels[:, 1:]
    logps = logits[:, :-1].log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return logps.masked_fill(targets == -100, 0.0).sum(1)
    ### END SOLUTION
def dpo_loss(pi_c, pi_r, ref_c, ref_r, beta):
    """(loss, chosen_reward, rejected_reward): the mean loss of the pairs, and the rewards r-hat (B,), detached.

    pi_c, pi_r: (B,), the policy's log-probabilities of chosen and rejected answers; ref_c, ref_r: the reference's, which
    get no gradient. Loss and gradients stay right at rewards of any size, float32 too. Rafailov et al. 2023, eq. 7.
    """
    ### BEGIN SOLUTION
    chosen, rejected = beta * (pi_c - ref_c.detach()), beta * (pi_r - ref_r.detach())
    return -F.logsigmoid(chosen - rejected).mean(), chosen.detach(), rejected.detach()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "dpo-test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
"""Two sequences of 4 tokens, two targets each; the 1 at the first place has no logits before it."""
def dpo_sums(logits, labels):
    """The oracle: label by label, the one at t by the logits at t - 1."""
    spots = [[(z[t - 1], y) for t, y in enumerate(row) if t and y != -100] for z, row in zip(logits, labels.tolist())]
    return torch.tensor([sum((z[y] - z.logsumexp(0)).item() for z, y in row) for row in spots], dtype=torch.float64)

def dpo_labels(): return torch.tensor([[-100, -100, 3, 0], [1, 4, 2, -100]])
dpo_given = [check.normal(2, 4, 5), dpo_labels()]
check.close(lambda: sequence_logps(torch.zeros(2, 4, 5), dpo_labels()), torch.tensor([1.0, 1]) * -2 * math.log(5),
    "All 5 tokens alike: -log 5 for each of 2 targets, one sum a sequence. Are -100 and the first label left out?")
check.close(lambda: sequence_logps(*dpo_given), dpo_sums(check.normal(2, 4, 5), dpo_labels()),
    "Logits at t predict the label at t + 1: does the last label meet the logits before it? Is 0 a token like others?")
check.equal(lambda: dpo_given, [check.normal(2, 4, 5), dpo_labels()], "Logits or labels came back changed.")
### BEGIN HIDDEN TESTS
def dpo_random(B, T, V):
    labels = check.integers(B, T, high=V + 3) - 3
    return labels.masked_fill(labels < 0, -100)
for size in [(3, 7, 4), (5, 2, 9), (1, 12, 3)]:
    check.close(lambda: sequence_logps(5 * check.normal(*size), dpo_random(*size)),
        dpo_sums(5 * check.normal(*size), dpo_random(*size)), "Other sizes: log_softmax over V, real targets summed?")
    check.close(lambda: sequence_logps((1e4 * check.normal(*size)).float(), dpo_random(*size)),
        dpo_sums((1e4 * check.normal(*size)).float().double(), dpo_random(*size)), "Huge: log of a softmax is -inf.")
check.equal(lambda: sequence_logps(check.normal(2, 4, 5), torch.full((2, 4), -100)), [0, 0], "No target: the sum is 0.")
dpo_holes = torch.zeros(2, 4, 5).double().index_fill(2, torch.tensor([0]), -math.inf)
check.close(lambda: sequence_logps(dpo_holes, torch.tensor([[4, 1, -100, 2], [0, -100, -100, -100]])),
    torch.tensor([-2 * math.log(4), 0]).double(), "A logit of -inf where nothing is asked: 0 times -inf is NaN.")
def dpo_slope(function):
    logits = check.normal(3, 7, 4).requires_grad_()
    return torch.autograd.grad(function(logits, dpo_random(3, 7, 4)).sum(), logits)[0]
check.close(lambda: dpo_slope(sequence_logps), dpo_slope(lambda z, y: -F.cross_entropy(
    z[:, :-1].flatten(0, 1), y[:, 1:].flatten(), reduction="sum")), "Do gradients pass?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "dpo-test-loss", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
"""Three pairs, beta 1/2: one told right by 1, one told wrong by 2.5, one undecided."""
dpo_four = [[-10.0, -20, -7], [-12.0, -15, -9], [-11.0, -18, -7], [-11.0, -18, -9]]  # pi_c, pi_r, ref_c, ref_r
def dpo_tensors(grad=False): return [torch.tensor(one).double().requires_grad_(grad) for one in dpo_four]
def dpo_mean(margins):
    """The oracle: log(1 + exp(-m)) of each margin, written so that it holds at any size."""
    return sum(max(-m, 0) + math.log1p(math.exp(-abs(m))) for m in margins) / len(margins)
check.close(lambda: dpo_loss(*dpo_tensors(), 0.5)[1:], [torch.tensor([0.5, -1, 0]), torch.tensor([-0.5, 1.5, 0])],
    "Rewards: beta (log pi - log ref), of chosen and of rejected, one for each pair; here for beta = 0.5.", rtol=1e-7)
check.close(lambda: dpo_loss(*dpo_tensors(), 0.5)[0], dpo_mean([1, -2.5, 0]),
    "The mean of -log sigmoid(chosen - rejected reward): which is taken from which, and is beta inside the sigmoid?")
check.equal(lambda: [one.requires_grad for one in dpo_loss(*dpo_tensors(True), 0.5)], [True, False, False],
    "The loss is to be trained by, the rewards to be looked at: are these detached, and the loss not?")
### BEGIN HIDDEN TESTS
def dpo_kept(function, *arguments):
    """The result, and the arguments as they are after the call."""
    return function(*arguments), list(arguments)
for beta in (0.1, 2.0):
    a, b, c, d = many = [3 * check.normal(40, seed=seed) for seed in range(4)]
    check.close(lambda: dpo_kept(lambda *four: dpo_loss(*four, beta), *[3 * check.normal(40, seed=s) for s in range(4)]),
        ((dpo_mean((beta * (a - c - b + d)).tolist()), beta * (a - c), beta * (b - d)), many),
        "40 pairs, another beta: the mean over pairs, the rewards by pair, and all four arguments left as they were?")
for size in (1e3, 1e6):
    dpo_far = [torch.tensor(one) for one in ([-size, 0.0], [0.0, -size], [0.0, 0.0], [0.0, 0.0])]
    check.close(lambda: dpo_loss(*dpo_far, 0.1)[0], dpo_mean([-0.1 * size, 0.1 * size]),
        f"A margin of {0.1 * size:g}: sigmoid gives 0, and log 0 is -inf. Is the loss the margin itself?", rtol=1e-5)
check.close(lambda: dpo_loss(*dpo_tensors()[:2], *dpo_tensors()[:2], 0.3), [math.log(2), torch.zeros(3), torch.zeros(3)],
    "The policy is the reference still: rewards 0, loss log 2, whatever the log-probabilities are.", rtol=1e-7)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "dpo-test-gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""The gradients that the four log-probabilities get, pair by pair."""
def dpo_gradients(*four, beta):
    four = [one.clone().requires_grad_() for one in four]
    return torch.autograd.grad(dpo_loss(*four, beta)[0], four, materialize_grads=True)
def dpo_weights(margins, beta):
    """The oracle: beta sigmoid(rejected - chosen reward), shared by the mean."""
    return [beta / (1 + math.exp(m)) / len(margins) for m in margins]
dpo_pull = torch.tensor(dpo_weights([1, -2.5, 0], 0.5)).double()
check.close(lambda: dpo_gradients(*dpo_tensors(), beta=0.5), [-dpo_pull, dpo_pull, 0 * dpo_pull, 0 * dpo_pull],
    "Chosen up, rejected down, by beta sigmoid(rejected - chosen reward) / B; nothing for the reference.", rtol=1e-6)
### BEGIN HIDDEN TESTS
dpo_far = [torch.tensor(one) for one in ([-1e5, 0.0], [0.0, -1e5], [0.0, 0.0], [0.0, 0.0])]
check.close(lambda: dpo_gradients(*dpo_far, beta=0.2)[:2], [torch.tensor([-0.1, 0]), torch.tensor([0.1, 0])],
    "Hopelessly wrong, a pair pulls with its full beta; safely right, with 0. Is a margin clamped, or a sigmoid 0?")
def dpo_through(table, beta=0.3):
    """The gradient of a policy that is a table of logits, (2 pairs, 2 answers, T, V), against one of zeros."""
    table, labels = table.clone().requires_grad_(), check.integers(2, 2, 5, high=6)
    pi, ref = ([sequence_logps(one[:, i], labels[:, i]) for i in (0, 1)] for one in (table, torch.zeros_like(table)))
    return torch.autograd.grad(dpo_loss(*pi, *ref, beta)[0], table)[0]
def dpo_by_hand(table, beta=0.3):
    """The oracle: each target's one-hot less its probabilities, times the pair's weight and the answer's sign."""
    labels = check.integers(2, 2, 5, high=6)
    push = F.one_hot(labels[..., 1:], 6) - table[:, :, :-1].softmax(-1)
    logps = table[:, :, :-1].log_softmax(-1).gather(-1, labels[..., 1:, None]).sum((2, 3))
    weight = torch.tensor(dpo_weights((beta * (logps[:, 0] - logps[:, 1])).tolist(), beta)).double()
    return F.pad(weight[:, None, None, None] * torch.tensor([-1.0, 1])[:, None, None] * push, (0, 0, 0, 1))
check.close(lambda: dpo_through(check.normal(2, 2, 5, 6)), dpo_by_hand(check.normal(2, 2, 5, 6)),
    "From the loss down to the logits, by both functions.")
### END HIDDEN TESTS

# %% [markdown]
r"""
The small model goes on with the beginnings of 400 film reviews, twice each; of the two texts, your reward model's favourite
is *chosen*. Then DPO: it never asks the reward model again, and draws nothing while it trains.

**Look for** what a margin $\hat r_c-\hat r_r$ is worth. Left: it grows at every $\beta$, and in the end nine pairs in ten
are told right. Right: new texts earn a little more than before, while PPO's reward climbs. 400 pairs are soon known by
heart; PPO hears a verdict on fresh texts at every step. That is the price of the shortcut; more pairs, or new ones drawn
from the policy on the way, are the cure.
"""

# %% tags=["explore"]
import copy
from tqdm.auto import tqdm

dpo_prompts = ppo_prompts[:400]  # END and the first four pieces of film reviews

def dpo_logps(policy, ids, given=5):
    """The log-probability (B,) of what follows the first `given` ids of each row, END included."""
    asked = reviews.mask(ids) & (torch.arange(ids.shape[1]) >= given)
    return sequence_logps(policy(ids).logits, ids.masked_fill(~asked, -100))

@torch.no_grad()
def dpo_written(policy, prompts, seed):
    """Continued prompts, their rewards, and the KL to the start as these samples estimate it."""
    ids = reviews.sample(policy, prompts, 32, generator=torch.Generator().manual_seed(seed))  # as long as PPO's
    return ids, reward_of(ids), (dpo_logps(policy, ids) - dpo_logps(policy_start, ids)).mean().item()

# %% tags=["explore"]
def dpo_train(chosen, rejected, beta, steps=60, batch=24, lr=5e-4, given=5):
    """DPO from policy_start: the policy, and the pairs' mean margin and share told right at every step."""
    policy, dice = copy.deepcopy(policy_start).requires_grad_(True), torch.Generator().manual_seed(0)
    adam, margins, right = torch.optim.AdamW(policy.parameters(), lr, weight_decay=0.0), [], []
    with torch.no_grad():  # the reference never changes: once is enough
        ref = [dpo_logps(policy_start, ids, given) for ids in (chosen, rejected)]
    for _ in tqdm(range(steps), desc=f"DPO, beta {beta}", leave=False):
        i = torch.randint(len(chosen), (batch,), generator=dice)
        pi = dpo_logps(policy, torch.cat([chosen[i], rejected[i]]), given).chunk(2)
        loss, up, down = dpo_loss(*pi, ref[0][i], ref[1][i], beta)
        adam.zero_grad()
        loss.backward()
        adam.step()
        margins.append((up - down).mean().item())
        right.append((up > down).double().mean().item())
    return policy, margins, right

# %% tags=["explore"]
with device.all_cores():
    (ids, a, _), (other, b, _) = (dpo_written(policy_start, dpo_prompts, seed) for seed in (0, 1))
    chosen, rejected = (torch.where((a > b)[:, None] == first, ids, other) for first in (True, False))
    unseen = reviews.encode([one for one in reviews.texts()[1] if one.source == "films"][:200])[:, :5]
    _, reward_before, _ = dpo_written(policy_start, unseen, 2)
    dpo_runs, dpo_ends = {}, {}
    for beta in (0.5, 0.1, 0.03):
        policy, *dpo_runs[beta] = dpo_train(chosen, rejected, beta)
        _, reward, kl = dpo_written(policy, unseen, 3)
        dpo_ends[beta] = kl, reward.mean().item()
        print(f"beta {beta}: KL {kl:.1f}, reward {reward.mean():.2f} (before: {reward_before.mean():.2f}), win rate "
              f"{(reward > reward_before).double().mean():.2f}, pairs told right {np.mean(dpo_runs[beta][1][-10:]):.2f}")

# %% tags=["explore"]
left, right = plot.grid(1, 2, width=5, height=3.5)
plot.curves({f"beta {beta}": one[0] for beta, one in dpo_runs.items()}, None, "DPO step", "mean margin", ax=left)
right.plot(*zip(*sorted(ppo_frontier)), "o", label="PPO", markersize=4)
for beta, end in dpo_ends.items():
    right.plot(*end, "*", markersize=12, label=f"DPO, beta {beta}")
right.set(xlabel="KL from the start (nats a text)", ylabel="reward")
right.legend();

# %% [markdown]
r"""
### 12 · No value function either

*7 points · 95 min · Shao et al. 2024, section 4.1*

Where an answer can be *checked*, the checker gives the reward. GRPO asks each prompt $G$ times, and the mean of the group
does what the value function did. Every token of answer $i$, whose reward is $r_i$, gets

$$A_i=\frac{r_i-\mathrm{mean}(r)}{\mathrm{std}(r)+\epsilon}$$

A token gains $g=\min(\rho A,\ \mathrm{clip}(\rho,1-c,1+c)\,A)$, as in PPO with $\rho=\pi/\pi_{\rm old}$, and pays for its
distance by $k_3\ge0$, whose mean over the policy's own tokens is the KL:

$$k_3=\frac{\pi_{\rm ref}}{\pi}-\log\frac{\pi_{\rm ref}}{\pi}-1\qquad
L=-\frac1N\sum_{i=1}^{N}\frac1{n_i}\sum_{t=1}^{n_i}(g_{it}-\beta\,k_{3,it})$$

Each answer's mean over its $n_i$ tokens first, then the mean over answers (equation 3).

<details><summary>A nudge</summary>exp of padding can overflow: what is inf times 0?</details>
<details><summary>The key step</summary>Make padding harmless before exp, and leave it out of the sums.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "grpo", "locked": false, "schema_version": 3, "solution": true, "task": false}
def group_advantages(rewards, eps):
    """Each reward's distance to its group's mean, over the group's standard deviation + eps. Shao et al. 2024, 4.1.2.

    rewards: (P, G), a row for each prompt's G answers. The sample's standard deviation (it divides by G - 1).
    A group whose rewards are all equal gets exactly 0, with eps = 0 and G = 1 too.
    """
    ### BEGIN SOLUTION
    spread = rewards - rewards.mean(1, keepdim=True)
    std = (spread.square().sum(1, keepdim=True) / max(rewards.shape[1] - 1, 1)).sqrt()
    return (spread / (std + eps)).masked_fill((rewards == rewards[:, :1]).all(1, keepdim=True), 0.0)
    ### END SOLUTION
def k3_kl(logp, logp_ref):
    """k3 of each token, of the same shape. Schulman 2020, Approximating KL Divergence; Shao et al. 2024, eq. 4."""
    ### BEGIN SOLUTION
    log_ratio = logp_ref - logp
    return log_ratio.exp() - log_ratio - 1
    ### END SOLUTION
def grpo_loss(logp, logp_old, logp_ref, advantages, mask, clip, beta):
    """The loss L, a scalar; gradients go to logp alone.

    logp, logp_old, logp_ref: (N, T), each token's log-probability in nats by the policy, by itself when it wrote, by
    the reference; advantages: (N,), constants; mask: bool (N, T), True at real tokens, one or more an answer, anywhere.
    Elsewhere stand any numbers, finite or not: they change nothing, and their gradient is 0.
    """
    ### BEGIN SOLUTION
    logp, old, ref = (one.masked_fill(~mask, 0.0) for one in (logp, logp_old.detach(), logp_ref.detach()))
    ratio, A = (logp - old).exp(), advantages[:, None]
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per_token = (gain - beta * k3_kl(logp, ref)).masked_fill(~mask, 0.0)
    return -(per_token.sum(1) / mask.sum(1)).mean()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "grpo-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Two prompts, three answers each: one answer right, two right."""
grpo_rewards = torch.tensor([[1.0, 0, 0], [0, 1, 1]]).double()
grpo_wanted = torch.tensor([[2.0, -1, -1], [-2, 1, 1]]).double()
check.close(lambda: group_advantages(grpo_rewards, 0.0), grpo_wanted / 3**0.5,
    "1/3 from the mean is 0.577 in standard deviations here: each row by its own, divided by G - 1 = 2 under the root?")
check.close(lambda: group_advantages(grpo_rewards, 0.5), grpo_wanted / (3 * (3**-0.5 + 0.5)),
    "eps is added to the standard deviation, outside of the root.")
check.equal(lambda: group_advantages(torch.full((2, 3), 0.1), 0.0), [[0, 0, 0]] * 2, "All equal: exactly 0.")
check.equal(lambda: grpo_rewards, [[1, 0, 0], [0, 1, 1]], "The rewards came back changed.")
### BEGIN HIDDEN TESTS
def grpo_standard(rows, eps):
    """The oracle: numpy, group by group."""
    return torch.tensor([[(r - np.mean(row)) / (np.std(row, ddof=1) + eps) for r in row] for row in rows.tolist()])
for P, G, eps, size in [(3, 8, 1e-4, 7), (5, 2, 0.0, 7), (1, 6, 2.0, 7), (2, 5, 0.0, 1e-4)]:
    rewards = size * check.normal(P, G) + 100 * torch.arange(P)[:, None]
    check.close(lambda: group_advantages(rewards.clone(), eps), grpo_standard(rewards, eps).double(),
        "Groups at different heights: does each have a mean and a standard deviation of its own, and the eps given?")
for value, G in [(0.1, 7), (-2.3, 3), (1e6 + 0.7, 5), (0.0, 4), (3.7, 1)]:
    for dtype in (torch.float32, torch.float64):
        check.equal(lambda: group_advantages(torch.full((2, G), value, dtype=dtype), 0.0), [[0] * G] * 2,
            "Equal rewards: the mean may be off by rounding, and 0 / 0 is NaN. Are such groups set to exactly 0?")
check.close(lambda: group_advantages(torch.tensor([[0.3, 0.3, 0.3], [0, 0, 3], [0, 3, 0]]).double(), 0.0),
    torch.tensor([[0, 0, 0], [-1, -1, 2], [-1, 2, -1]]).double() / 3**0.5, "One group is all equal: it alone is 0.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "grpo-test-kl", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""k3 of three tokens, and its mean under a policy of three choices."""
check.close(lambda: k3_kl(torch.tensor([0.5, 0.2, 0.9]).log(), torch.tensor([0.5, 0.4, 0.3]).log()),
    torch.tensor([0, 2 - math.log(2) - 1, 1 / 3 + math.log(3) - 1]), "Which ratio: reference over policy?")
grpo_p, grpo_q = torch.tensor([0.7, 0.2, 0.1]).double(), torch.tensor([0.2, 0.3, 0.5]).double()
check.close(lambda: (grpo_p * k3_kl(grpo_p.log(), grpo_q.log())).sum(), (grpo_p * (grpo_p / grpo_q).log()).sum(),
    "Weighted by the policy's own probabilities, k3 is KL(policy, reference), never negative.")
### BEGIN HIDDEN TESTS
grpo_a, grpo_b = check.normal(4, 5), 9 * check.normal(4, 5, seed=1)
def grpo_k3_kept(logp, ref): return k3_kl(logp, ref), logp, ref
check.close(lambda: grpo_k3_kept(check.normal(4, 5), 9 * check.normal(4, 5, seed=1)),
    (torch.tensor(np.exp((grpo_b - grpo_a).numpy()) - (grpo_b - grpo_a).numpy() - 1), grpo_a, grpo_b),
    "[0]: one value for each token, large ones too. [1], [2]: the arguments stay as they were.")
def grpo_k3_slopes(ref):
    logp = check.normal(5).requires_grad_()
    return torch.autograd.grad(k3_kl(logp, ref).sum(), logp)[0]
check.close(lambda: grpo_k3_slopes(check.normal(5, seed=1)), 1 - torch.exp(check.normal(5, seed=1) - check.normal(5)),
    "Its gradient by logp is 1 - reference / policy.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "grpo-test-loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Answers of 3 tokens and of 1: advantages 1 and -2, clip 0.2, beta 0.1."""
def grpo_by_hand(logp, old, ref, A, mask, clip, beta):
    """The oracle: answer by answer, its real tokens alone."""
    total = 0.0
    for p, o, r, a, real in zip(*(one.numpy() for one in (logp, old, ref, A, mask))):
        rho, d = np.exp(p - o)[real], (r - p)[real]
        gain = np.minimum(rho * a, rho.clip(1 - clip, 1 + clip) * a)
        total -= np.mean(gain - beta * (np.exp(d) - d - 1)) / len(mask)
    return float(total)
grpo_mask = torch.tensor([[True, True, True, False], [True, False, False, False]])
grpo_old = torch.tensor([[0.5, 0.5, 0.5, 1], [0.5, 1, 1, 1]]).double().log()
def grpo_ratios(*ratios): return grpo_old + torch.tensor(ratios).double().view(2, 4).log()
def grpo_value(logp, ref, A): return grpo_loss(logp, grpo_old, ref, torch.tensor(A).double(), grpo_mask, 0.2, 0.1)
grpo_same, grpo_moved = grpo_ratios(*[1.0] * 8), grpo_ratios(1.1, 1.5, 0.5, 1, 1.5, 1, 1, 1)
def grpo_random(N, T, seed=0):
    """logp, logp_old, logp_ref, advantages, mask; the first token of each answer may be masked, too."""
    mask = check.uniform(N, T, seed=seed) < 0.6
    mask[:, 1] = True
    steps = [0.3 * check.normal(N, T, seed=seed + i) - 1 for i in (1, 2, 3)]
    return [*steps, check.normal(N, seed=seed), mask]
check.close(lambda: grpo_value(grpo_same, grpo_same, [1.0, -2]), 0.5,
    "Nothing has moved: minus the mean of 1 and -2, each answer alike. Is it one mean over all four tokens?")
check.close(lambda: grpo_value(grpo_moved, grpo_moved, [1.0, -2]), -((1.1 + 1.2 + 0.5) / 3 - 2 * 1.5) / 2,
    "min(ratio A, clipped ratio A): a gain stops at 1.2, a loss goes on. Is it a minimum, with A's sign inside?")
check.close(lambda: grpo_value(grpo_same, grpo_ratios(*[2.0] * 8), [0.0, 0]), 0.1 * (2 - math.log(2) - 1),
    "No advantage: beta times k3 is left, and it is a loss. Which sign has it, and is beta used?")
### BEGIN HIDDEN TESTS
for N, T, clip, beta, seed in [(4, 6, 0.2, 0.04, 0), (7, 3, 0.1, 1.0, 5), (2, 9, 0.3, 0.0, 9), (1, 2, 0.2, 5.0, 13)]:
    check.close(lambda: grpo_loss(*grpo_random(N, T, seed), clip, beta),
        grpo_by_hand(*grpo_random(N, T, seed), clip, beta),
        "Random answers, tokens masked anywhere: minus the mean over answers of each one's mean of gain - beta k3?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "grpo-test-gradient", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""What each token's log-probability gets."""
def grpo_slopes(logp, old, ref, advantages, mask, clip=0.2, beta=0.0):
    three = [one.clone().requires_grad_() for one in (logp, old, ref)]
    return torch.autograd.grad(grpo_loss(*three, advantages, mask, clip, beta), three, materialize_grads=True)

grpo_A = torch.tensor([1.0, -2]).double()
check.close(lambda: grpo_slopes(grpo_old, grpo_old, grpo_old, grpo_A, grpo_mask)[0],
    torch.tensor([[-1 / 6, -1 / 6, -1 / 6, 0], [1, 0, 0, 0]]).double(),
    "At the start it is the policy gradient's: -A / n_i / N for each real token. Is the ratio an exp of a difference?")
check.close(lambda: grpo_slopes(grpo_moved, grpo_old, grpo_moved, grpo_A, grpo_mask)[0],
    torch.tensor([[-1.1 / 6, 0, -0.5 / 6, 0], [1.5, 0, 0, 0]]).double(), "Where the clip holds a gain, no gradient.")
check.close(lambda: grpo_slopes(grpo_moved, grpo_old, grpo_same, grpo_A, grpo_mask, beta=1.0)[1:],
    [torch.zeros(2, 4)] * 2, "Old and reference log-probabilities get no gradient.")
### BEGIN HIDDEN TESTS
def grpo_spoilt(spoil, *which):
    """A random case, with `spoil` in the padding of some of the three."""
    *three, A, mask = grpo_random(5, 6)
    return [one.masked_fill(~mask, spoil) if i in which else one for i, one in enumerate(three)] + [A, mask]
def grpo_both(case): return [grpo_loss(*case, 0.2, 0.5), grpo_slopes(*case, beta=0.5)[0]]
def grpo_autograd(logp, old, ref, A, mask):
    """The oracle: the gradient by the formula, -(A ratio where it is not held) + beta (1 - ref / policy)."""
    rho, n = torch.exp(logp - old), mask.sum(1, keepdim=True)
    held = torch.where(A[:, None] > 0, rho > 1.2, rho < 0.8)
    slope = torch.where(held, 0.0, -rho * A[:, None]) + 0.5 * (1 - torch.exp(ref - logp))
    return torch.where(mask, slope / n / len(A), 0.0)
for spoil, which in [(0.0, ()), (1e4, (0,)), (-1e4, (0, 1)), (1e4, (2,)), (-math.inf, (0,)), (math.nan, (0, 1, 2))]:
    check.close(lambda: grpo_both(grpo_spoilt(spoil, *which)),
        [grpo_by_hand(*grpo_random(5, 6), 0.2, 0.5), grpo_autograd(*grpo_random(5, 6))],
        f"{spoil} in the padding: inf times 0 is NaN, in the gradient too. Is padding made harmless before exp?")
def grpo_kept(case): return grpo_loss(*case, 0.2, 0.5) * 0, case
check.close(lambda: grpo_kept(grpo_random(5, 6)), (0, grpo_random(5, 6)), "The arguments came back changed.")
### END HIDDEN TESTS

# %% [markdown]
r"""
A tiny GPT learns sums of two digits from a careless teacher, who is right six times in ten and one off otherwise. Then
GRPO, and no teacher at all: 12 answers to each of 16 sums at every step, and a checker that says right or wrong.

**Look for** the share of right answers, drawn at temperature 1: from about a half to more than eight in ten. And for the
greedy answers, most of them right *before*: what the teacher had said most often was known already. A checker mostly makes
a model do what it can; only the last few sums are news.
"""

# %% tags=["explore"]
import copy
from tqdm.auto import tqdm

signs, ASKED_IDS, WIDTH = "\n0123456789+=", 5, 8  # the first sign ends an answer; a row is "\n7+8=15\n\n"

def sums_ids(texts, width=WIDTH):
    """Rows of ids (N, width): 0, the text, zeros."""
    return torch.tensor([[0, *map(signs.index, text), *[0] * (width - 1 - len(text))] for text in texts])

def sums_asked(n): return [f"{random.randint(0, 9)}+{random.randint(0, 9)}=" for _ in range(n)]

def sums_taught(asked):
    """The teacher's answers."""
    slips = random.choices([0, 1, -1], [0.6, 0.2, 0.2], k=len(asked))
    return [f"{one}{abs(int(one[0]) + int(one[2]) + slip)}" for one, slip in zip(asked, slips)]

def sums_right(row):
    """The checker: 1 where what is written after the = is the sum, else 0."""
    text = "".join(signs[i] for i in row[1:]).split("\n")[0]
    return float(text[4:] == str(int(text[0]) + int(text[2])))

def sums_logps(model, ids):
    """The log-probability of each token of the answers, and which are real: (B, WIDTH - ASKED_IDS) each."""
    logps = model(ids[:, :-1]).logits.log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
    return logps[:, ASKED_IDS - 1 :], reviews.mask(ids)[:, ASKED_IDS:]

# %% tags=["explore"]
def sums_model(steps=250):
    """A small Llama that has read the teacher's sums."""
    torch.manual_seed(0), random.seed(0)
    sizes = {"vocab_size": len(signs), "hidden_size": 48, "intermediate_size": 128, "num_hidden_layers": 2}
    config = transformers.LlamaConfig(**sizes, num_attention_heads=4, bos_token_id=0, eos_token_id=0)
    model = transformers.LlamaForCausalLM(config)
    adam = torch.optim.AdamW(model.parameters(), 3e-3)
    for _ in tqdm(range(steps), desc="the teacher's sums", leave=False):
        logps, real = sums_logps(model, sums_ids(sums_taught(sums_asked(96))))
        adam.zero_grad()
        (-logps[real].mean()).backward()
        adam.step()
    return model

def sums_step(model, reference, adam, prompts=16, G=12):
    """A GRPO step: draw, check, compare within each group, move twice. Returns the share of right answers."""
    ids = reviews.sample(model, sums_ids(sums_asked(prompts), ASKED_IDS).repeat_interleave(G, 0), WIDTH)
    rewards = torch.tensor([sums_right(row) for row in ids.tolist()]).view(prompts, G)
    with torch.no_grad():
        (old, real), (ref, _) = sums_logps(model, ids), sums_logps(reference, ids)
    for _ in range(2):
        loss = grpo_loss(sums_logps(model, ids)[0], old, ref, group_advantages(rewards, 1e-4).flatten(), real, 0.2, 0.01)
        adam.zero_grad()
        loss.backward()
        adam.step()
    return rewards.mean().item()

# %% tags=["explore"]
def sums_accuracy(model, temperature=1.0):
    """The share of the 100 sums, asked five times each, that are told right."""
    asked = sums_ids([f"{a}+{b}=" for a in range(10) for b in range(10)] * 5, ASKED_IDS)
    return np.mean([sums_right(row) for row in reviews.sample(model, asked, WIDTH, temperature).tolist()])

reference = sums_model()
learner = copy.deepcopy(reference)
adam = torch.optim.AdamW(learner.parameters(), 5e-4, weight_decay=0.0)
shares = [sums_step(learner, reference, adam) for _ in tqdm(range(100), desc="GRPO", leave=False)]
smooth = np.convolve(shares, np.ones(5) / 5, "valid")
plot.curves({"right": smooth}, np.arange(len(smooth)) + 2, "GRPO step", "right answers (share, mean of 5 steps)")
for name, model in (("the teacher's pupil", reference), ("after GRPO", learner)):
    print(f"{name}: {sums_accuracy(model):.2f} drawn, {sums_accuracy(model, 1e-6):.2f} greedy")

# %% [markdown]
r"""
### 13 · A model as the judge

*4 points · 105 min · Bai et al. 2022, sections 3.1 and 4.1*

Human judgements are dear. Constitutional AI writes down a *principle* and has a model do the rest: criticize and rewrite
its answer (to fine-tune on), and say which of two is better (to train a reward by).

A judgement is read off the probabilities of the two letters that would begin the reply:

$$p=\frac{\pi(A)}{\pi(A)+\pi(B)}$$

Judges favour one letter, whatever answer stands there. So ask twice, the two answers exchanged, and average what both
judgements say about the *same answer*.

<details><summary>A nudge</summary>In the second question, which letter stands for a?</details>
<details><summary>The key step</summary>p is a sigmoid of a difference of logits.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "given-constitution", "locked": true, "schema_version": 3, "solution": false, "task": false}
def critique_prompt(prompt, response, principle):
    task = "In one sentence: how does the answer break the rule?"
    return f"Request: {prompt}\n\nAnswer: {response}\n\nRule: {principle}\n\n{task}"

def revision_prompt(prompt, response, critique, principle):
    task = "Rewrite the answer so that it keeps the rule. Write the new answer only."
    return f"Request: {prompt}\n\nAnswer: {response}\n\nCritique: {critique}\n\nRule: {principle}\n\n{task}"

def judge_prompt(prompt, a, b, principle):
    return f"{prompt}\n\n{principle}\n\nA: {a}\nB: {b}\n\nReply with A or B only."

def judge_ids(tokenizer, text):
    """The ids (1, T) of a conversation in which the user says `text` and the assistant is about to answer."""
    turns, kind = [{"role": "user", "content": text}], {"return_tensors": "pt", "return_dict": True}
    return tokenizer.apply_chat_template(turns, add_generation_prompt=True, **kind).input_ids

# %% nbgrader={"grade": false, "grade_id": "constitution", "locked": false, "schema_version": 3, "solution": true, "task": false}
@torch.no_grad()
def critique_and_revise(model, tokenizer, prompt, response, principle):
    """(critique, revision), strings: the model's replies to critique_prompt, and then to revision_prompt.

    model: a causal language model of transformers. Each reply is greedy (the likeliest token at every step), of at most
    60 tokens, ends where the model ends it, and comes without the question, special tokens, and white space around it.
    """
    ### BEGIN SOLUTION
    def reply(text):
        ids = judge_ids(tokenizer, text)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=60, do_sample=False)
        return tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True).strip()
    critique = reply(critique_prompt(prompt, response, principle))
    return critique, reply(revision_prompt(prompt, response, critique, principle))
    ### END SOLUTION
@torch.no_grad()
def ai_preference(model, tokenizer, prompt, a, b, principle):
    """P(a is better), a float: the mean of what the judge says with a first and with b first, by judge_prompt.

    "A" and "B" are one token each. They alone count, even where both are as good as impossible in float32.
    """
    ### BEGIN SOLUTION
    A, B = (tokenizer.encode(letter, add_special_tokens=False)[0] for letter in "AB")
    def first(one, other):
        logits = model(judge_ids(tokenizer, judge_prompt(prompt, one, other, principle))).logits[0, -1]
        return torch.sigmoid(logits[A] - logits[B]).item()
    return (first(a, b) + 1 - first(b, a)) / 2
    ### END SOLUTION

# %% nbgrader={"grade": false, "grade_id": "given-tiny-judge", "locked": true, "schema_version": 3, "solution": false, "task": false}
import tokenizers

# Letters are tokens; <u> begins what the user says, <e> ends a turn, <a> begins an answer.
letters = [chr(i) for i in range(32, 127)] + ["\n", "<u>", "<e>", "<a>"]
judge_bpe = tokenizers.Tokenizer(tokenizers.models.BPE({one: i for i, one in enumerate(letters)}, []))
judge_bpe.decoder = tokenizers.decoders.Fuse()
special = {"eos_token": "<e>", "bos_token": "<u>", "additional_special_tokens": ["<a>"]}
judge_tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=judge_bpe, **special)
judge_tokenizer.chat_template = "{% for one in messages %}<u>{{ one.content }}<e>{% endfor %}<a>"

def tiny_judge(seed):
    """A Llama of one layer with known weights, in float64."""
    sizes = {"vocab_size": len(letters), "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1}
    ends = {f"{name}_token_id": letters.index(one) for name, one in [("bos", "<u>"), ("eos", "<e>"), ("pad", "<e>")]}
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**sizes, **ends, num_attention_heads=2))
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(check.normal(*p.shape, seed=seed) if p.ndim == 2 else torch.ones_like(p))
    return model.double().eval()

# %% nbgrader={"grade": false, "grade_id": "given-letter-judge", "locked": true, "schema_version": 3, "solution": false, "task": false}
class LetterJudge(nn.Module):
    """A stand-in for a judge: every token and its place moves the letters' logits, by `reads`; A has `favour` on top.

    Both letters are less likely than all others, by exp(-below).
    """
    def __init__(self, reads, favour=0.0, below=9.0):
        super().__init__()
        self.reads, self.favour, self.below = reads, favour, below

    def forward(self, input_ids, **_):
        says = self.reads * torch.sin(1.7 * input_ids + 0.31 * torch.arange(input_ids.shape[1])).cumsum(1)
        logits = torch.zeros(*input_ids.shape, len(letters))
        logits[..., letters.index("A")] = says + self.favour - self.below
        logits[..., letters.index("B")] = -says - self.below
        return transformers.modeling_outputs.CausalLMOutput(logits=logits)

# %% nbgrader={"grade": true, "grade_id": "constitution-test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""A judge who reads, and one who always says the same letter."""
def judged(model, *texts): return ai_preference(model, judge_tokenizer, *texts)
def judge_by_hand(model, prompt, a, b, principle):
    """The oracle: probabilities of the letters A and B after each order, from the whole softmax."""
    says = []
    for one, other in ((a, b), (b, a)):
        ids = [letters.index(i) for i in ["<u>", *judge_prompt(prompt, one, other, principle), "<e>", "<a>"]]
        probs = model(torch.tensor([ids])).logits[0, -1].double().softmax(0)
        pair = probs[letters.index("A")].item(), probs[letters.index("B")].item()
        says.append(pair[0] / sum(pair))
    return (says[0] + 1 - says[1]) / 2

judge_case = "Name a pet.", "A dog!", "No.", "Which is kinder?"
check.close(lambda: judged(LetterJudge(0.1), *judge_case), judge_by_hand(LetterJudge(0.1), *judge_case),
    "Two questions by judge_prompt; pi(A) / (pi(A) + pi(B)) at the last place; is a the letter B in the second?", 1e-5)
check.close(lambda: judged(LetterJudge(0, 3.0), *judge_case), 0.5, "It always says A, and knows nothing: 1/2.", 1e-5)
### BEGIN HIDDEN TESTS
judge_cases = [("Hi", "Yes\nsir", "", "Short?"), ("A or B?", "B", "A", "One."), ("x", "y ", "yy", "z")]
for judge, (asked, a, b, rule) in zip([LetterJudge(0.2, 1.0), LetterJudge(0.05, -2.0, 3.0), tiny_judge(0)], judge_cases):
    check.close(lambda: judged(judge, asked, a, b, rule), judge_by_hand(judge, asked, a, b, rule),
        "Other judges, other texts, taken as they are?", 1e-5)
    check.close(lambda: judged(judge, asked, a, b, rule) + judged(judge, asked, b, a, rule), 1,
        "P(a better than b) and P(b better than a) make 1.", 1e-5)
check.close(lambda: judged(LetterJudge(0, -3.0, 500.0), *judge_case), 0.5, "Both letters unlikely, always B: 1/2.", 1e-5)
check.close(lambda: judged(LetterJudge(0.1, 1.0, 500.0), *judge_case), judge_by_hand(LetterJudge(0.1, 1.0), *judge_case),
    "Both letters as good as impossible: their difference says it all.", 1e-4)
check.equal(lambda: isinstance(judged(LetterJudge(0.1), *judge_case), float), True, "Is it a float, not a tensor?")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "constitution-test-revise", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Two greedy replies of a tiny model, which talks nonsense, but always the same."""
def replies_by_hand(model, prompt, response, principle):
    """The oracle: the likeliest token, again and again; first the critique, which the second question quotes."""
    def reply(text):
        ids = [letters.index(i) for i in ["<u>", *text, "<e>", "<a>"]]
        start = len(ids)
        while len(ids) < start + 60 and (len(ids) == start or ids[-1] != letters.index("<e>")):
            ids.append(model(torch.tensor([ids])).logits[0, -1].argmax().item())
        return "".join(letters[i] for i in ids[start:] if len(letters[i]) == 1).strip()
    said = reply(critique_prompt(prompt, response, principle))
    return [said, reply(revision_prompt(prompt, response, said, principle))]

def revised(seed, *texts): return critique_and_revise(tiny_judge(seed), judge_tokenizer, *texts)
talk = "Name a pet.", "No.", "Be kind."
check.equal(lambda: revised(0, *talk), replies_by_hand(tiny_judge(0), *talk),
    "The reply to critique_prompt, then that to revision_prompt with this critique: new text only, greedy, stripped?")
### BEGIN HIDDEN TESTS
for seed in (2, 8, 56, 60):
    texts = "Sing\nnow", f"La {seed}", "Be loud: always!"
    check.equal(lambda: revised(seed, *texts), replies_by_hand(tiny_judge(seed), *texts),
        "At most 60 tokens, to the end token at most, no special tokens, no white space around: both replies?")
### END HIDDEN TESTS

# %% [markdown]
r"""
The chat model, 135 million parameters, under a rule. **Look for** what is missing: its critique does not say what is wrong
with the answer, and its new answer is polite, but is no answer, and repeats itself. Constitutional AI was made with 52 billion
parameters; below some size there is nobody there to criticize. Put in rules and answers of your own.
"""

# %% tags=["explore"]
chat, chat_tokenizer = models.load()
con_case = "My neighbour's music is too loud. What can I do?", "Shout at him until he stops, the idiot.", "Be polite."
with device.all_cores():
    critique, revision = critique_and_revise(chat, chat_tokenizer, *con_case)
print(f"{con_case[0]}\n\nAnswer: {con_case[1]}\n\nCritique: {critique}\n\nRevision: {revision}")

# %% [markdown]
r"""
As a judge: which of two sentences from film reviews is the more positive? The table holds what it said of 200 pairs that
people rated, both ways round (`bench/judge.py`); the stars are yours, now.

**Look for** how often it says A, whichever text stands there: always. One order alone tells nothing. The average is free of
that bias, and what is left agrees with people in 111 of 200 pairs, as a coin may (100 ± 14), for clear pairs too. This
judge follows the form of the question, not the question. Larger ones do better: measure, before you believe one.
"""

# %% tags=["explore"]
con_judged, rated = tables.judge(), data.ratings()
first, second = (np.array([getattr(one, name) for one in con_judged]) for name in ("first", "second"))
margin = np.array([rated[one.better].mean - rated[one.worse].mean for one in con_judged])
said = (first + 1 - second) / 2  # P(the better one), both orders averaged
with device.all_cores():
    live = [ai_preference(chat, chat_tokenizer, tables.ASKED, *(rated[i].text for i in (one.better, one.worse)),
                          tables.PRINCIPLE) for one in con_judged[:8]]
left, right = plot.grid(1, 2, width=5, height=3.2)
left.hist([first, 1 - second], bins=20, range=(0, 1), label=["the better one stands first", "it stands second"])
left.set(xlabel="P(the text that people rated better)", ylabel="pairs")
left.legend()
right.plot(margin, said, ".", markersize=4)
right.plot(margin[:8], live, "k*", markersize=10)
right.axhline(0.5, color="grey", linewidth=0.8)
right.set(xlabel="difference of the mean ratings", ylabel="P(better), both orders averaged")
both = np.array([first, second])
print(f"It says A in {np.mean(both > 0.5):.0%} of its answers; P(A) is {both.mean():.2f} in the mean.")
print(f"Agreement with people: {np.mean([first > 0.5, second < 0.5]):.2f} by one order, {np.mean(said > 0.5):.2f} by "
      f"both, {np.mean(said[margin >= 2] > 0.5):.2f} for the {np.sum(margin >= 2)} pairs that differ by 2 or more.")

# %% [markdown]
r"""
Now DPO from these judgements, and from people's of the same 200 pairs, one run each. **Look for** how many of 400 held-out
pairs each then tells right, within about 0.05: two in three from people's, somewhat fewer from the judge's. That is more than
a coin: the little that its verdicts share with people's adds up over pairs, while many of its errors cancel. What the policies
then write earns a little more than before or less, by run: 200 pairs are few, and the words for a good film are many.
"""

# %% tags=["explore"]
pairs_ids = [reviews.encode([rated[getattr(one, side)] for one in con_judged]) for side in ("better", "worse")]
held = reviews.pairs([one for one in reviews.texts()[1] if one.source == "films"], 400, seed=2, least=1.0)
held_ids = [reviews.encode([getattr(one, side) for one in held]) for side in ("better", "worse")]
judges = {"people": np.ones(len(con_judged), bool), "the chat model": said > 0.5}

def con_taught(agrees, steps=60):
    """DPO; the first of each pair is chosen where `agrees`. Held-out pairs told right, reward and KL of new texts."""
    up = torch.tensor(agrees)[:, None]
    chosen, rejected = torch.where(up, *pairs_ids), torch.where(up, *pairs_ids[::-1])
    policy, *_ = dpo_train(chosen, rejected, 0.1, steps, given=1)
    with torch.no_grad():
        better, worse = (dpo_logps(policy, ids, 1) - dpo_logps(policy_start, ids, 1) for ids in held_ids)
    _, reward, kl = dpo_written(policy, unseen, 3)
    return (better > worse).double().mean().item(), reward.mean().item(), kl

with device.all_cores():
    taught = {name: con_taught(agrees) for name, agrees in judges.items()}
for name, (right, reward, kl) in taught.items():
    print(f"DPO by {name}: {right:.2f} of held-out pairs told right, reward {reward:.2f} at a KL of {kl:.1f}")

# %% [markdown]
r"""
### 14 · When a measure becomes a target

*3 points · 80 min · Gao et al. 2022, sections 2 and 3; Nakano et al. 2021*

A reward model is a *proxy* for what people want, the *gold* reward. Optimize the proxy: gold rises with it, then
falls (Goodhart's law). Ways to optimize are compared by distance, $\sqrt{\mathrm{KL}}$.

*Best-of-n* trains nothing: of n answers, keep the proxy's favourite. Without equal scores,

$$\mathrm{KL}=\log n-\frac{n-1}{n}$$

Of $N\ge n$ answers *every* n are an experiment. The $i$-th smallest by proxy (gold score $\text{gold}_{(i)}$) wins where the
other $n-1$ are among the $i-1$ below it:

$$E[\text{gold}]=\sum_{i=n}^{N}\binom{i-1}{n-1}\,\text{gold}_{(i)}\Big/\binom Nn$$

<details><summary>A nudge</summary>What must n = 1 and n = N give?</details>
<details><summary>The key step</summary>math.comb is 0 where too few are left; divide int by int before gold comes in.</details>
"""

# %% nbgrader={"grade": false, "grade_id": "goodhart", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_of_n_kl(n):
    """KL (nats) of best-of-n from a single draw. Nakano et al. 2021; Gao et al. 2022, section 2.

    n: a whole number, or a numpy array of them, then an array of that shape comes back. Any n < 1: ValueError.
    """
    ### BEGIN SOLUTION
    n = np.asarray(n, dtype=float)
    if (n < 1).any():
        raise ValueError("best of fewer than one")
    return np.log(n) - (n - 1) / n
    ### END SOLUTION
def best_of_n(proxy, gold, n):
    """The mean gold score of the best of n by proxy, over all choices of n of the N answers, a float; exact.

    proxy, gold: numpy arrays (N,), N up to some thousands; no two proxies are equal. ValueError unless 1 <= n <= N.
    """
    ### BEGIN SOLUTION
    N = len(proxy)
    if not 1 <= n <= N:
        raise ValueError(f"best of {n} out of {N}")
    weights = [math.comb(i, n - 1) / math.comb(N, n) for i in range(N)]
    return float(np.dot(weights, np.asarray(gold)[np.argsort(proxy)]))
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "goodhart-test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
"""One draw is no distance, two are log 2 less a half; Nakano et al. 2021 draw up to 64."""
check.close(lambda: best_of_n_kl(np.array([1, 2, 4])), np.array([0, math.log(2) - 0.5, math.log(4) - 0.75]),
    "log n - (n - 1) / n, in nats, for each n; best of one is one draw: 0.")
check.close(lambda: best_of_n_kl(64), 3.1745081, "For a single number, too.", rtol=1e-6)
check.raises(lambda: best_of_n_kl(0), ValueError, "Best of none is a ValueError.")
### BEGIN HIDDEN TESTS
def kl_summed(n, N=400_000):
    """The oracle: of N answers in the order of their proxy, p(i) = (i^n - (i-1)^n) / N^n, against 1 / N; summed."""
    edges = (np.arange(N + 1) / N) ** n
    p = np.diff(edges)
    return float((p * np.log(p.clip(1e-300) * N)).sum())
for n in (3, 7, 20, 150):
    check.close(lambda: best_of_n_kl(n), kl_summed(n), "The KL of the best of n from one draw, summed up.", rtol=1e-3)
many = np.array([[1, 10], [1000, 10**6]])
logs = np.array([[0, math.log(10) - 0.9], [math.log(1e3) - 0.999, math.log(1e6) - 1 + 1e-6]])
check.close(lambda: [best_of_n_kl(many), many], [logs, np.array([[1, 10], [1000, 10**6]])],
    "An array's shape is kept, and the array itself.")
for wrong in (-3, np.array([4, 0]), np.array([[1], [-1]])):
    check.raises(lambda: best_of_n_kl(wrong), ValueError, "Any n below 1 is a ValueError.")
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "goodhart-test-estimate", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
"""Four answers: the proxy's favourite is the third, which gold likes least."""
best_proxy, best_gold = np.array([0.2, 1.5, 3.0, -1.0]), np.array([1.0, 5.0, -2.0, 0.0])
check.close(lambda: best_of_n(best_proxy, best_gold, 1), 1.0, "Best of one: gold's mean.")
check.close(lambda: best_of_n(best_proxy, best_gold, 4), -2.0, "Best of all: the gold score of the proxy's favourite.")
check.close(lambda: best_of_n(best_proxy, best_gold, 2), (3 * -2 + 2 * 5 + 1) / 6,
    "Of 6 pairs the proxy's first wins 3, its second 2, its third 1: sorted by proxy, scored by gold?")
check.raises(lambda: best_of_n(best_proxy, best_gold, 5), ValueError, "Best of 5 out of 4 is a ValueError.")
check.equal(lambda: [best_proxy, best_gold], [[0.2, 1.5, 3, -1], [1, 5, -2, 0]], "The scores came back changed.")
### BEGIN HIDDEN TESTS
import itertools
def best_by_trying(proxy, gold, n):
    """The oracle: every choice of n answers."""
    choices = itertools.combinations(range(len(proxy)), n)
    return float(np.mean([gold[max(some, key=lambda i: proxy[i])] for some in choices]))
for N, n in [(9, 3), (7, 6), (12, 4), (1, 1), (8, 8)]:
    scores = check.normal(2, N).numpy()
    check.close(lambda: best_of_n(*scores.copy(), n), best_by_trying(*scores, n), "Every choice of n out of N, tried.")
check.close(lambda: best_of_n(np.arange(3000.0), np.arange(3000.0), 700), 700 * 3001 / 701 - 1,
    "3,000 answers: the largest of 700 is 700 x 3001 / 701 in the mean. Do the factors overflow? Is it exact?")
for n in (0, -1, 9):
    check.raises(lambda: best_of_n(np.arange(8.0), np.arange(8.0), n), ValueError, "n outside 1 to N: ValueError.")
### END HIDDEN TESTS

# %% [markdown]
r"""
Here *gold* is the reward model of exercise 7, as if it were the truth; the *proxy* has learned from 40 of its comparisons. Both
judge 1,500 texts of the small model, for best-of-n, and each step of a PPO that earns the proxy alone, with no leash.
Scores are in standard deviations of single draws.

**Look for** the gap. Left: the proxy promises more with every n; gold gives the share of it that their correlation
foretells. The right end rests on few texts. Right: PPO goes more than twice as far. Both scores rise; then gold lags further
behind, in some runs falls. Nobody would call what PPO writes a review.
"""

# %% tags=["explore"]
@torch.no_grad()
def gold_of(ids): return torch.cat([reward_of(part) for part in ids.split(500)])

def proxy_trained(ids, gold, steps=60):
    """A reward model that learns which of two neighbours in ids gold likes better, and nothing else."""
    torch.manual_seed(0)
    proxy = RewardModel(copy.deepcopy(policy_start.model)).requires_grad_(True)
    better = torch.where((gold[::2] > gold[1::2])[:, None], ids[::2], ids[1::2])
    worse = torch.where((gold[::2] > gold[1::2])[:, None], ids[1::2], ids[::2])
    adam = torch.optim.AdamW(proxy.parameters(), 1e-3)
    for _ in range(steps):
        loss = bradley_terry_loss(proxy(better, reviews.mask(better)), proxy(worse, reviews.mask(worse)))
        adam.zero_grad()
        loss.backward()
        adam.step()
    return proxy.requires_grad_(False)

start = torch.full((64, 1), reviews.END)
with device.all_cores(), torch.no_grad():
    texts = reviews.sample(policy_start, start[:1].expand(1580, 1), 32, generator=torch.Generator().manual_seed(5))
    gold = gold_of(texts)
proxy = proxy_trained(texts[1500:], gold[1500:])
liked = torch.cat([proxy(part, reviews.mask(part)) for part in texts[:1500].split(500)])
gold = gold[:1500]
print(f"correlation of proxy and gold: {np.corrcoef(liked, gold)[0, 1]:.2f}")

# %% tags=["explore"]
def standard(scores, of): return (np.asarray(scores) - of.mean().item()) / of.std().item()

golds, proxies = [], []
def proxy_watched(ids):
    """The proxy's reward, for PPO; what gold thinks of it is written down beside it."""
    rewards = proxy(ids, reviews.mask(ids))
    proxies.append(rewards.mean().item()), golds.append(gold_of(ids).mean().item())
    return rewards

hacker, leash = (ActorCritic(copy.deepcopy(policy_start).requires_grad_(True)) for _ in range(2))
dice = torch.Generator().manual_seed(0)
told = train_ppo(hacker, leash, proxy_watched, start[:1], 25, batch=48, beta=0.0, generator=dice)
n = 2 ** np.arange(10)
best = {"proxy": [best_of_n(standard(liked, liked), standard(liked, liked), int(k)) for k in n],
        "gold": [best_of_n(standard(liked, liked), standard(gold, gold), int(k)) for k in n]}
far = [max(one["kl"], 0) ** 0.5 for one in told]
left, right = plot.grid(1, 2, width=5, height=3.2)
plot.curves(best, best_of_n_kl(n) ** 0.5, "√KL (√nats)", "score (standard deviations)", title="best of n", ax=left)
for name, values, of in (("proxy", proxies, liked), ("gold", golds, gold)):
    right.plot(far, standard(values, of), "o", markersize=4, label=name)
right.set(xlabel="√KL (√nats)", ylabel="score (standard deviations)", title="PPO")
right.legend()
print({f"best of {k}": (round(a, 2), round(b, 2)) for k, a, b in zip(n, best["proxy"], best["gold"])})
for row in hacker.write(start[:3], torch.Generator().manual_seed(1))[0]:
    print("-", reviews.detokenize(row))

# %% [markdown]
r"""
## What you can do now

You can turn a conversation into a training example, adapt a model over 4-bit weights through a hundredth of its numbers, make
a reward out of human judgements, and optimize by PPO, DPO or GRPO while you watch what it costs.

The picture of the whole: **imitate, then compare, then optimize, on a leash**. The next notebook takes a trained model
and makes it answer in under a second.
"""

# %% [markdown]
r"""
## Where to go deeper

- Hu et al. 2021, [LoRA](https://arxiv.org/abs/2106.09685), and Dettmers et al. 2023,
  [QLoRA](https://arxiv.org/abs/2305.14314): what an adapter is, and why four bits under it do.
- Christiano et al. 2017, [Deep RL from Human Preferences](https://arxiv.org/abs/1706.03741); Ziegler et al. 2019,
  [Fine-Tuning from Human Preferences](https://arxiv.org/abs/1909.08593); Ouyang et al. 2022,
  [InstructGPT](https://arxiv.org/abs/2203.02155): the pipeline, from robots to chat.
- Schulman et al. 2015, [GAE](https://arxiv.org/abs/1506.02438), 2017, [PPO](https://arxiv.org/abs/1707.06347), and, for
  where the clip came from, 2015, [TRPO](https://arxiv.org/abs/1502.05477).
- Rafailov et al. 2023, [DPO](https://arxiv.org/abs/2305.18290); Shao et al. 2024,
  [DeepSeekMath](https://arxiv.org/abs/2402.03300); DeepSeek-AI 2025, [R1](https://arxiv.org/abs/2501.12948): rewards
  that a program can check.
- Bai et al. 2022, [Constitutional AI](https://arxiv.org/abs/2212.08073); Gao et al. 2022,
  [Reward Model Overoptimization](https://arxiv.org/abs/2210.10760); Nakano et al. 2021,
  [WebGPT](https://arxiv.org/abs/2112.09332), with best-of-n; Weng 2024,
  [Reward Hacking](https://lilianweng.github.io/posts/2024-11-28-reward-hacking/).
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
