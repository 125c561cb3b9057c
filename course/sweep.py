"""Training steps measured: tokens per second, model FLOPs utilization, peak memory; and a limit that stands for a card's memory.

A GPU says itself how much memory was taken, and raises torch.OutOfMemoryError where there is no more. On a CPU a dispatch mode
counts the bytes of all tensors that an operation has met and that are still alive, and raises the same error at a stated limit.
"""

import gc
import inspect
import linecache
import os
import statistics
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from course import device, plot


@dataclass(frozen=True)
class Measured:
    """A training step: rows it read, tokens per second, model FLOPs utilization (a share of 1), bytes of memory at its peak."""

    rows: int
    tokens_per_s: float
    mfu: float
    peak_bytes: int


class CpuMemory(TorchDispatchMode):
    """Inside `with CpuMemory(limit_bytes) as memory:`, tensors on the CPU have that many bytes together.

    Counts each storage that an operation reads or makes, until it is freed, views once; not what an operation takes for itself.
    peak_bytes: the most at a time. Raises torch.OutOfMemoryError beyond limit_bytes (None: no limit).
    """

    def __init__(self, limit_bytes: int | None = None):
        super().__init__()
        self.limit_bytes, self.now_bytes, self.peak_bytes, self.alive = limit_bytes, 0, 0, {}

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No, as in course.traffic: nothing here is compiled."""
        return False

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        found = function(*args, **(kwargs or {}))
        for one in tree_leaves((args, kwargs, found)):
            if isinstance(one, torch.Tensor):
                self._note(one.untyped_storage())
        return found

    def _note(self, storage):
        key, size = storage._cdata, storage.nbytes()
        if key in self.alive:
            return
        self.alive[key] = weakref.finalize(storage, self._free, key, size)
        self.now_bytes += size
        self.peak_bytes = max(self.peak_bytes, self.now_bytes)
        if self.limit_bytes is not None and self.now_bytes > self.limit_bytes:
            raise torch.OutOfMemoryError(
                f"a tensor of {size / 2**20:.1f} MiB makes {self.now_bytes / 2**20:.1f} MiB of tensors, "
                f"and {self.limit_bytes / 2**20:.0f} MiB stand for the card's memory"
            )

    def _free(self, key, size):
        self.now_bytes -= size
        del self.alive[key]

    def __exit__(self, *trouble):
        for finalizer in list(self.alive.values()):
            finalizer.detach()
        return super().__exit__(*trouble)


def matmul_flops(dtype: torch.dtype = torch.float32, size: int | None = None, times: int = 5) -> float:
    """Floating-point operations per second of a product of two square matrices here, the best of `times`; 2 size³ each."""
    size = size or (8192 if device.has_gpu() else 512)
    a = torch.randn(size, size, device=device.get()).to(dtype)
    return 2 * size**3 / min(_seconds(lambda: a @ a, times + 1)[1:])


def measure(
    step: Callable[[], object], rows: int, tokens: int, n_params: int, peak_flops: float, limit_bytes: int | None = None
) -> Measured:
    """Run a training step once to warm up, then three times on the clock: their median. peak_flops: of `matmul_flops`.

    Model FLOPs utilization (Chowdhery et al. 2022, section 4.1) is 6 n_params tokens over what peak_flops could do in that time.
    limit_bytes: of a CPU's memory; it is counted in the first run alone, for counting takes time.
    Raises torch.OutOfMemoryError where memory runs out; `recover` then makes the next measurement possible.
    """
    gpu = device.has_gpu()
    if gpu:
        torch.cuda.reset_peak_memory_stats()
    with nullcontext() if gpu else CpuMemory(limit_bytes) as memory:
        step()
    seconds = statistics.median(_seconds(step, 3))
    peak_bytes = torch.cuda.max_memory_allocated() if gpu else memory.peak_bytes
    return Measured(rows, tokens / seconds, 6 * n_params * tokens / (seconds * peak_flops), peak_bytes)


def recover(optimizer: torch.optim.Optimizer) -> None:
    """Let go of a broken step's gradients and of the memory that PyTorch keeps. Call it after the except block: inside, the
    error's traceback still holds the step's tensors."""
    optimizer.zero_grad(set_to_none=True)
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def figure(found: dict[str, list[Measured]], limit_bytes: int | None = None):
    """Tokens per second, model FLOPs utilization and peak memory over the rows of a step: a line for each name. Three Axes."""
    axes = plot.grid(1, 3, width=4.2, height=3.4)
    x = {name: [one.rows for one in line] for name, line in found.items()}
    most = max(one.peak_bytes for line in found.values() for one in line)
    unit, unit_bytes = ("GiB", 2**30) if most > 2**30 else ("MiB", 2**20)
    columns = [
        ("tokens per second", lambda one: one.tokens_per_s),
        ("model FLOPs utilization (%)", lambda one: 100 * one.mfu),
        (f"peak memory ({unit})", lambda one: one.peak_bytes / unit_bytes),
    ]
    rows = [one for one in sorted(set().union(*x.values())) if one & (one - 1) == 0]  # powers of 2: others would crowd
    for ax, (label, value) in zip(axes, columns, strict=True):
        series = {name: [value(one) for one in line] for name, line in found.items()}
        plot.curves(series, x, "rows in a step", label, logx=True, ax=ax)
        ax.set_xticks(rows, rows)
        ax.minorticks_off()
        ax.set_ylim(bottom=0)
        for line in ax.get_lines():
            line.set_marker("o")
        if ax.get_legend():
            ax.get_legend().remove()
    if limit_bytes:
        axes[2].axhline(limit_bytes / unit_bytes, color="grey", linestyle=":")
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(found))
    return axes


def torchrun(functions: list[Callable], main: str, processes: int, timeout_s: float = 600, **env: str) -> str:
    """Write a program of the notebook's cells that define `functions`, and of `main`, and let torchrun start it: its output.

    torch, dist, nn, F, math and dataclass are imported. RuntimeError with the last lines, where it fails or takes too long.
    """
    cells = dict.fromkeys(inspect.unwrap(one).__code__.co_filename for one in functions)
    head = "import math, os\nfrom dataclasses import dataclass\nimport torch\nimport torch.distributed as dist\n"
    head += "from torch import nn\nfrom torch.nn import functional as F\nfrom course import device, sweep\n\n"
    text = head + "\n".join("".join(linecache.getlines(name)) for name in cells) + "\n" + main
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.py"
        path.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes), str(path)]
        try:
            ended = subprocess.run(command, env=os.environ | env, capture_output=True, text=True, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"After {timeout_s:g} s the program was not done, and was ended.") from None
    if ended.returncode:
        raise RuntimeError("The program failed:\n" + ended.stderr[-3000:])
    return ended.stdout


def _seconds(step, times):
    """What each of so many runs takes; a GPU is waited for."""
    found = []
    for _ in range(times):
        _wait()
        begin = time.perf_counter()
        step()
        _wait()
        found.append(time.perf_counter() - begin)
    return found


def _wait():
    if device.has_gpu():
        torch.cuda.synchronize()
