"""A rung of the ladder: real text as tokens, and one way to train any GPT on so many of them."""

import functools
import math

import torch
from torch.nn import functional as F

from course import data

VOCAB, CONTEXT, BATCH = 512, 64, 4  # tokens; tokens a sequence; sequences a step: few, for the shortest runs need many steps
HELD_OUT = 0.05  # the share of the plays, at their end, that no run learns from
WARMUP = 0.25  # the share of the steps in which the learning rate climbs; with less, runs of some hundred steps learn badly


@functools.cache
def tokens() -> tuple[torch.Tensor, torch.Tensor]:
    """Shakespeare's plays as ids from 0 to 511, those to learn from and those held out: two 1-D tensors (long).

    The 512 pieces are a byte-level BPE's, learned from the first part alone (package tokenizers).
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    text = data.shakespeare()
    parts = text[: -int(HELD_OUT * len(text))], text[-int(HELD_OUT * len(text)) :]
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer, bpe.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator([parts[0]], trainers.BpeTrainer(vocab_size=VOCAB, initial_alphabet=alphabet, show_progress=False))
    return tuple(torch.tensor(bpe.encode(part).ids) for part in parts)


def rate(d_model: int) -> float:
    """The highest learning rate for a width: narrower models bear larger steps. Found by trial at widths 16, 32 and 64."""
    return min(0.02, 0.01 * (16 / d_model) ** 1.3)


def batches(ids: torch.Tensor, seed: int):
    """Endless (inputs, targets), each (4, 64): the text cut into sequences, shuffled anew in every pass."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        start = int(torch.randint(CONTEXT, (), generator=generator))
        places = start + CONTEXT * torch.randperm((len(ids) - start - 1) // CONTEXT, generator=generator)
        for some in places.split(BATCH):
            if len(some) == BATCH:
                window = ids[some[:, None] + torch.arange(CONTEXT + 1)]
                yield window[:, :-1], window[:, 1:]


@torch.no_grad()
def held_out_loss(model, sequences: int = 1024) -> float:
    """The mean loss (nats per token) on held-out sequences of 64 tokens, always the same ones."""
    ids = tokens()[1][: sequences * CONTEXT + 1].to(next(model.parameters()).device)
    inputs, targets = ids[:-1].view(-1, CONTEXT), ids[1:].view(-1, CONTEXT)
    losses = []
    for some, wanted in zip(inputs.split(128), targets.split(128), strict=True):
        losses.append(F.cross_entropy(model(some)[0].flatten(0, 1).float(), wanted.flatten(), reduction="sum").item())
    return sum(losses) / inputs.numel()


def train_point(model, n_tokens: int, marks=(), seed: int = 0, show=None) -> dict[int, float]:
    """Train a GPT on n_tokens, and return its held-out loss (nats per token) by how many tokens it had read.

    model(ids (B, T)) gives (logits (B, T, 512), loss or None), for T up to 64. AdamW; the learning rate warms up, then falls as a
    cosine to a tenth at n_tokens. marks: amounts of tokens at which to look on the way, with the rate still high. show: called
    with (tokens read, loss of the batch) after every step. Trains where the model's parameters are.
    """
    place, width = next(model.parameters()).device, next(model.parameters()).shape[-1]
    steps, highest = math.ceil(n_tokens / (BATCH * CONTEXT)), rate(width)
    decays = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": decays, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, betas=(0.9, 0.95), lr=highest, fused=True)
    looks = {math.ceil(mark / (BATCH * CONTEXT)): mark for mark in marks}
    losses, stream, warmup = {}, batches(tokens()[0], seed), max(1, math.ceil(WARMUP * steps))
    for step in range(1, steps + 1):
        share = (step - warmup) / max(1, steps - warmup)
        now = step / warmup if step <= warmup else 0.1 + 0.9 * (1 + math.cos(math.pi * share)) / 2
        for group in adam.param_groups:
            group["lr"] = highest * now
        inputs, targets = next(stream)
        logits, _ = model(inputs.to(place))
        loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten().to(place))
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        if show is not None:
            show(step * BATCH * CONTEXT, loss.item())
        if step in looks and step < steps:
            losses[looks[step]] = held_out_loss(model)
    losses[n_tokens] = held_out_loss(model)
    return losses
