"""Ranks that end, raise, die and hang; in a process that has computed with many threads, and in a notebook's."""

import os
import re
import signal
import tempfile
import time
from pathlib import Path

import psutil
import pytest
import torch
import torch.distributed as dist
from jupyter_client.manager import start_new_kernel

from course import distributed


def helpers():
    """The processes below this one; multiprocessing keeps one of its own, a tracker, for as long as Python runs."""
    return {one for one in psutil.Process().children(recursive=True) if "resource_tracker" not in " ".join(one.cmdline())}


@pytest.fixture(autouse=True)
def nothing_is_left(monkeypatch, tmp_path):
    """No process and no folder outlives a run; the folders are this test's own, for other tests may run ranks meanwhile."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before, folders = helpers(), set(Path(tempfile.gettempdir()).glob("ranks-*"))
    yield
    assert helpers() == before and set(Path(tempfile.gettempdir()).glob("ranks-*")) == folders


def total(rank, world_size, add=0.0):
    """The sum over the ranks of (rank + add), by all-reduce."""
    x = torch.tensor([rank + add])
    dist.all_reduce(x)
    return x


@pytest.mark.parametrize("world_size", [1, 2, 4])
def test_results_come_by_rank(world_size):
    assert distributed.run(lambda rank, size: (rank, size), world_size) == [(rank, world_size) for rank in range(world_size)]


def test_ranks_are_joined_and_take_arguments():
    assert [x.item() for x in distributed.run(total, 3, 0.5)] == [4.5] * 3


def test_after_the_parent_computed_with_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        w = torch.randn(1500, 1500, requires_grad=True)
        (w @ w).sum().backward()

        def step(rank, world_size):
            loss = (w.detach() @ w.detach().T).sum() * 0
            v = torch.ones(600, 600, requires_grad=True)
            ((v @ v).sum() + loss).backward()
            dist.all_reduce(v.grad)
            return v.grad[0, 0].item()

        assert distributed.run(step, 2) == [2400.0, 2400.0]
    finally:
        torch.set_num_threads(before)


def test_what_comes_back_may_be_large_and_nested():
    found = distributed.run(lambda rank, size: {"x": torch.full((2_000_000,), float(rank)), "names": ["a", (rank,)]}, 2)
    assert found[1]["x"].sum() == 2_000_000 and found[1]["names"] == ["a", (1,)]


def test_random_numbers_differ_between_ranks_and_not_between_runs():
    first, again = (distributed.run(lambda rank, size: torch.rand(3), 2) for _ in range(2))
    assert not first[0].equal(first[1]) and all(a.equal(b) for a, b in zip(first, again, strict=True))


def test_what_ranks_print_is_shown_behind_their_number(capsys):
    distributed.run(lambda rank, size: print(f"hello\nfrom {rank}"), 2)
    assert capsys.readouterr().out == "rank 0 | hello\nrank 0 | from 0\nrank 1 | hello\nrank 1 | from 1\n"


def test_an_error_names_the_rank_and_the_line_and_ends_the_others():
    def work(rank, world_size):
        if rank == 1:
            raise ValueError("no such bucket")
        total(rank, world_size)

    began = time.monotonic()
    with pytest.raises(distributed.RanksFailed) as told:
        distributed.run(work, 3, timeout_s=30)
    assert time.monotonic() - began < 15
    assert "rank 1 raised ValueError" in str(told.value) and 'raise ValueError("no such bucket")' in str(told.value)
    assert isinstance(told.value.errors[1], ValueError) and set(told.value.troubles) == {0, 1, 2}


def test_a_deadlock_names_who_waits_where():
    def work(rank, world_size):
        if rank == 0:
            dist.all_reduce(torch.zeros(1))
        else:
            dist.recv(torch.zeros(1), src=0)

    with pytest.raises(distributed.RanksFailed) as told:
        distributed.run(work, 2, timeout_s=20)
    text = str(told.value)
    assert re.match("After [2-6] s, 2 of 2 ranks were not done, and would wait for ever; they were stopped:", text), text
    assert "rank 0 was not done: it waits in all_reduce (line" in text and "`dist.all_reduce(torch.zeros(1))`" in text
    assert "rank 1 was not done: it waits in recv (line" in text and "`dist.recv(torch.zeros(1), src=0)`" in text


def test_one_that_never_arrives():
    def work(rank, world_size):
        if rank == 0:
            dist.barrier()

    said = "1 of 2 ranks were not done.*\n  rank 0 was not done: it waits in barrier"
    with pytest.raises(distributed.RanksFailed, match=said):
        distributed.run(work, 2, timeout_s=5)


def test_a_pause_is_no_deadlock():
    def work(rank, world_size):
        if rank == 0:
            time.sleep(4)
        dist.barrier()
        return os.environ["RANK"], os.environ["LOCAL_RANK"], os.environ["WORLD_SIZE"]

    assert distributed.run(work, 2, timeout_s=20) == [("0", "0", "2"), ("1", "1", "2")]


def test_waits_inside_a_library_are_named_by_the_readers_line():
    from accelerate import Accelerator

    def work(rank, world_size):
        accelerator = Accelerator(cpu=True)
        if rank == 0:
            accelerator.gather(torch.ones(accelerator.num_processes))

    said = r"rank 0 was not done: it waits in \w+ \(line \d+: `accelerator\.gather\(torch\.ones"
    with pytest.raises(distributed.RanksFailed, match=said):
        distributed.run(work, 2, timeout_s=20)


def test_a_message_that_never_comes():
    def work(rank, world_size):
        if rank == 0:
            coming = dist.irecv(torch.zeros(1), 1)
            coming.wait()

    with pytest.raises(distributed.RanksFailed, match=r"would wait for ever.*\n.*it waits in wait \(line \d+: `coming.wait\(\)`"):
        distributed.run(work, 2, timeout_s=20)


def test_a_loop_is_at_work():
    def work(rank, world_size):
        while rank:
            pass

    with pytest.raises(distributed.RanksFailed, match="rank 1 was not done: it is at work"):
        distributed.run(work, 2, timeout_s=5)


@pytest.mark.parametrize("how", [lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: os._exit(3)])
def test_a_rank_that_dies(how):
    with pytest.raises(distributed.RanksFailed, match="rank 1 died") as told:
        distributed.run(lambda rank, size: how() if rank else total(rank, size), 2)
    assert "SIGKILL" in str(told.value) or "exit code 3" in str(told.value)


def test_a_result_that_cannot_be_sent():
    with pytest.raises(distributed.RanksFailed, match="cannot be sent back"):
        distributed.run(lambda rank, size: lambda: rank, 2)


def test_a_stub_is_told_as_one():
    def work(rank, world_size):
        raise NotImplementedError("Exercise 'ring': write it here")

    with pytest.raises(NotImplementedError, match="^Exercise 'ring': write it here$"):
        distributed.run(work, 2)


def test_sizes_that_make_no_sense():
    with pytest.raises(ValueError, match="at least one"):
        distributed.run(total, 0)


def test_fresh_processes_where_a_fork_must_not_compute(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "lo")
    here = 2.0
    assert [x.item() for x in distributed.run(lambda rank, size: total(rank, size, here), 2, timeout_s=60)] == [5.0, 5.0]


@pytest.mark.slow
def test_in_a_notebook_that_has_trained():
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        said = []
        for code in (
            "import torch, torch.distributed as dist\nfrom course import distributed\ntorch.set_num_threads(2)\n"
            "w = torch.randn(1200, 1200, requires_grad=True); (w @ w).sum().backward()",
            "def step(rank, size):\n    x = torch.ones(500, 500) @ torch.ones(500, 500)\n    dist.all_reduce(x)\n"
            "    print('here')\n    return x[0, 0].item()\nprint(distributed.run(step, 2))",
            "def stuck(rank, size):\n    if rank == 0:\n        dist.barrier()\n"
            "try:\n    distributed.run(stuck, 2, timeout_s=5)\n"
            "except distributed.RanksFailed as error:\n    print(error)",
        ):
            client.execute_interactive(code, timeout=60, output_hook=lambda m: said.append(m["content"].get("text", "")))
        text = "".join(said)
        assert "[1000.0, 1000.0]" in text and "rank 1 | here" in text and "waits in barrier (line 3: `dist.barrier()`)" in text
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
