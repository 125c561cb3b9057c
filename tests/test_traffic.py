"""Every way to send is seen, with its name and its bytes."""

import pytest
import torch
import torch.distributed as dist
from torch import nn

from course import distributed
from course.traffic import Traffic

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


def every_way(rank, world_size):
    x, parts = torch.ones(5), [torch.empty(5) for _ in range(world_size)]
    with Traffic() as traffic:
        dist.all_reduce(x)
        dist.all_reduce(x, async_op=True).wait()
        dist.broadcast(x, 0)
        dist.all_gather(parts, x)
        dist.reduce_scatter(torch.empty(2), [torch.ones(2)] * world_size)
        dist.send(x, 1) if rank == 0 else dist.recv(x, 0)
        (dist.isend(x, 1) if rank == 0 else dist.irecv(x, 0)).wait()
        pair = [dist.P2POp(dist.isend, x, 1 - rank), dist.P2POp(dist.irecv, torch.empty(5), 1 - rank)]
        for work in dist.batch_isend_irecv(pair):
            work.wait()
        dist.reduce(x, 0)
        dist.scatter(torch.empty(3), [torch.ones(3)] * 2 if rank == 0 else None, src=0)
        dist.gather(x, parts if rank == 0 else None, dst=0)
        dist.barrier()
    dist.all_reduce(x)  # outside: not counted
    return traffic.log


def test_every_way_is_seen():
    first, second = distributed.run(every_way, 2)
    start = [("all_reduce", 20), ("all_reduce", 20), ("broadcast", 20), ("all_gather", 20), ("reduce_scatter", 16)]
    end = [("gather", 20), ("barrier", 0)]
    assert first == [*start, ("send", 20), ("send", 20), ("send", 20), ("recv", 20), ("reduce", 20), ("scatter", 24), *end]
    assert second == [*start, ("recv", 20), ("recv", 20), ("send", 20), ("recv", 20), ("reduce", 20), ("scatter", 12), *end]


class Reduced(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        dist.all_reduce(grad := grad.clone())
        return grad


def backwards(rank, world_size):
    x = torch.ones(3, requires_grad=True)
    with Traffic() as traffic:
        Reduced.apply(x).sum().backward()
        model = nn.parallel.DistributedDataParallel(nn.Linear(3, 2))
        started = len(traffic.log)
        model(torch.ones(4, 3)).sum().backward()
    return traffic.log[0], traffic.log[started:], traffic.calls["all_reduce"], traffic.bytes["all_reduce"]


def test_backward_passes_are_seen():
    assert distributed.run(backwards, 2) == [(("all_reduce", 12), [("all_reduce", 32)], 2, 44)] * 2


def functional(rank, world_size):
    from torch.distributed import _functional_collectives as functional

    x, group = torch.ones(6), dist.group.WORLD
    with Traffic() as traffic:
        found = functional.all_reduce(x, "sum", group)
        functional.all_gather_tensor(x, 0, group).sum()
        functional.reduce_scatter_tensor(x, "sum", 0, group).sum()
    return found.tolist(), traffic.log


def test_functional_collectives_are_seen():
    expected = [("all_reduce", 24), ("all_gather", 24), ("reduce_scatter", 24)]
    assert distributed.run(functional, 2) == [([2.0] * 6, expected)] * 2
