"""The one switch between CPU and GPU, and what a cell that is marked for a GPU does without one."""

import os
import platform
import sys
import time
from contextlib import contextmanager

import torch

from course.errors import CourseError

_told = set()


def get() -> torch.device:
    """The device to compute on: the one that COURSE_DEVICE names (cpu, cuda, cuda:1, mps), or else a CUDA GPU, or else the CPU.

    Apple's mps is never taken unasked: it has no float64, which the course compares gradients in.
    Raises CourseError where COURSE_DEVICE names no device, or one that is not here.
    """
    chosen = os.environ.get("COURSE_DEVICE", "").strip().lower()
    if not chosen:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    here = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    try:
        device = torch.device(chosen)
    except RuntimeError:
        device = None
    if device is None or (device.index or 0) >= here.get(device.type, 0):
        choices = " or ".join(kind for kind, count in here.items() if count)
        raise CourseError(f"COURSE_DEVICE is {chosen!r}, which PyTorch does not find here: set it to {choices}, or unset it.")
    return device


def has_gpu() -> bool:
    """Whether cells marked for a GPU run at full size: a CUDA GPU is there, and chosen."""
    return get().type == "cuda"


def name() -> str:
    """The device's name: the GPU's as its maker gives it, or 'CPU'."""
    device = get()
    return torch.cuda.get_device_name(device) if device.type == "cuda" else {"mps": "Apple GPU"}.get(device.type, "CPU")


def describe() -> str:
    """One line for the reader: what computes, its memory (GiB) or its threads, and PyTorch's version."""
    device = get()
    if device.type == "cuda":
        size = f"{torch.cuda.get_device_properties(device).total_memory / 2**30:.0f} GiB"
    else:
        size = f"{platform.machine()}, {torch.get_num_threads()} threads"
    return f"{name()} ({size}), PyTorch {torch.__version__}"


def machine() -> str:
    """One line for what was measured on the processor: its kind, the cores, Python's version."""
    return f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def size(gpu, cpu):
    """`gpu` with a GPU, else `cpu`; the first time in a cell (or a script) that it gives `cpu`, one printed line says so."""
    if has_gpu():
        return gpu
    if (cell := _cell()) not in _told:
        _told.add(cell)
        print(f"No GPU here, so this runs the same code at CPU size: {cpu} instead of {gpu}.")
    return cpu


def half() -> torch.dtype:
    """bfloat16 where the device multiplies in it, else float32, as on processors without AVX-512 or its like: there a product of
    matrices takes several times as long in bfloat16, and those of a backward pass twenty times (2 cores, AVX2, 256 rows)."""
    if get().type != "cpu":
        return torch.bfloat16
    native = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if native else torch.float32


def clock() -> float:
    """time.perf_counter(), once all that the device was asked for is done."""
    if has_gpu():
        torch.cuda.synchronize()
    return time.perf_counter()


@contextmanager
def all_cores():
    """Within it PyTorch computes with a thread a core, for matrices large enough to be worth it; then with as many as before."""
    before = torch.get_num_threads()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    torch.set_num_threads(cores or 1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _cell() -> int:
    """The number of the cell that runs, 0 outside IPython."""
    # Looked up, not imported: a script that torchrun starts many times need not wait for IPython.
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell.execution_count if shell else 0
