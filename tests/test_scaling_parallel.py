"""The scaling notebook's tensor parallelism and pipeline beside dense modules and PyTorch in one process, on random sizes."""

import random

import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F

from course import answers, distributed, notebooks
from course.traffic import Traffic


@pytest.fixture(scope="module")
def names(root):
    """What the notebook defines up to the pipeline, its last exercise here."""
    return answers.names_until(notebooks.source(root, "scaling"), "pipeline")


def known(module, seed=0):
    """The module in float64, its parameters the same numbers in every process."""
    dice = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in module.double().parameters():
            p.copy_(torch.randn(p.shape, generator=dice, dtype=torch.float64) / 2)
    return module


def numbers(*shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def walk(module, x, weights):
    """Output, gradient of x, and the gradients of the parameters by name, of the sum of output times weights."""
    x = x.clone().requires_grad_()
    y = module(x)
    (y * weights).sum().backward()
    return y.detach(), x.grad, {name: p.grad for name, p in module.named_parameters() if p.grad is not None}


def agree(one, other):
    torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_linear_layers(names, seed):
    dice = random.Random(seed)
    n, bias = dice.choice([1, 2, 3]), dice.random() < 0.7
    into, out = (n * dice.randint(1, 5) for _ in range(2))
    x, g = numbers(dice.randint(1, 4), dice.randint(1, 5), into), numbers(out)

    def work(rank, world_size):
        dense = known(nn.Linear(into, out, bias))
        column = names["ColumnParallelLinear"](dense, rank, world_size)
        row = names["RowParallelLinear"](dense, rank, world_size)
        return walk(column, x, g.chunk(n)[rank]), walk(row, x.chunk(n, -1)[rank], g)

    y, dx, grads = walk(known(nn.Linear(into, out, bias)), x, g)
    for rank, (column, row) in enumerate(distributed.run(work, n)):
        agree(column[0], y.chunk(n, -1)[rank])
        agree(column[1], dx)
        agree(column[2], {name: grad.chunk(n)[rank] for name, grad in grads.items()})
        agree(row[0], y)
        agree(row[1], dx.chunk(n, -1)[rank])
        agree(row[2], {name: grad.chunk(n, 1)[rank] if name == "weight" else grad for name, grad in grads.items()})


@pytest.mark.parametrize("seed", range(4))
def test_a_whole_block(names, seed):
    """Attention and MLP put into a Block's place: four all-reduces of x's size, and the dense gradients."""
    dice = random.Random(seed)
    n = dice.choice([2, 3])
    heads = n * dice.randint(1, 2)
    config = names["GPTConfig"](d_model=heads * dice.randint(1, 3) * 2, n_heads=heads)
    x = numbers(dice.randint(1, 3), dice.randint(1, 6), config.d_model)
    g = numbers(config.d_model, seed=2)

    class Parallel(nn.Module):
        def __init__(self, block, rank, world_size):
            super().__init__()
            self.ln_1, self.ln_2 = block.ln_1, block.ln_2
            self.attention = names["ParallelAttention"](block, rank, world_size)
            self.mlp = names["ParallelMLP"](block, rank, world_size)

        def forward(self, x):
            x = x + self.attention(self.ln_1(x))
            return x + self.mlp(self.ln_2(x))

    def work(rank, world_size):
        with Traffic() as traffic:
            found = walk(Parallel(known(names["Block"](config)), rank, world_size), x, g)
        return *found, traffic.log

    y, dx, grads = walk(known(names["Block"](config)), x, g)
    found = distributed.run(work, n)
    for rank, (output, of_x, own, log) in enumerate(found):
        agree(output, y)
        agree(of_x, dx)
        assert log == [("all_reduce", 8 * x.numel())] * 4
        for name in ("ln_1.weight", "ln_2.bias"):
            agree(own[name], grads[name])
        for name in ("mlp.c_proj.bias", "attention.o_proj.bias"):
            agree(own[name], grads[name.partition(".")[2]])
        agree(own["mlp.c_fc.weight"], grads["c_fc.weight"].chunk(n)[rank])
        agree(own["attention.o_proj.weight"], grads["o_proj.weight"].chunk(n, 1)[rank])
        qkv = torch.cat([part.chunk(n)[rank] for part in grads["qkv.weight"].chunk(3)])
        agree(own["attention.qkv.weight"], qkv)


def test_attention_is_torchs(names):
    """The same weights in nn.MultiheadAttention."""
    config = names["GPTConfig"](d_model=12, n_heads=6)
    block, x = known(names["Block"](config)), numbers(2, 5, 12)
    theirs = nn.MultiheadAttention(12, 6, batch_first=True, dtype=torch.float64)
    state = {"in_proj_weight": block.qkv.weight, "in_proj_bias": block.qkv.bias}
    state |= {"out_proj.weight": block.o_proj.weight, "out_proj.bias": block.o_proj.bias}
    theirs.load_state_dict(state)
    ahead = torch.ones(5, 5, dtype=torch.bool).triu(1)
    expected = theirs(x, x, x, attn_mask=ahead, need_weights=False)[0].detach()
    for output in distributed.run(lambda *at: names["ParallelAttention"](block, *at)(x).detach(), 3):
        agree(output, expected)


@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("dim", [0, 1])
def test_shares_are_their_own_and_make_the_whole(names, dim, parts):
    p = nn.Parameter(numbers(12, 24))
    pieces = [names["share"](p, dim, rank, 4, parts) for rank in range(4)]
    assert all(piece.untyped_storage().nbytes() == 8 * 12 * 24 // 4 for piece in pieces)
    split = [piece.chunk(parts, dim) for piece in pieces]
    agree(torch.cat([one[part] for part in range(parts) for one in split], dim), p.detach())


def rules(plan, p, m):
    """Every step once, one at a time for each stage, after what it needs."""
    when = {tuple(step): time for time, *step in plan}
    assert set(when) == {(s, kind, i) for s in range(p) for kind in "FB" for i in range(m)} and len(plan) == len(when)
    assert len({(time, s) for time, s, *_ in plan}) == len(plan)
    for (s, kind, i), time in when.items():
        if kind == "F":
            assert s == 0 or when[s - 1, "F", i] < time
        else:
            assert when[s, "F", i] < time and (s == p - 1 or when[s + 1, "B", i] < time)


def held(plan, stage):
    """The most micro-batches that a stage has between F and B."""
    now = most = 0
    for _, _, kind, _ in sorted(step for step in plan if step[1] == stage):
        now += 1 if kind == "F" else -1
        most = max(most, now)
    return most


@pytest.mark.parametrize("p", range(1, 7))
def test_schedules(names, p):
    for m in range(1, 15):
        first, second = names["gpipe"](p, m), names["one_f_one_b"](p, m)
        for plan in (first, second):
            rules(plan, p, m)
            assert min(time for time, *_ in plan) == 0 and max(time for time, *_ in plan) == 2 * (m + p - 1) - 1
        assert [held(first, s) for s in range(p)] == [m] * p
        assert [held(second, s) for s in range(p)] == [min(p - s, m) for s in range(p)]


class Tanh(nn.Linear):
    def forward(self, x):
        return torch.tanh(super().forward(x))


@pytest.mark.parametrize("kind", ["gpipe", "one_f_one_b"])
@pytest.mark.parametrize("seed", range(3))
def test_pipelines(names, kind, seed):
    dice = random.Random(seed)
    p, m, width = dice.randint(1, 4), dice.randint(1, 6), dice.randint(1, 5)
    rows = [dice.randint(1, 4) for _ in range(m)]
    batches = [(numbers(r, width, seed=i), numbers(r, width, seed=100 + i)) for i, r in enumerate(rows)]
    loss_fn = dice.choice([F.mse_loss, F.l1_loss, F.huber_loss])

    def make():
        return [known(nn.Sequential(Tanh(width, width), nn.LayerNorm(width)), seed) for seed in range(p)]

    def work(rank, world_size):
        stages = make()
        with Traffic() as traffic:
            names["run_pipeline"](stages, batches, names[kind](p, m), loss_fn)
        return [q.grad for q in stages[rank].parameters()], traffic.bytes, traffic.calls

    stages = make()
    torch.stack([loss_fn(nn.Sequential(*stages)(x), target) for x, target in batches]).mean().backward()
    found = distributed.run(work, p)
    for stage, (grads, *_) in zip(stages, found, strict=True):
        agree(grads, [q.grad for q in stage.parameters()])
    assert sum(calls["send"] for *_, calls in found) == 2 * m * (p - 1)
    assert sum(sizes["send"] for _, sizes, _ in found) == 2 * (p - 1) * 8 * width * sum(rows)
    assert all(set(calls) <= {"send", "recv"} for *_, calls in found)


def test_sends_that_wait_are_a_deadlock_and_mail_is_none(names):
    """Why Mail does not use dist.send: two ranks that first send to one another."""

    def waiting(rank, world_size):
        dist.send(torch.zeros(2), 1 - rank)
        dist.recv(torch.zeros(2), 1 - rank)

    def mailed(rank, world_size):
        mail = names["Mail"]()
        mail.send(torch.full((2,), float(rank)), 1 - rank, 0)
        found = mail.receive(torch.zeros(2), 1 - rank, 0)
        mail.wait()
        return found.tolist()

    with pytest.raises(distributed.RanksFailed, match="it waits in send"):
        distributed.run(waiting, 2, timeout_s=20)
    assert distributed.run(mailed, 2, timeout_s=20) == [[1.0, 1.0], [0.0, 0.0]]
