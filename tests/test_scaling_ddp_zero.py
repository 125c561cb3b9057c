"""The scaling notebook's ring, DataParallel and ShardedOptimizer beside PyTorch's own, on sizes drawn at random."""

import copy
import random

import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.optim import ZeroRedundancyOptimizer

from course import answers, distributed, notebooks

pytestmark = [pytest.mark.filterwarnings("ignore::FutureWarning"), pytest.mark.filterwarnings("ignore::UserWarning")]


@pytest.fixture(scope="module")
def names(root):
    """What the notebook defines, up to the sharded optimizer."""
    return answers.names_until(notebooks.source(root, "scaling"), "zero")


class Net(nn.Module):
    """Linear layers of the given widths, a batch norm between them, and a branch that some ranks skip."""

    def __init__(self, widths):
        super().__init__()
        pairs = list(zip(widths, widths[1:], strict=False))
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in pairs])
        self.norms = nn.ModuleList([nn.BatchNorm1d(b) for _, b in pairs])
        self.branch = nn.Linear(widths[-1], widths[-1])

    def forward(self, x, branch):
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = norm(layer(x)).tanh()
        return self.branch(x) if branch else x


def ring_beside_torch(rank, world_size, names, seed):
    shapes = random.Random(seed)
    found = []
    for _ in range(6):
        x = torch.randn([shapes.randrange(1, 9) for _ in range(shapes.randrange(4))], dtype=torch.float64)
        post = names["Post"]()
        mine, theirs = names["ring_all_reduce"](x, rank, world_size, post.send, post.recv), x.clone()
        dist.all_reduce(theirs)
        found.append((mine - theirs).abs().max().item())
    return max(found)


@pytest.mark.parametrize(("world_size", "seed"), [(1, 0), (2, 1), (3, 2), (5, 3)])
def test_the_ring_beside_all_reduce(names, world_size, seed):
    assert max(distributed.run(ring_beside_torch, world_size, names, seed, timeout_s=60)) < 1e-12


def ddp_beside_torch(rank, world_size, names, seed):
    """The largest differences of gradients and of buffers, over three steps."""
    dice = random.Random(seed)
    widths = [dice.randrange(1, 20) for _ in range(dice.randrange(2, 6))]
    bucket_bytes = dice.choice([1, 100, 1000, 10**6])
    net = Net(widths).double()
    theirs = nn.parallel.DistributedDataParallel(copy.deepcopy(net), find_unused_parameters=True)
    mine = names["DataParallel"](net, bucket_bytes)
    off = [0.0]
    for step in range(3):
        branch, x = (rank + step) % 2 == 0, torch.randn(5, widths[0], dtype=torch.float64)
        for model in (mine, theirs):
            model.zero_grad()
            model(x, branch=branch).square().mean().backward()
            if model is mine:  # at once: a rank without the branch sends here what others sent in the backward pass
                mine.finish()
        assert all(p.grad is not None for p in net.parameters())
        for p, q in zip(mine.parameters(), theirs.parameters(), strict=True):
            off.append((p.grad - (torch.zeros_like(p) if q.grad is None else q.grad)).abs().max().item())
            p.data -= 0.1 * p.grad
            q.data.copy_(p.data)
        off += [(a - b).abs().max().item() for a, b in zip(mine.buffers(), theirs.buffers(), strict=True)]
    return max(off)


@pytest.mark.parametrize(("world_size", "seed"), [(1, 0), (2, 1), (2, 2), (3, 3), (3, 4), (4, 5)])
def test_data_parallel_beside_pytorchs(names, world_size, seed):
    assert max(distributed.run(ddp_beside_torch, world_size, names, seed, timeout_s=120)) < 1e-12


def zero_beside_torch(rank, world_size, names, seed, kind, settings):
    """The largest difference of parameters over four steps, and the bytes of state that each keeps."""
    dice = random.Random(seed)
    shapes = [[dice.randrange(1, 12) for _ in range(dice.randrange(1, 3))] for _ in range(dice.randrange(world_size, 12))]
    torch.manual_seed(seed)
    mine = [nn.Parameter(torch.randn(shape, dtype=torch.float64)) for shape in shapes]
    theirs = [nn.Parameter(p.detach().clone()) for p in mine]
    made, off = [], [0.0]

    def noted(*given, **named):
        made.append(kind(*given, **named))
        return made[-1]

    sharded, redundancy = names["ShardedOptimizer"](mine, noted, **settings), ZeroRedundancyOptimizer(theirs, kind, **settings)
    for _ in range(4):
        for p, q in zip(mine, theirs, strict=True):
            p.grad = torch.randn_like(p)
            q.grad = p.grad.clone()
        sharded.step()
        redundancy.step()
        sharded.zero_grad()
        off += [(p - q).abs().max().item() for p, q in zip(mine, theirs, strict=True)]
    states = [one.state for one in (*made, redundancy.optim)]
    held = [sum(x.nbytes for kept in state.values() for x in kept.values() if torch.is_tensor(x)) for state in states]
    return max(off), held, sum(p.numel() for p in mine), max(p.numel() for p in mine)


@pytest.mark.parametrize(
    ("kind", "settings", "each"),
    [(torch.optim.AdamW, {"lr": 0.1, "weight_decay": 0.2}, 16), (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}, 8)],
)
@pytest.mark.parametrize(("world_size", "seed"), [(1, 0), (2, 1), (3, 2), (4, 3)])
def test_the_sharded_optimizer_beside_pytorchs(names, world_size, seed, kind, settings, each):
    found = distributed.run(zero_beside_torch, world_size, names, seed, kind, settings, timeout_s=120)
    assert max(off for off, *_ in found) < 1e-12
    numbers, largest = found[0][2:]
    assert sum(held[0] for _, held, *_ in found) >= numbers * each
    assert max(held[0] for _, held, *_ in found) <= (numbers / world_size + largest) * each + 100
