"""Triton, where there is one: its kernels are compiled for a GPU, and interpreted on a machine without."""

import importlib
import importlib.util
import inspect
import math
import os
import types
from contextlib import contextmanager

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from course import device
from course.errors import CourseError

FENCE = 1 << 15  # numbers on each side of a tensor: more than a block of any kernel here reaches past the end

MISSING = "This exercise needs Triton, which exists for Linux alone: leave it, or do it on Colab; grading runs on Linux."


class Missing:
    """What stands for a kernel, compiled or launched, on a system that Triton is not made for."""

    run = None

    def __init__(self, fn=None, **settings):
        self.fn = fn

    def __getitem__(self, grid):
        raise NotImplementedError(MISSING)

    def __call__(self, *args, **kwargs):
        raise NotImplementedError(MISSING)


def here() -> bool:
    """Whether Triton is installed."""
    return importlib.util.find_spec("triton") is not None


def interpreted() -> bool:
    """Whether kernels that are written now run in Triton's interpreter, program after program on the processor."""
    return os.environ.get("TRITON_INTERPRET", "0").lower() in ("1", "true", "yes", "on", "y")


def load():
    """(triton, triton.language), made ready for the machine: without a GPU, kernels run in the interpreter, in numpy.

    Where Triton is missing, stand-ins: kernels may be written, and to launch one raises NotImplementedError with the reason.
    """
    if not here():
        none = types.SimpleNamespace(cdiv=lambda a, b: -(-a // b))
        none.jit = lambda fn=None, **settings: Missing(fn) if fn is not None else Missing
        none.next_power_of_2 = lambda n: 1 << (n - 1).bit_length()
        return none, types.SimpleNamespace(constexpr=object)
    if not device.has_gpu():
        os.environ["TRITON_INTERPRET"] = "1"
    import triton
    import triton.language as tl

    if interpreted() and isinstance(tl.max, triton.JITFunction):
        # Triton was imported by another library before: its own functions in Triton are made for a GPU, and are made again.
        importlib.reload(tl.standard)
        importlib.reload(tl)
    return triton, tl


class Watched:
    """What launches did: `launches`, `programs` started by all of them, `outside`: numbers written beside the tensors given."""

    def __init__(self):
        self.launches = self.programs = self.outside = 0


@contextmanager
def watched(kernel, works: bool = True):
    """Within it `kernel`'s launches are counted (gives a `Watched`), and each runs on copies of its tensors amid NaNs.

    So what a kernel reads outside of its tensors is NaN, and what it writes there is counted and harms nothing. works=False: the
    kernel is launched, and does nothing at all.
    """
    if not hasattr(kernel, "run"):
        raise CourseError("This is a function of Python's, and no kernel: write @triton.jit on the line above it.")
    log, run = Watched(), kernel.run

    def watching(*args, grid, **kwargs):
        size = grid(_asked(kernel, args, kwargs)) if callable(grid) else grid
        log.launches += 1
        log.programs += math.prod(size if isinstance(size, (tuple, list)) else (size,))
        if not works:
            return None
        copies = [_fenced(one) for one in args], {name: _fenced(one) for name, one in kwargs.items()}
        result = run(*(new for new, _ in copies[0]), grid=grid, **{name: new for name, (new, _) in copies[1].items()})
        for old, (new, buffer) in zip([*args, *kwargs.values()], [*copies[0], *copies[1].values()], strict=True):
            if buffer is not None:
                log.outside += int((~torch.cat([buffer[:FENCE], buffer[-FENCE:]]).isnan()).sum())
                old.copy_(new)
        return result

    kernel.run = watching
    try:
        yield log
    finally:
        del kernel.run


def _asked(kernel, args: tuple, kwargs: dict) -> dict:
    """What a grid may ask for: the launch's arguments by name, those with a default, and what `triton.heuristics` sets."""
    rules = {}
    while hasattr(kernel, "fn"):
        rules = getattr(kernel, "values", {}) | rules
        kernel = kernel.fn
    given = inspect.signature(kernel).bind_partial(*args)
    given.apply_defaults()
    found = given.arguments | kwargs
    return found | {name: rule(found) for name, rule in rules.items()}


def _fenced(given):
    """A tensor's copy, with the same strides, in the middle of a buffer of NaNs, and that buffer; others as they are, None."""
    if not isinstance(given, torch.Tensor) or not given.is_floating_point():
        return given, None
    whole = torch.empty(0, dtype=given.dtype, device=given.device).set_(given.untyped_storage())
    fence = torch.full((FENCE,), math.nan, dtype=given.dtype, device=given.device)
    buffer = torch.cat([fence, whole, fence])
    return buffer.as_strided(given.shape, given.stride(), FENCE + given.storage_offset()), buffer


class Beside(TorchDispatchMode):
    """Within it: `products`, how many products, softmaxes and exponentials PyTorch computes, and `largest`, how many numbers its
    largest tensor has. What kernels compute does not count."""

    PRODUCTS = ("mm", "dot", "mv", "softmax", "attention", "exp", "linear")

    def __init__(self):
        super().__init__()
        self.products = self.largest = 0

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        result = operator(*args, **(kwargs or {}))
        name = operator.overloadpacket.__name__
        self.products += name not in ("expand", "expand_as") and any(word in name for word in self.PRODUCTS)
        made = result if isinstance(result, (tuple, list)) else (result,)
        self.largest = max([self.largest, *(one.numel() for one in made if isinstance(one, torch.Tensor))])
        return result
