"""Short texts that people rated: as tokens, as pairs, and as a language model that writes more of them in a minute.

A row of ids is END, a text, END, and END again up to its full length: `mask` says which of them are real.
"""

import functools
import hashlib
import inspect
import math
import random
from typing import NamedTuple

import torch
from torch.nn import functional as F

from course import data

VOCAB, CONTEXT, END = 1024, 48, 0  # pieces; the most tokens in a row; the piece that begins and ends every text
HELD_OUT = 10  # one text in so many is held out


class Pair(NamedTuple):
    """Two texts of one source, of which raters like the first better, by `margin` in mean rating (1/20 to 8)."""

    better: data.Rating
    worse: data.Rating
    margin: float


@functools.cache
def texts() -> tuple[tuple[data.Rating, ...], tuple[data.Rating, ...]]:
    """The rated texts to learn from (nine in ten), and those held out: a text's own letters decide, so no text is in both."""
    parts = [], []
    for one in data.ratings():
        digest = hashlib.sha256(" ".join(one.text.lower().split()).encode()).digest()
        parts[digest[0] * 256 + digest[1] < 65536 // HELD_OUT].append(one)
    return tuple(map(tuple, parts))


@functools.cache
def tokenizer():
    """A byte-level BPE of 1,024 pieces, learned from the training texts, in lower case (package tokenizers); piece 0 is END."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    bpe = Tokenizer(models.BPE())
    bpe.normalizer = normalizers.Lowercase()
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=True), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=VOCAB, initial_alphabet=alphabet, special_tokens=["<|end|>"], show_progress=False)
    bpe.train_from_iterator((" ".join(one.text.split()) for one in texts()[0]), trainer)
    return bpe


def encode(some) -> torch.Tensor:
    """Strings, or ratings, as rows of ids (N, 48): END, the text (cut where it is too long), END up to the row's end."""
    plain = [" ".join(getattr(one, "text", one).split()) for one in some]
    found = [one.ids[: CONTEXT - 1] for one in tokenizer().encode_batch(plain)]
    rows = torch.tensor([[END, *ids] + [END] * (CONTEXT - 1 - len(ids)) for ids in found], dtype=torch.long)
    return rows.view(-1, CONTEXT)


def mask(ids: torch.Tensor) -> torch.Tensor:
    """Which ids (B, T) are real (bool): the END that begins a row, its text, and the first END after it; not what follows."""
    ends = (ids == END).long()
    ends[:, 0] = 0
    return ends.cumsum(1) - ends == 0


def detokenize(ids: torch.Tensor) -> str:
    """A row of ids (T,) as text: what stands before the first END after its beginning."""
    real = ids[mask(ids[None])[0]].tolist()
    return tokenizer().decode([i for i in real if i != END]).strip()


def pairs(ratings, n: int, seed: int = 0, least: float = 0.25) -> list[Pair]:
    """n pairs of texts of one source drawn at random, whose mean ratings differ by `least` or more.

    Only texts that fit into a row take part: nobody should judge by a beginning what people judged whole.
    """
    dice, by_source = random.Random(seed), {}
    fitting = [one for one, ids in zip(ratings, encode(ratings), strict=True) if ids[-1] == END]
    for one in fitting:
        by_source.setdefault(one.source, []).append(one)
    found = []
    while len(found) < n:
        worse, better = sorted(dice.sample(by_source[dice.choice(fitting).source], 2), key=lambda one: one.mean)
        if better.mean - worse.mean >= least:
            found.append(Pair(better, worse, better.mean - worse.mean))
    return found


def small_gpt(d_model: int = 96, n_layers: int = 2, seed: int = 0):
    """An untrained language model for rows of ids: transformers' LlamaForCausalLM with few layers, tied embeddings.

    model(ids).logits is (B, T, 1024); its trunk, model.model, gives model.model(ids).last_hidden_state (B, T, d_model).
    """
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=VOCAB, hidden_size=d_model, intermediate_size=3 * d_model, num_hidden_layers=n_layers,
        num_attention_heads=d_model // 32, max_position_embeddings=CONTEXT, tie_word_embeddings=True,
        bos_token_id=END, eos_token_id=END, pad_token_id=None,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LlamaForCausalLM(config)


def pretrain(model, steps: int = 500, batch: int = 32, highest: float = 4e-3, seed: int = 0, show=None) -> float:
    """Teach the model to continue the training texts, one after another in random order; returns its held-out loss (nats/token).

    AdamW, a warm-up and a cosine. show: called with (step, loss of the batch) after every step.
    """
    dice, place = torch.Generator().manual_seed(seed), next(model.parameters()).device
    rows, adam = encode(texts()[0]), torch.optim.AdamW(model.parameters(), betas=(0.9, 0.95), weight_decay=0.1, fused=True)
    stream, window = torch.empty(0, dtype=torch.long), batch * CONTEXT
    for step in range(steps):
        while len(stream) < window + 1:  # END and the text, of every row
            some = rows[torch.randperm(len(rows), generator=dice)]
            stream = torch.cat([stream, some[mask(some) & ((some != END) | (torch.arange(CONTEXT) == 0))]])
        inputs, targets = (stream[shift : window + shift].view(batch, CONTEXT).to(place) for shift in (0, 1))
        stream = stream[window:]
        for group in adam.param_groups:
            group["lr"] = highest * min((step + 1) / 50, 0.02 + 0.98 * (1 + math.cos(math.pi * step / steps)) / 2)
        loss = F.cross_entropy(model(inputs).logits.flatten(0, 1), targets.flatten())
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        if show is not None:
            show(step, loss.item())
    return held_out_loss(model)


@torch.no_grad()
def held_out_loss(model) -> float:
    """The mean loss (nats per token) on the held-out texts, END at their end included."""
    ids = encode(texts()[1]).to(next(model.parameters()).device)
    targets = ids[:, 1:].masked_fill(~mask(ids)[:, 1:], -100)
    losses = [
        F.cross_entropy(model(some).logits.flatten(0, 1), wanted.flatten(), reduction="sum")
        for some, wanted in zip(ids[:, :-1].split(128), targets.split(128), strict=True)
    ]
    return float(sum(losses) / (targets != -100).sum())


@torch.no_grad()
def sample(model, prompts: torch.Tensor, length: int = CONTEXT, temperature: float = 1.0, generator=None) -> torch.Tensor:
    """Continue prompts (B, P), END at their beginning alone, token by token: ids (B, T), T up to length, after END only END.

    model: a transformers language model, whose cache of keys and values is used. generator: for the draws, on the CPU.
    """
    from transformers import DynamicCache

    # The argument had another name in earlier versions.
    name = next(one for one in ("cache", "past_key_values") if one in inspect.signature(model.forward).parameters)
    ids, fresh, known = prompts, prompts, {name: DynamicCache(), "use_cache": True}
    done = torch.zeros(len(prompts), dtype=torch.bool, device=prompts.device)
    while ids.shape[1] < length and not done.all():
        logits = model(fresh, **known).logits[:, -1]
        chances = (logits.float() / temperature).softmax(-1).cpu()
        fresh = torch.multinomial(chances, 1, generator=generator).to(prompts.device).masked_fill(done[:, None], END)
        ids = torch.cat([ids, fresh], 1)
        done |= fresh[:, 0] == END
    return ids
