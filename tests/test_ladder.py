"""The table that ships is what bench/ladder.py writes, and a rung can be trained again."""

import functools
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course import answers, ladder, notebooks, tables


@pytest.fixture(scope="module")
def runs():
    return tables.ladder(None)


def test_forty_real_runs_on_several_sizes_and_budgets(runs):
    own = tables.ladder()
    assert len(own) >= 40 and {one.schedule for one in runs} == {"own", "long"}
    assert len({one.n_params for one in own}) >= 8
    for budget in (3e10, 1e11, 3e11, 1e12):
        assert sum(abs(one.flops / budget - 1) < 0.01 for one in own) >= 8
    assert "by bench/ladder.py" in tables.source(tables.LADDER) and "PyTorch" in tables.source(tables.LADDER)


def test_rows_add_up(runs, root):
    names = answers.names_until(notebooks.source(root, "scaling"), "count")
    for size in {(one.n_layers, one.d_model, one.n_heads, one.n_params, one.n_embedding) for one in runs}:
        model = names["GPT"](names["GPTConfig"](ladder.VOCAB, ladder.CONTEXT, size[0], size[2], size[1]))
        embedding = model.wte.weight.numel() + model.wpe.weight.numel()
        assert size[3:] == (sum(p.numel() for p in model.parameters()), embedding)
    assert all(one.flops == 6 * one.n_params * one.n_tokens for one in runs)


def test_losses_fall_with_more_tokens(runs):
    own = tables.ladder()
    for size in {one.n_params for one in own}:
        losses = [one.loss for one in sorted(own, key=lambda one: one.n_tokens) if one.n_params == size]
        assert all(a > b for a, b in zip(losses, losses[1:], strict=False))
    assert all(1 < one.loss < math.log(ladder.VOCAB) for one in runs)


def test_every_long_row_has_a_run_of_its_own_beside_it(runs):
    own = {(one.n_params, one.n_tokens): one.loss for one in tables.ladder()}
    late = [one for one in runs if one.schedule == "long"]
    assert all((one.n_params, one.n_tokens) in own for one in late)
    worse = sum(one.loss > own[one.n_params, one.n_tokens] for one in late)
    assert worse > 0.9 * len(late)  # a rate that is still high costs loss: Hoffmann et al. 2022, section 2


class Pairs(nn.Module):
    """A table of pairs: a token's row is the logits of the next."""

    def __init__(self):
        super().__init__()
        self.rows = nn.Embedding(ladder.VOCAB, ladder.VOCAB)
        nn.init.zeros_(self.rows.weight)

    def forward(self, ids, targets=None):
        logits = self.rows(ids)
        return logits, None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def test_a_rung_is_trained_alike_each_time(monkeypatch):
    monkeypatch.setattr(ladder, "held_out_loss", functools.partial(ladder.held_out_loss, sequences=32))
    seen = []
    first, second = (ladder.train_point(Pairs(), 6000, marks=[2048], show=lambda *at: seen.append(at)) for _ in range(2))
    assert first == second and list(first) == [2048, 6000]
    assert [tokens for tokens, _ in seen[:6]] == [256, 512, 768, 1024, 1280, 1536]
    assert first[6000] < first[2048] < math.log(ladder.VOCAB)


def test_tokens_are_real_text():
    learn, held_out = ladder.tokens()
    assert learn.max() < ladder.VOCAB and len(held_out) > 1024 * ladder.CONTEXT
    inputs, targets = next(ladder.batches(learn, seed=1))
    assert inputs.shape == targets.shape == (ladder.BATCH, ladder.CONTEXT) and torch.equal(inputs[:, 1:], targets[:, :-1])
    again, _ = next(ladder.batches(learn, seed=1))
    other, _ = next(ladder.batches(learn, seed=2))
    assert torch.equal(inputs, again) and not torch.equal(inputs, other)
