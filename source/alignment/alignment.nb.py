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

A *chat template* writes a conversation as one text, in which special tokens mark who speaks. The model reads all of it and
learns the answers alone: the label of every other token is $-100$, which PyTorch's cross-entropy skips. Labels stand
**unshifted**, as transformers has them: where a token is a target, its label is its own id.

Each answer's tokens are targets, its end token too: without it no answer ever stops.

<details><summary>A nudge</summary>Render the conversation up to an answer, ready for it (<code>add_generation_prompt=True</code>),
then with the answer.</details>
<details><summary>The key step</summary>Lengths can mislead: <code>" "</code> + <code>"Hi"</code> may be one token. The
answer begins where the two lists first differ.</details>
"""

# %% [markdown]
r"""
Two more things the data need. **Truncation**: a long conversation loses its oldest tokens. The last answer stays; if it
alone is too long, it loses its end. **Packing**: short examples are laid one after the other into one row, so that little is
padding. Each keeps to itself: its positions start at 0 again, and the mask lets no token look into a neighbour.

Below are two small tokenizers to try yours on, with templates of another kind than the chat model's.
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
    """(input_ids, labels), two lists of ints, equally long: the chat template's tokens, and what to learn.

    messages: dicts with role and content, the first no assistant's. A label is the token's id from an answer's first token
    up to its end token (tokenizer.eos_token_id), in every assistant turn; else -100 (what the template adds after it, too).
    If longer than max_len, tokens go from the front, but not the one before the last answer's first; then from the end.
    The label at position 0 is -100: nothing stands before it. ValueError: no assistant turn, or max_len below 2.
    """
    ### BEGIN SOLUTION
    def render(some, **options): return list(tokenizer.apply_chat_template(some, return_dict=False, **options))
    ids, start = render(messages), None
    labels = [-100] * len(ids)
    for place, one in enumerate(messages):
        if one["role"] == "assistant":
            before, after = render(messages[:place], add_generation_prompt=True), render(messages[: place + 1])
            start = next((i for i, (a, b) in enumerate(zip(before, after)) if a != b), len(before))
            end = len(after) - after[::-1].index(tokenizer.eos_token_id)
            labels[start:end] = ids[start:end]
    if start is None or (max_len is not None and max_len < 2):
        raise ValueError("an example needs an assistant's turn, and room for two tokens")
    if max_len is not None and len(ids) > max_len:
        drop = min(len(ids) - max_len, start - 1)
        ids, labels = ids[drop:][:max_len], labels[drop:][:max_len]
    return ids, [-100, *labels[1:]]
    ### END SOLUTION

def pack(examples, max_len):
    """Packs of examples, in order; one that no longer fits into max_len tokens begins the next. ValueError if it never would.

    examples: as build_example makes them. Each pack: a dict of input_ids, labels, position_ids (three lists, 0 first in each
    example) and mask, a bool tensor (T, T), True where a query (row) may look: at itself and before, in its own example.
    """
    ### BEGIN SOLUTION
    packs = []
    for ids, labels in examples:
        if len(ids) > max_len: raise ValueError(f"an example of {len(ids)} tokens does not fit into {max_len}")
        if not packs or len(packs[-1]["input_ids"]) + len(ids) > max_len:
            packs.append({"input_ids": [], "labels": [], "position_ids": []})
        for key, new in (("input_ids", ids), ("labels", labels), ("position_ids", range(len(ids)))): packs[-1][key] += new
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
line's end after each answer are read only. Beside it the mask of a pack of three examples, dark where a token may look:
three triangles, and nothing between them.
"""

# %% tags=["explore"]
sft_ids, sft_labels = build_example(sft_two, tok_smol)
plot.tokens([tok_smol.decode([i]) for i in sft_ids], [label != -100 for label in sft_labels], "coloured: learned")
sft_three = [build_example(some, tok_smol, 24) for some in (sft_chat, sft_two, sft_chat)]
plot.image(pack(sft_three, 72)[0]["mask"], "rows look at columns");

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
