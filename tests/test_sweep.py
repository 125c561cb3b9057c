"""Memory that is counted, a step that is measured, a program that torchrun starts."""

import linecache

import matplotlib
import pytest
import torch

from course import sweep

matplotlib.use("Agg")
MIB = 2**20


def test_tensors_are_counted_while_they_live():
    with sweep.CpuMemory() as memory:
        x = torch.ones(MIB // 4)  # of 4 bytes
        assert memory.now_bytes == MIB
        y = x.view(2, -1)  # no memory of its own
        assert memory.now_bytes == MIB
        z = y * 2
        assert memory.now_bytes == 2 * MIB
        del z
        assert memory.now_bytes == MIB
        x.add_(1)
    assert memory.peak_bytes == 2 * MIB


def test_a_limit_is_a_cards_memory():
    def step():
        return torch.ones(MIB) * 2

    with pytest.raises(torch.OutOfMemoryError, match="8.0 MiB of tensors, and 6 MiB stand for"):
        sweep.measure(step, 1, 1, 1, 1.0, limit_bytes=6 * MIB)
    found = sweep.measure(step, 3, 30, 100, 1e9, limit_bytes=9 * MIB)
    assert found.rows == 3 and found.peak_bytes == 8 * MIB
    assert found.mfu == pytest.approx(6 * 100 * found.tokens_per_s / 1e9)


def test_recovery_lets_go_of_gradients():
    w = torch.ones(3, requires_grad=True)
    (2 * w).sum().backward()
    sweep.recover(torch.optim.SGD([w], lr=0.1))
    assert w.grad is None


def test_the_machines_peak_is_a_number_of_operations():
    assert sweep.matmul_flops(size=128, times=2) > 1e6


def test_three_panels():
    axes = sweep.figure({"a": [sweep.Measured(2, 100.0, 0.1, MIB), sweep.Measured(4, 150.0, 0.15, 2 * MIB)]}, 3 * MIB)
    assert [ax.get_ylabel() for ax in axes] == ["tokens per second", "model FLOPs utilization (%)", "peak memory (MiB)"]
    axes[0].figure.canvas.draw()


@pytest.mark.slow
def test_torchrun_starts_a_program_of_functions():
    main = 'dist.init_process_group("gloo")\nprint(said("rank"), end="")\ndist.destroy_process_group()\n'
    namespace = {}
    source = 'def said(what):\n    return f"{what} {dist.get_rank()} of {dist.get_world_size()}\\n"\n'
    linecache.cache["<cell>"] = (len(source), None, source.splitlines(True), "<cell>")
    exec(compile(source, "<cell>", "exec"), namespace)
    told = sweep.torchrun([namespace["said"]], main, 2, timeout_s=120, OMP_NUM_THREADS="1")
    assert sorted(told.splitlines()) == ["rank 0 of 2", "rank 1 of 2"]
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        sweep.torchrun([], "1 / 0", 1, timeout_s=120)
